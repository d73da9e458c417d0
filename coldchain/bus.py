"""MQTT: one connection, with memory that stays bounded and acknowledgements that mean something.

aiomqtt 2.5 acknowledges a message when it arrives, keeps it in an unbounded queue and hides a refused publish.
`Connection` mends the three in one place, so that aiomqtt 3 (manual acknowledgement, 13 µs a message) can replace it:

* ``manual_ack``: the PUBACK leaves when the caller says `done`, which a door does after its spool's fsync. It must be
  set before connecting: set afterwards, the messages of the first moment are acknowledged unseen (measured).
* ``hold_bytes``: above it the socket is no longer read, so TCP pushes back into the broker; Receive Maximum does not
  bound it and ``max_queued_incoming_messages`` discards and acknowledges.
* `publish_checked` raises when a version-5 broker refuses.

A `Connection` lives once: make a new one for each attempt.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, MQTTMessage
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from coldchain.errors import Unavailable

MESSAGE_OVERHEAD = 600
"""Bytes that a waiting message costs besides its payload (object, topic, queue slot)."""

READ_BYTES = 65_536
PACKETS_A_TURN = 64
"""Packets handled before the loop may look at something else."""

RESUME_SHARE = 0.5
"""The socket is read again when what is held has fallen to this share of the mark."""

KEEPALIVE_S = 30
CONNECT_TIMEOUT_S = 5.0

_paho_log = logging.getLogger("coldchain.mqtt")
_paho_log.setLevel(logging.ERROR)

Message = aiomqtt.Message
Will = aiomqtt.Will
BusError = aiomqtt.MqttError


class Connection(aiomqtt.Client):
    """One connection to a broker; use as ``async with``.

    Args:
        host, port: where the broker listens.
        identifier: client id.
        username, password: credentials, None for an anonymous broker.
        will: what the broker publishes when this connection dies.
        manual_ack: whether the caller acknowledges with `done`.
        session_s: how long the broker keeps the session of a client that is away, seconds; 0 for none.
        hold_bytes: how much may wait here before the socket is paused.
        version5: MQTT 5; only it reports a refused publish, but reading a message's properties, even none, costs 25 µs
            (a sixth of the time that ingest has the interpreter).
    """

    def __init__(
        self,
        host: str,
        port: int,
        identifier: str,
        *,
        username: str | None = None,
        password: str | None = None,
        will: Will | None = None,
        manual_ack: bool = False,
        session_s: int = 0,
        hold_bytes: int = 4 * 1024 * 1024,
        version5: bool = True,
    ) -> None:
        properties = None
        if version5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = session_s
        super().__init__(
            host,
            port,
            identifier=identifier,
            username=username,
            password=password,
            protocol=aiomqtt.ProtocolVersion.V5 if version5 else aiomqtt.ProtocolVersion.V311,
            clean_session=None if version5 else session_s == 0,
            clean_start=session_s == 0 if version5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
            will=will,
            keepalive=KEEPALIVE_S,
            timeout=CONNECT_TIMEOUT_S,
            logger=_paho_log,
            max_inflight_messages=1000,
        )
        self.pending_calls_threshold = 1 << 30  # its warning; windows of ours bound what is on the way
        self._manual = manual_ack
        self._client.manual_ack_set(manual_ack)
        # Straight here: paho asks a matcher and two locks for callbacks by topic, which nobody sets (6 µs a message).
        self._client._handle_on_message = partial(self._on_message, self._client, None)  # type: ignore[method-assign]
        self._high = hold_bytes
        self._held = 0
        self._paused = False
        self._fileno = -1
        self._resume: Callable[[], None] | None = None
        self._refused: dict[int, ReasonCode] = {}

    @property
    def held_bytes(self) -> int:
        """What is held between `_on_message` and `done`."""
        return self._held

    @property
    def paused(self) -> bool:
        """Whether the socket is not being read."""
        return self._paused

    def send(self, topic: str, payload: bytes, qos: int = 0, *, retain: bool = False) -> None:
        """Hand a message to the socket without waiting for any acknowledgement.

        Raises:
            Unavailable: not connected.
        """
        info = self._client.publish(topic, payload, qos, retain)
        if info.rc != 0:
            raise Unavailable(f"MQTT {self._hostname}:{self._port}: not connected (code {info.rc})")

    async def publish_checked(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish with QoS 1 and raise if the broker refuses.

        Raises:
            Unavailable: no answer, or a reason code that is a failure.
        """
        info = self._client.publish(topic, payload, 1, retain)
        if info.rc != 0:
            raise Unavailable(f"MQTT {self._hostname}:{self._port}: not connected (code {info.rc})")
        if not info.is_published():
            confirmed = asyncio.Event()
            with self._pending_call(info.mid, confirmed, self._pending_publishes):
                await self._wait_for(confirmed.wait(), timeout=None)
        refused = self._refused.pop(info.mid, None)
        if refused is not None:
            raise Unavailable(f"MQTT {topic}: refused: {refused}")

    def at_hand(self) -> Message | None:
        """Return the next message if one lies there; aiomqtt's own way makes a task for each, 20 µs."""
        return None if self._queue.empty() else self._queue.get_nowait()

    def done(self, message: Message) -> None:
        """Let go of a message: acknowledge it if that is ours to do, and read on when there is room again."""
        if self._manual and message.qos:
            self._client.ack(message.mid, message.qos)
        self._held -= _weight(message)
        if self._paused and self._held <= self._high * RESUME_SHARE:
            self._paused = False
            if self._resume is not None and self._fileno >= 0:
                self._loop.add_reader(self._fileno, self._resume)
                self._loop.call_soon(self._resume)

    def refuse(self, message: Message) -> None:
        """Let go of a message without acknowledging it; the broker gives it again after a reconnect."""
        self._held -= _weight(message)

    def _on_message(self, client: Any, userdata: Any, message: MQTTMessage) -> None:
        super()._on_message(client, userdata, message)
        self._held += len(message.payload) + MESSAGE_OVERHEAD
        if self._held >= self._high and not self._paused and self._fileno >= 0:
            self._paused = True
            self._loop.remove_reader(self._fileno)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure and mid in self._pending_publishes:
            self._refused[mid] = reason_code
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        super()._on_socket_open(client, userdata, sock)
        self._fileno = sock.fileno()

        buffered = _Buffered(partial(PahoClient._sock_recv, client))
        client._sock_recv = buffered

        def read() -> None:
            try:
                for _ in range(PACKETS_A_TURN):
                    if self._paused or client.loop_read() or buffered.dry:
                        return
            except Exception as fault:
                if not self._disconnected.done():
                    self._disconnected.set_exception(fault)
                return
            self._loop.call_soon(read)  # the socket may be empty while the buffer is not

        self._resume = read
        self._loop.call_soon_threadsafe(self._loop.add_reader, self._fileno, read)  # instead of aiomqtt's own

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        self._fileno = -1
        super()._on_socket_close(client, userdata, sock)


class _Buffered:
    """A socket's bytes, read by the handful: paho asks for each packet's first byte, length and rest with a call each.

    Attributes:
        dry: the last question found the socket empty (or closed).
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._data = b""
        self._at = 0
        self.dry = False

    def __call__(self, size: int) -> bytes:
        if self._at == len(self._data):
            self.dry = True
            self._data, self._at = self._receive(READ_BYTES), 0
            self.dry = not self._data
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece


def _weight(message: Message) -> int:
    payload = message.payload
    return (len(payload) if isinstance(payload, bytes | bytearray) else 0) + MESSAGE_OVERHEAD


@contextlib.asynccontextmanager
async def connected(connection: Connection) -> AsyncIterator[Connection]:
    """Connect, and turn every way in which a connection ends into `Unavailable`."""
    try:
        async with connection:
            yield connection
    except (BusError, OSError) as fault:
        raise Unavailable(f"MQTT {connection._hostname}:{connection._port}: {fault}") from fault
