"""`/api/v1/trips`: which trips there are, how they go, what people and dispatch systems say of them."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from alerts.transit.reader import KnownTrip, Wanted
from alerts.transit.states import TripState
from alerts.transit.view import StopView
from coldchain.clock import rfc3339
from coldchain.custody import TRIP_KINDS, Trip, TripStop, TripVehicle
from coldchain.errors import ConfigError
from coldchain.geo import SYSTEMS
from coldchain.goods.asking import Asking as GoodsAsking
from coldchain.registry import Change, Registry
from coldchain.registry.hints import Hints
from coldchain.trips.asking import Asking, trip_of
from coldchain.trips.changing import VehicleChange, change_of, with_goods
from coldchain.trips.routed import routed
from coldchain.trips.verdicts import Put, refusals
from coldchain.trips.ways import converted
from dashboards import trip_models as models
from dashboards.api import Cursor, Limit, moment_of
from dashboards.models import Alarm, Page
from dashboards.problems import Problem
from dashboards.saying import Body, said_in
from dashboards.signing import checked
from dashboards.sources import Sources

STATES = {**{state.value: (state,) for state in TripState}, "any": ()}
STATES |= {
    "on": (TripState.AT_STOP, TripState.UNDER_WAY, TripState.WAITING),
    "open": (TripState.PLANNED, TripState.AT_STOP, TripState.UNDER_WAY, TripState.WAITING),
}
"""What ``state`` may ask for; ``on``: started and not over, ``open``: not over."""


class Telling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: who says what of trips, and why; each entry as in docs/contracts.md.

    Attributes:
        coordinates: in which system the routes are; needed where there is one.
        delivery: id of the message, the same when it is sent again; empty: it has none.
    """

    who: str
    why: str
    entries: list[Put]
    coordinates: str = ""
    delivery: str = ""


_TURN = threading.Lock()
"""Of two messages about one trip at the same time the second is asked about behind the first."""


def router(sources: Sources) -> APIRouter:
    """Return the addresses of trips over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/trips")
    def trips(
        from_: Annotated[str | None, Query(alias="from", description="planned to be on the way then or later")] = None,
        to: Annotated[str | None, Query(description="planned to begin before")] = None,
        vehicle: str = "",
        site: Annotated[str, Query(description="one of its stops")] = "",
        kind: Annotated[str, Query(description="raw-milk or distribution")] = "",
        state: Annotated[str, Query(description=", ".join(STATES))] = "any",
        at_risk: Annotated[bool, Query(description="an alarm stands, or a stop is likely missed")] = False,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[models.TripShort]:
        """Trips, latest planned start first."""
        if state not in STATES or kind not in ("", *TRIP_KINDS):
            raise Problem(422, "the request does not fit", f"state: {', '.join(STATES)}; kind: {', '.join(TRIP_KINDS)}")
        wanted = Wanted(
            None if from_ is None else moment_of(from_),
            None if to is None else moment_of(to),
            *(vehicle, site, kind, STATES[state], at_risk),
        )
        try:
            page = sources.trips.trips(wanted, limit=limit, after=cursor)
        except ValueError as fault:
            raise Problem(422, "the request does not fit", f"cursor: {fault}") from fault
        registry = sources.registry()
        return Page(items=[models.TripShort(**_short(registry, one)) for one in page.items], next=page.next)

    @api.get("/trips/{trip}")
    def trip(trip: str) -> models.Trip:
        """One trip: its plan, how it goes, what went wrong."""
        return _whole(sources, known_trip(sources, trip))

    @api.post("/trips")
    def tell(request: Request, body: Body) -> models.TripsTold:
        """Write what somebody says of trips: all of it, or nothing and the reason for each entry that cannot be.

        What is said already is written once: a request that is sent again has the same answer.
        """
        if sources.trips_secret is not None:
            checked(sources.trips_secret, request.headers, body, sources.clock.now_ms())
        return write(sources, said_in(request, body, Telling))

    @api.get("/trips/{trip}/vehicle-change")
    def change(
        trip: str,
        vehicle: Annotated[str, Query(description="that goes on")],
        at: Annotated[str | None, Query(description="RFC 3339 with offset; default: now")] = None,
    ) -> models.VehicleChange:
        """What another vehicle would take over from a time on (换车); nothing is written."""
        now_ms, registry = sources.clock.now_ms(), sources.registry()
        put = TripVehicle(trip, vehicle, now_ms if at is None else moment_of(at))
        asking = Asking(sources.ledger, sources.trips, now_ms)
        faults = [one.said() for one in refusals(put, asking.of(put).plan, registry, now_ms, Hints())]
        if faults:
            raise Problem(422, "the request does not fit", "; ".join(faults))
        goods = GoodsAsking(sources.ledger, sources.goods)
        return _change(sources, goods, change_of(asking, goods, sources.goods, registry, put))

    @api.post("/trips/{trip}/vehicle-change")
    def turn(trip: str, request: Request, body: Body) -> models.TripsTold:
        """Let another vehicle go on with a trip and its goods: one entry `trip-vehicle`, as a page says it."""
        telling = said_in(request, body, Telling)
        put = telling.entries[0] if len(telling.entries) == 1 else None
        if not isinstance(put, TripVehicle) or put.trip != trip:
            raise Problem(422, "the request does not fit", f"entries: one trip-vehicle of trip {trip!r:.80}")
        return write(sources, telling)

    return api


def known_trip(sources: Sources, name: str) -> KnownTrip:
    """Return a trip.

    Raises:
        Problem: 404: nobody planned it.
    """
    found = sources.trips.trip(name)
    if found is None:
        raise Problem(404, "no such trip", f"there is no trip {name!r:.80}; GET /api/v1/trips lists all")
    return found


def write(sources: Sources, telling: Telling) -> models.TripsTold:
    """Write what is new of what is said into the ledger in one transaction.

    Raises:
        Problem: 422: an entry cannot be; all of them are named, and nothing is written.
    """
    routes = any(isinstance(put, Trip) and put.route for put in telling.entries)
    if telling.coordinates not in SYSTEMS and (routes or telling.coordinates):
        raise Problem(422, "the request does not fit", f"coordinates: one of {', '.join(SYSTEMS)}")
    entries = [_brought(_located(put, telling.coordinates), telling.delivery) for put in telling.entries]
    with _TURN:
        return _written(sources, telling, entries)


def _written(sources: Sources, telling: Telling, entries: list[Put]) -> models.TripsTold:
    now_ms, registry = sources.clock.now_ms(), sources.registry()
    asking = Asking(sources.ledger, sources.trips, now_ms)
    with_ways = routed(entries, lambda trip: asking.of(trip).plan, registry, sources.routing)
    new, refused = asking.take(registry, with_ways.puts)
    if refused:
        detail = "; ".join(f"entries.{one.number}: {one.refused.reason}: {one.refused.said()}" for one in refused)
        raise Problem(422, "these entries cannot be", detail)
    if new:
        try:
            puts = with_goods(
                *(new, asking, GoodsAsking(sources.ledger, sources.goods), sources.goods, registry),
                who=telling.who,
                why=telling.why,
            )
        except ConfigError as fault:
            raise Problem(422, "the goods find no place", "; ".join(fault.faults)) from fault
        sources.ledger.change([Change(put, telling.who, telling.why).encode() for put in puts], now_ms)
    overtaken = [
        models.TripOvertaken(entry=one.number, trip=one.trip, version=one.version, known=one.known)
        for one in asking.overtaken
    ]
    names = sorted(set(map(trip_of, entries)))
    return models.TripsTold(trips=names, entries=len(entries), unrouted=with_ways.unrouted, overtaken=overtaken)


def _brought(put: Put, delivery: str) -> Put:
    return msgspec.structs.replace(put, delivery=delivery) if delivery else put


def _located(put: Put, system: str) -> Put:
    if not isinstance(put, Trip) or not put.route:
        return put
    return msgspec.structs.replace(put, route=converted(put.route, system))


# -- shapes ---------------------------------------------------------------------------------------------------


def _short(registry: Registry, known: KnownTrip) -> dict[str, Any]:
    """Return the fields of `models.TripShort`."""
    plan, view = known.plan, known.view
    vehicle = known.legs[-1][0]
    stops = [] if view is None else view.stops
    following = None if view is None else view.next_stop
    if following is not None and stops[following].arrived_ms is not None:
        following = None
    return {
        **{name: getattr(plan, name) for name in ("id", "kind", "carrier", "driver", "order")},
        "state": known.state,
        "vehicle": vehicle,
        "vehicle_name": site_name(registry, vehicle),
        "begins": _said(known.begins_ms or None),
        "ends": _said(known.ends_ms or None),
        "started": _said(view.started_ms if view else None),
        "over": _said(view.over_ms if view else None),
        "newest": _said(view.newest_ms if view else None),
        "next_stop": following,
        "next_site": "" if following is None else plan.stops[following].site,
        "at_site": _at_site(known),
        "expected": None if following is None else _said(stops[following].expected_ms),
        "chance": known.chance,
        "at_risk": known.at_risk,
        "stops_total": len(plan.stops),
        "stops_done": sum(stop.left_ms is not None or stop.accepted_ms is not None for stop in stops),
        "driven_m": view.driven_m if view else 0,
        "planned_m": view.planned_m if view else None,
        "left_m": view.left_m if view and following is not None else None,
        "troubles": [
            models.TripTrouble(alarm=one.alarm, rule=one.rule, severity=one.severity) for one in known.troubles
        ],
    }


def _at_site(known: KnownTrip) -> str:
    stops = [] if known.view is None or known.view.over_ms is not None else known.view.stops
    return next((stop.site for stop in stops if stop.arrived_ms is not None and stop.left_ms is None), "")


def _whole(sources: Sources, known: KnownTrip) -> models.Trip:
    registry, plan, view = sources.registry(), known.plan, known.view
    alarms = sources.alarms.unretracted(f"trip:{plan.id}")
    return models.Trip(
        **_short(registry, known),
        driver_phone=plan.driver_phone,
        escort=plan.escort,
        permit=plan.permit,
        rules=view.rules if view else "",
        legs=[
            models.TripLeg(vehicle=vehicle, vehicle_name=site_name(registry, vehicle), from_=_said(from_ms))
            for vehicle, from_ms in known.legs
        ],
        stops=[
            _stop(registry, planned, view.stops[place] if view else None) for place, planned in enumerate(plan.stops)
        ],
        steps=[
            models.TripStep(at=rfc3339(one.at_ms), state=one.state, event=one.event, stop=one.stop, by=one.by)
            for one in (view.steps if view else ())
        ],
        route=list(plan.route),
        alarms=[Alarm.model_validate(item) for item in alarms],
        demo=sources.demo,
    )


def _change(sources: Sources, goods: GoodsAsking, change: VehicleChange) -> models.VehicleChange:
    registry, lots = sources.registry(), goods.lots([put.lot for put in change.placed])
    return models.VehicleChange(
        trip=change.put.trip,
        vehicle=change.put.vehicle,
        vehicle_name=site_name(registry, change.put.vehicle),
        before=change.before,
        before_name=site_name(registry, change.before),
        at=rfc3339(change.put.from_ms),
        lots=[
            models.MovedLot(
                lot=put.lot,
                number=lots[put.lot].number,
                product=lots[put.lot].product,
                quantity=put.quantity,
                unit=lots[put.lot].unit,
                from_=put.taken_from,
                to=put.place,
            )
            for put in change.placed
        ],
        nowhere=[{"zh": one.said("zh"), "en": one.said("en")} for one in change.nowhere],
    )


def _stop(registry: Registry, planned: TripStop, seen: StopView | None) -> models.TripStop:
    latitude, longitude = registry.location_of(planned.site) or (None, None)
    ahead = None if seen is None or seen.arrived_ms is not None else seen
    return models.TripStop(
        site=planned.site,
        site_name=site_name(registry, planned.site),
        latitude=latitude,
        longitude=longitude,
        purpose=planned.purpose,
        quantity=planned.quantity,
        unit=planned.unit,
        planned_arrival=_said(planned.arrives_ms),
        planned_departure=_said(planned.leaves_ms),
        window_from=_said(planned.window_from_ms),
        window_to=_said(planned.window_to_ms),
        due=_said(seen.due_ms if seen else None),
        arrived=_said(seen.arrived_ms if seen else None),
        left=_said(seen.left_ms if seen else None),
        accepted=_said(seen.accepted_ms if seen else None),
        refused=_said(seen.refused_ms if seen else None),
        arrived_by=seen.arrived_by if seen else "",
        left_by=seen.left_by if seen else "",
        hole=bool(seen and seen.hole),
        expected=_said(ahead.expected_ms if ahead else None),
        spread_s=ahead.spread_s if ahead else None,
        chance=ahead.chance if ahead else None,
    )


def site_name(registry: Registry, site: str) -> str:
    """Return a site's name, its id where nobody registered it."""
    known = registry.sites.get(site)
    return known.name if known else site


def _said(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
