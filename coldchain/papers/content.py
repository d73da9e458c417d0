"""What of a paper is signed, and its SHA-256, the same in every language.

Canonical JSON: keys sorted, no white space, UTF-8, numbers as ECMAScript writes them, what is empty left out. So a
field that a later program adds changes no hash of what was signed before, and the page reckons the same hash as the
server (`dashboards/page/src/papers/canonical.ts`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

from coldchain.custody.papers import Delivery, MilkNote, Paper

DECIMALS = 3
"""Of a number on a paper; with more of them languages begin to write numbers differently."""

ARRIVAL_ROLES = ("receiver",)
"""Who signs what the others could not know yet when the milk left: all of a hand-over note."""


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of something built of dicts, lists, texts, numbers, booleans and None.

    >>> canonical({"b": 4.0, "a": ["交", 1.25, None], "c": "", "d": False}).decode()
    '{"a":["交",1.25,null],"b":4,"d":false}'
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(paper: Paper) -> str:
    """Return the SHA-256 of all of a paper but the time at which this version was written, 64 hexadecimal digits."""
    return _sha256({name: value for name, value in msgspec.to_builtins(paper).items() if name != "at_ms"})


def signed_digest(paper: Paper, role: str) -> str:
    """Return the SHA-256 of what a role signs.

    Station, escort and driver sign a hand-over note when the milk leaves: everything but the arrival, which they cannot
    know. The receiver signs all of it, and both sides all of a delivery.
    """
    match paper:
        case MilkNote() if role not in ARRIVAL_ROLES:
            return digest(msgspec.structs.replace(paper, arrived=None))
        case _:
            return digest(paper)


def lacking(paper: Paper, role: str) -> list[str]:
    """Return the fields without which a role cannot sign; a temperature that nobody could take is none of them."""
    wanted: dict[str, object]
    match paper:
        case MilkNote():
            wanted = {"station": paper.station, "plate": paper.plate, "tanks": paper.tanks, "departed": paper.departed}
            if role in ARRIVAL_ROLES:
                wanted |= {"plant": paper.plant, "arrived": paper.arrived}
        case Delivery():
            counted = all(line.accepted is not None and line.refused is not None for line in paper.lines)
            wanted = {"arrived": paper.arrived, "lines": paper.lines and counted, "decision": paper.decision}
    return [name for name, value in wanted.items() if not value]


def _sha256(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case dict():
            plain = {name: _plain(one) for name, one in value.items()}
            return {name: one for name, one in plain.items() if one is not None and one not in ("", [], {})}
        case list() | tuple():
            return [_plain(one) for one in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
