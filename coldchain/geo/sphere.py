"""Distances on Earth, and a flat map about a place. A sphere: within 0.5 % of the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""


def distance_m(latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike) -> Floats:
    """Return distances along great circles, m.

    Args:
        latitude, longitude: shape (n,) or numbers, degrees; ``to_latitude``, ``to_longitude`` likewise.

    >>> round(float(distance_m(31.0, 121.0, 32.0, 121.0)))
    111195
    """
    south, north = np.radians(latitude), np.radians(to_latitude)
    over = np.radians(np.subtract(to_longitude, longitude))
    half = np.sin((north - south) / 2) ** 2 + np.cos(south) * np.cos(north) * np.sin(over / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


@dataclass(frozen=True, slots=True)
class Flat:
    """East and north of a place, m: true distance and direction from it (azimuthal equidistant).

    Between two other places 50 km away distances are true to 1 in 100,000 (0.5 m).

    Attributes:
        latitude, longitude: of the place, degrees.
    """

    latitude: float
    longitude: float

    def east_north_m(self, latitude: ArrayLike, longitude: ArrayLike) -> tuple[Floats, Floats]:
        """Return how far east and how far north of the place others lie, m."""
        here, there = np.radians(self.latitude), np.radians(latitude)
        over = np.radians(np.subtract(longitude, self.longitude))
        east = np.cos(there) * np.sin(over)
        # sin(there - here) and a small rest: the plain form loses the last metres to rounding
        north = np.sin(there - here) + 2 * np.sin(here) * np.cos(there) * np.sin(over / 2) ** 2
        chord = np.hypot(east, north)
        ahead = np.sin(here) * np.sin(there) + np.cos(here) * np.cos(there) * np.cos(over)
        angle = np.arctan2(chord, ahead)
        stretch = EARTH_M * np.where(chord > 0, angle / np.where(chord > 0, chord, 1.0), 1.0)
        return np.asarray(stretch * east), np.asarray(stretch * north)

    def place(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return (latitude, longitude) of what lies so far east and north of the place, degrees."""
        length = np.hypot(east_m, north_m)
        angle, direction = length / EARTH_M, np.arctan2(east_m, north_m)
        here = np.radians(self.latitude)
        sine = np.sin(here) * np.cos(angle) + np.cos(here) * np.sin(angle) * np.cos(direction)
        over = np.arctan2(
            np.sin(direction) * np.sin(angle) * np.cos(here), np.cos(angle) - np.sin(here) * sine
        )  # fmt: skip
        return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), self.longitude + np.degrees(over)
