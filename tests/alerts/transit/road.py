"""A road that runs straight north, and a tanker on it: a fix a minute, as said by a list of (km/h, minutes)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from alerts.transit.ageing import NO_GOODS, Goods
from alerts.transit.track import Track
from alerts.transit.trips import Heard, Judged, judged
from coldchain.custody import Trip, TripMoment, TripStop
from coldchain.geo import EARTH_M
from coldchain.profiles import builtin
from coldchain.registry import Fence

T0 = 1_795_000_000_000
MINUTE_MS = 60_000
SOUTH = 31.0
EAST = 121.0
STATION, PLANT = "station", "plant"
KM = 60.0
"""From the station to the plant; planned at 60 km/h."""


def north_deg(km: float) -> float:
    """Return the latitude so many km up the road."""
    return SOUTH + float(np.degrees(km * 1000 / EARTH_M))


def at(minute: float) -> int:
    """Return a moment, ms; 0: the planned departure."""
    return T0 + round(minute * MINUTE_MS)


PLACES = {STATION: (SOUTH, EAST), PLANT: (north_deg(KM), EAST)}
FENCES = {site: Fence(site, 0, *place, 300.0, coordinates="WGS-84") for site, place in PLACES.items()}

TRIP = Trip(
    "t-1",
    "raw-milk",
    "tanker-1",
    (
        TripStop(STATION, "load", arrives_ms=at(-30), leaves_ms=at(0)),
        TripStop(PLANT, "unload", arrives_ms=at(60), window_from_ms=at(30), window_to_ms=at(90)),
    ),
    distance_m=KM * 1000,
)

ON_TIME = ((0, 30), (60, 60), (0, 30))
"""km/h and minutes, from half an hour before the planned departure on."""


def track(legs: Sequence[tuple[float, float]], lost: Sequence[tuple[float, float]] = ()) -> Track:
    """Return the fixes of a drive.

    Args:
        legs: (km/h, minutes), one after another, from minute -30 on.
        lost: [from, to) in minutes of which no fix is known.
    """
    speed = np.repeat([kmh for kmh, _ in legs], [round(minutes) for _, minutes in legs]) / 3.6
    far_m = np.concatenate([[0.0], np.cumsum(speed * 60)])[:-1]
    minute = np.arange(len(speed)) - 30.0
    known = np.ones(len(minute), bool)
    for begin, end in lost:
        known &= ~((minute >= begin) & (minute < end))
    latitude = SOUTH + np.degrees(far_m / EARTH_M)
    t = np.array([at(one) for one in minute], np.int64)
    return Track(t[known], latitude[known], np.full(int(known.sum()), EAST), speed[known], MINUTE_MS)


def milk(celsius: Sequence[float]) -> Goods:
    """Return a probe in the milk, one value a minute from minute -30 on."""
    return Goods(np.array([at(minute - 30) for minute in range(len(celsius))], np.int64), np.array(celsius), MINUTE_MS)


def heard(
    fixes: Track, *, goods: Goods = NO_GOODS, moments: Sequence[TripMoment] = (), milked_ms: int | None = None
) -> Heard:
    """Return what is known, up to the newest of it."""
    newest_ms = max([int(fixes.t[-1]) if len(fixes) else 0, int(goods.t[-1]) if len(goods.t) else 0])
    return Heard(fixes, FENCES, PLACES, moments, goods, milked_ms, newest_ms)


def gone(legs: Sequence[tuple[float, float]], trip: Trip = TRIP, **more: object) -> Judged:
    """Return a trip judged after a drive; ``more``: of `heard`, and ``lost`` of `track`."""
    fixes = track(legs, more.pop("lost", ()))  # type: ignore[arg-type]
    return judged(trip, heard(fixes, **more), builtin().trips[trip.kind])  # type: ignore[arg-type]


def told(found: Judged) -> list[tuple[str, float, float | None]]:
    """Return rule, minute of onset and of the end of each delay."""
    return [(one.rule, minute(one.onset_ms), minute(one.ended_ms)) for one in found.delays]


@overload
def minute(at_ms: int) -> float: ...
@overload
def minute(at_ms: None) -> None: ...
@overload
def minute(at_ms: int | None) -> float | None: ...
def minute(at_ms: int | None) -> float | None:
    """Return a moment as minutes after the planned departure."""
    return None if at_ms is None else (at_ms - T0) / MINUTE_MS
