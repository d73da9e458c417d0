"""What names and times may be in SenML (RFC 8428), and which of ours mean something."""

from __future__ import annotations

import re
from functools import lru_cache

RELATIVE_BELOW_S = float(1 << 28)
"""A time below 2**28 s, however far below zero, is relative to now (RFC 8428 §4.5.3)."""

EARLIEST_WRITTEN_MS = (1 << 28) * 1000
"""1978-07-04: an absolute time before it cannot be written, for it would be read as relative."""

VERSION = 10
"""The SenML version written here and the highest understood (RFC 8428 §4.4)."""

MAX_TIME_MS = 1 << 53
"""Times beyond this cannot be exact in a float and are no times (year 287396)."""

UNTIMED = ":untimed:"
"""Names with this part carry steady seconds of a boot that never learnt the time (protocol: clocks)."""

MAX_NAME = 255
"""Longest channel name, characters."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*\Z")


@lru_cache(maxsize=1 << 16)
def valid_name(name: str) -> bool:
    """Say whether a resolved name is one (RFC 8428 §4.5.1), and not longer than `MAX_NAME`.

    >>> valid_name("urn:dev:mac:0024befffe804ff1:t"), valid_name("door 1")
    (True, False)
    """
    return len(name) <= MAX_NAME and _NAME.match(name) is not None
