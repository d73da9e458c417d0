"""A connection against a real broker: everything in order however it is paused, and no PUBACK before `done`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldchain.bus import Connection, Message, _Buffered, connected
from tests.mqtt import broker

TOPIC = "coldchain/v1/gw-1/data"
COUNT = 700


def payloads() -> list[bytes]:
    return [b"%06d" % number + b"x" * (number * 37 % 3000) for number in range(COUNT)]


async def received(listening: Connection, count: int) -> list[Message]:
    """Return so many messages, some taken one by one and some at hand."""
    messages: list[Message] = []
    while len(messages) < count:
        messages.append(await anext(listening.messages))
        while len(messages) < count and (more := listening.at_hand()) is not None:
            messages.append(more)
    return messages


@pytest.mark.parametrize("hold_bytes", [4 * 1024 * 1024, 8_000])
@pytest.mark.parametrize("version5", [True, False])
async def test_everything_comes_in_order_however_little_may_be_held(
    tmp_path: Path, hold_bytes: int, version5: bool
) -> None:
    async with broker(tmp_path) as port:
        ear = Connection("127.0.0.1", port, "ear", hold_bytes=hold_bytes, version5=version5)
        mouth = Connection("127.0.0.1", port, "mouth")
        async with connected(ear) as listening, connected(mouth) as speaking:
            await listening.subscribe([(TOPIC, 1)])
            for payload in payloads():
                speaking.send(TOPIC, payload, 1)
            heard: list[bytes] = []
            paused = 0
            while len(heard) < COUNT:
                (message,) = await received(listening, 1)
                paused += listening.paused
                heard.append(bytes(message.payload))
                listening.done(message)

    assert heard == payloads()
    assert (paused > 0) == (hold_bytes == 8_000)


async def test_what_was_not_done_comes_again(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        settings = {"manual_ack": True, "session_s": 3600}
        async with connected(Connection("127.0.0.1", port, "door", **settings)) as first:  # type: ignore[arg-type]
            await first.subscribe([(TOPIC, 1)])
            async with connected(Connection("127.0.0.1", port, "mouth")) as speaking:
                for payload in (b"one", b"two"):
                    await speaking.publish_checked(TOPIC, payload)
            one, _two = await received(first, 2)
            first.done(one)
        async with connected(Connection("127.0.0.1", port, "door", **settings)) as again:  # type: ignore[arg-type]
            (message,) = await received(again, 1)

    assert message.payload == b"two"


def test_a_buffer_gives_bytes_as_they_are_asked_for_and_says_when_it_is_dry() -> None:
    came = [b"abc", b"d"]

    def receive(size: int) -> bytes:
        if not came:
            raise BlockingIOError
        return came.pop(0)

    buffer = _Buffered(receive)

    assert [buffer(1), buffer(5), buffer(5)] == [b"a", b"bc", b"d"]
    assert not buffer.dry
    with pytest.raises(BlockingIOError):
        buffer(1)
    assert buffer.dry
