"""A workbook as Excel or WPS wrote it: each sheet a table, dates as dates, and no formula taken for its value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from coldchain.registry.cells import Faults, Place, Progress, Table, Wrong
from coldchain.registry.grid import LARGEST_BYTES, table_of_lines, too_large
from coldchain.registry.headings import EXPLANATION, canonical, table_named
from coldchain.registry.tables import Kind

LAST_ROW = 1_048_576
"""Excel's last row; a file may say any number."""

LAST_COLUMN = 256
"""Cells to the right of it are not looked at; the longest table has 22 columns."""

_ZEROS = re.compile(r"0{2,}\Z")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_EXPLANATIONS = {canonical(word) for word in (*EXPLANATION.values(), "readme", "填写说明", "说明")}


def read_xlsx(file: Path, name: str, kind: Kind | None, faults: Faults, progress: Progress) -> list[Table]:
    """Return the tables of a workbook; sheets that are empty or that explain are passed over.

    Args:
        kind: which table the first sheet is, when a person said so; the others are then passed over.

    Raises:
        Wrong: it is no workbook, or a larger one than any list is.
    """
    tables = []
    with _opened(file, values=False) as book:
        for sheet in book.worksheets:
            if canonical(sheet.title) in _EXPLANATIONS:
                continue
            formulas: list[tuple[int, int]] = []
            lines = dict(_lines(sheet, name, faults, formulas))
            if formulas:
                _fill_in(file, name, sheet.title, formulas, lines, faults)
            found = table_of_lines(
                name, sheet.title, iter(lines.items()), kind or table_named(sheet.title), faults, progress
            )
            if found:
                _refuse_merged(sheet, found, lines, faults)
                tables.append(found)
            if kind:
                break
    return tables


@contextmanager
def _opened(file: Path, *, values: bool) -> Iterator[Any]:
    import openpyxl

    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_BYTES:
                raise too_large()  # zipfile unpacks no more of a part than is said there
        book = openpyxl.load_workbook(file, read_only=True, data_only=values, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as fault:
        raise Wrong(
            f"不是可读的工作簿({fault}):旧的 .xls 或加密文件?请另存为不加密的 .xlsx",
            f"cannot be read as a workbook ({fault}): an old .xls or one with a password? Save it as .xlsx",
        ) from fault


def _lines(
    sheet: Any, name: str, faults: Faults, formulas: list[tuple[int, int]]
) -> Iterator[tuple[int, list[object]]]:
    """Yield the rows that hold anything."""
    sheet.reset_dimensions()  # some programs write wrong ones
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=LAST_COLUMN), 1):
        line: dict[int, object] = {}
        for at, cell in enumerate(cells):
            value = cell.value
            if value is None:
                continue
            if cell.data_type == "f":
                formulas.append((number, at))
                value = ""
            elif cell.data_type == "e":
                said = f"单元格是错误值 {value},应为内容", f"the cell has the error {value}, a value expected"
                faults.add(Place(name, sheet.title, number), cell.coordinate, said)
                continue
            line[at] = _value(value, cell)
        if line:
            yield number, [line.get(at) for at in range(max(line) + 1)]


def _refuse_merged(sheet: Any, table: Table, lines: Mapping[int, Sequence[object]], faults: Faults) -> None:
    """Refuse merged cells below the headings: only the first of them holds the value that a reader sees in all."""
    from openpyxl.utils import range_boundaries

    with sheet._get_source() as part:  # openpyxl tells of them only in a workbook that it holds whole
        ranges = [found.decode() for found in _MERGED.findall(part.read())]
    for cells in ranges:
        column, first, _, last = range_boundaries(cells)
        if last > table.place.line and any(lines.get(first, ())[column - 1 : column]):
            said = (
                "合并单元格,只有第一格有内容:请取消合并,并在每行填写",
                "merged cells, of which only the first holds the value: unmerge them and fill in each row",
            )
            faults.add(Place(table.place.file, sheet.title, first), cells, said)


def _value(value: object, cell: Any) -> object:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | datetime | date | time):
        return f"{value:%H:%M}" if isinstance(value, time) else value
    if isinstance(value, int | float) and value == int(value) and _ZEROS.match(cell.number_format or ""):
        return f"{int(value):0{len(cell.number_format)}}"  # 1 shown as 001 is the id 001
    return value


def _fill_in(
    file: Path,
    name: str,
    title: str,
    formulas: list[tuple[int, int]],
    lines: dict[int, list[object]],
    faults: Faults,
) -> None:
    """Put what Excel calculated where formulas stand; a formula without it is a fault."""
    with _opened(file, values=True) as book:
        wanted = {number for number, _ in formulas}
        rows = enumerate(book[title].iter_rows(max_row=LAST_ROW, max_col=LAST_COLUMN), 1)
        found = {number: cells for number, cells in rows if number in wanted}
    for number, at in formulas:
        cell = found[number][at]
        if cell.value is None:
            said = (
                "单元格是没有计算结果的公式:请在 Excel 中打开并保存,或粘贴为数值",
                "the cell is a formula without a value: open and save it in Excel, or paste it as a value",
            )
            faults.add(Place(name, title, number), cell.coordinate, said)
        else:
            lines[number][at] = _value(cell.value, cell)
