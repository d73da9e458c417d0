"""What single values look like: times, URIs, offsets, units, words of a vocabulary."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeGuard

from coldchain.clock import parse_rfc3339
from coldchain.epcis.vocabulary import CLOSED, GS1_MEASURES, GS1_NAMES, WORDS
from coldchain.gs1 import Gs1Fault, elements_of_link, elements_of_name

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)\Z", re.ASCII)
_UOM = re.compile(r"[A-Z0-9]{2,3}\Z")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_VERSION = re.compile(r"\d+(?:\.\d+)*\Z", re.ASCII)
_GS1_NAME = re.compile(r"urn:epc:(?:id:(?:sgtin|sscc|sgln|giai)|class:lgtin):")
_GS1_LINK = re.compile(
    r"https?://(?:id\.gs1\.org/(?:00|01|414|8003|8004)/"
    r"|[^/]+/(?:.*/)?(?:00/\d{18}|01/\d{14}|414/\d{13}|8003/\d{14,30})(?:[/?#]|\Z))"
)
"""Links to GS1's resolver, and to others what has the form of a key: an address of one's own is no fault."""


def is_uri(value: object) -> bool:
    """Say whether a value is an absolute URI (RFC 3986).

    >>> is_uri("urn:x:1"), is_uri("https://example.org/乳"), is_uri("shop-1")
    (True, False, False)
    """
    return isinstance(value, str) and _URI.match(value) is not None


def moment(value: object) -> int | None:
    """Return ms UTC of an RFC 3339 time; None when it is none."""
    if not isinstance(value, str) or not _TIME.match(value):
        return None
    try:
        return parse_rfc3339(value.upper())
    except ValueError:
        return None


def is_number(value: object) -> TypeGuard[float]:
    """Say whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_word(kind: str, value: object) -> bool:
    """Say whether a value is a word of a vocabulary, or a word of somebody's own: a URI outside of GS1's names.

    >>> is_word("bizStep", "loading"), is_word("bizStep", "Loading"), is_word("bizStep", "https://example.org/cooling")
    (True, False, True)
    """
    if not isinstance(value, str):
        return False
    if value in WORDS[kind]:
        return True
    taken = GS1_MEASURES if kind in ("measurement", "exception") else GS1_NAMES
    return kind not in CLOSED and is_uri(value) and not value.startswith(taken)


def key_fault(uri: str) -> Gs1Fault | None:
    """Return what is wrong with the GS1 key in a URI, when it has one.

    >>> key_fault("https://id.gs1.org/414/4012345000055").code
    'check-digit'
    """
    try:
        if _GS1_NAME.match(uri):
            elements_of_name(uri)
        elif _GS1_LINK.match(uri):
            elements_of_link(uri)
    except Gs1Fault as fault:
        return fault
    return None


def is_context(value: object) -> bool:
    """Say whether a value is a JSON-LD context: a URI, an object, or a list of different ones."""
    if not isinstance(value, list | tuple):
        return is_uri(value) or isinstance(value, dict)
    return all(is_uri(one) or isinstance(one, dict) for one in value) and len({repr(one) for one in value}) == len(
        value
    )


def _is_certification(value: object) -> bool:
    return all(map(is_uri, value)) if isinstance(value, list | tuple) else is_uri(value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


KINDS: Mapping[str, Callable[[object], bool]] = {
    "any": lambda value: True,
    "context": is_context,
    "certification": _is_certification,
    "text": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "number": is_number,
    "uri": is_uri,
    "time": lambda value: moment(value) is not None,
    "offset": _matches(_OFFSET),
    "uom": _matches(_UOM),
    "hex": _matches(_HEX),
    "version": _matches(_VERSION),
}
"""Kind of value → whether something is one."""
