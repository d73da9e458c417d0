"""What a partner sent about goods, kept as it came beside the entries that were made of it."""

from __future__ import annotations

import msgspec


class EpcisCapture(msgspec.Struct, frozen=True, tag="epcis-capture", tag_field="put"):
    """An EPCIS document of a partner; the entries of the same request follow it.

    Attributes:
        id: SHA-256 of the document, 64 hexadecimal digits.
        document: its text as it came.
        entries: how many entries were made of it. ``rest``: events of which none was.
    """

    id: str
    document: str
    entries: int
    rest: int
