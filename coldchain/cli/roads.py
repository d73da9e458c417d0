"""The road between a mobile gateway and the server: a relay of its uplink that a scenario's dead spots cut.

::

    gateway ─▶ Relay ─▶ uplink broker        in a dead spot: nothing passes, the gateway keeps and sends afterwards
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

from coldchain.cli.broker import free_port
from firmware_sim.scenario import DeadSpot

LOOK_EVERY_S = 0.5
BLOCK = 65_536


class Relay:
    """Passes bytes both ways between a port of its own and another, while it is not cut."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port(0)
        self._to_port = to_port
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Future[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._took, "127.0.0.1", self.port)

    def cut(self, now: bool) -> None:
        """Cut the line, or mend it; what is connected breaks without a word."""
        self._cut = now
        if now:
            for writer in self._writers:
                writer.transport.abort()

    async def close(self) -> None:
        """Break every connection and listen no more."""
        self.cut(True)
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _took(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        ways = {asyncio.ensure_future(_passed(reader, up_writer)), asyncio.ensure_future(_passed(up_reader, writer))}
        self._passing |= ways
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (writer, up_writer):
                end.transport.abort()
            await asyncio.wait(ways)
            self._passing -= ways
            self._writers -= {writer, up_writer}


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(BLOCK):
            writer.write(block)
            await writer.drain()


class Roads:
    """Every relay of a chain, and when each is cut.

    Args:
        relays: gateway → its relay.
        spots: each dead spot with the gateways that pass it.
    """

    def __init__(self, relays: Mapping[str, Relay], spots: Sequence[tuple[DeadSpot, Sequence[str]]]) -> None:
        self.relays = relays
        self._spots = spots
        self._driving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Let every relay listen."""
        for relay in self.relays.values():
            await relay.open()

    def drive(self) -> None:
        """Start the way: dead spots count from now on."""
        if self.relays:
            self._driving = asyncio.ensure_future(self._drive())

    def dark_at(self, live_s: float) -> set[str]:
        """Return the gateways without network at a moment, seconds from the start of live."""
        return {node for spot, nodes in self._spots for node in nodes if spot.covers(live_s)}

    def stay_open(self) -> None:
        """End the way: from now on everything passes."""
        if self._driving is not None:
            self._driving.cancel()
        for relay in self.relays.values():
            relay.cut(False)

    async def close(self) -> None:
        """End the way and every relay."""
        self.stay_open()
        for relay in self.relays.values():
            await relay.close()

    async def _drive(self) -> None:
        loop = asyncio.get_running_loop()
        started_s, dark = loop.time(), set[str]()
        while True:
            now = self.dark_at(loop.time() - started_s)
            for node in now ^ dark:
                self.relays[node].cut(node in now)
            dark = now
            await asyncio.sleep(LOOK_EVERY_S)
