"""`coldchain trips …`: words on a trip and a change of truck are shown before they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.clock import parse_rfc3339
from coldchain.custody import Lot, LotPlaced, TripMoment, TripVehicle
from coldchain.errors import ConfigError
from coldchain.goods.reader import GoodsReader
from coldchain.goods.store import GoodsStore
from coldchain.registry import Asset, Put
from ingest.projections.goods import GoodsProjection
from tests.ingest.worlds import follow
from tests.support import put
from tests.trips.worlds import TRIP, Desk, local

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


def loaded(shell: Shell, *more: Put) -> None:
    """Let two lots lie in the first truck's body, one of them partly in the warehouse."""
    put(
        shell.ledger, Asset("body-1", "B", "reefer", "truck-1"), Asset("room", "R", "walk-in-room", "dc"), *more,
        Lot("L1", "pasteurized", 100, "件"), Lot("L2", "pasteurized", 10, "件"),
        LotPlaced("L1", "asset:room", local("2023-11-16 03:00"), "scan"),
        LotPlaced("L1", "asset:body-1", local("2023-11-16 05:00"), "trip", quantity=40, trip="D-1"),
        LotPlaced("L2", "asset:body-1", local("2023-11-16 05:00"), "trip", trip="D-1"),
    )  # fmt: skip
    store = GoodsStore.open(shell.folder / "goods.db")
    follow(GoodsProjection(store), shell.ledger, 100)
    store.close()
    shell.written()


def test_a_change_of_truck_is_one_action_and_takes_the_lots_along(shell: Shell) -> None:
    loaded(shell, Asset("body-2", "B", "reefer", "truck-2"), Asset("box-2", "B", "box", "truck-2"))

    said = shell.says("change-vehicle", "D-1", "truck-2", "--at", AT, "--yes")

    at_ms = parse_rfc3339(AT)
    assert "with 2 lots" in said
    assert shell.written() == [
        TripVehicle("D-1", "truck-2", at_ms),
        LotPlaced("L1", "asset:body-2", at_ms, "trip", None, 40, "asset:body-1", "D-1"),
        LotPlaced("L2", "asset:body-2", at_ms, "trip", None, 10, "asset:body-1", "D-1"),
    ]
    store = GoodsStore.open(shell.folder / "goods.db")  # that the goods go with their trip anyway counts nothing twice
    follow(GoodsProjection(store), shell.ledger, 100)
    reader = GoodsReader(store.engine)
    lying = {
        lot: [(stay.place, stay.quantity) for stay in stays if stay.to_ms > at_ms]
        for lot, stays in reader.stays(["L1", "L2"]).items()
    }
    assert lying == {"L1": [("asset:room", 60), ("asset:body-2", 40)], "L2": [("asset:body-2", 10)]}
    assert reader.refused(limit=10, after=0) == []
    store.close()


def test_goods_that_find_no_body_are_told_and_nothing_changes(shell: Shell) -> None:
    loaded(shell, Asset("box-2", "B", "box", "truck-2"))

    said = shell.refuses("change-vehicle", "D-1", "truck-2", "--at", AT)

    assert "2 lots lie in body-1 (reefer), and truck-2 has 0 bodies of that kind" in said


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
