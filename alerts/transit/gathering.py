"""What is known of a trip, gathered from the registry and the history: positions, fences, goods."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from alerts.history import Samples
from alerts.transit.ageing import NO_GOODS, Goods
from alerts.transit.book import Entries, Known
from alerts.transit.track import NO_FIXES, Track
from alerts.transit.trips import Heard
from coldchain.kinetics import product_estimate
from coldchain.registry import Fence, Point, Registry

Ask = Callable[[str, int, int], Samples]
"""(point, from ms, to ms) → its samples."""

IN_GOODS = ("milk", "product")
"""Positions at which a probe says what the goods are; of another one their temperature is estimated."""

RESTING = frozenset({"plant", "station", "warehouse"})
"""Kinds of sites at which any vehicle may stand."""

USUAL_S = 60


def gathered(
    registry: Registry, entries: Entries, known: Known, from_ms: int, milked_ms: int | None, ask: Ask
) -> Heard:
    """Return everything that is known of a trip.

    Args:
        from_ms: positions count from then on.
        milked_ms: end of the milking of the oldest milk that it collects.
    """
    plan = entries.plan
    assert plan is not None
    legs = entries.legs()
    ends = [*(at_ms or 0 for _, at_ms in legs[1:]), known.to_ms + 1]
    spans = [
        (vehicle, from_ms if begins is None else max(begins, from_ms), end)
        for (vehicle, begins), end in zip(legs, ends, strict=True)
    ]
    tracks = [
        track_of(registry, vehicle, begin, end or begin, ask) for vehicle, begin, end in spans if (end or 0) > begin
    ]
    goods = [_goods(registry, vehicle, begin, end or begin, ask) for vehicle, begin, end in spans if (end or 0) > begin]
    planned = [stop.site for stop in plan.stops]
    rests = [site.id for site in registry.sites.values() if site.kind in RESTING]
    track, milk = _joined_tracks(tracks or [NO_FIXES]), _joined_goods(goods or [NO_GOODS])
    newest_ms = max([int(each.t[-1]) for each in (track, milk) if len(each.t)], default=0)
    return Heard(
        track,
        dict(_fences(registry, dict.fromkeys((*planned, *rests)), known.begins_ms)),
        {site: registry.location_of(site) for site in planned},
        entries.moments,
        milk,
        milked_ms,
        newest_ms,
    )


def _fences(registry: Registry, sites: Iterable[str], at_ms: int) -> Iterable[tuple[str, Fence]]:
    for site in sites:
        fence = registry.fence_at(site, at_ms)
        if fence is not None:
            yield site, fence


def points_on(registry: Registry, vehicle: str, from_ms: int, to_ms: int) -> list[Point]:
    """Return the points of everything that stood on a vehicle at some time in [from, to)."""
    assets = [asset for asset, begin, end in registry.stays_at(vehicle) if begin < to_ms and end > from_ms]
    return [point for asset in dict.fromkeys(assets) for point in registry.points_of(asset)]


def track_of(registry: Registry, vehicle: str, from_ms: int, to_ms: int, ask: Ask) -> Track:
    """Return where a vehicle said it was; of several terminals the first one that said anything."""
    said: dict[str, dict[str, Point]] = {}
    for point in points_on(registry, vehicle, from_ms, to_ms):
        if point.quantity in ("latitude", "longitude", "speed"):
            said.setdefault(point.asset, {})[point.quantity] = point
    for terminal in said.values():
        if "latitude" not in terminal or "longitude" not in terminal:
            continue
        north, east = (ask(terminal[name].id, from_ms, to_ms) for name in ("latitude", "longitude"))
        t, rows, others = np.intersect1d(north.t, east.t, assume_unique=True, return_indices=True)
        if not len(t):
            continue
        speed = np.full(len(t), np.nan)
        if "speed" in terminal:
            fast = ask(terminal["speed"].id, from_ms, to_ms)
            _, mine, theirs = np.intersect1d(t, fast.t, assume_unique=True, return_indices=True)
            speed[mine] = fast.v[theirs]
        interval_ms = 1000 * (terminal["latitude"].interval_s or USUAL_S)
        return Track(t, north.v[rows], east.v[others], speed, interval_ms)
    return NO_FIXES


def milk_of(point: Point, from_ms: int, to_ms: int, ask: Ask) -> Goods:
    """Return what a probe in goods said."""
    samples = ask(point.id, from_ms, to_ms)
    return Goods(samples.t, samples.v, 1000 * (point.interval_s or USUAL_S))


def _goods(registry: Registry, vehicle: str, from_ms: int, to_ms: int, ask: Ask) -> Goods:
    """Return the temperature of what a vehicle carries: of a probe in it, or estimated from the air."""
    points = [point for point in points_on(registry, vehicle, from_ms, to_ms) if point.quantity == "temperature"]
    inside = [point for point in points if point.position in IN_GOODS]
    for point in (*inside, *(point for point in points if point not in inside)):
        samples = ask(point.id, from_ms, to_ms)
        if not len(samples):
            continue
        interval_ms = 1000 * (point.interval_s or USUAL_S)
        product = registry.product_at(point.profile, from_ms)
        if point in inside or product is None:
            return Goods(samples.t, samples.v, interval_ms)
        minutes = product.pack_time_constant.minutes
        return Goods(samples.t, product_estimate(samples.t, samples.v, interval_ms, minutes), interval_ms)
    return NO_GOODS


def _joined_tracks(tracks: list[Track]) -> Track:
    if len(tracks) == 1:
        return tracks[0]
    return Track(
        np.concatenate([one.t for one in tracks]),
        np.concatenate([one.latitude for one in tracks]),
        np.concatenate([one.longitude for one in tracks]),
        np.concatenate([one.speed for one in tracks]),
        max(one.interval_ms for one in tracks),
    )


def _joined_goods(goods: list[Goods]) -> Goods:
    if len(goods) == 1:
        return goods[0]
    t, celsius = (np.concatenate([getattr(one, name) for one in goods]) for name in ("t", "celsius"))
    return Goods(t, celsius, max(one.interval_ms for one in goods))
