"""`/api/v1/recalls/{recall}/sites/{site}`: what one site has to take off sale, in the words of the packs."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from coldchain.custody.recalls import Recall
from coldchain.goods.reader import KnownLot
from coldchain.goods.where import lots_at_site, total
from coldchain.profiles import Product
from dashboards import recall_models as models
from dashboards.lot_standing import products_of
from dashboards.lots import short
from dashboards.problems import Problem
from dashboards.recalls import book_of, fields_of, task_of
from dashboards.sources import Sources


def router(sources: Sources) -> APIRouter:
    """Return the address over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/recalls/{recall}/sites/{site}")
    def stop_sale(recall: str, site: str) -> models.StopSale:
        """The task of one site: which packs, how many should lie there now, what it confirmed."""
        book = book_of(sources, recall)
        task = task_of(sources, book, site)
        if task is None:
            raise Problem(404, "no such task", f"{site!r:.80} has no task in {recall}")
        registry, now_ms = sources.registry(), sources.clock.now_ms()
        assert book.began is not None
        assert isinstance(book.began.put, Recall)
        wanted = {*book.began.put.lots, *sources.goods.descendants(book.began.put.lots)}
        there = lots_at_site(sources.goods, registry, site, now_ms)
        concerned = {*wanted & there.keys(), *(one.lot for one in task.lots)}
        known = sources.goods.lots_named(concerned)
        names = {one.id: one for one in products_of(registry, now_ms)}
        packs = [
            _pack(known[name], names, total(stay.quantity for stay in there.get(name, ()))) for name in sorted(known)
        ]
        return models.StopSale(**fields_of(sources, book), task=task, packs=packs, demo=sources.demo)

    return api


def _pack(known: KnownLot, names: Mapping[str, Product], lying: float | None) -> models.RecallPack:
    product = names.get(known.lot.product)
    zh, en = (product.zh, product.en) if product else (known.lot.product, known.lot.product)
    return models.RecallPack(**short(known), zh=zh, en=en, lying=lying)
