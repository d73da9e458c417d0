"""How anything follows the ledger: read behind the own cursor, apply, move the cursor in the effect's transaction.

::

    ledger.read(cursor, limit) ──▶ projection.step(entries) ──▶ effect + cursor, one transaction
           ▲                                                        │
           └──────────────── ledger.wait(cursor) ◀──────────────────┘

A projection has one owner at a time. `CursorMoved` says that somebody else owns it now: stop, never merge.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import structlog

from coldchain.errors import ColdchainError, Unavailable
from coldchain.ledger.port import Entry, Ledger

CHUNK = 128
"""Entries a step; 128 packs of 500 are 64,000 readings, about 0.1 s of work."""

IDLE_S = 0.5
GATHER_S = 0.02
"""How long the first news waits for company: a step costs two fsyncs however little it holds."""
UNAVAILABLE_PAUSE_S = 1.0

log = structlog.get_logger()


class CursorMoved(ColdchainError):
    """Another owner moved this projection's cursor."""

    def __init__(self, name: str, expected: int) -> None:
        super().__init__(f"projection {name}: the cursor is no longer {expected}: another owner; stopping")


class Projection(Protocol):
    """Anything that is a function of the ledger."""

    @property
    def name(self) -> str:
        """Short name for logs, health and counters."""
        ...

    @property
    def cursor(self) -> int:
        """Position of the last entry applied (in memory; durable at least up to the last committed step)."""
        ...

    def step(self, entries: Sequence[Entry]) -> None:
        """Apply entries, dense from cursor + 1 on.

        Raises:
            CursorMoved: another owner; the caller stops.
        """
        ...

    def idle(self) -> None:
        """Do what waits for quiet (re-judges, housekeeping); called at least every half second."""
        ...


def catch_up(projection: Projection, ledger: Ledger, *, chunk: int = CHUNK) -> int:
    """Apply everything that the ledger holds now; return the position reached."""
    while entries := ledger.read(projection.cursor, chunk):
        projection.step(entries)
    projection.idle()
    return projection.cursor


class Follower(threading.Thread):
    """Runs one projection behind the ledger until stopped; a failure ends it and is kept in `failure`."""

    def __init__(self, projection: Projection, ledger: Ledger, *, chunk: int = CHUNK) -> None:
        super().__init__(name=f"follow-{projection.name}", daemon=True)
        self.projection = projection
        self.failure: BaseException | None = None
        self.caught_up = threading.Event()
        self._ledger = ledger
        self._chunk = chunk
        self._stopping = threading.Event()

    def run(self) -> None:
        """Follow until stopped."""
        try:
            while not self._stopping.is_set():
                try:
                    self._round()
                except Unavailable as fault:  # a full disk: the ledger keeps everything, a step may be repeated
                    log.error("projection.waiting", projection=self.projection.name, fault=str(fault))
                    self._stopping.wait(UNAVAILABLE_PAUSE_S)
        except Exception as failure:
            self.failure = failure
            log.exception("projection.failed", projection=self.projection.name)

    def _round(self) -> None:
        entries = self._ledger.read(self.projection.cursor, self._chunk)
        if entries:
            self.projection.step(entries)
        if len(entries) < self._chunk:
            self.caught_up.set()
            self.projection.idle()
            if self._ledger.wait(self.projection.cursor, IDLE_S):
                self._stopping.wait(GATHER_S)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Ask it to end after the step it is in, and wait."""
        self._stopping.set()
        self.join(timeout_s)
