"""Which row stands where several claim one identity (channel, measured_at_ms): a pure function of the set of rows.

The answer depends on no order, and the same row twice changes nothing (protocol: identity). What stands:

1. a reading without a clock fault before one with it, a value before a fault word;
2. of values the **largest**, of words the first of the alphabet;
3. its quality is what every copy of it agrees on, its position the first that brought it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coldchain.readings import CONFLICT_SPREAD_KELVIN, Quality
from coldchain.series.port import Rows, Window

ROUNDING_KELVIN = 1e-9
"""8.3 - 7.8 is 0.5000000000000009 in a float and yet no more than 0.5."""


def standing(rows: Rows, limit: int | None = None) -> Window:
    """Return one row an identity, in measured order (equal times: by channel).

    Args:
        rows: any rows in any order; duplicates welcome.
        limit: at most this many identities, the earliest.
    """
    at_ms, channel = rows.measured_at_ms, rows.channel
    if (at_ms[1:] > at_ms[:-1]).all():
        return _cut(_plain(rows), limit)
    order = np.lexsort((channel, at_ms))
    at_ms, channel = at_ms[order], channel[order]
    if ((at_ms[1:] != at_ms[:-1]) | (channel[1:] != channel[:-1])).all():
        return _cut(_plain(_taken(rows, order)), limit)
    return _cut(_settled(rows), limit)


def _settled(rows: Rows) -> Window:
    word = _word_ranks(rows)
    fault = np.isnan(rows.value)
    rank = ((rows.quality & int(Quality.CLOCK)) != 0) * 2 + fault
    keys = (rows.position, word, np.where(fault, 0.0, -rows.value), rank, rows.channel, rows.measured_at_ms)
    order = np.lexsort(keys)
    rows, word, rank = _taken(rows, order), word[order], rank[order]
    first = _changes(rows.measured_at_ms, rows.channel)
    value = np.where(np.isnan(rows.value), 0.0, rows.value)
    same = first | _changes(rank, value, word)
    copies = np.flatnonzero(same)
    starts = np.flatnonzero(first)
    agreed = np.bitwise_and.reduceat(rows.quality, copies)
    quality = agreed[np.searchsorted(copies, starts)]
    low = np.fmin.reduceat(rows.value, starts)
    high = np.fmax.reduceat(rows.value, starts)
    quality[high - low > CONFLICT_SPREAD_KELVIN + ROUNDING_KELVIN] |= int(Quality.CONFLICT)
    ends = np.append(starts[1:], len(rows))
    others = {
        int(group): [float(one) for one in _different(rows.value[starts[group] : ends[group]])]
        for group in np.flatnonzero(high > low)
    }
    stands = _taken(rows, starts)
    return Window(
        stands.channel, stands.measured_at_ms, stands.value, quality, stands.position, dict(stands.words), others
    )


def _different(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.unique(values[~np.isnan(values)])


def _word_ranks(rows: Rows) -> NDArray[np.int32]:
    ranks = np.zeros(len(rows), np.int32)
    alphabet = {word: place for place, word in enumerate(sorted(set(rows.words.values())), 1)}
    for row, word in rows.words.items():
        ranks[row] = alphabet[word]
    return ranks


def _changes(*columns: NDArray[np.generic]) -> NDArray[np.bool_]:
    changed = np.zeros(len(columns[0]), bool)
    changed[0] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _taken(rows: Rows, order: NDArray[np.intp]) -> Rows:
    words = {}
    if rows.words:
        places = np.full(len(rows), -1, np.int64)
        places[order] = np.arange(len(order))
        words = {int(places[row]): word for row, word in rows.words.items() if places[row] >= 0}
    return Rows(
        rows.channel[order],
        rows.measured_at_ms[order],
        rows.value[order],
        rows.quality[order],
        rows.position[order],
        words,
    )


def _plain(rows: Rows) -> Window:
    return Window(
        rows.channel, rows.measured_at_ms, rows.value, rows.quality, rows.position, dict(rows.words), others={}
    )


def _cut(window: Window, limit: int | None) -> Window:
    if limit is None or len(window) <= limit:
        return window
    return Window(
        window.channel[:limit],
        window.measured_at_ms[:limit],
        window.value[:limit],
        window.quality[:limit],
        window.position[:limit],
        {row: word for row, word in window.words.items() if row < limit},
        {row: values for row, values in window.others.items() if row < limit},
    )
