"""What a DuckDB series file holds, and how one is opened.

No primary key and no index: with one, appends fall from 1.03 M to 0.23 M rows/s and the file grows from 6.8 to 45
bytes a row (docs/decisions/0006). A fault is a number of the table ``words``, so that a column of zeros costs nothing,
and its value there is 0. A record's place in its pack is kept for quarantined records only: readings are sorted again
by reading their whole pack from the ledger, which needs the position and nothing else.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from coldchain.errors import ColdchainError, ConfigError

VERSION = 1
CHECKPOINT_AT = "16MB"
"""Bounds the log that opening replays after a kill: 16 MB are 500,000 rows and take about 0.2 s."""

TABLES = (
    "CREATE TABLE store (version INTEGER NOT NULL)",
    f"INSERT INTO store VALUES ({VERSION})",
    "CREATE TABLE cursor (position BIGINT NOT NULL)",
    "INSERT INTO cursor VALUES (0)",
    """CREATE TABLE readings (
        channel INTEGER NOT NULL, measured_at_ms BIGINT NOT NULL, value DOUBLE NOT NULL,
        quality UTINYINT NOT NULL, position BIGINT NOT NULL, word INTEGER NOT NULL)""",
    "CREATE TABLE words (code INTEGER NOT NULL, word VARCHAR NOT NULL)",
    """CREATE TABLE quarantine (
        position BIGINT NOT NULL, place INTEGER NOT NULL, node VARCHAR NOT NULL, name VARCHAR NOT NULL,
        reason VARCHAR NOT NULL, detail VARCHAR NOT NULL)""",
    "CREATE TABLE dirty (day INTEGER NOT NULL)",
    "CREATE TABLE twins (channel INTEGER NOT NULL, position BIGINT NOT NULL)",
)


class UnusableFile(ColdchainError):
    """The file is no series store of this program: set it aside and rebuild from the ledger."""


def connect(path: Path, memory_limit_mb: int) -> duckdb.DuckDBPyConnection:
    """Open (and make) a store's file with this project's settings.

    One thread: appends of 2,000 rows take 1.5 µs CPU a row with two, 0.85 with one.

    Raises:
        ConfigError: another process holds the file.
        UnusableFile: damaged, or another program's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_limit_mb}MB",
        "threads": 1,
        "checkpoint_threshold": CHECKPOINT_AT,
        "enable_external_access": False,
    }
    try:
        connection = duckdb.connect(str(path), config=settings)
    except duckdb.Error as fault:
        if "lock" in str(fault):
            raise ConfigError(f"{path} is open in another process: stop the other server first ({fault})") from fault
        raise UnusableFile(str(fault)) from fault
    try:
        _prepare(connection)
    except (duckdb.Error, UnusableFile) as fault:
        connection.close()
        raise UnusableFile(str(fault)) from fault
    return connection


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        connection.begin()
        for statement in TABLES:
            connection.execute(statement)
        connection.commit()
    elif "store" not in tables:
        raise UnusableFile(f"its tables are {', '.join(sorted(tables))}")
    found = connection.execute("SELECT version FROM store").fetchall()
    if found != [(VERSION,)]:
        raise UnusableFile(f"its version is {found}, expected {VERSION}")
