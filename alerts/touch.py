"""What a change entry makes old in what was judged: which points, from which measured time, and whether readings move.

The registry names what a change touches; this narrows it to what can change a judgement, because an import of
100,000 points and the daily renaming of an asset must not read the history of each.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry
from coldchain.registry import (
    Activity,
    Asset,
    Assignment,
    Binding,
    Calibration,
    DefrostSchedule,
    EpisodeEnd,
    LabelCondition,
    LimitRule,
    Node,
    Normal,
    Point,
    Probe,
    Profile,
    Put,
    Registry,
    Site,
    SiteState,
    Window,
    decode_change,
)


@dataclass(frozen=True, slots=True)
class Old:
    """A point to judge again.

    Attributes:
        from_ms: measured time from which.
        readings_move: readings may come to the point or leave it; else only rules or intervals changed.
        ended: a person ended what was open there at that time.
    """

    from_ms: int
    readings_move: bool
    ended: bool = False


def put_of(entry: Entry) -> Put | None:
    """Return what a change entry says, None where it cannot be read: the registry counts it."""
    try:
        return decode_change(entry.raw).change
    except RejectedReading:
        return None


def apply_change(registry: Registry, entry: Entry) -> dict[str, Old]:
    """Fold a change entry into the registry and return point → what it makes old there."""
    match put_of(entry):
        case Point() as put:
            return _point(registry, entry, put)
        case LimitRule() as put:
            known = put in registry.rules.get(put.point, [])
            registry.apply(entry)
            return {} if known else {put.point: Old(put.effective_from_ms, False)}
        case Binding() as put:
            return _binding(registry, entry, put)
        case Probe() as put:
            known = put.channel in registry.probes
            registry.apply(entry)
            return {} if known else _placed(registry, {put.channel})
        case Asset() as put:
            return _asset(registry, entry, put)
        case Assignment() as put:
            return {**_rules(registry, {put.asset}, put.from_ms), **_stood(registry, entry, put.asset)}
        case Site() as put:
            return _site(registry, entry, put)
        case SiteState() as put:
            registry.apply(entry)
            assets = {asset for asset, _, _ in registry.stays_at(put.site)}
            return _rules(registry, assets, put.from_ms)
        case EpisodeEnd() as put:
            registry.apply(entry)
            return {put.point: Old(put.at_ms, False, ended=True)}
        case Activity() | Window() | DefrostSchedule() | Calibration() | LabelCondition() | Normal() | Profile():
            return {point: Old(from_ms, False) for point, from_ms in registry.apply(entry).points.items()}
        case Node() as put:
            return _node(registry, entry, put)
    registry.apply(entry)
    return {}


def moved_assets(entry: Entry) -> set[str]:
    """Return the asset whose place a change entry says, if it says one: alarms carry the site of their time."""
    match put_of(entry):
        case Asset(id=asset) | Assignment(asset=asset):
            return {asset}
    return set()


def _asset(registry: Registry, entry: Entry, put: Asset) -> dict[str, Old]:
    before = registry.assets.get(put.id)
    found = _stood(registry, entry, put.id)
    if before is not None and before.kind != put.kind:
        found = {**_rules(registry, {put.id}, 0), **found}
    return found


def _stood(registry: Registry, entry: Entry, asset: str) -> dict[str, Old]:
    before, channels = registry.sites_of(asset), registry.channels_of(asset=asset)
    registry.apply(entry)
    return {} if registry.sites_of(asset) == before else _placed(registry, channels)


def _site(registry: Registry, entry: Entry, put: Site) -> dict[str, Old]:
    before = registry.sites.get(put.id)
    registry.apply(entry)
    if before is None or (before.jurisdiction, before.kind) == (put.jurisdiction, put.kind):
        return {}
    return _rules(registry, {asset for asset, _, _ in registry.stays_at(put.id)}, 0)


def _rules(registry: Registry, assets: set[str], from_ms: int) -> dict[str, Old]:
    return {point.id: Old(from_ms, False) for asset in assets for point in registry.points_of(asset)}


def _point(registry: Registry, entry: Entry, put: Point) -> dict[str, Old]:
    before = registry.points.get(put.id)
    registry.apply(entry)
    if before is not None and before.asset == put.asset:
        same = msgspec.structs.replace(before, unit=put.unit) == put
        return {} if same else {put.id: Old(0, True)}
    return {**_placed(registry, registry.channels_of(point=put.id)), put.id: Old(0, True)}


def _binding(registry: Registry, entry: Entry, put: Binding) -> dict[str, Old]:
    before = registry.bindings.get(put.channel, [])
    if put in before:
        registry.apply(entry)
        return {}
    sites = registry.sites_of_channel(put.channel)
    registry.apply(entry)
    # A binding to another site lets that site's nodes speak for the whole channel, its past included.
    from_ms = put.from_ms if registry.sites_of_channel(put.channel) == sites else 0
    return {binding.point: Old(from_ms, True) for binding in [*before, put]}


def _node(registry: Registry, entry: Entry, put: Node) -> dict[str, Old]:
    before = registry.nodes.get(put.id)
    registry.apply(entry)
    if before is not None and (before.site, before.grants) == (put.site, put.grants):
        return {}
    sites = {put.site} | ({before.site} if before else set())
    grants = set(put.grants) | (set(before.grants) if before else set())
    return _placed(registry, grants.union(*(registry.channels_of(site=site) for site in sites)))


def _placed(registry: Registry, channels: set[str]) -> dict[str, Old]:
    return {b.point: Old(0, True) for name in channels for b in registry.bindings.get(name, [])}
