"""Whether the server itself is deaf: most gateways fall silent within the same few minutes.

When the broker or the server's network is gone, every gateway is silent at once, and one message says more than
thousands. Pure functions over a row a gateway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.patience import NEVER_MS, Patience
from alerts.silence import FOREVER_MS

SHARE = 0.75
"""Of the gateways that were heard until then. The last quarter: those that speak too seldom to be missed yet, and those
that reach the server another way. Where more are heard the way to the server is open, and it is places or a carrier."""

GATEWAYS = 5
"""At least so many: four messages, each of which names its place, are no flood."""

SITES = 3
"""At least at so many sites: below that it is a building."""

PAUSE_MS = 300_000
"""A gateway is quiet when so much is over since it was due: a broker that is started again is back before, and gateways
try again after up to 60 s. With readings every 5 to 10 min that is 10 to 15 min after its last word, and no kind of
asset has its gateway told before 20. So much, and its own interval, is also what *at once* allows."""


@dataclass(frozen=True, slots=True)
class Gateways:
    """By node number, shape (m,) each; times on the judge's own time, ms.

    Attributes:
        last_up: when any of its points was heard; `NEVER_MS`: it brings none whose silence counts.
        pause_ms: so long after it was heard it is quiet.
    """

    last_up: NDArray[np.int64]
    pause_ms: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Deaf:
    """What makes the server deaf.

    Attributes:
        since_up: when the last of them was heard.
        fallen: shape (m,), who fell silent together. ``heard``: how many others are heard. ``sites``: of the fallen.
    """

    since_up: int
    fallen: NDArray[np.bool_]
    heard: int
    sites: int


def gateways_of(count: int, heard_up: NDArray[np.int64], node: NDArray[np.int32], patience: Patience) -> Gateways:
    """Return when each of ``count`` nodes was heard, and when it is quiet.

    Args:
        heard_up, node: by point number: when it was heard, `NEVER_MS`: never, and by which node.
    """
    heard = heard_up != NEVER_MS
    counted = heard & patience.watched
    last, shortest = np.full(count, NEVER_MS), np.full(count, FOREVER_MS)
    np.maximum.at(last, node[heard], heard_up[heard])
    np.minimum.at(shortest, node[counted], patience.interval_ms[counted])
    last[shortest == FOREVER_MS] = NEVER_MS
    return Gateways(last, shortest + PAUSE_MS)


def deaf(gateways: Gateways, now_up: int, told: NDArray[np.bool_], site: NDArray[np.int64]) -> Deaf | None:
    """Return what makes the server deaf, None while it is not.

    Args:
        told: shape (m,), whose silence people know already: it stays theirs.
        site: shape (m,), a number for each site.
    """
    known = (gateways.last_up != NEVER_MS) & ~told
    quiet = known & (now_up - gateways.last_up >= gateways.pause_ms)
    if not quiet.any():
        return None
    since_up = int(gateways.last_up[quiet].max())
    fallen = known & fell_silent(gateways, now_up, since_up)
    count, heard, sites = int(fallen.sum()), int((known & ~quiet).sum()), len(np.unique(site[fallen]))
    if count < GATEWAYS or sites < SITES or count < SHARE * (count + heard):
        return None
    return Deaf(since_up, fallen, heard, sites)


def fell_silent(gateways: Gateways, now_up: int, upto_up: int) -> NDArray[np.bool_]:
    """Return who is silent and was heard last within the same few minutes up to a time, shape (m,)."""
    last, pause = gateways.last_up, gateways.pause_ms
    quiet = (last != NEVER_MS) & (now_up - last >= pause)
    together: NDArray[np.bool_] = quiet & (last <= upto_up) & (upto_up - last <= pause)
    return together
