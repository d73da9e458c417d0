"""An address outside hears a beat a minute while all is well, and nothing when it is not."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import pytest

from alerts.notify.channels.wire import Wire
from alerts.notify.heartbeat import EVERY_S, Heartbeat
from coldchain.clock import TestClock
from coldchain.secret import Secret

URL = "https://beats.example/ping/3f2a"


class Outside(httpx.AsyncBaseTransport):
    """The watcher."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return httpx.Response(self.status, stream=httpx.ByteStream(b"ok"))


async def test_a_beat_a_minute_while_all_is_well_and_none_while_it_is_not() -> None:
    clock, outside, trouble = TestClock(), Outside(), [""]
    wire = Wire(outside, clock, connect_s=5.0, timeout_s=30.0)
    heart = Heartbeat(Secret(URL), wire, lambda: trouble[0], clock)
    task = asyncio.create_task(heart.run())
    await clock.advance(3 * EVERY_S)
    assert outside.asked == [URL] * 4

    trouble[0] = "the judge stands"
    await clock.advance(3 * EVERY_S)
    assert len(outside.asked) == 4

    trouble[0] = ""
    await clock.advance(EVERY_S)
    assert len(outside.asked) == 5
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_watcher_that_does_not_take_it_is_logged_without_its_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock, outside = TestClock(), Outside()
    outside.status = 404
    heart = Heartbeat(Secret(URL), Wire(outside, clock, connect_s=5.0, timeout_s=30.0), lambda: "", clock)

    await heart.beat()

    said = capsys.readouterr().out
    assert "status 404" in said
    assert "3f2a" not in said
