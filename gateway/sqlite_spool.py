"""The spool in one SQLite file: fsync at every commit, bounded, survives SIGKILL at any instruction.

What one node may ever write is bounded by ``limit_bytes``. Acknowledged readings are the cushion: they go first, oldest
first, when they are older than ``keep_days`` or the file is more than half full. What is not acknowledged is never
dropped: when it alone fills the file, new readings are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from coldchain.crash import crash_point
from coldchain.database import connect_sqlite
from coldchain.errors import ConfigError, Unavailable
from coldchain.seal import ZERO_HASH, After
from coldchain.senml import Row
from gateway.spool import Chain, Room, StoredBatch, Taken

FOREVER_MS = 1 << 62

PRUNE_ROWS = 5_000
"""Acknowledged readings dropped a time, so that pruning never holds the file for long."""

READING = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_ROWS = 250
"""Readings a statement: `executemany` gives up the interpreter's lock at each row and waits to get it back."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    id INTEGER PRIMARY KEY, taken_ms INTEGER NOT NULL, name TEXT NOT NULL, at_ms INTEGER NOT NULL,
    value NOT NULL, truth INTEGER NOT NULL, unit TEXT NOT NULL, quality INTEGER NOT NULL, sensor_ms INTEGER);
CREATE TABLE IF NOT EXISTS batch (
    seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, raw BLOB NOT NULL, last_reading INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS held (
    id INTEGER PRIMARY KEY, boot TEXT NOT NULL, steady_ms INTEGER NOT NULL, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY CHECK (id = 1), node TEXT NOT NULL,
    epoch BLOB NOT NULL, seq INTEGER NOT NULL, prev BLOB NOT NULL,
    acked INTEGER NOT NULL, acked_hash BLOB NOT NULL, after_epoch BLOB, after_seq INTEGER, after_why TEXT,
    heard_at_ms INTEGER NOT NULL, sealed_reading INTEGER NOT NULL, acked_reading INTEGER NOT NULL);
"""


class SqliteSpool:
    """A spool file; see `gateway.spool.Spool` for what each method promises.

    Args:
        path: the file, made when missing.
        node: whose spool it is; a file of another node is refused.
        first_epoch: id of the first epoch, used only when the file is new.
        limit_bytes: how large it may grow.
        keep_ms: how long acknowledged readings are kept while there is room; 0 drops each at once.
        synchronous: FULL; anything else only in the control of the power-cut test.

    Raises:
        ConfigError: the file belongs to another node.
    """

    def __init__(
        self,
        path: Path,
        node: str,
        first_epoch: bytes,
        *,
        limit_bytes: int = 1 << 30,
        keep_ms: int = 7 * 86_400_000,
        synchronous: str = "FULL",
    ) -> None:
        self.is_new = not path.exists()
        self._limit = limit_bytes
        self._keep_ms = keep_ms
        self._db: Any = connect_sqlite(path, synchronous=synchronous)
        self._db.executescript(_SCHEMA)
        self._page = self._db.execute("PRAGMA page_size").fetchone()[0]
        self._db.execute(
            "INSERT OR IGNORE INTO state VALUES (1, ?, ?, 0, ?, 0, ?, NULL, NULL, NULL, 0, 0, 0)",
            (node, first_epoch, ZERO_HASH, ZERO_HASH),
        )
        owner = self._state("node")
        if owner != node:
            self._db.close()
            raise ConfigError(
                f"{path}: this spool belongs to node {owner!r}, not {node!r}: give each node its own file"
            )
        self._last_id = self._db.execute("SELECT coalesce(max(id), 0) FROM reading").fetchone()[0]
        self._last_id = max(self._last_id, self._state("acked_reading"))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite.OperationalError as fault:
            self._roll_back()
            raise Unavailable(f"the spool's disk does not take it: {fault}") from fault
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _state(self, column: str) -> Any:
        return self._db.execute(f"SELECT {column} FROM state").fetchone()[0]

    # -- readings ---------------------------------------------------------------------------------------------

    def put(self, rows: Sequence[Row], now_ms: int) -> None:
        self._make_room(now_ms)
        with self._transaction():
            self._insert(rows, now_ms)
            crash_point("after-spool-insert")
        self._last_id += len(rows)

    def _insert(self, rows: Sequence[Row], now_ms: int) -> None:
        for begin in range(0, len(rows), INSERT_ROWS):
            some = rows[begin : begin + INSERT_ROWS]
            values = [
                column
                for place, row in enumerate(some, self._last_id + begin + 1)
                for column in (
                    place,
                    now_ms,
                    row.name,
                    row.measured_at_ms,
                    row.value,
                    isinstance(row.value, bool),
                    row.unit,
                    row.quality,
                    row.sensor_ms,
                )
            ]
            self._db.execute("INSERT INTO reading VALUES " + ", ".join([READING] * len(some)), values)

    def unsealed(self, limit: int) -> list[Taken]:
        rows = self._db.execute(
            "SELECT * FROM reading WHERE id > (SELECT sealed_reading FROM state) ORDER BY id LIMIT ?", (limit,)
        )
        return [
            Taken(key, taken, Row(name, at, bool(value) if truth else value, unit, quality, sensor))
            for key, taken, name, at, value, truth, unit, quality, sensor in rows
        ]

    def unsealed_count(self) -> int:
        return int(self._last_id - self._state("sealed_reading"))

    def behind(self) -> int:
        return int(self._last_id - self._state("acked_reading"))

    def oldest_unacknowledged_ms(self) -> int | None:
        """Return when the oldest unacknowledged reading was taken, or None."""
        row = self._db.execute(
            "SELECT taken_ms FROM reading WHERE id > (SELECT acked_reading FROM state) ORDER BY id LIMIT 1"
        ).fetchone()
        return None if row is None else int(row[0])

    # -- the chain --------------------------------------------------------------------------------------------

    def chain(self) -> Chain:
        epoch, seq, prev, acked, acked_hash, after_epoch, after_seq, why, heard = self._db.execute(
            "SELECT epoch, seq, prev, acked, acked_hash, after_epoch, after_seq, after_why, heard_at_ms FROM state"
        ).fetchone()
        after = None if after_epoch is None else After(after_epoch, after_seq, why)
        return Chain(epoch, seq, prev, acked, acked_hash, after, heard)

    def add_batch(self, batch: StoredBatch) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT INTO batch VALUES (?, ?, ?, ?)", (batch.seq, batch.hash, batch.raw, batch.last_reading)
            )
            self._db.execute(
                "UPDATE state SET seq = ?, prev = ?, sealed_reading = ?", (batch.seq, batch.hash, batch.last_reading)
            )

    def batches(self) -> list[tuple[int, bytes, int]]:
        return list(self._db.execute("SELECT seq, hash, length(raw) FROM batch ORDER BY seq"))

    def raw(self, seq: int) -> bytes:
        return bytes(self._db.execute("SELECT raw FROM batch WHERE seq = ?", (seq,)).fetchone()[0])

    def mark(self, seq: int, heard_at_ms: int) -> None:
        last = self._db.execute("SELECT hash, last_reading FROM batch WHERE seq = ?", (seq,)).fetchone()
        with self._transaction():
            self._db.execute(
                "UPDATE state SET acked = ?, acked_hash = ?, heard_at_ms = ?, acked_reading = ?",
                (seq, last[0], heard_at_ms, last[1]),
            )
            self._db.execute("DELETE FROM batch WHERE seq <= ?", (seq,))
            if self._keep_ms == 0:
                self._db.execute("DELETE FROM reading WHERE id <= ?", (last[1],))

    def new_epoch(self, epoch: bytes, after: After, heard_at_ms: int, *, everything: bool) -> None:
        with self._transaction():
            if everything:
                self._db.execute(
                    "UPDATE state SET acked_reading = "
                    "(SELECT coalesce(min(id) - 1, (SELECT acked_reading FROM state)) FROM reading)"
                )
            self._db.execute("DELETE FROM batch")
            self._db.execute(
                "UPDATE state SET epoch = ?, seq = 0, prev = ?, acked = 0, acked_hash = ?, after_epoch = ?, "
                "after_seq = ?, after_why = ?, heard_at_ms = ?, sealed_reading = acked_reading",
                (epoch, ZERO_HASH, ZERO_HASH, after.epoch, after.seq, after.why, heard_at_ms),
            )

    # -- readings whose time is not known yet -----------------------------------------------------------------

    def hold(self, boot: str, rows: Sequence[tuple[int, bytes]], now_ms: int) -> None:
        """Keep (steady ms, encoded row) of a boot that does not know the time; durable on return.

        Raises:
            Unavailable: no room.
        """
        self._make_room(now_ms)
        with self._transaction():
            self._db.executemany(
                "INSERT INTO held (boot, steady_ms, row) VALUES (?, ?, ?)", [(boot, *row) for row in rows]
            )

    def held(self, limit: int) -> list[tuple[int, str, int, bytes]]:
        """Return (id, boot, steady ms, encoded row) of the oldest held."""
        return list(self._db.execute("SELECT id, boot, steady_ms, row FROM held ORDER BY id LIMIT ?", (limit,)))

    def release(self, upto: int, rows: Sequence[Row], now_ms: int) -> None:
        """Move held rows up to an id into the readings, with the times that they got; one transaction."""
        with self._transaction():
            self._insert(rows, now_ms)
            self._db.execute("DELETE FROM held WHERE id <= ?", (upto,))
        self._last_id += len(rows)

    def note(self, key: str) -> Any:
        """Return a small remembered value, None when there is none."""
        row = self._db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def remember(self, key: str, value: str | int) -> None:
        """Remember a small value, durable on return."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))

    # -- room -------------------------------------------------------------------------------------------------

    def room(self) -> Room:
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        free = self._db.execute("PRAGMA freelist_count").fetchone()[0]
        return Room((pages - free) * self._page, self._limit)

    def _make_room(self, now_ms: int) -> None:
        room = self.room()
        if room.used * 2 >= room.limit:
            pruned = self.prune(now_ms, everything=True)
            room = self.room()
            while room.full and pruned:
                pruned = self.prune(now_ms, everything=True)
                room = self.room()
        if room.full:
            raise Unavailable(
                f"the spool is full: {room.used >> 20} of {room.limit >> 20} MB, all unacknowledged; "
                "new readings are refused until the server has taken some"
            )

    def prune(self, now_ms: int, *, everything: bool = False) -> int:
        """Drop some acknowledged readings that are too old, or (``everything``) simply the oldest; return how many."""
        before = FOREVER_MS if everything else now_ms - self._keep_ms  # a clock set back leaves some in the future
        with self._transaction():
            done = self._db.execute(
                "DELETE FROM reading WHERE id IN (SELECT id FROM reading WHERE id <= (SELECT acked_reading FROM state) "
                "AND taken_ms < ? ORDER BY id LIMIT ?)",
                (before, PRUNE_ROWS),
            )
        return int(done.rowcount)
