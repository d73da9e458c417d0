"""Frames in a stream of bytes: flags, escapes and the checksum (JT/T 808-2013 and -2019, 4.4)."""

from __future__ import annotations

import re
from functools import reduce
from operator import xor

from coldchain.errors import RejectedReading

FLAG = b"\x7e"
MAX_FRAME = 2 * (21 + 1023 + 1)
"""Longest frame between its flags, bytes: header, body and checksum, each of them escaped."""

_LONE_ESCAPE = re.compile(rb"\x7d(?![\x01\x02])")


def framed(raw: bytes) -> bytes:
    """Return a message as it goes over the line.

    >>> framed(bytes.fromhex("307e087d55")).hex()
    '7e307d02087d01556e7e'
    """
    whole = raw + bytes([_checksum(raw)])
    return FLAG + whole.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02") + FLAG


def unframed(frame: bytes) -> bytes:
    """Return the message of what stood between two flags.

    Raises:
        RejectedReading: ``bad-frame``, too long, too short or a wrong escape; ``bad-checksum``.
    """
    if not 1 < len(frame) <= MAX_FRAME or _LONE_ESCAPE.search(frame):
        raise RejectedReading("bad-frame", f"{len(frame)} bytes between flags that are no frame of JT/T 808")
    whole = frame.replace(b"\x7d\x02", FLAG).replace(b"\x7d\x01", b"\x7d")
    if _checksum(whole):
        raise RejectedReading("bad-checksum", f"the XOR of {len(whole)} bytes is {_checksum(whole):#04x}, not 0")
    return whole[:-1]


class Splitter:
    """Cuts a stream into frames, in bounded memory."""

    def __init__(self) -> None:
        self._tail = b""

    @property
    def lost(self) -> bool:
        """Whether more bytes came without a flag than a frame has: this is another protocol."""
        return len(self._tail) > MAX_FRAME

    def feed(self, data: bytes) -> list[bytes]:
        """Return what stood between flags, without them; two frames may share one."""
        *frames, self._tail = (self._tail + data).split(FLAG)
        return [frame for frame in frames if frame]


def _checksum(raw: bytes) -> int:
    return reduce(xor, raw, 0)
