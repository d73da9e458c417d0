"""A secret comes from a file that only its owner reads, and shows itself nowhere."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest

from coldchain.errors import ConfigError
from coldchain.secret import Secret, secret_in


@dataclass(frozen=True)
class Account:
    secret: Secret


def written(folder: Path, raw: bytes, mode: int = 0o600) -> Path:
    file = folder / "secret"
    file.write_bytes(raw)
    file.chmod(mode)
    return file


def test_a_secret_shows_itself_in_no_text() -> None:
    secret = Secret("hunter2")

    shown = f"{secret} {secret!r} {secret!s} {[secret]} {Account(secret)} {'%s' % secret}"  # noqa: UP031

    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"


def test_a_secret_goes_into_no_file_and_no_other_process() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hunter2"))
    with pytest.raises(TypeError):
        json.dumps(Secret("hunter2"))


@pytest.mark.parametrize(("raw", "text"), [(b"a b ", "a b "), (b"x\n", "x"), (b"x\r\n", "x"), (b"x\n\n", "x\n")])
def test_only_the_end_of_the_last_line_is_no_part_of_it(raw: bytes, text: str, tmp_path: Path) -> None:
    assert secret_in(written(tmp_path, raw)).reveal() == text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o610])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(mode: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="chmod 600"):
        secret_in(written(tmp_path, b"x", mode))


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_ones_own_is_taken(mode: int, tmp_path: Path) -> None:
    assert secret_in(written(tmp_path, b"x", mode)).reveal() == "x"


def test_what_holds_no_secret_is_told_without_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        secret_in(tmp_path / "missing")
    with pytest.raises(ConfigError, match="empty"):
        secret_in(written(tmp_path, b"\n"))
    with pytest.raises(ConfigError, match="not UTF-8") as fault:
        secret_in(written(tmp_path, b"abc\xff"))
    assert "abc" not in str(fault.value)
