"""Tracks for tests: a vehicle on a flat map in metres about one place, with the fixes that its terminal sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alerts.transit.track import Track
from coldchain.geo import Flat
from coldchain.registry import Fence
from coldchain.registry.fences import WGS84
from tests.support import T0

HERE = Flat(31.2, 121.4)
STEP_S = 30
SILENT = float("nan")


@dataclass(frozen=True, slots=True)
class At:
    """A fix: seconds from `T0`, metres east and north of `HERE`, km/h (`SILENT`: the terminal does not say)."""

    s: float
    east: float
    north: float = 0.0
    kmh: float = SILENT


def track_of(fixes: Sequence[At], interval_s: int = STEP_S) -> Track:
    latitude, longitude = HERE.place([fix.east for fix in fixes], [fix.north for fix in fixes])
    return Track(
        np.array([T0 + round(fix.s * 1000) for fix in fixes], np.int64),
        latitude,
        longitude,
        np.array([fix.kmh / 3.6 for fix in fixes], np.float64),
        interval_s * 1000,
    )


def fixes(start_s: float, places: Sequence[float], kmh: float = SILENT, step_s: float = STEP_S) -> list[At]:
    """Return one fix a step, each so many metres east."""
    return [At(start_s + step_s * number, east, kmh=kmh) for number, east in enumerate(places)]


def circle(site: str, east: float, radius_m: float, north: float = 0.0) -> Fence:
    latitude, longitude = HERE.place(east, north)
    return Fence(site, 0, float(latitude), float(longitude), radius_m, coordinates=WGS84)


def polygon(site: str, corners: Sequence[tuple[float, float]]) -> Fence:
    """Return an area whose corners are (east, north) metres."""
    places = (HERE.place(east, north) for east, north in corners)
    return Fence(site, 0, polygon=tuple((float(a), float(b)) for a, b in places), coordinates=WGS84)


def s_of(at_ms: int | None) -> float | None:
    """Return seconds from `T0`."""
    return None if at_ms is None else (at_ms - T0) / 1000
