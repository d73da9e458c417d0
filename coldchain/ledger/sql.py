"""The ledger on a SQL database: SQLite embedded; the same statements are meant for PostgreSQL.

Appends are compare-and-set on ``heads`` and take their positions from a counter row inside the committing
transaction, so a reader never meets a hole that fills later (identity columns with two appenders silently skipped
23,925 of 88,879 rows of a polling reader). The last entries are kept in a ring, filled after the commit, so that live
projections do not touch the disk; they cannot tell the difference.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError

from coldchain.database import open_sqlite, read_sqlite
from coldchain.errors import ConfigError, Unavailable
from coldchain.ledger.migrate import migrate
from coldchain.ledger.port import Appended, Entry, Head, Kind, Run
from coldchain.ledger.tables import counter, heads, make_month, month_table, months
from coldchain.seal import Sealed, open_envelope

RING_BYTES = 8 * 1024 * 1024
KNOWN_CHAINS = 65_536
"""Heads kept in memory; a node has one open chain, seldom two."""

# An upsert, because that is one statement however many heads move; every row of it exists. Made once: SQLAlchemy took
# 100 µs to recognise each update of a head that it was given anew.
_head = sqlite_insert(heads)
MOVE_HEADS = _head.on_conflict_do_update(
    index_elements=[heads.c.chain], set_={"seq": _head.excluded.seq, "hash": _head.excluded.hash}
)
OPEN_HEAD = insert(heads).returning(heads.c.chain)


class SqlLedger:
    """A ledger in a SQL database; see `coldchain.ledger.port.Ledger` for what each method promises.

    One object a process; its methods may be called from any thread.
    """

    def __init__(self, engine: Engine, *, ring_bytes: int = RING_BYTES) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writing=True)
        self._writing = threading.Lock()
        self._news = threading.Condition()
        self._ring: deque[Entry] = deque()
        self._ring_bytes = 0
        self._ring_limit = ring_bytes
        self._listeners: list[Callable[[int], None]] = []
        self._chains: dict[tuple[str, bytes], tuple[int, Head]] = {}
        self._heads_as_of = 0
        migrate(engine)
        with engine.connect() as connection:
            self._end = self._counter(connection)

    @classmethod
    def open(cls, path: Path, *, synchronous: str = "FULL") -> SqlLedger:
        """Open (and make) an embedded ledger file."""
        return cls(open_sqlite(path, synchronous=synchronous))

    @classmethod
    def read_only(cls, path: Path) -> SqlLedger:
        """Open a ledger file that exists, beside a server or without one; every attempt to write is refused.

        Raises:
            ConfigError: it is no ledger, or one of another schema.
        """
        engine = read_sqlite(path)
        try:
            return cls(engine)
        except OperationalError as fault:
            engine.dispose()
            raise ConfigError(f"{path} cannot be read as this program's ledger: {fault.orig}") from fault

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # -- writing ----------------------------------------------------------------------------------------------

    def append(self, runs: Sequence[Run], received_at_ms: int) -> list[Appended | Head]:
        with self._writing:
            try:
                with self._writer.begin() as connection:
                    before = self._counter(connection)
                    answers, entries, chains = self._append(connection, before, runs, received_at_ms)
            except OperationalError as fault:
                raise Unavailable(f"the ledger does not take the batch: {fault.orig}") from fault
            if len(self._chains) > KNOWN_CHAINS:
                self._chains.clear()
            self._chains.update(chains)
            self._heads_as_of = before + len(entries)  # after the commit: a failed one says nothing about heads
            self._committed(entries)
        return answers

    def _append(
        self, connection: Connection, before: int, runs: Sequence[Run], received_at_ms: int
    ) -> tuple[list[Appended | Head], list[Entry], dict[tuple[str, bytes], tuple[int, Head]]]:
        position = before
        if before != self._heads_as_of:  # somebody else appended: what is known of heads may be old
            self._chains.clear()
        answers: list[Appended | Head] = []
        entries: list[Entry] = []
        rows: list[dict[str, object]] = []
        chains: dict[tuple[str, bytes], tuple[int, Head]] = {}
        moves: dict[int, dict[str, object]] = {}
        for run in runs:
            chain, head = chains.get((run.node, run.epoch)) or self._chain(connection, run.node, run.epoch)
            if (head.seq, head.hash) != (run.after.seq, run.after.hash):
                answers.append(head)
                continue
            last = run.batches[-1]
            new = Head(last.seq, last.hash, head.key or run.key)
            if chain:
                moves[chain] = {
                    "chain": chain,
                    "node": run.node,
                    "epoch": run.epoch,
                    "seq": new.seq,
                    "hash": new.hash,
                    "key": new.key,
                }
            else:
                chain = self._open_chain(connection, run, new)
            chains[run.node, run.epoch] = (chain, new)
            answers.append(Appended(position + 1, new))
            for batch in run.batches:
                position += 1
                entries.append(Entry(position, Kind.BATCH, received_at_ms, batch.raw))
                rows.append(_row(entries[-1], chain, batch))
        if moves:
            connection.execute(MOVE_HEADS, list(moves.values()))
        self._insert(connection, before, rows, received_at_ms)
        return answers, entries, chains

    def change(self, changes: Sequence[bytes], received_at_ms: int) -> list[int]:
        if not changes:
            return []
        with self._writing:
            try:
                with self._writer.begin() as connection:
                    before = self._counter(connection)
                    entries = [
                        Entry(before + place, Kind.CHANGE, received_at_ms, raw) for place, raw in enumerate(changes, 1)
                    ]
                    self._insert(connection, before, [_row(entry) for entry in entries], received_at_ms)
            except OperationalError as fault:
                raise Unavailable(f"the ledger does not take the change: {fault.orig}") from fault
            if before == self._heads_as_of:
                self._heads_as_of = entries[-1].position
            self._committed(entries)
        return [entry.position for entry in entries]

    def _insert(self, connection: Connection, before: int, rows: list[dict[str, object]], received_at_ms: int) -> None:
        if not rows:
            return
        table = self._open_month(connection, received_at_ms, before + 1)
        connection.execute(insert(table), rows)
        moved = connection.execute(
            update(counter).where(counter.c.position == before).values(position=before + len(rows))
        )
        if moved.rowcount != 1:
            raise Unavailable("the ledger's counter moved inside a transaction: another writer without a lock")

    def _open_month(self, connection: Connection, received_at_ms: int, first_position: int) -> Table:
        newest = connection.execute(select(months.c.name).order_by(months.c.name.desc()).limit(1)).scalar()
        name = datetime.fromtimestamp(received_at_ms / 1000, UTC).strftime("%Y_%m")
        if newest is None or name > newest:
            connection.execute(insert(months), {"name": name, "first_position": first_position})
            return make_month(connection, name)
        return month_table(newest)  # a server clock that stepped back does not reopen an old month

    def _chain(self, connection: Connection, node: str, epoch: bytes) -> tuple[int, Head]:
        known = self._chains.get((node, epoch))
        if known is not None:
            return known
        row = connection.execute(select(heads).where(heads.c.node == node, heads.c.epoch == epoch)).first()
        return (0, Head()) if row is None else (row.chain, Head(row.seq, bytes(row.hash), bytes(row.key)))

    def _open_chain(self, connection: Connection, run: Run, new: Head) -> int:
        made = connection.execute(
            OPEN_HEAD, {"node": run.node, "epoch": run.epoch, "seq": new.seq, "hash": new.hash, "key": new.key}
        )
        return int(made.scalar_one())

    def _committed(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        with self._news:
            if self._ring and self._ring[-1].position + 1 != entries[0].position:
                self._ring.clear()
                self._ring_bytes = 0
            self._ring.extend(entries)
            self._ring_bytes += sum(len(entry.raw) for entry in entries)
            while self._ring_bytes > self._ring_limit and len(self._ring) > 1:
                self._ring_bytes -= len(self._ring.popleft().raw)
            self._end = entries[-1].position
            self._news.notify_all()
        for heard in self._listeners:
            heard(self._end)

    # -- reading ----------------------------------------------------------------------------------------------

    def read(self, after: int, limit: int) -> list[Entry]:
        with self._news:
            if self._ring and self._ring[0].position <= after + 1 <= self._ring[-1].position:
                start = after + 1 - self._ring[0].position
                return [self._ring[place] for place in range(start, min(start + limit, len(self._ring)))]
        with self._engine.connect() as connection:
            return self._from_disk(connection, after, limit)

    def _from_disk(self, connection: Connection, after: int, limit: int) -> list[Entry]:
        entries: list[Entry] = []
        for table in self._months_from(connection, after + 1):
            columns = (table.c.position, table.c.kind, table.c.received_at_ms, table.c.raw)
            wanted = select(*columns).where(table.c.position > after).order_by(table.c.position)
            rows = connection.execute(wanted.limit(limit - len(entries))).all()
            entries += [_entry(row) for row in rows]
            if len(entries) >= limit:
                break
        return entries

    def changes(self, after: int, upto: int) -> list[Entry]:
        entries: list[Entry] = []
        with self._engine.connect() as connection:
            for table in self._months_from(connection, after + 1):
                columns = (table.c.position, table.c.kind, table.c.received_at_ms, table.c.raw)
                wanted = (
                    select(*columns)
                    .where(table.c.kind == 1, table.c.position > after, table.c.position <= upto)
                    .order_by(table.c.position)
                )
                entries += [_entry(row) for row in connection.execute(wanted)]
        return entries

    def _months_from(self, connection: Connection, position: int) -> list[Table]:
        rows = connection.execute(select(months).order_by(months.c.first_position)).all()
        last_before = max((n for n, row in enumerate(rows) if row.first_position <= position), default=0)
        return [month_table(row.name) for row in rows[last_before:]]

    def head(self, node: str, epoch: bytes) -> Head:
        with self._engine.connect() as connection:
            row = connection.execute(select(heads).where(heads.c.node == node, heads.c.epoch == epoch)).first()
        return Head() if row is None else Head(row.seq, bytes(row.hash), bytes(row.key))

    def hash_at(self, node: str, epoch: bytes, seq: int) -> bytes | None:
        with self._engine.connect() as connection:
            chain = connection.execute(
                select(heads.c.chain).where(heads.c.node == node, heads.c.epoch == epoch)
            ).scalar()
            if chain is None:
                return None
            for table in reversed(self._months_from(connection, 1)):
                raw = connection.execute(select(table.c.raw).where(table.c.chain == chain, table.c.seq == seq)).scalar()
                if raw is not None:
                    return open_envelope(bytes(raw)).hash
        return None

    def end(self) -> int:
        with self._engine.connect() as connection:
            return self._counter(connection)

    def wait(self, after: int, timeout_s: float) -> bool:
        with self._news:
            if self._end > after or self._news.wait_for(lambda: self._end > after, timeout_s):
                return True
        return self.end() > after  # another process may have appended (registry import beside a server)

    def listen(self, heard: Callable[[int], None]) -> None:
        self._listeners.append(heard)

    def _counter(self, connection: Connection) -> int:
        return int(connection.execute(select(counter.c.position).where(counter.c.id == 1)).scalar_one())


def _row(entry: Entry, chain: int | None = None, batch: Sealed | None = None) -> dict[str, object]:
    return {
        "position": entry.position,
        "kind": int(entry.kind),
        "received_at_ms": entry.received_at_ms,
        "chain": chain,
        "seq": None if batch is None else batch.seq,
        "raw": entry.raw,
    }


def _entry(row: Any) -> Entry:
    return Entry(row.position, Kind(row.kind), row.received_at_ms, bytes(row.raw))
