"""Chance by name and local day, so that no order of asking changes anything: bodies, doors, probe noise.

Everything here is a pure function of the seed; nothing draws from a shared generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np

from firmware_sim.bodies import KINDS, Body
from firmware_sim.doors import DAY_S, VISITS, Array, Door
from firmware_sim.fleet import Asset
from firmware_sim.positions import TRANSMITTER, Instrument

CHINA_OFFSET_S = 8 * 3600
"""China has one time, UTC+8, without daylight saving."""

NOISE_SLOT_S = 5
"""One draw of noise each 5 s of the day: no sensor of the demo speaks more often."""

VARIATION = 0.04
"""Spread of capacity, walls and ambient among bodies of a kind: no two coolers are alike. Assumed."""


def local_s(at_ms: int) -> float:
    """Return local seconds of a moment (ms UTC); whole days are multiples of 86,400."""
    return at_ms / 1000 + CHINA_OFFSET_S


def chance(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of a name: the same for the same seed and names, on every machine."""
    words = [name if isinstance(name, int) else crc32(name.encode()) for name in names]
    return np.random.default_rng([seed, *words])


def body_of(asset: Asset, seed: int, like: Body | None = None) -> Body:
    """Return the asset's thermal body: its kind's, a little off, with its own defrost clock.

    Args:
        like: a body to be taken as it is, in place of the kind's.
    """
    if like is not None:
        return like
    body, drawn = KINDS[asset.kind], chance(seed, "body", asset.id)
    capacity, walls, ambient = 1 + VARIATION * drawn.uniform(-1, 1, 3)
    return replace(
        body,
        capacity_w=body.capacity_w * capacity,
        wall_w_per_kelvin=body.wall_w_per_kelvin * walls,
        ambient_celsius=body.ambient_celsius * ambient,
        defrost_offset_s=int(drawn.integers(0, max(1, body.defrost_every_s))),
    )


def door_of(asset: Asset, seed: int, forced_s: Sequence[tuple[float, float]] = (), visited: bool = True) -> Door:
    """Return the asset's door.

    Args:
        forced_s: local intervals during which it stands open in any case.
        visited: False for the doors of a vehicle whose round says when they open.
    """
    visits = VISITS.get(asset.kind) if visited else None
    return Door(visits, lambda day: chance(seed, "door", asset.id, day), forced_s)


class Drawn:
    """Draws by (name, moment): the same whoever asks, in whatever order; a day's are made at once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._days: dict[tuple[str, str], tuple[int, Array]] = {}

    def normal(self, what: str, name: str, at_ms: int) -> float:
        """Return a draw of the standard normal distribution."""
        return self._draw(what, name, at_ms, even=False)

    def even(self, what: str, name: str, at_ms: int) -> float:
        """Return a draw in [0, 1)."""
        return self._draw(what, name, at_ms, even=True)

    def _draw(self, what: str, name: str, at_ms: int, *, even: bool) -> float:
        day, rest_s = divmod(local_s(at_ms), DAY_S)
        known = self._days.get((what, name))
        if known is None or known[0] != day:
            drawn, slots = chance(self._seed, what, name, int(day)), DAY_S // NOISE_SLOT_S
            known = int(day), drawn.random(slots) if even else drawn.standard_normal(slots)
            self._days[what, name] = known
        return float(known[1][int(rest_s // NOISE_SLOT_S)])


class Probes:
    """What probes make of a temperature: noise by (channel, day, slot), then the instrument."""

    def __init__(self, seed: int) -> None:
        self.drawn = Drawn(seed)

    def measured(self, channel: str, at_ms: int, celsius: float, instrument: Instrument = TRANSMITTER) -> float:
        """Return what the channel's probe says of an air or product at a moment, °C."""
        return instrument.said(float(celsius), self.drawn.normal("noise", channel, at_ms))
