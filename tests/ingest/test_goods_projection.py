"""Ledger → store of goods: any cut, any restart and any order of entries ends in the same store; nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from coldchain.custody import (
    Lot,
    LotChange,
    LotGone,
    LotHold,
    LotPlaced,
    LotRelease,
    LotShare,
    Milking,
    Recall,
    RecallAnswer,
    RecallEnd,
    Trip,
    TripMoment,
    TripStop,
    TripVehicle,
)
from coldchain.custody.goods import Goods
from coldchain.goods.reader import GoodsReader
from coldchain.goods.store import GoodsStore
from coldchain.goods.tables import VERSION, cursor, metadata
from coldchain.goods.voyages import Tripping
from coldchain.projection import CursorMoved
from coldchain.registry import Change, Operator
from coldchain.registry.intervals import FOREVER_MS
from ingest.projections.goods import GoodsProjection
from ingest.projections.keeping import STEPS_BEHIND
from ingest.rebuild import rebuild_goods
from tests.fakes import MemoryLedger
from tests.goods.stories import ROOM, SHOP_1, SHOP_2, TRUCK, hour, lot
from tests.ingest.worlds import follow
from tests.support import SealingNode, fleet, put

STORY: tuple[Goods, ...] = (
    Lot("M", "raw_milk", 1000, "L"),
    lot("A", 600, expires="2023-11-25"),
    lot("B", 300),
    LotPlaced("M", TRUCK, hour(0), "trip", trip="t1", stop=0),
    LotPlaced("M", "asset:silo", hour(3), "trip", trip="t1", stop=1, paper="N-1"),
    LotChange(
        "c1", "transformation", hour(5),
        (LotShare("M", 1000, "asset:silo"),), (LotShare("A", 600, ROOM), LotShare("B", 300, ROOM)),
    ),
    LotPlaced("A", SHOP_1, hour(9), "delivery", quantity=200, taken_from=ROOM, paper="D-1"),
    LotPlaced("A", SHOP_2, hour(10), "delivery", quantity=200, taken_from=ROOM, paper="D-2"),
    LotGone("A", hour(20), "sold", 50, SHOP_1),
    LotHold("h1", "A", hour(21), alarm="a-1"),
    LotHold("h1", "B", hour(21), alarm="a-1"),
    LotPlaced("X", ROOM, hour(1), "scan"),
)  # fmt: skip
RELEASE = LotRelease("h1", "A", "released", hour(22))


TRIP: tuple[Goods | Tripping, ...] = (
    lot("A", 600),
    lot("B", 300),
    Trip("t1", "distribution", "v1", (TripStop("dc", "load"), TripStop("shop-1", "unload"))),
    LotPlaced("A", "trip:t1", hour(1), "trip", quantity=400, stop=0),
    LotPlaced("B", "trip:t1", hour(1), "trip", stop=0),
    TripVehicle("t1", "v2", hour(2)),
    LotPlaced("A", SHOP_2, hour(3), "delivery", quantity=50, trip="t1"),
    TripMoment("t1", "accepted", hour(4), 1),
    TripVehicle("t2", "v9", hour(2)),
    LotPlaced("B", "trip:t2", hour(9), "trip"),
)


def entries(puts: Sequence[Goods | Tripping]) -> list[bytes]:
    return [Change(one, "quality" if isinstance(one, LotRelease) else "clerk", "why").encode() for one in puts]


def rows(store: GoodsStore) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that follows from what was said, without the ledger's positions."""
    found = {}
    with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in ("cursor", "entry", "mention"):
                continue
            columns = [column for column in table.c if column.name != "position"]
            found[table.name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)
    return found


def projected(ledger: MemoryLedger, folder: Path, cuts: Sequence[int]) -> dict[str, list[tuple[object, ...]]]:
    """Follow a ledger in steps of these sizes, with a restart behind each of them."""
    steps = [*cuts, 1000]
    for size in steps:
        store = GoodsStore.open(folder / "goods.db")
        projection = GoodsProjection(store)
        found = ledger.read(projection.cursor, size)
        if found:
            projection.step(found)
        seen = rows(store)
        store.close()
    return seen


@settings(max_examples=40, deadline=None)
@given(st.permutations([*STORY, RELEASE]), st.lists(st.integers(1, 5), max_size=4))
def test_any_order_any_cut_and_any_restart_end_in_the_same_store(puts: list[Goods], cuts: list[int]) -> None:
    whole, shuffled = MemoryLedger(), MemoryLedger()
    whole.change(entries([*STORY, RELEASE]), 0)
    shuffled.change(entries(puts), 0)

    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        assert projected(whole, Path(first), []) == projected(shuffled, Path(second), cuts)


@settings(max_examples=40, deadline=None)
@given(st.permutations(TRIP), st.lists(st.integers(1, 4), max_size=4))
def test_lots_on_trips_end_the_same_in_any_order_cut_and_restart(puts: list[Goods | Tripping], cuts: list[int]) -> None:
    whole, shuffled = MemoryLedger(), MemoryLedger()
    whole.change(entries(TRIP), 0)
    shuffled.change(entries(puts), 0)

    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        found = projected(whole, Path(first), [])
        assert found == projected(shuffled, Path(second), cuts)

    lying = {(row[0], row[1], row[-1]) for row in found["stay"] if row[3] == FOREVER_MS}
    assert lying == {("A", "site:v2", 350.0), ("A", SHOP_2, 50.0), ("B", "site:shop-1", 300.0)}


@pytest.fixture
def store(tmp_path: Path) -> GoodsStore:
    return GoodsStore.open(tmp_path / "goods.db")


def test_where_lots_are_and_what_they_became(store: GoodsStore) -> None:
    ledger = MemoryLedger()
    ledger.change(entries(STORY), 0)
    follow(GoodsProjection(store), ledger, 3)
    reader = GoodsReader(store.engine)

    assert {
        name: [(s.place, s.quantity) for s in stays] for name, stays in reader.lying(["A", "B", "M"], hour(30)).items()
    } == {
        "A": [(ROOM, 200), (SHOP_1, 150), (SHOP_2, 200)],
        "B": [(ROOM, 300)],
    }
    assert reader.descendants(["M"]) == {"A", "B"}
    assert reader.ancestors(["B"]) == {"M"}
    assert [(one.parent, one.kind, one.parent_place) for one in reader.parents("A")] == [
        ("M", "transformation", "asset:silo")
    ]
    assert reader.on_trip("t1") == ["M"]
    assert [lot for lot, _ in reader.stays_in([ROOM], hour(8), hour(9))] == ["A", "B"]
    assert [lot for lot, _ in reader.stays_in([ROOM], hour(0), hour(5))] == []
    assert [(lot, held.alarm) for lot, held in reader.held(limit=10)] == [("A", "a-1"), ("B", "a-1")]
    assert reader.lot("A").expires_ms == hour(0) + 10 * 86_400_000 + 16 * 3_600_000  # type: ignore[union-attr] # 25 Nov 24:00 in China
    store.close()


def test_what_cannot_be_is_kept_with_its_reason_and_counts_as_soon_as_it_can(store: GoodsStore) -> None:
    ledger = MemoryLedger()
    ledger.change(entries(STORY), 0)
    projection = GoodsProjection(store)
    follow(projection, ledger, 100)
    reader = GoodsReader(store.engine)

    (refused,) = reader.refused(limit=10)
    assert (refused.position, refused.reason, refused.detail) == (12, "unknown-lot", "X")
    assert projection.counters.as_dict() == {"received": 12, "kept": 11, "refused": 1}

    ledger.change(entries([lot("X", 7)]), 0)
    follow(projection, ledger, 100)

    assert reader.refused(limit=10) == []
    assert [(stay.place, stay.quantity) for stay in reader.stays(["X"])["X"]] == [(ROOM, 7)]
    store.close()


def test_answers_of_a_recall_that_nobody_knows_yet_count_as_soon_as_it_is_known(store: GoodsStore) -> None:
    ledger = MemoryLedger()
    answers = [RecallAnswer("r1", "shop-1", step, hour(2), 5) for step in ("stopped", "eaten")]
    put(ledger, *answers)
    projection = GoodsProjection(store)
    follow(projection, ledger, 1)
    reader = GoodsReader(store.engine)
    before = [(one.position, one.reason) for one in reader.refused(limit=10)]

    put(ledger, Recall("r1", 1, hour(1), ("A",)), Recall("r2", 4, hour(1), ("A",)), RecallEnd("r1", hour(9), "done"))
    follow(projection, ledger, 1)

    assert before == [(1, "unknown-recall"), (2, "unknown-recall")]
    assert [(one.position, one.reason) for one in reader.refused(limit=10)] == [(2, "bad-word"), (4, "bad-word")]
    assert reader.recalls() == ["r1", "r2"]
    assert list(reader.recall("r1").answers) == [("shop-1", "stopped")]
    assert projection.counters.as_dict() == {"received": 5, "kept": 2, "refused": 3}
    store.close()


def test_a_change_whose_last_lot_becomes_known_counts_for_all_of_them(store: GoodsStore) -> None:
    ledger = MemoryLedger()
    change = LotChange(
        "c", "split", hour(2), (LotShare("A", 10, ROOM),), (LotShare("B", 4, ROOM), LotShare("C", 6, ROOM))
    )
    ledger.change(entries([lot("A", 10), LotPlaced("A", ROOM, hour(0), "scan"), change, lot("B", 4)]), 0)
    projection = GoodsProjection(store)
    follow(projection, ledger, 100)
    reader = GoodsReader(store.engine)
    before = reader.lying("ABC", hour(3))

    ledger.change(entries([lot("C", 6)]), 0)
    follow(projection, ledger, 100)

    assert [(name, stay.quantity) for name, stays in before.items() for stay in stays] == [("A", 10)]
    assert [(name, stay.quantity) for name, stays in reader.lying("ABC", hour(3)).items() for stay in stays] == [
        ("B", 4),
        ("C", 6),
    ]
    store.close()


def test_readings_and_other_changes_only_move_the_cursor_and_not_each_time(store: GoodsStore) -> None:
    ledger, node = MemoryLedger(), SealingNode("gw-1")
    put(ledger, *fleet([node]), Milking("tank", hour(0)))
    projection = GoodsProjection(store)
    follow(projection, ledger, 100)
    held = store.cursor()
    put(ledger, *[Operator("o", "O")] * STEPS_BEHIND)
    follow(projection, ledger, 4096)

    assert held == 0
    assert projection.cursor == ledger.end()
    assert 0 < store.cursor() <= projection.cursor
    assert projection.counters["received"] == 0
    store.close()


def test_a_second_owner_writes_nothing(store: GoodsStore) -> None:
    ledger = MemoryLedger()
    ledger.change(entries(STORY), 0)
    first, second = GoodsProjection(store), GoodsProjection(store)
    first.step(ledger.read(0, 100))

    with pytest.raises(CursorMoved):
        second.step(ledger.read(0, 100))
    store.close()


def test_a_file_that_is_none_or_follows_another_ledger_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "goods.db"
    ledger = MemoryLedger()
    ledger.change(entries(STORY), 0)
    store = GoodsStore.open_for(path, 0)
    follow(GoodsProjection(store), ledger, 100)
    store.close()

    kept = GoodsStore.open_for(path, ledger.end())
    assert kept.cursor() == len(STORY)
    with kept.engine.begin() as connection:
        connection.execute(cursor.update().values(version=VERSION + 1))
    kept.close()

    newer = GoodsStore.open_for(path, ledger.end())
    assert newer.cursor() == 0
    follow(GoodsProjection(newer), ledger, 100)
    newer.close()
    behind = GoodsStore.open_for(path, 3)
    assert behind.cursor() == 0
    behind.close()
    path.write_bytes(b"no database" * 100)
    broken = GoodsStore.open_for(path, 3)
    assert broken.cursor() == 0
    broken.close()
    assert sorted(one.name for one in tmp_path.glob("goods.db.aside-?")) == [f"goods.db.aside-{n}" for n in (1, 2, 3)]


def test_a_rebuild_gives_the_same_store(tmp_path: Path, store: GoodsStore) -> None:
    ledger = MemoryLedger()
    ledger.change(entries([*STORY, RELEASE]), 0)
    put(ledger, Operator("o", "O"))
    follow(GoodsProjection(store), ledger, 2)
    before = rows(store)
    store.close()

    assert rebuild_goods(ledger, tmp_path / "goods.db", chunk=5) == ledger.end()

    again = GoodsStore.open(tmp_path / "goods.db")
    assert rows(again) == before
    again.close()
