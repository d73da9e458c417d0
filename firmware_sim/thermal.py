"""Lumped thermal model of coolers, cold rooms and reefer bodies: pure, seeded by whoever calls.

::

                 walls W/K            doors W/K × share of the step that they stood open
    ambient ──────────────────▶ air ◀──────────────────────────────────────── ambient
                                │ ▲
              product W/K       │ └── fans, lights; a heater while defrosting
    product ◀───────────────────┘ ──▶ compressor (hysteresis on the air)

The numbers of every kind stand in `firmware_sim.bodies`. Two heat stores an asset: *air* (with shelves, coil and inner
walls, which is why it takes minutes) and *product* (hours). Each step is solved exactly for constant inputs, so 5 s and
60 s steps are equally stable.
Time, schedule and chance are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.bodies import Body

Array = NDArray[np.float64]

WARMEST_HOUR = 15.0
"""Local hour of the day's highest ambient temperature (air lags the sun by about three hours)."""


@dataclass(slots=True)
class Drive:
    """What is done to bodies in one step, each of shape (n,); `calm` for nothing.

    Attributes:
        capacity_share: of the built capacity; 0 where the unit is off, dead or without mains, between for ice.
        load_share: of fans, lights and heater; 0 without mains.
        fresh_share: of the goods replaced at the start of the step (restocking, milking, filling a tank).
        fresh_celsius: the new goods' temperature.
        held_celsius: NaN, or what washing water holds the whole vessel at.
        around_celsius: what surrounds each body; None for its own mean and swing.
    """

    capacity_share: Array
    load_share: Array
    fresh_share: Array
    fresh_celsius: Array
    held_celsius: Array
    around_celsius: Array | None = None

    @classmethod
    def calm(cls, count: int) -> Drive:
        """Return a drive of ``count`` bodies that changes nothing."""
        ones, zeros = np.ones(count), np.zeros(count)
        return cls(ones, ones.copy(), zeros, zeros.copy(), np.full(count, np.nan))


class Bodies:
    """Bodies and how warm they are now; `step` moves all of them.

    Attributes:
        air: shape (n,), °C.
        product: shape (n,), °C.
        running: shape (n,), bool; compressors.
    """

    def __init__(self, bodies: Sequence[Body]) -> None:
        def column(name: str) -> Array:
            return np.array([getattr(body, name) for body in bodies], np.float64)

        self._stop = column("setpoint_celsius")
        self._start = self._stop + column("differential_kelvin")
        self._air_j = column("air_kj_per_kelvin") * 1000.0
        self._product_j = column("product_kj_per_kelvin") * 1000.0
        self._wall, self._door = column("wall_w_per_kelvin"), column("door_w_per_kelvin")
        self._coupling = column("product_w_per_kelvin")
        self._capacity, self._load, self._heater = column("capacity_w"), column("load_w"), column("heater_w")
        self._mean, self._swing = column("ambient_celsius"), column("ambient_swing_kelvin")
        self._senses_product = column("senses_product") > 0
        self._calm = Drive.calm(len(bodies))
        every = column("defrost_every_s")
        self._defrosts = every > 0
        self._every = np.where(self._defrosts, every, 1.0)
        self._defrost_s, self._offset_s = column("defrost_s"), column("defrost_offset_s")
        self.air = (self._stop + self._start) / 2
        self.product = self.air.copy()
        self.running = np.zeros(len(bodies), bool)

    def ambient(self, local_s: float) -> Array:
        """Return what surrounds each body, shape (n,), °C, at a local time in seconds."""
        share = float(np.cos(2 * np.pi * (local_s / 3600.0 - WARMEST_HOUR) / 24.0))
        return self._mean + self._swing * share

    def defrosting(self, local_s: float) -> NDArray[np.bool_]:
        """Return which bodies defrost at a local time, shape (n,)."""
        return self._defrosts & (np.mod(local_s - self._offset_s, self._every) < self._defrost_s)

    def step(self, local_s: float, dt_s: float, door_open: Array, drive: Drive | None = None) -> None:
        """Let ``dt_s`` seconds pass.

        Both stores together are solved exactly for what holds during the step, so no heat is lost to its length.

        Args:
            local_s: local time at the start of the step, s since any midnight.
            dt_s: > 0.
            door_open: shape (n,), 0-1; the share of the step that the door stood open.
            drive: what is done to the bodies; nothing without it.
        """
        does = self._calm if drive is None else drive
        self.product = self.product + (does.fresh_celsius - self.product) * does.fresh_share
        defrost = self.defrosting(local_s)
        felt = np.where(self._senses_product, self.product, self.air)
        called = np.where(self.running, felt > self._stop, felt >= self._start)
        self.running = called & ~defrost & (does.capacity_share > 0)
        outside = self._wall + self._door * door_open
        gain = self._load * does.load_share - self._capacity * does.capacity_share * self.running
        gain = gain + self._heater * defrost * does.load_share
        around = self.ambient(local_s) if does.around_celsius is None else does.around_celsius
        air, product = self._after(dt_s, outside, around + gain / outside)
        free = np.isnan(does.held_celsius)
        self.air = np.where(free, air, does.held_celsius)
        self.product = np.where(free, product, does.held_celsius)

    def _after(self, dt_s: float, outside: Array, rest: Array) -> tuple[Array, Array]:
        """Return air and product after ``dt_s``: the matrix exponential of two coupled heat stores, in closed form.

        Args:
            outside: W/K between air and surroundings.
            rest: °C at which both would end.
        """
        air_by_air = (outside + self._coupling) / self._air_j
        air_by_product = self._coupling / self._air_j
        by_air = self._coupling / self._product_j
        middle = (air_by_air + by_air) / 2
        half = np.sqrt(((air_by_air - by_air) / 2) ** 2 + air_by_product * by_air)
        # The slow rate is the difference of two near numbers; this form of it keeps its digits.
        slow = np.exp(-by_air * (outside / self._air_j) / (middle + half) * dt_s)
        fast = np.exp(-(middle + half) * dt_s)
        mean, lean = (slow + fast) / 2, (slow - fast) / (2 * half)
        air, product = self.air - rest, self.product - rest
        return (
            rest + mean * air + lean * ((middle - air_by_air) * air + air_by_product * product),
            rest + mean * product + lean * (by_air * air + (middle - by_air) * product),
        )

    def copy(self) -> Bodies:
        """Return the same bodies in the same state, to ask what would happen if."""
        twin = copy(self)
        twin.air, twin.product, twin.running = self.air.copy(), self.product.copy(), self.running.copy()
        return twin
