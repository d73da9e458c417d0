"""Before an entry of corrective action is written: what is said up to the ledger's end, and why it cannot be.

The store is a moment behind the ledger, so what stands behind its cursor is read from the ledger, and what one request
says first counts for what it says next. What the same person said before, word for word, is answered like the first
time and written once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from alerts.corrective.reader import CorrectiveReader, Found
from alerts.corrective.rows import OVERDUE, said_of
from coldchain.corrective import (
    LEAD,
    RISK,
    CoreTemperature,
    Correction,
    Corrective,
    Lead,
    RiskReport,
    about_of,
)
from coldchain.corrective.fold import CorrectiveSaid
from coldchain.corrective.grading import LONGEST_MS, lacking
from coldchain.corrective.verdicts import Refusal, Refused, refusal
from coldchain.custody.papers import Photo
from coldchain.ledger.port import Ledger
from coldchain.readings import FUTURE_TOLERANCE_MS


@dataclass(frozen=True, slots=True)
class Known:
    """What else must be there before an entry is written."""

    photo: Callable[[str], bool]
    site: Callable[[str], bool]
    asset: Callable[[str], bool]
    lot: Callable[[str], bool]
    recall: Callable[[str], bool]


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
    """

    new: list[Corrective] = field(default_factory=list)
    repeated: dict[int, int] = field(default_factory=dict)
    refused: list[Refusing] = field(default_factory=list)


class Asking:
    """What is said of corrective action up to the ledger's end, and what a request adds to it."""

    def __init__(self, ledger: Ledger, reader: CorrectiveReader, known: Known) -> None:
        self._reader = reader
        self._known = known
        begins = reader.position()
        self._end = ledger.end()
        self._tail: dict[str, list[CorrectiveSaid]] = {}
        for entry in ledger.changes(begins, self._end):
            said = said_of(entry)
            if said is not None:
                self._tail.setdefault(about_of(said.put), []).append(said)

    def found(self, about: str) -> Found | None:
        """Return a corrective action as it stands; None: there is no such alarm, lead or risk."""
        return self._reader.about(about, self._tail)

    def take(self, puts: Sequence[Corrective], who: str, why: str, now_ms: int) -> Taken:
        """Return what a request would write, and everything in it that cannot be; it counts for what is asked next."""
        taken = Taken()
        for number, put in enumerate(puts):
            about = about_of(put)
            found = self.found(about) if about and refusal(put) is None else None
            before = found.book.repeated(put, who) if found else None
            if before is not None:
                taken.repeated[number] = before.position
                continue
            fault = self._fault(put, who, found, now_ms)
            if fault is not None:
                taken.refused.append(Refusing(number, fault))
                continue
            taken.new.append(put)
            said = CorrectiveSaid(self._end + len(taken.new), now_ms, put, who, why)
            self._tail.setdefault(about, []).append(said)
        return taken

    def _fault(self, put: Corrective, who: str, found: Found | None, now_ms: int) -> Refused | None:
        fault = refusal(put)
        if fault is not None:
            return fault
        if put.at_ms > now_ms + FUTURE_TOLERANCE_MS:
            return Refused(Refusal.IN_FUTURE, f"{put.at_ms} ms")
        match put:
            case Lead() | RiskReport():
                return self._of_matter(put)
            case CoreTemperature():
                return self._of_reading(put, found)
        fault = _not_there(put.about, found)
        if fault is not None or found is None:
            return fault
        fault = found.book.refusal(put, who)
        return self._of_correction(put, found) if fault is None and isinstance(put, Correction) else fault

    def _of_correction(self, put: Correction, found: Found) -> Refused | None:
        grade, before = found.book.grade, found.book.correction
        missing = lacking(grade, put) if put.done else ()
        if missing:
            return Refused(Refusal.LACKING, " ".join(missing))
        if put.due_ms is not None and (before is None or before.due_ms != put.due_ms):
            if put.due_ms <= put.at_ms:
                return Refused(Refusal.DUE_PASSED, f"{put.due_ms} ms")
            if found.row is not None and put.due_ms > found.row["begun_ms"] + LONGEST_MS[grade]:
                return Refused(Refusal.DUE_TOO_LATE, f"at most {LONGEST_MS[grade] // 3_600_000} h")
        return self._photos(put.photos)

    def _of_reading(self, put: CoreTemperature, found: Found | None) -> Refused | None:
        if put.about:
            fault = _not_there(put.about, found)
            if fault is not None:
                return fault
        if put.asset and not self._known.asset(put.asset):
            return Refused(Refusal.UNKNOWN_PLACE, put.asset)
        return Refused(Refusal.UNKNOWN_LOT, put.lot) if put.lot and not self._known.lot(put.lot) else None

    def _of_matter(self, put: Lead | RiskReport) -> Refused | None:
        if put.site and not self._known.site(put.site):
            return Refused(Refusal.UNKNOWN_PLACE, put.site)
        if isinstance(put, Lead) and put.asset and not self._known.asset(put.asset):
            return Refused(Refusal.UNKNOWN_PLACE, put.asset)
        unknown = [lot for lot in put.lots if not self._known.lot(lot)]
        if unknown:
            return Refused(Refusal.UNKNOWN_LOT, ", ".join(unknown))
        if put.recall and not self._known.recall(put.recall):
            return Refused(Refusal.UNKNOWN_RECALL, put.recall)
        return self._photos(put.photos) if isinstance(put, Lead) else None

    def _photos(self, photos: Sequence[Photo]) -> Refused | None:
        missing = [photo.sha256 for photo in photos if not self._known.photo(photo.sha256)]
        return Refused(Refusal.PHOTO_NOT_SENT, missing[0][:16]) if missing else None


def _not_there(about: str, found: Found | None) -> Refused | None:
    if about.startswith((LEAD, RISK)):
        reason = Refusal.UNKNOWN_LEAD if about.startswith(LEAD) else Refusal.UNKNOWN_RISK
        return Refused(reason, about) if found is None or found.row is None else None
    if found is None:
        return Refused(Refusal.UNKNOWN_ALARM, about)
    return Refused(Refusal.NOT_NEEDED, about) if found.rule == OVERDUE else None
