"""A registry as the tables of a file: what was exported imports again with nothing to do.

A point's row shows its probe and its limits as they are; where these have a past, the whole past stands in the tables
of bindings and limits, so that an empty registry becomes the same one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from coldchain.errors import ConfigError
from coldchain.registry.changes import ASSET_KINDS, Binding, LimitRule, Node, Point, Probe, Put
from coldchain.registry.fold import Registry
from coldchain.registry.forms import Instant
from coldchain.registry.tables import ALLOWED_FIELDS, LIMIT_FIELDS, TABLES, Field, Kind
from coldchain.registry.vocabulary import ASSET_KINDS as KIND_WORDS
from coldchain.registry.vocabulary import CLEAR, UNITS, word_of
from coldchain.registry.wanted import DATED, SINGLE


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be written.

    Attributes:
        rows: field name → the registry's value; what has its default is left out.
    """

    kind: Kind
    rows: Sequence[Mapping[str, object]]


def sheets_of(registry: Registry, node: str = "") -> list[Sheet]:
    """Return the tables of a registry, empty ones left out.

    Args:
        node: only what this gateway's site has.
    """
    sheets = []
    around = _around(registry, node) if node else None
    for kind in TABLES:
        puts = _puts(registry, kind.name)
        if around is not None:
            puts = [put for put in puts if getattr(put, kind.key[0]) in around[kind.name]]
            puts = [put for put in puts if not isinstance(put, Binding) or put.point in around["point"]]
        rows = [_row(registry, put) for put in puts if _needs_a_row(registry, put)]
        if rows:
            sheets.append(Sheet(kind, rows))
    return sheets


def cell_of(kind: Kind, field: Field, row: Mapping[str, object], language: str) -> object:
    """Return what a cell of a workbook or CSV file says for a row's value; empty where nothing is said."""
    value = row.get(field.name, "")
    if kind.name == "point" and field.name == "unit" and value == UNITS.get(str(row.get("quantity")), ""):
        return ""  # it follows from the quantity
    if value == 0 and isinstance(field.form, Instant) and not field.required:
        return ""  # from the beginning
    if value is None or value in ("", ()):
        return CLEAR[language] if field.name in row else ""
    if kind.name == "asset" and field.name == "kind":
        return word_of(KIND_WORDS, str(value), language)
    return field.form.write(value, language)


def _puts(registry: Registry, table: str) -> Iterable[Put]:
    if table in SINGLE:
        puts: Iterable[Put] = getattr(registry, SINGLE[table]).values()
        return puts
    return [put for held in getattr(registry, DATED[table]).values() for put in held]


def _needs_a_row(registry: Registry, put: Put) -> bool:
    """Say whether an entry is not said by its point's row or by the program itself already."""
    if isinstance(put, Binding):
        return registry.bindings[put.channel] != [Binding(put.channel, put.point, 0)] or (
            _probe_of(registry, put.point) != put.channel
        )
    if isinstance(put, LimitRule):
        rules = registry.rules[put.point]
        plain = put.effective_from_ms == 0 and put.point in registry.points and _fits_a_row(put)
        return len(rules) > 1 or not plain
    if isinstance(put, Probe):
        return put != Probe(put.channel) or not registry.bindings.get(put.channel)
    return put not in ASSET_KINDS.values()


def _row(registry: Registry, put: Put) -> dict[str, object]:
    fields = type(put).__struct_fields__
    defaults = dict(zip(reversed(fields), reversed(type(put).__struct_defaults__), strict=False))
    said = {
        name: value
        for name, value in msgspec.structs.asdict(put).items()
        if name not in defaults or value != defaults[name]
    }
    if isinstance(put, Node) and not put.keys:
        del said["keys"]
    if isinstance(put, Point):
        said |= _unit(put)
        channel = _probe_of(registry, put.id)
        if channel:
            said["channel"] = channel
        rule = registry.rules.get(put.id, [None])[-1]
        if rule is not None and _fits_a_row(rule):
            said |= {name: getattr(rule, name) for name in LIMIT_FIELDS}
    elif isinstance(put, LimitRule):
        said |= {name: getattr(put, name) for name in LIMIT_FIELDS}
    return {name: value for name, value in said.items() if value is not None}


def _unit(point: Point) -> dict[str, object]:
    """A unit stands in the row unless it is the one that follows from the quantity, in every kind of file."""
    return {"unit": point.unit} if point.unit != UNITS.get(point.quantity, "") or point.unit != "Cel" else {}


def _probe_of(registry: Registry, point: str) -> str:
    """Return the probe that a point's row can name: it is there now, and was last put there."""
    held = [binding for binding in registry.bindings_of(point) if binding.to_ms is None]
    sure = [binding.channel for binding in held if registry.bindings[binding.channel][-1] == binding]
    return sure[-1] if sure else ""


def _fits_a_row(rule: LimitRule) -> bool:
    """Say whether a point's row can say a limit: it has one, and no allowance of time."""
    limited = rule.high_celsius is not None or rule.low_celsius is not None
    return limited and not any(getattr(rule, name) for name in ALLOWED_FIELDS)


def _around(registry: Registry, node: str) -> dict[str, set[str]]:
    """Return table → the keys of what a gateway's site has and of what that refers to."""
    if node not in registry.nodes:
        raise ConfigError(f"--node {node}: no such gateway; `coldchain registry show` lists them")
    home = registry.nodes[node].site
    assets = {asset for asset, _, _ in registry.stays_at(home)}
    sites = {home}.union(*(registry.sites_of(asset) for asset in assets))
    operators = {who for site in sites for who, _, _ in registry.operators_of(site)}
    operators |= {registry.sites[site].operator for site in sites if site in registry.sites}
    regions = {region for site in sites for region in registry.regions_of(site)}
    points = {point.id for asset in assets for point in registry.points_of(asset)}
    channels = {binding.channel for point in points for binding in registry.bindings_of(point)}
    kinds = {registry.assets[asset].kind for asset in assets if asset in registry.assets}
    named = (registry.carrier_named(registry.vehicles[site].carrier) for site in sites if site in registry.vehicles)
    carriers = {carrier.id for carrier in named if carrier is not None}
    return {
        "operator": operators, "region": regions, "site": sites, "carrier": carriers, "vehicle": sites,
        "tenure": sites, "site-state": sites, "fence": sites, "asset-kind": kinds, "asset": assets,
        "assignment": assets, "activity": assets, "node": {node}, "point": points, "probe": channels,
        "binding": channels, "calibration": channels, "comparison": channels, "limit-rule": points,
        "person": set(), "duty": set(), "shift": set(), "holiday": set(),  # no gateway needs a telephone number
    }  # fmt: skip
