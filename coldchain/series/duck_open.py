"""Open the embedded series store whatever happened to it: a file that cannot be used is set aside, never mended.

The store is a projection; an empty one is filled again from the ledger (`ingest.rebuild`, or simply by following).
"""

from __future__ import annotations

from pathlib import Path

import structlog

from coldchain.series.duck import MEMORY_LIMIT_MB, DuckSeries
from coldchain.series.duck_schema import UnusableFile

log = structlog.get_logger()


def open_series(path: Path, ledger_end: int, *, memory_limit_mb: int = MEMORY_LIMIT_MB) -> DuckSeries:
    """Open a store, or set its file aside and start an empty one.

    Args:
        path: the DuckDB file; made when missing.
        ledger_end: the ledger's last position; a store that knows more follows another ledger (a restored server).

    Raises:
        ConfigError: another process holds the file.
    """
    try:
        series = DuckSeries(path, memory_limit_mb=memory_limit_mb)
    except UnusableFile as fault:
        _set_aside(path, str(fault))
        return DuckSeries(path, memory_limit_mb=memory_limit_mb)
    cursor = series.cursor()
    if cursor <= ledger_end:
        return series
    series.close()
    _set_aside(path, f"its cursor is {cursor}, the ledger ends at {ledger_end}")
    return DuckSeries(path, memory_limit_mb=memory_limit_mb)


def _set_aside(path: Path, reason: str) -> Path:
    """Rename a store's file and its log, so that an empty one can take its place; say so in the log."""
    aside = next(
        place for number in range(1, 1_000_000) if not (place := path.with_name(f"{path.name}.aside-{number}")).exists()
    )
    path.rename(aside)
    wal = path.with_name(path.name + ".wal")
    if wal.exists():
        wal.rename(aside.with_name(aside.name + ".wal"))
    log.warning("series.set-aside", file=str(path), kept_as=str(aside), reason=reason, remedy="rebuilt from the ledger")
    return aside
