"""报警演练: once a month everybody who may be asked gets a message, and confirms it; who does not is found by name.

A chain is worth as much as the telephone numbers in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from alerts.notify.content import Content
from alerts.notify.directory import Directory, Receiver
from alerts.notify.messages import key_of, put_message
from alerts.notify.tables import drill, meta

DrillComposer = Callable[[Receiver, str], Content]
"""From a receiver and the message's key to its words."""

IN_TIME_MS = 10 * 60_000
"""Confirmed within so long counts as reached."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What became of one person's message; ``confirmed_ms`` None: nothing yet."""

    key: str
    receiver: str
    sent_ms: int
    confirmed_ms: int | None

    @property
    def in_time(self) -> bool:
        """It was confirmed within `IN_TIME_MS`."""
        return self.confirmed_ms is not None and self.confirmed_ms - self.sent_ms <= IN_TIME_MS


class Drills:
    """Makes them."""

    def __init__(self, directory: Directory, compose: DrillComposer) -> None:
        self._directory = directory
        self._compose = compose

    def keep(self, connection: Connection, now_ms: int) -> None:
        """Bring the timer to what the plan says."""
        due_ms = self._directory.drill_at(now_ms)
        known = connection.execute(select(meta.c.value).where(meta.c.key == "drill")).scalar_one()
        if known > now_ms or known == 0:
            connection.execute(update(meta).where(meta.c.key == "drill").values(value=due_ms))

    def make(self, connection: Connection, now_ms: int) -> None:
        """Ask everybody, if it is time."""
        due_ms = connection.execute(select(meta.c.value).where(meta.c.key == "drill")).scalar_one()
        if not 0 < due_ms <= now_ms:
            return
        for receiver in self._directory.drilled():
            ask(connection, receiver, self._compose, now_ms)
        connection.execute(update(meta).where(meta.c.key == "drill").values(value=self._directory.drill_at(now_ms)))


def ask(connection: Connection, receiver: Receiver, compose: DrillComposer, now_ms: int) -> str:
    """Ask one person now and return the message's key."""
    key = key_of(f"drill {receiver.id} {now_ms}")
    put_message(connection, key, receiver, compose(receiver, key), now_ms)
    row = {"key": key, "receiver": receiver.id, "sent_ms": now_ms, "confirmed_ms": None}
    connection.execute(insert(drill), row)
    return key


def confirm(connection: Connection, key: str, now_ms: int) -> Drilled | None:
    """Note that somebody confirmed a message; the first time counts. None: there is no such message."""
    unsaid = (drill.c.key == key, drill.c.confirmed_ms.is_(None))
    connection.execute(update(drill).where(*unsaid).values(confirmed_ms=now_ms))
    row = connection.execute(select(drill).where(drill.c.key == key)).first()
    return None if row is None else Drilled(row.key, row.receiver, row.sent_ms, row.confirmed_ms)


def drills(engine: Engine, from_ms: int, to_ms: int) -> list[Drilled]:
    """Return the messages of drills sent in [from, to), by receiver."""
    chosen = select(drill).where(drill.c.sent_ms >= from_ms, drill.c.sent_ms < to_ms).order_by(drill.c.receiver)
    with engine.connect() as connection:
        return [Drilled(row.key, row.receiver, row.sent_ms, row.confirmed_ms) for row in connection.execute(chosen)]
