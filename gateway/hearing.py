"""What a gateway hears, kept before it is answered.

::

    on site: coldchain/v1/{node}/site/{sensor}/data on the site broker ─┐
    door:    coldchain/v1/{sensor}/plain, and `gateway.sources`,        ├─▶ decode ─▶ spool, fsync ─▶ PUBACK
             on the uplink broker                                      ─┘                              204
             POST /push/{sensor}  (`gateway.push`)  ────────────────────┤
             JT/T 808 over TCP  (`gateway.jt808`)  ─────────────────────┘                              0x8001

A *door* is a gateway beside the server for sensors that have none: it has its own id, spool and seal, and its evidence
begins at the door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
import structlog

from coldchain import topics
from coldchain.bus import Connection, Message
from coldchain.clock import Clock
from coldchain.errors import Unavailable
from coldchain.settings import GatewaySettings
from gateway.formats import Format, Formats, Heard
from gateway.intake import Moment, SiteIntake

TAKE_MESSAGES = 500
REFUSED_PAUSE_S = 1.0

log = structlog.get_logger()


class Host(Protocol):
    """What the gateway around lends: its clock, its spool's thread, its voice."""

    node: str

    def now(self) -> Moment: ...

    async def on_spool(self, work: Callable[..., Any], *args: Any) -> Any: ...

    def confess(self, word: str) -> None: ...

    def listens(self, listening: bool) -> None: ...

    def taken(self) -> None: ...


class Said(msgspec.Struct, frozen=True, gc=False):
    """One message of a sensor.

    Attributes:
        sensor: its level of the topic; the whole topic for a foreign source.
        history: its own times count however old they are.
        plain: it has no gateway, and a name of its own without ``urn:`` is put under the sensor's.
        form: its format where whoever heard it knows; None: the one that the settings name for the sensor.
    """

    sensor: str
    payload: bytes
    history: bool = False
    plain: bool = False
    form: Format | None = None


def formats_of(settings: GatewaySettings) -> Formats:
    """Return which format each sensor and each source speaks.

    Raises:
        ConfigError: a format that is not known.
    """
    sources = {name.replace("+", "*").replace("#", "*"): form for name, form in settings.sources.items()}
    return Formats({**sources, **settings.formats})


def full_name(sensor: str, name: str) -> str:
    """Return the channel of a sensor without a gateway: a bare name belongs to that sensor.

    >>> full_name("my-fridge", "temperature"), full_name("my-fridge", "urn:dev:mac:0024befffe804ff1:temperature")
    ('urn:coldchain:plain:my-fridge:temperature', 'urn:dev:mac:0024befffe804ff1:temperature')
    """
    return name if name.startswith("urn:") else f"urn:coldchain:plain:{sensor}:{name}"


class Hearing:
    """Takes messages into the spool and answers them when they are durable."""

    def __init__(self, settings: GatewaySettings, intake: SiteIntake, host: Host, clock: Clock) -> None:
        self._settings = settings
        self._intake = intake
        self._host = host
        self._clock = clock
        self._one = asyncio.Lock()

    @property
    def subscriptions(self) -> list[tuple[str, int]]:
        """What to subscribe to, with QoS 1."""
        if not self._settings.door:
            return [(topics.all_site_data(self._host.node), 1)]
        return [(topics.ALL_PLAIN, 1), *((name, 1) for name in self._settings.sources)]

    async def session(self, connection: Connection) -> None:
        """Hear until the connection ends."""
        await connection.subscribe(self.subscriptions)
        self._host.listens(True)
        try:
            async for first in connection.messages:
                messages = [first]
                while len(messages) < TAKE_MESSAGES and (message := connection.at_hand()) is not None:
                    messages.append(message)
                await self.take([said for message in messages if (said := self._said(message)) is not None])
                for message in messages:
                    connection.done(message)
        finally:
            self._host.listens(False)

    def _said(self, message: Message) -> Said | None:
        if not isinstance(message.payload, bytes) or message.retain:
            return None
        topic = str(message.topic)
        if not self._settings.door:
            sensor = topics.sensor_of(topic)
            return Said(sensor, message.payload, self._says_history(sensor, message))
        if topic.endswith("/plain") and (sensor := topics.node_of(topic)):
            return Said(sensor, message.payload, self._says_history(sensor, message), plain=True)
        return Said(topic, message.payload, topic in self._settings.history_sensors)

    def _says_history(self, sensor: str, message: Message) -> bool:
        if sensor in self._settings.history_sensors:
            return True
        properties = getattr(message.properties, "UserProperty", None) or []
        return ("history", "1") in properties

    async def take(self, said: Sequence[Said]) -> None:
        """Keep messages, durable on return; a full spool is waited for, and confessed."""
        refused = False
        async with self._one:  # what was decoded and is not yet kept belongs to one caller
            heard, now = self._decoded(said)
            while True:
                try:
                    await self._keep(heard, now)
                    break
                except Unavailable as fault:
                    if not refused:
                        self._intake.counters.add("refused", len(heard))
                        log.error("gateway.refused", node=self._host.node, readings=len(heard), fault=str(fault))
                    refused = True
                    await self._clock.sleep(REFUSED_PAUSE_S)
        if refused:
            await self._host.on_spool(self._host.confess, "refused-for-space")

    async def take_once(self, said: Said) -> int:
        """Keep one message, durable on return; return how many readings it had.

        Raises:
            Unavailable: no room, or somebody waits for room; nothing was kept, and whoever pushed tries again.
        """
        if self._one.locked():  # a push does not queue behind a full spool: its sender has a retry, we have no memory
            raise Unavailable("the spool is busy or full")
        async with self._one:
            heard, now = self._decoded([said])
            try:
                await self._keep(heard, now)
            except Unavailable:
                self._intake.counters.add("refused", len(heard))
                raise
        return len(heard)

    async def _keep(self, heard: Sequence[Heard], now: Moment) -> None:
        await self._host.on_spool(self._intake.keep, heard, now)
        self._intake.kept()
        self._host.taken()

    def rejections(self) -> dict[str, int]:
        """Return reason → how many messages or records were rejected for it so far."""
        return dict(self._intake.rejected)

    def _decoded(self, said: Sequence[Said]) -> tuple[list[Heard], Moment]:
        now = self._host.now()
        heard: list[Heard] = []
        self._intake.lost()  # of a connection that ended before its messages were kept
        for one in said:
            items = self._intake.decode(one.payload, now, history=one.history, sensor=one.sensor, form=one.form)
            if one.plain:
                items = [_named(item, full_name(one.sensor, item.name)) for item in items]
            heard += items
        return heard, now


def _named(item: Heard, name: str) -> Heard:
    return item if name == item.name else msgspec.structs.replace(item, name=name)
