"""Messages with their header, in both versions, and in parts where they are too long for one frame.

::

    id 2 ┊ attributes 2 ┊ (2019: version 1) ┊ number BCD 6 (2019: 10) ┊ serial 2 ┊ (parts: total 2, which 2) ┊ body

    attributes: bits 0-9 length of the body, 10-12 encryption, 13 in parts, 14 the 2019 header
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from coldchain.errors import RejectedReading

MAX_BODY = 1023
"""Bytes of a body in one frame: its length has ten bits."""

SERIALS = 1 << 16
_LENGTH, _ENCRYPTED, _IN_PARTS, _VERSION = 0x03FF, 0x1C00, 0x2000, 0x4000


class Kind(IntEnum):
    """Ids of the messages that are spoken here."""

    TERMINAL_REPLY = 0x0001
    HEARTBEAT = 0x0002
    LOG_OUT = 0x0003
    REGISTER = 0x0100
    AUTHENTICATE = 0x0102
    POSITION = 0x0200
    POSITIONS = 0x0704
    REPLY = 0x8001
    SEND_PARTS_AGAIN = 0x8003
    REGISTERED = 0x8100


class Result(IntEnum):
    """What the platform answers; the last to a registration only (0x8100)."""

    DONE = 0
    FAILED = 1
    UNSUPPORTED = 3
    UNKNOWN_TERMINAL = 4


@dataclass(frozen=True, slots=True)
class Message:
    """One message, or one part of it.

    Attributes:
        kind: its id, one of `Kind` or not.
        number: the terminal's, without leading zeros: the same in both versions. Some write hexadecimal digits.
        serial: counts the terminal's frames, 0 to 65535 and again.
        version: protocol version of the 2019 header, None for that of 2013.
        total, part: of how many parts which, from 1.
    """

    kind: int
    number: str
    serial: int
    body: bytes = b""
    version: int | None = None
    total: int = 1
    part: int = 1
    encrypted: bool = False


def unpacked(raw: bytes) -> Message:
    """Read a message.

    Raises:
        RejectedReading: ``truncated``, or ``bad-frame`` where the parts make no sense.
    """
    attributes = int.from_bytes(raw[2:4], "big")
    at = 5 if attributes & _VERSION else 4
    end = at + (10 if attributes & _VERSION else 6)
    head = end + (6 if attributes & _IN_PARTS else 2)
    if len(raw) != head + (attributes & _LENGTH):
        raise RejectedReading("truncated", f"{head + (attributes & _LENGTH)} bytes announced, {len(raw)} found")
    total, part = 1, 1
    if attributes & _IN_PARTS:
        total, part = int.from_bytes(raw[end + 2 : end + 4], "big"), int.from_bytes(raw[end + 4 : end + 6], "big")
        if not 1 <= part <= total:
            raise RejectedReading("bad-frame", f"part {part} of {total}")
    return Message(
        kind=int.from_bytes(raw[:2], "big"),
        number=raw[at:end].hex().lstrip("0") or "0",
        serial=int.from_bytes(raw[end : end + 2], "big"),
        body=raw[head:],
        version=raw[4] if attributes & _VERSION else None,
        total=total,
        part=part,
        encrypted=bool(attributes & _ENCRYPTED),
    )


def packed(message: Message) -> bytes:
    """Write a message that fits into a frame."""
    attributes = len(message.body)
    if message.version is None:
        numbered = bytes.fromhex(message.number.zfill(12))
    else:
        attributes |= _VERSION
        numbered = bytes([message.version]) + bytes.fromhex(message.number.zfill(20))
    parts = b""
    if message.total > 1:
        attributes |= _IN_PARTS
        parts = message.total.to_bytes(2, "big") + message.part.to_bytes(2, "big")
    head = message.kind.to_bytes(2, "big") + attributes.to_bytes(2, "big")
    return head + numbered + message.serial.to_bytes(2, "big") + parts + message.body


def parts_of(message: Message) -> Iterator[Message]:
    """Yield a message in parts that fit into frames, with the serials that follow its own."""
    bodies = [message.body[at : at + MAX_BODY] for at in range(0, len(message.body), MAX_BODY)] or [b""]
    for place, body in enumerate(bodies):
        serial = (message.serial + place) % SERIALS
        yield replace(message, serial=serial, body=body, total=len(bodies), part=place + 1)
