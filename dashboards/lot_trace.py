"""`/api/v1/lots/{lot}/trace`: from a lot back to every asset, trip and hand-over."""

from __future__ import annotations

from fastapi import APIRouter

from coldchain.clock import rfc3339
from coldchain.goods.tracing import HandOver, trace
from coldchain.registry import Registry
from dashboards import trace_models as models
from dashboards.lots import known_lot
from dashboards.sources import Sources


def router(sources: Sources) -> APIRouter:
    """Return the address over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/lots/{lot}/trace")
    def lot_trace(lot: str) -> models.LotTrace:
        """Every asset, trip and hand-over of a lot and of the lots that it came out of, by time."""
        return _trace(sources, lot)

    return api


def _trace(sources: Sources, name: str) -> models.LotTrace:
    unit, registry = known_lot(sources, name).lot.unit, sources.registry()
    found = trace(sources.goods, registry, name, sources.clock.now_ms())
    known = sources.goods.lots_named(found.lots)
    return models.LotTrace(
        lot=name,
        unit=unit,
        lots=[
            models.TracedLot(lot=lot, product=known[lot].lot.product if lot in known else "", until=rfc3339(until_ms))
            for lot, until_ms in found.lots.items()
        ],
        assets=[
            models.TracedAsset(
                lot=one.lot, asset=one.asset, site=one.site, from_=rfc3339(one.from_ms), to=rfc3339(one.to_ms),
                presumed=one.presumed,
            )
            for one in found.assets
        ],
        trips=[
            models.TracedTrip(
                lot=one.lot, trip=one.trip, vehicles=list(one.vehicles), loaded=rfc3339(one.loaded_ms),
                unloaded=None if one.unloaded_ms is None else rfc3339(one.unloaded_ms),
            )
            for one in found.trips
        ],
        hand_overs=[_hand_over(registry, one) for one in found.hand_overs],
        demo=sources.demo,
    )  # fmt: skip


def _hand_over(registry: Registry, one: HandOver) -> models.TracedHandOver:
    names = {
        site: registry.sites[site].name if site in registry.sites else site for site in (one.from_site, one.to_site)
    }
    return models.TracedHandOver(
        lot=one.lot,
        at=rfc3339(one.at_ms),
        from_site=one.from_site,
        from_site_name=names[one.from_site],
        from_operator=one.from_operator,
        to_site=one.to_site,
        to_site_name=names[one.to_site],
        to_operator=one.to_operator,
        quantity=one.quantity,
        how=one.how,
        trip=one.trip,
        paper=one.paper,
    )
