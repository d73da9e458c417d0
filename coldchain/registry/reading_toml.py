"""A TOML file, ``[[site]]`` for each site: types as written, and the line on which each table starts."""

from __future__ import annotations

import re
import tomllib

from coldchain.registry.cells import Faults, Place, Row, Table
from coldchain.registry.tables import BY_NAME, TABLES

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*[\"']?([\w-]+)[\"']?[ \t]*\]\]", re.MULTILINE)


def read_toml(text: str, name: str, faults: Faults) -> list[Table]:
    """Return the tables of a TOML file; none of what is no TOML."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        faults.add(Place(name, "", 0), "", (f"不是 TOML: {fault}", f"not TOML: {fault}"))
        return []
    known = ", ".join(kind.name for kind in TABLES)
    lines = _lines(text)
    tables = []
    for table in [*(name for name in found if name not in BY_NAME), *(name for name in BY_NAME if name in found)]:
        rows = found[table]
        if table not in BY_NAME:
            faults.add(Place(name, table, 0, ""), "", (f"没有这个表;已知: {known}", f"no such table; known: {known}"))
        elif not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            said = f"请在每一项前写 [[{table}]]", f"is one table or a value; write [[{table}]] above each"
            faults.add(Place(name, table, 0, ""), "", said)
        else:
            starts = lines.get(table, [])
            starts = starts if len(starts) == len(rows) else [0] * len(rows)
            key = BY_NAME[table].key[0]
            places = [
                Place(name, table, line, repr(row.get(key, f"(no {key})")))
                for line, row in zip(starts, rows, strict=True)
            ]
            headings = {field.name: field.name for field in BY_NAME[table].fields}
            made = [Row(place, row) for place, row in zip(places, rows, strict=True)]
            tables.append(Table(table, headings, made, Place(name, table, 0, ""), whole=True))
    return tables


def _lines(text: str) -> dict[str, list[int]]:
    """Return table → the line of each of its headers; wrong only where a text over several lines looks like one."""
    lines: dict[str, list[int]] = {}
    line, at = 1, 0
    for header in _HEADER.finditer(text):
        line += text.count("\n", at, header.start())
        at = header.start()
        lines.setdefault(header[1], []).append(line)
    return lines
