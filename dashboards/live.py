"""Live push: one look at the `latest` projection twice a second, one encoding for everybody.

::

    latest.since(position)      ─┐
    alarms.since(change)        ─┼─▶ frame (encoded once) ─▶ every client that stands where the frame begins
    pending, registry, gateways ─┘                          └▶ a client that fell behind gets its own catch-up

A client names its last position when it returns and gets what changed since. A slow client costs no memory: frames are
not queued for it, the newest value wins in its next catch-up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from alerts.readmodel import MAX_PAGE
from coldchain.clock import rfc3339
from dashboards.reading import meaning_of
from dashboards.sources import Sources

LOOK_EVERY_S = 0.5
HEARTBEAT_S = 5.0
EVERYTHING = -1

log = structlog.get_logger()


class Pending(msgspec.Struct, frozen=True):
    """A point beyond a limit whose on-delay runs; no alarm yet.

    Attributes:
        rule: ``high``, ``low``, ``product`` or ``air``.
        since: measured time of the first sample out, RFC 3339.
        held_s: how much of the on-delay has passed at the point's last sample; holes do not count.
    """

    point: str
    rule: str
    since: str
    held_s: int


class Frame(msgspec.Struct, omit_defaults=False):
    """What the page gets; see docs/contracts.md.

    Attributes:
        latest, alarms: what changed since the client's stand; everything when ``full``.
        pending, gateways: always the whole list, which is short.
    """

    position: int
    server_time: str
    full: bool
    latest: list[tuple[str, int | None, float | None, int]]
    alarms: list[dict[str, object]]
    pending: list[Pending]
    registry: int
    gateways: list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Stand:
    """How far somebody has seen: ledger position of `latest`, change number of the alarms."""

    position: int
    change: int

    def before(self, other: _Stand) -> bool:
        """Whether everything seen here was seen there too; a frame that begins before a stand only repeats."""
        return self.position <= other.position and self.change <= other.change


@dataclass(frozen=True, slots=True)
class _Sent:
    begins: _Stand
    ends: _Stand
    raw: bytes


class LiveHub:
    """Looks at the projections and tells every open page."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._news = asyncio.Condition()
        self._last: _Sent | None = None
        self._told = 0
        self._quiet_s = 0.0
        self._stand = _Stand(0, 0)
        self._facts: tuple[int, list[dict[str, object]], list[Pending]] = (0, [], [])
        self.clients = 0

    async def run(self) -> None:
        """Look and tell until cancelled."""
        self._stand = await asyncio.to_thread(self._now)
        while True:
            await self._sources.clock.sleep(LOOK_EVERY_S)
            if not self.clients:
                continue
            try:
                await self._look()
            except Exception:  # a store that is busy or being replaced: pages say how old they are, the next look helps
                log.exception("live.look_failed")

    async def _look(self) -> None:
        frame, ends = await asyncio.to_thread(self._frame, self._stand, False)
        facts = (frame.registry, frame.gateways, frame.pending)
        self._quiet_s += LOOK_EVERY_S
        if ends == self._stand and facts == self._facts and self._quiet_s < HEARTBEAT_S:
            return
        self._quiet_s = 0.0
        async with self._news:
            self._last = _Sent(self._stand, ends, msgspec.json.encode(frame))
            self._stand, self._facts = ends, facts
            self._told += 1
            self._news.notify_all()

    async def serve(self, socket: WebSocket, since: int) -> None:
        """Bring one page up to date and keep it so until it goes away."""
        self.clients += 1
        try:
            now = await asyncio.to_thread(self._now)
            position = since if 0 < since <= now.position else EVERYTHING
            seen = self._told  # before the look: what is told during it is news to this page
            stand = await self._catch_up(socket, _Stand(position, EVERYTHING))
            while True:
                async with self._news:
                    await self._news.wait_for(lambda: self._told > seen)  # noqa: B023 - awaited at once
                    seen, sent = self._told, self._last
                if sent is None or (sent.ends != stand and sent.ends.before(stand)):
                    continue  # this page is ahead of the hub
                if sent.begins.before(stand):
                    await socket.send_text(sent.raw.decode())
                    stand = sent.ends
                else:
                    stand = await self._catch_up(socket, stand)
        finally:
            self.clients -= 1

    async def _catch_up(self, socket: WebSocket, stand: _Stand) -> _Stand:
        frame, ends = await asyncio.to_thread(self._frame, stand, stand.position == EVERYTHING)
        await socket.send_text(msgspec.json.encode(frame).decode())
        return ends

    # -- looking (in a thread) --------------------------------------------------------------------------------

    def _now(self) -> _Stand:
        return _Stand(self._sources.latest.cursor(), self._sources.alarms.change())

    def _frame(self, stand: _Stand, full: bool) -> tuple[Frame, _Stand]:
        sources = self._sources
        now_ms = sources.clock.now_ms()
        ends = self._now()  # before the rows: what they show may be newer, never older
        registry = sources.registry()
        rows = sources.latest.since(stand.position) if stand.position < ends.position else []
        alarms = list(_alarms(sources, stand.change)) if stand.change < ends.change else []
        frame = Frame(
            position=ends.position,
            server_time=rfc3339(now_ms),
            full=full,
            latest=[(row.point, row.measured_at_ms, meaning_of(registry, row), row.quality) for row in rows],
            alarms=alarms,
            pending=[
                Pending(point=p.point, rule=p.rule, since=rfc3339(p.since_ms), held_s=p.held_ms // 1000)
                for p in sources.alarms.pending()
            ],
            registry=registry.version,
            gateways=[
                {
                    "node": node,
                    "online": bool(status.get("online")),
                    "behind_batches": int(status.get("behind_batches") or 0),
                    "since": rfc3339(int(status["heard_at_ms"])),
                }
                for node, status in sorted(sources.statuses().items())
            ],
        )
        if not full:
            for gateway in frame.gateways:
                gateway.pop("since") if gateway["online"] else None
        return frame, ends


def _alarms(sources: Sources, change: int) -> Iterator[dict[str, object]]:
    """Yield the alarms that changed after a change number; for a page that knows nothing, those that are open."""
    after: str | None = None
    while change == EVERYTHING:
        page = sources.alarms.alarms(open_only=True, limit=MAX_PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return
    while found := sources.alarms.since_change(change, limit=MAX_PAGE):
        yield from found
        change = int(str(found[-1]["change"]))


def router(hub: LiveHub) -> APIRouter:
    """Return the WebSocket route."""
    live = APIRouter()

    @live.websocket("/api/v1/live")
    async def _live(socket: WebSocket, since: int = 0) -> None:
        if not _same_origin(socket):
            await socket.close(1008)
            return
        await socket.accept()
        listening = asyncio.ensure_future(_until_gone(socket))
        serving = asyncio.ensure_future(hub.serve(socket, since))
        done, pending = await asyncio.wait({listening, serving}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for task in (*done, *pending):
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await task

    return live


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _same_origin(socket: WebSocket) -> bool:
    """A browser says where its page came from; a foreign page must not listen."""
    origin = socket.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == socket.headers.get("host")
