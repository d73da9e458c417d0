"""From what happens to what is done to bodies in one step: units off, doors forced, goods exchanged, washing."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np

from firmware_sim.bodies import Body
from firmware_sim.chance import local_s
from firmware_sim.climate import CLIMATES
from firmware_sim.doors import FOREVER_S, Array
from firmware_sim.fleet import Fleet
from firmware_sim.milking import milked_share
from firmware_sim.rounds import rounds_of
from firmware_sim.scenario import (
    Breakdown,
    DoorOpen,
    Happening,
    Milking,
    Moved,
    PowerCut,
    RefrigerationFailure,
    Restocking,
    Scenario,
    UnitOff,
    Washing,
)
from firmware_sim.thermal import Drive
from firmware_sim.washing import washing_celsius

DRIVING = (RefrigerationFailure, UnitOff, PowerCut, Moved, Breakdown, Restocking, Milking, Washing)


class Drives:
    """What a scenario does to a fleet's bodies.

    Args:
        bodies: in the fleet's order of assets.
        live_ms: what the scenario counts from, ms UTC.
    """

    def __init__(self, scenario: Scenario, fleet: Fleet, bodies: list[Body], live_ms: int) -> None:
        self._live_ms = live_ms
        places = {asset.id: place for place, asset in enumerate(fleet.assets)}
        self._does: list[tuple[Happening, list[int]]] = [
            (happening, [places[asset] for asset in happening.assets_of(fleet)])
            for happening in scenario.happenings
            if isinstance(happening, DRIVING)
        ]
        self._weather = CLIMATES[scenario.weather] if scenario.weather else None
        self._outside_share = np.array([body.outside_share for body in bodies])

    def around(self, at_ms: int, indoors: Array) -> Array:
        """Return what surrounds each body at a moment, shape (n,), °C.

        Args:
            indoors: what does without weather.
        """
        if self._weather is None:
            return indoors
        outside = self._weather.celsius(local_s(at_ms))
        return indoors + self._outside_share * (outside - indoors)

    def at(self, from_ms: int, to_ms: int, around: Array) -> Drive:
        """Return what is done in the step [from, to); units and mains as at its start, washing as at its end."""
        drive = Drive.calm(len(around))
        drive.around_celsius = around
        from_s, to_s = (from_ms - self._live_ms) / 1000, (to_ms - self._live_ms) / 1000
        for happening, places in self._does:
            match happening:
                case RefrigerationFailure(capacity_share=share) if happening.covers(from_s):
                    drive.capacity_share[places] *= share
                case UnitOff() | PowerCut() if happening.covers(from_s):
                    drive.capacity_share[places] = drive.load_share[places] = 0.0
                case Moved() if happening.duration_s is not None and happening.covers(from_s):
                    drive.capacity_share[places] = drive.load_share[places] = 0.0
                case Breakdown(unit_off=True) if happening.covers(from_s):
                    drive.capacity_share[places] = drive.load_share[places] = 0.0
                case Restocking() if _restocked(happening, from_s, to_s):
                    drive.fresh_share[places], drive.fresh_celsius[places] = (
                        happening.fresh_share,
                        happening.fresh_celsius,
                    )
                case Milking() if (share := milked_share(happening, self._live_ms, from_ms, to_ms)) > 0:
                    drive.fresh_share[places], drive.fresh_celsius[places] = share, happening.fresh_celsius
                case Washing():
                    drive.held_celsius[places] = washing_celsius(to_s - happening.start_s)
                case _:
                    pass
        return drive


def _restocked(what: Restocking, from_s: float, to_s: float) -> bool:
    if what.every_s is None:
        return from_s <= what.start_s < to_s
    rounds = ceil((to_s - what.start_s) / what.every_s) - 1
    last_s = what.start_s + rounds * what.every_s
    return last_s >= max(from_s, what.start_s) and last_s < what.end_s


def forced_doors(scenario: Scenario, fleet: Fleet, live_ms: int) -> Mapping[str, list[tuple[float, float]]]:
    """Return asset → local intervals (s) during which its door stands open in any case."""
    forced: dict[str, list[tuple[float, float]]] = {}
    zero_s = local_s(live_ms)
    for happening in scenario.of(DoorOpen):
        for asset in happening.assets_of(fleet):
            closes_s = FOREVER_S if happening.duration_s is None else zero_s + happening.end_s
            forced.setdefault(asset, []).append((zero_s + happening.start_s, closes_s))
    for asset, start_s, road in rounds_of(scenario, fleet):
        since_s = zero_s + start_s
        forced.setdefault(asset, []).extend((since_s + a, since_s + b) for a, b in road.doors_s())
    return forced
