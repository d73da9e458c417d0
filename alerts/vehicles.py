"""Probes that are silent while their vehicle's position arrives: somebody pulled them, or their box has no power.

::

    Registry ──vehicles_of──▶ Vehicle: its probes, what says where it is
    heard ──▶ Positions: when each was heard last, and since when without a pause ──probes_silent──▶ evidence, or None

A tunnel or a dead gateway silences probes and position alike, and when the way is open again one of them may be first.
So a position proves that only the probes are missing when it is current, and was heard without a pause for three of the
probes' own intervals after the last of them was heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.patience import INTERVALS, NEVER_MS, SLACK_MS, Patience
from coldchain.profiles import KindRules
from coldchain.registry import Point, Registry

POSITION = frozenset({"latitude", "longitude", "speed"})
"""Quantities that say where a vehicle is."""

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A body or a tank in use on a vehicle. Numbers are those of points; shape (n,) each.

    Attributes:
        probes: its temperatures, those for information left out; ``probe_ms``: their intervals.
        delay_ms: by probe, how long it may be silent while positions arrive.
        positions: of the asset itself, and of everything that stands on the same vehicle; ``position_ms``.
    """

    asset: str
    probes: Numbers
    probe_ms: NDArray[np.int64]
    delay_ms: NDArray[np.int64]
    positions: Numbers
    position_ms: NDArray[np.int64]


def vehicles_of(registry: Registry, now_ms: int, patience: Patience) -> list[Vehicle]:
    """Return what has probes and a position, by rules in force that tell the two apart (``probes_silent``)."""
    by_kind = {kind: registry.kind_rules_at(kind, now_ms) for kind in {each.kind for each in registry.assets.values()}}
    rules_of = {kind: rules for kind, rules in by_kind.items() if rules is not None and rules.probes_silent is not None}
    bodies = [asset for asset in registry.assets.values() if asset.kind in rules_of]
    if not bodies:
        return []
    own: dict[str, list[Point]] = defaultdict(list)
    aboard: dict[str, list[Point]] = defaultdict(list)
    for point in registry.points.values():
        if point.quantity in POSITION and point.interval_s > 0:
            own[point.asset].append(point)
            aboard[registry.site_at(point.asset, now_ms)].append(point)
    found = []
    for body in bodies:
        site = registry.sites.get(registry.site_at(body.id, now_ms))
        places = aboard[site.id] if site is not None and site.kind == "vehicle" else own[body.id]
        vehicle = _vehicle(registry, body.id, rules_of[body.kind], places, patience)
        found += [] if vehicle is None else [vehicle]
    return found


def _vehicle(
    registry: Registry, asset: str, rules: KindRules, places: Sequence[Point], patience: Patience
) -> Vehicle | None:
    probes = [
        point
        for point in registry.points_of(asset)
        if point.quantity == "temperature"
        and point.position not in rules.information
        and patience.watched[registry.point_numbers[point.id]]
    ]
    if not probes or not places or rules.probes_silent is None:
        return None
    probe_ms = _intervals(probes)
    delay_ms = np.maximum(round(rules.probes_silent.minutes * 60_000), INTERVALS * probe_ms + SLACK_MS)
    return Vehicle(
        asset, _numbers(registry, probes), probe_ms, delay_ms, _numbers(registry, places), _intervals(places)
    )


class Positions:
    """Since when each position is heard without a pause: ``since_up`` by point number, on the judge's own time."""

    def __init__(self) -> None:
        self._last_up = np.empty(0, np.int64)
        self.since_up = np.empty(0, np.int64)

    def take(self, heard_up: NDArray[np.int64], vehicles: Sequence[Vehicle]) -> None:
        """Note who was heard, by point number; after a start each begins anew with what was heard last."""
        missing = len(heard_up) - len(self._last_up)
        if missing > 0:
            self._last_up = np.concatenate([self._last_up, np.full(missing, NEVER_MS)])
            self.since_up = np.concatenate([self.since_up, np.full(missing, NEVER_MS)])
        if not vehicles:
            return
        numbers = np.concatenate([vehicle.positions for vehicle in vehicles])
        interval_ms = np.concatenate([vehicle.position_ms for vehicle in vehicles])
        heard, last = heard_up[numbers], self._last_up[numbers]
        paused = (last == NEVER_MS) | (heard - last > 2 * interval_ms + SLACK_MS)
        self.since_up[numbers[paused]] = heard[paused]
        self._last_up[numbers] = heard


def probes_silent(
    vehicle: Vehicle,
    now_up: int,
    heard_up: NDArray[np.int64],
    base_up: NDArray[np.int64],
    since_up: NDArray[np.int64],
) -> bool:
    """Say whether all probes are silent for longer than they may be, and a position proves that it is only them.

    Args:
        now_up: on the judge's own time, ms, as all others; the others by point number.
        heard_up: `NEVER_MS` for a point never heard: such a probe is new, not silent.
        base_up: from when silence counts: last heard, or expected again.
        since_up: as `Positions` has it.
    """
    known = heard_up[vehicle.probes] != NEVER_MS
    if not known.any():
        return False
    base = base_up[vehicle.probes[known]]
    if (now_up - base < vehicle.delay_ms[known]).any():
        return False
    heard, since = heard_up[vehicle.positions], since_up[vehicle.positions]
    current = now_up - heard <= vehicle.position_ms + SLACK_MS
    proves = heard >= np.maximum(base.max(), since) + INTERVALS * vehicle.probe_ms[known].max()
    return bool((current & proves).any())


def _numbers(registry: Registry, points: Sequence[Point]) -> Numbers:
    return np.array([registry.point_numbers[point.id] for point in points], np.intp)


def _intervals(points: Sequence[Point]) -> NDArray[np.int64]:
    return np.array([point.interval_s * 1000 for point in points], np.int64)
