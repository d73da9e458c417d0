"""Bare limit: how fast DuckDB takes rows from numpy columns in durable commits, with nothing of ours around it but
the store itself.

Run: ``python -m bench.series_append [rows a commit …]``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows

START_MS = 1_700_006_400_000
ROWS = 2_000_000
ROWS_A_COMMIT = 100_000
ROWS_A_CHANNEL = 50


def rows_per_second(rows: int = ROWS, commit: int = ROWS_A_COMMIT, folder: Path | None = None) -> float:
    """Return rows/s of DuckDB bulk appends, fsynced at every commit.

    Args:
        rows: how many in all.
        commit: rows a transaction.
        folder: where the file is made; a temporary one by default.
    """
    blocks = [_block(number, commit) for number in range(max(1, rows // commit))]
    with TemporaryDirectory(dir=folder) as made:
        series = DuckSeries(Path(made) / "series.duckdb")
        start_s = time.perf_counter()
        for number, block in enumerate(blocks):
            series.write(number, number + 1, block)
        took_s = time.perf_counter() - start_s
        series.close()
    return len(blocks) * commit / took_s


def _block(number: int, rows: int) -> Rows:
    chance = np.random.default_rng(number)
    place = np.arange(rows)
    return Rows(
        channel=(place // ROWS_A_CHANNEL).astype(np.int32),
        measured_at_ms=START_MS + (place % ROWS_A_CHANNEL + number * ROWS_A_CHANNEL) * 60_000,
        value=np.round(4 + chance.normal(0, 0.5, rows), 2),
        quality=np.zeros(rows, np.uint8),
        position=np.full(rows, number + 1, np.int64),
    )


if __name__ == "__main__":
    for commit in map(int, sys.argv[1:] or ["2000", "20000", "100000"]):
        print(f"DuckDB bulk append in commits of {commit:>7,} rows: {rows_per_second(commit=commit):>9,.0f} rows/s")
