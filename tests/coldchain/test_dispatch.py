"""The demo's dispatcher: plans of what a scenario drives, blind to what befalls it."""

from __future__ import annotations

from coldchain.cli.dispatch import EARLY_MS, LATE_MS, entries_of
from coldchain.clock import parse_rfc3339
from coldchain.custody import Milking, Trip
from firmware_sim.fleet import named_fleet
from firmware_sim.scenario_files import load_together

LIVE_MS = parse_rfc3339("2026-11-23T20:00:00+08:00")


def test_the_demo_has_six_trips_and_two_milkings_a_tank() -> None:
    scenario = load_together(("demo",))
    entries = list(entries_of(scenario, named_fleet(scenario.fleet), LIVE_MS, 86_400))
    trips = [one for one in entries if isinstance(one, Trip)]

    assert [(trip.vehicle, trip.kind) for trip in trips] == [
        *((f"truck-{number}", "distribution") for number in (1, 2, 3, 4)),
        *((f"tanker-{number}", "raw-milk") for number in (1, 2)),
    ]
    tanker = trips[4]
    assert [(stop.site, stop.purpose) for stop in tanker.stops] == [
        ("station-1", "load"),
        ("plant-1", "unload"),
        ("station-1", "return"),
    ]
    plant = tanker.stops[1]
    arrives_ms = LIVE_MS + 57 * 60_000  # 1 h 30 min before live it started, and arrives 2 h 27 min later: no jam in it
    assert (plant.arrives_ms, plant.window_from_ms, plant.window_to_ms) == (
        arrives_ms,
        arrives_ms - EARLY_MS,
        arrives_ms + LATE_MS,
    )
    assert len(tanker.route) == 4  # the tunnel is on the way and no stop
    assert [one for one in entries if isinstance(one, Milking)] == [
        Milking(tank, parse_rfc3339(ended))
        for tank in ("tank-1", "tank-2")
        for ended in ("2026-11-23T06:00:00+08:00", "2026-11-23T18:00:00+08:00")
    ]


def test_a_scenario_without_rounds_plans_nothing() -> None:
    scenario = load_together(("calm",))

    assert not [
        one for one in entries_of(scenario, named_fleet(scenario.fleet), LIVE_MS, 86_400) if isinstance(one, Trip)
    ]
