"""What a trip's plan says in numbers: legs, times on them, when each stop is missed, and how far is left from a place.

A leg is the way to a stop from the one before. Its length is the planned way's, or the great circle's times what the
planned distance makes of it, or times the usual road factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coldchain.custody import Trip
from coldchain.geo import along, distance_m
from coldchain.profiles import TripRules

Floats = NDArray[np.float64]
Place = tuple[float, float]
"""Latitude and longitude, degrees, WGS-84."""

LARGEST_FACTOR = 4.0
"""What a planned distance may make of great circles before it is taken for a mistake."""

USUAL_M_PER_S = {"raw-milk": 50 / 3.6, "distribution": 25 / 3.6}
"""Mean speed on the way where no times are planned; assumed."""

SERVICE_S = {"load": 1200.0, "unload": 900.0, "return": 0.0}
"""How long a stop takes where the plan does not say; assumed."""

NEAR_M = 4000.0
NEAR_M_PER_S = 30 / 3.6
"""Within so far of a stop a truck drives through streets, so fast: the open road between is the faster for it.
Assumed."""

DENSE_M = 40.0
PASS_M, MOST_PASSES = 80.0, 6
OFF_M, LENGTH_SPREAD = 50.0, 0.4
"""To cut a planned way at its stops: where it is looked at, what is a pass of a stop, and how far a stop may lie off
the way, and a leg's length off what its planned time makes of it. Assumed."""

MINUTE_MS = 60_000

NO_SECTION: Floats = np.empty((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """The way to a stop.

    Attributes:
        length_m: None where a place is unknown and no route is planned.
        planned_s: time on it, as planned or as usual.
        section: its part of the planned way, shape (n, 2): latitude, longitude; (0, 2) without one.
    """

    length_m: float | None
    planned_s: float
    factor: float
    section: Floats

    def usual_s(self, left_m: ArrayLike) -> Floats:
        """Return the planned time for the last so many metres of the leg, shape of ``left_m``, s.

        More than the leg's length is driven as fast as the leg in the mean.
        """
        left = np.asarray(left_m, np.float64)
        if not self.length_m:
            return np.full(left.shape, self.planned_s)
        near_m = min(NEAR_M, self.length_m / 2)
        near_s = min(near_m / NEAR_M_PER_S, 0.45 * self.planned_s)
        middle_m, middle_s = self.length_m - 2 * near_m, self.planned_s - 2 * near_s
        known = np.interp(
            left,
            [0.0, near_m, near_m + middle_m, self.length_m],
            [0.0, near_s, near_s + middle_s, self.planned_s],
        )
        return np.asarray(known + np.maximum(left - self.length_m, 0.0) * self.planned_s / self.length_m)


@dataclass(frozen=True, slots=True, eq=False)
class Itinerary:
    """A plan in numbers; lists are by stop, the first stop's leg is None.

    Attributes:
        due_ms: after this the stop is missed; None: nobody said when.
        service_s: how long it stays there.
        begins_ms: when it is planned to leave; None: nobody said.
    """

    trip: Trip
    places: tuple[Place | None, ...]
    legs: tuple[Leg | None, ...]
    due_ms: tuple[int | None, ...]
    service_s: tuple[float, ...]
    begins_ms: int | None

    @property
    def length_m(self) -> float | None:
        """The planned way, m; None where a part of it is unknown."""
        if self.trip.distance_m is not None:
            return self.trip.distance_m
        lengths = [leg.length_m for leg in self.legs if leg is not None]
        known = [length for length in lengths if length is not None]
        return sum(known) if known and len(known) == len(lengths) else None

    def left_m(self, stop: int, latitude: ArrayLike, longitude: ArrayLike, off_route_m: float) -> tuple[Floats, Floats]:
        """Return how far it is to a stop from places on the leg to it, and how far they lie off the planned way, m.

        Args:
            latitude, longitude: shape (n,).
            off_route_m: farther off than that it drives to the stop its own way.

        Returns:
            Way left, NaN where it cannot be said; distance off the way, NaN without a planned way.
        """
        latitude, longitude = np.atleast_1d(np.asarray(latitude)), np.atleast_1d(np.asarray(longitude))
        nothing = np.full(len(latitude), np.nan)
        leg, place = self.legs[stop], self.places[stop]
        if leg is None or (place is None and not len(leg.section)):
            return nothing, nothing
        target = (float(leg.section[-1, 0]), float(leg.section[-1, 1])) if place is None else place
        straight = distance_m(latitude, longitude, *target) * leg.factor
        if not len(leg.section) or leg.length_m is None:
            return straight, nothing
        off, far = along(latitude, longitude, leg.section)
        on_way = np.maximum(leg.length_m - far, 0.0) + off
        return np.where(off <= off_route_m, on_way, straight), off


def itinerary_of(trip: Trip, places: Mapping[str, Place | None], rules: TripRules) -> Itinerary:
    """Return a plan in numbers.

    Args:
        places: site → where it is; None or missing for a site without coordinates.
    """
    where = tuple(places.get(stop.site) for stop in trip.stops)
    sections = _sections(trip, where)
    circles = [
        None if here is None or there is None else float(distance_m(*here, *there)) for here, there in pairwise(where)
    ]
    factor = _factor(trip.distance_m, circles, rules.road_factor.value / 100)
    legs: list[Leg | None] = [None]
    for stop, (circle, section) in enumerate(zip(circles, sections, strict=True), start=1):
        length = _length(section) if len(section) else None if circle is None else circle * factor
        own = factor if not (len(section) and circle and length) else min(max(length / circle, 1.0), LARGEST_FACTOR)
        legs.append(Leg(length, _planned_s(trip, stop, length), own, section))
    first = trip.stops[0]
    begins = first.leaves_ms if first.leaves_ms is not None else first.arrives_ms
    return Itinerary(
        trip,
        where,
        tuple(legs),
        tuple(_due_ms(trip, stop, rules, begins) for stop in range(len(trip.stops))),
        tuple(_service_s(trip, stop) for stop in range(len(trip.stops))),
        begins,
    )


def _sections(trip: Trip, where: Sequence[Place | None]) -> list[Floats]:
    """Cut the planned way where it passes the stops, in their order; empty where that cannot be said.

    A way passes a place twice where it goes out and home again: of the cuts near the stops those are taken that make
    the legs as long as their planned times, and lie nearest.
    """
    none = [NO_SECTION] * (len(where) - 1)
    if len(trip.route) < 2 or any(place is None for place in where):
        return none
    way, along_m = _dense(trip.route)
    total_s = sum(_planned_s(trip, stop, None) for stop in range(1, len(where)))
    m_per_s = float(along_m[-1]) / total_s if total_s else 0.0
    best: list[tuple[float, int, int]] = [(0.0, 0, -1)]  # cost, place on the way, place in the list before
    lists = [best]
    for stop, place in enumerate(where[1:], start=1):
        assert place is not None
        wanted_m = _planned_s(trip, stop, None) * m_per_s
        last = stop == len(where) - 1
        cuts = [len(way) - 1] if last else _passes(way, place)
        off_m = distance_m(way[cuts, 0], way[cuts, 1], *place)
        following = []
        for cut, off in zip(cuts, off_m.tolist(), strict=True):
            costs = [
                (cost + _cost(float(along_m[cut] - along_m[before]), wanted_m) + (off / OFF_M) ** 2, number)
                for number, (cost, before, _) in enumerate(best)
                if before <= cut
            ]
            if costs:
                cost, number = min(costs)
                following.append((cost, cut, number))
        if not following:
            return none
        best = following
        lists.append(best)
    number, ends = min(range(len(best)), key=lambda one: best[one][0]), []
    for candidates in reversed(lists):
        _, cut, number = candidates[number]
        ends.append(cut)
    ends.reverse()
    return [way[a : b + 1] if b > a else NO_SECTION for a, b in pairwise(ends)]


def _dense(route: Sequence[Place]) -> tuple[Floats, Floats]:
    """Return the way with a corner at least each `DENSE_M`, shape (n, 2), and how far along it each lies, m."""
    corners = np.array(route, np.float64)
    lengths = distance_m(corners[:-1, 0], corners[:-1, 1], corners[1:, 0], corners[1:, 1])
    far = np.concatenate([[0.0], np.cumsum(lengths)])
    between = np.arange(0.0, far[-1], DENSE_M)
    along_m = np.union1d(far, between)
    way = np.stack([np.interp(along_m, far, corners[:, 0]), np.interp(along_m, far, corners[:, 1])], axis=1)
    return way, along_m


def _passes(way: Floats, place: Place) -> list[int]:
    """Return where a way comes nearest to a place: each time it passes it, the `MOST_PASSES` nearest."""
    far = distance_m(way[:, 0], way[:, 1], *place)
    near = far <= far.min() + PASS_M
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
    passes = [a + int(far[a:b].argmin()) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
    return sorted(sorted(passes, key=lambda one: float(far[one]))[:MOST_PASSES])


def _cost(length_m: float, wanted_m: float) -> float:
    return ((length_m - wanted_m) / (LENGTH_SPREAD * wanted_m + OFF_M)) ** 2 if wanted_m else 0.0


def _length(corners: Floats) -> float:
    return float(distance_m(corners[:-1, 0], corners[:-1, 1], corners[1:, 0], corners[1:, 1]).sum())


def _factor(planned_m: float | None, circles: Sequence[float | None], usual: float) -> float:
    known = [circle for circle in circles if circle is not None]
    if planned_m is None or len(known) != len(circles) or not sum(known):
        return usual
    factor = planned_m / sum(known)
    return factor if 1.0 <= factor <= LARGEST_FACTOR else usual


def _planned_s(trip: Trip, stop: int, length_m: float | None) -> float:
    left, reached = trip.stops[stop - 1].leaves_ms, trip.stops[stop].arrives_ms
    if left is not None and reached is not None and reached > left:
        return (reached - left) / 1000
    return (length_m or 0.0) / USUAL_M_PER_S[trip.kind]


def _service_s(trip: Trip, stop: int) -> float:
    planned = trip.stops[stop]
    if planned.arrives_ms is not None and planned.leaves_ms is not None and planned.leaves_ms >= planned.arrives_ms:
        return (planned.leaves_ms - planned.arrives_ms) / 1000
    return SERVICE_S[planned.purpose]


def _due_ms(trip: Trip, stop: int, rules: TripRules, begins_ms: int | None) -> int | None:
    planned = trip.stops[stop]
    if stop == 0:
        return None
    if planned.window_to_ms is not None:
        return planned.window_to_ms
    if planned.arrives_ms is None:
        return None
    since_ms = 0 if begins_ms is None else planned.arrives_ms - begins_ms
    tolerance_ms = max(rules.late_tolerance.value * MINUTE_MS, rules.late_share.value / 100 * since_ms)
    return planned.arrives_ms + round(tolerance_ms)
