"""Coordinate systems of Chinese maps: GCJ-02 and BD-09 to WGS-84 and back.

Positioning receivers say WGS-84. Maps of mainland China must show GCJ-02, which shifts every place by 50 to 700 m;
Baidu shifts once more (BD-09). The formulas of both were never published officially; these are the ones that all open
converters share. They go from WGS-84 to the map; the way back is found by iteration, exact to less than a millimetre.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
"""(latitude, longitude), degrees."""

AXIS_M = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
"""Krasovsky 1940, the ellipsoid that GCJ-02 is said in."""

SOUTH, NORTH, WEST, EAST = 0.8293, 55.8271, 72.004, 137.8347
"""Where maps shift, as all open converters have it: a rectangle around the country, because no border is drawn here.
Beyond it GCJ-02 maps show WGS-84, and so does Baidu ("海外地区统一使用 WGS84 坐标", its developers' guide)."""

BAIDU_TURN = np.pi * 3000.0 / 180.0

ROUNDS = 7
"""Each round of the way back leaves at most a fortieth of the error, because the shifts change by 2 cm a metre: 1.5 km
become less than the rounding, 10 nm (measured at 200,000 places)."""


def to_wgs84(latitude: ArrayLike, longitude: ArrayLike, system: str) -> Pair:
    """Return the WGS-84 coordinates of places.

    Args:
        latitude, longitude: shape (n,) or numbers, degrees, in ``system``.
        system: one of `SYSTEMS`.

    Raises:
        ValueError: an unknown system.

    Source:
        Algorithms of GCJ-02 and BD-09 as in the open converters (eviltransform, coordtransform, gcoord), whose test
        values are ours.

    >>> [round(float(degrees), 6) for degrees in to_wgs84(31.17530398364597, 121.531541859215, "GCJ-02")]
    [31.177428, 121.527211]
    """
    shown = _pair(latitude, longitude)
    shift = _shift(system)
    if shift is None:
        return shown
    here = _shifts(shown)
    latitude, longitude = np.where(here, shown[0], 35.0), np.where(here, shown[1], 105.0)
    found = latitude, longitude
    for _ in range(ROUNDS):
        said = shift(*found)
        found = found[0] + latitude - said[0], found[1] + longitude - said[1]
    return np.where(here, found[0], shown[0]), np.where(here, found[1], shown[1])


def from_wgs84(latitude: ArrayLike, longitude: ArrayLike, system: str) -> Pair:
    """Return the coordinates that a map shows for WGS-84 places; see `to_wgs84`.

    Raises:
        ValueError: an unknown system.

    >>> [round(float(degrees), 6) for degrees in from_wgs84(31.1774276, 121.5272106, "GCJ-02")]
    [31.175304, 121.531542]
    """
    places = _pair(latitude, longitude)
    shift = _shift(system)
    if shift is None:
        return places
    here = _shifts(places)
    shown = shift(places[0], places[1])
    return np.where(here, shown[0], places[0]), np.where(here, shown[1], places[1])


def _pair(latitude: ArrayLike, longitude: ArrayLike) -> Pair:
    return np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)


def _shift(system: str) -> Callable[[Floats, Floats], Pair] | None:
    if system not in SYSTEMS:
        raise ValueError(f"{system!r} is no coordinate system: one of {', '.join(SYSTEMS)} was expected")
    return SYSTEMS[system]


def _shifts(places: Pair) -> NDArray[np.bool_]:
    latitude, longitude = places
    inside: NDArray[np.bool_] = (latitude >= SOUTH) & (latitude <= NORTH) & (longitude >= WEST) & (longitude <= EAST)
    return inside


def _gcj02(latitude: Floats, longitude: Floats) -> Pair:
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + 2.0 / 3.0 * (
        waves
        + 20.0 * np.sin(np.pi * y)
        + 40.0 * np.sin(np.pi * y / 3.0)
        + 160.0 * np.sin(np.pi * y / 12.0)
        + 320.0 * np.sin(np.pi * y / 30.0)
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + 2.0 / 3.0 * (
        waves
        + 20.0 * np.sin(np.pi * x)
        + 40.0 * np.sin(np.pi * x / 3.0)
        + 150.0 * np.sin(np.pi * x / 12.0)
        + 300.0 * np.sin(np.pi * x / 30.0)
    )
    radians = np.radians(latitude)
    flat = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / flat**1.5
    parallel_m = AXIS_M / np.sqrt(flat) * np.cos(radians)
    return latitude + np.degrees(north / meridian_m), longitude + np.degrees(east / parallel_m)


def _bd09(latitude: Floats, longitude: Floats) -> Pair:
    y, x = _gcj02(latitude, longitude)
    length = np.hypot(x, y) + 0.00002 * np.sin(BAIDU_TURN * y)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(BAIDU_TURN * x)
    return length * np.sin(angle) + 0.006, length * np.cos(angle) + 0.0065


SYSTEMS: Mapping[str, Callable[[Floats, Floats], Pair] | None] = {"WGS-84": None, "GCJ-02": _gcj02, "BD-09": _bd09}
"""System → how its map shifts a WGS-84 place of mainland China; None: not at all."""
