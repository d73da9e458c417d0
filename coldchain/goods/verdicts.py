"""Which entries cannot be, and why: asked before one is written, and again by the fold of what was written.

A number that does not fit (more taken than was there) refuses nothing: people say what they see, and the fold tells
what does not add up.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from coldchain.custody import refusals
from coldchain.custody.goods import (
    DECISIONS,
    GONE_BY,
    LOT_CHANGES,
    PLACED_BY,
    Goods,
    Lot,
    LotChange,
    LotGone,
    LotHold,
    LotPlaced,
    LotRelease,
    lots_of,
    time_of,
)
from coldchain.goods.places import printed_ms, valid_place
from coldchain.goods.voyages import boarded
from coldchain.gs1 import Gs1Fault, gtin14
from coldchain.topics import valid_id

EXACT = 6
"""Decimals of a quantity that count."""

MOST = 1e12
"""No quantity of a lot is more, in any unit: with `EXACT` decimals it is still exact to a thousandth."""

LATEST_MS = 4_102_444_800_000
"""2100: no time is later, nor before 1970. A number that the store's columns cannot hold would stop it for ever."""

MOST_STOPS = 1_000


class Refusal(StrEnum):
    """Why an entry of goods cannot be; `REFUSALS` has the words."""

    UNKNOWN_LOT = "unknown-lot"
    UNKNOWN_RECALL = "unknown-recall"
    UNKNOWN_TRIP = "unknown-trip"
    BAD_ID = "bad-id"
    BAD_TIME = "bad-time"
    BAD_QUANTITY = "bad-quantity"
    BAD_WORD = "bad-word"
    BAD_PLACE = "bad-place"
    BAD_PHOTO = "bad-photo"
    UNKNOWN_PLACE = "unknown-place"
    """Asked before an entry is written only: a place may be registered late."""
    BAD_GTIN = "bad-gtin"
    BAD_CONDITION = "bad-condition"
    PRINTED_TWICE = "printed-twice"
    """As the two below, asked before an entry is written only: it is of several lots."""
    OTHER_UNIT = "other-unit"
    IN_A_CIRCLE = "in-a-circle"
    TWO_UNITS = "two-units"
    TWO_PRODUCTS = "two-products"
    OUT_OF_BALANCE = "out-of-balance"
    HOLD_KNOWN = "hold-known"
    NO_HOLD = "no-hold"
    SAME_PERSON = "same-person"
    RELEASED_BEFORE = "released-before"


REFUSALS = {
    Refusal.UNKNOWN_LOT: ("没有登记这个批次", "the lot is not known"),
    Refusal.UNKNOWN_RECALL: ("没有登记这次召回", "the recall is not known"),
    Refusal.UNKNOWN_TRIP: ("没有登记这个车次", "the trip is not known"),
    Refusal.BAD_ID: refusals.BAD_ID,
    Refusal.BAD_TIME: refusals.BAD_TIME,
    Refusal.BAD_QUANTITY: ("数量不成立", "a quantity that cannot be"),
    Refusal.BAD_WORD: refusals.BAD_WORD,
    Refusal.BAD_PLACE: (
        "位置应为 asset:资产编号、site:网点编码 或 trip:车次编号",
        "a place is asset:, site: or trip: and an id",
    ),
    Refusal.BAD_PHOTO: ("照片的校验值应为 64 位十六进制数", "a photo is named by 64 hexadecimal digits"),
    Refusal.UNKNOWN_PLACE: ("没有登记这个位置", "there is no such asset or site"),
    Refusal.BAD_GTIN: (
        "商品条码不成立(位数或末位校验码)",
        "no GTIN: 8, 12, 13 or 14 digits, the last checks the others",
    ),
    Refusal.BAD_CONDITION: ("标签的最低温度高于最高温度", "the low end of the label is above its high end"),
    Refusal.PRINTED_TWICE: ("另一批次有相同的商品条码和批号", "another lot has this GTIN and this number"),
    Refusal.OTHER_UNIT: ("数量已按原单位登记,单位不能再改", "quantities were said of it in another unit"),
    Refusal.IN_A_CIRCLE: ("加工的产出是投入的来源", "what comes out is what went into what goes in"),
    Refusal.TWO_PRODUCTS: ("拆分、合并的批次产品不同", "lots of different products cannot be split or merged"),
    Refusal.TWO_UNITS: ("拆分、合并的批次单位不同", "lots of different units cannot be split or merged"),
    Refusal.OUT_OF_BALANCE: (
        "出来的比进去的多,或拆分、合并前后不等",
        "more came out than went in, or a split that is not even",
    ),
    Refusal.HOLD_KNOWN: ("这个编号的暂停销售已有", "there is a hold with this id"),
    Refusal.NO_HOLD: ("没有这个暂停销售", "there is no such hold of this lot"),
    Refusal.SAME_PERSON: ("须由另一人决定", "another person than the one who held it must decide"),
    Refusal.RELEASED_BEFORE: ("已有决定", "it was decided before"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that cannot be, with what was found."""

    reason: Refusal
    detail: str

    def said(self, language: str = "en") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        return refusals.sentence(REFUSALS[self.reason], self.detail, language)


@dataclass(frozen=True, slots=True)
class HeldBy:
    """What a verdict must know of a hold: who said it, and whether somebody has decided of it."""

    who: str
    decided: bool = False


def refusal(
    put: Goods, who: str, known: Mapping[str, Lot], holds: Mapping[str, HeldBy], trips: Container[str] = ()
) -> Refused | None:
    """Return why an entry cannot be, None when it can.

    Args:
        who: said it.
        known: the lots that it speaks of, as far as they are known.
        holds: the holds of the lot that it speaks of; several lots may share a hold's id.
        trips: those on board of which it says that goods are, as far as they are known.
    """
    if not 0 <= time_of(put) < LATEST_MS:
        return Refused(Refusal.BAD_TIME, f"{time_of(put)} ms")
    if not isinstance(put, Lot):
        for lot in lots_of(put):
            if lot not in known:
                return Refused(Refusal.UNKNOWN_LOT, lot)
        for trip in sorted(boarded(put)):
            if trip not in trips:
                return Refused(Refusal.UNKNOWN_TRIP, trip)
    match put:
        case Lot():
            return _lot(put)
        case LotPlaced():
            if put.to_ms is not None and not put.from_ms < put.to_ms < LATEST_MS:
                return Refused(Refusal.BAD_TIME, f"to {put.to_ms} is not after from {put.from_ms}")
            if put.stop is not None and not 0 <= put.stop < MOST_STOPS:
                return Refused(Refusal.BAD_QUANTITY, f"stop {put.stop}")
            return _word(put.how, PLACED_BY) or _place(put.place) or _place(put.taken_from) or _quantity(put.quantity)
        case LotGone():
            return _word(put.reason, GONE_BY) or _place(put.place) or _quantity(put.quantity)
        case LotChange():
            return _change(put, known)
        case LotHold():
            if put.id in holds:
                return Refused(Refusal.HOLD_KNOWN, put.id)
            return _id(put.id) or _place(put.place)
        case LotRelease():
            return _release(put, who, holds)


def _lot(put: Lot) -> Refused | None:
    if not 0 < put.quantity <= MOST:
        return Refused(Refusal.BAD_QUANTITY, f"{put.id}: {put.quantity}")
    if put.gtin:
        try:
            gtin14(put.gtin)
        except Gs1Fault as fault:
            return Refused(Refusal.BAD_GTIN, f"{put.id}: {fault}")
    if put.low_celsius is not None and put.high_celsius is not None and put.low_celsius > put.high_celsius:
        return Refused(Refusal.BAD_CONDITION, f"{put.id}: {put.low_celsius:g} > {put.high_celsius:g}")
    try:
        produced, expires = printed_ms(put.produced, end=False), printed_ms(put.expires, end=True)
    except ValueError as fault:
        return Refused(Refusal.BAD_TIME, f"{put.id}: {fault}")
    if produced is not None and expires is not None and expires <= produced:
        return Refused(Refusal.BAD_TIME, f"{put.id}: expires {put.expires}, produced {put.produced}")
    return _id(put.id)


def _release(put: LotRelease, who: str, holds: Mapping[str, HeldBy]) -> Refused | None:
    hold = holds.get(put.hold)
    if hold is None:
        return Refused(Refusal.NO_HOLD, put.hold)
    if hold.decided:
        return Refused(Refusal.RELEASED_BEFORE, put.hold)
    if hold.who == who:
        return Refused(Refusal.SAME_PERSON, who)
    return _word(put.decision, DECISIONS)


def _change(put: LotChange, known: Mapping[str, Lot]) -> Refused | None:
    shares = (*put.inputs, *put.outputs)
    if not put.inputs or not put.outputs:
        return Refused(Refusal.OUT_OF_BALANCE, f"{put.id}: nothing went in, or nothing came out")
    for share in shares:
        found = _place(share.place) or _quantity(share.quantity)
        if found is not None:
            return found
    inputs, outputs = (sum(share.quantity for share in part) for part in (put.inputs, put.outputs))
    one_unit = len({known[share.lot].unit for share in shares}) == 1
    if put.kind != "transformation" and not one_unit:
        return Refused(Refusal.TWO_UNITS, ", ".join(sorted({known[share.lot].unit for share in shares})))
    products = {known[share.lot].product for share in shares}
    if put.kind != "transformation" and len(products) > 1:
        return Refused(Refusal.TWO_PRODUCTS, ", ".join(sorted(products)))
    more = round(outputs - inputs, EXACT)
    if one_unit and (more > 0 or (put.kind != "transformation" and more)):
        return Refused(Refusal.OUT_OF_BALANCE, f"{put.id}: in {inputs:g}, out {outputs:g}")
    return _id(put.id) or _word(put.kind, LOT_CHANGES)


def _id(name: str) -> Refused | None:
    return None if valid_id(name) else Refused(Refusal.BAD_ID, name)


def _word(word: str, words: Iterable[str]) -> Refused | None:
    return None if word in words else Refused(Refusal.BAD_WORD, f"{word}: {', '.join(words)}")


def _place(place: str) -> Refused | None:
    return None if not place or valid_place(place) else Refused(Refusal.BAD_PLACE, place)


def _quantity(quantity: float | None) -> Refused | None:
    if quantity is None or 0 <= quantity <= MOST:
        return None
    return Refused(Refusal.BAD_QUANTITY, f"{quantity}")
