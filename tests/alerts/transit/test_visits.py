"""Arrivals and departures from positions: each sentence of the rules, and what a longer track may change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.transit.halts import holes, speeds
from alerts.transit.track import Track
from alerts.transit.visits import Visit, visits_of
from coldchain.registry import Fence
from coldchain.registry.fences import outside_m, round_of
from tests.alerts.transit.drives import SILENT, At, circle, fixes, polygon, s_of, track_of
from tests.support import T0

SHOP = {"shop": circle("shop", 0, 100)}  # margin 50 m: outside from 150 m on; far from 900 m on

Times = tuple[float | None, ...]


def told(drive: Sequence[At], fences: dict[str, Fence] = SHOP) -> list[Times]:
    """Return (arrived, known, last, left, left known) of each visit, seconds."""
    return [
        tuple(map(s_of, (one.arrived_ms, one.known_ms, one.last_ms, one.left_ms, one.left_known_ms)))
        for one in visits_of(track_of(drive), fences)
    ]


AWAY = [400.0, 600.0, 800.0, 850.0, 850.0]
"""Five fixes outside: 400 m is the first, and 120 s later is the last."""


# -- arriving -----------------------------------------------------------------------------------------------------


def test_a_delivery_is_one_visit_with_its_times() -> None:
    drive = [
        *fixes(0, [-900, -500, -90], 48),  # inside at 60 s, still driving
        *fixes(90, [0, 0, 0, 0, 0, 0], 0),  # stands from 90 s: that confirms it
        *fixes(270, [200, 700, 1200], 60),  # outside at 270 s; 700 m are not far, 1200 m are: left at 330 s
    ]

    assert told(drive) == [(60, 90, 240, 270, 330)]
    assert not visits_of(track_of(drive), SHOP)[0].hole


@pytest.mark.parametrize("kmh", [SILENT, 12.0])
def test_without_a_halt_two_minutes_inside_confirm_it(kmh: float) -> None:
    drive = fixes(0, [-500, -90, -40, 40, 90, -40, 40], kmh)  # 50 to 80 m in 30 s: 6 to 10 km/h

    assert told(drive) == [(30, 150, 180, None, None)]
    assert told(drive[:5]) == []


def test_where_the_terminal_says_no_speed_it_stands_where_it_does_not_move() -> None:
    drive = fixes(0, [-500, 0, 30, 30, 30])  # 30 m in 30 s is 3.6 km/h

    assert told(drive) == [(30, 60, 120, None, None)]


def test_who_drives_through_was_not_there_however_wide_the_fence_is() -> None:
    wide = {"plant": circle("plant", 0, 1500)}

    assert told(fixes(0, np.arange(-1000, 1000, 250).tolist(), 30)) == []
    assert told(fixes(0, np.arange(-4000, 4000, 400).tolist(), 48), wide) == []  # inside for 210 s at 48 km/h
    assert told(fixes(0, np.arange(-4000, 4000, 400).tolist()), wide) == []
    assert len(told(fixes(0, np.arange(-4000, 4000, 200).tolist(), 24), wide)) == 1  # the same way, slowly


def test_a_single_fix_that_jumps_inside_is_no_visit() -> None:
    parked = fixes(0, [300] * 5 + [20] + [300] * 5, 0)

    assert told(parked) == []
    assert told(fixes(0, [300] * 5 + [20, 20] + [300] * 5, 0)) == [(150, 180, 180, 210, 330)]


# -- leaving ------------------------------------------------------------------------------------------------------


def test_a_noisy_fix_at_the_edge_is_no_departure() -> None:
    noisy = [0, 20, 130, 0, 149, 90, 140, 10]

    assert told(fixes(0, noisy, 0)) == [(0, 30, 210, None, None)]


def test_a_jump_far_out_of_a_vehicle_that_stands_is_no_departure() -> None:
    jump = [0, 0, 5000, 0, 0, 2000, 2000, 0]

    assert told(fixes(0, jump, 0)) == [(0, 30, 210, None, None)]
    assert told(fixes(0, jump)) == [(0, 30, 210, None, None)]


def test_it_has_left_when_it_was_outside_for_two_minutes() -> None:
    stays = fixes(0, [0, 0, 0], 0)

    assert told([*stays, *fixes(90, AWAY[:4], 20)]) == [(0, 30, 60, None, None)]
    assert told([*stays, *fixes(90, AWAY, 20)]) == [(0, 30, 60, 90, 210)]
    assert told([*stays, *fixes(90, [200, 300, 140, 300, 300, 300, 300, 300], 20)]) == [(0, 30, 150, 180, 300)]


def test_a_wide_fence_has_a_wide_margin() -> None:
    wide = {"plant": circle("plant", 0, 1500)}  # a fifth of it: outside from 1800 m on
    stays, queues = fixes(0, [0, 0, 0], 0), fixes(90, [1780] * 10, 0)

    assert told([*stays, *queues], wide) == [(0, 30, 360, None, None)]
    assert told([*stays, *fixes(90, [1820] * 10, 0)], wide) == [(0, 30, 60, 90, 210)]


def test_or_at_once_when_it_drives_far_out() -> None:
    stays = fixes(0, [0, 0, 0], 0)

    assert told([*stays, *fixes(90, [200, 950], 60)]) == [(0, 30, 60, 90, 120)]
    assert told([*stays, *fixes(90, [200, 850], 60)]) == [(0, 30, 60, None, None)]


def test_who_comes_again_has_a_second_visit() -> None:
    stays, drives = [0.0] * 3, [400.0, 1200.0, 400.0]
    drive = [*fixes(0, stays, 0), *fixes(90, drives, 60), *fixes(180, stays, 0)]

    assert told(drive) == [(0, 30, 60, 90, 120), (180, 210, 240, None, None)]


# -- holes --------------------------------------------------------------------------------------------------------


def test_a_hole_inside_ends_nothing_and_shows() -> None:
    drive = [*fixes(0, [0, 0, 0], 0), *fixes(7200, [0, 0], 0), *fixes(7260, AWAY, 30)]

    assert told(drive) == [(0, 30, 7230, 7260, 7380)]
    assert visits_of(track_of(drive), SHOP)[0].hole


def test_who_was_there_before_a_hole_and_is_gone_behind_it_left_by_the_first_fix_outside() -> None:
    drive = [*fixes(0, [0, 0, 0], 0), *fixes(1800, [2000, 3000], 60)]

    (visit,) = visits_of(track_of(drive), SHOP)
    assert told(drive) == [(0, 30, 60, 1800, 1800)]
    assert visit.hole


def test_a_hole_on_the_way_is_not_one_of_the_visit() -> None:
    before, stay = fixes(0, [-5000], 60), fixes(600, [0, 0, 0], 0)

    (visit,) = visits_of(track_of([*before, *stay, *fixes(690, [950], 60), *fixes(2000, [5000], 60)]), SHOP)

    assert (s_of(visit.arrived_ms), s_of(visit.left_ms), visit.hole) == (600, 690, False)


def test_a_hole_inside_confirms_nothing_but_what_is_known_behind_it_does() -> None:
    enters = fixes(0, [-500, 0], 20)

    assert told([*enters, *fixes(3600, [500], 60)]) == []
    assert told([*enters, *fixes(3600, [0], 20)]) == []
    assert told([*enters, *fixes(3600, [0], 0)]) == [(30, 3600, 3600, None, None)]
    assert told([*enters, *fixes(3600, [0])]) == []  # no speed, and no way since a fix that is near


# -- shapes -------------------------------------------------------------------------------------------------------


def test_a_polygon_is_a_fence_too_and_its_notch_is_outside() -> None:
    yard = {"yard": polygon("yard", [(0, 0), (400, 0), (400, 400), (200, 100), (0, 400)])}  # reaches 283 m: margin 57
    inside, notch = [At(30 * n, 60, 60, 0) for n in range(4)], [At(30 * n, 200, 390, 0) for n in range(8)]

    assert told(inside, yard) == [(0, 30, 90, None, None)]
    assert told(notch, yard) == []


def test_where_fences_overlap_it_is_at_both() -> None:
    mall = {"shop": circle("shop", 0, 100), "kiosk": circle("kiosk", 60, 60), "far": circle("far", 5000, 100)}

    visits = visits_of(track_of(fixes(0, [30, 30, 30], 0)), mall)

    assert [visit.site for visit in visits] == ["kiosk", "shop"]


def test_a_track_without_fixes_and_a_day_without_fences_have_no_visits() -> None:
    assert visits_of(track_of([]), SHOP) == []
    assert visits_of(track_of(fixes(0, [0, 0, 0], 0)), {}) == []


# -- what a longer track may change -------------------------------------------------------------------------------


@st.composite
def drives(draw: st.DrawFn) -> Track:
    """Any vehicle that comes and goes among three fences, with noise, holes and silent speeds."""
    east, at_s = draw(st.sampled_from([0.0, -400.0])), 0.0
    found: list[At] = []
    for _ in range(draw(st.integers(1, 12))):
        kmh = draw(st.sampled_from([SILENT, 0.0, 4.0, 20.0, 60.0]))
        step_m = draw(st.sampled_from([0.0, 0.0, 40.0, -40.0, 150.0, -150.0, 700.0]))
        for _ in range(draw(st.integers(1, 7))):
            noise = draw(st.sampled_from([0.0, 0.0, 30.0, -60.0, 1500.0]))
            found.append(At(at_s, east + noise, kmh=kmh))
            east += step_m
            at_s += draw(st.sampled_from([30.0, 30.0, 30.0, 60.0, 61.0, 900.0]))
    return track_of(found)


FENCES = {"a": circle("a", 0, 100), "b": circle("b", 120, 60), "c": polygon("c", [(600, -90), (900, -90), (800, 200)])}


def decided(visits: Sequence[Visit], at_ms: int) -> list[tuple[object, ...]]:
    """Return what is decided of visits by a moment."""
    return [
        (visit.site, visit.arrived_ms, visit.known_ms)
        + ((visit.last_ms, visit.left_ms, visit.left_known_ms, visit.hole) if _left(visit, at_ms) else ())
        for visit in visits
        if visit.known_ms <= at_ms
    ]


def _left(visit: Visit, at_ms: int) -> bool:
    return visit.left_known_ms is not None and visit.left_known_ms <= at_ms


@settings(max_examples=300, deadline=None)
@given(drives(), st.data())
def test_a_longer_track_changes_only_what_was_not_decided(track: Track, data: st.DataObject) -> None:
    at_ms = int(track.t[data.draw(st.integers(0, len(track) - 1))])

    whole, then = visits_of(track, FENCES), visits_of(track.upto(at_ms), FENCES)

    assert decided(whole, at_ms) == decided(then, at_ms)
    assert len(then) == len(decided(then, at_ms)), "nothing is known before its time"
    for visit in then:
        assert _left(visit, at_ms) == (visit.left_ms is not None)


@settings(max_examples=300, deadline=None)
@given(drives())
def test_visits_agree_with_a_walk_fix_by_fix(track: Track) -> None:
    found = visits_of(track, FENCES)

    assert found == sorted(walked(track), key=lambda visit: (visit.arrived_ms, visit.site))
    for visit in found:
        assert visit.arrived_ms < visit.known_ms <= visit.last_ms
        if visit.left_ms is not None and visit.left_known_ms is not None:
            assert visit.last_ms < visit.left_ms <= visit.left_known_ms


def walked(track: Track) -> list[Visit]:
    """Return the visits by the rules as they stand in words, one state machine a fence."""
    return [visit for site, fence in FENCES.items() for visit in _walk(track, site, fence)]


def _walk(track: Track, site: str, fence: Fence) -> list[Visit]:
    radius_m = round_of(fence)[2]
    margin_m, far_m = max(50, radius_m / 5), 500 + 3 * radius_m
    outside, gaps, speed = outside_m(fence, track.latitude, track.longitude), holes(track), speeds(track) * 3.6
    done: list[Visit] = []
    state, arrived, known, last, left, held_ms, stood = "away", 0, 0, 0, 0, 0, False
    for fix in range(len(track)):
        is_in, is_out = outside[fix] <= 0, outside[fix] > margin_m
        if state == "away" and is_in:
            state, arrived, held_ms, stood = "maybe", fix, 0, bool(speed[fix] < 5)
        elif state == "maybe" and is_out:
            state = "away"
        elif state == "maybe":
            if not gaps[fix] and not speed[fix] >= 30:
                held_ms += int(track.t[fix] - track.t[fix - 1])
            stood |= bool(is_in and speed[fix] < 5)
            if stood or held_ms >= 120_000:
                state, known, last = "there", fix, fix
        elif state in ("there", "leaving"):
            if not is_out:
                state, last = "there", fix
                continue
            if state == "there":
                state, left = "leaving", fix
            drives = track.speed[fix] * 3.6 >= 5
            if track.t[fix] - track.t[left] >= 120_000 or (outside[fix] > far_m and drives):
                done.append(_visit(track, site, arrived, known, last, left, fix))
                state = "away"
    if state in ("there", "leaving"):
        done.append(_visit(track, site, arrived, known, last, None, None))
    return done


def _visit(
    track: Track, site: str, arrived: int, known: int, last: int, left: int | None, decided_at: int | None
) -> Visit:
    end = last if left is None else left
    t = track.t.tolist()
    return Visit(
        site, t[arrived], t[known], t[last], None if left is None else t[left],
        None if decided_at is None else t[decided_at], bool(holes(track)[arrived + 1 : end + 1].any()),
    )  # fmt: skip


def test_control_the_drives_have_visits_that_begin_and_end() -> None:
    """Ensure that the properties above see something."""
    seen: set[tuple[int, bool]] = set()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(drives())
    def look(track: Track) -> None:
        for visit in visits_of(track, FENCES):
            seen.add((visit.left_ms is not None, visit.hole))

    look()
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_times_are_of_fixes_and_start_at_the_first_one() -> None:
    assert visits_of(track_of(fixes(0, [0, 0], 0)), SHOP) == [
        Visit("shop", T0, T0 + 30_000, T0 + 30_000, None, None, False)
    ]
