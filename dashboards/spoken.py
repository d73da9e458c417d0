"""When points spoke, for many stretches of one period: each point is read once, however many trips it was on.

A point's month (5-min interval) reads in 6 ms and a day of it in 3, so a month of daily trips takes a fifteenth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coldchain.registry import Point
from coldchain.registry.intervals import Piece, between
from coldchain.series.holes import HOLE_INTERVALS
from dashboards.sources import Sources
from dashboards.trip_track import values_of

Ints = NDArray[np.int64]


class Spoken:
    """When points spoke within [from, to), measured ms; a point is kept as its runs of readings without a hole."""

    def __init__(self, sources: Sources, from_ms: int, to_ms: int) -> None:
        self._sources = sources
        self._from_ms, self._to_ms = from_ms, to_ms
        self._runs: dict[str, tuple[Ints, Ints]] = {}

    def holes(self, point: Point, from_ms: int, to_ms: int) -> list[Piece]:
        """Return the holes (`coldchain.series.holes.holes_of`) of a stretch of the period."""
        assert self._from_ms <= from_ms <= to_ms <= self._to_ms, (self._from_ms, from_ms, to_ms, self._to_ms)
        first, last = self._of(point)
        own = slice(int(np.searchsorted(last, from_ms)), int(np.searchsorted(first, to_ms)))
        runs = list(zip(first[own].clip(from_ms).tolist(), last[own].clip(max=to_ms).tolist(), strict=True))
        longest_ms = HOLE_INTERVALS * 1000 * point.interval_s
        return [(begin, end) for begin, end in between(runs, from_ms, to_ms) if end - begin > longest_ms]

    def _of(self, point: Point) -> tuple[Ints, Ints]:
        """Return the first and the last reading of each run."""
        known = self._runs.get(point.id)
        if known is None:
            t, _ = values_of(self._sources, point, self._from_ms, self._to_ms)
            ends = np.flatnonzero(np.diff(t) > HOLE_INTERVALS * 1000 * point.interval_s)
            first, last = np.append(0, ends + 1), np.append(ends, len(t) - 1)
            known = self._runs[point.id] = (t[first], t[last]) if len(t) else (t, t)
        return known
