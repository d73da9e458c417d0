"""A lot's way as events: loaded, received, stored, made of others, held, inspected, recalled, sold, destroyed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from coldchain.custody.goods import LotChange, LotGone
from coldchain.epcis.facts import Amount, Goods, Note
from coldchain.epcis.states import destroying, holding, inspecting, missing, recalling, sampling, selling, transforming
from coldchain.epcis.steps import loading, receiving, storing, unloading
from coldchain.epcis.structs import AnyEvent
from coldchain.exchange.made import Made
from coldchain.exchange.recalls import Called, called
from coldchain.exchange.world import BOL, PAPERS, World
from coldchain.goods.fold import CHANGED, NOWHERE, UNKNOWN, Arrival, Departure, Held, Stay
from coldchain.goods.places import ASSET
from coldchain.goods.reader import KnownLot
from coldchain.goods.where import TANKS, is_vehicle, site_of, total
from coldchain.registry import decode_change

SELLABLE = {
    "shop": "sellable_accessible",
    "warehouse": "sellable_not_accessible",
    "plant": "sellable_not_accessible",
}
"""Kind of site → what is said of packed goods that are put away there (Core Business Vocabulary)."""

ENDS = {"sold": selling, "destroyed": destroying, "sampled": sampling, "lost": missing}
"""How goods ended (`coldchain.custody.goods.GONE_BY`) → what is told of it."""

CONFORMANT = "released"
"""The one decision of a hold that says the goods are as they should be."""


def subject_of_lot(name: str) -> str:
    """Return under which name a lot's events are kept."""
    return f"lot:{name}"


def events_of_lots(world: World, names: Iterable[str]) -> dict[str, list[Made]]:
    """Return every event up to now of some lots."""
    wanted = sorted(set(names))
    goods = world.goods
    lots, arrivals, departures = goods.lots_named(wanted), goods.arrivals(wanted), goods.departures(wanted)
    stays, holds, recalls = goods.stays(wanted), goods.holds(wanted), called(goods, world.now_ms)
    return {
        name: _events(
            world,
            lots[name],
            arrivals.get(name, []),
            departures.get(name, []),
            stays.get(name, []),
            holds.get(name, []),
            recalls.get(name, []),
        )
        for name in wanted
        if name in lots
    }


def _events(
    world: World,
    known: KnownLot,
    arrivals: Sequence[Arrival],
    departures: Sequence[Departure],
    stays: Sequence[Stay],
    holds: Sequence[Held],
    recalls: Sequence[Called],
) -> list[Made]:
    name = known.lot.id
    changed = any(one.how == CHANGED for one in arrivals) or departures
    said = _said(world, name) if changed else {}
    found: list[Made] = []
    for one in arrivals:
        if one.at_ms > world.now_ms:
            continue
        sites = {site_of(world.registry, one.place, one.at_ms), site_of(world.registry, one.came_from, one.at_ms)}
        events = (
            _of_change(world, said[one.position], one.at_ms)
            if one.how == CHANGED
            else _arrived(world, known, one, arrivals)
        )
        found += [Made(subject_of_lot(name), event, one.at_ms, frozenset(sites), one.trip) for event in events]
    for departure in departures:
        if departure.at_ms <= world.now_ms:
            site = site_of(world.registry, departure.place, departure.at_ms)
            events = (
                _of_change(world, said[departure.position], departure.at_ms)
                if departure.how == CHANGED
                else _ended(world, known, departure, site, said[departure.position])
            )
            found += [Made(subject_of_lot(name), event, departure.at_ms, frozenset({site})) for event in events]
    for held in holds:
        found += _held(world, known, held, stays)
    for recall in recalls:
        found += _recalled(world, known, recall, stays, arrivals)
    return found


def _arrived(world: World, known: KnownLot, one: Arrival, arrivals: Sequence[Arrival]) -> Iterator[AnyEvent]:
    registry, names = world.registry, world.names
    site, before = site_of(registry, one.place, one.at_ms), site_of(registry, one.came_from, one.at_ms)
    goods = Goods((world.amount(known, one.quantity),))
    notes = [Note(BOL, one.paper)]
    there = world.occasion(one.at_ms, site, notes=notes)
    if is_vehicle(registry, site):
        if before == site:
            return
        at = world.occasion(one.at_ms, before, notes=notes)
        if is_vehicle(registry, before):
            yield unloading(names, at, world.vehicle(before), goods)
        yield loading(names, at, world.vehicle(site), goods)
        return
    if is_vehicle(registry, before):
        yield unloading(names, there, world.vehicle(before), goods)
    elsewhere = before and before != site
    if elsewhere or (one.how == "delivery" and one.came_from in (NOWHERE, UNKNOWN)):
        origin = _loaded_at(world, one, arrivals) if is_vehicle(registry, before) else before
        yield receiving(names, there, goods, world.site(origin) if origin else None)
    if one.place.startswith(ASSET) or not elsewhere:
        asset = one.place.removeprefix(ASSET) if one.place.startswith(ASSET) else ""
        stored = world.occasion(one.at_ms, site, asset=asset)
        yield storing(names, stored, goods, _disposition(world, site, asset))


def _loaded_at(world: World, one: Arrival, arrivals: Sequence[Arrival]) -> str:
    """Return where a lot that gets off a vehicle had last been loaded; empty where nobody said."""
    for other in reversed(arrivals):
        at_ms = other.at_ms
        if at_ms < one.at_ms and is_vehicle(world.registry, site_of(world.registry, other.place, at_ms)):
            origin = site_of(world.registry, other.came_from, at_ms)
            if not is_vehicle(world.registry, origin):
                return origin
    return ""


def _disposition(world: World, site: str, asset: str) -> str | None:
    known = world.registry.sites.get(site)
    if known is None or world.registry.kind_of(asset) in TANKS:
        return None
    return SELLABLE.get(known.kind)


def _said(world: World, name: str) -> dict[int, LotChange | LotGone]:
    """Return position → what stands there of a lot that became others, or ended."""
    found = {}
    for entry in world.goods.said(name):
        put = decode_change(entry.raw).change
        if isinstance(put, LotChange | LotGone):
            found[entry.position] = put
    return found


def _ended(
    world: World, known: KnownLot, departure: Departure, site: str, put: LotChange | LotGone
) -> Iterator[AnyEvent]:
    assert isinstance(put, LotGone)
    at = world.occasion(departure.at_ms, site, notes=[Note(PAPERS.get(put.reason, ""), put.paper)])
    yield ENDS[put.reason](world.names, at, Goods((world.amount(known, departure.quantity),)))


def _of_change(world: World, put: LotChange | LotGone, at_ms: int) -> Iterator[AnyEvent]:
    assert isinstance(put, LotChange)
    lots = world.goods.lots_named(share.lot for share in (*put.inputs, *put.outputs))
    places = {site_of(world.registry, share.place, at_ms) for share in (*put.inputs, *put.outputs)} - {""}
    site = places.pop() if len(places) == 1 else ""
    used, made = (
        tuple(world.amount(lots[share.lot], share.quantity) for share in part if share.lot in lots)
        for part in (put.inputs, put.outputs)
    )
    yield transforming(world.names, world.occasion(at_ms, site), used, made)


def _held(world: World, known: KnownLot, held: Held, stays: Sequence[Stay]) -> Iterator[Made]:
    for site, amount in _lying(world, known, held.place, stays, held.at_ms):
        at = world.occasion(held.at_ms, site)
        event: AnyEvent = holding(world.names, at, Goods((amount,)))
        yield Made(subject_of_lot(known.lot.id), event, held.at_ms, frozenset({site}))
    if held.decided_ms is None:
        return
    for site, amount in _lying(world, known, held.place, stays, held.decided_ms):
        at = world.occasion(held.decided_ms, site)
        event = inspecting(world.names, at, Goods((amount,)), conformant=held.decision == CONFORMANT)
        yield Made(subject_of_lot(known.lot.id), event, held.decided_ms, frozenset({site}))


def _recalled(
    world: World, known: KnownLot, recall: Called, stays: Sequence[Stay], arrivals: Sequence[Arrival]
) -> Iterator[Made]:
    """Yield that a lot is recalled, wherever some lies; what is made of a recalled lot later is, as soon as it is."""
    at_ms = max(recall.at_ms, min((one.at_ms for one in arrivals), default=recall.at_ms))
    if at_ms > world.now_ms:
        return
    notes = [Note("", world.names.thing("recall", recall.id))]
    for site, amount in _lying(world, known, "", stays, at_ms):
        event = recalling(world.names, world.occasion(at_ms, site, notes=notes), Goods((amount,)))
        yield Made(subject_of_lot(known.lot.id), event, at_ms, frozenset({site}))


def _lying(
    world: World, known: KnownLot, place: str, stays: Sequence[Stay], at_ms: int
) -> Iterator[tuple[str, Amount]]:
    """Yield (site, how much) of a lot, or of what lies at one place of it; nowhere: all of it, uncounted."""
    there: dict[str, list[float | None]] = {}
    for stay in stays:
        if stay.from_ms <= at_ms < stay.to_ms and place in ("", stay.place):
            there.setdefault(site_of(world.registry, stay.place, at_ms), []).append(stay.quantity)
    if not there:
        there[site_of(world.registry, place, at_ms)] = [None]
    for site, quantities in sorted(there.items()):
        yield site, world.amount(known, total(quantities))
