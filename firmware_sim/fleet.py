"""Fleets as frozen data, read from files such as ``demo_fleet.toml``: one source for registry import and simulator.

The file's tables carry the field names of the registry's change entries, so an importer can turn each table into one
entry; what only the simulator needs (which thermal body) is the asset's ``kind``. What only the registry needs is
passed over here, by name: a misspelt field is a fault in both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from coldchain.errors import ConfigError
from coldchain.topics import valid_id

DEMO = "demo_fleet.toml"
FLEETS = {"demo": DEMO, "small": "small_fleet.toml", "every-kind": "every_kind_fleet.toml"}
"""Name in a scenario → file beside this module."""

REGISTRY_TABLES = ("region", "vehicle", "person", "duty", "shift", "holiday")
REGISTRY_FIELDS = {
    "operator": ("credit_code", "licence", "licence_until"),
    "site": (
        *("timezone", "region", "opening_hours", "latitude", "longitude", "coordinates"),
        *("manager", "food_safety_officer", "phone", "jurisdiction", "gln"),
    ),
    "asset": ("model", "volume_litre", "in_service"),
    "node": ("keys", "revoked", "replaces"),
    "point": ("profile", "severity", "from_ms"),
}
"""What only the registry reads."""

ON_SITE = "sealed-on-site"
"""Evidence of a gateway at its sensors' own site; any other stands beside the server (a door)."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A company that answers for sites."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A shop, warehouse, plant, milk station or vehicle (``kind``)."""

    id: str
    name: str
    kind: str
    operator: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """A body that holds goods; ``kind`` names its thermal model."""

    id: str
    name: str
    kind: str
    site: str


@dataclass(frozen=True, slots=True)
class Node:
    """A gateway and the site where it stands.

    Attributes:
        evidence: what its word is worth: `ON_SITE`, ``authenticated-direct`` or ``third-party``.
        grants: channels of other sites that come through it.
    """

    id: str
    site: str
    evidence: str = ON_SITE
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A measuring point, the channel that its probe speaks under, and its limits where it is judged."""

    id: str
    asset: str
    position: str
    quantity: str
    interval_s: int
    channel: str
    unit: str = "Cel"
    high_celsius: float | None = None
    low_celsius: float | None = None
    on_delay_s: int = 1800
    deadband_kelvin: float = 0.5
    return_delay_s: int = 300

    @property
    def sensor(self) -> str:
        """The device's level of the site topic: the MAC of ``urn:dev:mac:…:temperature``."""
        return sensor_of(self.channel)


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything of one fleet file, in its order."""

    operators: tuple[Operator, ...]
    sites: tuple[Site, ...]
    assets: tuple[Asset, ...]
    nodes: tuple[Node, ...]
    points: tuple[Point, ...]

    def asset(self, id: str) -> Asset:
        """Return the asset of that id (KeyError for none)."""
        return {asset.id: asset for asset in self.assets}[id]

    def point(self, id: str) -> Point:
        """Return the point of that id (KeyError for none)."""
        return {point.id: point for point in self.points}[id]

    def node_of(self, asset: str) -> str:
        """Return the gateway that the sensors of an asset speak to (StopIteration for an asset without points)."""
        return self.nodes_of_points()[next(point.id for point in self.points if point.asset == asset)]

    def nodes_of_points(self) -> dict[str, str]:
        """Return point → the gateway that its sensor speaks to: granted its channel, else its site's first."""
        at: dict[str, str] = {}
        for node in self.nodes:
            at.setdefault(node.site, node.id)
        granted = {channel: node.id for node in self.nodes for channel in node.grants}
        sites = {asset.id: asset.site for asset in self.assets}
        return {point.id: granted.get(point.channel) or at[sites[point.asset]] for point in self.points}


def sensor_of(channel: str) -> str:
    """Return the device part of a channel name.

    >>> sensor_of("urn:dev:mac:0024befffe801010:temperature")
    '0024befffe801010'
    """
    return channel.split(":")[-2]


def fleet_toml(name: str) -> str:
    """Return the text of a fleet file, also for the registry.

    Args:
        name: one that comes with the simulator (`FLEETS`), or a path that ends with ``.toml``.

    Raises:
        ConfigError: there is none of that name, or it cannot be read.
    """
    if name.endswith(".toml"):
        try:
            return Path(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{name}: cannot be read: {fault}") from fault
    if name not in FLEETS:
        raise ConfigError(f"no fleet {name!r}; there are {', '.join(FLEETS)}")
    return files(__package__).joinpath(FLEETS[name]).read_text("utf-8")


def demo_fleet() -> Fleet:
    """Return the demo fleet."""
    return named_fleet("demo")


def named_fleet(name: str) -> Fleet:
    """Return a fleet that comes with the simulator, or one of a file.

    Raises:
        ConfigError: there is none of that name, or every fault of its file.
    """
    return parse_fleet(fleet_toml(name), FLEETS.get(name, name))


def parse_fleet(text: str, where: str) -> Fleet:
    """Read a fleet file.

    Raises:
        ConfigError: every fault of the file at once: unknown fields, missing fields, ids that nothing defines, ids
            and channels given twice, ids that cannot be a topic level.
    """
    tables = tomllib.loads(text)
    known = (*_KINDS, *REGISTRY_TABLES)
    faults = [f"{where}: [[{name}]] is no table of a fleet" for name in tables if name not in known]
    made: dict[str, list[Any]] = {name: _rows(name, tables.get(name, []), where, faults) for name in _KINDS}
    _check_links(made, where, faults)
    if faults:
        raise ConfigError(faults)
    return Fleet(*(tuple(made[name]) for name in _KINDS))


_KINDS: Mapping[str, Any] = {"operator": Operator, "site": Site, "asset": Asset, "node": Node, "point": Point}
_LINKS = (("site", "operator"), ("asset", "site"), ("node", "site"), ("point", "asset"))


def _rows(name: str, rows: list[dict[str, Any]], where: str, faults: list[str]) -> list[Any]:
    made = []
    for place, row in enumerate(rows, 1):
        own = {key: value for key, value in row.items() if key not in REGISTRY_FIELDS[name]}
        if "grants" in own:
            own["grants"] = tuple(own["grants"])
        try:
            made.append(_KINDS[name](**own))
        except TypeError as fault:
            faults.append(f"{where}: [[{name}]] {place}: {str(fault).replace('__init__() ', '')}")
    return made


def _check_links(made: Mapping[str, list[Any]], where: str, faults: list[str]) -> None:
    for name, items in made.items():
        seen: set[str] = set()
        for item in items:
            if not valid_id(item.id):
                faults.append(f"{where}: [[{name}]] {item.id!r} cannot be an id: letters, digits and . _ : - only")
            if item.id in seen:
                faults.append(f"{where}: [[{name}]] {item.id!r} stands twice")
            seen.add(item.id)
    for name, target in _LINKS:
        known = {item.id for item in made[target]}
        for item in made[name]:
            if getattr(item, target) not in known:
                faults.append(f"{where}: [[{name}]] {item.id!r}: no [[{target}]] {getattr(item, target)!r}")
    served = {node.site for node in made["node"]}
    granted = {channel for node in made["node"] for channel in node.grants}
    sites = {asset.id: asset.site for asset in made["asset"]}
    channels: dict[str, str] = {}
    for point in made["point"]:
        if point.channel in channels:
            faults.append(f"{where}: {point.channel} is at {channels[point.channel]!r} and at {point.id!r}")
        channels[point.channel] = point.id
        if sites.get(point.asset) not in served and point.channel not in granted:
            faults.append(f"{where}: [[point]] {point.id!r}: no gateway: none at its site, none that was granted it")
    for channel in sorted(granted - channels.keys()):
        faults.append(f"{where}: a [[node]] is granted {channel}, which is at no [[point]]")
