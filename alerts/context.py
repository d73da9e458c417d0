"""What the rest of an asset says of a sample: its switches and its other probes in memory, and again from the history.

::

    block ─▶ take ─▶ excused ─▶ the fold's mask
                └ says something new of what was judged ─▶ judged again from there, with the history's words
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from alerts.assets import Masks, hold_ms, lay, switch_for, switches_of, windows_of
from alerts.history import History, Samples, Tail, samples_upto
from alerts.ordering import span
from alerts.pairs import Pairs, first_beside, lay_apart
from alerts.records import DAY_MS, NEVER_MS
from alerts.switches import Switch
from alerts.switchrules import WHILE_LOADED
from alerts.windows import LOOKBACK_MS, SWITCHES
from coldchain.registry import Point, Registry
from coldchain.registry.intervals import FOREVER_MS

KEPT_MS = 7 * DAY_MS
"""Runs in memory and in the store; who is judged on time with older readings is judged again from the history."""


class Context:
    """Of every asset that has a switch, a schedule, a window by hand or two probes at one place.

    Args:
        newest_ms: from a point's number to the newest sample of it that was judged.
    """

    def __init__(self, registry: Registry, newest_ms: Callable[[int], int]) -> None:
        self._registry = registry
        self._switches: dict[int, Switch] = {}
        self._is_switch = np.empty(0, bool)
        self._excusable = np.empty(0, bool)
        self._kept_from: dict[str, int] = {}
        self._unsaved: set[int] = set()
        self._emptied: set[int] = set()
        self._pairs = Pairs(registry, newest_ms)

    # -- what there is --------------------------------------------------------------------------------------------

    def refresh(self, point: str) -> list[int]:
        """Take over what the registry says now about a point and its asset.

        Returns:
            The points that are compared with another probe now than before.
        """
        place = self._registry.points[point]
        number = self._registry.point_numbers[point]
        self._grow(number + 1)
        self._is_switch[number] = place.quantity in SWITCHES
        if place.quantity in SWITCHES:
            self._switches.setdefault(number, switch_for(place)).hold_ms = hold_ms(place)
        self._excusable[number] |= place.quantity in WHILE_LOADED
        for other in self._registry.points_of(place.asset) if self._has_any(place.asset) else ():
            known = self._registry.point_numbers[other.id]
            self._grow(known + 1)
            self._excusable[known] |= other.quantity == "temperature"
        return self._pairs.refresh(point)

    def _has_any(self, asset: str) -> bool:
        registry = self._registry
        return bool(registry.windows.get(asset) or registry.defrosts.get(asset) or switches_of(registry, asset))

    def restore(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Take over (point, first, last, on) as the store kept them, by point and first; the points are restored."""
        self._pairs.forget_all()
        for point, from_ms, last_ms, on in rows:
            if point in self._switches:
                self._switches[point].rows.append((from_ms, last_ms, on))
        for number, switch in self._switches.items():
            switch.unsaved_from = len(switch.rows)
            if switch.rows and switch.rows[-1][1] - switch.rows[0][0] >= KEPT_MS - DAY_MS:  # older ones may be gone
                asset = self._asset(number)
                self._kept_from[asset] = max(switch.rows[0][0], self._kept_from.get(asset, NEVER_MS))

    def switches(self) -> list[int]:
        """Return the numbers of all switches."""
        return list(self._switches)

    def beside(self, number: int, *, moved: bool = True) -> list[int]:
        """Return the points that are judged by what this one says, too: beside a switch, compared with a probe.

        Args:
            moved: other readings are its own now; else what they mean may have changed, and a switch's do not.
        """
        if number not in self._switches or not moved:
            return self._pairs.compared_with(number)
        points = self._registry.points_of(self._asset(number))
        moves = any(one.quantity == "speed" for one in points)
        changed = ("temperature", *WHILE_LOADED) if moves else ("temperature",)
        return [self._registry.point_numbers[one.id] for one in points if one.quantity in changed]

    def _asset(self, number: int) -> str:
        return self._registry.points[self._registry.point_ids[number]].asset

    def forget(self, number: int) -> None:
        """Read again what a switch said, or the switches beside a point, when next judged again."""
        self._pairs.forget(number)
        for one in {number, *switches_of(self._registry, self._asset(number))} & self._switches.keys():
            self._switches[one].stale = True

    # -- judging on time ------------------------------------------------------------------------------------------

    def take(
        self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64]
    ) -> Iterator[tuple[int, int, bool]]:
        """Take what a block's samples say of others.

        Yields:
            Point, from when something else holds for it than was known, and whether it must be read again in any case.

        Args:
            slot: shape (n,), sorted. ``t``: measured ms, rising within a slot.
        """
        rows = np.flatnonzero(self._is_switch[slot]) if len(slot) else np.empty(0, np.int64)
        for number in np.unique(slot[rows]).tolist():
            own = span(slot, number)
            from_ms = self._switches[number].take(t[own], v[own])
            self._unsaved.add(number)
            if from_ms is None:
                continue
            for other in self.beside(number):
                yield other, from_ms, self._switches[number].stale
        for other, changed_ms in self._pairs.take(slot, t, v):
            yield other, changed_ms, False

    def excused(
        self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64]
    ) -> tuple[Masks, dict[int, int]]:
        """Return the mask of each sample, and the points of which it cannot be said from memory: number → from when.

        Args:
            slot: shape (n,), sorted.
        """
        masks = np.zeros(len(slot), np.int32)
        unsure = self._pairs.lay(masks, slot, t, v)
        rows = np.flatnonzero(self._excusable[slot]) if len(slot) else np.empty(0, np.int64)
        for number in np.unique(slot[rows]).tolist():
            own = span(slot, number)
            point = self._registry.points[self._registry.point_ids[number]]
            first_ms = int(t[own.start])
            switches = {one: self._switches[one] for one in switches_of(self._registry, point.asset)}
            too_old = first_ms - LOOKBACK_MS < self._kept_from.get(point.asset, NEVER_MS)
            if too_old or any(switch.stale for switch in switches.values()):
                unsure[number] = first_ms
            runs = {one: switch.runs() for one, switch in switches.items()}
            lay(masks[own], t[own], windows_of(self._registry, point, runs, t[own]))
        return masks, unsure

    # -- judging again ----------------------------------------------------------------------------------------------

    def excused_again(self, point: Point, samples: Samples, history: History, tail: Tail) -> Masks:
        """Return the mask of each of a point's samples from what the history says of its asset's switches."""
        masks = np.zeros(len(samples), np.int32)
        switches = switches_of(self._registry, point.asset)
        for one in switches:
            if self._switches[one].stale:
                self._replace(one, history, tail)
        first = first_beside(self._registry, point)
        if first is not None and len(samples):
            said = samples_upto(history, tail, self._registry, first.id, int(samples.t[0]) - hold_ms(first))
            lay_apart(masks, samples.t, samples.v, self._registry, point, said)
        if not len(samples) or not self._excusable[self._registry.point_numbers[point.id]]:
            return masks
        first_ms = int(samples.t[0]) - LOOKBACK_MS
        runs = {one: self._read(one, first_ms, history, tail).runs() for one in switches}
        lay(masks, samples.t, windows_of(self._registry, point, runs, samples.t))
        return masks

    def _read(self, number: int, from_ms: int, history: History, tail: Tail) -> Switch:
        point = self._registry.points[self._registry.point_ids[number]]
        samples = samples_upto(history, tail, self._registry, point.id, from_ms)
        return switch_for(point, samples)

    def _replace(self, number: int, history: History, tail: Tail) -> None:
        rows = self._switches[number].rows
        newest_ms = rows[-1][1] if rows else NEVER_MS
        self._switches[number] = self._read(number, newest_ms - KEPT_MS, history, tail)
        self._unsaved.add(number)
        self._emptied.add(number)

    # -- keeping --------------------------------------------------------------------------------------------------

    def to_save(self) -> Iterator[tuple[int, int, list[tuple[int, int, int, bool]]]]:
        """Yield of each changed switch: its point, before when its rows go, and (point, first, last, on) rows."""
        for number in sorted(self._unsaved):
            switch = self._switches[number]
            emptied = number in self._emptied or not switch.rows
            rows = switch.rows if emptied else switch.rows[switch.unsaved_from :]
            yield number, FOREVER_MS if emptied else switch.rows[0][0], [(number, *row) for row in rows]

    def saved(self) -> None:
        """The store has everything; what is older than `KEPT_MS` goes."""
        for number in self._unsaved:
            switch = self._switches[number]
            switch.unsaved_from = len(switch.rows)
            if switch.rows:
                before_ms = switch.rows[-1][1] - KEPT_MS
                if switch.rows[0][1] < before_ms - DAY_MS:
                    asset = self._asset(number)
                    self._kept_from[asset] = max(before_ms, self._kept_from.get(asset, NEVER_MS))
                    switch.forget_before(before_ms)
        self._unsaved.clear()
        self._emptied.clear()

    def _grow(self, points: int) -> None:
        if points > len(self._is_switch):
            missing = max(points, 2 * len(self._is_switch)) - len(self._is_switch)
            self._is_switch = np.concatenate([self._is_switch, np.zeros(missing, bool)])
            self._excusable = np.concatenate([self._excusable, np.zeros(missing, bool)])
