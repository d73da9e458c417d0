"""Lines of a sheet or of a CSV file as a table: where the headings are, what each column is, which rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from coldchain.registry.cells import Faults, Place, Progress, Row, Table, Wrong
from coldchain.registry.headings import IGNORED, canonical, field_of, nearest, tables_of
from coldchain.registry.tables import TABLES, Kind

HEADING_LINES = 10
"""The headings are looked for in so many lines: lists of head offices have a title above them."""

PROGRESS_ROWS = 2000

LARGEST_BYTES = 64_000_000
"""A file, or what a workbook unpacks to, that is larger is no list: 2,000 sites with 6,000 points take 6 MB."""

Line = tuple[int, Sequence[object]]
"""(1-based number, cells); an empty cell is None or an empty text."""

_LEFT_OUT = frozenset(canonical(word) for word in IGNORED)


def table_of_lines(
    file: str, sheet: str, lines: Iterable[Line], kind: Kind | None, faults: Faults, progress: Progress
) -> Table | None:
    """Return the table that lines hold; None when they are empty, or when it cannot be said which one it is.

    Args:
        kind: which table it is, when a sheet's name or a person said so; else the headings say it.
    """
    lines = ((number, cells) for number, cells in lines if any(cell not in (None, "") for cell in cells))
    first = list(islice(lines, HEADING_LINES))
    if not first:
        return None
    place = _heading_line(first, kind)
    number, cells = first[place]
    headings = ["" if cell is None else str(cell).strip() for cell in cells]
    if kind is None:
        kind = _kind_of(Place(file, sheet, number), headings, faults)
        if kind is None:
            return None
    head = Place(file, sheet, number)
    columns = _columns(head, headings, kind, faults)
    rows: list[Row] = []
    for number, cells in chain(first[place + 1 :], lines):
        held = {name: cells[at] for at, name in columns.items() if at < len(cells) and cells[at] not in (None, "")}
        if held:
            rows.append(Row(Place(file, sheet, number), held))
            if len(rows) % PROGRESS_ROWS == 0:
                progress(sheet or file, len(rows))
    return Table(kind.name, {name: headings[at] for at, name in columns.items()}, rows, head)


def too_large() -> Wrong:
    """Return the fault of a file that is larger than any list."""
    mega = LARGEST_BYTES // 1_000_000
    return Wrong(
        f"解压后超过 {mega} MB,不像清单:请只把清单本身(不含图片和空行)复制到新工作簿",
        f"holds more than {mega} MB, which no list does: copy the list alone, without pictures, to a new workbook",
    )


def _heading_line(lines: list[Line], kind: Kind | None) -> int:
    """Return which of the first lines has most known headings; the first one when none has any."""
    best, most = 0, 0
    for place, (_, cells) in enumerate(lines):
        said = [str(cell) for cell in cells if cell not in (None, "")]
        kinds = [kind] if kind else TABLES
        known = max(sum(field_of(each, heading) is not None for heading in said) for each in kinds)
        if known > most:
            best, most = place, known
    return best


def _kind_of(place: Place, headings: list[str], faults: Faults) -> Kind | None:
    kinds = tables_of(headings)
    if len(kinds) == 1:
        return kinds[0]
    zh = "、".join(each.zh for each in kinds or TABLES)
    en = ", ".join(each.name for each in kinds or TABLES)
    shown = ", ".join(filter(None, headings))[:200]
    if kinds:
        faults.add(
            place,
            "",
            (f"表头可能是{zh}中的任何一种:请用 --table 指明", f"the headings fit {en}: say which with --table"),
        )
    else:
        faults.add(
            place,
            "",
            (
                f"表头({shown})不属于任何已知的表({zh}),或缺少必填列:请用模板中的表头,或用 --table 指明",
                (
                    f"the headings ({shown}) are those of no table ({en}), or a required one is missing: take the "
                    "template's, or say which table it is with --table"
                ),
            ),
        )
    return None


def _columns(place: Place, headings: list[str], kind: Kind, faults: Faults) -> dict[int, str]:
    fields = {at: field_of(kind, heading) for at, heading in enumerate(headings) if canonical(heading) not in _LEFT_OUT}
    taken = {field.name for field in fields.values() if field}
    columns: dict[int, str] = {}
    for at, field in fields.items():
        if field is None:
            near = nearest(kind, headings[at], taken)
            zh = f"表“{kind.zh}”没有这一列" + (f",是否为“{near}”?" if near else ":请用模板中的表头,或删除此列")
            en = f"table {kind.name} has no such column" + (
                f"; did you mean {near!r}?" if near else ": take the template's heading, or delete the column"
            )
            faults.add(place, headings[at], (zh, en))
        elif field.name in columns.values():
            faults.add(place, headings[at], (f"“{field.zh}”列出现两次", f"the column {field.en!r} stands twice"))
        else:
            columns[at] = field.name
    return columns
