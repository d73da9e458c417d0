"""What a vehicle is found to be doing, and that it is the same whatever comes late."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.activities import LOADED_MS, Found, found, under_way
from alerts.episodes import Episode
from alerts.windows import LOOKBACK_MS, Run
from coldchain.registry import Activity
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, Reading, World, shop, vehicle
from tests.alerts.test_windows import Of, run

REEFER = Of("reefer")


def said(**runs: list[Run]) -> list[tuple[str, float, float]]:
    return [(one.state, one.from_ms / MINUTE_MS, one.to_ms / MINUTE_MS) for one in found(runs, REEFER)]


NIGHT = {
    "unit": [run(0, 300, on=False), run(300, 1000)],
    "door": [run(0, 340, on=False), run(340, 360), run(360, 500, on=False), run(500, 512), run(512, 1000, on=False)],
    "speed": [run(0, 370, on=False), run(370, 490), run(490, 520, on=False), run(520, 1000)],
}
"""Off until 05:00, doors open 05:40 to 06:00, away at 06:10, a stop 08:10 to 08:40 with doors open for 12 minutes."""


def test_a_morning_from_parked_to_the_second_stop() -> None:
    assert said(**NIGHT) == [
        ("parked", 30, 300),
        ("pre-cooling", 300, 340),
        ("loading", 340, 360),
        ("loaded", 360, 500),
        ("unloading", 500, 512),
        ("loaded", 512, 1000 + 120),
    ]


def test_goods_are_taken_to_be_on_board_for_a_day_s_work_and_not_for_ever() -> None:
    runs = {name: [*of[:-1], Run(of[-1].from_ms, 3000 * MINUTE_MS, of[-1].on)] for name, of in NIGHT.items()}

    assert said(**runs)[-1] == ("loaded", 512, 340 + LOADED_MS / MINUTE_MS)


def test_without_a_unit_or_a_speed_nothing_is_found_and_without_a_door_no_loading() -> None:
    assert said(unit=NIGHT["unit"], door=NIGHT["door"]) == []
    assert said(speed=NIGHT["speed"], door=NIGHT["door"]) == []
    assert said(unit=NIGHT["unit"], speed=NIGHT["speed"]) == [("parked", 30, 300), ("pre-cooling", 300, 360)]
    assert found(NIGHT, Of("walk-in-room")) == [] == found(NIGHT, Of("no such kind"))


def test_a_stop_with_the_unit_off_is_parked_only_after_half_an_hour_of_shut_doors() -> None:
    unit = [run(0, 100), run(100, 160, on=False), run(160, 300)]
    standing = [run(0, 100), run(100, 170, on=False), run(170, 300)]

    assert said(unit=unit, speed=standing, door=[run(0, 300, on=False)]) == [
        ("parked", 130, 160),
        ("pre-cooling", 160, 170),
    ]
    assert said(unit=unit, speed=standing, door=[run(0, 135, on=False), run(135, 300)]) == [
        ("parked", 130, 135),
        ("loading", 135, 170),
        ("loaded", 170, 420),
    ]
    assert said(unit=unit, speed=standing, door=[run(0, 125, on=False), run(125, 135), run(135, 300, on=False)]) == []


def test_a_parked_vehicle_may_speak_seldom_but_not_be_silent_for_two_hours() -> None:
    seldom = [run(15 * number, 15 * number + 4, on=False) for number in range(40)]
    silent = [run(0, 10, on=False), run(10 + 121, 200, on=False)]

    assert said(unit=seldom, speed=seldom) == [("parked", 30, 39 * 15 + 4 + 120)]
    assert said(unit=silent, speed=silent) == [("parked", 30, 130), ("parked", 161, 320)]


def test_a_halt_in_traffic_is_on_the_way_and_a_stop_is_not() -> None:
    assert under_way([run(0, 10), run(10, 15, on=False), run(15, 30), run(30, 60, on=False), run(60, 70)]) == [
        (0, 40 * MINUTE_MS),
        (60 * MINUTE_MS, 80 * MINUTE_MS),
    ]


signals = st.lists(st.tuples(st.integers(3, 900), st.sampled_from([True, False, None])), min_size=1, max_size=30)


def _runs(lengths: list[tuple[int, bool | None]], to_ms: int) -> list[Run]:
    runs, at_ms = [], 0
    for minutes, on in lengths:
        end_ms = min(at_ms + minutes * MINUTE_MS, to_ms)
        if on is not None and end_ms > at_ms:
            runs.append(Run(at_ms, end_ms, on))
        at_ms = end_ms
    return runs


def _since(runs: list[Run], from_ms: int) -> list[Run]:
    return [Run(max(one.from_ms, from_ms), one.until_ms, one.on) for one in runs if one.until_ms > from_ms]


def _state(states: list[Found], at_ms: int) -> str:
    return next((one.state for one in states if one.from_ms <= at_ms < one.to_ms), "")


@given(signals, signals, signals, st.integers(0, 12_000))
def test_what_is_found_depends_on_nothing_later_and_nothing_older_than_the_look_back(
    unit: list[tuple[int, bool | None]],
    door: list[tuple[int, bool | None]],
    speed: list[tuple[int, bool | None]],
    minute: int,
) -> None:
    at_ms = minute * MINUTE_MS
    lengths = {"unit": unit, "door": door, "speed": speed}
    whole = {name: _runs(some, 1 << 60) for name, some in lengths.items()}
    known = {name: _runs(some, at_ms + 1) for name, some in lengths.items()}
    recent = {name: _since(some, at_ms - LOOKBACK_MS) for name, some in known.items()}

    expected = _state(found(whole, REEFER), at_ms)

    assert _state(found(known, REEFER), at_ms) == expected
    assert _state(found(recent, REEFER), at_ms) == expected


# -- judged with them -----------------------------------------------------------------------------------------


BODY = "cooler-0"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.put(*shop(1, kind="reefer", profile="pasteurized"), *vehicle())
    return made


def say(world: World, channel: str, *stretches: tuple[int, float]) -> None:
    """Let a channel say each value for so many minutes, from midnight on."""
    values = [value for count, value in stretches for _ in range(count)]
    world.send("gw", [(channel, MIDNIGHT_MS + n * MINUTE_MS, value) for n, value in enumerate(values)])


def warm_night(world: World) -> None:
    values = [4.0] * 20 + [24.0 + n % 2 / 10 for n in range(300)] + [5.0 + n % 3 / 10 for n in range(100)]
    say(world, "urn:p0:t", *((1, value) for value in values))


def told(world: World) -> list[tuple[str, str]]:
    world.settle()
    return sorted((one.rule, one.top_severity) for one in world.episodes() if not one.rule.startswith("record"))


def test_a_parked_night_is_not_judged_whichever_came_first(world: World, tmp_path: Path) -> None:
    warm_night(world)
    before = told(world)
    say(world, "urn:p0:s", (320, 0.0), (100, 15.0))
    without_unit = told(world)
    say(world, "urn:p0:u", (310, 0.0), (110, 1.0))
    late = told(world)

    assert before == without_unit == [("high", "warning"), ("product", "critical")]
    assert late == []
    assert [one.end_reason for one in world.episodes()] == ["not-in-use"], "the record up to the parking"


def test_the_same_in_measured_order_and_after_a_restart(world: World) -> None:
    say(world, "urn:p0:s", (320, 0.0), (100, 15.0))
    say(world, "urn:p0:u", (310, 0.0), (110, 1.0))
    world.catch_up()
    world.restart()
    warm_night(world)

    assert told(world) == []


def test_a_person_s_word_counts_more_and_may_come_afterwards(world: World) -> None:
    say(world, "urn:p0:s", (320, 0.0), (100, 15.0))
    say(world, "urn:p0:u", (310, 0.0), (110, 1.0))
    warm_night(world)
    before = told(world)

    world.put(Activity(BODY, "loaded", MIDNIGHT_MS))
    said_loaded = told(world)

    assert before == []
    assert said_loaded == [("high", "warning"), ("product", "critical"), ("unit-off", "warning")]


def test_a_unit_that_is_off_on_the_way_is_a_notice_behind_a_loading_that_comes_late(world: World) -> None:
    say(world, "urn:p0:u", (60, 0.0), (120, 1.0), (60, 0.0), (60, 1.0))
    say(world, "urn:p0:s", (120, 0.0), (180, 15.0))
    before = told(world)

    say(world, "urn:p0:d", (80, 0.0), (20, 1.0), (200, 0.0))

    assert (before, told(world)) == ([], [("unit-off", "notice")])


def story() -> list[list[Reading]]:
    """Return a morning in batches of 40 minutes of each channel: parked, cooled down, loaded, a stop, the unit off."""
    said = {
        "u": [0.0] * 90 + [1.0] * 150 + [0.0] * 40 + [1.0] * 40,
        "d": [0.0] * 110 + [1.0] * 15 + [0.0] * 75 + [1.0] * 10 + [0.0] * 110,
        "s": [0.0] * 130 + [15.0] * 60 + [0.0] * 30 + [15.0] * 100,
        "t": [4.0] * 20 + [18.0 + n % 7 / 10 for n in range(80)] + [6.0 + n % 9 / 10 for n in range(220)],
    }
    return [
        [(f"urn:p0:{which}", MIDNIGHT_MS + n * MINUTE_MS, values[n]) for n in range(first, first + 40)]
        for which, values in said.items()
        for first in range(0, 320, 40)
    ]


def ends(batches: list[list[Reading]], doings: list[str]) -> list[Episode]:
    """Return what is found when batches come in this order and the server does this after each."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.put(*shop(1, kind="reefer", profile="pasteurized"), *vehicle())
        for item, doing in zip(batches, doings, strict=False):
            world.send("gw", item)
            world.server_does(doing)
        world.settle()
        found = world.episodes()
        world.close()
    return found


@functools.cache
def in_order() -> list[Episode]:
    batches = sorted(story(), key=lambda rows: rows[0][1])
    return ends(batches, ["wait"] * len(batches))


@settings(max_examples=25, deadline=None)
@given(st.permutations(story()), st.lists(st.sampled_from(["step", "settle", "restart", *["wait"] * 5]), min_size=40))
def test_a_morning_in_any_order_ends_the_same(batches: list[list[Reading]], doings: list[str]) -> None:
    assert ends(batches, doings) == in_order()
    assert [one.rule for one in in_order() if not one.rule.startswith("record")] == ["unit-off"]
