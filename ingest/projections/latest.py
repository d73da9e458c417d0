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

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from coldchain.batches import Batch, BatchDecoder
from coldchain.counters import Counters
from coldchain.latest import Latest, LatestStore
from coldchain.ledger.port import Entry, Kind, Ledger
from coldchain.registry import Registry, registry_at
from ingest.projections.gather import batches_at, only
from ingest.projections.newest import Newest, NewestFold

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
        self._standing = {row.point: newest for row in store.since(-1) if (newest := _newest(row)) is not None}
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
        changed: dict[str, Newest | None] = {}
        if self._stale:
            again = self._folded_again(self._stale)
            changed = {point: again.get(point) for point in self._stale}
        for point, newest in found.items():
            known = changed[point] if point in changed else self._standing.get(point)
            changed[point] = newest if known is None else newest.merged(known)
        changed = {point: newest for point, newest in changed.items() if newest != self._standing.get(point)}
        self._store.write(self._cursor, end, (_row(point, newest, end) for point, newest in changed.items()))
        self._cursor = end
        self._stale.clear()
        for point, now in changed.items():
            if now is None:
                del self._standing[point]
            else:
                self._standing[point] = now
        for name in self.counters.as_dict():
            self.counters.add(name, getattr(fold, name))

    def _points_touched(self, entry: Entry) -> set[str]:
        touched = self.registry.apply(entry)
        if not touched.channels:  # limits change what is judged, not what was said
            return set()
        bound = {binding.point for name in touched.channels for binding in self.registry.bindings.get(name, [])}
        return bound | touched.points.keys()

    def _folded_again(self, points: Collection[str]) -> dict[str, Newest]:
        names = {binding.channel for point in points for binding in self.registry.bindings_of(point)}
        fold = NewestFold(self.registry)
        found: dict[str, Newest] = {}
        for batches in _chunks(batches_at(self._ledger, self._positions(names)), FOLDED_AT_ONCE):
            for batch in batches:
                fold.add(batch, only(batch.readings, names))
            for point, newest in fold.newest().items():
                known = found.get(point)
                found[point] = newest if known is None else newest.merged(known)
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


def _newest(row: Latest) -> Newest | None:
    if row.measured_at_ms is None:
        return None
    return Newest(row.measured_at_ms, row.value, row.quality, row.position, row.word)


def _row(point: str, newest: Newest | None, changed: int) -> Latest:
    if newest is None:
        return Latest(point, changed, 0, None, None, 0, None)
    return Latest(point, changed, newest.position, newest.measured_at_ms, newest.value, newest.quality, newest.word)
