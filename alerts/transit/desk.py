"""Judges trips and tanks when the ledger's end is reached: each whose plan, words, readings or places have news.

::

    book, tanks ──due──▶ history has it? ──▶ gathered ──▶ judged ──▶ episodes, reconciled with their alarms
                                                             └──▶ what pages show of it, in the same transaction
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from alerts.episodes import Episode, unmeasured
from alerts.handling import Handling
from alerts.history import History
from alerts.reconcile import Moment
from alerts.records import END_WORDS, NEVER_MS, EndReason
from alerts.subjects import MILK, TRIP, subject_of_milk, subject_of_trip
from alerts.touch import put_of
from alerts.transit.aboard import Aboard, milk_points
from alerts.transit.ageing import NO_GOODS
from alerts.transit.book import ANY, KEPT_MS, RAW_MILK, Entries, Judgement, Known, TripBook
from alerts.transit.cooling import cooled_late
from alerts.transit.delay import Delay
from alerts.transit.gathering import RESTING, Ask, gathered, milk_of
from alerts.transit.lately import Lately
from alerts.transit.tanks import AFTER_MS, Tank, Tanks
from alerts.transit.trips import PROGRAM, Followed, judged
from alerts.transit.view import TripView, view_of
from alerts.writing import Writing
from coldchain.clock import Clock
from coldchain.custody import Milking, Trip, TripMoment, TripVehicle
from coldchain.ledger.port import Entry
from coldchain.profiles import TripRules, version_of
from coldchain.registry import SEVERITIES, Asset, Assignment, Fence, Profile, Registry, Site
from coldchain.registry.intervals import FOREVER_MS

EVERY_S = 30.0
"""A trip is judged at most so often: vehicles say where they are twice a minute at most."""

BUDGET_S = 0.2
"""Steady time of one look."""

GOES_ON_S = 3600.0
"""What is kept of a trip that goes on, some 200 KB, is let go so long behind its last judgement."""

AGAIN_BUDGET_S = 0.05
"""Of a look, for trips that are over and were judged by other rules or another program: a twentieth of a core, and a
month of 300 vehicles in an hour."""

AT_ONCE = 500
"""Trips that are written in one transaction, at most."""

LOOK_EVERY_S = 1.0
"""A look writes once for all that it judged: a thousand vehicles have news in each moment."""

MOST_TURNS = 3
"""What counts of a trip ends a while behind its end: when that is found, it is judged with just that, so that the same
comes out whether its readings came one by one or all at once."""


@dataclass(frozen=True, slots=True)
class News:
    """A trip, or the milk in a tank, that was judged with the readings of the ledger up to a position.

    Attributes:
        plan, view: of a trip.
    """

    known: Known | Tank
    subject: str
    delays: Sequence[Delay]
    newest_ms: int
    rules: str
    upto: int
    view: TripView | None = None


@dataclass(slots=True)
class _Going:
    """A trip that goes on: what was said of it, and what was found of it so far."""

    entries: Entries
    followed: Followed = field(default_factory=Followed)
    judged_s: float = 0.0


@dataclass(slots=True)
class _Moved:
    """What the registry said since the desk looked: of points and of sites, the first measured ms that it touches.

    Attributes:
        sites: `ANY` stands for all of them. ``rules``: those of trips.
    """

    points: dict[str, int] = field(default_factory=dict)
    sites: dict[str, int] = field(default_factory=dict)
    rules: bool = False
    position: int = 0


class Desk:
    """The trips of a judge, and the tanks that their milk comes from.

    Args:
        engine: of the alarm store.
        registry: the judge's.
        history: asked for readings once it has all of them.
    """

    def __init__(self, engine: Engine, registry: Registry, history: History, clock: Clock) -> None:
        self._trips = TripBook(engine, clock.now_ms())
        self._tanks = Tanks(engine)
        self._registry = registry
        self._history = history
        self._clock = clock
        self._moved = _Moved()
        self._version = -1
        self._aboard = Aboard(registry)
        self._lately = Lately(registry, history)
        self._going: dict[str, _Going] = {}
        self._looked_s = float("-inf")
        self._trips.judge_again(self._judged_by)

    def _judged_by(self, kind: str, begins_ms: int) -> Judgement:
        return Judgement(version_of(self._registry.trip_rules_at(kind, begins_ms)), PROGRAM)

    def judge_all_again(self, position: int) -> None:
        """Make every trip and every tank due, as of a ledger position."""
        self._trips.judge_all_again(position)
        self._tanks.moved(position)

    # -- what the ledger says -----------------------------------------------------------------------------------

    def take(self, entry: Entry, old: Mapping[str, int]) -> None:
        """Take a change entry, after the registry did.

        Args:
            old: point → measured ms from which its readings or rules are others.
        """
        moved = self._moved
        moved.position = entry.position
        for point, from_ms in old.items():
            self._lately.touched(point)
            moved.points[point] = min(from_ms, moved.points.get(point, FOREVER_MS))
        match put_of(entry):
            case Trip() | TripMoment() | TripVehicle() as said:
                self._trips.take(said, entry.position)
                self._let_go(said.id if isinstance(said, Trip) else said.trip)
            case Milking() as said:
                self._tanks.take(said, entry.position)
                self._trips.milked(self._registry.site_at(said.asset, said.ended_ms), said.ended_ms, entry.position)
            case Fence(site=site, effective_from_ms=from_ms):
                moved.sites[site] = min(from_ms, moved.sites.get(site, FOREVER_MS))
            case Site(id=site):
                moved.sites[site] = 0
            case Asset(id=asset) | Assignment(asset=asset):
                moved.sites |= dict.fromkeys(self._registry.sites_of(asset), 0)
            case Profile(effective_from_ms=from_ms, content=TripRules()):
                moved.sites[ANY] = min(from_ms, moved.sites.get(ANY, FOREVER_MS))
                moved.rules = True

    def heard(self, slot: NDArray[np.int32], t: NDArray[np.int64], value: NDArray[np.float64], position: int) -> None:
        """Take what was heard of points: rows of an entry, point numbers, measured ms and values."""
        self._refresh()
        some = self._aboard.tells(slot)
        if not some.any():
            return
        slot, t = slot[some], t[some]
        self._lately.heard(slot, t, value[some], position)
        for name, from_ms, to_ms in self._aboard.heard(slot, t):
            self._heard(name, from_ms, to_ms, position)

    def _heard(self, name: str, from_ms: int, to_ms: int, position: int) -> None:
        if name.startswith(MILK):
            self._tanks.heard(name.removeprefix(MILK), from_ms, to_ms, position)
        else:
            self._trips.heard(name, from_ms, to_ms, position)

    def _refresh(self) -> None:
        if self._version == self._registry.version and len(self._aboard) >= len(self._registry.point_ids):
            return
        moved, self._moved, sites = self._moved, _Moved(), self._registry.sites
        before = {point: self._aboard.of(point) for point in moved.points}
        self._version = self._registry.version
        self._aboard.refresh()
        for point, from_ms in moved.points.items():
            for name in {*before[point], *self._aboard.of(point)}:
                self._heard(name, from_ms, FOREVER_MS, moved.position)
        if moved.rules:
            self._tanks.moved(moved.position)
        if moved.sites:
            resting = [site for site in moved.sites if site in sites and sites[site].kind in RESTING]
            if resting:
                moved.sites[ANY] = min(moved.sites[site] for site in (ANY, *resting) if site in moved.sites)
            self._trips.moved(moved.sites, moved.position)

    # -- judging ------------------------------------------------------------------------------------------------

    def ready(self, *, hurry: bool = False) -> bool:
        """Whether something can be judged now.

        Args:
            hurry: however lately it was judged.
        """
        if not hurry and self._clock.monotonic_s() - self._looked_s < LOOK_EVERY_S:
            return False
        return bool(self._ready(hurry))

    def _ready(self, hurry: bool) -> list[Known | Tank]:
        self._refresh()
        due: list[Known | Tank] = [*self._trips.due(), *self._tanks.due()]
        if not due:
            return []
        covered, now_s = self._history.covered(), self._clock.monotonic_s()
        ready = [known for known in due if known.since <= covered and (hurry or now_s - known.judged_s >= EVERY_S)]
        return sorted(ready, key=lambda known: (_can_wait(known), known.judged_s))

    def look(self, cursor: int, *, hurry: bool = False) -> list[News]:
        """Judge what there is news of, with the readings that the history has.

        Args:
            cursor: of the store; what people said is in it.
            hurry: as many as are written at once, however lately they were judged and however long that takes.
        """
        begin_s = self._clock.monotonic_s()
        upto = min(cursor, self._history.covered())
        found = []
        self._looked_s = begin_s
        for known in self._ready(hurry)[:AT_ONCE]:
            took_s = self._clock.monotonic_s() - begin_s
            if not hurry and took_s > (AGAIN_BUDGET_S if _can_wait(known) else BUDGET_S):
                if not _can_wait(known):
                    self._looked_s = float("-inf")
                break
            found.append(self._trip(known, upto) if isinstance(known, Known) else self._tank(known, upto))
        self._lately.forget(upto)
        return found

    def _asking(self, who: str, upto: int) -> Ask:
        return lambda point, begin, end: self._lately.samples(who, point, begin, end, upto)

    def _trip(self, known: Known, upto: int) -> News:
        going = self._going.get(known.id)
        if going is None:
            going = self._going[known.id] = _Going(self._trips.entries(known.id))
        going.judged_s = self._clock.monotonic_s()
        entries = going.entries
        plan = entries.plan
        assert plan is not None
        rules = self._registry.trip_rules_at(plan.kind, known.begins_ms)
        before_ms = self._trips.before(known)
        from_ms = known.from_ms if before_ms is None else max(known.from_ms, min(before_ms, known.begins_ms))
        milked_ms = self._milked_ms(known)
        for _ in range(MOST_TURNS):
            to_ms = known.to_ms
            heard = gathered(self._registry, entries, known, from_ms, milked_ms, self._asking(known.id, upto))
            found = judged(plan, heard, rules, going.followed)
            known.over_ms = found.course.over_ms
            if known.to_ms == to_ms:
                break
        if known.over_ms is not None or not len(heard.track):
            self._let_go(known.id)  # nothing more comes of it, or nothing came yet
        version, newest_ms = version_of(rules), heard.newest_ms
        view = view_of(found, newest_ms or None, version)
        return News(known, subject_of_trip(known.id), found.delays, newest_ms, version, upto, view)

    def _let_go(self, trip: str) -> None:
        self._going.pop(trip, None)
        self._lately.done(trip)

    def _milked_ms(self, known: Known) -> int | None:
        """Return when the oldest milk was milked that a trip collects."""
        found = []
        for site, (from_ms, to_ms) in self._trips.collected(known).items():
            stood = [asset for asset, begin, end in self._registry.stays_at(site) if begin <= to_ms and end > from_ms]
            found.append(self._tanks.oldest(stood, from_ms, to_ms))
        return min((at_ms for at_ms in found if at_ms is not None), default=None)

    def _tank(self, known: Tank, upto: int) -> News:
        ended_ms = known.ended_ms
        rules = self._registry.trip_rules_at(RAW_MILK, ended_ms[-1])
        goods = NO_GOODS
        for point in milk_points(self._registry, known.asset):
            goods = milk_of(point, ended_ms[0], ended_ms[-1] + AFTER_MS, self._asked(upto))
            if len(goods.t):
                break
        newest_ms = int(goods.t[-1]) if len(goods.t) else 0
        delays = list(cooled_late(ended_ms, goods, rules))
        return News(known, subject_of_milk(known.asset), delays, newest_ms, version_of(rules), upto)

    def _asked(self, upto: int) -> Ask:
        return lambda point, begin, end: self._history.samples(self._registry, point, begin, end, upto)

    def write(self, writing: Writing, news: list[News], handling: Handling, now_ms: int) -> None:
        """Write what was judged, its episodes and what becomes of their alarms."""
        for one in news:
            episodes = [episode_of(one.subject, delay, one.rules) for delay in one.delays]
            alarms = writing.alarms(one.subject, NEVER_MS)
            writing.drop_episodes(one.subject, NEVER_MS)
            writing.put_episodes(episodes)
            handling.reconciled(writing, alarms, episodes, Moment(now_ms, one.newest_ms or now_ms))
            if isinstance(one.known, Tank):
                self._tanks.judged(writing.connection, one.known, one.upto)
            elif one.view is not None:
                self._trips.write(writing.connection, one.known, one.view, one.upto)

    def written(self, news: list[News]) -> None:
        """The store has it."""
        now_s = self._clock.monotonic_s()
        for one in news:
            if isinstance(one.known, Tank):
                one.known.judged(one.upto, now_s)
            else:
                self._trips.judged(one.known, one.upto, now_s)
        for trip in [trip for trip, going in self._going.items() if now_s - going.judged_s > GOES_ON_S]:
            self._let_go(trip)
        self._trips.forget(max((one.newest_ms for one in news), default=0) - KEPT_MS)

    # -- the store ----------------------------------------------------------------------------------------------

    def place_of(self, subject: str) -> str:
        """Return the vehicle that a trip began with, empty for an unknown one."""
        plan = self._trips.entries(subject.removeprefix(TRIP)).plan
        return "" if plan is None else plan.vehicle

    @property
    def unsaved(self) -> bool:
        """Whether something is not in the store."""
        return self._trips.unsaved or self._tanks.unsaved

    def save(self, connection: Connection) -> None:
        """Write what is not in the store, in the judge's transaction."""
        self._trips.save(connection)
        self._tanks.save(connection)

    def saved(self) -> None:
        """The store has it."""
        self._trips.saved()
        self._tanks.saved()


def _can_wait(known: Known | Tank) -> bool:
    return isinstance(known, Known) and known.again


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
