"""What a vehicle's own probe said at a moment: the milk in a tanker, the air that comes back in a box."""

from __future__ import annotations

import numpy as np

from coldchain.custody.papers import Celsius
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.readings import UNJUDGED
from coldchain.registry import Point, Registry
from coldchain.registry.spans import spans_of
from coldchain.series.port import Series

TANKER = "tanker"

BEST = {TANKER: ("milk", "product"), "": ("return-air", "supply-air", "product")}
"""Kind of asset → positions, the best first; any other position counts after them."""

SHOWN_DECIMALS = 2
"""Of a probe's value on a paper: finer than any probe that is used here."""


def boxes_of(registry: Registry, vehicle: str, at_ms: int) -> list[str]:
    """Return the tanks or boxes that a vehicle had at a measured time."""
    return [asset for asset, from_ms, to_ms in registry.stays_at(vehicle) if from_ms <= at_ms < to_ms]


def said_in(series: Series, registry: Registry, asset: str, at_ms: int) -> Celsius | None:
    """Return what the best probe in a tank or box said at a measured time; None: nothing that still counts then."""
    best = BEST.get(registry.kind_of(asset), BEST[""])
    points = [point for point in registry.points_of(asset) if point.quantity == "temperature"]
    ranked = sorted(points, key=lambda point: best.index(point.position) if point.position in best else len(best))
    found = (said_at(series, registry, point, at_ms) for point in ranked)
    return next((one for one in found if one is not None), None)


def said_at(series: Series, registry: Registry, point: Point, at_ms: int) -> Celsius | None:
    """Return what a point's probe said last at a measured time, as calibrated.

    None where that is more than `coldchain.kinetics.HOLD_INTERVALS` intervals ago, or was a fault.
    """
    spans = spans_of(registry, point.id)
    if not spans:
        return None
    hold_ms = HOLD_INTERVALS * point.interval_s * 1000
    window = series.window(spans, at_ms - hold_ms, at_ms + 1)
    value = registry.corrections.applied(window.channel, window.measured_at_ms, window.value)
    good = np.flatnonzero(((window.quality & UNJUDGED) == 0) & np.isfinite(value))
    if not len(good):
        return None
    last = int(good[-1])
    celsius = round(float(value[last]), SHOWN_DECIMALS)
    return Celsius(celsius, point.asset, point.id, int(window.measured_at_ms[last]))
