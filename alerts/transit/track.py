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
        end = int(np.searchsorted(self.t, at_ms, side="right"))
        return Track(self.t[:end], self.latitude[:end], self.longitude[:end], self.speed[:end], self.interval_ms)
