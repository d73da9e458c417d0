"""Where written cases lie, and how tests read them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "cases"


def cases_of(*files: str) -> list[Any]:
    """Return the cases of files as pytest parameters; one that is ``pending`` has to fail."""
    return [
        pytest.param(
            case,
            id=f"{file.removesuffix('.toml')}: {case['title']}",
            marks=[pytest.mark.xfail(strict=True, reason=case["pending"])] if "pending" in case else [],
        )
        for file in files
        for case in tomllib.loads((FOLDER / file).read_text("utf-8"))["case"]
    ]
