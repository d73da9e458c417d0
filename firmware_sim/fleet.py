"""Fleets as frozen data, read from files such as ``demo_fleet.toml``: one source for registry import and simulator.

The file's tables carry the field names of the registry's change entries, so an importer can turn each table into one
entry; what only the simulator needs (which thermal body) is the asset's ``kind``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from coldchain.errors import ConfigError
from coldchain.topics import valid_id

DEMO = "demo_fleet.toml"
FLEETS = {"demo": DEMO, "every-kind": "every_kind_fleet.toml"}
"""Name in a scenario → file beside this module."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A company that answers for sites."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A shop, warehouse, or vehicle (``kind``)."""

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
    """A gateway and the site where it stands."""

    id: str
    site: str


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
        """Return the gateway that serves an asset."""
        at = {node.site: node.id for node in self.nodes}
        return at[self.asset(asset).site]


def sensor_of(channel: str) -> str:
    """Return the device part of a channel name.

    >>> sensor_of("urn:dev:mac:0024befffe801010:temperature")
    '0024befffe801010'
    """
    return channel.split(":")[-2]


def demo_toml() -> str:
    """Return the text of the demo fleet file."""
    return fleet_toml("demo")


def fleet_toml(name: str) -> str:
    """Return the text of a fleet file that comes with the simulator, also for the registry.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in FLEETS:
        raise ConfigError(f"no fleet {name!r}; there are {', '.join(FLEETS)}")
    return files(__package__).joinpath(FLEETS[name]).read_text("utf-8")


def demo_fleet() -> Fleet:
    """Return the demo fleet."""
    return named_fleet("demo")


def named_fleet(name: str) -> Fleet:
    """Return a fleet that comes with the simulator.

    Raises:
        ConfigError: there is none of that name.
    """
    return parse_fleet(fleet_toml(name), FLEETS[name])


def parse_fleet(text: str, where: str) -> Fleet:
    """Read a fleet file.

    Raises:
        ConfigError: every fault of the file at once: unknown fields, missing fields, ids that nothing defines, ids
            and channels given twice, ids that cannot be a topic level.
    """
    tables = tomllib.loads(text)
    faults = [f"{where}: [[{name}]] is no table of a fleet" for name in tables if name not in _KINDS]
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
        try:
            made.append(_KINDS[name](**row))
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
    channels: dict[str, str] = {}
    for point in made["point"]:
        if point.channel in channels:
            faults.append(f"{where}: {point.channel} is at {channels[point.channel]!r} and at {point.id!r}")
        channels[point.channel] = point.id
