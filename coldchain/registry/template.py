"""The empty list that a head office fills in: headings, one example row a table, and what each column means."""

from __future__ import annotations

from pathlib import Path

from coldchain.registry.exporting import Sheet
from coldchain.registry.forms import Number, Word
from coldchain.registry.headings import table_named
from coldchain.registry.tables import BY_NAME, EXAMPLE, TABLES, Field, Kind
from coldchain.registry.writing import write_file

ENGLISH = {
    "示例乳业有限公司": "Example Dairy Ltd",
    "示例大区": "Example region",
    "示例路店": "Example Road shop",
    "上海市徐汇区示例路 1 号": "1 Example Road, Xuhui, Shanghai",
    "张三": "Zhang San",
    "李四": "Li Si",
    "沪A·D00000": "沪A·D00000",
    "4.2 米冷藏车": "4.2 m reefer",
    "示例物流": "Example Logistics",
    "示例配送车": "Example truck",
    "示例自提柜": "示例自提柜",
    "示例冷藏柜": "Example cooler",
    "示例 SC-400": "Example SC-400",
    "示例 T-1": "Example T-1",
    "示例证书": "example certificate",
    "示例计量院": "Example laboratory",
    "春节": "Spring Festival",
}

_FIRST = {
    "zh": {
        ".xlsx": "导入模板:在各工作表的表头下填写,每行一项;不用的工作表留空即可。",
        ".csv": "导入模板:在表头下填写,每行一项。",
        ".toml": "导入模板:每一项之前写 [[表名]];未写的字段取默认值。",
        "": f"编号以 {EXAMPLE} 开头的是示例,导入时略去,可以保留或删除。",
        "cells": "空单元格表示保持原样;要清除已有的值,请填 (空)。日期:2027-03-31 或 2027/3/31;时间按网点当地时间。",
        "text": "编号、手机、证号请按“文本”格式填写,否则 Excel 会去掉前面的 0。",
    },
    "en": {
        ".xlsx": "Template: fill in below the headings of each sheet, one row each; leave sheets empty that you do not "
        "need.",
        ".csv": "Template: fill in below the headings, one row each.",
        ".toml": "Template: write [[table]] above each entry; a field that is left out has its default.",
        "": f"Entries whose id begins with {EXAMPLE} are examples; an import leaves them out.",
        "cells": "An empty cell leaves what is known as it is; (empty) takes it away. Days: 2027-03-31; times are in "
        "the site's zone.",
        "text": "Format ids, telephones and licences as text, or Excel drops leading zeros.",
    },
}


def write_template(file: Path, language: str, table: str = "") -> None:
    """Write a template in the form that the file's name says.

    Args:
        table: the table of a CSV file; sites without it.
    """
    suffix = file.suffix.lower()
    kinds: tuple[Kind, ...] = TABLES
    if suffix == ".csv":
        kinds = (table_named(table or "site") or BY_NAME["site"],)
    sheets = [Sheet(kind, [_example(kind, language, toml=suffix == ".toml")]) for kind in kinds]
    if suffix == ".csv":  # nothing stands beside it that a region's id could refer to
        sheets[0] = Sheet(
            kinds[0], [{k: v for k, v in sheets[0].rows[0].items() if k in kinds[0].key or not k.endswith("region")}]
        )
    if suffix == ".toml":  # there a vehicle's row does not make its site
        made = dict(_example(BY_NAME["site"], language, toml=True))
        made |= {"id": "EXAMPLE-T1", "name": "EXAMPLE-T1", "kind": "vehicle"}
        sheets = [Sheet(s.kind, [*s.rows, made]) if s.kind.name == "site" else s for s in sheets]
    said = _FIRST[language]
    which = (suffix, "") if suffix == ".toml" else (suffix, "", "cells", "text")
    notes: list[tuple[str, ...]] = [(said.get(name, ""),) for name in which]
    if suffix != ".csv":
        notes += [line for kind in kinds for line in _explained(kind, language, toml=suffix == ".toml")]
    write_file(file, sheets, language, notes=notes, example=True, table=kinds[0].name if suffix == ".csv" else "")


def _example(kind: Kind, language: str, *, toml: bool) -> dict[str, object]:
    row: dict[str, object] = {}
    for field in kind.fields:
        value = field.example
        if language == "en" and isinstance(value, str):
            value = ENGLISH.get(value, value)
        if value != "" and not (toml and "." in field.name):
            row[field.name] = field.form.read(value) if toml else _typed(field, value)
    return row


def _typed(field: Field, value: object) -> object:
    return field.form.read(value) if field.name.endswith("_ms") else value


def _explained(kind: Kind, language: str, *, toml: bool) -> list[tuple[str, str, str]]:
    place = 0 if language == "zh" else 1
    lines = [("", "", ""), (f"[[{kind.name}]]" if toml else kind.title(language), "", kind.note[place])]
    for field in kind.fields:
        if toml and "." in field.name:
            continue
        needed = ("必填" if place == 0 else "required") if field.required else ""
        lines.append(
            ("", field.name if toml else field.heading(language), f"{needed} {_meaning(field, place)}".strip())
        )
    return lines


def _meaning(field: Field, place: int) -> str:
    text = field.form.expected[place]
    if field.refers:
        target = BY_NAME[field.refers]
        text = f"“{target.zh}”中的编码" if place == 0 else f"an id of {target.en}"
    if isinstance(field.form, Word) and place == 1:
        text = "one of " + ", ".join(word[1] for word in field.form.words.values())
    if isinstance(field.form, Word) and field.form.any_word:
        text += ",或其他" if place == 0 else ", or another word"
    if isinstance(field.form, Number) and field.form.default is not None:
        text += f"(默认 {field.form.default})" if place == 0 else f" (default {field.form.default})"
    return text
