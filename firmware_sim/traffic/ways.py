"""A way on the ground: a bent line, cut into road sections of about a kilometre, each with its kind of road.

Metres count along the line from the start of the way. WGS-84 throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from firmware_sim.roads import EARTH_M

Array = NDArray[np.float64]
Place = tuple[float, float]
"""(latitude, longitude), degrees."""

VERTEX_M = 250.0
"""Distance of two vertices along the chord, at most: a bend of a road, not of a lane."""

BEND_M = 1_500.0
"""Half of the shortest bend that is drawn along a chord; assumed."""

SECTION_M = 1_000.0
"""Speeds are the same within a section."""

SHORTEST_CHORD_M = 30.0
"""Two places nearer than this are one place for a truck."""

_HALVINGS = 30


class RoadKind(IntEnum):
    """What people mean by a kind of road; the number is its column in `firmware_sim.traffic.usual`."""

    RURAL = 0
    HIGHWAY = 1
    URBAN = 2


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A line with its sections.

    Attributes:
        vertices_m: shape (v,), m along the line, growing from 0.
        latitude_deg, longitude_deg: shape (v,); of the vertices.
        borders_m: shape (k + 1,), m; the sections' borders, growing from 0 to the end of the line.
        kinds: shape (k,), `RoadKind` of each section.
    """

    vertices_m: Array
    latitude_deg: Array
    longitude_deg: Array
    borders_m: Array
    kinds: NDArray[np.int64]

    @property
    def length_m(self) -> float:
        """Return the length of the line."""
        return float(self.vertices_m[-1])

    def place(self, along_m: Array) -> tuple[Array, Array]:
        """Return latitudes and longitudes at some metres along the line; its ends beyond them."""
        return (
            np.interp(along_m, self.vertices_m, self.latitude_deg),
            np.interp(along_m, self.vertices_m, self.longitude_deg),
        )

    def kind_at(self, along_m: Array) -> NDArray[np.int64]:
        """Return the kind of road at some metres along the line."""
        section = np.searchsorted(self.borders_m, along_m, side="right") - 1
        return np.asarray(self.kinds[np.clip(section, 0, len(self.kinds) - 1)])

    def around(self, from_m: float, to_m: float, branch: Way) -> Way:
        """Return the way that leaves this one at a section's border and comes back to it at another, over a branch.

        Args:
            from_m, to_m: two of `borders_m`.
            branch: from the one to the other.
        """
        first, last = (int(np.searchsorted(self.borders_m, at - 0.5)) for at in (from_m, to_m))
        before, after = self._part(0, first), self._part(last, len(self.kinds))
        return joined([part for part in (before, branch, after) if part is not None])

    def _part(self, first: int, last: int) -> Way | None:
        """Return the sections [first, last) as a way of their own; None for none."""
        if first >= last:
            return None
        from_m, to_m = self.borders_m[first], self.borders_m[last]
        inside = (self.vertices_m > from_m) & (self.vertices_m < to_m)
        cuts = np.concatenate([[from_m], self.vertices_m[inside], [to_m]])
        latitude, longitude = self.place(cuts)
        return Way(
            cuts - from_m, latitude, longitude, self.borders_m[first : last + 1] - from_m, self.kinds[first:last]
        )


def distances_m(latitude_deg: Array, longitude_deg: Array) -> Array:
    """Return the great-circle distances of neighbours in a line of places, shape (n - 1,).

    >>> distances_m(np.array([31.0, 32.0]), np.array([121.0, 121.0])).round()
    array([111195.])
    """
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    up, over = np.diff(latitude), np.diff(longitude)
    half = np.sin(up / 2) ** 2 + np.cos(latitude[:-1]) * np.cos(latitude[1:]) * np.sin(over / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(half)))


def chord_m(here: Place, there: Place) -> float:
    """Return the great-circle distance of two places."""
    return float(distances_m(np.array([here[0], there[0]]), np.array([here[1], there[1]]))[0])


def shifted(place: Place, north_m: float, east_m: float) -> Place:
    """Return the place so far to the north and east of another."""
    up = np.degrees(north_m / EARTH_M)
    return float(place[0] + up), float(place[1] + np.degrees(east_m / EARTH_M) / np.cos(np.radians(place[0])))


def bent(here: Place, there: Place, ratio: float, drawn: np.random.Generator, bends: int | None = None) -> Way:
    """Return a bent line between two places as one way of rural road.

    Args:
        ratio: its length as a multiple of the great circle, > 1.
        bends: how many half waves are drawn over the chord at most; None for one each `BEND_M`.
    """
    chord = chord_m(here, there)
    if chord < SHORTEST_CHORD_M:
        there = shifted(here, SHORTEST_CHORD_M, 0.0)
        chord = SHORTEST_CHORD_M
    count = max(12, int(ratio * chord / VERTEX_M))
    waves = np.arange(1, (bends or max(3, int(chord / BEND_M))) + 1)
    share = np.linspace(0.0, 1.0, count + 1)
    aside = np.sin(np.pi * np.outer(share, waves)) @ (drawn.normal(size=len(waves)) / waves)
    if np.abs(aside).max() < 1e-3:
        aside = np.sin(np.pi * share)
    # A line is the longer the farther its bends go aside: halve until the length is the wanted one.
    low, high = 0.0, 100.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        length = np.hypot(1.0 / count, middle * np.diff(aside)).sum()
        low, high = (middle, high) if length < ratio else (low, middle)
    aside = aside * low
    up, over = there[0] - here[0], there[1] - here[1]
    narrow = np.cos(np.radians((here[0] + there[0]) / 2))
    latitude = here[0] + share * up + aside * over * narrow
    longitude = here[1] + share * over - aside * up / narrow
    vertices_m = np.concatenate([[0.0], np.cumsum(distances_m(latitude, longitude))])
    sections = max(1, round(float(vertices_m[-1]) / SECTION_M))
    borders_m = np.linspace(0.0, vertices_m[-1], sections + 1)
    return Way(vertices_m, latitude, longitude, borders_m, np.full(sections, RoadKind.RURAL, np.int64))


def joined(ways: Sequence[Way]) -> Way:
    """Return ways one behind the other; each begins where the one before ends."""
    starts_m = np.concatenate([[0.0], np.cumsum([way.length_m for way in ways])])
    rows = list(zip(ways, starts_m, strict=False))
    return Way(
        np.concatenate([[0.0], *(way.vertices_m[1:] + start for way, start in rows)]),
        np.concatenate([ways[0].latitude_deg[:1], *(way.latitude_deg[1:] for way in ways)]),
        np.concatenate([ways[0].longitude_deg[:1], *(way.longitude_deg[1:] for way in ways)]),
        np.concatenate([[0.0], *(way.borders_m[1:] + start for way, start in rows)]),
        np.concatenate([way.kinds for way in ways]),
    )
