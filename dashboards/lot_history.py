"""`/api/v1/lots/{lot}/history` and the first-expired list of a site: what goods went through, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query

from coldchain.clock import rfc3339
from coldchain.goods.fold import Stay
from coldchain.goods.history import ESTIMATE, Histories, Hole, Measured, Past, Remaining, remaining
from coldchain.goods.reader import KnownLot
from coldchain.goods.routes import Route, Routes
from coldchain.goods.where import lots_at_site, site_of, total
from coldchain.registry import Registry
from coldchain.registry.intervals import FOREVER_MS
from dashboards import lot_models as models
from dashboards.api import Cursor, Limit
from dashboards.lot_standing import is_found, products_named, standings
from dashboards.lots import Search, known_lot, short
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.reading import bucket_ms_for
from dashboards.sources import Sources

MINUTES_AN_HOUR = 60.0

MOST_DUE = 500
"""Lots of a page of the first-expired list: each of them is measured from where it was made."""


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/lots/{lot}/history")
    def history(
        lot: str,
        place: Annotated[
            str | None, Query(description="asset: or site: and an id; default: where most of it lies")
        ] = None,
        buckets: Annotated[int, Query(ge=1, le=2000, description="at most about this many on the whole way")] = 600,
    ) -> models.LotHistory:
        """What a lot went through on its way to a place: one series, every hole, minutes out, dose, what is left."""
        return history_of(sources, known_lot(sources, lot), place, buckets)

    @api.get("/sites/{site}/first-expired")
    def first_expired(site: str, search: Search = "", limit: Limit = 100, cursor: Cursor = None) -> Page[models.LotDue]:
        """Lots that lie at a site, in the order in which they should leave by what is left of them: an estimate."""
        if site not in sources.registry().sites:
            raise Problem(404, "no such site", f"there is no site {site!r:.80}; GET /api/v1/sites lists all")
        return due_at(sources, site, search, min(limit, MOST_DUE), cursor)

    return api


def history_of(sources: Sources, known: KnownLot, place: str | None, buckets: int) -> models.LotHistory:
    """Return a lot's history on its way to a place.

    Raises:
        Problem: 404: it never lay there.
    """
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    routes = Routes(sources.goods)
    name = known.lot.id
    last = [one for one in routes.presences(name) if one[1] < now_ms]
    if place is None:
        place = _main_place(sources.goods.stays([name]).get(name, []), now_ms)
    ends = max((to_ms for where, _, to_ms in last if where == place), default=None)
    if ends is None:
        detail = f"{name} never lay at {place!r:.80}" if place else f"nobody says where {name} was"
        raise Problem(404, "no such history", detail)
    ways = routes.to(name, place, ends)
    histories = Histories(sources.goods, registry, sources.series, now_ms)
    histories.prepare([(known, ways)])
    past = histories.worst(known, ways)
    assert past is not None  # it lay there
    bucket_ms = bucket_ms_for(past.legs[0].leg.from_ms, min(ends, now_ms), buckets)
    product = registry.product_at(known.lot.product, now_ms)
    own = [leg for leg in past.legs if leg.leg.same_goods]
    return models.LotHistory(
        lot=name,
        place=place,
        places=_places(last),
        ways=len(ways),
        bucket_s=bucket_ms // 1000,
        legs=[_leg(registry, leg, bucket_ms) for leg in past.legs],
        gaps=[_hole(gap) for gap in past.gaps],
        unknown_h=past.unknown_h,
        above_min=sum(leg.above_h for leg in own) * MINUTES_AN_HOUR,
        below_min=sum(leg.below_h for leg in own) * MINUTES_AN_HOUR,
        dose_h=past.dose,
        dose_model=past.model,
        remaining=_remaining(remaining(known, product, past, now_ms)),
        demo=sources.demo,
    )


def due_at(sources: Sources, site: str, search: str, limit: int, cursor: str | None) -> Page[models.LotDue]:
    """Return a page of the lots at a site by what is left of them, those of which nothing says it last."""
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    there = lots_at_site(sources.goods, registry, site, now_ms)
    known = sources.goods.lots_named(there)
    if search:
        products = products_named(registry, search, now_ms)
        there = {name: stays for name, stays in there.items() if is_found(known[name], search, products)}
    routes = Routes(sources.goods)
    routes.know(there)
    ways = {name: _ways(routes, name, stays, now_ms) for name, stays in there.items()}
    histories = Histories(sources.goods, registry, sources.series, now_ms)
    histories.prepare([(known[name], some) for name, some in ways.items()])
    held = {
        name
        for name, holds in sources.goods.holds(there).items()
        if any(not hold.decision and hold.place in ("", *(stay.place for stay in there[name])) for hold in holds)
    }
    rows = []
    for name, some in ways.items():
        past = histories.worst(known[name], some)
        assert past is not None  # it lies there
        left = remaining(known[name], registry.product_at(known[name].lot.product, now_ms), past, now_ms)
        first_ms = left.until_ms if left else known[name].expires_ms or FOREVER_MS
        lying = total(stay.quantity for stay in there[name])
        rows.append((first_ms, name, lying, past, left))
    rows.sort(key=lambda row: row[:2])
    names = [row[1] for row in rows]
    begin = names.index(cursor) + 1 if cursor in names else 0
    shown = rows[begin : begin + limit]
    stand = standings(sources, (row[1] for row in shown))
    return Page(
        items=[_due(known[name], stand[name], lying, name in held, past, left) for _, name, lying, past, left in shown],
        next=shown[-1][1] if len(rows) > begin + limit else None,
    )


def _ways(routes: Routes, name: str, stays: Iterable[Stay], now_ms: int) -> list[Route]:
    """Return the ways to everywhere that a lot lies at a site, up to now."""
    places = {stay.place for stay in stays}
    return [
        route
        for place, from_ms, to_ms in routes.presences(name)
        if place in places and from_ms <= now_ms < to_ms
        for route in routes.to(name, place, to_ms)
    ]


def _main_place(stays: Iterable[Stay], now_ms: int) -> str:
    """Return where most of a lot lies, else where it was last."""
    past = [stay for stay in stays if stay.from_ms < now_ms]
    best = max(past, key=lambda stay: (min(stay.to_ms, now_ms), stay.quantity or 0.0, stay.place), default=None)
    return "" if best is None else best.place


def _places(presences: Iterable[tuple[str, int, int]]) -> list[str]:
    return sorted({place for place, _, _ in presences})


def _leg(registry: Registry, one: Measured, bucket_ms: int) -> models.LotLeg:
    leg = one.leg
    return models.LotLeg(
        lot=leg.lot,
        same_goods=leg.same_goods,
        place=leg.place,
        site=site_of(registry, leg.place, leg.from_ms),
        from_=rfc3339(leg.from_ms),
        to=None if leg.to_ms == FOREVER_MS else rfc3339(leg.to_ms),
        presumed=one.presumed,
        asset=one.asset,
        point=one.point,
        why=one.why,
        low_celsius=one.condition.low_celsius,
        high_celsius=one.condition.high_celsius,
        condition_source=one.condition.source,
        estimated=one.estimated,
        resolution_s=one.resolution_ms // 1000,
        items=_buckets(one, bucket_ms),
        holes=[_hole(hole) for hole in one.holes],
        held_min=one.held_h * MINUTES_AN_HOUR,
        above_min=one.above_h * MINUTES_AN_HOUR,
        below_min=one.below_h * MINUTES_AN_HOUR,
        peak=one.peak,
        lowest=one.lowest,
        dose_h=one.dose,
    )


def _buckets(one: Measured, bucket_ms: int) -> list[models.LotBucket]:
    starts, first, counts = np.unique(one.at_ms // bucket_ms * bucket_ms, return_index=True, return_counts=True)
    if not len(starts):
        return []
    lows, highs = np.minimum.reduceat(one.celsius, first), np.maximum.reduceat(one.celsius, first)
    means = np.add.reduceat(one.celsius, first) / counts
    columns = zip(starts.tolist(), counts.tolist(), lows.tolist(), highs.tolist(), means.tolist(), strict=True)
    return [
        models.LotBucket(start=rfc3339(start), count=count, min=low, max=high, mean=mean)
        for start, count, low, high, mean in columns
    ]


def _hole(hole: Hole) -> models.LotHole:
    return models.LotHole(from_=rfc3339(hole.from_ms), to=rfc3339(hole.to_ms), why=hole.why)


def _remaining(left: Remaining | None) -> models.LotRemaining | None:
    if left is None:
        return None
    return models.LotRemaining(
        label_life_h=left.label_life_h,
        used_h=left.used_h,
        left_h=left.left_h,
        estimated_until=rfc3339(left.until_ms),
        words_zh=ESTIMATE[0],
        words_en=ESTIMATE[1],
    )


def _due(
    known: KnownLot, standing: dict[str, Any], lying: float | None, held: bool, past: Past, left: Remaining | None
) -> models.LotDue:
    return models.LotDue(
        **short(known),
        **standing,
        lying=lying,
        held=held,
        dose_h=past.dose,
        dose_model=past.model,
        unknown_h=past.unknown_h,
        left_h=None if left is None else left.left_h,
        estimated_until=None if left is None else rfc3339(left.until_ms),
        words_zh=ESTIMATE[0],
        words_en=ESTIMATE[1],
    )
