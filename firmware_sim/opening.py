"""When must the door have been opened? Found by search on the simulated cooler, not by hand."""

from __future__ import annotations

import numpy as np

from coldchain.errors import ConfigError
from firmware_sim.bodies import Body
from firmware_sim.chance import Probes, door_of, local_s
from firmware_sim.doors import FOREVER_S, Door
from firmware_sim.fleet import Fleet
from firmware_sim.thermal import Bodies

SEARCH_S = 45 * 60
"""A door must bring its cooler to the limit within this, else the scenario cannot be told."""

CANDIDATE_MS = 5_000


def opening_ms(fleet: Fleet, name: str, body: Body, seed: int, crossing_ms: int, start_ms: int, step_ms: int) -> int:
    """Return the latest opening whose first sample at or above the high limit is the wanted one.

    The cooler is run alone, on the fleet's own steps and with the same chance, once a candidate; so the answer holds
    in the whole fleet to the last digit.

    Args:
        name: the point's id.
        body: its asset's.
        crossing_ms: the wanted sample, ms UTC.
        start_ms: where the fleet's run starts, ms UTC, a whole number of steps before the wanted sample.
        step_ms: of history.

    Raises:
        ConfigError: the point has no high limit, or no opening does it.
    """
    point = fleet.point(name)
    high = point.high_celsius
    if high is None or point.position != "return-air":
        raise ConfigError(f"scenario: {point.id} has no high limit that an open door's air could cross")
    asset, probes = fleet.asset(point.asset), Probes(seed)
    bodies, usual = Bodies([body]), door_of(asset, seed)
    at_ms = start_ms
    while at_ms + step_ms <= crossing_ms - SEARCH_S * 1000:
        _step(bodies, usual, at_ms, step_ms)
        at_ms += step_ms
    for opened_ms in range(crossing_ms - CANDIDATE_MS, at_ms, -CANDIDATE_MS):
        twin, door = bodies.copy(), door_of(asset, seed, [(local_s(opened_ms), FOREVER_S)])
        for moment_ms in range(at_ms + step_ms, crossing_ms + 1, step_ms):
            _step(twin, door, moment_ms - step_ms, step_ms)
            if moment_ms >= opened_ms and probes.measured(point.channel, moment_ms, twin.air[0]) >= high:
                if moment_ms == crossing_ms:
                    return opened_ms
                break
    raise ConfigError(f"scenario: no opening within {SEARCH_S // 60} min brings {point.id} to {high} °C in time")


def _step(bodies: Bodies, door: Door, at_ms: int, step_ms: int) -> None:
    times_s = np.array([local_s(at_ms), local_s(at_ms + step_ms)])
    bodies.step(times_s[0], times_s[1] - times_s[0], door.share(times_s))
