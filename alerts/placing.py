"""Which point each reading of a batch belongs to: `Registry.sort`, remembered for the batches that look alike.

A gateway's batches name the same channels all day. `Registry.sort` costs 0.4 µs a reading on packs of 500 with dated
bindings; remembered per (node, names) it is 0.04.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.readings import Readings
from coldchain.registry import UNBOUND, Registry
from coldchain.registry.intervals import FOREVER_MS

REMEMBERED = 20_000
"""Kinds of batches; a node has a few."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """For each name of a kind of batch: its point, and from when to when. ``plain``: one binding at most a name."""

    channel: NDArray[np.int32]
    point: NDArray[np.int32]
    from_ms: NDArray[np.int64]
    to_ms: NDArray[np.int64]
    plain: bool


class Placing:
    """Says where readings belong, as a registry has it now."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._version = registry.version
        self._kinds: dict[tuple[str, tuple[str, ...]], _Kind] = {}

    def placed(self, node: str, readings: Readings) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return what the judge needs of each row.

        Returns:
            point: shape (n,); point number, `UNBOUND` where it is refused or was at no point.
            value: shape (n,), as calibrated.
        """
        if self._version != self._registry.version or len(self._kinds) > REMEMBERED:
            self._version = self._registry.version
            self._kinds.clear()
        kind = self._kinds.get((node, readings.names))
        if kind is None:
            kind = self._kinds[node, readings.names] = self._kind(node, readings.names)
        channel, t, value = readings.channel, readings.measured_at_ms, readings.value
        corrections = self._registry.corrections
        if corrections:
            value = corrections.applied(kind.channel[channel], t, value)
        if not kind.plain:
            return self._registry.sort(node, readings).point, value
        inside = (t >= kind.from_ms[channel]) & (t < kind.to_ms[channel])
        return np.where(inside, kind.point[channel], np.int32(UNBOUND)), value

    def _kind(self, node: str, names: tuple[str, ...]) -> _Kind:
        channel = np.array([self._registry.channel_numbers.get(name, -1) for name in names], np.int32)
        point = np.full(len(names), UNBOUND, np.int32)
        from_ms = np.zeros(len(names), np.int64)
        to_ms = np.zeros(len(names), np.int64)
        plain = True
        for place, name in enumerate(names):
            bindings = self._registry.bindings.get(name, [])
            if self._registry.refusal(node, name) is not None or not bindings:
                continue
            plain = plain and len(bindings) == 1
            binding = bindings[0]
            point[place] = self._registry.point_numbers.get(binding.point, UNBOUND)
            from_ms[place] = binding.from_ms
            to_ms[place] = FOREVER_MS if binding.to_ms is None else binding.to_ms
            if binding.to_ms is None and binding.from_ms <= 0:
                from_ms[place] = -FOREVER_MS  # since ever, as `Registry.sort` has it
        return _Kind(channel, point, from_ms, to_ms, plain)
