"""Does a scenario fit its fleet? Every fault at once, before anything runs."""

from __future__ import annotations

from coldchain.errors import ConfigError
from firmware_sim.bodies import KINDS, TANKS
from firmware_sim.doors import VISITS
from firmware_sim.fleet import Fleet
from firmware_sim.positions import POSITIONS
from firmware_sim.scenario import (
    WORDS,
    DoorCrossing,
    DoorOpen,
    Duplicates,
    Happening,
    Moved,
    ProbeSwapped,
    Round,
    Scenario,
    Unregistered,
    Washing,
)

QUANTITIES = ("temperature", "door", "unit", "defrost", "latitude", "longitude", "speed")


def check(fleet: Fleet, scenario: Scenario) -> None:
    """Raise ConfigError with everything that keeps the scenario from coming true in the fleet."""
    faults = _fleet_faults(fleet)
    for happening in scenario.happenings:
        where = f"scenario: {WORDS[type(happening)]}"
        faults += [f"{where}: {fault}" for fault in _unknown(fleet, happening)]
        faults += [f"{where}: {fault}" for fault in _misfits(fleet, happening)]
    if faults:
        raise ConfigError(faults)


def _fleet_faults(fleet: Fleet) -> list[str]:
    faults = [
        f"fleet: {asset.id}: no thermal model {asset.kind!r}" for asset in fleet.assets if asset.kind not in KINDS
    ]
    for point in fleet.points:
        if point.quantity not in QUANTITIES:
            faults.append(f"fleet: {point.id}: no model of a {point.quantity!r}; there are {', '.join(QUANTITIES)}")
        elif point.quantity == "temperature" and point.position not in POSITIONS:
            faults.append(f"fleet: {point.id}: no position {point.position!r}; there are {', '.join(POSITIONS)}")
    return faults


def _unknown(fleet: Fleet, what: Happening) -> list[str]:
    faults = []
    for kind, named, known in (
        ("asset", what.assets, {asset.id for asset in fleet.assets}),
        ("site", what.sites, {site.id for site in fleet.sites}),
        ("point", what.points, {point.id for point in fleet.points}),
        ("node", _nodes(what), {node.id for node in fleet.nodes}),
    ):
        faults += [f"the fleet has no {kind} {name!r}" for name in named if name not in known]
    if not isinstance(what, Unregistered) and not (what.assets or what.sites or what.points):
        faults.append("whom it befalls was expected: assets, sites or points")
    return faults


def _nodes(what: Happening) -> tuple[str, ...]:
    return (what.node,) if isinstance(what, Moved | Unregistered) else ()


def _misfits(fleet: Fleet, what: Happening) -> list[str]:
    kinds = {asset.id: asset.kind for asset in fleet.assets}
    match what:
        case DoorCrossing() if len(what.points) != 1:
            return ["exactly one point was expected"]
        case DoorOpen():
            return [f"{name} has no door" for name in what.assets_of(fleet) if kinds[name] not in VISITS]
        case Washing():
            return [f"{name} is no tank" for name in what.assets_of(fleet) if kinds[name] not in TANKS]
        case Round(stops=()):
            return ["stops were expected"]
        case Duplicates(copies=copies) if copies < 2:
            return [f"copies = {copies}, at least 2 were expected"]
        case ProbeSwapped() if len(what.points_of(fleet)) != 1:
            return ["exactly one point was expected"]
        case ProbeSwapped(channel=channel) | Unregistered(channel=channel) if channel.count(":") < 2:
            return [f"channel {channel!r}: a name such as urn:dev:mac:0024befffe801010:temperature was expected"]
        case _:
            return []
