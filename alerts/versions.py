"""What a point is judged by, and from when: everything that may change it, each from its own measured time.

::

    profile, kind of asset, place, label, own normal, rule by hand ─▶ `alerts.profiled` ─┐
    kind of asset, activity ─▶ `alerts.switchrules` ─────────────────────────────────────┼▶ Version (from, limits, word)
    activity without goods, site closed ─▶ nothing ──────────────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from alerts.profiled import temperature, without_goods
from alerts.records import Lane
from alerts.rules import Version
from alerts.switchrules import battery, nothing, set_point, switch
from coldchain.registry import WITH_GOODS, Point, Registry

Build = Callable[[Registry, Point, str, int], Version | None]
"""From registry, point, the site where its asset stands, and a time to what holds then."""

JUDGED: Mapping[str, Build] = {
    "temperature": temperature,
    "door": switch(Lane.HIGH, 1.0, "door_left_open"),
    "mains": switch(Lane.LOW, 0.0, "mains_lost"),
    "unit": switch(Lane.LOW, 0.0, "unit_off"),
    "set-point": set_point,
    "battery": battery,
    "defrost": nothing,
    "speed": nothing,
}
"""Quantity → what judges it."""

NAMES: Mapping[tuple[str, Lane], str] = {
    ("door", Lane.HIGH): "door-open",
    ("mains", Lane.LOW): "mains-lost",
    ("unit", Lane.LOW): "unit-off",
    ("set-point", Lane.HIGH): "set-point-wrong",
    ("set-point", Lane.LOW): "set-point-wrong",
    ("battery", Lane.LOW): "battery-low",
}
"""(Quantity, lane) → what people call it where the lane's own word says too little."""


def versions_of(registry: Registry, point: Point) -> list[Version]:
    """Return what a point is judged by, rising by time; neighbours that say the same are one."""
    versions: list[Version] = []
    for from_ms in sorted(_starts(registry, point)):
        version = version_at(registry, point, from_ms)
        if version is None:
            continue
        if versions and replace(version, from_ms=versions[-1].from_ms) == versions[-1]:
            continue
        versions.append(version)
    return versions


def version_at(registry: Registry, point: Point, at_ms: int) -> Version | None:
    """Return what holds at a point from one of its starts on, None before anything does."""
    site = registry.site_at(point.asset, at_ms)
    if registry.activity_at(point.asset, at_ms) not in WITH_GOODS or registry.is_closed(site, at_ms):
        return without_goods(registry, point, at_ms)
    return JUDGED[point.quantity](registry, point, site, at_ms)


def _starts(registry: Registry, point: Point) -> Iterator[int]:
    """Yield every time at which something that a point is judged by may change."""
    kind = registry.kind_of(point.asset)
    yield 0
    for rule in registry.rules.get(point.id, ()):
        yield rule.effective_from_ms
    for label in registry.labels.get(point.id, ()):
        yield label.effective_from_ms
    for normal in registry.normals.get(point.id, ()):
        yield normal.effective_from_ms
    for versions in (registry.products.get(point.profile, ()), registry.kind_rules.get(kind, ())):
        for version in versions:
            yield version.effective_from_ms
    for state in registry.activities.get(point.asset, ()):
        yield state.from_ms
        if state.to_ms is not None:
            yield state.to_ms
    if point.asset in registry.assignments or registry.site_states:
        for site, from_ms, _ in registry.stays_of(point.asset):
            yield max(from_ms, 0)
            for said in registry.site_states.get(site, ()):
                yield said.from_ms
