"""How warm it was, as summaries of spans without a hole, and each time out of a limit as an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from coldchain.epcis.conditions import SPAN_MS, excursion, reporting, spans
from coldchain.epcis.facts import Equipment, Excursion, Goods, Summary, TimeOut
from coldchain.exchange.made import Made
from coldchain.exchange.world import Out, World
from coldchain.goods.history import Floats, Times, calibrated
from coldchain.goods.points import compliance_point
from coldchain.goods.reader import KnownLot
from coldchain.goods.where import Presence, is_vehicle, lots_in_asset, presences, within
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.registry import Point
from coldchain.registry.spans import spans_of

EXACT = 2
"""Decimals of a summary, °C: what probes resolve is 0.01 at best."""

MS_PER_S = 1000
DAY_MS = 86_400_000


def subject_of_asset(asset: str) -> str:
    """Return under which name an asset's times out of a limit are kept."""
    return f"asset:{asset}"


def subject_of_air(asset: str) -> str:
    """Return under which name an asset's summaries are kept."""
    return f"warmth:{asset}"


def point_in(world: World, asset: str, from_ms: int, to_ms: int) -> Point | None:
    """Return the point that speaks for the goods in an asset."""
    return compliance_point(world.registry, asset, from_ms, to_ms)[0]


def summaries(world: World, point: Point, from_ms: int, to_ms: int) -> tuple[Summary, ...]:
    """Return what a point said within [from, to): one summary a stretch without a hole, as calibrated."""
    return _summaries(world, point, _said(world, point, from_ms, to_ms), from_ms, to_ms)


def _said(world: World, point: Point, from_ms: int, to_ms: int) -> tuple[Times, Floats]:
    return calibrated(world.registry, world.series, spans_of(world.registry, point.id), from_ms, to_ms)


def _summaries(world: World, point: Point, said: tuple[Times, Floats], from_ms: int, to_ms: int) -> tuple[Summary, ...]:
    first, last = np.searchsorted(said[0], [from_ms, to_ms])
    at_ms, celsius = said[0][first:last], said[1][first:last]
    if not len(at_ms):
        return ()
    longest_ms = HOLD_INTERVALS * point.interval_s * MS_PER_S
    cuts = np.flatnonzero(np.diff(at_ms) > longest_ms) + 1
    outs = world.outs(point.id)
    found = []
    for times, values in zip(np.split(at_ms, cuts), np.split(celsius, cuts), strict=True):
        begin_ms, end_ms = int(times[0]), min(int(times[-1]) + point.interval_s * MS_PER_S, to_ms)
        least, most, mean = (round(float(value), EXACT) for value in (values.min(), values.max(), values.mean()))
        exceptions = tuple(_exceptions(outs, begin_ms, end_ms))
        probe = Equipment("probe", point.id)
        found.append(Summary(probe, begin_ms, end_ms, least, most, mean, exceptions=exceptions))
    return tuple(found)


def _exceptions(outs: Sequence[Out], from_ms: int, to_ms: int) -> Iterator[TimeOut]:
    by_rule: dict[str, int] = {}
    for out in outs:
        overlap_ms = min(to_ms, to_ms if out.to_ms is None else out.to_ms) - max(from_ms, out.from_ms)
        if overlap_ms > 0:
            by_rule[out.rule_version] = by_rule.get(out.rule_version, 0) + overlap_ms
    for rule, out_ms in sorted(by_rule.items()):
        yield TimeOut(rule, out_ms / MS_PER_S)


def excursions_in(world: World, asset: str) -> Iterator[Made]:
    """Yield each time out of a limit in an asset that is over, with the goods that lay there for certain."""
    for point in world.registry.points_of(asset):
        if point.quantity != "temperature":
            continue
        for out in world.outs(point.id):
            if out.to_ms is None or out.to_ms > world.now_ms:
                continue
            site = world.registry.site_at(asset, out.from_ms)
            vehicle = is_vehicle(world.registry, site)
            carrier = world.vehicle(site) if vehicle else Equipment("asset", asset)
            found = Excursion(
                Equipment("probe", point.id), out.from_ms, out.to_ms, round(out.peak_celsius, EXACT), out.above,
                out.rule_version,
            )  # fmt: skip
            there = lots_in_asset(world.goods, world.registry, asset, out.from_ms, out.to_ms)
            known = world.goods.lots_named(one.lot for one in there)
            goods = _goods(world, known, (one for one in there if not one.presumed))
            event = excursion(world.names, world.occasion(out.to_ms, site, asset=asset), found, carrier, goods)
            yield Made(subject_of_asset(asset), event, out.to_ms, frozenset({site}))


def reports(world: World, asset: str, from_ms: int, to_ms: int) -> Iterator[Made]:
    """Yield how warm it was in an asset at its places: one event a whole span that ends within [from, to)."""
    begin_ms = -(-from_ms // SPAN_MS) * SPAN_MS - SPAN_MS
    end_ms = min(to_ms - 1, world.now_ms) // SPAN_MS * SPAN_MS
    for day_ms in range(begin_ms // DAY_MS * DAY_MS, end_ms, DAY_MS):
        day = _Day(world, asset, day_ms)
        for start_ms, stop_ms in spans(max(begin_ms, day_ms), min(end_ms, day_ms + DAY_MS)):
            yield from day.report(start_ms, stop_ms)


class _Day:
    """An asset within a day of UTC: read once, whatever part of it is asked for, so that every request is told the
    same. A question for each half hour took 15 times as long."""

    def __init__(self, world: World, asset: str, day_ms: int) -> None:
        self._world, self._asset, self._day_ms = world, asset, day_ms
        there = presences(world.goods, world.registry, asset, day_ms, day_ms + DAY_MS)
        self._there = [one for one in there if not one.presumed]
        self._known = world.goods.lots_named(one.lot for one in self._there)
        self._read: dict[str, tuple[Times, Floats]] = {}

    def report(self, start_ms: int, stop_ms: int) -> Iterator[Made]:
        world, asset = self._world, self._asset
        site = world.registry.site_at(asset, start_ms)
        point = point_in(world, asset, start_ms, stop_ms)
        if point is None or not site or is_vehicle(world.registry, site):
            return
        if point.id not in self._read:
            self._read[point.id] = _said(world, point, self._day_ms, self._day_ms + DAY_MS)
        measured = _summaries(world, point, self._read[point.id], start_ms, stop_ms)
        if measured:
            at = world.occasion(stop_ms, site, asset=asset, measured=measured)
            event = reporting(world.names, at, _goods(world, self._known, within(self._there, start_ms, stop_ms)))
            yield Made(subject_of_air(asset), event, stop_ms, frozenset({site}))


def _goods(world: World, known: Mapping[str, KnownLot], there: Iterable[Presence]) -> Goods:
    return Goods(tuple(world.amount(known[one.lot], one.quantity) for one in there))
