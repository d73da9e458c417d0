"""How many single messages a second a door keeps: PUBACK after the spool's fsync; beside a client that only answers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import uvloop

from bench.figures import Figure, at_least
from bench.mqttwire import Wire, connect, text
from bench.process import python, started
from bench.stand import HOST, Stand, stand
from coldchain import topics
from coldchain.bus import Connection, connected

SENSORS = 2_000
WINDOW = 4_000
"""Messages on the way: more than the broker has in flight, so that it never waits for the publisher."""

STUCK_S = 60.0
KNOCK_S = 0.5


def measure(*, short: bool) -> list[Figure]:
    """Return the door's rate, and the bare client's in the same run."""
    messages = 20_000 if short else 150_000
    with stand() as made:
        bare = _bare(made, messages)
    with stand() as made:
        door = _door(made, messages)
    return [
        at_least("door_messages_per_s", door, "messages/s", 15_000),
        Figure("door_bare_client_messages_per_s", bare, "messages/s"),
    ]


def _door(made: Stand, messages: int) -> float:
    """Return the rate of the door of a whole server, whose ingest takes its batches meanwhile."""
    spool = made.data / "door" / "door.db"
    with made.server(door=True):
        return uvloop.run(_sent(made.port, messages, lambda: _kept(spool)))


def _kept(spool: Path) -> int:
    """Return how many readings were ever made durable: with a time, or held until the door knows the time."""
    if not spool.exists():
        return 0
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(f"file:{spool}?mode=ro", uri=True)) as database,
    ):
        return int(
            database.execute("SELECT coalesce(max(id), 0) + (SELECT count(*) FROM held) FROM reading").fetchone()[0]
        )
    return 0  # it is being made


def _bare(made: Stand, messages: int) -> float:
    counted = made.folder / "counted"
    command = python("bench.door", "--port", str(made.port), "--output", str(counted))
    with started(command, made.log("bare")):
        return uvloop.run(_sent(made.port, messages, lambda: int(counted.read_text() or 0) if counted.exists() else 0))


async def _sent(port: int, messages: int, kept: Callable[[], int]) -> float:
    """Publish single-record messages and return how many a second were kept until the last one was.

    Raises:
        TimeoutError: they were not.
    """
    up = asyncio.Event()
    wire = Wire(connect("sensors"), lambda *_: None, up.set, lambda: None)
    await asyncio.get_running_loop().create_connection(lambda: wire, HOST, port)
    await up.wait()
    names = [text(topics.plain(f"sensor-{number:04d}")) for number in range(SENSORS)]
    before = kept()
    while kept() == before:  # until somebody listens
        wire.publish(text(topics.plain("knock")), b'[{"n":"temperature","u":"Cel","v":4}]', 1)
        await asyncio.sleep(KNOCK_S)
    before = kept()
    begin_s = time.perf_counter()
    for number in range(messages):
        wire.publish(
            names[number % SENSORS], b'[{"n":"temperature","u":"Cel","v":%d.25}]' % (number // SENSORS % 10), 1
        )
        if number % 500 == 499:
            await _until_kept(kept, before + number - WINDOW)
    await _until_kept(kept, before + messages)
    rate = messages / (time.perf_counter() - begin_s)
    wire.close()
    return rate


async def _until_kept(kept: Callable[[], int], count: int) -> None:
    async with asyncio.timeout(STUCK_S):
        while kept() < count:  # noqa: ASYNC110 - another process's count
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)


async def _answer(port: int, output: Path) -> None:
    """Answer messages and do nothing else."""
    connection = Connection(HOST, port, "bare", manual_ack=True, version5=False)
    async with connected(connection) as listening:
        await listening.subscribe([(topics.ALL_PLAIN, 1)])
        count, out = 0, os.open(output, os.O_WRONLY | os.O_CREAT, 0o600)
        while True:
            listening.done(await anext(listening.messages))
            count += 1
            while (message := listening.at_hand()) is not None:
                listening.done(message)
                count += 1
            os.pwrite(out, str(count).encode(), 0)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("--port", type=int, required=True)
    _parser.add_argument("--output", type=Path, required=True)
    _chosen = _parser.parse_args()
    uvloop.run(_answer(_chosen.port, _chosen.output))
