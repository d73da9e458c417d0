"""What a month of trips comes to: a sheet for each carrier, and the ways of raw milk.

A trip counts in the month in which it was planned to begin. What is not known is counted as such and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from alerts.records import NEVER_MS
from alerts.transit.delays import ARRIVAL_MS, WARM
from alerts.transit.reader import KnownTrip, Wrong
from alerts.transit.states import TripState
from coldchain.geo import distance_m
from coldchain.registry.intervals import FOREVER_MS

HOUR_MS = 3_600_000
LONGEST = 10

TONNES = {"t": 1.0, "吨": 1.0, "kg": 0.001, "千克": 0.001, "公斤": 0.001, "l": 0.00103, "升": 0.00103}
"""Of a unit. Raw milk weighs 1.03 kg a litre (GB 19301-2010 asks for a relative density of at least 1.027; assumed)."""

Stood = tuple[int, int | None]
"""Measured ms: from when to when something stood; None: it still does."""

Place = tuple[float, float]
PlaceOf = Callable[[str], Place | None]


@dataclass(slots=True)
class CarrierSheet:
    """A carrier's month.

    Attributes:
        in_time, late, unknown: stops with a latest time: reached by then, later, or nobody knows when.
        refused: stops at which the receiver did not take the goods, and trips of which it was said as a whole.
        delays: rule → (how often, h in all).
        breaches: times in which an alarm about the temperature on board stood on the way, or the milk was warm on
            arrival; those that overlap are one.
        driven_m: of trips that have positions.
    """

    carrier: str
    trips: int = 0
    ended: int = 0
    cancelled: int = 0
    in_time: int = 0
    late: int = 0
    unknown: int = 0
    refused: int = 0
    breaches: int = 0
    driven_m: int = 0
    delays: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def in_time_share(self) -> float | None:
        """Stops reached in time, of those of which that is known, 0-1; None: of none."""
        known = self.in_time + self.late
        return self.in_time / known if known else None


def carrier_sheets(
    trips: Iterable[KnownTrip],
    carrier_of: Callable[[KnownTrip], str],
    wrongs: Mapping[str, Sequence[Wrong]],
    breaches: Mapping[str, Sequence[Stood]],
    now_ms: int,
) -> list[CarrierSheet]:
    """Return the sheets of carriers, by name.

    Args:
        wrongs: trip → its alarms, over or not. ``breaches``: trip → when alarms about the temperature on board stood.
        now_ms: until then an alarm that stands has lasted.
    """
    sheets: dict[str, CarrierSheet] = {}
    for trip in trips:
        name = carrier_of(trip)
        sheet = sheets.setdefault(name, CarrierSheet(name))
        sheet.trips += 1
        sheet.cancelled += trip.state == TripState.CANCELLED
        if trip.state == TripState.CANCELLED:
            continue
        sheet.ended += trip.state == TripState.ENDED
        own = wrongs.get(trip.plan.id, ())
        warm = [(one.onset_ms - ARRIVAL_MS, one.onset_ms + ARRIVAL_MS) for one in own if one.rule == WARM]
        sheet.breaches += _apart([*breaches.get(trip.plan.id, ()), *warm])
        _add_stops(sheet, trip)
        for wrong in own:
            often, hours = sheet.delays.get(wrong.rule, (0, 0.0))
            ended_ms = now_ms if wrong.ended_ms is None else wrong.ended_ms
            sheet.delays[wrong.rule] = often + 1, hours + max(ended_ms - wrong.onset_ms, 0) / HOUR_MS
    return [sheets[name] for name in sorted(sheets)]


def _apart(stood: Iterable[Stood]) -> int:
    """Return how many stretches of time some times make together."""
    count, until_ms = 0, NEVER_MS
    for begin, end in sorted(stood, key=lambda one: one[0]):
        count += begin > until_ms
        until_ms = max(until_ms, FOREVER_MS if end is None else end)
    return count


def _add_stops(sheet: CarrierSheet, trip: KnownTrip) -> None:
    said = Counter(moment.moment for moment in trip.moments if moment.stop is None and moment.at_ms is not None)
    sheet.refused += said["refused"] > 0
    if trip.view is None:
        return
    sheet.driven_m += trip.view.driven_m
    for stop in trip.view.stops:
        sheet.refused += stop.refused_ms is not None
        if stop.due_ms is None:
            continue
        if stop.arrived_ms is None:
            sheet.unknown += trip.view.over_ms is not None  # one that is still to come is neither
        elif stop.arrived_ms <= stop.due_ms:
            sheet.in_time += 1
        else:
            sheet.late += 1


def loaded_span(trip: KnownTrip) -> tuple[int, int] | None:
    """Return [from, to) in which a trip that is over had goods on board; None: nobody knows.

    From leaving the first stop that loads until the last one that unloads took the goods over, or was left, or the end.
    """
    if trip.view is None or trip.view.over_ms is None:
        return None
    stops = trip.view.stops
    from_ms = next((stop.left_ms for stop in stops if stop.purpose == "load"), None)
    last = next((stop for stop in reversed(stops) if stop.purpose == "unload"), None)
    if from_ms is None or last is None or last.arrived_ms is None:
        return None
    return from_ms, max(last.accepted_ms or last.left_ms or trip.view.over_ms, from_ms)


@dataclass(frozen=True, slots=True)
class Load:
    """Raw milk that one stop loaded, on its way to the plant.

    Attributes:
        tonnes: planned; None: nobody said, or in a unit that is no weight.
        loaded_ms: when the vehicle left the stop; ``unloaded_ms``: when the plant took it over, or it left, or ended.
        way_m: from there to the plant, as driven or as shared out (`loads_of`); None: not known.
    """

    trip: str
    vehicle: str
    station: str
    plant: str
    tonnes: float | None
    loaded_ms: int
    unloaded_ms: int
    way_m: float | None

    @property
    def hours(self) -> float:
        """From the stop to the end of unloading."""
        return (self.unloaded_ms - self.loaded_ms) / HOUR_MS


def loads_of(trip: KnownTrip, place_of: PlaceOf) -> Iterator[Load]:
    """Yield the loads of a raw-milk trip that were delivered.

    The way of each is that of the driven track from where it was loaded to the plant. Of a trip without one, or with a
    stop that no position says anything of, the whole way is shared among the stops as great circles between them are.
    """
    if trip.plan.kind != "raw-milk" or trip.view is None:
        return
    unloads = [number for number, stop in enumerate(trip.plan.stops) if stop.purpose == "unload"]
    if not unloads:
        return
    plant = unloads[-1]
    at_plant = trip.view.stops[plant]
    taken_ms = at_plant.accepted_ms or at_plant.left_ms or trip.view.over_ms
    if at_plant.arrived_ms is None or taken_ms is None:
        return
    ahead = _ahead([place_of(stop.site) for stop in trip.plan.stops[: plant + 1]])
    whole_m = trip.view.driven_m or trip.view.planned_m
    for number, stop in enumerate(trip.plan.stops[:plant]):
        left_ms = trip.view.stops[number].left_ms
        if stop.purpose != "load" or left_ms is None:
            continue
        seen_m = trip.view.stops[number].reached_m
        share = 1.0 if number == 0 else None if ahead is None or not ahead[0] else ahead[number] / ahead[0]
        way_m = None if whole_m is None or share is None else whole_m * share
        if seen_m is not None and at_plant.reached_m is not None:
            way_m = max(at_plant.reached_m - seen_m, 0.0)
        yield Load(
            trip.plan.id,
            trip.legs[-1][0],
            stop.site,
            trip.plan.stops[plant].site,
            None if stop.quantity is None else _tonnes(stop.quantity, stop.unit),
            left_ms,
            max(taken_ms, left_ms),
            way_m,
        )


def _ahead(places: Sequence[Place | None]) -> list[float] | None:
    """Return the way over the following stops to the last one, m; None where a place is unknown."""
    ahead = [0.0]
    for here, there in zip(reversed(places[:-1]), reversed(places[1:]), strict=True):
        if here is None or there is None:
            return None
        ahead.append(ahead[-1] + float(distance_m(*here, *there)))
    return ahead[::-1]


def _tonnes(quantity: float, unit: str) -> float | None:
    factor = TONNES.get(unit.strip().lower())
    return None if factor is None else quantity * factor


@dataclass(frozen=True, slots=True)
class MilkWay:
    """Loads of one station, or to one plant, in a month.

    Attributes:
        tonnes: of loads whose weight is known; ``unweighed``: how many others there are.
        km, hours: weighted by tonnes; None: no load has both.
    """

    site: str
    loads: int
    tonnes: float
    unweighed: int
    km: float | None
    hours: float | None


def milk_ways(loads: Iterable[Load], site_of: Callable[[Load], str]) -> list[MilkWay]:
    """Return the ways of milk by station or by plant."""
    found = []
    for site, own in groupby(sorted(loads, key=site_of), key=site_of):
        some = list(own)
        weighed = [(load.tonnes, load) for load in some if load.tonnes]
        ways = [(tonnes, load.way_m / 1000) for tonnes, load in weighed if load.way_m is not None]
        found.append(
            MilkWay(
                site,
                len(some),
                sum(tonnes for tonnes, _ in weighed),
                len(some) - len(weighed),
                _mean(ways),
                _mean([(tonnes, load.hours) for tonnes, load in weighed]),
            )
        )
    return found


def longest(loads: Iterable[Load], most: int = LONGEST) -> list[Load]:
    """Return the loads that were on the way for longest."""
    return sorted(loads, key=lambda load: (-load.hours, load.trip, load.station))[:most]


def hours_of(trip: KnownTrip) -> float:
    """Return how long a trip took from its start to its end, h; 0 while one of them is not known."""
    if trip.view is None or trip.view.started_ms is None or trip.view.over_ms is None:
        return 0.0
    return (trip.view.over_ms - trip.view.started_ms) / HOUR_MS


def longest_trips(trips: Iterable[KnownTrip], most: int = LONGEST) -> list[KnownTrip]:
    """Return the trips that took longest, of those that are over."""
    over = [trip for trip in trips if hours_of(trip) > 0]
    return sorted(over, key=lambda trip: (-hours_of(trip), trip.plan.id))[:most]


def _mean(weighted: Sequence[tuple[float, float]]) -> float | None:
    weight = sum(each for each, _ in weighted)
    return sum(each * value for each, value in weighted) / weight if weight else None
