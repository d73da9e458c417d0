"""A paper as PDF: the same sheet gives the same bytes.

::

    Sheet ──JSON──▶ worker process: typst, its own fonts ──▶ PDF

In a process of its own, because a page takes tens of megabytes and half a second of a core, and what a person wrote
must not be able to take the server with it. A picture that cannot be drawn leaves its place empty.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from coldchain.errors import Unavailable

TEMPLATE = Path(__file__).with_name("sheet.typ")

AT_ONCE = threading.Semaphore(2)
"""Worker processes: more than these wait for each other."""

PATIENCE_S = 30.0
"""A page takes about half a second; longer than this something is wrong."""


class Sheet(msgspec.Struct, frozen=True):
    """What the template draws.

    Attributes:
        data: as `sheet.typ` reads it.
        at_ms: when the PDF says that it was made.
        pictures: file name → bytes.
    """

    data: dict[str, Any]
    at_ms: int
    pictures: dict[str, bytes] = {}


def pdf_of(sheet: Sheet) -> bytes:
    """Return a sheet as PDF.

    Raises:
        Unavailable: it was not drawn in `PATIENCE_S`, or not at all.
    """
    command = [sys.executable, "-m", "coldchain.papers.printing"]
    try:
        with AT_ONCE:
            done = subprocess.run(
                command, input=msgspec.json.encode(sheet), capture_output=True, timeout=PATIENCE_S, check=True
            )
    except subprocess.TimeoutExpired as fault:
        raise Unavailable(f"the sheet was not drawn in {PATIENCE_S:g} s") from fault
    except subprocess.CalledProcessError as fault:
        raise Unavailable(f"the sheet was not drawn: {fault.stderr.decode(errors='replace')[-2000:]}") from fault
    return done.stdout


def drawn(sheet: Sheet) -> bytes:
    """Draw a sheet in this process, without its pictures if they cannot be drawn."""
    import typst

    try:
        return _drawn(sheet)
    except typst.TypstError:
        if not sheet.pictures:
            raise
    bare = [picture | {"file": ""} for picture in sheet.data["pictures"]]
    return _drawn(msgspec.structs.replace(sheet, data=sheet.data | {"pictures": bare}, pictures={}))


def _drawn(sheet: Sheet) -> bytes:
    import typst
    from pylopdf_fonts_zh_cn import sans_path

    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "data.json").write_bytes(msgspec.json.encode(sheet.data))
        for name, content in sheet.pictures.items():
            (root / name).write_bytes(content)
        main = root / TEMPLATE.name
        main.write_bytes(TEMPLATE.read_bytes())
        return typst.compile(
            str(main),
            root=str(root),
            font_paths=[str(sans_path().parent)],
            ignore_system_fonts=True,
            format="pdf",
            timestamp=sheet.at_ms // 1000,
            pdf_tags=False,
        )


if __name__ == "__main__":
    sys.stdout.buffer.write(drawn(msgspec.json.decode(sys.stdin.buffer.read(), type=Sheet)))
