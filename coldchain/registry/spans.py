"""Which channel spoke for a point when: how a point is read from a store that knows channels only."""

from __future__ import annotations

from coldchain.registry.fold import Registry
from coldchain.registry.intervals import laid_over
from coldchain.series.port import Span


def spans_of(registry: Registry, point: str) -> list[Span]:
    """Return which channel spoke for a point when: of overlapping bindings of a channel the later start counts.

    The same answer as `Registry.sort` gives row by row. A span ends where a calibration begins, too.
    """
    spans: list[Span] = []
    for channel in sorted({binding.channel for binding in registry.bindings_of(point)} & set(registry.channel_numbers)):
        number = registry.channel_numbers[channel]
        bindings = ((binding.point, binding.from_ms, binding.to_ms) for binding in registry.bindings[channel])
        for where, from_ms, to_ms in laid_over("", bindings):
            if where == point:
                spans += [Span(number, *piece) for piece in registry.corrections.pieces(number, from_ms, to_ms)]
    return spans


def stays_between(registry: Registry, point: str, site: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    """Return (from, to) of each part of [from, to) in which a point's asset stood at a site."""
    place = registry.points.get(point)
    stays = registry.stays_of(place.asset) if place else []
    parts = ((max(start, from_ms), min(end, to_ms)) for where, start, end in stays if where == site)
    return [part for part in parts if part[0] < part[1]]
