"""A month of daily delivery rounds for `bench.kpis`: trucks with a probe each, and their trips as judged."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from alerts.transit.book import Entries
from alerts.transit.states import TripState
from alerts.transit.trips import PROGRAM
from alerts.transit.view import StopView, TripView
from coldchain.custody import Trip, TripStop
from coldchain.registry import Asset, Binding, Point, Probe, Put, Site, Vehicle

TRUCKS, SHORT_TRUCKS = 300, 30
STOPS = 6
"""Of a round, the loading of it among them."""
EVERY_S = 300
HOUR_MS = 3_600_000


def trucks(number: int, start_ms: int) -> Iterator[Put]:
    """Yield the registry's entries of some trucks of ten carriers."""
    for which in range(number):
        site, asset = f"truck-{which}", f"body-{which}"
        yield Site(site, site, "vehicle", "chain")
        yield Vehicle(site, f"沪A·{which:05}", carrier=f"Carrier {which % 10}")
        yield Asset(asset, asset, "reefer", site)
        yield Point(f"{asset}.air", asset, "return-air", "temperature", EVERY_S, profile="pasteurized")
        yield Probe(f"urn:{asset}")
        yield Binding(f"urn:{asset}", f"{asset}.air", start_ms)


def trips(number: int, days: int, start_ms: int) -> Iterator[dict[str, object]]:
    """Yield a row of the judge's trips for each truck and day: it leaves at six and comes home at two."""
    for which in range(number):
        for day in range(days):
            begins_ms = start_ms + (day * 24 + 6) * HOUR_MS
            places = [f"shop-{(which * STOPS + stop) % 200}" for stop in range(STOPS)]
            name, vehicle = f"trip-{which}-{day}", f"truck-{which}"
            plan = Trip(name, "distribution", vehicle, tuple(_stops(places, begins_ms)))
            yield {
                "id": name, "kind": plan.kind, "vehicle": vehicle, "begins_ms": begins_ms,
                "ends_ms": begins_ms + 8 * HOUR_MS, "over": True, "due": False, "changed": 1,
                "said": msgspec.json.encode(Entries(plan)), "judged": msgspec.json.encode(_judged(places, begins_ms)),
            }  # fmt: skip


def _stops(places: list[str], begins_ms: int) -> Iterator[TripStop]:
    for number, place in enumerate(places):
        yield TripStop(place, "unload" if number else "load", arrives_ms=begins_ms + number * HOUR_MS)


def _judged(places: list[str], begins_ms: int) -> TripView:
    stops = [_stopped(place, number, begins_ms + number * HOUR_MS) for number, place in enumerate(places)]
    over_ms = begins_ms + 8 * HOUR_MS
    return TripView(
        *(TripState.ENDED, begins_ms, over_ms, over_ms, 120_000, None, None, None, "bench"), stops, [], PROGRAM
    )


def _stopped(place: str, number: int, arrived_ms: int) -> StopView:
    left_ms, none = arrived_ms + HOUR_MS // 4, None
    planned = (place, "unload" if number else "load", none, none, none, none, none)
    return StopView(*planned, arrived_ms, left_ms, none, none, "positions", "positions", False, none, none, none)
