"""What a re-judge reads: a point's samples in measured order, whatever store keeps them.

::

    History (series store, or the ledger itself)   everything up to position `covered()`
      + Tail (memory)                              what the judge has seen behind that position
      = Samples                                    one a measured time, the largest value stands

The tail is why a re-judge never waits for a series store that is a second behind and stays so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.records import NEVER_MS
from coldchain.batches import BatchDecoder
from coldchain.ledger.port import Kind, Ledger
from coldchain.readings import UNJUDGED
from coldchain.registry import Registry
from coldchain.registry.intervals import FOREVER_MS
from coldchain.registry.spans import spans_of
from coldchain.series.port import Series

TAIL_ROWS = 500_000
"""Rows the judge keeps for a history that lags; 14 MB. Older ones must be in the history first."""

CHUNK = 256


@dataclass(frozen=True, slots=True)
class Samples:
    """A point's samples that may be judged, one a measured time, rising.

    Attributes:
        t: shape (n,), int64, measured ms.
        v: shape (n,), float64, °C; the largest of each time's values.
        position: shape (n,), int64; the first ledger position that brought the standing value.
    """

    t: NDArray[np.int64]
    v: NDArray[np.float64]
    position: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.t)

    def since(self, place: int) -> Samples:
        """Return the samples from a place on."""
        return Samples(self.t[place:], self.v[place:], self.position[place:])

    def until(self, place: int) -> Samples:
        """Return the samples before a place."""
        return Samples(self.t[:place], self.v[:place], self.position[:place])


class History(Protocol):
    """Where earlier samples of a point are read."""

    def covered(self) -> int:
        """Return the ledger position up to which this history is complete."""
        ...

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        """Return a point's samples in [from_ms, to_ms) from entries up to a position, with the registry's bindings.

        Clock faults, probe faults and quarantined readings are left out.
        """
        ...


def standing(t: NDArray[np.int64], v: NDArray[np.float64], position: NDArray[np.int64]) -> Samples:
    """Return one sample a measured time: the largest value, brought first (protocol: identity)."""
    order = np.lexsort((-position, v, t))
    t, v, position = t[order], v[order], position[order]
    last = np.ones(len(t), bool)
    last[:-1] = t[1:] != t[:-1]
    return Samples(t[last], v[last], position[last])


class SeriesHistory:
    """Reads the series store through the point's bindings."""

    def __init__(self, series: Series) -> None:
        self._series = series

    def covered(self) -> int:
        return self._series.cursor()

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        spans = spans_of(registry, point)
        if not spans:
            return standing(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        window = self._series.window(spans, max(from_ms, 0), to_ms, upto=upto)
        good = ((window.quality & UNJUDGED) == 0) & np.isfinite(window.value)
        value = registry.corrections.applied(window.channel, window.measured_at_ms, window.value)
        return standing(window.measured_at_ms[good], value[good], window.position[good])


class LedgerHistory:
    """Reads the ledger itself once and keeps every good reading in memory: 28 bytes each.

    For `rebuild alarms` and tests; it sorts all readings with the registry that it is asked with.
    """

    def __init__(self, ledger: Ledger, decode: BatchDecoder | None = None) -> None:
        self._ledger = ledger
        self._decode = decode or BatchDecoder()
        self._upto = 0
        self._version: tuple[int, int] | None = None
        self._points: dict[int, Samples] = {}

    def covered(self) -> int:
        return self._ledger.end()

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        if self._version != (registry.version, upto):
            self._points = self._sorted(registry, upto)
            self._version = (registry.version, upto)
        empty = standing(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        found = self._points.get(registry.point_numbers.get(point, -1), empty)
        begin, end = np.searchsorted(found.t, [from_ms, to_ms])
        return Samples(found.t[begin:end], found.v[begin:end], found.position[begin:end])

    def _sorted(self, registry: Registry, upto: int) -> dict[int, Samples]:
        tail = Tail(limit=None)
        after = 0
        while after < upto and (entries := self._ledger.read(after, min(CHUNK, upto - after))):
            after = entries[-1].position
            for entry in entries:
                if entry.kind is not Kind.BATCH:
                    continue
                batch = self._decode(entry)
                block, placed = batch.readings, registry.sort(batch.node, batch.readings)
                good = (placed.point >= 0) & ((block.quality & UNJUDGED) == 0) & np.isfinite(block.value)
                value = registry.corrections.applied(placed.channel, block.measured_at_ms, block.value)
                places = np.full(int(good.sum()), entry.position, np.int64)
                tail.add(placed.point[good], block.measured_at_ms[good], value[good], places)
        return {number: standing(*columns) for number, columns in tail.by_point()}


class Tail:
    """The rows that the judge saw last, of all points, by ledger position."""

    def __init__(self, limit: int | None = TAIL_ROWS, start: int = 0) -> None:
        self._limit = limit
        self._rows = 0
        self._blocks: deque[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]] = (
            deque()
        )
        self.start = start

    def add(
        self,
        slot: NDArray[np.int32],
        t: NDArray[np.int64],
        v: NDArray[np.float64],
        position: NDArray[np.int64],
    ) -> None:
        """Keep rows; ``position`` shape (n,), of the batch of each row, rising."""
        if not len(slot):
            return
        self._blocks.append((slot, t, v, position))
        self._rows += len(slot)
        while self._limit is not None and self._rows > self._limit and len(self._blocks) > 1:
            self._drop_first()

    def forget(self, covered: int) -> None:
        """Let go of the blocks that the history covers."""
        while self._blocks and int(self._blocks[0][3].max()) <= covered:
            self._drop_first()

    def of(self, slot: int, behind: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Return t, v, position of a point's rows behind a ledger position."""
        parts = []
        for slots, t, v, position in self._blocks:
            mine = (slots == slot) & (position > behind)
            if mine.any():
                parts.append((t[mine], v[mine], position[mine]))
        if not parts:
            return np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64)
        t, v, position = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return t, v, position

    def by_point(
        self,
    ) -> Iterator[tuple[int, tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]]]:
        """Yield point number and its t, v, position."""
        if not self._blocks:
            return
        slot, t, v, position = (np.concatenate(columns) for columns in zip(*self._blocks, strict=True))
        order = np.argsort(slot, kind="stable")
        numbers, begins = np.unique(slot[order], return_index=True)
        for number, rows in zip(numbers.tolist(), np.split(order, begins[1:]), strict=True):
            yield number, (t[rows], v[rows], position[rows])

    def _drop_first(self) -> None:
        slot, _, _, position = self._blocks.popleft()
        self._rows -= len(slot)
        self.start = max(self.start, int(position.max()))


def samples_upto(
    history: History, tail: Tail, registry: Registry, point: str, from_ms: int = NEVER_MS, to_ms: int = FOREVER_MS
) -> Samples:
    """Return a point's samples up to the judge's cursor: the history's, and the tail's behind it.

    Args:
        registry: as of the judge's cursor.
    """
    covered = min(history.covered(), registry.position)
    old = history.samples(registry, point, from_ms, to_ms, covered)
    t, v, position = tail.of(registry.point_numbers[point], covered)
    wanted = (t >= from_ms) & (t < to_ms)
    if not wanted.any():
        return old
    return standing(
        np.concatenate([old.t, t[wanted]]),
        np.concatenate([old.v, v[wanted]]),
        np.concatenate([old.position, position[wanted]]),
    )
