"""A workbook as Excel or WPS wrote it: each sheet a table, dates as dates, and no formula taken for its value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from coldchain.errors import ConfigError
from coldchain.registry.cells import Faults, Place, Progress, Table
from coldchain.registry.grid import Line, table_of_lines
from coldchain.registry.headings import EXPLANATION, canonical, table_named
from coldchain.registry.tables import Kind

LARGEST_BYTES = 512_000_000
"""A workbook that unpacks to more is none: 2,000 sites with 6,000 points unpack to 3 MB."""

_ZEROS = re.compile(r"0{2,}\Z")
_EXPLANATIONS = {canonical(word) for word in (*EXPLANATION.values(), "readme", "填写说明", "说明")}


def read_xlsx(file: Path, name: str, kind: Kind | None, faults: Faults, progress: Progress) -> list[Table]:
    """Return the tables of a workbook; sheets that are empty or that explain are passed over.

    Args:
        kind: which table the first sheet is, when a person said so; the others are then passed over.
    """
    book = _opened(file, name, values=False)
    try:
        formulas: dict[str, list[tuple[int, int]]] = {}
        grids: dict[str, list[Line]] = {
            sheet.title: list(_lines(sheet, name, faults, formulas)) for sheet in book.worksheets
        }
    finally:
        book.close()
    if formulas:
        _fill_in(file, name, formulas, grids, faults)
    tables = []
    for title, lines in grids.items():
        if canonical(title) in _EXPLANATIONS:
            continue
        table = table_of_lines(name, title, lines, kind or table_named(title), faults, progress)
        tables += [table] if table else []
        if kind:
            break
    return tables


def _opened(file: Path, name: str, *, values: bool) -> Any:
    import openpyxl

    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_BYTES:
                raise ConfigError(f"{name}: unpacks to more than {LARGEST_BYTES // 1_000_000} MB; that is no list")
        return openpyxl.load_workbook(file, read_only=True, data_only=values, keep_links=False)
    except OSError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as fault:
        raise ConfigError(
            f"{name}: cannot be read as a workbook ({fault}): an old .xls or one with a password? Save it as .xlsx"
        ) from fault


def _lines(
    sheet: Any, name: str, faults: Faults, formulas: dict[str, list[tuple[int, int]]]
) -> Iterator[tuple[int, list[object]]]:
    sheet.reset_dimensions()  # some programs write wrong ones
    for number, cells in enumerate(sheet.iter_rows(), 1):
        line: list[object] = []
        for cell in cells:
            value = cell.value
            if value is not None:
                if cell.data_type == "f":
                    formulas.setdefault(sheet.title, []).append((number, len(line)))
                    value = None
                elif cell.data_type == "e":
                    place = Place(name, sheet.title, number)
                    faults.add(
                        place,
                        cell.coordinate,
                        (f"单元格是错误值 {value},应为内容", f"the cell has the error {value}, a value expected"),
                    )
                    value = None
                else:
                    value = _value(value, cell)
            line.append(value)
        yield number, line


def _value(value: object, cell: Any) -> object:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | datetime | date | time):
        return f"{value:%H:%M}" if isinstance(value, time) else value
    if isinstance(value, int | float) and value == int(value) and _ZEROS.match(cell.number_format or ""):
        return f"{int(value):0{len(cell.number_format)}}"  # 1 shown as 001 is the id 001
    return value


def _fill_in(
    file: Path, name: str, formulas: dict[str, list[tuple[int, int]]], grids: dict[str, list[Line]], faults: Faults
) -> None:
    """Put what Excel calculated where formulas stand; a formula without it is a fault."""
    book = _opened(file, name, values=True)
    try:
        for title, places in formulas.items():
            wanted = {number for number, _ in places}
            rows = enumerate(book[title].iter_rows(), 1)
            found = {number: cells for number, cells in rows if number in wanted}
            for number, at in places:
                cell = found[number][at]
                line = grids[title][number - 1][1]
                if cell.value is None:
                    said = (
                        "单元格是没有计算结果的公式:请在 Excel 中打开并保存,或粘贴为数值",
                        "the cell is a formula without a value: open and save it in Excel, or paste it as a value",
                    )
                    faults.add(Place(name, title, number), cell.coordinate, said)
                elif isinstance(line, list):
                    line[at] = _value(cell.value, cell)
    finally:
        book.close()
