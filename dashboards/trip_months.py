"""`/api/v1/trip-months`: what a month of trips came to, by carrier and for raw milk."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from alerts.transit.months import (
    CarrierSheet,
    Load,
    MilkWay,
    Stood,
    carrier_sheets,
    hours_of,
    loads_of,
    longest,
    longest_trips,
    milk_ways,
)
from alerts.transit.reader import KnownTrip, Wanted
from coldchain.clock import rfc3339
from coldchain.registry import Registry
from coldchain.registry.forms import HOME
from coldchain.trips.milkings import Milkings
from dashboards import trip_models as models
from dashboards.api import MAX_LIMIT
from dashboards.compliance import DEFINITION, Complied, complied
from dashboards.monitoring import as_one, monitored
from dashboards.problems import Problem
from dashboards.sources import Sources
from dashboards.trips import site_name

TREND = 6
"""Months that are shown beside each other, the asked one the last."""

HOUR_MS = 3_600_000

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z")

Month = tuple[int, int]
"""Year and month, in China's time."""


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1/trip-months")

    @functools.cache
    def milkings() -> Milkings:
        return Milkings(sources.ledger)

    @api.get("/{month}/carriers")
    def carriers(month: str) -> models.CarrierMonths:
        """Each carrier's trips of a month: in time or late, delays by reason, breaches, refused deliveries."""
        registry, asked = sources.registry(), _month(month)
        trips = _trips(sources, asked)
        sheets = carrier_sheets(
            trips,
            lambda trip: carrier_of(registry, trip),
            sources.trips.wrongs([trip.plan.id for trip in trips]),
            _breaches(sources, asked, trips),
            sources.clock.now_ms(),
        )
        return models.CarrierMonths(month=month, items=[_sheet(registry, one) for one in sheets], demo=sources.demo)

    @api.get("/{month}/carrier")
    def carrier(
        month: str, carrier: Annotated[str, Query(description="as `/carriers` names it; empty: nobody said")] = ""
    ) -> models.Carrier:
        """One carrier's month: vehicles, 温控合规率 as defined, ways by tonnes, the longest trips, the trend."""
        registry, asked = sources.registry(), _month(month)
        own = [trip for trip in _trips(sources, asked) if carrier_of(registry, trip) == carrier]
        loads = [load for trip in own for load in loads_of(trip, registry.location_of)]
        way = next(iter(milk_ways(loads, lambda load: "")), MilkWay("", 0, 0.0, 0, None, None))
        known = registry.carriers.get(carrier)
        return models.Carrier(
            month=month,
            carrier=carrier,
            carrier_name=known.name if known else carrier,
            phone=known.phone if known else "",
            vehicles=_vehicles(registry, carrier, own),
            compliance=_compliance(complied(sources, own)),
            loads=way.loads,
            tonnes=round(way.tonnes, 3),
            unweighed=way.unweighed,
            km=_rounded(way.km),
            hours=_rounded(way.hours),
            longest=[_long(registry, trip) for trip in longest_trips(own)],
            trend=[_carrier_trend(sources, carrier, _earlier(asked, months)) for months in range(TREND - 1, -1, -1)],
            demo=sources.demo,
        )

    @api.get("/{month}/milk")
    def milk(month: str) -> models.MilkMonth:
        """Raw milk of a month: way and hours by station and plant, the months before, the longest, how well watched."""
        registry, asked = sources.registry(), _month(month)
        loads = _loads(sources, asked)
        own = [load for _, load in loads]
        watched = as_one(monitored(sources, milkings(), loads).values())
        before = [_earlier(asked, months) for months in range(TREND - 1, 0, -1)]
        trend = [*((one, [load for _, load in _loads(sources, one)]) for one in before), (asked, own)]
        return models.MilkMonth(
            month=month,
            by_station=[_way(registry, one) for one in milk_ways(own, lambda load: load.station)],
            by_plant=[_way(registry, one) for one in milk_ways(own, lambda load: load.plant)],
            trend=[_trend(one, some) for one, some in trend],
            longest=[_load(registry, load) for load in longest(own)],
            custody_h=round(watched.custody_ms / HOUR_MS, 2),
            monitored_h=round(watched.known_ms / HOUR_MS, 2),
            monitored_share=watched.known_ms / watched.custody_ms if watched.custody_ms else None,
            unsaid_milkings=watched.unsaid,
            demo=sources.demo,
        )

    return api


# -- months ---------------------------------------------------------------------------------------------------


def _month(text: str) -> Month:
    found = _MONTH.match(text)
    if found is None:
        raise Problem(422, "the request does not fit", f"{text!r:.40} is no month: write 2026-11")
    return int(found[1]), int(found[2])


def _said(month: Month) -> str:
    return f"{month[0]}-{month[1]:02}"


def _earlier(month: Month, months: int) -> Month:
    whole = month[0] * 12 + month[1] - 1 - months
    return whole // 12, whole % 12 + 1


def _span(month: Month) -> tuple[int, int]:
    """Return [from, to) of a month in China's time, ms."""
    begin, end = (datetime(*each, 1, tzinfo=HOME) for each in (month, _earlier(month, -1)))
    return round(begin.timestamp() * 1000), round(end.timestamp() * 1000)


def _trips(sources: Sources, month: Month, kind: str = "") -> list[KnownTrip]:
    """Return the trips that were planned to begin in a month."""
    return trips_begun(sources, *_span(month), kind)


def trips_begun(sources: Sources, from_ms: int, to_ms: int, kind: str = "") -> list[KnownTrip]:
    """Return the trips that were planned to begin in [from, to)."""
    wanted, after = Wanted(from_ms=from_ms, to_ms=to_ms, kind=kind), None
    found: list[KnownTrip] = []
    while True:
        page = sources.trips.trips(wanted, limit=MAX_LIMIT, after=after)
        found += [trip for trip in page.items if trip.begins_ms >= from_ms]
        after = page.next
        if after is None:
            return found


# -- carriers -------------------------------------------------------------------------------------------------


def carrier_of(registry: Registry, trip: KnownTrip) -> str:
    """Return the carrier that a plan names, or that its vehicle belongs to: an id where one is registered."""
    vehicle = registry.vehicles.get(trip.plan.vehicle)
    return carrier_named(registry, trip.plan.carrier or (vehicle.carrier if vehicle else ""))


def carrier_named(registry: Registry, said: str) -> str:
    known = registry.carrier_named(said)
    return known.id if known else said


def _breaches(sources: Sources, month: Month, trips: Sequence[KnownTrip]) -> dict[str, list[Stood]]:
    """Return trip → when alarms about temperatures on its vehicles stood while it was on the way."""
    from_ms, _ = _span(month)
    now_ms = sources.clock.now_ms()
    found = sources.trips.too_warm_or_cold(from_ms, now_ms)
    breaches: dict[str, list[Stood]] = {}
    for trip in trips:
        if trip.view is None or trip.view.started_ms is None:
            continue
        begin, end = trip.view.started_ms, trip.view.over_ms or now_ms
        vehicles = {vehicle for vehicle, _ in trip.legs}
        stood = [one for vehicle in vehicles for one in found.get(vehicle, ())]
        breaches[trip.plan.id] = [one for one in stood if one[0] < end and (one[1] is None or one[1] > begin)]
    return breaches


def _vehicles(registry: Registry, carrier: str, trips: Sequence[KnownTrip]) -> list[models.CarrierVehicle]:
    """Return the vehicles that a carrier has by the registry, and those that drove for it."""
    driven = Counter(trip.plan.vehicle for trip in trips)
    own = [
        one.site for one in registry.vehicles.values() if carrier and carrier_named(registry, one.carrier) == carrier
    ]
    return [
        models.CarrierVehicle(
            vehicle=name,
            vehicle_name=site_name(registry, name),
            plate=registry.vehicles[name].plate if name in registry.vehicles else "",
            trips=driven[name],
        )
        for name in sorted({*own, *driven}, key=lambda one: (-driven[one], one))
    ]


def _compliance(found: Complied) -> models.Compliance:
    return models.Compliance(
        definition=DEFINITION,
        trips=found.trips,
        unmeasured=found.unmeasured,
        loaded_h=round(found.loaded_ms / HOUR_MS, 2),
        known_h=round(found.known_ms / HOUR_MS, 2),
        within_h=round(found.within_ms / HOUR_MS, 2),
        share=found.within_ms / found.known_ms if found.known_ms else None,
    )


def _long(registry: Registry, trip: KnownTrip) -> models.LongTrip:
    assert trip.view is not None
    return models.LongTrip(
        trip=trip.plan.id,
        vehicle_name=site_name(registry, trip.legs[-1][0]),
        hours=round(hours_of(trip), 2),
        driven_km=round(trip.view.driven_m / 1000, 1),
    )


def _carrier_trend(sources: Sources, carrier: str, month: Month) -> models.CarrierTrend:
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    trips = [trip for trip in _trips(sources, month) if carrier_of(registry, trip) == carrier]
    wrongs = sources.trips.wrongs([trip.plan.id for trip in trips])
    sheets = carrier_sheets(trips, lambda trip: carrier, wrongs, _breaches(sources, month, trips), now_ms)
    sheet = next(iter(sheets), CarrierSheet(carrier))
    return models.CarrierTrend(
        month=_said(month),
        trips=sheet.trips,
        in_time_share=sheet.in_time_share,
        breaches=sheet.breaches,
        driven_km=round(sheet.driven_m / 1000, 1),
    )


def _sheet(registry: Registry, one: CarrierSheet) -> models.CarrierMonth:
    known = registry.carriers.get(one.carrier)
    return models.CarrierMonth(
        carrier=one.carrier,
        carrier_name=known.name if known else one.carrier,
        trips=one.trips,
        ended=one.ended,
        cancelled=one.cancelled,
        in_time=one.in_time,
        late=one.late,
        unknown=one.unknown,
        in_time_share=one.in_time_share,
        delays=[
            models.TripDelays(rule=rule, count=count, hours=round(hours, 2))
            for rule, (count, hours) in sorted(one.delays.items())
        ],
        breaches=one.breaches,
        refused=one.refused,
        driven_km=round(one.driven_m / 1000, 1),
    )


# -- raw milk -------------------------------------------------------------------------------------------------


def _loads(sources: Sources, month: Month) -> list[tuple[KnownTrip, Load]]:
    place_of = sources.registry().location_of
    trips = _trips(sources, month, "raw-milk")
    return [(trip, load) for trip in trips for load in loads_of(trip, place_of)]


def _way(registry: Registry, one: MilkWay) -> models.MilkWay:
    return models.MilkWay(
        site=one.site,
        site_name=site_name(registry, one.site),
        loads=one.loads,
        tonnes=round(one.tonnes, 3),
        unweighed=one.unweighed,
        km=_rounded(one.km),
        hours=_rounded(one.hours),
    )


def _trend(month: Month, loads: Sequence[Load]) -> models.MilkTrend:
    whole = next(iter(milk_ways(loads, lambda load: "")), MilkWay("", 0, 0.0, 0, None, None))
    return models.MilkTrend(
        month=_said(month),
        loads=whole.loads,
        tonnes=round(whole.tonnes, 3),
        km=_rounded(whole.km),
        hours=_rounded(whole.hours),
    )


def _load(registry: Registry, load: Load) -> models.MilkLoad:
    return models.MilkLoad(
        trip=load.trip,
        station=load.station,
        station_name=site_name(registry, load.station),
        plant=load.plant,
        plant_name=site_name(registry, load.plant),
        tonnes=load.tonnes,
        loaded=rfc3339(load.loaded_ms),
        unloaded=rfc3339(load.unloaded_ms),
        km=None if load.way_m is None else round(load.way_m / 1000, 1),
        hours=round(load.hours, 2),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
