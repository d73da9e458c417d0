"""Trips that are over and were judged by other rules or another program: judged again, and nobody waits for that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from alerts.rebuild import rebuild_alarms
from alerts.tables import trip as table
from alerts.transit import desk, view
from alerts.transit.trips import PROGRAM
from coldchain.clock import TestClock
from coldchain.custody import Trip, TripMoment
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, TRIP, at

DAY_MS = 86_400_000


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What another program brings."""

    def comes() -> None:
        for module in (desk, view):
            monkeypatch.setattr(module, "PROGRAM", PROGRAM + 1)

    return comes


def programs(fleet: Fleet) -> dict[str, int]:
    """Return by which program each trip was judged."""
    with fleet.store.engine.connect() as connection:
        return {
            row.id: msgspec.json.decode(row.judged)["program"]
            for row in connection.execute(select(table.c.id, table.c.judged).where(table.c.judged.is_not(None)))
        }


def days_after(days: int) -> tuple[Trip, TripMoment]:
    """Return the trip so many days later, and that its milk was taken over."""

    def later(at_ms: int | None) -> int | None:
        return None if at_ms is None else at_ms + days * DAY_MS

    times = ("arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms")
    stops = [
        msgspec.structs.replace(stop, **{name: later(getattr(stop, name)) for name in times}) for stop in TRIP.stops
    ]
    id_ = f"{TRIP.id}+{days}"
    trip = msgspec.structs.replace(TRIP, id=id_, stops=tuple(stops))
    return trip, TripMoment(id_, "accepted", at(70) + days * DAY_MS, 1)


def ended(folder: Path, days: Iterable[int]) -> Fleet:
    """Return a fleet whose tanker drove once on some days, told afterwards."""
    days = list(days)
    puts = [put for day in days for put in days_after(day)]
    fleet = Fleet(folder, *registered(), *puts, now_ms=at(200) + max(days) * DAY_MS)
    for day in days:
        fleet.arrive([(channel, when + day * DAY_MS, value) for channel, when, value in driven(ON_TIME)])
    fleet.settle()
    assert set(programs(fleet).values()) == {PROGRAM}
    return fleet


def quiet(fleet: Fleet, looks: int = 5) -> None:
    for _ in range(looks):
        fleet.clock.advance_sync(2)
        fleet.judge.idle()


def test_a_newer_program_judges_the_trips_of_the_last_five_weeks_again(
    tmp_path: Path, newer: Callable[[], None]
) -> None:
    fleet = ended(tmp_path, (0, 6, 40))

    newer()
    fleet.restart()
    quiet(fleet)

    assert programs(fleet) == {"t-1+0": PROGRAM, "t-1+6": PROGRAM + 1, "t-1+40": PROGRAM + 1}


def test_the_same_program_judges_none_again(tmp_path: Path) -> None:
    fleet = ended(tmp_path, (0, 1))

    fleet.restart()

    assert not fleet.judge._desk.ready()


def test_other_rules_of_the_program_are_seen_at_the_start(tmp_path: Path) -> None:
    fleet = ended(tmp_path, (0,))
    true = fleet.view("t-1+0")
    with fleet.store.engine.begin() as connection:
        other = msgspec.json.encode(msgspec.structs.replace(true, rules="older", driven_m=1))
        connection.execute(update(table).values(judged=other))

    fleet.restart()
    quiet(fleet)

    assert fleet.view("t-1+0") == true


def test_a_rebuild_judges_every_trip_again_however_old(tmp_path: Path, newer: Callable[[], None]) -> None:
    fleet = ended(tmp_path, (0, 1, 40, 80))
    before = [fleet.view(f"t-1+{day}") for day in (0, 1, 40, 80)]
    newer()

    rebuild_alarms(fleet.store, fleet.ledger, fleet.clock)

    assert set(programs(fleet).values()) == {PROGRAM + 1}
    after = [msgspec.structs.replace(fleet.view(f"t-1+{day}"), program=PROGRAM) for day in (0, 1, 40, 80)]
    assert after == before


def test_milk_that_is_heard_of_six_weeks_late_waits_for_a_rebuild(tmp_path: Path) -> None:
    fleet = ended(tmp_path, (40,))
    drive = driven(ON_TIME, celsius=[12.0] * 200)
    fleet.put(*days_after(0))
    fleet.arrive([one for one in drive if not one[0].endswith("milk")])
    fleet.settle()
    fleet.restart()

    fleet.arrive([one for one in drive if one[0].endswith("milk")])
    fleet.settle()
    assert fleet.alarms("t-1+0") == []
    rebuild_alarms(fleet.store, fleet.ledger, fleet.clock)

    assert [one["rule"] for one in fleet.alarms("t-1+0")] == ["arrival-warm"]


class Working(TestClock):
    """A clock on which each look at it takes some milliseconds, as work does."""

    __test__ = False
    ms = 0.0

    def monotonic_s(self) -> float:
        self.advance_sync(self.ms / 1000)
        return super().monotonic_s()


def test_old_trips_take_little_of_a_look_and_a_trip_under_way_goes_before(
    tmp_path: Path, newer: Callable[[], None]
) -> None:
    fleet = ended(tmp_path, range(12))
    fleet.put(days_after(13)[0])  # is to come
    newer()
    clock = Working(fleet.clock.now_ms())
    fleet.clock = clock
    fleet.restart()

    clock.ms = 4.0
    fleet.catch_up()
    first = [trip for trip, program in programs(fleet).items() if program > PROGRAM]
    clock.ms = 0.0
    quiet(fleet, 20)

    assert "t-1+13" in first
    assert 0 < len(first) - 1 < 10
    assert set(programs(fleet).values()) == {PROGRAM + 1}
