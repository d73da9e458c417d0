"""For how long channels spoke without a hole: runs of readings, found by day, joined over midnight.

::

    moments of a day ─▶ sorted by (channel, time) ─▶ a run ends where more than two intervals follow
                                                          │ of every day, and of each probe of a point
                                                          ▼
                                                    Known.within(from, to)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.series.port import Moments, Span

Ints = NDArray[np.int64]

PART_MS = 1 << 31
"""Longer than any part that `runs_of` is given, 24 days: a row's channel and time are sorted as one number, which takes
a fifth of the time that sorting by two takes."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs by channel; by channel and time, apart or touching.

    Attributes:
        channel, from_ms, to_ms: shape (n,); the first and the last reading of each run.
    """

    channel: Ints
    from_ms: Ints
    to_ms: Ints

    def of(self, channel: int) -> tuple[Ints, Ints]:
        """Return (from, to) of the runs of a channel."""
        first, last = np.searchsorted(self.channel, [channel, channel + 1])
        return self.from_ms[first:last], self.to_ms[first:last]


def runs_of(parts: Iterable[tuple[int, Moments]], longest_ms: Ints) -> Runs:
    """Return the runs of channels.

    Args:
        parts: (from ms, moments at and after it and less than `PART_MS` later); parts of time that follow each other.
        longest_ms: shape (channels,); a longer stretch without a reading ends a run.
    """
    found = [_runs(from_ms, moments, longest_ms) for from_ms, moments in parts if len(moments.channel)]
    empty = np.empty(0, np.int64)
    channel, from_ms, to_ms = (np.concatenate(each) for each in zip((empty, empty, empty), *found, strict=True))
    order = np.argsort(channel, kind="stable")
    return Runs(channel[order], from_ms[order], to_ms[order])


def _runs(part_ms: int, moments: Moments, longest_ms: Ints) -> tuple[Ints, Ints, Ints]:
    key = moments.channel.astype(np.int64) * PART_MS + (moments.measured_at_ms - part_ms)
    key.sort(kind="stable")  # a tidy day is sorted already but for its direction: 4 ms instead of 26
    channel, at_ms = key // PART_MS, key % PART_MS + part_ms
    ends = np.flatnonzero((np.diff(channel) != 0) | (np.diff(at_ms) > longest_ms[channel[1:]]))
    first, last = np.concatenate(([0], ends + 1)), np.append(ends, len(key) - 1)
    return channel[first], at_ms[first], at_ms[last]


class Known:
    """When one point's value was known.

    Args:
        spans: which channel spoke for it when.
        longest_ms: a longer stretch without a reading is a hole.
        now_ms: what follows the last reading is no hole yet while it is not longer.
    """

    def __init__(self, runs: Runs, spans: Sequence[Span], longest_ms: int, now_ms: int) -> None:
        from_ms, to_ms = _laid(runs, spans)
        joins = np.flatnonzero(from_ms[1:] - np.maximum.accumulate(to_ms)[:-1] <= longest_ms) + 1
        from_ms, to_ms = np.delete(from_ms, joins), np.delete(np.maximum.accumulate(to_ms), joins - 1)
        if len(to_ms) and now_ms - to_ms[-1] <= longest_ms:
            to_ms[-1] = now_ms
        self._from_ms: list[int] = from_ms.tolist()
        self._to_ms: list[int] = to_ms.tolist()
        self._before_ms: list[int] = [0, *np.cumsum(to_ms - from_ms).tolist()]

    def within(self, from_ms: int, to_ms: int) -> int:
        """Return for how much of [from, to) it was known, ms."""
        return self._until(to_ms) - self._until(from_ms)

    def _until(self, at_ms: int) -> int:
        place = bisect_right(self._from_ms, at_ms)
        return self._before_ms[place] - max(0, self._to_ms[place - 1] - at_ms) if place else 0


def _laid(runs: Runs, spans: Sequence[Span]) -> tuple[Ints, Ints]:
    """Return (from, to) of the runs of all probes of a point, each while it was there; rising by from."""
    parts = []
    for span in spans:
        from_ms, to_ms = runs.of(span.channel)
        from_ms, to_ms = np.maximum(from_ms, span.from_ms), np.minimum(to_ms, span.to_ms)
        inside = from_ms <= to_ms
        parts.append((from_ms[inside], to_ms[inside]))
    if len(parts) == 1:
        return parts[0]
    empty = np.empty(0, np.int64)
    from_ms, to_ms = (np.concatenate(each) for each in zip((empty, empty), *parts, strict=True))
    order = np.argsort(from_ms, kind="stable")
    return from_ms[order], to_ms[order]
