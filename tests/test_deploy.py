"""What stands in deploy/ starts commands and options that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from coldchain.cli.main import app

UNITS = sorted(Path(__file__).resolve().parent.parent.joinpath("deploy/systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_unit_starts_a_command_that_exists(unit: Path) -> None:
    line = re.search(r"^ExecStart=/opt/coldchain/bin/coldchain (.+)$", unit.read_text("utf-8"), re.MULTILINE)
    assert line is not None
    command = typer.main.get_command(app)
    words = line.group(1).split()

    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]

    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_there_are_units_for_both_roles() -> None:
    assert [unit.name for unit in UNITS] == ["coldchain-gateway@.service", "coldchain.service"]
