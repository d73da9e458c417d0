"""Two probes at one place: told in any order of arrival, and judged again when the first one's past changes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.assets import AssetRules
from alerts.episodes import Episode
from alerts.history import Samples
from alerts.pairs import apart
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Binding, Calibration, Change, Point, Probe
from coldchain.registry.fold import fold
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, Reading, World, shop, with_product

FIRST, SECOND = "urn:p0:t", "urn:p2:t"
WARM, COLD = 5.5, 2.0
"""Apart by more than the 2 K of the test kind, and both within the milk's condition."""


def pair(folder: Path) -> World:
    world = World(folder)
    world.put(*with_product(), *shop(1, kind="test-cooler", profile="test-milk"))
    world.put(Point("cooler-0.air-2", "cooler-0", "return-air", "temperature", 60, profile="test-milk"))
    world.put(Probe(SECOND), Binding(SECOND, "cooler-0.air-2", 0))
    return world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return pair(tmp_path)


def minutes(channel: str, first: int, values: list[float]) -> list[Reading]:
    return [(channel, MIDNIGHT_MS + (first + n) * MINUTE_MS, value) for n, value in enumerate(values)]


def wavering(celsius: float, count: int) -> list[float]:
    return [celsius + n % 2 / 10 for n in range(count)]


def told(world: World) -> list[tuple[str, int, int]]:
    """Return point, onset and end (minutes from midnight, -1: open) of what is told of probes that differ."""
    world.settle()
    return [
        (
            episode.point,
            (episode.onset_ms - MIDNIGHT_MS) // MINUTE_MS,
            -1 if episode.ended_ms is None else (episode.ended_ms - MIDNIGHT_MS) // MINUTE_MS,
        )
        for episode in world.episodes()
        if episode.rule == "sensor-fault"
    ]


@pytest.mark.parametrize("second_first", [False, True])
def test_whichever_comes_first_the_second_probe_is_told_to_differ(world: World, *, second_first: bool) -> None:
    both = [minutes(FIRST, 0, wavering(COLD, 30)), minutes(SECOND, 0, wavering(WARM, 20) + wavering(COLD, 10))]
    for batch in reversed(both) if second_first else both:
        world.send("gw", batch)
        world.catch_up()

    assert told(world) == [("cooler-0.air-2", 0, 20)]


def test_what_the_first_says_late_changes_what_was_told_of_the_second(world: World) -> None:
    world.send("gw", minutes(FIRST, 0, wavering(WARM, 30)) + minutes(SECOND, 0, wavering(WARM, 60)))
    before = told(world)

    world.send("gw", minutes(FIRST, 30, wavering(COLD, 20)))

    assert (before, told(world)) == ([], [("cooler-0.air-2", 30, 52)])  # what it said last holds for two minutes


def test_a_calibration_of_the_first_counts_for_both(world: World) -> None:
    world.send("gw", minutes(FIRST, 0, wavering(COLD, 30)) + minutes(SECOND, 0, wavering(COLD + 1.5, 30)))
    before = told(world)

    world.put(Calibration(FIRST, MIDNIGHT_MS + 10 * MINUTE_MS, -0.6))

    assert (before, told(world)) == ([], [("cooler-0.air-2", 10, -1)])


def test_a_second_probe_that_is_registered_later_is_compared_from_its_first_reading(world: World) -> None:
    third = "urn:p3:t"
    world.send("gw", minutes(FIRST, 0, wavering(COLD, 30)) + minutes(third, 0, wavering(WARM, 30)))
    world.settle()

    world.put(Point("cooler-0.air-3", "cooler-0", "return-air", "temperature", 60, profile="test-milk"))
    world.put(Probe(third), Binding(third, "cooler-0.air-3", 0))

    assert told(world) == [("cooler-0.air-3", 0, -1)]


def test_probes_at_different_places_are_not_compared(world: World) -> None:
    world.put(Point("cooler-0.air-2", "cooler-0", "supply-air", "temperature", 60, profile="test-milk"))
    world.send("gw", minutes(FIRST, 0, wavering(WARM, 60)) + minutes(SECOND, 0, wavering(COLD, 60)))

    assert told(world) == []


def test_a_position_that_five_probes_share_is_no_place_until_one_is_moved_away(world: World) -> None:
    more = [Point(f"cooler-0.air-{n}", "cooler-0", "return-air", "temperature", 60) for n in (3, 4, 5)]
    world.put(*more)
    world.send("gw", minutes(FIRST, 0, wavering(WARM, 30)) + minutes(SECOND, 0, wavering(COLD, 30)))
    crowded = told(world)

    world.put(Point("cooler-0.air-5", "cooler-0", "supply-air", "temperature", 60))
    world.send("gw", minutes(FIRST, 30, wavering(WARM, 5)) + minutes(SECOND, 30, wavering(COLD, 5)))

    assert (crowded, told(world)) == ([], [("cooler-0.air-2", 0, -1)])


def test_after_a_restart_it_goes_on(world: World) -> None:
    world.send("gw", minutes(FIRST, 0, wavering(COLD, 10)) + minutes(SECOND, 0, wavering(WARM, 10)))
    world.catch_up()
    world.restart()
    world.send("gw", minutes(FIRST, 10, wavering(COLD, 10)))
    world.catch_up()
    world.restart()
    world.send("gw", minutes(SECOND, 10, wavering(WARM, 5) + wavering(COLD, 5)))

    assert told(world) == [("cooler-0.air-2", 0, 15)]


stretches = st.lists(st.sampled_from([WARM, COLD, COLD]), min_size=16, max_size=16)


def ends(batches: list[list[Reading]], doings: list[str]) -> list[Episode]:
    with tempfile.TemporaryDirectory() as folder:
        world = pair(Path(folder))
        for batch, doing in zip(batches, doings, strict=False):
            world.send("gw", batch)
            world.server_does(doing)
        world.settle()
        found = world.episodes()
        world.close()
    return found


@settings(max_examples=60, deadline=None)
@given(
    stretches,
    stretches,
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(["step", "step", "wait", "settle", "restart"]), min_size=16, max_size=16),
)
def test_any_order_ends_the_same(first: list[float], second: list[float], chance: object, doings: list[str]) -> None:
    batches = [
        minutes(channel, 10 * n, [value for value in said[2 * n : 2 * n + 2] for _ in range(5)])
        for n in range(8)
        for channel, said in ((FIRST, first), (SECOND, second))
    ]
    mixed = list(batches)
    chance.shuffle(mixed)  # type: ignore[attr-defined]

    assert ends(mixed, doings) == ends(batches, ["wait"] * 16)


samples = st.lists(st.tuples(st.integers(0, 60), st.sampled_from([0.0, 1.9, 2.0, 5.0, 80.0])), unique_by=lambda s: s[0])


@given(samples, samples, st.integers(1, 8))
def test_apart_is_said_as_one_would_by_hand(
    first: list[tuple[int, float]], second: list[tuple[int, float]], hold: int
) -> None:
    def columns(some: list[tuple[int, float]]) -> Samples:
        ordered = sorted(some)
        t, v = np.array([at for at, _ in ordered], np.int64), np.array([value for _, value in ordered])
        return Samples(t, v, np.zeros(len(t), np.int64))

    def by_hand(at: int, value: float) -> bool:
        known = [sample for sample in first if sample[0] <= at and at - sample[0] <= hold]
        newest = max(known, default=None)
        return newest is not None and newest[1] < 60 and abs(newest[1] - value) >= 2.0

    puts = [*with_product(), *shop(1, kind="test-cooler", profile="test-milk")]
    registry = fold(Entry(n, Kind.CHANGE, 0, Change(put, "test", "test").encode()) for n, put in enumerate(puts, 1))
    mine = columns(second)

    found = apart(mine.t, mine.v, columns(first), hold, AssetRules(registry, "cooler-0"))

    assert found.tolist() == [by_hand(at, value) for at, value in sorted(second)]
