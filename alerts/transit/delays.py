"""What goes wrong on a trip beside lateness, in measured time: standing, off the way, too far, unheard, waiting, warm.

Each rule looks at one thing, fix by fix, and knows nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from alerts.transit.ageing import Goods
from alerts.transit.delay import CRITICAL, NOTICE, WARNING, Delay, Older, Open
from alerts.transit.following import Course
from alerts.transit.halts import halts_of, holes
from alerts.transit.itinerary import MINUTE_MS, Itinerary
from alerts.transit.lateness import LATE
from alerts.transit.outlook import Look
from alerts.transit.states import TripState
from alerts.transit.track import Track
from coldchain.geo import distance_m
from coldchain.profiles import TripRules
from coldchain.registry import Fence
from coldchain.registry.fences import outside_m

STOPPED, OFF_ROUTE, TOO_FAR = "stopped", "off-route", "distance-over"
UNHEARD, WAITING = "position-gap", "waiting-too-long"
WARM, OLD_AT_LOADING, OLD_AT_RECEIPT = "arrival-warm", "age-at-loading", "age-at-receipt"
RULES = (LATE, STOPPED, OFF_ROUTE, TOO_FAR, UNHEARD, WAITING, WARM, OLD_AT_LOADING, OLD_AT_RECEIPT)

ARRIVAL_MS = 10 * MINUTE_MS
"""Milk's temperature on arrival is the median of what was measured so long from then on, and before: the tank is not
opened yet. Assumed."""

LOOK_MS = 5 * MINUTE_MS
"""How often a delay's severity is looked at where there is no other reason to look."""

JUMPS_M = 15.0
"""What a standing receiver jumps is no way; assumed."""


def stopped(track: Track, fences: Iterable[Fence], course: Course, rules: TripRules, older: Older) -> Iterator[Delay]:
    """Yield the times in which it stood too long, outside every fence, on its way."""
    fences = list(fences)
    limit_ms = rules.stopped_after.value * MINUTE_MS
    for halt in halts_of(track):
        lasted_ms = halt.to_ms - halt.from_ms
        if lasted_ms < limit_ms or not _on_the_way(course, halt.from_ms):
            continue
        latitude, longitude = float(np.median(halt.latitude)), float(np.median(halt.longitude))
        if any(float(outside_m(fence, latitude, longitude)) <= 0 for fence in fences):
            continue
        decided = int(track.t[np.searchsorted(track.t, halt.from_ms + limit_ms)])
        behind = int(np.searchsorted(track.t, halt.to_ms, side="right"))
        ended_ms = int(track.t[behind]) if behind < len(track.t) else None
        found = Open(STOPPED, halt.from_ms, decided, rules.stopped_after.value, "min")
        looks_ms = [*range(decided, halt.to_ms, LOOK_MS), halt.to_ms]
        lasted_min = [(at_ms - halt.from_ms) / MINUTE_MS for at_ms in looks_ms]
        found.see_all(looks_ms, lasted_min, older(looks_ms, looks_ms), rules)
        found.evidence |= {"latitude": round(latitude, 5), "longitude": round(longitude, 5)}
        yield found.closed(ended_ms)


class OffRoute:
    """The times in which it drove off the planned way, look by look."""

    def __init__(self, rules: TripRules) -> None:
        self._beyond_m, self._after_ms = rules.off_route.value, rules.off_route_after.value * MINUTE_MS
        self._since_ms: int | None = None
        self._open: Open | None = None
        self._over: list[Delay] = []

    def take(self, look: Look) -> None:
        """Take the next look."""
        if not look.off_m > self._beyond_m:
            if self._open is not None:
                self._over.append(self._open.closed(look.at_ms))
            self._since_ms = self._open = None
            return
        since_ms = self._since_ms = look.at_ms if self._since_ms is None else self._since_ms
        if self._open is None and look.at_ms - since_ms >= self._after_ms:
            self._open = Open(OFF_ROUTE, since_ms, look.at_ms, self._beyond_m, "m")
        if self._open is not None:
            self._open.see(look.at_ms, look.off_m, NOTICE)

    def off(self) -> list[Delay]:
        """Return them, as far as looks were taken."""
        return [*self._over, *([] if self._open is None else [self._open.closed(None)])]


def too_far(itinerary: Itinerary, track: Track, course: Course, rules: TripRules) -> Iterator[Delay]:
    """Yield that more was driven than planned, from the fix at which it was too much."""
    planned_m = itinerary.length_m
    if planned_m is None or course.started_ms is None:
        return
    driven = driven_m(track, course.started_ms, course.over_ms)
    limit_m = planned_m * (1 + rules.distance_over.value / 100)
    beyond = np.flatnonzero(driven > limit_m)
    if not len(beyond):
        return
    at_ms = int(track.t[beyond[0]])
    found = Open(TOO_FAR, at_ms, at_ms, limit_m / 1000, "km")
    found.see(int(track.t[-1]), float(driven.max()) / 1000, NOTICE)
    yield found.closed(course.over_ms)


def driven_m(track: Track, from_ms: int, to_ms: int | None) -> np.ndarray:
    """Return the way driven up to each fix since a moment, shape (n,), m."""
    steps = distance_m(track.latitude[:-1], track.longitude[:-1], track.latitude[1:], track.longitude[1:])
    counts = (track.t[1:] >= from_ms) & (steps >= JUMPS_M)
    if to_ms is not None:
        counts &= track.t[1:] <= to_ms
    return np.concatenate([[0.0], np.cumsum(np.where(counts, steps, 0.0))])[: len(track)]


def unheard(track: Track, course: Course, rules: TripRules) -> Iterator[Delay]:
    """Yield the holes between two fixes on the way; one that still lasts is a silence (`alerts.silence`)."""
    for behind in np.flatnonzero(holes(track)).tolist():
        from_ms, to_ms = int(track.t[behind - 1]), int(track.t[behind])
        lasted_ms = to_ms - from_ms
        if _on_the_way(course, from_ms) and lasted_ms > rules.gap.value * MINUTE_MS:
            found = Open(UNHEARD, from_ms, to_ms, rules.gap.value, "min")
            found.see(to_ms, lasted_ms / MINUTE_MS, NOTICE)
            yield found.closed(to_ms)


def waiting(course: Course, newest_ms: int, rules: TripRules, older: Older) -> Iterator[Delay]:
    """Yield that it arrived and was not taken over for too long."""
    if rules.waiting_longest is None:
        return
    limit_ms = round(rules.waiting_longest.value * MINUTE_MS)
    since_ms: int | None = None
    for at_ms, state in [*((step.at_ms, step.state) for step in course.steps), (newest_ms, None)]:
        if since_ms is not None and state is not TripState.WAITING and at_ms - since_ms > limit_ms:
            found = Open(WAITING, since_ms, since_ms + limit_ms, rules.waiting_longest.value, "min")
            looks_ms = [*range(since_ms + limit_ms, at_ms, LOOK_MS), at_ms]
            lasted_min = [(look_ms - since_ms) / MINUTE_MS for look_ms in looks_ms]
            found.see_all(looks_ms, lasted_min, older(looks_ms, looks_ms), rules)
            yield found.closed(None if state is None else at_ms)
        if state is not None:
            since_ms = at_ms if state is TripState.WAITING else None


def warm(course: Course, goods: Goods, rules: TripRules) -> Iterator[Delay]:
    """Yield that the milk was too warm when it arrived."""
    arrived_ms = course.stops[-1].arrived_ms
    if rules.arrival_warning is None or arrived_ms is None:
        return
    near = (goods.t >= arrived_ms - ARRIVAL_MS) & (goods.t <= arrived_ms + ARRIVAL_MS) & np.isfinite(goods.celsius)
    if not near.any():
        return
    celsius = float(np.median(goods.celsius[near]))
    if celsius < rules.arrival_warning.value:
        return
    reject = rules.arrival_reject is not None and celsius >= rules.arrival_reject.value
    found = Open(WARM, arrived_ms, int(goods.t[near][-1]), rules.arrival_warning.value, "Cel")
    found.see(arrived_ms, celsius, CRITICAL if reject else WARNING)
    found.evidence["reject_suggested"] = reject
    yield found.closed(course.over_ms)


def old(itinerary: Itinerary, course: Course, milked_ms: int | None, rules: TripRules) -> Iterator[Delay]:
    """Yield that the oldest milk was too old when it was loaded, or taken over.

    Args:
        milked_ms: end of the milking of the oldest milk on board; None: nobody said.
    """
    if milked_ms is None:
        return
    loads = [
        seen.left_ms
        for stop, seen in zip(itinerary.trip.stops, course.stops, strict=True)
        if stop.purpose == "load" and seen.left_ms is not None
    ]
    receipt = course.stops[-1].accepted_ms or course.stops[-1].arrived_ms
    asked = (
        (OLD_AT_LOADING, max(loads, default=None), rules.loading_age_warning, rules.loading_age),
        (OLD_AT_RECEIPT, receipt, rules.processing_age, rules.processing_age),
    )
    for rule, at_ms, warning, alarm in asked:
        if at_ms is None or warning is None or alarm is None:
            continue
        age_min = (at_ms - milked_ms) / MINUTE_MS
        if age_min >= warning.value:
            found = Open(rule, at_ms, at_ms, warning.value / 60, "h")
            found.see(at_ms, age_min / 60, WARNING if age_min < alarm.value else CRITICAL)
            yield found.closed(course.over_ms)


def _on_the_way(course: Course, at_ms: int) -> bool:
    if course.started_ms is None or at_ms < course.started_ms:
        return False
    return course.over_ms is None or at_ms < course.over_ms
