"""What is usual at a cooler: learnt from calm days, frozen in the ledger, judged by from then on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from alerts.handlingtables import page
from alerts.history import LedgerHistory
from alerts.learner import Learner
from alerts.usual import Days, days_over, durations, is_weak, learnt
from coldchain.profiles import builtin
from coldchain.registry import Normal, Registry, registry_at
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, MINUTE_MS, World, shop

COOLER = builtin().kinds["glass-door-cooler"]
STEP_S = 300
A_DAY = 86_400 // STEP_S


def day(level: float, *, peak: float = 0.0, minutes: int = 0) -> np.ndarray:
    """A cooler's day: a level, and a hump once."""
    values = np.full(A_DAY, level)
    values[100 : 100 + minutes * 60 // STEP_S + 1] += peak
    return values


def days_of(values: list[np.ndarray], *, lost: set[int] = frozenset()) -> Days:  # type: ignore[assignment]
    t = MIDNIGHT_MS + np.arange(len(values) * A_DAY, dtype=np.int64) * STEP_S * 1000
    kept = np.array([place not in lost for place in range(len(t))])
    return Days(t[kept], np.concatenate(values)[kept], STEP_S, MIDNIGHT_MS, MIDNIGHT_MS + len(values) * DAY_MS)


def test_a_level_is_what_is_kept_up_for_so_long() -> None:
    usual = learnt(days_of([day(4.0, peak=3.0, minutes=25)] * 7), COOLER, 6.0)

    assert usual is not None
    assert durations(COOLER) == [900, 1500, 3300]
    assert usual.levels == ((900, 7.0), (1500, 7.0), (3300, 4.0))
    assert (usual.days, usual.final) == (7, True)


def test_a_cooler_that_stands_warm_is_learnt_as_it_is_and_a_day_of_failure_is_not() -> None:
    warm = learnt(days_of([day(9.0)] * 7), COOLER, 6.0)
    failed = learnt(days_of([day(4.0)] * 5 + [day(22.0)] * 2), COOLER, 6.0)

    assert warm is not None
    assert warm.levels[0] == (900, 9.0)
    assert failed is not None
    assert (failed.levels[0], failed.days, failed.final) == ((900, 4.0), 5, True)


def test_too_few_days_are_provisional_and_a_dead_cooler_teaches_nothing() -> None:
    first = learnt(days_of([day(4.0)]), COOLER, 6.0)
    mostly_dead = learnt(days_of([day(4.0)] * 3 + [day(30.0)] * 6), COOLER, 6.0)

    assert first is not None
    assert (first.days, first.final) == (1, False)
    assert mostly_dead is not None
    assert not mostly_dead.final
    assert learnt(days_of([day(30.0)] * 7), COOLER, 6.0) is None


def test_no_stretch_reaches_over_a_hole() -> None:
    hole = {100 + 3, 100 + 4, 100 + 5}
    usual = learnt(days_of([day(4.0, peak=3.0, minutes=30)], lost=hole), COOLER, 6.0)

    assert usual is not None
    assert usual.levels == ((900, 7.0), (1500, 4.0), (3300, 4.0))  # 100 to 104 are known, held for two intervals


def test_nothing_is_learnt_where_nothing_is_known() -> None:
    silent = replace(days_of([day(4.0)]), t=np.empty(0, np.int64), v=np.empty(0))

    assert learnt(silent, COOLER, 6.0) is None


def test_an_asset_is_weak_on_five_of_seven_days() -> None:
    bad, good = day(4.0, peak=8.0, minutes=300), day(4.0)

    weeks = ([bad] * 5 + [good] * 2, [bad] * 4 + [good] * 3, [bad] * 7 + [good] * 3)  # repaired three days ago
    over = [days_over(days_of(week), COOLER, 6.0, 60.0) for week in weeks]

    assert over == [5, 4, 4]
    assert [is_weak(count, COOLER) for count in over] == [True, False, False]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, now_ms=MIDNIGHT_MS)
    made.put(*shop(1, kind="glass-door-cooler", interval_s=STEP_S, profile="pasteurized"))
    yield made
    made.close()


def feed(world: World, values: np.ndarray, first_day: int) -> None:
    start = MIDNIGHT_MS + first_day * DAY_MS
    world.received_ms = start + len(values) * STEP_S * 1000
    world.send("gw", [("urn:p0:t", start + place * STEP_S * 1000, float(v)) for place, v in enumerate(values)])


def learner(world: World) -> Learner:
    def registry() -> Registry:
        return registry_at(world.ledger, world.ledger.end())

    return Learner(world.ledger, LedgerHistory(world.ledger), registry, world.clock)


def night(world: World, teacher: Learner, day_number: int) -> int:
    world.clock.step_wall(MIDNIGHT_MS + day_number * DAY_MS + 7 * MINUTE_MS - world.clock.now_ms())
    return teacher.night()


def normals(world: World) -> list[Normal]:
    return registry_at(world.ledger, world.ledger.end()).normals.get("cooler-0.air", [])


def test_by_night_the_normal_is_written_once_and_frozen_after_a_week(world: World) -> None:
    teacher = learner(world)
    for number in range(7):
        feed(world, day(4.0, peak=float(number), minutes=20), number)
        assert night(world, teacher, number + 1) == 1
        assert night(world, teacher, number + 1) == 0
        assert night(world, learner(world), number + 1) == 0  # after a restart
    feed(world, day(4.0, peak=20.0, minutes=50), 7)
    assert night(world, teacher, 8) == 0

    found = normals(world)
    assert [normal.provisional for normal in found] == [True] * 6 + [False]
    assert [normal.levels[0][1] for normal in found] == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]
    assert found[-1].effective_from_ms == MIDNIGHT_MS + 7 * DAY_MS + 7 * MINUTE_MS


def test_a_new_cooler_has_a_provisional_normal_after_six_hours(world: World) -> None:
    teacher = learner(world)
    feed(world, day(4.0, peak=2.0, minutes=30)[: 7 * 12], 0)
    written = []
    for hours in (5, 6, 7):
        world.clock.step_wall(MIDNIGHT_MS + hours * 3_600_000 + MINUTE_MS - world.clock.now_ms())
        written.append(teacher.first_hours())

    (found,) = normals(world)
    assert written == [0, 1, 0]
    assert (found.levels[0], found.provisional) == ((900, 4.0), True)
    assert night(world, teacher, 1) == 0  # the same levels, and one day


def test_what_passes_the_normal_raises_and_what_is_usual_does_not(world: World) -> None:
    teacher = learner(world)
    for number in range(7):
        feed(world, day(4.0, peak=4.0, minutes=20), number)
        night(world, teacher, number + 1)
    feed(world, np.concatenate([day(4.0, peak=4.0, minutes=20), np.full(8, 9.6)]), 7)
    world.settle()

    (found,) = [one for one in world.episodes() if one.rule == "high"]
    assert found.onset_ms == MIDNIGHT_MS + 8 * DAY_MS
    assert found.limit == pytest.approx(4.0 + 1.5)  # the longest level is the lowest
    assert found.raised_ms == found.onset_ms + 15 * MINUTE_MS  # by the shortest: 8 + 1.5
    assert found.rule_version.endswith("+normal")


def test_three_kelvin_farther_is_told_again_and_once(world: World) -> None:
    teacher = learner(world)
    for number in range(7):
        feed(world, day(4.0, peak=4.0, minutes=20), number)
        night(world, teacher, number + 1)
    world.settle()
    start = MIDNIGHT_MS + 7 * DAY_MS + 30 * MINUTE_MS
    for place, value in enumerate([9.6] * 6 + [12.5] * 10 + [9.6, 12.6] * 4):
        world.received_ms = start + place * STEP_S * 1000
        world.clock.step_wall(world.received_ms + MINUTE_MS - world.clock.now_ms())
        world.send("gw", [("urn:p0:t", world.received_ms, value + place % 2 / 100)])
        world.catch_up()
        world.judge.idle()

    with world.store.engine.connect() as connection:
        told = [row.at_ms for row in connection.execute(select(page).order_by(page.c.at_ms)) if row.family == "high"]
    assert [(at_ms - start) // MINUTE_MS for at_ms in told] == [16, 46]  # by 8 + 1.5 K for 15 min, then 3 K farther


def test_a_weak_asset_is_paged_for_its_own_normal_only(world: World) -> None:
    teacher = learner(world)
    for number in range(7):
        feed(world, day(4.0, peak=8.5, minutes=300), number)
        night(world, teacher, number + 1)
    feed(world, day(4.0, peak=8.5, minutes=300), 7)
    world.settle()

    assert normals(world)[-1].weak
    last = [one for one in world.episodes() if one.onset_ms >= MIDNIGHT_MS + 7 * DAY_MS]
    assert {one.rule for one in last} - {"sensor-fault"} == {"record-high"}  # so even a day is a stuck probe's


def test_a_forgotten_normal_is_learnt_anew(world: World) -> None:
    teacher = learner(world)
    feed(world, day(4.0), 0)
    night(world, teacher, 1)
    again_ms = MIDNIGHT_MS + DAY_MS + 9 * MINUTE_MS
    world.put(Normal("cooler-0.air", again_ms, (), again_ms, again_ms, 0))
    feed(world, day(2.0), 1)
    night(world, teacher, 2)

    assert [normal.levels[:1] for normal in normals(world)] == [((900, 4.0),), (), ((900, 2.0),)]
