"""What may be asked of the store of papers: papers by place, trip and period, and what is said of a trip.

Reads beside the projection that fills it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, and_, func, or_, select

from coldchain.papers.fold import PaperBook, PaperSaid, State, paper_book
from coldchain.papers.store import PAPER, TRIP, paper_said
from coldchain.papers.tables import cursor, entry, paper
from coldchain.papers.trips import TRIPS, TripBook, trip_book
from coldchain.registry.changes import decode_change
from coldchain.registry.intervals import FOREVER_MS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers: all that fit everything that is not empty.

    Attributes:
        site: sends or receives.
        from_ms, to_ms: [from, to) of when the goods left or came.
    """

    site: str = ""
    trip: str = ""
    vehicle: str = ""
    kind: str = ""
    from_ms: int = 0
    to_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that cannot be; kept."""

    position: int
    received_ms: int
    reason: str
    detail: str
    raw: bytes


class PaperReader:
    """Asks a store's file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> int:
        """Return the ledger position up to which the store is complete."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position)).scalar_one())

    def paper(self, name: str) -> PaperBook:
        """Return what is said of a paper."""
        return paper_book(self.said(name))

    def said(self, name: str) -> list[PaperSaid]:
        """Return every entry of a paper, refused ones too, in the ledger's order."""
        wanted = select(entry).where(entry.c.subject == PAPER + name).order_by(entry.c.position)
        return self._list(wanted, lambda row: paper_said(row.position, row.received_ms, row.raw))

    def papers(self, wanted: Wanted, *, limit: int, before: tuple[int, str] | None = None) -> list[tuple[int, str]]:
        """Return (when, id) of papers, the newest first.

        Args:
            before: only what comes after this one in that order.
        """
        chosen = [paper.c.when_ms >= wanted.from_ms, paper.c.when_ms < wanted.to_ms]
        if wanted.site:
            chosen.append(or_(paper.c.sender == wanted.site, paper.c.receiver == wanted.site))
        for column in (paper.c.trip, paper.c.vehicle, paper.c.kind):
            value = getattr(wanted, column.name)
            if value:
                chosen.append(column == value)
        if before is not None:
            when_ms, name = before
            chosen.append(or_(paper.c.when_ms < when_ms, and_(paper.c.when_ms == when_ms, paper.c.id < name)))
        rows = select(paper.c.when_ms, paper.c.id).where(*chosen)
        return self._list(
            rows.order_by(paper.c.when_ms.desc(), paper.c.id.desc()).limit(limit), lambda row: (row.when_ms, row.id)
        )

    def replaced_by(self, name: str) -> list[str]:
        """Return the complete papers that say that they correct this one."""
        wanted = select(paper.c.id).where(paper.c.replaces == name, paper.c.state == str(State.COMPLETE))
        return self._list(wanted.order_by(paper.c.id), lambda row: str(row.id))

    def trip(self, name: str) -> TripBook:
        """Return what is said of a trip."""
        wanted = select(entry.c.raw).where(entry.c.subject == TRIP + name).order_by(entry.c.position)
        puts = self._list(wanted, lambda row: decode_change(row.raw).change)
        return trip_book(put for put in puts if isinstance(put, TRIPS))

    def refused(self, *, limit: int, after: int = 0) -> list[RefusedEntry]:
        """Return entries that cannot be, in the ledger's order."""
        wanted = select(entry).where(entry.c.refused != "", entry.c.position > after)
        return self._list(
            wanted.order_by(entry.c.position).limit(limit),
            lambda row: RefusedEntry(row.position, row.received_ms, row.refused, row.detail, row.raw),
        )

    def refused_count(self) -> int:
        """Return how many entries cannot be."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).where(entry.c.refused != "")).scalar_one())

    def _list(self, wanted: Select[Any], shape: Callable[[Any], Any]) -> list[Any]:
        with self._engine.connect() as connection:
            return [shape(row) for row in connection.execute(wanted)]
