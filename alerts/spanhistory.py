"""A span of the ledger as a history: read once beside a server, in bounded memory, however many readings it holds.

::

    entries received since the span began ─▶ decode, place, choose ─▶ rows in memory ──too many──▶ temporary files,
    samples(point) ◀── its group's rows, sorted: memory and file ◀────┘                            one a group of points

30 days of 2,000 coolers are 17 million readings, 345 MB as rows of 20 bytes. `alerts.history.LedgerHistory` would read
all years and keep 28 bytes of each.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alerts.history import Samples, standing
from alerts.placing import Placing
from alerts.records import DAY_MS, Records
from coldchain.batches import BatchDecoder
from coldchain.ledger.port import Kind, Ledger
from coldchain.readings import UNJUDGED
from coldchain.registry import Registry

ROW = np.dtype([("rank", "<i4"), ("t", "<i8"), ("v", "<f8")])
"""A reading of the point with this rank among those chosen; 20 bytes."""

ROWS_IN_MEMORY = 2_000_000
"""40 MB; sorting them into groups takes as much again. With 4 million, 17 million readings took 430 MB in all."""

GROUPS = 128
"""Of points; each is read back whole: 135,000 readings of 17 million."""

CHUNK = 512
NONE = -1

Progress = Callable[[int, int], None]
"""Told how many entries are read, of how many."""


class SpanHistory:
    """`alerts.history.History` of some points in [from_ms, to_ms), as of one position of the ledger.

    Asked for points in the order in which they were given it reads each group once.

    Args:
        registry: as of the position; samples are placed by it.
        points: whose readings are kept.
        folder: for the temporary files; the system's when None. They are gone with `close`.
    """

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        points: Sequence[str],
        from_ms: int,
        to_ms: int,
        *,
        progress: Progress = lambda done, total: None,
        rows_in_memory: int = ROWS_IN_MEMORY,
        folder: Path | None = None,
    ) -> None:
        self._position = registry.position
        self._ranks = {point: rank for rank, point in enumerate(points)}
        self._a_group = max(1, -(-len(points) // GROUPS))
        self._from_ms, self._to_ms = from_ms, to_ms
        self._limit = rows_in_memory
        self._folder = tempfile.TemporaryDirectory(prefix="coldchain-replay-", dir=folder)
        self._blocks: list[Records] = []
        self._held = 0
        self._rest = np.empty(0, ROW)
        self.readings = 0
        self._group = NONE
        self._samples: dict[int, Samples] = {}
        self._read(ledger, registry, progress)

    def close(self) -> None:
        """Remove the temporary files."""
        self._folder.cleanup()

    def covered(self) -> int:
        return self._position

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        """See `alerts.history.History`; ``position`` of the samples is 0."""
        empty = standing(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        rank = self._ranks[point]
        self._open(rank // self._a_group)
        found = self._samples.get(rank, empty)
        begin, end = np.searchsorted(found.t, [from_ms, to_ms])
        return found.until(int(end)).since(int(begin))

    # -- reading the ledger once --------------------------------------------------------------------------------

    def _read(self, ledger: Ledger, registry: Registry, progress: Progress) -> None:
        decode, placing = BatchDecoder(remembered_bytes=0), Placing(registry)
        rank_of = np.full(len(registry.point_ids) + 1, NONE, np.int32)  # the last one is for UNBOUND
        rank_of[[registry.point_numbers[point] for point in self._ranks]] = np.arange(len(self._ranks))
        first = after = first_since(ledger, self._from_ms - DAY_MS, self._position)
        while after < self._position and (entries := ledger.read(after, min(CHUNK, self._position - after))):
            after = entries[-1].position
            for batch in decode.all(entry for entry in entries if entry.kind is Kind.BATCH):
                readings = batch.readings
                if not len(readings):
                    continue
                slot, value = placing.placed(batch.node, readings)
                t, rank = readings.measured_at_ms, rank_of[slot]
                good = (rank != NONE) & (t >= self._from_ms) & (t < self._to_ms) & np.isfinite(value)
                good &= (readings.quality & UNJUDGED) == 0
                if good.any():
                    self._keep(rank[good], t[good], value[good])
            progress(after - first, self._position - first)
        rest = self._in_memory()
        self._rest = rest[np.argsort(rest["rank"], kind="stable")]
        self._blocks = []

    def _keep(self, rank: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64]) -> None:
        rows = np.empty(len(rank), ROW)
        rows["rank"], rows["t"], rows["v"] = rank, t, v
        self._blocks.append(rows)
        self._held += len(rows)
        self.readings += len(rows)
        if self._held >= self._limit:
            self._spill()

    def _spill(self) -> None:
        rows = self._in_memory()
        group = rows["rank"] // self._a_group
        order = np.argsort(group, kind="stable")
        numbers, begins = np.unique(group[order], return_index=True)
        for number, places in zip(numbers.tolist(), np.split(order, begins[1:]), strict=True):
            with self._file(number).open("ab") as file:
                file.write(rows[places].tobytes())
        self._blocks, self._held = [], 0

    def _in_memory(self) -> Records:
        return np.concatenate(self._blocks) if self._blocks else np.empty(0, ROW)

    # -- giving it back by points -------------------------------------------------------------------------------

    def _open(self, group: int) -> None:
        if group == self._group:
            return
        begin, end = np.searchsorted(self._rest["rank"], [group * self._a_group, (group + 1) * self._a_group])
        rows = self._rest[begin:end]
        if self._file(group).exists():
            rows = np.concatenate([np.fromfile(self._file(group), ROW), rows])
        rows = rows[np.argsort(rows["rank"], kind="stable")]
        ranks, begins = np.unique(rows["rank"], return_index=True)
        parts = np.split(rows, begins[1:]) if len(rows) else []
        self._samples = {
            rank: standing(part["t"].copy(), part["v"].copy(), np.zeros(len(part), np.int64))
            for rank, part in zip(ranks.tolist(), parts, strict=True)
        }
        self._group = group

    def _file(self, group: int) -> Path:
        return Path(self._folder.name) / f"{group}.rows"


def first_since(ledger: Ledger, received_ms: int, upto: int) -> int:
    """Return a position behind which everything lies that was received at or after a time.

    By halves, as the server's clock goes forward; where it stepped back, within the day that the caller adds.
    """
    low, high = 0, upto
    while low < high:
        middle = (low + high) // 2
        entries = ledger.read(middle, 1)
        if entries and entries[0].received_at_ms < received_ms:
            low = middle + 1
        else:
            high = middle
    return low
