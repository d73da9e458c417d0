"""What is usual on a way: speeds by kind of road and hour, and what lights and junctions cost.

People who drive there every day know this, and nothing else of what is to come. Every number is assumed: trucks of
12 to 30 t on the plain between Shanghai and Suzhou, with two rush hours, every day a working day. No measured speeds
were at hand, so read shapes and not digits.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from firmware_sim.doors import DAY_S
from firmware_sim.traffic.ways import Array, RoadKind, Way

SLOT_S = 300
"""Speeds of a section change every five minutes."""

FREE_KM_PER_H = {RoadKind.RURAL: 50.0, RoadKind.HIGHWAY: 80.0, RoadKind.URBAN: 42.0}
"""Mean speed of a rolling truck without other traffic. 80 km/h: limit of many trucks on motorways."""

FASTEST_M_PER_S = 100 / 3.6
"""No truck may drive faster on a motorway (Implementing Regulations of the Road Traffic Safety Law, art. 78); none does
here, however free the road."""

PLACE_SPREAD = 0.12
"""Deviation (of the logarithm) of the usual speed among sections of a kind; known to who drives there."""

HOURS = (0.0, 5.0, 6.5, 7.5, 9.0, 10.0, 12.0, 14.0, 16.5, 17.5, 19.0, 20.5, 24.0)
"""Local hours of the table below; between them, a straight line."""

SHARES: Mapping[RoadKind, tuple[float, ...]] = {
    RoadKind.RURAL: (1.0, 1.0, 0.97, 0.90, 0.92, 0.95, 0.96, 0.96, 0.93, 0.88, 0.93, 0.98, 1.0),
    RoadKind.HIGHWAY: (1.0, 1.0, 0.95, 0.85, 0.86, 0.92, 0.93, 0.92, 0.86, 0.80, 0.88, 0.95, 1.0),
    RoadKind.URBAN: (1.0, 0.98, 0.86, 0.62, 0.60, 0.74, 0.78, 0.76, 0.66, 0.55, 0.66, 0.84, 1.0),
}
"""Usual speed as a share of the free one, at `HOURS`."""

LIGHTS_A_KM = {RoadKind.RURAL: 0.25, RoadKind.HIGHWAY: 0.02, RoadKind.URBAN: 1.6}
"""Traffic lights and junctions where one may have to wait; on motorways the toll gates."""

RED_SHARE = 0.45
"""Of the lights, those at which a truck has to stand."""

RED_S = (5.0, 70.0)
"""How long, evenly spread."""

LIGHT_S = RED_SHARE * (RED_S[0] + RED_S[1]) / 2
"""What a light costs in the mean."""


def free_speeds(way: Way, drawn: np.random.Generator) -> Array:
    """Return the free speed of each section, shape (k,), m/s."""
    by_kind = np.array([FREE_KM_PER_H[kind] for kind in RoadKind]) / 3.6
    return np.asarray(by_kind[way.kinds] * np.exp(drawn.normal(0.0, PLACE_SPREAD, len(way.kinds))))


def usual_speeds(way: Way, free_m_per_s: Array, first_s: float, slots: int) -> Array:
    """Return the usual speed of a rolling truck by section and slot, shape (k, slots), m/s.

    Args:
        free_m_per_s: shape (k,).
        first_s: local time of the first slot's start, s.
    """
    hours = (first_s + SLOT_S * (np.arange(slots) + 0.5)) % DAY_S / 3600
    by_kind = np.stack([np.interp(hours, HOURS, SHARES[kind]) for kind in RoadKind])
    return np.asarray(free_m_per_s[:, None] * by_kind[way.kinds])


def lights_of(way: Way, drawn: np.random.Generator) -> Array:
    """Return where the lights of a way stand, m along it, growing."""
    lengths_m = np.diff(way.borders_m)
    counts = drawn.poisson(np.array([LIGHTS_A_KM[kind] for kind in RoadKind])[way.kinds] * lengths_m / 1000)
    section = np.repeat(np.arange(len(counts)), counts)
    return np.sort(way.borders_m[section] + drawn.random(len(section)) * lengths_m[section])


def light_costs(way: Way, lights_m: Array) -> Array:
    """Return what the lights of each section cost in the mean, shape (k,), s."""
    return np.asarray(np.histogram(lights_m, way.borders_m)[0] * LIGHT_S)
