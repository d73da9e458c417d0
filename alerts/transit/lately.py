"""Samples of points that were asked for, kept up with what is heard, so that a store is asked once and not twice a
minute.

::

    history ──the first time──▶ kept ──▶ samples
    what is heard ─────────────▶ ┘
    registry changed ──▶ asked anew, once the history has the change

What comes out is what the history would say. A store in which the day's readings lie as they came takes milliseconds
for each point of each trip.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.history import History, Samples, Tail, standing
from coldchain.registry import Registry

BEHIND_ROWS = 100_000
"""Rows that are kept for a history that lags; 3 MB."""


@dataclass(slots=True)
class _Kept:
    """Samples in [from_ms, to_ms) of entries up to a position, and those heard behind it that are not among them."""

    from_ms: int
    to_ms: int
    upto: int
    samples: Samples
    news: list[Samples] = field(default_factory=list)

    def take(self, upto: int) -> Samples:
        """Bring the samples up to a position."""
        known = [one for one in self.news if one.position[0] <= upto]
        if known:
            self.samples = _joined([self.samples, *known])
            self.news = self.news[len(known) :]
        self.upto = upto
        return self.samples


class Lately:
    """Samples by who asks (a trip, say) and point.

    Args:
        registry: the judge's, as of its cursor.
        history: asked when nothing is kept.
    """

    def __init__(self, registry: Registry, history: History) -> None:
        self._registry = registry
        self._history = history
        self._kept: dict[str, dict[str, _Kept]] = {}
        self._asks: dict[str, set[str]] = {}
        self._tail = Tail(BEHIND_ROWS, start=registry.position)

    def heard(self, slot: NDArray[np.int32], t: NDArray[np.int64], value: NDArray[np.float64], position: int) -> None:
        """Take rows of an entry: point numbers, measured ms, values."""
        good = np.isfinite(value)
        slot, t, value = slot[good], t[good], value[good]
        self._tail.add(slot, t, value, np.full(len(slot), position, np.int64))
        for number in np.unique(slot).tolist():
            point = self._registry.point_ids[number]
            kept = self._kept.get(point)
            if kept:
                own = slot == number
                news = standing(t[own], value[own], np.full(int(own.sum()), position, np.int64))
                for one in kept.values():
                    begin, end = np.searchsorted(news.t, [one.from_ms, one.to_ms]).tolist()
                    if begin < end:
                        one.news.append(news.until(end).since(begin))

    def touched(self, point: str) -> None:
        """Take that other readings are a point's, or they mean something else."""
        self._kept.pop(point, None)

    def samples(self, who: str, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        """Return a point's samples in [from_ms, to_ms) of entries up to a position that the history covers."""
        kept = self._kept.get(point, {}).get(who)
        if kept is None or from_ms < kept.from_ms or to_ms > kept.to_ms or upto < kept.upto:
            found = self._history.samples(self._registry, point, from_ms, to_ms, upto)
            kept = _Kept(from_ms, to_ms, upto, found)
            if upto < max(self._registry.version, self._tail.start):
                return kept.samples  # what is behind it is not known, or the history sorts as it did before a change
            self._keep(who, point, kept)
        found = kept.take(upto)
        begin, end = np.searchsorted(found.t, [from_ms, to_ms]).tolist()
        return found.until(end).since(begin)

    def _keep(self, who: str, point: str, kept: _Kept) -> None:
        t, v, position = self._tail.of(self._registry.point_numbers[point], kept.upto)
        wanted = (t >= kept.from_ms) & (t < kept.to_ms)
        for at in np.unique(position[wanted]).tolist():
            rows = wanted & (position == at)
            kept.news.append(standing(t[rows], v[rows], position[rows]))
        self._kept.setdefault(point, {})[who] = kept
        self._asks.setdefault(who, set()).add(point)

    def done(self, who: str) -> None:
        """Let go of what was kept for somebody."""
        for point in self._asks.pop(who, ()):
            self._kept.get(point, {}).pop(who, None)

    def forget(self, covered: int) -> None:
        """Let go of what the history has: it is asked up to there at least."""
        self._tail.forget(covered)


def _joined(parts: list[Samples]) -> Samples:
    t, v, position = (np.concatenate([getattr(one, name) for one in parts]) for name in ("t", "v", "position"))
    if (np.diff(t) > 0).all():
        return Samples(t, v, position)
    return standing(t, v, position)
