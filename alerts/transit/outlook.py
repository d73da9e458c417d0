"""When a vehicle will reach its next stops, fix by fix, from what was known then: how far is left, and its own pace.

::

    left on the leg ──usual time──▶ × own pace so far ─┐
    a slow spell now ──▶ goes on about as long again ──┼──▶ arrival at each stop ahead, with its spread
    stops in between ──▶ their usual time ─────────────┘         └──▶ chance that it comes after the stop is missed

*Pace* is time driven over usual time for the same way, slow spells left out; it begins at 1 and is worth
`PRIOR_S` of driving. A *slow spell* is a time in which it made less than `SLOW_SHARE` of its usual progress: a jam, a
breakdown, a long halt. How long one lasts nobody knows; those that have lasted long last long, so it is taken to last
`AGAIN` as long again.

All constants were chosen on simulated trips (`bench.trips`, seeds that are not measured with).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alerts.transit.following import Happened
from alerts.transit.itinerary import Floats, Itinerary
from alerts.transit.states import TripEvent
from alerts.transit.track import NO_FIXES, Track
from coldchain.profiles import TripRules

LOOKS_MS = 30_000
"""Looked at least so far apart."""

PRIOR_S = 7200.0
PACE = 0.7, 1.8
"""What a pace may be."""

WINDOW_MS = 6 * 60_000
SLOW_SHARE = 0.35
"""Progress of the last `WINDOW_MS` below this share of the usual one is a slow spell."""

AGAIN = 0.35
AGAIN_AT_LEAST_S = 120.0
SLOW_SPREAD = 0.4
STAYS_AGAIN = 0.2
"""The same of a stay at a stop that takes longer than planned: what holds it up is nearly done."""

TOGETHER = 32
"""Fixes whose way left is computed together: most of a leg's."""
NOTHING = np.empty(0)

PACE_SPREAD = 0.17
SPREAD_S = 150.0
STOP_SPREAD_S = 150.0
LEAVING_SPREAD = 0.3
"""Spread of arrival: so much of the time still to be driven, of any, and for each stop in between; and of the time that
it stays where it is."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was expected at a fix.

    Attributes:
        at_ms: of the fix.
        arrives_ms: stop → when it was expected there; ``spread_s``: standard deviation.
        chance: stop → that it comes after the stop is missed, 0-1; only for stops that can be missed.
        slow_s: how long a slow spell had lasted.
        left_m: way to the next stop; NaN: not known.
        off_m: how far off the planned way; NaN without one.
    """

    at_ms: int
    next_stop: int
    arrives_ms: dict[int, int]
    spread_s: dict[int, float]
    chance: dict[int, float]
    slow_s: float
    left_m: float
    off_m: float


def looks_of(itinerary: Itinerary, track: Track, found: Sequence[Happened], rules: TripRules) -> list[Look]:
    """Return what was expected at the fixes of a trip, until it reached its last stop.

    Args:
        track: of the trip's time.
        found: `alerts.transit.following.happened`; only what was known at a fix counts for it.
    """
    return Outlook(itinerary, rules).more(track, found)


class Outlook:
    """The looks of a trip as its fixes come: `more` goes on behind the last fix that it looked at."""

    def __init__(self, itinerary: Itinerary, rules: TripRules) -> None:
        self._driving = _Driving(itinerary, rules)
        self._seen: Track | None = None
        self._learnt: list[Happened] = []
        self._last_ms = -LOOKS_MS

    def goes_on(self, track: Track, found: Sequence[Happened]) -> bool:
        """Say whether all that its looks rest on still is as it was: their fixes, and what was known at them."""
        seen, learnt = self._seen, self._learnt
        if seen is None or not len(seen):
            return True
        known = sorted(found, key=_known_ms)
        return (
            track.begins_with(seen)
            and known[: len(learnt)] == learnt
            and all(one.known_ms > seen.t[-1] for one in known[len(learnt) :])
        )

    def more(self, track: Track, found: Sequence[Happened]) -> list[Look]:
        """Return the looks at the fixes that are new.

        Args:
            track, found: with which it goes on (`goes_on`).
        """
        known = sorted(found, key=_known_ms)
        driving, learnt = self._driving, self._learnt
        looks = []
        fix = 0 if self._seen is None else len(self._seen)
        driving.track = track
        while fix < len(track) and not driving.over:
            at_ms = int(track.t[fix])
            while len(learnt) < len(known) and known[len(learnt)].known_ms <= at_ms:
                learnt.append(known[len(learnt)])
                driving.learn(learnt[-1])
            if not driving.over and at_ms - self._last_ms >= LOOKS_MS:
                self._last_ms = at_ms
                look = driving.look(fix)
                looks += [] if look is None else [look]
            fix += 1
        self._seen = track.before(fix)
        return looks


class _Driving:
    """What is known of the drive up to a fix."""

    def __init__(self, itinerary: Itinerary, rules: TripRules) -> None:
        self._itinerary = itinerary
        self.track = NO_FIXES
        self._off_route_m = rules.off_route.value
        self._reached: set[int] = set()
        self._at: tuple[int, int] | None = None  # stop, arrived ms
        self._left: dict[int, tuple[int, Floats, Floats]] = {}
        self._drove_s = self._usual_s = 0.0
        self._progress: list[tuple[int, float]] = []  # at ms, usual time left on the leg
        self._slow_since_ms: int | None = None
        self.over = False

    def learn(self, one: Happened) -> None:
        """Take what became known."""
        count = len(self._itinerary.legs)
        if one.event in (TripEvent.ENDED, TripEvent.CANCELLED):
            self.over = True
        if one.stop is None:
            return
        if one.event in (TripEvent.ARRIVED, TripEvent.REACHED_RECEIVER, TripEvent.CAME_HOME):
            self._reached.add(one.stop)
            self._at = one.stop, one.at_ms
            self.over = self.over or one.stop == count - 1
            self._halt()
        elif one.event in (TripEvent.DEPARTED, TripEvent.LEFT_LAST):
            self._reached.add(one.stop)
            if self._at is not None and self._at[0] == one.stop:
                self._at = None
            self._halt()

    def _halt(self) -> None:
        self._progress.clear()
        self._slow_since_ms = None

    def look(self, fix: int) -> Look | None:
        """Return what is to be expected at a fix; None where nothing is ahead."""
        count = len(self._itinerary.legs)
        ahead = [stop for stop in range(1, count) if stop not in self._reached]
        if not ahead:
            return None
        at_ms = int(self.track.t[fix])
        target = ahead[0]
        left_m, off_m = self._left_of(target, fix)
        started = bool(self._reached) and self._at is None
        if self._at is not None or not self._reached:
            seconds, drive_s, variance, slow_s = self._staying(at_ms, target)
        else:
            seconds, drive_s, variance, slow_s = self._under_way(at_ms, target, left_m)
        arrives: dict[int, int] = {}
        spread: dict[int, float] = {}
        chance: dict[int, float] = {}
        pace = self._pace()
        for place, stop in enumerate(ahead):
            if place:
                leg, before = self._itinerary.legs[stop], self._itinerary.trip.stops[ahead[place - 1]]
                assert leg is not None
                if before.window_from_ms is not None:
                    seconds = max(seconds, (before.window_from_ms - at_ms) / 1000)
                seconds += self._itinerary.service_s[ahead[place - 1]]
                if before.leaves_ms is not None:
                    seconds = max(seconds, (before.leaves_ms - at_ms) / 1000)
                seconds += leg.planned_s * pace
                drive_s += leg.planned_s * pace
                variance += STOP_SPREAD_S**2
            arrives[stop] = at_ms + round(seconds * 1000)
            spread[stop] = math.sqrt(variance + (PACE_SPREAD * drive_s) ** 2)
            due_ms = self._itinerary.due_ms[stop]
            if due_ms is not None:
                chance[stop] = _above(seconds, spread[stop], (due_ms - at_ms) / 1000)
        return Look(at_ms, target, arrives, spread, chance, slow_s if started else 0.0, left_m, off_m)

    def _left_of(self, stop: int, fix: int) -> tuple[float, float]:
        """Return the way left to a stop and how far off the way, m, of a fix and some behind it at once."""
        first, left, off = self._left.get(stop, (0, NOTHING, NOTHING))
        if not first <= fix < first + len(left):
            some, first = slice(fix, fix + TOGETHER), fix
            track = self.track
            left, off = self._itinerary.left_m(stop, track.latitude[some], track.longitude[some], self._off_route_m)
            self._left = {stop: (first, left, off)}
        return float(left[fix - first]), float(off[fix - first])

    def _pace(self) -> float:
        return min(max((PRIOR_S + self._drove_s) / (PRIOR_S + self._usual_s), PACE[0]), PACE[1])

    def _staying(self, at_ms: int, target: int) -> tuple[float, float, float, float]:
        """At a stop, or before the start: how long it stays there, and then the whole leg."""
        leg = self._itinerary.legs[target]
        assert leg is not None
        stop, arrived_ms = (0, None) if self._at is None else self._at
        begins_ms = self._itinerary.begins_ms
        if stop == 0:
            wait_s = 0.0 if begins_ms is None else (begins_ms - at_ms) / 1000
            over_s = max(-wait_s, 0.0)
        else:
            stayed_s = (at_ms - (arrived_ms or at_ms)) / 1000
            wait_s = self._itinerary.service_s[stop] - stayed_s
            over_s = max(-wait_s, 0.0)
        wait_s = max(wait_s, 0.0) + STAYS_AGAIN * over_s
        drive_s = leg.planned_s * self._pace()
        variance = SPREAD_S**2 + (LEAVING_SPREAD * min(wait_s + over_s, 1800.0)) ** 2
        return wait_s + drive_s, drive_s, variance, 0.0

    def _under_way(self, at_ms: int, target: int, left_m: float) -> tuple[float, float, float, float]:
        leg = self._itinerary.legs[target]
        assert leg is not None
        if math.isnan(left_m):
            usual_s = max(leg.planned_s - self._since_leg_s(at_ms), 60.0)
            return usual_s, usual_s, SPREAD_S**2 + (0.3 * usual_s) ** 2, 0.0
        usual_s = float(leg.usual_s(left_m))
        share, slow_s = self._moved(at_ms, usual_s)
        pace = self._pace()
        if slow_s > 0:
            again_s = max(AGAIN * slow_s, AGAIN_AT_LEAST_S)
            rest_s = max(usual_s - share * again_s, 0.0) * pace
            seconds = again_s + rest_s
            return seconds, rest_s, SPREAD_S**2 + (SLOW_SPREAD * slow_s) ** 2, slow_s
        seconds = usual_s * pace
        return seconds, seconds, SPREAD_S**2, 0.0

    def _since_leg_s(self, at_ms: int) -> float:
        return (at_ms - self._progress[0][0]) / 1000 if self._progress else 0.0

    def _moved(self, at_ms: int, usual_s: float) -> tuple[float, float]:
        """Take the way that is left; return the share of usual progress lately, and how long that has been slow, s."""
        progress = self._progress
        if progress:
            before_ms, before_s = progress[-1]
            took_s, made_s = (at_ms - before_ms) / 1000, before_s - usual_s
        progress.append((at_ms, usual_s))
        while len(progress) > 2 and at_ms - progress[1][0] >= WINDOW_MS:
            progress.pop(0)
        span_s = (at_ms - progress[0][0]) / 1000
        share = 1.0 if span_s <= 0 else (progress[0][1] - usual_s) / span_s
        slow = span_s * 1000 >= WINDOW_MS / 2 and share < SLOW_SHARE
        if slow and self._slow_since_ms is None:
            self._slow_since_ms = progress[0][0]
        elif not slow:
            self._slow_since_ms = None
        if len(progress) > 1 and not slow and made_s > -60.0:
            self._drove_s += took_s
            self._usual_s += max(made_s, 0.0)
        slow_s = 0.0 if self._slow_since_ms is None else (at_ms - self._slow_since_ms) / 1000
        return max(share, 0.0), slow_s


def _known_ms(one: Happened) -> int:
    return one.known_ms


def _above(mean: float, spread: float, limit: float) -> float:
    """Return the chance that something lies above a limit, normal."""
    return 0.5 * math.erfc((limit - mean) / (spread * math.sqrt(2)))
