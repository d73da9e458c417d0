"""What may go wrong on a trip, and how often: the distributions that a population of trips is drawn from.

All of it is assumed, from what dispatchers tell and not from measurements; where a fact of the trade stands behind a
number it is named. Each idea draws from a generator of its own, so that changing one share moves nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from firmware_sim.traffic.ways import RoadKind

Span = tuple[float, float]
"""From, to: evenly spread between."""


@dataclass(frozen=True, slots=True)
class Hazards:
    """How likely, and how bad. Shares are of trips unless said otherwise; a spread is a deviation of a logarithm.

    Attributes:
        pace_spread: among drivers and trucks: who drives 4 % slower does so all day.
        day_spread: of the whole day's traffic: rain, a holiday's eve.
        local_spread: of the traffic at a place and time, by kind of road.
        local_fades_s: after this time the traffic at a place has forgotten two thirds of its deviation.
        late_share, late_s: departs late (loading is not done, papers, a driver), by an exponential of this mean.
        service_spread: of the time that a stop takes.
        long_share, long_s: of stops: one that takes this much longer (a full dock, a quarrel over a pallet).
        queue_share, queue_s: of plants: a queue at the gate of this mean. Tankers queue at plants (a dispatcher's day).
        light_spread: 1 for lights that are red by chance, 0 for lights that cost the mean each time.
        jams_an_hour: for each hour of the trip and 100 km of way.
        jam_weight: by kind of road.
        jam_m: length by kind of road.
        jam_m_per_s: mean speed inside: 3-15 km/h.
        jam_s, jam_spread: median and spread of how long it keeps its full length.
        jam_grows_s, jam_shrinks_s: how long it takes to its full length, and to nothing.
        closure_share: a stretch of the way ahead is closed at some time.
        closed_sections: how many sections.
        closed_s: for how long.
        detour_m: how much longer the way around is.
        breakdown_share, breakdown_s: stands somewhere on the way.
        private_share, private_s: one short private stop.
        fuel_share, fuel_s: one stop for fuel.
    """

    pace_spread: float
    day_spread: float
    local_spread: Mapping[RoadKind, float]
    local_fades_s: float
    late_share: float
    late_s: float
    service_spread: float
    long_share: float
    long_s: Span
    queue_share: float
    queue_s: float
    light_spread: float
    jams_an_hour: float
    jam_weight: Mapping[RoadKind, float]
    jam_m: Mapping[RoadKind, Span]
    jam_m_per_s: Span
    jam_s: float
    jam_spread: float
    jam_grows_s: Span
    jam_shrinks_s: Span
    closure_share: float
    closed_sections: tuple[int, int]
    closed_s: Span
    detour_m: Span
    breakdown_share: float
    breakdown_s: Span
    private_share: float
    private_s: Span
    fuel_share: float
    fuel_s: Span


USUAL = Hazards(
    pace_spread=0.04,
    day_spread=0.05,
    local_spread={RoadKind.RURAL: 0.07, RoadKind.HIGHWAY: 0.10, RoadKind.URBAN: 0.20},
    local_fades_s=40 * 60,
    late_share=0.35,
    late_s=15 * 60,
    service_spread=0.25,
    long_share=0.03,
    long_s=(10 * 60, 45 * 60),
    queue_share=0.5,
    queue_s=25 * 60,
    light_spread=1.0,
    jams_an_hour=0.3,
    jam_weight={RoadKind.RURAL: 0.4, RoadKind.HIGHWAY: 1.2, RoadKind.URBAN: 2.0},
    jam_m={RoadKind.RURAL: (500, 3_000), RoadKind.HIGHWAY: (1_000, 8_000), RoadKind.URBAN: (300, 2_500)},
    jam_m_per_s=(3 / 3.6, 15 / 3.6),
    jam_s=40 * 60,
    jam_spread=0.6,
    jam_grows_s=(5 * 60, 30 * 60),
    jam_shrinks_s=(5 * 60, 40 * 60),
    closure_share=0.12,
    closed_sections=(1, 4),
    closed_s=(30 * 60, 5 * 3600),
    detour_m=(3_000, 15_000),
    breakdown_share=0.03,
    breakdown_s=(20 * 60, 120 * 60),
    private_share=0.2,
    private_s=(5 * 60, 20 * 60),
    fuel_share=0.1,
    fuel_s=(10 * 60, 25 * 60),
)
"""Roads as they are, more or less."""


def spread(drawn: np.random.Generator, sigma: float, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return ``count`` factors whose logarithms have this deviation, and whose mean is 1."""
    return np.exp(drawn.normal(size=count) * sigma - sigma**2 / 2)
