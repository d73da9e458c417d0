"""A vehicle is where its round says, drives as fast as its times ask, and opens its doors where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.roads import DOOR_SHARE, Road, Stop, distance_m
from firmware_sim.scenario import Round
from firmware_sim.scenario_files import load_scenario

ROAD = Road(load_scenario("multi-stop-round").of(Round)[0].stops)


def test_it_stands_at_its_stops_and_drives_between_them() -> None:
    for stop in ROAD.stops:
        middle = ROAD.fix((stop.arrives_s + stop.leaves_s) / 2)

        assert (middle.latitude_deg, middle.longitude_deg) == (stop.latitude_deg, stop.longitude_deg)
        assert (middle.speed_m_per_s, middle.stop) == (0.0, stop.name) or stop.name == "way point"
    assert ROAD.fix(3000.0).stop == ""


def test_what_it_drives_is_how_long_the_road_is() -> None:
    driven_m = sum(ROAD.fix(second + 0.5).speed_m_per_s for second in range(5 * 3600))

    assert driven_m == pytest.approx(ROAD.length_m(), rel=1e-3)
    assert 60_000 < driven_m < 80_000


def test_before_and_after_its_round_it_is_parked() -> None:
    assert ROAD.fix(-1e6).stop == ROAD.fix(1e6).stop == "depot"


def test_doors_open_in_the_middle_of_a_dwell_and_never_at_a_way_point() -> None:
    doors = ROAD.doors_s()

    assert len(doors) == 4
    for (opened_s, closed_s), stop in zip(doors, [s for s in ROAD.stops if s.name.startswith("shop")], strict=True):
        assert stop.arrives_s < opened_s < closed_s < stop.leaves_s
        assert closed_s - opened_s == pytest.approx(DOOR_SHARE * (stop.leaves_s - stop.arrives_s))


@given(since_s=st.floats(0, 5 * 3600), dt_s=st.floats(0.1, 60))
def test_it_never_jumps(since_s: float, dt_s: float) -> None:
    here, then = ROAD.fix(since_s), ROAD.fix(since_s + dt_s)
    fastest = 25.0

    moved_m = distance_m(
        Stop("", here.latitude_deg, here.longitude_deg, 0, 0), Stop("", then.latitude_deg, then.longitude_deg, 0, 0)
    )
    assert moved_m <= fastest * dt_s
