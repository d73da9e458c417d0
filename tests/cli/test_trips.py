"""`coldchain trips …`: words on a trip and a change of truck are shown before they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.clock import parse_rfc3339
from coldchain.custody import TripMoment, TripVehicle
from coldchain.errors import ConfigError
from tests.trips.worlds import TRIP, Desk

AT = "2023-11-16T06:05:00+08:00"


class Shell(Desk):
    def says(self, *words: str, lang: str = "en") -> str:
        command = ["trips", *words, "--data", str(self.folder), "--lang", lang]
        return CliRunner().invoke(app, command, catch_exceptions=False).output

    def refuses(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["trips", *words, "--data", str(self.folder), "--lang", "en"])
        assert isinstance(result.exception, ConfigError), result.output
        assert self.written() == []
        return str(result.exception)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, TRIP)


def test_an_arrival_by_hand_is_shown_first_and_counts_stops_from_one(shell: Shell) -> None:
    said = shell.says("say", "D-1", "arrived", "--stop", "2", "--at", AT)
    assert "trip D-1, stop 2: arrived, 2023-11-15T22:05:00.000Z" in said
    assert shell.written() == []

    shell.says("say", "D-1", "arrived", "--stop", "2", "--at", AT, "--yes")
    again = shell.says("say", "D-1", "arrived", "--stop", "2", "--at", AT, "--yes")

    assert shell.written() == [TripMoment("D-1", "arrived", parse_rfc3339(AT), 1)]
    assert "nothing to write" in again


def test_a_word_is_taken_back(shell: Shell) -> None:
    shell.says("say", "D-1", "ended", "--at", AT, "--yes")

    said = shell.says("say", "D-1", "ended", "--take-back", "--yes", lang="zh")

    assert "收回" in said
    assert shell.written()[1:] == [TripMoment("D-1", "ended", None)]


def test_another_truck_goes_on_with_the_trip(shell: Shell) -> None:
    said = shell.says("change-vehicle", "D-1", "truck-2", "--at", AT, "--yes")

    assert "truck-2 goes on from 2023-11-15T22:05:00.000Z (until then truck-1)" in said
    assert shell.written() == [TripVehicle("D-1", "truck-2", parse_rfc3339(AT))]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("say", "D-9", "ended"), "nobody planned a trip with this id: 'D-9'"),
        (("say", "D-1", "arrived"), "is not said of a stop"),
        (("say", "D-1", "arrived", "--stop", "4"), "the plan has no such stop"),
        (("say", "D-1", "arived", "--stop", "1"), "did you mean 'arrived'?"),
        (("say", "D-1", "ended", "--at", "2099-01-01T00:00:00Z"), "this is still to come"),
        (("say", "D-1", "ended", "--at", "now", "--take-back"), "one of them"),
        (("change-vehicle", "D-1", "truck-3"), "did you mean 'truck-"),
    ],
)
def test_what_cannot_be_is_told_with_its_remedy(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refuses(*words)
