"""Does a scenario fit its fleet? Every fault at once, before anything runs."""

from __future__ import annotations

from coldchain.errors import ConfigError
from firmware_sim.bodies import KINDS, TANKS
from firmware_sim.doors import DAY_S, VISITS
from firmware_sim.fleet import Fleet
from firmware_sim.positions import POSITIONS
from firmware_sim.rounds import HINDRANCES, faults_of_detour, faults_of_place
from firmware_sim.scenario import (
    WORDS,
    Breakdown,
    Detour,
    DoorCrossing,
    DoorOpen,
    Duplicates,
    Happening,
    Jam,
    Milking,
    Moved,
    ProbeSwapped,
    Round,
    Scenario,
    Tunnel,
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
        faults += [
            f"{where}: {fault}" for fault in (*_misfits(fleet, happening), *_off_the_road(scenario, fleet, happening))
        ]
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
        case Milking() if not what.times_s or not 0 < what.lasts_s <= DAY_S / len(what.times_s):
            return ["times, and a length that fits between them, were expected"]
        case Washing() | Milking():
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


def _off_the_road(scenario: Scenario, fleet: Fleet, what: Happening) -> list[str]:
    """Return what keeps something from befalling a vehicle on its round."""
    if not isinstance(what, HINDRANCES):
        return []
    faults = []
    for asset in what.assets_of(fleet):
        tours = [tour for tour in scenario.of(Round) if asset in tour.assets_of(fleet) and tour.stops]
        if not tours:
            faults.append(f"{asset} has no round")
        for tour in tours:
            match what:
                case Jam() | Tunnel():
                    faults += faults_of_place(tour.stops, what.from_km, what.to_km)
                case Detour():
                    faults += faults_of_detour(tour.stops, what)
    match what:
        case Jam(km_per_h=speed) if speed <= 0:
            faults.append(f"km_per_h = {speed:g}: more than nothing was expected (a road that is closed is a detour)")
        case Breakdown(duration_s=None):
            faults.append("a duration was expected")
        case Detour(over=()):
            faults.append("over was expected: places of the way around")
    return faults
