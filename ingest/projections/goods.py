"""Ledger → where every lot was and is: what is said of goods, kept and folded.

::

    entries ──▶ changes of goods, trips ──▶ kept ──▶ every lot that they speak of, folded anew ──▶ rows + cursor
            └─▶ everything else: only the cursor moves
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coldchain.counters import Counters
from coldchain.custody.goods import GOODS, Goods
from coldchain.custody.recalls import RECALLS, Recalling
from coldchain.errors import RejectedReading
from coldchain.goods.store import GoodsStore
from coldchain.goods.voyages import TRIPS, Tripping
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import decode_change

STEPS_BEHIND = 8192
"""Entries without goods that are passed before the cursor moves: a step's transaction costs an fsync now and then,
and most steps bring readings only."""


class GoodsProjection:
    """Keeps the store of goods complete up to its cursor.

    Attributes:
        counters: ``received`` = ``kept`` + ``refused``, as they stood when they came.
    """

    name = GoodsStore.NAME

    def __init__(self, store: GoodsStore) -> None:
        self._store = store
        self._saved = self._cursor = store.cursor()
        self.counters = Counters("received", "kept", "refused")

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        said = list(_said(entries))
        found = [(entry, put) for entry, put in said if isinstance(put, GOODS)]
        recalls = [(entry, put) for entry, put in said if isinstance(put, RECALLS)]
        trips = [(entry, put) for entry, put in said if isinstance(put, TRIPS)]
        end = entries[-1].position
        if said:
            before = self._cursor
            with self._store.writing(self._saved, end) as writing:
                writing.keep(found)
                writing.keep_trips(trips)
                writing.fold()
                writing.keep_recalls(recalls)
                refused = writing.refused_behind(before)
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
        """Make the cursor durable; until then a restart passes the last entries without goods again."""
        with self._store.writing(self._saved, self._cursor):
            pass
        self._saved = self._cursor


def _said(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Goods | Recalling | Tripping]]:
    for entry in entries:
        if entry.kind is not Kind.CHANGE:
            continue
        try:
            put = decode_change(entry.raw).change
        except RejectedReading:  # of a newer program, or damaged: the registry counts it
            continue
        if isinstance(put, (*GOODS, *RECALLS, *TRIPS)):
            yield entry, put
