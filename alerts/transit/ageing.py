"""How fast goods age on the way, counted at the temperature that the plan was made for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.kinetics import HOLD_INTERVALS, MS_PER_HOUR, SPOILERS, relative_rate


@dataclass(frozen=True, slots=True)
class Goods:
    """What a probe in the goods said, or what is estimated of them.

    Attributes:
        t: shape (n,), measured ms, rising. ``celsius``: shape (n,).
        interval_ms: expected time between two of them.
    """

    t: NDArray[np.int64]
    celsius: NDArray[np.float64]
    interval_ms: int


NO_GOODS = Goods(np.empty(0, np.int64), np.empty(0), 60_000)


class Ageing:
    """Age of goods by the square-root model (`coldchain.kinetics.SPOILERS`), h at a reference temperature.

    What is not known (a hole, nothing measured) ages as planned: one hour an hour.

    Args:
        reference_celsius: at which an hour is an hour.
    """

    def __init__(self, goods: Goods, reference_celsius: float) -> None:
        held_ms = HOLD_INTERVALS * goods.interval_ms
        rates = relative_rate(goods.celsius, SPOILERS) / relative_rate(np.array(reference_celsius), SPOILERS)
        held_to = np.minimum(goods.t + held_ms, np.append(goods.t[1:], np.iinfo(np.int64).max))
        # rate of each piece of time: as measured while a sample is held, as planned behind that
        self._t = np.stack([goods.t, held_to], axis=1).ravel()
        self._rate = np.stack([rates, np.ones(len(rates))], axis=1).ravel()
        pieces_h = np.diff(self._t) / MS_PER_HOUR
        self._before_h = np.concatenate([[0.0], np.cumsum(pieces_h * self._rate[:-1])])[: len(self._t)]

    def rate(self, at_ms: int) -> float:
        """Return how fast they age at a moment; 1: as planned."""
        place = int(np.searchsorted(self._t, at_ms, side="right")) - 1
        return float(self._rate[place]) if place >= 0 else 1.0

    def hours(self, from_ms: int, to_ms: int) -> float:
        """Return by how much they aged in [from, to), h at the reference."""
        return self._since_zero(to_ms) - self._since_zero(from_ms)

    def _since_zero(self, at_ms: int) -> float:
        place = int(np.searchsorted(self._t, at_ms, side="right")) - 1
        if place < 0:
            first = int(self._t[0]) if len(self._t) else 0
            return (at_ms - first) / MS_PER_HOUR
        return float(self._before_h[place] + (at_ms - self._t[place]) / MS_PER_HOUR * self._rate[place])
