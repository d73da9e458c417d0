"""The demo's goods: milk that became packs, their way to the warehouse, onto the trucks and into the shops.

::

    history begins                                                                                      live
      milk in the tanker ─▶ silo ─▶ packs (transformation) ─▶ cold store ─▶ trucks on their rounds ─▶ shops passed
      older lots in the warehouse ─▶ every shop

Only what people would have said by the start of live is said: what a truck has not delivered yet is on board.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from coldchain.custody import Lot, LotChange, LotPlaced, LotShare, Trip
from coldchain.goods.places import ASSET, CHINA, EPOCH, SITE
from firmware_sim.fleet import Fleet

HOUR_MS = 3_600_000

Goods = Lot | LotPlaced | LotChange


@dataclass(frozen=True, slots=True)
class Pack:
    """What the dairy packs.

    Attributes:
        code: stands in lot ids and numbers. ``life_days``: of the label.
        gtin: of the range for use within a company (prefix 2), so that it is nobody's.
    """

    product: str
    code: str
    life_days: int
    gtin: str


PACKS = (
    Pack("pasteurized", "PM", 7, "2000000000015"),
    Pack("modified_chilled", "CM", 14, "2000000000022"),
    Pack("fermented", "YG", 21, "2000000000039"),
    Pack("esl", "ES", 30, "2000000000046"),
)
DAYS = 4
"""Days of production before the newest."""

MADE, A_SHOP, KG_A_PACK = 1_200, 12, 1.0
"""Packs of a lot, packs of it that a shop gets at once, kg of milk in one: a small dairy, assumed."""


def stock_of(fleet: Fleet, trips: Sequence[Trip], live_ms: int, history_s: int) -> Iterator[Goods]:
    """Yield the goods of a fleet that has a plant and a warehouse with a cold room each, and shops; else nothing."""
    begins_ms = live_ms - history_s * 1000
    cold = [_asset(fleet, "plant", "walk-in-room"), _asset(fleet, "warehouse", "walk-in-room")]
    shops = [site.id for site in fleet.sites if site.kind == "shop"]
    if "" in cold or not shops or history_s < 10 * 3600:
        return
    plant_room, store = cold
    for before in range(1, DAYS + 1):
        for pack in PACKS:
            yield _lot(pack, _day(begins_ms, before))
            yield LotPlaced(_name(pack, _day(begins_ms, before)), ASSET + store, begins_ms, "csv", quantity=MADE)
    for number, shop in enumerate(shops):
        yield from _shelved(fleet, shop, number, store, begins_ms)
    fresh = [_name(pack, _day(begins_ms, 0)) for pack in PACKS]
    yield from _made(fleet, fresh, plant_room, store, begins_ms)
    for trip in trips:
        yield from _delivered(fleet, trip, fresh, store, live_ms)


def _shelved(fleet: Fleet, shop: str, number: int, store: str, begins_ms: int) -> Iterator[Goods]:
    """Yield two older lots that a shop took over, the first of which somebody scanned into a cooler."""
    at_ms = begins_ms + HOUR_MS + number * 60_000
    lots = [
        _name(PACKS[(number + place) % len(PACKS)], _day(begins_ms, 1 + (number // len(PACKS) + place) % DAYS))
        for place in (0, 1)
    ]
    for lot in lots:
        yield LotPlaced(lot, SITE + shop, at_ms, "delivery", quantity=A_SHOP, taken_from=ASSET + store)
    cooler = [asset.id for asset in fleet.assets if asset.site == shop and asset.kind == "glass-door-cooler"]
    if cooler:
        yield LotPlaced(lots[0], ASSET + cooler[-1], at_ms + HOUR_MS, "scan", quantity=A_SHOP, taken_from=SITE + shop)


def _made(fleet: Fleet, fresh: Sequence[str], plant_room: str, store: str, begins_ms: int) -> Iterator[Goods]:
    """Yield how milk became the newest lots, and their way to the warehouse."""
    day = _day(begins_ms, 0)
    milk = f"RM-{day:%y%m%d}"
    kg = MADE * KG_A_PACK * len(fresh)
    tank, silo = _asset(fleet, "vehicle", "tanker"), _asset(fleet, "plant", "plant-silo")
    yield Lot(milk, "raw_milk", kg, "kg", number=milk, produced=day.isoformat())
    where = [ASSET + asset for asset in (tank, silo) if asset] or [ASSET + plant_room]
    for step, place in enumerate(where):
        came_from = where[step - 1] if step else ""
        yield LotPlaced(milk, place, begins_ms + (1 + 2 * step) * HOUR_MS // 2, "api", taken_from=came_from)
    for pack in PACKS:
        yield _lot(pack, day)
    yield LotChange(
        f"pack-{day:%y%m%d}",
        "transformation",
        begins_ms + 5 * HOUR_MS,
        (LotShare(milk, kg, where[-1]),),
        tuple(LotShare(lot, MADE, ASSET + plant_room) for lot in fresh),
    )
    for lot in fresh:
        yield LotPlaced(lot, ASSET + store, begins_ms + 8 * HOUR_MS, "api", taken_from=ASSET + plant_room)


def _delivered(fleet: Fleet, trip: Trip, fresh: Sequence[str], store: str, live_ms: int) -> Iterator[Goods]:
    """Yield what a truck loaded, and what the shops that it passed before live took over."""
    body = next((one.id for one in fleet.assets if one.site == trip.vehicle and one.kind == "reefer"), "")
    left_ms = trip.stops[0].leaves_ms
    if not body or left_ms is None or left_ms > live_ms:
        return
    shops = sum(stop.purpose == "unload" for stop in trip.stops)
    for lot in fresh:
        yield LotPlaced(
            lot, ASSET + body, left_ms, "trip", quantity=shops * A_SHOP, taken_from=ASSET + store, trip=trip.id, stop=0
        )
    for place, stop in enumerate(trip.stops):
        at_ms = stop.leaves_ms
        if stop.purpose != "unload" or at_ms is None or at_ms > live_ms:
            continue
        for lot in fresh:
            yield LotPlaced(
                lot, SITE + stop.site, at_ms, "delivery", quantity=A_SHOP, taken_from=ASSET + body, trip=trip.id,
                stop=place,
            )  # fmt: skip


def _asset(fleet: Fleet, site_kind: str, kind: str) -> str:
    """Return the first asset of a kind at a site of a kind; empty for none."""
    sites = {site.id for site in fleet.sites if site.kind == site_kind}
    return next((asset.id for asset in fleet.assets if asset.kind == kind and asset.site in sites), "")


def _lot(pack: Pack, day: date) -> Lot:
    return Lot(
        _name(pack, day), pack.product, MADE, "件", gtin=pack.gtin, number=f"{day:%Y%m%d}{pack.code}",
        produced=day.isoformat(), expires=(day + timedelta(days=pack.life_days)).isoformat(),
        low_celsius=2.0, high_celsius=6.0, label="2-6℃ 冷藏",
    )  # fmt: skip


def _name(pack: Pack, day: date) -> str:
    return f"{pack.code}-{day:%y%m%d}"


def _day(begins_ms: int, before: int) -> date:
    """Return the day of production in China: that on which the history begins, or so many days before."""
    return (EPOCH + timedelta(milliseconds=begins_ms)).astimezone(CHINA).date() - timedelta(days=before)
