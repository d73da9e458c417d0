"""A population of trips: plausible plans, drives that obey physics, fixes as terminals send them, the same by seed."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from firmware_sim.traffic import Trip, trip, trips
from firmware_sim.traffic.hearing import INTERVALS_S
from firmware_sim.traffic.tours import RAW_MILK_M, SHOPS
from firmware_sim.traffic.ways import chord_m, distances_m
from tests.firmware_sim.traffic.roads import CALM

FASTEST_M_PER_S = 27.8


@pytest.fixture(scope="module")
def population() -> list[Trip]:
    return list(trips(200, 21))


def of_kind(population: list[Trip], kind: str) -> list[Trip]:
    return [of for of in population if of.plan.kind == kind]


def test_milk_goes_from_farms_to_a_plant_and_goods_through_a_city_and_back(population: list[Trip]) -> None:
    milk, goods = of_kind(population, "raw-milk"), of_kind(population, "distribution")

    assert 0.4 < len(milk) / len(population) < 0.6
    for of in milk:
        assert [stop.purpose for stop in of.plan.stops[:-1]] == ["load"] * (len(of.plan.stops) - 1)
        assert 1 <= len(of.plan.stops) - 1 <= 3
        assert RAW_MILK_M[0] * 0.98 < of.plan.distance_m < RAW_MILK_M[1] * 1.02
        assert [stop.window_to_ms is None for stop in of.plan.stops] == [True] * (len(of.plan.stops) - 1) + [False]
    for of in goods:
        assert SHOPS[0] <= len(of.plan.stops) - 2 <= SHOPS[1]
        assert {stop.purpose for stop in of.plan.stops[1:-1]} == {"unload"}
        assert of.plan.stops[-1].purpose == "return"
        assert all(stop.window_to_ms is not None for stop in of.plan.stops[1:-1])


def test_roads_are_longer_than_the_bird_flies(population: list[Trip]) -> None:
    ratios = []
    for of in population[:60]:
        latitude, longitude = of.truth.planned_day.way.place(of.truth.planned_day.stops_m)
        places = list(zip(latitude.tolist(), longitude.tolist(), strict=True))
        legs_m = np.diff(of.truth.planned_day.stops_m)
        ratios += [leg / max(30.0, chord_m(a, b)) for leg, (a, b) in zip(legs_m, pairwise(places), strict=True)]

    assert min(ratios) > 1.14
    assert max(ratios) < 1.52


def test_plans_go_forward_and_windows_lie_around_them(population: list[Trip]) -> None:
    for of in population:
        for here, then in pairwise(of.plan.stops):
            assert here.arrives_ms < here.leaves_ms <= then.arrives_ms
        for stop in of.plan.stops:
            if stop.window_from_ms is not None and stop.window_to_ms is not None:
                assert stop.window_from_ms < stop.arrives_ms < stop.window_to_ms
                assert 40 <= (stop.window_to_ms - stop.window_from_ms) / 60_000 <= 120


@pytest.mark.parametrize("kind", ["raw-milk", "distribution"])
def test_a_tenth_to_a_quarter_of_the_windows_is_missed(population: list[Trip], kind: str) -> None:
    own = of_kind(population, kind)
    windows = sum(stop.window_to_ms is not None for of in own for stop in of.plan.stops)

    assert 0.10 < sum(int(of.truth.missed.sum()) for of in own) / windows < 0.25


def test_a_window_is_missed_by_who_comes_after_its_end(population: list[Trip]) -> None:
    for of in population:
        for stop, arrives_ms, missed in zip(of.plan.stops, of.truth.arrives_ms, of.truth.missed, strict=True):
            assert missed == (stop.window_to_ms is not None and arrives_ms > stop.window_to_ms)


def test_stops_are_reached_in_order_and_left_after_they_were_reached(population: list[Trip]) -> None:
    for of in population:
        arrives, leaves = of.truth.arrives_ms, of.truth.leaves_ms
        assert (leaves > arrives).all()
        assert (arrives[1:] > leaves[:-1]).all()
        assert leaves[0] >= of.plan.stops[0].leaves_ms
        for stop, at_ms in zip(of.plan.stops, leaves, strict=True):
            assert stop.window_from_ms is None or at_ms > stop.window_from_ms


def test_at_its_arrival_the_truck_stands_at_the_registered_place(population: list[Trip]) -> None:
    for of in population[:60]:
        moments = of.truth.arrives_ms + 500
        latitude, longitude, speed = of.truth.position(moments)
        assert (speed == 0).all()
        for stop, lat, lon in zip(of.plan.stops, latitude.tolist(), longitude.tolist(), strict=True):
            assert chord_m((stop.latitude_deg, stop.longitude_deg), (lat, lon)) < 120


def test_nobody_jumps_and_what_is_driven_is_how_long_the_way_is(population: list[Trip]) -> None:
    for of in population[:60]:
        moments = np.arange(of.truth.arrives_ms[0], of.truth.leaves_ms[-1], 5_000)
        latitude, longitude, speed = of.truth.position(moments)
        driven_m = np.diff(of.truth.driven_m(moments))
        # Between two moments the way is at least as long as the chord, but for the metres of a great circle's step.
        assert (distances_m(latitude, longitude) <= driven_m + 0.5).all()
        assert driven_m.max() <= FASTEST_M_PER_S * 5
        assert speed.max() <= FASTEST_M_PER_S
        assert (np.diff(of.truth.driven_m(moments)) >= 0).all()
        assert of.truth.driven_m(moments)[-1] == pytest.approx(of.truth.day.way.length_m)


def test_speeds_are_those_of_roads(population: list[Trip]) -> None:
    milk = [
        of.plan.distance_m / (of.truth.arrives_ms[-1] - of.truth.leaves_ms[0]) * 3600
        for of in of_kind(population, "raw-milk")
    ]

    assert 20 < np.median(milk) < 60  # km/h from the first farm to the plant, loading in between


def test_who_comes_to_a_closed_stretch_drives_around_it(population: list[Trip]) -> None:
    closed = [of for of in population if of.truth.closure is not None]
    around = [of for of in closed if of.truth.detoured]

    assert 0 < len(around) < len(closed)
    for of in around:
        assert of.truth.closure is not None
        assert 2_900 < of.truth.day.way.length_m - of.plan.distance_m < 15_100
        knots = np.searchsorted(of.truth.driven.knots_m, of.truth.closure.from_m + 1.0)
        assert of.truth.closure.covers(float(of.truth.driven.knots_s[knots - 1]))
    for of in set(closed) - set(around):
        assert of.truth.day.way.length_m == of.plan.distance_m


# -- the plan does not know the future --------------------------------------------------------------------------


def test_the_plan_is_the_same_whatever_will_happen() -> None:
    for usual, calm in zip(trips(20, 22), trips(20, 22, CALM), strict=True):
        assert usual.plan == calm.plan
        assert usual.truth.arrives_ms.tolist() != calm.truth.arrives_ms.tolist()


def test_on_a_usual_day_hardly_a_window_is_missed() -> None:
    own = list(trips(60, 23, CALM))

    windows = sum(stop.window_to_ms is not None for of in own for stop in of.plan.stops)
    assert sum(int(of.truth.missed.sum()) for of in own) / windows < 0.03


# -- the same by seed -------------------------------------------------------------------------------------------


def test_the_same_seed_and_number_is_the_same_trip_and_others_are_others() -> None:
    again, other_seed, other_number = trip(5, 21), trip(5, 22), trip(6, 21)
    of = list(trips(6, 21))[5]

    assert of.plan == again.plan
    assert of.truth.arrives_ms.tolist() == again.truth.arrives_ms.tolist()
    for name in ("t_ms", "latitude_deg", "longitude_deg", "speed_m_per_s", "heard_ms"):
        assert (getattr(of.heard, name) == getattr(again.heard, name)).all()
    assert of.plan not in (other_seed.plan, other_number.plan)


def test_a_thousand_trips_are_drawn_in_much_less_than_a_minute() -> None:
    before_s = time.process_time()

    list(trips(50, 24))

    # 0.5 s measured: 10 s for a thousand; the bound leaves room for a busy machine.
    assert time.process_time() - before_s < 3.0


# -- what is heard ----------------------------------------------------------------------------------------------


def errors_m(of: Trip) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    latitude, longitude, _ = of.truth.position(of.heard.t_ms)
    said = zip(of.heard.latitude_deg.tolist(), of.heard.longitude_deg.tolist(), strict=True)
    true = zip(latitude.tolist(), longitude.tolist(), strict=True)
    return np.array([chord_m(a, b) for a, b in zip(said, true, strict=True)])


def test_fixes_come_each_interval_and_a_tunnel_is_a_hole_of_minutes(population: list[Trip]) -> None:
    holes = []
    for of in population:
        steps_s = np.diff(of.heard.t_ms) / 1000
        assert of.heard.interval_s in INTERVALS_S
        assert steps_s.min() > of.heard.interval_s - 1
        assert np.median(steps_s) == pytest.approx(of.heard.interval_s, abs=0.1)
        holes += [step for step in steps_s.tolist() if step > 2 * of.heard.interval_s]
        assert of.heard.t_ms[0] < of.truth.leaves_ms[0]
        assert of.heard.t_ms[-1] > of.truth.leaves_ms[-1]

    assert len(holes) > 30
    assert 60 < np.median(holes) < 360


def test_fixes_lie_some_metres_off_and_now_and_then_far(population: list[Trip]) -> None:
    off_m = np.concatenate([errors_m(of) for of in population[:30]])

    assert 1 < np.median(off_m) < 8
    assert 0.0005 < (off_m > 50).mean() < 0.01
    assert off_m.max() < 400


def test_a_standing_truck_wanders_in_town_more_than_at_a_farm(population: list[Trip]) -> None:
    def standing_m(kind: str) -> float:
        found = [errors_m(of)[of.truth.position(of.heard.t_ms)[2] == 0] for of in of_kind(population, kind)[:20]]
        return float(np.median(np.concatenate(found)))

    assert standing_m("distribution") > 2 * 3.5
    assert standing_m("raw-milk") < standing_m("distribution")


def test_speeds_are_heard_with_noise_and_zero_while_it_stands(population: list[Trip]) -> None:
    of = population[0]
    speed = of.truth.position(of.heard.t_ms)[2]

    assert (of.heard.speed_m_per_s[speed == 0] == 0).all()
    off = of.heard.speed_m_per_s[speed > 2] - speed[speed > 2]
    assert 0.15 < off.std() < 0.5


def test_what_was_measured_without_network_is_heard_later_all_at_once(population: list[Trip]) -> None:
    late = [(of, (of.heard.heard_ms - of.heard.t_ms) / 1000) for of in population]

    assert all((delay_s > 0).all() for _, delay_s in late)
    dark = [of for of, delay_s in late if (delay_s > 60).any()]
    assert 0.1 < len(dark) / len(population) < 0.7
    for of in dark:
        slow = (of.heard.heard_ms - of.heard.t_ms) > 60_000
        assert len(set(of.heard.heard_ms[slow].tolist())) <= 6  # one moment a dead spot
