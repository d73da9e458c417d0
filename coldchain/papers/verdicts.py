"""Which entries of papers cannot be, and why: asked before one is written, and again by the fold of what was."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from coldchain.custody import refusals
from coldchain.custody.papers import (
    CERTIFICATES,
    DELIVERY_DECISIONS,
    KNOWN_BY,
    PACKINGS,
    PHOTO_TYPES,
    ROLES,
    Celsius,
    Delivery,
    DeliveryLine,
    MilkNote,
    PaperEnd,
    Papering,
    PaperSignature,
    Photo,
    paper_of,
)
from coldchain.papers.content import DECIMALS
from coldchain.readings import EARLIEST_MS
from coldchain.topics import valid_id

LARGEST = 1e9
"""Of a quantity; larger ones are a wrong digit."""

COLDEST, WARMEST = -90.0, 100.0
"""°C that a thermometer for goods can show."""

LONGEST_STROKE = 20_000
"""Characters of a drawn name: about 2,000 points, a name of 30 s at 60 points a second."""

PHOTO_BYTES = 2_000_000
"""Most bytes of a picture; a phone's page scales it down before it sends it."""

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_STROKE = re.compile(r"M \d{1,4} \d{1,3}(?: [ML] \d{1,4} \d{1,3})*\Z")


class Refusal(StrEnum):
    """Why an entry of a paper cannot be; `REFUSALS` has the words."""

    BAD_ID = "bad-id"
    BAD_TIME = "bad-time"
    BAD_QUANTITY = "bad-quantity"
    BAD_TEMPERATURE = "bad-temperature"
    BAD_WORD = "bad-word"
    BAD_PHOTO = "bad-photo"
    BAD_STROKE = "bad-stroke"
    NO_NAME = "no-name"
    NO_REASON = "no-reason"
    OUT_OF_BALANCE = "out-of-balance"
    OTHER_KIND = "other-kind"
    CLOSED = "closed"
    VOIDED = "voided"
    UNKNOWN_PAPER = "unknown-paper"
    """This and the next three are asked before an entry is written only: what they miss may come late."""
    OTHER_CONTENT = "other-content"
    INCOMPLETE = "incomplete"
    NOT_REPLACEABLE = "not-replaceable"


REFUSALS = {
    Refusal.BAD_ID: refusals.BAD_ID,
    Refusal.BAD_TIME: refusals.BAD_TIME,
    Refusal.BAD_QUANTITY: ("数量不成立(最多三位小数)", "a quantity that cannot be (at most three decimals)"),
    Refusal.BAD_TEMPERATURE: ("温度不成立(最多三位小数)", "a temperature that cannot be (at most three decimals)"),
    Refusal.BAD_WORD: refusals.BAD_WORD,
    Refusal.BAD_PHOTO: ("照片应为 JPEG、PNG 或 WebP,不超过 2 MB", "a picture is JPEG, PNG or WebP of at most 2 MB"),
    Refusal.BAD_STROKE: ("签名笔迹不成立", "a drawn name that cannot be"),
    Refusal.NO_NAME: ("没有姓名", "a signature without a name"),
    Refusal.NO_REASON: ("拒收须写明原因", "what is refused needs a reason"),
    Refusal.OUT_OF_BALANCE: ("接收、拒收与送货数量或结论对不上", "accepted and refused do not fit what came"),
    Refusal.OTHER_KIND: ("这个编号是另一种单据", "there is a paper of another kind with this id"),
    Refusal.CLOSED: (
        "单据已签署完毕,不能更改;请另开一份更正",
        "the paper is complete and stays as it is; correct it by a new one",
    ),
    Refusal.VOIDED: ("单据已作废", "the paper was voided"),
    Refusal.UNKNOWN_PAPER: ("没有这份单据", "there is no such paper"),
    Refusal.OTHER_CONTENT: (
        "签的不是现在的内容,请核对后重签",
        "this is not what is on the paper now: look at it and sign again",
    ),
    Refusal.INCOMPLETE: ("还缺必填项", "fields are missing"),
    Refusal.NOT_REPLACEABLE: (
        "只能更正一份已签署完毕、尚未更正过的同种单据",
        "only a complete paper of the same kind that nothing corrected yet can be corrected",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be, with what was found."""

    reason: Refusal
    detail: str

    def said(self, language: str = "en") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        return refusals.sentence(REFUSALS[self.reason], self.detail, language)


def refusal(put: Papering) -> Refused | None:
    """Return why an entry cannot be whatever else is said, None when it can."""
    match put:
        case MilkNote():
            found = _note(put)
        case Delivery():
            found = _delivery(put)
        case PaperSignature():
            found = _signature(put)
        case _:
            found = iter(())
    return next(_faults(put, found), None)


def _faults(put: Papering, found: Iterator[Refused | None]) -> Iterator[Refused]:
    common = (_id(paper_of(put)), _time(put.at_ms))
    yield from (fault for one in (common, found) for fault in one if fault is not None)


def _note(put: MilkNote) -> Iterator[Refused | None]:
    for name in (put.station, put.plant, put.vehicle, put.trip, put.replaces):
        yield _id(name, optional=name is not put.station)
    for tank in put.tanks:
        yield _quantity(tank.quantity, positive=True)
    names = [tank.tank for tank in put.tanks]
    if len(set(names)) < len(names):
        yield Refused(Refusal.BAD_WORD, f"a tank stands twice: {', '.join(names)}")
    yield from _end(put.departed)
    yield from _end(put.arrived)
    if put.departed is not None and put.arrived is not None and put.arrived.at_ms < put.departed.at_ms:
        yield Refused(Refusal.BAD_TIME, f"arrived {put.arrived.at_ms} before it departed {put.departed.at_ms}")


def _delivery(put: Delivery) -> Iterator[Refused | None]:
    for name in (put.site, put.vehicle, put.trip, put.replaces):
        yield _id(name, optional=name is not put.site)
    yield _word(put.packing, PACKINGS)
    yield _word(put.certificate, CERTIFICATES)
    yield _word(put.decision, DELIVERY_DECISIONS)
    yield from _end(put.arrived)
    yield from (_photo(photo) for photo in put.photos)
    for line in put.lines:
        yield from _line(line, put)
    yield _decided(put)


def _line(line: DeliveryLine, put: Delivery) -> Iterator[Refused | None]:
    yield _id(line.lot, optional=True)
    for quantity in (line.ordered, line.delivered, line.accepted, line.refused):
        yield _quantity(quantity)
    yield _celsius(line.celsius)
    yield from (_photo(photo) for photo in line.photos)
    if line.refused and not (line.reason or put.reason):
        yield Refused(Refusal.NO_REASON, f"{line.number or line.lot or line.product}: {line.refused:g} {line.unit}")
    if None not in (line.delivered, line.accepted, line.refused):
        told = round((line.accepted or 0) + (line.refused or 0) - (line.delivered or 0), DECIMALS)
        if told:
            name = line.number or line.lot or line.product
            detail = f"{name}: {line.accepted:g} + {line.refused:g}, {line.delivered:g} came"
            yield Refused(Refusal.OUT_OF_BALANCE, detail)


def _decided(put: Delivery) -> Refused | None:
    """Say whether the decision is that of the lines."""
    if not put.decision or any(line.accepted is None or line.refused is None for line in put.lines):
        return None
    accepted = any(line.accepted for line in put.lines)
    refused = any(line.refused for line in put.lines)
    fits = {"accepted": not refused, "partly": accepted and refused, "refused": not accepted}[put.decision]
    return None if fits else Refused(Refusal.OUT_OF_BALANCE, f"decision {put.decision}")


def _signature(put: PaperSignature) -> Iterator[Refused | None]:
    yield _word(put.role, dict.fromkeys(role for roles in ROLES.values() for role in roles), optional=False)
    if not put.name.strip():
        yield Refused(Refusal.NO_NAME, put.role)
    if not _SHA256.match(put.content):
        yield Refused(Refusal.OTHER_CONTENT, f"{put.content!r:.80} is no SHA-256")
    if len(put.stroke) > LONGEST_STROKE or not _STROKE.match(put.stroke):
        yield Refused(Refusal.BAD_STROKE, f"{len(put.stroke)} characters of M x y and L x y expected")


def _end(end: PaperEnd | None) -> Iterator[Refused | None]:
    if end is not None:
        yield _time(end.at_ms)
        yield _word(end.known_by, KNOWN_BY, optional=False)
        yield from (_celsius(one) for one in end.temperatures)


def _celsius(one: Celsius | None) -> Refused | None:
    if one is None or (_exact(one.celsius) and COLDEST <= one.celsius <= WARMEST):
        return _time(one.measured_ms) if one is not None and one.measured_ms is not None else None
    return Refused(Refusal.BAD_TEMPERATURE, f"{one.celsius} °C")


def _id(name: str, *, optional: bool = False) -> Refused | None:
    return None if valid_id(name) or (optional and not name) else Refused(Refusal.BAD_ID, f"{name!r:.80}")


def _time(at_ms: int) -> Refused | None:
    return None if at_ms >= EARLIEST_MS else Refused(Refusal.BAD_TIME, f"{at_ms} ms is before 2020")


def _word(word: str, words: Iterable[str], *, optional: bool = True) -> Refused | None:
    known = word in words or (optional and not word)
    return None if known else Refused(Refusal.BAD_WORD, f"{word!r:.80}: {', '.join(words)}")


def _quantity(quantity: float | None, *, positive: bool = False) -> Refused | None:
    if quantity is None or (_exact(quantity) and 0 <= quantity <= LARGEST and (quantity > 0 or not positive)):
        return None
    return Refused(Refusal.BAD_QUANTITY, f"{quantity}")


def _exact(number: float) -> bool:
    return math.isfinite(number) and round(number, DECIMALS) == number


def _photo(photo: Photo) -> Refused | None:
    fits = _SHA256.match(photo.sha256) and 0 < photo.size <= PHOTO_BYTES and photo.type in PHOTO_TYPES
    return None if fits else Refused(Refusal.BAD_PHOTO, f"{photo.sha256:.64}: {photo.size} bytes, {photo.type:.40}")
