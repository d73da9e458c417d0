"""`coldchain change learn-fences`: fences of sites from where vehicles stood when they were expected there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

from rich.console import Console
from rich.progress import Progress

from alerts.spanhistory import SpanHistory
from alerts.touch import put_of
from alerts.transit.book import Entries, span_of
from alerts.transit.gathering import points_on, track_of
from alerts.transit.halts import Halt, halts_of
from alerts.transit.learning import Unlearnt, learnt
from alerts.transit.stays import AROUND_MS, stay_at
from coldchain.custody import Trip, TripVehicle
from coldchain.errors import ConfigError
from coldchain.ledger.port import Ledger
from coldchain.registry import Fence, Registry, fencing
from coldchain.registry.actions import Plan, Said

DAY_MS = 86_400_000
POSITIONS = frozenset({"latitude", "longitude", "speed"})


def plan_of(ledger: Ledger, registry: Registry, sites: Sequence[str], days: int, at_ms: int, now_ms: int) -> Plan:
    """Return the fences that can be learnt, and why those of other sites cannot.

    Args:
        sites: only these; empty: every site at which a trip stopped and that has no fence of its own.
        days: so many days of trips.
        at_ms: from when on the fences hold.
    """
    unknown = [site for site in sites if site not in registry.sites]
    if unknown:
        raise ConfigError([f"{site}: no such site" for site in unknown])
    trips = _trips(ledger, registry, now_ms - days * DAY_MS, now_ms)
    wanted = {
        stop.site
        for trip in trips
        if trip.plan is not None
        for stop in trip.plan.stops
        if stop.site in registry.sites and (stop.site in sites or not (sites or registry.fences.get(stop.site)))
    }
    stays = _stays(ledger, registry, trips, wanted, now_ms - (days + 1) * DAY_MS, now_ms)
    fences, says = list[Fence](), list[Said]()
    for site in sorted({*wanted, *sites}):
        found = learnt(site, stays.get(site, []), registry.location_of(site), at_ms)
        if isinstance(found, Unlearnt):
            facts = {"site": site, "stays": len(stays.get(site, []))}
            says.append(Said("fence-few" if found is Unlearnt.TOO_FEW else "fence-apart", facts))
        else:
            fences.append(found)
    if not (fences or says):
        raise ConfigError(f"no trip of the last {days} days stopped at a site without a fence of its own")
    drawn = [fencing.draw_fence(registry, fence, now_ms) for fence in fences]
    return Plan(tuple(put for one in drawn for put in one.puts), (*(said for one in drawn for said in one.says), *says))


def _trips(ledger: Ledger, registry: Registry, from_ms: int, to_ms: int) -> list[Entries]:
    """Return the trips that were planned within some time, with every vehicle that drove them."""
    found: dict[str, Entries] = {}
    for entry in ledger.changes(0, registry.position):
        match put_of(entry):
            case Trip() as plan:
                turns = found[plan.id].vehicles if plan.id in found else ()
                found[plan.id] = Entries(plan, (), turns)
            case TripVehicle() as turn:
                before = found.get(turn.trip, Entries())
                found[turn.trip] = Entries(before.plan, (), (*before.vehicles, turn))
    return [trip for trip in found.values() if trip.plan is not None and from_ms <= span_of(trip.plan)[0] <= to_ms]


def _stays(
    ledger: Ledger, registry: Registry, trips: Sequence[Entries], wanted: set[str], from_ms: int, to_ms: int
) -> dict[str, list[Halt]]:
    """Return the stays at each wanted site, in measured order."""
    points = {
        point.id
        for trip in trips
        for vehicle, _ in trip.legs()
        for point in points_on(registry, vehicle, from_ms, to_ms)
        if point.quantity in POSITIONS
    }
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        read = bar.add_task("read", total=None)
        history = SpanHistory(
            *(ledger, registry, sorted(points), from_ms, to_ms),
            progress=lambda done, total: bar.update(read, completed=done, total=total),
        )
        with closing(history):
            found: dict[str, list[Halt]] = {}
            for trip in trips:
                for site, halt in _of_trip(history, registry, trip, wanted):
                    found.setdefault(site, []).append(halt)
    return {site: sorted(halts, key=lambda halt: halt.from_ms) for site, halts in found.items()}


def _of_trip(history: SpanHistory, registry: Registry, trip: Entries, wanted: set[str]) -> Iterator[tuple[str, Halt]]:
    plan = trip.plan
    assert plan is not None
    begins_ms, ends_ms = span_of(plan)
    legs = trip.legs()
    ends = [*(at_ms or 0 for _, at_ms in legs[1:]), ends_ms + AROUND_MS]
    halts = [
        halt
        for (vehicle, since_ms), until_ms in zip(legs, ends, strict=True)
        for halt in halts_of(
            track_of(
                registry,
                vehicle,
                begins_ms - AROUND_MS if since_ms is None else since_ms,
                until_ms,
                lambda point, begin, end: history.samples(registry, point, begin, end, registry.position),
            )
        )
    ]
    for stop in plan.stops:
        if stop.site in wanted:
            others = [registry.fence_at(other.site, begins_ms) for other in plan.stops if other.site != stop.site]
            known = [fence for fence in others if fence is not None]
            halt = stay_at(stop, halts, registry.location_of(stop.site), known)
            if halt is not None:
                yield stop.site, halt
