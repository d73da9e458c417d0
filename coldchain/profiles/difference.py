"""What a profile file would change: each profile with every number before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import msgspec

from coldchain.profiles.structs import Catalogue, Content, Sourced


@dataclass(frozen=True, slots=True)
class Changed:
    """One profile that differs.

    Attributes:
        before: what was in force; None for a new one.
        lines: key, before, after; empty where there was or will be nothing.
    """

    before: Content | None
    after: Content
    lines: tuple[tuple[str, str, str], ...]


def compare(wanted: Catalogue, in_force: Callable[[Content], Content | None]) -> list[Changed]:
    """Return what differs from what is in force; nothing for a profile that is so already."""
    found = []
    for after in wanted.contents:
        before = in_force(after)
        if before != after:
            found.append(Changed(before, after, _lines(before, after)))
    return found


def unsourced(changed: Changed) -> list[tuple[str, str, str]]:
    """Return key, before, after of numbers that changed under the words of a source that gave another number."""
    if changed.before is None:
        return []
    old, new = _flat(changed.before), _flat(changed.after)
    return [
        (key, before, after)
        for key, before, after in changed.lines
        if f"{key} (source)" in old
        and old[f"{key} (source)"] == new.get(f"{key} (source)")
        and new[f"{key} (status)"] != "assumed"
    ]


def _lines(before: Content | None, after: Content) -> tuple[tuple[str, str, str], ...]:
    old, new = {} if before is None else _flat(before), _flat(after)
    keys = dict.fromkeys(chain(old, new))
    return tuple((key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key))


def _flat(value: object, path: str = "") -> dict[str, str]:
    """Return key → text of everything that a person wrote."""
    if isinstance(value, Sourced):
        return {path: f"{value.value:.15g} {value.unit}".strip(), f"{path} (status)": value.status,
                f"{path} (source)": value.source}  # fmt: skip
    if isinstance(value, msgspec.Struct):
        value = {name: getattr(value, name) for name in value.__struct_fields__ if name != "id"}
    if isinstance(value, dict):
        made: dict[str, str] = {}
        for key, one in value.items():
            made |= _flat(one, f"{path}.{key}" if path else str(key))
        return made
    if isinstance(value, tuple):
        value = ", ".join(map(str, value))
    return {} if value in (None, "") else {path: str(value)}
