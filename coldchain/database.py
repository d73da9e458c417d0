"""SQLite as this project uses it: a fixed version, WAL, fsync at every commit, one writer, readers beside it.

SQLite 3.7.0 to 3.51.2 can corrupt a database when two connections write across a WAL reset; Python 3.11 and Debian
link 3.40. The wheel `pysqlite3` brings its own newer one, and an affected version is refused.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import structlog
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import URL, Engine, QueuePool, create_engine, event

from coldchain.errors import ConfigError

FIRST_SOUND = (3, 51, 3)
BUSY_TIMEOUT_S = 30.0

log = structlog.get_logger()


def sqlite_version_fault() -> str | None:
    """Return what is wrong with the SQLite in use, or None."""
    if sqlite.sqlite_version_info >= FIRST_SOUND:
        return None
    wanted = ".".join(map(str, FIRST_SOUND))
    return (
        f"SQLite {sqlite.sqlite_version} has the WAL-reset corruption bug; {wanted} or later is needed: "
        "install the `pysqlite3` wheel of requirements.txt"
    )


def set_aside(path: Path, reason: str) -> Path:
    """Move an unusable database (SQLite or DuckDB) and its log out of the way, say so, and return its new place.

    Only for what can be made anew from the ledger.
    """
    number = next(n for n in itertools.count(1) if not path.with_name(f"{path.name}.aside-{n}").exists())
    aside = path.with_name(f"{path.name}.aside-{number}")
    for suffix in ("-wal", "-shm", ".wal", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    log.warning("store.set_aside", file=str(path), kept_as=str(aside), reason=reason, remedy="rebuilt from the ledger")
    return aside


def connect_sqlite(path: Path, *, synchronous: str = "FULL") -> Any:
    """Open (and make) a database file as one plain DB-API connection in autocommit, usable from any thread in turn.

    For a small machine's spool, where an engine and a pool are weight without use.

    Raises:
        ConfigError: the linked SQLite is an affected version.
    """
    fault = sqlite_version_fault()
    if fault:
        raise ConfigError(fault)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite.connect(str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    return connection


def read_sqlite(path: Path) -> Engine:
    """Open a database file that exists to read it beside its owner; every attempt to write is refused.

    Raises:
        ConfigError: the linked SQLite is an affected version.
    """
    fault = sqlite_version_fault()
    if fault:
        raise ConfigError(fault)
    uri = URL.create("sqlite+pysqlite", database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = create_engine(
        uri, module=sqlite, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}, poolclass=QueuePool
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")  # one state of the file for all statements of a transaction

    return engine


def open_sqlite(path: Path, *, synchronous: str = "FULL") -> Engine:
    """Open (and make) a database file.

    Args:
        path: the file; its folder is made.
        synchronous: FULL for what must survive a power cut; NORMAL for what can be rebuilt; OFF only in the
            control of the power-cut test.

    Raises:
        ConfigError: the linked SQLite is an affected version.
    """
    fault = sqlite_version_fault()
    if fault:
        raise ConfigError(fault)
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        module=sqlite,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=8,
        max_overflow=8,
    )
    # Many rows, one statement: each statement gives up the interpreter's lock, and waits up to 5 ms for it beside
    # threads that compute. Row by row, appending 100 batches took as long as decoding them.
    engine.dialect.use_insertmanyvalues_wo_returning = True

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
