"""Which numbers are in force at a point, and why each."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.profiles import JURISDICTIONS, InForce, Jurisdiction, Label, Step, builtin, limits_in_force
from coldchain.profiles.checks import RISING
from coldchain.profiles.words import reason

MILK = builtin().products["pasteurized"]
RAW = builtin().products["raw_milk"]
COOLER = builtin().kinds["glass-door-cooler"]
TANKER = builtin().kinds["tanker"]


def celsius_of(force: InForce) -> dict[str, float]:
    return {name: chosen.value for name, chosen in force.limits.items()}


def test_in_china_a_cooler_of_milk_is_judged_by_the_default_set() -> None:
    force = limits_in_force(MILK, COOLER)

    assert celsius_of(force) == {
        "target_low": 2, "target_high": 6, "warning_high": 6.5, "critical_high": 8, "confirmed_high": 10,
        "freeze_warning": -0.1, "freeze_critical": -0.5,
    }  # fmt: skip
    assert force.limits["warning_high"].by == (Step("jurisdiction", "CN"),)
    assert (force.timing["warning_on_delay"].value, force.timing["deadband"].value) == (30, 0.5)
    assert force.judged


@pytest.mark.parametrize(
    ("jurisdiction", "target", "critical", "by"),
    [("CN", 6, 8, "limits of CN"), ("EU", 6, 8, "limits of EU"), ("US", 5, 8, "default limits (CN)")],
)
def test_a_jurisdiction_chooses_and_what_it_does_not_name_says_where_it_is_from(
    jurisdiction: Jurisdiction, target: float, critical: float, by: str
) -> None:
    force = limits_in_force(MILK, COOLER, jurisdiction=jurisdiction)

    assert (force.celsius("target_high"), force.celsius("critical_high")) == (target, critical)
    assert reason(force.limits["critical_high"], "en") == by


def test_a_labels_own_condition_goes_before_the_set() -> None:
    force = limits_in_force(MILK, COOLER, label=Label(0, 4, "0-4℃ 冷藏"))

    assert celsius_of(force) | {"target_low": 0} == {
        "target_low": 0, "target_high": 4, "warning_high": 4.5, "critical_high": 6, "confirmed_high": 8,
        "freeze_warning": -0.1, "freeze_critical": -0.5,
    }  # fmt: skip
    assert force.limits["warning_high"].status == "assumed"
    assert reason(force.limits["warning_high"], "zh") == "CN 限值 → 标签“0-4℃ 冷藏” -2 K"
    assert force.rule.endswith("+label")


def test_a_frozen_label_ends_the_freezing_limits_of_a_chilled_profile() -> None:
    force = limits_in_force(builtin().products["cream"], COOLER, label=Label(None, -18))

    assert celsius_of(force) == {
        "target_high": -18, "warning_high": -17.5, "critical_high": -16, "confirmed_high": -14
    }  # fmt: skip
    assert force.celsius("freeze_warning") is None


def test_return_air_may_be_two_kelvin_warmer_and_freezes_no_sooner() -> None:
    force = limits_in_force(MILK, COOLER, "return-air")

    assert (force.celsius("warning_high"), force.celsius("freeze_warning")) == (8.5, -0.1)
    assert force.celsius("target_high") == 6  # no label is moved by where a probe hangs
    assert force.limits["warning_high"].by[-1] == Step("position", "return-air", 2)


def test_supply_air_is_expected_two_kelvin_colder() -> None:
    force = limits_in_force(MILK, COOLER, "supply-air")

    assert (force.celsius("warning_high"), force.celsius("freeze_critical")) == (4.5, -2.5)


def test_at_a_door_nothing_is_judged() -> None:
    assert not limits_in_force(MILK, builtin().kinds["walk-in-room"], "door").judged


def test_a_tanker_is_judged_sooner_and_nothing_excuses_it() -> None:
    force = limits_in_force(RAW, TANKER, "milk")

    assert (force.celsius("warning_high"), force.celsius("critical_high")) == (4.1, 6)
    assert force.timing["critical_on_delay"].value == 10
    assert not force.timing.keys() & {"door_tolerance", "defrost_longest"}


def test_frozen_goods_have_the_wider_deadband() -> None:
    assert limits_in_force(builtin().products["ice_cream"], COOLER).timing["deadband"].value == 1.0


def test_an_entry_that_somebody_wrote_past_the_checks_stops_nothing() -> None:
    bare = msgspec.structs.replace(MILK, limits={})

    assert limits_in_force(bare, COOLER, label=Label(0, 4)).celsius("target_high") == 4
    assert limits_in_force(bare, COOLER).limits == {}
    assert not bare.low_temperature_short_life


def test_the_rule_names_both_versions() -> None:
    force = limits_in_force(MILK, COOLER)

    assert force.rule == f"pasteurized@{force.product_version}/CN+glass-door-cooler@{force.kind_version}"


@given(
    st.sampled_from(list(builtin().products.values())),
    st.sampled_from(list(builtin().kinds.values())),
    st.sampled_from(JURISDICTIONS),
    st.none() | st.tuples(st.integers(-25, 5), st.integers(0, 30)),
)
def test_limits_never_cross_whatever_the_label(
    product: object, kind: object, jurisdiction: Jurisdiction, label: tuple[int, int] | None
) -> None:
    own = None if label is None else Label(label[0], label[0] + label[1])

    force = limits_in_force(product, kind, jurisdiction=jurisdiction, label=own)  # type: ignore[arg-type]

    values = [force.limits[name].value for name in RISING if name in force.limits]
    assert values == sorted(values)
    assert all(chosen.source or chosen.by[0].rule == "label" for chosen in force.limits.values())
