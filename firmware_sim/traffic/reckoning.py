"""When a truck will arrive, by what is known now: how a dispatcher plans, and what an informed person expects.

::

    where it is, since when ──▶ section by section: usual speed of the hour, or what it is there now ──▶ arrivals

Neither of them knows what has not begun.
"""

from __future__ import annotations

import numpy as np

from firmware_sim.traffic.days import Day
from firmware_sim.traffic.usual import FASTEST_M_PER_S
from firmware_sim.traffic.ways import Array

_NEAR_M = 0.5
"""Borders of sections are farther apart than this."""

_HERE_M = 1e-3
"""Nearer than this the truck is at a stop."""


def reckon(
    day: Day, opens_s: Array, services_s: Array, at_s: Array, along_m: Array, starts_s: Array, holds_s: float
) -> Array:
    """Return the expected arrivals, shape (n, stops), local seconds; NaN at stops that are not ahead.

    Halts and reds cost nothing beyond the mean of the lights; nobody is served before a window opens.

    Args:
        opens_s, services_s: shape (stops,); windows' starts, and what stops usually take.
        at_s: shape (n,); when it is asked. Jams and traffic are known as they are then.
        along_m: shape (n,); where the truck is then.
        starts_s: shape (n,); when it goes on from there.
        holds_s: what will be reached within this from ``at_s`` on is taken to be as it is then; what comes later, as
            usual. 0 for who knows nothing of the day.
    """
    borders_m, clock_s, now = day.way.borders_m, starts_s.astype(np.float64), day.slot(at_s)
    arrivals = np.full((len(at_s), len(day.stops_m)), np.nan)
    stops = {int(np.searchsorted(borders_m, stop_m - _NEAR_M)): stop for stop, stop_m in enumerate(day.stops_m)}
    here = int(np.searchsorted(borders_m, along_m.min() + _NEAR_M, side="right")) - 1
    for section in range(max(0, here), len(day.way.kinds)):
        from_m, to_m = borders_m[section], borders_m[section + 1]
        begins_m = np.maximum(along_m, from_m)
        rest_m = np.maximum(to_m - begins_m, 0.0)
        known = clock_s - at_s < holds_s
        speed = day.usual_m_per_s[section][day.slot(clock_s)] * day.pace
        speed = np.minimum(speed * np.where(known, day.traffic[section][now], 1.0), FASTEST_M_PER_S)
        needs_s = rest_m / speed + day.lights_s[section] * rest_m / (to_m - from_m)
        for jam in day.jams:
            if jam.head_m - jam.length_m < to_m and jam.head_m > from_m:
                slow_m = np.minimum(jam.head_m, to_m) - np.maximum(jam.tail_m(at_s), begins_m)
                longer = 1 / np.minimum(jam.speed_m_per_s, speed) - 1 / speed
                needs_s += np.where(known, np.maximum(slow_m, 0.0) * longer, 0.0)
        clock_s = clock_s + needs_s
        stop = stops.get(section + 1)
        if stop is not None:
            ahead = along_m < to_m - _HERE_M
            arrivals[ahead, stop] = clock_s[ahead]
            clock_s = np.where(ahead, np.maximum(clock_s, opens_s[stop]) + services_s[stop], clock_s)
    return arrivals
