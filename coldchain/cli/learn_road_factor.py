"""`coldchain change learn-road-factor`: how much longer roads are than great circles, from trips driven."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
from sqlalchemy import select

from alerts.tables import trip as table
from alerts.transit.states import TripState
from alerts.transit.view import TripView
from coldchain.database import read_sqlite
from coldchain.errors import ConfigError
from coldchain.geo import distance_m
from coldchain.profiles import TripRules
from coldchain.profiles.structs import Percent
from coldchain.registry import Profile, Registry
from coldchain.registry.actions import Plan, Said

LEAST_TRIPS = 10
"""Of fewer the median says more of them than of the roads. Assumed."""

LOWEST, HIGHEST = 1.0, 2.5
"""A trip outside drove elsewhere, or its places are wrong."""


def plan_of(data: Path, registry: Registry, days: int, at_ms: int, now_ms: int) -> Plan:
    """Return new rules of each kind of trip of which enough trips are known.

    Args:
        data: folder of the alarm store.
        days: so many days of trips.
        at_ms: from when on.
    """
    factors = factors_of(data, registry, now_ms - days * 86_400_000)
    puts, says = [], []
    for kind, found in sorted(factors.items()):
        facts: dict[str, object] = {"kind": kind, "trips": len(found)}
        if len(found) < LEAST_TRIPS:
            says.append(Said("road-few", {**facts, "least": LEAST_TRIPS}))
            continue
        before = registry.trip_rules_at(kind, at_ms)
        percent = float(round(100 * np.median(found)))
        source = f"learnt: median of {len(found)} trips of {days} days"
        after: TripRules = msgspec.structs.replace(
            before, road_factor=Percent(percent=percent, source=source, status="computed")
        )
        puts.append(Profile(at_ms, after))
        says.append(
            Said("road-learnt", {**facts, "before": f"{before.road_factor.value:.0f}", "after": f"{percent:.0f}"})
        )
    if not says:
        raise ConfigError(f"no trip of the last {days} days is over with every stop reached and its places known")
    return Plan(tuple(puts), tuple(says))


def factors_of(data: Path, registry: Registry, since_ms: int) -> dict[str, list[float]]:
    """Return kind of trip → way driven over the great circles, of trips that reached every stop."""
    if not (data / "alarms.db").exists():
        raise ConfigError(f"{data} holds no alarm store: the trips there were never judged")
    engine = read_sqlite(data / "alarms.db")
    columns = select(table.c.kind, table.c.judged)
    wanted = columns.where(table.c.over, table.c.begins_ms >= since_ms, table.c.judged.is_not(None))
    found: dict[str, list[float]] = defaultdict(list)
    try:
        with closing(engine.connect()) as connection:
            for row in connection.execute(wanted):
                view = msgspec.json.decode(row.judged, type=TripView)
                factor = _factor(registry, view)
                if factor is not None and LOWEST <= factor <= HIGHEST:
                    found[row.kind].append(factor)
    finally:
        engine.dispose()
    return dict(found)


def _factor(registry: Registry, view: TripView) -> float | None:
    reached = all(stop.arrived_ms is not None or place == 0 for place, stop in enumerate(view.stops))
    if view.state != TripState.ENDED or not reached:
        return None
    places = [registry.location_of(stop.site) for stop in view.stops]
    circles = [
        None if here is None or there is None else float(distance_m(*here, *there)) for here, there in pairwise(places)
    ]
    known = [circle for circle in circles if circle is not None]
    if len(known) < len(circles) or sum(known) <= 0:
        return None
    return view.driven_m / sum(known)
