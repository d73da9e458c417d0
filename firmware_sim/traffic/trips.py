"""Simulated trips whose truth is known: plan, what really happened, what could be known of it when, what is heard.

::

    seed, number ──▶ tour ──▶ plan ─────────────────────────────┐
                      │                                         ├──▶ Trip
                      └──▶ day (chance) ──▶ drive ──▶ truth ────┤
                                              └─────▶ fixes ────┘
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firmware_sim.chance import chance
from firmware_sim.doors import DAY_S
from firmware_sim.traffic.drawing import Drawn, draw
from firmware_sim.traffic.driving import drive
from firmware_sim.traffic.hazards import USUAL, Hazards
from firmware_sim.traffic.hearing import Heard, hear
from firmware_sim.traffic.plans import Plan, departure_s, openings_of, plan_of, services_of, usual_day
from firmware_sim.traffic.tours import KINDS, tour_of
from firmware_sim.traffic.truth import Truth

FIRST_DAY_MS = 1_767_196_800_000
"""2026-01-01T00:00:00+08:00; a trip lies on a day of the year that begins here."""

MILK_SHARE = 0.5
"""Of a population, the raw-milk trips."""


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """One simulated trip.

    Attributes:
        number: in its population.
        plan: what is known before.
        truth: what nobody in the trade ever knows.
        heard: what the terminal says.
    """

    number: int
    plan: Plan
    truth: Truth
    heard: Heard


def trips(count: int, seed: int, like: Hazards = USUAL) -> Iterator[Trip]:
    """Yield the first trips of a population; those of a longer one begin with the same."""
    return (trip(number, seed, like) for number in range(count))


def trip(number: int, seed: int, like: Hazards = USUAL) -> Trip:
    """Return one trip of a population: a function of its number, the seed and the hazards alone."""

    def drawn(idea: str) -> np.random.Generator:
        return chance(seed, "trip", number, idea)

    kind = KINDS[int(drawn("kind").random() >= MILK_SHARE)]
    tour, leaves_s = tour_of(kind, drawn("tour")), departure_s(kind, drawn("departs"))
    midnight_ms = FIRST_DAY_MS + int(drawn("date").integers(365)) * DAY_S * 1000
    usual = usual_day(tour, leaves_s - 3600)
    plan = plan_of(tour, usual, leaves_s, midnight_ms, drawn("plan"))
    ends_s = (plan.stops[-1].leaves_ms - midnight_ms) / 1000
    of_day = draw(tour, usual, services_of(plan), leaves_s, ends_s, like, drawn)
    truth = _truth(plan, midnight_ms, of_day)
    return Trip(number, plan, truth, hear(truth.day, truth.driven, midnight_ms, drawn("hearing")))


def _truth(plan: Plan, midnight_ms: int, of_day: Drawn) -> Truth:
    """Drive; and where the truck comes to a closed stretch, once more on the way around, the same until there."""
    day, closure, opens_s = of_day.day, of_day.closure, openings_of(plan, midnight_ms)
    driven = drive(day, of_day.leaves_s, opens_s, of_day.services_s)
    if closure is None:
        return Truth(plan, midnight_ms, driven, day, day)
    around = day.around(closure)
    passes = int(np.searchsorted(driven.knots_m, closure.from_m + 1e-3)) - 1
    if not closure.covers(float(driven.knots_s[passes])):
        return Truth(plan, midnight_ms, driven, day, day, closure, around)
    driven = drive(around, of_day.leaves_s, opens_s, of_day.services_s)
    return Truth(plan, midnight_ms, driven, around, day, closure, around)
