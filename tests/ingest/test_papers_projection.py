"""Ledger → store of papers: any cut and any restart end in the same store; a rebuild gives the same one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from coldchain.custody import Trip, TripMoment, TripStop, TripVehicle
from coldchain.custody.papers import PaperVoid
from coldchain.papers.reader import PaperReader, Wanted
from coldchain.papers.store import PaperStore
from coldchain.papers.tables import VERSION, cursor, metadata
from coldchain.projection import CursorMoved
from coldchain.registry import Operator, Put
from ingest.projections.keeping import STEPS_BEHIND
from ingest.projections.papers import PaperProjection
from ingest.rebuild import rebuild_papers
from tests.fakes import MemoryLedger
from tests.ingest.worlds import follow
from tests.papers.stories import CAME, DELIVERY, NOTE, all_signed, hour, signed
from tests.support import SealingNode, fleet, put

RECEIVED = msgspec.structs.replace(NOTE, arrived=CAME)
LATE = msgspec.structs.replace(DELIVERY, remark="changed when it was closed")
PLAN = Trip("t1", "raw-milk", "v1", (TripStop("st", "load"), TripStop("plant", "unload")), driver="李四")

STORY: tuple[Put, ...] = (
    PLAN,
    NOTE,
    *all_signed(NOTE, 1)[:3],
    TripMoment("t1", "departed", hour(1), 0),
    DELIVERY,
    *all_signed(DELIVERY),
    LATE,
    RECEIVED,
    signed(RECEIVED, "receiver", 3),
    TripVehicle("t1", "v2", hour(2)),
    PaperVoid("N-1", hour(5)),
    msgspec.structs.replace(DELIVERY, id="D-2", replaces="D-1"),
)


def rows(store: PaperStore) -> dict[str, list[tuple[object, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def projected(ledger: MemoryLedger, folder: Path, cuts: Sequence[int]) -> dict[str, list[tuple[object, ...]]]:
    """Follow a ledger in steps of these sizes, with a restart behind each of them."""
    for size in [*cuts, 1000]:
        store = PaperStore.open(folder / "papers.db")
        projection = PaperProjection(store)
        found = ledger.read(projection.cursor, size)
        if found:
            projection.step(found)
        seen = rows(store)
        store.close()
    return seen


def told(*puts: Put) -> MemoryLedger:
    ledger = MemoryLedger()
    put(ledger, *puts)
    return ledger


@pytest.fixture
def store(tmp_path: Path) -> PaperStore:
    return PaperStore.open(tmp_path / "papers.db")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=6))
def test_any_cut_and_any_restart_end_in_the_same_store(cuts: list[int]) -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        assert projected(told(*STORY), Path(first), []) == projected(told(*STORY), Path(second), cuts)


def test_papers_are_found_by_place_trip_vehicle_kind_and_period_newest_first(store: PaperStore) -> None:
    follow(PaperProjection(store), told(*STORY), 3)
    reader = PaperReader(store.engine)

    def names(**wanted: object) -> list[str]:
        return [name for _, name in reader.papers(Wanted(**wanted), limit=10)]  # type: ignore[arg-type] # a case

    assert names() == ["D-2", "D-1", "N-1"]
    assert names(site="st") == names(site="plant") == names(trip="t1") == names(kind="milk-note") == ["N-1"]
    assert names(site="s1") == names(trip="t7") == ["D-2", "D-1"]
    assert names(vehicle="v1") == ["D-2", "D-1", "N-1"]
    assert names(from_ms=hour(1), to_ms=hour(8)) == ["N-1"]
    assert names(site="nowhere") == []
    first = reader.papers(Wanted(), limit=1)
    assert [name for _, name in reader.papers(Wanted(), limit=10, before=first[0])] == ["D-1", "N-1"]
    store.close()


def test_a_complete_paper_stays_as_it_was_and_what_came_behind_is_kept_and_counted(store: PaperStore) -> None:
    projection = PaperProjection(store)
    follow(projection, told(*STORY), 100)
    reader = PaperReader(store.engine)

    assert [(one.position, one.reason, one.detail) for one in reader.refused(limit=10)] == [
        (10, "closed", "D-1"),
        (14, "closed", "N-1"),
    ]
    assert (reader.paper("D-1").paper, reader.paper("N-1").state) == (DELIVERY, "complete")
    assert projection.counters.as_dict() == {"received": 15, "kept": 13, "refused": 2}
    assert projection.counters.balance("received", "kept", "refused") == 0
    assert reader.refused_count() == 2
    store.close()


def test_a_correction_names_the_paper_that_it_corrects_once_it_is_complete(store: PaperStore) -> None:
    ledger = told(*STORY)
    projection = PaperProjection(store)
    follow(projection, ledger, 100)
    reader = PaperReader(store.engine)
    before = reader.replaced_by("D-1")

    put(ledger, *all_signed(msgspec.structs.replace(DELIVERY, id="D-2", replaces="D-1"), 12))
    follow(projection, ledger, 100)

    assert (before, reader.replaced_by("D-1")) == ([], ["D-2"])
    assert reader.paper("D-1").paper == DELIVERY
    store.close()


def test_a_trip_is_its_last_plan_what_was_said_of_it_and_who_drove_when(store: PaperStore) -> None:
    taken_back = TripMoment("t1", "departed", None, 0)
    follow(PaperProjection(store), told(*STORY, TripMoment("t1", "arrived", hour(3), 1), taken_back), 4)
    reader = PaperReader(store.engine)

    trip = reader.trip("t1")

    assert (trip.plan, trip.moments) == (PLAN, {(1, "arrived"): hour(3)})
    assert [trip.vehicle_at(hour(at)) for at in (1, 2, 3)] == ["v1", "v2", "v2"]
    assert reader.trip("unknown").plan is None
    store.close()


def test_readings_and_other_changes_only_move_the_cursor_and_not_each_time(store: PaperStore) -> None:
    ledger, node = MemoryLedger(), SealingNode("gw-1")
    put(ledger, *fleet([node]), NOTE)
    projection = PaperProjection(store)
    follow(projection, ledger, 100)
    held, known = store.cursor(), ledger.end()
    put(ledger, *[Operator("o", "O")] * STEPS_BEHIND)
    follow(projection, ledger, 4096)

    assert (held, store.cursor(), projection.cursor) == (known, known + STEPS_BEHIND, known + STEPS_BEHIND)
    store.close()


def test_a_second_owner_is_refused(store: PaperStore) -> None:
    ledger = told(*STORY)
    first, second = PaperProjection(store), PaperProjection(store)
    first.step(ledger.read(0, 3))

    with pytest.raises(CursorMoved):
        second.step(ledger.read(0, 3))
    store.close()


def test_a_file_that_does_not_open_or_follows_another_ledger_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "papers.db"
    path.write_bytes(b"no database" * 1000)
    store = PaperStore.open_for(path, 0)
    follow(PaperProjection(store), told(*STORY), 100)
    store.close()

    fresh = PaperStore.open_for(path, 3)

    assert fresh.cursor() == 0
    with fresh.engine.begin() as connection:
        connection.execute(cursor.update().values(version=VERSION + 1))
    fresh.close()
    newest = PaperStore.open_for(path, 3)
    assert newest.version() == VERSION
    newest.close()
    assert sorted(one.name for one in tmp_path.glob("*.aside-?")) == [
        f"papers.db.aside-{number}" for number in (1, 2, 3)
    ]


def test_a_rebuild_gives_the_same_store(store: PaperStore, tmp_path: Path) -> None:
    ledger = told(*STORY)
    follow(PaperProjection(store), ledger, 4)
    before = rows(store)
    store.close()

    assert rebuild_papers(ledger, tmp_path / "papers.db") == len(STORY)

    again = PaperStore.open(tmp_path / "papers.db")
    assert rows(again) == before
    again.close()
