"""A gateway as a process: two MQTT connections around a spool.

::

    site broker ─QoS 1─▶ hearing ─fsync─▶ PUBACK    every task waits on the broker or on the clock;
                          │                         the spool is touched by one thread only
                        SPOOL ──▶ _seal ──▶ _send ─QoS 1─▶ uplink broker
                          ▲                                   │
                          └──────────── _hear (ack) ◀─────────┘
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldchain import __version__, topics
from coldchain.bus import Connection, Will, connected
from coldchain.clock import Clock, boot_id, ntp_synchronised, rfc3339
from coldchain.crash import crash_point
from coldchain.errors import RejectedReading, Unavailable
from coldchain.keys import load_or_make
from coldchain.seal import Ack, seal
from coldchain.senml import Row
from coldchain.settings import BrokerSettings, GatewaySettings
from gateway import push
from gateway.hearing import Hearing, formats_of
from gateway.intake import Moment, SiteIntake
from gateway.jt808.listener import Listener
from gateway.outbox import Outbox
from gateway.sender import Mark, NewEpoch
from gateway.spool import Room
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import Timebase, untimed_name

TICK_S = 0.1
STATUS_PATIENCE_S = 1.0
"""How long a new uplink waits for the server's retained status before it sends without one."""

DISK_PAUSE_S = 1.0
STATUS_EVERY_S = 5.0
RECONNECT_S = (0.2, 5.0)
SITE_SESSION_S = 7 * 86_400
"""The site broker keeps messages for a gateway that is away this long."""


P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger()


class Gateway:
    """One node's gateway.

    Args:
        settings: its own section.
        clock: wall and steady time.
        chance: source of epochs and jitter.
        ntp: says whether the system's clock is synchronised.
        trust_puback: the fault suites' control, which must lose readings: the broker is believed.

    Raises:
        ConfigError: a format that is not known.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        clock: Clock,
        chance: random.Random | None = None,
        *,
        ntp: Callable[[], bool] = ntp_synchronised,
        trust_puback: bool = False,
    ) -> None:
        formats = formats_of(settings)
        self._trust_puback = trust_puback
        self._ntp = ntp
        self.settings = settings
        self.node = settings.node
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._key_file = settings.key_file or settings.spool.with_suffix(".key")
        self._key: Ed25519PrivateKey = load_or_make(self._key_file)
        self._spool = SqliteSpool(
            settings.spool,
            self.node,
            self._epoch(),
            limit_bytes=settings.spool_limit_mb << 20,
            keep_ms=settings.keep_days * 86_400_000,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._timebase = Timebase(boot_id())
        self._start_clock()
        self.intake = SiteIntake(self.node, self._spool, self._timebase, formats)
        self.hearing = Hearing(settings, self.intake, self, clock)
        self.terminals = Listener(settings.jt808, self.hearing, self, clock, lambda: self._epoch().hex())
        self.outbox = Outbox(self.node, self._spool, lambda body: seal(body, self._key), self._epoch)
        self._uplink: Connection | None = None
        self._site_heard = False
        self._status_due = asyncio.Event()
        self._server_offline = False
        self._status_by_s: float | None = None
        self._session = ""
        self._sent_at: dict[int, float] = {}
        self._work = asyncio.Event()
        self._started_s = clock.monotonic_s()
        self._warned = False

    def _epoch(self) -> bytes:
        return self._chance.randbytes(8)

    def _start_clock(self) -> None:
        offset = self._spool.note(f"offset:{self._timebase.boot}")
        confirmed = self._spool.note("clock_confirmed_ms")
        self._timebase.start(self._clock.now_ms(), ntp=self._ntp(), confirmed_ms=confirmed)
        if offset is not None:
            self._timebase.offset_ms, self._timebase.trusted = int(offset), True

    async def on_spool(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work on the spool's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))

    async def run(self) -> None:
        """Run until cancelled; leaves the spool closed."""
        try:
            await self.on_spool(self._begin)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_connected(self.hearing.session, self._sensors(), "site"))
                tasks.create_task(self._keep_connected(self._uplink_session, self.settings.uplink, "uplink"))
                tasks.create_task(self._seal_and_send())
                tasks.create_task(self._tell_status())
                if self.settings.push_port:
                    tasks.create_task(push.serve(self.hearing, self.settings))
                if self.settings.jt808.port:
                    tasks.create_task(self.terminals.run())
        finally:
            self._thread.shutdown(wait=True)
            self._spool.close()

    def _sensors(self) -> BrokerSettings:
        """Return the broker on which sensors are heard: a door's is the server's."""
        return self.settings.uplink if self.settings.door else self.settings.site

    def _begin(self) -> None:
        self.intake.settle(self.now())
        self.confess("boot")
        witness = self._key_file.with_suffix(".spooled")  # lies beside the key: a node that had a spool knows it
        if self._spool.is_new and witness.exists():
            self.confess("spool-lost")
        witness.touch()

    def confess(self, word: str) -> None:
        """Say something about this gateway in its own chain."""
        now = self.now()
        if self._timebase.trusted:
            taken_ms = self._timebase.now_ms(now.wall_ms)
            row = Row(f"urn:coldchain:{self.node}:event", taken_ms, word)
        else:  # sealed at once (taken at 0 is old enough), untimed: its acknowledgement is what tells the time
            taken_ms = 0
            row = Row(untimed_name(self.node, self._timebase.boot, "event"), now.steady_ms, word)
        try:
            self._spool.put([row], taken_ms)
        except Unavailable as fault:
            log.error("gateway.confession_lost", node=self.node, word=word, fault=str(fault))
        log.info("gateway.confessed", node=self.node, word=word, timed=self._timebase.trusted)

    # -- connections ------------------------------------------------------------------------------------------

    async def _keep_connected(self, session: Callable[[Connection], Any], broker: BrokerSettings, what: str) -> None:
        wait_s = RECONNECT_S[0]
        while True:
            started_s = self._clock.monotonic_s()
            try:
                async with connected(self._connection(broker, what)) as connection:
                    log.info("gateway.connected", node=self.node, to=what)
                    await session(connection)
            except Unavailable as fault:
                log.warning("gateway.disconnected", node=self.node, to=what, fault=str(fault))
            if self._clock.monotonic_s() - started_s > RECONNECT_S[1]:
                wait_s = RECONNECT_S[0]
            await self._clock.sleep(wait_s * (0.75 + 0.5 * self._chance.random()))
            wait_s = min(RECONNECT_S[1], wait_s * 2)

    def _connection(self, broker: BrokerSettings, what: str) -> Connection:
        site = what == "site"
        if not site:
            self._session = rfc3339(self._timebase.now_ms(self._clock.now_ms()))
        return Connection(
            broker.host,
            broker.port,
            f"{self.node}-{what}",
            username=broker.username,
            password=broker.password,
            manual_ack=site,
            session_s=SITE_SESSION_S if site else 0,
            version5=not (site and self.settings.door),  # a door hears thousands a second: no properties, a third of it
            will=None if site else Will(topics.status(self.node), self._status(online=False), 1, True),
        )

    # -- what hearing borrows (`gateway.hearing.Host`) --------------------------------------------------------

    def now(self) -> Moment:
        """Return now, by both clocks."""
        return Moment(self._clock.now_ms(), round(self._clock.monotonic_s() * 1000))

    def listens(self, listening: bool) -> None:
        """Take note whether sensors are heard, and say so."""
        self._site_heard = listening
        self._status_due.set()

    def taken(self) -> None:
        """Take note that there may be something to seal."""
        self._work.set()

    # -- what the terminals' listener borrows (`gateway.jt808.listener.Codes`) -------------------------------------

    async def recall(self, key: str) -> str | None:
        """Return what was remembered under a key."""
        return await self.on_spool(self._spool.note, key)

    async def remember(self, key: str, value: str) -> None:
        """Remember, durable on return.

        Raises:
            Unavailable: no room.
        """
        await self.on_spool(self._spool.remember, key, value)

    # -- server -----------------------------------------------------------------------------------------------

    async def _uplink_session(self, connection: Connection) -> None:
        self._server_offline = False
        self._status_by_s = self._clock.monotonic_s() + STATUS_PATIENCE_S
        await connection.subscribe([(topics.ack(self.node), 0), (topics.SERVER_STATUS, 0)])
        await self.on_spool(self.outbox.sender.lost_connection)
        self._uplink = connection
        try:
            self._status_due.set()
            self._work.set()
            async for message in connection.messages:
                if isinstance(message.payload, bytes):
                    await self._hear(str(message.topic), message.payload)
                connection.done(message)
        finally:
            self._uplink = None

    async def _hear(self, topic: str, payload: bytes) -> None:
        if topic == topics.SERVER_STATUS:
            self._status_by_s = None
            try:
                self._server_offline = not msgspec.json.decode(payload, type=dict[str, Any]).get("online", True)
            except msgspec.DecodeError:
                self._server_offline = False
            self._work.set()
            return
        try:
            ack = Ack.decode(payload)
        except RejectedReading as fault:
            log.warning("gateway.bad_ack", node=self.node, fault=str(fault))
            return
        now_s, wall_ms = self._clock.monotonic_s(), self._clock.now_ms()
        done = await self.on_spool(self.outbox.on_ack, ack, now_s, self._chance.random())
        if isinstance(done, Mark):
            await self.on_spool(self._hear_time, ack, now_s, wall_ms)
        elif isinstance(done, NewEpoch):
            self._sent_at.clear()
            log.warning("gateway.new_epoch", node=self.node, why=done.why, everything=done.everything)
        self._work.set()

    def _hear_time(self, ack: Ack, now_s: float, wall_ms: int) -> None:
        """Compare clocks as of the acknowledgement's arrival: a busy spool brings us here seconds later."""
        sent_s = self._sent_at.pop(ack.seq, None)
        self._sent_at = {seq: at for seq, at in self._sent_at.items() if seq > ack.seq}
        if sent_s is None:
            return
        was_trusted = self._timebase.trusted
        now = self.now()
        corrected = self._timebase.hear(ack.at, wall_ms, (now_s - sent_s) * 1000)
        if corrected is None:
            return
        if corrected:
            self._spool.remember(f"offset:{self._timebase.boot}", self._timebase.offset_ms)
            self.confess(f"clock-set:{corrected:+d}ms")
        if not was_trusted:
            log.info("gateway.clock_trusted", node=self.node, settled=self.intake.settle(now))
        if self._timebase.offset_ms == 0:
            confirmed = self._spool.note("clock_confirmed_ms") or 0
            if now.wall_ms - int(confirmed) > 60_000:
                self._spool.remember("clock_confirmed_ms", now.wall_ms)

    def _may_send(self) -> bool:
        """Whether there is an uplink and its server is not known, or about to be known, as offline."""
        if self._uplink is None or self._server_offline:
            return False
        return self._status_by_s is None or self._clock.monotonic_s() >= self._status_by_s

    async def _seal_and_send(self) -> None:
        while True:
            self._work.clear()
            online = self._may_send()
            age = self.settings.seal_age_s if online else self.settings.seal_age_offline_s
            now_ms = self._timebase.now_ms(self._clock.now_ms())
            try:
                made = await self.on_spool(self.outbox.seal_due, now_ms, age)
                sent = await self._send() if online else 0
            except Unavailable as fault:  # the disk is full: the readings stay as they are
                log.error("gateway.spool_unavailable", node=self.node, fault=str(fault))
                await self._clock.sleep(DISK_PAUSE_S)
                continue
            if not made and not sent:
                await self._rest(self._work, TICK_S)

    async def _rest(self, work: asyncio.Event, longest_s: float) -> None:
        """Wait for work, at most so long."""
        waiter = asyncio.ensure_future(work.wait())
        ticker = asyncio.ensure_future(self._clock.sleep(longest_s))
        try:
            await asyncio.wait({waiter, ticker}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            ticker.cancel()

    async def _send(self) -> int:
        sent = 0
        while self._may_send():
            now_s = self._clock.monotonic_s()
            raw = await self.on_spool(self.outbox.next_envelope, now_s, self._chance.random())
            if raw is None or self._uplink is None:
                break
            try:
                self._uplink.send(topics.data(self.node), raw, 1)
            except Unavailable:
                break
            crash_point("after-publish")
            # the first sending counts: an answer to it that comes after the second would look fast and be old
            self._sent_at.setdefault(self.outbox.sender.sent, now_s)
            sent += 1
            if self._trust_puback:
                await self._believe_the_broker()
        return sent

    async def _believe_the_broker(self) -> None:
        sender = self.outbox.sender
        batch = sender.batches.get(sender.sent)
        if batch is not None:
            ack = Ack(sender.epoch.hex(), batch.seq, batch.hash.hex(), self._clock.now_ms())
            await self.on_spool(self.outbox.on_ack, ack, self._clock.monotonic_s(), 0.0)

    # -- state ------------------------------------------------------------------------------------------------

    async def _tell_status(self) -> None:
        while True:
            self._status_due.clear()
            room: Room = await self.on_spool(self._spool.room)
            if room.warning and not self._warned:
                log.warning("gateway.spool_filling", node=self.node, used=room.used, limit=room.limit)
            self._warned = room.warning
            if self._uplink is not None:
                status = await self.on_spool(self._full_status, room)
                try:
                    self._uplink.send(topics.status(self.node), status, 1, retain=True)
                except Unavailable as fault:
                    log.debug("gateway.status_unsent", fault=str(fault))
            try:
                await self.on_spool(self._keep_house)
            except Unavailable as fault:
                log.error("gateway.spool_unavailable", node=self.node, fault=str(fault))
            await self._rest(self._status_due, STATUS_EVERY_S)

    def _keep_house(self) -> None:
        """Drop what is old, and look for the time while it is not known."""
        now = self.now()
        self._spool.prune(now.wall_ms)
        if self._timebase.trusted:
            return
        if self._ntp():
            self._timebase.trusted = True
            log.info("gateway.clock_trusted", node=self.node, settled=self.intake.settle(now))
        elif self._uplink is not None and not self._spool.behind():
            self.confess("time-unknown")  # the last answer came too slowly to tell the time: ask again

    def _full_status(self, room: Room) -> bytes:
        return self._status(
            online=True,
            behind_batches=len(self.outbox.sender.batches),
            behind_readings=self._spool.behind(),
            oldest_ms=self._spool.oldest_unacknowledged_ms(),
            spool_used=room.used,
            spool_limit=room.limit,
            spool_warning=room.warning,
            refused=self.intake.counters["refused"],
            clock_trusted=self._timebase.trusted,
            hears_site=self._site_heard,
        )

    def _status(self, *, online: bool, **more: object) -> bytes:
        return msgspec.json.encode({"online": online, "session": self._session, "version": __version__, **more})
