"""The embedded series store: DuckDB in one file, one owner process, the cursor inside.

::

    write(rows) ──one transaction──▶ readings (as they came) + quarantine + cursor
                                        │ tidy, by night
                                        ▼
                                     closed days sorted by channel, time ──▶ window, rollup, latest …

Appends go from numpy columns in one statement: 5 M rows/s in commits of 100,000 rows, 1 M in commits of 2,000.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from coldchain.crash import crash_point
from coldchain.errors import Unavailable
from coldchain.projection import CursorMoved
from coldchain.readings import UNJUDGED, Quality
from coldchain.series.duck_schema import connect
from coldchain.series.duck_tidy import DAY_MS, days_of, rewrite_day
from coldchain.series.identity import standing
from coldchain.series.port import UNCLAIMED_REASONS, Moments, Quarantined, Rollup, Rows, Span, Unclaimed, Window

MEMORY_LIMIT_MB = 64
"""DuckDB fills what it is given."""

TIDY_MEMORY_MB = 96
"""While days are rewritten: 15 million rows in any order take 21 s with this and do not fit into 64."""

NO_UPPER_MS = 1 << 62
EXACT = 6
"""Decimals of a calibrated value, as in `coldchain.registry.calibration`."""
COLUMNS = "channel, measured_at_ms, value, quality, position, word"
QUARANTINE_COLUMNS = "position, place, node, name, reason, detail"


class DuckSeries:
    """A series store in a DuckDB file; see `coldchain.series.port.Series` for what each method promises.

    One object a file and process. Its methods may be called from any thread: writers wait for each other, readers
    have cursors of their own and see the last commit.

    Raises:
        ConfigError: another process holds the file.
        UnusableFile: damaged, or another program's; `open_series` deals with that.
    """

    def __init__(self, path: Path, *, memory_limit_mb: int = MEMORY_LIMIT_MB) -> None:
        self._connection = connect(path, memory_limit_mb)
        self._memory_limit_mb = memory_limit_mb
        self._opening = threading.Lock()
        self._writing = threading.Lock()
        self._writer = self._connection.cursor()
        # registered once and filled anew for each write: registering takes 0.5 ms, DuckDB reads the dict when asked
        self._block: dict[str, Any] = {"channel": np.empty(0, np.int32)}
        self._waiting: dict[str, Any] = {"position": np.empty(0, np.int64)}
        self._writer.register("block", self._block)
        self._writer.register("waiting", self._waiting)
        self._load()

    def _load(self) -> None:
        words = self._writer.execute("SELECT word FROM words ORDER BY code").fetchall()
        self._words = ["", *(word for (word,) in words)]
        self._codes = {word: code for code, word in enumerate(self._words) if code}
        self._dirty = {day for (day,) in self._writer.execute("SELECT day FROM dirty").fetchall()}

    def close(self) -> None:
        with self._writing, self._opening:
            self._writer.close()
            self._connection.close()

    # -- writing ----------------------------------------------------------------------------------------------

    def write(
        self,
        old: int,
        new: int,
        rows: Rows,
        quarantined: Sequence[Quarantined] = (),
        forget: Sequence[tuple[int, str]] = (),
    ) -> None:
        with self._transaction() as writer:
            moved = writer.execute("UPDATE cursor SET position = ? WHERE position = ?", [new, old]).fetchone()
            if moved != (1,):
                raise CursorMoved("series", old)
            if forget:
                _forget(writer, forget)
            if len(rows):
                self._append(writer, rows)
            if quarantined:
                self._quarantine(writer, quarantined)
            crash_point("during-projection")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing:
            self._writer.begin()
            try:
                yield self._writer
                self._writer.commit()
            except BaseException as fault:
                with contextlib.suppress(duckdb.Error):
                    self._writer.rollback()
                self._load()
                if isinstance(fault, duckdb.IOException):
                    raise Unavailable(f"the series file takes no writes: {fault}") from fault
                raise

    def _append(self, writer: duckdb.DuckDBPyConnection, rows: Rows) -> None:
        value, word = rows.value + 0.0, np.zeros(len(rows), np.int32)  # -0.0 becomes 0.0: equal values, equal bytes
        faults = np.flatnonzero(np.isnan(value))
        if len(faults):
            value[faults] = 0.0  # DuckDB takes a NaN of numpy for NULL; the word says that it is a fault
            word[faults] = self._coded(writer, [rows.words.get(row, "") for row in faults.tolist()])
        self._block |= {
            "channel": rows.channel,
            "measured_at_ms": rows.measured_at_ms,
            "value": value,
            "quality": rows.quality,
            "position": rows.position,
            "word": word,
        }
        writer.execute(f"INSERT INTO readings SELECT {COLUMNS} FROM block")
        new_days = days_of(rows.measured_at_ms) - self._dirty
        if new_days:
            writer.execute("INSERT INTO dirty SELECT unnest(?)", [sorted(new_days)])
            self._dirty |= new_days

    def _coded(self, writer: duckdb.DuckDBPyConnection, words: list[str]) -> list[int]:
        for word in sorted(set(words) - self._codes.keys()):
            self._codes[word] = len(self._words)
            self._words.append(word)
            writer.execute("INSERT INTO words VALUES (?, ?)", [self._codes[word], word])
        return [self._codes[word] for word in words]

    def _quarantine(self, writer: duckdb.DuckDBPyConnection, records: Sequence[Quarantined]) -> None:
        self._waiting |= {
            "position": np.array([record.position for record in records], np.int64),
            "place": np.array([record.index for record in records], np.int32),
            "node": np.array([record.node for record in records], object),
            "name": np.array([record.name for record in records], object),
            "reason": np.array([record.reason for record in records], object),
            "detail": np.array([record.detail for record in records], object),
        }
        writer.execute(f"INSERT INTO quarantine SELECT {QUARANTINE_COLUMNS} FROM waiting")

    def tidy(self, before_ms: int) -> int:
        closed = sorted(day for day in self._dirty if (day + 1) * DAY_MS <= before_ms)
        if not closed:
            return 0
        self._limit_memory(max(TIDY_MEMORY_MB, self._memory_limit_mb))
        try:
            for day in closed:
                with self._transaction() as writer:
                    rewrite_day(writer, day)
                    self._dirty.discard(day)
        finally:
            self._limit_memory(self._memory_limit_mb)
        with self._writing, contextlib.suppress(duckdb.TransactionException):
            self._writer.execute("CHECKPOINT")
        return len(closed)

    def _limit_memory(self, limit_mb: int) -> None:
        with self._writing, contextlib.suppress(duckdb.OutOfMemoryException):  # in use: the next tidy lowers it
            self._writer.execute(f"SET memory_limit = '{limit_mb}MB'")

    # -- reading ----------------------------------------------------------------------------------------------

    def cursor(self) -> int:
        return int(self._rows("SELECT position FROM cursor")[0][0])

    def window(
        self,
        spans: Sequence[Span],
        from_ms: int,
        to_ms: int,
        *,
        upto: int | None = None,
        limit: int | None = None,
    ) -> Window:
        parts: list[str] = []
        values: list[int] = []
        for span in _clipped(spans, from_ms, to_ms):
            where = "channel = ? AND measured_at_ms >= ? AND measured_at_ms < ?"
            given = [span.channel, span.from_ms, span.to_ms]
            if upto is not None:
                where, given = where + " AND position <= ?", [*given, upto]
            if limit is not None:
                earliest = (
                    f"SELECT DISTINCT measured_at_ms AS moment FROM readings WHERE {where} ORDER BY moment LIMIT ?"
                )
                where, given = (
                    where + f" AND measured_at_ms <= (SELECT max(moment) FROM ({earliest}))",
                    [*given, *given, limit],
                )
            parts.append(f"SELECT {COLUMNS} FROM readings WHERE {where}")
            values += given
        if not parts:
            parts = [f"SELECT {COLUMNS} FROM readings WHERE false"]
        columns = self._columns(" UNION ALL ".join(parts), values)
        return standing(self._uncoded(columns), limit)

    def rollup(self, spans: Sequence[Span], from_ms: int, to_ms: int, bucket_ms: int) -> Rollup:
        parts = ["SELECT channel, measured_at_ms, value FROM readings WHERE false"]
        values: list[float] = []
        for span in _clipped(spans, from_ms, to_ms):
            value = f"round(value + ?, {EXACT}) AS value" if span.offset_kelvin else "value"
            parts.append(
                f"SELECT channel, measured_at_ms, {value} FROM readings WHERE channel = ? AND measured_at_ms >= ? "
                f"AND measured_at_ms < ? AND quality & {UNJUDGED} = 0 AND word = 0"
            )
            values += [*([span.offset_kelvin] if span.offset_kelvin else []), span.channel, span.from_ms, span.to_ms]
        buckets = self._columns(
            f"""WITH one AS (SELECT measured_at_ms AS moment, max(value) AS value
                             FROM ({" UNION ALL ".join(parts)}) GROUP BY channel, measured_at_ms)
                SELECT moment - ((moment % ?) + ?) % ? AS start_ms, count(*) AS number, min(value) AS minimum,
                       max(value) AS maximum, favg(value) AS mean
                FROM one GROUP BY start_ms ORDER BY start_ms""",
            [*values, bucket_ms, bucket_ms, bucket_ms],
        )
        return Rollup(buckets["start_ms"], buckets["number"], buckets["minimum"], buckets["maximum"], buckets["mean"])

    def latest(self, channel: int, *, before_ms: int | None = None) -> Window:
        newest = self._rows(
            "SELECT max(measured_at_ms) FROM readings WHERE channel = ? AND measured_at_ms < ? "
            f"AND quality & {int(Quality.CLOCK)} = 0",
            [channel, NO_UPPER_MS if before_ms is None else before_ms],
        )[0][0]
        if newest is None:
            return self.window([], 0, 0)
        return self.window([Span(channel, newest, newest + 1)], newest, newest + 1)

    def counts(self, from_ms: int, to_ms: int) -> dict[int, int]:
        return dict(
            self._rows(
                """SELECT channel, count(*) FROM (
                    SELECT DISTINCT channel, measured_at_ms FROM readings
                    WHERE measured_at_ms >= ? AND measured_at_ms < ?)
                   GROUP BY channel ORDER BY channel""",
                [from_ms, to_ms],
            )
        )

    def moments(self, from_ms: int, to_ms: int) -> Moments:
        columns = self._columns(
            "SELECT channel, measured_at_ms FROM readings WHERE measured_at_ms >= ? AND measured_at_ms < ? "
            f"AND quality & {UNJUDGED} = 0 AND word = 0",
            [from_ms, to_ms],
        )
        return Moments(columns["channel"], columns["measured_at_ms"])

    def positions_of(self, channels: Sequence[tuple[int, str]]) -> list[int]:
        numbers, names = [number for number, _ in channels], [name for _, name in channels]
        rows = self._rows(
            """SELECT position FROM readings WHERE channel IN (SELECT unnest(?::INTEGER[]))
               UNION SELECT position FROM twins WHERE channel IN (SELECT unnest(?::INTEGER[]))
               UNION SELECT position FROM quarantine WHERE name IN (SELECT unnest(?::VARCHAR[]))
               ORDER BY position""",
            [numbers, numbers, names],
        )
        return [position for (position,) in rows]

    def quarantine(self, *, after: int = 0, limit: int = 1000, reason: str | None = None) -> list[Quarantined]:
        wanted = f"SELECT {QUARANTINE_COLUMNS} FROM quarantine WHERE (? IS NULL OR reason = ?)"
        page = self._rows(
            f"""WITH wanted AS ({wanted} AND position > ?),
                     upto AS (SELECT max(position) FROM (SELECT position FROM wanted ORDER BY position LIMIT ?))
                SELECT * FROM wanted WHERE position <= (SELECT * FROM upto) ORDER BY position, place""",
            [reason, reason, after, limit],
        )
        return [Quarantined(*row) for row in page]

    def unclaimed(self, *, limit: int = 1000) -> list[Unclaimed]:
        rows = self._rows(
            """SELECT name, node, max(reason), count(*), min(position), max(position) AS last
               FROM quarantine WHERE reason IN (SELECT unnest(?::VARCHAR[]))
               GROUP BY name, node ORDER BY last DESC, name, node LIMIT ?""",
            [list(UNCLAIMED_REASONS), limit],
        )
        return [Unclaimed(*row) for row in rows]

    def quarantine_counts(self) -> dict[str, int]:
        return dict(self._rows("SELECT reason, count(*) FROM quarantine GROUP BY reason ORDER BY reason"))

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._reader() as reader:
            return reader.execute(statement, list(values)).fetchall()

    def _columns(self, statement: str, values: Sequence[object]) -> dict[str, Any]:
        with self._reader() as reader:
            return reader.execute(statement, list(values)).fetchnumpy()

    @contextlib.contextmanager
    def _reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._opening:
            reader = self._connection.cursor()
        try:
            yield reader
        finally:
            reader.close()

    def _uncoded(self, columns: dict[str, Any]) -> Rows:
        codes = columns["word"]
        faults = np.flatnonzero(codes)
        columns["value"][faults] = np.nan
        words = {int(row): self._words[codes[row]] for row in faults}
        return Rows(
            columns["channel"],
            columns["measured_at_ms"],
            columns["value"],
            columns["quality"],
            columns["position"],
            words,
        )


def _clipped(spans: Sequence[Span], from_ms: int, to_ms: int) -> Iterator[Span]:
    for span in spans:
        first_ms, last_ms = max(span.from_ms, from_ms), min(span.to_ms, to_ms)
        if first_ms < last_ms:
            yield Span(span.channel, first_ms, last_ms, span.offset_kelvin)


def _forget(writer: duckdb.DuckDBPyConnection, channels: Sequence[tuple[int, str]]) -> None:
    numbers = [number for number, _ in channels]
    for table in ("readings", "twins"):
        writer.execute(f"DELETE FROM {table} WHERE channel IN (SELECT unnest(?::INTEGER[]))", [numbers])
    names = [name for _, name in channels if name]
    writer.execute("DELETE FROM quarantine WHERE name IN (SELECT unnest(?::VARCHAR[]))", [names])
