"""When milk comes into a tank, and how much of it in a step."""

from __future__ import annotations

from firmware_sim.chance import local_s
from firmware_sim.doors import DAY_S
from firmware_sim.scenario import Milking


def milkings_s(what: Milking, live_ms: int, from_ms: int, to_ms: int) -> list[tuple[float, float]]:
    """Return (begins, ends) of the milkings that touch [from, to), local seconds.

    Args:
        live_ms: what the scenario counts from, ms UTC.
        from_ms, to_ms: ms UTC.
    """
    zero_s, from_s, to_s = (local_s(at_ms) for at_ms in (live_ms, from_ms, to_ms))
    found = []
    for day in range(int((from_s - what.lasts_s) // DAY_S), int(to_s // DAY_S) + 1):
        for time_s in sorted(what.times_s):
            begins_s = day * DAY_S + time_s
            if what.covers(begins_s - zero_s) and from_s - what.lasts_s < begins_s < to_s:
                found.append((begins_s, begins_s + what.lasts_s))
    return found


def milked_share(what: Milking, live_ms: int, from_ms: int, to_ms: int) -> float:
    """Return the share of the tank's milk that comes in during the step [from, to), ms UTC."""
    from_s, to_s = local_s(from_ms), local_s(to_ms)
    spans = milkings_s(what, live_ms, from_ms, to_ms)
    inside_s = sum(min(to_s, ends_s) - max(from_s, begins_s) for begins_s, ends_s in spans)
    return what.fresh_share * inside_s / what.lasts_s
