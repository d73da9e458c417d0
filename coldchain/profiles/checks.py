"""What must hold among a profile's numbers, beside their types."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import msgspec

from coldchain.custody import TRIP_KINDS
from coldchain.kinetics import MODELS
from coldchain.profiles.faults import Faults
from coldchain.profiles.structs import (
    CHILLED_CELSIUS,
    DEFAULT,
    LIMIT_NAMES,
    Content,
    KindRules,
    Limits,
    Product,
    Sourced,
    Storage,
    TripRules,
)

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\Z")
RISING = ("freeze_critical", "freeze_warning", "target_low", "target_high", "warning_high", "critical_high",
          "confirmed_high")  # fmt: skip
"""Limits in the order in which they must lie, each at most the next."""

COLDEST_CELSIUS, HOTTEST_CELSIUS = -60.0, 130.0
LARGEST_KELVIN = 15.0
LONGEST_MINUTES = 7 * 24 * 60.0
LONGEST_DAYS = 3660.0
LONGEST_METRES = 100_000.0
LARGEST_PERCENT = 300.0
RANGES = {
    "°C": (COLDEST_CELSIUS, HOTTEST_CELSIUS),
    "K": (-LARGEST_KELVIN, LARGEST_KELVIN),
    "min": (0.0, LONGEST_MINUTES),
    "d": (0.0, LONGEST_DAYS),
    "": (1.0, 100.0),
    "m": (1.0, LONGEST_METRES),
    "%": (1.0, LARGEST_PERCENT),
}
"""Unit → what a number of it may be: wider than anything sensible, narrower than a slipped decimal point."""

OWN = (
    *("own_provisional", "own_worse", "own_short", "own_middle", "own_long"),
    *("product_over", "product_on_delay", "air_over", "air_on_delay"),
    *("learning_days", "learning_least", "learning_calm", "learning_cap", "learning_over", "learning_on_delay"),
    *("weak_over", "weak_minutes", "weak_days", "weak_of_days"),
)
"""What a kind with ``own_margin`` needs."""

CHILLED_FROM_CELSIUS = -2.0
FROZEN_CELSIUS = -10.0


def in_set(product: Product, jurisdiction: str) -> Limits:
    """Return a jurisdiction's limits with what it does not name filled from the default set."""
    base = product.limits[DEFAULT]
    own = next((limits for name, limits in product.limits.items() if name == jurisdiction), base)
    return Limits(*(getattr(own, name) or getattr(base, name) for name in LIMIT_NAMES))


def check(content: Content, table: str, faults: Faults) -> None:
    """Note what does not hold.

    Args:
        table: its place in the file, ``product.raw_milk``.
    """
    if not ID.match(content.id):
        faults.add(table, "", "编号: 1 至 64 个字母、数字或 _ . : -", "id: 1 to 64 letters, digits or _ . : -")
    for name in ("zh", "en"):
        if not getattr(content, name).strip():
            faults.add(table, name, "不能为空", "is empty")
    before = len(faults.said)
    _numbers(content, table, faults)
    if len(faults.said) > before:
        return  # what a wrong number does to its neighbours is no second fault
    match content:
        case Product():
            _product(content, table, faults)
        case KindRules():
            _kind(content, table, faults)
        case TripRules():
            _trip(content, table, faults)


def _numbers(shape: msgspec.Struct, table: str, faults: Faults) -> None:
    """Check each number's range and that it says where it comes from."""
    for name in shape.__struct_fields__:
        value = getattr(shape, name)
        if isinstance(value, Sourced):
            _number(value, table, name, faults)
        elif isinstance(value, dict):
            for key, one in value.items():
                if isinstance(one, Sourced):
                    _number(one, f"{table}.{name}", key, faults)
                else:
                    _numbers(one, f"{table}.{name}.{key}", faults)


def _number(value: Sourced, table: str, key: str, faults: Faults) -> None:
    low, high = RANGES[value.unit]
    if not (math.isfinite(value.value) and low <= value.value <= high):
        said = f"{low:g}…{high:g} {value.unit}".strip()
        faults.add(table, key, f"{value.value:g} 不在 {said} 之内", f"{value.value:g} is outside {said}")
    if not value.source.strip():
        faults.add(table, f"{key}.source", "缺少出处", "says no source")


def _product(product: Product, table: str, faults: Faults) -> None:
    if DEFAULT not in product.limits:
        faults.add(
            f"{table}.limits", DEFAULT, "缺少这一组,它是其余各组的依据", "is missing: the other sets build on it"
        )
        return
    for jurisdiction in product.limits:
        _order(in_set(product, jurisdiction), f"{table}.limits.{jurisdiction}", faults)
        _storage(product.storage, in_set(product, jurisdiction), f"{table}.limits.{jurisdiction}", faults)
    if product.dose_model and product.dose_model not in MODELS:
        faults.add(table, "dose_model", f"应为 {'、'.join(MODELS)}", f"one of {', '.join(MODELS)} was expected")
    if bool(product.dose_model) != (product.dose_reference is not None):
        faults.add(table, "dose_reference", "与 dose_model 须同时写出", "and dose_model belong together")
    elif product.dose_reference and product.dose_model in MODELS:
        tmin = MODELS[product.dose_model].tmin_celsius
        if product.dose_reference.celsius <= tmin:
            faults.add(table, "dose_reference", f"须高于 {tmin:g} °C(模型的 Tmin)",
                       f"must lie above the model's Tmin, {tmin:g} °C")  # fmt: skip


def _order(limits: Limits, table: str, faults: Faults) -> None:
    given = [(name, number.celsius) for name in RISING if (number := getattr(limits, name)) is not None]
    for (lower, low), (upper, high) in pairwise(given):
        if low > high:
            faults.add(table, upper, f"{high:g} 低于 {lower} 的 {low:g}", f"{high:g} lies below {lower}, {low:g}")
    for name in ("target_high", "warning_high", "critical_high"):
        if getattr(limits, name) is None:
            faults.add(table, name, "缺少这一项", "is missing")


def _storage(storage: Storage, limits: Limits, table: str, faults: Faults) -> None:
    if limits.target_high is None:
        return
    high = limits.target_high.celsius
    fits = {
        "chilled": CHILLED_FROM_CELSIUS < high <= CHILLED_CELSIUS,
        "frozen": high <= FROZEN_CELSIUS,
        "ambient": high > CHILLED_CELSIUS,
    }
    if not fits[storage]:
        faults.add(table, "target_high", f"{high:g} °C 与 storage = {storage!r} 不符",
                   f"{high:g} °C does not fit storage = {storage!r}")  # fmt: skip


def _kind(kind: KindRules, table: str, faults: Faults) -> None:
    for name in ("deadband", "deadband_frozen"):
        if getattr(kind, name).value < 0:
            faults.add(table, name, "不能为负", "must not be negative")
    if kind.silence_page.value < kind.silence_record.value:
        faults.add(table, "silence_page", "短于 silence_record", "is shorter than silence_record")
    if kind.probes_silent is not None and kind.probes_silent.value > kind.silence_page.value:
        faults.add(table, "probes_silent", "长于 silence_page", "is longer than silence_page")
    if (kind.defrost_longest is None) != (kind.defrosts_a_day is None):
        faults.add(table, "defrosts_a_day", "与 defrost_longest 须同时写出", "and defrost_longest belong together")
    if kind.own_margin is not None:
        for name in OWN:
            if getattr(kind, name) is None:
                faults.add(table, name, "缺少这一项(own_margin 需要它)", "is missing: own_margin needs it")
    if (kind.pull_down is None) != (kind.pull_down_after is None):
        faults.add(table, "pull_down_after", "与 pull_down 须同时写出", "and pull_down belong together")
    if (kind.not_recovered is None) != (kind.not_recovered_after is None):
        faults.add(table, "not_recovered_after", "与 not_recovered 须同时写出", "and not_recovered belong together")
    if (kind.apart is None) != (kind.apart_after is None):
        faults.add(table, "apart_after", "与 apart 须同时写出", "and apart belong together")
    if (kind.plausible_low is None) != (kind.plausible_high is None):
        faults.add(table, "plausible_high", "与 plausible_low 须同时写出", "and plausible_low belong together")
    if len({kind.wash is None, kind.wash_hot is None, kind.wash_done is None}) > 1:
        faults.add(table, "wash", "与 wash_hot、wash_done 须同时写出", "and wash_hot, wash_done belong together")
    for position in sorted(kind.positions.keys() & set(kind.information)):
        faults.add(table, "information", f"{position} 也在 positions 中", f"{position} stands in positions, too")


def _trip(trip: TripRules, table: str, faults: Faults) -> None:
    if trip.id not in TRIP_KINDS:
        faults.add(table, "", f"应为 {'、'.join(TRIP_KINDS)}", f"one of {', '.join(TRIP_KINDS)} was expected")
    for name in ("late_chance", "late_chance_early"):
        if not 50.0 <= getattr(trip, name).value < 100.0:
            faults.add(table, name, "应在 50 至 100 之间", "must be from 50 to below 100")
    if trip.road_factor.value < 100.0:
        faults.add(table, "road_factor", "不能小于 100:道路不比直线短", "must be at least 100: no road is shorter")
    if (trip.cooled_to is None) != (trip.cooled_within is None):
        faults.add(table, "cooled_within", "与 cooled_to 须同时写出", "and cooled_to belong together")
    for lower, upper in (
        ("loading_age_warning", "loading_age"),
        ("arrival_warning", "arrival_reject"),
        ("dose_warning", "dose_critical"),
    ):
        low, high = getattr(trip, lower), getattr(trip, upper)
        if low is not None and high is not None and low.value > high.value:
            faults.add(table, upper, f"低于 {lower}", f"lies below {lower}")
