"""Before an entry of a trip is written: what is said of it up to the ledger's end, what is new of it, what cannot be.

The store is a moment behind the ledger, and whoever plans a trip speaks of it right after. So what stands behind the
store's cursor is read from the ledger, and what one request says first counts for what it says next. What was said
before in the same words is nothing new: a dispatch system may send again whatever it is not sure of.

**In any order.** A message that is sent again late must not bring an older plan back. A plan with a version counts when
it is higher than that of the plan that stands. Without versions the first receipt of each message decides: what one
with an id (``delivery``) said once it does not say again. With neither, the last word counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from coldchain.custody import Trip, TripMoment, TripVehicle
from coldchain.ledger.port import Ledger
from coldchain.readable import readable
from coldchain.registry import Registry
from coldchain.registry.hints import Hints
from coldchain.trips.verdicts import Put, Refused, refusals


@dataclass(slots=True)
class SaidOfTrip:
    """The last words on a trip: its plan, its moments by (moment, stop), its vehicles by when they took over.

    Attributes:
        deliveries: ids of the messages that said any of it.
    """

    plan: Trip | None = None
    moments: dict[tuple[str, int | None], TripMoment] = field(default_factory=dict)
    vehicles: dict[int, TripVehicle] = field(default_factory=dict)
    deliveries: set[str] = field(default_factory=set)

    def take(self, put: Put) -> None:
        """Take a word."""
        if put.delivery:
            self.deliveries.add(put.delivery)
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

    def overtaken(self, put: Put) -> bool:
        """Say whether a plan came behind a newer one; another plan of the version that stands is not newer, either."""
        if not isinstance(put, Trip) or put.version is None or self.plan is None or self.plan.version is None:
            return False
        return put.version <= self.plan.version

    def says(self, put: Put) -> bool:
        """Say whether this is the last word already; what is taken back and was never said is nothing new, either."""
        match put:
            case Trip():
                return self.plan == put or (put.version is not None and self._plans(put))
            case TripMoment():
                known = self.moments.get((put.moment, put.stop))
                return known == put or (known is None and put.at_ms is None)
            case TripVehicle():
                return self.vehicles.get(put.from_ms) == put

    def _plans(self, put: Trip) -> bool:
        """Say whether the plan that stands says the same; its way may have been found meanwhile."""
        if self.plan is None:
            return False
        same = {name: getattr(self.plan, name) for name in ("delivery", "route", "distance_m")}
        return msgspec.structs.replace(put, **same) == self.plan


class TripStore(Protocol):
    """A store of what is said of trips, up to a ledger position."""

    def position(self) -> int:
        """Return how far it is."""

    def said(self, trip: str) -> Sequence[Put]:
        """Return what is said of a trip, later words behind earlier ones."""

    def deliveries(self, trip: str) -> Sequence[str]:
        """Return the ids of the messages that brought a trip's plans."""


@dataclass(frozen=True, slots=True)
class Refusing:
    """An entry of a request that cannot be: which one, and why."""

    number: int
    refused: Refused


@dataclass(frozen=True, slots=True)
class Overtaken:
    """An entry of a request that is not written, because something newer is known.

    Attributes:
        version: of the plan that came. ``known``: of the one that stands; None: without one.
    """

    number: int
    trip: str
    version: int | None
    known: int | None


class Asking:
    """What is said of trips up to the ledger's end, and what a request adds to it.

    Args:
        store: None where there is none yet: everything is read from the ledger.
        now_ms: server's time.

    Attributes:
        overtaken: what of the requests so far came behind something newer.
    """

    def __init__(self, ledger: Ledger, store: TripStore | None, now_ms: int) -> None:
        self._store = store
        self._now_ms = now_ms
        self._known: dict[str, SaidOfTrip] = {}
        self.overtaken: list[Overtaken] = []
        for _, change in readable(ledger.changes(0 if store is None else store.position(), ledger.end())):
            if isinstance(change.change, Trip | TripMoment | TripVehicle):
                self.of(change.change).take(change.change)

    def of(self, put: Put | str) -> SaidOfTrip:
        """Return the last words on the trip that is named, or that an entry speaks of."""
        name = put if isinstance(put, str) else trip_of(put)
        if name not in self._known:
            self._known[name] = SaidOfTrip()
            if self._store is not None:
                for word in self._store.said(name):
                    self._known[name].take(word)
                self._known[name].deliveries.update(self._store.deliveries(name))
        return self._known[name]

    def take(self, registry: Registry, puts: Sequence[Put]) -> tuple[list[Put], list[Refusing]]:
        """Return what of a request is new, and everything in it that cannot be; it counts for what is asked next."""
        new: list[Put] = []
        refused: list[Refusing] = []
        hints = Hints()
        before = {name: frozenset(self.of(name).deliveries) for name in map(trip_of, puts)}
        for number, put in enumerate(puts):
            said = self.of(put)
            faults = [Refusing(number, fault) for fault in refusals(put, said.plan, registry, self._now_ms, hints)]
            refused += faults
            word = _counted(put, said)
            if faults or said.says(word):
                continue
            if said.overtaken(put) or put.delivery in before[trip_of(put)]:
                self.overtaken.append(_overtaken(number, put, said))
            else:
                said.take(word)
                new.append(word)
        return new, refused


def trip_of(put: Put) -> str:
    """Return the trip that an entry speaks of."""
    return put.id if isinstance(put, Trip) else put.trip


def _counted(put: Put, said: SaidOfTrip) -> Put:
    """Return a plan that came without a version, of a list or by hand, with that of the plan it changes."""
    if not isinstance(put, Trip) or put.version is not None or said.plan is None or said.plan.version is None:
        return put
    return msgspec.structs.replace(put, version=said.plan.version)


def _overtaken(number: int, put: Put, said: SaidOfTrip) -> Overtaken:
    version = put.version if isinstance(put, Trip) else None
    return Overtaken(number, trip_of(put), version, said.plan.version if said.plan else None)
