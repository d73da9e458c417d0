"""Lists of lots: Chinese and English, every faulty line named, nothing half taken, the same file twice adds nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coldchain.cli.lots import import_lots
from coldchain.clock import TestClock, parse_rfc3339, rfc3339
from coldchain.custody.goods import Lot, LotPlaced
from coldchain.custody.trips import Trip, TripStop
from coldchain.errors import ConfigError
from coldchain.goods.store import GoodsStore
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Operator, Site, decode_change
from ingest.projections.goods import GoodsProjection
from tests.ingest.worlds import follow
from tests.support import T0, put

HEAD = (
    "批次编号,产品,商品条码,批号,生产日期,保质期至,生产数量,单位,贮存条件,标签最低温度,标签最高温度,"
    "资产编号,网点编码,到达时间,离开时间,到货数量,来自网点,送货单号"
)
LINES = (
    "P-1,巴氏杀菌乳,9506000134352,20231115A,2023-11-15,2023/11/22,600,件,2-6℃ 冷藏,2,6,room,dc,2023-11-15 08:00,,600,,",
    "P-1,,,,,,,,,,,,shop-1,2023-11-16 07:30,,40,dc,D-77",
    "P-2,pasteurized,,,,,300,件,,,,,,,,,,",
)


TRIP_HEAD = "批次编号,车次编号,资产编号,网点编码,到达时间,到货数量"


class House:
    """A data folder with a warehouse and a shop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = TestClock(T0)
        self.ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
        put(
            self.ledger, Operator("dairy", "Dairy"),
            Site("dc", "DC", "warehouse", "dairy"), Site("shop-1", "S", "shop", "dairy"),
            Asset("room", "Room", "walk-in-room", "dc"), Asset("cooler", "Cooler", "glass-door-cooler", "shop-1"),
        )  # fmt: skip
        self.before = self.ledger.end()

    def run(self, text: str | bytes, *, yes: bool = True, language: str = "en") -> list[object]:
        """Import a list; return what was written."""
        file = self.folder / "lots.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        begin = self.ledger.end()
        import_lots(self.folder, file, self.clock, who="erp", why="list", yes=yes, language=language)
        return [decode_change(entry.raw).change for entry in self.ledger.changes(begin, self.ledger.end())]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_chinese_list_as_a_spreadsheet_writes_it_becomes_lots_and_places(house: House) -> None:
    text = "\r\n".join([HEAD, *LINES])

    written = house.run(text.encode("gb18030"))

    assert written == [
        Lot(
            "P-1", "pasteurized", 600, "件", "9506000134352", "20231115A", "2023-11-15", "2023-11-22", 2, 6, "2-6℃ 冷藏"
        ),
        Lot("P-2", "pasteurized", 300, "件"),
        LotPlaced("P-1", "asset:room", parse_rfc3339("2023-11-15T08:00:00+08:00"), "csv", quantity=600),
        LotPlaced(
            "P-1", "site:shop-1", parse_rfc3339("2023-11-16T07:30:00+08:00"), "csv",
            quantity=40, taken_from="site:dc", paper="D-77",
        ),
    ]  # fmt: skip


def test_an_english_list_with_a_semicolon_says_the_same(house: House) -> None:
    text = (
        "lot id;product;quantity made;unit;expires;asset id;from\n"
        "P-9;pasteurized milk;10;kg;2023-11-22 18:00;cooler;2023-11-15T08:00:00Z\n"
    )

    assert house.run("\ufeff" + text) == [
        Lot("P-9", "pasteurized", 10, "kg", expires="2023-11-22T18:00:00+08:00"),
        LotPlaced("P-9", "asset:cooler", parse_rfc3339("2023-11-15T08:00:00Z"), "csv"),
    ]


def test_without_yes_it_is_a_preview(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.run("\n".join([HEAD, *LINES]), yes=False, language="zh") == []

    said = capsys.readouterr().out
    assert "新 2,更改 0,已知 0;存放:新 2" in said
    assert "没有写入" in said


def test_the_same_list_again_is_nothing_new_whether_the_store_has_caught_up_or_not(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join([HEAD, *LINES])
    house.run(text)

    assert house.run(text) == []
    store = GoodsStore.open(house.folder / "goods.db")
    follow(GoodsProjection(store), house.ledger, 100)
    store.close()
    assert house.run(text) == []
    assert "2 known; placements: 0 new, 2 known" in capsys.readouterr().out


def test_what_a_list_says_otherwise_replaces_and_what_it_does_not_name_stays(house: House) -> None:
    house.run("\n".join([HEAD, *LINES]))

    written = house.run("lot id,quantity made,asset id,from,quantity placed\nP-1,650,room,2023-11-15 08:00,650\n")

    first, second = written
    assert isinstance(first, Lot)
    assert (first.quantity, first.number, first.expires) == (650, "20231115A", "2023-11-22")
    assert isinstance(second, LotPlaced)
    assert (second.quantity, second.from_ms) == (650, parse_rfc3339("2023-11-15T08:00:00+08:00"))


def test_quantities_that_do_not_add_up_are_told_before_they_are_written(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.run(
        "lot id,product,quantity made,unit,asset id,from,quantity placed\n"
        "P-1,pasteurized,10,kg,room,2023-11-15 08:00,12\n"  # two too many
    )

    assert "P-1: 2 more placed than is left" in capsys.readouterr().out


FAULTY = (
    "P-1,巴氏杀菌乳,9506000134353,,,,600,件,,,,room,,2023-11-15 08:00,,,,",  # line 2: check digit
    "P-1,,,,,,601,,,,,room,,2023-11-15 08:00,,,,",  # 3: another quantity, and the same placement
    "P-2,奶,,,,,1,件,,,,,,,,,,",  # 4: no such product
    "P-3,,,,2023-13-01,,1,件,,,,,,,,,,",  # 5: no day, and a product is lacking
    "P-4,pasteurized,,,2023-11-15,2023-11-14,1,件,,,,,,,,,,",  # 6: expires before it was made
    "P-5,pasteurized,,,,,1,件,,,,rom,,2023-11-15 08:00,,,,",  # 7: no such asset
    "P-6,pasteurized,,,,,1,件,,,,cooler,dc,2023-11-15 08:00,,,,",  # 8: the cooler stood in the shop
    "P-7,pasteurized,,,,,1,件,,,,room,,2023-11-15 08:00,2023-11-15 07:00,,,",  # 9: ends before it begins
    "P-8,pasteurized,,,,,1,件,,,,,,,,5,,",  # 10: no place
    "P-9,pasteurized,,,,,1,件,,,,room,,,,,,",  # 11: no time
    ",pasteurized,,,,,1,件,,,,,,,,,,",  # 12: no id
    "P 10,pasteurized,,,,,x,件,,,,,,,,,,",  # 13: no id, no number
)


def at(number: int, language: str) -> re.Pattern[str]:
    return re.compile(rf"第 {number} 行" if language == "zh" else rf": line {number}[,:]")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_faulty_line_is_named_and_nothing_is_written(house: House, language: str) -> None:
    with pytest.raises(ConfigError) as caught:
        house.run("\n".join([HEAD, *FAULTY, LINES[2]]), language=language)

    lines = caught.value.faults
    for number in range(2, 14):
        assert any(at(number, language).search(line) for line in lines), number
    assert sum(bool(at(3, language).search(line)) for line in lines) == 2
    assert house.ledger.end() == house.before
    expected = "没有写入任何内容" if language == "zh" else "nothing was written"
    assert expected in lines[-1]


def test_two_lots_with_one_gtin_and_number_are_named_whether_in_a_list_or_known(house: House) -> None:
    head = "lot id,product,GTIN,lot number,quantity made,unit\n"
    first, same = "P-1,pasteurized,9506000134352,A7,10,kg\n", "P-2,pasteurized,09506000134352,A7,10,kg\n"

    with pytest.raises(ConfigError, match=r"line 3.*line 2 has the same GTIN"):
        house.run(head + first + same)
    assert house.ledger.end() == house.before

    house.run(head + first)
    with pytest.raises(ConfigError, match=r"line 2.*another lot has this GTIN and this number"):
        house.run(head + same)


def test_a_time_of_a_list_is_by_the_clock_of_its_place(house: House) -> None:
    put(house.ledger, Site("far", "Far", "shop", "dairy", timezone="Asia/Urumqi"),
        Asset("c9", "C9", "glass-door-cooler", "far"))  # fmt: skip
    rows = (
        "lot id,product,quantity made,unit,asset id,site id,from\n"
        "P-1,pasteurized,10,kg,room,,2023-11-15 08:00\n"
        "P-1,,,,c9,,2023-11-15 08:00\n"
        "P-1,,,,,far,2023-11-15T09:00:00+08:00\n"
    )

    _, *placed = house.run(rows)

    assert [rfc3339(one.from_ms)[:16] for one in placed if isinstance(one, LotPlaced)] == [
        "2023-11-15T00:00", "2023-11-15T02:00", "2023-11-15T01:00",
    ]  # fmt: skip


def test_a_heading_that_nobody_knows_is_a_fault_and_not_a_loss(house: House) -> None:
    with pytest.raises(ConfigError, match="no such column"):
        house.run("lot id,product,quantity made,unit,colour\nP-1,pasteurized,1,kg,red\n")


def test_an_empty_file_and_one_that_is_missing_are_told(house: House) -> None:
    with pytest.raises(ConfigError, match="holds no list"):
        house.run("")
    with pytest.raises(ConfigError, match="No such file"):
        import_lots(house.folder, house.folder / "x.csv", house.clock, who="", why="", yes=True, language="en")


def test_a_row_with_a_trip_loads_or_unloads(house: House) -> None:
    put(house.ledger, Lot("P-1", "pasteurized", 600, "件"))
    put(house.ledger, Trip("T-1", "distribution", "v1", (TripStop("dc", "load"), TripStop("shop-1", "unload"))))

    written = house.run("\n".join([TRIP_HEAD, "P-1,T-1,,,2023-11-16 06:00,40", "P-1,T-1,,shop-1,2023-11-16 07:30,40"]))

    assert written == [
        LotPlaced("P-1", "trip:T-1", parse_rfc3339("2023-11-16T06:00:00+08:00"), "csv", quantity=40, trip="T-1"),
        LotPlaced("P-1", "site:shop-1", parse_rfc3339("2023-11-16T07:30:00+08:00"), "csv", quantity=40, trip="T-1"),
    ]


def test_an_unknown_trip_is_named(house: House) -> None:
    with pytest.raises(ConfigError, match="there is no trip T-9"):
        house.run("\n".join([TRIP_HEAD, "P-1,T-9,,,2023-11-16 06:00,40"]))
