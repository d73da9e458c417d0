"""Two probes at one place of an asset must say the same: what the first says beside each sample of the other.

::

    blocks ─▶ take ─▶ a day of both in memory ─▶ lay ─▶ the bit `APART` of a sample's mask
                └ the first says otherwise of what was judged ─▶ judged again from there, from the history

Probes at different places differ by nature (supply and return air by 4 K): they are not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from alerts.assets import AssetRules, hold_ms
from alerts.history import Samples
from alerts.ordering import span
from alerts.records import APART, DAY_MS
from coldchain.profiles import KindRules
from coldchain.registry import Point, Registry

KEPT_MS = DAY_MS

MOST_AT_A_PLACE = 4
"""Nobody hangs five probes at one spot: a position that more of an asset share is a word for all, and no place."""

_Times = NDArray[np.int64]
_Values = NDArray[np.float64]


def first_beside(registry: Registry, point: Point) -> Point | None:
    """Return the probe that a temperature is compared with: another at the same place of its asset.

    It is the first by id: of three, the second and the third are compared with the first.
    """
    there = _there(registry, point.asset, point.position) if point.quantity == "temperature" else ()
    return there[0] if there and there[0].id != point.id else None


def _there(registry: Registry, asset: str, position: str) -> Sequence[Point]:
    """Return the temperatures at a place, by id; none where so many share a word that it names no place."""
    points = registry.points_of(asset)
    there = [one for one in points if one.quantity == "temperature" and one.position == position]
    return sorted(there, key=lambda one: one.id) if len(there) <= MOST_AT_A_PLACE else ()


def apart(t: _Times, v: _Values, first: Samples, hold: int, rules: AssetRules) -> NDArray[np.bool_]:
    """Say of each sample whether the first probe's newest value, ``hold`` ms old at most, is too far from it.

    Args:
        t, v: shape (n,), measured ms, rising, and °C. Where the first says nothing, nothing is apart.
    """
    found = np.zeros(len(t), bool)
    if not len(first):
        return found
    place = np.searchsorted(first.t, t, side="right") - 1
    known = (place >= 0) & (t - first.t[place] <= hold)
    far = np.where(known, np.abs(v - first.v[place]), 0.0)
    if not far.any():
        return found
    if rules.kind(int(t[0])) is rules.kind(int(t[-1])):
        return _too_far(far, first.v[place], rules.kind(int(t[0])))
    for row in np.flatnonzero(far > 0).tolist():
        one = slice(row, row + 1)
        found[one] = _too_far(far[one], first.v[place[one]], rules.kind(int(t[row])))
    return found


def _too_far(far: _Values, first: _Values, kind: KindRules | None) -> NDArray[np.bool_]:
    """A first probe that is broken has an alarm of its own and says nothing of the other."""
    if kind is None or kind.apart is None:
        return np.zeros(len(far), bool)
    beyond: NDArray[np.bool_] = far >= kind.apart.kelvin
    if kind.plausible_low is not None and kind.plausible_high is not None:
        beyond &= (first >= kind.plausible_low.celsius) & (first <= kind.plausible_high.celsius)
    return beyond


def lay_apart(
    masks: NDArray[np.int32], t: _Times, v: _Values, registry: Registry, point: Point, first: Samples
) -> None:
    """Set the bit of each sample that is apart; ``first``: the samples of `first_beside`, from a hold earlier on."""
    other = first_beside(registry, point)
    if other is not None and len(t):
        masks[apart(t, v, first, hold_ms(other), AssetRules(registry, point.asset))] |= APART


class Recent:
    """A point's samples of the last day, one a moment, the largest value of each.

    Args:
        after_ms: what was measured up to then is not here.
    """

    def __init__(self, after_ms: int) -> None:
        self.samples = Samples(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        self.after_ms = after_ms

    def take(self, t: _Times, v: _Values) -> None:
        """Take samples, rising."""
        every_t, every_v = np.concatenate([self.samples.t, t]), np.concatenate([self.samples.v, v])
        order = np.lexsort((every_v, every_t))
        every_t, every_v = every_t[order], every_v[order]
        self.after_ms = max(self.after_ms, int(every_t[-1]) - KEPT_MS)
        wanted = np.append(every_t[1:] != every_t[:-1], True) & (every_t > self.after_ms)
        self.samples = Samples(every_t[wanted], every_v[wanted], np.zeros(int(wanted.sum()), np.int64))


class Pairs:
    """The points that are compared, and what they said last.

    Args:
        newest_ms: from a point's number to the newest sample of it that was judged.
    """

    def __init__(self, registry: Registry, newest_ms: Callable[[int], int]) -> None:
        self._registry = registry
        self._newest_ms = newest_ms
        self._first: dict[int, int] = {}
        self._compared: dict[int, list[int]] = {}
        self._places: dict[int, tuple[str, str]] = {}
        self._recent: dict[int, Recent] = {}

    def refresh(self, point: str) -> list[int]:
        """Take over what the registry says now about a point; return the points that are compared with another now."""
        numbers, known = self._registry.point_numbers, self._registry.points[point]
        moved, place = numbers[point], (known.asset, known.position)
        wanted: dict[int, int | None] = {moved: None}
        for asset, position in {place, self._places.get(moved, place)}:
            alike = [one for one in self._registry.points_of(asset) if one.position == position]
            wanted |= dict.fromkeys((numbers[one.id] for one in alike), None)
            there = [numbers[one.id] for one in _there(self._registry, asset, position)]
            wanted |= dict.fromkeys(there[1:], there[0] if there else None)
        self._places[moved] = place
        return [number for number, first in wanted.items() if self._compare(number, first)]

    def _compare(self, number: int, first: int | None) -> bool:
        """Compare a point with another, or with none; say whether that is new."""
        if self._first.get(number) == first:
            return False
        old = self._first.pop(number, None)
        if old is not None:
            self._compared[old].remove(number)
        if first is not None:
            self._first[number] = first
            self._compared.setdefault(first, []).append(number)
            for each in (number, first):
                self._recent.setdefault(each, Recent(self._newest_ms(each)))
        for each in (number,) if old is None else (number, old):
            if each not in self._first and not self._compared.get(each):
                self._recent.pop(each, None)
        return True

    def compared_with(self, number: int) -> list[int]:
        """Return the points that are compared with this one."""
        return list(self._compared.get(number, ()))

    def forget(self, number: int) -> None:
        """What a point said up to now is asked of the history from now on."""
        if number in self._recent:
            self._recent[number] = Recent(self._newest_ms(number))

    def forget_all(self) -> None:
        """Nothing that was judged so far was seen."""
        for number in self._recent:
            self.forget(number)

    def take(self, slot: NDArray[np.int32], t: _Times, v: _Values) -> Iterator[tuple[int, int]]:
        """Take the block's samples; yield (point, from when) that another answer holds for what was judged.

        Args:
            slot: shape (n,), sorted. ``t``: measured ms, rising within a slot.
        """
        for number in self._recent.keys() & set(np.unique(slot).tolist()) if self._recent else ():
            own = span(slot, number)
            others = [(other, self._recent[other]) for other in self.compared_with(number)]
            from_ms = int(t[own.start])
            before = [self._bits(other, number, from_ms) for other, _ in others]
            self._recent[number].take(t[own], v[own])
            for (other, recent), (at_ms, was) in zip(others, before, strict=True):
                changed = at_ms[was != self._bits(other, number, from_ms)[1]]
                if from_ms <= max(recent.after_ms, self._recent[number].after_ms + self._hold_ms(number)):
                    yield other, from_ms
                elif len(changed):
                    yield other, int(changed[0])

    def _hold_ms(self, number: int) -> int:
        return hold_ms(self._registry.points[self._registry.point_ids[number]])

    def _bits(self, number: int, first: int, from_ms: int) -> tuple[_Times, NDArray[np.bool_]]:
        """Return when a point was judged from a time on, and of each whether it is apart."""
        rules = AssetRules(self._registry, self._registry.points[self._registry.point_ids[number]].asset)
        said = self._recent[number].samples
        mine = said.since(int(np.searchsorted(said.t, from_ms)))
        return mine.t, apart(mine.t, mine.v, self._recent[first].samples, self._hold_ms(first), rules)

    def lay(self, masks: NDArray[np.int32], slot: NDArray[np.int32], t: _Times, v: _Values) -> dict[int, int]:
        """Set the bits of a block's samples; return point → from when memory does not say it."""
        unsure: dict[int, int] = {}
        for number in self._first.keys() & set(np.unique(slot).tolist()) if self._first else ():
            own = span(slot, number)
            point = self._registry.points[self._registry.point_ids[number]]
            first = self._registry.points[self._registry.point_ids[self._first[number]]]
            recent = self._recent[self._first[number]]
            if int(t[own.start]) - hold_ms(first) <= recent.after_ms:
                unsure[number] = int(t[own.start])
            lay_apart(masks[own], t[own], v[own], self._registry, point, recent.samples)
        return unsure
