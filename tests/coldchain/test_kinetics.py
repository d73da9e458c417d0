"""What a temperature history did to the goods: the published vectors, and what must hold for any history."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain import kinetics
from coldchain.kinetics import (
    SPOILERS,
    GrowthModel,
    degree_minutes,
    equivalent_hours,
    growth_rate,
    held_hours,
    lag_time,
    log_growth,
    mean_kinetic_temperature,
    mean_kinetic_temperature_over,
    product_estimate,
    relative_rate,
    remaining_shelf_life_h,
    warmed,
)
from tests.alerts.casefiles import cases_of
from tests.alerts.days import samples_of

MINUTE = 60_000
INTERVAL = 5 * MINUTE

CELSIUS = st.floats(-30, 60).map(lambda celsius: round(celsius, 2))
HISTORIES = st.lists(CELSIUS, min_size=1, max_size=30).map(np.array)


def every_minute(*celsius: float, step: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return times a minute (or several) apart, and values."""
    return np.arange(len(celsius), dtype=np.int64) * step * MINUTE, np.array(celsius, np.float64)


# -- what is published (T1, T2, T4 to T7) ----------------------------------------------------------------------


@pytest.mark.parametrize("case", cases_of("kinetics.toml"))
def test_published_numbers(case: dict[str, Any]) -> None:
    """`tests/alerts/cases/kinetics.toml` says what its keys mean."""
    model = GrowthModel("case", case.get("tmin", SPOILERS.tmin_celsius), case.get("reference", 4.0), "case", "assumed")
    at = np.array([case.get("at", 0.0)])
    within = case["within"]
    if "kinetic_mean" in case:
        spells = np.array([celsius for _, celsius in samples_of(case["spells"])])
        assert mean_kinetic_temperature(spells) == pytest.approx(case["kinetic_mean"], abs=within)
    elif "rate" in case:
        assert growth_rate(at, model, case["rate_at"])[0] == pytest.approx(case["rate"], rel=within)
    elif "lag" in case:
        assert lag_time(at, model, case["lag_at"])[0] == pytest.approx(case["lag"], rel=within)
    elif "grown_to" in case:
        hours, celsius = np.full(100, case["hours"] / 100), np.full(100, float(case["reference"]))
        grown = log_growth(hours, celsius, model, case["rate_per_h"], case["lag_h"])
        assert case["grown_from"] + grown == pytest.approx(case["grown_to"], abs=within)
    elif "dose_min" in case:
        day = samples_of(case["day"])
        at_ms, values = np.array([at for at, _ in day], np.int64) * MINUTE, np.array([value for _, value in day])
        dose = equivalent_hours(at_ms, values, MINUTE, int(at_ms[-1]) + MINUTE, model)
        assert dose * 60 == pytest.approx(case["dose_min"], abs=within)
    else:
        start, air, minutes = (np.array([float(case[key])]) for key in ("from", "air", "minutes"))
        assert warmed(start, air, minutes, case["time_constant"])[0] == pytest.approx(case["product"], abs=within)


# -- mean kinetic temperature ---------------------------------------------------------------------------------


def test_the_convention_of_the_kinetic_mean_is_ten_thousand_kelvin() -> None:
    assert pytest.approx(10_000) == kinetics.ACTIVATION_KJ_PER_MOL / kinetics.GAS_KJ_PER_MOL_KELVIN


@given(HISTORIES)
def test_the_kinetic_mean_lies_between_mean_and_maximum(celsius: np.ndarray) -> None:
    mean = mean_kinetic_temperature(celsius)

    assert celsius.mean() - 1e-9 <= mean <= celsius.max() + 1e-9


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_equally_long_spells_does_not_matter(celsius: np.ndarray, chance: object) -> None:
    shuffled = celsius.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert mean_kinetic_temperature(shuffled) == pytest.approx(mean_kinetic_temperature(celsius), abs=1e-9)


def test_by_the_trapezoid_each_stretch_counts_by_its_length_and_a_hole_not_at_all() -> None:
    at, celsius = np.array([0, 5, 15, 400, 405], np.int64) * MINUTE, np.array([4.0, 4, 16, 30, 30])

    mean = mean_kinetic_temperature_over(at, celsius, INTERVAL)

    rate = np.exp(-10_000 / (celsius + 273.15))
    by_hand = (5 * rate[0] + 10 * (rate[1] + rate[2]) / 2 + 5 * rate[3]) / 20
    assert mean == pytest.approx(-10_000 / math.log(by_hand) - 273.15, abs=1e-9)


@given(CELSIUS, st.lists(st.integers(1, 10), min_size=1, max_size=20))
def test_steady_goods_have_their_temperature_as_kinetic_mean(celsius: float, minutes: list[int]) -> None:
    at = np.cumsum([0, *minutes]).astype(np.int64) * MINUTE

    assert mean_kinetic_temperature_over(at, np.full(at.shape, celsius), INTERVAL) == pytest.approx(celsius, abs=1e-9)


@pytest.mark.parametrize("celsius", [[], [4.0, math.nan]])
def test_a_kinetic_mean_of_nothing_is_refused(celsius: list[float]) -> None:
    with pytest.raises(ValueError, match="no temperatures, or NaN"):
        mean_kinetic_temperature(np.array(celsius))


def test_a_kinetic_mean_of_holes_only_is_refused() -> None:
    with pytest.raises(ValueError, match="within two intervals"):
        mean_kinetic_temperature_over(np.array([0, 60 * MINUTE]), np.array([4.0, 4]), INTERVAL)


# -- square root ----------------------------------------------------------------------------------------------


def test_nothing_grows_at_or_below_tmin() -> None:
    cold = np.array([SPOILERS.tmin_celsius, -18.0])

    assert relative_rate(cold, SPOILERS).tolist() == [0.0, 0.0]
    assert lag_time(cold, SPOILERS, 10.0).tolist() == [math.inf, math.inf]


# -- additive growth ------------------------------------------------------------------------------------------


def test_without_a_lag_it_grows_at_once_and_cold_hours_consume_none() -> None:
    hours, celsius = np.array([10.0, 10.0]), np.array([-18.0, 4.0])

    assert log_growth(hours, celsius, SPOILERS, 0.1, 0.0) == pytest.approx(1.0 / math.log(10))
    assert log_growth(hours, celsius, SPOILERS, 0.1, 10.0) == 0.0
    assert log_growth(hours, np.array([math.nan, 4.0]), SPOILERS, 0.1, 5.0) == pytest.approx(0.5 / math.log(10))


# -- dose -----------------------------------------------------------------------------------------------------


def test_a_hole_and_a_faulty_probe_count_for_nothing() -> None:
    at, celsius = np.array([0, 5, 100, 105], np.int64) * MINUTE, np.array([4.0, 4.0, 4.0, math.nan])

    held = held_hours(at, INTERVAL, 110 * MINUTE)

    assert (held * 60).tolist() == pytest.approx([5, 10, 5, 5])  # the hole counts its first two intervals
    assert equivalent_hours(at, celsius, INTERVAL, 110 * MINUTE, SPOILERS) * 60 == pytest.approx(20)


@given(st.lists(CELSIUS, min_size=2, max_size=30), st.data())
def test_the_dose_of_a_span_is_the_sum_of_its_parts(celsius: list[float], data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.integers(1, 30), min_size=len(celsius), max_size=len(celsius)))
    at, values = np.cumsum(gaps).astype(np.int64) * MINUTE, np.array(celsius)
    until = int(at[-1]) + 7 * MINUTE
    cut = data.draw(st.integers(1, len(celsius) - 1))

    parts = equivalent_hours(at[:cut], values[:cut], INTERVAL, int(at[cut]), SPOILERS)
    parts += equivalent_hours(at[cut:], values[cut:], INTERVAL, until, SPOILERS)

    assert parts == pytest.approx(equivalent_hours(at, values, INTERVAL, until, SPOILERS), rel=1e-12)


def test_over_cooling_gives_no_life_back() -> None:
    at, celsius = every_minute(0.0, 0.0)

    floored = equivalent_hours(at, celsius, MINUTE, 2 * MINUTE, SPOILERS, floor_celsius=2.0)

    assert floored == pytest.approx(2 / 60 * relative_rate(np.array(2.0), SPOILERS))


def test_times_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="times must rise"):
        held_hours(np.array([5, 5]), INTERVAL, 10)
    with pytest.raises(ValueError, match="times must rise"):
        held_hours(np.array([5, 6]), INTERVAL, 5)


def test_degree_minutes_hold_the_previous_value() -> None:
    at, celsius = every_minute(5.0, 9.0, math.nan, 8.5, step=5)

    assert degree_minutes(at, celsius, INTERVAL, 100 * MINUTE, above_celsius=8.0) == pytest.approx(5 * 1 + 10 * 0.5)


@pytest.mark.parametrize(
    ("used", "until_expiry", "left"), [(68, 150, 100), (68, 90, 90), (200, 90, 0), (0, -5, 0), (0, 168, 168)]
)
def test_shelf_life_never_passes_the_printed_expiry_and_never_falls_below_nothing(
    used: float, until_expiry: float, left: float
) -> None:
    assert remaining_shelf_life_h(168, used, until_expiry) == left


# -- product from air -----------------------------------------------------------------------------------------


def test_the_same_carton_by_samples() -> None:
    at, air = every_minute(4.0, *[25.0] * 61)

    estimates = product_estimate(at, air, MINUTE, 80.645)

    assert estimates[[11, 31, 61]].tolist() == pytest.approx([6.45, 10.52, 15.02], abs=0.01)


def test_a_short_spike_of_the_air_is_no_spike_of_the_product() -> None:
    at, air = every_minute(*[4.0] * 3, *[12.0] * 2, *[4.0] * 3, step=5)

    estimates = product_estimate(at, air, INTERVAL, 45.0)

    assert air.max() == 12.0
    assert 5.0 < estimates.max() < 6.0


def test_a_probe_in_the_milk_is_believed_as_it_is() -> None:
    at, milk = every_minute(3.5, 9.0, 4.0)

    assert product_estimate(at, milk, MINUTE, 0.0).tolist() == milk.tolist()
    assert warmed(np.zeros(3), milk, np.ones(3), 0.0).tolist() == milk.tolist()


def test_behind_a_hole_of_two_hours_the_estimate_begins_anew_and_before_it_is_held_for_two_intervals() -> None:
    at, air = np.array([0, 5, 124, 244, 249], np.int64) * MINUTE, np.array([4.0, 10.0, 4.0, 12.0, 4.0])

    estimates = product_estimate(at, air, INTERVAL, 45.0)

    assert estimates[2] == pytest.approx(10 - 6 * math.exp(-10 / 45))  # ten minutes of 10, and no more
    assert estimates[3] == 12.0
    assert 11.0 < estimates[4] <= 12.0


def test_a_faulty_probe_gives_no_estimate() -> None:
    at, air = every_minute(4.0, math.nan, 8.0, math.nan, math.nan, 8.0, step=5)

    estimates = product_estimate(at, air, INTERVAL, 45.0)

    assert np.isnan(estimates[[1, 3, 4]]).all()
    assert estimates[2] == 4.0  # over ten minutes the air was held at 4


@given(st.lists(st.tuples(st.integers(1, 90), CELSIUS), min_size=1, max_size=60), st.integers(0, 59))
def test_an_estimate_depends_on_half_a_day_and_no_more(samples: list[tuple[int, float]], place: int) -> None:
    at = np.cumsum([gap for gap, _ in samples], dtype=np.int64) * MINUTE
    air = np.array([celsius for _, celsius in samples])
    place = min(place, len(at) - 1)
    recent = at > at[place] - 12 * 60 * MINUTE

    assert product_estimate(at[recent], air[recent], INTERVAL, 45.0)[place - len(at)] == pytest.approx(
        product_estimate(at, air, INTERVAL, 45.0)[place]
    )


@given(st.lists(CELSIUS, min_size=1, max_size=30))
def test_the_product_is_never_warmer_or_colder_than_its_air_was(air: list[float]) -> None:
    at, values = every_minute(*air)

    estimates = product_estimate(at, values, MINUTE, 45.0)

    assert (estimates <= np.maximum.accumulate(values) + 1e-9).all()
    assert (estimates >= np.minimum.accumulate(values) - 1e-9).all()
