"""What is said of one corrective action, in the ledger's order, and what it comes to.

::

    Correction ──▶ done, and nothing is missing for its grade? ──no──▶ OPEN ◀──sent back──┐
                        │ yes                                                             │
                        ├── minor, serious ──▶ CLOSED                                     │
                        └── severe ──▶ TO_VERIFY ──a second person looks at exactly this──┴──accepted──▶ CLOSED

The grade is asked for as it is now: a re-judge or a core temperature that makes it graver opens it again, because then
something is missing. Every entry is kept; what does not count has its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from coldchain.corrective.entries import CoreTemperature, Correction, CorrectionVerified, Corrective, Lead, RiskReport
from coldchain.corrective.grading import Grade, lacking
from coldchain.corrective.verdicts import Refusal, Refused, refusal


class State(StrEnum):
    """What a corrective action is."""

    OPEN = "open"
    TO_VERIFY = "to-verify"
    CLOSED = "closed"
    VOID = "void"
    """Its alarm turned out never to have been."""


@dataclass(frozen=True, slots=True)
class CorrectiveSaid:
    """An entry as the ledger has it."""

    position: int
    received_ms: int
    put: Corrective
    who: str
    why: str = ""


@dataclass(slots=True)
class CorrectionBook:
    """What is said of one corrective action.

    Attributes:
        grade: as it is now.
        current: the last `Correction` that counts. ``verified``: what a second person said of it.
        readings: core temperatures.
        matter: the last word on the lead or risk that it is about; None: it is about an alarm.
        done_ms, closed_ms: when the server heard that it was done, and what closed it; None: not so (any more).
        refused: position → why that entry does not count.
    """

    grade: Grade
    state: State = State.OPEN
    said: list[CorrectiveSaid] = field(default_factory=list)
    current: CorrectiveSaid | None = None
    verified: CorrectiveSaid | None = None
    readings: list[CorrectiveSaid] = field(default_factory=list)
    matter: CorrectiveSaid | None = None
    done_ms: int | None = None
    closed_ms: int | None = None
    refused: dict[int, Refused] = field(default_factory=dict)

    @property
    def correction(self) -> Correction | None:
        """What was said last."""
        return None if self.current is None else correction_in(self.current)

    def lacking(self) -> tuple[str, ...]:
        """Return the fields that are missing before it counts as done."""
        return lacking(self.grade, self.correction or Correction("", "", 0))

    def repeated(self, put: Corrective, who: str) -> CorrectiveSaid | None:
        """Return the entry in which the same person said the same before, word for word."""
        return next((said for said in self.said if said.who == who and _same(said.put, put)), None)

    def refusal(self, put: Corrective, who: str) -> Refused | None:
        """Return why an entry does not count, None when it does."""
        fault = refusal(put)
        if fault is not None:
            return fault
        if isinstance(put, Correction):
            if self.state is State.CLOSED:
                return Refused(Refusal.CLOSED, put.about)
            taken = any(isinstance(one.put, Correction) and one.put.id == put.id for one in self.said)
            return Refused(Refusal.ID_TAKEN, put.id) if taken else None
        return self._not_to_verify(put, who) if isinstance(put, CorrectionVerified) else None

    def _not_to_verify(self, put: CorrectionVerified, who: str) -> Refused | None:
        if self.state is State.CLOSED:
            return Refused(Refusal.CLOSED, put.about)
        if self.current is None or self.state is not State.TO_VERIFY:
            return Refused(Refusal.NOT_DONE, put.about)
        said = correction_in(self.current)
        if said.id != put.correction:
            return Refused(Refusal.OTHER_CORRECTION, f"{put.correction}; {said.id} was said last")
        if _name(who) in {_name(self.current.who), _name(said.responsible)}:
            return Refused(Refusal.SAME_PERSON, who)
        return None

    def take(self, said: CorrectiveSaid) -> None:
        """Take one more entry."""
        if self.repeated(said.put, said.who) is not None:
            return
        fault = self.refusal(said.put, said.who)
        self.said.append(said)
        if fault is not None:
            self.refused[said.position] = fault
            return
        match said.put:
            case Correction() as put:
                self.current, self.verified = said, None
                done = put.done and not lacking(self.grade, put)
                self.done_ms = said.received_ms if done else None
                self.state = State.OPEN if not done else State.CLOSED if _alone(self.grade) else State.TO_VERIFY
            case CorrectionVerified() as put:
                self.verified = said
                self.state = State.CLOSED if put.accepted else State.OPEN
                self.done_ms = self.done_ms if put.accepted else None
            case CoreTemperature():
                self.readings.append(said)
            case Lead() | RiskReport():
                self.matter = said
        self.closed_ms = (self.closed_ms or said.received_ms) if self.state is State.CLOSED else None


def correction_book(grade: Grade, said: Iterable[CorrectiveSaid]) -> CorrectionBook:
    """Return what is said of one corrective action, entries in the ledger's order.

    Args:
        grade: as it is now.
    """
    book = CorrectionBook(grade)
    for one in said:
        book.take(one)
    return book


def too_warm(said: Iterable[CorrectiveSaid]) -> bool:
    """Say whether a core temperature was above its limit; one that cannot be counts for nothing."""
    puts = (one.put for one in said)
    return any(above_limit(put) for put in puts if isinstance(put, CoreTemperature) and refusal(put) is None)


def above_limit(put: CoreTemperature) -> bool:
    """Say whether goods were warmer than they may be.

    >>> above_limit(CoreTemperature("t", "a", "c", 6.0, 0, limit_celsius=6.0))
    False
    """
    return put.limit_celsius is not None and put.celsius > put.limit_celsius


def correction_in(said: CorrectiveSaid) -> Correction:
    """Return the correction that an entry is."""
    assert isinstance(said.put, Correction)
    return said.put


def _same(one: Corrective, other: Corrective) -> bool:
    """Say whether two entries say the same; of a reading the server knows the limit and the lots, then and now."""
    if isinstance(one, CoreTemperature) and isinstance(other, CoreTemperature):
        return (one.id, one.celsius, one.at_ms) == (other.id, other.celsius, other.at_ms)
    return one == other


def _alone(grade: Grade) -> bool:
    """Say whether nobody else has to look at it."""
    return grade is not Grade.SEVERE


def _name(who: str) -> str:
    return "".join(who.split()).casefold()
