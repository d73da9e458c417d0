"""Monitored share and temperature compliance of places that do not move, by site.

::

    readings of all channels, a UTC day at a time ─▶ runs ─▶ known ─┐
    registry: probes, stays, service, closures ───▶ expected ───────┴▶ monitored share
    episodes of the record ─────────────────────▶ outside ──────────▶ temperature compliance
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.kpi.days import Days
from alerts.kpi.expected import bound_at, closed_at, expected_at
from alerts.kpi.figures import Share, Waits
from alerts.kpi.runs import Known, Runs, runs_of
from coldchain.goods.points import compliance_point
from coldchain.people.calendar import zone_named
from coldchain.registry import Point, Registry, Site
from coldchain.registry.intervals import Piece, common, joined
from coldchain.registry.spans import spans_of
from coldchain.series.holes import HOLE_INTERVALS
from coldchain.series.port import Moments, Span
from dashboards.sources import Sources

MINUTE_MS = 60_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Watched:
    """A point at a site; ``bound``, ``expected``: `alerts.kpi.expected`."""

    site: str
    point: Point
    spans: Sequence[Span]
    bound: Sequence[Piece]
    expected: Sequence[Piece]
    complies: bool
    """It speaks for the goods of its asset, and they have a condition."""

    @property
    def longest_ms(self) -> int:
        return HOLE_INTERVALS * self.point.interval_s * 1000


def shares_of(sources: Sources, sites: Sequence[Site], days: Days) -> Iterator[tuple[str, str, Share | Waits]]:
    """Yield (site, KPI, share of each point) of sites that do not move."""
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    watched = [
        one
        for site in sites
        if site.kind != "vehicle"
        for one in _watched(registry, site, days.span(zone_named(site.timezone), now_ms))
    ]
    if not watched:
        return
    from_ms = min(one.bound[0][0] for one in watched)
    to_ms = max(one.bound[-1][1] for one in watched)
    runs = _runs(sources, registry, watched, from_ms, to_ms)
    speaking = [one.point.id for one in watched if one.complies]
    outside = sources.trips.out_of_condition(speaking, from_ms, to_ms)
    for one in watched:
        known = Known(runs, one.spans, one.longest_ms, now_ms)
        bound_min, expected_min, known_min = (
            _length(one.bound) / MINUTE_MS,
            _length(one.expected) / MINUTE_MS,
            _known_ms(known, one.expected) / MINUTE_MS,
        )
        left_min = bound_min - expected_min
        yield one.site, "monitored_share", Share(known_min, expected_min, left_min)
        if one.complies:
            out_min = _known_ms(known, _out(outside, one, now_ms)) / MINUTE_MS
            yield one.site, "temperature_compliance", Share(known_min - out_min, known_min, left_min)


def _watched(registry: Registry, site: Site, span: Piece) -> Iterator[_Watched]:
    from_ms, to_ms = span
    closed = closed_at(registry, site.id)
    stays = registry.stays_at(site.id)
    for asset in sorted({asset for asset, begin, end in stays if begin < to_ms and end > from_ms}):
        speaking, _ = compliance_point(registry, asset, from_ms, to_ms)
        for point in registry.points_of(asset):
            if point.quantity != "temperature":
                continue
            spans = spans_of(registry, point.id)
            bound = bound_at(registry, point, site.id, spans, span)
            if not bound:
                continue
            judged = bool(point.profile) or registry.label_at(point.id, from_ms) is not None
            expected = expected_at(registry, point, closed, bound)
            yield _Watched(site.id, point, spans, bound, expected, judged and point is speaking)


def _runs(sources: Sources, registry: Registry, watched: Sequence[_Watched], from_ms: int, to_ms: int) -> Runs:
    """Return the runs of all channels, of a little more time, so that an edge of the period is none of a run."""
    longest_ms = np.zeros(len(registry.channel_names), np.int64)
    for one in watched:
        for span in one.spans:
            known = longest_ms[span.channel]
            longest_ms[span.channel] = min(known, one.longest_ms) if known else one.longest_ms
    most_ms = int(longest_ms.max(initial=0))
    return runs_of(_days(sources, from_ms - most_ms, to_ms + most_ms + 1, longest_ms > 0), longest_ms)


def _days(
    sources: Sources, from_ms: int, to_ms: int, wanted: np.typing.NDArray[np.bool_]
) -> Iterator[tuple[int, Moments]]:
    """Yield the moments of wanted channels by UTC day; a day is what the store keeps together."""
    while from_ms < to_ms:
        end_ms = min((from_ms // DAY_MS + 1) * DAY_MS, to_ms)
        found = sources.series.moments(from_ms, end_ms)
        own = found.channel < len(wanted)  # a channel may be registered while this reads
        own[own] = wanted[found.channel[own]]
        yield from_ms, found if own.all() else Moments(found.channel[own], found.measured_at_ms[own])
        from_ms = end_ms


def _out(outside: Mapping[str, Sequence[tuple[int, int | None]]], one: _Watched, now_ms: int) -> list[Piece]:
    """Return when of the expected time a point was outside its condition."""
    out = ((onset_ms, now_ms if ended_ms is None else ended_ms) for onset_ms, ended_ms in outside.get(one.point.id, ()))
    return list(common(list(joined(out)), one.expected))


def _known_ms(known: Known, pieces: Sequence[Piece]) -> int:
    return sum(known.within(from_ms, to_ms) for from_ms, to_ms in pieces)


def _length(pieces: Sequence[Piece]) -> int:
    return sum(to_ms - from_ms for from_ms, to_ms in pieces)
