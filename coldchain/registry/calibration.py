"""From what a probe said to what it means: the one place that applies calibrations.

The ledger and the series keep the probe's word; the judge, the pages and the records apply this to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from coldchain.registry.changes import Calibration

EXACT = 6
"""Decimals kept, so that 7.9 + 0.1 is the 8.0 of a limit and not 8.000000000000001."""


class Corrections:
    """The offsets of all calibrated channels, by channel number and measured time.

    Args:
        calibrations: channel → versions, rising by ``effective_from_ms``.
        numbers: channel → number.
    """

    def __init__(self, calibrations: Mapping[str, Sequence[Calibration]], numbers: Mapping[str, int]) -> None:
        self._steps: dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        size = 1 + max((numbers[name] for name in calibrations if name in numbers), default=-1)
        self._calibrated = np.zeros(size, bool)
        for name, versions in calibrations.items():
            if name in numbers and versions:
                starts = np.array([version.effective_from_ms for version in versions], np.int64)
                offsets = np.array([0.0, *(version.offset_kelvin for version in versions)])
                self._steps[numbers[name]] = starts, offsets
                self._calibrated[numbers[name]] = True

    def __bool__(self) -> bool:
        return bool(self._steps)

    def applied(
        self, channel: NDArray[np.int32], measured_at_ms: NDArray[np.int64], value: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return values as calibrated; the same array where nothing is.

        Args:
            channel: shape (n,); channel numbers, negative for a row without one.
            measured_at_ms: shape (n,).
            value: shape (n,), °C as the probe said it; NaN stays.
        """
        if not self._steps or not len(channel):
            return value
        known = (channel >= 0) & (channel < len(self._calibrated))
        known[known] = self._calibrated[channel[known]]
        if not known.any():
            return value
        value = value.copy()
        for number in np.unique(channel[known]).tolist():
            rows = np.flatnonzero(channel == number)
            starts, offsets = self._steps[number]
            offset = offsets[np.searchsorted(starts, measured_at_ms[rows], side="right")]
            value[rows] = np.round(value[rows] + offset, EXACT)
        return value

    def offset_at(self, channel: int, at_ms: int) -> float:
        """Return what is added to a channel's value at a measured time, K."""
        return self.pieces(channel, at_ms, at_ms + 1)[0][2]

    def pieces(self, channel: int, from_ms: int, to_ms: int) -> list[tuple[int, int, float]]:
        """Return (from, to, offset) of each stretch of [from, to) with one offset."""
        if channel not in self._steps:
            return [(from_ms, to_ms, 0.0)]
        starts, offsets = self._steps[channel]
        inside = [int(start) for start in starts if from_ms < start < to_ms]
        edges = [from_ms, *inside, to_ms]
        found = [float(offsets[np.searchsorted(starts, edge, side="right")]) for edge in edges[:-1]]
        return list(zip(edges, edges[1:], found, strict=False))
