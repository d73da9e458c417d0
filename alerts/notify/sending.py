"""The last stage: messages that wait go to their channel, and what it answered is kept.

::

    waiting ──send──▶ Accepted: accepted
       ▲            ├ Later: again, backing off; behind `fallback_s` the receiver's next way
       │            └ Refused, Broken: the next way at once
       └── next way ┘ none left: the next step of the alarm's chain is due now; Refused: failed, else tried on for a day

A message whose reply was lost is sent again with the same key, so a provider that honours keys shows it once, and any
other shows it one time too many for each reply lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Row, func, insert, select, update

from alerts.notify.channels.port import Accepted, Answer, Broken, Channel, Later, Message, Refused
from alerts.notify.content import Content, State
from alerts.notify.directory import Route
from alerts.notify.intake import rush
from alerts.notify.pictures import Pictures
from alerts.notify.store import NotifyStore
from alerts.notify.tables import attempt, content, message
from coldchain.clock import Clock
from coldchain.crash import crash_point

FIRST_RETRY_S, LONGEST_RETRY_S = 1.0, 20.0
"""Of a channel that did not take a message; a provider that comes back has its next message within 30 s."""

GIVE_UP_MS = 24 * 3_600_000
"""A message that nobody took in a day tells of nothing that can be acted on."""

BROKEN_MS = 5 * 60_000
"""An account that has to be mended is tried so often, where a receiver has no other way."""

ILLUSTRATED = "email"
"""The way whose messages have a chart."""

ABREAST = 4
"""Messages on the way to one channel: a provider that hangs for 30 s must not hold up all others."""

AT_ONCE = 64
MINUTE_MS = 60_000

log = structlog.get_logger()


@dataclass(slots=True)
class _Line:
    """A channel as the sender knows it: after a failure one message at a time tries it."""

    failures: int = 0
    until_ms: int = 0
    on_the_way: int = 0


class Sending:
    """Sends what waits.

    Args:
        channels: by name, as routes name them.
        fallback_s: how long a way is tried before the next one.
        chance: from 0 to 1, for the jitter.
        pictures: what draws the chart of a mail.
        budgets: attempts a minute of the channels that have a limit.
    """

    def __init__(
        self,
        store: NotifyStore,
        channels: Mapping[str, Channel],
        clock: Clock,
        fallback_s: Callable[[], int],
        chance: Callable[[], float],
        pictures: Pictures = lambda alarm, timezone: None,
        budgets: Mapping[str, int] | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._fallback_s = fallback_s
        self._chance = chance
        self._pictures = pictures
        self._budgets = budgets or {}
        self._lines = {name: _Line() for name in channels}
        self._flying: dict[str, asyncio.Task[None]] = {}

    def start_due(self) -> int:
        """Start to send what is due and return how many messages; `landed` waits for them."""
        now_ms = self._clock.now_ms()
        chosen = (
            select(message)
            .where(message.c.state == State.WAITING, message.c.next_ms <= now_ms)
            .order_by(message.c.next_ms, message.c.made_ms)
            .limit(AT_ONCE + len(self._flying))
        )
        with self._store.engine.connect() as connection:
            rows = connection.execute(chosen).all()
            left = {name: self._left(connection, name, now_ms) for name in {_route(row).channel for row in rows}}
        started = 0
        for row in rows:
            if row.key in self._flying:
                continue
            route = _route(row)
            line = self._lines.get(route.channel)
            if line is None:
                self._answered(row, Broken(f"the settings have no channel {route.channel}"))
                continue
            if now_ms < line.until_ms or line.on_the_way >= (1 if line.failures else ABREAST):
                continue
            if left[route.channel] <= line.on_the_way:
                continue
            line.on_the_way += 1
            self._flying[row.key] = asyncio.create_task(self._send(row, route, line))
            started += 1
        return started

    def _left(self, connection: Connection, channel: str, now_ms: int) -> int:
        """Return how many attempts a channel's budget leaves now, those on the way among them."""
        if channel not in self._budgets:
            return AT_ONCE
        recent = select(func.count()).where(attempt.c.channel == channel, attempt.c.at_ms > now_ms - MINUTE_MS)
        return self._budgets[channel] - int(connection.execute(recent).scalar_one())

    async def landed(self) -> None:
        """Wait until nothing is on the way."""
        while self._flying:
            await asyncio.gather(*self._flying.values())

    async def _send(self, row: Row[Any], route: Route, line: _Line) -> None:
        try:
            crash_point("before-send")
            said = _decode_content(row.content)
            picture = None
            if route.way == ILLUSTRATED and said.alarm:
                picture = await asyncio.to_thread(self._pictures, said.alarm, said.timezone)
            answer = await self._channels[route.channel].send(_message(row, route, said, picture))
            crash_point("after-send-before-mark")
            self._heed(line, answer)
            await asyncio.to_thread(self._answered, row, answer)
        finally:
            line.on_the_way -= 1
            self._flying.pop(row.key, None)

    def _heed(self, line: _Line, answer: Answer) -> None:
        if not isinstance(answer, Later):
            line.failures = 0
            return
        line.failures += 1
        line.until_ms = self._clock.now_ms() + round(1000 * self._pause_s(line.failures, answer))

    def _pause_s(self, failures: int, answer: Later) -> float:
        pause_s = min(FIRST_RETRY_S * 2.0 ** min(failures - 1, 10), LONGEST_RETRY_S)
        pause_s *= 0.5 + 0.5 * self._chance()
        return max(pause_s, answer.after_s or 0.0)

    def _answered(self, row: Row[Any], answer: Answer) -> None:
        """Keep what a channel answered, and what follows from it."""
        now_ms = self._clock.now_ms()
        route, routes = row.route, routes_of(row)
        number = row.attempts + 1
        why = "" if isinstance(answer, Accepted) else answer.why
        with self._store.writing() as connection:
            tried = {
                "message": row.key,
                "number": number,
                "at_ms": now_ms,
                "way": routes[route].way,
                "channel": routes[route].channel,
                "answer": type(answer).__name__.lower(),
                "why": why,
            }
            connection.execute(insert(attempt).prefix_with("OR REPLACE"), tried)
            values: dict[str, object] = {"attempts": number, "why": why}
            late = now_ms - row.begun_ms >= self._fallback_s() * 1000
            last = route + 1 >= len(routes)
            if isinstance(answer, Accepted):
                values |= {"state": State.ACCEPTED, "ended_ms": now_ms, "reference": answer.reference}
            elif not last and (late or not isinstance(answer, Later)):
                values |= {"route": route + 1, "begun_ms": now_ms, "next_ms": now_ms}
            elif isinstance(answer, Refused) or now_ms - row.made_ms >= GIVE_UP_MS:
                values |= {"state": State.FAILED, "ended_ms": now_ms}
            elif isinstance(answer, Broken):
                values |= {"next_ms": now_ms + BROKEN_MS}
            else:
                values |= {"next_ms": self._lines[routes[route].channel].until_ms}
            if last and not row.missed and not isinstance(answer, Accepted) and (late or not isinstance(answer, Later)):
                values |= {"missed": True}
                self._missed(connection, row)
            connection.execute(update(message).where(message.c.key == row.key).values(values))
        told = log.info if isinstance(answer, Accepted) else log.warning
        told(
            "notify.answer", message=row.key, receiver=row.receiver, why=why, **{k: tried[k] for k in ("way", "answer")}
        )

    def _missed(self, connection: Connection, row: Row[Any]) -> None:
        """Ask the next ones now: this receiver does not hear of it in time."""
        named = select(content.c.alarm).where(content.c.message == row.key)
        rush(connection, set(connection.execute(named).scalars()))


_decode_content = msgspec.json.Decoder(Content).decode
_decode_routes = msgspec.json.Decoder(tuple[Route, ...]).decode


def routes_of(row: Row[Any]) -> tuple[Route, ...]:
    """Return the ways of a row of `alerts.notify.tables.message`."""
    return _decode_routes(row.routes)


def _route(row: Row[Any]) -> Route:
    return routes_of(row)[int(row.route)]


def _message(row: Row[Any], route: Route, said: Content, picture: bytes | None) -> Message:
    return Message(
        key=f"{row.key}-{row.route}",
        to=route.address,
        language=said.language,
        title=said.title,
        lines=said.lines,
        link=said.link,
        severity=said.severity,
        kind=said.kind,
        facts=said.facts,
        picture=picture,
    )
