"""The live frame names every point whose on-delay runs, and is sent when only that changed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import websockets

from coldchain.cli.broker import free_port
from coldchain.cli.server import Server, running
from coldchain.clock import parse_rfc3339
from coldchain.registry import LimitRule
from coldchain.senml import Row
from coldchain.settings import BrokerSettings, Settings, WebSettings
from tests.support import SealingNode, channel_of, fleet, put


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    settings = Settings(
        data=tmp_path / "data", web=WebSettings(port=free_port(0)), broker=BrokerSettings(port=free_port(0))
    )
    async with running(settings) as started:
        yield started


@contextlib.asynccontextmanager
async def listening(server: Server) -> AsyncIterator[Any]:
    address = f"127.0.0.1:{server.settings.web.port}"
    async with httpx.AsyncClient(base_url=f"http://{address}", transport=httpx.AsyncHTTPTransport(retries=20)) as http:
        while (await http.get("/healthz")).status_code != 200:
            pass
    async with websockets.connect(f"ws://{address}/api/v1/live") as socket:
        yield socket


async def frame_where(socket: Any, wanted: Any) -> dict[str, Any]:
    async with asyncio.timeout(30):
        async for text in socket:
            frame: dict[str, Any] = msgspec.json.decode(text)
            if wanted(frame["pending"]):
                return frame
    raise AssertionError("the line ended")


async def test_a_frame_says_since_when_a_point_is_outside_and_how_much_of_the_delay_has_passed(server: Server) -> None:
    node = SealingNode("gw-1")
    now_ms = int(time.time() * 1000)
    put(server.ledger, *fleet([node]), LimitRule("gw-1/p0", 0, 8.0, 0.0, 1800, 0.5, 300), at_ms=now_ms - 86_400_000)

    def say(*rows: tuple[int, float]) -> None:
        readings = [Row(channel_of("gw-1"), now_ms - ago_s * 1000, value, unit="Cel") for ago_s, value in rows]
        node.append(server.ledger, readings, received_at_ms=now_ms)

    async with listening(server) as socket:
        await frame_where(socket, lambda pending: pending == [])

        say((240, 5.0), (180, 9.0), (120, 9.5), (60, 9.9))
        frame = await frame_where(socket, bool)
        (one,) = frame["pending"]
        assert (one["point"], one["rule"], one["held_s"]) == ("gw-1/p0", "high", 120)
        assert parse_rfc3339(one["since"]) == now_ms - 180_000

        say((0, 4.0))
        await frame_where(socket, lambda pending: pending == [])
