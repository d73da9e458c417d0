"""A TCP server on loopback that leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Self

LARGEST = 16 << 20
"""Bytes of one mail or head."""


class Served:
    """Speaks on each connection as `talk` says; when it is over, whoever still talks is cut off and waited for."""

    server_tls: ssl.SSLContext | None = None
    """Set where the server speaks TLS from the first byte."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.server_tls, limit=LARGEST)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.over.set()
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        if self._open:
            await asyncio.wait(list(self._open))
        await self._server.wait_closed()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read and write until the connection is done with."""
        raise NotImplementedError

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await self.talk(reader, writer)
                writer.close()
                await writer.wait_closed()
            writer.close()
        finally:
            del self._open[task]
