"""From a lot back to every asset, trip and hand-over, through the lots that it came out of.

::

    lot ─▶ the lots that it came out of, each until it became part of it ─▶ stays ─▶ assets, trips
                                                                      └──▶ arrivals ─▶ hand-overs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coldchain.goods.fold import CHANGED, NOWHERE, UNKNOWN, Arrival, Stay
from coldchain.goods.places import ASSET
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.goods.where import is_certain, is_vehicle, presumed_in, site_of
from coldchain.registry import Registry
from coldchain.registry.intervals import at


@dataclass(frozen=True, slots=True)
class TracedAsset:
    """A lot in an asset within [from_ms, to_ms); presumed: at its site, and nobody said in which asset."""

    lot: str
    asset: str
    site: str
    from_ms: int
    to_ms: int
    presumed: bool


@dataclass(frozen=True, slots=True)
class TracedTrip:
    """A lot on a trip.

    Attributes:
        vehicles: sites of those that carried it, in order.
        loaded_ms: when the first of it came on board. ``unloaded_ms``: the last of it got off; None: not said.
    """

    lot: str
    trip: str
    vehicles: tuple[str, ...]
    loaded_ms: int
    unloaded_ms: int | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Some of a lot came from one site to another.

    Attributes:
        from_site: empty: nobody says whence.
        from_operator, to_operator: who answered for the sites then.
        how: how it is known. ``paper``: number of the hand-over or delivery note.
    """

    lot: str
    at_ms: int
    from_site: str
    from_operator: str
    to_site: str
    to_operator: str
    quantity: float | None
    how: str
    trip: str
    paper: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a lot has been.

    Attributes:
        lots: lot → until when it counts: the lot itself until now, another one until it became part of it.
    """

    lots: dict[str, int]
    assets: list[TracedAsset]
    trips: list[TracedTrip]
    hand_overs: list[HandOver]


def trace(reader: GoodsReader, registry: Registry, lot: str, now_ms: int) -> Trace:
    """Return every asset, trip and hand-over of a lot, by time."""
    lots = lineage(reader, lot, now_ms)
    known = reader.lots_named(lots)
    stays, arrivals = reader.stays(lots), reader.arrivals(lots)
    assets: list[TracedAsset] = []
    trips: list[TracedTrip] = []
    hand_overs: list[HandOver] = []
    for name, until_ms in lots.items():
        if name not in known:
            continue
        own = [one for one in arrivals.get(name, ()) if one.at_ms <= until_ms]
        for stay in stays.get(name, ()):
            if stay.from_ms < until_ms:
                assets += _assets(registry, known[name], stay, until_ms)
        trips += _trips(registry, name, own)
        hand_overs += (over for one in own if (over := _hand_over(registry, name, one)) is not None)
    return Trace(
        lots,
        sorted(_joined(assets), key=lambda one: (one.from_ms, one.asset, one.lot)),
        sorted(trips, key=lambda one: (one.loaded_ms, one.trip, one.lot)),
        sorted(hand_overs, key=lambda one: (one.at_ms, one.to_site, one.lot)),
    )


def lineage(reader: GoodsReader, lot: str, now_ms: int) -> dict[str, int]:
    """Return lot → until when it counts, of a lot and every lot that it came out of."""
    found = {lot: now_ms}
    todo = [lot]
    while todo:
        child = todo.pop()
        for one in reader.parents(child):
            if one.at_ms <= found[child] and one.at_ms > found.get(one.parent, -1):
                found[one.parent] = one.at_ms
                todo.append(one.parent)
    return found


def _assets(registry: Registry, known: KnownLot, stay: Stay, until_ms: int) -> Iterator[TracedAsset]:
    name, to_ms = known.lot.id, min(stay.to_ms, until_ms)
    if stay.place.startswith(ASSET):
        asset = stay.place.removeprefix(ASSET)
        yield TracedAsset(name, asset, registry.site_at(asset, stay.from_ms), stay.from_ms, to_ms, False)
        return
    presumed = not is_certain(registry, known, stay)
    site = site_of(registry, stay.place, stay.from_ms)
    for asset, from_ms, end_ms in presumed_in(registry, known, stay):
        if from_ms < to_ms:
            yield TracedAsset(name, asset, site, from_ms, min(end_ms, to_ms), presumed)


def _joined(assets: list[TracedAsset]) -> list[TracedAsset]:
    """Return stays that only differ in quantity as one."""
    found: list[TracedAsset] = []
    for one in sorted(assets, key=lambda one: (one.lot, one.asset, one.presumed, one.from_ms)):
        last = found[-1] if found else None
        if last and (last.lot, last.asset, last.presumed, last.to_ms) == (
            one.lot,
            one.asset,
            one.presumed,
            one.from_ms,
        ):
            found[-1] = TracedAsset(one.lot, one.asset, one.site, last.from_ms, one.to_ms, one.presumed)
        else:
            found.append(one)
    return found


def _trips(registry: Registry, lot: str, arrivals: list[Arrival]) -> Iterator[TracedTrip]:
    for trip in dict.fromkeys(one.trip for one in arrivals if one.trip):
        own = [one for one in arrivals if one.trip == trip]
        sites = [(one, site_of(registry, one.place, one.at_ms)) for one in own]
        boarded = [(one, site) for one, site in sites if is_vehicle(registry, site)]
        left = [one.at_ms for one, site in sites if not is_vehicle(registry, site)]
        vehicles = tuple(dict.fromkeys(site for _, site in boarded))
        loaded_ms = boarded[0][0].at_ms if boarded else own[0].at_ms
        yield TracedTrip(lot, trip, vehicles, loaded_ms, max(left, default=None))


def _hand_over(registry: Registry, lot: str, one: Arrival) -> HandOver | None:
    if one.how == CHANGED:
        return None
    site = site_of(registry, one.place, one.at_ms)
    before = "" if one.came_from in (NOWHERE, UNKNOWN) else site_of(registry, one.came_from, one.at_ms)
    if before == site or (not before and one.how != "delivery"):
        return None
    operators = [at(registry.operators_of(name), one.at_ms) if name else "" for name in (before, site)]
    return HandOver(
        lot, one.at_ms, before, operators[0], site, operators[1], one.quantity, one.how, one.trip, one.paper
    )
