"""Which samples lie in a window that excuses: the switches of each asset in memory, and again from the history.

::

    block ─▶ take (switches first) ─▶ excused(slot, t) ─▶ the fold's mask
                └ says something new of what was judged ─▶ judged again from there, with the history's switches
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alerts.activities import NO_GOODS, found, under_way
from alerts.history import History, Samples, Tail, samples_upto
from alerts.records import DAY_MS, EMPTY, NEVER_MS
from alerts.switches import MOVES_M_PER_S, ON, Switch, together
from alerts.versions import IN_USE, WHILE_LOADED, kind_of
from alerts.windows import LOOKBACK_MS, MASKS, SWITCHES, Excuse, Rules, Run, excuses
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.profiles import KindRules
from coldchain.registry import Point, Registry
from coldchain.registry.intervals import FOREVER_MS

KEPT_MS = 7 * DAY_MS
"""Runs in memory and in the store; who is judged on time with older readings is judged again from the history."""

Masks = NDArray[np.int32]


class Context:
    """Of every asset that has a switch, a schedule or a window by hand."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._switches: dict[int, Switch] = {}
        self._is_switch = np.empty(0, bool)
        self._excusable = np.empty(0, bool)
        self._kept_from: dict[str, int] = {}
        self._unsaved: set[int] = set()
        self._emptied: set[int] = set()

    # -- what there is --------------------------------------------------------------------------------------------

    def refresh(self, point: str) -> None:
        """Take over what the registry says now about a point and its asset."""
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

    def _has_any(self, asset: str) -> bool:
        registry = self._registry
        return bool(registry.windows.get(asset) or registry.defrosts.get(asset) or switches_of(registry, asset))

    def restore(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Take over (point, first, last, on) as the store kept them, by point and first."""
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

    def stale(self, number: int) -> bool:
        """Say whether what a switch said must be read again before it is used."""
        return self._switches[number].stale

    def beside(self, number: int) -> list[int]:
        """Return the points whose judgement a switch may change; none for what is no switch."""
        if number not in self._switches:
            return []
        points = self._registry.points_of(self._asset(number))
        moves = any(one.quantity == "speed" for one in points)
        changed = ("temperature", *WHILE_LOADED) if moves else ("temperature",)
        return [self._registry.point_numbers[one.id] for one in points if one.quantity in changed]

    def _asset(self, number: int) -> str:
        return self._registry.points[self._registry.point_ids[number]].asset

    def forget(self, number: int) -> None:
        """Read again what a switch said, or the switches beside a point, when next judged again."""
        for one in {number, *switches_of(self._registry, self._asset(number))} & self._switches.keys():
            self._switches[one].stale = True

    # -- judging on time ------------------------------------------------------------------------------------------

    def take(self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64]) -> dict[int, int]:
        """Take the switches' samples of a block; return switch → from when something else holds than was known.

        Args:
            slot: shape (n,), sorted. ``t``: measured ms, rising within a slot.
        """
        changed: dict[int, int] = {}
        rows = np.flatnonzero(self._is_switch[slot]) if len(slot) else np.empty(0, np.int64)
        for number in np.unique(slot[rows]).tolist():
            begin, end = np.searchsorted(slot, [number, number + 1])
            from_ms = self._switches[number].take(t[begin:end], v[begin:end])
            self._unsaved.add(number)
            if from_ms is not None:
                changed[number] = from_ms
        return changed

    def excused(self, slot: NDArray[np.int32], t: NDArray[np.int64]) -> tuple[Masks, dict[int, int]]:
        """Return the mask of each sample, and the points of which it cannot be said from memory: number → from when.

        Args:
            slot: shape (n,), sorted.
        """
        masks = np.zeros(len(slot), np.int32)
        unsure: dict[int, int] = {}
        rows = np.flatnonzero(self._excusable[slot]) if len(slot) else np.empty(0, np.int64)
        for number in np.unique(slot[rows]).tolist():
            begin, end = np.searchsorted(slot, [number, number + 1])
            point = self._registry.points[self._registry.point_ids[number]]
            first_ms = int(t[begin])
            switches = {one: self._switches[one] for one in switches_of(self._registry, point.asset)}
            too_old = first_ms - LOOKBACK_MS < self._kept_from.get(point.asset, NEVER_MS)
            if too_old or any(switch.stale for switch in switches.values()):
                unsure[number] = first_ms
            runs = {one: switch.runs() for one, switch in switches.items()}
            lay(masks[begin:end], t[begin:end], windows_of(self._registry, point, runs, t[begin:end]))
        return masks, unsure

    # -- judging again ----------------------------------------------------------------------------------------------

    def excused_again(self, point: Point, samples: Samples, history: History, tail: Tail) -> Masks:
        """Return the mask of each of a point's samples from what the history says of its asset's switches."""
        masks = np.zeros(len(samples), np.int32)
        switches = switches_of(self._registry, point.asset)
        for one in switches:
            if self._switches[one].stale:
                self._replace(one, history, tail)
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


def switches_of(registry: Registry, asset: str) -> list[int]:
    """Return the point numbers of an asset's switches; it may have two doors."""
    return [registry.point_numbers[one.id] for one in registry.points_of(asset) if one.quantity in SWITCHES]


def windows_of(
    registry: Registry, point: Point, runs: Mapping[int, Sequence[Run]], t: NDArray[np.int64]
) -> list[Excuse]:
    """Return the windows that a point's samples may lie in.

    Args:
        runs: of each switch of its asset, by point number.
        t: shape (n,), n at least 1, measured ms, rising.
    """
    span = int(t[0]), int(t[-1])
    said: dict[str, list[Sequence[Run]]] = {}
    for number, of_one in runs.items():
        recent = [run for run in of_one if run.until_ms > span[0] - LOOKBACK_MS]
        said.setdefault(registry.points[registry.point_ids[number]].quantity, []).append(recent)
    joined = {quantity: together(several) for quantity, several in said.items()}
    asset, rules = point.asset, AssetRules(registry, point.asset)
    if point.quantity in WHILE_LOADED:
        return list(_not_loaded(registry, asset, joined, rules, span))
    by_hand, schedules = registry.windows.get(asset, ()), registry.defrosts_of(asset)
    return [*excuses(joined, rules, by_hand, schedules, span), *_without_goods(registry, asset, joined, rules)]


def _without_goods(registry: Registry, asset: str, runs: Mapping[str, Sequence[Run]], rules: Rules) -> Iterator[Excuse]:
    for one in found(runs, rules):
        for from_ms, to_ms in _unsaid(registry, asset, one.from_ms, one.to_ms) if one.state in NO_GOODS else ():
            yield Excuse(from_ms, to_ms, one.state, EMPTY)


def _not_loaded(
    registry: Registry, asset: str, runs: Mapping[str, Sequence[Run]], rules: Rules, span: tuple[int, int]
) -> Iterator[Excuse]:
    """Where nobody says that goods are on board, only a ride behind a loading that was found counts."""
    kind = rules.kind(span[1])
    if kind is None or kind.parked_after is None:
        return
    loaded = [(one.from_ms, one.to_ms) for one in found(runs, rules) if one.state == "loaded"]
    ways = under_way(runs.get("speed", ()))
    rides = [(max(a, c), min(b, d)) for a, b in loaded for c, d in ways if max(a, c) < min(b, d)]
    for from_ms, to_ms in _unsaid(registry, asset, span[0], span[1] + 1):
        for begin_ms, end_ms in [*rides, (to_ms, to_ms)]:
            if min(begin_ms, to_ms) > from_ms:
                yield Excuse(from_ms, min(begin_ms, to_ms), "not-loaded", MASKS["maintenance"])
            from_ms = max(from_ms, end_ms)


def _unsaid(registry: Registry, asset: str, from_ms: int, to_ms: int) -> Iterator[tuple[int, int]]:
    """Yield [from, to) in which neither a person nor a trip says what an asset does."""
    edges = {edge for said in registry.activities.get(asset, ()) for edge in (said.from_ms, said.to_ms)}
    inside = sorted(edge for edge in edges if edge is not None and from_ms < edge < to_ms)
    for begin_ms, end_ms in pairwise([from_ms, *inside, to_ms]):
        if registry.activity_at(asset, begin_ms) == IN_USE:
            yield begin_ms, end_ms


def masks_of(registry: Registry, samples: Mapping[str, Samples]) -> dict[str, Masks]:
    """Return the mask of each sample of an asset's points from what its switches say beside them.

    Args:
        samples: point → its samples; switches should begin `LOOKBACK_MS` before what is asked for.
    """
    places = {point: registry.points[point] for point in samples}
    runs = {
        registry.point_numbers[point]: switch_for(place, samples[point]).runs()
        for point, place in places.items()
        if place.quantity in SWITCHES
    }
    masks = {point: np.zeros(len(some), np.int32) for point, some in samples.items()}
    for point, some in samples.items():
        if places[point].quantity in ("temperature", *WHILE_LOADED) and len(some):
            lay(masks[point], some.t, windows_of(registry, places[point], runs, some.t))
    return masks


@dataclass(frozen=True, slots=True)
class AssetRules:
    """`alerts.windows.Rules` of an asset."""

    registry: Registry
    asset: str

    def kind(self, at_ms: int) -> KindRules | None:
        return self.registry.kind_rules_at(kind_of(self.registry, self.asset), at_ms)

    def zone(self, at_ms: int) -> str:
        site = self.registry.sites.get(self.registry.site_at(self.asset, at_ms))
        return site.timezone if site is not None else "Asia/Shanghai"


def switch_for(point: Point, samples: Samples | None = None) -> Switch:
    """Return the switch of a point, with what these samples say."""
    switch = Switch(hold_ms(point), least=MOVES_M_PER_S if point.quantity == "speed" else ON)
    if samples is not None:
        switch.take(samples.t, samples.v)
    return switch


def hold_ms(point: Point) -> int:
    """Return how long a sample of a point counts at most."""
    return HOLD_INTERVALS * point.interval_s * 1000


def lay(masks: Masks, t: NDArray[np.int64], windows: Sequence[Excuse]) -> None:
    """Set the bits of each sample that lies in a window; ``masks`` and ``t`` of shape (n,), ``t`` rising."""
    for window in windows:
        begin, end = np.searchsorted(t, [window.from_ms, window.to_ms])
        masks[begin:end] |= window.mask
