"""Open episodes that the store has, as numbers: which of the open lanes they are, and whose numbers moved since.

As objects, compared and written one by one, 49,000 open episodes of 100,000 points took a second of a commit; as
arrays beside the STATE records, by the same place, it is a quarter of that, and nearly all of it is the writing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.episodes import NUMBERS, moving
from alerts.records import SIGN, STATE, Loud, Phase, Records

LEVELS = ("severity", "top", "step")
"""Of a STATE: what the store is told of with a new version of the episode."""

STORED = np.dtype(
    [("number", "i4"), ("lane", "i1"), ("onset", "i8"), *((name, STATE[name]) for name in (*LEVELS, *NUMBERS))],
    align=True,
)
"""What the store has of an open episode: the point's number, its lane, and a copy of the STATE's fields."""

NOBODY = -1
"""Number where nothing is known."""


@dataclass(frozen=True, slots=True)
class OpenLanes:
    """Lanes that hold an episode open, in the points' order and then the lanes'.

    Attributes:
        number: shape (n,), the point's. ``lane``: shape (n,), its number in `alerts.records.LANES`.
        place: shape (n,), where the lane's STATE lies (`alerts.records.States`).
        state: shape (n,), a copy of it.
    """

    number: NDArray[np.intp]
    lane: NDArray[np.intp]
    place: NDArray[np.intp]
    state: Records

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> OpenLanes:
        """Return some of them."""
        return OpenLanes(self.number[chosen], self.lane[chosen], self.place[chosen], self.state[chosen])

    @property
    def loud(self) -> Loud:
        """The same with ``which`` as the point's number."""
        return Loud(self.number, self.lane, self.state)

    def numbers(self) -> list[tuple[Any, ...]]:
        """Return `alerts.episodes.MOVING` of each."""
        signs = np.array(SIGN)[self.lane].tolist()
        rows = zip(*(self.state[name].tolist() for name in NUMBERS), strict=True)
        return [moving(sign, row) for sign, row in zip(signs, rows, strict=True)]


def open_lanes(numbers: NDArray[np.intp], points: Records, loud: Loud) -> OpenLanes:
    """Return the lanes that hold an episode open.

    Args:
        numbers: rising; the points asked for. ``points``: of all points. ``loud``: of those asked for.
    """
    still = loud[loud.state["phase"] >= Phase.ACTIVE]
    number = numbers[still.which]
    return OpenLanes(number, still.lane, points["place"][number, still.lane], still.state)


class Running:
    """What the store has of open episodes; what it lacks is news."""

    def __init__(self) -> None:
        self._stored = _nobody(0)

    def knows(self, lanes: OpenLanes) -> NDArray[np.bool_]:
        """Say of each whether the store has the episode."""
        stored = self._at(lanes)
        same = (stored["number"] == lanes.number) & (stored["lane"] == lanes.lane)
        return np.asarray(same & (stored["onset"] == lanes.state["onset"]), bool)

    def levels_moved(self, lanes: OpenLanes) -> NDArray[np.bool_]:
        """Say of each that is known whether it stands at another level."""
        return self._differs(lanes, LEVELS)

    def numbers_moved(self, lanes: OpenLanes) -> NDArray[np.bool_]:
        """Say of each that is known whether its numbers moved."""
        return self._differs(lanes, NUMBERS)

    def keep(self, lanes: OpenLanes) -> None:
        """The store has these as they are now."""
        missing = int(lanes.place.max(initial=-1)) + 1 - len(self._stored)
        if missing > 0:
            self._stored = np.concatenate([self._stored, _nobody(max(missing, len(self._stored)))])
        kept = np.zeros(len(lanes), STORED)
        kept["number"], kept["lane"] = lanes.number, lanes.lane
        for name in ("onset", *LEVELS, *NUMBERS):
            kept[name] = lanes.state[name]
        self._stored[lanes.place] = kept

    def drop(self, lanes: OpenLanes) -> None:
        """These are asked for again."""
        inside = lanes.place[lanes.place < len(self._stored)]
        self._stored["number"][inside] = NOBODY

    def forget(self, number: int) -> None:
        """Nothing is known of a point's episodes."""
        self._stored["number"][self._stored["number"] == number] = NOBODY

    def _at(self, lanes: OpenLanes) -> Records:
        if not len(self._stored):
            return _nobody(len(lanes))
        stored = self._stored[np.minimum(lanes.place, len(self._stored) - 1)]
        stored["number"][lanes.place >= len(self._stored)] = NOBODY
        return stored

    def _differs(self, lanes: OpenLanes, names: Iterable[str]) -> NDArray[np.bool_]:
        stored = self._at(lanes)
        differs = np.zeros(len(lanes), bool)
        for name in names:
            other = stored[name] != lanes.state[name]
            differs |= other.any(axis=1) if other.ndim > 1 else other
        return differs


def _nobody(count: int) -> Records:
    stored = np.zeros(count, STORED)
    stored["number"] = NOBODY
    return stored
