"""How long a claimed sensor's 100,000 kept readings take to come in, in a running server."""

from __future__ import annotations

import time

from bench.figures import Figure, at_most
from bench.loadgen import Gateway, Load, registry_changes
from bench.process import until
from bench.stand import Stand, stand
from coldchain.ledger.port import Head, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import registry_at
from coldchain.registry.actions import Place, claim
from coldchain.registry.changes import Binding, Change, LimitRule, Point, Probe
from coldchain.seal import open_envelope

KEPT = 100_000
CHANNELS = 5
"""Of the gateway that hears the sensor; the other four are registered and come in packs with it."""

RUN = 100


def measure(*, short: bool) -> list[Figure]:
    """Return the seconds from the claim's entry until series, latest values and alarms have its readings."""
    kept = KEPT // 10 if short else KEPT
    days = kept * 10_000 // 86_400_000 + 1
    load = Load(gateways=1, channels=CHANNELS, start_s=int(time.time()) - days * 86_400)
    channel = load.channel(0, 0)
    with stand() as made:
        made.register(change for change in registry_changes(load) if not _about(change, channel))
        _fill(made, load, kept * CHANNELS)
        with made.server() as server:
            server.until_projected()
            assert server.health()["quarantine"] == {"unknown-channel": kept}
            ledger = SqlLedger.open(made.data / "ledger.db")
            asset = f"asset-{load.node(0)}"
            began_s = time.perf_counter()
            plan = claim(registry_at(ledger, ledger.end()), channel, Place(asset=asset, position="top-front"), 0)
            ledger.change([change.encode() for change in plan.changes("bench", "claim")], time.time_ns() // 1_000_000)
            until(lambda: not server.health()["quarantine"], 120, "the claim", every_s=0.02)
            server.until_projected()
            took_s = time.perf_counter() - began_s
            ledger.close()
    return [at_most("claim_100k_readings_s", took_s, "s", 10), Figure("claim_readings", kept, "readings")]


def _about(change: Change, channel: str) -> bool:
    put = change.change
    point = "asset-load-0000.t0"
    return (isinstance(put, Probe | Binding) and put.channel == channel) or (
        (isinstance(put, Point) and put.id == point) or (isinstance(put, LimitRule) and put.point == point)
    )


def _fill(made: Stand, load: Load, readings: int) -> None:
    ledger = SqlLedger.open(made.data / "ledger.db")
    gateway, head = Gateway(load, 0), Head()
    key = load.key(0).public_key().public_bytes_raw()
    for begin in range(0, readings // load.readings, RUN):
        number = min(RUN, readings // load.readings - begin)
        batches = [open_envelope(gateway.next(begin + place).envelope) for place in range(number)]
        gateway.open.clear()
        ledger.append([Run(gateway.node, gateway.epoch, head, batches, key)], time.time_ns() // 1_000_000)
        head = Head(batches[-1].seq, batches[-1].hash, key)
    ledger.close()
