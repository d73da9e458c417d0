"""The story of the small fleet: one door left open, everything else in order, and the same again from the same seed."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise

import pytest

from coldchain.errors import ConfigError
from firmware_sim.chance import chance, door_of
from firmware_sim.doors import DAY_S, VISITS
from firmware_sim.fleet import fleet_toml, named_fleet, parse_fleet
from firmware_sim.scenario import CALM, DoorCrossing, Expect, Offline, Scenario, Unregistered
from firmware_sim.scenario_files import load_scenario
from firmware_sim.sensing import Reading
from firmware_sim.world import World

NOON_MS = 1_760_068_800_000
"""2025-10-10T12:00:00+08:00."""

HISTORY_S = 24 * 3600
MINUTE_MS = 60_000
FLEET = named_fleet("small")
SMALL = load_scenario("small")


def told(world: World, *calls: range) -> dict[str, list[Reading]]:
    by_channel: dict[str, list[Reading]] = defaultdict(list)
    for moments in calls:
        for readings in world.advance(moments):
            for reading in readings:
                by_channel[reading.channel].append(reading)
    return by_channel


def history(live_ms: int, seconds: int = HISTORY_S) -> range:
    return range(live_ms - seconds * 1000 + MINUTE_MS, live_ms + 1, MINUTE_MS)


def live(live_ms: int, minutes: int) -> range:
    return range(live_ms + 5000, live_ms + minutes * MINUTE_MS + 1, 5000)


def longest_over_s(readings: list[Reading], high: float, deadband: float) -> float:
    since_ms, longest_ms = None, 0
    for reading in readings:
        if not isinstance(reading.value, float):
            continue
        if since_ms is None and reading.value >= high:
            since_ms = reading.t_ms
        elif reading.value <= high - deadband:
            since_ms = None
        if since_ms is not None:
            longest_ms = max(longest_ms, reading.t_ms - since_ms)
    return longest_ms / 1000


@pytest.mark.parametrize("hour", [0, 3, 7, 13, 18, 22])
@pytest.mark.parametrize("seed", [7, 8])
def test_the_door_left_open_crosses_the_limit_41_minutes_before_live(hour: int, seed: int) -> None:
    live_ms = NOON_MS + hour * 3_600_000 + 5000
    world = World(FLEET, SMALL, seed, live_ms, 3600)
    point = FLEET.point("cooler-103.return-air")

    readings = told(world, history(live_ms, 3600), live(live_ms, 31))[point.channel]

    assert world.left_open_ms is not None
    since_open = [reading for reading in readings if reading.t_ms >= world.left_open_ms]
    over = [reading for reading in since_open if isinstance(reading.value, float) and reading.value >= 8.0]
    assert over[0].t_ms == live_ms - 41 * MINUTE_MS
    after = [reading.value for reading in since_open if reading.t_ms >= over[0].t_ms]
    assert min(value for value in after if isinstance(value, float)) > 7.5


def test_only_the_open_door_outlasts_an_on_delay() -> None:
    world = World(FLEET, SMALL, 7, NOON_MS, HISTORY_S)

    by_channel = told(world, history(NOON_MS), live(NOON_MS, 2))

    alarms = [
        point.id
        for point in FLEET.points
        if point.high_celsius is not None
        and longest_over_s(by_channel[point.channel], point.high_celsius, point.deadband_kelvin) >= point.on_delay_s
    ]
    assert alarms == ["cooler-103.return-air"]
    for point in FLEET.points:
        if point.low_celsius is not None:
            values = [reading.value for reading in by_channel[point.channel] if isinstance(reading.value, float)]
            assert min(values, default=4.0) > point.low_celsius


def test_the_same_seed_tells_the_same_story_however_it_is_cut() -> None:
    whole = told(World(FLEET, SMALL, 7, NOON_MS, 7200), history(NOON_MS, 7200))
    moments = history(NOON_MS, 7200)
    parts = told(World(FLEET, SMALL, 7, NOON_MS, 7200), moments[:17], moments[17:60], moments[60:])
    other = told(World(FLEET, SMALL, 8, NOON_MS, 7200), history(NOON_MS, 7200))

    assert {channel: sorted(said, key=lambda r: r.t_ms) for channel, said in parts.items()} == whole
    assert other != whole


def test_no_sensor_says_two_things_of_one_moment() -> None:
    by_channel = told(World(FLEET, SMALL, 7, NOON_MS, HISTORY_S), history(NOON_MS), live(NOON_MS, 5))

    for channel, readings in by_channel.items():
        times = [reading.t_ms for reading in readings]
        assert len(times) == len(set(times)), channel


def test_each_misbehaviour_is_told_with_its_expectation() -> None:
    by_channel = told(World(FLEET, SMALL, 7, NOON_MS, HISTORY_S), history(NOON_MS), live(NOON_MS, 1))

    hole = [r.t_ms for r in by_channel[FLEET.point("cooler-202.return-air").channel]]
    assert max(b - a for a, b in pairwise(hole)) == 2 * 3_600_000 + MINUTE_MS
    words = [r for r in by_channel[FLEET.point("cooler-302.return-air").channel] if r.expect is Expect.FAULT]
    assert len(words) == 30
    assert {r.value for r in words} == {"no-probe"}
    stray = by_channel[SMALL.of(Unregistered)[0].channel]
    assert {r.expect for r in stray} == {Expect.UNKNOWN_CHANNEL}
    wrong = by_channel[FLEET.point("cooler-304.product").channel]
    assert len(wrong) == 12
    assert {r.expect for r in wrong} == {Expect.SENSOR_CLOCK}
    assert max(r.t_ms for r in wrong) < 1_000_000_000_000


def test_a_calm_world_expects_everything_recorded() -> None:
    by_channel = told(World(FLEET, CALM, 7, NOON_MS, 3600), history(NOON_MS, 3600))

    assert set(by_channel) == {point.channel for point in FLEET.points}
    assert {r.expect for readings in by_channel.values() for r in readings} == {Expect.RECORDED}


def test_a_day_of_the_fleet_takes_less_than_a_second_of_cpu() -> None:
    before_s = time.process_time()

    told(World(FLEET, SMALL, 7, NOON_MS, HISTORY_S), history(NOON_MS))

    # 0.6 s measured; the bound leaves room for a busy machine.
    assert time.process_time() - before_s < 3.0


def test_a_scenario_that_cannot_be_told_says_why() -> None:
    with pytest.raises(ConfigError, match="no point 'cooler-999'"):
        World(FLEET, Scenario((Offline(points=("cooler-999",), start_s=-60),)), 7, NOON_MS, 3600)
    with pytest.raises(ConfigError, match="no high limit"):
        World(FLEET, Scenario((DoorCrossing(points=("cooler-103.door",), start_s=-1740),)), 7, NOON_MS, 3600)
    with pytest.raises(ConfigError, match="no opening within 45 min"):
        World(FLEET, Scenario((DoorCrossing(points=("cooler-104.return-air",), start_s=-1740),)), 7, NOON_MS, 3600)


def test_a_door_is_open_exactly_between_its_changes() -> None:
    door = door_of(FLEET.asset("cooler-101"), 7)
    noon_s = 20_000 * DAY_S + 12 * 3600.0

    changes = door.changes(noon_s, noon_s + 3600)

    assert len(changes) > 4
    for (at, now_open), (later, _) in pairwise(changes):
        assert door.is_open((at + later) / 2) is now_open
    visits = VISITS["glass-door-cooler"]
    open_s = [b - a for (a, now_open), (b, _) in pairwise(changes) if now_open]
    assert all(visits.shortest_s - 0.2 <= length <= visits.longest_s + 0.2 for length in open_s)


def test_chance_goes_by_name() -> None:
    assert chance(7, "a", 1).random() == chance(7, "a", 1).random()
    assert len({chance(7, "a", 1).random(), chance(7, "a", 2).random(), chance(8, "a", 1).random()}) == 3


def test_the_small_fleet_is_whole() -> None:
    kinds = {site.kind for site in FLEET.sites}

    assert kinds == {"shop", "warehouse", "vehicle"}
    assert {node.site for node in FLEET.nodes} == {site.id for site in FLEET.sites}
    assert all(point.quantity in {"temperature", "door"} for point in FLEET.points)
    assert FLEET.point("cooler-103.return-air").high_celsius == 8.0
    assert FLEET.node_of("cooler-103") == "gw-shop-1"


def test_a_fleet_file_with_faults_lists_them_all() -> None:
    text = (
        fleet_toml("small").replace('site = "shop-1"', 'site = "shop-x"').replace('kind = "shop"', 'kidn = "shop"', 1)
    )

    with pytest.raises(ConfigError) as caught:
        parse_fleet(text, "small_fleet.toml")

    assert any("kidn" in fault for fault in caught.value.faults)
    assert any("no [[site]] 'shop-x'" in fault for fault in caught.value.faults)
