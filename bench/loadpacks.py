"""Packs for the load generator: fresh times at the price of a checksum.

A pack's readings must never repeat (identity is channel and time), but compressing 500 readings costs a hundred times
more than sending them. So only the base time changes: it stands once, in the first record, and everything behind it is
compressed beforehand.

::

    78 01 │ stored block: [{"bn":"…","bt":1700000000, │ deflate, made once: "bu":"Cel","t":0,"v":4.1},{… │ Adler-32
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from coldchain.senml import Row, encode

ADLER_BASE = 65_521
"""Largest prime below 2**16 (RFC 1950 §8.2)."""

ZLIB_HEADER = b"\x78\x01"
BASE_S = 1_000_000_000
"""Ten digits, as every base time from 2001 to 2286."""

LEVEL = 6


@dataclass(frozen=True, slots=True)
class Template:
    """A pack without its base time.

    Attributes:
        before: plain text up to the base time.
        tail: the rest, deflated, as the last block.
        tail_adler, tail_length: of the rest as plain text.
    """

    before: bytes
    tail: bytes
    tail_adler: int
    tail_length: int

    def at(self, base_s: int) -> bytes:
        """Return the zlib-compressed pack whose first record is measured at ``base_s`` (s UTC, ten digits)."""
        head = b'%b"bt":%d,' % (self.before, base_s)
        size = len(head)
        adler = adler32_of_both(zlib.adler32(head), self.tail_adler, self.tail_length)
        return b"".join(
            (
                ZLIB_HEADER,
                b"\x00",
                size.to_bytes(2, "little"),
                (size ^ 0xFFFF).to_bytes(2, "little"),
                head,
                self.tail,
                adler.to_bytes(4, "big"),
            )
        )


def adler32_of_both(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two texts in a row from theirs.

    >>> adler32_of_both(zlib.adler32(b"cold "), zlib.adler32(b"chain"), 5) == zlib.adler32(b"cold chain")
    True
    """
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % ADLER_BASE
    b = (b1 + b2 + second_length * (a1 - 1)) % ADLER_BASE
    return b << 16 | a


def template(channels: list[str], readings: int, interval_ms: int, chance: np.random.Generator) -> Template:
    """Make a pack of a gateway: each channel's samples in a row, hundredths of °C, anywhere in their interval.

    Without that jitter and spread a reading would deflate to 3 bytes, a third of what real ones take.

    Args:
        channels: names; ``readings`` must be a multiple of their number.
    """
    samples, rest = divmod(readings, len(channels))
    if rest or not samples:
        raise ValueError(f"{readings} readings do not divide among {len(channels)} channels")
    shape = (len(channels), samples)
    celsius = chance.uniform(2.0, 6.0, (len(channels), 1)) + np.cumsum(chance.normal(0.0, 0.08, shape), axis=1)
    late_ms = chance.integers(0, interval_ms, shape)
    rows = [
        Row(
            name,
            int(BASE_S * 1000 + sample * interval_ms + late_ms[place, sample]),
            round(float(celsius[place, sample]), 2),
            "Cel",
        )
        for place, name in enumerate(channels)
        for sample in range(samples)
    ]
    before, mark, tail = encode(rows).partition(b'"bt":%d,' % BASE_S)
    assert mark
    assert b'"bt"' not in tail
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Template(before, deflater.compress(tail) + deflater.flush(), zlib.adler32(tail), len(tail))
