"""The plan of a trip as a dispatcher makes it the evening before: usual speeds, usual service times, some slack.

The dispatcher knows what is usual, not exactly, and nothing of the day to come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.traffic.days import Day
from firmware_sim.traffic.reckoning import reckon
from firmware_sim.traffic.tours import Tour
from firmware_sim.traffic.usual import SLOT_S, light_costs, usual_speeds
from firmware_sim.traffic.ways import Array, shifted

ROUNDED_S = 300
"""Departures and windows are written in five minutes, arrivals in whole ones."""

ERROR_SPREAD = 0.04
"""Deviation (of the logarithm) of a dispatcher's driving times from the usual ones; one for the whole trip. Assumed."""

RESERVE_SHARE = 0.05
"""Added to driving times by who plans; assumed."""

SERVICE_S = {
    ("raw-milk", "load"): (25 * 60, 45 * 60),
    ("raw-milk", "unload"): (45 * 60, 75 * 60),
    ("distribution", "load"): (30 * 60, 60 * 60),
    ("distribution", "unload"): (6 * 60, 15 * 60),
    ("distribution", "return"): (15 * 60, 30 * 60),
}
"""Usual time of a stop: from, to; whole minutes. Pumping 10 to 20 t, cages through a shop's door; assumed."""

SLACK_S = {"raw-milk": (30 * 60, 45 * 60, 60 * 60), "distribution": (20 * 60, 30 * 60, 45 * 60, 60 * 60)}
SLACK_SHARE = {"raw-milk": (0.5, 0.35, 0.15), "distribution": (0.15, 0.35, 0.3, 0.2)}
"""A window is the planned arrival and so much before and after it, one for all stops of a trip: slots of 40 to 120 min,
as plants and chains give them. Assumed; chosen so that a tenth to a quarter of the windows is missed."""

DEPARTS_HOUR = {"raw-milk": ((5.0, 9.5), (17.0, 20.0)), "distribution": ((3.5, 6.5), (11.5, 13.5))}
EARLY_SHARE = {"raw-milk": 0.7, "distribution": 0.8}
"""Planned departures: behind the morning's and the evening's milking; before shops open, and around noon."""

COORDINATE_M = 20.0
"""Deviation of a registered place from where trucks stand, to the north and to the east; assumed."""

DAY_HOURS = 18
"""Slots are known for so long, from an hour before the planned departure; longer trips go on as in the last one."""


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A place where the truck is expected.

    Attributes:
        name: unique within the trip, but for a depot that is left and come back to.
        purpose: ``load``, ``unload`` or ``return``.
        latitude_deg, longitude_deg: as registered, some 20 m off where trucks stand.
        arrives_ms, leaves_ms: as planned, ms UTC.
        service_s: what the stop usually takes.
        window_from_ms, window_to_ms: when it must arrive, ms UTC; None at stops without a window. Who comes before it
            opens, waits.
    """

    name: str
    purpose: str
    latitude_deg: float
    longitude_deg: float
    arrives_ms: int
    leaves_ms: int
    service_s: int
    window_from_ms: int | None = None
    window_to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned trip.

    Attributes:
        kind: ``raw-milk`` (farms to plant) or ``distribution`` (depot to shops and back).
        stops: in order; the first one where it starts.
        route: the planned way, (latitude, longitude) in degrees.
        distance_m: its length.
    """

    kind: str
    stops: tuple[PlannedStop, ...]
    route: tuple[tuple[float, float], ...]
    distance_m: float


def usual_day(tour: Tour, first_s: float) -> Day:
    """Return the day on which nothing happens: the usual speed everywhere.

    Args:
        first_s: start of its first slot, local seconds.
    """
    slots = DAY_HOURS * 3600 // SLOT_S
    usual = usual_speeds(tour.way, tour.free_m_per_s, first_s, slots)
    lights_s = light_costs(tour.way, tour.lights_m)
    return Day(tour.way, tour.stops_m, first_s, usual, np.ones_like(usual), 1.0, lights_s)


def departure_s(kind: str, drawn: np.random.Generator) -> float:
    """Return a planned departure, local seconds."""
    early = int(drawn.random() >= EARLY_SHARE[kind])
    return _rounded(float(drawn.uniform(*DEPARTS_HOUR[kind][early])) * 3600)


def plan_of(tour: Tour, day: Day, leaves_s: float, midnight_ms: int, drawn: np.random.Generator) -> Plan:
    """Return a dispatcher's plan.

    Args:
        day: `usual_day` of the tour.
        leaves_s: planned departure from the first stop, local seconds.
        midnight_ms: what local seconds count from, ms UTC.
    """
    takes_s = [60 * round(float(drawn.uniform(*SERVICE_S[tour.kind, purpose])) / 60) for purpose in tour.purposes]
    now, always = np.array([leaves_s]), np.full(len(takes_s), -np.inf)
    usual_s = reckon(day, always, np.array(takes_s, np.float64), now, np.zeros(1), now, 0.0)[0]
    stretch = (1 + RESERVE_SHARE) * float(np.exp(drawn.normal(0.0, ERROR_SPREAD)))
    slack_s = int(drawn.choice(SLACK_S[tour.kind], p=SLACK_SHARE[tour.kind]))
    off_m = drawn.normal(0.0, COORDINATE_M, (len(takes_s), 2))
    latitude, longitude = tour.way.place(tour.stops_m)
    stops, served_s = [], 0.0
    for number, service_s in enumerate(takes_s):
        window: tuple[float, ...] = ()
        place = shifted((float(latitude[number]), float(longitude[number])), *off_m[number])
        if number == 0:
            arrives_s = leaves_s - service_s
        else:
            driving_s = float(usual_s[number]) - leaves_s - served_s
            arrives_s = 60.0 * round((leaves_s + served_s + stretch * driving_s) / 60)
            if tour.purposes[number] == "unload":
                window = (_rounded(arrives_s) - slack_s, _rounded(arrives_s) + slack_s)
            served_s += service_s
        at_ms = [midnight_ms + round(second * 1000) for second in (arrives_s, arrives_s + service_s, *window)]
        names = tour.names[number], tour.purposes[number]
        stops.append(PlannedStop(*names, *place, at_ms[0], at_ms[1], service_s, *at_ms[2:]))
    return Plan(tour.kind, tuple(stops), _route(tour), tour.way.length_m)


def seconds_of(at_ms: int | None, midnight_ms: int, never: float) -> float:
    """Return a planned moment in local seconds, ``never`` for None."""
    return never if at_ms is None else (at_ms - midnight_ms) / 1000


def _rounded(second: float) -> float:
    return ROUNDED_S * round(second / ROUNDED_S)


def _route(tour: Tour) -> tuple[tuple[float, float], ...]:
    return tuple(zip(tour.way.latitude_deg.tolist(), tour.way.longitude_deg.tolist(), strict=True))


def services_of(plan: Plan) -> Array:
    """Return the usual time of each stop, shape (stops,), s."""
    return np.array([stop.service_s for stop in plan.stops], np.float64)


def openings_of(plan: Plan, midnight_ms: int) -> Array:
    """Return when each window opens, shape (stops,), local seconds; -inf without one."""
    return np.array([seconds_of(stop.window_from_ms, midnight_ms, -np.inf) for stop in plan.stops])


def deadlines_of(plan: Plan, midnight_ms: int) -> Array:
    """Return when each window closes, shape (stops,), local seconds; inf without one."""
    return np.array([seconds_of(stop.window_to_ms, midnight_ms, np.inf) for stop in plan.stops])
