"""A trip, judged as a whole: a pure function of its plan, what people said, and the readings of its vehicle.

::

    plan ──▶ itinerary ─────────┬──▶ happened ──▶ course: states, stops, when they were reached
    positions ──▶ visits ───────┤        └──▶ looks: what was expected, fix by fix ─┐
    words of people ────────────┘                                                   ├──▶ delays
    temperature of the goods ──▶ ageing ────────────────────────────────────────────┘

Nothing here knows when a reading came: a trip that is heard of a day late ends as if it had been heard at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.transit import delays
from alerts.transit.ageing import NO_GOODS, Ageing, Goods
from alerts.transit.delays import Delay
from alerts.transit.following import Course, course_of, happened
from alerts.transit.itinerary import Itinerary, Place, itinerary_of
from alerts.transit.outlook import Look, looks_of
from alerts.transit.track import Track
from alerts.transit.visits import visits_of
from coldchain.custody import Trip, TripMoment
from coldchain.profiles import TripRules
from coldchain.registry import Fence


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
        driven_m: way since the start.
    """

    itinerary: Itinerary
    course: Course
    last: Look | None
    driven_m: float
    delays: tuple[Delay, ...]


def judged(trip: Trip, heard: Heard, rules: TripRules) -> Judged:
    """Judge a trip.

    Args:
        rules: of its kind, in force when it was planned to begin.
    """
    itinerary = itinerary_of(trip, heard.places, rules)
    stops = {stop.site for stop in trip.stops}
    visits = visits_of(heard.track, {site: fence for site, fence in heard.fences.items() if site in stops})
    found = happened(itinerary, visits, heard.moments)
    course = course_of(itinerary, found)
    looks = list(looks_of(itinerary, heard.track, found, rules))
    older = delays.older_than_planned(itinerary, course, Ageing(heard.goods, rules.dose_reference.value))
    lateness = delays.late(itinerary, looks, course, rules, older)
    if not len(heard.track):
        lateness = delays.late_by_hand(itinerary, course, rules, older)
    wrong = (
        *lateness,
        *delays.stopped(heard.track, heard.fences.values(), course, rules, older),
        *delays.off_route(looks, rules),
        *delays.too_far(itinerary, heard.track, course, rules),
        *delays.unheard(heard.track, course, rules),
        *delays.waiting(course, heard.newest_ms, rules, older),
        *delays.warm(course, heard.goods, rules),
        *delays.old(itinerary, course, heard.milked_ms, rules),
    )
    driven_m = 0.0
    if course.started_ms is not None and len(heard.track):
        driven_m = float(delays.driven_m(heard.track, course.started_ms, course.over_ms)[-1])
    return Judged(
        itinerary,
        course,
        looks[-1] if looks and course.over_ms is None else None,
        driven_m,
        tuple(sorted(wrong, key=lambda delay: (delay.onset_ms, delay.rule))),
    )
