"""A registry from a TOML file: checked whole, compared with what is, turned into change entries.

::

    file ──▶ read_file (all faults at once) ──▶ wanted Puts ──▶ difference(registry) ──▶ changes, or nothing to do

Importing the same file twice changes nothing. Nothing is half-imported: the changes go into the ledger in one
transaction. What a file does not name is left alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from coldchain.errors import ConfigError
from coldchain.registry.changes import (
    ASSET_KINDS,
    Asset,
    Binding,
    Change,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Site,
)
from coldchain.registry.fold import Registry
from coldchain.topics import valid_id

T = TypeVar("T", bound=Put)

TABLES = ("operator", "site", "node", "asset", "point")
RULE_KEYS = ("high_celsius", "low_celsius", "on_delay_s", "deadband_kelvin", "return_delay_s", "severity")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file asks for, in an order in which each refers to what stands before it."""

    puts: tuple[Put, ...]


def read_registry(text: str, *, source: str, keys: Mapping[str, str] | None = None) -> Wanted:
    """Read a registry file.

    Args:
        text: TOML with tables ``[[operator]]``, ``[[site]]``, ``[[node]]``, ``[[asset]]``, ``[[point]]``.
        source: its name, for messages.
        keys: node id → public key (64 hex digits) for nodes whose table has no ``keys``.

    Raises:
        ConfigError: every fault at once, each with its table and id.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{source}: not TOML: {fault}") from fault
    faults = [
        f"{source}: [[{name}]]: no such table; known: {', '.join(TABLES)}" for name in tables if name not in TABLES
    ]
    puts: list[Put] = []
    seen: dict[str, set[str]] = {name: set() for name in TABLES}
    for table in TABLES:
        for row in tables.get(table, []):
            where = f"{source}: [[{table}]] {row.get('id', '(no id)')!r}"
            try:
                puts += _puts_of(table, row, keys or {}, seen)
            except (msgspec.ValidationError, ValueError, KeyError) as fault:
                faults.append(f"{where}: {fault}")
            else:
                seen[table].add(row["id"])
    if faults:
        raise ConfigError(faults)
    return Wanted(tuple(puts))


def _puts_of(table: str, row: dict[str, Any], keys: Mapping[str, str], seen: dict[str, set[str]]) -> Iterator[Put]:
    row = dict(row)
    if not valid_id(str(row.get("id", ""))):
        raise ValueError("id must be 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit")
    if row["id"] in seen[table]:
        raise ValueError("stands twice in this file")
    match table:
        case "operator":
            yield _convert(row, Operator)
        case "site":
            _known(row, "operator", seen)
            yield _convert(row, Site)
        case "node":
            _known(row, "site", seen)
            row.setdefault("keys", [keys[row["id"]]] if row["id"] in keys else [])
            yield _convert(row, Node)
        case "asset":
            _known(row, "site", seen)
            if row.get("kind") not in ASSET_KINDS:
                raise ValueError(f"kind = {row.get('kind')!r}: one of {', '.join(ASSET_KINDS)} was expected")
            yield _convert(row, Asset)
        case "point":
            _known(row, "asset", seen)
            yield from _point(row)


def _point(row: dict[str, Any]) -> Iterator[Put]:
    channel, from_ms = row.pop("channel", None), row.pop("from_ms", 0)
    rule = {key: row.pop(key) for key in RULE_KEYS if key in row}
    yield _convert(row, Point)
    if channel is not None:
        yield Probe(channel)
        yield Binding(channel, row["id"], from_ms)
    if rule:
        yield _convert({**rule, "point": row["id"], "effective_from_ms": 0}, LimitRule)


def _known(row: dict[str, Any], key: str, seen: dict[str, set[str]]) -> None:
    if row.get(key) not in seen[key]:
        raise ValueError(f"{key} = {row.get(key)!r} is not in this file: add [[{key}]] or correct the name")


def _convert(row: dict[str, Any], kind: type[T]) -> T:
    unknown = set(row) - {field.name for field in msgspec.structs.fields(kind)}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return msgspec.convert(row, kind)


def difference(wanted: Wanted, registry: Registry, *, who: str, why: str, now_ms: int) -> list[Change]:
    """Return the changes that bring a registry to what is wanted; empty when it is already so.

    A point's first limits hold from the beginning of its data, later ones from now on (protocol: changes).
    """
    changes = []
    for put in wanted.puts:
        needed = _rule_from(put, registry, now_ms) if isinstance(put, LimitRule) else put
        if needed is not None and not _holds(needed, registry):
            changes.append(Change(needed, who, why))
    return changes


def _rule_from(put: LimitRule, registry: Registry, now_ms: int) -> LimitRule | None:
    versions = registry.rules.get(put.point, [])
    if not versions:
        return put
    last = versions[-1]
    same = msgspec.structs.replace(put, effective_from_ms=last.effective_from_ms) == last
    return None if same else msgspec.structs.replace(put, effective_from_ms=now_ms)


def _holds(put: Put, registry: Registry) -> bool:
    match put:
        case Operator():
            return registry.operators.get(put.id) == put
        case Site():
            return registry.sites.get(put.id) == put
        case Asset():
            return registry.assets.get(put.id) == put
        case Node():
            known = registry.nodes.get(put.id)
            return known == put or (known is not None and not put.keys and known.site == put.site)
        case Point():
            return registry.points.get(put.id) == put
        case Probe():
            return put.channel in registry.probes
        case Binding():
            return any(b.point == put.point for b in registry.bindings.get(put.channel, []))
        case LimitRule():
            return False
