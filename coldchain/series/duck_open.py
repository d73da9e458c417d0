"""Open the embedded series store whatever happened to it: a file that cannot be used is set aside, never mended.

The store is a projection; an empty one is filled again from the ledger (`ingest.rebuild`, or simply by following).
"""

from __future__ import annotations

from pathlib import Path

from coldchain.database import set_aside
from coldchain.series.duck import MEMORY_LIMIT_MB, DuckSeries
from coldchain.series.duck_schema import UnusableFile


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
        set_aside(path, str(fault))
        return DuckSeries(path, memory_limit_mb=memory_limit_mb)
    cursor = series.cursor()
    if cursor <= ledger_end:
        return series
    series.close()
    set_aside(path, f"its cursor is {cursor}, the ledger ends at {ledger_end}")
    return DuckSeries(path, memory_limit_mb=memory_limit_mb)
