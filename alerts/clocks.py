"""Points whose readings come with an impossible time: three within an hour of arrival is a clock that somebody sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WRONG = 3
"""Readings with quality ``clock`` that make an alarm: fewer are a sensor that has just started."""

HOUR_MS = 3_600_000
"""They must have arrived within this; without one so long it is over."""


@dataclass(frozen=True, slots=True)
class WrongTimes:
    """A point's last wrong times.

    Attributes:
        received_ms: of the last `WRONG`, rising.
        last_up: of the last, on the judge's own time.
    """

    received_ms: tuple[int, ...]
    last_up: int

    def many(self, now_ms: int) -> bool:
        """Say whether they are an alarm."""
        return len(self.received_ms) == WRONG and now_ms - self.received_ms[0] <= HOUR_MS

    def over(self, now_up: int) -> bool:
        """Say whether there was none for so long that it is over."""
        return now_up - self.last_up >= HOUR_MS


class WrongClocks:
    """All points that had any, by number."""

    def __init__(self) -> None:
        self.of: dict[int, WrongTimes] = {}
        self._dirty: set[int] = set()

    def take(self, slot: NDArray[np.int32], received_ms: int, up_ms: int) -> None:
        """Take an entry's readings with a wrong time, shape (n,)."""
        for number, count in zip(*(column.tolist() for column in np.unique(slot, return_counts=True)), strict=True):
            known = self.of[number].received_ms if number in self.of else ()
            self.of[number] = WrongTimes((*known, *[received_ms] * min(count, WRONG))[-WRONG:], up_ms)
            self._dirty.add(number)

    def restore(self, number: int, times: WrongTimes) -> None:
        """Take over what the store has."""
        self.of[number] = times

    def unsaved(self) -> list[tuple[int, WrongTimes]]:
        """Return what changed since `saved`."""
        return [(number, self.of[number]) for number in sorted(self._dirty)]

    def saved(self) -> None:
        """The store has everything."""
        self._dirty.clear()
