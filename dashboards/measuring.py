"""A core temperature that somebody typed: which limit counts, which lots it is of, and what it decides.

::

    alarm or asset ─▶ lots there ─▶ the lowest of their limits ─▶ above: every lot is held, in the same transaction
                                                               └▶ not above: they may be sold; the check is over

The air around goods decides nothing: there is no other way to a hold that nobody said than this reading.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from coldchain.corrective import CoreTemperature
from coldchain.corrective.fold import above_limit
from coldchain.custody.goods import Lot, LotHold
from coldchain.goods.points import Condition, compliance_point, condition
from coldchain.goods.reader import GoodsReader
from coldchain.goods.where import Presence, lots_in_asset
from coldchain.registry import Point, Registry
from dashboards import correction_models as models

WORDS = {
    "may-be-sold": ("可以卖了", "it may be sold"),
    "held": ("先不要卖,等品管决定", "do not sell it until quality decides"),
    "nothing": (
        "没有登记温度限值,这个读数不作决定",
        "nothing says how warm it may be, so this reading decides nothing",
    ),
}
"""What a reading decides, in the words of a shop; 中文 and English."""


def whole(reader: GoodsReader, registry: Registry, put: CoreTemperature) -> CoreTemperature:
    """Return a reading with its limit and the lots that it is of; what the device said of these is not believed."""
    there = present(reader, registry, put)
    keep = _condition(reader, registry, put, there)
    lots = tuple(sorted({one.lot for one in there} | ({put.lot} if put.lot else set())))
    return msgspec.structs.replace(put, limit_celsius=keep.high_celsius, limit_source=keep.source, lots=lots)


def present(reader: GoodsReader, registry: Registry, put: CoreTemperature) -> list[Presence]:
    """Return the lots that lay in the asset when it was measured, certain ones first."""
    return lots_in_asset(reader, registry, put.asset, put.at_ms, put.at_ms + 1) if put.asset else []


def holds(reader: GoodsReader, registry: Registry, put: CoreTemperature) -> list[LotHold]:
    """Return the holds that a reading asks for: where it was too warm, every lot there that nobody holds yet."""
    if not above_limit(put):
        return []
    held = {lot for lot, own in reader.holds(put.lots).items() if any(not one.decision for one in own)}
    places = {one.lot: one.place for one in reversed(present(reader, registry, put))}
    return [LotHold(put.id, lot, put.at_ms, places.get(lot, ""), put.about) for lot in put.lots if lot not in held]


def measured(put: CoreTemperature) -> models.Measured:
    """Return what a reading decided."""
    decided = "nothing" if put.limit_celsius is None else "held" if above_limit(put) else "may-be-sold"
    zh, en = WORDS[decided]
    return models.Measured(
        id=put.id,
        celsius=put.celsius,
        limit_celsius=put.limit_celsius,
        limit_source=put.limit_source,
        decided=decided,
        lots=list(put.lots),
        words_zh=zh,
        words_en=en,
    )


def _condition(reader: GoodsReader, registry: Registry, put: CoreTemperature, there: Iterable[Presence]) -> Condition:
    """Return the condition with the lowest upper end, of the lot that was measured or of all; else of the place."""
    point, _ = compliance_point(registry, put.asset, put.at_ms, put.at_ms + 1) if put.asset else (None, "")
    names = [put.lot] if put.lot else [one.lot for one in there]
    lots = [known.lot for known in reader.lots_named(names).values()]
    profile = point.profile if point is not None else ""
    found = [_kept(registry, lot, point, put.at_ms) for lot in lots or [Lot("", profile, 1.0, "")]]
    limited = [one for one in found if one.high_celsius is not None]
    return min(limited, key=lambda one: one.high_celsius or 0.0, default=Condition())


def _kept(registry: Registry, lot: Lot, point: Point | None, at_ms: int) -> Condition:
    product = registry.product_at(lot.product, at_ms) if lot.product else None
    return condition(registry, lot, product, point, at_ms)
