"""The records that the fold keeps, as numpy sees them: what a point remembers, what a rule asks, what the fold says.

::

    POINT (a point)             newest samples, the product's temperature, a day of minutes out of range
    STATE (a loud lane)         one excursion from its first sample out to its end; a point's quiet lanes have none
    HEAD (version)              what a rule version asks of a sample before any lane
    PARAMETERS (version, lane)  a lane's limits and delays as numbers
    MOVE + a copy of STATE      an episode began, ended or changed its level
    NIGHT + copies of STATE     what an unquiet point was at UTC midnight: where a re-judge may start

Everything that a rule remembers lies in a STATE, which is kept at midnights, or is younger than `MEMORY_MS`, which a
re-judge reads before the midnight that it starts at. A new rule adds a lane or fields, and a new `FOLD_VERSION`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLD_VERSION = 5
"""Kept with every stored state; another one means: fold again (protocol: judging)."""

DAY_MS = 86_400_000
HOUR_MS = 3_600_000

NEVER_MS = -(1 << 62)
"""Time of the newest sample of a point that has none; far enough to subtract without overflow."""

Records = NDArray[Any]
"""A structured array of one of the dtypes below."""


class Lane(StrEnum):
    """Which rule of a point; the order is the lane's bit and its column in PARAMETERS.

    ``high``, ``low`` and ``high-high`` judge what the probe says, the last with a delay of its own; ``product`` and
    ``freeze`` the product's temperature, estimated where only air is measured. ``record-high`` and ``record-low`` are
    the label's storage condition on the product: every minute outside goes into the record and rings nobody.
    ``cumulative`` is the share of an allowance of time out of range that the last day used up, ``life`` the share that
    the goods used up since their lot or trip began, ``rate`` how much a value rose within half an hour,
    ``sensor-fault`` whether there is a temperature at all. ``washing`` is a cleaning in place, for the record.
    """

    HIGH = "high"
    LOW = "low"
    HIGH_HIGH = "high-high"
    PRODUCT = "product"
    FREEZE = "freeze"
    RECORD_HIGH = "record-high"
    RECORD_LOW = "record-low"
    CUMULATIVE = "cumulative"
    RATE = "rate"
    FAULT = "sensor-fault"
    WASHING = "washing"
    LIFE = "life"


LANES = tuple(Lane)

LOW_LANES = (Lane.LOW, Lane.FREEZE, Lane.RECORD_LOW)
SIGN = tuple(-1.0 if lane in LOW_LANES else 1.0 for lane in LANES)
"""The fold judges ``sign * value``, so that a low limit is a high limit of the mirrored value."""


class Subject(IntEnum):
    """What a lane judges."""

    PROBE = 0
    PRODUCT = 1
    SHARE = 2
    """Of the allowance of minutes out of range within `WINDOW_H`; 1: used up."""
    RISE = 3
    """K above the lowest value of the last `RISE_MS`."""
    GRADE = 4
    """`Grade` of the sample."""
    LIFE = 5
    """Of the allowance of minutes out of range since `HEAD`'s ``life_from``; a quiet lane judges K beyond the limit."""


SUBJECT: tuple[Subject, ...] = tuple(
    {
        Lane.PRODUCT: Subject.PRODUCT,
        Lane.FREEZE: Subject.PRODUCT,
        Lane.RECORD_HIGH: Subject.PRODUCT,
        Lane.RECORD_LOW: Subject.PRODUCT,
        Lane.CUMULATIVE: Subject.SHARE,
        Lane.RATE: Subject.RISE,
        Lane.FAULT: Subject.GRADE,
        Lane.LIFE: Subject.LIFE,
    }.get(lane, Subject.PROBE)
    for lane in LANES
)

UNITS = {
    Subject.PROBE: "Cel",
    Subject.PRODUCT: "Cel",
    Subject.SHARE: "/",
    Subject.RISE: "K",
    Subject.GRADE: "",
    Subject.LIFE: "/",
}
"""SenML units of limit and peak; the probe's is that of its point."""

RECORDED = (Lane.RECORD_HIGH, Lane.RECORD_LOW, Lane.WASHING)
"""Lanes of the record: episodes, and no alarms."""

GOODS = tuple(
    lane
    for lane, subject in zip(LANES, SUBJECT, strict=True)
    if subject in (Subject.PROBE, Subject.PRODUCT) and lane is not Lane.WASHING
)
"""Lanes that judge a temperature of goods: their episodes say what it did to these."""


EMPTY = 1 << len(LANES)
"""Beside the lanes' bits in what is said of a sample: no goods are there, as far as the vehicle's signals say."""

APART = EMPTY << 1
"""The other probe at the same place says something else."""


class Grade(IntEnum):
    """How much of a temperature a sample is."""

    GOOD = 0
    SAME = 1
    """The same value `SAME_SAMPLES` times one after another."""
    APART = 2
    """Far from what the other probe at the same place says: one of the two is wrong, nobody knows which."""
    DOUBTFUL = 3
    """No temperature: it counts nowhere else."""


SAME_SAMPLES = 8
"""So often the same before ``sensor-fault`` begins to count; few enough that a day's memory knows it."""

SENTINEL_CELSIUS = 85.0
"""What a DS18B20 says after power-on (data sheet): doubtful where it is a jump, a temperature on a ramp."""

JUMP_KELVIN = 25.0
"""A sentinel at least so far from the last value is one; a tank that is washed warms by less between two samples."""

AGREE_KELVIN = 5.0
"""A second sample so near to a doubtful one says that the step was real."""

RISE_MS = 1_800_000
RISE_BIN_MS = 300_000
RISE_BINS = RISE_MS // RISE_BIN_MS + 1
"""The lowest value is known by bins of 5 min, so the half hour is 30 to 35 min."""

WINDOW_H = 24
"""Minutes out of range are known by hours of UTC, so the day is 23 to 24 h."""

EMPTY_MS = 12 * HOUR_MS
"""A tank that was washed is empty until milk is found in it, and so long after its last hot sample at most: a tanker
washed in the evening stands empty until the morning, and a day's memory knows it."""

FILL_KELVIN = 4.0
FILL_BIN_MS = 600_000
"""A fall by so much below the highest value of this bin of time and the one before (10 to 20 min) is milk that comes
in. A tank that stands empty cools by less: 12 K above the air, with a time constant of an hour, 3.4 K in 20 min. Both
are assumed."""

COOLING_MS = 1_800_000
"""So long after its last hot sample a tank falls fast by itself, and by rinses."""

MEMORY_MS = 24 * HOUR_MS
"""What a point remembers outside its STATE is a function of the samples of its last day."""


class Phase(IntEnum):
    """Where one lane of a point stands."""

    NORMAL = 0
    PENDING = 1
    """Out, on-delay running."""
    ACTIVE = 2
    """An episode is open."""
    RETURNING = 3
    """Open still; back inside the deadband, return delay running."""


class Sum(IntEnum):
    """What a loud lane sums up over held time, in or out of the limit; holes add nothing.

    The last two are of the product's temperature, in lanes of `GOODS` only, else 0.
    """

    HELD = 0
    """ms."""
    VALUE = 1
    """sign * value judged, times ms."""
    GROWTH = 2
    """`coldchain.kinetics.relative_rate` by `coldchain.kinetics.SPOILERS`, times ms: the dose."""
    AGEING = 3
    """`coldchain.kinetics.ageing_rate`, times ms: for the mean kinetic temperature."""


LEVELS = 4
"""Levels that a lane may have, farther out one after another; each has a severity, and neighbours may have the same."""


class MoveKind(IntEnum):
    """What a MOVE says."""

    RAISED = 1
    CLOSED = 2
    ROSE = 3
    """To a higher level; the STATE beside it has it."""
    EASED = 4
    """To a lower level, and still beyond the lowest."""


class EndReason(IntEnum):
    """Why an episode ended."""

    NONE = 0
    RETURNED = 1
    RULE_REMOVED = 2
    NOT_IN_USE = 3
    """No goods are there to be judged."""
    BY_HAND = 4
    """A person said so: the sensor was lost or replaced."""
    WASHED = 5
    """The tank was cleaned: there is no milk in it."""
    LIFE_OVER = 6
    """Other goods, or another rule for them: what was used up belongs to those before."""


END_WORDS = {reason: reason.name.lower().replace("_", "-") for reason in EndReason if reason}


POINT = np.dtype(
    [
        ("t", "i8"),  # newest sample, measured ms
        ("good", "i8"),  # newest that is a temperature
        ("v", "f8"),  # its value
        ("felt", "f8"),  # the product's temperature then
        ("product", "f8", (2,)),  # the two filters
        ("odd", "f8"),  # a doubtful value right before, NaN: none
        ("hot", "i8"),  # newest sample of a washing behind which no milk was found
        ("highest", "f8", (2,)),  # of a washed tank since then: in the bin of time `fill`, and in the one before
        ("loud", "i4"),  # a bit for each lane that is not normal
        ("same", "i4"),  # times that the value repeated, at most SAME_SAMPLES
        ("place", "i4", (len(LANES),)),  # of each loud lane in the STATE array
        ("hour", "i4"),  # of UTC, up to which `outside` goes
        ("outside", "i4", (2 * WINDOW_H,)),  # ms beyond the high, then the low limit, by hour modulo 24
        ("total", "i4", (2,)),  # their sums
        ("fill", "i4"),  # bin of UTC, up to which `highest` goes
        ("bin", "i4"),  # of UTC, up to which `lowest` goes
        ("lowest", "f4", (RISE_BINS,)),  # by bin modulo RISE_BINS, NaN: no sample
    ],
    align=True,
)

STATE = np.dtype(
    [
        ("phase", "i1"),
        ("out", "i1"),  # what the newest sample was: INSIDE, OUTSIDE or EXCUSED; held outside is exposure
        ("level", "i1"),  # where the episode stands
        ("step", "i1"),  # highest step of its levels since onset
        ("severity", "i1"),  # of the level
        ("top", "i1"),  # highest severity since onset
        ("count", "i2", (LEVELS,)),  # samples at or beyond each level, one after another, at most MOST_SAMPLES
        ("stayed", "i4", (LEVELS,)),  # ms of held time at or beyond each level without a sample short of it
        ("held", "i4"),  # ms of held time on the running return delay; both at most LONGEST_MS
        ("samples", "i4"),  # samples at or beyond the limit since onset
        ("exposed", "i8"),  # ms held out since onset
        ("area", "f8"),  # unit * ms beyond the lowest limit while exposed
        ("excess", "f8"),  # by which the newest sample was beyond it
        ("rates", "f8", (len(Sum),)),  # what each ms adds to `sums` until the next sample
        ("sums", "f8", (len(Sum),)),  # over held time since onset
        ("peak", "f8"),  # most extreme sign * value
        ("hole", "i8"),  # ms of holes since onset
        ("hole_back", "i8"),  # the same up to `back`
        ("sums_back", "f8", (len(Sum),)),
        ("excused", "i8"),  # ms of `exposed` in windows that excuse
        ("onset", "i8"),  # first sample out
        ("raised", "i8"),  # the sample that decided
        ("back", "i8"),  # first sample back in, while returning
        ("peak_t", "i8"),
        ("limit", "f8"),  # sign * limit that raised it
        ("rule_from", "i8"),  # from when the version held that raised it
        ("used", "i8", (2,)),  # ms since onset beyond the high, the low limit of a life
        ("beyond", "i1"),  # beyond which of them the newest sample was, as bits
    ],
    align=True,
)
"""What each sample of an open episode touches stands first."""

INSIDE, OUTSIDE, EXCUSED = 0, 1, 2

LONGEST_MS = 1 << 30
"""Delays count to 12 days and no further."""

MOST_SAMPLES = 30_000

HEAD = np.dtype(
    [
        ("enter", "f8", (len(LANES),)),  # sign * limit of each lane's lowest level; NaN: this lane is not judged
        ("tau_ms", "f8"),  # time constant of the product behind the probe; 0: the probe feels the product
        ("hold_ms", "i8"),
        ("from_ms", "i8"),
        ("least", "f8"),  # what lies outside [least, most] is no temperature
        ("most", "f8"),
        ("jump", "f8"),  # K a minute beyond which a change is doubtful; NaN: any is believed
        ("window", "i8", (2,)),  # ms that may be spent beyond the high, the low limit in a day; 0: no such limit
        ("life", "i8", (2,)),  # ms that may be spent there since `life_from`; 0: no such limit
        ("life_from", "i8"),  # when the goods there began to be there
        ("bounds", "f8", (2,)),  # those limits, °C
        ("wash", "f8"),  # from here on a tank is being washed; NaN: it is no tank
        ("fall", "f8"),  # K by which a tank falls when milk comes in; inf: nobody looks for milk in it
        ("rinsed", "f8"),  # a fall to it or below is milk, however soon after the washing
        ("cold", "f8"),  # at or below it there is milk in the tank; NaN: only a fall says so
        ("filled", "i8"),  # since when somebody says that there is; NEVER_MS: nobody does
        ("closing", "i4"),  # EndReason of lanes that are open and not judged
        ("goods", "i4"),  # 1: it is a temperature of goods, and `GOODS` say what it did to them
    ],
    align=True,
)

PARAMETERS = np.dtype(
    [
        ("leave", "f8"),  # sign * limit - deadband
        ("levels", "i1"),  # how many there are
        ("severity", "i1", (LEVELS,)),  # of each, its number
        ("step", "i1", (LEVELS,)),
        ("rise", "f8", (LEVELS,)),  # sign * limit of each level; NaN: no such level
        ("ease", "f8", (LEVELS,)),  # sign * limit - deadband of each level
        ("on_ms", "i8", (LEVELS,)),
        ("confirm", "i4", (LEVELS,)),  # samples one after another, at least
        ("off_ms", "i8"),
    ],
    align=True,
)

MOVE = np.dtype(
    [("at", "i8"), ("ended", "i8"), ("slot", "i4"), ("lane", "i1"), ("kind", "i1"), ("reason", "i1")], align=True
)
"""``at``: the sample that decided; ``ended``: when the episode was over (CLOSED only)."""

NIGHT = np.dtype(
    [("slot", "i4"), ("loud", "i4"), ("first", "i8"), ("last", "i8"), ("newest", "i8"), ("good", "i8")], align=True
)
"""The state beside it holds at every UTC midnight from ``first`` to ``last`` (ms, both included); ``newest`` is the
last sample before them, ``good`` the last that was a temperature."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold said, in the order of the samples.

    Attributes:
        moves: shape (m,), MOVE.
        moved: shape (m,), STATE as it was at each move (before a close resets it).
        nights: shape (k,), NIGHT.
        kept: shape (k, LANES), STATE before the first sample after those midnights.
    """

    moves: Records
    moved: Records
    nights: Records
    kept: Records


def new_points(count: int) -> Records:
    """Return ``count`` points that have seen nothing."""
    points = np.zeros(count, POINT)
    points["t"] = points["good"] = points["hot"] = NEVER_MS
    for unknown in ("v", "felt", "product", "odd", "lowest"):
        points[unknown] = np.nan
    return points


@dataclass(frozen=True, slots=True)
class Loud:
    """Loud lanes of some points, in the points' order and then the lanes'.

    Attributes:
        which: shape (n,), the place of each one's point among those asked for, rising.
        lane: shape (n,), its number in `LANES`.
        state: shape (n,), a copy of its STATE.
    """

    which: NDArray[np.intp]
    lane: NDArray[np.intp]
    state: Records

    def __iter__(self) -> Iterator[tuple[int, Lane, Any]]:
        """Yield (place of the point, lane, STATE) of each."""
        for number, lane, state in zip(self.which.tolist(), self.lane.tolist(), self.state, strict=True):
            yield number, LANES[lane], state

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Loud:
        """Return some of them."""
        return Loud(self.which[chosen], self.lane[chosen], self.state[chosen])

    def packed(self, points: int) -> list[bytes | None]:
        """Return for each of the points asked for what `packed` gives of its lanes."""
        raw, size = self.state.tobytes(), STATE.itemsize
        ends = np.searchsorted(self.which, np.arange(points + 1)).tolist()
        bits = np.zeros(points, np.int64)
        np.bitwise_or.at(bits, self.which, 1 << self.lane.astype(np.int64))
        return [
            loud.to_bytes(4, "little") + raw[begin * size : end * size] if loud else None
            for loud, begin, end in zip(bits.tolist(), ends, ends[1:], strict=False)
        ]


class States:
    """The STATE of every loud lane; a point's ``place`` says where, place 0 is nobody's.

    100,000 points with all their lanes would be 300 MB that mostly say "normal".

    Attributes:
        records: shape (room,), STATE.
        free: shape (room,), int32; first how many places are free, then these places.
    """

    def __init__(self, room: int = 1024) -> None:
        self.records = np.zeros(0, STATE)
        self.free = np.zeros(1, np.int32)
        self._grow(room)

    def grow(self) -> None:
        """Double the room."""
        self._grow(2 * len(self.records))

    def _grow(self, room: int) -> None:
        before = max(len(self.records), 1)
        more = np.zeros(room, STATE)
        more[: len(self.records)] = self.records
        known = self.free[1 : 1 + self.free[0]]
        free = np.zeros(room + 1, np.int32)
        count = len(known) + room - before
        free[0] = count
        free[1 : 1 + count] = np.concatenate([np.arange(room - 1, before - 1, -1, dtype=np.int32), known])
        self.records, self.free = more, free

    def loud(self, points: Records) -> Loud:
        """Return every loud lane of some points; one after the other they cost ten times as much."""
        which, lane = np.nonzero(points["loud"][:, None] >> np.arange(len(LANES)) & 1)
        return Loud(which, lane, self.records[points["place"][which, lane]])

    def dense(self, point: Any) -> Records:
        """Return a copy of a point's lanes, shape (LANES,), STATE; normal ones are zero."""
        made = np.zeros(len(LANES), STATE)
        for bit in bits_of(int(point["loud"])):
            made[bit] = self.records[point["place"][bit]]
        return made

    def put(self, point: Any, lanes: Records) -> None:
        """Give a point these lanes instead of those it has; ``lanes`` as `dense` gives them."""
        for bit in bits_of(int(point["loud"])):
            self.free[0] += 1
            self.free[self.free[0]] = point["place"][bit]
        point["loud"], point["place"] = 0, 0
        for bit in np.flatnonzero(lanes["phase"] != Phase.NORMAL).tolist():
            if not self.free[0]:
                self.grow()
            place = int(self.free[self.free[0]])
            self.free[0] -= 1
            self.records[place] = lanes[bit]
            point["place"][bit] = place
            point["loud"] |= 1 << bit


def bits_of(loud: int) -> list[int]:
    """Return the numbers of the bits that are set.

    >>> bits_of(0b1010)
    [1, 3]
    """
    return [bit for bit in range(loud.bit_length()) if loud >> bit & 1]


def packed(lanes: Records) -> bytes | None:
    """Return the loud ones of a point's lanes as bytes, None when all are normal."""
    loud = sum(1 << bit for bit in np.flatnonzero(lanes["phase"] != Phase.NORMAL).tolist())
    return _packed(loud, lanes) if loud else None


def packed_loud(night: Any, kept: Records) -> bytes:
    """Return the loud lanes of a NIGHT as bytes; the others of ``kept`` were never written."""
    return _packed(int(night["loud"]), kept)


def unpacked(raw: bytes) -> Records:
    """Return what was packed, shape (LANES,), STATE; normal lanes are zero."""
    lanes = np.zeros(len(LANES), STATE)
    lanes[bits_of(int.from_bytes(raw[:4], "little"))] = np.frombuffer(raw[4:], STATE)
    return lanes


def _packed(loud: int, lanes: Records) -> bytes:
    return loud.to_bytes(4, "little") + b"".join(lanes[bit].tobytes() for bit in bits_of(loud))
