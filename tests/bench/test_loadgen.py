"""The load generator's batches are what a gateway would seal, and every one of its readings is new."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.ackstub import answer
from bench.loadgen import Gateway, Generator, Load, registry_changes
from bench.loadpacks import template
from bench.mqttwire import connect, length_of, subscribe
from coldchain.registry.changes import Binding, Node, Point, Probe
from coldchain.seal import Ack, open_envelope, unpacked, verified
from coldchain.senml import decode
from tests.firmware_sim.conftest import MOSQUITTO

LOAD = Load(gateways=3, readings=50, channels=10, window=4, variants=2, connections=2, duration_s=20.0)


def test_a_pack_changes_its_times_and_nothing_else() -> None:
    made = template([LOAD.channel(0, place) for place in range(10)], 50, 1000, np.random.default_rng(1))

    first, later = (decode(unpacked(made.at(base_s)), 0) for base_s in (1_700_000_000, 1_700_000_005))

    assert len(first.readings) == 50
    assert not first.rejected
    assert (later.readings.measured_at_ms - first.readings.measured_at_ms == 5000).all()
    assert (later.readings.value == first.readings.value).all()


def test_a_full_pack_is_as_large_as_real_ones() -> None:
    load = Load()
    channels = [load.channel(0, place) for place in range(load.channels)]

    size = len(template(channels, load.readings, load.interval_ms, np.random.default_rng(1)).at(1_700_000_000))

    assert 7 <= size / load.readings <= 14


def test_a_gateway_seals_a_chain_that_its_registered_key_proves() -> None:
    gateway = Gateway(LOAD, 1)
    key = next(c.change for c in registry_changes(LOAD) if isinstance(c.change, Node) and c.change.id == gateway.node)

    batches = [open_envelope(gateway.next(made).envelope) for made in range(5)]

    assert [batch.seq for batch in batches] == [1, 2, 3, 4, 5]
    assert all(later.prev == batch.hash for batch, later in pairwise(batches))
    assert all(verified(batch, bytes.fromhex(key.keys[0])) for batch in batches)
    identities = [row[:2] for batch in batches for row in decode(unpacked(batch.pack), 0).readings.rows()]
    assert len(identities) == len(set(identities)) == 250


def test_a_refused_gateway_goes_on_in_a_new_epoch_with_what_is_open() -> None:
    gateway = Gateway(LOAD, 0)
    sealed = [gateway.next(made) for made in range(4)]
    epoch = gateway.epoch

    closed, again = gateway.heard(Ack(epoch.hex(), 2, sealed[1].hash.hex(), 0, "fork"), 1.0)

    assert ([batch.seq for batch in closed], again) == ([1, 2], True)
    first, second = (open_envelope(batch.envelope) for batch in gateway.open)
    assert first.after is not None
    assert (first.after.epoch, first.after.seq, first.after.why) == (epoch, 2, "fork")
    assert [first.pack, second.pack] == [sealed[2].pack, sealed[3].pack]


def test_an_ack_of_another_body_opens_a_new_epoch() -> None:
    gateway = Gateway(LOAD, 0)
    gateway.next(0)

    _, again = gateway.heard(Ack(gateway.epoch.hex(), 1, "00" * 32, 0), 1.0)

    assert (again, gateway.new_epochs) == (True, 1)


def test_the_registry_binds_every_channel() -> None:
    puts = [change.change for change in registry_changes(LOAD)]

    assert sum(isinstance(put, Node) for put in puts) == 3
    for kind in (Point, Probe, Binding):
        assert sum(isinstance(put, kind) for put in puts) == 30


def test_packets_are_as_the_standard_says() -> None:
    assert length_of(0) == b"\x00"
    assert length_of(16_384) == b"\x80\x80\x01"
    assert connect("c") == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01c"
    assert subscribe(1, ["a"], 1) == b"\x82\x06\x00\x01\x00\x01a\x01"


async def test_a_generator_without_a_broker_can_be_stopped() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        generator = Generator(LOAD, "127.0.0.1", closed.getsockname()[1])
        generator.stop()

        result = await generator.run()

    assert result.sent_batches == 0


@pytest.mark.broker
async def test_every_batch_is_acknowledged_through_a_broker(tmp_path: Path) -> None:
    if MOSQUITTO is None:
        pytest.skip("no mosquitto on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    broker = subprocess.Popen([MOSQUITTO, "-c", str(config)], stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        ready = asyncio.Event()
        stub = asyncio.create_task(_answer_when_up(port, ready))
        await asyncio.wait_for(ready.wait(), 20)
        result = await Generator(replace(LOAD, batches=60), "127.0.0.1", port).run()
        stub.cancel()
        await asyncio.gather(stub, return_exceptions=True)
    finally:
        broker.kill()
        broker.wait()

    assert (result.sent_batches, result.acked_batches, result.acked_readings) == (60, 60, 3000)
    assert (result.refused, result.new_epochs) == (0, 0)
    assert 0 < result.latency_p50_ms <= result.latency_p99_ms


async def _answer_when_up(port: int, ready: asyncio.Event) -> None:
    for _ in range(400):
        try:
            await answer("127.0.0.1", port, ready.set)
        except OSError:
            await asyncio.sleep(0.05)
