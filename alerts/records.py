"""The records that the fold keeps, as numpy sees them: what a point remembers, what a rule asks, what the fold says.

::

    POINT (a point)             newest sample judged, the product's temperature
    STATE (a point and lane)    one excursion from its first sample out to its end
    PARAMETERS (version, lane)  a rule version, limits and delays as numbers
    MOVE + a copy of STATE      an episode began or ended
    NIGHT + copies of STATE     what an unquiet point was at UTC midnight: where a re-judge may start

A new rule adds a lane, fields to STATE or PARAMETERS, and a new `FOLD_VERSION`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldchain.registry import SEVERITIES

FOLD_VERSION = 2
"""Kept with every stored state; another one means: fold again (protocol: judging)."""

DAY_MS = 86_400_000
LAPSE_MS = 7_200_000
"""A hole of 2 h from the last sample on ends what was only pending (protocol: judging)."""

HOLD_INTERVALS = 2
"""A value counts for at most two expected intervals; longer is a hole (house: rules)."""

NEVER_MS = -(1 << 62)
"""Time of the newest sample of a point that has none; far enough to subtract without overflow."""

Records = NDArray[Any]
"""A structured array of one of the dtypes below."""


class Lane(StrEnum):
    """Which rule of a point; the order is the column in STATE and PARAMETERS.

    ``high`` and ``low`` judge what the probe says; ``product`` the product's temperature, estimated where only air is
    measured; ``air`` is a second, higher limit of the air with its own delay. ``record-high`` and ``record-low`` are
    the label's storage condition on the product: every minute outside goes into the record and rings nobody.
    """

    HIGH = "high"
    LOW = "low"
    PRODUCT = "product"
    AIR = "air"
    RECORD_HIGH = "record-high"
    RECORD_LOW = "record-low"


LANES = tuple(Lane)
SIGN = (1.0, -1.0, 1.0, 1.0, 1.0, -1.0)
"""The fold judges ``sign * value``, so that a low limit is a high limit of the mirrored value."""

ESTIMATED = (False, False, True, False, True, True)
"""Lanes that judge the product's temperature."""

RECORDED = (Lane.RECORD_HIGH, Lane.RECORD_LOW)
"""Lanes of the record: episodes, and no alarms."""

RESTART_MS = 12 * 3_600_000
"""The product's estimate is made by two filters that start again every 12 h of UTC, 6 h apart; the older one counts.
So it depends on no sample older than 12 h, and a re-judge that starts at a midnight finds the same number."""


class Phase(IntEnum):
    """Where one lane of a point stands."""

    NORMAL = 0
    PENDING = 1
    """Out, on-delay running."""
    ACTIVE = 2
    """An episode is open."""
    RETURNING = 3
    """Open still; back inside the deadband, return delay running."""


LEVELS = len(SEVERITIES)
"""Levels of an episode; a severity's place is its number."""


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


POINT = np.dtype([("t", "i8"), ("v", "f8"), ("product", "f8", (2,)), ("loud", "i4")], align=True)
"""Newest sample judged: measured ms, °C; the two filters of the product's temperature, °C; a bit for each lane that is
not normal, so that the states of quiet ones need not be touched."""

STATE = np.dtype(
    [
        ("phase", "i1"),
        ("out", "i1"),  # the newest sample was at or beyond the limit: its held time is exposure
        ("level", "i1"),  # where the episode stands
        ("top", "i1"),  # highest level since onset
        ("count", "i2", (LEVELS,)),  # samples at or beyond each level, one after another, at most MOST_SAMPLES
        ("stayed", "i4", (LEVELS,)),  # ms of held time at or beyond each level without a sample short of it
        ("held", "i4"),  # ms of held time on the running return delay; both at most LONGEST_MS
        ("samples", "i4"),  # samples at or beyond the limit since onset
        ("exposed", "i8"),  # ms held out since onset
        ("area", "f8"),  # K * ms beyond the lowest limit while exposed
        ("excess", "f8"),  # K by which the newest sample was beyond it
        ("peak", "f8"),  # most extreme sign * value
        ("hole", "i8"),  # ms of holes since onset
        ("hole_back", "i8"),  # the same up to `back`
        ("onset", "i8"),  # first sample out
        ("raised", "i8"),  # the sample that decided
        ("back", "i8"),  # first sample back in, while returning
        ("peak_t", "i8"),
        ("limit", "f8"),  # sign * limit that raised it
        ("rule_from", "i8"),  # the version that raised it
    ],
    align=True,
)
"""What each sample of an open episode touches stands first: one line of the processor's cache of 64 bytes."""

LONGEST_MS = 1 << 30
"""Delays count to 12 days and no further."""

MOST_SAMPLES = 30_000

PARAMETERS = np.dtype(
    [
        ("enter", "f8"),  # sign * limit of the lowest level; NaN: this lane is not judged
        ("leave", "f8"),  # sign * limit - deadband
        ("base", "i1"),  # the lowest level that has a limit; -1, like `highest`, in a lane without
        ("highest", "i1"),
        ("rise", "f8", (LEVELS,)),  # sign * limit of each level; NaN: no such level
        ("ease", "f8", (LEVELS,)),  # sign * limit - deadband of each level
        ("on_ms", "i8", (LEVELS,)),
        ("confirm", "i4", (LEVELS,)),  # samples one after another, at least
        ("off_ms", "i8"),
        ("hold_ms", "i8"),
        ("from_ms", "i8"),
        ("tau_ms", "f8"),  # time constant of the product behind the probe; 0: the probe feels the product
    ],
    align=True,
)

MOVE = np.dtype(
    [("at", "i8"), ("ended", "i8"), ("slot", "i4"), ("lane", "i1"), ("kind", "i1"), ("reason", "i1")], align=True
)
"""``at``: the sample that decided; ``ended``: when the episode was over (CLOSED only)."""

NIGHT = np.dtype([("slot", "i4"), ("first", "i8"), ("last", "i8"), ("newest", "i8")], align=True)
"""The state beside it holds at every UTC midnight from ``first`` to ``last`` (ms, both included); ``newest`` is the
last sample before them."""


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
    points["t"] = NEVER_MS
    points["product"] = np.nan
    return points


def new_states(count: int) -> Records:
    """Return normal states, shape (count, LANES)."""
    return np.zeros((count, len(LANES)), STATE)


def loud_of(states: Records) -> int:
    """Return the bits of the lanes that are not normal, of one point's STATE."""
    return sum(1 << lane for lane in np.flatnonzero(states["phase"] != Phase.NORMAL).tolist())
