"""A plan file (TOML), read whole or not at all: every fault with its place.

::

    notify.toml ──▶ tables by their fields ──▶ each chain, room and digest checked ──▶ the whole ──▶ NotifyPlan
                         └────────── faults: chains 'shops' steps 2: ways: … ──────────┘
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from coldchain.errors import ConfigError
from coldchain.people.checks import Checks
from coldchain.people.plan import Chain, Digest, NotifyPlan, Room, Step
from coldchain.people.roles import Role
from coldchain.profiles.faults import Faults
from coldchain.registry.fold import Registry
from coldchain.registry.hints import did_you_mean

LARGEST_BYTES = 1 << 20


def read_plan_file(
    file: Path, registry: Registry | None = None, channels: Collection[str] | None = None, language: str = "en"
) -> NotifyPlan:
    """Read a plan file; see `read_plan`."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{file}: > 1 MiB")
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        said = f"无法读取(应为 UTF-8): {fault}" if language == "zh" else f"cannot be read as UTF-8: {fault}"
        raise ConfigError(f"{file}: {said}") from fault
    return read_plan(text, file.name, registry, channels, language)


def read_plan(
    text: str,
    source: str,
    registry: Registry | None = None,
    channels: Collection[str] | None = None,
    language: str = "en",
) -> NotifyPlan:
    """Read the text of a plan file.

    Args:
        source: its name, for messages.
        registry: whose sites, regions and kinds a plan may name; None: they are not looked up.
        channels: names of the settings' channels; None: they are not looked up.

    Raises:
        ConfigError: every fault at once.
    """
    faults = Faults(source, language)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        faults.add("", "", f"不是 TOML: {fault}", f"not TOML: {fault}")
        faults.finish()
        raise AssertionError from fault
    checks = Checks(faults, registry, channels)
    plan = _Reader(faults, checks).struct(NotifyPlan, found, "")
    if plan is not None and len(plan.chains) == len(found["chains"]):
        checks.whole(plan)
    faults.finish()
    assert isinstance(plan, NotifyPlan)
    return plan


class _Reader:
    """Makes structs of tables, and looks at every field.

    A struct is made of what can be read, so that the rest is checked, too; where a fault was noted nobody gets it.
    """

    def __init__(self, faults: Faults, checks: Checks) -> None:
        self._faults = faults
        self._checks = checks

    def struct(self, shape: type[Any], raw: object, place: str) -> Any:
        """Return a struct from a table; None where a field that it needs cannot be read."""
        fields = {field.name: field for field in msgspec.structs.fields(shape)}
        names = ", ".join(fields)
        if not isinstance(raw, dict):
            self._faults.add(place, "", f"应为 {names} 的表", f"a table of {names} was expected")
            return None
        for name in raw:
            if name not in fields:
                self._faults.add(place, name, f"没有这一项;应为 {names}", f"no such key; {names}")
        hints = get_type_hints(shape)
        values = {name: self._value(hints[name], raw[name], place, name) for name in fields if name in raw}
        made = {name: value for name, value in values.items() if value is not None}
        needed = [name for name, field in fields.items() if field.required]
        for name in needed:
            if name not in raw:
                self._faults.add(place, name, "缺少这一项", "is missing")
        if not all(name in made for name in needed):
            return None
        put = shape(**made)
        self._check(put, place)
        return put

    def _value(self, kind: Any, raw: object, place: str, name: str) -> Any:
        if get_origin(kind) is not tuple:
            return self._plain(kind, raw, place, name)
        (inner, _) = get_args(kind)
        if not isinstance(raw, list):
            self._faults.add(place, name, "应为列表 […]", "a list […] was expected")
            return None
        if issubclass(inner, msgspec.Struct):
            made = (self.struct(inner, one, _place(place, name, at, one)) for at, one in enumerate(raw, 1))
            return tuple(one for one in made if one is not None)
        return tuple(self._plain(inner, one, place, name) or str(one) for one in raw)

    def _plain(self, kind: Any, raw: object, place: str, name: str) -> Any:
        if kind is Role:
            return self._role(raw, place, name)
        try:
            return msgspec.convert(raw, kind)
        except msgspec.ValidationError as fault:
            self._faults.add(place, name, f"{raw!r} 不对: {fault}", f"{raw!r}: {fault}")
            return None

    def _role(self, raw: object, place: str, name: str) -> Role | None:
        if isinstance(raw, str) and raw in set(Role):
            return Role(raw)
        known = ", ".join(Role)
        near = did_you_mean(str(raw), [role.value for role in Role])
        self._faults.add(
            place, name, f"没有角色 {raw!r}{near[0]};已有 {known}", f"no role {raw!r}{near[1]}; there are {known}"
        )
        return None

    def _check(self, put: object, place: str) -> None:
        match put:
            case Step():
                self._checks.step(put, place)
            case Chain():
                self._checks.chain(put, place)
            case Room():
                self._checks.room(put, place)
            case Digest():
                self._checks.digest(put, place)


def _place(outer: str, name: str, number: int, raw: object) -> str:
    own = raw.get("id") if isinstance(raw, dict) else None
    what = f"{name} {own!r}" if isinstance(own, str) and own else f"{name} {number}"
    return f"{outer} {what}".strip()
