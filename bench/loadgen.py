"""Many gateways in one cheap process: sealed batches against an uplink broker, closed by end-to-end acknowledgements.

::

    templates ──▶ seal now (chain + Ed25519) ──▶ PUBLISH ──▶ broker ──▶ ingest
                    ▲ window of W batches a gateway           ack {epoch, seq, hash} ──▶ latency, next

Run ``python -m bench.loadgen --help``. The registry that the server needs is `registry_changes`: same options, same
keys, so both sides can make it by themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import signal
import time
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.loadpacks import Template, template
from bench.mqttwire import Wire, connect, text
from coldchain import topics
from coldchain.errors import RejectedReading
from coldchain.registry.changes import (
    Asset,
    Binding,
    Change,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Put,
    Site,
)
from coldchain.seal import EPOCH_BYTES, ZERO_HASH, Ack, After, body_of, hash_of, seal

PACE_S = 0.005
STALLED_S = 1.0
STALLED_MOST_S = 60.0
"""Without progress a gateway goes back to acknowledged + 1 after 1 s, doubling to 60 s (protocol: gateway)."""

RECONNECT_S = 0.2


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        readings: in a pack; a multiple of ``channels``.
        channels: of each gateway.
        window: unacknowledged batches a gateway.
        rate: readings a second, all gateways together; 0 for as fast as acknowledgements allow.
        batches: stop after so many; 0 for no bound.
        duration_s: stop sending after so long.
        interval_ms: between two samples of a channel, simulated.
        start_s: measured time of the first sample, s UTC.
        variants: different packs a gateway; they come round again with later times.
        connections: gateways share so many, for the broker's load resembles that of fewer, busier clients.
        prefix: of node ids; a second generator needs another.
        seed: of keys and values.
        drain_s: how long to wait for the last acknowledgements.
    """

    gateways: int = 50
    readings: int = 500
    channels: int = 100
    window: int = 32
    rate: float = 0.0
    batches: int = 0
    duration_s: float = 10.0
    interval_ms: int = 1000
    start_s: int = 1_700_000_000
    variants: int = 4
    connections: int = 4
    qos: int = 1
    prefix: str = "load"
    seed: int = 1
    drain_s: float = 5.0

    @property
    def span_ms(self) -> int:
        """Measured time that a pack covers."""
        return self.readings // self.channels * self.interval_ms

    def node(self, number: int) -> str:
        """Return the id of a gateway."""
        return f"{self.prefix}-{number:04d}"

    def channel(self, number: int, place: int) -> str:
        """Return the name of a gateway's channel."""
        mac = hashlib.sha256(f"{self.prefix} {number} {place}".encode()).hexdigest()[:16]
        return f"urn:dev:mac:{mac}:temperature"

    def key(self, number: int) -> Ed25519PrivateKey:
        """Return a gateway's private key: worthless, made from the seed."""
        return Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(f"{self.seed}:{self.node(number)}".encode()).digest()
        )


class Result(msgspec.Struct, frozen=True):
    """What was measured; times of a batch run from its sealing to its acknowledgement here.

    Attributes:
        began_s: when the first batch was sent, s UTC; what is measured in another process starts there too.
    """

    gateways: int
    readings_a_pack: int
    bytes_a_batch: float
    sent_batches: int
    acked_batches: int
    acked_readings: int
    resent_batches: int
    refused: int
    new_epochs: int
    began_s: float
    seconds: float
    acked_readings_a_second: float
    latency_p50_ms: float
    latency_p99_ms: float
    latency_max_ms: float
    cpu_s: float
    cpu_cores: float


def registry_changes(load: Load) -> Iterator[Change]:
    """Yield the change entries that make a server take this load: one shop and cooler a gateway, every point judged."""

    def put(change: Put) -> Change:
        return Change(change, "bench", "load generator")

    yield put(Operator("bench", "Bench"))
    for number in range(load.gateways):
        node = load.node(number)
        site, asset = f"site-{node}", f"asset-{node}"
        yield put(Site(site, site, "shop", "bench"))
        yield put(Asset(asset, asset, "glass-door-cooler", site))
        yield put(Node(node, site, (load.key(number).public_key().public_bytes_raw().hex(),)))
        for place in range(load.channels):
            channel, point = load.channel(number, place), f"{asset}.t{place}"
            yield put(Point(point, asset, "return-air", "temperature", max(1, load.interval_ms // 1000)))
            yield put(Probe(channel))
            yield put(Binding(channel, point, 0))
            yield put(LimitRule(point, 0, high_celsius=8.0, low_celsius=0.0))


@dataclass(slots=True)
class _Sealed:
    seq: int
    hash: bytes
    envelope: bytes
    pack: bytes
    sealed_s: float


class Gateway:
    """One chain: seals on demand, keeps what is not acknowledged."""

    def __init__(self, load: Load, number: int) -> None:
        chance = np.random.default_rng([load.seed, number])
        channels = [load.channel(number, place) for place in range(load.channels)]
        self.node = load.node(number)
        self.topic = text(topics.data(self.node))
        self._templates: list[Template] = [
            template(channels, load.readings, load.interval_ms, chance) for _ in range(load.variants)
        ]
        self._key = load.key(number)
        self._span_ms, self._at_ms = load.span_ms, load.start_s * 1000
        self._chance = chance
        self.epoch, self.seq, self._prev = chance.bytes(EPOCH_BYTES), 0, ZERO_HASH
        self._after: After | None = None
        self.open: deque[_Sealed] = deque()
        self.acked = 0
        self.moved_s, self.patience_s = 0.0, STALLED_S
        self.refused = self.new_epochs = 0

    def next(self, made: int) -> _Sealed:
        """Seal the next pack of fresh readings."""
        pack = self._templates[made % len(self._templates)].at(self._at_ms // 1000)
        self._at_ms += self._span_ms
        return self._seal(pack)

    def _seal(self, pack: bytes) -> _Sealed:
        self.seq += 1
        after = self._after if self.seq == 1 else None
        body = body_of(self.node, self.epoch, self.seq, self._prev, time.time_ns() // 1_000_000, after, pack)
        self._prev = hash_of(body)
        sealed = _Sealed(self.seq, self._prev, seal(body, self._key), pack, time.perf_counter())
        self.open.append(sealed)
        return sealed

    def heard(self, ack: Ack, now_s: float) -> tuple[list[_Sealed], bool]:
        """Return the batches that an ack closes, and whether everything open must be sent again."""
        if ack.epoch != self.epoch.hex():
            return [], False
        closed: list[_Sealed] = []
        while self.open and self.open[0].seq <= ack.seq:
            closed.append(self.open.popleft())
        if closed:
            self.acked = closed[-1].seq
            self.moved_s, self.patience_s = now_s, STALLED_S
        forked = bool(closed) and closed[-1].seq == ack.seq and closed[-1].hash.hex() != ack.hash
        if ack.refuse is None and not forked:
            return closed, False
        self.refused += 1
        self._new_epoch(ack.refuse or "fork")
        return closed, True

    def _new_epoch(self, why: str) -> None:
        self._after = After(self.epoch, self.acked, why)
        self.epoch, self.seq, self._prev, self.acked = self._chance.bytes(EPOCH_BYTES), 0, ZERO_HASH, 0
        self.new_epochs += 1
        waiting, self.open = self.open, deque()
        for sealed in waiting:
            again = self._seal(sealed.pack)
            again.sealed_s = sealed.sealed_s


class Generator:
    """Runs a load against a broker.

    Args:
        load: what to send.
        host, port: of the uplink broker, on loopback without a password.
    """

    def __init__(self, load: Load, host: str, port: int) -> None:
        self._load, self._host, self._port = load, host, port
        self._gateways = [Gateway(load, number) for number in range(load.gateways)]
        self._wires: list[Wire | None] = [None] * min(load.connections, load.gateways)
        self._line = {gateway.node: number % len(self._wires) for number, gateway in enumerate(self._gateways)}
        self._by_node = {gateway.node: gateway for gateway in self._gateways}
        self._sent = self._acked = self._resent = self._bytes = 0
        self._latency_s = array("d")
        self._first_s = self._last_s = self._began_s = 0.0
        self._turn = 0
        self._sending = False
        self._finished, self._all_up, self._all_acked = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Send nothing more; `run` returns when the open batches are acknowledged or their time is over."""
        self._sending = False
        self._finished.set()
        self._all_up.set()

    async def run(self) -> Result:
        """Send until count or duration, wait for the last acknowledgements, and return what was measured."""
        lines = [asyncio.create_task(self._keep_line(place)) for place in range(len(self._wires))]
        await self._all_up.wait()
        cpu_s, self._sending = time.process_time(), not self._finished.is_set()
        self._first_s = self._last_s = time.perf_counter()
        self._began_s = time.time()
        for gateway in self._gateways:
            gateway.moved_s = self._first_s
        keeper = asyncio.create_task(self._pace())
        try:
            async with asyncio.timeout(self._load.duration_s):
                await self._finished.wait()
        except TimeoutError:
            self._sending = False
        if self._acked < self._sent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_acked.wait(), self._load.drain_s)
        cpu_s = time.process_time() - cpu_s
        for task in (keeper, *lines):
            task.cancel()
        await asyncio.gather(keeper, *lines, return_exceptions=True)
        return self._result(cpu_s)

    async def _keep_line(self, place: int) -> None:
        while True:
            gone = asyncio.Event()
            hello = connect(f"{self._load.prefix}-line-{place}")
            wire = Wire(hello, self._heard, partial(self._up, place), gone.set)
            self._wires[place] = wire
            try:
                # The wire is its own factory: one connection, one protocol object.
                await asyncio.get_running_loop().create_connection(partial(_itself, wire), self._host, self._port)
                await gone.wait()
            except OSError:
                pass
            except asyncio.CancelledError:
                wire.close()
                raise
            await asyncio.sleep(RECONNECT_S)

    def _up(self, place: int) -> None:
        wire = self._wires[place]
        assert wire is not None
        gateways = [gateway for gateway in self._gateways if self._line[gateway.node] == place]
        wire.subscribe([topics.ack(gateway.node) for gateway in gateways])
        for gateway in gateways:
            self._again(gateway)
        if all(wire is not None and wire.connected for wire in self._wires):
            self._all_up.set()

    async def _pace(self) -> None:
        """Keep the rate, and go back where nothing moves."""
        looked_s = time.perf_counter()
        while True:
            now_s = time.perf_counter()
            if self._sending:
                if self._load.rate:
                    due = int((now_s - self._first_s) * self._load.rate / self._load.readings) - self._sent
                    self._round(due)
                elif self._sent == 0:
                    self._round(self._load.gateways * self._load.window)
            if now_s - looked_s > STALLED_S / 4:
                looked_s = now_s
                for gateway in self._gateways:
                    if gateway.open and now_s - max(gateway.moved_s, gateway.open[0].sealed_s) > gateway.patience_s:
                        gateway.moved_s, gateway.patience_s = now_s, min(gateway.patience_s * 2, STALLED_MOST_S)
                        self._again(gateway)
            await asyncio.sleep(PACE_S)

    def _round(self, due: int) -> None:
        """Send so many batches, gateways in turn, as far as their windows allow."""
        idle = 0
        while due > 0 and idle < len(self._gateways):
            gateway = self._gateways[self._turn]
            self._turn = (self._turn + 1) % len(self._gateways)
            if self._next(gateway):
                due, idle = due - 1, 0
            else:
                idle += 1

    def _next(self, gateway: Gateway) -> bool:
        if not self._sending or len(gateway.open) >= self._load.window:
            return False
        if self._load.batches and self._sent >= self._load.batches:
            self.stop()
            return False
        sealed = gateway.next(self._sent)
        self._sent += 1
        self._bytes += len(sealed.envelope)
        self._send(gateway, sealed)
        return True

    def _send(self, gateway: Gateway, sealed: _Sealed) -> None:
        wire = self._wires[self._line[gateway.node]]
        if wire is not None:
            wire.publish(gateway.topic, sealed.envelope, self._load.qos)

    def _again(self, gateway: Gateway) -> None:
        for sealed in gateway.open:
            self._resent += 1
            self._send(gateway, sealed)

    def _heard(self, topic: str, payload: bytes) -> None:
        gateway = self._by_node.get(topics.node_of(topic))
        try:
            ack = Ack.decode(payload)
        except RejectedReading:
            return
        if gateway is None:
            return
        now_s = time.perf_counter()
        closed, again = gateway.heard(ack, now_s)
        if again:
            self._again(gateway)
        if closed:
            self._acked += len(closed)
            self._last_s = now_s
            self._latency_s.extend(now_s - sealed.sealed_s for sealed in closed)
            if not self._sending and self._acked == self._sent:
                self._all_acked.set()
            if not self._load.rate:
                for _ in closed:
                    self._next(gateway)

    def _result(self, cpu_s: float) -> Result:
        seconds = max(self._last_s - self._first_s, 1e-9)
        latency_ms = np.array(self._latency_s if self._latency_s else [0.0]) * 1000
        p50, p99 = np.percentile(latency_ms, [50, 99])
        return Result(
            gateways=len(self._gateways),
            readings_a_pack=self._load.readings,
            bytes_a_batch=round(self._bytes / max(self._sent, 1), 1),
            sent_batches=self._sent,
            acked_batches=self._acked,
            acked_readings=self._acked * self._load.readings,
            resent_batches=self._resent,
            refused=sum(gateway.refused for gateway in self._gateways),
            new_epochs=sum(gateway.new_epochs for gateway in self._gateways),
            began_s=self._began_s,
            seconds=round(seconds, 3),
            acked_readings_a_second=round(self._acked * self._load.readings / seconds),
            latency_p50_ms=round(float(p50), 3),
            latency_p99_ms=round(float(p99), 3),
            latency_max_ms=round(float(latency_ms.max()), 3),
            cpu_s=round(cpu_s, 3),
            cpu_cores=round(cpu_s / seconds, 3),
        )


def _itself(wire: Wire) -> Wire:
    return wire


def load_of(arguments: argparse.Namespace) -> Load:
    """Return the load that command-line arguments describe."""
    return Load(**{name: getattr(arguments, name) for name in Load.__dataclass_fields__})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one option a field of `Load`, with its default."""
    for name, field in Load.__dataclass_fields__.items():
        if name == "start_s":
            default = int(time.time()) - 86_400
            parser.add_argument("--start-s", type=int, default=default, help="measured time of the first sample")
        else:
            kind = type(field.default)
            parser.add_argument("--" + name.replace("_", "-"), type=kind, default=field.default)


async def _main(arguments: argparse.Namespace) -> Result:
    generator = Generator(load_of(arguments), arguments.host, arguments.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, generator.stop)
    return await generator.run()


if __name__ == "__main__":
    import uvloop

    _parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    _parser.add_argument("--host", default="127.0.0.1")
    _parser.add_argument("--port", type=int, required=True)
    _parser.add_argument("--output", help="write the result as JSON to this file too")
    add_arguments(_parser)
    _arguments = _parser.parse_args()
    _report = msgspec.json.format(msgspec.json.encode(uvloop.run(_main(_arguments)))).decode()
    print(_report, flush=True)
    if _arguments.output is not None:
        Path(_arguments.output).write_text(_report + "\n")
