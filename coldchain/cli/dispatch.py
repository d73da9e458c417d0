"""The demo's dispatcher: what a scenario drives and milks, as the trips, milkings and goods that people would have
entered.

Plans know nothing of jams and breakdowns; those are for the rules to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coldchain.cli.stocking import Goods, stock_of
from coldchain.custody import Milking, Trip, TripStop
from firmware_sim.fleet import Fleet
from firmware_sim.scenario import Milking as Milked
from firmware_sim.scenario import Round, Scenario

MINUTE_MS = 60_000
DAY_MS = 86_400_000
EARLY_MS, LATE_MS = 15 * MINUTE_MS, 30 * MINUTE_MS
"""A stop's window around its planned time."""

LOCAL_MS = 8 * 3_600_000
"""Scenarios tell times of the day of China."""


def entries_of(scenario: Scenario, fleet: Fleet, live_ms: int, history_s: int) -> Iterator[Trip | Milking | Goods]:
    """Yield the trips that are planned, the milkings that ended within the history, and the goods of the fleet.

    Args:
        live_ms: start of live.
    """
    planned = [_trip(fleet, asset, tour, live_ms) for tour in scenario.of(Round) for asset in tour.assets_of(fleet)]
    trips = [trip for trip in planned if trip is not None]
    yield from trips
    for what in scenario.of(Milked):
        for asset in what.assets_of(fleet):
            yield from _milkings(asset, what, live_ms - history_s * 1000, live_ms)
    yield from stock_of(fleet, trips, live_ms, history_s)


def _trip(fleet: Fleet, asset: str, tour: Round, live_ms: int) -> Trip | None:
    sites = {site.name: site for site in fleet.sites}
    begins_ms = live_ms + round(tour.start_s * 1000)
    raw_milk = fleet.asset(asset).kind == "tanker"
    known = [stop for stop in tour.stops if stop.name in sites]
    if len(known) < 2 or known[0] is not tour.stops[0]:
        return None
    stops = []
    for place, stop in enumerate(known):
        at_ms = begins_ms + round(stop.arrives_s * 1000)
        purpose = "load" if place == 0 else "unload" if sites[stop.name].id != sites[known[0].name].id else "return"
        window = (at_ms - EARLY_MS, at_ms + LATE_MS) if purpose == "unload" else (None, None)
        leaves_ms = begins_ms + round(stop.leaves_s * 1000)
        stops.append(TripStop(sites[stop.name].id, purpose, at_ms, leaves_ms, *window))
    vehicle = fleet.asset(asset).site
    return Trip(
        f"{vehicle}-{begins_ms // MINUTE_MS}",
        "raw-milk" if raw_milk else "distribution",
        vehicle,
        tuple(stops),
        route=tuple((stop.latitude_deg, stop.longitude_deg) for stop in tour.stops),
    )


def _milkings(asset: str, what: Milked, from_ms: int, to_ms: int) -> Sequence[Milking]:
    first = (from_ms + LOCAL_MS) // DAY_MS - 1
    last = (to_ms + LOCAL_MS) // DAY_MS
    ended = [
        day * DAY_MS - LOCAL_MS + round((time_s + what.lasts_s) * 1000)
        for day in range(first, last + 1)
        for time_s in what.times_s
    ]
    return [Milking(asset, at_ms) for at_ms in ended if from_ms <= at_ms < to_ms]
