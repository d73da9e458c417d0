"""A truck comes back after a day: how long until everything that its gateway kept is recorded and projected.

The uplink is a relay that does not listen until then, so a gateway's own waiting between two attempts counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.figures import Figure, at_most
from bench.loadgen import Load, registry_changes
from bench.process import python, started, until
from bench.stand import HOST, Stand, stand
from coldchain.cli.broker import free_port
from coldchain.keys import load_or_make, public_hex
from coldchain.registry.changes import Change, Node
from coldchain.senml import Row
from gateway.sqlite_spool import SqliteSpool

SENSORS = 100
MINUTES = 1440
EVERY_MS = 60_000
FULL_PACK = 500
PATIENCE_GROWN_S = 15.0
"""After so long without an uplink a gateway tries every 5 s, as it does after a day."""


def measure(*, short: bool) -> list[Figure]:
    """Return seconds from the uplink's appearing, and from the gateway's noticing it."""
    minutes = MINUTES // 12 if short else MINUTES
    load = Load(gateways=1, channels=SENSORS, readings=SENSORS, interval_ms=EVERY_MS)
    with stand() as made:
        key_file = made.folder / "gateway.pem"
        made.register(_with_key(load, public_hex(load_or_make(key_file))))
        spool = made.folder / "gateway.db"
        readings = _fill(spool, load, minutes)
        uplink = free_port(0)
        command = python("coldchain.cli", "run", "gateway", "--config", str(_config(made, load, spool, uplink)))
        with made.server() as server, started(command, made.log("gateway")):
            until(lambda: _unsealed(spool, load) < FULL_PACK, 120, "sealing", every_s=0.5)
            time.sleep(0.5 if short else PATIENCE_GROWN_S)
            begin_s = time.perf_counter()
            with _relay(uplink, made.port):
                until(lambda: server.health()["position"] > _changes(load), 60, "the first batch")
                first_s = time.perf_counter()
                until(
                    lambda: server.health()["counters"]["series"]["written"] >= readings, 300, "the replay", every_s=0.1
                )
                server.until_projected()
                end_s = time.perf_counter()
    name = "replay_24h" if not short else "replay_2h"
    return [
        at_most(f"{name}_s", end_s - begin_s, "s", 10.0),
        Figure(f"{name}_after_first_batch_s", end_s - first_s, "s"),
        Figure(f"{name}_readings_per_s", readings / (end_s - first_s), "readings/s"),
    ]


def _changes(load: Load) -> int:
    return sum(1 for _ in registry_changes(load))


def _with_key(load: Load, key: str) -> Iterator[Change]:
    for change in registry_changes(load):
        put = change.change
        yield Change(Node(put.id, put.site, (key,)), change.who, change.why) if isinstance(put, Node) else change


def _config(made: Stand, load: Load, spool: Path, uplink: int) -> Path:
    file = made.folder / "gateway.toml"
    file.write_text(
        f'[gateway]\nnode = "{load.node(0)}"\nspool = "{spool}"\nkey_file = "{made.folder / "gateway.pem"}"\n\n'
        f"[gateway.site]\nport = {made.port}\n\n[gateway.uplink]\nport = {uplink}\n"
    )
    return file


def _fill(path: Path, load: Load, minutes: int) -> int:
    """Put a day of minutes into the spool, as the gateway's own intake would have."""
    chance = np.random.default_rng(1)
    begin_ms = time.time_ns() // 1_000_000 - minutes * EVERY_MS
    names = [load.channel(0, place) for place in range(SENSORS)]
    phase_ms = chance.integers(0, EVERY_MS, SENSORS)
    celsius = chance.uniform(2.0, 6.0, SENSORS) + np.cumsum(chance.normal(0, 0.08, (minutes, SENSORS)), axis=0) * 0.2
    spool = SqliteSpool(path, load.node(0), chance.bytes(8))
    for minute in range(minutes):
        at_ms = begin_ms + minute * EVERY_MS
        rows = [
            Row(name, int(at_ms + phase_ms[place]), round(float(celsius[minute, place]), 2), "Cel")
            for place, name in enumerate(names)
        ]
        spool.put(rows, at_ms)
    spool.close()
    return minutes * SENSORS


def _unsealed(path: Path, load: Load) -> int:
    spool = SqliteSpool(path, load.node(0), bytes(8))
    try:
        return spool.unsealed_count()
    finally:
        spool.close()


@contextlib.contextmanager
def _relay(port: int, to_port: int) -> Iterator[None]:
    """Listen on a port while inside and pass everything on to another."""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    listening = threading.Event()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # ours: the measurement is over
            there, here = await asyncio.open_connection(HOST, to_port)
            await asyncio.gather(passed(reader, here), passed(there, writer))

    async def serve() -> None:
        server = await asyncio.start_server(joined, HOST, port)
        listening.set()
        await over.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    listening.wait(5)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)
