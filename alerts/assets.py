"""What people, schedules and switches say together about an asset: its windows, its activities, the mask of a sample.

::

    registry (windows, schedules, activities) ─┐
    runs of the asset's switches ──────────────┴▶ windows_of ─▶ lay ─▶ a mask a sample for the fold
                                                  activities_of ─▶ what people are shown
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alerts.activities import NO_GOODS, SIGNALS, Found, found, under_way
from alerts.history import Samples
from alerts.records import EMPTY
from alerts.switches import MOVES_M_PER_S, ON, Switch, together
from alerts.switchrules import WHILE_LOADED
from alerts.windows import LOOKBACK_MS, MASKS, SWITCHES, Excuse, Run, excuses
from coldchain.kinetics import HOLD_INTERVALS
from coldchain.profiles import KindRules
from coldchain.registry import IN_USE, LOADED, Point, Registry

Masks = NDArray[np.int32]


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
    joined = _joined(registry, runs, span[0] - LOOKBACK_MS)
    asset, rules = point.asset, AssetRules(registry, point.asset)
    doing = _doing(registry, asset, found(joined, rules), span[0] - LOOKBACK_MS, span[1] + 1)
    if point.quantity in WHILE_LOADED:
        kind = rules.kind(span[1])
        only_loaded = kind is not None and kind.parked_after is not None
        return list(_not_loaded(doing, under_way(joined.get("speed", ())))) if only_loaded else []
    by_hand, schedules = registry.windows.get(asset, ()), registry.defrosts_of(asset)
    empty = [Excuse(one.from_ms, one.to_ms, one.state, EMPTY) for one, said in doing if _is_empty(one, said=said)]
    return [*excuses(joined, rules, by_hand, schedules, span, _trips(doing)), *empty]


def _joined(registry: Registry, runs: Mapping[int, Sequence[Run]], from_ms: int) -> dict[str, list[Run]]:
    """Return quantity → what all switches of it say as one, as far as it goes on at or after ``from_ms``."""
    said: dict[str, list[Sequence[Run]]] = {}
    for number, of_one in runs.items():
        recent = [run for run in of_one if run.until_ms > from_ms]
        said.setdefault(registry.points[registry.point_ids[number]].quantity, []).append(recent)
    return {quantity: together(several) for quantity, several in said.items()}


def activities_of(
    registry: Registry, asset: str, samples: Mapping[str, Samples], from_ms: int, to_ms: int
) -> list[tuple[Found, bool]]:
    """Return what an asset was doing in [from, to), rising and without gaps, and whether a person or a trip said it.

    Args:
        samples: of its points of the quantities `alerts.activities.SIGNALS`; from `LOOKBACK_MS` before ``from_ms`` on.
    """
    places = {point: registry.points[point] for point in samples if registry.points[point].quantity in SIGNALS}
    runs = {registry.point_numbers[point]: switch_for(place, samples[point]).runs() for point, place in places.items()}
    guesses = found(_joined(registry, runs, from_ms - LOOKBACK_MS), AssetRules(registry, asset))
    return _doing(registry, asset, guesses, from_ms, to_ms)


def _doing(
    registry: Registry, asset: str, guesses: Sequence[Found], from_ms: int, to_ms: int
) -> list[tuple[Found, bool]]:
    """Lay what is said over what was found; see `activities_of`."""
    edges = {edge for said in registry.activities.get(asset, ()) for edge in (said.from_ms, said.to_ms)}
    edges |= {edge for one in guesses for edge in (one.from_ms, one.to_ms)}
    inside = sorted(edge for edge in edges if edge is not None and from_ms < edge < to_ms)
    told: list[tuple[Found, bool]] = []
    for begin_ms, end_ms in pairwise([from_ms, *inside, to_ms]):
        said = registry.activity_at(asset, begin_ms)
        guess = next((one.state for one in guesses if one.from_ms <= begin_ms < one.to_ms), "")
        guessed = said == IN_USE and bool(guess)
        state = guess if guessed else said
        if told and (told[-1][0].state, told[-1][1]) == (state, not guessed):
            begin_ms = told.pop()[0].from_ms
        told.append((Found(begin_ms, end_ms, state), not guessed))
    return told


def _trips(doing: Sequence[tuple[Found, bool]]) -> list[tuple[int, int]]:
    """Return [from, to) of the times with goods on board, stops included."""
    trips: list[tuple[int, int]] = []
    for one, _ in doing:
        if one.state not in LOADED:
            continue
        if trips and trips[-1][1] == one.from_ms:
            trips[-1] = trips[-1][0], one.to_ms
        else:
            trips.append((one.from_ms, one.to_ms))
    return trips


def _is_empty(doing: Found, *, said: bool) -> bool:
    return not said and doing.state in NO_GOODS


def _not_loaded(doing: Sequence[tuple[Found, bool]], ways: Sequence[tuple[int, int]]) -> Iterator[Excuse]:
    """Where nobody says that goods are on board, only a ride behind a loading that was found counts.

    Args:
        ways: of `under_way`.
    """
    for one, said in doing:
        if said and one.state != IN_USE:
            continue
        from_ms = one.from_ms
        for begin_ms, end_ms in [*(ways if one.state == "loaded" else ()), (one.to_ms, one.to_ms)]:
            if min(begin_ms, one.to_ms) > from_ms:
                yield Excuse(from_ms, min(begin_ms, one.to_ms), "not-loaded", MASKS["maintenance"])
            from_ms = max(from_ms, end_ms)


@dataclass(frozen=True, slots=True)
class AssetRules:
    """`alerts.windows.Rules` of an asset."""

    registry: Registry
    asset: str

    def kind(self, at_ms: int) -> KindRules | None:
        return self.registry.kind_rules_at(self.registry.kind_of(self.asset), at_ms)

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
