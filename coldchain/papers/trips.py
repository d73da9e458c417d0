"""A trip as papers need it: its last plan, who drove when, and what people said of its stops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from coldchain.custody.trips import Trip, TripMoment, TripVehicle

TRIPS = (Trip, TripMoment, TripVehicle)
"""Entries of a trip."""

Tripping = Trip | TripMoment | TripVehicle


@dataclass(slots=True)
class TripBook:
    """What is said of a trip.

    Attributes:
        plan: the last one; None: not known.
        moments: (stop, moment) → when a person said that it happened.
        vehicles: (from, vehicle) of every change, rising.
    """

    plan: Trip | None = None
    moments: dict[tuple[int | None, str], int] = field(default_factory=dict)
    vehicles: list[tuple[int, str]] = field(default_factory=list)

    def vehicle_at(self, at_ms: int) -> str:
        """Return the vehicle that drove at a measured time; empty where no plan is known."""
        taken_over = [vehicle for from_ms, vehicle in self.vehicles if from_ms <= at_ms]
        return taken_over[-1] if taken_over else self.plan.vehicle if self.plan else ""


def trip_of(put: Tripping) -> str:
    """Return the trip that an entry speaks of."""
    return put.id if isinstance(put, Trip) else put.trip


def trip_book(said: Iterable[Tripping]) -> TripBook:
    """Return what is said of a trip, entries in the ledger's order."""
    book = TripBook()
    vehicles: dict[int, str] = {}
    for put in said:
        match put:
            case Trip():
                book.plan = put
            case TripMoment(at_ms=None):
                book.moments.pop((put.stop, put.moment), None)
            case TripMoment():
                assert put.at_ms is not None
                book.moments[put.stop, put.moment] = put.at_ms
            case TripVehicle():
                vehicles[put.from_ms] = put.vehicle
    book.vehicles = sorted(vehicles.items())
    return book
