"""The registry as it stands after some position of the ledger: a fold over change entries.

Each projection owns one `Registry` and applies the changes up to its own cursor, so every projection sees exactly the
registry of the position that it works at. `Registry.apply` says what a change touches, and the projection brings
the touched past up to date (late registration, moved probes, retroactive bindings).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from coldchain.corrective import CORRECTIVE
from coldchain.custody import CUSTODY
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry, Ledger
from coldchain.people import DrillConfirmed, Told
from coldchain.people.book import PEOPLE, People
from coldchain.profiles import Content, KindRules, Product, TripRules
from coldchain.readings import Readings
from coldchain.registry.calibration import Corrections
from coldchain.registry.changes import (
    Activity,
    AlarmAction,
    Asset,
    Assignment,
    Binding,
    Calibration,
    Comparison,
    DefrostSchedule,
    EpisodeEnd,
    LabelCondition,
    LimitRule,
    Node,
    Normal,
    Point,
    Probe,
    Profile,
    Window,
    decode_change,
)
from coldchain.registry.intervals import FOREVER_MS
from coldchain.registry.places import PLACES, Places, laid
from coldchain.registry.profiled import Versions, kind_rules_at, lay_profile, product_at, trip_rules_at
from coldchain.senml import UNTIMED

D = TypeVar("D", LimitRule, LabelCondition, Normal)

KEY = re.compile(r"[0-9a-fA-F]{64}\Z")
"""An Ed25519 public key as the registry writes it; anything else opens no epoch."""

ELSEWHERE = (AlarmAction, Told, DrillConfirmed, *CUSTODY, *CORRECTIVE)
"""Changes that are nothing of the registry."""

UNBOUND = -1
"""Point number of a reading whose probe was nowhere at that time."""

PLACINGS = 4096
"""Packs' names whose places are remembered until the next change: looking up 100 names costs 150 µs, knowing them 5."""

REFUSALS = 262_144
UNASKED = "?"
"""No reason; what is remembered of a (node, channel) that nobody asked about."""


def event_channel(node: str) -> str:
    """Return the channel in which a gateway confesses (refused for space, clock set, boot, spool lost)."""
    return f"urn:coldchain:{node}:event"


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change makes old.

    Attributes:
        channels: names whose readings must be sorted again (into the series or back to quarantine).
        points: point id → measured time (ms) from which it must be judged again.
    """

    channels: frozenset[str] = frozenset()
    points: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Where each row of a block belongs.

    Attributes:
        channel: shape (n,), int32; channel number, -1 for a row that waits in quarantine.
        point: shape (n,), int32; point number, `UNBOUND` where the probe was at no point then.
        reasons: name index → quarantine reason, for the names that were not taken.
    """

    channel: NDArray[np.int32]
    point: NDArray[np.int32]
    reasons: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Placing:
    """Where the names of a pack belong; by name index.

    Attributes:
        channel, point: shape (names,), int32; numbers as in `Sorted`.
        moving: names whose point depends on the measured time; `UNBOUND` in ``point``.
    """

    channel: NDArray[np.int32]
    point: NDArray[np.int32]
    reasons: dict[int, str]
    moving: list[int]


class Registry(Places, People):
    """Everything that change entries say, up to `position`.

    Attributes:
        position: the last entry applied.
        version: the position of the last change applied; pages refetch when it moves.
    """

    def __init__(self) -> None:
        self.position = 0
        self.version = 0
        Places.__init__(self)
        People.__init__(self)
        self.nodes: dict[str, Node] = {}
        self.points: dict[str, Point] = {}
        self.probes: dict[str, Probe] = {}
        self.rules: dict[str, list[LimitRule]] = {}
        self.labels: dict[str, list[LabelCondition]] = {}
        self.normals: dict[str, list[Normal]] = {}
        self.ends: dict[str, list[int]] = {}
        self.products: Versions = {}
        self.kind_rules: Versions = {}
        self.trip_rules: Versions = {}
        self.bindings: dict[str, list[Binding]] = {}
        self.calibrations: dict[str, list[Calibration]] = {}
        self.comparisons: dict[str, list[Comparison]] = {}
        self.channel_numbers: dict[str, int] = {}
        self.channel_names: list[str] = []
        self.point_numbers: dict[str, int] = {}
        self.point_ids: list[str] = []
        self.unknown_changes = 0
        # where something is or once was; each look-up asks whether it still is
        self._points_in: dict[str, set[str]] = {}
        self._channels_at: dict[str, set[str]] = {}
        self._placings: dict[tuple[str, tuple[str, ...]], _Placing] = {}
        self._refusals: dict[tuple[str, str], str | None] = {}
        self._keys: dict[str, list[bytes]] = {}
        self._corrections: Corrections | None = None

    def copy(self) -> Registry:
        """Return a registry that goes its own way from here."""
        twin = Registry()
        for name, value in vars(self).items():
            if isinstance(value, dict):
                value = {key: item.copy() if isinstance(item, list | set) else item for key, item in value.items()}
            setattr(twin, name, list(value) if isinstance(value, list) else value)
        return twin

    # -- folding ----------------------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> Touched:
        """Fold one change entry; an entry that this program does not know is counted and skipped."""
        self.position = max(self.position, entry.position)
        try:
            put = decode_change(entry.raw).change
        except RejectedReading:
            self.unknown_changes += 1
            return Touched()
        if isinstance(put, ELSEWHERE):
            return Touched()
        self.version = entry.position
        self._placings.clear()
        self._refusals.clear()
        if isinstance(put, PLACES):
            self.lay(put)
            return Touched()
        if isinstance(put, PEOPLE):
            self.lay_people(put)
            return Touched()
        match put:
            case Asset() | Assignment():
                return self._stand(put)
            case Activity() | Window() | DefrostSchedule():
                self.lay(put)
                return Touched(points=dict.fromkeys(self._points_of(put.asset), put.from_ms))
            case Node():
                return self._node(put)
            case Point():
                self.points[put.id] = put
                self._points_in.setdefault(put.asset, set()).add(put.id)
                if put.id not in self.point_numbers:
                    self.point_numbers[put.id] = len(self.point_ids)
                    self.point_ids.append(put.id)
                return Touched(frozenset(self.channels_of(point=put.id)), {put.id: 0})
            case Probe():
                known = put.channel in self.probes
                self.probes[put.channel] = put
                self._number_channel(put.channel)
                return Touched() if known else Touched(frozenset({put.channel}))
            case Binding():
                return self._bind(put)
            case Calibration():
                laid(self.calibrations, put.channel, put)
                self._corrections = None
                bound = {binding.point for binding in self.bindings.get(put.channel, [])}
                return Touched(points=dict.fromkeys(bound, put.effective_from_ms))
            case Comparison():
                self.comparisons.setdefault(put.channel, []).append(put)
            case LimitRule():
                return self._dated(self.rules, put)
            case LabelCondition():
                return self._dated(self.labels, put)
            case Normal():
                return self._dated(self.normals, put)
            case EpisodeEnd():
                self.ends[put.point] = sorted({*self.ends.get(put.point, []), put.at_ms})
                return Touched(points={put.point: put.at_ms})
            case Profile():
                return self._profile(put)
        return Touched()

    def _stand(self, put: Asset | Assignment) -> Touched:
        """Take where an asset stood; readings move only when another site's gateways may speak for it now."""
        asset = put.id if isinstance(put, Asset) else put.asset
        before = self.sites_of(asset)
        self.lay(put)
        return Touched() if self.sites_of(asset) == before else self._touch(self.channels_of(asset=asset))

    def _node(self, put: Node) -> Touched:
        before = self.nodes.get(put.id)
        self.nodes[put.id] = put
        revoked = {key.lower() for key in put.revoked}
        self._keys[put.id] = [bytes.fromhex(key) for key in put.keys if KEY.match(key) and key.lower() not in revoked]
        self._number_channel(event_channel(put.id))
        if before is not None and (before.site, before.grants) == (put.site, put.grants):
            return Touched()  # a rotated key sorts nothing again: a site's year would be read for it
        homes = {put.site} if before is None else {put.site, before.site}
        granted = {*put.grants, *(() if before is None else before.grants)}
        channels = {name for site in homes for name in self.channels_of(site=site)}
        return self._touch({event_channel(put.id), *granted, *channels}, judge=False)

    def _bind(self, put: Binding) -> Touched:
        replaced = [b for b in self.bindings.get(put.channel, []) if b.from_ms == put.from_ms]
        self._channels_at.setdefault(put.point, set()).add(put.channel)
        laid(self.bindings, put.channel, put)
        points = {binding.point: put.from_ms for binding in [put, *replaced]}
        return Touched(frozenset({put.channel}), points)

    def _dated(self, known: dict[str, list[Any]], put: LimitRule | LabelCondition | Normal) -> Touched:
        versions = [one for one in known.get(put.point, []) if one.effective_from_ms != put.effective_from_ms]
        known[put.point] = sorted([*versions, put], key=lambda one: one.effective_from_ms)
        return Touched(points={put.point: put.effective_from_ms})

    def _profile(self, put: Profile) -> Touched:
        lay_profile(self.versions_of(put.content), put)
        if isinstance(put.content, TripRules):
            return Touched()
        of_product = isinstance(put.content, Product)
        judged = [
            point.id
            for point in self.points.values()
            if (point.profile if of_product else self._kind_of(point.asset)) == put.id
        ]
        return Touched(points=dict.fromkeys(judged, put.effective_from_ms))

    def versions_of(self, content: Content) -> Versions:
        """Return where the versions of a content's kind are kept, by id."""
        match content:
            case Product():
                return self.products
            case KindRules():
                return self.kind_rules
            case TripRules():
                return self.trip_rules

    def _kind_of(self, asset: str) -> str:
        return self.assets[asset].kind if asset in self.assets else ""

    def _number_channel(self, name: str) -> None:
        if name not in self.channel_numbers:
            self.channel_numbers[name] = len(self.channel_names)
            self.channel_names.append(name)
            self._corrections = None

    def _touch(self, channels: set[str], *, judge: bool = True) -> Touched:
        points = {b.point: 0 for name in channels for b in self.bindings.get(name, [])} if judge else {}
        return Touched(frozenset(channels), points)

    def channels_of(self, *, site: str = "", asset: str = "", point: str = "") -> set[str]:
        """Return the channels that are, or ever were, bound to a point, or to the points of an asset or a site.

        By look-ups: going through all bindings took 14 s for 10,000 points.
        """
        assets = [one for one in self._assets_at.get(site, ()) if site in self.sites_of(one)] if site else [asset]
        points = {one for home in assets for one in self._points_of(home)}
        if point:
            points.add(point)
        return {
            name
            for place in points
            for name in self._channels_at.get(place, ())
            if any(binding.point == place for binding in self.bindings[name])
        }

    def _points_of(self, asset: str) -> list[str]:
        return [one for one in self._points_in.get(asset, ()) if self.points[one].asset == asset]

    @property
    def corrections(self) -> Corrections:
        """What calibrations add to the probes' words."""
        if self._corrections is None:
            self._corrections = Corrections(self.calibrations, self.channel_numbers)
        return self._corrections

    # -- who may say what, and where it belongs ---------------------------------------------------------------

    def keys_of(self, node: str) -> list[bytes]:
        """Return the unrevoked public keys of a node, newest last; empty for an unknown node."""
        return self._keys.get(node, [])

    def refusal(self, node: str, channel: str) -> str | None:
        """Return why a node's word on a channel waits in quarantine, or None when it counts.

        Remembered until the next change: with 3 % radio loss hardly two packs of a node have the same names, and
        asking anew took as long as everything else that a judge does with a reading.
        """
        known = self._refusals.get((node, channel), UNASKED)
        if known is UNASKED:
            if len(self._refusals) >= REFUSALS:
                self._refusals.clear()
            known = self._refusals[node, channel] = self._refusal(node, channel)
        return known

    def _refusal(self, node: str, channel: str) -> str | None:
        if UNTIMED in channel:
            return "untimed"
        if channel.startswith("urn:coldchain:") and channel.endswith(":event"):
            return None if channel == event_channel(node) and node in self.nodes else "foreign-channel"
        if channel not in self.probes:
            return "unknown-channel"
        sites = self.sites_of_channel(channel)
        if not sites:
            return "unbound-channel"
        known = self.nodes.get(node)
        if known is None or (known.site not in sites and channel not in known.grants):
            return "foreign-channel"
        return None

    def sites_of_channel(self, channel: str) -> set[str]:
        """Return every site at which an asset stood whose points the channel was ever bound to."""
        points = (self.points.get(binding.point) for binding in self.bindings.get(channel, []))
        return {site for point in points if point for site in self.sites_of(point.asset)}

    def sort(self, node: str, block: Readings) -> Sorted:
        """Say for each row of a block which channel and point it belongs to.

        Args:
            node: who sealed it.
            block: rows as decoded.
        """
        placing = self._placing(node, block.names)
        channel, point = placing.channel[block.channel], placing.point[block.channel]
        for place in placing.moving:
            rows = block.channel == place
            for binding in self.bindings[block.names[place]]:
                to_ms = FOREVER_MS if binding.to_ms is None else binding.to_ms
                inside = (block.measured_at_ms >= binding.from_ms) & (block.measured_at_ms < to_ms)
                point[rows & inside] = self.point_numbers.get(binding.point, UNBOUND)
        return Sorted(channel, point, placing.reasons)

    def _placing(self, node: str, names: tuple[str, ...]) -> _Placing:
        """Return what holds for all packs of a node with these names, until the next change."""
        known = self._placings.get((node, names))
        if known is not None:
            return known
        channel = np.full(len(names), -1, np.int32)
        point = np.full(len(names), UNBOUND, np.int32)
        reasons: dict[int, str] = {}
        moving: list[int] = []
        for place, name in enumerate(names):
            reason = self.refusal(node, name)
            if reason is not None:
                reasons[place] = reason
                continue
            channel[place] = self.channel_numbers[name]
            bindings = self.bindings.get(name, [])
            if len(bindings) == 1 and bindings[0].to_ms is None and bindings[0].from_ms <= 0:
                point[place] = self.point_numbers.get(bindings[0].point, UNBOUND)
            elif bindings:
                moving.append(place)
        if len(self._placings) >= PLACINGS:
            self._placings.clear()
        made = self._placings[node, names] = _Placing(channel, point, reasons, moving)
        return made

    def bindings_of(self, point: str) -> list[Binding]:
        """Return what was bound to a point, in measured order."""
        channels = self._channels_at.get(point, ())
        found = [binding for name in channels for binding in self.bindings[name] if binding.point == point]
        return sorted(found, key=lambda binding: (binding.from_ms, binding.channel))

    def channel_at(self, point: str, at_ms: int) -> str:
        """Return the channel whose probe was at a point at a measured time; empty when none was."""
        found = [
            b.channel for b in self.bindings_of(point) if b.from_ms <= at_ms and (b.to_ms is None or at_ms < b.to_ms)
        ]
        return found[-1] if found else ""

    def rule_at(self, point: str, at_ms: int) -> LimitRule | None:
        """Return the rule by hand in force at a point at a measured time."""
        return _in_force(self.rules.get(point, []), at_ms)

    def label_at(self, point: str, at_ms: int) -> LabelCondition | None:
        """Return the storage condition on the label at a point at a measured time."""
        return _in_force(self.labels.get(point, []), at_ms)

    def normal_at(self, point: str, at_ms: int) -> Normal | None:
        """Return what was known to be usual at a point at a measured time."""
        return _in_force(self.normals.get(point, []), at_ms)

    def product_at(self, product: str, at_ms: int) -> Product | None:
        """Return the product profile in force at a measured time: the built-in one before its first entry."""
        return product_at(self.products, product, at_ms)

    def kind_rules_at(self, kind: str, at_ms: int) -> KindRules | None:
        """Return the rules in force for a kind of asset at a measured time, the built-in ones before the first."""
        return kind_rules_at(self.kind_rules, kind, at_ms)

    def trip_rules_at(self, kind: str, at_ms: int) -> TripRules:
        """Return the rules in force for a kind of trip at a measured time, the built-in ones before the first."""
        return trip_rules_at(self.trip_rules, kind, at_ms)

    def points_of(self, asset: str) -> list[Point]:
        """Return the points of an asset in the order in which they were put."""
        return [self.points[one] for one in sorted(self._points_of(asset), key=self.point_numbers.__getitem__)]


def _in_force(versions: list[D], at_ms: int) -> D | None:
    found = None
    for version in versions:
        if version.effective_from_ms <= at_ms:
            found = version
    return found


def fold(entries: Iterable[Entry]) -> Registry:
    """Return the registry after these change entries."""
    registry = Registry()
    for entry in entries:
        registry.apply(entry)
    return registry


def registry_at(ledger: Ledger, position: int) -> Registry:
    """Return the registry as of a position of the ledger."""
    registry = fold(ledger.changes(0, position))
    registry.position = position
    return registry
