"""Which entries of corrective action cannot be, and why: asked before one is written, and again by the fold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from coldchain.corrective.entries import (
    CAUSES,
    DISPOSITIONS,
    ENDS,
    LEAD,
    RISK,
    SOURCES,
    CoreTemperature,
    Correction,
    CorrectionVerified,
    Corrective,
    Lead,
    RiskReport,
)
from coldchain.corrective.grading import Grade
from coldchain.custody.papers import PHOTO_TYPES, Photo
from coldchain.papers.verdicts import PHOTO_BYTES
from coldchain.readings import EARLIEST_MS
from coldchain.topics import valid_id

COLDEST, WARMEST = -60.0, 60.0
"""°C inside of a pack; anything else is a wrong digit."""

MOST_WORDS = 4_000
"""Characters of a text."""

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Refusal(StrEnum):
    """Why an entry cannot be; `REFUSALS` has the words."""

    BAD_ID = "bad-id"
    BAD_TIME = "bad-time"
    BAD_TEMPERATURE = "bad-temperature"
    BAD_WORD = "bad-word"
    BAD_PHOTO = "bad-photo"
    NO_WORDS = "no-words"
    TOO_LONG = "too-long"
    ID_TAKEN = "id-taken"
    CLOSED = "closed"
    NOT_DONE = "not-done"
    OTHER_CORRECTION = "other-correction"
    SAME_PERSON = "same-person"
    NOT_NEEDED = "not-needed"
    UNKNOWN_ALARM = "unknown-alarm"
    """This and the following ones are asked before an entry is written only: what they miss may come late."""
    UNKNOWN_LEAD = "unknown-lead"
    UNKNOWN_RISK = "unknown-risk"
    UNKNOWN_PLACE = "unknown-place"
    UNKNOWN_LOT = "unknown-lot"
    UNKNOWN_RECALL = "unknown-recall"
    PHOTO_NOT_SENT = "photo-not-sent"
    LACKING = "lacking"
    DUE_PASSED = "due-passed"
    DUE_TOO_LATE = "due-too-late"
    IN_FUTURE = "in-future"


REFUSALS = {
    Refusal.BAD_ID: ("编号应为 1 至 64 位字母、数字或 . _ : -", "an id is 1 to 64 of A-Z a-z 0-9 . _ : -"),
    Refusal.BAD_TIME: ("时间不成立", "a time that cannot be"),
    Refusal.BAD_TEMPERATURE: ("温度不成立", "a temperature that cannot be"),
    Refusal.BAD_WORD: ("没有这个说法", "not one of the words"),
    Refusal.BAD_PHOTO: ("照片应为 JPEG、PNG 或 WebP,不超过 2 MB", "a picture is JPEG, PNG or WebP of at most 2 MB"),
    Refusal.NO_WORDS: ("没有写明内容", "nothing is said"),
    Refusal.TOO_LONG: ("文字太长", "too many words"),
    Refusal.ID_TAKEN: ("这个编号已经用过", "this id was used before, with other words"),
    Refusal.CLOSED: ("整改已关闭,不能再改", "it is closed and stays as it is"),
    Refusal.NOT_DONE: ("整改还没有完成,不能复核", "it is not done yet, so there is nothing to verify"),
    Refusal.OTHER_CORRECTION: (
        "复核的不是现在这一份整改,请看过后再复核",
        "this is not what was said last: look at it and verify again",
    ),
    Refusal.SAME_PERSON: (
        "须由另一人复核:不能复核自己做的或自己负责的整改",
        "a second person must verify it, neither who did it nor who is responsible for it",
    ),
    Refusal.NOT_NEEDED: ("这条报警不需要整改", "this alarm needs no corrective action"),
    Refusal.UNKNOWN_ALARM: ("没有这条报警", "there is no such alarm"),
    Refusal.UNKNOWN_LEAD: ("没有这条线索,或它还没有转为整改", "there is no such lead, or it asks for no correction"),
    Refusal.UNKNOWN_RISK: (
        "没有这份风险报告,或它还没有转为整改",
        "there is no such risk report, or it asks for no correction",
    ),
    Refusal.UNKNOWN_PLACE: ("没有登记这个网点或资产", "there is no such site or asset"),
    Refusal.UNKNOWN_LOT: ("没有登记这个批次", "the lot is not known"),
    Refusal.UNKNOWN_RECALL: ("没有登记这次召回", "the recall is not known"),
    Refusal.PHOTO_NOT_SENT: ("照片没有上传", "the picture was not sent"),
    Refusal.LACKING: ("还不能算完成,缺少", "it does not count as done without"),
    Refusal.DUE_PASSED: ("完成期限已经过去", "the due time is over already"),
    Refusal.DUE_TOO_LATE: ("完成期限太晚", "the due time is too late"),
    Refusal.IN_FUTURE: ("时间在将来", "a time in the future"),
}

FIELDS = {
    "cause": ("原因", "a cause"),
    "action": ("采取的措施", "what was done"),
    "photos": ("照片", "a photo"),
    "responsible": ("责任人", "a responsible person"),
    "due_ms": ("完成期限", "a due time"),
    "disposition": ("产品处置(放行、复检、降级、销毁)", "the disposition of the goods"),
    "evidence": ("证据(照片或单号)", "evidence (a photo, or a number)"),
    "conclusion": ("结论", "a conclusion"),
    "recall": ("召回编号", "the recall"),
    "what": ("情况说明", "what it is about"),
    "to": ("报送对象", "to whom it goes"),
}
"""Fields as a person is told of them, 中文 and English."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be, with what was found; of `Refusal.LACKING` the names of `FIELDS` with spaces between."""

    reason: Refusal
    detail: str

    def said(self, language: str = "en") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        word = 0 if language == "zh" else 1
        detail = self.detail
        if self.reason in (Refusal.LACKING, Refusal.NO_WORDS):
            detail = ("、", ", ")[word].join(FIELDS[name][word] for name in detail.split())
        return f"{REFUSALS[self.reason][word]}: {detail}"


def refusal(put: Corrective) -> Refused | None:
    """Return why an entry cannot be whatever else is said, None when it can."""
    return next((fault for fault in _faults(put) if fault is not None), None)


def _faults(put: Corrective) -> Iterator[Refused | None]:
    yield _time(put.at_ms)
    match put:
        case Correction():
            yield _id(put.id)
            yield _about(put.about)
            yield _word(put.cause, CAUSES)
            yield _word(put.disposition, DISPOSITIONS)
            yield from (_photo(photo) for photo in put.photos)
            yield _short(put.action, put.evidence, put.responsible)
            yield None if put.due_ms is None else _time(put.due_ms)
        case CorrectionVerified():
            yield _id(put.correction)
            yield _about(put.about)
        case CoreTemperature():
            yield _id(put.id)
            yield None if not put.about or valid_id(put.about) else Refused(Refusal.BAD_ID, f"{put.about!r:.80}")
            yield from (_id(name) for name in (put.asset, put.lot) if name)
            if not put.about and not put.asset:
                yield Refused(Refusal.BAD_ID, "neither an alarm nor an asset")
            if not (math.isfinite(put.celsius) and COLDEST <= put.celsius <= WARMEST):
                yield Refused(Refusal.BAD_TEMPERATURE, f"{put.celsius} °C")
            yield _short(put.instrument)
        case Lead():
            yield from _matter(put)
            yield _word(put.source, SOURCES, optional=False)
            yield _short(put.conclusion)
            yield from (_photo(photo) for photo in put.photos)
            yield None if put.due_ms is None else _time(put.due_ms)
            yield _ends(put, put.conclusion)
        case RiskReport():
            yield from _matter(put)
            yield _short(put.source, put.measures, put.to, put.receipt)
            yield None if put.sent_ms is None else _time(put.sent_ms)
            if put.sent_ms is not None and not put.to.strip():
                yield Refused(Refusal.NO_WORDS, "to")
            yield _ends(put, put.measures or put.what)


def _matter(put: Lead | RiskReport) -> Iterator[Refused | None]:
    yield _id(put.id)
    yield from (_id(name) for name in (put.site, *put.lots) if name)
    yield None if put.what.strip() else Refused(Refusal.NO_WORDS, "what")
    yield _short(put.what)
    yield _word(put.grade, list(Grade), optional=False)


def _ends(put: Lead | RiskReport, conclusion: str) -> Refused | None:
    fault = _word(put.ends, ENDS)
    if fault is not None:
        return fault
    if put.ends == "recall":
        return None if put.recall else Refused(Refusal.NO_WORDS, "recall")
    return None if put.ends != "unfounded" or conclusion.strip() else Refused(Refusal.NO_WORDS, "conclusion")


def _id(name: str) -> Refused | None:
    return None if valid_id(name) else Refused(Refusal.BAD_ID, f"{name!r:.80}")


def _about(about: str) -> Refused | None:
    return _id(about.removeprefix(LEAD).removeprefix(RISK))


def _time(at_ms: int) -> Refused | None:
    return None if at_ms >= EARLIEST_MS else Refused(Refusal.BAD_TIME, f"{at_ms} ms is before 2020")


def _word(word: str, words: Iterable[str], *, optional: bool = True) -> Refused | None:
    known = word in words or (optional and not word)
    return None if known else Refused(Refusal.BAD_WORD, f"{word!r:.80}: {', '.join(words)}")


def _short(*texts: str) -> Refused | None:
    longest = max(map(len, texts))
    return None if longest <= MOST_WORDS else Refused(Refusal.TOO_LONG, f"{longest} characters, at most {MOST_WORDS}")


def _photo(photo: Photo) -> Refused | None:
    fits = _SHA256.match(photo.sha256) and 0 < photo.size <= PHOTO_BYTES and photo.type in PHOTO_TYPES
    return None if fits else Refused(Refusal.BAD_PHOTO, f"{photo.sha256:.64}: {photo.size} bytes, {photo.type:.40}")
