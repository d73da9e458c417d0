"""`/api/v1/lots` and what goes with it: where goods are, who received them, what people say of them.

What is written goes into the ledger, whole or not at all; what cannot be is refused, each entry with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request

from coldchain.clock import rfc3339
from coldchain.custody.goods import Goods
from coldchain.custody.recalls import Recalling
from coldchain.goods.asking import Asking
from coldchain.goods.fold import Arrival, Departure, Held, Stay, Told
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.reader import Descent, GoodsReader, KnownLot
from coldchain.goods.where import (
    PRESUMED,
    Consignee,
    consignees,
    is_certain,
    lots_at_site,
    lots_in_asset,
    presumed_in,
    site_of,
    total,
)
from coldchain.registry import Change, Registry
from coldchain.registry.intervals import FOREVER_MS
from dashboards import lot_models as models
from dashboards.api import Cursor, Limit
from dashboards.lot_standing import is_found, products_named, products_of, standings
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.refusing import Refused, number_in, refused_page
from dashboards.saying import Body, said_in
from dashboards.sources import Sources

Search = Annotated[
    str, Query(max_length=80, description="only lots whose id, number, GTIN or product has this text in it")
]


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: who says what of goods, and why; each entry as in docs/contracts.md."""

    who: str
    why: str
    entries: list[Goods | Recalling]


def router(sources: Sources) -> APIRouter:
    """Return the addresses of goods over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/lots")
    def lots(
        asset: Annotated[str | None, Query(description="only what lies in this asset now, presumed ones too")] = None,
        site: Annotated[str | None, Query(description="only what lies at this site now")] = None,
        search: Search = "",
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[models.LotWithin]:
        """Lots by id; of an asset or a site those that are there now."""
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        products = products_named(registry, search, now_ms) if search else []
        if asset is not None:
            _there(registry.assets, asset, "asset")
            found = _in_asset(sources.goods, registry, asset, now_ms)
        elif site is not None:
            _there(registry.sites, site, "site")
            found = _at_site(sources.goods, registry, site, now_ms)
        else:
            known = sources.goods.lots(limit=limit + 1, after=cursor or "", search=search, products=products)
            lying = sources.goods.lying((one.lot.id for one in known), now_ms)
            found = [_Within(one, "", total(stay.quantity for stay in lying.get(one.lot.id, ()))) for one in known]
        found = [one for one in found if is_found(one.known, search, products)]
        shown, following = _paged(found, lambda one: one.known.lot.id, limit, cursor)
        stand = standings(sources, (one.known.lot.id for one in shown))
        return Page(items=[_within(one, stand[one.known.lot.id]) for one in shown], next=following)

    @api.get("/products")
    def products() -> Page[models.Product]:
        """What the products of lots are called, by id."""
        known = products_of(sources.registry(), sources.clock.now_ms())
        return Page(items=[models.Product(id=one.id, zh=one.zh, en=one.en) for one in known])

    @api.get("/lots/{lot}")
    def lot(lot: str) -> models.Lot:
        """One lot: where it was and is, what it came out of and became, who received it, who holds it."""
        return lot_in_full(sources, known_lot(sources, lot))

    @api.post("/goods", status_code=201)
    def say(request: Request, body: Body) -> models.LotPosted:
        """Write what somebody says of goods: all of it, or nothing and the reason for each entry that cannot be."""
        return write(sources, said_in(request, body, Saying))

    @api.get("/holds")
    def holds(limit: Limit = 100, cursor: Cursor = None) -> Page[models.LotHeld]:
        """What is held and waits for somebody's decision, by lot and hold."""
        lot, _, name = (cursor or "").partition("/")
        found = sources.goods.held(limit=limit + 1, after=(lot, name))
        following = f"{found[limit - 1][0]}/{found[limit - 1][1].id}" if len(found) > limit else None
        return Page(items=[held(lot, one) for lot, one in found[:limit]], next=following)

    @api.get("/goods/refused")
    def refused(limit: Limit = 100, cursor: Cursor = None) -> Page[Refused]:
        """Entries that cannot be: kept, and counted again as soon as they can be."""
        after = 0 if cursor is None else number_in(cursor)
        return refused_page(sources.goods.refused(limit=limit + 1, after=after), limit)

    return api


def known_lot(sources: Sources, name: str) -> KnownLot:
    """Return a lot.

    Raises:
        Problem: 404: it is not known.
    """
    found = sources.goods.lot(name)
    if found is None:
        raise Problem(404, "no such lot", f"there is no lot {name!r:.80}; GET /api/v1/lots lists all")
    return found


# -- writing --------------------------------------------------------------------------------------------------


def write(sources: Sources, saying: Saying) -> models.LotPosted:
    """Write what is said into the ledger in one transaction.

    Raises:
        Problem: 422: an entry cannot be; all of them are named, and nothing is written.
    """
    asking = Asking(sources.ledger, sources.goods)
    made, refused = asking.take(sources.registry(), saying.entries, saying.who, saying.why)
    if refused:
        detail = "; ".join(f"entries.{one.number}: {one.refused.reason}: {one.refused.said()}" for one in refused)
        raise Problem(422, "these entries cannot be", detail)
    changes = [Change(put, saying.who, saying.why).encode() for put in made]
    positions = sources.ledger.change(changes, sources.clock.now_ms())
    return models.LotPosted(positions=positions, doubts=[doubt(name, told) for name, told in asking.doubts()])


# -- shapes ---------------------------------------------------------------------------------------------------


def lot_in_full(sources: Sources, known: KnownLot) -> models.Lot:
    """Return everything that is known of where a lot was."""
    reader, registry, now_ms = sources.goods, sources.registry(), sources.clock.now_ms()
    name = known.lot.id
    descendants = reader.descendants([name])
    return models.Lot(
        **short(known),
        **standings(sources, [name])[name],
        stays=[_stay(registry, known, stay, now_ms) for stay in reader.stays([name]).get(name, [])],
        arrivals=[_arrival(one) for one in reader.arrivals([name]).get(name, [])],
        departures=[_departure(one) for one in reader.departures([name]).get(name, [])],
        holds=[held(name, one) for one in reader.holds([name]).get(name, [])],
        doubts=[doubt(name, one) for one in reader.doubts(name)],
        parents=[_parent(one) for one in reader.parents(name)],
        ancestors=sorted(reader.ancestors([name])),
        descendants=sorted(descendants),
        consignees=[received(registry, one) for one in consignees(reader, registry, [name, *descendants], now_ms)],
        presumed_reason=PRESUMED[1],
        demo=sources.demo,
    )


def short(known: KnownLot) -> dict[str, Any]:
    """Return the fields of `models.LotShort`."""
    fields = msgspec.structs.asdict(known.lot)
    return {name: fields[name] for name in models.LotShort.model_fields}


def held(lot: str, one: Held) -> models.LotHeld:
    """Return the shape of a hold."""
    return models.LotHeld(
        lot=lot,
        hold=one.id,
        place=one.place,
        at=rfc3339(one.at_ms),
        who=one.who,
        why=one.why,
        alarm=one.alarm,
        decision=one.decision,
        decided_at=None if one.decided_ms is None else rfc3339(one.decided_ms),
        decided_by=one.decided_by,
        decided_why=one.decided_why,
    )


def received(registry: Registry, one: Consignee) -> models.LotReceived:
    """Return the shape of a site that received some of a lot."""
    site, operator = registry.sites.get(one.site), registry.operators.get(one.operator)
    return models.LotReceived(
        lot=one.lot,
        site=one.site,
        site_name=site.name if site else one.site,
        operator=one.operator,
        operator_name=operator.name if operator else one.operator,
        phone=site.phone if site else "",
        first_at=rfc3339(one.first_ms),
        last_at=rfc3339(one.last_ms),
        quantity=one.quantity,
        lying=one.lying,
        papers=list(one.papers),
    )


def _stay(registry: Registry, known: KnownLot, stay: Stay, now_ms: int) -> models.LotStay:
    there = stay.place.startswith(SITE) and stay.from_ms <= now_ms < stay.to_ms
    return models.LotStay(
        place=stay.place,
        site=site_of(registry, stay.place, stay.from_ms),
        arrived=rfc3339(stay.arrived_ms),
        from_=rfc3339(stay.from_ms),
        to=None if stay.to_ms == FOREVER_MS else rfc3339(stay.to_ms),
        quantity=stay.quantity,
        presumed_in=[
            asset
            for asset, from_ms, to_ms in (presumed_in(registry, known, stay) if there else ())
            if from_ms <= now_ms < to_ms
        ],
    )


def _arrival(one: Arrival) -> models.LotArrival:
    return models.LotArrival(
        at=rfc3339(one.at_ms),
        place=one.place,
        came_from=one.came_from,
        quantity=one.quantity,
        how=one.how,
        trip=one.trip,
        stop=one.stop,
        paper=one.paper,
        lot_change=one.change,
    )


def _departure(one: Departure) -> models.LotDeparture:
    return models.LotDeparture(
        at=rfc3339(one.at_ms), place=one.place, quantity=one.quantity, how=one.how, lot_change=one.change
    )


def doubt(lot: str, one: Told) -> models.LotDoubt:
    """Return the shape of what does not add up."""
    return models.LotDoubt(lot=lot, doubt=one.doubt, at=rfc3339(one.at_ms), place=one.place, quantity=one.quantity)


def _parent(one: Descent) -> models.LotParent:
    return models.LotParent(
        lot=one.parent, lot_change=one.change, kind=one.kind, at=rfc3339(one.at_ms), place=one.parent_place
    )


@dataclass(frozen=True, slots=True)
class _Within:
    """A lot of a list: where, how much of it lies there, None: uncounted, and whether it is presumed there."""

    known: KnownLot
    place: str
    lying: float | None
    presumed: bool = False


def _within(one: _Within, standing: dict[str, Any]) -> models.LotWithin:
    return models.LotWithin(**short(one.known), **standing, place=one.place, lying=one.lying, presumed=one.presumed)


def _in_asset(reader: GoodsReader, registry: Registry, asset: str, now_ms: int) -> list[_Within]:
    there = lots_in_asset(reader, registry, asset, now_ms, now_ms + 1)
    known = reader.lots_named(one.lot for one in there)
    certain = {one.lot for one in there if not one.presumed}
    return [
        _Within(known[one.lot], one.place, one.quantity, one.presumed)
        for one in there
        if not (one.presumed and one.lot in certain)
    ]


def _at_site(reader: GoodsReader, registry: Registry, site: str, now_ms: int) -> list[_Within]:
    there = lots_at_site(reader, registry, site, now_ms)
    known = reader.lots_named(there)
    return [
        _Within(
            known[name],
            SITE + site,
            total(stay.quantity for stay in stays),
            not any(stay.place.startswith(ASSET) or is_certain(registry, known[name], stay) for stay in stays),
        )
        for name, stays in there.items()
    ]


def _paged(
    found: Iterable[_Within], key: Callable[[_Within], str], limit: int, cursor: str | None
) -> tuple[Sequence[_Within], str | None]:
    rows = sorted((row for row in found if cursor is None or key(row) > cursor), key=key)
    return rows[:limit], key(rows[limit - 1]) if len(rows) > limit else None


def _there(known: Any, name: str, what: str) -> None:
    if name not in known:
        raise Problem(404, f"no such {what}", f"there is no {what} {name!r:.80}; GET /api/v1/{what}s lists all")
