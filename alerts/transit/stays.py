"""Where vehicles stood when they were expected at a site: what its fence is learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from alerts.transit.halts import Halt
from coldchain.custody import TripStop
from coldchain.geo import distance_m
from coldchain.registry import Fence
from coldchain.registry.fences import LatLon, outside_m

AROUND_MS = 2 * 3_600_000
"""A delivery comes so much before or after its planned time at most, or it is not known to be that one. Assumed."""

LEAST_MS = 3 * 60_000
"""Who unloads stands so long; at a red light nobody does. Assumed."""


LATE_MS = 15 * 60_000
"""Steps in which a halt's time is compared with the planned one where no place is known. Assumed."""


def stay_at(stop: TripStop, halts: Iterable[Halt], place: LatLon | None, others: Sequence[Fence]) -> Halt | None:
    """Return the halt that was most likely at a planned stop; None: there is none, or no time was planned.

    The one nearest to the site's place, of those equally near the longest; where no place is known, the one nearest to
    the planned time.

    Args:
        place: where the site is said to be; of a site without one any place counts that is in no other fence.
        others: fences of the trip's other stops.
    """
    planned = [
        at_ms
        for at_ms in (stop.arrives_ms, stop.leaves_ms, stop.window_from_ms, stop.window_to_ms)
        if at_ms is not None
    ]
    if not planned:
        return None
    first_ms, last_ms = min(planned) - AROUND_MS, max(planned) + AROUND_MS
    fitting = [
        halt
        for halt in halts
        if halt.to_ms - halt.from_ms >= LEAST_MS
        and halt.from_ms <= last_ms
        and halt.to_ms >= first_ms
        and not any(_within(fence, halt) for fence in others)
    ]
    if place is not None:
        # several halts in an hour: that near the address was the delivery, the long one was lunch
        return min(fitting, key=lambda halt: (_bands(halt, place), halt.from_ms - halt.to_ms), default=None)
    due_ms = planned[0]
    return min(
        fitting, key=lambda halt: (abs(halt.from_ms - due_ms) // LATE_MS, halt.from_ms - halt.to_ms), default=None
    )


def _within(fence: Fence, halt: Halt) -> bool:
    return bool(np.median(outside_m(fence, halt.latitude, halt.longitude)) <= 0)


def _bands(halt: Halt, place: LatLon) -> int:
    """Return how far a halt was from a place, in steps of half a kilometre."""
    return int(float(np.median(distance_m(halt.latitude, halt.longitude, *place))) // 500)
