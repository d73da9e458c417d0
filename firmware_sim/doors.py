"""When doors stand open: short visits by the hour, drawn once a local day, and doors that somebody forgot.

A `Door` answers for any moment, in any order, with the same schedule: its visits come from a generator seeded by
(seed, door, day) that the caller's factory makes, so history and live never disagree.
"""

from __future__ import annotations

from collections.abc import Callable
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
    "reefer": Visits(5, 11, 1.4, 180, 480),
}
"""By kind of asset; what is not named has no door. Assumed, not measured: shopping hours, pallet traffic, a
morning round of deliveries with stops below the 20 min that a reefer's door may stand open."""


class Door:
    """One door's schedule.

    Args:
        visits: how it is used, None for a door that nobody opens.
        chance: local day number → generator of that day.
        left_open_s: local time from which it stands open for good; None for never.
    """

    def __init__(
        self,
        visits: Visits | None,
        chance: Callable[[int], np.random.Generator],
        left_open_s: float | None = None,
    ) -> None:
        self._visits = visits
        self._chance = chance
        self._left_open_s = FOREVER_S if left_open_s is None else left_open_s
        self._days: dict[int, list[float]] = {}

    def changes(self, from_s: float, to_s: float) -> list[tuple[float, bool]]:
        """Return (moment, now open) of each change in (from, to], local seconds."""
        knots = self._knots(from_s, to_s)
        return [(at, place % 2 == 0) for place, at in enumerate(knots) if from_s < at <= to_s]

    def is_open(self, at_s: float) -> bool:
        """Say whether the door stands open at a local moment."""
        return int(np.searchsorted(self._knots(at_s, at_s), at_s, side="right")) % 2 == 1

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
        if self._left_open_s > to_s:
            return knots
        knots = [at for at in knots if at < self._left_open_s]
        return [*knots, FOREVER_S] if len(knots) % 2 else [*knots, self._left_open_s, FOREVER_S]

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
