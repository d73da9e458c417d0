"""Trips as far as goods care: which vehicle carried them when, and when the receiver took over all that was on board.

::

    Trip, TripVehicle, TripMoment ──▶ Voyage ──▶ the vehicle at a time, where goods change it (换车), where they get off

A plan with one place to unload says where everything on board gets off as soon as the receiver accepts it there; with
several, only a placement says which lot got off where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coldchain.custody.goods import Goods, LotChange, LotGone, LotHold, LotPlaced
from coldchain.custody.trips import Trip, TripMoment, TripVehicle
from coldchain.goods.places import TRIP
from coldchain.registry.intervals import Held, at, laid_over

TRIPS = (Trip, TripMoment, TripVehicle)
"""What a voyage follows from."""

Tripping = Trip | TripMoment | TripVehicle


@dataclass(frozen=True, slots=True)
class TripSaid:
    """An entry of a trip as the ledger has it."""

    position: int
    put: Tripping


@dataclass(frozen=True, slots=True)
class Voyage:
    """A trip with its vehicles.

    Attributes:
        vehicles: (site of a vehicle, from, to), from the beginning of time to its end.
        changed: when another vehicle went on → position of the entry that says so.
        taken_over: (when, stop, position): the receiver accepted all that was on board at the one place to unload.
    """

    trip: Trip
    vehicles: tuple[Held, ...]
    changed: dict[int, int]
    taken_over: tuple[int, int, int] | None

    def vehicle_at(self, at_ms: int) -> str:
        """Return the vehicle that drives at a time; in the moment of a change the new one."""
        return at(self.vehicles, at_ms)

    def vehicle_before(self, at_ms: int) -> str:
        """Return the vehicle that drove until a time; in the moment of a change the old one."""
        return next(vehicle for vehicle, from_ms, to_ms in self.vehicles if from_ms < at_ms <= to_ms)

    def pieces(self, from_ms: int, to_ms: int) -> Iterator[Held]:
        """Yield (vehicle, from, to) of each vehicle's part of a time."""
        for vehicle, begin_ms, end_ms in self.vehicles:
            if begin_ms < to_ms and from_ms < end_ms:
                yield vehicle, max(begin_ms, from_ms), min(end_ms, to_ms)

    def loads_at(self, stop: int | None) -> bool:
        """Say whether the plan loads at a stop."""
        return stop is not None and 0 <= stop < len(self.trip.stops) and self.trip.stops[stop].purpose == "load"


def voyage_of(said: Iterable[TripSaid]) -> Voyage | None:
    """Return a trip with its vehicles, entries in the ledger's order; None while nobody said its plan."""
    trip: Trip | None = None
    changes: dict[int, tuple[str, int]] = {}
    accepted: dict[int | None, tuple[int | None, int]] = {}
    for one in said:
        match one.put:
            case Trip() as put:
                trip = put
            case TripVehicle() as put:
                changes[put.from_ms] = put.vehicle, one.position
            case TripMoment(moment="accepted") as put:
                accepted[put.stop] = put.at_ms, one.position
            case TripMoment():
                continue
    if trip is None:
        return None
    vehicles = laid_over(trip.vehicle, ((vehicle, from_ms, None) for from_ms, (vehicle, _) in changes.items()))
    starts = {from_ms for _, from_ms, _ in vehicles}
    return Voyage(
        trip,
        tuple(vehicles),
        {from_ms: position for from_ms, (_, position) in changes.items() if from_ms in starts},
        _taken_over(trip, accepted),
    )


def _taken_over(trip: Trip, accepted: dict[int | None, tuple[int | None, int]]) -> tuple[int, int, int] | None:
    unloads = [stop for stop, planned in enumerate(trip.stops) if planned.purpose == "unload"]
    if len(unloads) != 1:
        return None
    at_ms, position = accepted.get(unloads[0], (None, 0))
    return None if at_ms is None else (at_ms, unloads[0], position)


def trip_in(place: str) -> str:
    """Return the trip that a place is on board of; empty for a place on land.

    >>> trip_in("trip:T-1"), trip_in("site:shop-1")
    ('T-1', '')
    """
    return place.removeprefix(TRIP) if place.startswith(TRIP) else ""


def trip_of(put: LotPlaced) -> str:
    """Return the trip that a placement was made on; empty without one."""
    return put.trip or trip_in(put.place) or trip_in(put.taken_from)


def boarded(put: Goods) -> set[str]:
    """Return the trips on board of which an entry says that goods are."""
    match put:
        case LotPlaced():
            places: tuple[str, ...] = put.place, put.taken_from
        case LotGone() | LotHold():
            places = (put.place,)
        case LotChange():
            places = tuple(share.place for share in (*put.inputs, *put.outputs))
        case _:
            places = ()
    return {trip for place in places if (trip := trip_in(place))}


def named(put: Goods) -> set[str]:
    """Return every trip that an entry names."""
    return boarded(put) | ({put.trip} if isinstance(put, LotPlaced) and put.trip else set())
