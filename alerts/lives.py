"""When the goods at a point began to be there: with a load, or with the rule that allows them time out of range."""

from __future__ import annotations

from coldchain.registry import WITH_GOODS, LimitRule, Registry

AT_STOPS = ("unloading", "waiting")
"""A vehicle that is ``loaded`` again behind one of these goes on with the goods of its trip."""


def life_from(registry: Registry, asset: str, rule: LimitRule, at_ms: int) -> int:
    """Return when the life began that holds at a measured time, ms.

    A life begins when a rule with these limits and allowances takes effect, when goods come where none were, and with
    each ``loaded`` that is said of the asset, except behind a stop.

    Args:
        rule: in force at ``at_ms``.
    """
    begun = rule.effective_from_ms
    for earlier in reversed(registry.rules.get(rule.point, ())):
        if earlier.effective_from_ms < begun:
            if _allows(earlier) != _allows(rule):
                break
            begun = earlier.effective_from_ms
    said = registry.activities.get(asset, ())
    moments = {moment for each in said for moment in (each.from_ms, each.to_ms) if moment is not None}
    loads = {each.from_ms for each in said if each.state == "loaded"}
    for moment in sorted((moment for moment in moments if begun < moment <= at_ms), reverse=True):
        before, now = registry.activity_at(asset, moment - 1), registry.activity_at(asset, moment)
        loaded = now == "loaded" and moment in loads and before not in AT_STOPS
        if now in WITH_GOODS and (loaded or before not in WITH_GOODS):
            return moment
    return begun


def _allows(rule: LimitRule) -> tuple[float | None, float | None, int, int]:
    return rule.high_celsius, rule.low_celsius, rule.life_high_s, rule.life_low_s
