"""What is said of one paper, in the ledger's order: its content, who signed it, and from when it is immutable.

::

    paper ──▶ content (the last one) ◀── signature: counts for exactly the content that it names
                      │                        │
                      └── every role has signed what is there now: complete ──▶ every later entry is refused

A field that is changed between two signatures leaves the earlier one as it was given, to something else: it is kept,
shown, and does not count. What comes twice has been said once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from coldchain.custody.papers import ROLES, Delivery, MilkNote, Paper, Papering, PaperSignature, PaperVoid, kind_of
from coldchain.papers.content import lacking, signed_digest
from coldchain.papers.verdicts import Refusal, Refused, refusal


class State(StrEnum):
    """What a paper is."""

    DRAFT = "draft"
    COMPLETE = "complete"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class PaperSaid:
    """An entry as the ledger has it."""

    position: int
    received_ms: int
    put: Papering
    who: str
    why: str = ""


@dataclass(slots=True)
class PaperBook:
    """What is said of a paper.

    Attributes:
        versions: contents in the ledger's order; the last one is on the paper.
        signatures: all that were given, in the ledger's order.
        voided: the entry that voided it. ``closed``: the last signature that made it complete.
        refused: position → why that entry cannot be.
    """

    versions: list[PaperSaid] = field(default_factory=list)
    signatures: list[PaperSaid] = field(default_factory=list)
    voided: PaperSaid | None = None
    closed: PaperSaid | None = None
    refused: dict[int, Refused] = field(default_factory=dict)

    @property
    def paper(self) -> Paper | None:
        """What is on the paper; None: nobody said it yet."""
        if not self.versions:
            return None
        put = self.versions[-1].put
        assert isinstance(put, MilkNote | Delivery)
        return put

    @property
    def state(self) -> State:
        """What it is."""
        return State.COMPLETE if self.closed else State.VOIDED if self.voided else State.DRAFT

    def counting(self) -> dict[str, PaperSaid]:
        """Return role → the last signature that counts for what is on the paper now."""
        return {signature_of(said).role: said for said in self.signatures if self.counts(said)}

    def counts(self, said: PaperSaid) -> bool:
        """Say whether a signature was given to what is on the paper now, and could be given."""
        paper, put = self.paper, signature_of(said)
        if paper is None or put.role not in ROLES[kind_of(paper)] or lacking(paper, put.role):
            return False
        return put.content == signed_digest(paper, put.role)

    def missing(self) -> list[str]:
        """Return the roles that have not signed what is on the paper now."""
        if self.paper is None:
            return []
        counting = self.counting()
        return [role for role in ROLES[kind_of(self.paper)] if role not in counting]

    def repeated(self, put: Papering) -> PaperSaid | None:
        """Return the entry that said exactly the same before."""
        said = [*self.versions, *self.signatures, *([self.voided] if self.voided else [])]
        return next((one for one in said if one.put == put), None)

    def refusal(self, put: Papering) -> Refused | None:
        """Return why an entry cannot be added, None when it can."""
        if self.repeated(put) is not None:
            return None
        if self.closed is not None:
            return Refused(Refusal.CLOSED, signature_of(self.closed).paper)
        if self.voided is not None:
            assert isinstance(self.voided.put, PaperVoid)
            return Refused(Refusal.VOIDED, self.voided.put.paper)
        paper = self.paper
        if isinstance(put, MilkNote | Delivery) and paper is not None and kind_of(put) != kind_of(paper):
            return Refused(Refusal.OTHER_KIND, f"{put.id}: {kind_of(paper)}")
        return refusal(put)

    def take(self, said: PaperSaid) -> None:
        """Add an entry: it counts, has been said before, or is refused."""
        fault = self.refusal(said.put)
        if fault is not None:
            self.refused[said.position] = fault
        elif self.repeated(said.put) is None:
            match said.put:
                case MilkNote() | Delivery():
                    self.versions.append(said)
                case PaperSignature():
                    self.signatures.append(said)
                case PaperVoid():
                    self.voided = said
            if self.voided is None and self.versions and not self.missing():
                self.closed = max(self.counting().values(), key=lambda one: one.position)


def signature_of(said: PaperSaid) -> PaperSignature:
    """Return the signature that an entry is."""
    assert isinstance(said.put, PaperSignature)
    return said.put


def paper_book(said: Iterable[PaperSaid]) -> PaperBook:
    """Return what is said of a paper.

    Args:
        said: every entry that speaks of it, in the ledger's order.
    """
    book = PaperBook()
    for one in said:
        book.take(one)
    return book
