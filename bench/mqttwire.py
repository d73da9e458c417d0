"""The few MQTT 3.1.1 packets that a load generator needs, on an asyncio transport.

Not a client: no session, no resending (the end-to-end acknowledgement does that), no QoS 2. A publish costs a few
microseconds here where paho takes 43 and aiomqtt 128, and this process shares its machine with the server under test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
MAX_PACKET_ID = 65_535


def length_of(size: int) -> bytes:
    """Return a remaining length (MQTT 3.1.1 §2.2.3).

    >>> length_of(321).hex()
    'c102'
    """
    out = bytearray()
    while True:
        size, low = size >> 7, size & 0x7F
        out.append(low | 0x80 if size else low)
        if not size:
            return bytes(out)


def text(value: str) -> bytes:
    """Return a length-prefixed UTF-8 string."""
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def connect(client_id: str, username: str | None = None, password: str | None = None) -> bytes:
    """Return CONNECT with a clean session and no keep-alive: a bench notices a dead server by its acks."""
    flags, tail = 0x02, text(client_id)
    if username is not None:
        flags, tail = flags | 0x80, tail + text(username)
        if password is not None:
            flags, tail = flags | 0x40, tail + text(password)
    body = text("MQTT") + bytes((4, flags, 0, 0)) + tail
    return b"\x10" + length_of(len(body)) + body


def subscribe(packet_id: int, filters: list[str], qos: int = 0) -> bytes:
    """Return SUBSCRIBE."""
    body = packet_id.to_bytes(2, "big") + b"".join(text(name) + bytes((qos,)) for name in filters)
    return b"\x82" + length_of(len(body)) + body


class Wire(asyncio.Protocol):
    """One connection.

    Args:
        hello: CONNECT bytes, sent when the socket is up.
        heard: called with (topic, payload) of each PUBLISH received; QoS 0 and 1 (answered).
        up: called after CONNACK.
        down: called when the connection is gone.
    """

    def __init__(
        self,
        hello: bytes,
        heard: Callable[[str, bytes], None],
        up: Callable[[], None],
        down: Callable[[], None],
    ) -> None:
        self._hello, self._heard, self._up, self._down = hello, heard, up, down
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._packet_id = 0
        self.connected = False

    def publish(self, topic: bytes, payload: bytes, qos: int) -> None:
        """Send a PUBLISH if the connection is up; else nothing happens.

        Args:
            topic: already length-prefixed (`text`), as it is the same for thousands of packets.
        """
        if self._transport is None or not self.connected:
            return
        if qos:
            self._packet_id = self._packet_id % MAX_PACKET_ID + 1
            packet_id = self._packet_id.to_bytes(2, "big")
        else:
            packet_id = b""
        size = length_of(len(topic) + len(packet_id) + len(payload))
        self._transport.write(b"".join((b"\x32" if qos else b"\x30", size, topic, packet_id, payload)))

    def subscribe(self, filters: list[str], qos: int = 0) -> None:
        """Send a SUBSCRIBE."""
        assert self._transport is not None
        self._transport.write(subscribe(1, filters, qos))

    def close(self) -> None:
        """Send DISCONNECT and close."""
        if self._transport is not None:
            self._transport.write(b"\xe0\x00")
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport has a transport's methods and is no subclass.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport, self.connected = None, False
        self._down()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        buffer, at = self._buffer, 0
        while True:
            body, end = _span(buffer, at)
            if end > len(buffer) or end < 0:
                break
            kind = buffer[at] >> 4
            if kind == PUBLISH:
                self._received(buffer[at] >> 1 & 3, body, end)
            elif kind == CONNACK:
                if buffer[body + 1]:
                    raise ConnectionRefusedError(f"CONNACK return code {buffer[body + 1]}")
                self.connected = True
                self._up()
            at = end
        del buffer[:at]

    def _received(self, qos: int, body: int, end: int) -> None:
        buffer = self._buffer
        at = body + 2 + int.from_bytes(buffer[body : body + 2], "big")
        topic = buffer[body + 2 : at].decode()
        if qos:
            packet_id, at = buffer[at : at + 2], at + 2
            if self._transport is not None:
                self._transport.write(b"\x40\x02" + packet_id)
        self._heard(topic, bytes(buffer[at:end]))


def _span(buffer: bytearray, at: int) -> tuple[int, int]:
    """Return where the packet at a place has its body and its end; (-1, -1) when its length is not there yet."""
    size, shift, place = 0, 0, at + 1
    while place < len(buffer):
        byte = buffer[place]
        size |= (byte & 0x7F) << shift
        place += 1
        if not byte & 0x80:
            return place, place + size
        shift += 7
    return -1, -1
