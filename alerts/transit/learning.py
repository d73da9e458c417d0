"""A site's fence learnt from its first three deliveries: where the vehicle stood counts, not the address.

An address that was looked up on a Chinese map and lost its system lies 100 to 700 m off; then no arrival is ever found
by it, and the trucks know better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import combinations

import numpy as np

from alerts.transit.halts import Halt
from coldchain.geo import Flat, distance_m
from coldchain.registry import Fence
from coldchain.registry.fences import WGS84, LatLon

STAYS = 3
MOST_STAYS = 10
"""Of more than these the first are looked at."""

NEAR_M = 1_500.0
"""A stay farther from the site's place is no delivery to it: systems lie up to 1,200 m apart. Assumed beyond that."""

SHARE = 0.95
"""Of the fixes of each stay lie inside: one in twenty may be off as far as it likes."""

AROUND_M = 30.0
"""Left free around the fixes: a truck stops a length or two away from where another one did. Assumed."""

SMALLEST_M, LARGEST_M = 60.0, 400.0
"""Of a learnt radius. Below it the next truck, one length farther on, is not there yet; stays that need more were not
at one place. Assumed."""


DECIMALS = 6
"""Of a degree: 0.1 m."""


class Unlearnt(StrEnum):
    """Why there is no fence yet."""

    TOO_FEW = "too-few"
    TOO_FAR_APART = "too-far-apart"


def learnt(site: str, stays: Sequence[Halt], place: LatLon | None, effective_from_ms: int) -> Fence | Unlearnt:
    """Return the fence of a site: of the first three stays that lie together.

    Args:
        stays: one a delivery (its longest halt, say), in measured order.
        place: where the site is said to be; stays within `NEAR_M` of it count. None: nobody said, all of them do.
        effective_from_ms: of the fence, measured ms.
    """
    middles = [(float(np.median(stay.latitude)), float(np.median(stay.longitude))) for stay in stays]
    near = [
        stay
        for stay, middle in zip(stays, middles, strict=True)
        if place is None or float(distance_m(*middle, *place)) <= NEAR_M
    ]
    if len(near) < STAYS:
        return Unlearnt.TOO_FEW
    for some in _as_they_came(near[:MOST_STAYS]):
        latitude, longitude, radius_m = _around(some)
        if radius_m <= LARGEST_M:
            middle = round(latitude, DECIMALS), round(longitude, DECIMALS)
            radius_m = float(round(max(radius_m, SMALLEST_M)))
            return Fence(site, effective_from_ms, *middle, radius_m, coordinates=WGS84, learnt_from=STAYS)
    return Unlearnt.TOO_FAR_APART


def _as_they_came(stays: Sequence[Halt]) -> Iterator[list[Halt]]:
    """Yield every three stays, those first that were complete first."""
    for last in range(STAYS - 1, len(stays)):
        for before in combinations(stays[:last], STAYS - 1):
            yield [*before, stays[last]]


def _around(stays: Sequence[Halt]) -> tuple[float, float, float]:
    """Return (latitude, longitude, radius m) of the circle: the median of the stays' medians, and their fixes."""
    flat = Flat(float(stays[0].latitude[0]), float(stays[0].longitude[0]))
    fixes = [flat.east_north_m(stay.latitude, stay.longitude) for stay in stays]
    east_m, north_m = (float(np.median([np.median(fix[side]) for fix in fixes])) for side in (0, 1))
    reach_m = max(float(np.quantile(np.hypot(east - east_m, north - north_m), SHARE)) for east, north in fixes)
    latitude, longitude = flat.place(east_m, north_m)
    return float(latitude), float(longitude), reach_m + AROUND_M
