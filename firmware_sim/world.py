"""A fleet in time: physics, doors and misbehaviour become readings.

::

    fleet + scenario + seed ──▶ World.advance(moments) ──▶ one list of readings a sensor, each with its expectation

Same seed, fleet, scenario and live start give the same readings, however the moments are cut into calls: chance is
drawn by name and local day, never in the order of asking. No clock and no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coldchain.errors import ConfigError
from firmware_sim.chance import CHINA_OFFSET_S, Probes, body_of, door_of, local_s
from firmware_sim.doors import Array
from firmware_sim.fleet import Fleet, Point, sensor_of
from firmware_sim.opening import opening_ms
from firmware_sim.scenario import CLOCK_OF_2000_S, Expect, Scenario, Unregistered
from firmware_sim.thermal import KINDS, Bodies

STEP_S = 60
"""Step of history and of the hours before it; live steps are shorter."""

SETTLE_S = 6 * 3600
"""Hours run before history, so that it starts inside the compressors' rhythm: one defrost interval."""

ROOM_CELSIUS = 22.0
"""What a sensor that nobody registered measures."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sensor says once.

    Attributes:
        node: the gateway that it speaks to.
        sensor: the device's level of the topic.
        t_ms: the sensor's own time, ms UTC; wrong if its clock is.
        value: °C, a door's bool, or a fault word.
        expect: where it must be found.
    """

    node: str
    sensor: str
    channel: str
    t_ms: int
    value: float | bool | str
    unit: str
    expect: Expect


class World:
    """The fleet from ``history_s`` before live on.

    Args:
        live_ms: when live starts, ms UTC; the scenario counts from here.
        history_s: how much there is to tell of the time before.

    Raises:
        ConfigError: the scenario names what the fleet does not have, or cannot come true.
    """

    def __init__(self, fleet: Fleet, scenario: Scenario, seed: int, live_ms: int, history_s: int) -> None:
        _check(fleet, scenario)
        self.fleet, self.scenario, self.seed, self.live_ms = fleet, scenario, seed, live_ms
        self._now_ms = live_ms - (history_s + SETTLE_S) * 1000
        self.left_open_ms: int | None = None
        left_open: dict[str, float] = {}
        if scenario.left_open is not None:
            what = scenario.left_open
            self.left_open_ms = opening_ms(fleet, what, seed, live_ms, self._now_ms, STEP_S * 1000)
            left_open[fleet.point(what.point).asset] = local_s(self.left_open_ms)
        self._assets = {asset.id: place for place, asset in enumerate(fleet.assets)}
        self._nodes = {asset.id: fleet.node_of(asset.id) for asset in fleet.assets}
        self._bodies = Bodies([body_of(asset, seed) for asset in fleet.assets])
        self._doors = [door_of(asset, seed, left_open.get(asset.id)) for asset in fleet.assets]
        self._probes = Probes(seed)
        self._step(range(self._now_ms + STEP_S * 1000, live_ms - history_s * 1000 + 1, STEP_S * 1000))

    def advance(self, moments_ms: Sequence[int]) -> list[list[Reading]]:
        """Let time pass and sample at each moment.

        Args:
            moments_ms: growing, ms UTC, all later than those asked before.

        Returns:
            One list a sensor that has something to say, in the order of its times. Doors are told at each change
            and at whole minutes from live.
        """
        since_ms = self._now_ms
        air, product = self._step(moments_ms)
        said: dict[tuple[str, str], list[Reading]] = {}
        for point in self.fleet.points:
            asset = self._assets[point.asset]
            if point.quantity == "door":
                found = self._door_readings(point, asset, since_ms, moments_ms)
            else:
                celsius = (product if point.position == "product" else air)[:, asset]
                found = self._temperature_readings(point, celsius, moments_ms)
            if found:
                said.setdefault((found[0].node, found[0].sensor), []).extend(found)
        for stray in self.scenario.unregistered:
            found = self._stray_readings(stray, moments_ms)
            said.setdefault((stray.node, found[0].sensor), []).extend(found)
        return [sorted(readings, key=lambda reading: reading.t_ms) for readings in said.values()]

    def _step(self, moments_ms: Sequence[int]) -> tuple[Array, Array]:
        times_s = np.array([local_s(at) for at in (self._now_ms, *moments_ms)])
        if len(times_s) < 2:
            return np.empty((0, len(self._assets))), np.empty((0, len(self._assets)))
        shares = np.stack([door.share(times_s) for door in self._doors], axis=1)
        air, product = np.empty(shares.shape), np.empty(shares.shape)
        for place, share in enumerate(shares):
            self._bodies.step(times_s[place], times_s[place + 1] - times_s[place], share)
            air[place], product[place] = self._bodies.air, self._bodies.product
        self._now_ms = moments_ms[-1]
        return air, product

    def _temperature_readings(self, point: Point, celsius: Array, moments_ms: Sequence[int]) -> list[Reading]:
        node, live_ms, scenario = self._nodes[point.asset], self.live_ms, self.scenario
        offline = [spell for spell in scenario.offline if spell.point == point.id]
        unplugged = [spell for spell in scenario.unplugged if spell.point == point.id]
        wrong_clock = any(sensor.point == point.id for sensor in scenario.wrong_clock)
        readings = []
        for at_ms, exact in zip(moments_ms, celsius, strict=True):
            before_s = (live_ms - at_ms) / 1000
            if any(spell.to_s < before_s <= spell.from_s for spell in offline):
                continue
            value: float | str = self._probes.measured(point.channel, at_ms, exact)
            t_ms, expect = at_ms, Expect.RECORDED
            if wrong_clock:
                if at_ms <= live_ms:
                    continue
                t_ms, expect = CLOCK_OF_2000_S * 1000 + at_ms - live_ms, Expect.SENSOR_CLOCK
            for pulled in unplugged:
                if pulled.to_s < before_s <= pulled.from_s:
                    value, expect = pulled.word, Expect.FAULT
            readings.append(Reading(node, point.sensor, point.channel, t_ms, value, point.unit, expect))
        return readings

    def _door_readings(self, point: Point, asset: int, since_ms: int, moments_ms: Sequence[int]) -> list[Reading]:
        node, door = self._nodes[point.asset], self._doors[asset]
        told = {at: door.is_open(local_s(at)) for at in moments_ms if (at - self.live_ms) % (STEP_S * 1000) == 0}
        if moments_ms:
            for at_s, is_open in door.changes(local_s(since_ms), local_s(moments_ms[-1])):
                told[round((at_s - CHINA_OFFSET_S) * 1000)] = is_open
        return [
            Reading(node, point.sensor, point.channel, at, is_open, "", Expect.RECORDED) for at, is_open in told.items()
        ]

    def _stray_readings(self, stray: Unregistered, moments_ms: Sequence[int]) -> list[Reading]:
        sensor = sensor_of(stray.channel)
        return [
            Reading(
                stray.node,
                sensor,
                stray.channel,
                at,
                self._probes.measured(stray.channel, at, ROOM_CELSIUS),
                "Cel",
                Expect.UNKNOWN_CHANNEL,
            )
            for at in moments_ms
        ]


def _check(fleet: Fleet, scenario: Scenario) -> None:
    points, nodes = {point.id for point in fleet.points}, {node.id for node in fleet.nodes}
    told = [item.point for item in scenario.offline]
    told += [item.point for item in scenario.unplugged]
    told += [item.point for item in scenario.wrong_clock]
    if scenario.left_open is not None:
        told.append(scenario.left_open.point)
    faults = [f"scenario: the fleet has no point {name!r}" for name in told if name not in points]
    faults += [
        f"scenario: the fleet has no node {item.node!r}" for item in scenario.unregistered if item.node not in nodes
    ]
    faults += [
        f"fleet: {asset.id}: no thermal model {asset.kind!r}" for asset in fleet.assets if asset.kind not in KINDS
    ]
    if faults:
        raise ConfigError(faults)
