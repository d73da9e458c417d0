"""Protocol Buffers without a schema: the fields of a message as they stand on the wire.

Source: protobuf.dev, "Encoding". Only what the formats here need: varints, bytes, and the fixed sizes to be skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from coldchain.errors import RejectedReading

_VARINT_BYTES = 10
_FIXED = {1: 8, 5: 4}


def fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, a varint or bytes) in the order of the message.

    Raises:
        RejectedReading: ``bad-protobuf``.

    >>> list(fields(bytes.fromhex("0a0161183c")))
    [(1, b'a'), (3, 60)]
    """
    place = 0
    while place < len(raw):
        key, place = varint(raw, place)
        wire = key & 7
        if wire == 0:
            value, place = varint(raw, place)
            yield key >> 3, value
            continue
        if wire == 2:
            size, place = varint(raw, place)
        elif wire in _FIXED:
            size = _FIXED[wire]
        else:
            raise RejectedReading("bad-protobuf", f"wire type {wire} before byte {place}")
        if place + size > len(raw):
            raise RejectedReading("bad-protobuf", f"field {key >> 3} has {size} bytes, {len(raw) - place} are there")
        yield key >> 3, raw[place : place + size]
        place += size


def varint(raw: bytes, place: int) -> tuple[int, int]:
    """Return a varint and the place behind it."""
    value = 0
    for count, byte in enumerate(raw[place : place + _VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + count + 1
    raise RejectedReading("bad-protobuf", f"no end of a number at byte {place}")


def signed(value: int) -> int:
    """Return a sint32 or sint64 (zigzag) as it was meant.

    >>> [signed(each) for each in (0, 1, 2, 466)]
    [0, -1, 1, 233]
    """
    return value >> 1 ^ -(value & 1)


def packed(raw: bytes) -> Iterator[int]:
    """Yield the varints of a packed repeated field."""
    place = 0
    while place < len(raw):
        value, place = varint(raw, place)
        yield value
