"""A month of trips: every number worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from alerts.transit.months import Load, carrier_sheets, loads_of, longest, milk_ways
from alerts.transit.reader import KnownTrip, Wrong
from alerts.transit.view import StopView, TripView
from coldchain.custody import Trip, TripMoment, TripStop

HOUR = 3_600_000
PLACES = {"farm-1": (31.0, 121.0), "farm-2": (31.1, 121.0), "plant": (31.4, 121.0)}


def stop(site: str, purpose: str = "unload", **seen: int | None) -> StopView:
    times = {
        name: seen.get(name)
        for name in ("due_ms", "arrived_ms", "left_ms", "accepted_ms", "refused_ms")
    }  # fmt: skip
    return StopView(
        site, purpose, None, None, None, None, **times,
        arrived_by="", left_by="", hole=False, expected_ms=None, spread_s=None, chance=None,
    )  # fmt: skip


Quantities = tuple[tuple[float | None, str], ...]


def known(
    id_: str,
    stops: list[StopView],
    state: str = "ended",
    kind: str = "distribution",
    *,
    driven_m: int = 0,
    over_ms: int | None = 100 * HOUR,
    said: tuple[TripMoment, ...] = (),
    quantities: Quantities = (),
) -> KnownTrip:
    planned = [TripStop(one.site, one.purpose) for one in stops]
    for place, (quantity, unit) in enumerate(quantities):
        planned[place] = TripStop(planned[place].site, planned[place].purpose, quantity=quantity, unit=unit)
    plan = Trip(id_, kind, "v", tuple(planned), carrier="swift")
    view = TripView(state, 0, over_ms, None, driven_m, None, None, None, "", stops, [])
    return KnownTrip(plan, said, [("v", None)], 0, 0, view, [])


BREACHES = {"a": [(-HOUR, HOUR), (2 * HOUR, 3 * HOUR)], "c": [(0, HOUR)]}


def test_a_carriers_sheet_counts_what_is_known_and_says_what_is_not() -> None:
    trips = [
        known("a", [stop("s", due_ms=10, arrived_ms=10), stop("s", due_ms=10, arrived_ms=11)], driven_m=1500),
        known("b", [stop("s", due_ms=10), stop("s", arrived_ms=5), stop("s", due_ms=10, arrived_ms=9, refused_ms=9)]),
        known("c", [stop("s", due_ms=10, arrived_ms=99)], "cancelled"),
        known("d", [stop("s", due_ms=10)], "under-way", over_ms=None, driven_m=500),  # still to come
        known("e", [], said=(TripMoment("e", "refused", 5), TripMoment("e", "departed", None, 0))),
    ]
    wrongs = {
        "a": [Wrong("late-arrival", "notice", 0, HOUR // 2), Wrong("arrival-warm", "warning", 5, 5)],
        "b": [Wrong("late-arrival", "notice", HOUR, 2 * HOUR), Wrong("stopped", "notice", 8 * HOUR, None)],
        "c": [Wrong("stopped", "notice", 0, HOUR)],
    }

    # of trip a one alarm stands from before the arrival to behind it: warm on arrival is the same breach
    [sheet] = carrier_sheets(trips, lambda trip: trip.plan.carrier, wrongs, BREACHES, 10 * HOUR)

    assert (sheet.carrier, sheet.trips, sheet.ended, sheet.cancelled) == ("swift", 5, 3, 1)
    assert (sheet.in_time, sheet.late, sheet.unknown) == (2, 1, 1)
    assert sheet.in_time_share == pytest.approx(2 / 3)
    assert sheet.delays == {"late-arrival": (2, 1.5), "arrival-warm": (1, 0.0), "stopped": (1, 2.0)}
    assert (sheet.breaches, sheet.refused, sheet.driven_m) == (2, 2, 2000)


@pytest.mark.parametrize(
    ("stood", "warm_at", "breaches"),
    [
        ([], [HOUR], 1),
        ([(0, HOUR // 2)], [HOUR], 2),  # it was cold again half an hour before it arrived
        ([(0, HOUR - 5 * 60_000)], [HOUR], 1),  # 5 min before: what is measured then says what arrived
        ([(0, None)], [HOUR], 1),
        ([(0, 2 * HOUR), (HOUR // 2, 3 * HOUR)], [], 1),  # two probes, or two limits, of the same warmth
        ([(2 * HOUR, None), (0, HOUR)], [], 2),
    ],
)
def test_the_same_warmth_is_one_breach(stood: list[tuple[int, int | None]], warm_at: list[int], breaches: int) -> None:
    wrongs = {"a": [Wrong("arrival-warm", "warning", at_ms, at_ms) for at_ms in warm_at]}

    [sheet] = carrier_sheets([known("a", [])], lambda _: "swift", wrongs, {"a": stood}, 10 * HOUR)

    assert sheet.breaches == breaches
    assert sum(often for often, _ in sheet.delays.values()) == len(warm_at)


def milk(id_: str, *quantities: tuple[float | None, str], left_h: tuple[float, ...] = (0, 1)) -> KnownTrip:
    stops = [
        *(stop(f"farm-{n + 1}", "load", left_ms=round(at * HOUR)) for n, at in enumerate(left_h)),
        stop("plant", arrived_ms=3 * HOUR, accepted_ms=4 * HOUR, left_ms=5 * HOUR),
    ]
    return known(id_, stops, kind="raw-milk", driven_m=80_000, quantities=quantities)


def test_the_way_of_milk_is_that_from_where_it_was_loaded() -> None:
    first, second = loads_of(milk("m", (2.0, "t"), (1000.0, "kg")), PLACES.get)

    assert (first.station, first.plant, first.tonnes, first.hours) == ("farm-1", "plant", 2.0, 4.0)
    assert (second.station, second.tonnes, second.hours) == ("farm-2", 1.0, 3.0)
    assert first.way_m == 80_000
    assert second.way_m == pytest.approx(60_000)  # 0.3 of 0.4 degrees


def test_the_way_of_milk_is_that_of_the_driven_track_where_there_is_one() -> None:
    """50 km of detour between the farms are the first one's; home from the plant is nobody's."""
    trip = milk("m", (2.0, "t"), (1.0, "t"))
    assert trip.view is not None
    reached = zip(trip.view.stops, (0, 61_000, 91_000), strict=True)
    stops = [msgspec.structs.replace(each, reached_m=reached_m) for each, reached_m in reached]
    driven = replace(trip, view=msgspec.structs.replace(trip.view, stops=stops, driven_m=140_000))

    assert [load.way_m for load in loads_of(driven, lambda _: None)] == [91_000, 30_000]
    stops[1] = msgspec.structs.replace(stops[1], reached_m=None)  # a person said that it was there
    assert [load.way_m for load in loads_of(driven, PLACES.get)] == [91_000, pytest.approx(105_000)]


@pytest.mark.parametrize(
    ("quantity", "unit", "tonnes"), [(1000.0, "L", 1.03), (1.0, "吨", 1.0), (3.0, "桶", None), (None, "t", None)]
)
def test_what_is_no_weight_is_not_guessed(quantity: float | None, unit: str, tonnes: float | None) -> None:
    [load] = loads_of(milk("m", (quantity, unit), left_h=(0,)), PLACES.get)

    assert load.tonnes == (None if tonnes is None else pytest.approx(tonnes))


def test_a_trip_that_did_not_deliver_or_carries_no_milk_has_no_load() -> None:
    away = known("m", [stop("farm-1", "load", left_ms=0), stop("plant")], "under-way", "raw-milk", over_ms=None)

    assert list(loads_of(away, PLACES.get)) == []
    assert list(loads_of(known("d", [stop("dc", "load", left_ms=0), stop("s", arrived_ms=HOUR)]), PLACES.get)) == []


def test_an_unknown_place_leaves_the_way_of_later_stops_unknown() -> None:
    ways = [load.way_m for load in loads_of(milk("m"), {"plant": (31.4, 121.0)}.get)]

    assert ways == [80_000, None]


def test_kilometres_and_hours_are_weighted_by_tonnes() -> None:
    def load(trip: str, station: str, tonnes: float | None, hours: float, km: float | None) -> Load:
        way_m = None if km is None else km * 1000
        return Load(trip, "v", station, "plant", tonnes, 0, round(hours * HOUR), way_m)

    loads = [
        load("a", "s-1", 3.0, 2.0, 100.0),
        load("b", "s-1", 1.0, 6.0, None),
        load("c", "s-1", None, 9.0, 900.0),
        load("d", "s-2", 2.0, 1.0, 10.0),
    ]

    one, two = milk_ways(loads, lambda each: each.station)
    [plant] = milk_ways(loads, lambda each: each.plant)

    assert (one.site, one.loads, one.tonnes, one.unweighed, one.km, one.hours) == ("s-1", 3, 4.0, 1, 100.0, 3.0)
    assert (two.km, two.hours) == (10.0, 1.0)
    assert plant.km == pytest.approx((300 + 20) / 5)
    assert plant.hours == pytest.approx((6 + 6 + 2) / 6)
    assert [each.trip for each in longest(loads, 2)] == ["c", "b"]
