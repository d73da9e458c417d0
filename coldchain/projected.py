"""The file of a projection: SQLite tables, and the ledger position up to which they are complete.

::

    with store.moving(old, new) as connection:    UPDATE cursor … WHERE position = old, or CursorMoved
        …                                         the effect, in the same transaction

What lies in it can be made anew from the ledger, so a file that does not open, is of another layout, or is ahead of the
ledger is set aside, and an empty one begun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Select,
    Table,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError, OperationalError

from coldchain.database import open_sqlite, set_aside
from coldchain.errors import ConfigError, Unavailable
from coldchain.projection import CursorMoved


def cursor_table(metadata: MetaData) -> Table:
    """Return the table of the cursor; its one row names the layout's ``version``, too."""
    return Table(
        "cursor",
        metadata,
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("position", BigInteger, nullable=False),
    )


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry that cannot be; kept, and counted again as soon as it can be."""

    position: int
    received_ms: int
    reason: str
    detail: str
    raw: bytes


class ProjectedReader:
    """Read access to a projection's file, beside the projection that fills it."""

    CURSOR: ClassVar[Table]
    ENTRY: ClassVar[Table]
    """What was said: ``position``, ``received_ms``, ``raw``, ``refused`` and ``detail``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> int:
        """Return the ledger position up to which everything is durably in the file."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(self.CURSOR.c.position)).scalar_one())

    def refused(self, *, limit: int, after: int = 0) -> list[RefusedEntry]:
        """Return entries that cannot be, in the ledger's order."""
        entry = self.ENTRY
        wanted = select(entry).where(entry.c.refused != "", entry.c.position > after)
        return self._list(
            wanted.order_by(entry.c.position).limit(limit),
            lambda row: RefusedEntry(row.position, row.received_ms, row.refused, row.detail, row.raw),
        )

    def refused_count(self) -> int:
        """Return how many entries cannot be, as of now."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).where(self.ENTRY.c.refused != "")).scalar_one())

    def _list(self, wanted: Select[Any], shape: Callable[[Any], Any]) -> list[Any]:
        with self._engine.connect() as connection:
            return [shape(row) for row in connection.execute(wanted)]


class ProjectedStore:
    """A projection's file and its cursor; one process's (or thread's) own to write, open to any number of readers.

    Raises:
        DatabaseError: the file is no SQLite database; `open_for` deals with that.
    """

    NAME: ClassVar[str]
    """As messages name it."""
    METADATA: ClassVar[MetaData]
    CURSOR: ClassVar[Table]
    VERSION: ClassVar[int]
    """Of the layout; a file of another one is set aside."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writing=True)
        with self._writer.begin() as connection:
            self.METADATA.create_all(connection)
            if connection.execute(select(self.CURSOR.c.position)).first() is None:
                connection.execute(insert(self.CURSOR), {"version": self.VERSION, "position": 0})

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open (and make) a file; NORMAL because it is rebuilt from the ledger when a power cut eats its tail."""
        engine = open_sqlite(path, synchronous="NORMAL")
        try:
            return cls(engine)
        except BaseException:
            engine.dispose()
            raise

    @classmethod
    def open_for(cls, path: Path, ledger_end: int) -> Self:
        """Open the file, or set it aside and start an empty one (the projection fills it from the ledger).

        Args:
            path: the SQLite file; made when missing.
            ledger_end: the ledger's last position; a cursor beyond it follows another ledger (a restored server).

        Raises:
            ConfigError: the file cannot be opened, or the linked SQLite is an affected version.
        """
        try:
            store = cls.open(path)
            position, version = store.cursor(), store.version()
        except OperationalError as fault:
            raise ConfigError(f"{path} cannot be opened: {fault.orig}") from fault
        except DatabaseError as fault:
            set_aside(path, str(fault.orig))
            return cls.open(path)
        if position <= ledger_end and version == cls.VERSION:
            return store
        store.close()
        set_aside(path, f"cursor {position} of a ledger that ends at {ledger_end}, version {version}")
        return cls.open(path)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def version(self) -> int:
        """Return the layout's version of the program that made the file."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(self.CURSOR.c.version)).scalar_one())

    def cursor(self) -> int:
        """Return the ledger position up to which everything is in the file."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(self.CURSOR.c.position)).scalar_one())

    @contextmanager
    def moving(self, old: int, new: int) -> Iterator[Connection]:
        """Move the cursor from ``old`` to ``new`` in one transaction with what is written.

        Raises:
            CursorMoved: the cursor is not ``old``; nothing is written.
            Unavailable: the disk is full or the file is locked; nothing is written.
        """
        try:
            with self._writer.begin() as connection:
                moved = connection.execute(
                    update(self.CURSOR).where(self.CURSOR.c.position == old).values(position=new)
                )
                if moved.rowcount != 1:
                    raise CursorMoved(self.NAME, old)
                yield connection
        except OperationalError as fault:
            raise Unavailable(f"{self.NAME} takes no writes: {fault.orig}") from fault
