"""A way on one day: how fast its traffic rolls at each place and time, and what hinders one truck on it.

::

    true speed = usual speed of the place and hour × pace of truck and day × what the traffic is now at the place
                 but no more than a truck may drive, and inside a jam no more than the jam's

Moments are local seconds of the trip's day (a trip over midnight counts on); metres count along the day's way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from firmware_sim.traffic.usual import SLOT_S
from firmware_sim.traffic.ways import Array, Way


@dataclass(frozen=True, slots=True)
class Jam:
    """A queue with its head at one place; it grows against the traffic, keeps its length, and shrinks to its head.

    Attributes:
        head_m: where it ends for who drives.
        length_m: at its longest.
        speed_m_per_s: the mean inside; those in it roll at twice that for half of a wave, then stand.
        wave_s: from one standstill to the next.
        begins_s, full_s, shrinks_s, ends_s: when.
    """

    head_m: float
    length_m: float
    speed_m_per_s: float
    wave_s: float
    begins_s: float
    full_s: float
    shrinks_s: float
    ends_s: float

    def tail_m(self, at_s: Array | float) -> Array:
        """Return where the jam begins for who drives; its head while there is none."""
        moments = (self.begins_s, self.full_s, self.shrinks_s, self.ends_s)
        return np.asarray(self.head_m - self.length_m * np.interp(at_s, moments, (0.0, 1.0, 1.0, 0.0)))


@dataclass(frozen=True, slots=True)
class Halt:
    """The truck stands: a red light, a break, fuel, a breakdown (``why``)."""

    at_m: float
    lasts_s: float
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Everything that chance decides about the road, before anybody drives.

    Attributes:
        stops_m: shape (stops,), m; the first at 0, the last at the way's end.
        first_s: start of the first slot.
        usual_m_per_s: shape (k, slots); of a rolling truck, known to who drives there every day.
        traffic: shape (k, slots); factor on it, by place and time.
        pace: factor on it, of truck, driver and day.
        lights_s: shape (k,); what lights cost in the mean, likewise known.
        jams, halts: of this truck's way, in no order.
    """

    way: Way
    stops_m: Array
    first_s: float
    usual_m_per_s: Array
    traffic: Array
    pace: float
    lights_s: Array
    jams: tuple[Jam, ...] = ()
    halts: tuple[Halt, ...] = ()

    def slot(self, at_s: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Return the slots of moments; the nearest one for moments outside of the day."""
        slots = self.usual_m_per_s.shape[1]
        return np.clip((np.asarray(at_s) - self.first_s) // SLOT_S, 0, slots - 1).astype(np.int64)

    def around(self, closed: Closure) -> Day:
        """Return the day of who drives around a closure: its stretch's jams and halts are gone, the branch's are there.

        Raises:
            ValueError: a stop lies inside the closed stretch.
        """
        from_m, to_m, branch = closed.from_m, closed.to_m, closed.branch
        if ((self.stops_m > from_m) & (self.stops_m < to_m)).any():
            raise ValueError(f"a stop lies between {from_m:.0f} and {to_m:.0f} m of the way")
        longer_m = branch.way.length_m - (to_m - from_m)
        first, last = (int(np.searchsorted(self.way.borders_m, at - 0.5)) for at in (from_m, to_m))

        def spliced(own: Array, theirs: Array) -> Array:
            return np.concatenate([own[:first], theirs, own[last:]])

        jams = [jam for jam in self.jams if jam.head_m <= from_m]
        jams += [replace(jam, head_m=jam.head_m + longer_m) for jam in self.jams if jam.head_m - jam.length_m >= to_m]
        halts = [halt for halt in self.halts if halt.at_m <= from_m]
        halts += [replace(halt, at_m=halt.at_m + from_m) for halt in branch.halts]
        halts += [replace(halt, at_m=halt.at_m + longer_m) for halt in self.halts if halt.at_m >= to_m]
        return Day(
            self.way.around(from_m, to_m, branch.way),
            np.where(self.stops_m >= to_m, self.stops_m + longer_m, self.stops_m),
            self.first_s,
            spliced(self.usual_m_per_s, branch.usual_m_per_s),
            spliced(self.traffic, branch.traffic),
            self.pace,
            spliced(self.lights_s, branch.lights_s),
            tuple(jams),
            tuple(halts),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A stretch of the way that is closed for a time; who comes to it then, drives around.

    Attributes:
        from_m, to_m: borders of sections; no stop lies between them.
        branch: the way around, from the one to the other, as a day of its own.
    """

    from_m: float
    to_m: float
    begins_s: float
    ends_s: float
    branch: Day

    def covers(self, at_s: float) -> bool:
        """Say whether the stretch is closed at a moment."""
        return self.begins_s <= at_s < self.ends_s
