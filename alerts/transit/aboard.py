"""Which points tell of which vehicles, and of the milk in which tanks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from alerts.subjects import subject_of_milk
from alerts.transit.gathering import IN_GOODS
from coldchain.registry import Point, Registry

ON_VEHICLES = frozenset({"latitude", "longitude", "speed", "temperature"})
TANKS = frozenset({"station-tank", "plant-silo"})


class Aboard:
    """Names by point: ids of vehicles on which its asset ever stood, or its tank as `subject_of_milk`.

    Args:
        registry: the judge's; `refresh` when it has changed.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._group = np.empty(0, np.int32)
        self._groups: list[tuple[str, ...]] = []

    def __len__(self) -> int:
        return len(self._group)

    def of(self, point: str) -> tuple[str, ...]:
        """Return the names of a point."""
        number = self._registry.point_numbers.get(point, len(self._group))
        if number >= len(self._group) or self._group[number] < 0:
            return ()
        return self._groups[int(self._group[number])]

    def tells(self, slot: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Say which rows of a block, point numbers, tell of a name."""
        some: NDArray[np.bool_] = self._group[slot] >= 0
        return some

    def heard(self, slot: NDArray[np.int32], t: NDArray[np.int64]) -> Iterator[tuple[str, int, int]]:
        """Yield each name that rows of a block tell of (`tells`), with the first and the last of their measured ms."""
        group = self._group[slot]
        for number in np.unique(group).tolist():
            own = t[group == number]
            for name in self._groups[number]:
                yield name, int(own.min()), int(own.max())

    def refresh(self) -> None:
        """Ask the registry anew."""
        names: dict[str, tuple[str, ...]] = {}
        for site in self._registry.sites.values():
            if site.kind == "vehicle":
                for asset in {asset for asset, _, _ in self._registry.stays_at(site.id)}:
                    for point in self._registry.points_of(asset):
                        if point.quantity in ON_VEHICLES:
                            names[point.id] = (*names.get(point.id, ()), site.id)
        for tank in self._registry.assets.values():
            if tank.kind in TANKS:
                for point in milk_points(self._registry, tank.id):
                    names[point.id] = (*names.get(point.id, ()), subject_of_milk(tank.id))
        self._groups = sorted(set(names.values()))
        number_of = {group: number for number, group in enumerate(self._groups)}
        self._group = np.full(len(self._registry.point_ids), -1, np.int32)
        for name, group in names.items():
            self._group[self._registry.point_numbers[name]] = number_of[group]


def milk_points(registry: Registry, asset: str) -> list[Point]:
    """Return the points that say how warm the milk in an asset is."""
    return [one for one in registry.points_of(asset) if one.quantity == "temperature" and one.position in IN_GOODS]
