"""How well delays are told before they happen: simulated trips, their truth, and what the rules said of each window."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from alerts.transit.following import happened
from alerts.transit.itinerary import itinerary_of
from alerts.transit.lateness import told_late
from alerts.transit.outlook import looks_of
from alerts.transit.track import Track
from alerts.transit.visits import visits_of
from bench.figures import Figure, at_least
from coldchain.custody import Trip, TripStop
from coldchain.profiles import builtin
from coldchain.registry import Fence
from firmware_sim.traffic import Trip as Simulated
from firmware_sim.traffic import trips

SEED = 20_261_123
"""Measured with, and with nothing else: the rules were developed on other seeds."""

TRIPS, SHORT_TRIPS = 1000, 100
AHEAD_MS = 20 * 60_000
RADIUS_M = {"load": 250.0, "unload": 200.0, "return": 300.0}


@dataclass(frozen=True, slots=True)
class Window:
    """One window of one trip.

    Attributes:
        missed: in truth. ``knowable``: missed, and that could be known `AHEAD_MS` before its end.
        told_ms: when it was told first and for good; None: never, or taken back before its end.
        cried: it was told at some time before its end, whether taken back or not.
        to_ms: its end.
    """

    missed: bool
    knowable: bool
    told_ms: int | None
    cried: bool
    to_ms: int


def measure(*, short: bool) -> list[Figure]:
    """Return recall, precision and lead."""
    count = SHORT_TRIPS if short else TRIPS
    simulated = list(trips(count, SEED))
    begin_s = time.perf_counter()
    found = [window for trip in simulated for window in windows_of(trip)]
    knowable = [one for one in found if one.knowable]
    recalled = [one for one in knowable if one.told_ms is not None and one.told_ms <= one.to_ms - AHEAD_MS]
    cried = [one for one in found if one.cried]
    right = [one for one in cried if one.missed]
    leads = [(one.to_ms - one.told_ms) / 60_000 for one in recalled if one.told_ms is not None]
    return [
        at_least("delay_recall", len(recalled) / len(knowable), "", 0.9),
        *_interval("delay_recall", len(recalled), len(knowable)),
        at_least("delay_precision", len(right) / max(len(cried), 1), "", 0.9),
        *_interval("delay_precision", len(right), len(cried)),
        at_least("delay_lead_min", float(np.median(leads)) if leads else 0.0, "min", 20),
        Figure("delay_windows", len(found), "windows", "missed", sum(one.missed for one in found)),
        Figure("delay_windows_knowable", len(knowable), "windows"),
        Figure("delay_looks_ms", (time.perf_counter() - begin_s) * 1000 / count, "ms a trip"),
    ]


def windows_of(trip: Simulated) -> Iterator[Window]:
    """Yield the windows of a trip with what was told of each."""
    rules = builtin().trips[trip.plan.kind]
    heard = trip.heard
    track = Track(heard.t_ms, heard.latitude_deg, heard.longitude_deg, heard.speed_m_per_s, heard.interval_s * 1000)
    places = {stop.name: (stop.latitude_deg, stop.longitude_deg) for stop in trip.plan.stops}
    fences = {
        stop.name: Fence(stop.name, 0, *places[stop.name], RADIUS_M[stop.purpose], coordinates="WGS-84")
        for stop in trip.plan.stops
    }
    planned = Trip(
        str(trip.number), trip.plan.kind, "vehicle",
        tuple(
            TripStop(one.name, one.purpose, one.arrives_ms, one.leaves_ms, one.window_from_ms, one.window_to_ms)
            for one in trip.plan.stops
        ),
        trip.plan.route, trip.plan.distance_m,
    )  # fmt: skip
    itinerary = itinerary_of(planned, places, rules)
    found = happened(itinerary, visits_of(track, fences), ())
    last: dict[int, int | None] = {}
    cried: set[int] = set()
    for look, told in told_late(itinerary, looks_of(itinerary, track, found, rules), rules):
        last |= {stop: told.get(stop) for stop in look.chance}
        cried |= {stop for stop in told if look.at_ms <= (itinerary.due_ms[stop] or 0)}
    missed = trip.truth.missed
    for stop, one in enumerate(trip.plan.stops):
        if one.window_to_ms is None or stop == 0:
            continue
        since_ms = trip.truth.knowable_since_ms(stop) if missed[stop] else None
        yield Window(
            bool(missed[stop]),
            since_ms is not None and since_ms <= one.window_to_ms - AHEAD_MS,
            last.get(stop),
            stop in cried,
            one.window_to_ms,
        )


def _interval(name: str, right: int, of: int) -> list[Figure]:
    """Return the 95 % interval of a share (Wilson)."""
    if not of:
        return []
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return [Figure(f"{name}_from", middle - half, ""), Figure(f"{name}_to", middle + half, "")]
