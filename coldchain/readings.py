"""Readings as columns: what every store, rule and page works on.

A block of readings names each channel once and keeps one number a row in each column, so that a batch of
500 readings costs a few array operations and not 500 objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

EARLIEST_MS = 1_577_836_800_000
"""2020-01-01T00:00:00Z; an earlier measured time is a clock fault (protocol: time, identity, quality)."""

FUTURE_TOLERANCE_MS = 300_000
"""A reading measured later than its arrival + 5 min is a clock fault (same source)."""

CONFLICT_SPREAD_KELVIN = 0.5
"""Values of one identity further apart than this are a conflict, a sensor fault (same source)."""


class Quality(IntFlag):
    """What is known against a reading. 0 is a plain good one.

    ``ESTIMATED`` and ``SENSOR_CLOCK`` come from the gateway in the SenML label ``q``; the others are
    found by the server and never taken from the wire.
    """

    GOOD = 0
    ESTIMATED = 1
    """The gateway's clock was not yet trusted; the time was worked out afterwards."""
    SENSOR_CLOCK = 2
    """The sensor's own time was out of tolerance; this is the time of arrival at the gateway."""
    CLOCK = 4
    """Measured before 2020 or later than received + 5 min: in the record, never judged, never latest."""
    CONFLICT = 8
    """Several values of one identity spread over 0.5 K; the largest stands."""
    FAULT = 16
    """No value but a word from the probe, such as ``no-probe``."""
    BOOLEAN = 32
    """Nothing against it: the value was a SenML boolean (door, defrost, unit), 0 or 1."""


WIRE_QUALITY = int(Quality.ESTIMATED | Quality.SENSOR_CLOCK)
UNJUDGED = int(Quality.CLOCK | Quality.FAULT)
"""Readings with any of these bits are never a temperature to judge; a FAULT may be the latest, a CLOCK never is."""

QUALITY_WORDS: Mapping[Quality, str] = MappingProxyType(
    {
        Quality.ESTIMATED: "estimated",
        Quality.SENSOR_CLOCK: "sensor-clock",
        Quality.CLOCK: "clock",
        Quality.CONFLICT: "conflict",
        Quality.FAULT: "fault",
    }
)


def quality_words(bits: int) -> list[str]:
    """Return the words for quality bits, in the order of the bits.

    >>> quality_words(17)
    ['estimated', 'fault']
    """
    return [word for flag, word in QUALITY_WORDS.items() if bits & flag]


@dataclass(frozen=True, slots=True)
class Readings:
    """A block of readings, one row each, in the order of the pack that they came in.

    Attributes:
        names: channel names, each once.
        channel: shape (n,), int32; index into ``names``.
        measured_at_ms: shape (n,), int64; ms since 1970 UTC.
        value: shape (n,), float64; °C for temperatures, 0 or 1 for booleans, NaN for a fault.
        quality: shape (n,), uint8; bits of `Quality`.
        index: shape (n,), int32; the record's place in its pack.
        units: one a name: the SenML unit of its first number, ``""`` for booleans and words.
        words: row → the probe's word, only for rows whose quality says FAULT.
        other_units: row → its unit, only where a name has numbers in more than one unit (RFC 8428 §5.1.3).
    """

    names: tuple[str, ...]
    channel: NDArray[np.int32]
    measured_at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    index: NDArray[np.int32]
    units: tuple[str, ...]
    words: Mapping[int, str] = field(default_factory=dict)
    other_units: Mapping[int, str] = field(default_factory=dict)

    def unit_of(self, row: int) -> str:
        """Return the unit of a row's number."""
        return self.other_units.get(row, self.units[self.channel[row]])

    def __len__(self) -> int:
        return len(self.value)

    def with_clock_faults(self, received_at_ms: int) -> Readings:
        """Return the same rows with CLOCK set where the measured time cannot be.

        Args:
            received_at_ms: when the server took the batch, ms UTC.
        """
        late = self.measured_at_ms > received_at_ms + FUTURE_TOLERANCE_MS
        bad = late | (self.measured_at_ms < EARLIEST_MS)
        if not bad.any():
            return self
        quality = self.quality.copy()
        quality[bad] |= int(Quality.CLOCK)
        return Readings(
            self.names,
            self.channel,
            self.measured_at_ms,
            self.value,
            quality,
            self.index,
            self.units,
            self.words,
            self.other_units,
        )

    def rows(self) -> Iterator[tuple[str, int, float, int, str | None]]:
        """Yield (channel name, measured_at_ms, value, quality, word) a row; for tests and small outputs."""
        for row in range(len(self)):
            yield (
                self.names[self.channel[row]],
                int(self.measured_at_ms[row]),
                float(self.value[row]),
                int(self.quality[row]),
                self.words.get(row),
            )


def readings_of(rows: Sequence[tuple[str, int, float, int, str | None]]) -> Readings:
    """Build a block from rows; for tests, tools and the gateway's small packs.

    >>> len(readings_of([("a:t", 1_700_000_000_000, 4.5, 0, None)]))
    1
    """
    places: dict[str, int] = {}
    channel = [places.setdefault(name, len(places)) for name, *_ in rows]
    return Readings(
        names=tuple(places),
        channel=np.array(channel, np.int32),
        measured_at_ms=np.array([row[1] for row in rows], np.int64),
        value=np.array([row[2] for row in rows], np.float64),
        quality=np.array([row[3] for row in rows], np.uint8),
        index=np.arange(len(rows), dtype=np.int32),
        units=("",) * len(places),
        words={place: row[4] for place, row in enumerate(rows) if row[4] is not None},
    )
