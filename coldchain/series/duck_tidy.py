"""The nightly rewrite of closed days: sorted by channel and time, exact duplicates gone, nothing read changes.

::

    write ──▶ dirty days ──▶ tidy(before) ──▶ day by day, one transaction each:
                                              insert sorted ──▶ note twins ──▶ delete what was there

A file holds a day's rows once more while it is rewritten; the space is used again after the next checkpoint.
"""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray

from coldchain.readings import EARLIEST_MS

DAY_MS = 86_400_000
BEFORE_DAYS = EARLIEST_MS // DAY_MS - 1
"""Everything measured before 2020 counts as one day: a clock gone wild must not make a day a reading."""
AFTER_DAYS = 47_482
"""2100-01-01; everything later is one day too."""
ALWAYS_MS = 1 << 62


def days_of(measured_at_ms: NDArray[np.int64]) -> set[int]:
    """Return the days (since 1970 UTC) that rows were measured on."""
    low, high = (_day(int(edge)) for edge in (measured_at_ms.min(), measured_at_ms.max()))
    if low == high:
        return {low}
    return set(np.unique(np.clip(measured_at_ms // DAY_MS, BEFORE_DAYS, AFTER_DAYS)).tolist())


def _day(at_ms: int) -> int:
    return min(max(at_ms // DAY_MS, BEFORE_DAYS), AFTER_DAYS)


def bounds_ms(day: int) -> tuple[int, int]:
    """Return a day's [from, to) in ms UTC."""
    from_ms = -ALWAYS_MS if day == BEFORE_DAYS else day * DAY_MS
    return from_ms, ALWAYS_MS if day == AFTER_DAYS else (day + 1) * DAY_MS


def rewrite_day(writer: duckdb.DuckDBPyConnection, day: int) -> int:
    """Rewrite one day inside the caller's transaction; return how many duplicates fell.

    What was there before is told from what is inserted by its row id: rows of a running transaction count from 2**55
    (DuckDB 2.0; `tests/contracts/test_series_duck.py` holds it to that).
    """
    inside = list(bounds_ms(day))
    row = writer.execute(
        "SELECT count(*), max(rowid) FROM readings WHERE measured_at_ms >= ? AND measured_at_ms < ?", inside
    ).fetchone()
    before, last = row or (0, None)
    writer.execute("DELETE FROM dirty WHERE day = ?", [day])
    if not before:
        return 0
    old = "measured_at_ms >= ? AND measured_at_ms < ? AND rowid <= ?"
    inserted = writer.execute(
        f"""INSERT INTO readings
            SELECT channel, measured_at_ms, value, quality, min(position) AS position, word
            FROM readings WHERE {old} GROUP BY channel, measured_at_ms, value, quality, word
            ORDER BY channel, measured_at_ms, value, quality, word""",
        [*inside, last],
    ).fetchone()
    fell = before - (inserted or (before,))[0]
    if fell:
        writer.execute(
            f"""INSERT INTO twins SELECT DISTINCT channel, position FROM (
                SELECT channel, position,
                       min(position) OVER (PARTITION BY channel, measured_at_ms, value, quality, word) AS kept
                FROM readings WHERE {old}) WHERE position <> kept
                EXCEPT SELECT channel, position FROM twins""",
            [*inside, last],
        )
    writer.execute(f"DELETE FROM readings WHERE {old}", [*inside, last])
    return int(fell)
