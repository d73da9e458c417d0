"""What is true of a trip: where the truck was, which windows it missed, and since when that could be known.

*Knowable* at a moment is what follows from everything that is the case then, to a person who knows it all:

* where the truck is, and how it and this day compare with the usual (a slow truck, a rainy day);
* the usual speed of each section of the remaining way at the hour in which it will be reached, and what its lights cost
  in the mean;
* the traffic, jams and closures that there are now, all along the remaining way. They are taken to stay as they are for
  `HOLDS_S`; what is reached later is taken as usual. A closed stretch ahead is driven around;
* the usual time of each stop in between; nobody is served before the window opens, nor leaves before the planned
  departure.

And nothing else: no jam or closure that has not begun, no growth of one that has, no breakdown, break or long stop to
come. What stands is taken to go on at once, what is being served to take its usual time from its start: how long a
breakdown will last is not known, only how long it has. A window is knowably missed when the truck would arrive after
its end. So a window that is met was knowably missed for a time only where something got better than it was or is
usual: a jam or closure dissolved, traffic eased, a stop was short, lights were green.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.traffic.days import Closure, Day
from firmware_sim.traffic.driving import Driven
from firmware_sim.traffic.plans import Plan, deadlines_of, openings_of, services_of
from firmware_sim.traffic.reckoning import reckon
from firmware_sim.traffic.ways import Array

HOLDS_S = 3600.0
"""About how long a jam lasts (median 40 min at its full length, with growing and dissolving an hour)."""

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """One trip's truth.

    Attributes:
        plan: what the windows are of.
        midnight_ms: what local seconds count from, ms UTC.
        driven: the drive, along the way of ``day``.
        day: of the way that was driven.
        planned_day: of the planned way; the same where no closure was met.
        closure: a closed stretch of the planned way, met or not.
        around_day: of the way around it; None without a closure.
    """

    plan: Plan
    midnight_ms: int
    driven: Driven
    day: Day
    planned_day: Day
    closure: Closure | None = None
    around_day: Day | None = None

    @property
    def arrives_ms(self) -> NDArray[np.int64]:
        """True arrival at each stop, shape (stops,), ms UTC; at the first one the planned arrival."""
        found = self._ms(self.driven.arrives_s)
        found[0] = self.plan.stops[0].arrives_ms
        return found

    @property
    def leaves_ms(self) -> NDArray[np.int64]:
        """True departure from each stop, shape (stops,), ms UTC; at the last one the end of service."""
        return self._ms(self.driven.leaves_s)

    @property
    def missed(self) -> NDArray[np.bool_]:
        """Say of each stop whether the truck arrives after its window's end, shape (stops,); False without a window."""
        return np.asarray(self.driven.arrives_s > deadlines_of(self.plan, self.midnight_ms))

    @property
    def detoured(self) -> bool:
        """Say whether the truck met the closure and drove around."""
        return self.day is not self.planned_day

    def position(self, at_ms: NDArray[np.int64]) -> tuple[Array, Array, Array]:
        """Return latitude, longitude (degrees) and speed (m/s) at moments, shape (n,) each; parked before and after."""
        at_s = self._s(at_ms)
        return (*self.day.way.place(self.driven.along_m(at_s)), self.driven.speed_m_per_s(at_s))

    def driven_m(self, at_ms: NDArray[np.int64]) -> Array:
        """Return the metres driven since the departure, shape (n,)."""
        return self.driven.along_m(self._s(at_ms))

    def expected_ms(self, at_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when the truck would arrive by what is knowable, shape (n, stops), ms UTC.

        At stops that it has reached by then: when it did.
        """
        at_s = self._s(at_ms)
        arrives_s = self.driven.arrives_s.copy()
        arrives_s[0] = (self.plan.stops[0].arrives_ms - self.midnight_ms) / 1000
        along_m = self.driven.along_m(at_s)
        expected_s = np.tile(arrives_s, (len(at_s), 1))
        around = self._goes_around(at_s, along_m)
        for rows, day in ((~around, self.planned_day), (around, self.around_day)):
            if day is not None and rows.any():
                found = self._reckoned(day, at_s[rows], along_m[rows])
                expected_s[rows] = np.where(np.isnan(found), arrives_s, found)
        return self._ms(expected_s)

    def knowable(self, at_ms: int, stop: int) -> bool:
        """Say whether a window is knowably missed at a moment (see above); of a stop that was reached, whether it was.

        Raises:
            ValueError: the stop has no window.
        """
        return bool(self._late(np.array([at_ms]), stop)[0])

    def knowable_since_ms(self, stop: int) -> int | None:
        """Return the first whole minute from which on a missed window is knowably missed until its end, ms UTC.

        Returns:
            None where it is not missed, or was not knowable before its end.

        Raises:
            ValueError: the stop has no window.
        """
        if not self.missed[stop]:
            return None
        first_ms, end_ms = self.plan.stops[0].arrives_ms, int(self.plan.stops[stop].window_to_ms or 0)
        minutes = np.arange(first_ms - first_ms % MINUTE_MS, end_ms + 1, MINUTE_MS)
        late = self._late(minutes, stop)
        if not len(late) or not late[-1]:
            return None
        unknown = np.flatnonzero(~late)
        return int(minutes[0 if not len(unknown) else unknown[-1] + 1])

    def _late(self, at_ms: NDArray[np.int64], stop: int) -> NDArray[np.bool_]:
        window_to_ms = self.plan.stops[stop].window_to_ms
        if window_to_ms is None:
            raise ValueError(f"stop {stop} ({self.plan.stops[stop].name}) has no window")
        return np.asarray(self.expected_ms(at_ms)[:, stop] > window_to_ms)

    def _goes_around(self, at_s: Array, along_m: Array) -> NDArray[np.bool_]:
        """Say of each moment whether the way around is the one that is driven, or would be."""
        if self.closure is None:
            return np.zeros(len(at_s), bool)
        closed = (at_s >= self.closure.begins_s) & (at_s < self.closure.ends_s) & (along_m <= self.closure.from_m)
        return closed | (self.detoured & (along_m > self.closure.from_m))

    def _reckoned(self, day: Day, at_s: Array, along_m: Array) -> Array:
        driven, services_s = self.driven, services_of(self.plan)
        stop = np.maximum(np.searchsorted(driven.arrives_s, at_s, side="right") - 1, 0)
        planned_s = (self.plan.stops[0].leaves_ms - self.midnight_ms) / 1000
        done_s = np.where(stop > 0, driven.served_s[stop] + services_s[stop], planned_s)
        starts_s = np.where(at_s < driven.leaves_s[stop], np.maximum(at_s, done_s), at_s)
        opens_s = openings_of(self.plan, self.midnight_ms)
        return reckon(day, opens_s, services_s, at_s, along_m, starts_s, HOLDS_S)

    def _s(self, at_ms: NDArray[np.int64]) -> Array:
        return np.asarray((np.asarray(at_ms) - self.midnight_ms) / 1000)

    def _ms(self, at_s: Array) -> NDArray[np.int64]:
        return self.midnight_ms + np.round(at_s * 1000).astype(np.int64)
