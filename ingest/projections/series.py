"""Ledger → series store: every record ends as a row or in quarantine, whatever order readings and changes came in.

::

    entries ──▶ changes: registry.apply ──▶ touched channels ─┐
            └─▶ batches: decode, sort under the registry      │ forget them, read their positions again,
                         after this step                      ▼ sort only their rows
                         rows + quarantine + forgotten ──▶ series.write, one transaction with the cursor

All of a step is sorted under the registry at its end. That is the same as one entry after the other: a change only
alters what becomes of the channels that it touches, and those are sorted again from their first reading on.
"""

from __future__ import annotations

from collections.abc import Sequence

from coldchain.batches import BatchDecoder
from coldchain.counters import Counters
from coldchain.ledger.port import Entry, Kind, Ledger
from coldchain.registry import Registry, registry_at
from coldchain.series.port import Series
from ingest.projections.gather import Gathering, batches_at


class SeriesProjection:
    """Keeps a series store complete up to its cursor.

    Args:
        registry: as of a position ahead of the cursor; a rebuild sorts everything once under the last one, and
            changes that it already holds touch nothing.

    Attributes:
        registry: as it stands at the cursor, or ahead of it in a rebuild.
        counters: ``received`` = ``written`` + ``quarantined``; what a change sorted again is counted apart:
            ``resorted`` = ``resorted_written`` + ``resorted_quarantined``.
    """

    name = "series"

    def __init__(
        self, ledger: Ledger, series: Series, decoder: BatchDecoder, *, registry: Registry | None = None
    ) -> None:
        self._ledger = ledger
        self._series = series
        self._decoder = decoder
        self._cursor = series.cursor()
        self.registry = registry_at(ledger, self._cursor) if registry is None else registry
        self._touched: set[str] = set()
        self.counters = Counters(
            "received", "written", "quarantined", "resorted", "resorted_written", "resorted_quarantined"
        )

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        batches = self._decoder.all(entries)
        for entry in entries:
            if entry.kind is Kind.CHANGE and entry.position > self.registry.position:
                # kept until the write succeeds: a step tried again finds its changes applied
                self._touched |= self.registry.apply(entry).channels
        end = entries[-1].position
        self.registry.position = max(self.registry.position, end)
        gathering = Gathering(self.registry)
        forget = [(self.registry.channel_numbers.get(name, -1), name) for name in sorted(self._touched)]
        if forget:
            for batch in batches_at(self._ledger, self._series.positions_of(forget)):
                gathering.add_only(batch, self._touched)
        again, again_waiting = gathering.received, len(gathering.quarantined)
        for batch in batches:
            gathering.add(batch)
        self._series.write(self._cursor, end, gathering.rows(), gathering.quarantined, forget)
        self._cursor = end
        self._touched.clear()
        self._count(gathering, again, again_waiting)

    def _count(self, gathering: Gathering, again: int, again_waiting: int) -> None:
        received = gathering.received - again
        waiting = len(gathering.quarantined) - again_waiting
        for name, count in (
            ("received", received),
            ("written", received - waiting),
            ("quarantined", waiting),
            ("resorted", again),
            ("resorted_written", again - again_waiting),
            ("resorted_quarantined", again_waiting),
        ):
            self.counters.add(name, count)

    def idle(self) -> None:
        """Nothing waits here; days are tidied by the nightly housekeeping."""
