"""The newest reading of each point: a maximum over a set of rows, so that no order and no duplicate matters.

What stands of several is the later; a value before a fault; the larger; the first word. Copies of one reading become
one, with the quality that all agree on and the first position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.batches import Batch
from coldchain.readings import Quality, Readings
from coldchain.registry import UNBOUND, Registry

NEVER_MS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Newest:
    """At most one reading a point, by rising point number.

    Attributes:
        point: shape (n,), int32, distinct.
        measured_at_ms, value, quality, position: shape (n,); a fault's value is NaN.
        words: row → a fault's word.
    """

    point: NDArray[np.int32]
    measured_at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    position: NDArray[np.int64]
    words: dict[int, str]

    def __len__(self) -> int:
        return len(self.point)

    def taken(self, rows: NDArray[np.intp]) -> Newest:
        """Return some rows, in the order of ``rows``."""
        words = {}
        if self.words:
            words = {new: self.words[old] for new, old in enumerate(rows.tolist()) if old in self.words}
        return Newest(
            self.point[rows],
            self.measured_at_ms[rows],
            self.value[rows],
            self.quality[rows],
            self.position[rows],
            words,
        )


def nothing() -> Newest:
    """Return no rows."""
    return Newest(
        np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.int64), {}
    )


def merged(parts: Sequence[Newest]) -> Newest:
    """Return what stands of several; each part may be in any order and name a point more than once."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return nothing()
    if len(parts) == 1:
        rows = parts[0]
    else:
        starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
        rows = Newest(
            np.concatenate([part.point for part in parts]),
            np.concatenate([part.measured_at_ms for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.quality for part in parts]),
            np.concatenate([part.position for part in parts]),
            {start + row: word for start, part in zip(starts, parts, strict=False) for row, word in part.words.items()},
        )
    return _settled(rows)


def _settled(rows: Newest) -> Newest:
    fault = np.isnan(rows.value)
    value = np.where(fault, 0.0, rows.value)
    word = np.zeros(len(rows), np.int32)
    if rows.words:
        alphabet = {one: place for place, one in enumerate(sorted(set(rows.words.values())), 1)}
        word[list(rows.words)] = [alphabet[one] for one in rows.words.values()]
    order = np.lexsort((rows.position, word, -value, fault, -rows.measured_at_ms, rows.point))
    point = rows.point[order]
    first = np.append(True, point[1:] != point[:-1])
    if first.all():
        return rows.taken(order)
    same = first.copy()
    for column in (rows.measured_at_ms, fault, value, word):
        sorted_column = column[order]
        same[1:] |= sorted_column[1:] != sorted_column[:-1]
    copies, starts = np.flatnonzero(same), np.flatnonzero(first)
    quality = np.bitwise_and.reduceat(rows.quality[order], copies)[np.searchsorted(copies, starts)]
    stands = rows.taken(order[starts])
    return Newest(stands.point, stands.measured_at_ms, stands.value, quality, stands.position, stands.words)


class Standing:
    """What stands at every point, by point number."""

    def __init__(self) -> None:
        self._at_ms = np.empty(0, np.int64)
        self._value = np.empty(0)
        self._quality = np.empty(0, np.uint8)
        self._position = np.empty(0, np.int64)
        self._words: dict[int, str] = {}

    def at(self, points: NDArray[np.int32]) -> Newest:
        """Return what stands at some points, without those that never said anything."""
        self._grow(points)
        points = points[self._at_ms[points] != NEVER_MS]
        words = {}
        if self._words:
            words = {row: self._words[point] for row, point in enumerate(points.tolist()) if point in self._words}
        return Newest(
            points, self._at_ms[points], self._value[points], self._quality[points], self._position[points], words
        )

    def differing(self, now: Newest) -> NDArray[np.intp]:
        """Return the rows of ``now`` that are not what stands."""
        self._grow(now.point)
        point = now.point
        other = (self._at_ms[point] != now.measured_at_ms) | (self._quality[point] != now.quality)
        other |= self._position[point] != now.position
        other |= (self._value[point] != now.value) & ~(np.isnan(self._value[point]) & np.isnan(now.value))
        if self._words or now.words:
            words = [self._words.get(one) != now.words.get(row) for row, one in enumerate(point.tolist())]
            other |= np.array(words, bool)
        return np.flatnonzero(other)

    def put(self, now: Newest, gone: NDArray[np.int32]) -> None:
        """Let rows stand, and nothing at the points that are gone."""
        self._grow(now.point)
        self._at_ms[now.point] = now.measured_at_ms
        self._value[now.point] = now.value
        self._quality[now.point] = now.quality
        self._position[now.point] = now.position
        if self._words:
            for one in (*now.point.tolist(), *gone.tolist()):
                self._words.pop(one, None)
        self._words.update((int(now.point[row]), word) for row, word in now.words.items())
        self._at_ms[gone] = NEVER_MS

    def _grow(self, points: NDArray[np.int32]) -> None:
        more = (int(points.max()) + 1 if len(points) else 0) - len(self._at_ms)
        if more > 0:
            more = max(more, len(self._at_ms))
            self._at_ms = np.append(self._at_ms, np.full(more, NEVER_MS, np.int64))
            self._value = np.append(self._value, np.zeros(more))
            self._quality = np.append(self._quality, np.zeros(more, np.uint8))
            self._position = np.append(self._position, np.zeros(more, np.int64))


class NewestFold:
    """Takes batches, gives the newest reading a point.

    Attributes:
        received, rejected, refused, unbound, clock, counted: records; received is the sum of the others.
    """

    def __init__(self, registry: Registry) -> None:
        self.received = self.rejected = self.refused = self.unbound = self.clock = self.counted = 0
        self._registry = registry
        self._batches: list[tuple[int, Readings]] = []
        self._points: list[NDArray[np.int32]] = []

    def add(self, batch: Batch, block: Readings | None = None) -> None:
        """Take a batch, or some rows of it."""
        block = batch.readings if block is None else block
        self.received += len(block)
        if not len(block):
            return
        placed = self._registry.sort(batch.node, block)
        if placed.reasons:
            self.refused += int((placed.channel < 0).sum())
        self._points.append(placed.point)
        self._batches.append((batch.position, block))

    def reject(self, records: int) -> None:
        """Count records that are no readings."""
        self.received += records
        self.rejected += records

    def newest(self) -> Newest:
        """Return the newest reading a point of everything added since the last call."""
        batches, points = self._batches, self._points
        self._batches, self._points = [], []
        if not batches:
            return nothing()
        blocks = [block for _, block in batches]
        point = np.concatenate(points)
        at_ms = np.concatenate([block.measured_at_ms for block in blocks])
        quality = np.concatenate([block.quality for block in blocks])
        clock = (quality & int(Quality.CLOCK)) != 0
        bound = point != UNBOUND
        usable = bound & ~clock
        number, late = int(usable.sum()), int((bound & clock).sum())
        self.counted += number
        self.clock += late
        self.unbound = self.received - self.rejected - self.refused - self.counted - self.clock
        best = np.full(len(self._registry.point_ids) or 1, NEVER_MS, np.int64)
        if number != len(point):
            at_ms = np.where(usable, at_ms, NEVER_MS)
            point = np.where(usable, point, 0)
        np.maximum.at(best, point, at_ms)
        rows = np.flatnonzero((at_ms == best[point]) & (at_ms != NEVER_MS))
        lengths = [len(block) for block in blocks]
        value = np.concatenate([block.value for block in blocks])[rows] + 0.0  # -0.0 becomes 0.0
        position = np.repeat(np.array([position for position, _ in batches], np.int64), lengths)[rows]
        words = {}
        starts = np.cumsum([0, *lengths[:-1]]).tolist()
        told = {
            start + row: word for start, block in zip(starts, blocks, strict=True) for row, word in block.words.items()
        }
        if told:
            words = {new: told[old] for new, old in enumerate(rows.tolist()) if old in told}
        return merged([Newest(point[rows], at_ms[rows], value, quality[rows], position, words)])
