"""Moves, storing and calibrations as the judge sees them: in measured time, and anew when they come late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.lifecycle import GONE
from alerts.tables import alarm
from coldchain.registry import Activity, Assignment, Calibration, Node, Put, Site
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, Reading, World, shop

COOLER, PROBE = "cooler-0", "urn:p0:t"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def minutes(start: int, celsius: list[float]) -> list[Reading]:
    return [(PROBE, MIDNIGHT_MS + (start + place) * MINUTE_MS, value) for place, value in enumerate(celsius)]


def other_shop() -> list[Put]:
    return [Site("other", "Other", "shop", "op"), Node("gw-2", "other", ())]


def at(minute: int) -> int:
    return MIDNIGHT_MS + minute * MINUTE_MS


def places(world: World) -> list[tuple[int, str]]:
    with world.store.engine.connect() as connection:
        rows = connection.execute(
            select(alarm.c.onset_ms, alarm.c.site).where(alarm.c.state.not_in(GONE)).order_by(alarm.c.onset_ms)
        )
        return [((row.onset_ms - MIDNIGHT_MS) // MINUTE_MS, row.site) for row in rows]


def test_an_alarm_stays_with_the_shop_where_the_cooler_stood(world: World) -> None:
    world.put(*shop(1), *other_shop(), Assignment(COOLER, "other", at(60)))
    world.send("gw", minutes(0, [9.0] * 20 + [4.0] * 10))
    world.send("gw-2", minutes(90, [9.0] * 20 + [4.0] * 10))
    world.settle()

    assert places(world) == [(0, "shop"), (90, "other")]


def test_a_move_that_is_entered_late_takes_the_alarms_of_its_time_along(world: World) -> None:
    world.put(*shop(1), *other_shop())
    world.send("gw", minutes(0, [9.0] * 20 + [4.0] * 10) + minutes(90, [9.0] * 20 + [4.0] * 10))
    world.settle()
    assert places(world) == [(0, "shop"), (90, "shop")]

    world.put(Assignment(COOLER, "other", at(60)))
    world.settle()

    assert places(world) == [(0, "shop"), (90, "other")]


@pytest.mark.parametrize("late", [False, True])
def test_what_is_stored_is_not_judged_and_its_open_alarm_ends(world: World, late: bool) -> None:
    world.put(*shop(1))
    stored = Activity(COOLER, "stored", at(30))
    readings = minutes(0, [9.0] * 60)
    if late:
        world.send("gw", readings)
        world.settle()
        world.put(stored)
    else:
        world.put(stored)
        world.send("gw", readings)
    world.put(Activity(COOLER, "in-use", at(60)))
    world.send("gw", minutes(60, [9.0] * 20))
    world.settle()

    first, second = world.episodes()
    assert (first.onset_ms, first.ended_ms) == (at(0), at(30))
    assert (second.onset_ms, second.ended_ms) == (at(60), None)


@pytest.mark.parametrize("late", [False, True])
def test_the_calibrated_value_is_judged_whenever_the_certificate_comes(world: World, late: bool) -> None:
    world.put(*shop(1))
    calibration = Calibration(PROBE, at(20), 0.5, "C-1")
    if not late:
        world.put(calibration)
    world.send("gw", minutes(0, [7.6] * 60))
    world.settle()
    if late:
        assert world.episodes() == []
        world.put(calibration)
        world.settle()

    (only,) = world.episodes()
    assert only.onset_ms == at(20)
    assert only.peak == 8.1
