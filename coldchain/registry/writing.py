"""Tables as files: a workbook, CSV files for Excel, or TOML; what is written reads the same again.

Text stays text: a name that begins with = is no formula in Excel, and 001 does not become 1.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from coldchain.errors import ConfigError
from coldchain.registry.exporting import Sheet, cell_of
from coldchain.registry.forms import EXCEL_DIGITS
from coldchain.registry.headings import EXPLANATION, table_named
from coldchain.registry.reading_csv import FORMULA, protected

WIDTH = 18
HEADING_COLOUR = "FFDDEBF7"
EXAMPLE_COLOUR = "FFFFF2CC"


def write_file(
    file: Path,
    sheets: Sequence[Sheet],
    language: str,
    *,
    table: str = "",
    notes: Sequence[Sequence[str]] = (),
    example: bool = False,
) -> Sequence[Sheet]:
    """Write tables in the form that a file's name says; a name without a suffix is a folder of CSV files.

    Args:
        table: the one table of a CSV file.
        notes: lines of an explanation, each of some cells.
        example: the rows are examples and are marked so.

    Returns:
        The tables that were written.

    Raises:
        ConfigError: the file cannot be written, or a CSV file would hold several tables.
    """
    try:
        match file.suffix.lower():
            case ".xlsx":
                _write_xlsx(file, sheets, language, notes, example)
            case ".toml":
                file.write_text(toml_of(sheets, notes), "utf-8")
            case ".csv":
                sheets = [_one(file, sheets, table)]
                file.write_text(csv_of(sheets[0], language, notes), "utf-8-sig", newline="")
            case "":
                file.mkdir(parents=True, exist_ok=True)
                for sheet in sheets:
                    text = csv_of(sheet, language)
                    (file / f"{sheet.kind.title(language)}.csv").write_text(text, "utf-8-sig", newline="")
            case other:
                raise ConfigError(f"{file}: {other} is not known; .xlsx, .csv, .toml or a folder's name was expected")
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be written: {fault.strerror}") from fault
    return sheets


def csv_of(sheet: Sheet, language: str, notes: Sequence[Sequence[str]] = ()) -> str:
    """Return a table as CSV that Excel opens; text that looks like a formula is kept a text."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n").writerow
    for note in notes:
        write(["# " + " ".join(note)])
    write([field.heading(language) for field in sheet.kind.fields])
    for row in sheet.rows:
        cells = (cell_of(sheet.kind, field, row, language) for field in sheet.kind.fields)
        write([protected(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def toml_of(sheets: Sequence[Sheet], notes: Sequence[Sequence[str]] = ()) -> str:
    """Return tables as TOML, fields by their own names."""
    lines = [f"# {' '.join(note)}".rstrip() for note in notes]
    for sheet in sheets:
        for row in sheet.rows:
            lines += ["", f"[[{sheet.kind.name}]]"]
            lines += [f"{name} = {_toml(value)}" for name, value in row.items() if "." not in name]
    return "\n".join(lines).lstrip("\n") + "\n"


def _toml(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(part) for part in value)}]"
    return repr(value)


def _one(file: Path, sheets: Sequence[Sheet], table: str) -> Sheet:
    kind = table_named(table) if table else None
    chosen = [sheet for sheet in sheets if sheet.kind == kind] if table else list(sheets)
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(sheet.kind.name for sheet in sheets) or "nothing"
    if table:
        raise ConfigError(f"--table {table}: there is {names}")
    raise ConfigError(f"{file}: a CSV file holds one table and there are {names}: name one with --table, or a folder")


def _write_xlsx(
    file: Path, sheets: Sequence[Sheet], language: str, notes: Sequence[Sequence[str]], example: bool
) -> None:
    import openpyxl
    from openpyxl.styles import Font, PatternFill

    book = openpyxl.Workbook(write_only=True)
    head = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor=HEADING_COLOUR)}
    mark = {"fill": PatternFill("solid", fgColor=EXAMPLE_COLOUR)} if example else {}
    if notes:
        page = book.create_sheet(EXPLANATION[language])
        page.column_dimensions["A"].width = page.column_dimensions["B"].width = 2 * WIDTH
        page.column_dimensions["C"].width = 5 * WIDTH
        for note in notes:
            page.append([_cell(page, text, {}) for text in note])
    for sheet in sheets:
        page = book.create_sheet(sheet.kind.title(language))
        page.freeze_panes = "A2"
        for place, _ in enumerate(sheet.kind.fields):
            column = page.column_dimensions[openpyxl.utils.get_column_letter(place + 1)]
            column.width, column.number_format = WIDTH, "@"
        page.append([_cell(page, field.heading(language), head) for field in sheet.kind.fields])
        for row in sheet.rows:
            page.append([_cell(page, cell_of(sheet.kind, field, row, language), mark) for field in sheet.kind.fields])
    if not book.worksheets:
        book.create_sheet(EXPLANATION[language])
    book.save(file)


def _cell(page: Any, value: object, style: Mapping[str, object]) -> object:
    """Return a cell whose text is text: no formula, no error, and no number that looks like one."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value == "" and not style:
        return None
    text = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    if isinstance(text, float) and float(f"{text:.{EXCEL_DIGITS}g}") != text:
        text = repr(text)  # a number of a workbook has 15 digits
    cell = WriteOnlyCell(page, value=text if text != "" else None)
    if isinstance(text, str) and text:
        cell.data_type, cell.number_format = "s", "@"
        if text.startswith(FORMULA):
            cell.quotePrefix = True
    for name, part in style.items():
        setattr(cell, name, part)
    return cell
