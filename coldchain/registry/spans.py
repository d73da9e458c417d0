"""Which channel spoke for a point when: how a point is read from a store that knows channels only."""

from __future__ import annotations

from coldchain.registry.fold import FOREVER_MS, Registry
from coldchain.series.port import Span


def spans_of(registry: Registry, point: str) -> list[Span]:
    """Return which channel spoke for a point when: of overlapping bindings of a channel the later start counts.

    The same answer as `Registry.sort` gives row by row.
    """
    spans: list[Span] = []
    for channel in sorted({binding.channel for binding in registry.bindings_of(point)} & set(registry.channel_numbers)):
        bindings = registry.bindings[channel]
        for place, binding in enumerate(bindings):
            if binding.point != point:
                continue
            pieces = [(binding.from_ms, FOREVER_MS if binding.to_ms is None else binding.to_ms)]
            for later in bindings[place + 1 :]:
                to_ms = FOREVER_MS if later.to_ms is None else later.to_ms
                pieces = [part for piece in pieces for part in _without(piece, later.from_ms, to_ms)]
            spans += [Span(registry.channel_numbers[channel], *piece) for piece in pieces]
    return spans


def _without(piece: tuple[int, int], from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    before = (piece[0], min(piece[1], from_ms))
    after = (max(piece[0], to_ms), piece[1])
    return [part for part in (before, after) if part[0] < part[1]] if from_ms < to_ms else [piece]
