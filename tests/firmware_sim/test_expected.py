"""What the truth log expects is what the rules find, and what a record breaks is named."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.cli.oracle import expected_episodes
from coldchain.cli.registry import write_changes
from coldchain.clock import TestClock
from coldchain.registry import Registry, registry_at
from coldchain.registry.importing import read_registry
from firmware_sim.expected import Expected, Watch
from firmware_sim.fleet import fleet_toml
from firmware_sim.positions import Instrument
from firmware_sim.run import parts_of
from firmware_sim.scenario import Expect
from firmware_sim.scenario_files import load_together
from firmware_sim.truth import Sent, Truth, TruthLog, read_truth
from firmware_sim.verdict import Row, broken, compare, missing_episodes
from tests.fakes import MemoryLedger
from tests.firmware_sim.stories import FLEET, NOON_MS, Story, play

T0 = 1_760_000_000_000
POINT = FLEET.point("cooler-1.return-air")


@pytest.fixture(scope="module")
def registry() -> Registry:
    ledger = MemoryLedger()
    keys = {node.id: f"{place:02x}" * 32 for place, node in enumerate(FLEET.nodes, 1)}
    wanted = read_registry(fleet_toml("every-kind"), source="every kind", keys=keys)
    write_changes(ledger, wanted, TestClock(NOON_MS - 86_400_000), who="test", why="test")
    return registry_at(ledger, ledger.end())


def logged(story: Story, path: Path) -> Truth:
    with TruthLog(path) as log:
        log.expected(story.expected)
        for channel, readings in story.by_channel.items():
            for number, part in enumerate(parts_of(readings)):
                log.sent(f"{channel}-{number}", part, NOON_MS)
                log.taken(f"{channel}-{number}", NOON_MS)
    return read_truth(path)


def rows_of(truth: Truth) -> list[Row]:
    return [
        Row(sent.channel, NOON_MS + 1 if late else sent.t_ms, sent.value, sent.word, late)
        for sent in {
            (sent.channel, sent.t_ms): sent for sent in truth.sent if "quarantined" not in sent.expect
        }.values()
        for late in [sent.expect is Expect.SENSOR_CLOCK]
    ]


@pytest.mark.parametrize(
    "name",
    [
        "calm",
        "refrigeration-failure",
        "power-cut",
        "sensor-spiking",
        "offline-hole",
        "radio-loss",
        "duplicates",
    ],
)
def test_the_rules_find_every_episode_that_is_beyond_doubt(name: str, registry: Registry, tmp_path: Path) -> None:
    truth = logged(play(load_together(["door-left-open", name]), history_h=14), tmp_path / "truth.jsonl")

    found = [(e.point, e.rule, e.onset_ms) for e in expected_episodes(truth, registry)]

    certain = [item for item in truth.expected if item.expected == "episode"]
    assert certain
    assert missing_episodes(truth, found) == []
    assert missing_episodes(truth, found[:0]) == certain


def test_a_line_of_the_log_says_what_was_true(tmp_path: Path) -> None:
    truth = logged(play("door-left-open"), tmp_path / "truth.jsonl")

    said = {(sent.channel, sent.t_ms): sent for sent in truth.sent}
    at_ms = NOON_MS - 7_200_000
    air, door = said[POINT.channel, at_ms], said[FLEET.point("cooler-1.door").channel, at_ms]
    goods = said[FLEET.point("cooler-1.product").channel, at_ms]
    assert (air.door_open, door.door_open, door.value) == (True, True, 1.0)
    assert air.here_celsius == air.air_celsius == goods.air_celsius
    assert goods.here_celsius == air.product_celsius == goods.product_celsius
    assert air.air_celsius is not None
    assert air.air_celsius > (air.product_celsius or 0.0) + 2
    assert abs((air.value or 0.0) - air.air_celsius) < 0.2


@pytest.mark.parametrize("name", ["sensor-unplugged", "offline-hole", "clock-step", "probe-swapped", "duplicates"])
def test_a_record_that_tells_the_truth_breaks_no_expectation(name: str, tmp_path: Path) -> None:
    truth = logged(play(name, history_h=12, live_min=40 if name == "clock-step" else 0), tmp_path / "truth.jsonl")

    assert truth.expected
    assert broken(truth, rows_of(truth)) == ()


def test_a_record_that_breaks_an_expectation_is_not_clean(tmp_path: Path) -> None:
    hole = logged(play("offline-hole"), tmp_path / "hole.jsonl")
    filled = [*rows_of(hole), Row(POINT.channel, NOON_MS - 9 * 3_600_000, 4.0)]
    assert len(broken(hole, filled)) == 1
    assert not compare(hole, filled).clean

    pulled = logged(play("sensor-unplugged"), tmp_path / "pulled.jsonl")
    assert len(broken(pulled, [row for row in rows_of(pulled) if row.word is None])) == 1

    clock = logged(play("clock-step", history_h=1, live_min=40), tmp_path / "clock.jsonl")
    assert len(broken(clock, [row for row in rows_of(clock) if not row.by_arrival])) == 2


def test_at_the_edge_of_belief_both_times_are_right(tmp_path: Path) -> None:
    edge = play("clock-step", history_h=1).of("cooler-1.product")[-1]
    edge = replace(edge, t_ms=T0 + 119_000, expect=Expect.CLOCK_EDGE)
    with TruthLog(tmp_path / "t") as log:
        log.sent("a", [edge], T0)
        log.taken("a", T0)
    truth = read_truth(tmp_path / "t")
    value = float(edge.value)

    assert compare(truth, [Row(edge.channel, T0 + 119_000, value)]).clean
    assert compare(truth, [Row(edge.channel, T0 + 10, value, by_arrival=True)]).clean
    assert compare(truth, []).lost == 1
    assert not compare(truth, [Row(edge.channel, T0 + 5, value)]).clean


# -- the watch ------------------------------------------------------------------------------------------------


def watched(series: list[float], sensor: Instrument | None = None) -> list[Expected]:
    watch = Watch(POINT, sensor or Instrument())
    return [found for minute, celsius in enumerate(series) for found in watch.see(T0 + minute * 60_000, celsius)]


def test_an_excursion_is_certain_once_it_outlasts_the_delay() -> None:
    assert watched([4.0] * 10 + [9.0] * 30) == []
    [found] = watched([4.0] * 10 + [9.0] * 31)
    assert (found.from_ms, found.to_ms, found.word) == (T0 + 600_000, T0 + 600_001, "high")


def test_within_the_noise_of_the_limit_nothing_is_certain() -> None:
    assert watched([4.0] * 10 + [8.1] * 200) == []
    [found] = watched([4.0] * 10 + [7.95] * 5 + [8.5] * 40)
    assert found.from_ms == T0 + 600_000
    assert found.to_ms == T0 + 900_001


def test_a_probe_that_says_too_little_moves_the_limit() -> None:
    assert watched([4.0] * 10 + [8.6] * 60, Instrument(offset_kelvin=-1.0)) == []
    assert len(watched([4.0] * 10 + [8.6] * 60, Instrument(offset_kelvin=1.0))) == 1


def test_frost_is_an_episode_of_the_low_side() -> None:
    assert [found.word for found in watched([4.0] * 5 + [-2.0] * 40)] == ["low"]


def test_in_any_weather_what_is_certain_of_the_truth_is_found_in_the_noise(registry: Registry) -> None:
    beyond_doubt = 0
    for seed in range(30):
        drawn = np.random.default_rng(seed)
        sensor = Instrument(offset_kelvin=float(drawn.normal(0, 0.3)), noise_kelvin=0.1, resolution_kelvin=0.0625)
        celsius = 6.0 + 5.0 * np.sin(np.cumsum(drawn.normal(0, 0.08, 3000)))
        minutes = np.flatnonzero(drawn.random(3000) > 0.03)
        watch = Watch(POINT, sensor)

        certain = [found for m in minutes for found in watch.see(NOON_MS + int(m) * 60_000, float(celsius[m]))]

        noise = drawn.standard_normal(len(minutes)).clip(-4, 4)
        said = [
            Sent("p", "gw", POINT.channel, NOON_MS + int(m) * 60_000, 0, Expect.RECORDED, sensor.said(celsius[m], z))
            for m, z in zip(minutes, noise, strict=True)
        ]
        truth = Truth(tuple(said), frozenset({"p"}), tuple(certain))
        found = [(e.point, e.rule, e.onset_ms) for e in expected_episodes(truth, registry)]
        assert missing_episodes(truth, found) == []
        beyond_doubt += len(certain)
    assert beyond_doubt > 60


@given(st.lists(st.floats(-3, 12), min_size=1, max_size=200))
def test_whatever_the_series_bounds_are_in_order_and_episodes_do_not_overlap(series: list[float]) -> None:
    high = [found for found in watched(series) if found.word == "high"]

    for found in high:
        assert found.to_ms is not None
        assert found.from_ms < found.to_ms
    for sooner, later in pairwise(high):
        assert sooner.to_ms is not None
        assert sooner.to_ms < later.from_ms + 1
