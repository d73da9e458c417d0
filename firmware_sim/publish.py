"""Sends packs to one gateway's site broker and knows which of them were taken.

::

    offer ──▶ queue ──▶ pump ──▶ truth log ──▶ PUBLISH QoS 1 ──▶ PUBACK success ──▶ truth log: taken
                ▲                                    │ connection lost: paho sends again, same content
                └────── after a second ──────────────┴ PUBACK ≥ 0x80, or 0x10 (nobody subscribed): refused, kept

Nothing here blocks, so one loop serves every gateway: a site whose broker is down delays nobody else. The queue is a
sensor's memory: bounded, the oldest unsent pack is dropped and counted, and as it was never sent it was never produced.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from paho.mqtt.client import Client, ConnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from coldchain.clock import Clock
from coldchain.senml import EARLIEST_WRITTEN_MS, Row, encode
from coldchain.topics import site_data
from firmware_sim.sensing import Reading
from firmware_sim.truth import TruthLog

HISTORY_PROPERTY = ("history", "1")
"""MQTT 5 user property of a pack whose times are its own although they are old (a gateway else believes a sensor's
time only within 2 min of arrival)."""

WINDOW = 16
"""Packs sent and not yet answered; below the Receive Maximum of 20 that mosquitto announces."""

MEMORY_PACKS = 20_000
RETRY_S = 1.0
KEEPALIVE_S = 10
NO_MATCHING_SUBSCRIBERS = 0x10
"""A success by the letter of MQTT 5 §3.4.2.1, but nobody has the pack: the gateway is not there yet."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a site's broker listens, and as whom sensors log in there."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One pack on its way: the same id, bytes and topic however often it is sent."""

    id: str
    topic: str
    payload: bytes
    history: bool
    readings: tuple[Reading, ...]


def pack_of(id: str, readings: Sequence[Reading], history: bool) -> Outgoing:
    """Return the pack of one sensor's readings.

    Args:
        id: unique in the truth log.
        readings: at least one, all of one node and sensor.
        history: say that the times are to be believed however old.
    """
    topic = site_data(readings[0].node, readings[0].sensor)
    if any(reading.t_ms < EARLIEST_WRITTEN_MS for reading in readings):
        return Outgoing(id, topic, _naive(readings), history, tuple(readings))
    rows = [Row(reading.channel, reading.t_ms, reading.value, reading.unit) for reading in readings]
    return Outgoing(id, topic, encode(rows), history, tuple(readings))


def _naive(readings: Sequence[Reading]) -> bytes:
    """Write a pack as a device does whose clock counts from 1970 and that never heard of relative times."""
    records = []
    for reading in readings:
        kind = "vb" if isinstance(reading.value, bool) else "vs" if isinstance(reading.value, str) else "v"
        unit = {"u": reading.unit} if reading.unit and kind == "v" else {}
        records.append({"n": reading.channel, **unit, "t": reading.t_ms / 1000, kind: reading.value})
    return msgspec.json.encode(records)


@dataclass(slots=True)
class Counts:
    """What became of one publisher's packs; sent = taken + refused + in flight, a refused one may be sent again."""

    sent: int = 0
    taken: int = 0
    refused: int = 0
    dropped: int = 0
    readings_taken: int = 0


class SitePublisher:
    """One connection to one site broker, used by one thread.

    Args:
        name: MQTT client id.
        wake: set whenever there may be something to `pump`.
        window: packs in flight or refused at most; a broker's smaller Receive Maximum wins.
    """

    def __init__(
        self, name: str, broker: Broker, truth: TruthLog, clock: Clock, wake: threading.Event, window: int = WINDOW
    ) -> None:
        self.counts = Counts()
        self._truth, self._clock, self._wake = truth, clock, wake
        self._window = window
        self._queue: deque[Outgoing] = deque()
        self._in_flight: dict[int, Outgoing] = {}
        self._refused: deque[tuple[float, Outgoing]] = deque()
        # Filled by paho's thread. It holds a lock of its own while calling back, so it must not wait for ours: a
        # deque's append and popleft need none.
        self._answers: deque[tuple[int, int]] = deque()
        self._client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.max_inflight_messages_set(window)
        self._client.reconnect_delay_set(1, 4)
        if broker.username is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.connect_async(broker.host, broker.port, KEEPALIVE_S)
        self._client.loop_start()

    @property
    def pending(self) -> int:
        """Packs offered and not yet taken."""
        return len(self._queue) + self.in_flight

    @property
    def in_flight(self) -> int:
        """Packs sent and not yet taken, the refused ones too."""
        return len(self._in_flight) + len(self._refused)

    def offer(self, pack: Outgoing) -> None:
        """Put a pack at the end of the queue."""
        if len(self._queue) >= MEMORY_PACKS:
            self._queue.popleft()
            self.counts.dropped += 1
        self._queue.append(pack)

    def pump(self, sending: bool = True) -> None:
        """Note what was answered, send again what was refused a while ago, then what the window has room for.

        Args:
            sending: False to take nothing new from the queue.
        """
        while self._answers:
            self._answered(*self._answers.popleft())
        if not self._client.is_connected():
            return
        while self._refused and self._refused[0][0] <= self._clock.monotonic_s():
            self._publish(self._refused.popleft()[1])
        while sending and self._queue and self.in_flight < self._window:
            pack = self._queue.popleft()
            self._truth.sent(pack.id, pack.readings, self._clock.now_ms())
            self._publish(pack)

    def close(self) -> None:
        """Disconnect; what is still pending stays untaken."""
        self._client.disconnect()
        self._client.loop_stop()
        while self._answers:
            self._answered(*self._answers.popleft())

    def _publish(self, pack: Outgoing) -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if pack.history:
            properties.UserProperty = HISTORY_PROPERTY
        message = self._client.publish(pack.topic, pack.payload, qos=1, properties=properties)
        if message.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            self._refused.append((self._clock.monotonic_s() + RETRY_S, pack))
            return
        self._in_flight[message.mid] = pack
        self.counts.sent += 1

    def _answered(self, mid: int, reason: int) -> None:
        pack = self._in_flight.pop(mid, None)
        if pack is None:
            return
        if reason >= 0x80 or reason == NO_MATCHING_SUBSCRIBERS:
            self.counts.refused += 1
            self._refused.append((self._clock.monotonic_s() + RETRY_S, pack))
            return
        self._truth.taken(pack.id, self._clock.now_ms())
        self.counts.taken += 1
        self.counts.readings_taken += len(pack.readings)

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        announced = getattr(properties, "ReceiveMaximum", None)
        if announced is not None:
            self._window = min(self._window, int(announced))
        self._wake.set()

    def _on_publish(self, client: Client, userdata: Any, mid: int, reason: ReasonCode, properties: Properties) -> None:
        self._answers.append((mid, reason.value))
        self._wake.set()
