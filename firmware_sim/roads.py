"""Where a vehicle is: a round of stops with times gives place and speed at any moment, and when its doors stand open.

::

    depot ──drive──▶ stop (dwell: doors open in the middle of it) ──drive──▶ way point (no dwell) ──drive──▶ depot

WGS-84 throughout: mainland map services shift by 100-700 m (GCJ-02), positioning receivers do not. Between stops the
way is straight and the speed even; add way points for a road that bends. What the road does to a round is in
`firmware_sim.rounds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""

FASTEST_M_PER_S = 33.0
"""A truck that must drive faster than 120 km/h to keep its times is a mistake in the file."""

DOOR_SHARE = 0.6
"""Share of a stop's dwell that the doors stand open, in its middle; assumed."""

SHORTEST_DOOR_DWELL_S = 120
"""A shorter stop is traffic or a way point: nobody unloads."""

SAME_PLACE_M = 1.0

POSITION_NOISE_DEG = 2.7e-5
"""About 3 m: an open-sky receiver."""

SPEED_NOISE_M_PER_S = 0.6


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on a round.

    Attributes:
        latitude_deg, longitude_deg: WGS-84.
        arrives_s, leaves_s: seconds from the start of the round.
        served: False for a halt on the road, where nobody opens a door.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    arrives_s: float
    leaves_s: float
    served: bool = True


@dataclass(frozen=True, slots=True)
class Fix:
    """Where and how fast; ``stop`` is the name of the stop where it stands, empty on the road."""

    latitude_deg: float
    longitude_deg: float
    speed_m_per_s: float
    stop: str


@dataclass(frozen=True, slots=True)
class Road:
    """A round: at least one stop, in the order of driving.

    Attributes:
        hidden_s: (from, to), seconds from the start of the round, in which no satellite is seen.
    """

    stops: tuple[Stop, ...]
    hidden_s: tuple[tuple[float, float], ...] = ()

    def hidden(self, since_s: float) -> bool:
        """Say whether the vehicle is in a tunnel ``since_s`` seconds after the round's start."""
        return any(from_s <= since_s < to_s for from_s, to_s in self.hidden_s)

    def fix(self, since_s: float) -> Fix:
        """Return where the vehicle is ``since_s`` seconds after the round's start; parked before and after it."""
        first, last = self.stops[0], self.stops[-1]
        if since_s <= first.leaves_s:
            return Fix(first.latitude_deg, first.longitude_deg, 0.0, first.name)
        for here, then in pairwise(self.stops):
            if since_s < then.arrives_s:
                share = (since_s - here.leaves_s) / (then.arrives_s - here.leaves_s)
                return Fix(
                    here.latitude_deg + share * (then.latitude_deg - here.latitude_deg),
                    here.longitude_deg + share * (then.longitude_deg - here.longitude_deg),
                    distance_m(here, then) / (then.arrives_s - here.leaves_s),
                    "",
                )
            if since_s <= then.leaves_s and then.arrives_s < then.leaves_s:
                return Fix(then.latitude_deg, then.longitude_deg, 0.0, then.name)
        return Fix(last.latitude_deg, last.longitude_deg, 0.0, last.name)

    def doors_s(self) -> list[tuple[float, float]]:
        """Return (opened, closed) at each stop but the first and the last, seconds from the round's start."""
        found = []
        for stop in self.stops[1:-1]:
            dwell_s = stop.leaves_s - stop.arrives_s
            if stop.served and dwell_s >= SHORTEST_DOOR_DWELL_S:
                rest_s = dwell_s * (1 - DOOR_SHARE) / 2
                found.append((stop.arrives_s + rest_s, stop.leaves_s - rest_s))
        return found

    def stays(self) -> list[tuple[str, float, float]]:
        """Return (name, arrived, left) of each stop where it stays, seconds from the round's start.

        A halt on the road that begins where a stop is left belongs to it: it has not left.
        """
        found: list[tuple[str, float, float]] = []
        for here, then in pairwise((*self.stops, None)):
            if here is not None and here.served and here.arrives_s < here.leaves_s:
                kept = then is not None and not then.served and distance_m(here, then) < SAME_PLACE_M
                left_s = then.leaves_s if then is not None and kept else here.leaves_s
                found.append((here.name, here.arrives_s, left_s))
        return found

    def length_m(self) -> float:
        """Return the way from first to last stop."""
        return sum(distance_m(here, then) for here, then in pairwise(self.stops))


def distance_m(a: Stop, b: Stop) -> float:
    """Return the distance of two stops along a great circle.

    >>> round(distance_m(Stop("", 31.0, 121.0, 0, 0), Stop("", 32.0, 121.0, 0, 0)))
    111195
    """
    up, over = radians(b.latitude_deg - a.latitude_deg), radians(b.longitude_deg - a.longitude_deg)
    half = sin(up / 2) ** 2 + cos(radians(a.latitude_deg)) * cos(radians(b.latitude_deg)) * sin(over / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(half))


def faults_of(stops: Sequence[Stop]) -> list[str]:
    """Return what is wrong with the stops of a round, one sentence each."""
    faults = [] if stops else ["a round needs at least one stop"]
    for stop in stops:
        if not (-90 <= stop.latitude_deg <= 90 and -180 <= stop.longitude_deg <= 180):
            faults.append(f"stop {stop.name!r}: {stop.latitude_deg}, {stop.longitude_deg} is no place on Earth")
        if stop.leaves_s < stop.arrives_s:
            faults.append(f"stop {stop.name!r}: leaves before it arrives")
    for here, then in pairwise(stops):
        drive_s = then.arrives_s - here.leaves_s
        if drive_s <= 0:
            faults.append(f"stop {then.name!r}: arrives before {here.name!r} is left")
        elif distance_m(here, then) > FASTEST_M_PER_S * drive_s:
            faults.append(f"stop {then.name!r}: {distance_m(here, then) / drive_s:.0f} m/s from {here.name!r}")
    return faults
