"""Before an entry of a trip is written: what is said of it up to the ledger's end, what is new of it, what cannot be.

The store is a moment behind the ledger, and whoever plans a trip speaks of it right after. So what stands behind the
store's cursor is read from the ledger, and what one request says first counts for what it says next. What was said
before in the same words is nothing new: a dispatch system may send again whatever it is not sure of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from coldchain.custody import Trip, TripMoment, TripVehicle
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Ledger
from coldchain.registry import Registry, decode_change
from coldchain.trips.verdicts import Put, Refused, refusals


@dataclass(slots=True)
class SaidOfTrip:
    """The last words on a trip: its plan, its moments by (moment, stop), its vehicles by when they took over."""

    plan: Trip | None = None
    moments: dict[tuple[str, int | None], TripMoment] = field(default_factory=dict)
    vehicles: dict[int, TripVehicle] = field(default_factory=dict)

    def take(self, put: Put) -> None:
        """Take a word."""
        match put:
            case Trip():
                self.plan = put
            case TripMoment():
                self.moments[put.moment, put.stop] = put
            case TripVehicle():
                self.vehicles[put.from_ms] = put

    def vehicle_at(self, at_ms: int) -> str:
        """Return with which vehicle the trip goes just before a measured time; empty for one that nobody planned."""
        turns = [from_ms for from_ms in self.vehicles if from_ms < at_ms]
        if turns:
            return self.vehicles[max(turns)].vehicle
        return "" if self.plan is None else self.plan.vehicle

    def says(self, put: Put) -> bool:
        """Say whether this is the last word already; what is taken back and was never said is nothing new, either."""
        match put:
            case Trip():
                return self.plan == put
            case TripMoment():
                known = self.moments.get((put.moment, put.stop))
                return known == put or (known is None and put.at_ms is None)
            case TripVehicle():
                return self.vehicles.get(put.from_ms) == put


class TripStore(Protocol):
    """A store of what is said of trips, up to a ledger position."""

    def position(self) -> int:
        """Return how far it is."""

    def said(self, trip: str) -> Sequence[Put]:
        """Return what is said of a trip, later words behind earlier ones."""


@dataclass(frozen=True, slots=True)
class Refusing:
    """An entry of a request that cannot be: which one, and why."""

    number: int
    refused: Refused


class Asking:
    """What is said of trips up to the ledger's end, and what a request adds to it.

    Args:
        store: None where there is none yet: everything is read from the ledger.
        now_ms: server's time.
    """

    def __init__(self, ledger: Ledger, store: TripStore | None, now_ms: int) -> None:
        self._store = store
        self._now_ms = now_ms
        self._known: dict[str, SaidOfTrip] = {}
        for entry in ledger.changes(0 if store is None else store.position(), ledger.end()):
            try:
                put = decode_change(entry.raw).change
            except RejectedReading:  # of a newer program: nothing that could be asked for
                continue
            if isinstance(put, Trip | TripMoment | TripVehicle):
                self.of(put).take(put)

    def of(self, put: Put | str) -> SaidOfTrip:
        """Return the last words on the trip that is named, or that an entry speaks of."""
        name = put if isinstance(put, str) else put.id if isinstance(put, Trip) else put.trip
        if name not in self._known:
            self._known[name] = SaidOfTrip()
            for word in () if self._store is None else self._store.said(name):
                self._known[name].take(word)
        return self._known[name]

    def take(self, registry: Registry, puts: Sequence[Put]) -> tuple[list[Put], list[Refusing]]:
        """Return what of a request is new, and everything in it that cannot be; it counts for what is asked next."""
        new: list[Put] = []
        refused: list[Refusing] = []
        for number, put in enumerate(puts):
            said = self.of(put)
            faults = [Refusing(number, fault) for fault in refusals(put, said.plan, registry, self._now_ms)]
            refused += faults
            if not faults and not said.says(put):
                said.take(put)
                new.append(put)
        return new, refused
