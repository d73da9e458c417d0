"""From rule versions to the rows that the fold reads: which version is in force at each sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.ordering import span
from alerts.records import (
    HEAD,
    LANES,
    NEVER_MS,
    PARAMETERS,
    SIGN,
    SUBJECT,
    UNITS,
    Lane,
    Records,
    Subject,
)
from alerts.rules import Version
from alerts.versions import JUDGED, NAMES, versions_of
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.registry import SEVERITIES, Point, Registry

UNRULED = 0
"""Row in force before a point's first rule version: no limits."""

EXACT = 6
"""Decimals kept of limit - deadband, so that 7.6 - 0.5 is the 7.1 that a probe sends and not 7.1 - 1e-15."""

_Key = tuple[Version, int]


NO_OTHER = np.empty(0, np.int64), np.full(1, UNRULED, np.int32)
"""As a point's versions before its last one: there are none."""


class ParameterTable:
    """Rule versions of all points as HEAD and PARAMETERS rows; equal versions share a row.

    Attributes:
        judged: shape (points,), bool; points of a judged quantity (without a rule they are folded too, so that a
            rule from the past finds how far their readings go).
    """

    def __init__(self) -> None:
        self._known: dict[_Key, int] = {}
        self._words = [""]
        self._heads, self._lanes = new_rows(64)
        self._last = np.empty(0, np.int32)
        self._last_ms = np.empty(0, np.int64)
        self._several: dict[int, tuple[NDArray[np.int64], NDArray[np.int32]]] = {}
        self.judged = np.empty(0, bool)

    @property
    def rows(self) -> tuple[Records, Records]:
        """HEAD, shape (versions,), and PARAMETERS, shape (versions, LANES); they grow, and a row never changes."""
        return self._heads[: len(self._words)], self._lanes[: len(self._words)]

    def refresh(self, registry: Registry, point: str) -> None:
        """Take over what the registry says now about a point's rules and interval."""
        number = registry.point_numbers.get(point)
        if number is None:
            return
        self._grow(number + 1)
        place = registry.points[point]
        self.judged[number] = place.quantity in JUDGED
        self._several.pop(number, None)
        self._last[number] = UNRULED
        versions = versions_of(registry, place) if self.judged[number] else []
        if not versions:
            return
        numbers = [self._row(version, place.interval_s) for version in versions]
        self._last[number] = numbers[-1]
        self._last_ms[number] = versions[-1].from_ms
        if len(versions) > 1:
            starts = np.array([version.from_ms for version in versions], np.int64)
            self._several[number] = starts, np.array([UNRULED, *numbers], np.int32)

    def in_force(self, slot: NDArray[np.int32], t: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the row in force for samples of judged points.

        Args:
            slot: shape (n,); point numbers, sorted.
            t: shape (n,), measured ms.
        """
        early = t < self._last_ms[slot]
        row = np.where(early, np.int32(UNRULED), self._last[slot]).astype(np.int32)
        if self._several and early.any():
            for number in np.unique(slot[early]).tolist():
                if number in self._several:
                    starts, numbers = self._several[number]
                    own = span(slot, number)
                    row[own] = numbers[np.searchsorted(starts, t[own], side="right")]
        return row

    def word(self, number: int, from_ms: int) -> str:
        """Return which rule it is that holds at a point from a time on."""
        if from_ms >= self._last_ms[number]:
            return self._words[int(self._last[number])]
        starts, rows = self._several.get(number, NO_OTHER)
        return self._words[int(rows[int(np.searchsorted(starts, from_ms, side="right"))])]

    def naming(self, registry: Registry, number: int) -> PointNaming:
        """Return what a point's lanes are called."""
        return PointNaming(self, registry.points[registry.point_ids[number]], number)

    def _row(self, version: Version, interval_s: int) -> int:
        key = version, interval_s
        known = self._known.get(key)
        if known is not None:
            return known
        row = len(self._words)
        if row == len(self._heads):
            more = new_rows(row)
            self._heads = np.concatenate([self._heads, more[0]])
            self._lanes = np.concatenate([self._lanes, more[1]])
        fill(self._heads[row : row + 1], self._lanes[row], version, HOLD_INTERVALS * interval_s * 1000)
        self._known[key] = row
        self._words.append(version.word)
        return row

    def _grow(self, points: int) -> None:
        missing = max(points, 2 * len(self.judged)) - len(self.judged) if points > len(self.judged) else 0
        if missing:
            self.judged = np.concatenate([self.judged, np.zeros(missing, bool)])
            self._last = np.concatenate([self._last, np.zeros(missing, np.int32)])
            self._last_ms = np.concatenate([self._last_ms, np.zeros(missing, np.int64)])


@dataclass(frozen=True, slots=True)
class PointNaming:
    """`alerts.episodes.Naming` of one point."""

    table: ParameterTable
    place: Point
    number: int

    @property
    def point(self) -> str:
        return self.place.id

    def rule(self, lane: Lane) -> str:
        return NAMES.get((self.place.quantity, lane), str(lane))

    def unit(self, lane: Lane) -> str:
        subject = SUBJECT[LANES.index(lane)]
        return self.place.unit if subject is Subject.PROBE else UNITS[subject]

    def word(self, from_ms: int) -> str:
        return self.table.word(self.number, from_ms)


def new_rows(count: int) -> tuple[Records, Records]:
    """Return HEAD and PARAMETERS of versions that judge nothing."""
    heads, lanes = np.zeros(count, HEAD), np.zeros((count, len(LANES)), PARAMETERS)
    for limit in ("enter", "least", "most", "jump", "bounds", "wash", "rinsed", "cold"):
        heads[limit] = math.nan
    for limit in ("leave", "rise", "ease"):
        lanes[limit] = math.nan
    heads["from_ms"] = heads["filled"] = NEVER_MS
    lanes["confirm"] = 1
    return heads, lanes


def fill(head: Records, lanes: Records, version: Version, hold_ms: int) -> None:
    """Write a version as numbers into rows of `new_rows`: ``head`` of shape (1,), ``lanes`` of shape (LANES,)."""
    head["from_ms"], head["hold_ms"], head["tau_ms"] = version.from_ms, hold_ms, version.tau_s * 1000
    head["closing"], head["goods"] = version.closing, version.goods
    if version.plausible is not None:
        head["least"], head["most"] = version.plausible.lowest_celsius, version.plausible.highest_celsius
        if version.plausible.jump_kelvin_min is not None:
            head["jump"] = version.plausible.jump_kelvin_min
    allowed = version.allowance
    head["window"], head["bounds"] = (
        (allowed.high_s * 1000, allowed.low_s * 1000),
        (allowed.high_celsius, allowed.low_celsius),
    )
    head["life"], head["life_from"] = (allowed.life_high_s * 1000, allowed.life_low_s * 1000), allowed.life_from_ms
    if version.wash is not None:
        head["wash"], head["rinsed"] = version.wash.from_celsius, version.wash.rinsed_celsius
        head["fall"] = version.wash.fall_kelvin
        if version.wash.goods_celsius is not None:
            head["cold"] = version.wash.goods_celsius
        if version.wash.filled_ms is not None:
            head["filled"] = version.wash.filled_ms
    for lane, limit in version.limits:
        column = LANES.index(lane)
        one = lanes[column : column + 1]
        one["off_ms"] = limit.return_delay_s * 1000
        one["levels"] = len(limit.levels)
        for place, level in enumerate(limit.levels):
            enter = SIGN[column] * level.value
            one["rise"][0, place], one["ease"][0, place] = enter, round(enter - limit.deadband, EXACT)
            one["on_ms"][0, place], one["confirm"][0, place] = level.on_delay_s * 1000, level.samples
            one["severity"][0, place], one["step"][0, place] = SEVERITIES.index(level.severity), level.step
        one["leave"] = one["ease"][0, 0]
        head["enter"][0, column] = one["rise"][0, 0]
        if lane is Lane.LIFE:  # begins with the first minute out, and what was used up does not come back
            head["enter"][0, column], one["leave"] = 0.0, -math.inf
