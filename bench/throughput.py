"""How many sealed readings a second the server takes for good, beside the bare path with the same load."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.figures import Figure, at_least, at_most
from bench.loadgen import Load, Result
from bench.process import python, started, until
from bench.stand import HOST, Stand, stand


@dataclass(frozen=True, slots=True)
class Taken:
    """One path under full load.

    Attributes:
        acked_per_s: acknowledged readings a second of sending.
        projected_per_s: the same readings over the time until everything was in the series, too.
        cpu_us: process CPU a reading, microseconds.
        lag: the most ledger positions a projection was behind when sending ended.
    """

    acked_per_s: float
    projected_per_s: float
    cpu_us: float
    lag: int = 0


def measure(*, short: bool) -> list[Figure]:
    """Return the figures of ingest and of the bare path."""
    load = Load(duration_s=6.0 if short else 20.0, start_s=int(time.time()) - 86_400)
    with stand(load) as made:
        bare = _bare(made, load)
    with stand(load) as made:
        server = _server(made, load)
    return [
        at_least("ingest_sealed_readings_per_s", server.projected_per_s, "readings/s", 200_000),
        at_least("ingest_vs_bare", server.projected_per_s / bare.projected_per_s, "", 0.65),
        Figure("ingest_acked_readings_per_s", server.acked_per_s, "readings/s", "projected", server.projected_per_s),
        Figure("ingest_lag_at_end", server.lag, "batches"),
        Figure("bare_path_readings_per_s", bare.projected_per_s, "readings/s", "acked", bare.acked_per_s),
        at_most("ingest_cpu_us_per_reading", server.cpu_us, "µs", 4.0),
        at_most("ingest_cpu_vs_bare", server.cpu_us / bare.cpu_us, "", 1.6),
        Figure("bare_path_cpu_us_per_reading", bare.cpu_us, "µs"),
    ]


def _server(made: Stand, load: Load) -> Taken:
    with made.server() as server:
        cpu_s = server.process.cpu_s()
        with made.load(load) as running:
            until(lambda: not running.process.running, load.duration_s + 60, "the load", every_s=0.05)
            lag = max(server.lag().values())
            server.until_projected()
            projected_s, cpu_s = time.time(), server.process.cpu_s() - cpu_s
            result = running.result(1)
    return _taken(result, projected_s, cpu_s, lag)


def _bare(made: Stand, load: Load) -> Taken:
    folder = made.folder / "bare"
    folder.mkdir()
    arguments = ["--gateways", str(load.gateways), "--prefix", load.prefix, "--seed", str(load.seed)]
    command = python("bench.bare", "--host", HOST, "--port", str(made.port), "--folder", str(folder), *arguments)
    with started(command, made.log("bare")) as process:
        until(lambda: (folder / "bare.duckdb").exists(), 10, "the bare path")
        time.sleep(0.5)
        cpu_s = process.cpu_s()
        with made.load(load) as running:
            result = running.result(load.duration_s + 60)
            process.stop()
            projected_s = time.time()
    return _taken(result, projected_s, float(process.tail().split()[-1]) - cpu_s)


def _taken(result: Result, projected_s: float, cpu_s: float, lag: int = 0) -> Taken:
    readings = result.acked_readings
    return Taken(result.acked_readings_a_second, readings / (projected_s - result.began_s), cpu_s / readings * 1e6, lag)
