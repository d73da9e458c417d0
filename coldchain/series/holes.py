"""Where a history has a hole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

HOLE_INTERVALS = 2
"""More than this many expected intervals without a reading is a hole (docs/contracts.md, judging)."""


def holes_of(measured_at_ms: NDArray[np.int64], from_ms: int, to_ms: int, interval_s: int) -> Iterator[tuple[int, int]]:
    """Yield (from, to) of every stretch of more than two expected intervals without a reading.

    Args:
        measured_at_ms: rising; everything in [from_ms, to_ms).
        from_ms, to_ms: what was looked at; ``to_ms`` is now at the latest, so that the future is no hole.
    """
    longest = HOLE_INTERVALS * interval_s * 1000
    edges = np.concatenate(([from_ms], measured_at_ms, [to_ms]))
    for place in np.flatnonzero(np.diff(edges) > longest):
        yield int(edges[place]), int(edges[place + 1])
