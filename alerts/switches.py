"""What switches said, as runs: a door's day is a few dozen of them, whatever its interval.

::

    samples ─▶ take ─┬ newest: a run grows or begins    ─▶ from when another thing holds than was known before
                     ├ known already: nothing
                     └ late and another: stale, to be made again from the history
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alerts.windows import Run
from coldchain.registry.intervals import FOREVER_MS

ON = 0.5
"""Switches send 0 and 1."""

MOVES_M_PER_S = 5 / 3.6
"""A vehicle that is slower stands: positions drift by that much. Assumed."""

Row = tuple[int, int, bool]
"""First and last sample (measured ms) of a run, and what it said."""


class Switch:
    """One switch's runs, rising, without overlaps.

    Args:
        hold_ms: so long a sample counts at most.
        least: it is on at this value or more.

    Attributes:
        rows: see `Row`.
        stale: something came late and does not fit: the rows must be made again.
        unsaved_from: place of the first row that the store does not have as it is.
    """

    def __init__(self, hold_ms: int, rows: Iterable[Row] = (), least: float = ON) -> None:
        self.hold_ms = hold_ms
        self._least = least
        self.rows: list[Row] = list(rows)
        self.stale = False
        self.unsaved_from = len(self.rows)

    def take(self, t: NDArray[np.int64], v: NDArray[np.float64]) -> int | None:
        """Take samples in measured order; return from when something else holds than before, None if nothing does."""
        changed: list[int] = []
        for at_ms, value in zip(t.tolist(), v.tolist(), strict=True):
            on = value >= self._least
            if not self.rows or at_ms > self.rows[-1][1]:
                changed.append(self._grow(at_ms, on))
            elif not self._known(at_ms, on):
                self.stale = True
                changed.append(at_ms)
        return min(changed, default=None)

    def runs(self) -> list[Run]:
        """Return the runs with their ends."""
        begins = [row[0] for row in self.rows]
        return [
            Run(from_ms, min(last_ms + self.hold_ms, next_ms), on)
            for (from_ms, last_ms, on), next_ms in zip(self.rows, [*begins[1:], FOREVER_MS], strict=False)
        ]

    def forget_before(self, at_ms: int) -> None:
        """Let go of runs that ended before a time."""
        first = next((place for place, row in enumerate(self.rows) if row[1] >= at_ms), len(self.rows))
        if first:
            del self.rows[:first]
            self.unsaved_from = max(0, self.unsaved_from - first)

    def _grow(self, at_ms: int, on: bool) -> int:
        """Lengthen the last run or begin another; return from when that says something new."""
        if self.rows and self.rows[-1][2] == on and at_ms - self.rows[-1][1] <= self.hold_ms:
            held_ms = self.rows[-1][1] + self.hold_ms
            self.rows[-1] = self.rows[-1][0], at_ms, on
            self.unsaved_from = min(self.unsaved_from, len(self.rows) - 1)
            return held_ms
        self.unsaved_from = min(self.unsaved_from, len(self.rows))
        self.rows.append((at_ms, at_ms, on))
        return at_ms

    def _known(self, at_ms: int, on: bool) -> bool:
        """Say whether a sample changes nothing: it lies in a run that says the same."""
        place = bisect_right(self.rows, at_ms, key=lambda row: row[0]) - 1
        if place < 0:
            return False
        from_ms, last_ms, said = self.rows[place]
        if at_ms in (from_ms, last_ms) and said and not on:
            return True  # two values of one moment: the largest stands
        return at_ms <= last_ms and said == on


def together(switches: Sequence[Sequence[Run]]) -> list[Run]:
    """Return what several switches of a kind say as one, such as an asset's doors: on while any is on.

    >>> together([[Run(0, 4, True)], [Run(2, 6, True), Run(6, 9, False)]])
    [Run(from_ms=0, until_ms=6, on=True), Run(from_ms=6, until_ms=9, on=False)]
    """
    if len(switches) == 1:
        return list(switches[0])
    said: list[Run] = []
    for from_ms, until_ms, words in at_edges(switches):
        on = any(words)
        if said and said[-1].on == on and said[-1].until_ms == from_ms:
            from_ms = said.pop().from_ms
        said.append(Run(from_ms, until_ms, on))
    return said


def at_edges(switches: Sequence[Sequence[Run]]) -> Iterator[tuple[int, int, list[bool | None]]]:
    """Yield [from, to) in which no switch changes and any is known, and what each says; None: not known."""
    edges = sorted({edge for runs in switches for run in runs for edge in (run.from_ms, run.until_ms)})
    places = [0] * len(switches)
    for from_ms, until_ms in pairwise(edges):
        words: list[bool | None] = []
        for which, runs in enumerate(switches):
            while places[which] < len(runs) and runs[places[which]].until_ms <= from_ms:
                places[which] += 1
            at = runs[places[which]] if places[which] < len(runs) else None
            words.append(at.on if at is not None and at.from_ms <= from_ms else None)
        if any(word is not None for word in words):
            yield from_ms, until_ms, words
