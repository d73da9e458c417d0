"""A day in one line: how rule cases write a point's samples.

========== ==========================================================
``4x30``   30 samples of 4
``4+0.6x9`` 9 samples 4, 4.6, 5.2 … (``-`` for falling)
``_x10``   10 intervals without a sample
``~8:0.3/20x60`` 60 samples of a sine around 8, amplitude 0.3, 20 intervals long
========== ==========================================================

Samples are one interval apart; the first lies at interval 0.
"""

from __future__ import annotations

import math
import re

_TOKEN = re.compile(
    r"(?:(?P<hole>_)|~(?P<mean>-?[\d.]+):(?P<amplitude>[\d.]+)/(?P<period>[\d.]+)"
    r"|(?P<value>-?[\d.]+)(?P<ramp>[+-][\d.]+)?)x(?P<count>\d+)\Z"
)


def samples_of(series: str) -> list[tuple[int, float]]:
    """Return (interval number, value) a sample.

    >>> samples_of("4x2 _x1 5+0.5x2")
    [(0, 4.0), (1, 4.0), (3, 5.0), (4, 5.5)]
    """
    samples: list[tuple[int, float]] = []
    place = 0
    for token in series.split():
        match = _TOKEN.match(token)
        assert match, f"{token!r} is none of 4x30, 4+0.6x9, _x10, ~8:0.3/20x60"
        count = int(match["count"])
        for step in range(count):
            if match["mean"]:
                turn = 2 * math.pi * step / float(match["period"])
                samples.append((place + step, float(match["mean"]) + float(match["amplitude"]) * math.sin(turn)))
            elif not match["hole"]:
                samples.append((place + step, round(float(match["value"]) + step * float(match["ramp"] or 0), 6)))
        place += count
    return samples
