"""How long from sealing a batch to its acknowledgement back at the gateway, at a steady 100,000 readings a second."""

from __future__ import annotations

import time

from bench.figures import Figure, at_most
from bench.loadgen import Load
from bench.stand import stand

RATE = 100_000
WARM_UP_S = 2.0


def measure(*, short: bool) -> list[Figure]:
    """Return the figures for packs of 500 and of 100, after a warm-up of the same server."""
    now_s = int(time.time())
    figures = []
    for readings in (500, 100):
        load = Load(readings=readings, rate=RATE, duration_s=4.0 if short else 15.0, start_s=now_s - 86_400)
        warm = Load(readings=readings, rate=RATE, duration_s=WARM_UP_S, prefix="warm", start_s=now_s - 86_400)
        with stand(load, warm) as made, made.server():
            with made.load(warm) as running:
                running.result(60)
            with made.load(load) as running:
                result = running.result(load.duration_s + 60)
        name = f"recorded_{{}}_ms_packs_of_{readings}"
        lost = result.sent_batches - result.acked_batches
        figures += [
            at_most("recorded_p99_ms" if readings == 500 else name.format("p99"), result.latency_p99_ms, "ms", 400),
            Figure(name.format("p50"), result.latency_p50_ms, "ms"),
            Figure(f"recorded_rate_packs_of_{readings}", result.acked_readings_a_second, "readings/s", "asked", RATE),
            at_most(f"recorded_unanswered_packs_of_{readings}", lost, "batches", 0),
        ]
    return figures
