"""`/api/v1/trips/{trip}/track`: where a trip went, from its vehicles' receivers, and which probes rode along.

Nothing of before its start and behind its end: what a driver does then is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray

from alerts.transit.reader import KnownTrip
from coldchain.clock import rfc3339
from coldchain.registry import Point
from coldchain.series.holes import HOLE_INTERVALS
from dashboards import trip_models as models
from dashboards.api import MAX_LIMIT
from dashboards.reading import spans_at
from dashboards.sources import Sources
from dashboards.trips import known_trip

BEFORE_MS = 3_600_000
"""A trip that nobody saw leave yet is shown from so long before its planned start."""

AFTER_MS = 24 * 3_600_000
"""One of which no end is known, until so long behind its planned end."""

Leg = tuple[str, int, int]
"""Vehicle, and [from, to) in measured ms."""

Floats = NDArray[np.float64]


def router(sources: Sources) -> APIRouter:
    """Return the address over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/trips/{trip}/track")
    def track(
        trip: str, fixes: Annotated[int, Query(ge=2, le=MAX_LIMIT, description="at most this many")] = 1000
    ) -> models.TripTrack:
        """Where a trip went, thinned evenly, and the probes that measured temperatures on it."""
        known = known_trip(sources, trip)
        from_ms, to_ms = _span(known, sources.clock.now_ms())
        legs = list(_legs(known, from_ms, to_ms))
        found = [fix for leg in legs for fix in _fixes(sources, leg)]
        return models.TripTrack(
            trip=trip,
            from_=rfc3339(from_ms),
            to=rfc3339(to_ms),
            items=_thinned(found, fixes),
            points=[point for leg in legs for point in _probes(sources, leg)],
            demo=sources.demo,
        )

    return api


def _span(known: KnownTrip, now_ms: int) -> tuple[int, int]:
    started = known.view.started_ms if known.view else None
    over = known.view.over_ms if known.view else None
    from_ms = known.begins_ms - BEFORE_MS if started is None else started
    to_ms = min(known.ends_ms + AFTER_MS, now_ms) if over is None else over
    return from_ms, max(from_ms, to_ms)


def _legs(known: KnownTrip, from_ms: int, to_ms: int) -> Iterator[Leg]:
    ends = [begin for _, begin in known.legs[1:]]
    for (vehicle, begin), end in zip(known.legs, [*ends, None], strict=True):
        first = from_ms if begin is None else max(begin, from_ms)
        last = to_ms if end is None else min(end, to_ms)
        if first < last:
            yield vehicle, first, last


def _points(sources: Sources, leg: Leg) -> Iterator[Point]:
    """Yield the points of everything that stood on a leg's vehicle."""
    registry = sources.registry()
    vehicle, from_ms, to_ms = leg
    assets = {asset for asset, begin, end in registry.stays_at(vehicle) if begin < to_ms and end > from_ms}
    for asset in sorted(assets):
        yield from registry.points_of(asset)


def _fixes(sources: Sources, leg: Leg) -> list[tuple[int, float, float, bool]]:
    """Return (measured ms, latitude, longitude, nothing was known before it) of a leg's first receiver."""
    said: dict[str, dict[str, Point]] = {}
    for point in _points(sources, leg):
        if point.quantity in ("latitude", "longitude"):
            said.setdefault(point.asset, {})[point.quantity] = point
    for receiver in said.values():
        if len(receiver) < 2:
            continue
        t, north = _values(sources, receiver["latitude"], leg)
        other, east = _values(sources, receiver["longitude"], leg)
        both, rows, others = np.intersect1d(t, other, return_indices=True)
        if len(both):
            longest_ms = HOLE_INTERVALS * 1000 * receiver["latitude"].interval_s
            gaps = np.diff(both, prepend=both[0]) > longest_ms
            places = zip(north[rows].tolist(), east[others].tolist(), gaps.tolist(), strict=True)
            return [(at_ms, *place) for at_ms, place in zip(both.tolist(), places, strict=True)]
    return []


def _values(sources: Sources, point: Point, leg: Leg) -> tuple[NDArray[np.int64], Floats]:
    _, from_ms, to_ms = leg
    window = sources.series.window(spans_at(sources.registry(), point.id, None, from_ms, to_ms), from_ms, to_ms)
    sound = np.isfinite(window.value)
    return window.measured_at_ms[sound], window.value[sound]


def _thinned(found: list[tuple[int, float, float, bool]], most: int) -> list[models.TripFix]:
    """Return at most so many fixes, the first and the last one among them; what lay in a left-out one's gap is kept."""
    gaps = np.cumsum([fix[3] for fix in found])
    rows: list[int] = sorted(set(np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int).tolist()))
    return [
        models.TripFix(
            at=rfc3339(found[row][0]),
            latitude=found[row][1],
            longitude=found[row][2],
            gap=bool(place and gaps[row] > gaps[rows[place - 1]]),
        )
        for place, row in enumerate(rows)
    ]


def _probes(sources: Sources, leg: Leg) -> Iterator[models.TripPoint]:
    _, from_ms, to_ms = leg
    for point in _points(sources, leg):
        if point.quantity == "temperature":
            yield models.TripPoint(
                point=point.id, position=point.position, asset=point.asset, from_=rfc3339(from_ms), to=rfc3339(to_ms)
            )
