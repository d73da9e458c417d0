"""One point through a run of steps: which moments its sensor speaks of, and what is true of its asset then.

::

    course of the bodies ──▶ temperatures at every moment, switches at whole minutes, doors at each change, too
    road of the vehicle  ──▶ place and speed at every moment, but for tunnels
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from firmware_sim.chance import CHINA_OFFSET_S, Probes, local_s
from firmware_sim.doors import Array, Door
from firmware_sim.positions import Instrument
from firmware_sim.roads import POSITION_NOISE_DEG, SPEED_NOISE_M_PER_S, Fix, Road
from firmware_sim.sensing import Reading, Sensing, State

MINUTE_MS = 60_000
PLACE = Instrument(noise_kelvin=POSITION_NOISE_DEG, resolution_kelvin=1e-6)
"""A receiver as an instrument: degrees in place of kelvin."""

SPEED = Instrument(noise_kelvin=SPEED_NOISE_M_PER_S, resolution_kelvin=0.1)
"""Likewise, m/s."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a run of steps left behind.

    Attributes:
        since_ms: its start, ms UTC.
        moments_ms: the ends of its steps, ms UTC.
        felt: shape (moments, points), °C.
        air, product: shape (moments, assets), °C.
        door_open, running, defrosting: shape (moments, assets).
    """

    since_ms: int
    moments_ms: Sequence[int]
    felt: Array
    air: Array
    product: Array
    door_open: NDArray[np.bool_]
    running: NDArray[np.bool_]
    defrosting: NDArray[np.bool_]
    _states: dict[tuple[int, int], State] = field(default_factory=dict)

    def state(self, row: int, asset: int) -> State:
        """Return what is true of an asset at a moment."""
        known = self._states.get((row, asset))
        if known is None:
            known = self._states[row, asset] = State(
                round(float(self.air[row, asset]), 3),
                round(float(self.product[row, asset]), 3),
                bool(self.door_open[row, asset]),
                bool(self.running[row, asset]),
            )
        return known


@dataclass(frozen=True, slots=True)
class Telling:
    """One point.

    Attributes:
        place: its column among the points.
        asset: its asset's column.
        road: (start of the round in ms UTC, the road) of a vehicle on a round.
        live_ms: whole minutes count from here, ms UTC.
    """

    sensing: Sensing
    place: int
    asset: int
    door: Door
    road: tuple[int, Road] | None
    probes: Probes
    live_ms: int

    def told(self, course: Course) -> list[Reading]:
        """Return what the sensor says of a course, whenever it says it."""
        match self.sensing.point.quantity:
            case "temperature":
                felt = course.felt[:, self.place].tolist()
                found = [self._say(course, row, felt[row]) for row in range(len(felt))]
            case "door":
                found = self._door(course)
            case "unit":
                found = self._switch(course, course.running)
            case "defrost":
                found = self._switch(course, course.defrosting)
            case _:
                found = self._on_the_road(course)
        return [reading for reading in found if reading is not None]

    def _say(self, course: Course, row: int, felt: float | bool) -> Reading | None:
        return self.sensing.say(course.moments_ms[row], felt, course.state(row, self.asset))

    def _whole_minute(self, at_ms: int) -> bool:
        return (at_ms - self.live_ms) % MINUTE_MS == 0

    def _switch(self, course: Course, switch: NDArray[np.bool_]) -> list[Reading | None]:
        rows = [row for row, at_ms in enumerate(course.moments_ms) if self._whole_minute(at_ms)]
        return [self._say(course, row, bool(switch[row, self.asset])) for row in rows]

    def _door(self, course: Course) -> list[Reading | None]:
        moments_ms = course.moments_ms
        told = {
            at_ms: bool(is_open)
            for at_ms, is_open in zip(moments_ms, course.door_open[:, self.asset], strict=True)
            if self._whole_minute(at_ms)
        }
        for at_s, is_open in self.door.changes(local_s(course.since_ms), local_s(moments_ms[-1])):
            told[round((at_s - CHINA_OFFSET_S) * 1000)] = is_open
        rows = np.searchsorted(np.array(moments_ms), np.array(list(told), np.int64)).tolist()
        return [
            self.sensing.say(at_ms, is_open, replace(course.state(row, self.asset), door_open=is_open))
            for (at_ms, is_open), row in zip(told.items(), rows, strict=True)
        ]

    def _on_the_road(self, course: Course) -> list[Reading | None]:
        if self.road is None:
            return []
        started_ms, road = self.road
        return [
            self._say(course, row, self._placed(at_ms, road.fix((at_ms - started_ms) / 1000)))
            for row, at_ms in enumerate(course.moments_ms)
            if not road.hidden((at_ms - started_ms) / 1000)
        ]

    def _placed(self, at_ms: int, fix: Fix) -> float:
        point = self.sensing.point
        if point.quantity == "speed":
            return (
                max(0.0, self.probes.measured(point.channel, at_ms, fix.speed_m_per_s, SPEED)) if not fix.stop else 0.0
            )
        exact = fix.latitude_deg if point.quantity == "latitude" else fix.longitude_deg
        return self.probes.measured(point.channel, at_ms, exact, PLACE)
