"""Rows of text as columns; a Chinese character is two letters wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield each row with its cells under those of the others.

    >>> list(columns([("站", "at"), ("dc", "05:00")]))
    ['站  at', 'dc  05:00']
    """
    widths = [max(map(_width, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
