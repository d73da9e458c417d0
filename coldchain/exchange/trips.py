"""A trip as events: its vehicle leaves, is on the way with so much of each lot, how warm, and comes.

What a person said of a stop goes before what the positions say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coldchain.custody.trips import TripMoment
from coldchain.epcis.conditions import SPAN_MS, spans, transporting
from coldchain.epcis.facts import Goods, Summary
from coldchain.epcis.steps import arriving, departing
from coldchain.exchange.made import Made
from coldchain.exchange.warmth import point_in, summaries
from coldchain.exchange.world import StopTimes, World
from coldchain.goods.fold import Stay
from coldchain.goods.voyages import TripSaid, Voyage, voyage_of
from coldchain.goods.where import site_of, total


def subject_of_trip(name: str) -> str:
    """Return under which name a trip's events are kept."""
    return f"trip:{name}"


def events_of_trip(world: World, name: str) -> list[Made]:
    """Return every event of a trip up to now; of its goods `coldchain.exchange.goods` speaks."""
    said = world.goods.trips([name]).get(name, [])
    voyage = voyage_of(said)
    if voyage is None:
        return []
    stops = _times(voyage, said, world.stops(name))
    goods = _Goods(world, voyage)
    found: list[Made] = []
    for place, (planned, times) in enumerate(zip(voyage.trip.stops, stops, strict=True)):
        sites = frozenset({planned.site})
        if times.arrived_ms is not None and times.arrived_ms <= world.now_ms:
            vehicle = world.vehicle(voyage.vehicle_at(times.arrived_ms))
            event = arriving(world.names, world.occasion(times.arrived_ms, planned.site), vehicle)
            found.append(Made(subject_of_trip(name), event, times.arrived_ms, sites, name))
        if times.left_ms is None or times.left_ms > world.now_ms or place == len(stops) - 1:
            continue
        vehicle = world.vehicle(voyage.vehicle_at(times.left_ms))
        next_site = world.site(voyage.trip.stops[place + 1].site)
        at = world.occasion(times.left_ms, planned.site)
        left = departing(world.names, at, vehicle, goods.aboard(times.left_ms), next_site)
        found.append(Made(subject_of_trip(name), left, times.left_ms, sites, name))
        to_ms = stops[place + 1].arrived_ms
        found += _on_the_way(world, voyage, goods, times.left_ms, to_ms)
    return found


def _times(voyage: Voyage, said: Sequence[TripSaid], judged: Sequence[StopTimes]) -> list[StopTimes]:
    by_hand: dict[tuple[str, int | None], int | None] = {}
    for one in said:
        if isinstance(one.put, TripMoment):
            by_hand[one.put.moment, one.put.stop] = one.put.at_ms
    found = []
    for place in range(len(voyage.trip.stops)):
        seen = judged[place] if place < len(judged) else StopTimes()
        arrived, left = by_hand.get(("arrived", place)), by_hand.get(("departed", place))
        found.append(StopTimes(seen.arrived_ms if arrived is None else arrived, seen.left_ms if left is None else left))
    return found


def _on_the_way(world: World, voyage: Voyage, goods: _Goods, from_ms: int, to_ms: int | None) -> Iterator[Made]:
    end_ms = world.now_ms // SPAN_MS * SPAN_MS if to_ms is None else min(to_ms, world.now_ms)
    for vehicle, begin_ms, until_ms in voyage.pieces(from_ms, end_ms):
        for start_ms, stop_ms in spans(begin_ms, until_ms):
            measured = _summaries(world, vehicle, start_ms, stop_ms)
            if measured:
                at = world.occasion(stop_ms, vehicle, measured=measured)
                event = transporting(world.names, at, world.vehicle(vehicle), goods.aboard(start_ms))
                yield Made(subject_of_trip(voyage.trip.id), event, stop_ms, frozenset(), voyage.trip.id)


def _summaries(world: World, vehicle: str, from_ms: int, to_ms: int) -> tuple[Summary, ...]:
    found: list[Summary] = []
    for asset, begin_ms, end_ms in world.registry.stays_at(vehicle):
        if begin_ms < to_ms and from_ms < end_ms:
            point = point_in(world, asset, from_ms, to_ms)
            found += summaries(world, point, from_ms, to_ms) if point is not None else ()
    return tuple(found)


class _Goods:
    """What a trip has on board when."""

    def __init__(self, world: World, voyage: Voyage) -> None:
        self._world, self._voyage = world, voyage
        lots = world.goods.on_trip(voyage.trip.id)
        self._lots = world.goods.lots_named(lots)
        self._stays = world.goods.stays(lots)

    def aboard(self, at_ms: int) -> Goods:
        vehicle = self._voyage.vehicle_at(at_ms)
        found = []
        for name, known in sorted(self._lots.items()):
            there = [stay for stay in self._stays.get(name, ()) if self._lies(stay, vehicle, at_ms)]
            if there:
                found.append(self._world.amount(known, total(stay.quantity for stay in there)))
        return Goods(tuple(found))

    def _lies(self, stay: Stay, vehicle: str, at_ms: int) -> bool:
        return stay.from_ms <= at_ms < stay.to_ms and site_of(self._world.registry, stay.place, at_ms) == vehicle
