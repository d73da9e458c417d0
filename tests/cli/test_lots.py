"""`coldchain lots …`: hold and release are shown before they are written, and decided by two people."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.lots_show import lines_of
from coldchain.cli.main import app
from coldchain.custody import Lot, LotHold, LotPlaced, LotRelease
from coldchain.errors import ConfigError
from coldchain.goods.store import GoodsStore
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Change, decode_change
from ingest.projections.goods import GoodsProjection
from tests.cli.test_alarms import Shop as AlarmShop
from tests.ingest.worlds import follow
from tests.support import put


class Shop:
    """A data folder with an open alarm of cooler-0, and lots in it and elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.alarm = AlarmShop(folder).name
        with_ledger = SqlLedger.open(folder / "ledger.db")
        put(
            with_ledger,
            *(Lot(name, "pasteurized", 10, "件") for name in ("IN", "OUT")),
            LotPlaced("IN", "asset:cooler-0", 0, "scan"),
        )
        with_ledger.close()
        self.catch_up()

    def catch_up(self) -> None:
        ledger, store = SqlLedger.open(self.folder / "ledger.db"), GoodsStore.open(self.folder / "goods.db")
        follow(GoodsProjection(store), ledger, 100)
        ledger.close()
        store.close()

    def written(self) -> list[Change]:
        ledger = SqlLedger.open(self.folder / "ledger.db")
        changes = [decode_change(entry.raw) for entry in ledger.changes(0, ledger.end())]
        ledger.close()
        return [one for one in changes if isinstance(one.change, LotHold | LotRelease)]

    def says(self, *words: str) -> str:
        command = ["lots", *words, "--data", str(self.folder), "--lang", "en"]
        return CliRunner().invoke(app, command, catch_exceptions=False).output

    def refuses(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["lots", *words, "--data", str(self.folder), "--lang", "en"])
        assert isinstance(result.exception, ConfigError)
        return str(result.exception)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_lots_of_an_alarm_are_held_after_a_preview_and_once(shop: Shop) -> None:
    words = ("hold", "--alarm", shop.alarm, "--why", "core temperature 9.1", "--who", "clerk")

    assert "1 lots, 0 of them presumed; 0 are held" in shop.says(*words)
    assert shop.written() == []
    assert "1 entries written" in shop.says(*words, "--yes")
    shop.catch_up()
    assert "0 lots, 0 of them presumed; 1 are held" in shop.says(*words, "--yes")

    (held,) = shop.written()
    assert isinstance(held.change, LotHold)
    assert (held.change.lot, held.change.alarm, held.who, held.why) == (
        "IN",
        shop.alarm,
        "clerk",
        "core temperature 9.1",
    )


def test_another_person_decides(shop: Shop) -> None:
    shop.says("hold", "--lot", "IN", "--lot", "OUT", "--why", "x", "--who", "clerk", "--yes")
    shop.catch_up()
    (first, second) = shop.written()
    assert isinstance(first.change, LotHold)
    assert isinstance(second.change, LotHold)
    words = ("release", first.change.id, "--why", "tested", "--yes")

    assert "another person" in shop.refuses(*words, "--decision", "released", "--who", "clerk")
    assert "not one of the words" in shop.refuses(*words, "--decision", "eaten", "--who", "quality")
    assert "no such hold" in shop.refuses(
        "release", "h", "--lot", "IN", "--decision", "released", "--who", "q", "--why", "x"
    )
    assert "--why is empty" in shop.refuses(
        "release", first.change.id, "--decision", "released", "--who", "q", "--why", " "
    )
    shop.says(*words, "--lot", "IN", "--decision", "released", "--who", "quality")
    shop.catch_up()
    shop.says(*words, "--decision", "destroyed", "--who", "quality")

    assert [(one.change.lot, one.change.decision) for one in shop.written() if isinstance(one.change, LotRelease)] == [
        ("IN", "released"),
        ("OUT", "destroyed"),
    ]


def test_what_is_not_there_is_refused(shop: Shop, tmp_path: Path) -> None:
    assert "lot is not known" in shop.refuses("hold", "--lot", "X", "--why", "x")
    assert "no such alarm" in shop.refuses("hold", "--alarm", "X", "--why", "x")
    assert "name lots" in shop.refuses("hold", "--why", "x")
    result = CliRunner().invoke(app, ["lots", "hold", "--lot", "X", "--why", "x", "--data", str(tmp_path / "none")])
    assert "ledger" in str(result.exception) or "账本" in str(result.exception)


def test_a_lot_is_shown_with_everything_that_is_known_of_it() -> None:
    item = {
        "id": "L1", "product": "pasteurized", "quantity": 100, "unit": "件", "number": "A",
        "produced": "", "expires": "2023-11-30",
        "stays": [{"from": "t0", "to": None, "place": "site:s1", "quantity": None, "presumed_in": ["c1"]}],
        "parents": [{"at": "t0", "kind": "split", "lot": "L0", "place": "asset:c1"}], "descendants": ["L2"],
        "consignees": [{
            "first_at": "t0", "lot": "L1", "site": "s1", "site_name": "One", "operator_name": "D", "phone": "1",
            "quantity": 40, "lying": 3,
        }],
        "holds": [{"at": "t0", "hold": "h", "who": "a", "why": "b", "decision": "", "decided_by": ""}],
        "doubts": [{"at": "t0", "doubt": "short", "place": "asset:c1", "quantity": 2}],
    }  # fmt: skip

    said = "\n".join(lines_of(item, "zh"))

    for words in (
        "100 件",
        "在哪里",
        "可能涉及 (presumed): c1",
        "来自",
        "L0",
        "变成",
        "L2",
        "收货方",
        "One (s1)",
        "暂停销售",
        "对不上的数量",
        "2 件",
    ):
        assert words in said
