"""A trip, judged as a whole: a pure function of its plan, what people said, and the readings of its vehicle.

::

    plan ──▶ itinerary ─────────┬──▶ happened ──▶ course: states, stops, when they were reached
    positions ──▶ visits ───────┤        └──▶ looks: what was expected, fix by fix ─┐  (`Followed` keeps them)
    words of people ────────────┘                                                   ├──▶ delays
    temperature of the goods ──▶ ageing ────────────────────────────────────────────┘

Nothing here knows when a reading came: a trip that is heard of a day late ends as if it had been heard at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.transit import delays
from alerts.transit.ageing import NO_GOODS, Ageing, Goods
from alerts.transit.delay import Delay, older_than_planned
from alerts.transit.delays import OffRoute
from alerts.transit.following import Course, Happened, course_of, happened
from alerts.transit.itinerary import Itinerary, Place, itinerary_of
from alerts.transit.lateness import Lateness, late_by_hand
from alerts.transit.outlook import Look, Outlook
from alerts.transit.track import Track
from alerts.transit.visits import visits_of
from coldchain.custody import Trip, TripMoment
from coldchain.profiles import TripRules
from coldchain.registry import Fence

PROGRAM = 1
"""Kept with every judged trip. Whatever makes the same readings say something else gives it the next number; trips of
another one are judged again."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything that is known of a trip beside its plan.

    Attributes:
        track: positions of its vehicle (of each for its own part of the trip) from before the start on.
        fences: site → its fence; of the planned stops, and of other places where it may stand.
        places: site → where it is.
        moments: what people said, in ledger order.
        goods: temperature of what is on board. ``milked_ms``: end of the oldest milking on board; None: not said.
        newest_ms: how far the readings go.
    """

    track: Track
    fences: Mapping[str, Fence]
    places: Mapping[str, Place | None]
    moments: Sequence[TripMoment] = ()
    goods: Goods = NO_GOODS
    milked_ms: int | None = None
    newest_ms: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A trip as it went, or as it goes.

    Attributes:
        last: what is expected now; None before the first position and behind the last stop.
        driven_m: way since the start; ``reached_m``: of it until it came to each stop, None where it did not, or nobody
            knows.
    """

    itinerary: Itinerary
    course: Course
    last: Look | None
    driven_m: float
    reached_m: tuple[float | None, ...]
    delays: tuple[Delay, ...]


class Followed:
    """What was found of a trip's fixes so far, so that a judgement goes on behind them.

    It says nothing that they do not: where anything that they were looked at with is another one, it begins anew.
    """

    def __init__(self) -> None:
        self._of: tuple[Trip, Mapping[str, Place | None], TripRules] | None = None

    def itinerary(self, trip: Trip, places: Mapping[str, Place | None], rules: TripRules) -> Itinerary:
        """Return the plan in numbers."""
        if self._of != (trip, places, rules):
            self._of = trip, places, rules
            self._itinerary = itinerary_of(trip, places, rules)
            self._begin(rules)
        return self._itinerary

    def _begin(self, rules: TripRules) -> None:
        self._outlook = Outlook(self._itinerary, rules)
        self.lateness, self.off_route = Lateness(self._itinerary, rules), OffRoute(rules)
        self.last: Look | None = None

    def look(self, track: Track, found: Sequence[Happened], rules: TripRules) -> None:
        """Look at the fixes that are new."""
        if not self._outlook.goes_on(track, found):
            self._begin(rules)
        for look in self._outlook.more(track, found):
            self.lateness.take(look)
            self.off_route.take(look)
            self.last = look


def judged(trip: Trip, heard: Heard, rules: TripRules, followed: Followed | None = None) -> Judged:
    """Judge a trip.

    Args:
        rules: of its kind, in force when it was planned to begin.
        followed: of the same trip, judged before; what comes out is the same without it.
    """
    followed = followed or Followed()
    itinerary = followed.itinerary(trip, heard.places, rules)
    stops = {stop.site for stop in trip.stops}
    visits = visits_of(heard.track, {site: fence for site, fence in heard.fences.items() if site in stops})
    found = happened(itinerary, visits, heard.moments)
    course = course_of(itinerary, found)
    followed.look(heard.track, found, rules)
    older = older_than_planned(itinerary, course, Ageing(heard.goods, rules.dose_reference.value))
    lateness = followed.lateness.late(course, rules, older)
    if not len(heard.track):
        lateness = late_by_hand(itinerary, course, rules, older)
    wrong = (
        *lateness,
        *delays.stopped(heard.track, heard.fences.values(), course, rules, older),
        *followed.off_route.off(),
        *delays.too_far(itinerary, heard.track, course, rules),
        *delays.unheard(heard.track, course, rules),
        *delays.waiting(course, heard.newest_ms, rules, older),
        *delays.warm(course, heard.goods, rules),
        *delays.old(itinerary, course, heard.milked_ms, rules),
    )
    driven_m, reached_m = _driven(heard.track, course)
    return Judged(
        itinerary,
        course,
        followed.last if course.over_ms is None else None,
        driven_m,
        reached_m,
        tuple(sorted(wrong, key=lambda delay: (delay.onset_ms, delay.rule))),
    )


def _driven(track: Track, course: Course) -> tuple[float, tuple[float | None, ...]]:
    """Return the way driven in all, and until it came to each stop, m."""
    if course.started_ms is None or not len(track):
        return 0.0, (None,) * len(course.stops)
    way_m = delays.driven_m(track, course.started_ms, course.over_ms)
    reached = [
        None if seen.arrived_ms is None else int(np.searchsorted(track.t, seen.arrived_ms, side="right")) - 1
        for seen in course.stops
    ]
    return float(way_m[-1]), tuple(None if fix is None else float(way_m[max(fix, 0)]) for fix in reached)
