"""A road that can be reckoned by hand: 10 km at 10 m/s, then 10 km at 20 m/s, due north; and hazards switched off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from firmware_sim.roads import EARTH_M
from firmware_sim.traffic import USUAL
from firmware_sim.traffic.days import Day, Halt, Jam
from firmware_sim.traffic.ways import RoadKind, Way

ALWAYS = -np.inf

CALM = replace(
    USUAL,
    pace_spread=0.0,
    day_spread=0.0,
    local_spread=dict.fromkeys(RoadKind, 0.0),
    late_share=0.0,
    service_spread=0.0,
    long_share=0.0,
    queue_share=0.0,
    light_spread=0.0,
    jams_an_hour=0.0,
    closure_share=0.0,
    breakdown_share=0.0,
    private_share=0.0,
    fuel_share=0.0,
)
"""Days on which everything is as usual."""


def straight(kilometres: int = 20) -> Way:
    metres = np.linspace(0.0, kilometres * 1000.0, kilometres + 1)
    north = 31.0 + np.degrees(metres / EARTH_M)
    kinds = np.full(kilometres, RoadKind.HIGHWAY, np.int64)
    return Way(metres, north, np.full(kilometres + 1, 121.0), metres, kinds)


def day(jams: tuple[Jam, ...] = (), halts: tuple[Halt, ...] = (), traffic: float = 1.0) -> Day:
    """Return the day of the road above with stops at 0, 10 and 20 km; its slots begin at 0 s."""
    usual = np.repeat([10.0, 20.0], 10)[:, None] * np.ones((20, 100))
    stops_m = np.array([0.0, 10_000.0, 20_000.0])
    return Day(straight(), stops_m, 0.0, usual, np.full_like(usual, traffic), 1.0, np.zeros(20), jams, halts)


def jam(from_m: float, to_m: float, begins_s: float, ends_s: float, speed: float = 2.0) -> Jam:
    """Return a jam that is there all at once, and gone all at once."""
    return Jam(to_m, to_m - from_m, speed, 60.0, begins_s - 1e-3, begins_s, ends_s, ends_s + 1e-3)
