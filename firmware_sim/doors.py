"""When doors stand open: short visits by the hour, drawn once a local day, and doors that somebody forgot.

Forced intervals (a door left open, the stops of a round) lie over the visits. A `Door` answers for any moment, in any
order, with the same schedule: its visits come from a generator seeded by (seed, door, day) that the caller's factory
makes, so history and live never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DAY_S = 86_400
FOREVER_S = float(1 << 40)


@dataclass(frozen=True, slots=True)
class Visits:
    """How a door is used.

    Attributes:
        from_hour, to_hour: local hours of the day with visits.
        an_hour: mean number of visits an hour.
        shortest_s, longest_s: how long a visit holds the door open.
    """

    from_hour: float
    to_hour: float
    an_hour: float
    shortest_s: float
    longest_s: float


VISITS = {
    "glass-door-cooler": Visits(8, 22, 10, 6, 18),
    "walk-in-room": Visits(5, 20, 4, 45, 150),
    "freezer-room": Visits(6, 18, 2, 30, 80),
    "island": Visits(8, 22, 5, 8, 25),
    "reefer": Visits(5, 11, 1.4, 180, 480),
}
"""By kind of asset; what is not named has no door. Assumed, not measured: shopping hours, pallet traffic, a
morning round of deliveries with stops below the 20 min that a reefer's door may stand open."""


class Door:
    """One door's schedule.

    Args:
        visits: how it is used, None for a door that nobody opens.
        chance: local day number → generator of that day.
        forced_s: (from, to) in local time during which it stands open whatever the visits say; to `FOREVER_S` for
            good.
    """

    def __init__(
        self,
        visits: Visits | None,
        chance: Callable[[int], np.random.Generator],
        forced_s: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._visits = visits
        self._chance = chance
        self._forced_s = tuple(forced_s)
        self._days: dict[int, list[float]] = {}

    def changes(self, from_s: float, to_s: float) -> list[tuple[float, bool]]:
        """Return (moment, now open) of each change in (from, to], local seconds."""
        knots = self._knots(from_s, to_s)
        return [(at, place % 2 == 0) for place, at in enumerate(knots) if from_s < at <= to_s]

    def is_open(self, at_s: float) -> bool:
        """Say whether the door stands open at a local moment."""
        return int(np.searchsorted(self._knots(at_s, at_s), at_s, side="right")) % 2 == 1

    def open_at(self, times_s: Array) -> NDArray[np.bool_]:
        """Say of each moment whether the door stands open; shape (n,), local seconds, growing, at least one."""
        knots = np.array(self._knots(float(times_s[0]), float(times_s[-1])))
        return np.asarray(np.searchsorted(knots, times_s, side="right") % 2 == 1)

    def share(self, times_s: Array) -> Array:
        """Return the open share of each step.

        Args:
            times_s: shape (m + 1,), local seconds, growing.

        Returns:
            shape (m,), 0-1.
        """
        knots = self._knots(float(times_s[0]), float(times_s[-1]))
        if not knots:
            return np.zeros(len(times_s) - 1)
        lengths = np.diff(knots)
        lengths[1::2] = 0.0
        open_s = np.interp(times_s, knots, np.concatenate([[0.0], np.cumsum(lengths)]))
        return np.asarray(np.diff(open_s) / np.diff(times_s))

    def _knots(self, from_s: float, to_s: float) -> list[float]:
        """Return opened, closed, opened, … of the local days touched, in order and never overlapping."""
        knots: list[float] = []
        for day in range(int(from_s // DAY_S), int(to_s // DAY_S) + 1):
            knots += self._day(day)
        if not self._forced_s:
            return knots
        spans = sorted([*zip(knots[::2], knots[1::2], strict=True), *self._forced_s])
        merged: list[float] = []
        for opens, closes in spans:
            if merged and opens <= merged[-1]:
                merged[-1] = max(merged[-1], closes)
            else:
                merged += [opens, closes]
        return merged

    def _day(self, day: int) -> list[float]:
        known = self._days.get(day)
        if known is not None:
            return known
        knots: list[float] = []
        if self._visits is not None:
            chance = self._chance(day)
            at, end = day * DAY_S + self._visits.from_hour * 3600, day * DAY_S + self._visits.to_hour * 3600
            while True:
                at += float(chance.exponential(3600 / self._visits.an_hour))
                closes = at + float(chance.uniform(self._visits.shortest_s, self._visits.longest_s))
                if closes >= end:
                    break
                knots += [round(at, 1), round(closes, 1)]
                at = closes + 1.0
        self._days[day] = knots
        return knots
