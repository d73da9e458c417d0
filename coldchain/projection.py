"""How anything follows the ledger: read behind the own cursor, apply, move the cursor in the effect's transaction.

::

    ledger.read(cursor, limit) ──▶ projection.step(entries) ──▶ effect + cursor, one transaction
           ▲                                                        │
           └──────────────── ledger.wait(cursor) ◀──────────────────┘

A projection has one owner at a time. `CursorMoved` says that somebody else owns it now: stop, never merge.

Live projections keep `Abreast`: what each of them needs decoded is decoded once only while they are close together.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import structlog

from coldchain.errors import ColdchainError, Unavailable
from coldchain.ledger.port import Entry, Ledger

CHUNK = 128
"""Entries a step where nothing is known of their size."""

STEP_BYTES = 1024 * 1024
"""A live step, as sealed: 200 packs of 500, 900 of 100; about 0.1 s of work."""
STEP_ENTRIES = (32, 1024)

IDLE_S = 0.5
GATHER_S = 0.02
"""How long the first news waits for company: a step costs two fsyncs however little it holds."""
ABREAST_STEPS = 2
"""How many of its steps a live projection may be ahead of another."""
ABREAST_S = 1.0
"""The longest that one waits for another: several steps under full load. Whoever did not move in that time is not
waited for again until it has."""
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


class Abreast:
    """Keeps the projections of one ledger close together, so that a batch is decoded once for all of them.

    Left to themselves, the fastest runs away under full load and every projection decodes everything: three times the
    work. So whoever is two steps ahead waits for the last one, once: not again for one that did not move meanwhile (its
    store is away; alarms do not wait for that).
    """

    def __init__(self, patience_s: float = ABREAST_S) -> None:
        self._patience_s = patience_s
        self._moved = threading.Condition()
        self._cursors: dict[str, int] = {}
        self._stood: dict[str, int] = {}

    def reached(self, name: str, cursor: int, step: int) -> bool:
        """Tell that a projection is at a cursor after a step of so many entries, and wait if it is too far ahead.

        Returns:
            Whether the others came along (or need not).
        """
        with self._moved:
            self._cursors[name] = cursor
            self._moved.notify_all()
            came = self._moved.wait_for(lambda: cursor - self._last(cursor) <= ABREAST_STEPS * step, self._patience_s)
            if not came:
                self._stood.update(self._cursors)
        return came

    def _last(self, own: int) -> int:
        return min((at for name, at in self._cursors.items() if at != self._stood.get(name)), default=own)


class Follower(threading.Thread):
    """Runs one projection behind the ledger until stopped; a failure ends it and is kept in `failure`.

    Args:
        gather_s: how long the first news waits for company.
        abreast: shared by projections that share a decoder; None follows alone.
    """

    def __init__(
        self, projection: Projection, ledger: Ledger, *, gather_s: float = GATHER_S, abreast: Abreast | None = None
    ) -> None:
        super().__init__(name=f"follow-{projection.name}", daemon=True)
        self.projection = projection
        self.failure: BaseException | None = None
        self.caught_up = threading.Event()
        self._ledger = ledger
        self._gather_s = gather_s
        self._abreast = abreast
        self._chunk = CHUNK
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
            if self._abreast is not None:
                self._abreast.reached(self.projection.name, self.projection.cursor, len(entries))
        full = len(entries) == self._chunk
        if entries:
            size = sum(len(entry.raw) for entry in entries) // len(entries)
            self._chunk = min(max(STEP_BYTES // max(size, 1), STEP_ENTRIES[0]), STEP_ENTRIES[1])
        if not full:
            self.caught_up.set()
            self.projection.idle()
            if self._ledger.wait(self.projection.cursor, IDLE_S):
                self._stopping.wait(self._gather_s)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Ask it to end after the step it is in, and wait."""
        self._stopping.set()
        self.join(timeout_s)
