"""Two thousand coolers: as found they are too warm and badly measured, well set they are neither, and it is fast."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_sim.populations import POPULATIONS, Cooler, Course, as_fleet, course, draw, usual
from firmware_sim.scenario import CALM, RefrigerationFailure, Restocking, Scenario
from firmware_sim.world import World
from tests.firmware_sim.stories import MINUTE_MS, NOON_MS

FROM_S = 20_000 * 86_400.0


@pytest.fixture(scope="module")
def day() -> dict[str, tuple[tuple[Cooler, ...], Course]]:
    found = {}
    for name in POPULATIONS:
        coolers = draw(name, 400, 7)
        found[name] = coolers, course(coolers, 7, FROM_S, 24.0)
    return found


def too_warm(of: tuple[tuple[Cooler, ...], Course], kind: str) -> NDArray[np.bool_]:
    coolers, went = of
    return went.product[:, [cooler.asset.kind == kind for cooler in coolers]] > 6.0


def test_as_found_half_of_the_products_in_open_fronts_are_too_warm(
    day: dict[str, tuple[tuple[Cooler, ...], Course]],
) -> None:
    assert 0.4 < too_warm(day["as-found"], "open-multideck").mean() < 0.65
    assert too_warm(day["well-set"], "open-multideck").mean() < 0.01


def test_as_found_many_coolers_hold_their_air_at_six_to_nine_degrees(
    day: dict[str, tuple[tuple[Cooler, ...], Course]],
) -> None:
    mean = day["as-found"][1].air.mean(axis=0)

    assert 0.35 < ((mean > 6) & (mean < 9)).mean() < 0.65
    assert (day["well-set"][1].air.mean(axis=0) < 5).all()


def test_defrosts_lift_the_air_of_open_fronts_by_five_to_twelve_kelvin(
    day: dict[str, tuple[tuple[Cooler, ...], Course]],
) -> None:
    coolers, went = day["as-found"]
    peak = (went.air.max(axis=0) - np.median(went.air, axis=0))[[c.asset.kind == "open-multideck" for c in coolers]]

    assert 5 < np.percentile(peak, 5) < np.percentile(peak, 95) < 12


def test_a_badly_placed_probe_does_not_feel_what_the_air_is(day: dict[str, tuple[tuple[Cooler, ...], Course]]) -> None:
    coolers, went = day["as-found"]
    off = np.abs(went.felt - went.air).mean(axis=0)
    misplaced = np.array([cooler.position != "return-air" for cooler in coolers])

    assert 0.25 < misplaced.mean() < 0.45
    assert (off[~misplaced] == 0).all()
    assert (off[misplaced] > 0.2).all()


def test_compressors_die_once_in_four_hundred_cooler_days_and_goods_are_delivered_each_morning() -> None:
    coolers = draw("well-set", 1000, 7)

    what = usual("well-set", coolers, 7, FROM_S, 96.0)

    assert 2 <= len(what.of(RefrigerationFailure)) <= 20
    [delivery] = what.of(Restocking)
    assert delivery.start_s == -96 * 3600 + 7 * 3600 + 20 * 60


def test_a_course_with_its_usual_day_shows_the_delivery_and_the_failure() -> None:
    coolers = draw("well-set", 10, 7)
    dead = RefrigerationFailure(assets=(coolers[0].asset.id,), start_s=-6 * 3600.0)
    what = usual("well-set", coolers[1:], 7, FROM_S, 24.0).together(Scenario((dead,)))

    went = course(coolers, 7, FROM_S, 24.0, scenario=what)
    calm = course(coolers, 7, FROM_S, 24.0)

    assert went.product[-1, 0] > 10 > went.product[-1, 1:].max()
    step = (went.product - calm.product)[7 * 60 + 20, 1:]
    assert (step > 0.2).all()
    assert (went.product[: 7 * 60] == calm.product[: 7 * 60]).all()


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    assert draw("as-found", 50, 7) == draw("as-found", 100, 7)[:50]
    assert draw("as-found", 5, 7) != draw("as-found", 5, 8)


def test_two_thousand_coolers_are_drawn_in_a_moment() -> None:
    before_s = time.process_time()

    coolers = draw("as-found", 2000, 7)

    # 0.1 s measured; a day of them at 60 s takes 2.5 s.
    assert len({cooler.asset.id for cooler in coolers}) == 2000
    assert time.process_time() - before_s < 1.0


def test_a_day_of_a_hundred_coolers_as_readings_takes_a_few_seconds_of_cpu() -> None:
    fleet, bodies, instruments = as_fleet(draw("as-found", 100, 7))
    before_s = time.process_time()

    world = World(fleet, CALM, 7, NOON_MS, 24 * 3600, bodies, instruments)
    said = world.advance(range(NOON_MS - 24 * 60 * MINUTE_MS + MINUTE_MS, NOON_MS + 1, MINUTE_MS))

    assert sum(len(readings) for readings in said) == 100 * 24 * 60
    # 1.3 s measured; the bound leaves room for a busy machine.
    assert time.process_time() - before_s < 6.0


def test_a_world_of_a_population_tells_what_its_course_tells() -> None:
    coolers = draw("well-set", 4, 7)
    fleet, bodies, instruments = as_fleet(coolers)
    world = World(fleet, CALM, 7, NOON_MS, 3600, bodies, instruments)

    said = {r[0].channel: r for r in world.advance(range(NOON_MS - 59 * MINUTE_MS, NOON_MS + 1, MINUTE_MS))}
    went = course(coolers, 7, (NOON_MS - 60 * MINUTE_MS) / 1000 + 8 * 3600, 1.0)

    for place, point in enumerate(fleet.points):
        told = [r.here_celsius for r in said[point.channel]]
        assert told == pytest.approx(went.felt[:, place].tolist(), abs=0.001)
