"""A difference as lines that a person reads before it is written: by table, new and changed, before → after.

::

    网点(sites): 新增 2,变更 1,不变 1997
      + 001 徐家汇店
      ~ 017 手机: 13800000000 → 13900000000
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from coldchain.registry.changes import LimitRule, Put
from coldchain.registry.difference import Difference, Step
from coldchain.registry.tables import BY_NAME, TABLES, Kind
from coldchain.registry.wanted import DATED

SHOWN = 20
"""New rows that are named a table, and changed ones; the others are counted unless all are asked for."""

_WORDS = {
    "zh": {"new": "新增", "changed": "变更", "same": "不变", "more": "… 另有 {n} 项(--all 全部列出)", "none": "(空)"},
    "en": {
        "new": "new",
        "changed": "changed",
        "same": "unchanged",
        "more": "… and {n} more (--all)",
        "none": "(empty)",
    },
}


def describe(difference: Difference, language: str, *, everything: bool = False) -> Iterator[str]:
    """Yield the lines of a difference.

    Args:
        language: ``zh`` or ``en``.
        everything: name every row, however many there are.
    """
    say = _WORDS[language]
    for kind in TABLES:
        steps = [step for step in difference.steps if step.table == kind.name]
        new = [step for step in steps if step.before is None]
        changed = [step for step in steps if step.before is not None]
        same = difference.unchanged.get(kind.name, 0)
        if not steps and not same:
            continue
        counts = (f"{say[word]} {n:,}" for word, n in (("new", len(new)), ("changed", len(changed)), ("same", same)))
        yield f"{kind.title(language)}: {', '.join(counts)}"
        for group, mark in ((new, "+"), (changed, "~")):
            for step in group if everything else group[:SHOWN]:
                yield f"  {mark} {_name(kind, step, language)}{_what(kind, step, language)}"
            if not everything and len(group) > SHOWN:
                yield "  " + say["more"].format(n=f"{len(group) - SHOWN:,}")


def totals(difference: Difference) -> tuple[int, int, int]:
    """Return how many entries are new, changed and unchanged."""
    kinds = Counter(step.before is None for step in difference.steps)
    return kinds[True], kinds[False], sum(difference.unchanged.values())


def _name(kind: Kind, step: Step, language: str) -> str:
    named = [_shown(kind, name, getattr(step.after, name), language) for name in kind.key]
    title = getattr(step.after, "name", "") or getattr(step.after, "plate", "")
    return " ".join([*named, *([title] if title not in ("", *named) else [])])


def _what(kind: Kind, step: Step, language: str) -> str:
    if step.before is None:
        return _placed(kind, step.after, language)
    before, after = msgspec.structs.asdict(step.before), msgspec.structs.asdict(step.after)
    parts = [
        f"{kind.field(name).heading(language)}: {_shown(kind, name, before[name], language)} → "
        f"{_shown(kind, name, value, language)}"
        for name, value in after.items()
        if name not in kind.key and before[name] != value
    ]
    return " " + "; ".join(parts) if parts else ""


def _placed(kind: Kind, put: Put, language: str) -> str:
    """Say of a new limit, move, calibration … what it says: its key alone tells nobody anything."""
    if kind.name not in DATED:
        return ""
    said = [name for name in put.__struct_fields__ if name not in kind.key and getattr(put, name) not in (None, "", ())]
    names = ["low_celsius", "high_celsius"] if isinstance(put, LimitRule) else said
    held = ((kind.field(name).heading(language), getattr(put, name), name) for name in names)
    return "".join(f" {heading}: {_shown(kind, name, value, language)}" for heading, value, name in held)


def _shown(kind: Kind, name: str, value: object, language: str) -> str:
    if value is None or value in ("", ()):
        return _WORDS[language]["none"]
    if value == 0 and name in ("from_ms", "effective_from_ms"):
        return "自始" if language == "zh" else "from the beginning"
    return str(BY_NAME[kind.name].field(name).form.write(value, language))
