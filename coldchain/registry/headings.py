"""Which table and which column a heading stands for, in Chinese or English, however people wrote it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from coldchain.registry import vocabulary as words
from coldchain.registry.tables import BY_NAME, TABLES, Field, Kind

EXPLANATION = {"zh": "说明", "en": "explanation"}


IGNORED = ("序号", "备注", "no", "no.", "remark", "remarks", "note", "notes", "")
"""Columns of people's own that an import leaves alone; anything else that is not known is a fault."""


def canonical(heading: object) -> str:
    """Return a heading as headings are compared: without required marks, underlines and spaces.

    >>> canonical(" 门店编码* "), canonical("Site_ID")
    ('门店编码', 'siteid')
    """
    return re.sub(r"[*_\-:：]", "", words.plain(str(heading)))


def field_of(kind: Kind, heading: str) -> Field | None:
    """Return the field that a heading stands for; what is in brackets behind it need not be known."""
    wanted = canonical(heading)
    shorter = re.sub(r"\([^()]*\)$", "", wanted)
    for name in (wanted, shorter):
        for field in kind.fields:
            if name and name in {canonical(said) for said in (field.zh, field.en, field.name, *field.also)}:
                return field
    return None


def table_named(name: str) -> Kind | None:
    """Return the table that a sheet's name, a word of ``--table`` or a TOML table stands for."""
    wanted = canonical(name)
    for kind in TABLES:
        if wanted in {canonical(said) for said in (kind.zh, kind.en, kind.name, *kind.also)}:
            return kind
    return None


def tables_of(headings: Iterable[str]) -> list[Kind]:
    """Return the tables that headings fit best: the required ones are there, else most; one alone is sure."""
    said = [heading for heading in headings if heading]
    scored: dict[str, int] = {}
    nearly: dict[str, int] = {}
    for kind in TABLES:
        found = [field for field in (field_of(kind, heading) for heading in said) if field]
        if kind.told_by and not any(field.name in kind.told_by for field in found):
            continue
        if all(each in found for each in kind.fields if each.required):
            scored[kind.name] = len(found)
        elif 2 * len(found) > len(said) > 1:
            nearly[kind.name] = len(found)
    scored = scored or nearly
    best = max(scored.values(), default=0)
    return [BY_NAME[name] for name, score in scored.items() if score == best]


def nearest(kind: Kind, heading: str, taken: Collection[str]) -> str:
    """Return the known heading that looks most like an unknown one, of fields that have no column; empty for none."""
    free = [field for field in kind.fields if field.name not in taken]
    known = {canonical(said): said for field in free for said in (field.zh, field.en, field.name, *field.also)}
    close = difflib.get_close_matches(canonical(heading), known, n=1, cutoff=0.4)
    return known[close[0]] if close else ""
