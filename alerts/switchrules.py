"""What doors, mains, units, set points and batteries are judged by: kind of asset, and whether goods are on board."""

from __future__ import annotations

import math
from collections.abc import Callable

from alerts.profiled import force_at, seconds
from alerts.records import Lane
from alerts.rules import Level, Limit, Version
from coldchain.profiles import KindRules, version_of
from coldchain.profiles.structs import Minutes
from coldchain.registry import IN_USE, Point, Registry

WHILE_LOADED = ("unit", "set-point")
"""Quantities of a vehicle that are nobody's business while it is empty."""

BATTERY_LOW = 10.0
BATTERY_BAND = 10.0
"""%EL; a cell in the cold recovers by some per cent when it warms. Assumed."""


def switch(lane: Lane, value: float, delay: str) -> Callable[[Registry, Point, str, int], Version | None]:
    """Return the builder of a rule for something that is on or off: too long at ``value``."""

    def build(registry: Registry, point: Point, site: str, at_ms: int) -> Version | None:
        kind = registry.kind_rules_at(registry.kind_of(point.asset), at_ms)
        after: Minutes | None = None if kind is None else getattr(kind, delay)
        if kind is None or after is None:
            return Version(at_ms)
        limit = Limit((Level(_while_loaded(registry, point, kind, at_ms), value, seconds(after)),), 0.5, 0)
        return Version(at_ms, ((lane, limit),), word=f"{kind.id}@{version_of(kind)}", goods=False)

    return build


def _while_loaded(registry: Registry, point: Point, kind: KindRules, at_ms: int) -> str:
    """Return how much a vehicle's unit matters: signals alone cannot tell whether it rides home empty, so where nobody
    says that goods are on board it is a notice, and only on a ride behind a loading (`alerts.assets`)."""
    guessed = (
        point.quantity in WHILE_LOADED
        and kind.parked_after is not None
        and registry.activity_at(point.asset, at_ms) == IN_USE
    )
    return "notice" if guessed else "warning"


def set_point(registry: Registry, point: Point, site: str, at_ms: int) -> Version | None:
    """What a unit is set to must lie in the goods' storage condition, whose ends are inside."""
    kind = registry.kind_rules_at(registry.kind_of(point.asset), at_ms)
    force = force_at(registry, point, at_ms)
    if kind is None or kind.set_point_wrong is None or force is None:
        return Version(at_ms)
    severity, after_s = _while_loaded(registry, point, kind, at_ms), seconds(kind.set_point_wrong)
    limits = [
        (lane, Limit((Level(severity, math.nextafter(end, towards), after_s),), 0.0, 0))
        for lane, name, towards in ((Lane.HIGH, "target_high", math.inf), (Lane.LOW, "target_low", -math.inf))
        if (end := force.celsius(name)) is not None
    ]
    return Version(at_ms, tuple(limits), word=force.rule, goods=False)


def battery(registry: Registry, point: Point, site: str, at_ms: int) -> Version | None:
    limit = Limit((Level("notice", BATTERY_LOW),), BATTERY_BAND, 0)
    return Version(at_ms, ((Lane.LOW, limit),), word="battery", goods=False)


def nothing(registry: Registry, point: Point, site: str, at_ms: int) -> Version | None:
    """A defrost excuses others, a speed says what a vehicle is doing; both are nothing to be told."""
    return Version(at_ms)
