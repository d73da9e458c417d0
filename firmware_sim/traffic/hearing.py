"""What is heard of a truck: fixes with noise, none in tunnels, and late ones from where there is no network.

Measured times are right; a fix from a dead spot is heard when the truck comes out of it. All numbers are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_sim.roads import EARTH_M
from firmware_sim.traffic.days import Day
from firmware_sim.traffic.driving import Driven
from firmware_sim.traffic.ways import Array, RoadKind

INTERVALS_S, INTERVAL_SHARE = (30, 60, 120), (0.7, 0.2, 0.1)
"""Time between two fixes; all trucks of a fleet have the same."""

JITTER_S = 0.4
PARKED_S = 20 * 60
"""The terminal speaks so long before the departure and after the end."""

NOISE_M = 3.0
"""Deviation of a fix in the open, to the north and to the east; one half of it wanders, the other is new each time."""

DRIFT_M = 12.0
"""Deviation of the wandering while a truck stands among houses."""

WANDERS_S = 300.0
"""After this time the wandering has forgotten two thirds."""

OUTLIER_SHARE, OUTLIER_M = 0.002, (50.0, 300.0)
"""Single fixes that a reflection put elsewhere."""

SPEED_NOISE_M_PER_S = 0.3
STANDING_M_PER_S = 0.5
"""Receivers say 0 below this."""

TUNNELS_A_KM = {RoadKind.RURAL: 0.002, RoadKind.HIGHWAY: 0.012, RoadKind.URBAN: 0.006}
TUNNEL_S = (60.0, 360.0)
"""How long a truck at the free speed of `TUNNEL_M_PER_S` is in a tunnel; longer in a jam."""

TUNNEL_M_PER_S = {RoadKind.RURAL: 12.0, RoadKind.HIGHWAY: 20.0, RoadKind.URBAN: 9.0}

DEAD_SPOTS_A_KM, DEAD_SPOT_M = 0.005, (1_000.0, 15_000.0)
NETWORK_S = (1.0, 6.0)
"""From measuring to being heard, with network."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Fixes of one truck, in measured order.

    Attributes:
        t_ms: shape (n,), measured, ms UTC, growing.
        latitude_deg, longitude_deg: shape (n,).
        speed_m_per_s: shape (n,).
        heard_ms: shape (n,), when the server heard it, ms UTC.
        interval_s: expected time between two fixes.
    """

    t_ms: NDArray[np.int64]
    latitude_deg: Array
    longitude_deg: Array
    speed_m_per_s: Array
    heard_ms: NDArray[np.int64]
    interval_s: int


def hear(day: Day, driven: Driven, midnight_ms: int, drawn: np.random.Generator) -> Heard:
    """Return what a truck's terminal says of a drive.

    Args:
        midnight_ms: what local seconds count from, ms UTC.
    """
    interval_s = int(drawn.choice(INTERVALS_S, p=INTERVAL_SHARE))
    tunnels, dead_spots = _tunnels(day, drawn), _dead_spots(day, drawn)
    first_s, last_s = driven.arrives_s[0] - PARKED_S, driven.leaves_s[-1] + PARKED_S
    times_s = np.arange(first_s + drawn.uniform(0, interval_s), last_s, interval_s)
    times_s += drawn.uniform(-JITTER_S, JITTER_S, len(times_s))
    along_m, speed = driven.along_m(times_s), driven.speed_m_per_s(times_s)
    north_m, east_m = _errors_m(day, along_m, speed, interval_s, drawn)
    latitude, longitude = day.way.place(along_m)
    latitude = latitude + np.degrees(north_m / EARTH_M)
    longitude = longitude + np.degrees(east_m / EARTH_M) / np.cos(np.radians(latitude))
    said = np.abs(speed + drawn.normal(0.0, SPEED_NOISE_M_PER_S, len(times_s)))
    said = np.where((said < STANDING_M_PER_S) | (speed == 0), 0.0, said)
    heard_s = _heard_s(times_s, along_m, dead_spots, drawn)
    kept = ~_inside(along_m, tunnels)
    return Heard(
        midnight_ms + np.round(times_s[kept] * 1000).astype(np.int64),
        np.round(latitude[kept], 6),
        np.round(longitude[kept], 6),
        np.asarray(np.round(said[kept], 1), np.float64),
        midnight_ms + np.round(heard_s[kept] * 1000).astype(np.int64),
        interval_s,
    )


def _errors_m(
    day: Day, along_m: Array, speed: Array, interval_s: int, drawn: np.random.Generator
) -> tuple[Array, Array]:
    """Errors to the north and to the east, shape (n,) each."""
    count, keeps = len(along_m), float(np.exp(-interval_s / WANDERS_S))
    news, white = drawn.normal(size=(2, count, 2))
    wandering = np.empty((count, 2))
    level = drawn.normal(size=2)
    for place in range(count):
        wandering[place] = level
        level = keeps * level + np.sqrt(1 - keeps**2) * news[place]
    standing = (speed == 0) & (day.way.kind_at(along_m) == RoadKind.URBAN)
    errors = NOISE_M * np.sqrt(0.5) * (white + wandering) + np.where(standing, DRIFT_M, 0.0)[:, None] * wandering
    off_m = np.where(drawn.random(count) < OUTLIER_SHARE, drawn.uniform(*OUTLIER_M, count), 0.0)
    bearing = drawn.uniform(0, 2 * np.pi, count)
    return errors[:, 0] + off_m * np.cos(bearing), errors[:, 1] + off_m * np.sin(bearing)


def _tunnels(day: Day, drawn: np.random.Generator) -> list[tuple[float, float]]:
    """Tunnels as (from, to), m; none holds a stop."""
    lengths_m, found = np.diff(day.way.borders_m), []
    for kind in RoadKind:
        own = np.flatnonzero(day.way.kinds == kind)
        for _ in range(int(drawn.poisson(TUNNELS_A_KM[kind] * lengths_m[own].sum() / 1000))):
            middle_m = float(day.way.borders_m[int(drawn.choice(own))])
            half_m = float(drawn.uniform(*TUNNEL_S)) * TUNNEL_M_PER_S[kind] / 2
            from_m, to_m = middle_m - half_m, middle_m + half_m
            if not ((day.stops_m >= from_m) & (day.stops_m <= to_m)).any():
                found.append((from_m, to_m))
    return found


def _dead_spots(day: Day, drawn: np.random.Generator) -> list[tuple[float, float]]:
    count = int(drawn.poisson(DEAD_SPOTS_A_KM * day.way.length_m / 1000))
    starts_m, lengths_m = drawn.uniform(0, day.way.length_m, count), drawn.uniform(*DEAD_SPOT_M, count)
    return sorted(zip(starts_m.tolist(), (starts_m + lengths_m).tolist(), strict=True))


def _inside(along_m: Array, spans: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(along_m), bool)
    for from_m, to_m in spans:
        inside |= (along_m >= from_m) & (along_m < to_m)
    return inside


def _heard_s(
    times_s: Array, along_m: Array, dead_spots: list[tuple[float, float]], drawn: np.random.Generator
) -> Array:
    """Each fix at its time and the network's, those of a dead spot when the first one outside of it is heard."""
    heard_s = times_s + drawn.uniform(*NETWORK_S, len(times_s))
    dark = np.append(_inside(along_m, dead_spots), False)
    out = np.minimum.accumulate(np.where(dark, len(times_s), np.arange(len(dark)))[::-1])[::-1]
    return np.asarray(heard_s[np.minimum(out[:-1], len(times_s) - 1)])
