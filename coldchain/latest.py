"""The newest reading of every point, in a small SQLite file: what a live page shows, and what changed since.

The projection that fills it is one process's (or thread's) own; any number of readers open the same file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import BigInteger, Column, Engine, Float, Integer, MetaData, String, Table, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from coldchain.database import open_sqlite, set_aside
from coldchain.errors import ConfigError, Unavailable
from coldchain.projection import CursorMoved

VERSION = 2

BLOCK = 1024
"""Rows a statement: each statement gives up the interpreter's lock once and waits for it again, up to 5 ms while others
compute. A row a statement took 4 µs alone and starved beside busy threads."""

metadata = MetaData()

latest_table = Table(
    "latest",
    metadata,
    Column("point", String(255), primary_key=True),
    Column("changed", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("measured_at_ms", BigInteger),
    Column("value", Float),
    Column("quality", Integer, nullable=False),
    Column("word", String),
    sqlite_with_rowid=False,
)
"""No index on ``changed``: keeping one took as long as all the rest of a write, looking through 20,000 rows 2 ms."""

cursor_table = Table(
    "cursor",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

log = structlog.get_logger()


class Latest(NamedTuple):
    """What a point says now.

    Attributes:
        changed: ledger position at whose projection this row was last written; what `LatestStore.since` goes by.
        position: ledger position of the batch that brought the reading; 0 when there is none.
        measured_at_ms: None: the point has lost its readings (its probe was unbound or refused).
        value: None for a fault, and without a reading.
        quality: bits of `coldchain.readings.Quality`; CONFLICT is not found here but in the series.
        word: the fault's word.
    """

    point: str
    changed: int
    position: int
    measured_at_ms: int | None
    value: float | None
    quality: int
    word: str | None


class LatestStore:
    """The table and its cursor.

    Raises:
        DatabaseError: the file is no SQLite database; `open_latest` deals with that.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writing=True)
        with self._writer.begin() as connection:
            metadata.create_all(connection)
            if connection.execute(select(cursor_table.c.position)).first() is None:
                connection.execute(insert(cursor_table), {"version": VERSION, "position": 0})

    @classmethod
    def open(cls, path: Path) -> LatestStore:
        """Open (and make) a file; NORMAL because it is rebuilt from the ledger when a power cut eats its tail."""
        engine = open_sqlite(path, synchronous="NORMAL")
        try:
            return cls(engine)
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def version(self) -> int:
        """Return the layout's version of the program that made the file."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor_table.c.version)).scalar_one())

    def cursor(self) -> int:
        """Return the ledger position up to which the table is complete."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor_table.c.position)).scalar_one())

    def since(self, position: int) -> list[Latest]:
        """Return the points that changed behind a position, in the order of the change (0: all points)."""
        wanted = select(latest_table).where(latest_table.c.changed > position).order_by(latest_table.c.changed)
        with self._engine.connect() as connection:
            return [Latest(*row) for row in connection.execute(wanted)]

    def of(self, points: Collection[str]) -> dict[str, Latest]:
        """Return what these points say, without those that never said anything."""
        wanted = select(latest_table).where(latest_table.c.point.in_(sorted(points)))
        with self._engine.connect() as connection:
            return {row.point: Latest(*row) for row in connection.execute(wanted)}

    def write(self, old: int, new: int, rows: Iterable[Latest]) -> None:
        """In one transaction: put rows, move the cursor.

        Raises:
            CursorMoved: the cursor is not ``old``; nothing was written.
            Unavailable: the disk is full or the file is locked; nothing was written.
        """
        try:
            with self._writer.begin() as connection:
                moved = connection.execute(
                    update(cursor_table).where(cursor_table.c.position == old).values(position=new)
                )
                if moved.rowcount != 1:
                    raise CursorMoved("latest", old)
                waiting = iter(rows)
                while block := tuple(islice(waiting, BLOCK)):
                    connection.exec_driver_sql(_put(len(block)), tuple(chain.from_iterable(block)))
        except OperationalError as fault:
            raise Unavailable(f"the latest values take no writes: {fault.orig}") from fault


def _put(rows: int) -> str:
    names = tuple(column.name for column in latest_table.c)
    row = f"({', '.join('?' * len(names))})"
    return (
        f"INSERT INTO latest ({', '.join(names)}) VALUES {', '.join([row] * rows)} ON CONFLICT (point) "
        f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names[1:])}"
    )


def open_latest(path: Path, ledger_end: int) -> LatestStore:
    """Open the file, or set it aside and start an empty one (the projection fills it from the ledger).

    Args:
        path: the SQLite file; made when missing.
        ledger_end: the ledger's last position; a cursor beyond it follows another ledger (a restored server).

    Raises:
        ConfigError: the linked SQLite is an affected version.
    """
    try:
        store = LatestStore.open(path)
        cursor, version = store.cursor(), store.version()
    except OperationalError as fault:
        raise ConfigError(f"{path} cannot be opened: {fault.orig}") from fault
    except DatabaseError as fault:
        set_aside(path, str(fault.orig))
        return LatestStore.open(path)
    if cursor <= ledger_end and version == VERSION:
        return store
    store.close()
    set_aside(path, f"cursor {cursor} of a ledger that ends at {ledger_end}, version {version}")
    return LatestStore.open(path)
