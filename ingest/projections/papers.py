"""Ledger → papers: what is said of papers and trips, kept, each paper folded anew.

::

    entries ──▶ changes of papers and trips ──▶ kept ──▶ every paper that they touch ──▶ rows + cursor
            └─▶ everything else: only the cursor moves
"""

from __future__ import annotations

from collections.abc import Sequence

from coldchain.custody.papers import Papering
from coldchain.ledger.port import Entry
from coldchain.papers.store import KEPT, PaperStore
from coldchain.papers.trips import Tripping
from ingest.projections.keeping import KeepingProjection


class PaperProjection(KeepingProjection[Papering | Tripping]):
    """Keeps the store of papers complete up to its cursor."""

    name = PaperStore.NAME
    KINDS = KEPT

    def __init__(self, store: PaperStore) -> None:
        super().__init__(store.cursor())
        self._store = store

    def _keep(self, said: Sequence[tuple[Entry, Papering | Tripping]], saved: int, passed: int, end: int) -> int:
        with self._store.writing(saved, end) as writing:
            return writing.keep(list(said))

    def _move(self, saved: int, end: int) -> None:
        with self._store.writing(saved, end):
            pass
