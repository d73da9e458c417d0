"""What the road does to a round, by times reckoned by hand: 20 km due north at 10 m/s, ten minutes there, and back."""

from __future__ import annotations

from dataclasses import replace
from math import degrees

import pytest

from coldchain.errors import ConfigError
from firmware_sim.fitting import check
from firmware_sim.roads import EARTH_M, Road, Stop, distance_m
from firmware_sim.rounds import driven
from firmware_sim.scenario import Breakdown, Detour, Happening, Jam, Round, Scenario, Tunnel
from firmware_sim.scenario_files import load_scenario
from tests.firmware_sim.stories import FLEET


def north(kilometres: float) -> float:
    return 31.0 + degrees(kilometres * 1000 / EARTH_M)


FARM, PLANT = north(0), north(20)
STOPS = (
    Stop("farm", FARM, 121.0, 0.0, 100.0),
    Stop("plant", PLANT, 121.0, 2100.0, 2700.0),
    Stop("farm", FARM, 121.0, 4700.0, 5000.0),
)
TOUR = Round(assets=("tanker-1",), start_s=-9000.0, stops=STOPS)
ON = ("tanker-1",)


def at(since_s: float) -> float:
    """Return a moment of the round in seconds from the start of live."""
    return TOUR.start_s + since_s


def reached(road: Road) -> list[tuple[str, float, float]]:
    return [(stop.name, round(stop.arrives_s), round(stop.leaves_s)) for stop in road.stops if stop.name]


def kilometre(road: Road, since_s: float) -> float:
    """Return how far north it is."""
    return distance_m(STOPS[0], Stop("", road.fix(since_s).latitude_deg, 121.0, 0, 0)) / 1000


def test_without_hindrance_it_is_driven_as_planned() -> None:
    late = Jam(assets=ON, from_km=5.0, to_km=7.0, start_s=at(6000), duration_s=60.0)

    assert driven(TOUR, ()) == Road(STOPS)
    assert reached(driven(TOUR, (late,))) == [("farm", 0, 100), ("plant", 2100, 2700), ("farm", 4700, 5000)]


def test_a_jam_costs_its_length_at_its_speed_and_the_loss_is_not_made_up() -> None:
    # 2 km at 1 m/s in place of 10 m/s: 1800 s.
    road = driven(TOUR, (Jam(assets=ON, from_km=5.0, to_km=7.0, km_per_h=3.6, start_s=at(0), duration_s=3000.0),))

    assert reached(road) == [("farm", 0, 100), ("plant", 3900, 4500), ("farm", 6500, 6800)]
    assert [road.fix(s).speed_m_per_s for s in (300.0, 700.0, 2500.0, 2700.0)] == pytest.approx([10, 1, 1, 10])
    assert kilometre(road, 1600.0) == pytest.approx(6.0, abs=1e-3)


def test_a_jam_lets_go_when_it_dissolves_and_catches_who_is_inside_when_it_begins() -> None:
    # Inside from 600 s; after 500 s, 0.5 km on, it is gone: 450 s are lost.
    dissolves = Jam(assets=ON, from_km=5.0, to_km=7.0, km_per_h=3.6, start_s=at(0), duration_s=1100.0)
    # At 6 km when it begins: 1 km at 1 m/s, 900 s are lost.
    begins = replace(dissolves, start_s=at(700), duration_s=9000.0)

    assert reached(driven(TOUR, (dissolves,)))[1] == ("plant", 2550, 3150)
    assert reached(driven(TOUR, (begins,)))[1] == ("plant", 3000, 3600)


def test_the_way_back_has_kilometres_of_its_own() -> None:
    back = Jam(assets=ON, from_km=33.0, to_km=35.0, km_per_h=3.6, start_s=at(0), duration_s=9000.0)

    assert reached(driven(TOUR, (back,))) == [("farm", 0, 100), ("plant", 2100, 2700), ("farm", 6500, 6800)]


def test_a_breakdown_stands_where_it_is_with_shut_doors() -> None:
    road = driven(TOUR, (Breakdown(assets=ON, start_s=at(1100), duration_s=1200.0),))

    assert reached(road)[1] == ("plant", 3300, 3900)
    fix = road.fix(2000.0)
    assert (fix.speed_m_per_s, fix.stop) == (0.0, "")
    assert kilometre(road, 2000.0) == pytest.approx(10.0, abs=1e-3)
    assert len(road.doors_s()) == 1


def test_a_truck_that_breaks_down_at_a_stop_leaves_it_later() -> None:
    road = driven(TOUR, (Breakdown(assets=ON, start_s=at(2400), duration_s=1000.0),))

    assert reached(road) == [("farm", 0, 100), ("plant", 2100, 2700), ("farm", 5400, 5700)]
    assert kilometre(road, 3300.0) == pytest.approx(20.0, abs=1e-3)
    assert [stay[:2] for stay in road.stays()] == [("farm", 0), ("plant", 2100), ("farm", 5400)]
    assert [stay[2] for stay in road.stays()] == pytest.approx([100, 3400, 5700])


def test_a_long_stay_keeps_its_length() -> None:
    rests = (*STOPS[:2], Stop("yard", north(10), 121.0, 3700.0, 8000.0), Stop("farm", FARM, 121.0, 9000.0, 9100.0))
    road = driven(replace(TOUR, stops=rests), (Breakdown(assets=ON, start_s=at(1100), duration_s=1200.0),))

    # Nobody makes up what was lost.
    assert reached(road)[2:] == [("yard", 4900, 9200), ("farm", 10_200, 10_300)]


def test_a_detour_drives_around_at_the_planned_speed_while_the_road_is_closed() -> None:
    aside = degrees(3_000 / EARTH_M) / 0.857  # 3 km east, there and back, in place of 2 km straight on
    closed = Detour(
        assets=ON,
        from_km=5.0,
        to_km=7.0,
        over=((north(5), 121.0 + aside), (north(7), 121.0 + aside)),
        start_s=at(0),
        duration_s=700.0,
    )

    road = driven(TOUR, (closed,))

    assert list(reached(road)[1][1:]) == pytest.approx([2700, 3300], abs=2)
    assert road.fix(900.0).longitude_deg == pytest.approx(121.0 + aside, abs=2e-4)
    assert max(abs(road.fix(s).longitude_deg - 121.0) for s in (300.0, 2000.0, 4000.0)) < 1e-9
    open_again = replace(closed, duration_s=500.0)
    assert reached(driven(TOUR, (open_again,)))[1] == ("plant", 2100, 2700)


def test_a_tunnel_hides_the_vehicle_each_time_it_passes() -> None:
    road = driven(TOUR, (Tunnel(assets=ON, from_km=5.0, to_km=7.0), Tunnel(assets=ON, from_km=33.0, to_km=35.0)))

    hidden = [second for second in range(5000) if road.hidden(second)]
    assert hidden == [*range(600, 800), *range(4000, 4200)]


def test_who_stands_in_a_tunnel_is_hidden_as_long() -> None:
    road = driven(
        TOUR, (Tunnel(assets=ON, from_km=5.0, to_km=7.0), Breakdown(assets=ON, start_s=at(700), duration_s=1000.0))
    )

    assert [second for second in range(5000) if road.hidden(second)] == [*range(600, 1800)]


def test_several_at_once() -> None:
    jam = Jam(assets=ON, from_km=5.0, to_km=7.0, km_per_h=3.6, start_s=at(0), duration_s=9000.0)
    stands = Breakdown(assets=ON, start_s=at(1000), duration_s=600.0)

    # Stands inside the jam: 1800 s and 600 s.
    assert reached(driven(TOUR, (jam, stands)))[1] == ("plant", 4500, 5100)


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        (Jam(assets=("reefer-1",), from_km=1.0, to_km=2.0), "jam: reefer-1 has no round"),
        (
            Jam(assets=ON, from_km=30.0, to_km=50.0),
            "from_km = 30, to_km = 50: a stretch of the way's 40.0 km was expected",
        ),
        (Jam(assets=ON, from_km=2.0, to_km=1.0), "from_km = 2, to_km = 1"),
        (Jam(assets=ON, from_km=1.0, to_km=2.0, km_per_h=0.0), "km_per_h = 0: more than nothing was expected"),
        (Tunnel(assets=ON, from_km=-1.0, to_km=2.0), "from_km = -1, to_km = 2"),
        (Breakdown(assets=ON), "breakdown: a duration was expected"),
        (Detour(assets=ON, from_km=1.0, to_km=2.0), "over was expected"),
        (Detour(assets=ON, from_km=19.0, to_km=21.0, over=((31.1, 121.1),)), "it passes 'plant'"),
    ],
)
def test_what_cannot_befall_the_round_is_a_fault(what: Happening, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(FLEET, Scenario((TOUR, what)))

    assert fault in "\n".join(caught.value.faults)


@pytest.mark.parametrize("name", ["road-jam", "road-breakdown", "road-detour", "road-tunnel"])
def test_each_story_of_the_road_has_its_round(name: str) -> None:
    scenario = load_scenario(name)

    [tour] = scenario.of(Round)
    assert driven(tour, scenario.happenings) != Road(tour.stops)
