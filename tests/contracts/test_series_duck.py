"""DuckDB keeps the series contract, survives SIGKILL, and sets aside what it cannot use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from coldchain.errors import ConfigError
from coldchain.series.duck import DuckSeries, open_series
from coldchain.series.port import Quarantined, Rows, Span
from tests.contracts.series_suite import *  # noqa: F403  (the suite's tests run here)
from tests.contracts.series_suite import EVER, everything, rows_of
from tests.support import DAY_MS, T0

ROWS_A_COMMIT = 2_000

KILLED = f"""
import sys
from pathlib import Path
import numpy as np
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows

series = DuckSeries(Path(sys.argv[1]))
for number in range(1, 1000):
    n = {ROWS_A_COMMIT}
    at_ms = {T0} + np.arange(n, dtype=np.int64) + number * n
    series.write(number - 1, number, Rows(
        np.full(n, number, np.int32), at_ms, np.full(n, 4.5), np.zeros(n, np.uint8), np.full(n, number, np.int64)))
    if number % 7 == 0:
        series.tidy({T0} + {DAY_MS})
    print(number, flush=True)
"""


@pytest.fixture
def series(tmp_path: Path) -> Iterator[DuckSeries]:
    store = DuckSeries(tmp_path / "series.duckdb")
    yield store
    store.close()


@pytest.mark.faults
def test_what_was_committed_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        reported = 0
        for line in writer.stdout:
            reported = int(line)
            if reported == 40:
                os.kill(writer.pid, signal.SIGKILL)

    store = open_series(path, ledger_end=1_000)

    cursor = store.cursor()
    assert cursor in (reported, reported + 1), "at most the commit whose report was cut off"
    assert store.counts(*EVER) == dict.fromkeys(range(1, cursor + 1), ROWS_A_COMMIT)
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["series.duckdb"], "nothing was set aside"


def test_a_file_that_is_none_of_ours_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    path.write_bytes(b"no database at all" * 1000)

    store = open_series(path, ledger_end=5)

    assert store.cursor() == 0
    store.close()
    assert (tmp_path / "series.duckdb.aside-1").read_bytes().startswith(b"no database")


def test_another_programs_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE cats (name VARCHAR)")

    store = open_series(path, ledger_end=5)

    assert store.cursor() == 0
    store.close()
    assert (tmp_path / "series.duckdb.aside-1").exists()


def test_a_store_that_knows_more_than_the_ledger_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    for number in (1, 2):
        store = open_series(path, ledger_end=9)
        store.write(0, 9, rows_of(9, "1 0 4"))
        store.close()

        store = open_series(path, ledger_end=8)

        assert store.cursor() == 0
        assert everything(store, 1) == []
        store.close()
        assert (tmp_path / f"series.duckdb.aside-{number}").exists()


def test_a_store_in_use_by_another_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    holder = (
        "import sys, pathlib; from coldchain.series.duck import DuckSeries; "
        "store = DuckSeries(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"

        with pytest.raises(ConfigError, match="another process"):
            open_series(path, ledger_end=0)

        process.kill()
    assert not (tmp_path / "series.duckdb.aside-1").exists()


def test_a_reopened_store_knows_its_words_and_its_untidied_days(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    store = DuckSeries(path)
    store.write(0, 1, rows_of(1, "1 0 short", "1 1 no-probe"))
    store.close()

    store = DuckSeries(path)
    store.write(1, 2, rows_of(2, "1 2 no-probe", "1 3 open"))

    assert [row[4] for row in everything(store, 1)] == ["short", "no-probe", "no-probe", "open"]
    assert store.tidy(T0 + DAY_MS) == 1
    assert [row[4] for row in everything(store, 1)] == ["short", "no-probe", "no-probe", "open"]
    store.close()


def test_a_write_that_fails_leaves_no_trace(series: DuckSeries) -> None:
    broken = rows_of(1, "1 0 new-word", "1 1 4")
    object.__setattr__(broken, "value", np.array(["no", "number"], object))

    with pytest.raises((duckdb.Error, TypeError)):
        series.write(0, 1, broken, [Quarantined(1, 0, "gw", "x", "unknown-channel")])

    assert series.cursor() == 0
    series.write(0, 1, rows_of(1, "1 0 new-word"))
    assert everything(series, 1) == [(1, 0, None, 16, "new-word")]
    assert series.tidy(T0 + DAY_MS) == 1


def test_a_large_day_is_tidied_in_little_memory_and_small_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    series = DuckSeries(path, memory_limit_mb=64)
    chance = np.random.default_rng(7)
    channels, samples = 500, 1_440
    for number in range(1, samples // 20 + 1):
        n = channels * 20
        minute = np.tile(np.arange(20), channels) + (number - 1) * 20
        series.write(
            number - 1,
            number,
            Rows(
                channel=np.repeat(np.arange(channels, dtype=np.int32), 20),
                measured_at_ms=T0 + minute * 60_000 + chance.integers(0, 1_000, n),
                value=np.round(4 + chance.normal(0, 0.3, n), 2),
                quality=np.zeros(n, np.uint8),
                position=np.full(n, number, np.int64) + np.arange(n) // 500,
            ),
        )
    before = series.window([Span(77, *EVER)], *EVER)

    assert series.tidy(T0 + DAY_MS) == 1

    after = series.window([Span(77, *EVER)], *EVER)
    assert np.array_equal(before.measured_at_ms, after.measured_at_ms)
    assert np.array_equal(before.value, after.value)
    assert sum(series.counts(*EVER).values()) == channels * samples
    series.close()
