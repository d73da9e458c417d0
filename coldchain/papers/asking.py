"""Before an entry of a paper is written: what is said of it up to the ledger's end, and why it cannot be.

The store is a moment behind the ledger, and whoever draws a paper up signs it right after. So what stands behind the
store's cursor is read from the ledger, and what one request says first counts for what it says next. What was said
before, word for word, is a repeat: it is answered like the first time and written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from coldchain.custody.papers import ROLES, Delivery, MilkNote, Papering, PaperSignature, kind_of, paper_of
from coldchain.ledger.port import Ledger
from coldchain.papers.content import lacking, signed_digest
from coldchain.papers.fold import PaperBook, PaperSaid, State, paper_book
from coldchain.papers.reader import PaperReader
from coldchain.papers.verdicts import Refusal, Refused
from coldchain.readable import readable


@dataclass(frozen=True, slots=True)
class Refusing:
    """An entry of a request that cannot be: which one, and why."""

    number: int
    refused: Refused


@dataclass(slots=True)
class Taken:
    """What a request would write.

    Attributes:
        new: entries to write. ``repeated``: number in the request → ledger position of the first time.
        completed: papers that the request makes complete.
    """

    new: list[Papering] = field(default_factory=list)
    repeated: dict[int, int] = field(default_factory=dict)
    refused: list[Refusing] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)


class Asking:
    """What is said of papers up to the ledger's end, and what a request adds to it."""

    def __init__(self, ledger: Ledger, reader: PaperReader) -> None:
        self._reader = reader
        self._begins = reader.position()
        self._end = ledger.end()
        self._tail: dict[str, list[PaperSaid]] = {}
        self._books: dict[str, PaperBook] = {}
        for entry, change in readable(ledger.changes(self._begins, self._end)):
            put = change.change
            if isinstance(put, Papering):
                said = PaperSaid(entry.position, entry.received_at_ms, put, change.who, change.why)
                self._tail.setdefault(paper_of(put), []).append(said)

    def book(self, name: str) -> PaperBook:
        """Return what is said of a paper."""
        if name not in self._books:
            stored = [said for said in self._reader.said(name) if said.position <= self._begins]
            self._books[name] = paper_book([*stored, *self._tail.get(name, ())])
        return self._books[name]

    def take(self, puts: Sequence[Papering], who: str, why: str, now_ms: int) -> Taken:
        """Return what a request would write, and everything in it that cannot be; it counts for what is asked next."""
        taken = Taken()
        for number, put in enumerate(puts):
            book = self.book(paper_of(put))
            before = book.repeated(put)
            if before is not None:
                taken.repeated[number] = before.position
                continue
            fault = book.refusal(put) or self._late(book, put)
            if fault is not None:
                taken.refused.append(Refusing(number, fault))
                continue
            taken.new.append(put)
            book.take(PaperSaid(self._end + len(taken.new), now_ms, put, who, why))
            if book.state is State.COMPLETE:
                taken.completed.append(paper_of(put))
        return taken

    def _late(self, book: PaperBook, put: Papering) -> Refused | None:
        """Return why an entry must wait: what it speaks of is not there, or is something else."""
        paper = book.paper
        if isinstance(put, MilkNote | Delivery):
            return self._not_replaceable(put)
        if paper is None:
            return Refused(Refusal.UNKNOWN_PAPER, put.paper)
        if not isinstance(put, PaperSignature):
            return None
        if put.role not in ROLES[kind_of(paper)]:
            return Refused(Refusal.BAD_WORD, f"{put.role}: {', '.join(ROLES[kind_of(paper)])}")
        missing = lacking(paper, put.role)
        if missing:
            return Refused(Refusal.INCOMPLETE, f"{put.role}: {', '.join(missing)}")
        now = signed_digest(paper, put.role)
        if put.content != now:
            return Refused(Refusal.OTHER_CONTENT, f"{put.role} signed {put.content[:16]}…, {now[:16]}… is on the paper")
        return self._not_replaceable(paper)

    def _not_replaceable(self, put: MilkNote | Delivery) -> Refused | None:
        if not put.replaces:
            return None
        older = self.book(put.replaces)
        if older.state is not State.COMPLETE or older.paper is None or kind_of(older.paper) != kind_of(put):
            return Refused(Refusal.NOT_REPLACEABLE, f"{put.replaces} is no complete {kind_of(put)}")
        others = [name for name in self._replacing(put.replaces) if name != put.id]
        return Refused(Refusal.NOT_REPLACEABLE, f"{put.replaces}: {others[0]} corrected it") if others else None

    def _replacing(self, name: str) -> list[str]:
        fresh = {*self._tail, *self._books}
        papers = {one: self.book(one) for one in sorted(fresh)}
        newer = [
            one
            for one, book in papers.items()
            if book.state is State.COMPLETE and book.paper is not None and book.paper.replaces == name
        ]
        return [*self._reader.replaced_by(name), *newer]
