"""Windows that excuse: what each switch opens, its caps, and that runs are the same whatever comes late."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.switches import Switch
from alerts.windows import DOOR_BUDGET_MS, MASKS, Run, excuses
from coldchain.profiles import KindRules, builtin
from coldchain.registry import Binding, DefrostSchedule, Point, Probe, Window
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, MINUTE_MS, World, shop

KINDS = builtin().kinds
HOUR = 60


@dataclass(frozen=True)
class Of:
    """Rules that never change."""

    name: str
    time_zone: str = "Asia/Shanghai"

    def kind(self, at_ms: int) -> KindRules | None:
        return KINDS.get(self.name)

    def zone(self, at_ms: int) -> str:
        return self.time_zone


def run(first: float, last: float, *, on: bool = True) -> Run:
    return Run(round(first * MINUTE_MS), round(last * MINUTE_MS), on)


def said(name: str, **runs: list[Run]) -> list[tuple[str, float, float]]:
    return [(one.why, one.from_ms / MINUTE_MS, one.to_ms / MINUTE_MS) for one in excuses(runs, Of(name))]


def test_an_open_door_excuses_until_it_is_shut_and_no_longer_than_it_is_tolerated() -> None:
    found = said("glass-door-cooler", door=[run(10, 14), run(14, 20, on=False), run(20, 50)])

    assert found == [("door", 10, 14), ("door", 20, 35)]
    assert said("tanker", door=[run(10, 14)]) == []
    assert said("no such kind", door=[run(10, 14)]) == []


def test_doors_together_excuse_two_hours_in_half_a_day() -> None:
    doors = [run(30 * number, 30 * number + 20) for number in range(24)]

    found = said("reefer", door=doors)

    assert sum(to - begin for _, begin, to in found) == DOOR_BUDGET_MS / MINUTE_MS
    assert found[-1][2] <= 6 * 30 + 20
    assert said("reefer", door=[*doors, run(13 * HOUR, 13 * HOUR + 5)])[-1] == ("door", 13 * HOUR, 13 * HOUR + 5)


def test_on_a_trip_doors_excuse_two_fifths_of_it_and_the_first_stop() -> None:
    doors = [run(20 * number, 20 * number + 12) for number in range(1, 12)]
    trips = [(0, 240 * MINUTE_MS)]

    found = excuses({"door": doors}, Of("reefer"), trips=trips)

    lengths = [(one.to_ms - one.from_ms) / MINUTE_MS for one in found]
    assert lengths == [12, 8, 4, 8, 8, 8, 8, 8, 8, 8, 8]  # from 20 min on: 12, 20 in all, then 8 in each 20
    assert sum(lengths) <= 0.4 * 220
    assert [one.to_ms - one.from_ms for one in excuses({"door": doors}, Of("reefer"))] == [12 * MINUTE_MS] * 10


def test_a_defrost_excuses_with_its_recovery_and_a_cap_in_length_and_number() -> None:
    found = said("glass-door-cooler", defrost=[run(60, 85), run(300, 500)])

    assert found == [("defrost", 60, 85 + 60), ("defrost", 300, 345 + 60)]
    many = said("glass-door-cooler", defrost=[run(100 * number, 100 * number + 20) for number in range(10)])
    assert len(many) == 6
    assert MASKS["defrost"] & MASKS["door"] == MASKS["defrost"]
    assert MASKS["door"] & ~MASKS["defrost"], "what gets as warm as the second limit is no defrost"


def test_a_unit_that_is_off_is_loading_and_starts_with_a_pull_down_after_a_long_stop() -> None:
    short = said("reefer", unit=[run(0, 60), run(60, 80, on=False), run(80, 500)])
    long = said("reefer", unit=[run(0, 60), run(60, 160, on=False), run(160, 500)])

    assert short == [("loading", 60, 80)]
    assert long == [("loading", 60, 105), ("pull-down", 160, 220)]


def test_a_schedule_is_read_by_the_clock_of_the_site() -> None:
    schedule = DefrostSchedule("a", MIDNIGHT_MS, ("02:00", "14:00"), 30)

    shanghai = excuses({}, Of("glass-door-cooler"), (), [schedule], (MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS))
    urumqi = excuses({}, Of("glass-door-cooler", "UTC"), (), [schedule], (MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS))

    today = [one.from_ms - MIDNIGHT_MS for one in shanghai if one.from_ms < MIDNIGHT_MS + DAY_MS]
    assert today == [6 * HOUR * MINUTE_MS, 18 * HOUR * MINUTE_MS]  # 14:00 and 02:00 in UTC+8
    assert (shanghai[0].to_ms - shanghai[0].from_ms) / MINUTE_MS == 30 + 60
    assert [one.from_ms - MIDNIGHT_MS for one in urumqi][:2] == [2 * HOUR * MINUTE_MS, 14 * HOUR * MINUTE_MS]


def test_what_a_person_says_excuses_as_long_as_they_said() -> None:
    found = excuses({}, Of("tanker"), [Window("a", "maintenance", 5, 9), Window("a", "unheard of", 1, 2)])

    assert [(one.why, one.from_ms, one.to_ms) for one in found] == [("maintenance", 5, 9)]


# -- runs -----------------------------------------------------------------------------------------------------

SAMPLES = st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=25, unique_by=lambda sample: sample[0])


def at_all_times(switch: Switch) -> list[bool | None]:
    found: list[bool | None] = [None] * 50
    for one in switch.runs():
        found[one.from_ms : min(one.until_ms, 50)] = [one.on] * (min(one.until_ms, 50) - one.from_ms)
    return found


@given(SAMPLES, st.data())
def test_samples_in_any_order_end_in_the_same_runs_or_say_from_when_they_do_not(
    samples: list[tuple[int, bool]], data: st.DataObject
) -> None:
    ordered = sorted(samples)
    expected = Switch(2)
    expected.take(np.array([t for t, _ in ordered], np.int64), np.array([v for _, v in ordered], np.float64))
    switch, seen = Switch(2), list[tuple[int, bool]]()
    for t, v in data.draw(st.permutations(samples)):
        before = truth(seen)
        changed = switch.take(np.array([t]), np.array([float(v)]))
        seen.append((t, v))
        assert truth(seen)[: 50 if changed is None else changed] == before[: 50 if changed is None else changed]

    if not switch.stale:
        assert at_all_times(switch) == at_all_times(expected)


def truth(samples: list[tuple[int, bool]]) -> list[bool | None]:
    """Return what holds at each moment: the newest sample's word, for two moments."""
    found: list[bool | None] = []
    for at in range(50):
        newest = max((sample for sample in samples if sample[0] <= at), default=None)
        found.append(newest[1] if newest is not None and at - newest[0] < 2 else None)
    return found


# -- judged with them -----------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.put(*shop(1, kind="walk-in-room", profile="pasteurized"))
    return made


def warm(world: World, first: int, count: int, value: float = 9.5) -> None:
    world.send("gw", [("urn:p0:t", MIDNIGHT_MS + (first + n) * MINUTE_MS, value + n % 2 / 10) for n in range(count)])


def door(world: World, first: int, count: int, value: float) -> None:
    world.send("gw", [("urn:p0:d", MIDNIGHT_MS + (first + n) * MINUTE_MS, value) for n in range(count)])


def high(world: World) -> list[tuple[float, ...]]:
    """Return onset and raised (minutes from midnight), minutes exposed and excused of each warning of the air."""
    world.settle()
    return [
        tuple(
            ms / MINUTE_MS
            for ms in (e.onset_ms - MIDNIGHT_MS, e.raised_ms - MIDNIGHT_MS, e.exposed_ms, e.suppressed_ms)
        )
        for e in world.episodes()
        if e.rule == "high"
    ]


def test_a_door_puts_the_page_off_and_every_minute_counts(world: World) -> None:
    door(world, 0, 20, 1.0)
    warm(world, 0, 60)

    (found,) = high(world)

    assert list(found) == [0, 15 + 30, 59, 15]  # the tolerance of a room, then its on-delay
    assert [e.raised_ms for e in world.episodes() if e.rule == "record-high"] == [MIDNIGHT_MS]


@pytest.mark.parametrize("restart", [False, True])
def test_a_door_that_is_heard_late_is_judged_as_if_it_had_come_in_time(world: World, *, restart: bool) -> None:
    warm(world, 0, 40)
    before = high(world)

    door(world, 0, 20, 1.0)
    if restart:
        world.catch_up()
        world.restart()
    after = high(world)

    assert (before, after) == ([(0, 30, 39, 0)], [])

    warm(world, 40, 20)
    assert high(world) == [(0, 45, 59, 15)]


def test_of_two_words_of_a_moment_open_counts_whichever_came_first(world: World) -> None:
    for values in ([0.0] * 3 + [1.0] * 6, [1.0] * 3 + [0.0] * 3 + [1.0] * 3):
        world.send("gw", [("urn:p0:d", MIDNIGHT_MS + (3 + n) * MINUTE_MS, value) for n, value in enumerate(values)])
        world.catch_up()
    warm(world, 0, 60)

    assert high(world) == [(0, 13 + 30, 59, 10)]  # open from minute 3 to 12: one opening, not two


def test_two_doors_of_a_room_are_one_opening_whichever_was_registered_or_touched_last(world: World) -> None:
    second = Point("cooler-0.door-2", "cooler-0", "door", "door", 60, "")
    world.put(second, Probe("urn:p0:d2"), Binding("urn:p0:d2", second.id, 0))
    world.send("gw", [("urn:p0:d2", MIDNIGHT_MS + n * MINUTE_MS, 1.0) for n in range(6)])
    door(world, 4, 5, 1.0)
    world.catch_up()
    world.put(Point("cooler-0.door", "cooler-0", "door", "door", 60, "", "said again"))
    warm(world, 0, 60)

    assert high(world) == [(0, 10 + 30, 59, 10)]  # open from 0 to 8, and its last word for two intervals


def test_a_person_may_say_so_afterwards(world: World) -> None:
    warm(world, 0, 60)
    before = high(world)

    world.put(Window("cooler-0", "restocking", MIDNIGHT_MS, MIDNIGHT_MS + 20 * MINUTE_MS))

    assert (before, high(world)) == ([(0, 30, 59, 0)], [(0, 50, 59, 20)])


def test_readings_of_a_truck_that_was_away_for_ten_days_are_judged_with_the_doors_of_then(world: World) -> None:
    for day in range(11):
        door(world, day * 1440, 20 if day else 12, 1.0)
        world.settle()
    warm(world, 0, 60)

    assert high(world) == [(0, 11 + 2 + 30, 59, 13)]  # a last word counts for two intervals
