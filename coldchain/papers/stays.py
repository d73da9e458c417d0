"""When a vehicle was at a site by its own positions: what stands beside the times that people write.

Simpler than the judging of trips on purpose: a paper needs one arrival and one departure of a planned stop, and shows
where they came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.papers.probes import boxes_of
from coldchain.readings import UNJUDGED
from coldchain.registry import Registry
from coldchain.registry.fences import outside_m
from coldchain.registry.spans import spans_of
from coldchain.series.port import Series

MARGIN_M = 50.0
"""A fence is so much larger on the way out: receivers between houses are off by some tens of metres. Assumed."""

SHORTEST_MS = 120_000
"""Shorter is passing by: as long as the quickest delivery. Assumed."""

AWAY_MS = 300_000
"""Who is away for less has not left. Assumed."""


@dataclass(frozen=True, slots=True)
class SiteStay:
    """A vehicle was at a site: measured times of the first fix inside and the first one outside; None: still there."""

    arrived_ms: int
    left_ms: int | None


def stays_at_site(
    series: Series, registry: Registry, vehicle: str, site: str, from_ms: int, to_ms: int
) -> list[SiteStay]:
    """Return when a vehicle was at a site within [from, to), rising; empty where either has no known position."""
    fence = registry.fence_at(site, from_ms)
    fixes = None if fence is None else _fixes(series, registry, vehicle, from_ms, to_ms)
    if fence is None or fixes is None:
        return []
    times, latitude, longitude = fixes
    outside = outside_m(fence, latitude, longitude)
    return list(_stays(times.tolist(), (outside <= 0).tolist(), (outside > MARGIN_M).tolist()))


def _stays(times: list[int], inside: list[bool], out: list[bool]) -> Iterator[SiteStay]:
    arrived = last = left = None
    for at_ms, is_in, is_out in zip(times, inside, out, strict=True):
        if is_in or (arrived is not None and not is_out):
            arrived = at_ms if arrived is None else arrived
            last, left = at_ms, None
        elif arrived is not None:
            left = at_ms if left is None else left
            if at_ms - left >= AWAY_MS:
                if last is not None and last - arrived >= SHORTEST_MS:
                    yield SiteStay(arrived, left)
                arrived = last = left = None
    if arrived is not None and last is not None and last - arrived >= SHORTEST_MS:
        yield SiteStay(arrived, left)


def _fixes(
    series: Series, registry: Registry, vehicle: str, from_ms: int, to_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]] | None:
    """Return (measured time, latitude, longitude) of a vehicle's fixes; None: it has no receiver, or no fix."""
    points = [point for asset in boxes_of(registry, vehicle, from_ms) for point in registry.points_of(asset)]
    found = {}
    for name in ("latitude", "longitude"):
        spans = [span for point in points if point.quantity == name for span in spans_of(registry, point.id)]
        if not spans:
            return None
        window = series.window(spans, from_ms, to_ms)
        good = ((window.quality & UNJUDGED) == 0) & np.isfinite(window.value)
        times, rows = np.unique(window.measured_at_ms[good], return_index=True)
        found[name] = times, window.value[good][rows]
    common, north, east = np.intersect1d(found["latitude"][0], found["longitude"][0], return_indices=True)
    return (common, found["latitude"][1][north], found["longitude"][1][east]) if len(common) else None
