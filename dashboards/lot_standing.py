"""How lots stand now: may they be sold, which recalls concern them, where how much of them lies; and finding them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from coldchain.custody.recalls import Recall
from coldchain.goods.fold import Held
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.goods.where import site_of
from coldchain.profiles import Product, builtin
from coldchain.registry import Registry
from dashboards import lot_models as models
from dashboards.sources import Sources

HELD, PARTLY, FREE = "held", "partly-held", "free"


def standings(sources: Sources, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return lot → the fields of `models.LotStanding`."""
    wanted = list(names)
    reader, registry, now_ms = sources.goods, sources.registry(), sources.clock.now_ms()
    lying, holds = reader.lying(wanted, now_ms), reader.holds(wanted)
    running = list(_running(reader))
    return {
        name: {
            "state": state_of(holds.get(name, ()), {stay.place for stay in lying.get(name, ())}),
            "recalls": [recall.id for recall, lots in running if name in lots and not recall.drill],
            "drills": [recall.id for recall, lots in running if name in lots and recall.drill],
            "lying_at": [
                models.LotLying(place=stay.place, site=site_of(registry, stay.place, now_ms), quantity=stay.quantity)
                for stay in lying.get(name, ())
            ],
        }
        for name in wanted
    }


def state_of(holds: Sequence[Held], places: Set[str]) -> str:
    """Return how a lot stands that lies at some places.

    Returns:
        `HELD` while holds that wait for their decision cover everywhere it lies, `PARTLY` while there are others, else
        the last decision, else `FREE`.
    """
    waiting = {hold.place for hold in holds if not hold.decision}
    if waiting:
        return HELD if "" in waiting or (places and places <= waiting) else PARTLY
    return max(holds, key=lambda hold: hold.decided_ms or 0).decision if holds else FREE


def products_of(registry: Registry, now_ms: int) -> list[Product]:
    """Return every product profile in force, by id."""
    names = sorted({*builtin().products, *registry.products})
    found = (registry.product_at(name, now_ms) for name in names)
    return [product for product in found if product is not None]


def products_named(registry: Registry, search: str, now_ms: int) -> list[str]:
    """Return the ids of products whose name in either language has a text in it, in whatever case."""
    text = search.casefold()
    return [one.id for one in products_of(registry, now_ms) if text in one.zh.casefold() or text in one.en.casefold()]


def is_found(known: KnownLot, search: str, products: Iterable[str]) -> bool:
    """Say whether a lot's id, number, GTIN or product has a text in it, or its product is one of some."""
    lot, text = known.lot, search.casefold()
    return lot.product in products or any(text in one.casefold() for one in (lot.id, lot.number, lot.gtin, lot.product))


def _running(reader: GoodsReader) -> Iterator[tuple[Recall, set[str]]]:
    """Yield each recall that is not over, with its lots and everything that came out of them."""
    for name in reader.recalls():
        book = reader.recall(name)
        put = book.began.put if book.began else None
        if isinstance(put, Recall) and book.ended is None:
            yield put, {*put.lots, *reader.descendants(put.lots)}
