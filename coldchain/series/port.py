"""What any series store does, whatever database holds it.

The store is a projection of the ledger: it may be dropped and rebuilt at any time, and its cursor lies inside it. It
keeps what the probe said under channel numbers; points, calibration and limits are laid over it when reading.
Duplicates of a reading (a gateway that sent again under a new epoch) fall by identity (channel, measured_at_ms) when
reading; a nightly rewrite removes them for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to append, one reading each.

    Attributes:
        channel: shape (n,), int32; channel numbers of the registry.
        measured_at_ms: shape (n,), int64.
        value: shape (n,), float64; NaN for a fault.
        quality: shape (n,), uint8.
        position: shape (n,), int64; ledger position of the batch.
        words: row → fault word.
    """

    channel: NDArray[np.int32]
    measured_at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    position: NDArray[np.int64]
    words: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that is kept and not a reading (yet).

    Attributes:
        index: record in its pack, -1 for the whole entry.
        name: channel name, empty when there is none.
        reason: see docs/contracts.md; ``unknown-channel`` and ``unbound-channel`` are the inbox.
    """

    position: int
    index: int
    node: str
    name: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A channel's part of a point's history: measured time [from_ms, to_ms).

    Attributes:
        offset_kelvin: what calibration adds to each value; rollups are made of what a value means, windows hold what
            the probe said (`coldchain.registry.calibration` applies it there).
    """

    channel: int
    from_ms: int
    to_ms: int
    offset_kelvin: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """Readings of some spans, one a measured identity, in measured order.

    Attributes:
        measured_at_ms: shape (n,), int64, rising (equal only across different channels).
        value: shape (n,); the largest of each identity's values (protocol: identity), NaN for a fault.
        quality: shape (n,), uint8; CONFLICT set where the values spread over 0.5 K.
        position: shape (n,); the first ledger position that brought the standing value.
        words: row → fault word.
        others: row → every different value of the identity, ascending, where there is more than one.
    """

    channel: NDArray[np.int32]
    measured_at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    position: NDArray[np.int64]
    words: dict[int, str]
    others: dict[int, list[float]]

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Rollup:
    """Buckets with data; empty ones are left out, so a hole stays a hole.

    Attributes:
        start_ms: shape (n,), rising.
        count, minimum, maximum, mean: of good temperatures only (no CLOCK, no FAULT); a peak is never lost.
    """

    start_ms: NDArray[np.int64]
    count: NDArray[np.int64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    mean: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """When channels said something sound (no CLOCK, no FAULT), in no order; a moment may stand there twice.

    Attributes:
        channel: shape (n,), int32. ``measured_at_ms``: shape (n,), int64.
    """

    channel: NDArray[np.int32]
    measured_at_ms: NDArray[np.int64]


UNCLAIMED_REASONS = ("unknown-channel", "unbound-channel")


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A channel in the inbox: what a node says of it is kept and belongs nowhere yet.

    Attributes:
        kept: records that wait.
        first, last: ledger positions of the first and the last of them.
    """

    name: str
    node: str
    reason: str
    kept: int
    first: int
    last: int


class Series(Protocol):
    """The port. Every driver passes `tests/contracts/series_suite.py`."""

    def cursor(self) -> int:
        """Return the ledger position up to which this store is complete."""
        ...

    def write(
        self,
        old: int,
        new: int,
        rows: Rows,
        quarantined: Sequence[Quarantined] = (),
        forget: Sequence[tuple[int, str]] = (),
    ) -> None:
        """In one durable transaction: forget channels (number, name: rows and quarantine), append, move the cursor.

        Raises:
            CursorMoved: the cursor is not ``old``; nothing was written.
        """
        ...

    def window(
        self,
        spans: Sequence[Span],
        from_ms: int,
        to_ms: int,
        *,
        upto: int | None = None,
        limit: int | None = None,
    ) -> Window:
        """Return the readings in [from_ms, to_ms) of these spans, ignoring positions beyond ``upto``.

        Args:
            limit: at most this many readings, the earliest ones.
        """
        ...

    def rollup(self, spans: Sequence[Span], from_ms: int, to_ms: int, bucket_ms: int) -> Rollup:
        """Return buckets of ``bucket_ms`` aligned to multiples of it."""
        ...

    def latest(self, channel: int, *, before_ms: int | None = None) -> Window:
        """Return the newest reading without a CLOCK fault (at most one row), optionally measured before a time."""
        ...

    def counts(self, from_ms: int, to_ms: int) -> dict[int, int]:
        """Return readings (identities) a channel in [from_ms, to_ms)."""
        ...

    def moments(self, from_ms: int, to_ms: int) -> Moments:
        """Return when all channels said something sound in [from_ms, to_ms)."""
        ...

    def positions_of(self, channels: Sequence[tuple[int, str]]) -> list[int]:
        """Return every ledger position, rising, that holds something of these channels (number, name).

        Series and quarantine are both looked through; positions of duplicates that `tidy` removed are still told,
        because another node may have sealed them. Number -1: a name that has none.
        """
        ...

    def quarantine(self, *, after: int = 0, limit: int = 1000, reason: str | None = None) -> list[Quarantined]:
        """Return quarantined records behind a position, in ledger order.

        A position is never split between two pages, so there may be more than ``limit`` by the rest of a pack.
        """
        ...

    def unclaimed(self, *, limit: int = 1000) -> list[Unclaimed]:
        """Return the channels that wait because nobody registered or bound them, the last heard first."""
        ...

    def quarantine_counts(self) -> dict[str, int]:
        """Return how many records wait for each reason."""
        ...

    def tidy(self, before_ms: int) -> int:
        """Rewrite closed days sorted by channel and time, without duplicates; return how many days were rewritten."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
