"""Goods and places together: what lay in an asset, where a lot is, who received it.

A shop that took a lot over rarely says into which of its coolers it put it. So such a lot is *presumed* in every cooler
of the shop that stores goods of its kind (可能涉及批次), from receipt until its printed expiry or until somebody says
where it is. Presumptions are worked out here when asked for, by the registry of then, and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from coldchain.goods.fold import CHANGED, NOWHERE, UNKNOWN, Arrival, Stay
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.profiles.structs import Storage
from coldchain.registry import Registry
from coldchain.registry.intervals import Held, at

PRESUMED = (
    "已知在本店或本车,没有登记放在哪一台柜或哪一厢中:至保质期或另有登记为止,推定在其中所有同类冷柜、车厢中",
    (
        "known to be at this shop or on this vehicle, and nobody said in which cooler or compartment: presumed in all "
        "that store such goods, until the printed expiry or until somebody says where it is"
    ),
)
"""Why a lot may be concerned, 中文 and English."""

TANKS = ("tanker", "station-tank", "plant-silo")
"""Kinds in which no packed goods lie; a tanker's carry what its trip loads."""

FREEZERS = ("freezer-room",)
"""Kinds that freeze where no product profile of a point says what they store."""


class Presence(msgspec.Struct, frozen=True, gc=False):
    """A lot in an asset within [from_ms, to_ms).

    Attributes:
        place: what was said: the asset itself, or the site of a presumption.
        quantity: the most that lay at ``place`` then; None: nobody said how much.
        presumed: `PRESUMED` is the reason; not of a vehicle with one body.
    """

    lot: str
    place: str
    from_ms: int
    to_ms: int
    quantity: float | None
    presumed: bool


class Consignee(msgspec.Struct, frozen=True, gc=False):
    """A site that received some of a lot.

    Attributes:
        operator: who answered for the site then.
        first_ms, last_ms: when the first and the last of it came.
        quantity: how much came in all, None: some of it uncounted.
        lying: how much is there now, None: uncounted.
    """

    lot: str
    site: str
    operator: str
    first_ms: int
    last_ms: int
    quantity: float | None
    lying: float | None
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """The goods of an excursion.

    Attributes:
        there: what lay in the asset while it lasted, certain ones first.
        became: lots that came out of these since it began.
        lying: lot → where it lies now, of all of them. ``received``: by whom, by site and lot.
    """

    there: list[Presence]
    became: list[str]
    lying: dict[str, list[Stay]]
    received: list[Consignee]


def affected(reader: GoodsReader, registry: Registry, asset: str, from_ms: int, to_ms: int, now_ms: int) -> Affected:
    """Return the goods that an asset's temperature within [from, to) concerns, where they are and who received them."""
    there = lots_in_asset(reader, registry, asset, from_ms, to_ms)
    lots = {one.lot for one in there}
    became = reader.descendants(lots, from_ms)
    every = lots | became
    lying = reader.lying(every, now_ms)
    return Affected(there, sorted(became), lying, _consignees(reader, registry, every, lying, now_ms))


def site_of(registry: Registry, place: str, at_ms: int) -> str:
    """Return the site of a place at a time; empty for nowhere and for an unknown asset."""
    if place.startswith(SITE):
        return place.removeprefix(SITE)
    return registry.site_at(place.removeprefix(ASSET), at_ms) if place.startswith(ASSET) else ""


def storage_in(registry: Registry, asset: str, at_ms: int) -> Storage | None:
    """Return what an asset stores: by the product profiles of its points, else by its kind; None for a tank."""
    kind = registry.kind_of(asset)
    if kind in TANKS:
        return None
    profiles = (registry.product_at(point.profile, at_ms) for point in registry.points_of(asset) if point.profile)
    said = next((product.storage for product in profiles if product is not None), None)
    return said or ("frozen" if kind in FREEZERS else "chilled")


def storage_of(registry: Registry, known: KnownLot, at_ms: int) -> Storage:
    """Return how a lot is stored: as its product profile says; chilled where there is none."""
    product = registry.product_at(known.lot.product, at_ms)
    return "chilled" if product is None else product.storage


def fits(registry: Registry, known: KnownLot, site: str, stored: Storage | None, at_ms: int) -> bool:
    """Say whether what an asset of a site stores is such goods as a lot; a tank on a vehicle takes what is on board."""
    return is_vehicle(registry, site) if stored is None else stored == storage_of(registry, known, at_ms)


def is_vehicle(registry: Registry, site: str) -> bool:
    """Say whether a site moves."""
    return site in registry.sites and registry.sites[site].kind == "vehicle"


def presumed_in(registry: Registry, known: KnownLot, stay: Stay) -> Iterator[tuple[str, int, int]]:
    """Yield (asset, from, to) of each asset of a site in which a lot that lies there is presumed."""
    site, until_ms = stay.place.removeprefix(SITE), _until(known, stay)
    for asset, from_ms, to_ms in registry.stays_at(site):
        begin_ms, end_ms = max(from_ms, stay.from_ms), min(to_ms, until_ms)
        if begin_ms < end_ms and fits(registry, known, site, storage_in(registry, asset, begin_ms), begin_ms):
            yield asset, begin_ms, end_ms


def is_certain(registry: Registry, known: KnownLot, stay: Stay) -> bool:
    """Say whether a lot on board of a vehicle can lie in one body only."""
    if not is_vehicle(registry, stay.place.removeprefix(SITE)):
        return False
    return len({asset for asset, _, _ in presumed_in(registry, known, stay)}) == 1


def lots_in_asset(reader: GoodsReader, registry: Registry, asset: str, from_ms: int, to_ms: int) -> list[Presence]:
    """Return the lots that lay in an asset within [from, to), certain ones first, each once a place."""
    return _once(presences(reader, registry, asset, from_ms, to_ms))


def within(found: Iterable[Presence], from_ms: int, to_ms: int) -> list[Presence]:
    """Return of what lay in an asset what did within [from, to), certain ones first, each once a place."""
    there = (one for one in found if one.from_ms < to_ms and from_ms < one.to_ms)
    cut = (
        msgspec.structs.replace(one, from_ms=max(one.from_ms, from_ms), to_ms=min(one.to_ms, to_ms)) for one in there
    )
    return _once(cut)


def presences(reader: GoodsReader, registry: Registry, asset: str, from_ms: int, to_ms: int) -> list[Presence]:
    """Return the lots that lay in an asset within [from, to), one presence each quantity."""
    there = [
        Presence(lot, stay.place, max(stay.from_ms, from_ms), min(stay.to_ms, to_ms), stay.quantity, False)
        for lot, stay in reader.stays_in([ASSET + asset], from_ms, to_ms)
    ]
    for site, begin_ms, end_ms in registry.stays_of(asset):
        begin_ms, end_ms = max(begin_ms, from_ms), min(end_ms, to_ms)
        if begin_ms < end_ms:
            there += list(_at_site(reader, registry, asset, site, begin_ms, end_ms))
    return there


def _at_site(
    reader: GoodsReader, registry: Registry, asset: str, site: str, from_ms: int, to_ms: int
) -> Iterator[Presence]:
    stored = storage_in(registry, asset, from_ms)
    stays = reader.stays_in([SITE + site], from_ms, to_ms)
    lots = reader.lots_named(lot for lot, _ in stays)
    for lot, stay in stays:
        begin_ms, end_ms = max(stay.from_ms, from_ms), min(_until(lots[lot], stay), to_ms)
        if begin_ms < end_ms and fits(registry, lots[lot], site, stored, begin_ms):
            presumed = not is_certain(registry, lots[lot], stay)
            yield Presence(lot, stay.place, begin_ms, end_ms, stay.quantity, presumed)


def _until(known: KnownLot, stay: Stay) -> int:
    return stay.to_ms if known.expires_ms is None else min(stay.to_ms, known.expires_ms)


def _once(found: Iterable[Presence]) -> list[Presence]:
    return sorted(_joined(found), key=lambda one: one.presumed)


def _joined(found: Iterable[Presence]) -> list[Presence]:
    """Return stays that differ only in quantity as one, with the most that lay there."""
    joined: dict[tuple[str, str], Presence] = {}
    for one in found:
        known = joined.get((one.lot, one.place))
        if known is not None:
            counts = (known.quantity, one.quantity)
            most = None if None in counts else max(count for count in counts if count is not None)
            presumed = known.presumed and one.presumed
            one = Presence(one.lot, one.place, known.from_ms, max(known.to_ms, one.to_ms), most, presumed)
        joined[one.lot, one.place] = one
    return list(joined.values())


def lots_at_site(reader: GoodsReader, registry: Registry, site: str, at_ms: int) -> dict[str, list[Stay]]:
    """Return lot → where it lies at a site at a time: at the site itself, or in one of its assets."""
    assets = [ASSET + asset for asset, from_ms, to_ms in registry.stays_at(site) if from_ms <= at_ms < to_ms]
    found: dict[str, list[Stay]] = {}
    for lot, stay in reader.stays_in([SITE + site, *assets], at_ms, at_ms + 1):
        found.setdefault(lot, []).append(stay)
    return found


def consignees(reader: GoodsReader, registry: Registry, lots: Iterable[str], now_ms: int) -> list[Consignee]:
    """Return who received some lots, by site and lot.

    Every place on land counts to which a lot came from elsewhere: with a delivery, to a shop, or from another site.
    What is carried from one place of a site to another is received once.
    """
    names = sorted(set(lots))
    return _consignees(reader, registry, names, reader.lying(names, now_ms), now_ms)


def _consignees(
    reader: GoodsReader, registry: Registry, lots: Iterable[str], lying: Mapping[str, list[Stay]], now_ms: int
) -> list[Consignee]:
    found: list[Consignee] = []
    operators: dict[str, list[Held]] = {}
    for lot, arrivals in reader.arrivals(lots).items():  # lot by lot: 20,000 lists kept alive cost a third of the time
        there: dict[str, list[float | None]] = {}
        for stay in lying.get(lot, ()):
            there.setdefault(site_of(registry, stay.place, now_ms), []).append(stay.quantity)
        came: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            site = site_of(registry, arrival.place, arrival.at_ms)
            if _received(registry, site, arrival, still_there=site in there):
                came.setdefault(site, []).append(arrival)
        for site, own in came.items():
            if site not in operators:
                operators[site] = registry.operators_of(site)
            found.append(
                Consignee(
                    lot,
                    site,
                    at(operators[site], own[0].at_ms),
                    own[0].at_ms,
                    own[-1].at_ms,
                    total(arrival.quantity for arrival in own),
                    total(there.get(site, ())),
                    tuple(dict.fromkeys(arrival.paper for arrival in own if arrival.paper)),
                )
            )
    return sorted(found, key=lambda one: (one.site, one.lot))


def _received(registry: Registry, site: str, arrival: Arrival, *, still_there: bool) -> bool:
    known = registry.sites.get(site)
    kind = "" if known is None else known.kind
    if not site or kind == "vehicle":
        return False
    if arrival.how == CHANGED:  # not received, but packed anew in the shop, and to be found there
        return kind == "shop" and still_there
    if arrival.came_from in (NOWHERE, UNKNOWN):
        return arrival.how == "delivery" or kind == "shop"
    return site_of(registry, arrival.came_from, arrival.at_ms) != site


def total(quantities: Iterable[float | None]) -> float | None:
    """Return a sum, None as soon as one of them was not counted.

    >>> total([2.0, 3.0]), total([2.0, None]), total([])
    (5.0, None, 0.0)
    """
    summed = 0.0
    for quantity in quantities:
        if quantity is None:
            return None
        summed += quantity
    return summed
