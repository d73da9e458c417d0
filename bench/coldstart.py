"""How long a server with ten million readings takes from its command to /readyz; the compiled rules are cached."""

from __future__ import annotations

import time
from statistics import median

from bench.figures import Figure, at_most
from bench.loadgen import Gateway, Load
from bench.stand import Stand, stand
from coldchain.ledger.port import Head, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.seal import open_envelope

READINGS = 10_000_000
BATCHES_A_RUN = 100
STARTS = 3


def measure(*, short: bool) -> list[Figure]:
    """Return the start's time, and how fast the first one projected everything from an empty store."""
    readings = READINGS // 10 if short else READINGS
    load = Load(start_s=int(time.time()) - 86_400)
    with stand(load) as made:
        _fill(made, load, readings)
        with made.server() as server:
            first_s = server.ready_s
        starts = []
        for _ in range(STARTS):
            with made.server() as server:
                starts.append(server.ready_s)
    return [
        at_most("cold_start_s", median(starts), "s", 3.0),
        Figure("cold_start_readings", readings, "readings"),
        Figure("rebuild_all_readings_per_s", readings / (first_s - median(starts)), "readings/s"),
    ]


def _fill(made: Stand, load: Load, readings: int) -> None:
    """Append sealed batches straight to the ledger, gateway after gateway."""
    ledger = SqlLedger.open(made.data / "ledger.db")
    gateways = [Gateway(load, number) for number in range(load.gateways)]
    heads = [Head()] * load.gateways
    made_batches = 0
    while made_batches < readings // load.readings:
        number = made_batches // BATCHES_A_RUN % load.gateways
        gateway = gateways[number]
        batches = [open_envelope(gateway.next(made_batches + place).envelope) for place in range(BATCHES_A_RUN)]
        gateway.open.clear()
        key = load.key(number).public_key().public_bytes_raw()
        ledger.append([Run(gateway.node, gateway.epoch, heads[number], batches, key)], time.time_ns() // 1_000_000)
        heads[number] = Head(batches[-1].seq, batches[-1].hash, key)
        made_batches += BATCHES_A_RUN
    ledger.close()
