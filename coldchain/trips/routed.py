"""Plans that came without a way get one from the routing service, before they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from coldchain.custody import Trip
from coldchain.errors import Unavailable
from coldchain.registry import Registry
from coldchain.routing import LatLon, Routing
from coldchain.trips.verdicts import Put


@dataclass(frozen=True, slots=True)
class Routed:
    """Entries as they are to be written.

    Attributes:
        unrouted: trips without a way: a place is not known, no road leads, or the service did not answer.
    """

    puts: list[Put]
    unrouted: list[str]


def routed(
    puts: Sequence[Put], known: Callable[[str], Trip | None], registry: Registry, routing: Routing | None
) -> Routed:
    """Return entries in which each plan has a way, where one is to be had.

    A plan with the stops of the one before keeps the way of that: who sends it again says nothing new. A service that
    does not answer once is asked no more.

    Args:
        known: trip → its plan so far.
        routing: None: nothing is asked, and nobody is told.
    """
    if routing is None:
        return Routed(list(puts), [])
    found, unrouted, away = list[Put](), list[str](), False
    for put in puts:
        if not isinstance(put, Trip) or put.route:
            found.append(put)
            continue
        before = known(put.id)
        if before is not None and before.route and _sites(before) == _sites(put):
            found.append(_with(put, before.route, before.distance_m))
            continue
        places = [registry.location_of(site) for site in _sites(put)]
        where = [place for place in places if place is not None]
        way = None
        if not away and len(where) == len(places) >= 2:
            try:
                way = routing.way(where)
            except Unavailable:
                away = True
        if way is None:
            unrouted.append(put.id)
            found.append(put)
        else:
            found.append(_with(put, way.places, way.distance_m))
    return Routed(found, unrouted)


def _sites(trip: Trip) -> list[str]:
    return [stop.site for stop in trip.stops]


def _with(trip: Trip, route: tuple[LatLon, ...], distance_m: float | None) -> Trip:
    own = distance_m if trip.distance_m is None else trip.distance_m
    return msgspec.structs.replace(trip, route=route, distance_m=own)
