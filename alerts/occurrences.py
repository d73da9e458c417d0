"""Too many alarms: one that comes and goes (chattering), and more than a person can handle (a flood).

Both are pure functions of times, so a restart finds the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

CHATTER_COUNT = 3
CHATTER_MS = 2 * 3_600_000
"""Three occurrences of one (point, rule) within 2 h. ISA-18.2 counts three in a minute of signals that are read every
second. Here samples come every 1 to 5 min, and with on-delays of 10 to 30 min and a return delay of 5 one coming and
going takes 20 to 45 min, so three of them fit into 2 h and not into 1; defrosts, at most every 3 h, do not."""

FLOOD_MS = 10 * 60_000
FLOOD_BEGINS = 11
FLOOD_ENDS = 5
"""A flood begins with more than 10 alarms in 10 min for one person, and ends when 10 min bring fewer than 5
(ISA-18.2, EEMUA 191)."""


def chattering(onset_ms: int, before: Sequence[tuple[int, bool]]) -> bool:
    """Say whether an occurrence chatters: the third in the window, or one less than a window behind a chattering one.

    Args:
        before: earlier occurrences of the same (point, rule) as (onset ms, chattering), any order.

    >>> minutes = 60_000
    >>> chattering(80 * minutes, [(0, False), (40 * minutes, False)])
    True
    >>> chattering(120 * minutes, [(0, False), (40 * minutes, False)])
    False
    >>> chattering(250 * minutes, [(150 * minutes, True)])
    True
    """
    near = [was for at_ms, was in before if onset_ms - CHATTER_MS < at_ms < onset_ms]
    return len(near) + 1 >= CHATTER_COUNT or any(near)


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood; ``ended_ms`` is None while it lasts. ``alarms``: raised from the window that began it to its end."""

    began_ms: int
    ended_ms: int | None
    alarms: int


def floods(raised_ms: Sequence[int], now_ms: int) -> list[Flood]:
    """Return the floods among alarms, oldest first.

    Args:
        raised_ms: server's times at which alarms were raised, any order, none later than now.

    >>> floods(range(0, 660_000, 60_000), 660_000)
    []
    >>> floods(range(0, 550_000, 50_000), 550_000)
    [Flood(began_ms=500000, ended_ms=None, alarms=11)]
    """
    times = sorted(raised_ms)
    if all(last - first >= FLOOD_MS for first, last in zip(times, times[FLOOD_BEGINS - 1 :], strict=False)):
        return []
    ends = [at_ms + FLOOD_MS for at_ms in times]
    found: list[Flood] = []
    began_ms: int | None = None
    came = left = first = 0
    for moment_ms in sorted({*times, *ends}):
        if moment_ms > now_ms:
            break
        came, left = bisect_right(times, moment_ms, came), bisect_right(ends, moment_ms, left)
        if began_ms is None and came - left >= FLOOD_BEGINS:
            began_ms, first = moment_ms, left
        elif began_ms is not None and came - left < FLOOD_ENDS:
            found.append(Flood(began_ms, moment_ms, came - first))
            began_ms = None
    return found if began_ms is None else [*found, Flood(began_ms, None, came - first)]
