"""Rows of a list as they stand in a file, whatever the file is: each cell with its file, sheet, line and heading.

::

    XLSX, CSV, TOML ──▶ Table(kind, rows) ──▶ checking.py        every fault names its place
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from coldchain.errors import ConfigError

Both = tuple[str, str]
"""One sentence twice: (中文, English)."""

Progress = Callable[[str, int], None]
"""Told (sheet, rows read so far) now and then."""


class Wrong(Exception):
    """A cell that is not what it has to be; carries what to say about it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said: Both = (zh, en)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands.

    Attributes:
        table: sheet of a workbook, ``[[table]]`` of a TOML file, empty in a CSV file.
        line: 1 is the first line of the file or sheet; 0 when it is not known.
        toml: the row's id as the file has it; None for rows of other files.
    """

    file: str
    table: str
    line: int
    toml: str | None = None

    def said(self, heading: str, language: str) -> str:
        """Return the place of a cell, or of the row where the heading is empty."""
        if self.toml is not None:
            line = (f": 第 {self.line} 行" if language == "zh" else f": line {self.line}") if self.line else ""
            row = f" {self.toml}" if self.toml else ""
            return f"{self.file}: [[{self.table}]]{row}{line}{f': {heading}' if heading else ''}"
        if language == "zh":
            sheet, line = f"工作表“{self.table}”" if self.table else "", f"第 {self.line} 行" if self.line else ""
            column = f"“{heading}”列" if heading else ""
            return f"{self.file}: {sheet}{line}{column}".removesuffix(": ")
        parts = (f"sheet {self.table!r}" if self.table else "", f"line {self.line}" if self.line else "", heading)
        return ": ".join([self.file, *filter(None, [", ".join(filter(None, parts))])])


@dataclass(frozen=True, slots=True)
class Row:
    """One row: field name → what its cell holds, empty cells left out."""

    place: Place
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind.

    Attributes:
        kind: which table of `coldchain.registry.headings.TABLES`.
        headings: field name → its heading in this file.
        place: of the headings.
        whole: a row says everything (TOML: what it does not name has its default); otherwise what it does not name
            is left as it is known.
    """

    kind: str
    headings: Mapping[str, str]
    rows: list[Row]
    place: Place
    whole: bool = False


@dataclass(slots=True)
class Faults:
    """Every fault of a file, in the order in which they were found."""

    language: str = "en"
    lines: list[str] = field(default_factory=list)

    def add(self, place: Place, heading: str, said: Both) -> None:
        """Keep a fault of a cell, or of a row where the heading is empty."""
        line = f"{place.said(heading, self.language)}: {said[0 if self.language == 'zh' else 1]}"
        if line not in self.lines[-8:]:
            self.lines.append(line)

    def finish(self) -> None:
        """Raise `ConfigError` with all of them, if there are any."""
        if self.lines:
            raise ConfigError(self.lines)
