"""Serving HTTP inside a process that has other work and signal handlers of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import uvicorn

GRACE_S = 3
"""Seconds that open requests and pages get when the server stops."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_http(app: Any, host: str, port: int, *, ws_max_size: int = 65_536, lifespan: str = "auto") -> None:
    """Serve an ASGI application until cancelled; then let open requests end, and close every socket.

    Args:
        app: the application.
        ws_max_size: bytes of a WebSocket message from outside.
        lifespan: "off" for an application without start and end of its own.
    """
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            ws_max_size=ws_max_size,
            server_header=False,
            lifespan=lifespan,  # type: ignore[arg-type]
        )
    )
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await asyncio.wait({serving}, timeout=GRACE_S + 1)
        serving.cancel()
        raise
