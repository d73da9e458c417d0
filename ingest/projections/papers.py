"""Ledger → papers: what is said of papers and trips, kept, each paper folded anew.

::

    entries ──▶ changes of papers and trips ──▶ kept ──▶ every paper that they touch ──▶ rows + cursor
            └─▶ everything else: only the cursor moves
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coldchain.counters import Counters
from coldchain.custody.papers import Papering
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry, Kind
from coldchain.papers.store import KEPT, PaperStore
from coldchain.papers.trips import Tripping
from coldchain.registry import decode_change

STEPS_BEHIND = 8192
"""Entries without papers that are passed before the cursor moves: a step's transaction costs an fsync now and then,
and most steps bring readings only."""


class PaperProjection:
    """Keeps the store of papers complete up to its cursor.

    Attributes:
        counters: ``received`` = ``kept`` + ``refused``.
    """

    name = PaperStore.NAME

    def __init__(self, store: PaperStore) -> None:
        self._store = store
        self._saved = self._cursor = store.cursor()
        self.counters = Counters("received", "kept", "refused")

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        said = list(_said(entries))
        end = entries[-1].position
        if said:
            with self._store.writing(self._saved, end) as writing:
                refused = writing.keep(said)
            self._saved = end
            self.counters.add("received", len(said))
            self.counters.add("refused", refused)
            self.counters.add("kept", len(said) - refused)
        self._cursor = end
        if end - self._saved >= STEPS_BEHIND:
            self.save()

    def idle(self) -> None:
        """Nothing waits here."""

    def save(self) -> None:
        """Make the cursor durable; until then a restart passes the last entries without papers again."""
        with self._store.writing(self._saved, self._cursor):
            pass
        self._saved = self._cursor


def _said(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Papering | Tripping]]:
    for entry in entries:
        if entry.kind is not Kind.CHANGE:
            continue
        try:
            put = decode_change(entry.raw).change
        except RejectedReading:  # of a newer program, or damaged: the registry counts it
            continue
        if isinstance(put, KEPT):
            yield entry, put
