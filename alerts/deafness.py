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
        since_up: when the last of the fallen was heard.
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
    quiet = _quiet(gateways, now_up) & ~told
    if not quiet.any():
        return None
    since_up = int(gateways.last_up[quiet].max())
    fallen = fell_silent(gateways, now_up, since_up) & ~told
    count, heard, sites = int(fallen.sum()), _heard(gateways, now_up), len(np.unique(site[fallen]))
    if count < GATEWAYS or sites < SITES or count < SHARE * (count + heard):
        return None
    return Deaf(since_up, fallen, heard, sites)


def hears_again(gateways: Gateways, now_up: int, since_up: int) -> bool:
    """Say whether more gateways are heard than are silent since the server became deaf."""
    return _heard(gateways, now_up) > int(fell_silent(gateways, now_up, since_up).sum())


def fell_silent(gateways: Gateways, now_up: int, since_up: int) -> NDArray[np.bool_]:
    """Return who is silent and was heard last at about a time, shape (m,).

    Before it or behind it: when most are silent, some are not missed yet that spoke later than those.
    """
    return _quiet(gateways, now_up) & (np.abs(since_up - gateways.last_up) <= gateways.pause_ms)


def _quiet(gateways: Gateways, now_up: int) -> NDArray[np.bool_]:
    quiet: NDArray[np.bool_] = (gateways.last_up != NEVER_MS) & (now_up - gateways.last_up >= gateways.pause_ms)
    return quiet


def _heard(gateways: Gateways, now_up: int) -> int:
    return int(((gateways.last_up != NEVER_MS) & ~_quiet(gateways, now_up)).sum())
