"""Profiles as a file that a person edits and that reads in again as the same: one line a number."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from coldchain.profiles.structs import Content, Limits, Sourced


def text_of(contents: Iterable[Content]) -> str:
    """Return the TOML of profiles; what the program brings and what people wrote look alike."""
    return "\n".join("\n".join(_table(content)) for content in contents)


def _table(content: Content) -> list[str]:
    name = f"{content.__struct_config__.tag}.{_bare(content.id)}"
    lines, tables = [f"[{name}]"], []
    for field in msgspec.structs.fields(content):
        value = getattr(content, field.name)
        if field.name == "id" or value in (None, "", (), {}):
            continue
        if not isinstance(value, dict):
            lines.append(f"{field.name} = {_value(value)}")
            continue
        for key, one in value.items():
            if isinstance(one, Limits):
                tables += [f"\n[{name}.{field.name}.{key}]", *_numbers(one)]
        if any(isinstance(one, Sourced) for one in value.values()):
            tables += [f"\n[{name}.{field.name}]", *(f"{_bare(key)} = {_value(one)}" for key, one in value.items())]
    return [*lines, *tables, ""]


def _numbers(limits: Limits) -> list[str]:
    given = [(name, getattr(limits, name)) for name in limits.__struct_fields__]
    return [f"{name} = {_value(number)}" for name, number in given if number is not None]


def _value(value: object) -> str:
    if isinstance(value, Sourced):
        number, unit = repr(value.value).removesuffix(".0"), value.__struct_fields__[0]
        return f"{{{unit} = {number}, status = {_text(value.status)}, source = {_text(value.source)}}}"
    if isinstance(value, tuple):
        return f"[{', '.join(_text(str(one)) for one in value)}]"
    return _text(str(value))


def _text(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _bare(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _text(key)
