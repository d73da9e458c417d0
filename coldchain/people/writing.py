"""A plan as the text of a plan file, which reads the same again, and as lines that show what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from coldchain.people.plan import NotifyPlan, Step

TABLES = ("chains", "rooms", "digests")


def plan_toml(plan: NotifyPlan) -> str:
    """Return the text of a plan: the numbers, then each chain, room and digest; what has its default is left out."""
    return "\n".join(_lines(plan)) + "\n"


def place_lines(plan: NotifyPlan) -> list[str]:
    """Return a line for each number, key and step of a plan, each with its place: ``chains 'rooms' steps 2: …``."""
    held = msgspec.structs.asdict(plan)
    lines = [f"{name} = {_value(value)}" for name, value in held.items() if name not in TABLES]
    for name in TABLES:
        for number, part in enumerate(held[name], 1):
            place = f"{name} {getattr(part, 'id', number)!r}"
            for key, value in _said(part):
                if key == "steps":
                    lines += [f"{place} steps {at}: {_step(step)}" for at, step in enumerate(value, 1)]
                else:
                    lines.append(f"{place} {key} = {_value(value)}")
    return lines


def _lines(plan: NotifyPlan) -> Iterator[str]:
    held = msgspec.structs.asdict(plan)
    yield from (f"{name} = {_value(value)}" for name, value in held.items() if name not in TABLES)
    for name in TABLES:
        for part in held[name]:
            yield from ("", f"[[{name}]]")
            for key, value in _said(part):
                if key == "steps":
                    yield from ("steps = [", *(f"  {_step(step)}," for step in value), "]")
                else:
                    yield f"{key} = {_value(value)}"


def _step(step: Step) -> str:
    return f"{{ {', '.join(f'{key} = {_value(value)}' for key, value in _said(step))} }}"


def _said(put: msgspec.Struct) -> list[tuple[str, Any]]:
    """Return what is not as it is by default; steps last, as people write them."""
    fields = sorted(msgspec.structs.fields(put), key=lambda field: field.name == "steps")
    held = ((field, getattr(put, field.name)) for field in fields)
    return [(field.name, value) for field, value in held if field.required or value != field.default]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value)
