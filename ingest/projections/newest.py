"""The newest reading of each point: a maximum over a set of rows, so that no order and no duplicate matters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.batches import Batch
from coldchain.readings import Quality, Readings
from coldchain.registry import UNBOUND, Registry

NEVER_MS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Newest:
    """A reading that may be its point's newest; ``value`` is None for a fault."""

    measured_at_ms: int
    value: float | None
    quality: int
    position: int
    word: str | None = None

    def merged(self, other: Newest) -> Newest:
        """Return what stands of the two: the later; a value before a fault; the larger; the first word.

        Two copies of one reading become one, with the quality that both agree on and the first position.
        """
        mine, its = self._rank(), other._rank()
        if mine != its:
            return self if mine > its else other
        if self.word != other.word:
            return self if (self.word or "") < (other.word or "") else other
        return Newest(
            self.measured_at_ms,
            self.value,
            self.quality & other.quality,
            min(self.position, other.position),
            self.word,
        )

    def _rank(self) -> tuple[int, bool, float]:
        return self.measured_at_ms, self.value is not None, 0.0 if self.value is None else self.value


class NewestFold:
    """Takes batches, gives the newest reading a point.

    A block costs a few array operations; only rows that share their point's newest time become objects.

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

    def newest(self) -> dict[str, Newest]:
        """Return point id → newest reading of everything added since the last call."""
        batches, points = self._batches, self._points
        self._batches, self._points = [], []
        if not batches:
            return {}
        point = np.concatenate(points)
        at_ms = np.concatenate([block.measured_at_ms for _, block in batches])
        clock = (np.concatenate([block.quality for _, block in batches]) & int(Quality.CLOCK)) != 0
        bound = point != UNBOUND
        usable = bound & ~clock
        number, late = int(usable.sum()), int((bound & clock).sum())
        self.counted += number
        self.clock += late
        self.unbound = self.received - self.rejected - self.refused - self.counted - self.clock
        if number != len(point):
            at_ms = np.where(usable, at_ms, NEVER_MS)
            point = np.where(usable, point, 0)
        best = np.full(len(self._registry.point_ids) or 1, NEVER_MS, np.int64)
        np.maximum.at(best, point, at_ms)
        candidates = np.flatnonzero((at_ms == best[point]) & (at_ms != NEVER_MS))
        ends = np.cumsum([len(block) for _, block in batches])
        found: dict[str, Newest] = {}
        homes = np.searchsorted(ends, candidates, side="right")
        for row, home in zip(candidates.tolist(), homes.tolist(), strict=True):
            position, block = batches[home]
            place = row - int(ends[home]) + len(block)
            value = float(block.value[place]) + 0.0
            one = Newest(
                int(block.measured_at_ms[place]),
                None if math.isnan(value) else value,
                int(block.quality[place]),
                position,
                block.words.get(place),
            )
            name = self._registry.point_ids[point[row]]
            known = found.get(name)
            found[name] = one if known is None else one.merged(known)
        return found
