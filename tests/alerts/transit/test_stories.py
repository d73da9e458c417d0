"""A tanker's trips, told minute by minute: what is found of them, and what is told."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.transit.delays import OLD_AT_LOADING, STOPPED, UNHEARD, WAITING, WARM
from alerts.transit.lateness import LATE
from alerts.transit.states import TripState
from alerts.transit.track import Track
from alerts.transit.trips import judged
from coldchain.custody import TripMoment
from coldchain.profiles import builtin
from tests.alerts.transit.road import FENCES, ON_TIME, PLACES, TRIP, at, gone, heard, milk, minute, told, track

RULES = builtin().trips["raw-milk"]
WINDOW_ENDS = 90


def test_a_trip_on_time_tells_nothing_and_is_followed() -> None:
    found = gone(ON_TIME)

    assert told(found) == []
    assert [(minute(step.at_ms), step.state) for step in found.course.steps] == [
        (-30, TripState.AT_STOP),
        (1, TripState.UNDER_WAY),
        (60, TripState.WAITING),
    ]
    assert found.driven_m == pytest.approx(60_000, rel=0.01)


def test_taken_over_at_the_plant_it_is_over() -> None:
    found = gone(ON_TIME, moments=[TripMoment("t-1", "accepted", at(70), 1)])

    assert (found.course.state, minute(found.course.over_ms)) == (TripState.ENDED, 70)
    assert minute(found.course.stops[1].accepted_ms) == 70


def test_a_jam_that_makes_the_window_unreachable_is_told_twenty_minutes_before_it_closes() -> None:
    found = gone(((0, 30), (60, 30), (5, 60), (60, 25), (0, 10)))

    [(rule, onset, ended)] = told(found)
    assert rule == LATE
    assert onset <= WINDOW_ENDS - 20
    assert ended == 115  # arrived
    assert found.delays[0].evidence["stops"] == [1]


def test_a_jam_that_dissolves_in_time_is_not_told() -> None:
    assert told(gone(((0, 30), (60, 30), (6, 10), (60, 29), (0, 10)))) == []


def test_a_breakdown_with_slow_warming_gets_worse_with_the_milk() -> None:
    legs = ((0, 30), (60, 20), (0, 240))
    warming = [3.5] * 50 + list(np.linspace(3.5, 16, 240))

    warm = gone(legs, goods=milk(warming)).delays
    cold = gone(legs, goods=milk([3.0] * 290)).delays
    named = (("warm", warm), ("cold", cold))

    stood = {name: next(one for one in found if one.rule == STOPPED) for name, found in named}
    assert [minute(stood["warm"].onset_ms), minute(stood["warm"].raised_ms)] == [20, 50]
    assert stood["warm"].ended_ms is None
    assert (stood["cold"].top, stood["warm"].top) == (1, 2)  # four hours late: a warning at 3 °C, critical at 16


def test_a_tunnel_is_no_stop_and_its_hole_is_told_only_when_it_is_long() -> None:
    assert told(gone(ON_TIME, lost=[(20, 35)])) == []
    assert told(gone(ON_TIME, lost=[(20, 45)])) == [(UNHEARD, 19, 45)]


def test_standing_at_a_site_is_no_stop_on_the_way() -> None:
    found = gone(((0, 120), (60, 60), (0, 20)))

    assert [one.rule for one in found.delays] == [LATE]  # it left late, and stood at its station


def test_whoever_waits_at_the_plant_is_told() -> None:
    found = gone(((0, 30), (60, 60), (0, 100)), moments=[TripMoment("t-1", "accepted", at(150), 1)])

    assert told(found) == [(WAITING, 60, 150)]
    assert minute(found.delays[0].raised_ms) == 120


@pytest.mark.parametrize(("celsius", "expected"), [(5.9, None), (6.0, 1), (10.0, 2)])
def test_milk_that_arrives_warm(celsius: float, expected: int | None) -> None:
    found = gone(ON_TIME, goods=milk([3.5] * 80 + [celsius] * 40))

    assert [one.top for one in found.delays if one.rule == WARM] == ([] if expected is None else [expected])
    if expected == 2:
        assert found.delays[0].evidence["reject_suggested"] is True


def test_old_milk_is_told_when_it_is_loaded() -> None:
    found = gone(ON_TIME, milked_ms=at(-25 * 60))

    assert [(one.rule, one.peak, one.top) for one in found.delays] == [(OLD_AT_LOADING, 25.0, 1)]


def test_who_comes_back_for_fuel_has_not_started_twice() -> None:
    there_and_back = [*np.linspace(0, 0, 30), *np.linspace(0, 5, 6), *np.linspace(5, 0, 6)[1:], *[0.0] * 10]
    km = np.array([*there_and_back, *np.arange(1, 61, 1.0), *[60.0] * 10])
    straight = track(((60, len(km)),))
    latitude = np.interp(km, [0, 60], [PLACES["station"][0], PLACES["plant"][0]])
    speed = np.abs(np.diff(km, prepend=0.0)) * 1000 / 60
    fixes = Track(straight.t, latitude, straight.longitude, speed, straight.interval_ms)

    found = judged(TRIP, heard(fixes), RULES)

    assert found.course.stops[0].left_ms == int(fixes.t[51])
    assert found.course.stops[1].arrived_ms is not None


def test_a_person_goes_before_the_positions() -> None:
    said = [TripMoment("t-1", "departed", at(5), 0), TripMoment("t-1", "arrived", at(58), 1)]
    found = gone(ON_TIME, moments=said)

    assert [(minute(seen.arrived_ms), minute(seen.left_ms)) for seen in found.course.stops] == [(-30, 5), (58, None)]
    taken_back = gone(ON_TIME, moments=[*said, TripMoment("t-1", "departed", None, 0)])
    assert minute(taken_back.course.stops[0].left_ms) == 1


def test_without_a_position_the_words_of_people_are_all_there_is() -> None:
    none = track(ON_TIME, lost=[(-31, 1000)])
    said = [TripMoment("t-1", "departed", at(5), 0), TripMoment("t-1", "arrived", at(100), 1)]

    found = judged(TRIP, heard(none, moments=said), RULES)

    assert told(found) == [(LATE, 90, 100)]
    assert found.delays[0].peak == 10.0


def test_a_cancelled_trip_tells_nothing_more() -> None:
    found = gone(((0, 30), (60, 20), (0, 240)), moments=[TripMoment("t-1", "cancelled", at(20))])

    assert found.course.state is TripState.CANCELLED
    assert [one.rule for one in found.delays if one.raised_ms > at(20)] == []


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, 130), legs=st.sampled_from([ON_TIME, ((0, 30), (60, 30), (5, 60), (60, 25), (0, 10))]))
def test_what_was_told_at_a_moment_is_a_function_of_what_was_measured_until_then(
    cut: int, legs: tuple[tuple[float, float], ...]
) -> None:
    """A trip heard fix by fix and one heard a day later tell the same at each moment: nothing looks ahead."""
    whole = track(legs)
    early = Track(whole.t[:cut], whole.latitude[:cut], whole.longitude[:cut], whole.speed[:cut], whole.interval_ms)

    then = judged(TRIP, heard(early), RULES)
    after = judged(TRIP, heard(whole), RULES)

    def late_by(found: object, moment: int) -> list[tuple[int, int]]:
        return [
            (one.onset_ms, one.raised_ms)
            for one in found.delays  # type: ignore[attr-defined]
            if one.rule == LATE and one.raised_ms <= moment
        ]

    newest = int(early.t[-1])
    assert late_by(then, newest) == late_by(after, newest)


def test_another_day_and_another_clock_change_nothing_but_the_times() -> None:
    hour = 3_600_000
    shifted_trip = msgspec.structs.replace(
        TRIP,
        stops=tuple(
            msgspec.structs.replace(
                stop,
                **{
                    name: value + hour
                    for name in ("arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms")
                    if (value := getattr(stop, name)) is not None
                },
            )
            for stop in TRIP.stops
        ),
    )
    legs = ((0, 30), (60, 30), (5, 60), (60, 25), (0, 10))
    fixes = track(legs)
    later = Track(fixes.t + hour, fixes.latitude, fixes.longitude, fixes.speed, fixes.interval_ms)

    one = judged(TRIP, heard(fixes), RULES)
    other = judged(shifted_trip, heard(later), RULES)

    assert [d.onset_ms + hour for d in one.delays] == [d.onset_ms for d in other.delays]
    assert FENCES
