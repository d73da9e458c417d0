"""The store of papers: what was said of papers and trips, kept, and what follows from it, paper by paper.

::

    with store.writing(old, new) as writing:      UPDATE cursor … WHERE position = old, or CursorMoved
        writing.keep(said)                        entries, and every paper that they touch folded anew

The projection that fills it is one process's own; any number of readers open the same file (`coldchain.papers.reader`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, delete, func, insert, select, update

from coldchain.custody.papers import PAPERS, MilkNote, Papering, kind_of, paper_of
from coldchain.ledger.port import Entry
from coldchain.papers.fold import PaperBook, PaperSaid, paper_book
from coldchain.papers.tables import VERSION, cursor, entry, metadata, paper
from coldchain.papers.trips import TRIPS, Tripping, trip_of
from coldchain.projected import ProjectedStore
from coldchain.registry.changes import decode_change

PAPER, TRIP = "paper:", "trip:"
"""What an entry speaks of, before its id."""

KEPT = (*PAPERS, *TRIPS)
"""Entries that the store keeps."""


class PaperStore(ProjectedStore):
    """The file and its cursor."""

    NAME, METADATA, CURSOR, VERSION = "papers", metadata, cursor, VERSION

    @contextmanager
    def writing(self, old: int, new: int) -> Iterator[Writing]:
        """Write in one transaction with the cursor's move; raises as `ProjectedStore.moving`."""
        with self.moving(old, new) as connection:
            yield Writing(connection)


class Writing:
    """What one step of the projection writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, entries: Sequence[tuple[Entry, Papering | Tripping]]) -> int:
        """Keep entries and fold every paper that they touch; return how many of them cannot be."""
        if not entries:
            return 0
        rows = [
            {"position": one.position, "received_ms": one.received_at_ms, "subject": subject_of(put), "raw": one.raw}
            for one, put in entries
        ]
        self._connection.execute(insert(entry), [row | {"refused": "", "detail": ""} for row in rows])
        touched = {paper_of(put) for _, put in entries if isinstance(put, PAPERS)}
        for name in sorted(touched):
            self._fold(name)
        new = entry.c.position >= entries[0][0].position
        return int(self._connection.execute(select(func.count()).where(entry.c.refused != "", new)).scalar_one())

    def _fold(self, name: str) -> None:
        rows = self._connection.execute(
            select(entry).where(entry.c.subject == PAPER + name).order_by(entry.c.position)
        ).all()
        book = paper_book(paper_said(row.position, row.received_ms, row.raw) for row in rows)
        for position, fault in book.refused.items():  # an entry's fate depends on what was said before it only
            chosen = update(entry).where(entry.c.position == position, entry.c.refused == "")
            self._connection.execute(chosen.values(refused=str(fault.reason), detail=fault.detail))
        self._connection.execute(delete(paper).where(paper.c.id == name))
        if book.paper is not None:
            self._connection.execute(insert(paper), row_of(book))


def subject_of(put: Papering | Tripping) -> str:
    """Return what an entry speaks of."""
    return PAPER + paper_of(put) if isinstance(put, PAPERS) else TRIP + trip_of(put)


def paper_said(position: int, received_ms: int, raw: bytes) -> PaperSaid:
    """Return an entry of a paper from its row."""
    change = decode_change(raw)
    assert isinstance(change.change, PAPERS)
    return PaperSaid(position, received_ms, change.change, change.who, change.why)


def row_of(book: PaperBook) -> dict[str, object]:
    """Return a paper's row; its content is known."""
    put = book.paper
    assert put is not None
    ends = [put.departed, put.arrived] if isinstance(put, MilkNote) else [put.arrived]
    sender, receiver = (put.station, put.plant) if isinstance(put, MilkNote) else ("", put.site)
    return {
        "id": put.id,
        "kind": kind_of(put),
        "sender": sender,
        "receiver": receiver,
        "vehicle": put.vehicle,
        "trip": put.trip,
        "when_ms": next((end.at_ms for end in ends if end is not None), put.at_ms),
        "state": str(book.state),
        "replaces": put.replaces,
    }
