"""One day's chance: traffic, jams, a closure, halts, services, drawn from what `firmware_sim.traffic.hazards` says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from firmware_sim.traffic.days import Closure, Day, Halt, Jam
from firmware_sim.traffic.hazards import Hazards, Span, spread
from firmware_sim.traffic.tours import Tour
from firmware_sim.traffic.usual import FREE_KM_PER_H, RED_S, RED_SHARE, SLOT_S, light_costs, lights_of, usual_speeds
from firmware_sim.traffic.ways import Array, RoadKind, Way, bent, chord_m

ZONE = 3
"""Neighbouring sections whose traffic goes up and down together."""

WAVE_S: Span = (40.0, 120.0)
"""From one standstill in a jam to the next; assumed."""

BEFORE_S = 3600.0
"""Jams and closures may begin so long before the planned departure."""

BRANCH_FREE_SHARE = 0.85
"""Free speed of a way around, as a share of the rural or urban one's: narrow, and not the only truck there. Assumed."""

Chance = Callable[[str], np.random.Generator]
"""The generator of an idea by its name: what one of them draws moves no other."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What chance decided of a trip.

    Attributes:
        day: of the planned way.
        closure: None for none.
        leaves_s: true departure from the first stop, local seconds.
        services_s: shape (stops,); true time of each stop.
    """

    day: Day
    closure: Closure | None
    leaves_s: float
    services_s: Array


def draw(
    tour: Tour, usual: Day, services_s: Array, leaves_s: float, ends_s: float, like: Hazards, chance: Chance
) -> Drawn:
    """Return one day.

    Args:
        usual: of the tour, `firmware_sim.traffic.plans.usual_day`.
        services_s: shape (stops,); usual time of each stop.
        leaves_s, ends_s: planned departure and end, local seconds.
    """
    pace = chance("pace")
    day = replace(
        usual,
        traffic=_traffic(usual.way, usual.traffic.shape[1], like, chance("traffic")),
        pace=float(np.prod([spread(pace, sigma, 1)[0] for sigma in (like.pace_spread, like.day_spread)])),
        jams=_jams(usual.way, leaves_s, ends_s, like, chance("jams")),
        halts=(*_reds(tour.lights_m, like, chance("lights")), *_halts(usual.way, like, chance("halts"))),
    )
    late = chance("departure")
    late_share, late_s = late.random(), float(late.exponential(like.late_s))
    return Drawn(
        day,
        _closure(day, leaves_s, ends_s, like, chance("closure")),
        leaves_s + (late_s if late_share < like.late_share else 0.0),
        _services(tour, services_s, like, chance("services")),
    )


def _traffic(way: Way, slots: int, like: Hazards, drawn: np.random.Generator) -> Array:
    """Traffic by zone and slot that forgets itself at the given rate; its logarithm has the kind's deviation."""
    zones = -(-len(way.kinds) // ZONE)
    keeps = float(np.exp(-SLOT_S / like.local_fades_s))
    level = drawn.normal(size=zones)
    news = drawn.normal(size=(slots, zones)) * np.sqrt(1 - keeps**2)
    levels = np.empty((slots, zones))
    for slot in range(slots):
        levels[slot] = level
        level = keeps * level + news[slot]
    sigma = np.array([like.local_spread[kind] for kind in RoadKind])[way.kinds][:, None]
    return np.asarray(np.exp(np.repeat(levels.T, ZONE, axis=0)[: len(way.kinds)] * sigma - sigma**2 / 2))


def _jams(way: Way, leaves_s: float, ends_s: float, like: Hazards, drawn: np.random.Generator) -> tuple[Jam, ...]:
    hours = (ends_s - leaves_s + BEFORE_S) / 3600
    jams = []
    weights = np.array([like.jam_weight[kind] for kind in RoadKind])[way.kinds] * np.diff(way.borders_m)
    for _ in range(int(drawn.poisson(like.jams_an_hour * hours * way.length_m / 100_000))):
        section = int(drawn.choice(len(weights), p=weights / weights.sum()))
        head_m = float(drawn.uniform(way.borders_m[section], way.borders_m[section + 1]))
        length_m = min(head_m, float(drawn.uniform(*like.jam_m[RoadKind(way.kinds[section])])))
        speed, wave_s = float(drawn.uniform(*like.jam_m_per_s)), float(drawn.uniform(*WAVE_S))
        begins_s = float(drawn.uniform(leaves_s - BEFORE_S, ends_s))
        full_s = begins_s + float(drawn.uniform(*like.jam_grows_s))
        shrinks_s = full_s + like.jam_s * float(np.exp(drawn.normal() * like.jam_spread))
        ends_jam_s = shrinks_s + float(drawn.uniform(*like.jam_shrinks_s))
        jams.append(Jam(head_m, length_m, speed, wave_s, begins_s, full_s, shrinks_s, ends_jam_s))
    return tuple(jams)


def _reds(lights_m: Array, like: Hazards, drawn: np.random.Generator) -> list[Halt]:
    """Where and how long a truck stands at lights; without a spread each of them costs its mean."""
    red, lasts_s = drawn.random(len(lights_m)) < RED_SHARE, drawn.uniform(*RED_S, len(lights_m))
    mean_s = RED_SHARE * sum(RED_S) / 2
    costs_s = like.light_spread * np.where(red, lasts_s, 0.0) + (1 - like.light_spread) * mean_s
    pairs = zip(lights_m.tolist(), costs_s.tolist(), strict=True)
    return [Halt(at_m, cost_s, "light") for at_m, cost_s in pairs if cost_s > 0]


def _halts(way: Way, like: Hazards, drawn: np.random.Generator) -> list[Halt]:
    """Breakdown, private stop and fuel: at most one of each, anywhere on the way."""
    found = []
    for why, share, span in (
        ("breakdown", like.breakdown_share, like.breakdown_s),
        ("private", like.private_share, like.private_s),
        ("fuel", like.fuel_share, like.fuel_s),
    ):
        happens, at_m, lasts_s = drawn.random() < share, drawn.uniform(0, way.length_m), drawn.uniform(*span)
        if happens:
            found.append(Halt(float(at_m), float(lasts_s), why))
    return found


def _services(tour: Tour, usual_s: Array, like: Hazards, drawn: np.random.Generator) -> Array:
    count = len(usual_s)
    takes_s = usual_s * spread(drawn, like.service_spread, count)
    long, longer_s = drawn.random(count) < like.long_share, drawn.uniform(*like.long_s, count)
    queues, waits_s = drawn.random() < like.queue_share, float(drawn.exponential(like.queue_s))
    takes_s = takes_s + np.where(long, longer_s, 0.0)
    if tour.kind == "raw-milk" and queues:
        takes_s[-1] += waits_s
    return takes_s


def _closure(day: Day, leaves_s: float, ends_s: float, like: Hazards, drawn: np.random.Generator) -> Closure | None:
    happens, first = drawn.random() < like.closure_share, int(drawn.integers(len(day.way.kinds)))
    if not happens:
        return None
    borders_m = day.way.borders_m
    sections = int(drawn.integers(like.closed_sections[0], like.closed_sections[1] + 1))
    from_m, to_m = float(borders_m[first]), float(borders_m[min(first + sections, len(borders_m) - 1)])
    next_stop_m = float(day.stops_m[day.stops_m > from_m + 0.5].min())
    to_m = min(to_m, next_stop_m)
    begins_s = float(drawn.uniform(leaves_s - BEFORE_S, ends_s))
    closed_s = float(drawn.uniform(*like.closed_s))
    length_m = to_m - from_m + float(drawn.uniform(*like.detour_m))
    branch = _branch(day, from_m, to_m, length_m, like, drawn)
    return Closure(from_m, to_m, begins_s, begins_s + closed_s, branch)


def _branch(day: Day, from_m: float, to_m: float, length_m: float, like: Hazards, drawn: np.random.Generator) -> Day:
    """The way around: one wide bend over lesser roads, as a day of its own."""
    latitude, longitude = day.way.place(np.array([from_m, to_m]))
    here, there = ((float(latitude[end]), float(longitude[end])) for end in (0, 1))
    way = bent(here, there, length_m / max(chord_m(here, there), 1.0), drawn, bends=1)
    urban = day.way.kind_at(np.array([from_m + 1.0]))[0] == RoadKind.URBAN
    kind = RoadKind.URBAN if urban else RoadKind.RURAL
    way = replace(way, kinds=np.full(len(way.kinds), kind, np.int64))
    slots = day.usual_m_per_s.shape[1]
    free = np.full(len(way.kinds), BRANCH_FREE_SHARE * FREE_KM_PER_H[kind] / 3.6)
    lights_m = lights_of(way, drawn)
    return Day(
        way,
        np.array([0.0, way.length_m]),
        day.first_s,
        usual_speeds(way, free, day.first_s, slots),
        _traffic(way, slots, like, drawn),
        day.pace,
        light_costs(way, lights_m),
        (),
        tuple(_reds(lights_m, like, drawn)),
    )
