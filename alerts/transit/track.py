"""Where a vehicle said it was: fixes in measured order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes of one vehicle, one a moment; between two of them nothing is known.

    Attributes:
        t: shape (n,), measured ms, rising.
        latitude, longitude: shape (n,), degrees, WGS-84.
        speed: shape (n,), m/s; NaN where the terminal did not say.
        interval_ms: expected time between two fixes; more than two of them without one is a hole.
    """

    t: NDArray[np.int64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    speed: NDArray[np.float64]
    interval_ms: int

    def __len__(self) -> int:
        return len(self.t)

    def upto(self, at_ms: int) -> Track:
        """Return the fixes up to a moment, included."""
        return self.before(int(np.searchsorted(self.t, at_ms, side="right")))

    def before(self, place: int) -> Track:
        """Return the fixes before a place in it."""
        return Track(
            self.t[:place], self.latitude[:place], self.longitude[:place], self.speed[:place], self.interval_ms
        )

    def begins_with(self, other: Track) -> bool:
        """Say whether its first fixes are another track's."""
        first = self.before(len(other))
        return (
            np.array_equal(first.t, other.t)
            and np.array_equal(first.latitude, other.latitude)
            and np.array_equal(first.longitude, other.longitude)
            and np.array_equal(first.speed, other.speed, equal_nan=True)
        )


NO_FIXES = Track(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0), 60_000)
