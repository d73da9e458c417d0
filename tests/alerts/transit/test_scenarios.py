"""The simulator's roads, judged: what befalls a vehicle is found, and what befalls none is not."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.transit.ageing import NO_GOODS
from alerts.transit.states import TripState
from alerts.transit.track import Track
from alerts.transit.trips import Heard, Judged, judged
from coldchain.custody import Trip, TripMoment, TripStop
from coldchain.geo import Flat
from coldchain.profiles import builtin
from coldchain.registry import Fence
from firmware_sim.fleet import named_fleet
from firmware_sim.roads import Road
from firmware_sim.rounds import rounds_of
from firmware_sim.scenario import Round
from firmware_sim.scenario_files import load_together

T0 = 1_795_000_000_000
EVERY_S = 30
NOISE_M = 8.0
MINUTE_MS = 60_000


def planned(tour: Round, kind: str) -> Trip:
    """Return the plan of a round: its stops where it stays, with windows; its way points on the way."""
    stays = [stop for stop in tour.stops if stop.arrives_s < stop.leaves_s]
    stops = []
    for place, stop in enumerate(stays):
        at_ms = T0 + round(stop.arrives_s * 1000)
        purpose = "load" if stop.name in ("station", "depot") and place < len(stays) - 1 else "unload"
        window = (at_ms - 15 * MINUTE_MS, at_ms + 30 * MINUTE_MS) if purpose == "unload" else (None, None)
        stops.append(TripStop(stop.name, purpose, at_ms, T0 + round(stop.leaves_s * 1000), *window))
    route = tuple((stop.latitude_deg, stop.longitude_deg) for stop in tour.stops)
    return Trip("t", kind, "v", tuple(stops), route)


def heard(road: Road, plan: Trip, until_s: float) -> Heard:
    """Return what a receiver says of a round: a fix each half minute, some metres off, none in a tunnel."""
    chance = np.random.default_rng(1)
    moments = [s for s in np.arange(-1800.0, until_s, EVERY_S).tolist() if not road.hidden(s)]
    fixes = [road.fix(s) for s in moments]
    flat = Flat(fixes[0].latitude_deg, fixes[0].longitude_deg)
    true = np.array([(fix.latitude_deg, fix.longitude_deg) for fix in fixes])
    east, north = flat.east_north_m(true[:, 0], true[:, 1])
    latitude, longitude = flat.place(
        east + chance.normal(0, NOISE_M, len(east)), north + chance.normal(0, NOISE_M, len(north))
    )
    t = T0 + np.round(np.array(moments) * 1000).astype(np.int64)
    track = Track(t, latitude, longitude, np.array([fix.speed_m_per_s for fix in fixes]), EVERY_S * 1000)
    places = {stop.name: (stop.latitude_deg, stop.longitude_deg) for stop in road.stops}
    fences = {name: Fence(name, 0, *place, 250.0, coordinates="WGS-84") for name, place in places.items()}
    mine = {stop.site for stop in plan.stops}
    taken_ms = [T0 + round(arrived_s * 1000) + 30 * MINUTE_MS for _, arrived_s, _ in road.stays()]
    accepted = [  # the plant takes the milk over half an hour after it came
        TripMoment(plan.id, "accepted", at_ms, place)
        for place, (stop, at_ms) in enumerate(zip(plan.stops, taken_ms, strict=True))
        if stop.purpose == "unload" and at_ms <= t[-1]
    ]
    return Heard(
        track,
        {site: fence for site, fence in fences.items() if site in mine},
        {site: place for site, place in places.items() if site in mine},
        accepted,
        NO_GOODS,
        None,
        int(t[-1]),
    )


def driven(name: str, kind: str, until_s: float | None = None) -> Judged:
    """Judge the first round of a scenario, up to an hour after its end, or up to some seconds after its start."""
    scenario = load_together((name,))
    fleet = named_fleet(scenario.fleet)
    tour = scenario.of(Round)[0]
    _, _, road = next(iter(rounds_of(scenario, fleet)))
    plan = planned(tour, kind)
    ends_s = road.stops[-1].leaves_s + 600.0 if until_s is None else until_s
    return judged(plan, heard(road, plan, ends_s), builtin().trips[kind])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("collection-rounds", "raw-milk"),
        ("multi-stop-round", "distribution"),
        ("road-tunnel", "distribution"),
        ("tanker-offline", "raw-milk"),
    ],
)
def test_a_round_that_goes_well_tells_nothing_and_reaches_every_stop(name: str, kind: str) -> None:
    found = driven(name, kind)

    assert [(one.rule, one.evidence) for one in found.delays] == []
    assert all(stop.arrived_ms is not None for stop in found.course.stops)
    assert found.course.state in (TripState.WAITING, TripState.ENDED, TripState.AT_STOP)


def test_a_jam_is_told_before_the_plant_is_missed() -> None:
    found = driven("road-jam", "raw-milk")

    [late] = [one for one in found.delays if one.rule == "late-arrival"]
    plant = found.itinerary.trip.stops[-1]
    assert plant.window_to_ms is not None
    assert late.raised_ms <= plant.window_to_ms - 20 * MINUTE_MS
    assert {one.rule for one in found.delays} == {"late-arrival"}


def test_a_jam_is_told_while_it_is_driven_just_as_afterwards() -> None:
    """What is raised at a moment depends on nothing behind it: cut there, the same is told."""
    whole = driven("road-jam", "raw-milk").delays[0]
    cut = driven("road-jam", "raw-milk", (whole.raised_ms - T0) / 1000 + EVERY_S).delays[0]

    assert (cut.rule, cut.onset_ms, cut.raised_ms, cut.ended_ms) == (whole.rule, whole.onset_ms, whole.raised_ms, None)


def test_a_breakdown_is_told_as_standing_and_as_late() -> None:
    found = driven("road-breakdown", "distribution")

    stood = next(one for one in found.delays if one.rule == "stopped")
    assert stood.onset_ms == pytest.approx(T0 + 40 * MINUTE_MS, abs=MINUTE_MS)  # it broke down 40 min after its start
    assert stood.raised_ms == pytest.approx(stood.onset_ms + 30 * MINUTE_MS, abs=MINUTE_MS)
    assert stood.ended_ms == pytest.approx(stood.onset_ms + 90 * MINUTE_MS, abs=MINUTE_MS)
    assert {one.rule for one in found.delays} == {"stopped", "late-arrival"}


def test_a_closed_road_is_told_as_off_the_way() -> None:
    found = driven("road-detour", "raw-milk")

    assert "off-route" in {one.rule for one in found.delays}
    assert "stopped" not in {one.rule for one in found.delays}
