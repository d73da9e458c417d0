"""A server five times too slow under full windows: its memory stays flat, and nothing is lost."""

from __future__ import annotations

import time

import numpy as np

from bench.figures import Figure, at_most
from bench.loadgen import Load
from bench.process import Process
from bench.stand import Stand, stand
from coldchain.ledger.port import Kind
from coldchain.ledger.sql import SqlLedger
from coldchain.seal import open_envelope
from coldchain.series.duck import DuckSeries
from coldchain.throttle import VARIABLE

SHARE = "0.05"
"""Of appending alone, which is four times as fast as the whole server: so a fifth of what the server can do."""

SAMPLE_S = 1.0
COUNTING_MB = 2048
"""Counting some 70 million identities after the run is the bench's own work, not the server's."""


def measure(*, short: bool) -> list[Figure]:
    """Return largest memory, its slope over the second half, and what is missing in the end."""
    load = Load(duration_s=30.0 if short else 300.0, drain_s=120.0, start_s=int(time.time()) - 86_400)
    with stand(load) as made:
        with made.server({VARIABLE: SHARE}) as server, made.load(load) as running:
            samples = _watched(server.process, running.process, load.duration_s)
            result = running.result(load.drain_s + 60)
            server.until_projected()
        kept = _kept(made)
        rows = _rows(made)
    at_s, rss_mb = np.array(samples).T
    half = at_s >= load.duration_s / 2
    slope = float(np.polyfit(at_s[half], rss_mb[half], 1)[0]) * 60
    return [
        at_most("overload_rss_mb", float(rss_mb.max()), "MB", 500),
        at_most("overload_rss_slope", slope, "MB/min", 5),
        Figure("overload_readings_per_s", result.acked_readings_a_second, "readings/s"),
        at_most("overload_unacknowledged", result.sent_batches - result.acked_batches, "batches", 0),
        at_most("overload_lost", max(result.acked_readings - kept * load.readings, 0), "readings", 0),
        at_most("overload_not_in_series", kept * load.readings - rows, "readings", 0),
    ]


def _watched(server: Process, load: Process, seconds: float) -> list[tuple[float, float]]:
    begin_s, samples = time.monotonic(), []
    while load.running and (at_s := time.monotonic() - begin_s) < seconds:
        samples.append((at_s, server.rss_mb()))
        time.sleep(SAMPLE_S)
    return samples


def _kept(made: Stand) -> int:
    """Return how many different batches the ledger holds: its chains without a hole."""
    ledger = SqlLedger.open(made.data / "ledger.db")
    position, chains = 0, dict[tuple[str, bytes], int]()
    while entries := ledger.read(position, 1000):
        for entry in entries:
            if entry.kind is Kind.BATCH:
                batch = open_envelope(entry.raw)
                key = (batch.node, batch.epoch)
                if batch.seq != chains.get(key, 0) + 1:
                    raise AssertionError(f"{batch.node}: batch {batch.seq} follows {chains.get(key, 0)}")
                chains[key] = batch.seq
        position = entries[-1].position
    ledger.close()
    return sum(chains.values())


def _rows(made: Stand) -> int:
    series = DuckSeries(made.data / "series.duckdb", memory_limit_mb=COUNTING_MB)
    rows = sum(series.counts(-(1 << 62), 1 << 62).values())
    series.close()
    return rows
