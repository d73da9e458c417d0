"""A probe feels its place: each position differs from the air in its own way, and sensors say it in their own steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.chance import Probes
from firmware_sim.positions import DS18B20_RESOLUTION_KELVIN, POSITIONS, TANK_PT100, Felt, Instrument
from tests.firmware_sim.stories import NOON_MS, play

NO, YES = np.array([False]), np.array([True])


def settled(position: str, *, door_open: float = 0.0, running: bool = False) -> float:
    felt = Felt([POSITIONS[position]], [0])
    for _ in range(600):
        celsius = felt.step(
            60.0, np.array([4.0]), np.array([3.0]), np.array([24.0]), np.array([door_open]), YES if running else NO
        )
    return float(celsius[0])


def test_return_air_is_the_air_and_milk_the_goods() -> None:
    assert settled("return-air", door_open=1.0, running=True) == 4.0
    assert settled("product") == settled("milk") == 3.0


def test_the_supply_is_cold_while_the_unit_runs() -> None:
    assert settled("supply-air", running=True) == pytest.approx(0.0)
    assert settled("supply-air") == 4.0


def test_the_top_front_is_the_warmest_shelf_and_the_rear_door_warm_when_it_is_open() -> None:
    assert settled("top-front") == pytest.approx(6.0)
    assert settled("near-door", door_open=1.0) > settled("rear-door-top", door_open=1.0) > settled("return-air")


@pytest.mark.parametrize("position", [name for name, place in POSITIONS.items() if place.lag_s])
def test_a_jump_is_followed_by_63_percent_after_one_time_constant(position: str) -> None:
    place, felt = POSITIONS[position], Felt([POSITIONS[position]], [0])

    def step(celsius: float, dt_s: float) -> float:
        same = np.array([celsius])
        return float(felt.step(dt_s, same, same, same, np.zeros(1), NO)[0])

    step(4.0, 60.0)
    for _ in range(10):
        now = step(14.0, place.lag_s / 10)

    assert now == pytest.approx(4.0 + 10 * (1 - np.exp(-1)), abs=1e-6)


@given(celsius=st.floats(-30, 99), normal=st.floats(-4, 4))
def test_a_sensor_says_a_multiple_of_its_step_near_what_it_feels(celsius: float, normal: float) -> None:
    for step in (0.01, 0.1, DS18B20_RESOLUTION_KELVIN, 0.5):
        sensor = Instrument(offset_kelvin=0.3, resolution_kelvin=step)

        said = sensor.said(celsius, normal)

        assert said / step == pytest.approx(round(said / step), abs=1e-3)
        assert abs(said - (celsius + 0.3 + 0.03 * normal)) <= step / 2 + 1e-6


def test_noise_has_the_deviation_that_the_sensor_claims() -> None:
    probes = Probes(7)

    said = [probes.measured("t", NOON_MS + slot * 5000, 4.0, Instrument(noise_kelvin=0.2)) for slot in range(5000)]

    assert np.std(said) == pytest.approx(0.2, rel=0.05)
    assert np.mean(said) == pytest.approx(4.0, abs=0.02)


def test_a_tank_says_tenths() -> None:
    assert all(str(r.value)[-2] == "." for r in play("calm", history_h=2).of("tank-1.milk"))
    assert TANK_PT100.said(84.97, 0.0) == 85.0
