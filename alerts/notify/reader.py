"""What pages and the API may know of messages: who was told of an alarm, what waits, what nobody took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, func, select

from alerts.notify.content import Content, State
from alerts.notify.directory import Route
from alerts.notify.drills import Drilled, drills
from alerts.notify.tables import attempt, content, message

MAX_PAGE = 500

_content = msgspec.json.Decoder(Content).decode
_routes = msgspec.json.Decoder(tuple[Route, ...]).decode


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt; ``answer``: accepted, later, refused, broken."""

    at_ms: int
    way: str
    channel: str
    answer: str
    why: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message and how it went.

    Attributes:
        receiver: ``person:…`` or ``room:…``. ``way``: over which it went, or is tried now; empty: there is none.
        state: a `alerts.notify.content.State`. ``why``: the last answer that was no acceptance.
        made_ms, ended_ms: server's time; ``ended_ms`` None: it still waits.
        tries: each attempt, the first one first.
    """

    key: str
    receiver: str
    kind: str
    severity: str
    state: str
    way: str
    title: str
    lines: tuple[str, ...]
    alarms: int
    why: str
    made_ms: int
    ended_ms: int | None
    tries: tuple[Try, ...]


class NotifyReader:
    """Reads beside the notifier."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_alarm(self, alarm: str) -> list[SentMessage]:
        """Return the messages that tell of an alarm, the oldest first."""
        keys = select(content.c.message).where(content.c.alarm == alarm)
        chosen = select(message).where(message.c.key.in_(keys)).order_by(message.c.made_ms, message.c.key)
        with self._engine.begin() as connection:
            return [_sent(connection, row) for row in connection.execute(chosen.limit(MAX_PAGE)).all()]

    def newest(
        self, *, state: str = "", receiver: str = "", before_ms: int | None = None, limit: int = 50
    ) -> list[SentMessage]:
        """Return messages, the newest first.

        Args:
            state, receiver: only of these; empty: of all.
            before_ms: only those made before.
        """
        chosen = select(message).order_by(message.c.made_ms.desc(), message.c.key).limit(min(limit, MAX_PAGE))
        if state:
            chosen = chosen.where(message.c.state == state)
        if receiver:
            chosen = chosen.where(message.c.receiver == receiver)
        if before_ms is not None:
            chosen = chosen.where(message.c.made_ms < before_ms)
        with self._engine.begin() as connection:
            return [_sent(connection, row) for row in connection.execute(chosen).all()]

    def drills(self, from_ms: int, to_ms: int) -> list[Drilled]:
        """Return the messages of drills sent in [from, to), by receiver."""
        return drills(self._engine, from_ms, to_ms)

    def counts(self) -> dict[str, int]:
        """Return how many messages are in each state, and how many attempts there were."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(message.c.state, func.count()).group_by(message.c.state)).all()
            tries = connection.execute(select(func.count()).select_from(attempt)).scalar_one()
        found = {str(state): 0 for state in State} | {str(state): int(count) for state, count in rows}
        return {**found, "attempts": int(tries)}


def _sent(connection: Connection, row: Row[Any]) -> SentMessage:
    said, routes = _content(row.content), _routes(row.routes)
    tried = select(attempt).where(attempt.c.message == row.key).order_by(attempt.c.number)
    tries = tuple(Try(one.at_ms, one.way, one.channel, one.answer, one.why) for one in connection.execute(tried).all())
    return SentMessage(
        key=row.key,
        receiver=row.receiver,
        kind=row.kind,
        severity=row.severity,
        state=row.state,
        way=routes[row.route].way if routes else "",
        title=said.title,
        lines=said.lines,
        alarms=said.alarms,
        why=row.why,
        made_ms=row.made_ms,
        ended_ms=row.ended_ms,
        tries=tries,
    )
