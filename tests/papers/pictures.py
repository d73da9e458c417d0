"""A picture made by hand."""

from __future__ import annotations

import io
import zlib


def png() -> bytes:
    """Return a picture of one grey point, made by hand (PNG specification, §5)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    out.write(chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])))
    out.write(chunk(b"IDAT", zlib.compress(b"\x00\x80")))
    out.write(chunk(b"IEND", b""))
    return out.getvalue()
