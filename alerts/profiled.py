"""What a temperature is judged by: profile, kind of asset, label, place, rule by hand, what is usual there.

::

    product profile ─┐
    jurisdiction ────┼▶ limits in force ─┐
    label, position ─┘                   ├▶ lanes ─▶ Version
    kind of asset ──▶ delays, own normal ┤
    rule by hand ──▶ instead of pages ───┘

A rule by hand says when to page in place of the profile's lanes; the profile still says what goes into the record.
Never critical from air alone: an air probe's lanes stop at a warning, the product's estimate may go on.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import replace

from alerts.lives import life_from
from alerts.records import LEVELS, Grade, Lane
from alerts.records import EndReason as End
from alerts.rules import Level, Limit, Plausible, Version, Wash, allowance_by_hand, limits_by_hand
from coldchain.profiles import InForce, KindRules, Label, Product, limits_in_force, version_of
from coldchain.profiles.choosing import FELT, Chosen
from coldchain.profiles.structs import DEFAULT, Jurisdiction, Kelvin, Minutes
from coldchain.registry import LOADED, LabelCondition, Normal, Point, Registry

KEPT = (Lane.RECORD_HIGH, Lane.RECORD_LOW, Lane.FAULT, Lane.WASHING)
"""What a rule by hand leaves to profile and kind: the record, and whether there is a temperature at all."""

CONFIRMED = "confirmed_high"

EXACT = 6
"""Decimals kept of a sum of limits."""

STUCK_S = 3 * 3600
STUCK_SAMPLES = 22
"""With `alerts.records.SAME_SAMPLES` before, 30 times the same value (domain facts 7.4), and 3 h."""

FAULT_SAMPLES = 3
"""A 1-wire bus loses a sample now and then; three one after another are a broken probe. Assumed."""

RATE_SAMPLES = 2


def temperature(registry: Registry, point: Point, site: str, at_ms: int) -> Version | None:
    """Return what holds at a point with a thermometer from a time on; None without a kind or a rule."""
    kind = _kind(registry, point, at_ms)
    by_hand = registry.rule_at(point.id, at_ms)
    base = None
    if kind is not None:
        base, force = _profiled(registry, point, kind, site, at_ms)
        base = replace(base, from_ms=at_ms, wash=_filled(registry, point, base.wash, at_ms))
        if force is not None and kind.own_margin is not None:
            normal = registry.normal_at(point.id, at_ms)
            normal = normal if normal is not None and normal.levels else None  # forgotten: it is learnt anew
            word = base.word if normal is None else f"{base.word}+normal"
            own = _own_normal(force, kind, point.position, normal)
            base = replace(base, limits=base.limits + tuple(own), word=word)
    if by_hand is None:
        return base
    base = base or Version(at_ms)
    kept = tuple((lane, limit) for lane, limit in base.limits if lane in KEPT)
    limits, allowance = limits_by_hand(by_hand), allowance_by_hand(by_hand)
    all_of_it = Limit((Level(by_hand.severity, 1.0),), 0.0, 0)
    if allowance.high_s or allowance.low_s:
        limits += ((Lane.CUMULATIVE, all_of_it),)
    if allowance.life_high_s or allowance.life_low_s:
        limits += ((Lane.LIFE, all_of_it),)
        allowance = replace(allowance, life_from_ms=life_from(registry, point.asset, by_hand, at_ms))
    word = f"by-hand+{base.word}" if base.word else "by-hand"
    return replace(base, limits=limits + kept, allowance=allowance, word=word)


def without_goods(registry: Registry, point: Point, at_ms: int) -> Version:
    """Return what holds while nothing lies there: tanks are washed when they are empty, and that is recorded."""
    empty = Version(at_ms, closing=End.NOT_IN_USE)
    kind = _kind(registry, point, at_ms)
    if kind is None or point.quantity != "temperature" or (wash := _wash(kind)) is None:
        return empty
    word = f"{kind.id}@{version_of(kind)}"
    wash = replace(wash, fall_kelvin=math.inf)
    return replace(empty, limits=tuple(_washing(kind)), plausible=_plausible(kind), wash=wash, word=word)


def force_at(registry: Registry, point: Point, at_ms: int) -> InForce | None:
    """Return the profile's numbers in force at a point at a measured time, None where it has no profile or kind."""
    kind = _kind(registry, point, at_ms)
    return None if kind is None else _profiled(registry, point, kind, registry.site_at(point.asset, at_ms), at_ms)[1]


def _profiled(
    registry: Registry, point: Point, kind: KindRules, site: str, at_ms: int
) -> tuple[Version, InForce | None]:
    product = registry.product_at(point.profile, at_ms) if point.profile else None
    jurisdiction = registry.sites[site].jurisdiction if site in registry.sites else DEFAULT
    label = _label(registry.label_at(point.id, at_ms))
    return _by_profile(product, kind, point.position, jurisdiction, label)


_Known = tuple[Product | None, KindRules, tuple[Version, InForce | None]]
_known: dict[tuple[int, int, str, str, Label | None], _Known] = {}
"""Versions made before, by the identity of profile and kind; both are held here, so that no other takes their place.
Made anew they cost 0.2 ms: 20 s for 100,000 points."""

MOST_KNOWN = 10_000


def _by_profile(
    product: Product | None, kind: KindRules, position: str, jurisdiction: Jurisdiction, label: Label | None
) -> tuple[Version, InForce | None]:
    """Return what holds at all such points, without its time and without an own normal, and the numbers behind it."""
    key = id(product), id(kind), position, jurisdiction, label
    if key not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = product, kind, _made(product, kind, position, jurisdiction, label)
    return _known[key][2]


def _made(
    product: Product | None, kind: KindRules, position: str, jurisdiction: Jurisdiction, label: Label | None
) -> tuple[Version, InForce | None]:
    felt = position in FELT
    limits = list(_faults(kind, felt=felt))
    limits += _washing(kind)
    plausible, wash = _plausible(kind, felt=felt), _wash(kind)
    if product is None or position in kind.information:
        word = f"{kind.id}@{version_of(kind)}"
        return Version(0, tuple(limits), plausible=plausible, wash=wash, word=word), None
    force = limits_in_force(product, kind, position, jurisdiction, label)
    limits += _record(force)
    if kind.not_recovered is not None and not felt:
        limits += _recovery(force, kind)
    elif kind.own_margin is None:
        limits += _pages(force, felt=felt)
    limits += _freezing(force, felt=felt)
    if kind.rise is not None and felt:
        limits.append((Lane.RATE, Limit((Level("warning", kind.rise.kelvin, 0, RATE_SAMPLES),), 0.0, 0)))
    if wash is not None:
        wash = replace(wash, goods_celsius=force.celsius("target_high"))
    tau_s = 0.0 if felt else product.pack_time_constant.minutes * 60
    return Version(0, tuple(limits), tau_s, plausible, wash=wash, word=force.rule), force


def _faults(kind: KindRules, *, felt: bool) -> Iterator[tuple[Lane, Limit]]:
    """Goods of tonnes may stay at one value for a day; the air behind a working unit never does."""
    stuck = () if felt else (Level("notice", float(Grade.SAME), STUCK_S, STUCK_SAMPLES),)
    far = () if kind.apart_after is None else (Level("notice", float(Grade.APART), seconds(kind.apart_after)),)
    if kind.plausible_low is not None:
        yield Lane.FAULT, Limit((*stuck, *far, Level("warning", float(Grade.DOUBTFUL), 0, FAULT_SAMPLES)), 0.5, 0)


def _plausible(kind: KindRules, *, felt: bool = True) -> Plausible | None:
    if kind.plausible_low is None or kind.plausible_high is None:
        return None
    jump = kind.jump.kelvin if kind.jump is not None and felt else None
    return Plausible(kind.plausible_low.celsius, kind.plausible_high.celsius, jump)


def _wash(kind: KindRules) -> Wash | None:
    if kind.wash is None or kind.wash_hot is None or kind.wash_done is None:
        return None
    return Wash(kind.wash.celsius, kind.wash_done.celsius)


def _filled(registry: Registry, point: Point, wash: Wash | None, at_ms: int) -> Wash | None:
    """Return a washing that is over where somebody says that the tank is loaded."""
    if wash is None or registry.activity_at(point.asset, at_ms) not in LOADED:
        return wash
    said = [one.from_ms for one in registry.activities.get(point.asset, ()) if one.state == "loaded"]
    return replace(wash, filled_ms=max((from_ms for from_ms in said if from_ms <= at_ms), default=None))


def _washing(kind: KindRules) -> Iterator[tuple[Lane, Limit]]:
    if kind.wash_hot is not None and _wash(kind) is not None:
        yield Lane.WASHING, Limit((Level("notice", kind.wash_hot.celsius),), 0.0, 0)


def _record(force: InForce) -> Iterator[tuple[Lane, Limit]]:
    """Every minute outside the target, whose ends are inside."""
    for lane, name, towards in (
        (Lane.RECORD_HIGH, "target_high", math.inf),
        (Lane.RECORD_LOW, "target_low", -math.inf),
    ):
        end = force.celsius(name)
        if end is not None:
            yield lane, Limit((Level("notice", math.nextafter(end, towards)),), 0.0, 0)


def _pages(force: InForce, *, felt: bool) -> Iterator[tuple[Lane, Limit]]:
    """Limits of the profile: a warning by the probe; critical by the product, measured or estimated."""
    made = functools.partial(_limit, force)
    warning = ("warning", "warning_high", "warning_on_delay", "")
    critical = ("critical", "critical_high", "critical_on_delay", "")
    if felt:
        yield from made(Lane.HIGH, warning, critical)
        yield from made(Lane.HIGH_HIGH, ("critical", "confirmed_high", "", "confirm_samples"))
    else:
        yield from made(Lane.HIGH, warning)
        yield from made(Lane.PRODUCT, critical)


def _own_normal(force: InForce, kind: KindRules, position: str, normal: Normal | None) -> Iterator[tuple[Lane, Limit]]:
    """What passes the asset's own usual; until that is learnt only what stays hot.

    The position moves the critical limit until then: how much warmer its air is than the goods is not known before.
    """
    target = force.celsius("target_high")
    deadband, back_s = _return(force)
    if normal is not None:
        yield Lane.HIGH, Limit(tuple(_beyond(kind, normal)), deadband, back_s)
    if target is None or (normal is not None and normal.weak):
        return
    known = normal is not None and not normal.provisional and position in kind.positions
    yield from _estimated(force, kind, target, kind.positions[position].kelvin if known else 0.0)
    over, delay = kind.air_over, kind.air_on_delay
    if normal is None:
        over, delay = kind.learning_over, kind.learning_on_delay
    if over is not None:
        yield Lane.HIGH_HIGH, Limit((_over(target, over, delay),), deadband, back_s)


def _recovery(force: InForce, kind: KindRules) -> Iterator[tuple[Lane, Limit]]:
    """A body that goes from stop to stop is warm most of the day: what counts is whether it gets cold again between
    them, with its doors shut, and what the goods feel."""
    target = force.celsius("target_high")
    if target is None or kind.not_recovered is None:
        return
    yield Lane.HIGH, Limit((_over(target, kind.not_recovered, kind.not_recovered_after),), *_return(force))
    yield from _estimated(force, kind, target)


def _estimated(force: InForce, kind: KindRules, target: float, moved: float = 0.0) -> Iterator[tuple[Lane, Limit]]:
    """The goods themselves, measured or estimated, so far above their target; critical ``moved`` K earlier."""
    if kind.product_over is None:
        return
    levels = [_over(target, kind.product_over, kind.product_on_delay)]
    worst = force.celsius(CONFIRMED)
    if worst is not None and worst - moved > levels[0].value:
        levels.append(Level("critical", round(worst - moved, EXACT), seconds(force.timing["critical_on_delay"])))
    yield Lane.PRODUCT, Limit(tuple(levels), *_return(force))


def _return(force: InForce) -> tuple[float, int]:
    return force.timing["deadband"].value, seconds(force.timing["return_delay"])


def _beyond(kind: KindRules, normal: Normal) -> Iterator[Level]:
    """Yield a level for each duration, the longest and lowest first, and the one that is worse."""
    margin = kind.own_provisional if normal.provisional else kind.own_margin
    assert margin is not None  # `_temperature` asks
    known = sorted(normal.levels, reverse=True)[: LEVELS - 1]
    for seconds, celsius in known:
        yield Level("warning", round(celsius + margin.kelvin, EXACT), seconds)
    if kind.own_worse is not None:
        seconds, celsius = known[-1]
        yield Level("warning", round(celsius + margin.kelvin + kind.own_worse.kelvin, EXACT), seconds, step=1)


def _over(target: float, over: Kelvin, delay: Minutes | None) -> Level:
    return Level("warning", round(target + over.kelvin, EXACT), 0 if delay is None else seconds(delay))


def seconds(minutes: Minutes | Chosen) -> int:
    """Return minutes as whole seconds."""
    return round(minutes.value * 60)


def _freezing(force: InForce, *, felt: bool) -> Iterator[tuple[Lane, Limit]]:
    warning = ("warning", "freeze_warning", "warning_on_delay", "")
    critical = ("critical", "freeze_critical", "", "confirm_samples")
    yield from _limit(force, Lane.FREEZE, warning, *((critical,) if felt else ()))


def _limit(force: InForce, lane: Lane, *stages: tuple[str, str, str, str]) -> Iterator[tuple[Lane, Limit]]:
    """Yield the lane with those stages (severity, limit, its on-delay, its samples) that the profile has."""
    timing = {name: chosen.value for name, chosen in force.timing.items()}
    levels = tuple(
        Level(severity, celsius, round(timing.get(delay, 0.0) * 60), round(timing.get(samples, 1)))
        for severity, name, delay, samples in stages
        if (celsius := force.celsius(name)) is not None
    )
    if levels:
        yield lane, Limit(levels, timing["deadband"], round(timing["return_delay"] * 60))


def _label(said: LabelCondition | None) -> Label | None:
    if said is None or (said.low_celsius is None and said.high_celsius is None):
        return None
    return Label(said.low_celsius, said.high_celsius, said.words)


def _kind(registry: Registry, point: Point, at_ms: int) -> KindRules | None:
    return registry.kind_rules_at(registry.kind_of(point.asset), at_ms)
