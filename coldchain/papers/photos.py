"""Pictures of papers and answers: kept beside the ledger under the SHA-256 of their bytes, so that none can be changed.

A picture that is sent again is the same file; one that a backup lost is shown as missing, and its hash stays in the
ledger.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from coldchain.custody.papers import Photo
from coldchain.errors import Unavailable
from coldchain.papers.verdicts import PHOTO_BYTES

FOLDER = "photos"
"""In the data folder."""

_NAME = re.compile(r"[0-9a-f]{64}\Z")


class Photos:
    """A folder of pictures.

    Args:
        folder: made with the first picture.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> Photo:
        """Keep a picture durably and return what an entry says of it.

        Raises:
            ValueError: no JPEG, PNG or WebP, or more than `PHOTO_BYTES`.
            Unavailable: the disk is full.
        """
        kind = kind_of(content)
        if kind is None or len(content) > PHOTO_BYTES:
            raise ValueError(f"{len(content)} bytes, {kind or 'neither JPEG nor PNG nor WebP'}")
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.exists():
            try:
                self._write(path, content)
            except OSError as fault:
                raise Unavailable(f"the picture cannot be kept: {fault}") from fault
        return Photo(name, len(content), kind)

    def read(self, name: str) -> tuple[bytes | None, str | None]:
        """Return a picture's bytes and type; None: it is not here, or is not what its name says."""
        if not self.has(name):
            return None, None
        content = self._path(name).read_bytes()
        return (content, kind_of(content)) if hashlib.sha256(content).hexdigest() == name else (None, None)

    def has(self, name: str) -> bool:
        """Say whether a picture is here."""
        return _NAME.match(name) is not None and self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def kind_of(content: bytes) -> str | None:
    """Return the media type that a picture's first bytes say; None: none of `PHOTO_TYPES`.

    >>> kind_of(bytes.fromhex("ffd8ffe0")), kind_of(b"<svg onload=x>")
    ('image/jpeg', None)
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
