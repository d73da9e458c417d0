"""Application identifiers (AI): which there are here, and what their values look like.

Source of names, formats and lengths: GS1 General Specifications, application identifiers. Only those are known that a
carton, a pallet, a place or a device of this trade carries; others are passed over when scanned.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from coldchain.gs1.digits import gln13, gtin14, sscc18
from coldchain.gs1.faults import Gs1Fault

LETTERS_AND_DIGITS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
SIGNS = LETTERS_AND_DIGITS | frozenset("!\"%&'()*+,-./:;<=>?_")
"""The 82 signs of an alphanumeric value."""

YEARS_AHEAD = 50
YEARS_BACK = 49
"""A year of two digits lies at most so many years after or before the day on which it is read (same source)."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One application identifier.

    Attributes:
        zh, en: what it says.
        read: value and place → the value as it is kept; raises `Gs1Fault`.
        longest: characters of the longest value.
    """

    zh: str
    en: str
    read: Callable[[str, str], str]
    longest: int


def _text(text: str, place: str, most: int) -> str:
    if not 1 <= len(text) <= most:
        raise Gs1Fault("length", place, found=text, most=most)
    for sign in text:
        if sign not in SIGNS:
            raise Gs1Fault("character", place, found=text, sign=sign)
    return text


def _digits(text: str, place: str, length: int) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == length):
        raise Gs1Fault("digits", place, found=text, wanted=length)
    return text


def _gtin(text: str, place: str) -> str:
    return gtin14(_digits(text, place, 14), place)


def _is_day(text: str, lowest: int) -> bool:
    month, day_of_month = int(text[2:4]), int(text[4:6])
    return 1 <= month <= 12 and lowest <= day_of_month <= calendar.monthrange(2000 + int(text[:2]), month)[1]


def _day(text: str, place: str) -> str:
    if not _is_day(_digits(text, place, 6), lowest=0):
        raise Gs1Fault("day", place, found=text)
    return text


def _minute(text: str, place: str) -> str:
    _digits(text, place, 10)
    if not (_is_day(text, lowest=1) and int(text[6:8]) < 24 and int(text[8:10]) < 60):
        raise Gs1Fault("minute", place, found=text)
    return text


def _returnable(text: str, place: str) -> str:
    gtin14(_digits(text[:14], place, 14), place)
    if text[14:]:
        _text(text[14:], place, 16)
    return text


IDENTIFIERS: Mapping[str, Identifier] = {
    "00": Identifier("物流单元", "logistic unit (SSCC)", sscc18, 18),
    "01": Identifier("商品", "trade item (GTIN)", _gtin, 14),
    "10": Identifier("批号", "batch or lot", partial(_text, most=20), 20),
    "11": Identifier("生产日期", "production day", _day, 6),
    "15": Identifier("最佳食用日期", "best before", _day, 6),
    "17": Identifier("保质期至", "expires on", _day, 6),
    "21": Identifier("序列号", "serial number", partial(_text, most=20), 20),
    "22": Identifier("商品变体", "consumer product variant", partial(_text, most=20), 20),
    "254": Identifier("位置扩展", "place within a location", partial(_text, most=20), 20),
    "414": Identifier("位置", "location (GLN)", gln13, 13),
    "7003": Identifier("失效时间", "expires at", _minute, 10),
    "8003": Identifier("可回收资产", "returnable asset (GRAI)", _returnable, 30),
    "8004": Identifier("单个资产", "individual asset (GIAI)", partial(_text, most=30), 30),
}

KEYS: Mapping[str, tuple[str, ...]] = {
    "00": (),
    "01": ("22", "10", "21"),
    "414": ("254",),
    "8003": (),
    "8004": (),
}
"""Key → the identifiers that say which one of it, in the order of a Digital Link (GS1 Digital Link, URI syntax)."""


def checked(ai: str, value: str, place: str = "") -> str:
    """Return the value of an application identifier when it can be one.

    Args:
        place: for the fault; ``(AI)`` when empty.

    Raises:
        Gs1Fault: an unknown identifier, or a value that it cannot have.

    >>> checked("17", "260200")
    '260200'
    """
    place = place or f"({ai})"
    if ai not in IDENTIFIERS:
        raise Gs1Fault("unknown", place)
    return IDENTIFIERS[ai].read(value, place)


def possible(ai: str, value: str) -> bool:
    """Say whether an application identifier can have a value.

    >>> possible("10", "A7"), possible("10", "甲7")
    (True, False)
    """
    try:
        checked(ai, value)
    except Gs1Fault:
        return False
    return True


def day(value: str, today: date) -> date:
    """Return the day that six digits YYMMDD name.

    Args:
        value: of (11), (15) or (17); day 00 is the last of the month.
        today: decides the century, `YEARS_AHEAD` and `YEARS_BACK` around it.

    Raises:
        Gs1Fault: no day.

    >>> day("260200", date(2026, 1, 5)), day("991231", date(2026, 1, 5))
    (datetime.date(2026, 2, 28), datetime.date(1999, 12, 31))
    """
    _day(value, "YYMMDD")
    year = today.year - today.year % 100 + int(value[:2])
    if year - today.year > YEARS_AHEAD:
        year -= 100
    elif today.year - year > YEARS_BACK:
        year += 100
    month = int(value[2:4])
    return date(year, month, int(value[4:6]) or calendar.monthrange(year, month)[1])
