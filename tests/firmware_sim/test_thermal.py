"""Physics: heat flows downhill, steps of any length agree, doors and compressors do what they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_sim.bodies import GLASS_DOOR, KINDS, MULTIDECK, Body
from firmware_sim.thermal import Bodies

CLOSED = np.zeros(1)
OPEN = np.ones(1)
OFF = replace(GLASS_DOOR, capacity_w=0.0, load_w=0.0, ambient_swing_kelvin=0.0, defrost_every_s=0)


def test_without_cooling_everything_ends_at_ambient() -> None:
    bodies = Bodies([OFF])

    for _ in range(24 * 60 * 5):
        bodies.step(0.0, 60.0, CLOSED)

    assert bodies.air[0] == pytest.approx(OFF.ambient_celsius, abs=0.1)
    assert bodies.product[0] == pytest.approx(OFF.ambient_celsius, abs=0.1)


def test_heat_stored_is_heat_that_came_through_the_walls() -> None:
    bodies, dt_s, came_j = Bodies([OFF]), 1.0, 0.0

    def stored_j() -> float:
        return float((OFF.air_kj_per_kelvin * bodies.air[0] + OFF.product_kj_per_kelvin * bodies.product[0]) * 1000.0)

    before_j = stored_j()
    for _ in range(3600):
        came_j += OFF.wall_w_per_kelvin * (OFF.ambient_celsius - float(bodies.air[0])) * dt_s
        bodies.step(0.0, dt_s, CLOSED)

    assert stored_j() - before_j == pytest.approx(came_j, rel=0.01)


@pytest.mark.parametrize("door", [CLOSED, OPEN])
def test_five_second_and_one_minute_steps_agree(door: np.ndarray) -> None:
    fine, coarse = Bodies([OFF]), Bodies([OFF])

    for minute in range(60):
        coarse.step(minute * 60.0, 60.0, door)
        for part in range(12):
            fine.step(minute * 60.0 + part * 5.0, 5.0, door)

    assert coarse.air[0] == pytest.approx(fine.air[0], abs=1e-9)
    assert coarse.product[0] == pytest.approx(fine.product[0], abs=1e-9)


def test_milk_warms_with_the_measured_time_constant() -> None:
    minutes = GLASS_DOOR.product_kj_per_kelvin * 1000 / GLASS_DOOR.product_w_per_kelvin / 60

    assert 70 <= minutes <= 82


@pytest.mark.parametrize("kind", [kind for kind, body in KINDS.items() if body.capacity_w > 0])
def test_a_healthy_body_keeps_its_goods_near_the_setpoint(kind: str) -> None:
    body = KINDS[kind]
    bodies, product = Bodies([body]), []

    for minute in range(24 * 60):
        bodies.step(minute * 60.0, 60.0, CLOSED)
        product.append(float(bodies.product[0]))

    assert body.setpoint_celsius - 1.0 < min(product)
    assert max(product) < body.setpoint_celsius + 3.0


def test_the_compressor_rests_between_its_two_limits() -> None:
    body = replace(GLASS_DOOR, defrost_every_s=0)
    bodies, starts, ran = Bodies([body]), 0, False

    for step in range(6 * 3600 // 5):
        bodies.step(step * 5.0, 5.0, CLOSED)
        starts += bool(bodies.running[0]) and not ran
        ran = bool(bodies.running[0])
        assert body.setpoint_celsius - 0.3 < bodies.air[0] < body.setpoint_celsius + body.differential_kelvin + 0.3

    assert 6 <= starts <= 60


def test_an_open_door_warms_the_air_in_minutes_and_the_goods_in_hours() -> None:
    body = replace(GLASS_DOOR, defrost_every_s=0)
    bodies = Bodies([body])

    for step in range(15 * 12):
        bodies.step(step * 5.0, 5.0, OPEN)

    assert bodies.air[0] > 8.0
    assert bodies.product[0] < 6.0


def test_defrost_holds_the_compressor_off() -> None:
    def warmest(body: Body) -> float:
        bodies = Bodies([body])
        air = []
        for minute in range(6 * 60):
            bodies.step(minute * 60.0, 60.0, CLOSED)
            air.append(float(bodies.air[0]))
        return max(air)

    assert warmest(MULTIDECK) > warmest(replace(MULTIDECK, defrost_every_s=0)) + 2.0
