"""Lumped thermal model of coolers, cold rooms and reefer bodies: pure, seeded by whoever calls.

::

                 walls W/K            doors W/K × share of the step that they stood open
    ambient ──────────────────▶ air ◀──────────────────────────────────────── ambient
                                │ ▲
              product W/K       │ └── fans, lights; a heater while defrosting
    product ◀───────────────────┘ ──▶ compressor (hysteresis on the air)

Two heat stores an asset: *air* (with shelves, coil and inner walls, which is why it takes minutes) and *product*
(hours). Each step is solved exactly for constant inputs, so 5 s and 60 s steps are equally stable.
Time, schedule and chance are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WARMEST_HOUR = 15.0
"""Local hour of the day's highest ambient temperature (air lags the sun by about three hours)."""


@dataclass(frozen=True, slots=True)
class Body:
    """One refrigerated body, as its thermostat and its walls see it.

    Attributes:
        setpoint_celsius: the compressor stops here and starts ``differential_kelvin`` above.
        air_kj_per_kelvin: air with what follows it quickly (shelves, coil, inner skin).
        product_kj_per_kelvin: goods; whole milk has 3.93 kJ/(kg K) (Walstra et al., Dairy Science and Technology).
        wall_w_per_kelvin: through walls, glass and, in an open case, the air curtain.
        door_w_per_kelvin: more, while the door stands open.
        product_w_per_kelvin: between air and goods. Together with the goods' capacity it makes the 70-80 min time
            constant that milk cartons show (20 °C room and refrigerator trials, foodsafetylab Corea-2023).
        capacity_w: heat taken out while the compressor runs.
        load_w: fans and lights.
        ambient_celsius: mean of the day around the body.
        ambient_swing_kelvin: half of the day's range.
        defrost_every_s: 0 for none. Usual: 6 h (Danfoss AK-RC 251 factory setting).
        defrost_s: how long the compressor is held off; at most 30 min is usual (Störk TRT252).
        defrost_offset_s: so that not all cases of a shop defrost at once.
        heater_w: into the air while defrosting, net of what the melting ice takes.
    """

    setpoint_celsius: float
    differential_kelvin: float
    air_kj_per_kelvin: float
    product_kj_per_kelvin: float
    wall_w_per_kelvin: float
    door_w_per_kelvin: float
    product_w_per_kelvin: float
    capacity_w: float
    load_w: float
    ambient_celsius: float
    ambient_swing_kelvin: float
    defrost_every_s: int = 0
    defrost_s: int = 0
    defrost_offset_s: int = 0
    heater_w: float = 0.0


GLASS_DOOR = Body(
    setpoint_celsius=2.6,
    differential_kelvin=1.8,
    air_kj_per_kelvin=30.0,
    product_kj_per_kelvin=157.0,
    wall_w_per_kelvin=6.0,
    door_w_per_kelvin=45.0,
    product_w_per_kelvin=33.0,
    capacity_w=450.0,
    load_w=40.0,
    ambient_celsius=24.0,
    ambient_swing_kelvin=1.5,
    defrost_every_s=6 * 3600,
    defrost_s=12 * 60,
)
"""Upright shop cooler, 40 kg of milk, one glass door."""

MULTIDECK = Body(
    setpoint_celsius=2.4,
    differential_kelvin=1.6,
    air_kj_per_kelvin=90.0,
    product_kj_per_kelvin=590.0,
    wall_w_per_kelvin=75.0,
    door_w_per_kelvin=0.0,
    product_w_per_kelvin=125.0,
    capacity_w=2900.0,
    load_w=220.0,
    ambient_celsius=23.0,
    ambient_swing_kelvin=1.5,
    defrost_every_s=6 * 3600,
    defrost_s=15 * 60,
)
"""Open multideck, 150 kg of milk; the air curtain leaks all day and there is no door."""

WALK_IN_ROOM = Body(
    setpoint_celsius=2.0,
    differential_kelvin=1.5,
    air_kj_per_kelvin=2_500.0,
    product_kj_per_kelvin=31_000.0,
    wall_w_per_kelvin=130.0,
    door_w_per_kelvin=450.0,
    product_w_per_kelvin=1_400.0,
    capacity_w=11_000.0,
    load_w=900.0,
    ambient_celsius=22.0,
    ambient_swing_kelvin=4.0,
    defrost_every_s=6 * 3600,
    defrost_s=25 * 60,
    heater_w=1_500.0,
)
"""Cold room of a distribution warehouse, eight tonnes of goods; goods on pallets follow the air in about six hours."""

FREEZER_ROOM = replace(WALK_IN_ROOM, setpoint_celsius=-21.0, capacity_w=16_000.0, product_kj_per_kelvin=17_000.0)
"""Ice-cream room; frozen goods hold about half the heat a kelvin that chilled ones do."""

REEFER = Body(
    setpoint_celsius=2.2,
    differential_kelvin=1.8,
    air_kj_per_kelvin=180.0,
    product_kj_per_kelvin=5_900.0,
    wall_w_per_kelvin=32.0,
    door_w_per_kelvin=260.0,
    product_w_per_kelvin=450.0,
    capacity_w=4_200.0,
    load_w=150.0,
    ambient_celsius=26.0,
    ambient_swing_kelvin=5.0,
    defrost_every_s=8 * 3600,
    defrost_s=15 * 60,
)
"""Delivery truck, 1.5 t of milk; 80 m² of body at K = 0.40 W/(m² K), the ATP limit of class IR."""

KINDS = {
    "glass-door-cooler": GLASS_DOOR,
    "open-multideck": MULTIDECK,
    "walk-in-room": WALK_IN_ROOM,
    "freezer-room": FREEZER_ROOM,
    "reefer": REEFER,
}


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

    def step(self, local_s: float, dt_s: float, door_open: Array) -> None:
        """Let ``dt_s`` seconds pass.

        The air is solved exactly against goods held still, then the goods against the mean air of the step: with
        air in minutes and goods in hours the split stays below 0.01 K at 60 s.

        Args:
            local_s: local time at the start of the step, s since any midnight.
            dt_s: > 0.
            door_open: shape (n,), 0-1; the share of the step that the door stood open.
        """
        defrost = self.defrosting(local_s)
        self.running = np.where(self.running, self.air > self._stop, self.air >= self._start) & ~defrost
        outside = self._wall + self._door * door_open
        gain = self._load - self._capacity * self.running + self._heater * defrost
        conductance = outside + self._coupling
        steady = (outside * self.ambient(local_s) + self._coupling * self.product + gain) / conductance
        decay = np.exp(-conductance * dt_s / self._air_j)
        excess = self.air - steady
        mean_air = steady + excess * (1.0 - decay) * self._air_j / (conductance * dt_s)
        self.air = steady + excess * decay
        self.product = mean_air + (self.product - mean_air) * np.exp(-self._coupling * dt_s / self._product_j)

    def copy(self) -> Bodies:
        """Return the same bodies in the same state, to ask what would happen if."""
        twin = copy(self)
        twin.air, twin.product, twin.running = self.air.copy(), self.product.copy(), self.running.copy()
        return twin
