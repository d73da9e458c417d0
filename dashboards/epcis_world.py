"""What events for others are made from, out of the sources of the pages; and the check of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from coldchain.clock import parse_rfc3339
from coldchain.exchange.selecting import every_of
from coldchain.exchange.world import Out, StopTimes, World
from dashboards.sources import Epcis, Sources

CHECK_AGAIN_MS = 10 * 60_000
"""How soon what was sent is compared again with what is true."""

CHECK_S = 0.2
"""How long one round of comparing may take: it goes on where it stopped."""


def world_of(sources: Sources, epcis: Epcis) -> World:
    """Return everything that events are made from, as of now."""

    @cache
    def outs(point: str) -> Sequence[Out]:
        return _outs(sources, point)

    def stops(trip: str) -> Sequence[StopTimes]:
        return _stops(sources, trip)

    now_ms = sources.clock.now_ms()
    return World(sources.goods, sources.registry(), sources.series, epcis.names, stops, outs, now_ms)


def check_sent(sources: Sources, epcis: Epcis) -> int:
    """Compare what was sent and not looked at lately with what is true; return how many subjects it were."""
    world, until_s, number = world_of(sources, epcis), sources.clock.monotonic_s() + CHECK_S, 0

    while epcis.sent.check(
        lambda subject, from_ms, to_ms: every_of(world, subject, from_ms, to_ms),
        world.now_ms,
        world.now_ms - CHECK_AGAIN_MS,
    ):
        number += 1
        if sources.clock.monotonic_s() >= until_s:
            break
    return number


def _outs(sources: Sources, point: str) -> list[Out]:
    """Return every time that a temperature was out of a limit, as judged."""
    found = []
    for item in sources.alarms.unretracted(point):
        limit, peak, ended = item["limit"], item["peak"], item["ended"]
        if item["unit"] == "Cel" and isinstance(limit, float) and isinstance(peak, float):
            to_ms = None if ended is None else parse_rfc3339(str(ended))
            onset_ms, version = parse_rfc3339(str(item["onset"])), str(item["rule_version"])
            found.append(Out(onset_ms, to_ms, peak, peak > limit, version))
    return found


def _stops(sources: Sources, trip: str) -> list[StopTimes]:
    """Return when a trip's vehicle was at each stop, as judged; empty before it was."""
    known = sources.trips.trip(trip)
    return [StopTimes(stop.arrived_ms, stop.left_ms) for stop in known.view.stops] if known and known.view else []
