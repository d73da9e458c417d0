"""The mask of each sample of an asset's points, from their samples alone: for judging that keeps nothing in memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alerts.assets import Masks, lay, switch_for, windows_of
from alerts.history import Samples
from alerts.pairs import first_beside, lay_apart
from alerts.switchrules import WHILE_LOADED
from alerts.windows import SWITCHES
from coldchain.registry import Registry


def masks_of(registry: Registry, samples: Mapping[str, Samples]) -> dict[str, Masks]:
    """Return the mask of each sample of an asset's points from what its switches say beside them.

    Args:
        samples: point → its samples, and NaN where a person ended what was open; switches should begin `LOOKBACK_MS`
            before what is asked for.
    """
    places = {point: registry.points[point] for point in samples}
    words = {point: _without_ends(some) for point, some in samples.items()}
    runs = {
        registry.point_numbers[point]: switch_for(place, words[point]).runs()
        for point, place in places.items()
        if place.quantity in SWITCHES
    }
    masks = {point: np.zeros(len(some), np.int32) for point, some in samples.items()}
    for point, some in samples.items():
        first = first_beside(registry, places[point])
        if first is not None and first.id in words:
            lay_apart(masks[point], some.t, some.v, registry, places[point], words[first.id])
        if places[point].quantity in ("temperature", *WHILE_LOADED) and len(some):
            lay(masks[point], some.t, windows_of(registry, places[point], runs, some.t))
    return masks


def _without_ends(samples: Samples) -> Samples:
    said = np.isfinite(samples.v)
    return Samples(samples.t[said], samples.v[said], samples.position[said])
