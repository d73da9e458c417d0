"""Which trips there are, what was said of each, and which have to be judged again.

::

    Trip, TripMoment, TripVehicle ──take──▶ due ─┐
    positions, temperatures of its vehicle ──────┼──▶ desk: judged once the history has everything ──▶ kept
    registry: fences, sites, profiles moved ─────┘

Memory holds of a trip when it was, with which vehicles and where; a trip that nothing can change any more leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, bindparam, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from alerts.tables import meta
from alerts.tables import trip as table
from alerts.transit.view import TripView
from alerts.transit.waiting import Waiting
from coldchain.custody import Trip, TripMoment, TripVehicle

HOUR_MS = 3_600_000

BEFORE_MS = 3 * HOUR_MS
AFTER_MS = 24 * HOUR_MS
"""Positions count so long before the planned start, and so long after the planned end of a trip that is not over."""

BEHIND_MS = 2 * HOUR_MS
"""And so long behind a trip that is over: late data may still take its end back."""

OLDEST_MS = 96 * HOUR_MS
"""What was milked longer ago is not looked for: twice the 48 h that stations are said to keep milk (not verified)."""

KEPT_MS = 35 * 24 * HOUR_MS
"""A trip that ended so long ago, measured, is judged again by what is said of it, and not by readings that come
later still; as points are (`alerts.writing.KEPT_DAYS`)."""

RAW_MILK = "raw-milk"
ANY = ""
"""Stands for any site."""

TripPut = Trip | TripMoment | TripVehicle


class Entries(msgspec.Struct, frozen=True):
    """What was said of a trip: its newest plan, and every word of it in ledger order.

    Attributes:
        deliveries: of the messages that brought its plans.
    """

    plan: Trip | None = None
    moments: tuple[TripMoment, ...] = ()
    vehicles: tuple[TripVehicle, ...] = ()
    deliveries: tuple[str, ...] = ()

    def legs(self) -> list[tuple[str, int | None]]:
        """Return (vehicle, from when) of each part of the trip, in measured order; the first one is from ever."""
        assert self.plan is not None
        turns = {turn.from_ms: turn.vehicle for turn in self.vehicles}
        return [(self.plan.vehicle, None), *((turns[at_ms], at_ms) for at_ms in sorted(turns))]


@dataclass(slots=True, kw_only=True)
class Known(Waiting):
    """A trip as memory has it.

    Attributes:
        sites: of its stops. ``loads``: of raw milk, site → when it is planned to leave there with milk, ms.
        begins_ms, ends_ms: as planned; ``over_ms``: when it ended.
        again: it is due only because it was judged by other rules or another program; that can wait.
    """

    id: str
    vehicles: frozenset[str]
    sites: frozenset[str]
    loads: Mapping[str, int]
    begins_ms: int
    ends_ms: int
    over_ms: int | None = None
    again: bool = False

    @property
    def from_ms(self) -> int:
        """First moment of which positions count."""
        return self.begins_ms - BEFORE_MS

    @property
    def to_ms(self) -> int:
        """Last moment of which positions count."""
        return self.ends_ms + AFTER_MS if self.over_ms is None else self.over_ms + BEHIND_MS


@dataclass(slots=True)
class _Unsaved:
    """Trips of which something was said, and others that became due."""

    entries: dict[str, Entries] = field(default_factory=dict)
    due: set[str] = field(default_factory=set)


_encode = msgspec.json.Encoder(order="deterministic").encode
_entries = msgspec.json.Decoder(Entries).decode


class TripBook:
    """The trips of an alarm store.

    Args:
        now_ms: trips that were planned to end more than `KEPT_MS` before, and are over, stay in the store.
    """

    def __init__(self, engine: Engine, now_ms: int) -> None:
        self._engine = engine
        self._known: dict[str, Known] = {}
        self._of_vehicle: dict[str, set[str]] = {}
        self._loads: dict[str, dict[str, int]] = {}
        self._due: set[str] = set()
        self._unsaved = _Unsaved()
        self._since_ms = now_ms - KEPT_MS
        recent = or_(table.c.over.is_(False), table.c.due.is_(True), table.c.ends_ms >= self._since_ms)
        with engine.connect() as connection:
            for row in connection.execute(select(table).where(recent)):
                self._load(row)

    def _load(self, row: Row[Any]) -> None:
        known = self._know(row.id, _entries(row.said))
        if known is not None:
            known.over_ms = None if not row.over or row.judged is None else _judgement(row.judged).over_ms
            if row.due or not row.over:
                self._told(known, 1)

    def judge_again(self, judged_by: Callable[[str, int], Judgement]) -> None:
        """Make those trips in memory due that were judged otherwise than they would be now.

        Args:
            judged_by: (kind, planned start, ms) → what a judgement of today says of itself.
        """
        chosen = select(table.c.id, table.c.kind, table.c.judged).where(table.c.over.is_(True), table.c.due.is_(False))
        with self._engine.connect() as connection:
            for row in connection.execute(chosen.where(table.c.ends_ms >= self._since_ms)):
                known = self._known[row.id]
                was, now = _judgement(row.judged), judged_by(row.kind, known.begins_ms)
                if (was.rules, was.program) != (now.rules, now.program) and self._told(known, 1):
                    known.again = True

    def judge_all_again(self, position: int) -> None:
        """Make every trip of the store due, however long ago it was."""
        with self._engine.connect() as connection:
            for row in connection.execute(select(table)):
                if row.id not in self._known:
                    self._load(row)
        for known in self._known.values():
            self._again(known, position)

    @property
    def unsaved(self) -> bool:
        """Whether something is not in the store."""
        return bool(self._unsaved.entries or self._unsaved.due)

    def take(self, put: TripPut, position: int) -> None:
        """Take what was said of a trip; of a trip that nobody planned yet it waits for the plan."""
        id_ = put.id if isinstance(put, Trip) else put.trip
        before = self.entries(id_)
        match put:
            case Trip():
                brought = (*before.deliveries, put.delivery) if put.delivery else before.deliveries
                after = msgspec.structs.replace(before, plan=put, deliveries=brought)
            case TripMoment():
                after = msgspec.structs.replace(before, moments=(*before.moments, put))
            case TripVehicle():
                after = msgspec.structs.replace(before, vehicles=(*before.vehicles, put))
        self._unsaved.entries[id_] = after
        old = self._known.get(id_)
        known = self._know(id_, after)
        if known is None:
            return
        self._told(known, position)
        if isinstance(put, Trip):
            for one in (known, *([old] if old is not None else [])):
                self._beside(one, position)

    def _beside(self, known: Known, position: int) -> None:
        """A plan came or went: its vehicle's next trip begins behind it, and who collects next has younger milk."""
        for vehicle in known.vehicles:
            for other in self._of_vehicle.get(vehicle, ()):
                if known.begins_ms <= self._known[other].begins_ms <= known.ends_ms + BEFORE_MS:
                    self._again(self._known[other], position)
        for site, leaves_ms in known.loads.items():
            self.milked(site, leaves_ms, position)

    def _know(self, id_: str, entries: Entries) -> Known | None:
        if entries.plan is None:
            return None
        before = self._known.get(id_)
        vehicles = frozenset(vehicle for vehicle, _ in entries.legs())
        begins_ms, ends_ms = span_of(entries.plan)
        known = Known(
            id=id_,
            vehicles=vehicles,
            sites=frozenset(stop.site for stop in entries.plan.stops),
            loads=_loads(entries.plan, begins_ms),
            begins_ms=begins_ms,
            ends_ms=ends_ms,
        )
        if before is not None:
            known.over_ms, known.since, known.news = before.over_ms, before.since, before.news
            for vehicle in before.vehicles - vehicles:
                self._of_vehicle[vehicle].discard(id_)
            for site in before.loads:
                self._loads[site].pop(id_, None)
        self._known[id_] = known
        for vehicle in vehicles:
            self._of_vehicle.setdefault(vehicle, set()).add(id_)
        for site, leaves_ms in known.loads.items():
            self._loads.setdefault(site, {})[id_] = leaves_ms
        return known

    def entries(self, id_: str) -> Entries:
        """Return what was said of a trip."""
        if id_ in self._unsaved.entries:
            return self._unsaved.entries[id_]
        with self._engine.connect() as connection:
            said = connection.execute(select(table.c.said).where(table.c.id == id_)).scalar()
        return Entries() if said is None else _entries(said)

    def heard(self, vehicle: str, from_ms: int, to_ms: int, position: int) -> None:
        """Something was measured on a vehicle in [from_ms, to_ms]."""
        for id_ in self._of_vehicle.get(vehicle, ()):
            known = self._known[id_]
            if from_ms <= known.to_ms and to_ms >= known.from_ms:
                self._again(known, position)

    def moved(self, sites: Mapping[str, int], position: int) -> None:
        """The registry says something else: site, or `ANY`, → measured ms from which."""
        for known in self._known.values():
            touched = [sites[site] for site in (ANY, *known.sites) if site in sites]
            if touched and known.to_ms >= min(touched):
                self._again(known, position)

    def forget(self, before_ms: int) -> None:
        """Forget the trips that were over before a measured time, and that none that is due may look at."""
        before_ms = min([before_ms, *(self._known[id_].from_ms - OLDEST_MS for id_ in self._due)])
        for known in [known for known in self._known.values() if not known.due and known.over_ms is not None]:
            if known.to_ms < before_ms:
                del self._known[known.id]
                for vehicle in known.vehicles:
                    self._of_vehicle[vehicle].discard(known.id)
                for site in known.loads:
                    del self._loads[site][known.id]

    def milked(self, site: str, at_ms: int, position: int) -> None:
        """Milk that is collected at a site was milked at a time: it may be another trip's oldest."""
        for id_, leaves_ms in self._loads.get(site, {}).items():
            if at_ms <= leaves_ms <= at_ms + OLDEST_MS:
                self._again(self._known[id_], position)

    def collected(self, known: Known) -> dict[str, tuple[int, int]]:
        """Return site → (from, to], ms: milk that was milked there in that time is what a trip collects there.

        From when another trip was planned to leave with all there was.
        """
        found = {}
        for site, leaves_ms in known.loads.items():
            others = [other for other in self._loads[site].values() if other < leaves_ms]
            found[site] = max([leaves_ms - OLDEST_MS, *others]), leaves_ms
        return found

    def _again(self, known: Known, position: int) -> None:
        if self._told(known, position):
            self._unsaved.due.add(known.id)

    def _told(self, known: Known, position: int) -> bool:
        self._due.add(known.id)
        known.again = False
        return known.told(position)

    def due(self) -> list[Known]:
        """Return the trips that have to be judged."""
        return [self._known[id_] for id_ in self._due]

    def before(self, known: Known) -> int | None:
        """Return when the trip of the same vehicle before this one was planned to end, ms; None: there is none."""
        ends = [
            self._known[other].ends_ms
            for vehicle in known.vehicles
            for other in self._of_vehicle[vehicle]
            if (self._known[other].begins_ms, other) < (known.begins_ms, known.id)
        ]
        return max(ends, default=None)

    def save(self, connection: Connection) -> None:
        """Write what is not in the store, in the judge's transaction."""
        for id_, entries in sorted(self._unsaved.entries.items()):
            known = self._known.get(id_)
            row = {"id": id_, "said": _encode(entries), **_columns(known, entries)}
            stored = insert(table).values(**row, changed=0, judged=None)
            connection.execute(stored.on_conflict_do_update(index_elements=[table.c.id], set_=row))
        due = [{"trip": id_} for id_ in sorted(self._unsaved.due - self._unsaved.entries.keys())]
        if due:
            connection.execute(update(table).where(table.c.id == bindparam("trip")).values(due=True), due)

    def saved(self) -> None:
        """The store has it."""
        self._unsaved = _Unsaved()

    def judged(self, known: Known, upto: int, now_s: float) -> None:
        """Take that a trip was judged with everything up to a position, and that this is written."""
        known.judged(upto, now_s)
        if not known.due:
            self._due.discard(known.id)
        known.again = False

    def write(self, connection: Connection, known: Known, view: TripView, upto: int) -> None:
        """Write how a trip was judged with everything up to a position."""
        changed = int(connection.execute(select(meta.c.value).where(meta.c.key == "trips")).scalar_one()) + 1
        row = {
            "judged": _encode(view),
            "over": view.over_ms is not None,
            "due": known.news > upto,
            "changed": changed,
        }
        connection.execute(update(table).where(table.c.id == known.id).values(**row))
        connection.execute(update(meta).where(meta.c.key == "trips").values(value=changed))


def span_of(plan: Trip) -> tuple[int, int]:
    """Return when a trip is planned to begin and to end, ms; 0 where the plan names no time at all."""
    times = [
        at_ms
        for stop in plan.stops
        for at_ms in (stop.arrives_ms, stop.leaves_ms, stop.window_from_ms, stop.window_to_ms)
        if at_ms is not None
    ]
    return min(times, default=0), max(times, default=0)


def _loads(plan: Trip, begins_ms: int) -> dict[str, int]:
    if plan.kind != RAW_MILK:
        return {}
    loads = [stop for stop in plan.stops if stop.purpose == "load"]
    return {stop.site: stop.leaves_ms or stop.arrives_ms or begins_ms for stop in loads}


def _columns(known: Known | None, entries: Entries) -> dict[str, object]:
    plan = entries.plan
    if known is None or plan is None:
        return {"kind": "", "vehicle": "", "begins_ms": 0, "ends_ms": 0, "over": False, "due": False}
    return {
        "kind": plan.kind,
        "vehicle": plan.vehicle,
        "begins_ms": known.begins_ms,
        "ends_ms": known.ends_ms,
        "over": known.over_ms is not None,
        "due": known.due,
    }


class Judgement(msgspec.Struct, frozen=True):
    """What of a `TripView` says how it was judged, and when the trip ended."""

    rules: str = ""
    program: int = 0
    over_ms: int | None = None


_judgement = msgspec.json.Decoder(Judgement).decode
