"""Typed fakes of the ports: they pass the same contract suites as the real drivers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coldchain.ledger.port import Appended, Entry, Head, Kind, Run
from coldchain.seal import ZERO_HASH, After
from coldchain.senml import Row
from gateway.spool import Chain, Room, StoredBatch, Taken


class MemoryLedger:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.heads: dict[tuple[str, bytes], Head] = {}
        self.hashes: dict[tuple[str, bytes, int], bytes] = {}
        self._listeners: list[Callable[[int], None]] = []

    def copy(self) -> MemoryLedger:
        """Return a backup."""
        twin = MemoryLedger()
        twin.entries, twin.heads, twin.hashes = list(self.entries), dict(self.heads), dict(self.hashes)
        return twin

    def append(self, runs: Sequence[Run], received_at_ms: int) -> list[Appended | Head]:
        answers: list[Appended | Head] = []
        for run in runs:
            head = self.head(run.node, run.epoch)
            if (head.seq, head.hash) != (run.after.seq, run.after.hash):
                answers.append(head)
                continue
            first = len(self.entries) + 1
            for batch in run.batches:
                self.entries.append(Entry(len(self.entries) + 1, Kind.BATCH, received_at_ms, batch.raw))
                self.hashes[run.node, run.epoch, batch.seq] = batch.hash
            last = run.batches[-1]
            head = Head(last.seq, last.hash, head.key or run.key)
            self.heads[run.node, run.epoch] = head
            answers.append(Appended(first, head))
        self._tell()
        return answers

    def change(self, changes: Sequence[bytes], received_at_ms: int) -> list[int]:
        first = len(self.entries) + 1
        self.entries += [Entry(first + n, Kind.CHANGE, received_at_ms, raw) for n, raw in enumerate(changes)]
        self._tell()
        return list(range(first, len(self.entries) + 1))

    def _tell(self) -> None:
        for heard in self._listeners:
            heard(len(self.entries))

    def read(self, after: int, limit: int) -> list[Entry]:
        return self.entries[after : after + limit]

    def changes(self, after: int, upto: int) -> list[Entry]:
        return [entry for entry in self.entries[after:upto] if entry.kind is Kind.CHANGE]

    def head(self, node: str, epoch: bytes) -> Head:
        return self.heads.get((node, epoch), Head())

    def hash_at(self, node: str, epoch: bytes, seq: int) -> bytes | None:
        return self.hashes.get((node, epoch, seq))

    def end(self) -> int:
        return len(self.entries)

    def wait(self, after: int, timeout_s: float) -> bool:
        return len(self.entries) > after

    def listen(self, heard: Callable[[int], None]) -> None:
        self._listeners.append(heard)


class MemorySpool:
    """A spool in memory; `copy` is a rolled-back or cloned disk."""

    def __init__(self, epoch: bytes) -> None:
        self.readings: list[Taken] = []
        self._chain = Chain(epoch)
        self._batches: dict[int, StoredBatch] = {}
        self._sealed = self._acked = 0

    def copy(self) -> MemorySpool:
        """Return the disk as it is now."""
        twin = MemorySpool(self._chain.epoch)
        twin.readings, twin._chain, twin._batches = list(self.readings), self._chain, dict(self._batches)
        twin._sealed, twin._acked = self._sealed, self._acked
        return twin

    def damage(self, seq: int, raw: bytes) -> None:
        """Overwrite a stored envelope."""
        old = self._batches[seq]
        self._batches[seq] = StoredBatch(old.seq, old.hash, raw, old.last_reading)

    def put(self, rows: Sequence[Row], now_ms: int) -> None:
        first = len(self.readings) + 1
        self.readings += [Taken(first + n, now_ms, row) for n, row in enumerate(rows)]

    def unsealed(self, limit: int) -> list[Taken]:
        return self.readings[self._sealed : self._sealed + limit]

    def unsealed_count(self) -> int:
        return len(self.readings) - self._sealed

    def add_batch(self, batch: StoredBatch) -> None:
        chain = self._chain
        self._batches[batch.seq] = batch
        self._sealed = batch.last_reading
        self._chain = Chain(
            chain.epoch, batch.seq, batch.hash, chain.acked, chain.acked_hash, chain.after, chain.heard_at_ms
        )

    def chain(self) -> Chain:
        return self._chain

    def batches(self) -> list[tuple[int, bytes, int]]:
        return [(seq, batch.hash, len(batch.raw)) for seq, batch in sorted(self._batches.items())]

    def raw(self, seq: int) -> bytes:
        return self._batches[seq].raw

    def mark(self, seq: int, heard_at_ms: int) -> None:
        chain, last = self._chain, self._batches[seq]
        self._acked = last.last_reading
        for old in [known for known in self._batches if known <= seq]:
            del self._batches[old]
        self._chain = Chain(chain.epoch, chain.seq, chain.prev, seq, last.hash, chain.after, heard_at_ms)

    def new_epoch(self, epoch: bytes, after: After, heard_at_ms: int, *, everything: bool) -> None:
        if everything:
            self._acked = 0
        self._sealed = self._acked
        self._batches.clear()
        self._chain = Chain(epoch, 0, ZERO_HASH, 0, ZERO_HASH, after, heard_at_ms)

    def behind(self) -> int:
        return len(self.readings) - self._acked

    def room(self) -> Room:
        return Room(len(self.readings), 1 << 40)
