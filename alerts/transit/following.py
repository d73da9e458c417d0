"""What happened on a trip, and when that could be known: visits laid over the planned stops, and what people said.

::

    visits (positions) ──▶ the earliest planned stop there that was not reached yet ──┐
    TripMoment (by hand) ──▶ goes before the positions, stop by stop ─────────────────┴▶ Happened, in measured order

A vehicle that comes back to the stop it was at last, and was at no other in between, is there again: it went for fuel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alerts.transit.itinerary import Itinerary
from alerts.transit.states import OVER, TripEvent, TripState, step
from alerts.transit.visits import Visit
from coldchain.custody import Trip, TripMoment

POSITIONS, PERSON = "positions", "person"

_SAID = {
    "arrived": TripEvent.ARRIVED,
    "departed": TripEvent.DEPARTED,
    "accepted": TripEvent.ACCEPTED,
    "refused": TripEvent.REFUSED,
    "ended": TripEvent.ENDED,
    "cancelled": TripEvent.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened. Measured times, ms.

    Attributes:
        at_ms: when. ``known_ms``: of the fix that decided it; what a person said is known when it happened.
        stop: place in `Trip.stops`; None for what concerns the whole trip.
        by: ``positions`` or ``person``.
    """

    at_ms: int
    known_ms: int
    event: TripEvent
    stop: int | None
    by: str
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A planned stop as it turned out. Measured times, ms; None: not (yet).

    Attributes:
        arrived_by, left_by: ``positions`` or ``person``.
        hole: for a while nothing was known between arriving and leaving.
    """

    arrived_ms: int | None = None
    left_ms: int | None = None
    accepted_ms: int | None = None
    refused_ms: int | None = None
    arrived_by: str = ""
    left_by: str = ""
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the trip's state."""

    at_ms: int
    state: TripState
    event: TripEvent
    stop: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Course:
    """How a trip went.

    Attributes:
        steps: changes of its state in measured order; before the first one it is ``planned``.
        stops: by planned stop.
        started_ms: when it left its first stop, or was first seen on the way; ``over_ms``: when it ended.
    """

    happened: tuple[Happened, ...]
    steps: tuple[Step, ...]
    stops: tuple[Seen, ...]
    started_ms: int | None
    over_ms: int | None
    state: TripState = field(default=TripState.PLANNED)


def happened(itinerary: Itinerary, visits: Sequence[Visit], moments: Iterable[TripMoment]) -> list[Happened]:
    """Return what happened on a trip, in measured order.

    Args:
        visits: of its vehicle, within the trip's time, in the order of arrival.
        moments: in ledger order; of the same stop and moment the last word counts.
    """
    trip = itinerary.trip
    said = _said(trip, moments)
    by_hand = {(one.event, one.stop) for one in said}
    found = [one for one in _found(trip, visits) if (one.event, one.stop) not in by_hand]
    named = [_named(trip, one) for one in (*found, *said)]
    return sorted(named, key=lambda one: (one.at_ms, one.known_ms, one.by))


def course_of(itinerary: Itinerary, found: Sequence[Happened]) -> Course:
    """Return how a trip went, from what happened in measured order."""
    state, steps = TripState.PLANNED, []
    stops = [Seen() for _ in itinerary.trip.stops]
    started_ms = over_ms = None
    for one in found:
        after = step(state, one.event)
        if state in OVER and one.event not in (TripEvent.ACCEPTED, TripEvent.REFUSED):
            continue
        if after is not state or one.event is TripEvent.ARRIVED:
            steps.append(Step(one.at_ms, after, one.event, one.stop, one.by))
        if started_ms is None and one.event is not TripEvent.CANCELLED and not (one.stop == 0 and _arrival(one.event)):
            started_ms = one.at_ms
        if after in OVER and state not in OVER:
            over_ms = one.at_ms
        state = after
        if one.stop is not None:
            stops[one.stop] = _with(stops[one.stop], one)
    return Course(tuple(found), tuple(steps), tuple(stops), started_ms, over_ms, state)


def _found(trip: Trip, visits: Sequence[Visit]) -> list[Happened]:
    todo = dict(enumerate(stop.site for stop in trip.stops))
    last: int | None = None
    found: list[Happened] = []
    for visit in visits:
        if last is not None and trip.stops[last].site == visit.site:
            stop: int | None = last
        else:
            stop = next((place for place, site in todo.items() if site == visit.site), None)
        if stop is None:
            continue
        todo.pop(stop, None)
        last = stop
        found.append(Happened(visit.arrived_ms, visit.known_ms, TripEvent.ARRIVED, stop, POSITIONS, visit.hole))
        if visit.left_ms is not None and visit.left_known_ms is not None:
            found.append(Happened(visit.left_ms, visit.left_known_ms, TripEvent.DEPARTED, stop, POSITIONS, visit.hole))
    return found


def _said(trip: Trip, moments: Iterable[TripMoment]) -> list[Happened]:
    last: dict[tuple[str, int | None], TripMoment] = {}
    for moment in moments:
        if moment.stop is None or 0 <= moment.stop < len(trip.stops):
            last[moment.moment, moment.stop] = moment
    return [
        Happened(one.at_ms, one.at_ms, _SAID[one.moment], one.stop, PERSON)
        for one in last.values()
        if one.at_ms is not None and one.moment in _SAID
    ]


def _named(trip: Trip, one: Happened) -> Happened:
    """Return it with the name that says where on the trip it was."""
    if one.stop is None or one.stop != len(trip.stops) - 1:
        return one
    purpose = trip.stops[one.stop].purpose
    match one.event:
        case TripEvent.ARRIVED if purpose == "return":
            event = TripEvent.CAME_HOME
        case TripEvent.ARRIVED if trip.kind == "raw-milk":
            event = TripEvent.REACHED_RECEIVER
        case TripEvent.DEPARTED:
            event = TripEvent.LEFT_LAST
        case _:
            return one
    return Happened(one.at_ms, one.known_ms, event, one.stop, one.by, one.hole)


def _arrival(event: TripEvent) -> bool:
    return event in (TripEvent.ARRIVED, TripEvent.REACHED_RECEIVER, TripEvent.CAME_HOME)


def _with(seen: Seen, one: Happened) -> Seen:
    """Return a stop with what happened there; of several arrivals the first counts, of several departures the last."""
    arrived, left = (seen.arrived_ms, seen.arrived_by), (seen.left_ms, seen.left_by)
    accepted, refused = seen.accepted_ms, seen.refused_ms
    if _arrival(one.event):
        arrived, left = (arrived if arrived[0] is not None else (one.at_ms, one.by)), (None, "")
    elif one.event in (TripEvent.DEPARTED, TripEvent.LEFT_LAST):
        left = one.at_ms, one.by
    elif one.event is TripEvent.ACCEPTED:
        accepted = one.at_ms
    elif one.event is TripEvent.REFUSED:
        refused = one.at_ms
    return Seen(arrived[0], left[0], accepted, refused, arrived[1], left[1], seen.hole or one.hole)
