"""Guided changes: what people call one thing (更换探头, 移机, 停用 …) as the change entries that it takes.

::

    action(registry, …) ──▶ Plan: changes + what will follow, read before it is done ──▶ ledger, whole or not at all

An action refuses with the reason and the remedy; nothing here writes. Times are measured times, ms UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from coldchain.errors import ConfigError
from coldchain.registry.changes import (
    Activity,
    Asset,
    Assignment,
    Binding,
    Calibration,
    Change,
    Comparison,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Site,
    SiteState,
    Tenure,
)
from coldchain.registry.fold import Registry
from coldchain.senml import valid_name
from coldchain.topics import valid_id

T = TypeVar("T")

UNITS = {"temperature": "Cel", "humidity": "%RH", "battery": "%EL", "voltage": "V", "pressure": "Pa"}
"""Unit of a point that is made for a channel, by its quantity (IANA SenML units)."""

WARM_UP_HOURS = 24
"""A cooler that was moved cools down and is filled again: a day until its profile means something (people.md §4)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A consequence that a person must know: a key of `coldchain.registry.words` and what it speaks of."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would write, and what follows from it."""

    puts: tuple[Put, ...]
    says: tuple[Said, ...]

    def changes(self, who: str, why: str) -> list[Change]:
        """Return the entries, in the order in which they must be written."""
        return [Change(put, who, why) for put in self.puts]


Backlog = Callable[[str], int | None]
"""Node id → sealed batches that it still holds unacknowledged; None when it has not said so lately."""


def replace_probe(
    registry: Registry, point: str, new: str, at_ms: int, *, reference_celsius: float | None = None, by: str = ""
) -> Plan:
    """更换探头: the point's history goes on with another probe, with a mark.

    Args:
        new: the new probe's channel.
        reference_celsius: what a reference thermometer said at that minute.
    """
    looked_up(registry.points, point, "point")
    old = _channel_of(registry, point, at_ms)
    _free(registry, new, point, at_ms)
    old_binding = next(b for b in registry.bindings[old] if b.point == point and b.from_ms <= at_ms)
    known = registry.probes[old]
    puts: list[Put] = [
        msgspec.structs.replace(old_binding, to_ms=at_ms),
        *([] if new in registry.probes else [Probe(new)]),
        Binding(new, point, at_ms),
        msgspec.structs.replace(known, state="to-check"),
    ]
    if reference_celsius is not None:
        puts.append(Comparison(new, at_ms, reference_celsius, by))
    says = [Said("series-goes-on", {"point": point, "old": old, "new": new}), Said("alarms-stay"), Said("old-to-check")]
    return Plan(tuple(puts), tuple(says))


def move_asset(registry: Registry, asset: str, site: str, at_ms: int) -> Plan:
    """移机: the asset stands elsewhere from now on; each site keeps its own time of it."""
    looked_up(registry.assets, asset, "asset")
    looked_up(registry.sites, site, "site")
    here = registry.site_at(asset, at_ms)
    if here == site:
        raise ConfigError(f"{asset} stands at {site} already: name another site")
    if registry.is_closed(site, at_ms):
        raise ConfigError(f"{site} is closed: open it first (`coldchain change open-site`), or name another")
    says = [
        Said("keeps-past", {"site": here, "asset": asset}),
        Said("sees-from-now", {"site": site, "asset": asset}),
        Said("warm-up", {"hours": WARM_UP_HOURS}),
    ]
    if not any(node.site == site and node.retired_ms is None for node in registry.nodes.values()):
        says.append(Said("no-gateway", {"site": site}))
    return Plan((Assignment(asset, site, at_ms),), tuple(says))


def store_asset(registry: Registry, asset: str, at_ms: int) -> Plan:
    """停用(空柜): readings are kept, nothing is judged."""
    _activity_may(registry, asset, at_ms, "in-use")
    return Plan((Activity(asset, "stored", at_ms),), (Said("not-judged", {"asset": asset}), Said("alarms-end")))


def use_asset(registry: Registry, asset: str, at_ms: int) -> Plan:
    """启用: judged again."""
    _activity_may(registry, asset, at_ms, "stored")
    return Plan((Activity(asset, "in-use", at_ms),), (Said("judged-again", {"asset": asset}),))


def close_site(registry: Registry, site: str, at_ms: int, *, open_alarms: int, reason: str) -> Plan:
    """闭店: everything at the site is taken out of use; what was recorded stays.

    Args:
        open_alarms: at the site now; they need a reason.
    """
    still_open(registry, site, at_ms)
    if open_alarms and not reason:
        raise ConfigError(f"{site} has {open_alarms} open alarms: say why it may close with them (--why)")
    assets = [asset for asset in registry.assets if registry.site_at(asset, at_ms) == site]
    nodes = [node.id for node in registry.nodes.values() if node.site == site and node.retired_ms is None]
    puts: list[Put] = [
        Activity(asset, "retired", at_ms) for asset in assets if registry.activity_at(asset, at_ms) != "retired"
    ]
    says = [Said("closed", {"site": site, "assets": len(assets)}), Said("records-stay"), Said("lots-first")]
    if nodes:
        says.append(Said("gateways-left", {"nodes": ", ".join(nodes)}))
    return Plan((*puts, SiteState(site, "closed", at_ms)), tuple(says))


def transfer_site(registry: Registry, site: str, operator: str, at_ms: int) -> Plan:
    """转让: another company answers for the site; each sees its own time."""
    still_open(registry, site, at_ms)
    new: Operator = looked_up(registry.operators, operator, "operator")
    before = next((who for who, start, end in registry.operators_of(site) if start <= at_ms < end), "")
    if before == operator:
        raise ConfigError(f"{operator} answers for {site} already: name another operator")
    says = [Said("own-time", {"before": before, "after": operator, "site": site})]
    if not new.licence:
        says.append(Said("no-licence", {"operator": operator}))
    return Plan((Tenure(site, operator, at_ms),), tuple(says))


def retire_gateway(registry: Registry, node: str, at_ms: int, backlog: Backlog, *, lost: bool = False) -> Plan:
    """Take a gateway out of use: its keys open no epoch any more.

    Args:
        backlog: asked for what it still holds; a gateway with unacknowledged batches cannot be retired.
        lost: it is dead or gone, and what it held is given up; the record shows a hole.
    """
    known: Node = looked_up(registry.nodes, node, "gateway")
    if known.retired_ms is not None:
        raise ConfigError(f"{node} is retired already")
    says = [Said("keys-revoked", {"node": node}), Said("wipe", {"node": node})]
    if lost:
        says.insert(0, Said("hole", {"node": node}))
    else:
        _drained(node, backlog(node))
    return Plan((_retired(known, at_ms),), tuple(says))


def replace_gateway(registry: Registry, node: str, new: str, key: str, at_ms: int, backlog: Backlog) -> Plan:
    """A gateway died: another one with its own id and key speaks for the site.

    Args:
        key: the new gateway's public key, 64 hex digits.
        backlog: asked for what the old one still holds: that is a hole unless its disk is read.
    """
    known: Node = looked_up(registry.nodes, node, "gateway")
    if new in registry.nodes:
        raise ConfigError(f"{new} is a gateway already: a node id is never used again; choose another")
    if not valid_id(new):
        raise ConfigError(f"{new!r}: an id is 1 to 64 of A-Z a-z 0-9 . _ : - and starts with a letter or digit")
    fresh = Node(new, known.site, (key,), evidence=known.evidence, grants=known.grants, replaces=node)
    says = [Said("keys-revoked", {"node": node})]
    if backlog(node) != 0:
        says.insert(0, Said("hole", {"node": node}))
    return Plan((fresh, _retired(known, at_ms)), tuple(says))


def sell_vehicle(registry: Registry, site: str, at_ms: int, backlog: Backlog) -> Plan:
    """车辆出售: gateways drained first, keys revoked, permits ended; its trips stay."""
    vehicle = looked_up(registry.vehicles, site, "vehicle")
    still_open(registry, site, at_ms)
    nodes = [node for node in registry.nodes.values() if node.site == site and node.retired_ms is None]
    for node in nodes:
        _drained(node.id, backlog(node.id))
    assets = [asset for asset in registry.assets if registry.site_at(asset, at_ms) == site]
    puts: list[Put] = [_retired(node, at_ms) for node in nodes]
    puts += [Activity(asset, "retired", at_ms) for asset in assets]
    puts += [msgspec.structs.replace(vehicle, milk_permit="", milk_permit_until=""), SiteState(site, "closed", at_ms)]
    says = [Said("trips-stay", {"plate": vehicle.plate}), Said("permits-end", {"plate": vehicle.plate})]
    says += [Said("wipe", {"node": node.id}) for node in nodes]
    return Plan(tuple(puts), tuple(says))


def calibrate(registry: Registry, calibration: Calibration, now_ms: int) -> Plan:
    """Put a version of a probe's calibration."""
    looked_up(registry.probes, calibration.channel, "probe")
    says = [Said("word-stays", {"channel": calibration.channel, "offset": calibration.offset_kelvin})]
    if calibration.effective_from_ms < now_ms:
        says.append(Said("judged-anew"))
    return Plan((calibration,), tuple(says))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claimed sensor belongs; what does not exist yet is made.

    Attributes:
        point: empty: ``asset`` and ``position`` make one, ``fridge.product``.
        site: for an asset that does not exist yet; kind and operator likewise.
        quantity: empty: the last part of the channel's name.
    """

    point: str = ""
    asset: str = ""
    position: str = "product"
    site: str = ""
    kind: str = "glass-door-cooler"
    operator: str = "own"
    quantity: str = ""
    interval_s: int = 60


def claim(registry: Registry, channel: str, place: Place, from_ms: int, node: str = "") -> Plan:
    """认领: bind a sensor of the inbox; what was kept of it comes in from a measured time on.

    Args:
        node: the gateway that speaks of it; it is granted the channel if it stands at another site.
    """
    point = place.point or (f"{place.asset}.{place.position}" if place.asset else "")
    made = [] if point in registry.points else _made(registry, channel, place, point)
    _free(registry, channel, point, from_ms)
    other = registry.channel_at(point, from_ms)
    if other:
        raise ConfigError(f"{point} has the probe {other} then: replace it (change replace-probe) instead of claiming")
    puts = [*made, *([] if channel in registry.probes else [Probe(channel)]), Binding(channel, point, from_ms)]
    says = [Said("made", {"what": _named(put)}) for put in made]
    asset = registry.points[point].asset if point in registry.points else place.asset
    sites = registry.sites_of(asset) or {place.site}
    known = registry.nodes.get(node)
    if known is not None and known.site not in sites and channel not in known.grants:
        puts.append(msgspec.structs.replace(known, grants=(*known.grants, channel)))
        says.append(Said("granted", {"node": node, "channel": channel}))
    return Plan(tuple(puts), (*says, Said("comes-in", {"channel": channel, "point": point})))


def _made(registry: Registry, channel: str, place: Place, point: str) -> list[Put]:
    if not place.asset:
        raise ConfigError(f"there is no point {point!r}: name one that exists (--point), or an asset for it (--asset)")
    puts: list[Put] = []
    if place.asset not in registry.assets:
        if not place.site:
            raise ConfigError(f"there is no asset {place.asset!r}: name one that exists, or the site for it (--site)")
        if place.site not in registry.sites:
            if place.operator not in registry.operators:
                puts.append(Operator(place.operator, place.operator))
            puts.append(Site(place.site, place.site, "shop", place.operator))
        if place.kind not in registry.kinds:
            raise ConfigError(f"there is no kind {place.kind!r}; known: {', '.join(registry.kinds)}")
        puts.append(Asset(place.asset, place.asset, place.kind, place.site))
    quantity = place.quantity or channel.rpartition(":")[2]
    puts.append(Point(point, place.asset, place.position, quantity, place.interval_s, UNITS.get(quantity, "")))
    for name in (place.asset, place.site, place.operator):
        if name and not valid_id(name):
            raise ConfigError(f"{name!r}: an id is 1 to 64 of A-Z a-z 0-9 . _ : - and starts with a letter or digit")
    return puts


def _named(put: Put) -> str:
    return f"{type(put).__name__.lower()} {getattr(put, 'id', '')}"


def looked_up(table: Mapping[str, T], name: str, what: str) -> T:
    """Return what a person named.

    Raises:
        ConfigError: there is none; similar names are proposed.
    """
    if name not in table:
        near = [known for known in sorted(table) if name and (name in known or known in name)][:3]
        hint = f"; did you mean {', '.join(near)}?" if near else f"; `coldchain registry show` lists every {what}"
        raise ConfigError(f"there is no {what} {name!r}{hint}")
    return table[name]


def _channel_of(registry: Registry, point: str, at_ms: int) -> str:
    channel = registry.channel_at(point, at_ms)
    if not channel:
        raise ConfigError(f"{point} has no probe then: claim one instead (coldchain claim)")
    return channel


def _free(registry: Registry, channel: str, point: str, at_ms: int) -> None:
    if not valid_name(channel):
        raise ConfigError(f"{channel!r:.80} is not a SenML name")
    for binding in registry.bindings.get(channel, []):
        if binding.to_ms is None or binding.to_ms > at_ms:
            where = "there already" if binding.point == point else f"at {binding.point}"
            raise ConfigError(f"{channel} is {where}: a probe is at one point at a time; end that first")


def _activity_may(registry: Registry, asset: str, at_ms: int, wanted: str) -> None:
    looked_up(registry.assets, asset, "asset")
    now = registry.activity_at(asset, at_ms)
    if now != wanted:
        raise ConfigError(f"{asset} is {now}: only what is {wanted} can do that")


def still_open(registry: Registry, site: str, at_ms: int) -> None:
    """Refuse a site that is unknown or closed already."""
    looked_up(registry.sites, site, "site")
    if registry.is_closed(site, at_ms):
        raise ConfigError(f"{site} is closed already")


def _drained(node: str, left: int | None) -> None:
    if left is None:
        raise ConfigError(f"{node} has not said what it still holds: let it connect, or give its readings up (--lost)")
    if left:
        raise ConfigError(f"{node} holds {left} unacknowledged batches: let it connect until it has none")


def _retired(node: Node, at_ms: int) -> Node:
    return msgspec.structs.replace(node, revoked=tuple(sorted({*node.revoked, *node.keys})), retired_ms=at_ms)
