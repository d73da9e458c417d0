"""A judged trip as pages and the API show it."""

from __future__ import annotations

import msgspec

from alerts.transit.trips import PROGRAM, Judged


class StopView(msgspec.Struct, frozen=True):
    """A planned stop and how it turned out. Times in ms, measured; None: not known, or not yet.

    Attributes:
        due_ms: after this it is missed.
        expected_ms, spread_s, chance: when it is expected, with its standard deviation, and the chance (0-1) that it is
            missed; None where nothing is expected any more.
        arrived_by, left_by: ``positions`` or ``person``.
        reached_m: way driven until it came there.
    """

    site: str
    purpose: str
    planned_arrives_ms: int | None
    planned_leaves_ms: int | None
    window_from_ms: int | None
    window_to_ms: int | None
    due_ms: int | None
    arrived_ms: int | None
    left_ms: int | None
    accepted_ms: int | None
    refused_ms: int | None
    arrived_by: str
    left_by: str
    hole: bool
    expected_ms: int | None
    spread_s: float | None
    chance: float | None
    reached_m: int | None = None


class StepView(msgspec.Struct, frozen=True):
    """A step of its state."""

    at_ms: int
    state: str
    event: str
    stop: int | None
    by: str


class TripView(msgspec.Struct, frozen=True):
    """A trip as it was judged last.

    Attributes:
        newest_ms: newest position that it rests on; None: none.
        driven_m: way since the start; ``planned_m``: None: not known.
        rules: id of the rules' version; ``program``: `alerts.transit.trips.PROGRAM` that judged it.
    """

    state: str
    started_ms: int | None
    over_ms: int | None
    newest_ms: int | None
    driven_m: int
    planned_m: int | None
    next_stop: int | None
    left_m: int | None
    rules: str
    stops: list[StopView]
    steps: list[StepView]
    program: int = 0


def view_of(judged: Judged, newest_ms: int | None, rules: str) -> TripView:
    """Return what is shown of a judged trip."""
    course, last, itinerary = judged.course, judged.last, judged.itinerary
    stops = [
        StopView(
            *(planned.site, planned.purpose, planned.arrives_ms, planned.leaves_ms),
            *(planned.window_from_ms, planned.window_to_ms, itinerary.due_ms[place]),
            *(seen.arrived_ms, seen.left_ms, seen.accepted_ms, seen.refused_ms),
            *(seen.arrived_by, seen.left_by, seen.hole),
            expected_ms=None if last is None else last.arrives_ms.get(place),
            spread_s=None if last is None or place not in last.spread_s else round(last.spread_s[place]),
            chance=None if last is None or place not in last.chance else round(last.chance[place], 3),
            reached_m=None if reached_m is None else round(reached_m),
        )
        for place, (planned, seen, reached_m) in enumerate(
            zip(itinerary.trip.stops, course.stops, judged.reached_m, strict=True)
        )
    ]
    length_m = itinerary.length_m
    return TripView(
        course.state.value,
        course.started_ms,
        course.over_ms,
        newest_ms,
        round(judged.driven_m),
        None if length_m is None else round(length_m),
        None if last is None else last.next_stop,
        None if last is None or last.left_m != last.left_m else round(last.left_m),
        rules,
        stops,
        [StepView(step.at_ms, step.state.value, step.event.value, step.stop, step.by) for step in course.steps],
        PROGRAM,
    )
