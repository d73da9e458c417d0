"""A truck on its way on one day: where it is at every moment, and when it reaches and leaves its stops.

No chance in here: `firmware_sim.traffic.days.Day` has all of it. Speeds change at once; a truck needs 10 to 20 s for
it, less than there is between two fixes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.traffic.days import Day, Jam
from firmware_sim.traffic.usual import FASTEST_M_PER_S, SLOT_S
from firmware_sim.traffic.ways import Array

JAM_STEP_S = 60.0
"""A jam's tail is looked at so often while there is one."""

_NEAR_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """A drive; between two knots the speed is the same.

    Attributes:
        knots_s: shape (m,), local seconds, growing.
        knots_m: shape (m,), m along the day's way, never falling.
        arrives_s, served_s, leaves_s: shape (stops,), local seconds; served from when the window opens. The first
            stop is where the truck stands before.
    """

    knots_s: Array
    knots_m: Array
    arrives_s: Array
    served_s: Array
    leaves_s: Array

    def along_m(self, at_s: Array) -> Array:
        """Return metres along the day's way at moments; the ends before and after."""
        return np.interp(at_s, self.knots_s, self.knots_m)

    def speed_m_per_s(self, at_s: Array) -> Array:
        """Return the speed at moments (from them on); 0 before and after."""
        speeds = np.concatenate([[0.0], np.diff(self.knots_m) / np.diff(self.knots_s), [0.0]])
        return np.asarray(speeds[np.searchsorted(self.knots_s, at_s, side="right")])


def drive(day: Day, leaves_s: float, opens_s: Array, services_s: Array) -> Driven:
    """Drive a day's way.

    Args:
        leaves_s: true departure from the first stop.
        opens_s: shape (stops,); nobody is served before; -inf for always.
        services_s: shape (stops,); how long each stop truly takes; the first one's does not count.
    """
    wheel = _Wheel(day, leaves_s)
    stations = [(float(at_m), 0.0, stop) for stop, at_m in enumerate(day.stops_m)]
    stations += [(halt.at_m, halt.lasts_s, -1) for halt in day.halts]
    arrives, served, leaves = (np.full(len(day.stops_m), leaves_s) for _ in range(3))
    for at_m, lasts_s, stop in sorted(stations):
        wheel.roll(at_m)
        if stop < 0:
            wheel.stand(lasts_s)
        elif stop > 0:
            arrives[stop] = wheel.now_s
            served[stop] = max(wheel.now_s, opens_s[stop])
            wheel.stand(served[stop] - wheel.now_s + services_s[stop])
            leaves[stop] = wheel.now_s
    return Driven(np.array(wheel.knots_s), np.array(wheel.knots_m), arrives, served, leaves)


class _Wheel:
    def __init__(self, day: Day, now_s: float) -> None:
        self.now_s, self._at_m, self._section = now_s, 0.0, 0
        self.knots_s, self.knots_m = [now_s], [0.0]
        self._borders_m = day.way.borders_m.tolist()
        self._speeds = np.minimum(day.usual_m_per_s * day.traffic * day.pace, FASTEST_M_PER_S).tolist()
        self._first_s, self._slots, self._jams = day.first_s, day.usual_m_per_s.shape[1], day.jams

    def stand(self, seconds: float) -> None:
        if seconds > 0:
            self._note(self.now_s + seconds, self._at_m)

    def roll(self, to_m: float) -> None:
        while self._at_m < to_m - _NEAR_M:
            while self._borders_m[self._section + 1] <= self._at_m + _NEAR_M:
                self._section += 1
            speed, until_s = self._free()
            end_m, jam = min(to_m, self._borders_m[self._section + 1]), None
            for other in self._jams:
                if self.now_s < other.begins_s:
                    until_s = min(until_s, other.begins_s)
                elif self.now_s < other.ends_s and self._at_m < other.head_m - _NEAR_M:
                    until_s = min(until_s, self.now_s + JAM_STEP_S)
                    tail_m = float(other.tail_m(self.now_s))
                    if self._at_m < tail_m - _NEAR_M:
                        end_m = min(end_m, tail_m)
                    elif other.speed_m_per_s < speed:
                        end_m, jam, speed = min(end_m, other.head_m), other, other.speed_m_per_s
            if jam is None:
                self._go(speed, end_m, until_s)
            else:
                self._crawl(jam, end_m)

    def _free(self) -> tuple[float, float]:
        """Return the speed without jams, here and now, and until when it is that."""
        slot = int((self.now_s - self._first_s) // SLOT_S)
        if slot >= self._slots - 1:
            return self._speeds[self._section][-1], float("inf")
        return self._speeds[self._section][slot], self._first_s + (slot + 1) * SLOT_S

    def _crawl(self, jam: Jam, end_m: float) -> None:
        """One wave of a jam, or what is left of the way to ``end_m`` of it."""
        before_s = self.now_s
        self._go(2 * jam.speed_m_per_s, end_m, before_s + jam.wave_s / 2)
        self.stand(self.now_s - before_s)

    def _go(self, speed: float, end_m: float, until_s: float) -> None:
        arrives_s = self.now_s + (end_m - self._at_m) / speed
        if arrives_s <= until_s:
            self._note(arrives_s, end_m)
        else:
            self._note(until_s, self._at_m + speed * (until_s - self.now_s))

    def _note(self, now_s: float, at_m: float) -> None:
        if now_s > self.now_s:
            self.knots_s.append(now_s)
            self.knots_m.append(at_m)
        self.now_s, self._at_m = now_s, at_m
