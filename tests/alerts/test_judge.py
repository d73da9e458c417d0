"""The judge over a real ledger: any order, any cut, any restart ends in the same episodes, each with one alarm."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerts.episodes import Episode
from alerts.placing import Placing
from alerts.reconcile import told_of
from alerts.records import MEMORY_MS
from alerts.tables import alarm
from coldchain.ledger.port import Entry, Kind
from coldchain.readings import readings_of
from coldchain.registry import (
    Activity,
    Asset,
    Assignment,
    Binding,
    Calibration,
    Change,
    DefrostSchedule,
    EpisodeEnd,
    LabelCondition,
    LimitRule,
    Point,
    Probe,
    Put,
    SiteState,
    Window,
)
from coldchain.registry.fold import fold
from coldchain.registry.spans import spans_of
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, MINUTE_MS, Reading, World, shop, vehicle, with_product


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def minutes(first: int, values: list[float], probe: int = 0) -> list[Reading]:
    start = MIDNIGHT_MS + first * MINUTE_MS
    return [(f"urn:p{probe}:t", start + place * MINUTE_MS, value) for place, value in enumerate(values)]


def signal(which: str, first: int, values: list[float], probe: int = 0) -> list[Reading]:
    """Return what a switch beside a probe says: ``d`` door, ``u`` unit, ``s`` speed."""
    return [(f"urn:p{probe}:{which}", at_ms, value) for _, at_ms, value in minutes(first, values)]


def states(world: World) -> list[str]:
    with world.store.engine.connect() as connection:
        return [row.state for row in connection.execute(select(alarm).order_by(alarm.c.raised_at_ms, alarm.c.onset_ms))]


def test_readings_beyond_the_limit_raise_one_alarm_that_returns(world: World) -> None:
    world.put(*shop())
    world.send("gw", minutes(0, [9.0] * 12))
    world.settle()
    assert states(world) == ["unacknowledged"]

    world.send("gw", minutes(12, [4.0] * 5))
    world.settle()

    (only,) = world.episodes()
    assert (only.point, only.rule, only.ended_ms) == ("cooler-0.air", "high", MIDNIGHT_MS + 12 * MINUTE_MS)
    assert states(world) == ["returned-unacknowledged"]


def test_a_late_batch_that_fills_the_hole_brings_the_alarm(world: World) -> None:
    world.put(*shop())
    world.send("gw", minutes(0, [4.0] * 5) + minutes(60, [4.0] * 5))
    world.settle()
    assert world.episodes() == []

    world.send("gw", minutes(5, [9.0] * 20))
    world.settle()

    assert [episode.samples for episode in world.episodes()] == [20]


def test_a_late_sample_that_breaks_the_excursion_retracts_the_alarm(world: World) -> None:
    world.put(*shop())
    day = [9.0] * 14
    world.send("gw", minutes(0, day[:7]) + minutes(8, day[8:]) + minutes(14, [4.0] * 5))
    world.settle()
    assert states(world) == ["returned-unacknowledged"]

    world.send("gw", minutes(7, [4.0]))
    world.settle()

    assert world.episodes() == []
    assert states(world) == ["retracted"]


def test_two_alarms_that_turn_out_to_be_one_excursion_are_merged(world: World) -> None:
    world.put(*shop())
    world.send("gw", minutes(0, [9.0] * 20 + [4.0] * 5) + minutes(40, [9.0] * 20 + [4.0] * 5))
    world.settle()
    assert len(world.episodes()) == 2

    world.send("gw", minutes(20, [9.0] * 20))  # the larger value of each identity stands
    world.settle()

    (only,) = world.episodes()
    assert only.samples == 60
    assert sorted(states(world)) == ["merged", "returned-unacknowledged"]


def test_a_gateway_that_sends_everything_again_costs_no_re_judge(world: World) -> None:
    world.put(*shop())
    history = minutes(0, [4.0] * 300)
    world.send("gw", history)
    world.settle()
    reads = Reads(world)

    world.nodes["gw"].epoch = b"newepoch"
    world.nodes["gw"].head = type(world.nodes["gw"].head)()
    for begin in range(0, 300, 50):
        world.send("gw", history[begin : begin + 50])
    world.catch_up()

    assert world.judge.waiting == 0
    assert reads.whole == 0


class Reads:
    """Counts the reads of a history that go to the end of a point: those of a re-judge."""

    def __init__(self, world: World) -> None:
        self.whole = 0
        inner = world.history.samples

        def samples(registry: object, point: str, from_ms: int, to_ms: int, upto: int) -> object:
            self.whole += to_ms >= 1 << 62
            return inner(registry, point, from_ms, to_ms, upto)  # type: ignore[arg-type]

        world.history.samples = samples  # type: ignore[method-assign,assignment]


def test_at_most_one_round_of_re_judges_a_node_in_two_seconds(world: World) -> None:
    world.put(*shop())
    world.send("gw", minutes(0, [4.0] * 5) + minutes(60, [4.0] * 5))
    world.settle()
    reads = Reads(world)
    world.clock.advance_sync(2.0)

    for minute in range(10, 20):
        world.send("gw", minutes(minute, [4.0]))
        world.catch_up()
        world.clock.advance_sync(0.1)

    assert reads.whole == 1
    assert world.judge.waiting == 1
    world.clock.advance_sync(2.0)
    world.judge.idle()
    assert (reads.whole, world.judge.waiting) == (2, 0)


def test_a_re_judge_waits_for_a_history_that_a_change_made_old(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.put(*shop(1))
    world.send("gw", minutes(0, [9.0] * 15))
    world.settle()
    world.history.lag = 1

    world.put(Binding("urn:p0:t", "cooler-0.air", 0, MIDNIGHT_MS))
    world.catch_up()
    world.judge.settle()
    assert world.judge.waiting == 1

    world.history.lag = 0
    world.settle()
    assert world.episodes() == []
    world.close()


def test_readings_of_a_probe_that_nobody_had_registered_are_judged_when_it_is(world: World) -> None:
    puts = shop(1)
    world.put(*[put for put in puts if not isinstance(put, Binding)])
    world.send("gw", minutes(0, [9.0] * 15))
    world.settle()
    assert world.episodes() == []

    world.put(*[put for put in puts if isinstance(put, Binding)])
    world.settle()

    assert len(world.episodes()) == 1


def test_a_probe_that_moved_in_the_past_takes_its_excursion_along(world: World) -> None:
    world.put(*shop(2))
    world.send("gw", minutes(0, [9.0] * 30))
    world.settle()
    assert [episode.point for episode in world.episodes()] == ["cooler-0.air"]

    world.put(Binding("urn:p0:t", "cooler-1.air", MIDNIGHT_MS))
    world.settle()

    assert [episode.point for episode in world.episodes()] == ["cooler-1.air"]


def test_a_late_sample_starts_at_the_midnight_before_it(world: World) -> None:
    world.put(*shop(1))
    day = 1440
    world.send("gw", minutes(day - 20, [9.0] * 60) + minutes(day + 40, [4.0] * 60))
    world.settle()
    (before,) = world.episodes()
    asked: list[int] = []
    inner = world.history.samples

    def samples(registry: object, point: str, from_ms: int, to_ms: int, upto: int) -> object:
        asked.append(from_ms)
        return inner(registry, point, from_ms, to_ms, upto)  # type: ignore[arg-type]

    world.history.samples = samples  # type: ignore[method-assign,assignment]
    world.send("gw", [("urn:p0:t", MIDNIGHT_MS + DAY_MS + 5 * MINUTE_MS + 30_000, 11.0)])
    world.settle()

    (after,) = world.episodes()
    assert asked[-1] == MIDNIGHT_MS + DAY_MS - MEMORY_MS
    assert (before.peak, after.peak) == (9.0, 11.0)
    assert (after.onset_ms, after.raised_ms, after.ended_ms) == (before.onset_ms, before.raised_ms, before.ended_ms)


def test_a_sample_older_than_35_days_is_counted_and_not_judged(world: World) -> None:
    world.put(*shop(1))
    world.send("gw", minutes(0, [4.0]) + minutes(36 * 1440, [4.0]))
    world.settle()

    world.send("gw", minutes(5, [9.0] * 20))
    world.settle()

    assert world.episodes() == []
    assert world.store.counter("too_old") == 20
    world.judge.judge_all_again()
    world.judge.settle()
    assert len(world.episodes()) == 1


# A story: two coolers' minutes in batches, and changes; hypothesis shuffles, doubles and cuts them.
VALUES = st.sampled_from([4.0, 4.0, 7.6, 8.0, 9.0, 9.0, 9.0, -1.0, 85.0, -127.0])
STRETCHES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([0, 5, 12, 30, 1430, 1436, 1500, 2880]),
        st.lists(VALUES, min_size=1, max_size=6).map(lambda values: [value for value in values for _ in range(4)]),
    ),
    min_size=1,
    max_size=7,
)


def said(which: str, values: list[float]) -> st.SearchStrategy[tuple[str, int, int, list[float]]]:
    """Return stretches of signals: which, of which asset, from when, each of ``values`` for three minutes."""
    return st.tuples(
        st.sampled_from(which),
        st.integers(0, 1),
        st.sampled_from([0, 3, 8, 14, 31, 1428, 1437, 1501]),
        st.lists(st.sampled_from(values), min_size=1, max_size=5).map(
            lambda some: [value for value in some for _ in range(3)]
        ),
    )


SIGNALS = st.lists(st.one_of(said("d", [0.0, 1.0, 1.0]), said("us", [0.0, 0.0, 0.0, 2.0])), max_size=6)
"""Doors and units are on at 1, speeds at 5/3.6 m/s."""
CHANGES: list[Put] = [
    LimitRule("cooler-0.air", MIDNIGHT_MS + 10 * MINUTE_MS, None, 0.0, 600, 0.5, 120),
    LimitRule("cooler-0.air", MIDNIGHT_MS + 1437 * MINUTE_MS, 6.0, None, 300, 0.5, 0),
    Binding("urn:p0:t", "cooler-1.air", MIDNIGHT_MS + 15 * MINUTE_MS, MIDNIGHT_MS + 1440 * MINUTE_MS),
    Binding("urn:p1:t", "cooler-1.air", 0, MIDNIGHT_MS + 1435 * MINUTE_MS),
    Calibration("urn:p0:t", MIDNIGHT_MS + 8 * MINUTE_MS, 0.5),
    Calibration("urn:p0:t", MIDNIGHT_MS + 1438 * MINUTE_MS, -2.0),
    Activity("cooler-0", "stored", MIDNIGHT_MS + 20 * MINUTE_MS),
    Activity("cooler-0", "in-use", MIDNIGHT_MS + 1436 * MINUTE_MS),
    Assignment("cooler-0", "elsewhere", MIDNIGHT_MS + 12 * MINUTE_MS),
    Activity("cooler-1", "loaded", MIDNIGHT_MS + 4 * MINUTE_MS, MIDNIGHT_MS + 16 * MINUTE_MS),
    Activity("cooler-1", "cleaning", MIDNIGHT_MS + 7 * MINUTE_MS, MIDNIGHT_MS + 18 * MINUTE_MS),
    EpisodeEnd("cooler-0.air", MIDNIGHT_MS + 17 * MINUTE_MS),
    EpisodeEnd("cooler-1.air", MIDNIGHT_MS + 1439 * MINUTE_MS),
    SiteState("shop", "closed", MIDNIGHT_MS + 1441 * MINUTE_MS),
    LabelCondition("cooler-0.air", MIDNIGHT_MS + 9 * MINUTE_MS, 0.0, 4.0, "0-4"),
    with_product(warning=6.8, from_ms=MIDNIGHT_MS + 14 * MINUTE_MS)[0],
    Asset("cooler-1", "Cooler 1", "box", "shop"),
    Window("cooler-0", "restocking", MIDNIGHT_MS + 6 * MINUTE_MS, MIDNIGHT_MS + 21 * MINUTE_MS),
    Window("cooler-1", "maintenance", MIDNIGHT_MS + 1431 * MINUTE_MS, MIDNIGHT_MS + 1450 * MINUTE_MS),
    DefrostSchedule("cooler-0", 0, ("08:05", "08:31"), 10),
    Binding("urn:p1:d", "cooler-0.door", MIDNIGHT_MS + 11 * MINUTE_MS),
    LimitRule("cooler-1.air", MIDNIGHT_MS + 5 * MINUTE_MS, 7.0, None, 600, 0.5, 120, life_high_s=600),
    Activity("cooler-0", "loaded", MIDNIGHT_MS + 1438 * MINUTE_MS),
    Activity("cooler-1", "loaded", MIDNIGHT_MS + 19 * MINUTE_MS),
]
Item = Put | list[Reading]
BY_HAND: list[Item] = [
    *shop(2),
    LimitRule("cooler-0.air", 0, 8.0, 0.0, 600, 0.5, 120, life_high_s=900, life_low_s=300),
]
EVERY_LANE: list[Item] = [
    *with_product(),
    *shop(2, kind="test-cooler", profile="test-milk"),
    *vehicle(0),
    *vehicle(1),
    Point("cooler-0.air-2", "cooler-0", "return-air", "temperature", 60, profile="test-milk"),
    Probe("urn:p2:t"),
    Binding("urn:p2:t", "cooler-0.air-2", 0),
]
"""With the signals of a vehicle, and a second probe beside the first cooler's."""


def deliver(world: World, items: list[Item]) -> None:
    for changes, some in itertools.groupby(items, lambda item: not isinstance(item, list)):
        if changes:
            world.put(*(item for item in some if not isinstance(item, list)))
            continue
        for item in some:
            assert isinstance(item, list)
            world.send("gw", item)


def outcome(items: list[Item]) -> list[Episode]:
    """Return the episodes of everything at once, judged in one go by one judge."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        deliver(world, [item for item in items if not isinstance(item, list)])
        rows = sorted((row for item in items if isinstance(item, list) for row in item), key=lambda row: row[1])
        if rows:
            world.send("gw", rows)
        world.settle()
        found = world.episodes()
        assert world.live_alarms() == told_of(found)
        world.close()
    return found


@pytest.mark.parametrize("base", [BY_HAND, EVERY_LANE], ids=["by hand", "by profile"])
@settings(
    max_examples=1000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    stretches=STRETCHES,
    signals=SIGNALS,
    changes=st.lists(st.sampled_from(CHANGES), unique_by=id, max_size=3),
    data=st.data(),
)
def test_any_order_any_duplicate_any_cut_any_restart_ends_the_same(
    base: list[Item],
    stretches: list[tuple[int, int, list[float]]],
    signals: list[tuple[str, int, int, list[float]]],
    changes: list[Put],
    data: st.DataObject,
) -> None:
    batches: list[Item] = [minutes(first, values, probe) for probe, first, values in stretches]
    batches += [signal(which, first, values, probe) for which, probe, first, values in signals]
    expected = outcome([*base, *changes, *batches])
    extra = data.draw(st.lists(st.sampled_from(batches), max_size=3))
    late_changes = data.draw(st.permutations([*batches, *extra, *changes]))
    lag = data.draw(st.integers(0, 3))

    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), lag=lag)
        deliver(world, base)
        for item in late_changes:
            deliver(world, [item])
            world.server_does(data.draw(st.sampled_from(["wait", "step", "idle", "settle", "restart", "commit"])))
        world.catch_up()
        world.history.lag = 0
        world.settle()
        found, alarms = world.episodes(), world.live_alarms()
        world.close()

    assert found == expected
    assert alarms == told_of(found)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Binding,
            st.sampled_from(["urn:p0:t", "urn:p1:t"]),
            st.sampled_from(["cooler-0.air", "cooler-1.air"]),
            st.integers(0, 8).map(lambda minute: MIDNIGHT_MS + minute * MINUTE_MS),
            st.one_of(st.none(), st.integers(0, 12).map(lambda minute: MIDNIGHT_MS + minute * MINUTE_MS)),
        ),
        max_size=4,
    )
)
def test_remembered_placing_and_a_history_s_spans_agree_with_the_registry(bindings: list[Binding]) -> None:
    puts = [*shop(2), *bindings]
    registry = fold(
        Entry(position, Kind.CHANGE, 0, Change(put, "test", "test").encode()) for position, put in enumerate(puts, 1)
    )
    block = readings_of(
        [
            (f"urn:p{probe}:t", MIDNIGHT_MS + minute * MINUTE_MS, 4.0, 0, None)
            for probe in (0, 1)
            for minute in range(14)
        ]
        + [("urn:unknown", MIDNIGHT_MS, 4.0, 0, None)]
    )

    expected = registry.sort("gw", block).point

    placing = Placing(registry)
    assert np.array_equal(placing.placed("gw", block)[0], expected)
    assert np.array_equal(placing.placed("gw", block)[0], expected)
    for number, point in enumerate(registry.point_ids):
        spans = spans_of(registry, point)
        inside = np.zeros(len(block), bool)
        for span in spans:
            named = np.array([registry.channel_numbers.get(name, -1) for name in block.names])[block.channel]
            t = block.measured_at_ms
            inside |= (named == span.channel) & (t >= span.from_ms) & (t < span.to_ms)
        assert np.array_equal(inside, expected == number)


def test_a_life_that_begins_in_the_moment_in_which_another_ends_has_an_alarm_of_its_own(world: World) -> None:
    deliver(world, [*BY_HAND, Activity("cooler-0", "loaded", MIDNIGHT_MS + 30 * MINUTE_MS)])
    for first, count in ((0, 30), (30, 5), (35, 25)):
        world.send("gw", minutes(first, [8.0] * count))
        world.settle()

    lives = [(e.onset_ms, e.ended_ms) for e in world.live_alarms() if e.rule == "life"]

    middle = MIDNIGHT_MS + 30 * MINUTE_MS
    assert lives == [(MIDNIGHT_MS, middle), (middle, None)]


def test_control_a_judge_deaf_to_late_samples_ends_differently(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    items: list[Item] = [minutes(5, [9.0] * 20), minutes(0, [4.0] * 5), minutes(10, [4.0])]
    in_order = outcome([*shop(2), minutes(0, [4.0] * 5), minutes(5, [9.0] * 20)])
    monkeypatch.setattr(world.judge, "_suspect", lambda *columns: None)

    deliver(world, [*shop(2), minutes(12, [9.0] * 13)])
    world.settle()
    deliver(world, items)
    world.settle()

    assert world.episodes() != in_order


def test_a_sample_on_time_is_judged_while_a_re_judge_waits(world: World) -> None:
    world.put(*shop(2))
    world.send("gw", minutes(60, [4.0] * 5))
    world.settle()
    world.history.lag = 1000
    world.judge = world.open()  # a new judge: nothing in memory can stand in for the history

    world.send("gw", minutes(0, [9.0] * 20))
    world.send("gw", minutes(65, [9.0] * 15))
    world.catch_up()
    world.judge.settle()

    assert world.judge.waiting == 1
    assert [episode.onset_ms for episode in world.episodes()] == [MIDNIGHT_MS + 65 * MINUTE_MS]
    world.history.lag = 0
    world.settle()
    assert len(world.episodes()) == 2


@pytest.mark.parametrize("chunk", [1, 256])
def test_a_calibration_right_behind_its_readings_moves_them(world: World, chunk: int) -> None:
    world.put(*shop(1))
    world.send("gw", minutes(0, [8.0] * 8 + [7.6] * 4))
    world.put(Calibration("urn:p0:t", MIDNIGHT_MS + 8 * MINUTE_MS, 0.5))
    world.catch_up(chunk)
    world.settle()

    (only,) = world.episodes()
    assert (only.raised_ms, only.peak) == (MIDNIGHT_MS + 10 * MINUTE_MS, 8.1)


def test_every_entry_alone_and_all_at_once_are_the_same(tmp_path: Path) -> None:
    items: list[Item] = [
        *shop(2),
        minutes(0, [9.0] * 20),
        *CHANGES[:2],
        minutes(1430, [9.0] * 40, 1),
        minutes(20, [4.0] * 9),
    ]
    found = []
    for chunk in (1, 7, 256):
        world = World(tmp_path / str(chunk))
        deliver(world, items)
        world.catch_up(chunk)
        world.settle()
        found.append(world.episodes())
        world.close()

    assert found[0] == found[1] == found[2]
    assert found[0]


def test_minutes_used_up_over_weeks_outlive_restarts(world: World) -> None:
    world.put(*shop(1), LimitRule("cooler-0.air", 0, 8.0, 0.0, 600, 0.5, 120, life_high_s=900))
    for day in (0, 20):
        world.send("gw", minutes(day * 1440, [9.0] * 8 + [4.0] * 5))
        world.settle()
        world.restart()

    (only,) = world.episodes()
    assert (only.rule, only.onset_ms, only.ended_ms) == ("life", MIDNIGHT_MS, None)
    assert only.raised_ms == MIDNIGHT_MS + (20 * 1440 + 7) * MINUTE_MS  # 8 + 7 minutes are the 15
    assert states(world) == ["unacknowledged"]


def test_a_life_that_is_not_used_up_is_no_point_that_waits(world: World) -> None:
    world.put(*shop(1), LimitRule("cooler-0.air", 0, 8.0, 0.0, 600, 0.5, 120, life_high_s=900))

    world.send("gw", minutes(0, [9.0] * 8 + [4.0] * 5))
    world.settle()

    assert world.store.pending() == set()
