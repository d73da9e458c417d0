"""How points are read: bindings, limits and holes laid over the series store."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from coldchain.registry import Point, Registry
from coldchain.registry.fold import FOREVER_MS
from coldchain.registry.spans import spans_of
from coldchain.series.port import Series, Window

HOLE_INTERVALS = 2
"""More than this many expected intervals without a reading is a hole (protocol: judging)."""

MAX_BUCKETS = 2_000


def node_of(registry: Registry, point: str) -> str | None:
    """Return the gateway of the site that a point's asset stands at."""
    place = registry.points.get(point)
    asset = registry.assets.get(place.asset) if place else None
    return next((node.id for node in registry.nodes.values() if asset and node.site == asset.site), None)


def window_of(series: Series, registry: Registry, point: str, from_ms: int, to_ms: int, limit: int | None) -> Window:
    """Return a point's readings in [from_ms, to_ms)."""
    return series.window(spans_of(registry, point), from_ms, to_ms, limit=limit)


def bucket_ms_for(from_ms: int, to_ms: int, buckets: int) -> int:
    """Return the bucket width, whole seconds, that gives at most ``buckets`` buckets."""
    wanted = max(1, min(buckets, MAX_BUCKETS))
    return max(1, -(-(to_ms - from_ms) // (wanted * 1000))) * 1000


def holes_of(measured_at_ms: NDArray[np.int64], from_ms: int, to_ms: int, interval_s: int) -> Iterator[tuple[int, int]]:
    """Yield (from, to) of every stretch of more than two expected intervals without a reading.

    Args:
        measured_at_ms: rising; everything in [from_ms, to_ms).
        from_ms, to_ms: what was looked at; ``to_ms`` is now at the latest, so that the future is no hole.
    """
    longest = HOLE_INTERVALS * interval_s * 1000
    edges = np.concatenate(([from_ms], measured_at_ms, [to_ms]))
    for place in np.flatnonzero(np.diff(edges) > longest):
        yield int(edges[place]), int(edges[place + 1])


def faults_of(window: Window, to_ms: int, interval_s: int) -> Iterator[tuple[int, int, str]]:
    """Yield (from, to, word) of every stretch in which a probe said a fault word and no value.

    A stretch ends at the next reading that says something else; at its own last word where a hole follows.

    Args:
        window: everything in a period that ends at ``to_ms``.
    """
    longest = HOLE_INTERVALS * interval_s * 1000
    at_ms = window.measured_at_ms.tolist()
    since_ms = ends_ms = -1
    said = ""
    for row in sorted(window.words):
        word, here_ms = window.words[row], at_ms[row]
        if word != said or here_ms != ends_ms:
            if said:
                yield since_ms, ends_ms, said
            since_ms, said = here_ms, word
        next_ms = at_ms[row + 1] if row + 1 < len(at_ms) else to_ms
        ends_ms = next_ms if next_ms - here_ms <= longest else here_ms
    if said and since_ms >= 0:
        yield since_ms, ends_ms, said


def limits_of(
    registry: Registry, point: Point, from_ms: int, to_ms: int
) -> Iterator[tuple[int, float | None, float | None]]:
    """Yield (from, high, low) of each version of the limits in force in [from_ms, to_ms)."""
    versions = registry.rules.get(point.id, [])
    for place, rule in enumerate(versions):
        ends_ms = versions[place + 1].effective_from_ms if place + 1 < len(versions) else FOREVER_MS
        if ends_ms > from_ms and rule.effective_from_ms < to_ms:
            yield max(from_ms, rule.effective_from_ms), rule.high_celsius, rule.low_celsius
