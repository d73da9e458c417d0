"""What is said of one recall: its last word, each site's last answers, and which entries cannot be."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from coldchain.custody.recalls import START_H, STEPS, Recall, RecallAnswer, RecallEnd, Recalling
from coldchain.goods.verdicts import Refusal, Refused
from coldchain.topics import valid_id

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class RecallSaid:
    """An entry of a recall as the ledger has it."""

    position: int
    put: Recalling
    who: str
    why: str = ""


@dataclass(slots=True)
class RecallBook:
    """What is said of a recall.

    Attributes:
        began: its entry; None: not known. ``ended``: None while it runs.
        answers: (site, step) → the last answer.
        refused: position → why that entry cannot be.
    """

    began: RecallSaid | None = None
    ended: RecallSaid | None = None
    answers: dict[tuple[str, str], RecallSaid] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)


def recall_book(said: Sequence[RecallSaid]) -> RecallBook:
    """Return what is said of a recall, entries in the ledger's order."""
    book = RecallBook()
    known = any(isinstance(one.put, Recall) and recall_refusal(one.put, known=True) is None for one in said)
    for one in said:
        fault = recall_refusal(one.put, known=known)
        if fault is not None:
            book.refused[one.position] = fault
            continue
        match one.put:
            case Recall():
                book.began = one
            case RecallAnswer() as put:
                book.answers[put.site, put.step] = one
            case RecallEnd():
                book.ended = one
    return book


def recall_refusal(put: Recalling, *, known: bool) -> Refused | None:
    """Return why an entry cannot be, None when it can.

    Args:
        known: the recall itself is.
    """
    if isinstance(put, Recall):
        if not valid_id(put.id):
            return Refused(Refusal.BAD_ID, put.id)
        if put.level not in START_H:
            return Refused(Refusal.BAD_WORD, f"level {put.level}: {', '.join(map(str, START_H))}")
        return None if put.lots else Refused(Refusal.UNKNOWN_LOT, f"{put.id} names no lot")
    if not known:
        return Refused(Refusal.UNKNOWN_RECALL, put.recall)
    if isinstance(put, RecallEnd):
        return None
    if put.step not in STEPS:
        return Refused(Refusal.BAD_WORD, f"{put.step}: {', '.join(STEPS)}")
    if put.quantity is not None and not (math.isfinite(put.quantity) and put.quantity >= 0):
        return Refused(Refusal.BAD_QUANTITY, f"{put.quantity}")
    return Refused(Refusal.BAD_PHOTO, put.photo) if put.photo and not _SHA256.match(put.photo) else None
