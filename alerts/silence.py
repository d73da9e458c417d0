"""Which deadlines are over: pure functions over a row a point, 100,000 points in a few milliseconds.

::

    last heard ──record──▶ recorded (rings nobody) ──page──▶ alarm of the point
                                                        └──▶ or of its gateway, when nobody behind that is heard

The point of a silent gateway says nothing about the point. So its own alarm needs proof that the gateway lives: it
brought others for three of the point's own intervals, or came back twice without it. Without that proof the point
waits for the gateway's deadline, which is the shortest of its points', counted from the last of them that was heard.

What an alarm for many speaks for (`alerts.together`) rings nobody by itself; when that is over its own delay begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.patience import INTERVALS, NEVER_MS, SLACK_MS, Patience

START_MS = 300_000
"""Nothing new is raised in the first five minutes of a start: gateways try again after up to 60 s and bring what they
kept."""

TOGETHER = 2
"""Channels that owe a reading before it is the gateway's silence: of a single one the alarm names the asset."""

FOREVER_MS = 1 << 62


@dataclass(slots=True)
class Nodes:
    """What is known of gateways through the points that they bring, by node number, shape (m,) each.

    Attributes:
        last_up: when the last of its points was heard; `NEVER_MS`: it brings none.
        back_up: when it was last heard again after a pause in which its points' deadlines may have passed;
            ``back_before_up``: the time before that.
        silent: its alarm is open.
    """

    last_up: NDArray[np.int64]
    back_up: NDArray[np.int64]
    back_before_up: NDArray[np.int64]
    silent: NDArray[np.bool_]

    @classmethod
    def none(cls) -> Nodes:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))

    def grow(self, count: int) -> None:
        """Make room for more."""
        missing = count - len(self.last_up)
        if missing > 0:
            never = np.full(missing, NEVER_MS)
            self.last_up = np.concatenate([self.last_up, never])
            self.back_up = np.concatenate([self.back_up, never])
            self.back_before_up = np.concatenate([self.back_before_up, never])
            self.silent = np.concatenate([self.silent, np.zeros(missing, bool)])

    def came_back(self, which: NDArray[np.intp], at_up: NDArray[np.int64]) -> None:
        """Note that these were heard again."""
        self.back_before_up[which] = self.back_up[which]
        self.back_up[which] = at_up


@dataclass(frozen=True, slots=True)
class Overdue:
    """Numbers of points to record, of points to raise an alarm for, of nodes to raise one for, and of all nodes that
    bring something: how many points they bring and how many of these owe a reading and are not told of yet."""

    recorded: NDArray[np.intp]
    told: NDArray[np.intp]
    nodes: NDArray[np.intp]
    brings: NDArray[np.intp]
    owing: NDArray[np.intp]


def overdue(
    now_up: int,
    heard_up: NDArray[np.int64],
    excused_up: NDArray[np.int64],
    spared_up: NDArray[np.int64],
    node: NDArray[np.int32],
    recorded: NDArray[np.bool_],
    told: NDArray[np.bool_],
    patience: Patience,
    nodes: Nodes,
) -> Overdue:
    """Return what is due now; ``nodes.last_up`` and ``nodes.back_up`` move on.

    Args:
        now_up, heard_up: on the judge's own time, ms; `NEVER_MS` for a point never heard, which is not silent but new.
        excused_up: from when a point is expected (again), `NEVER_MS`: ever.
        spared_up: from when its alarm's delay counts at the earliest: until then another alarm spoke for it.
        node: number of the node that last brought it.
        recorded, told: the silence is open, and has an alarm, its own or another that speaks for it.
    """
    at = np.flatnonzero(patience.watched & (heard_up != NEVER_MS))
    node, interval = node[at], patience.interval_ms[at]
    base = np.maximum(heard_up[at], excused_up[at])
    page_base = np.maximum(base, spared_up[at])
    count = len(nodes.last_up)
    last, expected = np.full(count, NEVER_MS), np.full(count, NEVER_MS)
    delay, longest = np.full(count, FOREVER_MS), np.zeros(count, np.int64)
    np.maximum.at(last, node, heard_up[at])
    np.maximum.at(expected, node, page_base)
    np.minimum.at(delay, node, patience.page_ms[at])
    np.maximum.at(longest, node, interval)
    _come_back(nodes, last, delay, longest)

    owes = (now_up - base >= interval + SLACK_MS) & ~told[at]
    brings, owing = np.bincount(node, minlength=count), np.bincount(node[owes], minlength=count)

    again = np.maximum(base, nodes.back_up[node])
    lives = (last[node] >= again + INTERVALS * interval) | (nodes.back_before_up[node] >= base)
    page_at = np.maximum(page_base + patience.page_ms[at], nodes.back_up[node] + patience.record_ms[at])
    own = ~told[at] & ~nodes.silent[node] & (now_up >= page_at)
    rings = own & (lives | (owing[node] < TOGETHER))

    owing -= np.bincount(node[rings & owes], minlength=count)
    late = (now_up - expected >= delay) & (last != NEVER_MS)
    silent = ~nodes.silent & late & (owing >= TOGETHER)
    records = ~recorded[at] & ((now_up - base >= patience.record_ms[at]) | rings)
    return Overdue(at[records], at[rings], np.flatnonzero(silent), brings, owing)


def _come_back(nodes: Nodes, last: NDArray[np.int64], delay: NDArray[np.int64], longest: NDArray[np.int64]) -> None:
    """Note who was heard after a pause so long that a point of it may be due before its next reading could come."""
    pause = np.maximum(2 * longest + SLACK_MS, delay - 2 * longest)
    back = np.flatnonzero((nodes.last_up != NEVER_MS) & (last != NEVER_MS) & (last - nodes.last_up > pause))
    nodes.came_back(back, last[back])
    nodes.last_up[:] = last


def without_hole(t: NDArray[np.int64], from_ms: int, to_ms: int, hold_ms: int) -> bool:
    """Say whether samples lie at most ``hold_ms`` apart all the way.

    Args:
        t: shape (n,), measured ms, rising.

    >>> without_hole(np.array([10, 20, 30]), 5, 38, 10), without_hole(np.array([10, 31]), 5, 38, 10)
    (True, False)
    """
    inside = t[(t > from_ms) & (t < to_ms)]
    steps = np.diff(np.concatenate([[from_ms], inside, [to_ms]]))
    return bool((steps <= hold_ms).all())
