"""标签贮存条件: the label on what lies at a point changes, and which limits follow from that."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coldchain.errors import ConfigError
from coldchain.profiles import InForce, KindRules, Label, limits_in_force
from coldchain.profiles.structs import DEFAULT, FREEZE_NAMES, LIMIT_NAMES
from coldchain.registry.actions import Plan, Said, looked_up
from coldchain.registry.changes import LabelCondition, Point
from coldchain.registry.fold import Registry
from coldchain.registry.judging_actions import judged_again

COLDEST, WARMEST = -60.0, 60.0
"""°C; no label of a milk product names a temperature outside."""

TARGETS = ("target_low", "target_high")
PAGES = ("product-page", "air-page")
"""Where a kind of asset pages by its own normal: what is told beyond that, by the product and by the air."""

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def change_label(
    registry: Registry,
    point: str,
    at_ms: int,
    now_ms: int,
    *,
    low_celsius: float | None = None,
    high_celsius: float | None = None,
    words: str = "",
) -> Plan:
    """Put the storage condition printed on the label; it goes before every profile's target.

    Args:
        words: as printed, ``2-6℃ 冷藏``; without them the numbers.
    """
    place = _judged_place(registry, point)
    ends = [end for end in (low_celsius, high_celsius) if end is not None]
    if not ends:
        raise ConfigError("a label names an end: give --low or --high; --none when there is no label any more")
    wrong = [end for end in ends if not COLDEST <= end <= WARMEST]
    if wrong:
        raise ConfigError(f"{wrong[0]:g} °C is outside {COLDEST:g} to {WARMEST:g} °C: look at the label again")
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise ConfigError(f"--low {ends[0]:g} is not below --high {ends[1]:g}: swapped?")
    said = _printed(low_celsius, high_celsius)
    put = LabelCondition(point, at_ms, low_celsius, high_celsius, words.strip() or said)
    says = [Said("label", {"point": point, "words": put.words, "celsius": said})]
    if not _names(words, ends):
        says.append(Said("label-words-differ", {"words": put.words, "celsius": said}))
    return Plan((put,), (*says, *_follows(registry, place, at_ms, put), *judged_again(at_ms, now_ms)))


def remove_label(registry: Registry, point: str, at_ms: int, now_ms: int) -> Plan:
    """Say that no label holds at a point any more: the profile's own target does."""
    place = _judged_place(registry, point)
    known = registry.label_at(point, at_ms)
    if known is None or _label(known) is None:
        raise ConfigError(f"{point} has no label then: its limits are the profile's already")
    put = LabelCondition(point, at_ms)
    says = [Said("no-label", {"point": point, "words": known.words})]
    return Plan((put,), (*says, *_follows(registry, place, at_ms, put), *judged_again(at_ms, now_ms)))


def _judged_place(registry: Registry, point: str) -> Point:
    place: Point = looked_up(registry.points, point, "point")
    if place.quantity != "temperature":
        raise ConfigError(f"{point} measures {place.quantity}: a label names a temperature")
    return place


def _printed(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g} °C"
    return f"≥ {low:g} °C" if high is None else f"{low:g}…{high:g} °C"


def _names(words: str, ends: list[float]) -> bool:
    """Say whether the words name the same numbers; a dash may be a minus, so signs do not count."""
    named = {float(number) for number in NUMBER.findall(words)}
    return not named or all(abs(end) in named for end in ends)


def _label(said: LabelCondition | None) -> Label | None:
    if said is None or (said.low_celsius is None and said.high_celsius is None):
        return None
    return Label(said.low_celsius, said.high_celsius, said.words)


def _follows(registry: Registry, place: Point, at_ms: int, put: LabelCondition) -> list[Said]:
    """Say each limit before and after."""
    asset = registry.assets.get(place.asset)
    kind = registry.kind_rules_at(asset.kind, at_ms) if asset is not None else None
    product = registry.product_at(place.profile, at_ms) if place.profile else None
    if kind is None or product is None:
        return [Said("label-unjudged", {"point": place.id})]
    if place.position in kind.information:
        return [Said("information-only", {"point": place.id, "position": place.position})]
    site = registry.sites.get(registry.site_at(place.asset, at_ms))
    jurisdiction = DEFAULT if site is None else site.jurisdiction
    labels = _label(registry.label_at(place.id, at_ms)), _label(put)
    before, after = (
        _numbers(limits_in_force(product, kind, place.position, jurisdiction, label), kind, registry, place, at_ms)
        for label in labels
    )
    says = [
        Said(f"limit-{name}", {"celsius": _step(before.get(name), after.get(name))})
        for name in (*LIMIT_NAMES, *PAGES)
        if name in before or name in after
    ]
    if registry.rule_at(place.id, at_ms) is not None:
        says.append(Said("by-hand-stays", {"point": place.id}))
    return says


def _numbers(force: InForce, kind: KindRules, registry: Registry, place: Point, at_ms: int) -> Mapping[str, float]:
    """Return what a point is judged by, of that which a label can move."""
    limits = {name: chosen.value for name, chosen in force.limits.items()}
    by_hand = registry.rule_at(place.id, at_ms) is not None
    if not by_hand and kind.own_margin is None:
        return limits
    kept = TARGETS if by_hand else (*TARGETS, *FREEZE_NAMES)
    numbers = {name: limits[name] for name in kept if name in limits}
    normal = registry.normal_at(place.id, at_ms)
    if by_hand or "target_high" not in limits or (normal is not None and normal.weak):
        return numbers
    air = kind.air_over if normal is not None and normal.levels else kind.learning_over
    for name, over in zip(PAGES, (kind.product_over, air), strict=True):
        if over is not None:
            numbers[name] = round(limits["target_high"] + over.kelvin, 6)
    return numbers


def _step(before: float | None, after: float | None) -> str:
    was, now = ("–" if number is None else f"{number:g}" for number in (before, after))
    return now if was == now else f"{was} → {now}"
