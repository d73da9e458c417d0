"""Ledger → where every lot was and is: what is said of goods, kept and folded.

::

    entries ──▶ changes of goods, trips ──▶ kept ──▶ every lot that they speak of, folded anew ──▶ rows + cursor
            └─▶ everything else: only the cursor moves
"""

from __future__ import annotations

from collections.abc import Sequence

from coldchain.custody.goods import GOODS, Goods
from coldchain.custody.recalls import RECALLS, Recalling
from coldchain.goods.store import GoodsStore
from coldchain.goods.voyages import TRIPS, Tripping
from coldchain.ledger.port import Entry
from ingest.projections.keeping import KeepingProjection


class GoodsProjection(KeepingProjection[Goods | Recalling | Tripping]):
    """Keeps the store of goods complete up to its cursor."""

    name = GoodsStore.NAME
    KINDS = (*GOODS, *RECALLS, *TRIPS)

    def __init__(self, store: GoodsStore) -> None:
        super().__init__(store.cursor())
        self._store = store

    def _keep(
        self, said: Sequence[tuple[Entry, Goods | Recalling | Tripping]], saved: int, passed: int, end: int
    ) -> int:
        with self._store.writing(saved, end) as writing:
            writing.keep([(entry, put) for entry, put in said if isinstance(put, GOODS)])
            writing.keep_trips([(entry, put) for entry, put in said if isinstance(put, TRIPS)])
            writing.fold()
            writing.keep_recalls([(entry, put) for entry, put in said if isinstance(put, RECALLS)])
            return writing.refused_behind(passed)

    def _move(self, saved: int, end: int) -> None:
        with self._store.writing(saved, end):
            pass
