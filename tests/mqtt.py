"""A real mosquitto for the tests that need one, and patience without fixed sleeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from coldchain.bus import Connection, Message, connected
from coldchain.cli.broker import free_port, mosquitto_path, running_broker

PATIENCE_S = 15.0


@contextlib.asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[int]:
    """Run a broker on a free loopback port; yields the port."""
    if mosquitto_path() is None:
        pytest.skip("no mosquitto on this machine")
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a test's own folder
    port = free_port(0)
    async with running_broker(folder, port):
        yield port


@contextlib.asynccontextmanager
async def running(work: object) -> AsyncIterator[None]:
    """Run something with an async ``run`` while inside; its failure is the test's."""
    task = asyncio.ensure_future(work.run())  # type: ignore[attr-defined]
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(done: Callable[[], object], what: str = "it") -> None:
    """Wait until something is so; look a hundred times a second."""
    deadline_s = asyncio.get_running_loop().time() + PATIENCE_S
    while not done():
        assert asyncio.get_running_loop().time() < deadline_s, f"{what} did not happen in {PATIENCE_S:.0f} s"
        await asyncio.sleep(0.01)


class Ear:
    """Listens to topics and keeps what it heard."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.messages: list[Message] = []

    def on(self, topic: str) -> list[bytes]:
        return [bytes(m.payload) for m in self.messages if str(m.topic) == topic and isinstance(m.payload, bytes)]

    async def listen(self) -> None:
        async for message in self.connection.messages:
            self.messages.append(message)
            self.connection.done(message)


@contextlib.asynccontextmanager
async def ear(port: int, *topics: str, name: str = "ear") -> AsyncIterator[Ear]:
    """Subscribe to topics while inside."""
    async with connected(Connection("127.0.0.1", port, name)) as connection:
        for topic in topics:
            await connection.subscribe(topic, qos=1)
        listening = Ear(connection)
        task = asyncio.ensure_future(listening.listen())
        try:
            yield listening
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
