"""Judges trips when the ledger's end is reached: each whose plan, words, positions or places have news.

::

    book ──due──▶ history has everything? ──▶ gathered ──▶ judged ──▶ episodes, reconciled with their alarms
                                                              └──▶ what pages show of it, in the same transaction
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from alerts.episodes import Episode, unmeasured
from alerts.handling import Handling
from alerts.history import History
from alerts.reconcile import Moment
from alerts.records import END_WORDS, NEVER_MS, EndReason
from alerts.subjects import subject_of_trip
from alerts.tables import meta
from alerts.tables import trip as table
from alerts.touch import put_of
from alerts.transit.book import KEPT_MS, Known, TripBook
from alerts.transit.delays import Delay
from alerts.transit.gathering import RESTING, gathered
from alerts.transit.trips import Judged, judged
from alerts.transit.view import view_of
from alerts.writing import Writing
from coldchain.clock import Clock
from coldchain.custody import Trip, TripMoment, TripVehicle
from coldchain.ledger.port import Entry
from coldchain.profiles import TripRules, version_of
from coldchain.registry import SEVERITIES, Fence, Profile, Registry, Site
from coldchain.registry.intervals import FOREVER_MS

EVERY_S = 30.0
"""A trip is judged at most so often: vehicles say where they are twice a minute at most."""

BUDGET_S = 0.2
"""Steady time of one look."""

MOST_TURNS = 3
"""What counts of a trip ends a while behind its end: when that is found, it is judged with just that, so that the same
comes out whether its readings came one by one or all at once."""

QUANTITIES = frozenset({"latitude", "longitude", "speed", "temperature"})


@dataclass(frozen=True, slots=True)
class News:
    """A trip that was judged, with the readings of the ledger up to a position."""

    known: Known
    plan: Trip
    judged: Judged
    newest_ms: int
    rules: str
    upto: int


@dataclass(slots=True)
class _Moved:
    """What the registry said since the desk looked: of points and of sites, the first measured ms that it touches.

    Attributes:
        sites: "" stands for any.
    """

    points: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    position: int = 0


class Desk:
    """The trips of a judge.

    Args:
        registry: the judge's.
        history: asked for a trip's readings once it has all of them.
    """

    def __init__(self, book: TripBook, registry: Registry, history: History, clock: Clock) -> None:
        self.book = book
        self._registry = registry
        self._history = history
        self._clock = clock
        self._moved = _Moved()
        self._version = -1
        self._aboard = np.empty(0, np.int32)
        self._vehicles: list[tuple[str, ...]] = []

    def take(self, entry: Entry, old: Mapping[str, int]) -> None:
        """Take a change entry, after the registry did.

        Args:
            old: point → measured ms from which its readings or rules are others.
        """
        moved = self._moved
        moved.position = entry.position
        for point, from_ms in old.items():
            moved.points[point] = min(from_ms, moved.points.get(point, FOREVER_MS))
        match put_of(entry):
            case Trip() | TripMoment() | TripVehicle() as said:
                self.book.take(said, entry.position)
            case Fence(site=site, effective_from_ms=from_ms):
                moved.sites[site] = min(from_ms, moved.sites.get(site, FOREVER_MS))
            case Site(id=site):
                moved.sites[site] = 0
            case Profile(effective_from_ms=from_ms, content=TripRules()):
                moved.sites[""] = min(from_ms, moved.sites.get("", FOREVER_MS))

    def heard(self, slot: NDArray[np.int32], t: NDArray[np.int64], position: int) -> None:
        """Take that points were heard: rows of a block, point numbers and measured ms."""
        self._refresh()
        aboard = self._aboard[slot]
        some = aboard >= 0
        if not some.any():
            return
        for number in np.unique(aboard[some]).tolist():
            own = t[aboard == number]
            for vehicle in self._vehicles[number]:
                self.book.heard(vehicle, int(own.min()), int(own.max()), position)

    def _aboard_of(self, point: str) -> tuple[str, ...]:
        """Return the vehicles on which a point's asset ever stood."""
        number = self._registry.point_numbers.get(point, len(self._aboard))
        if number >= len(self._aboard) or self._aboard[number] < 0:
            return ()
        return self._vehicles[int(self._aboard[number])]

    def _refresh(self) -> None:
        if self._version == self._registry.version and len(self._aboard) >= len(self._registry.point_ids):
            return
        moved, self._moved, sites = self._moved, _Moved(), self._registry.sites
        before = {point: self._aboard_of(point) for point in moved.points}
        self._know_vehicles()
        for point, from_ms in moved.points.items():
            for vehicle in {*before[point], *self._aboard_of(point)}:
                self.book.heard(vehicle, from_ms, FOREVER_MS, moved.position)
        if moved.sites:
            resting = [site for site in moved.sites if site in sites and sites[site].kind in RESTING]
            if resting:
                moved.sites[""] = min(moved.sites[site] for site in ("", *resting) if site in moved.sites)
            self.book.moved(moved.sites, moved.position)

    def _know_vehicles(self) -> None:
        self._version = self._registry.version
        vehicles: dict[str, tuple[str, ...]] = {}
        for site in self._registry.sites.values():
            if site.kind == "vehicle":
                for asset in {asset for asset, _, _ in self._registry.stays_at(site.id)}:
                    vehicles[asset] = (*vehicles.get(asset, ()), site.id)
        self._vehicles = sorted(set(vehicles.values()))
        number_of = {names: number for number, names in enumerate(self._vehicles)}
        self._aboard = np.full(len(self._registry.point_ids), -1, np.int32)
        for asset, names in vehicles.items():
            for point in self._registry.points_of(asset):
                if point.quantity in QUANTITIES:
                    self._aboard[self._registry.point_numbers[point.id]] = number_of[names]

    def ready(self, *, hurry: bool = False) -> bool:
        """Whether some trip can be judged now.

        Args:
            hurry: however lately it was judged.
        """
        return bool(self._ready(hurry))

    def _ready(self, hurry: bool) -> list[Known]:
        self._refresh()
        due = self.book.due()
        if not due:
            return []
        covered, now_s = self._history.covered(), self._clock.monotonic_s()
        return [known for known in due if known.since <= covered and (hurry or now_s - known.judged_s >= EVERY_S)]

    def vehicle_of(self, trip: str) -> str:
        """Return the vehicle that a trip began with, empty for an unknown one."""
        plan = self.book.entries(trip).plan
        return "" if plan is None else plan.vehicle

    def look(self, cursor: int, *, hurry: bool = False) -> list[News]:
        """Judge trips of which there is news, with the readings that the history has.

        Args:
            cursor: of the store; what people said is in it.
            hurry: all of them, however lately they were judged.
        """
        begin_s = self._clock.monotonic_s()
        upto = min(cursor, self._history.covered())
        found = []
        for known in self._ready(hurry):
            found.append(self._judge(known, upto))
            if self._clock.monotonic_s() - begin_s > BUDGET_S and not hurry:
                break
        return found

    def _judge(self, known: Known, upto: int) -> News:
        entries = self.book.entries(known.id)
        plan = entries.plan
        assert plan is not None
        rules = self._registry.trip_rules_at(plan.kind, known.begins_ms)
        before_ms = self.book.before(known)
        from_ms = known.from_ms if before_ms is None else max(known.from_ms, min(before_ms, known.begins_ms))
        for _ in range(MOST_TURNS):
            to_ms = known.to_ms
            heard = gathered(
                self._registry,
                entries,
                known,
                from_ms,
                lambda point, begin, end: self._history.samples(self._registry, point, begin, end, upto),
            )
            found = judged(plan, heard, rules)
            known.over_ms = found.course.over_ms
            if known.to_ms == to_ms:
                break
        return News(known, plan, found, heard.newest_ms, version_of(rules), upto)

    def write(self, writing: Writing, news: list[News], handling: Handling, now_ms: int) -> None:
        """Write judged trips, their episodes and what becomes of their alarms."""
        changed = int(writing.connection.execute(select(meta.c.value).where(meta.c.key == "trips")).scalar_one())
        for one in news:
            changed += 1
            subject = subject_of_trip(one.known.id)
            episodes = [episode_of(subject, delay, one.rules) for delay in one.judged.delays]
            alarms = writing.alarms(subject, NEVER_MS)
            writing.drop_episodes(subject, NEVER_MS)
            writing.put_episodes(episodes)
            handling.reconciled(writing, alarms, episodes, Moment(now_ms, one.newest_ms or now_ms))
            view = view_of(one.judged, one.newest_ms or None, one.rules)
            row = {
                "judged": msgspec.json.encode(view),
                "over": one.judged.course.over_ms is not None,
                "due": one.known.news > one.upto,
                "changed": changed,
            }
            writing.connection.execute(update(table).where(table.c.id == one.known.id).values(**row))
        writing.connection.execute(update(meta).where(meta.c.key == "trips").values(value=changed))

    def written(self, news: list[News]) -> None:
        """The store has it."""
        now_s = self._clock.monotonic_s()
        for one in news:
            one.known.judged(one.upto, now_s)
        self.book.forget(max((one.newest_ms for one in news), default=0) - KEPT_MS)


def episode_of(subject: str, delay: Delay, rules: str) -> Episode:
    """Return a delay as an episode of its trip."""
    severity = SEVERITIES[delay.severity]
    reason = "" if delay.ended_ms is None else END_WORDS[EndReason.RETURNED]
    plain = unmeasured(
        *(subject, delay.rule, delay.onset_ms, delay.raised_ms, delay.ended_ms, reason, severity), rule_version=rules
    )
    return replace(
        plain,
        peak=delay.peak,
        peak_ms=delay.peak_ms,
        limit=delay.limit,
        unit=delay.unit,
        step=delay.top,
        top_severity=SEVERITIES[delay.top],
    )
