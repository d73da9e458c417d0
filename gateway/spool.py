"""The spool's port: what a gateway must keep so that it survives days offline, kills and a full disk.

::

    put(rows) ─fsync─▶ readings 1 2 3 … n          one growing list; two marks move along it:
                        ├──────────┤ acknowledged   (kept 7 days or half the spool, so that a restored
                        ├───────────────┤ sealed     server can be given everything again)
                                         └ unsealed

A new epoch only moves the marks back: to the first unacknowledged reading, or to the first still held. Batches are
made from readings, so a damaged batch costs nothing, and an acknowledged one need not be kept beside its readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from coldchain.seal import ZERO_HASH, After
from coldchain.senml import Row


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A reading in the spool.

    Attributes:
        id: 1, 2, 3 … in the order in which they were taken.
        taken_at_ms: gateway's clock.
    """

    id: int
    taken_at_ms: int
    row: Row


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A sealed batch: its place in the chain and the readings that it carries."""

    seq: int
    hash: bytes
    raw: bytes
    last_reading: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the current epoch stands.

    Attributes:
        seq, prev: of the last sealed batch.
        acked, acked_hash: of the last acknowledged one.
        after: what seq 1 must name, None for a node's first epoch.
        heard_at_ms: server time of the newest believed acknowledgement.
    """

    epoch: bytes
    seq: int = 0
    prev: bytes = ZERO_HASH
    acked: int = 0
    acked_hash: bytes = ZERO_HASH
    after: After | None = None
    heard_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How full the spool is, bytes; ``used / limit`` ≥ 0.8 is a warning, ≥ 1 refuses new readings."""

    used: int
    limit: int

    @property
    def warning(self) -> bool:
        """Whether 80 % is reached."""
        return self.used * 10 >= self.limit * 8

    @property
    def full(self) -> bool:
        """Whether new readings must be refused."""
        return self.used >= self.limit


class Spool(Protocol):
    """The port. Every driver passes `tests/contracts/spool_suite.py`."""

    def put(self, rows: Sequence[Row], now_ms: int) -> None:
        """Keep readings, durable on return, all or none.

        Raises:
            Unavailable: no room; nothing was kept, so nothing may be acknowledged on site.
        """
        ...

    def unsealed(self, limit: int) -> list[Taken]:
        """Return the oldest unsealed readings."""
        ...

    def unsealed_count(self) -> int:
        """Return how many readings wait to be sealed."""
        ...

    def add_batch(self, batch: StoredBatch) -> None:
        """Keep the next sealed batch, durable on return, and move the sealed mark behind its last reading."""
        ...

    def chain(self) -> Chain:
        """Return where the current epoch stands."""
        ...

    def batches(self) -> list[tuple[int, bytes, int]]:
        """Return (seq, hash, bytes) of each sealed, unacknowledged batch, in order."""
        ...

    def raw(self, seq: int) -> bytes:
        """Return the envelope of a sealed, unacknowledged batch."""
        ...

    def mark(self, seq: int, heard_at_ms: int) -> None:
        """Acknowledge everything up to a seq."""
        ...

    def new_epoch(self, epoch: bytes, after: After, heard_at_ms: int, *, everything: bool) -> None:
        """Begin a new chain over the unacknowledged readings, or over everything still held."""
        ...

    def behind(self) -> int:
        """Return how many readings are not yet acknowledged."""
        ...

    def room(self) -> Room:
        """Return how full it is."""
        ...
