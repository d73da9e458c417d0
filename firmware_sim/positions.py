"""What a probe feels where it hangs, and what it makes of it: position, lag, offset, noise, resolution.

::

    air, goods, surroundings, door, unit ──▶ POSITIONS ──▶ true there ──▶ lag ──▶ offset, noise, rounding ──▶ said

A position is a mixture: a share of the air, the rest of the goods; then a share of what surrounds the body leaks in,
more while the door stands open; and it is colder while the unit runs where the cold air comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Position:
    """A place of a probe.

    Attributes:
        air_share: 0-1; the rest is the goods.
        around_share: 0-1; of the surroundings, always (air curtain, gaskets).
        door_share: 0-1; of the surroundings, while the door stands open.
        running_kelvin: added while the unit runs.
        lag_s: time constant of the probe with its buffer.
    """

    air_share: float = 1.0
    around_share: float = 0.0
    door_share: float = 0.0
    running_kelvin: float = 0.0
    lag_s: float = 0.0


POSITIONS: Mapping[str, Position] = {
    # The air store's own minutes are the lag of a bare probe: nothing is added.
    "return-air": Position(),
    # Until learnt, limits by position are taken as return air + 2 K, supply air - 2 K (project estimate): 4 K apart.
    "supply-air": Position(running_kelvin=-4.0, lag_s=30.0),
    # The goods themselves (a core probe, a simulator pack).
    "product": Position(air_share=0.0),
    # Buffered probe: retail packs follow the air with 45-60 min (domain facts 4.1, from measured 71-81 min of cartons).
    "mid-shelf": Position(lag_s=45 * 60.0),
    # Warmest shelf of an open front, where goods warm with about 25 min (rough simulation); leak share assumed.
    "top-front": Position(around_share=0.10, lag_s=25 * 60.0),
    "middle": Position(air_share=0.7, lag_s=120.0),
    # Beside the door of a room or box: information only, swings with each opening. Shares assumed.
    "near-door": Position(around_share=0.03, door_share=0.45, lag_s=60.0),
    "rear-door-top": Position(around_share=0.05, door_share=0.30, lag_s=180.0),
    # Immersed in the milk: no filter (domain facts 4.1).
    "milk": Position(air_share=0.0),
    "outside": Position(around_share=1.0, lag_s=300.0),
}
"""Shares are assumed where no source stands beside them."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a sensor makes of what it feels.

    Attributes:
        offset_kelvin: systematic error.
        noise_kelvin: standard deviation of a reading.
        resolution_kelvin: step of the value that is sent.
    """

    offset_kelvin: float = 0.0
    noise_kelvin: float = 0.03
    resolution_kelvin: float = 0.01

    def said(self, celsius: float, normal: float) -> float:
        """Return the value sent, °C, for a draw of the standard normal distribution.

        >>> Instrument(offset_kelvin=0.2, resolution_kelvin=0.1).said(4.07, 0.0)
        4.3
        """
        felt = celsius + self.offset_kelvin + self.noise_kelvin * normal
        if self.resolution_kelvin == 0.01:
            return round(felt, 2)
        return round(round(felt / self.resolution_kelvin) * self.resolution_kelvin, 6)


TRANSMITTER = Instrument()
"""A good transmitter: hundredths are sent, and the last few of them are noise. Assumed."""

TANK_PT100 = Instrument(noise_kelvin=0.01, resolution_kelvin=0.1)
"""Pt100 in a tank's pocket with a transmitter of 0.1 K; assumed."""

DS18B20_RESOLUTION_KELVIN = 0.0625
"""12 bits (Maxim DS18B20 data sheet); power-on value 85.00 °C, lost bus -127.00 °C."""


class Felt:
    """What probes feel, with their lag; `step` follows the bodies.

    Args:
        positions: one a probe.
        body: shape (n,), the place of each probe's body in the arrays of `step`.
    """

    def __init__(self, positions: Sequence[Position], body: Sequence[int]) -> None:
        def column(name: str) -> Array:
            return np.array([getattr(position, name) for position in positions], np.float64)

        self._body = np.array(body, np.intp)
        self._air, self._around, self._door = column("air_share"), column("around_share"), column("door_share")
        self._running, self._lag_s = column("running_kelvin"), column("lag_s")
        self.celsius: Array | None = None

    def step(
        self, dt_s: float, air: Array, product: Array, around: Array, door_open: Array, running: NDArray[np.bool_]
    ) -> Array:
        """Return what each probe feels after ``dt_s`` seconds, shape (n,), °C; the first call starts without lag.

        Args:
            air, product, around: of the bodies, °C.
            door_open: of the bodies, 0-1.
            running: of the bodies.
        """
        of = self._body
        inner = product[of] + self._air * (air[of] - product[of])
        inner = np.where(self._air == 1.0, air[of], np.where(self._air == 0.0, product[of], inner))
        leak = np.minimum(1.0, self._around + self._door * door_open[of])
        here = inner + leak * (around[of] - inner) + self._running * running[of]
        if self.celsius is not None:
            here = followed(self.celsius, here, dt_s, self._lag_s)
        self.celsius = here
        return here


def followed(before: Array, toward: Array, dt_s: float, lag_s: Array) -> Array:
    """Return what a first-order lag makes of a constant input; 0 s of lag follow at once.

    >>> float(followed(np.array([4.0]), np.array([25.0]), 600.0, np.array([80.645 * 60]))[0].round(2))
    6.45
    """
    decay = np.where(lag_s > 0, np.exp(-dt_s / np.where(lag_s > 0, lag_s, 1.0)), 0.0)
    return toward + (before - toward) * decay
