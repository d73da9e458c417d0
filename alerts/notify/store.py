"""The notifier's file, and the one way to write it: a transaction that also moves the cursor into the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, inspect, select, update
from sqlalchemy.exc import OperationalError

from alerts.notify.tables import SCHEMA_VERSION, meta, metadata
from coldchain.database import open_sqlite
from coldchain.errors import ConfigError, Unavailable
from coldchain.projection import CursorMoved

NAME = "notify"


class ReadFrom(NamedTuple):
    """How far an outbox was read.

    Attributes:
        outbox: which one. ``cursor``: the last notice taken.
        heard: up to here it repeats what the one before it said (`alerts.notify.intake.Intake.take`).
    """

    outbox: int
    cursor: int
    heard: int


class NotifyStore:
    """The file; one notifier's own to write."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writing=True)
        if not inspect(engine).has_table(meta.name):
            metadata.create_all(engine)
        with self._writer.begin() as connection:
            known = {row.key: row.value for row in connection.execute(select(meta))}
            if known.get("schema", SCHEMA_VERSION) != SCHEMA_VERSION:
                raise ConfigError(
                    f"notify store: schema {known['schema']}, this program writes {SCHEMA_VERSION}; move the file "
                    "away: open alarms are told once more"
                )
            for key, value in (("schema", SCHEMA_VERSION), ("outbox", 0), ("cursor", 0), ("heard", 0), ("drill", 0)):
                if key not in known:
                    connection.execute(insert(meta), {"key": key, "value": value})

    @classmethod
    def open(cls, path: Path) -> NotifyStore:
        """Open (and make) the file, synced at every commit: what was told stands nowhere else until it is recorded.

        Raises:
            ConfigError: written by another schema, or it cannot be opened.
        """
        try:
            return cls(open_sqlite(path))
        except OperationalError as fault:
            raise ConfigError(f"{path} cannot be opened: {fault.orig}") from fault

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def read_from(self) -> ReadFrom:
        """Return which outbox was read, and up to where."""
        with self.engine.connect() as connection:
            return _read_from(connection)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction.

        Raises:
            Unavailable: the disk is full or the file is locked; nothing is written.
        """
        try:
            with self._writer.begin() as connection:
                yield connection
        except OperationalError as fault:
            raise Unavailable(f"{NAME} takes no writes: {fault.orig}") from fault

    @contextmanager
    def moving(self, old: ReadFrom, new: ReadFrom) -> Iterator[Connection]:
        """Move the cursor in one transaction with what is written.

        Raises:
            CursorMoved: it is not ``old``: another notifier owns the file; nothing is written.
            Unavailable: see `writing`.
        """
        with self.writing() as connection:
            if _read_from(connection) != old:
                raise CursorMoved(NAME, old.cursor)
            for key, value in new._asdict().items():
                connection.execute(update(meta).where(meta.c.key == key).values(value=value))
            yield connection


def _read_from(connection: Connection) -> ReadFrom:
    known = {row.key: row.value for row in connection.execute(select(meta))}
    return ReadFrom(known["outbox"], known["cursor"], known["heard"])
