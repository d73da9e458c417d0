"""What follows the ledger for changes of some kinds only: they are kept, of everything else only the cursor moves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from coldchain.counters import Counters
from coldchain.ledger.port import Entry
from coldchain.readable import readable

STEPS_BEHIND = 8192
"""Entries of other kinds that are passed before the cursor moves: a step's transaction costs an fsync now and then,
and most steps bring readings only."""

P = TypeVar("P")


class KeepingProjection(ABC, Generic[P]):
    """Keeps a store of changes complete up to its cursor.

    Attributes:
        counters: ``received`` = ``kept`` + ``refused``, as they stood when they came.
    """

    name: ClassVar[str]
    KINDS: ClassVar[tuple[type, ...]]
    """Of the changes that the store keeps."""

    def __init__(self, cursor: int) -> None:
        self._saved = self._cursor = cursor
        self.counters = Counters("received", "kept", "refused")

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        said: list[tuple[Entry, Any]] = [
            (entry, change.change) for entry, change in readable(entries) if isinstance(change.change, self.KINDS)
        ]
        end = entries[-1].position
        if said:
            refused = self._keep(said, self._saved, self._cursor, end)
            self._saved = end
            self.counters.add("received", len(said))
            self.counters.add("refused", refused)
            self.counters.add("kept", len(said) - refused)
        self._cursor = end
        if end - self._saved >= STEPS_BEHIND:
            self.save()

    def idle(self) -> None:
        """Nothing waits here."""

    def save(self) -> None:
        """Make the cursor durable; until then a restart passes the last entries of other kinds again."""
        self._move(self._saved, self._cursor)
        self._saved = self._cursor

    @abstractmethod
    def _keep(self, said: Sequence[tuple[Entry, P]], saved: int, passed: int, end: int) -> int:
        """Write what is said and move the cursor from ``saved`` to ``end``; return how much of it cannot be.

        Args:
            passed: up to where everything was looked at before.
        """

    @abstractmethod
    def _move(self, saved: int, end: int) -> None:
        """Move the cursor."""
