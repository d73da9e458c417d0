"""What is usual at a point, from its own days: the levels that its air keeps up, and whether its asset is too weak.

::

    samples ─▶ a value an interval, held ─▶ each day's highest level kept up for 15, 25, 55 min … and for an hour
                                                  │
                       days that are like the calmest one, the first seven ─▶ the highest of each ─▶ Usual

A cooler that stands warm is learnt as it is; a day on which it failed is not. How the numbers were chosen:
docs/decisions/0015-own-normal.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.kinetics import HOLD_INTERVALS, product_estimate
from coldchain.profiles import KindRules
from coldchain.profiles.structs import Sourced

DAY_MS = 86_400_000
HOUR_S = 3600
EXACT = 3
"""Decimals of a level: a milli-kelvin."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Days:
    """A point's samples over whole UTC days.

    Attributes:
        t: shape (n,), int64, measured ms, rising. ``v``: shape (n,), °C.
        interval_s: expected between two samples.
        first_ms, last_ms: the midnights between which they lie.
    """

    t: NDArray[np.int64]
    v: Floats
    interval_s: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Usual:
    """What was learnt.

    Attributes:
        levels: (seconds, °C), shortest first: the highest level kept up for so long on a day that counts.
        days: how many counted.
        final: enough of them.
    """

    levels: tuple[tuple[int, float], ...]
    days: int
    final: bool


def learnt(days: Days, kind: KindRules, target_high_celsius: float) -> Usual | None:
    """Return what is usual, None while no day counts.

    Args:
        kind: with ``own_margin`` and everything that belongs to it (`coldchain.profiles.checks` sees to that).
        target_high_celsius: of what lies there.
    """
    held = _held(days)
    hours = _highest(held, HOUR_S, days.interval_s)
    known = hours > -math.inf
    if not known.any():
        return None
    counts = known & (hours <= hours[known].min() + of(kind.learning_calm))
    counts &= hours <= target_high_celsius + of(kind.learning_cap)
    wanted = round(of(kind.learning_days))
    counts &= np.cumsum(counts) <= wanted
    if not counts.any():
        return None
    levels = []
    for seconds in durations(kind):
        level = _highest(held, seconds, days.interval_s)[counts].max()
        if level > -math.inf:
            levels.append((seconds, round(float(level), EXACT)))
    final = len(hours) >= wanted and int(counts.sum()) >= of(kind.learning_least)
    return Usual(tuple(levels), int(counts.sum()), final)


def durations(kind: KindRules) -> list[int]:
    """Return for how long each level of a kind's normal is kept up, s, rising."""
    named = (kind.own_short, kind.own_middle, kind.own_long)
    return sorted(round(minutes.minutes * 60) for minutes in named if minutes is not None)


def days_over(days: Days, kind: KindRules, target_high_celsius: float, time_constant_min: float) -> int:
    """Return on how many of its last days (``weak_of_days``) an asset was out of its limit too long.

    Args:
        time_constant_min: of the product behind the probe; 0: the probe feels it.
    """
    product = product_estimate(days.t, days.v, days.interval_s * 1000, time_constant_min)
    hold_ms = HOLD_INTERVALS * days.interval_s * 1000
    held_ms = np.minimum(np.diff(days.t, append=days.last_ms), hold_ms)
    beyond = product >= target_high_celsius + of(kind.weak_over)
    day = (days.t - days.first_ms) // DAY_MS
    minutes = np.bincount(day[beyond], held_ms[beyond] / 60_000, (days.last_ms - days.first_ms) // DAY_MS)
    recent = minutes[-round(of(kind.weak_of_days)) :]
    return int((recent > of(kind.weak_minutes)).sum())


def is_weak(over: int, kind: KindRules) -> bool:
    """Say whether these are too many days (`days_over`)."""
    return over >= of(kind.weak_days)


def of(number: Sourced | None) -> float:
    """Return a number that a kind with ``own_margin`` has (`coldchain.profiles.checks` sees to that)."""
    assert number is not None
    return number.value


def _held(days: Days) -> Floats:
    """Return the value held at each interval's end, shape (days, intervals), NaN where nothing is known."""
    step_ms = days.interval_s * 1000
    at = np.arange(days.first_ms, days.last_ms, step_ms) + step_ms - 1
    place = np.searchsorted(days.t, at, side="right") - 1
    held = np.full(len(at), math.nan)
    if len(days.t):
        known = (place >= 0) & (at - days.t[np.maximum(place, 0)] <= HOLD_INTERVALS * step_ms)
        held[known] = days.v[place[known]]
    count = (days.last_ms - days.first_ms) // DAY_MS
    return held[: len(at) // count * count].reshape(count, -1)


def _highest(held: Floats, seconds: int, interval_s: int) -> Floats:
    """Return each day's highest level that was kept up for so long, shape (days,); -inf where none was.

    A stretch counts for the day in which it ends. As in the rules, n + 1 samples span n intervals.
    """
    samples = math.ceil(seconds / interval_s) + 1
    flat = held.ravel()
    lowest = flat.copy()
    for back in range(1, samples):
        lowest[back:] = np.minimum(lowest[back:], flat[:-back])  # NaN stays NaN: no stretch over a hole
    lowest[: samples - 1] = math.nan
    lowest[np.isnan(lowest)] = -math.inf
    highest: Floats = lowest.reshape(held.shape).max(axis=1)
    return highest


def spans(levels: Sequence[tuple[int, float]]) -> str:
    """Return levels as a person reads them.

    >>> spans([(900, 6.25), (3300, 5.5)])
    '15 min 6.2 °C, 55 min 5.5 °C'
    """
    return ", ".join(f"{seconds // 60} min {celsius:.1f} °C" for seconds, celsius in levels)
