"""Which open episodes the store has, as numbers beside their STATE."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.records import LANES, STATE, Lane, Phase, States, new_points
from alerts.running import OpenLanes, Running, open_lanes

HIGH, LOW = LANES.index(Lane.HIGH), LANES.index(Lane.LOW)


def lanes(*rows: tuple[int, int, int, int]) -> OpenLanes:
    """Return open lanes of (point, lane, place, onset), all with the same numbers."""
    number, lane, place, onset = (np.array(column) for column in zip(*rows, strict=True))
    state = np.zeros(len(rows), STATE)
    state["phase"], state["onset"], state["peak"], state["samples"] = Phase.ACTIVE, onset, 9.0, 3
    return OpenLanes(number, lane, place, state)


def test_a_store_that_was_told_knows_an_episode_until_its_point_is_judged_again() -> None:
    running, both = Running(), lanes((7, HIGH, 1, 100), (8, HIGH, 2, 100))
    assert running.knows(both).tolist() == [False, False]

    running.keep(both)
    assert running.knows(both).tolist() == [True, True]

    running.forget(7)
    assert running.knows(both).tolist() == [False, True]


def test_an_episode_whose_alarm_waits_for_a_decision_is_asked_for_again() -> None:
    running, both = Running(), lanes((7, HIGH, 1, 100), (8, HIGH, 2, 100))
    running.keep(both)

    running.drop(both[np.array([True, False])])
    running.drop(lanes((9, HIGH, 5000, 100)))

    assert running.knows(both).tolist() == [False, True]


@pytest.mark.parametrize(
    "other",
    [(8, HIGH, 1, 100), (7, LOW, 1, 100), (7, HIGH, 1, 101), (7, HIGH, 2, 100), (7, HIGH, 5000, 100)],
    ids=["another point", "another lane", "a later episode", "another place", "a place behind all known"],
)
def test_what_took_the_place_of_a_known_episode_is_news(other: tuple[int, int, int, int]) -> None:
    running = Running()
    running.keep(lanes((7, HIGH, 1, 100)))

    assert running.knows(lanes(other)).tolist() == [False]


def test_levels_and_numbers_are_told_apart() -> None:
    running, was = Running(), lanes((7, HIGH, 1, 100), (7, LOW, 3, 100), (8, HIGH, 2, 100))
    running.keep(was)
    now = lanes((7, HIGH, 1, 100), (7, LOW, 3, 100), (8, HIGH, 2, 100))
    now.state["top"] = [0, 2, 0]
    now.state["samples"] = [3, 3, 4]

    assert running.levels_moved(now).tolist() == [False, True, False]
    assert running.numbers_moved(now).tolist() == [False, False, True]


def test_numbers_are_those_of_the_episode() -> None:
    one = lanes((7, LOW, 1, 100))
    one.state["peak"], one.state["peak_t"], one.state["area"] = 0.10000000000000003, 160, 90_000.04
    one.state["exposed"], one.state["excused"], one.state["hole"] = 60_000, 1_000, 2_000

    assert one.numbers() == [(-0.1, 160, None, None, "", None, 60_000, 1_000, 1.5, 2_000, 3)]


def test_only_lanes_that_hold_an_episode_open_are_taken_each_with_its_place() -> None:
    points, states = new_points(5), States()
    for number, high, low in ((1, Phase.PENDING, Phase.NORMAL), (3, Phase.NORMAL, Phase.RETURNING)):
        dense = np.zeros(len(LANES), STATE)
        dense["phase"][[HIGH, LOW]] = high, low
        states.put(points[number], dense)
    asked = np.array([1, 2, 3])

    found = open_lanes(asked, points, states.loud(points[asked]))

    assert (found.number.tolist(), found.lane.tolist()) == ([3], [LOW])
    assert states.records[found.place]["phase"].tolist() == [Phase.RETURNING]
