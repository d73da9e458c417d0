"""A day in one line: how rule cases write what a probe said.

================ ==========================================================
``4x30``         30 samples of 4
``4+0.6x9``      9 samples 4, 4.6, 5.2 … (``-`` for falling)
``_x10``         10 intervals without a sample
``~8:0.3/20x60`` 60 samples of a sine around 8, amplitude 0.3, 20 intervals long
``4@06:20``      samples of 4 until 06:20, which the next token begins with; of a sine and ``_`` as well
``(9x5 4x5)x3``  the same three times
================ ==========================================================

Samples are one interval apart; the first lies at 00:00. A day may go on: 25:30 is half past one.
"""

from __future__ import annotations

import math
import re

_TOKEN = re.compile(
    r"(?:(?P<hole>_)|~(?P<mean>-?[\d.]+):(?P<amplitude>[\d.]+)/(?P<period>[\d.]+)"
    r"|(?P<value>-?[\d.]+)(?P<ramp>[+-][\d.]+)?)(?:x(?P<count>\d+)|@(?P<until>\d+:\d\d))\Z"
)
_GROUP = re.compile(r"\(([^()]*)\)x(\d+)")


def samples_of(series: str, every_min: int = 1) -> list[tuple[int, float]]:
    """Return (interval number, value) a sample.

    >>> samples_of("4x2 _x1 5+0.5x2")
    [(0, 4.0), (1, 4.0), (3, 5.0), (4, 5.5)]
    >>> samples_of("(9x1 4x1)x2 _@00:30 5x1", every_min=5)
    [(0, 9.0), (1, 4.0), (2, 9.0), (3, 4.0), (6, 5.0)]
    """
    samples: list[tuple[int, float]] = []
    place = 0
    while _GROUP.search(series):
        series = _GROUP.sub(lambda group: " ".join([group[1]] * int(group[2])), series)
    for token in series.split():
        match = _TOKEN.match(token)
        assert match, f"{token!r} is none of 4x30, 4+0.6x9, _x10, ~8:0.3/20x60, 4@06:20"
        count = int(match["count"]) if match["count"] else intervals(match["until"], every_min) - place
        assert count > 0, f"{token!r} lies in the past"
        for step in range(count):
            if match["mean"]:
                turn = 2 * math.pi * step / float(match["period"])
                samples.append((place + step, float(match["mean"]) + float(match["amplitude"]) * math.sin(turn)))
            elif not match["hole"]:
                samples.append((place + step, round(float(match["value"]) + step * float(match["ramp"] or 0), 6)))
        place += count
    return samples


def minutes(clock: float | str) -> float:
    """Return minutes since the day began; of a number the number itself.

    >>> minutes("06:20"), minutes(90)
    (380, 90)
    """
    if not isinstance(clock, str):
        return clock
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


def intervals(clock: str, every_min: int) -> int:
    """Return how many intervals end before a time of day."""
    return math.ceil(minutes(clock) / every_min)
