"""How fast goods age on the way, counted at the temperature that the plan was made for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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

    def rate(self, at_ms: ArrayLike) -> NDArray[np.float64]:
        """Return how fast they age at moments, shape of ``at_ms``; 1: as planned."""
        place = np.searchsorted(self._t, np.asarray(at_ms), side="right") - 1
        return np.asarray(np.append(self._rate, 1.0)[place])  # place -1: before the first sample

    def hours(self, from_ms: ArrayLike, to_ms: ArrayLike) -> NDArray[np.float64]:
        """Return by how much they aged in [from, to), h at the reference."""
        return np.asarray(self._since_zero(to_ms) - self._since_zero(from_ms))

    def _since_zero(self, at_ms: ArrayLike) -> NDArray[np.float64]:
        moment = np.asarray(at_ms)
        if not len(self._t):
            return moment / MS_PER_HOUR
        place = np.searchsorted(self._t, moment, side="right") - 1
        known = np.maximum(place, 0)
        since_h = (moment - self._t[known]) / MS_PER_HOUR
        return np.asarray(np.where(place < 0, since_h, self._before_h[known] + since_h * self._rate[known]))
