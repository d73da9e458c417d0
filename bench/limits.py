"""What the parts below us can do alone: the broker with a C subscriber, DuckDB with bare columns."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from bench.figures import Figure
from bench.loadgen import Gateway, Load
from bench.process import started, until
from bench.stand import stand

READINGS = 500


def broker(*, short: bool) -> list[Figure]:
    """Return readings/s from mosquitto_pub through the broker to mosquitto_sub, packs of 500."""
    sub, pub = shutil.which("mosquitto_sub"), shutil.which("mosquitto_pub")
    if sub is None or pub is None:
        return []
    number = 5_000 if short else 20_000
    with stand() as made:
        payload = made.folder / "payload"
        payload.write_bytes(Gateway(Load(gateways=1), 0).next(0).envelope)
        topic, port = "coldchain/v1/load-0000/data", str(made.port)
        listen = [sub, "-p", port, "-t", topic, "-C", str(number), "-F", "%l", "-v"]
        send = [pub, "-p", port, "-t", topic, "-f", str(payload), "--repeat", str(number), "-q", "1"]
        with started(listen, made.log("sub")) as subscriber:
            time.sleep(0.5)
            begin_s = time.perf_counter()
            with started(send, made.log("pub")):
                until(lambda: not subscriber.running, 120, "the C subscriber")
                took_s = time.perf_counter() - begin_s
    return [Figure("broker_to_c_subscriber_readings_per_s", number * READINGS / took_s, "readings/s")]


def duckdb_append(*, short: bool) -> list[Figure]:
    """Return rows/s of DuckDB from numpy columns, one thread, commits of 128,000 rows."""
    commits, rows = 5 if short else 20, 128_000
    chance = np.random.default_rng(1)
    block = {
        "channel": np.repeat(np.arange(rows // 5, dtype=np.int32), 5),
        "measured_at_ms": 1_750_032_000_000 + chance.integers(0, 86_400_000, rows),
        "value": np.round(chance.normal(4, 1, rows), 2),
        "quality": np.zeros(rows, np.uint8),
        "position": np.repeat(np.arange(rows // 500, dtype=np.int64), 500),
    }
    with TemporaryDirectory(prefix="coldchain-bench-") as folder:
        connection = duckdb.connect(str(Path(folder) / "bare.duckdb"), config={"threads": 1})
        connection.register("block", block)
        connection.execute("CREATE TABLE readings AS SELECT * FROM block WHERE false")
        begin_s = time.perf_counter()
        for _ in range(commits):
            connection.execute("INSERT INTO readings SELECT * FROM block")
        took_s = time.perf_counter() - begin_s
        connection.close()
    return [Figure("duckdb_append_rows_per_s", commits * rows / took_s, "rows/s")]
