"""Samples in the order in which the fold takes them: by point and measured time, one a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KEY_BITS = 63

Block = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]
"""Columns of samples: point number, measured ms, value, ledger position."""


def span(slot: NDArray[np.int32], number: int) -> slice:
    """Return where a point's rows lie among rows in order; looked up in its own type, or all of it is copied."""
    begin, end = np.searchsorted(slot, np.array([number, number + 1], slot.dtype))
    return slice(int(begin), int(end))


def in_order(
    slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64], position: NDArray[np.int64]
) -> Block:
    """Return rows by point and measured time, one a time: the largest value, brought first."""
    order = _order(slot, t)
    slot, t, v, position = slot[order], t[order], v[order], position[order]
    same = (slot[1:] == slot[:-1]) & (t[1:] == t[:-1])
    if same.any():
        order = np.lexsort((-position, v, t, slot))
        slot, t, v, position = slot[order], t[order], v[order], position[order]
        last = np.append((slot[1:] != slot[:-1]) | (t[1:] != t[:-1]), True)
        slot, t, v, position = slot[last], t[last], v[last], position[last]
    return slot, t, v, position


def _order(slot: NDArray[np.int32], t: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the order by point and measured time; as one number where both fit, which takes half the time."""
    earliest = int(t.min())
    bits = (int(t.max()) - earliest).bit_length()
    if bits + int(slot.max()).bit_length() > KEY_BITS:
        return np.lexsort((t, slot))
    return np.argsort((slot.astype(np.int64) << bits) | (t - earliest), kind="stable")
