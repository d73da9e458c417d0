"""A profile file, read whole or not at all: every fault with its file, table and key.

The file is TOML: ``[product.ID]`` and ``[kind.ID]``, each complete, each number a small table
``{celsius = 6.5, status = "assumed", source = "…"}``.
"""

from __future__ import annotations

import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from coldchain.errors import ConfigError
from coldchain.profiles.checks import check
from coldchain.profiles.faults import Faults
from coldchain.profiles.structs import Catalogue, Content, KindRules, Product, Sourced, TripRules

SHAPES: Mapping[str, type[Content]] = {"product": Product, "kind": KindRules, "trip": TripRules}
LARGEST_BYTES = 1 << 20


def read_file(file: Path, language: str = "en") -> Catalogue:
    """Read a profile file.

    Raises:
        ConfigError: every fault at once.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{file}: > 1 MiB")
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        said = f"无法读取(应为 UTF-8): {fault}" if language == "zh" else f"cannot be read as UTF-8: {fault}"
        raise ConfigError(f"{file}: {said}") from fault
    return read_text(text, file.name, language)


def read_text(text: str, source: str, language: str = "en") -> Catalogue:
    """Read the text of a profile file.

    Raises:
        ConfigError: every fault at once, as ``file: [table] key: what is wrong``.
    """
    faults = Faults(source, language)
    found = _parsed(text, faults)
    contents = {name: _section(found.get(name, {}), name, faults) for name in SHAPES}
    faults.finish()
    return Catalogue(contents["product"], contents["kind"], contents["trip"])


def _parsed(text: str, faults: Faults) -> dict[str, Any]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        faults.add("", "", f"不是 TOML: {fault}", f"not TOML: {fault}")
        return {}
    for name in found:
        if name not in SHAPES:
            faults.add(name, "", "没有这个表;应为 [product.…]、[kind.…] 或 [trip.…]",
                       "no such table; [product.…], [kind.…] or [trip.…]")  # fmt: skip
    if not found:
        faults.add("", "", "没有内容", "is empty")
    return found


def _section(found: object, name: str, faults: Faults) -> dict[str, Any]:
    """Return id → content of one of the kinds of tables; only what is whole."""
    if not isinstance(found, dict):
        faults.add(name, "", f"应为 [{name}.编号]", f"[{name}.id] was expected")
        return {}
    made: dict[str, Any] = {}
    for id_, raw in found.items():
        table, before = f"{name}.{id_}", len(faults.said)
        if isinstance(raw, dict) and "id" in raw:
            faults.add(table, "id", "编号写在表名里", "the id stands in the table's name")
        content = _shape(SHAPES[name], {**raw, "id": id_} if isinstance(raw, dict) else raw, table, "", faults)
        if len(faults.said) == before:
            check(content, table, faults)
            made[id_] = content
    return made


def _value(kind: Any, raw: object, table: str, key: str, faults: Faults) -> Any:
    """Return a value as its type wants it; None, and a fault noted, where it is not so."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return _value(next(one for one in inner if one is not type(None)), raw, table, key, faults)
    if isinstance(kind, type) and issubclass(kind, Sourced):
        return _shape(kind, raw, table, key, faults)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _shape(kind, raw, f"{table}.{key}", "", faults)
    if origin is dict:
        return _mapping(inner[0], inner[1], raw, f"{table}.{key}", faults)
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as fault:
        wanted = ", ".join(map(str, inner)) if origin is Literal else str(fault)
        faults.add(table, key, f"{raw!r} 不对: {wanted}", f"{raw!r}: {wanted}")
        return None


def _mapping(keys: Any, values: Any, raw: object, table: str, faults: Faults) -> Any:
    if not isinstance(raw, dict):
        faults.add(table, "", "应为一个表", "a table was expected")
        return None
    allowed = get_args(keys)
    made = {}
    for key, one in raw.items():
        if allowed and key not in allowed:
            faults.add(table, key, f"应为 {'、'.join(allowed)}", f"one of {', '.join(allowed)} was expected")
        else:
            made[key] = _value(values, one, table, key, faults)
    return made


def _shape(shape: type[Any], raw: object, table: str, key: str, faults: Faults) -> Any:
    """Return a struct from a table; every field is looked at, and no half struct is made."""
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    if not isinstance(raw, dict):
        names = ", ".join(fields)
        faults.add(table, key, f"应为 {{{names}}} 的表", f"a table of {names} was expected")
        return None
    before = len(faults.said)
    for unknown in (name for name in raw if name not in fields):
        faults.add(table, _joined(key, unknown), f"没有这一项;应为 {', '.join(fields)}",
                   f"no such key; {', '.join(fields)}")  # fmt: skip
    hints = get_type_hints(shape)
    made = {}
    for name, field in fields.items():
        if name in raw:
            made[name] = _value(hints[name], raw[name], table, _joined(key, name), faults)
        elif field.required:
            faults.add(table, _joined(key, name), "缺少这一项", "is missing")
    return shape(**made) if len(faults.said) == before else None


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
