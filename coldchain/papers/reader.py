"""What may be asked of the store of papers: papers by place, trip and period, and what is said of a trip.

Reads beside the projection that fills it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from coldchain.papers.fold import PaperBook, PaperSaid, State, paper_book
from coldchain.papers.store import PAPER, TRIP, paper_said
from coldchain.papers.tables import cursor, entry, paper
from coldchain.papers.trips import TRIPS, TripBook, trip_book
from coldchain.projected import ProjectedReader
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


class PaperReader(ProjectedReader):
    """Asks a store's file."""

    CURSOR = cursor
    ENTRY = entry

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
