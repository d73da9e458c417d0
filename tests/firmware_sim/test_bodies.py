"""Bodies against arithmetic: time constants, energy, and what the law asks of a cooling tank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.registry.changes import ASSET_KINDS
from firmware_sim.bodies import BOX, GLASS_DOOR, KINDS, MILK_KJ_PER_KG_KELVIN, STATION_TANK, TANKER, Body
from firmware_sim.climate import CLIMATES
from firmware_sim.positions import followed
from firmware_sim.thermal import Bodies, Drive

CLOSED = np.zeros(1)


def test_every_kind_of_the_registry_has_a_body() -> None:
    assert set(KINDS) == set(ASSET_KINDS)


@pytest.mark.parametrize(("minutes", "celsius"), [(10, 6.45), (30, 10.53), (60, 15.02), (17.0, 8.0)])
def test_a_carton_in_a_warm_room_follows_the_published_curve(minutes: float, celsius: float) -> None:
    lag_s = np.array([80.645 * 60])

    warmed = followed(np.array([4.0]), np.array([25.0]), minutes * 60, lag_s)

    assert warmed[0] == pytest.approx(celsius, abs=0.01)


def test_goods_in_air_that_stays_warm_follow_the_exponential_of_their_time_constant() -> None:
    body = replace(GLASS_DOOR, capacity_w=0.0, load_w=0.0, wall_w_per_kelvin=1e9, ambient_celsius=25.0)
    body = replace(body, ambient_swing_kelvin=0.0, defrost_every_s=0)
    bodies, tau_s = Bodies([body]), body.product_kj_per_kelvin * 1000 / body.product_w_per_kelvin
    start = float(bodies.product[0])

    for _ in range(60):
        bodies.step(0.0, 60.0, CLOSED)

    assert bodies.product[0] == pytest.approx(25.0 + (start - 25.0) * np.exp(-3600 / tau_s), abs=1e-4)


def test_a_box_with_ice_warms_with_the_measured_constant() -> None:
    in_series = 1 / (1 / BOX.wall_w_per_kelvin + 1 / BOX.product_w_per_kelvin)

    per_minute = in_series / ((BOX.product_kj_per_kelvin + BOX.air_kj_per_kelvin) * 1000) * 60

    assert per_minute == pytest.approx(0.0019, abs=0.0001)


def test_a_parked_tanker_gains_about_half_a_kelvin_a_day() -> None:
    bodies = Bodies([TANKER])
    before = float(bodies.product[0])

    for minute in range(24 * 60):
        bodies.step(minute * 60.0, 60.0, CLOSED)

    assert 0.3 < bodies.product[0] - before < 0.7


def test_a_station_tank_cools_a_milking_to_four_degrees_within_two_hours() -> None:
    bodies, drive = Bodies([STATION_TANK]), Drive.calm(1)
    drive.fresh_share, drive.fresh_celsius = np.array([0.5]), np.array([35.0])
    bodies.step(6 * 3600.0, 60.0, CLOSED, drive)
    assert bodies.product[0] > 18

    for minute in range(120):
        bodies.step(6 * 3600 + minute * 60.0, 60.0, CLOSED)

    assert bodies.product[0] <= 4.0


def test_a_tank_that_is_cooled_takes_out_the_heat_that_the_milk_loses() -> None:
    tank = replace(STATION_TANK, wall_w_per_kelvin=1e-3, load_w=0.0)
    bodies = Bodies([tank])
    bodies.product[:] = 20.0
    bodies.air[:] = 20.0
    for _ in range(10):  # until the jacket is cold
        bodies.step(0.0, 60.0, CLOSED)
    before = float(bodies.product[0])

    for _ in range(30):
        bodies.step(0.0, 60.0, CLOSED)

    lost_j = (before - float(bodies.product[0])) * 5_000 * MILK_KJ_PER_KG_KELVIN * 1000
    jacket_j = lost_j * tank.air_kj_per_kelvin / tank.product_kj_per_kelvin
    assert lost_j + jacket_j == pytest.approx(tank.capacity_w * 1800, rel=1e-3)


def test_without_mains_nothing_cools_and_nothing_heats() -> None:
    bodies, drive = Bodies([GLASS_DOOR]), Drive.calm(1)
    drive.capacity_share, drive.load_share = np.zeros(1), np.zeros(1)

    air = []
    for minute in range(180):
        bodies.step(12 * 3600 + minute * 60.0, 60.0, CLOSED, drive)
        air.append(float(bodies.air[0]))

    assert not bodies.running[0]
    assert air[-1] > air[60] > air[0]
    assert air[-1] < GLASS_DOOR.ambient_celsius


def test_a_calm_drive_is_no_drive() -> None:
    with_it, without = Bodies(list(KINDS.values())), Bodies(list(KINDS.values()))

    for minute in range(600):
        with_it.step(minute * 60.0, 60.0, np.zeros(len(KINDS)), Drive.calm(len(KINDS)))
        without.step(minute * 60.0, 60.0, np.zeros(len(KINDS)))

    assert with_it.air.tolist() == without.air.tolist()
    assert with_it.product.tolist() == without.product.tolist()


@given(
    kind=st.sampled_from(sorted(KINDS)),
    start=st.floats(-25, 60),
    door=st.floats(0, 1),
    dt_s=st.sampled_from([5.0, 60.0, 600.0]),
)
def test_without_cooling_no_temperature_leaves_the_range_between_inside_and_around(
    kind: str, start: float, door: float, dt_s: float
) -> None:
    body = _passive(KINDS[kind])
    bodies = Bodies([body])
    bodies.air[:] = bodies.product[:] = start
    low, high = sorted((start, body.ambient_celsius))

    for _ in range(20):
        bodies.step(0.0, dt_s, np.array([door]))

        assert low - 1e-9 <= bodies.air[0] <= high + 1e-9
        assert low - 1e-9 <= bodies.product[0] <= high + 1e-9


def _passive(body: Body) -> Body:
    return replace(body, capacity_w=0.0, load_w=0.0, heater_w=0.0, ambient_swing_kelvin=0.0)


def test_the_weather_is_warmest_in_the_afternoon_and_coldest_before_sunrise() -> None:
    for climate in CLIMATES.values():
        hours = [climate.celsius(hour * 3600.0) for hour in range(24)]

        assert hours.index(max(hours)) in (14, 15)
        assert hours.index(min(hours)) == 5
        assert max(hours) - min(hours) == pytest.approx(climate.range_kelvin)


@given(kind=st.sampled_from(sorted(KINDS)), start=st.floats(-25, 60), dt_s=st.floats(1, 3600))
def test_one_long_step_is_two_short_ones(kind: str, start: float, dt_s: float) -> None:
    whole, halves = Bodies([_passive(KINDS[kind])]), Bodies([_passive(KINDS[kind])])
    whole.air[:] = halves.air[:] = start

    whole.step(0.0, 2 * dt_s, CLOSED)
    halves.step(0.0, dt_s, CLOSED)
    halves.step(0.0, dt_s, CLOSED)

    assert whole.air[0] == pytest.approx(halves.air[0], abs=1e-8)
    assert whole.product[0] == pytest.approx(halves.product[0], abs=1e-8)
