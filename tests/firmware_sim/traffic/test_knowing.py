"""What can be known follows from what is the case: no more, and no less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_sim.traffic import USUAL, trip, trips
from firmware_sim.traffic.days import Day
from firmware_sim.traffic.reckoning import reckon
from firmware_sim.traffic.trips import Trip
from tests.firmware_sim.traffic.roads import ALWAYS, CALM, day, jam

OPEN = np.full(3, ALWAYS)
SERVICES_S = np.array([0.0, 600.0, 900.0])
MINUTE_MS = 60_000
EXACT_MS = 3 * MINUTE_MS
"""Lights and hours are taken section by section."""


def reckoned(of: Day, at_s: float, along_m: float, holds_s: float = 3600.0) -> list[float]:
    now = np.array([at_s])
    return [float(at) for at in reckon(of, OPEN, SERVICES_S, now, np.array([along_m]), now, holds_s)[0]]


# -- the reckoning, by hand -----------------------------------------------------------------------------------


def test_what_is_usual_is_reckoned_from_where_the_truck_is() -> None:
    assert reckoned(day(), 0.0, 0.0) == pytest.approx([np.nan, 1000, 2100], nan_ok=True)
    assert reckoned(day(), 50.0, 4_000.0) == pytest.approx([np.nan, 650, 1750], nan_ok=True)
    assert reckoned(day(), 50.0, 10_000.0) == pytest.approx([np.nan, np.nan, 550], nan_ok=True)


def test_a_window_that_opens_later_is_waited_for() -> None:
    now = np.zeros(1)

    found = reckon(day(), np.array([ALWAYS, 2000.0, ALWAYS]), SERVICES_S, now, now, now, 3600.0)

    assert found[0].tolist() == pytest.approx([np.nan, 1000, 3100], nan_ok=True)


def test_a_jam_ahead_counts_as_it_is_now_and_one_that_has_not_begun_does_not() -> None:
    of = day(jams=(jam(4_000, 6_000, 500, 600),))

    assert reckoned(of, 499.0, 0.0)[1] == pytest.approx(1499)
    assert reckoned(of, 550.0, 0.0)[1] == pytest.approx(2350)  # 2 km at 2 m/s in place of 10 m/s: 800 s more
    assert reckoned(of, 550.0, 5_000.0)[1] == pytest.approx(1450)  # half of it is passed
    assert reckoned(of, 550.0, 7_000.0)[1] == pytest.approx(850)
    assert reckoned(of, 601.0, 0.0)[1] == pytest.approx(1601)


def test_what_is_reached_later_than_it_holds_is_taken_as_usual() -> None:
    slow = day(jams=(jam(12_000, 14_000, 0, 9_000),), traffic=0.5)

    # Half the speed to the first stop; behind it the clock says 2600 s.
    assert reckoned(slow, 0.0, 0.0, 5000.0)[2] == pytest.approx(2000 + 600 + 1000 + 2000 * (1 / 2 - 1 / 10))
    assert reckoned(slow, 0.0, 0.0, 2500.0)[2] == pytest.approx(2000 + 600 + 500)
    assert reckoned(slow, 0.0, 0.0, 0.0)[2] == pytest.approx(2100)


# -- whole trips ----------------------------------------------------------------------------------------------


def windows(of: Trip) -> list[int]:
    return [number for number, stop in enumerate(of.plan.stops) if stop.window_to_ms is not None]


def deadline_ms(of: Trip, stop: int) -> int:
    return of.plan.stops[stop].window_to_ms or 0


def minutes(of: Trip, stop: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(of.plan.stops[0].leaves_ms, deadline_ms(of, stop), MINUTE_MS)


def test_on_a_usual_day_what_is_expected_is_what_comes() -> None:
    for of in trips(30, 11, CALM):
        for stop in windows(of):
            expected = of.truth.expected_ms(minutes(of, stop))[:, stop]
            assert np.abs(expected - of.truth.arrives_ms[stop]).max() < EXACT_MS


def test_a_late_departure_is_knowable_when_the_rest_of_the_way_takes_too_long() -> None:
    late = replace(CALM, late_share=1.0, late_s=3600.0)
    missed = [(of, stop) for of in trips(40, 11, late) for stop in windows(of)[:1] if of.truth.missed[stop]]

    assert len(missed) > 5
    for of, stop in missed:
        # Nobody knows when loading will be done, so it is knowable when leaving at once would be too late. How long
        # the way takes changes by some minutes with the hour.
        needs_ms = int(of.truth.arrives_ms[stop] - of.truth.leaves_ms[0])
        since_ms = of.truth.knowable_since_ms(stop)
        assert since_ms is not None
        assert since_ms == pytest.approx(deadline_ms(of, stop) - needs_ms, abs=10 * MINUTE_MS)
        assert not of.truth.knowable(of.plan.stops[0].leaves_ms, stop)
        assert of.truth.knowable(since_ms, stop)


def test_a_breakdown_is_knowable_while_it_lasts_and_not_before() -> None:
    broken = replace(CALM, breakdown_share=1.0, breakdown_s=(7200.0, 7200.0))
    missed = [
        (of, stop)
        for of, calm in zip(trips(60, 12, broken), trips(60, 12, CALM), strict=True)
        for stop in windows(of)
        if of.truth.missed[stop] and not calm.truth.missed[stop] and of.plan.kind == "raw-milk"
    ]

    assert len(missed) > 5
    for of, stop in missed:
        [halt] = [halt for halt in of.truth.day.halts if halt.why == "breakdown"]
        driven = of.truth.driven
        begins_s = float(driven.knots_s[np.searchsorted(driven.knots_m, halt.at_m - 0.01)])
        begins_ms = of.truth.midnight_ms + 1000 * begins_s
        since_ms = of.truth.knowable_since_ms(stop)
        assert since_ms is not None
        assert begins_ms < since_ms + EXACT_MS
        assert since_ms < begins_ms + 7_200_000 + EXACT_MS
        assert not of.truth.knowable(of.plan.stops[0].leaves_ms, stop)


def test_a_closed_stretch_ahead_counts_while_it_is_closed_and_the_truck_has_not_passed_it() -> None:
    closed = replace(CALM, closure_share=1.0, detour_m=(15_000.0, 15_000.0))
    changes = 0
    for of in trips(40, 15, closed):
        closure, truth = of.truth.closure, of.truth
        assert closure is not None
        last = len(of.plan.stops) - 1
        edges_ms = [truth.midnight_ms + round(at_s * 1000) for at_s in (closure.begins_s, closure.ends_s)]
        begins, ends = (truth.expected_ms(np.array([at - MINUTE_MS, at + MINUTE_MS]))[:, last] for at in edges_ms)
        ahead = [float(truth.driven_m(np.array([at]))[0]) < closure.from_m - 3_000 for at in edges_ms]
        if ahead[0]:
            # 15 km more at 18 to 50 km/h on a lesser road.
            assert 15 * 60_000 < begins[1] - begins[0] < 60 * 60_000
            changes += 1
        if ahead[1]:
            assert 15 * 60_000 < ends[0] - ends[1] < 60 * 60_000
            assert not truth.detoured
            changes += 1
    assert changes > 10


def test_a_window_that_is_met_was_knowably_missed_only_while_something_dissolved() -> None:
    only_jams = replace(CALM, jams_an_hour=4 * USUAL.jams_an_hour, closure_share=0.5)
    flagged = 0
    for of in trips(80, 13, only_jams):
        for stop in windows(of):
            moments = minutes(of, stop)
            late = of.truth.expected_ms(moments)[:, stop] > deadline_ms(of, stop) + EXACT_MS
            if not of.truth.missed[stop] and late.any():
                flagged += 1
                for at_ms in moments[late].tolist():
                    assert something_dissolved(of, at_ms), (of.number, stop, at_ms)
    assert flagged > 3


def something_dissolved(of: Trip, at_ms: int) -> bool:
    """Say whether a jam ahead was shorter when the truck came to it, or a closed stretch ahead was open by then."""
    truth, at_s = of.truth, (at_ms - of.truth.midnight_ms) / 1000
    along_m = float(truth.driven.along_m(np.array([at_s]))[0])
    for queue in truth.day.jams:
        tail_m = max(float(queue.tail_m(at_s)), along_m)
        comes_s = float(np.interp(tail_m, truth.driven.knots_m, truth.driven.knots_s))
        passes_s = float(np.interp(queue.head_m, truth.driven.knots_m, truth.driven.knots_s))
        if tail_m < queue.head_m and min(passes_s, queue.ends_s) > at_s:
            shrinks = float(queue.tail_m(comes_s)) > tail_m + 1 or passes_s > queue.shrinks_s
            if queue.begins_s <= at_s and shrinks:
                return True
    closed = truth.closure
    return closed is not None and closed.covers(at_s) and along_m <= closed.from_m and not truth.detoured


def test_as_roads_are_a_missed_window_is_knowable_before_its_end_and_a_met_one_seldom() -> None:
    missed = met = wrong = knowable = 0
    for of in trips(60, 14):
        for stop in windows(of):
            if of.truth.missed[stop]:
                since_ms = of.truth.knowable_since_ms(stop)
                missed += 1
                knowable += since_ms is not None and since_ms <= deadline_ms(of, stop)
            else:
                moments = minutes(of, stop)
                met += 1
                wrong += bool((of.truth.expected_ms(moments)[:, stop] > deadline_ms(of, stop)).any())
                assert of.truth.knowable_since_ms(stop) is None

    assert knowable == missed > 20
    assert wrong / met < 0.1


def test_of_a_stop_that_was_reached_it_is_known_how_it_was() -> None:
    of = trip(3, 14)

    for stop in windows(of):
        after_ms = max(deadline_ms(of, stop), int(of.truth.arrives_ms[stop])) + MINUTE_MS
        assert of.truth.knowable(after_ms, stop) == of.truth.missed[stop]
        assert of.truth.expected_ms(np.array([after_ms]))[0, stop] == of.truth.arrives_ms[stop]


def test_a_stop_without_a_window_cannot_be_missed() -> None:
    of = trip(3, 14)

    assert not of.truth.missed[0]
    with pytest.raises(ValueError, match=r"stop 0 .* has no window"):
        of.truth.knowable(of.plan.stops[0].leaves_ms, 0)
