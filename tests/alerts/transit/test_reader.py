"""Trips as pages and the API read them: found by what is asked, paged, and what of them is at risk."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from alerts.transit.reader import TripReader, Wanted
from coldchain.custody import TripMoment, TripVehicle
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, PLANT, TRIP, at

JAM = ((0, 30), (60, 30), (5, 60))
DAY_MIN = 24 * 60


def test_a_trip_is_read_as_it_was_planned_told_and_found(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    turn = TripVehicle(TRIP.id, "tanker-2", at(30))
    moment = TripMoment(TRIP.id, "departed", at(1), 0)
    fleet.put(moment, turn)
    fleet.catch_up()
    fleet.live(driven(ON_TIME)[: 4 * 60])
    reader = TripReader(fleet.store.engine)

    known = reader.trip(TRIP.id)

    assert known is not None
    assert known.plan == TRIP
    assert known.legs == [("tanker-1", None), ("tanker-2", at(30))]
    assert known.view == fleet.view()
    assert reader.said(TRIP.id) == [TRIP, moment, turn]
    assert reader.trip("nobody") is None
    assert reader.said("nobody") == []


def test_words_on_a_trip_that_nobody_planned_are_kept_and_it_is_in_no_list(tmp_path: Path) -> None:
    moment = TripMoment("nobody", "ended", at(1))
    fleet = Fleet(tmp_path)
    fleet.put(moment)
    fleet.catch_up()
    fleet.settle()
    reader = TripReader(fleet.store.engine)

    assert reader.said("nobody") == [moment]
    assert reader.trip("nobody") is None
    assert [one.plan.id for one in reader.trips(Wanted()).items] == [TRIP.id]


def later(days: int) -> object:
    """Return the trip so many days later."""
    moved = tuple(
        msgspec.structs.replace(
            stop,
            **{
                name: getattr(stop, name) + days * DAY_MIN * 60_000
                for name in ("arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms")
                if getattr(stop, name) is not None
            },
        )
        for stop in TRIP.stops
    )
    return msgspec.structs.replace(TRIP, id=f"{TRIP.id}+{days}", stops=moved, vehicle=f"tanker-{1 + days % 2}")


@pytest.fixture
def week(tmp_path: Path) -> TripReader:
    fleet = Fleet(tmp_path, *registered(), TRIP, *(later(days) for days in range(1, 6)))  # type: ignore[arg-type]
    fleet.put(TripVehicle(f"{TRIP.id}+1", "tanker-1", at(DAY_MIN + 10)), TripMoment(f"{TRIP.id}+2", "cancelled", at(0)))
    fleet.catch_up()
    fleet.settle()
    return TripReader(fleet.store.engine)


def days_of(reader: TripReader, wanted: Wanted) -> list[int]:
    return [int(one.plan.id.partition("+")[2] or 0) for one in reader.trips(wanted).items]


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (Wanted(), [5, 4, 3, 2, 1, 0]),
        (Wanted(from_ms=at(DAY_MIN), to_ms=at(3 * DAY_MIN - 30)), [2, 1]),
        (Wanted(vehicle="tanker-1"), [4, 2, 1, 0]),  # of 1 it drives the second part
        (Wanted(vehicle="tanker"), []),
        (Wanted(site=PLANT), [5, 4, 3, 2, 1, 0]),
        (Wanted(site="tanker-1"), []),
        (Wanted(kind="distribution"), []),
        (Wanted(states=("cancelled",)), [2]),
        (Wanted(states=("planned", "cancelled"), vehicle="tanker-2"), [5, 3, 1]),
        (Wanted(at_risk=True), []),
    ],
)
def test_trips_are_found_by_what_is_asked(week: TripReader, wanted: Wanted, days: list[int]) -> None:
    assert days_of(week, wanted) == days


def test_pages_follow_each_other_without_a_gap(week: TripReader) -> None:
    found, after = [], None
    for _ in range(3):
        page = week.trips(Wanted(), limit=2, after=after)
        found += [one.plan.id for one in page.items]
        after = page.next

    assert after is None
    assert found == [f"{TRIP.id}+{days}" for days in (5, 4, 3, 2, 1)] + [TRIP.id]
    with pytest.raises(ValueError, match="no cursor"):
        week.trips(Wanted(), after="yesterday")


def test_a_trip_is_at_risk_while_its_alarm_stands(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, *registered(), TRIP, later(1))  # type: ignore[arg-type]
    reader = TripReader(fleet.store.engine)
    assert days_of(reader, Wanted(at_risk=True)) == []

    fleet.live(driven(JAM))  # it has not arrived

    assert days_of(reader, Wanted(at_risk=True)) == [0]
    [trip] = reader.trips(Wanted(at_risk=True)).items
    assert "late-arrival" in [one.rule for one in trip.troubles]
    fleet.put(TripMoment(TRIP.id, "ended", at(100)))
    fleet.catch_up()
    fleet.settle()
    assert days_of(reader, Wanted(at_risk=True)) == []
