"""Answers every sealed batch as an ingest that is never wrong and never slow: to measure the load generator alone."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable

import cbor2

from bench.mqttwire import Wire, connect, text
from coldchain import topics
from coldchain.seal import Ack, hash_of


async def answer(host: str, port: int, ready: Callable[[], None]) -> None:
    """Answer until cancelled or disconnected; call ``ready`` when subscribed."""
    gone = asyncio.Event()

    def heard(topic: str, payload: bytes) -> None:
        body = cbor2.loads(payload)[0]
        _, node, epoch, seq = cbor2.loads(body)[:4]
        ack = Ack(epoch.hex(), seq, hash_of(body).hex(), time.time_ns() // 1_000_000)
        wire.publish(text(topics.ack(node)), ack.encode(), 0)

    def up() -> None:
        wire.subscribe([topics.ALL_DATA], 0)
        ready()

    wire = Wire(connect("ack-stub"), heard, up, gone.set)
    await asyncio.get_running_loop().create_connection(lambda: wire, host, port)
    try:
        await gone.wait()
    finally:
        wire.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args()
    asyncio.run(answer(chosen.host, chosen.port, lambda: print("ready", flush=True)))
