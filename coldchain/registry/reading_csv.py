"""A CSV file as Excel or WPS wrote it: UTF-8 with or without a mark, or GB18030; comma, semicolon or tab between."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from coldchain.registry.cells import Faults, Progress, Table, Wrong
from coldchain.registry.grid import Line, table_of_lines
from coldchain.registry.tables import Kind

DELIMITERS = ",;\t"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet calculate a text (OWASP, CSV injection); an apostrophe before it keeps it a text."""


def read_csv(file: Path, name: str, kind: Kind | None, faults: Faults, progress: Progress) -> list[Table]:
    """Return the one table of a CSV file."""
    table = table_of_lines(name, "", _lines(decoded(file.read_bytes())), kind, faults, progress)
    return [table] if table else []


def decoded(raw: bytes) -> str:
    """Return a file's text: by its mark, else as UTF-8 if it is, else as GB18030.

    Raises:
        Wrong: it is neither.

    >>> decoded("门店编码".encode("gb18030")), decoded("门店编码".encode())
    ('门店编码', '门店编码')
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return _strictly(raw, encoding)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(raw, "gb18030")


def protected(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> protected("=1+1"), protected("3 A"), unprotected(protected("-18 店"))
    ("'=1+1", '3 A', '-18 店')
    """
    return f"'{text}" if text.startswith(FORMULA) or text[:2] in _MARKED else text


def unprotected(text: str) -> str:
    """Return what `protected` was given."""
    return text[1:] if text[:2] in _MARKED else text


_MARKED = {"'" + sign for sign in (*FORMULA, "'")}


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as fault:
        raise Wrong(
            f"既不是 UTF-8 也不是 GB18030(第 {fault.start} 字节):请另存为“CSV UTF-8”或工作簿(.xlsx)",
            f"neither UTF-8 nor GB18030 (byte {fault.start}): save it as “CSV UTF-8” or as a workbook (.xlsx)",
        ) from fault


def _lines(text: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    for cells in rows:
        yield before + 1, [unprotected(cell.strip()) for cell in cells]  # a cell may hold several lines of the file
        before = rows.line_num


def _delimiter(text: str) -> str:
    """Return the sign of which the first lines have most, outside quotes: a route is a cell full of commas."""
    head = re.sub(r'"[^"]*("|\Z)', "", "\n".join(text.splitlines()[:10]))
    return max(DELIMITERS, key=head.count)
