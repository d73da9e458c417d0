"""A registry from a TOML file: checked whole, compared with what is, turned into change entries.

::

    file ──▶ read_file (all faults at once) ──▶ wanted Puts ──▶ difference(registry) ──▶ changes, or nothing to do

Importing the same file twice changes nothing. Nothing is half-imported: the changes go into the ledger in one
transaction. What a file does not name is left alone.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from coldchain.errors import ConfigError
from coldchain.registry.changes import (
    ASSET_KINDS,
    Activity,
    Asset,
    AssetKind,
    Assignment,
    Binding,
    Calibration,
    Change,
    Comparison,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Region,
    Site,
    SiteState,
    Tenure,
    Vehicle,
)
from coldchain.registry.fold import KEY, Registry
from coldchain.senml import valid_name
from coldchain.topics import valid_id

T = TypeVar("T", bound=Put)

TABLES = ("operator", "region", "site", "vehicle", "node", "asset", "point")
RULE_KEYS = ("high_celsius", "low_celsius", "on_delay_s", "deadband_kelvin", "return_delay_s", "severity")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file asks for, in an order in which each refers to what stands before it."""

    puts: tuple[Put, ...]


def read_registry(text: str, *, source: str, keys: Mapping[str, str] | None = None) -> Wanted:
    """Read a registry file.

    Args:
        text: TOML with tables ``[[operator]]``, ``[[region]]``, ``[[site]]``, ``[[vehicle]]``, ``[[node]]``,
            ``[[asset]]``, ``[[point]]``.
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
    seen: dict[str, set[str]] = {name: set() for name in (*TABLES, "channel")}
    for table in TABLES:
        rows = tables.get(table, [])
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            faults.append(f"{source}: [{table}]: is one table or a value; write [[{table}]] above each")
            continue
        for row in rows:
            id = row.get("site" if table == "vehicle" else "id")
            where = f"{source}: [[{table}]] {id or '(no id)'!r}"
            try:
                puts += _puts_of(table, id, row, keys or {}, seen)
            except (msgspec.ValidationError, ValueError, KeyError) as fault:
                faults.append(f"{where}: {fault}")
            if isinstance(id, str):  # a faulty one, too: what refers to it is no second fault
                seen[table].add(id)
    if faults:
        raise ConfigError(faults)
    return Wanted(tuple(puts))


def _puts_of(
    table: str, id: object, row: dict[str, Any], keys: Mapping[str, str], seen: dict[str, set[str]]
) -> Iterator[Put]:
    row = dict(row)
    if not (isinstance(id, str) and valid_id(id)):
        raise ValueError("id must be 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit")
    if id in seen[table]:
        raise ValueError("stands twice in this file")
    match table:
        case "operator":
            yield _convert(row, Operator)
        case "region":
            if row.get("parent"):
                _known({"region": row["parent"]}, "region", seen)
            yield _convert(row, Region)
        case "site":
            _known(row, "operator", seen)
            if row.get("region"):
                _known(row, "region", seen)
            yield _convert(row, Site)
        case "vehicle":
            _known(row, "site", seen)
            yield _convert(row, Vehicle)
        case "node":
            _known(row, "site", seen)
            row.setdefault("keys", [keys[row["id"]]] if row["id"] in keys else [])
            node = _convert(row, Node)
            if not all(KEY.match(key) for key in (*node.keys, *node.revoked)):
                raise ValueError("a key must be 64 hex digits, as `coldchain` prints it")
            yield node
        case "asset":
            _known(row, "site", seen)
            if row.get("kind") not in ASSET_KINDS:
                raise ValueError(f"kind = {row.get('kind')!r}: one of {', '.join(ASSET_KINDS)} was expected")
            yield _convert(row, Asset)
        case "point":
            _known(row, "asset", seen)
            yield from _point(row, seen)


def _point(row: dict[str, Any], seen: dict[str, set[str]]) -> Iterator[Put]:
    channel, from_ms = row.pop("channel", None), row.pop("from_ms", 0)
    rule = {key: row.pop(key) for key in RULE_KEYS if key in row}
    point = _convert(row, Point)
    if point.interval_s < 1:
        raise ValueError(f"interval_s = {point.interval_s}: at least 1 s")
    yield point
    if channel is not None:
        binding = _convert({"channel": channel, "point": point.id, "from_ms": from_ms}, Binding)
        if not valid_name(binding.channel):
            raise ValueError(f"channel = {binding.channel!r:.80} is not a SenML name")
        if binding.channel in seen["channel"]:
            raise ValueError(f"channel = {binding.channel!r} is at another point of this file, too")
        seen["channel"].add(binding.channel)
        yield Probe(binding.channel)
        yield binding
    if rule:
        yield _checked(_convert({**rule, "point": point.id, "effective_from_ms": 0}, LimitRule))


def _checked(rule: LimitRule) -> LimitRule:
    high, low = rule.high_celsius, rule.low_celsius
    if not all(math.isfinite(limit) for limit in (high, low, rule.deadband_kelvin) if limit is not None):
        raise ValueError("a limit or the deadband is not a finite number")
    if high is not None and low is not None and low >= high:
        raise ValueError(f"low_celsius = {low} is not below high_celsius = {high}")
    if rule.deadband_kelvin < 0 or rule.on_delay_s < 0 or rule.return_delay_s < 0:
        raise ValueError("deadband_kelvin, on_delay_s and return_delay_s are at least 0")
    return rule


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

    A point's first limits and a probe's first binding hold from the beginning of the data, later ones from now on
    (protocol: changes); a node without ``keys`` keeps those that it has.
    """
    changes = []
    for put in wanted.puts:
        needed = _needed(put, registry, now_ms)
        if needed is not None and not _holds(needed, registry):
            changes.append(Change(needed, who, why))
    return changes


def _needed(put: Put, registry: Registry, now_ms: int) -> Put | None:
    """Return what has to be put for a wanted entry, given what is already known of it."""
    match put:
        case LimitRule():
            return _rule_from(put, registry, now_ms)
        case Binding():
            return _binding_from(put, registry, now_ms)
        case Node():
            known = registry.nodes.get(put.id)
            if known is None or put.keys:
                return put
            return msgspec.structs.replace(put, keys=known.keys, revoked=put.revoked or known.revoked)
    return put


def _binding_from(put: Binding, registry: Registry, now_ms: int) -> Binding | None:
    """A probe's first binding without a time holds from the beginning, a later one at another point from now on."""
    bindings = registry.bindings.get(put.channel, [])
    if not bindings:
        return put
    if put.from_ms:
        known = any((b.point, b.from_ms) == (put.point, put.from_ms) for b in bindings)
        return None if known else put
    return None if bindings[-1].point == put.point else msgspec.structs.replace(put, from_ms=now_ms)


def _rule_from(put: LimitRule, registry: Registry, now_ms: int) -> LimitRule | None:
    versions = registry.rules.get(put.point, [])
    if not versions:
        return put
    last = versions[-1]
    same = msgspec.structs.replace(put, effective_from_ms=last.effective_from_ms) == last
    return None if same else msgspec.structs.replace(put, effective_from_ms=now_ms)


def _holds(put: Put, registry: Registry) -> bool:
    """Say whether a registry has exactly this already."""
    match put:
        case Operator():
            return registry.operators.get(put.id) == put
        case Region():
            return registry.regions.get(put.id) == put
        case Site():
            return registry.sites.get(put.id) == put
        case Vehicle():
            return registry.vehicles.get(put.site) == put
        case Tenure():
            return put in registry.tenures.get(put.site, [])
        case SiteState():
            return put in registry.site_states.get(put.site, [])
        case AssetKind():
            return registry.kinds.get(put.id) == put
        case Asset():
            return registry.assets.get(put.id) == put
        case Assignment():
            return put in registry.assignments.get(put.asset, [])
        case Activity():
            return put in registry.activities.get(put.asset, [])
        case Node():
            return registry.nodes.get(put.id) == put
        case Point():
            return registry.points.get(put.id) == put
        case Probe():
            return put.channel in registry.probes
        case Binding():
            return put in registry.bindings.get(put.channel, [])
        case Calibration():
            return put in registry.calibrations.get(put.channel, [])
        case Comparison():
            return put in registry.comparisons.get(put.channel, [])
        case LimitRule():
            return put in registry.rules.get(put.point, [])
