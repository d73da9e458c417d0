"""Decoded batches, sorted by a registry, laid together into one block: what a projection's step works on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from coldchain.batches import Batch, decode_batch
from coldchain.ledger.port import Kind, Ledger
from coldchain.readings import Readings
from coldchain.registry import Registry, Sorted
from coldchain.series.port import Quarantined, Rows

RUN = 256
"""Entries read at once when positions lie side by side."""


class Gathering:
    """Sorts batch after batch and keeps what is taken as columns and what is not as records.

    Attributes:
        quarantined: what waits, with its reason.
        received: records seen, readings and rejected ones.
    """

    def __init__(self, registry: Registry) -> None:
        self.quarantined: list[Quarantined] = []
        self.received = 0
        self._registry = registry
        self._columns: list[tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]] = []
        self._positions: list[int] = []
        self._lengths: list[int] = []
        self._words: dict[int, str] = {}
        self._taken = 0

    def add(self, batch: Batch) -> None:
        """Take a whole batch, with its rejected records."""
        self.received += len(batch.readings) + len(batch.rejected)
        self._sort(batch, batch.readings)
        self.quarantined += [
            Quarantined(batch.position, index, batch.node, "", reason, detail)
            for index, reason, detail in batch.rejected
        ]

    def add_only(self, batch: Batch, names: Collection[str]) -> None:
        """Take a batch's readings of some channels."""
        block = only(batch.readings, names)
        self.received += len(block)
        self._sort(batch, block)

    def _sort(self, batch: Batch, block: Readings) -> None:
        if not len(block):
            return
        placed = self._registry.sort(batch.node, block)
        channel, kept = placed.channel, block
        if placed.reasons:
            self.quarantined += _waiting(batch, block, placed)
            rows = np.flatnonzero(channel >= 0)
            channel, kept = channel[rows], taken(block, rows)
        self._words.update((self._taken + row, word) for row, word in kept.words.items())
        self._columns.append((channel, kept.measured_at_ms, kept.value, kept.quality))
        self._positions.append(batch.position)
        self._lengths.append(len(channel))
        self._taken += len(channel)

    def rows(self) -> Rows:
        """Return everything that was taken, in the order in which it was added."""
        if not self._columns:
            nothing = np.empty(0, np.int64)
            return Rows(np.empty(0, np.int32), nothing, np.empty(0), np.empty(0, np.uint8), nothing)
        channel, at_ms, value, quality = (np.concatenate(parts) for parts in zip(*self._columns, strict=True))
        position = np.repeat(np.array(self._positions, np.int64), self._lengths)
        return Rows(channel, at_ms, value, quality, position, self._words)


def _waiting(batch: Batch, block: Readings, placed: Sorted) -> Iterator[Quarantined]:
    for row in np.flatnonzero(placed.channel < 0):
        place = int(block.channel[row])
        yield Quarantined(batch.position, int(block.index[row]), batch.node, block.names[place], placed.reasons[place])


def only(block: Readings, names: Collection[str]) -> Readings:
    """Return the rows of a block that belong to some channels."""
    wanted = np.array([name in names for name in block.names], bool)
    if wanted.all():
        return block
    return taken(block, np.flatnonzero(wanted[block.channel]) if len(block) else np.empty(0, np.intp))


def taken(block: Readings, rows: NDArray[np.intp]) -> Readings:
    """Return some rows of a block, in the order of ``rows``; names stay as they are."""
    words = {}
    if block.words:
        words = {new: block.words[int(row)] for new, row in enumerate(rows) if int(row) in block.words}
    return Readings(
        block.names,
        block.channel[rows],
        block.measured_at_ms[rows],
        block.value[rows],
        block.quality[rows],
        block.index[rows],
        block.units,
        words,
    )


def batches_at(ledger: Ledger, positions: Sequence[int]) -> Iterator[Batch]:
    """Read batches again from the ledger; rising positions, neighbours in one read."""
    for first, number in _runs(positions):
        for entry in ledger.read(first - 1, number):
            if entry.kind is Kind.BATCH:
                yield decode_batch(entry)


def _runs(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    first, number = 0, 0
    for position in positions:
        if number and position == first + number and number < RUN:
            number += 1
            continue
        if number:
            yield first, number
        first, number = position, 1
    if number:
        yield first, number
