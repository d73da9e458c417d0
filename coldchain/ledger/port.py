"""What any ledger does, whatever database holds it.

::

    append(runs)     compare-and-set on each node's chain head, one durable transaction for all runs
    change(...)      registry, rules, actions of people: the other kind of entry, same positions
    read(after)      positions 1, 2, 3 … without a hole that fills later

A *run* is a series of batches of one chain that follow each other. Its first must follow the head that the caller
believes in; if the ledger's head is another, nothing of the run is written and that head is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from coldchain.seal import ZERO_HASH, Sealed


class Kind(IntEnum):
    """What an entry is."""

    BATCH = 0
    CHANGE = 1


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands.

    Attributes:
        seq: last seq held, 0 for none.
        hash: SHA-256 of that body, zeros at 0.
        key: the public key found at seq 1, empty at 0.
    """

    seq: int = 0
    hash: bytes = ZERO_HASH
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Run:
    """Batches of one chain to append after a head.

    Attributes:
        key: the public key that proved them; kept with the chain at its seq 1.
    """

    node: str
    epoch: bytes
    after: Head
    batches: Sequence[Sealed]
    key: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """The run is durable; its first entry has this position, the others follow densely."""

    first_position: int
    head: Head


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was committed.

    Attributes:
        position: 1, 2, 3 …
        received_at_ms: the server's time at commit, ms UTC.
        raw: a batch's envelope exactly as received, or a change's JSON.
    """

    position: int
    kind: Kind
    received_at_ms: int
    raw: bytes


class Ledger(Protocol):
    """The port. Every driver passes `tests/contracts/ledger_suite.py`."""

    def append(self, runs: Sequence[Run], received_at_ms: int) -> list[Appended | Head]:
        """Append runs in one durable transaction.

        Returns:
            For each run, in order: `Appended`, or the chain's true `Head` when it is not ``run.after`` (then
            nothing of that run is written).

        Raises:
            Unavailable: the disk is full or the database is away; nothing was written.
        """
        ...

    def change(self, changes: Sequence[bytes], received_at_ms: int) -> list[int]:
        """Append change entries, all or none, and return their positions."""
        ...

    def read(self, after: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries behind a position, dense and in order."""
        ...

    def changes(self, after: int, upto: int) -> list[Entry]:
        """Return the change entries with after < position ≤ upto."""
        ...

    def head(self, node: str, epoch: bytes) -> Head:
        """Return where a chain stands (`Head()` when it is unknown)."""
        ...

    def hash_at(self, node: str, epoch: bytes, seq: int) -> bytes | None:
        """Return the hash of the body held at a seq, or None."""
        ...

    def end(self) -> int:
        """Return the last position, 0 when empty."""
        ...

    def wait(self, after: int, timeout_s: float) -> bool:
        """Wait until there is something behind a position, or the time is over; say whether there is."""
        ...

    def listen(self, heard: Callable[[int], None]) -> None:
        """Call ``heard(last position)`` after every commit made through this object."""
        ...
