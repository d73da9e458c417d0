"""From the registry's rule versions to the rows that the fold reads: which version is in force at each sample."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from alerts.records import HOLD_INTERVALS, LANES, NEVER_MS, PARAMETERS, SIGN, Records
from alerts.rules import Version, from_limit_rule
from coldchain.registry import SEVERITIES, LimitRule, Point, Registry

JUDGED_QUANTITY = "temperature"

UNRULED = 0
"""Row in force before a point's first rule version: no limits."""

EXACT = 6
"""Decimals kept of limit - deadband, so that 7.6 - 0.5 is the 7.1 that a probe sends and not 7.1 - 1e-15."""

_Key = tuple[Version, int]


class ParameterTable:
    """Rule versions of all points as PARAMETERS rows; equal versions share a row.

    Attributes:
        rows: shape (versions, LANES), PARAMETERS; grows, and a row never changes.
        judged: shape (points,), bool; points of a temperature (without a rule they are folded too, so
            that a rule from the past finds how far their readings go).
    """

    def __init__(self) -> None:
        self._known: dict[_Key, int] = {}
        self._count = 1
        self._room = np.zeros((64, len(LANES)), PARAMETERS)
        for limit in ("enter", "leave", "rise", "ease"):
            self._room[limit] = math.nan
        self._room["from_ms"] = NEVER_MS
        self._last = np.empty(0, np.int32)
        self._last_ms = np.empty(0, np.int64)
        self._several: dict[int, tuple[NDArray[np.int64], NDArray[np.int32]]] = {}
        self.judged = np.empty(0, bool)

    @property
    def rows(self) -> Records:
        return self._room[: self._count]

    def refresh(self, registry: Registry, point: str) -> None:
        """Take over what the registry says now about a point's rule and interval."""
        number = registry.point_numbers.get(point)
        if number is None:
            return
        self._grow(number + 1)
        place = registry.points[point]
        versions = _versions(registry, place)
        self.judged[number] = place.quantity == JUDGED_QUANTITY
        self._several.pop(number, None)
        self._last[number] = UNRULED
        if not (self.judged[number] and versions):
            return
        numbers = [self._row(version, place.interval_s) for _, version in versions]
        self._last[number] = numbers[-1]
        self._last_ms[number] = versions[-1][0]
        if len(versions) > 1:
            starts = np.array([from_ms for from_ms, _ in versions], np.int64)
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
                    begin, end = np.searchsorted(slot, [number, number + 1])
                    row[begin:end] = numbers[np.searchsorted(starts, t[begin:end], side="right")]
        return row

    def _row(self, version: Version, interval_s: int) -> int:
        key = version, interval_s
        known = self._known.get(key)
        if known is not None:
            return known
        if self._count == len(self._room):
            self._room = np.concatenate([self._room, np.zeros_like(self._room)])
        fill(self._room[self._count], version, HOLD_INTERVALS * interval_s * 1000)
        self._known[key] = self._count
        self._count += 1
        return self._known[key]

    def _grow(self, points: int) -> None:
        missing = max(points, 2 * len(self.judged)) - len(self.judged) if points > len(self.judged) else 0
        if missing:
            self.judged = np.concatenate([self.judged, np.zeros(missing, bool)])
            self._last = np.concatenate([self._last, np.zeros(missing, np.int32)])
            self._last_ms = np.concatenate([self._last_ms, np.zeros(missing, np.int64)])


def _versions(registry: Registry, point: Point) -> list[tuple[int, Version]]:
    """Return (from ms, what is judged by) in measured order: no limits while the asset is not in use."""
    rules = registry.rules.get(point.id, [])
    activities = registry.activities.get(point.asset, [])
    if not activities:
        return [(rule.effective_from_ms, from_limit_rule(rule)) for rule in rules]
    versions = []
    for from_ms in sorted({rule.effective_from_ms for rule in rules} | {state.from_ms for state in activities}):
        rule = registry.rule_at(point.id, from_ms)
        idle = registry.activity_at(point.asset, from_ms) != "in-use"
        versions.append((from_ms, from_limit_rule(LimitRule(point.id, from_ms) if idle or rule is None else rule)))
    return versions


def fill(row: Records, version: Version, hold_ms: int) -> None:
    """Write a version as numbers into ``row``, shape (LANES,), PARAMETERS; a lane without a limit has NaN."""
    for column_of_limits in ("enter", "leave", "rise", "ease"):
        row[column_of_limits] = math.nan
    row["confirm"], row["base"], row["highest"] = 1, -1, -1
    row["from_ms"], row["hold_ms"], row["tau_ms"] = version.from_ms, hold_ms, version.tau_s * 1000
    for lane, limit in version.limits:
        column = LANES.index(lane)
        one = row[column : column + 1]
        one["off_ms"] = limit.return_delay_s * 1000
        for level in limit.levels:
            place = SEVERITIES.index(level.severity)
            enter = SIGN[column] * level.celsius
            one["rise"][0, place], one["ease"][0, place] = enter, round(enter - limit.deadband_kelvin, EXACT)
            one["on_ms"][0, place], one["confirm"][0, place] = level.on_delay_s * 1000, level.samples
        base = SEVERITIES.index(limit.levels[0].severity)
        one["highest"] = SEVERITIES.index(limit.levels[-1].severity)
        one["base"], one["enter"], one["leave"] = base, one["rise"][0, base], one["ease"][0, base]
