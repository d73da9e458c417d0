"""A judgement that goes on where the one before stopped says what one from the beginning says."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from alerts.transit.ageing import Goods
from alerts.transit.delay import Delay
from alerts.transit.lateness import LATE
from alerts.transit.track import Track
from alerts.transit.trips import Followed, Heard, judged
from alerts.transit.view import TripView, view_of
from coldchain.custody import Trip, TripMoment, TripStop
from coldchain.profiles import builtin
from coldchain.registry import Fence
from firmware_sim.traffic import Trip as Simulated
from firmware_sim.traffic import trip as simulated
from tests.alerts.transit.road import ON_TIME, TRIP, at, heard, track

SEED = 41
RADIUS_M = 250.0
LATE_ONES = 3, 6, 16, 35
"""Trips of the population that are told as late; the test sees to it."""


def known_of(one: Simulated, fixes: np.ndarray, moments: Sequence[TripMoment] = ()) -> tuple[Trip, Heard]:
    """Return a simulated trip's plan and what is known with some of its fixes, milk that warms slowly among it."""
    places = {stop.name: (stop.latitude_deg, stop.longitude_deg) for stop in one.plan.stops}
    fences = {name: Fence(name, 0, *place, RADIUS_M, coordinates="WGS-84") for name, place in places.items()}
    stops = [
        TripStop(
            *(each.name, each.purpose, each.arrives_ms, each.leaves_ms, each.window_from_ms, each.window_to_ms)
        )
        for each in one.plan.stops
    ]  # fmt: skip
    plan = Trip(str(one.number), one.plan.kind, "v", tuple(stops), one.plan.route, one.plan.distance_m)
    t = one.heard.t_ms[fixes]
    driven = Track(
        t, one.heard.latitude_deg[fixes], one.heard.longitude_deg[fixes], one.heard.speed_m_per_s[fixes],
        one.heard.interval_s * 1000,
    )  # fmt: skip
    warming = Goods(t[::2], 3.0 + (t[::2] - one.heard.t_ms[0]) / 3_600_000, 60_000)
    return plan, Heard(driven, fences, places, moments, warming, None, int(t[-1]) if len(t) else 0)


def said(plan: Trip, known: Heard, followed: Followed | None) -> tuple[TripView, tuple[Delay, ...]]:
    found = judged(plan, known, builtin().trips[plan.kind], followed)
    return view_of(found, known.newest_ms, "rules"), found.delays


@pytest.mark.parametrize("number", LATE_ONES)
def test_any_judgements_before_leave_a_trip_as_one_from_the_beginning_has_it(number: int) -> None:
    """Fixes come one by one and many at once, some of them late, and people say things of earlier."""
    one, chance, followed = simulated(number, SEED), random.Random(number), Followed()
    count = len(one.heard.t_ms)
    late = sorted(chance.sample(range(count), 20))
    lost, moments, told = set(late), [], 0
    upto = 0
    while upto < count:
        upto = min(count, upto + chance.choice((1, 1, 2, 5, 40)))
        if lost and chance.random() < 0.1:
            lost.pop()
        if chance.random() < 0.05:
            stop, back = chance.randrange(len(one.plan.stops)), chance.randrange(upto)
            moments.append(
                TripMoment(str(number), chance.choice(("arrived", "departed")), int(one.heard.t_ms[back]), stop)
            )
        fixes = np.array([fix for fix in range(upto) if fix not in lost], np.intp)
        plan, known = known_of(one, fixes, moments)

        found = said(plan, known, followed)

        assert found == said(plan, known, None)
        told += any(delay.rule == LATE for delay in found[1])
    assert told, "nothing was told as late: the trip proves nothing"


def test_other_rules_another_plan_another_place_begin_anew() -> None:
    followed, rules = Followed(), builtin().trips["raw-milk"]
    fixes = track(ON_TIME)
    judged(TRIP, heard(fixes), rules, followed)

    early = builtin().trips["distribution"]
    assert judged(TRIP, heard(fixes), early, followed).delays == judged(TRIP, heard(fixes), early).delays
    moved = Track(fixes.t, fixes.latitude + 0.1, fixes.longitude, fixes.speed, fixes.interval_ms)
    found = judged(TRIP, heard(moved), rules, followed)

    assert view_of(found, at(90), "rules") == view_of(judged(TRIP, heard(moved), rules), at(90), "rules")


def test_a_judgement_that_goes_on_looks_at_the_new_fixes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    one, followed, looks = simulated(LATE_ONES[0], SEED), Followed(), 0
    plan, known = known_of(one, np.arange(200))
    said(plan, known, followed)
    take = followed.off_route.take

    def counted(look: object) -> None:
        nonlocal looks
        looks += 1
        take(look)  # type: ignore[arg-type]

    monkeypatch.setattr(followed.off_route, "take", counted)
    plan, known = known_of(one, np.arange(203))
    said(plan, known, followed)

    assert 1 <= looks <= 3  # fixes less than half a minute apart are looked at together
