"""The bare path: receive, verify, decode, commit to SQLite, append to DuckDB; nothing else.

No registry, no chain, no rules, no latest values, no page. What the server adds is measured against this.

::

    broker ─▶ socket ─▶ [thread 1: verify ─▶ SQLite, fsync] ─▶ ack
                                    └─▶ [thread 2: decode ─▶ DuckDB]

Ends on SIGTERM, when everything acknowledged is in DuckDB too; its last word is the CPU seconds that it used.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import uvloop

from bench.loadgen import add_arguments, load_of
from bench.mqttwire import Wire, connect, text
from coldchain import topics
from coldchain.database import connect_sqlite
from coldchain.readings import Readings
from coldchain.seal import Ack, Sealed, open_envelope, unpacked, verified
from coldchain.senml import decode
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows

APPENDS_WAITING = 4
"""Micro-batches acknowledged and not yet in DuckDB, at most: bounds memory."""

MOST = 256
"""Batches of one micro-batch, as many as a projection of the server takes at once."""


class Bare:
    """The two stores."""

    def __init__(self, folder: Path, keys: dict[str, bytes]) -> None:
        self._keys = keys
        self._ledger = connect_sqlite(folder / "bare.db")
        self._ledger.execute("CREATE TABLE entry (position INTEGER PRIMARY KEY, received_at_ms INTEGER, raw BLOB)")
        self._series = DuckSeries(folder / "bare.duckdb")
        self._numbers: dict[str, int] = {}
        self._position = self._appended = 0

    def record(self, payloads: list[bytes]) -> list[Sealed]:
        """Verify and commit."""
        batches = [open_envelope(payload) for payload in payloads]
        batches = [batch for batch in batches if verified(batch, self._keys[batch.node])]
        now_ms = time.time_ns() // 1_000_000
        self._ledger.execute("BEGIN IMMEDIATE")
        self._ledger.executemany(
            "INSERT INTO entry VALUES (?, ?, ?)",
            [(self._position + place, now_ms, batch.raw) for place, batch in enumerate(batches, 1)],
        )
        self._ledger.execute("COMMIT")
        self._position += len(batches)
        return batches

    def append(self, batches: list[Sealed]) -> None:
        """Decode and append."""
        blocks = [decode(unpacked(batch.pack), batch.created_ms).readings for batch in batches]
        first, self._appended = self._appended, self._appended + len(batches)
        rows = Rows(
            np.concatenate([self._channels(block) for block in blocks]),
            np.concatenate([block.measured_at_ms for block in blocks]),
            np.concatenate([block.value for block in blocks]),
            np.concatenate([block.quality for block in blocks]),
            np.repeat(np.arange(first + 1, self._appended + 1, dtype=np.int64), [len(block) for block in blocks]),
        )
        self._series.write(first, self._appended, rows)

    def _channels(self, block: Readings) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        numbers = self._numbers
        return np.array([numbers.setdefault(name, len(numbers)) for name in block.names], np.int32)[block.channel]

    def close(self) -> None:
        """Close both files."""
        self._ledger.close()
        self._series.close()


async def serve(bare: Bare, host: str, port: int) -> None:
    """Record until SIGTERM."""
    loop = asyncio.get_running_loop()
    over, news = asyncio.Event(), asyncio.Event()
    waiting: list[bytes] = []
    recorder, appender = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    appends: list[Future[None]] = []

    def end() -> None:
        over.set()
        news.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)

    def heard(topic: str, payload: bytes) -> None:
        waiting.append(payload)
        news.set()

    wire = Wire(connect("bare"), heard, lambda: wire.subscribe([topics.ALL_DATA], 0), end)
    await loop.create_connection(lambda: wire, host, port)
    while not (over.is_set() and not waiting):
        await news.wait()
        news.clear()
        while waiting:
            taken = waiting[:MOST]
            del waiting[:MOST]
            batches = await loop.run_in_executor(recorder, bare.record, taken)
            for batch in batches:
                ack = Ack(batch.epoch.hex(), batch.seq, batch.hash.hex(), time.time_ns() // 1_000_000)
                wire.publish(text(topics.ack(batch.node)), ack.encode(), 0)
            appends.append(appender.submit(bare.append, batches))
            if len(appends) > APPENDS_WAITING:
                await asyncio.wrap_future(appends.pop(0))
    for append in appends:
        await asyncio.wrap_future(append)
    wire.close()
    bare.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    add_arguments(parser)
    chosen = parser.parse_args()
    load = load_of(chosen)
    keys = {load.node(n): load.key(n).public_key().public_bytes_raw() for n in range(load.gateways)}
    uvloop.run(serve(Bare(chosen.folder, keys), chosen.host, chosen.port))
    print(time.process_time(), flush=True)
