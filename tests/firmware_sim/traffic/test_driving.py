"""A truck drives as fast as the road lets it, stands where it must, and never jumps: by times reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_sim.traffic.days import Closure, Day, Halt, Jam
from firmware_sim.traffic.driving import Driven, drive
from firmware_sim.traffic.usual import FREE_KM_PER_H, light_costs, lights_of, usual_speeds
from firmware_sim.traffic.ways import RoadKind, bent, chord_m
from tests.firmware_sim.traffic.roads import ALWAYS, day, jam, straight

OPEN = np.full(3, ALWAYS)
SERVICES_S = np.array([0.0, 600.0, 900.0])


def driven(of: Day, leaves_s: float = 0.0) -> Driven:
    return drive(of, leaves_s, OPEN, SERVICES_S)


def test_on_a_usual_day_it_drives_at_the_usual_speed_and_is_served_between() -> None:
    found = driven(day(), 100.0)

    assert found.arrives_s.tolist() == pytest.approx([100, 1100, 2200])
    assert found.leaves_s.tolist() == pytest.approx([100, 1700, 3100])


def test_traffic_and_pace_slow_it_down() -> None:
    assert driven(day(traffic=0.5)).arrives_s.tolist() == pytest.approx([0, 2000, 3600])


def test_who_comes_before_the_window_opens_waits() -> None:
    found = drive(day(), 0.0, np.array([ALWAYS, 1500.0, ALWAYS]), SERVICES_S)

    assert (found.arrives_s[1], found.served_s[1], found.leaves_s[1]) == pytest.approx((1000, 1500, 2100))


def test_it_stands_where_it_breaks_down() -> None:
    found = driven(day(halts=(Halt(5_000.0, 1200.0, "breakdown"),)))

    assert found.arrives_s[1] == pytest.approx(2200)
    assert found.along_m(np.array([500.0, 1699.0, 1710.0])) == pytest.approx([5000, 5000, 5100])
    assert found.speed_m_per_s(np.array([499.0, 501.0, 1701.0])) == pytest.approx([10, 0, 10])


def test_in_a_jam_it_crawls_in_waves_at_the_mean_speed_of_the_jam() -> None:
    # Reaches 4 km at 400 s, 2 km of jam at 2 m/s take 1000 s (whole waves but for the last one), 4 km more 400 s.
    found = driven(day(jams=(jam(4_000, 6_000, 0, 10_000),)))

    assert found.arrives_s[1] == pytest.approx(1800, abs=60)
    inside = np.arange(410.0, 1300.0)
    speeds = found.speed_m_per_s(inside)
    assert set(speeds.round(6)) == {0.0, 4.0}
    assert 0.4 < (speeds == 0).mean() < 0.6


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "arrives_s"),
    [(5000, 9000, 1000), (0, 300, 1000), (0, 900, 1400), (600, 800, 1000)],
    ids=["later", "dissolved before", "dissolved while inside", "behind the truck"],
)
def test_a_jam_costs_what_it_holds_while_the_truck_is_in_it(begins_s: float, ends_s: float, arrives_s: float) -> None:
    # Dissolved at 900 s: 500 s in the jam are 1 km in place of 5 km, 400 s are lost.
    found = driven(day(jams=(jam(4_000, 6_000, begins_s, ends_s),)))

    assert found.arrives_s[1] == pytest.approx(arrives_s, abs=61)


def test_a_jam_grows_against_the_traffic_and_shrinks_to_its_head() -> None:
    queue = Jam(6_000.0, 2_000.0, 2.0, 60.0, 0.0, 1000.0, 2000.0, 3000.0)

    assert queue.tail_m(np.array([-1.0, 0, 500, 1000, 1500, 2500, 3000, 4000])).tolist() == [
        *(6000, 6000, 5000, 4000),
        *(4000, 5000, 6000, 6000),
    ]


@pytest.mark.parametrize("number", range(20))
def test_distance_is_the_integral_of_speed_through_jams_and_halts(number: int) -> None:
    drawn = np.random.default_rng(number)
    jams = tuple(
        Jam(
            head, float(drawn.uniform(300, head)), float(drawn.uniform(1, 4)), 80.0, *np.sort(drawn.uniform(0, 4000, 4))
        )
        for head in drawn.uniform(1000, 20_000, 3).tolist()
    )
    halts = tuple(Halt(float(at), 60.0, "light") for at in drawn.uniform(0, 20_000, 5))

    found = driven(day(jams, halts))

    moments = np.arange(-100.0, found.leaves_s[-1] + 100, 0.5)
    driven_m = np.concatenate([[0.0], np.cumsum(found.speed_m_per_s(moments[:-1] + 0.25) * 0.5)])
    assert np.abs(driven_m - found.along_m(moments)).max() < 30
    assert found.along_m(moments)[-1] == pytest.approx(20_000)
    assert found.speed_m_per_s(moments).max() <= 20.0 + 1e-9
    assert found.speed_m_per_s(moments).min() >= 0.0
    assert (np.diff(found.knots_s) > 0).all()
    usual = np.array([0.0, 1000.0, 2100.0])
    assert (found.arrives_s >= usual - 1e-6).all()


def closure(length_m: float = 8_000.0) -> Closure:
    drawn = np.random.default_rng(1)
    here, there = ((float(lat), 121.0) for lat in straight().place(np.array([4_000.0, 6_000.0]))[0])
    way = bent(here, there, length_m / chord_m(here, there), drawn, bends=1)
    usual = np.full((len(way.kinds), 100), 10.0)
    ends_m = np.array([0.0, way.length_m])
    branch = Day(way, ends_m, 0.0, usual, np.ones_like(usual), 1.0, np.zeros(len(way.kinds)))
    return Closure(4_000.0, 6_000.0, 0.0, 1000.0, branch)


def test_who_drives_around_a_closure_drives_the_branch_in_place_of_the_stretch() -> None:
    halts = (Halt(5_000.0, 999.0, "on the closed stretch"), Halt(7_000.0, 100.0, "behind it"))
    jams = (jam(1_000, 2_000, 0, 1), jam(12_000, 13_000, 0, 1), jam(3_500, 5_000, 0, 9_000))

    around = day(jams, halts).around(closure())

    assert around.way.length_m == pytest.approx(26_000, abs=1)
    assert around.stops_m.tolist() == pytest.approx([0, 16_000, 26_000], abs=1)
    assert [halt.at_m for halt in around.halts] == pytest.approx([13_000], abs=1)
    assert [queue.head_m for queue in around.jams] == pytest.approx([2_000, 19_000], abs=1)
    # 16 km at 10 m/s and the halt behind; then 600 s of service and 10 km at 20 m/s.
    assert driven(around).arrives_s.tolist() == pytest.approx([0, 1700, 2800], abs=1)
    off = np.abs(around.way.place(np.array([4_000.0, 8_000.0, 12_000.0]))[1] - 121.0)
    assert off[0] == pytest.approx(0, abs=1e-9)
    assert off[1] > 0.02
    assert off[2] == pytest.approx(0, abs=1e-5)


def test_a_closure_with_a_stop_inside_is_refused() -> None:
    with pytest.raises(ValueError, match="a stop lies between 9000 and 11000 m"):
        day().around(Closure(9_000.0, 11_000.0, 0.0, 1.0, closure().branch))


@pytest.mark.parametrize("ratio", [1.15, 1.5, 6.0])
@pytest.mark.parametrize("chord", [800.0, 60_000.0])
def test_a_bent_road_is_as_much_longer_as_was_asked(ratio: float, chord: float) -> None:
    here = (31.0, 121.0)
    there = (31.0, 121.0 + np.degrees(chord / 6_371_008.8 / np.cos(np.radians(31.0))))

    way = bent(here, there, ratio, np.random.default_rng(3))

    assert way.length_m == pytest.approx(ratio * chord, rel=0.01)
    assert (way.latitude_deg[-1], way.longitude_deg[-1]) == pytest.approx(there)
    assert way.borders_m[-1] == pytest.approx(way.length_m)


def test_rush_hours_are_slow_in_town_and_nights_are_free() -> None:
    way = straight(3)
    free = np.full(3, 10.0)
    kinds = np.array([RoadKind.RURAL, RoadKind.HIGHWAY, RoadKind.URBAN])
    way = type(way)(way.vertices_m, way.latitude_deg, way.longitude_deg, way.borders_m, kinds)

    usual = usual_speeds(way, free, 0.0, 24 * 12)

    night, morning, noon = (usual[:, hour * 12] for hour in (2, 8, 13))
    assert (morning < noon).all()
    assert (noon < night).all()
    assert morning[2] < morning[1] < morning[0]


def test_lights_cost_what_they_cost_in_the_mean() -> None:
    drawn = np.random.default_rng(5)
    way = straight(400)
    urban = type(way)(
        way.vertices_m, way.latitude_deg, way.longitude_deg, way.borders_m, np.full(400, RoadKind.URBAN, np.int64)
    )

    lights_m = lights_of(urban, drawn)

    # 1.6 a kilometre, red at 45 % of them for 5-70 s: 27 s a kilometre.
    assert len(lights_m) == pytest.approx(640, rel=0.1)
    assert light_costs(urban, lights_m).mean() == pytest.approx(27, rel=0.1)
    assert set(FREE_KM_PER_H) == set(RoadKind)
