"""Lists of what the registry does not keep (lots, trips): CSV of one kind, row by row, every fault with its place.

Several rows may speak of one thing; what one of them says of it the others may leave out, and none may contradict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from coldchain.errors import ConfigError
from coldchain.registry.cells import Both, Faults, Row, Table, Wrong
from coldchain.registry.grid import LARGEST_BYTES, too_large
from coldchain.registry.reading_csv import read_csv
from coldchain.registry.tables import Kind


@dataclass(slots=True)
class Gathered:
    """What rows say of one thing: field name → value, and the first row that named it."""

    first: Row
    values: dict[str, object] = field(default_factory=dict)


class ListFile:
    """A list of one kind.

    Raises:
        ConfigError: the file cannot be read, or holds nothing.
    """

    def __init__(self, file: Path, kind: Kind, faults: Faults) -> None:
        self._kind, self._faults = kind, faults
        self._headings: Mapping[str, str] = {}
        self._tables = _tables(file, kind, faults)

    def rows(self) -> Iterator[Row]:
        """Yield the rows; a fault that is told of one names the headings of its table."""
        for table in self._tables:
            self._headings = table.headings
            yield from table.rows

    def values(self, row: Row, zone: tzinfo) -> dict[str, object]:
        """Return what a row's cells say; one that says nothing sound is a fault and is left out."""
        values: dict[str, object] = {}
        for one in self._kind.fields:
            if one.name not in row.cells:
                continue
            try:
                values[one.name] = one.form.read(row.cells[one.name], zone)
            except Wrong as wrong:
                self.fault(row, one.name, wrong.said)
        return values

    def gather(self, row: Row, name: str, own: Gathered, values: Mapping[str, object], fields: Iterable[str]) -> None:
        """Add what a row says of a thing as a whole; another value than before is a fault."""
        for each in fields:
            if each in values and own.values.setdefault(each, values[each]) != values[each]:
                line, said = own.first.place.line, own.values[each]
                self.fault(row, each, (
                    f"同一{self._kind.zh} {name} 在第 {line} 行写的是 {said!r}",
                    f"line {line} says {said!r} of the same {self._kind.name} {name}",
                ))  # fmt: skip

    def fault(self, row: Row, name: str, said: Both) -> None:
        """Keep a fault of a cell, or of a row where the field's name is empty."""
        heading = self._headings.get(name, self._kind.field(name).heading(self._faults.language)) if name else ""
        self._faults.add(row.place, heading, said)


def _tables(file: Path, kind: Kind, faults: Faults) -> list[Table]:
    zh = faults.language == "zh"
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise too_large()
        tables = read_csv(file, file.name, kind, faults, lambda sheet, rows: None)
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror}") from fault
    except Wrong as wrong:
        raise ConfigError(f"{file.name}: {wrong.said[0 if zh else 1]}") from wrong
    if not tables and not faults.lines:
        raise ConfigError(f"{file}: 没有内容" if zh else f"{file}: holds no list")
    return tables
