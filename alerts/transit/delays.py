"""What goes wrong on a trip, in measured time: late, standing, off the way, too far, unheard, waiting, warm.

Each rule looks at one thing, fix by fix, and knows nothing of the others. How severe a delay is follows from how much
older the goods will be than planned, as time at the reference temperature (`alerts.transit.ageing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from alerts.transit.ageing import Ageing, Goods
from alerts.transit.following import Course
from alerts.transit.halts import halts_of, holes
from alerts.transit.itinerary import MINUTE_MS, Itinerary
from alerts.transit.outlook import Look
from alerts.transit.states import TripState
from alerts.transit.track import Track
from coldchain.geo import distance_m
from coldchain.kinetics import MS_PER_HOUR
from coldchain.profiles import TripRules
from coldchain.registry import SEVERITIES, Fence
from coldchain.registry.fences import outside_m

LATE, STOPPED, OFF_ROUTE, TOO_FAR, UNHEARD, WAITING = (
    *("late-arrival", "stopped", "off-route", "distance-over"),
    *("position-gap", "waiting-too-long"),
)
WARM, OLD_AT_LOADING, OLD_AT_RECEIPT = "arrival-warm", "age-at-loading", "age-at-receipt"
RULES = (LATE, STOPPED, OFF_ROUTE, TOO_FAR, UNHEARD, WAITING, WARM, OLD_AT_LOADING, OLD_AT_RECEIPT)

LOOKS = 3
"""A stop is told as late at so many looks in a row; taken back when its chance falls below `TAKEN_BACK`."""
TAKEN_BACK = 0.5

NEAR_MS, FAR_MS = 30 * 60_000, 60 * 60_000
"""Between `late_chance` and `late_chance_early` what is enough lies on a line; recall and precision are best so
(simulated: docs/decisions/0019-trips.md)."""

ARRIVAL_MS = 10 * MINUTE_MS
"""Milk's temperature on arrival is the median of what was measured so long from then on, and before: the tank is not
opened yet. Assumed."""

LOOK_MS = 5 * MINUTE_MS
"""How often a delay's severity is looked at where there is no other reason to look."""

JUMPS_M = 15.0
"""What a standing receiver jumps is no way; assumed."""

NOTICE, WARNING, CRITICAL = range(len(SEVERITIES))


@dataclass(frozen=True, slots=True)
class Delay:
    """One thing that went wrong on a trip. Measured times, ms.

    Attributes:
        onset_ms: since when; ``raised_ms``: of what decided it; ``ended_ms``: None while it lasts.
        peak: the worst of what is judged, ``limit`` what it may be, both in ``unit``; ``peak_ms``: when.
        severity, top: places in `SEVERITIES`; ``severity`` as it stands.
        evidence: what it rests on beside that.
    """

    rule: str
    onset_ms: int
    raised_ms: int
    ended_ms: int | None
    peak: float
    peak_ms: int
    limit: float
    unit: str
    severity: int
    top: int
    evidence: dict[str, object] = field(default_factory=dict)


Older = Callable[[int, int], float]
"""(moment, expected arrival, ms) → by how many hours at the reference the goods will be older than planned."""


def older_than_planned(itinerary: Itinerary, course: Course, ageing: Ageing) -> Older:
    """Return how much older than planned goods will be on arrival, asked at any moment."""
    begins_ms = itinerary.begins_ms if course.started_ms is None else course.started_ms
    planned = [stop.arrives_ms for stop in itinerary.trip.stops if stop.purpose == "unload" and stop.arrives_ms]

    def older(at_ms: int, arrives_ms: int) -> float:
        if begins_ms is None or itinerary.begins_ms is None or not planned:
            return 0.0
        planned_h = (planned[-1] - itinerary.begins_ms) / MS_PER_HOUR
        ahead_h = max(arrives_ms - at_ms, 0) / MS_PER_HOUR
        return ageing.hours(begins_ms, max(at_ms, begins_ms)) + ahead_h * ageing.rate(at_ms) - planned_h

    return older


def told_late(itinerary: Itinerary, looks: Iterable[Look], rules: TripRules) -> Iterator[tuple[Look, dict[int, int]]]:
    """Yield each look with the stops that are told as late then, and since when, measured ms."""
    near, early = rules.late_chance.value / 100, rules.late_chance_early.value / 100
    beyond: dict[int, int] = {}
    told: dict[int, int] = {}
    for look in looks:
        for stop, chance in look.chance.items():
            ahead_ms = (itinerary.due_ms[stop] or 0) - look.at_ms
            share = min(max((ahead_ms - NEAR_MS) / (FAR_MS - NEAR_MS), 0.0), 1.0)
            if chance >= near + share * (early - near):
                beyond[stop] = beyond.get(stop, 0) + 1
                if beyond[stop] >= LOOKS:
                    told.setdefault(stop, look.at_ms)
            elif chance < TAKEN_BACK:
                beyond.pop(stop, None)
                told.pop(stop, None)
        for stop in [one for one in told if one not in look.chance]:
            told.pop(stop)  # it was reached
        yield look, dict(told)


def late(
    itinerary: Itinerary, looks: Sequence[Look], course: Course, rules: TripRules, older: Older
) -> Iterator[Delay]:
    """Yield the times in which a stop was, or was expected to be, reached too late."""
    opened: _Open | None = None
    told: dict[int, int] = {}
    for look, told in told_late(itinerary, looks, rules):
        if told:
            worst = max(told, key=lambda stop: look.arrives_ms[stop] - (itinerary.due_ms[stop] or 0))
            late_min = (look.arrives_ms[worst] - (itinerary.due_ms[worst] or 0)) / MINUTE_MS
            opened = opened or _Open(LATE, look.at_ms, look.at_ms, 0.0, "min")
            delivered = [at for stop, at in look.arrives_ms.items() if itinerary.trip.stops[stop].purpose == "unload"]
            older_h = older(look.at_ms, max(delivered, default=look.at_ms))
            opened.see(look.at_ms, late_min, severity_of(older_h, rules))
            opened.evidence |= {"stops": sorted(told), "expected_ms": dict(sorted(look.arrives_ms.items()))}
        elif opened is not None:
            yield opened.closed(look.at_ms)
            opened = None
    if opened is not None:
        yield opened.closed(_last_reached(told, course))


def late_by_hand(itinerary: Itinerary, course: Course, rules: TripRules, older: Older) -> Iterator[Delay]:
    """Yield the stops that a person said were reached too late, where no position says anything."""
    for seen, due_ms, stop in zip(course.stops, itinerary.due_ms, range(len(course.stops)), strict=True):
        if due_ms is None or seen.arrived_ms is None or seen.arrived_ms <= due_ms:
            continue
        found = _Open(LATE, due_ms, seen.arrived_ms, 0.0, "min")
        severity = severity_of(older(seen.arrived_ms, seen.arrived_ms), rules)
        found.see(seen.arrived_ms, (seen.arrived_ms - due_ms) / MINUTE_MS, severity)
        found.evidence["stops"] = [stop]
        yield found.closed(seen.arrived_ms)


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
        found = _Open(STOPPED, halt.from_ms, decided, rules.stopped_after.value, "min")
        for at_ms in (*range(decided, halt.to_ms, LOOK_MS), halt.to_ms):
            found.see(at_ms, (at_ms - halt.from_ms) / MINUTE_MS, severity_of(older(at_ms, at_ms), rules))
        found.evidence |= {"latitude": round(latitude, 5), "longitude": round(longitude, 5)}
        yield found.closed(ended_ms)


def off_route(looks: Sequence[Look], rules: TripRules) -> Iterator[Delay]:
    """Yield the times in which it drove off the planned way."""
    since: Look | None = None
    opened: _Open | None = None
    for look in looks:
        if not look.off_m > rules.off_route.value:
            if opened is not None:
                yield opened.closed(look.at_ms)
            since = opened = None
            continue
        since = since or look
        if opened is None and look.at_ms - since.at_ms >= rules.off_route_after.value * MINUTE_MS:
            opened = _Open(OFF_ROUTE, since.at_ms, look.at_ms, rules.off_route.value, "m")
        if opened is not None:
            opened.see(look.at_ms, look.off_m, NOTICE)
    if opened is not None:
        yield opened.closed(None)


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
    found = _Open(TOO_FAR, at_ms, at_ms, limit_m / 1000, "km")
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
            found = _Open(UNHEARD, from_ms, to_ms, rules.gap.value, "min")
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
            found = _Open(WAITING, since_ms, since_ms + limit_ms, rules.waiting_longest.value, "min")
            for look_ms in (*range(since_ms + limit_ms, at_ms, LOOK_MS), at_ms):
                found.see(look_ms, (look_ms - since_ms) / MINUTE_MS, severity_of(older(look_ms, look_ms), rules))
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
    found = _Open(WARM, arrived_ms, int(goods.t[near][-1]), rules.arrival_warning.value, "Cel")
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
            found = _Open(rule, at_ms, at_ms, warning.value / 60, "h")
            found.see(at_ms, age_min / 60, WARNING if age_min < alarm.value else CRITICAL)
            yield found.closed(course.over_ms)


def _on_the_way(course: Course, at_ms: int) -> bool:
    if course.started_ms is None or at_ms < course.started_ms:
        return False
    return course.over_ms is None or at_ms < course.over_ms


def severity_of(older_h: float, rules: TripRules) -> int:
    """Return the severity of goods that get so much older than planned, h at the reference.

    Two hours late at 3 °C are not two hours late at 9 °C.
    """
    if older_h * 60 >= rules.dose_critical.value:
        return CRITICAL
    return WARNING if older_h * 60 >= rules.dose_warning.value else NOTICE


def _last_reached(told: dict[int, int], course: Course) -> int | None:
    """Return when the last stop that was told as late was reached; None while one is not."""
    arrived = [course.stops[stop].arrived_ms for stop in told]
    known = [at_ms for at_ms in arrived if at_ms is not None]
    return max(known) if known and len(known) == len(arrived) else None


class _Open:
    """A delay while it is being found."""

    def __init__(self, rule: str, onset_ms: int, raised_ms: int, limit: float, unit: str) -> None:
        self._rule, self._onset_ms, self._raised_ms = rule, onset_ms, raised_ms
        self._limit, self._unit = limit, unit
        self._peak, self._peak_ms = -np.inf, onset_ms
        self._severity = self._top = NOTICE
        self.evidence: dict[str, object] = {}

    def see(self, at_ms: int, value: float, severity: int) -> None:
        """Take how bad it is at a moment."""
        if value > self._peak:
            self._peak, self._peak_ms = value, at_ms
        self._severity, self._top = severity, max(self._top, severity)

    def closed(self, ended_ms: int | None) -> Delay:
        """Return it, ended at a moment or still lasting."""
        numbers = (round(self._peak, 1), self._peak_ms, round(self._limit, 1), self._unit)
        return Delay(
            *(self._rule, self._onset_ms, self._raised_ms, ended_ms),
            *numbers, self._severity, self._top, self.evidence,
        )  # fmt: skip
