"""Ingest as a service: receive, gather for at most 50 ms, hand to the ledger in a thread, acknowledge.

::

    broker ─▶ socket ─▶ gather (≤ 50 ms, ≤ 4 MB) ─▶ Intake.take in a thread ─▶ acks
                 ▲                                        │
                 └── paused while 4 MB are held ◀─────────┘      one micro-batch in flight

The subscription is QoS 0 on purpose: the broker's delivery promise is not trusted (killed, mosquitto delivered 0 of
500 messages that it had acknowledged), so it would only cost a packet each; a dropped message is a gap, and a gap is
answered.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import msgspec
import structlog

from coldchain import __version__, topics
from coldchain.bus import Connection, Message, Will, connected
from coldchain.clock import Clock, rfc3339
from coldchain.errors import Unavailable
from coldchain.ledger.port import Ledger
from coldchain.registry import CurrentRegistry
from coldchain.seal import Ack, open_envelope
from coldchain.settings import BrokerSettings, IngestSettings
from coldchain.throttle import rest_s
from ingest import intake

RECONNECT_S = (0.2, 5.0)
DISK_PAUSE_S = 1.0
SIGNATURE_THREADS = intake.SHARES - 1
EARLY_S = 0.05
"""How long the control that acknowledges early waits before it appends, so that its promise is on the wire."""

MOST_MESSAGES = 256
"""Of one micro-batch: an fsync is long paid for, and the first of them waits for its acknowledgement. With no bound but
the bytes, gateways waited more than their second under full load and sent everything twice."""

MAX_STATUSES = 100_000
"""Nodes whose state is remembered; further ones are on no page."""

log = structlog.get_logger()

Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class _NodeStatus(msgspec.Struct, omit_defaults=True):
    """What a gateway says of itself, as far as a page shows it (protocol: status)."""

    online: bool
    session: str | None = None
    version: str | None = None
    behind_batches: Count | None = None
    behind_readings: Count | None = None
    oldest_ms: Count | None = None
    spool_used: Count | None = None
    spool_limit: Count | None = None
    spool_warning: bool | None = None
    refused: Count | None = None
    clock_trusted: bool | None = None
    hears_site: bool = False


class IngestService:
    """Takes sealed batches from a broker into a ledger.

    Args:
        broker, settings: where from, and how much at a time.
        ledger: where to.
        registry: whose keys count.
        acknowledge_early: the fault suites' control, which must lose readings: every batch is acknowledged as it comes.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        settings: IngestSettings,
        ledger: Ledger,
        registry: CurrentRegistry,
        clock: Clock,
        *,
        acknowledge_early: bool = False,
    ) -> None:
        self.statuses: dict[str, dict[str, Any]] = {}
        self.connected = False
        self._broker = broker
        self._settings = settings
        self._clock = clock
        self._signatures = ThreadPoolExecutor(SIGNATURE_THREADS, thread_name_prefix="verify")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="append")
        self.intake = intake.Intake(
            ledger,
            lambda node: registry().keys_of(node),
            executor=self._signatures,
        )
        self._acknowledge_early = acknowledge_early

    async def run(self) -> None:
        """Receive until cancelled; a lost broker is tried again."""
        wait_s = RECONNECT_S[0]
        try:
            while True:
                try:
                    async with connected(self._connection()) as connection:
                        wait_s = RECONNECT_S[0]
                        await self._session(connection)
                except Unavailable as fault:
                    log.warning("ingest.disconnected", fault=str(fault))
                finally:
                    self.connected = False
                await self._clock.sleep(wait_s)
                wait_s = min(RECONNECT_S[1], wait_s * 2)
        finally:
            self._writer.shutdown(wait=True)
            self._signatures.shutdown(wait=True)

    def _connection(self) -> Connection:
        broker = self._broker
        return Connection(
            broker.host,
            broker.port,
            "coldchain-ingest",
            username=broker.username,
            password=broker.password,
            will=Will(topics.SERVER_STATUS, self._status(online=False), 1, True),
            hold_bytes=self._settings.batch_bytes,
            version5=False,
        )

    def _status(self, *, online: bool) -> bytes:
        session = rfc3339(self._clock.now_ms())
        return msgspec.json.encode({"online": online, "session": session, "version": __version__})

    async def _session(self, connection: Connection) -> None:
        await connection.subscribe([(topics.ALL_DATA, 0), (topics.ALL_STATUS, 0)])
        connection.send(topics.SERVER_STATUS, self._status(online=True), 1, retain=True)
        self.connected = True
        log.info("ingest.connected", host=self._broker.host, port=self._broker.port)
        try:
            async for first in connection.messages:
                await self._work(connection, await self._gather(connection, first))
        except asyncio.CancelledError:
            connection.send(topics.SERVER_STATUS, self._status(online=False), 1, retain=True)
            raise

    async def _gather(self, connection: Connection, first: Message) -> list[Message]:
        """Return what came within a linger of the first message, bounded by bytes and time."""
        gathered, size = [first], _size(first)
        deadline_s = self._clock.monotonic_s() + self._settings.batch_ms / 1000
        if not len(connection.messages) and self._settings.linger_ms:
            await self._clock.sleep(self._settings.linger_ms / 1000)
        while size < self._settings.batch_bytes and len(gathered) < MOST_MESSAGES:
            message = connection.at_hand()
            if message is None:
                break
            gathered.append(message)
            size += _size(message)
            if self._clock.monotonic_s() >= deadline_s:
                break
        return gathered

    async def _work(self, connection: Connection, gathered: list[Message]) -> None:
        batches = []
        for message in gathered:
            topic = str(message.topic)
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if topic.endswith("/data"):
                if not message.retain:  # a batch retained by mistake must not come again at each subscription
                    batches.append(intake.Message(topics.node_of(topic), payload))
            else:
                self._hear_status(topics.node_of(topic), payload)
        if batches:
            started_s = self._clock.monotonic_s()
            await self._append(connection, batches)
            if rest := rest_s(self._clock.monotonic_s() - started_s):
                await self._clock.sleep(rest)
        for message in gathered:
            connection.done(message)

    async def _append(self, connection: Connection, batches: list[intake.Message]) -> None:
        loop = asyncio.get_running_loop()
        if self._acknowledge_early:
            await self._promise(connection, batches)
        try:
            answers = await loop.run_in_executor(self._writer, self.intake.take, batches, self._clock.now_ms)
        except Unavailable as fault:  # disk full: nothing is acknowledged, the gateways keep it
            log.error("ingest.ledger_unavailable", fault=str(fault), batches=len(batches))
            await self._clock.sleep(DISK_PAUSE_S)
            return
        for answer in answers:
            connection.send(topics.ack(answer.node), answer.ack.encode())

    async def _promise(self, connection: Connection, batches: list[intake.Message]) -> None:
        for batch in batches:
            sealed = open_envelope(batch.payload)
            ack = Ack(sealed.epoch.hex(), sealed.seq, sealed.hash.hex(), self._clock.now_ms())
            connection.send(topics.ack(sealed.node), ack.encode())
        await self._clock.sleep(EARLY_S)

    def _hear_status(self, node: str, payload: bytes) -> None:
        try:
            status = msgspec.to_builtins(msgspec.json.decode(payload, type=_NodeStatus))
        except (msgspec.DecodeError, RecursionError):
            return  # an emptied retained message, or somebody else's: never on a page
        if node in self.statuses or len(self.statuses) < MAX_STATUSES:
            self.statuses[node] = {**status, "heard_at_ms": self._clock.now_ms()}


def _size(message: Message) -> int:
    return len(message.payload) if isinstance(message.payload, bytes) else 0
