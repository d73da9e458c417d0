"""Planned ways as maps and dispatch systems write them, as WGS-84 places.

::

    GeoJSON LineString         longitude first (RFC 7946) ─┐
    encoded polyline           latitude first ─────────────┼──▶ in the system that is named ──▶ WGS-84, once
    latitude,longitude; …      as in a list of corners ────┘
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from coldchain.geo import to_wgs84
from coldchain.registry.cells import Wrong
from coldchain.registry.forms import Corners

Way = tuple[tuple[float, float], ...]
"""(latitude, longitude) of each corner, degrees."""

MOST_CORNERS = 20_000
"""Of one way; a day's trip drawn every 50 m."""

PRECISION = 1e5
"""Steps a degree of an encoded polyline."""

_PAIRS = re.compile(r"[-+0-9.eE\s,;，；]+\Z")
_EXPECTED = (
    "路线应为 GeoJSON LineString、编码折线(encoded polyline)或“纬度,经度;纬度,经度;…”",
    "a route is a GeoJSON LineString, an encoded polyline, or latitude,longitude; latitude,longitude; …",
)


def read_way(text: str, system: str) -> Way:
    """Return a planned way in WGS-84, rounded to a decimetre.

    Args:
        system: in which its coordinates are, one of `coldchain.geo.SYSTEMS`.

    Raises:
        Wrong: it is no way, has fewer than two corners or more than `MOST_CORNERS`, or lies nowhere on Earth.

    Source:
        Encoded polyline: Google Maps Platform, "Encoded Polyline Algorithm Format", whose example is this one.

    >>> read_way("_p~iF~ps|U_ulLnnqC_mqNvxq`@", "WGS-84")
    ((38.5, -120.2), (40.7, -120.95), (43.252, -126.453))
    """
    corners = _corners(text.strip())
    if not 2 <= len(corners) <= MOST_CORNERS:
        raise Wrong(
            f"路线有 {len(corners)} 个点,应为 2 至 {MOST_CORNERS} 个",
            f"a route of {len(corners)} places; 2 to {MOST_CORNERS} expected",
        )
    return converted(tuple(corners), system)


def converted(way: Way, system: str) -> Way:
    """Return a way in WGS-84, rounded to a decimetre."""
    if system == "WGS-84":
        return way
    latitude, longitude = to_wgs84([corner[0] for corner in way], [corner[1] for corner in way], system)
    return tuple(zip(np.round(latitude, 6).tolist(), np.round(longitude, 6).tolist(), strict=True))


def _corners(text: str) -> list[tuple[float, float]]:
    if _PAIRS.match(text):
        return _placed(Corners().read(text))
    try:
        said = json.loads(text)
    except ValueError:
        return _placed(list(_decoded(text)))
    return _placed([(place[1], place[0]) for place in _line(said)])


def _line(said: Any) -> list[Any]:
    """Return the places of a GeoJSON line, alone or in a feature."""
    while isinstance(said, dict) and said.get("type") in ("Feature", "FeatureCollection"):
        features = said.get("features")
        said = said.get("geometry") if said["type"] == "Feature" else features[0] if features else None
    places = said.get("coordinates") if isinstance(said, dict) and said.get("type") == "LineString" else None
    if not isinstance(places, list) or not all(isinstance(place, list) and len(place) >= 2 for place in places):
        raise Wrong(*_EXPECTED)
    return places


def _decoded(text: str) -> Iterator[tuple[float, float]]:
    numbers = list(_numbers(text))
    if len(numbers) % 2:
        raise Wrong(*_EXPECTED)
    latitude = longitude = 0
    for north, east in zip(numbers[::2], numbers[1::2], strict=True):
        latitude, longitude = latitude + north, longitude + east
        yield latitude / PRECISION, longitude / PRECISION


def _numbers(text: str) -> Iterator[int]:
    number = shift = 0
    for sign in text:
        bits = ord(sign) - 63
        if not 0 <= bits < 64:
            raise Wrong(*_EXPECTED)
        number |= (bits & 31) << shift
        shift += 5
        if bits < 32:
            yield ~(number >> 1) if number & 1 else number >> 1
            number = shift = 0
    if shift:
        raise Wrong(*_EXPECTED)


def _placed(corners: Any) -> list[tuple[float, float]]:
    """Return corners that lie on Earth."""
    checked = Corners().read(list(corners))
    assert isinstance(checked, tuple)
    return list(checked)
