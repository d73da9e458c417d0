"""What a reading takes on disk: in the ledger as it was sealed, in the series store after its days were tidied."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.figures import Figure, at_most
from bench.loadgen import Load, registry_changes
from coldchain.batches import BatchDecoder
from coldchain.ledger.port import Head, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.projection import catch_up
from coldchain.seal import ZERO_HASH, Sealed, body_of, hash_of, open_envelope, seal
from coldchain.senml import Row, encode
from coldchain.series.duck import DuckSeries
from gateway.outbox import LEVEL
from ingest.projections.series import SeriesProjection

START_MS = 1_750_032_000_000
"""A midnight (2025-06-16), so that whole days come about."""

SENSORS = 25
"""Of the gateway, a shop's: a pack of 100 holds four minutes, one of 500 twenty."""

EVERY_MS = 60_000
JITTER_MS = 40
NOISE_KELVIN = 0.05
READINGS = {1: 20_000, 10: 100_000, 100: 1_000_000, 500: 1_000_000}
GOALS = {500: 17.0, 100: 31.0}


def measure(*, short: bool) -> list[Figure]:
    """Return bytes a reading at packs of 1, 10, 100 and 500."""
    figures = []
    for readings, number in READINGS.items():
        ledger, series = _bytes(readings, number // 5 if short else number)
        figures += [
            Figure(f"ledger_bytes_per_reading_packs_of_{readings}", ledger, "bytes"),
            Figure(f"series_bytes_per_reading_packs_of_{readings}", series, "bytes"),
        ]
        if readings in GOALS:
            figures.append(at_most(f"bytes_per_reading_packs_of_{readings}", ledger + series, "bytes", GOALS[readings]))
    return figures


def _bytes(readings: int, number: int) -> tuple[float, float]:
    load = Load(gateways=1, channels=min(SENSORS, readings), readings=readings)
    with TemporaryDirectory(prefix="coldchain-bench-") as name:
        folder = Path(name)
        ledger = SqlLedger.open(folder / "ledger.db")
        ledger.change([change.encode() for change in registry_changes(load)], START_MS)
        ledger.close()
        empty = (folder / "ledger.db").stat().st_size
        ledger = SqlLedger.open(folder / "ledger.db")
        head = Head()
        key = load.key(0).public_key().public_bytes_raw()
        for run in _runs(load, number):
            ledger.append([Run(load.node(0), run[0].epoch, head, run, key)], START_MS + number * EVERY_MS)
            head = Head(run[-1].seq, run[-1].hash, key)
        series = DuckSeries(folder / "series.duckdb")
        catch_up(SeriesProjection(ledger, series, BatchDecoder()), ledger)
        series.tidy(START_MS + (number + 1) * EVERY_MS * 2)
        series.close()
        ledger.close()
        sizes = ((folder / "ledger.db").stat().st_size - empty, (folder / "series.duckdb").stat().st_size)
    return sizes[0] / number, sizes[1] / number


def _runs(load: Load, number: int) -> Iterator[list[Sealed]]:
    """Yield what a gateway would seal: a minute's interval, each probe at its own second, hundredths of a degree."""
    chance = np.random.default_rng(load.readings)
    key, epoch, prev = load.key(0), bytes(8), ZERO_HASH
    samples = load.readings // load.channels
    phase_ms = chance.integers(0, EVERY_MS, load.channels)
    celsius = chance.uniform(2.0, 6.0, load.channels)
    run: list[Sealed] = []
    for seq in range(1, number // load.readings + 1):
        rows = []
        for sample in range(samples):
            at_ms = START_MS + ((seq - 1) * samples + sample) * EVERY_MS
            noise = chance.normal(0, NOISE_KELVIN, load.channels)
            jitter_ms = chance.integers(0, JITTER_MS, load.channels)
            rows += [
                Row(
                    load.channel(0, place),
                    int(at_ms + phase_ms[place] + jitter_ms[place]),
                    round(float(celsius[place] + noise[place]), 2),
                    "Cel",
                )
                for place in range(load.channels)
            ]
        created_ms = START_MS + seq * samples * EVERY_MS
        body = body_of(load.node(0), epoch, seq, prev, created_ms, None, zlib.compress(encode(rows), LEVEL))
        prev = hash_of(body)
        run.append(open_envelope(seal(body, key)))
        if len(run) == 100:
            yield run
            run = []
    if run:
        yield run
