"""What a scanner or a phone reads from a carton, a pallet or a shelf.

Read are element strings (GS1-128, GS1 DataMatrix, GS1 QR, GS1 DataBar), Digital Links, and bare digits of a GTIN
(EAN-8, UPC-A, EAN-13, ITF-14). A lot in front of which a separator is missing cannot be told from a longer lot
unless it grows too long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from coldchain.gs1.digits import GTIN_LENGTHS, check_digit, gtin14
from coldchain.gs1.elements import IDENTIFIERS, checked
from coldchain.gs1.faults import Gs1Fault
from coldchain.gs1.links import elements_of_link

SEPARATOR = "\x1d"
"""How scanners send FNC1, which ends a value of variable length."""

WHOLE_LENGTHS = (
    {"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16}
    | {f"1{digit}": 8 for digit in range(1, 10)}
    | {f"3{digit}": 10 for digit in range(1, 7)}
)
"""First two digits of an identifier → characters of identifier and value together; all others end with a separator.

Source: GS1 General Specifications, element strings with predefined length."""

WITH_IDENTIFIERS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
"""Symbology identifiers of codes that hold application identifiers (same source)."""

_SYMBOLOGY = re.compile(r"\][A-Za-z]\d")
_LONGEST_AI = max(map(len, IDENTIFIERS))


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read.

    Attributes:
        elements: AI → value, in the order of the code.
        passed_over: parts with identifiers that are not known here, as they stood there.
    """

    elements: dict[str, str]
    passed_over: tuple[str, ...] = field(default=())


def scanned(text: str) -> Scan:
    r"""Return what a code says.

    Args:
        text: as the scanner gives it. Without a symbology identifier in front (``]C1``) the digits of a GTIN are
            taken for one.

    Raises:
        Gs1Fault: nothing in it, a value that cannot be one, a separator that is missing, or an identifier twice.

    >>> scanned("]C1010401234512345617260131" + "10LOT7\x1d" + "37" + "24").elements
    {'01': '04012345123456', '17': '260131', '10': 'LOT7'}
    """
    text = text.strip(" \r\n\t")
    if re.match("https?://", text, re.IGNORECASE):
        return Scan(elements_of_link(text))
    symbology = _SYMBOLOGY.match(text)
    text = text[symbology.end() :] if symbology else text
    if _is_gtin(text) and not (symbology and symbology[0] in WITH_IDENTIFIERS):
        return Scan({"01": text.zfill(14)})
    return _element_string(text)


def _is_gtin(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) in GTIN_LENGTHS
    return digits and check_digit(text[:-1]) == text[-1]


def _element_string(text: str) -> Scan:
    found: dict[str, str] = {}
    passed_over: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == SEPARATOR:
            at += 1
            continue
        part, behind = _next(text, at)
        ai = next((part[:length] for length in range(2, _LONGEST_AI + 1) if part[:length] in IDENTIFIERS), "")
        if ai:
            value = _value(ai, part[len(ai) :], at + 1)
            if found.setdefault(ai, value) != value:
                raise Gs1Fault("twice", f"({ai})", at + 1)
        else:
            passed_over.append(part)
        at = behind
    if not found:
        if text.isdigit() and len(text) in GTIN_LENGTHS:
            gtin14(text)
        raise Gs1Fault("scan-empty", repr(text))
    return Scan(found, tuple(passed_over))


def _next(text: str, at: int) -> tuple[str, int]:
    """Return one identifier with its value, and where the next one begins."""
    whole = WHOLE_LENGTHS.get(text[at : at + 2])
    if whole is None:
        end = text.find(SEPARATOR, at)
        end = len(text) if end < 0 else end
        return text[at:end], end
    part = text[at : at + whole]
    if len(part) < whole or SEPARATOR in part:
        rest = part.partition(SEPARATOR)[0]
        raise Gs1Fault("scan-short", f"({part[:2]})", at + 1, wanted=whole, found=rest)
    return part, at + whole


def _value(ai: str, text: str, character: int) -> str:
    if len(text) > IDENTIFIERS[ai].longest:
        raise Gs1Fault("separator", f"({ai})", character, found=text)
    try:
        return checked(ai, text)
    except Gs1Fault as fault:
        raise fault.at(character) from None
