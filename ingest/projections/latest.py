"""Ledger → latest value of every point: what live pages show.

::

    entries ──▶ changes: registry.apply ──▶ points whose probes were touched ──▶ folded again from the ledger
            └─▶ batches: newest reading a point ──▶ merged with what stands ──▶ rows that changed + cursor

**Why any order ends the same.** What stands at a point is the maximum (`Newest.merged`) over the readings that the
registry gives to it. A maximum needs no order. When a change moves readings to or from a point, the maximum is
taken anew over everything up to the cursor under the registry of that moment. To know which entries to read again,
the projection asks a `PositionIndex` (the series store, which lists positions of taken *and* quarantined records);
where that one lags behind, the entries in between are read as well, and without one the whole ledger is. So the
index only saves reading: its state never shows in the result.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coldchain.batches import Batch, BatchDecoder
from coldchain.counters import Counters
from coldchain.latest import Latest, LatestStore
from coldchain.ledger.port import Entry, Kind, Ledger
from coldchain.registry import Registry, registry_at
from ingest.projections.gather import batches_at, only
from ingest.projections.newest import Newest, NewestFold, Standing, merged, nothing

FOLDED_AT_ONCE = 256
"""Batches read again before they are reduced: bounds memory at 128,000 rows."""


class PositionIndex(Protocol):
    """Where a channel's records lie in the ledger; `coldchain.series.port.Series` is one."""

    def cursor(self) -> int:
        """Return the position up to which the index is complete."""
        ...

    def positions_of(self, channels: Sequence[tuple[int, str]]) -> list[int]:
        """Return every position up to the cursor that holds something of these channels."""
        ...


class LatestProjection:
    """Keeps the latest values complete up to its cursor.

    Args:
        index: what saves reading the whole ledger when a change touches channels.
        registry: as of a position ahead of the cursor, for a rebuild (see `SeriesProjection`).

    Attributes:
        registry: as it stands at the cursor, or ahead of it in a rebuild.
        counters: ``received`` = ``counted`` + ``clock`` + ``unbound`` + ``refused`` + ``rejected``.
    """

    name = "latest"

    def __init__(
        self,
        ledger: Ledger,
        store: LatestStore,
        decoder: BatchDecoder,
        index: PositionIndex | None = None,
        *,
        registry: Registry | None = None,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._decoder = decoder
        self._index = index
        self._cursor = store.cursor()
        self.registry = registry_at(ledger, self._cursor) if registry is None else registry
        self._standing = Standing()
        self._standing.put(_newest(store.since(-1), self.registry), _points([]))
        self._stale: set[str] = set()
        self.counters = Counters("received", "counted", "clock", "unbound", "refused", "rejected")

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        batches = self._decoder.all(entries)
        for entry in entries:
            if entry.kind is Kind.CHANGE and entry.position > self.registry.position:
                self._stale |= self._points_touched(entry)
        end = entries[-1].position
        self.registry.position = max(self.registry.position, end)
        fold = NewestFold(self.registry)
        for batch in batches:
            fold.add(batch)
            fold.reject(len(batch.rejected))
        found = fold.newest()
        stale = self._numbers(self._stale)
        again = self._folded_again(self._stale) if self._stale else nothing()
        known = self._standing.at(np.setdiff1d(found.point, stale))
        now = merged([found, known, again])
        changed = now.taken(self._standing.differing(now))
        gone = self._standing.at(np.setdiff1d(stale, now.point)).point
        self._store.write(self._cursor, end, self._rows(changed, gone, end))
        self._cursor = end
        self._stale.clear()
        self._standing.put(changed, gone)
        for name in self.counters.as_dict():
            self.counters.add(name, getattr(fold, name))

    def _rows(self, changed: Newest, gone: NDArray[np.int32], end: int) -> Iterator[Latest]:
        ids, words = self.registry.point_ids, changed.words
        columns = zip(
            changed.point.tolist(),
            changed.position.tolist(),
            changed.measured_at_ms.tolist(),
            changed.value.tolist(),
            changed.quality.tolist(),
            strict=True,
        )
        for row, (point, position, at_ms, value, quality) in enumerate(columns):
            yield Latest(
                ids[point], end, position, at_ms, None if math.isnan(value) else value, quality, words.get(row)
            )
        for point in gone.tolist():
            yield Latest(ids[point], end, 0, None, None, 0, None)

    def _points_touched(self, entry: Entry) -> set[str]:
        touched = self.registry.apply(entry)
        if not touched.channels:  # limits change what is judged, not what was said
            return set()
        bound = {binding.point for name in touched.channels for binding in self.registry.bindings.get(name, [])}
        return bound | touched.points.keys()

    def _numbers(self, points: Collection[str]) -> NDArray[np.int32]:
        """Return the points' numbers; a probe may be bound to a point that nobody has put yet."""
        return _points([self.registry.point_numbers[point] for point in points if point in self.registry.point_numbers])

    def _folded_again(self, points: Collection[str]) -> Newest:
        names = {binding.channel for point in points for binding in self.registry.bindings_of(point)}
        wanted = self._numbers(points)
        fold = NewestFold(self.registry)
        found = nothing()
        for batches in _chunks(batches_at(self._ledger, self._positions(names)), FOLDED_AT_ONCE):
            for batch in batches:
                fold.add(batch, only(batch.readings, names))
            more = fold.newest()
            found = merged([found, more.taken(np.flatnonzero(np.isin(more.point, wanted)))])
        return found

    def _positions(self, names: Collection[str]) -> list[int]:
        if not names:
            return []
        known, told = 0, list[int]()
        if self._index is not None:
            known = self._index.cursor()  # before the question: what it answers may be newer, never older
            told = self._index.positions_of([(self.registry.channel_numbers.get(n, -1), n) for n in sorted(names)])
        upto = [position for position in told if position <= min(known, self._cursor)]
        return [*upto, *range(known + 1, self._cursor + 1)]

    def idle(self) -> None:
        """Nothing waits here."""


def _chunks(batches: Iterator[Batch], size: int) -> Iterable[list[Batch]]:
    chunk: list[Batch] = []
    for batch in batches:
        chunk.append(batch)
        if len(chunk) == size:
            yield chunk
            chunk = []
    yield chunk


def _newest(rows: Iterable[Latest], registry: Registry) -> Newest:
    """Return stored rows as columns; NaN stands for no value."""
    told = [row for row in rows if row.measured_at_ms is not None and row.point in registry.point_numbers]
    return Newest(
        _points([registry.point_numbers[row.point] for row in told]),
        np.array([row.measured_at_ms for row in told], np.int64),
        np.array([np.nan if row.value is None else row.value for row in told], np.float64),
        np.array([row.quality for row in told], np.uint8),
        np.array([row.position for row in told], np.int64),
        {place: row.word for place, row in enumerate(told) if row.word is not None},
    )


def _points(numbers: list[int]) -> NDArray[np.int32]:
    return np.array(numbers, np.int32)
