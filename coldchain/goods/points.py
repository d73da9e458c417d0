"""Which thermometer of an asset speaks for a lot that lay there, and which condition it was to be kept at."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.custody.goods import Lot
from coldchain.profiles import Limits, Product
from coldchain.profiles.choosing import FELT
from coldchain.profiles.structs import DEFAULT
from coldchain.registry import Point, Registry
from coldchain.registry.intervals import FOREVER_MS

WHY = {
    "product-position": ("产品处或缓冲探头", "a probe in the goods, or in a buffer that follows them"),
    "declared": ("按产品档案判断的测点", "the point that a product profile was declared for"),
    "air": ("空气温度,产品温度为估算", "air only: the product's temperature is an estimate"),
    "none": ("没有温度测点", "the asset has no thermometer"),
}
"""Why a point speaks for the goods, 中文 and English."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The storage condition of a lot at a place, °C, both inside.

    Attributes:
        source: ``lot`` (its own label), ``point`` (a label said there), ``profile``, or empty where there is none.
    """

    low_celsius: float | None = None
    high_celsius: float | None = None
    source: str = ""


def compliance_point(registry: Registry, asset: str, from_ms: int, to_ms: int) -> tuple[Point | None, str]:
    """Return the point that speaks for goods in an asset within [from, to), and why (`WHY`).

    A probe in the goods goes before the point with a product profile, and that before other air. Points that never had
    a probe then do not count, as long as another one had; among equals the first that was registered.
    """
    kind = registry.kind_rules_at(registry.kind_of(asset), from_ms)
    information = () if kind is None else kind.information
    points = [
        point
        for point in registry.points_of(asset)
        if point.quantity == "temperature" and point.position not in information
    ]
    heard = [point for point in points if _bound(registry, point.id, from_ms, to_ms)]
    best = min(heard or points, key=_rank, default=None)
    return best, "none" if best is None else ("product-position", "declared", "air")[_rank(best)]


def _rank(point: Point) -> int:
    return 0 if point.position in FELT else 1 if point.profile else 2


def _bound(registry: Registry, point: str, from_ms: int, to_ms: int) -> bool:
    return any(
        binding.from_ms < to_ms and from_ms < (FOREVER_MS if binding.to_ms is None else binding.to_ms)
        for binding in registry.bindings_of(point)
    )


def condition(registry: Registry, lot: Lot, product: Product | None, point: Point | None, at_ms: int) -> Condition:
    """Return what a lot is to be kept at: as its own label says, else the label at the point, else its profile."""
    if lot.low_celsius is not None or lot.high_celsius is not None:
        return Condition(lot.low_celsius, lot.high_celsius, "lot")
    label = None if point is None else registry.label_at(point.id, at_ms)
    if label is not None and (label.low_celsius is not None or label.high_celsius is not None):
        return Condition(label.low_celsius, label.high_celsius, "point")
    if product is None:
        return Condition()
    site = registry.sites.get(registry.site_at(point.asset, at_ms)) if point else None
    own, default = product.limits.get(site.jurisdiction if site else DEFAULT, Limits()), product.limits[DEFAULT]
    low, high = own.target_low or default.target_low, own.target_high or default.target_high
    return Condition(None if low is None else low.celsius, None if high is None else high.celsius, "profile")
