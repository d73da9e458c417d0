"""Shops whose server dies again and again while alarms come and go, beside providers that misbehave; and the books.

A kill here is an exception between two statements of either database, at a commit, or at a named crash point: what was
not committed is gone, as SQLite has it after a SIGKILL. The fault suite kills real processes.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event, func, select

from alerts.notify.channels.port import Accepted, Answer, Later, Message, Refused
from alerts.notify.tables import content, member
from alerts.tables import outbox
from alerts.writing import Writing
from coldchain.clock import parse_rfc3339
from tests.alerts.notify.desk import FakeChannel, NotifyDesk
from tests.alerts.support import MINUTE_MS, shop

CLERK, MANAGER = "person:li", "person:wang"


class Killed(BaseException):
    """The process is gone."""


class BadProvider(FakeChannel):
    """Takes messages, or takes them and drops the reply, or is away, or overrun, or refuses somebody."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.sound = False
        self.lost = 0

    async def send(self, message: Message) -> Answer:
        self.tried.append(message)
        draw = 1.0 if self.sound else self.chance.random()
        await asyncio.sleep(0)
        if draw < 0.10:
            return Later("503")
        if draw < 0.15:
            return Later("429", after_s=float(self.chance.randint(1, 40)))
        if draw < 0.18:
            return Refused("no such user")
        self.accepted.append(message)
        if draw < 0.28:
            self.lost += 1
            return Later("the reply was lost")
        return Accepted("ref")


class KilledDesk(NotifyDesk):
    """See the module.

    Attributes:
        rate: kills a statement.
        restarts: how often it died; ``after_send``: of these, when a provider had been asked and nobody knew.
    """

    def __init__(self, folder: Path, seed: int, *, coolers: int, rate: float) -> None:
        self.chance = random.Random(seed)
        self.rate = 0.0
        self.restarts = self.unmarked = 0
        self.engines: set[Engine] = set()
        super().__init__(folder)
        self.channels = {name: BadProvider(self.chance) for name in ("wecom-1", "sms-1")}
        self.put(*shop(coolers))
        self.settle()
        self.revive()
        self.rate = rate

    # -- dying ----------------------------------------------------------------------------------------------------

    def maybe_die(self, *_: Any, **__: Any) -> None:
        """Die, once in a while."""
        if self.rate and self.chance.random() < self.rate:
            raise Killed

    def watched(self, engine: Engine) -> None:
        if engine in self.engines:
            return
        self.engines.add(engine)
        event.listen(engine, "before_cursor_execute", self.maybe_die)
        event.listen(engine, "commit", self.maybe_die)

    def revive(self) -> None:
        """Start judge and notifier from what is durable."""
        rate, self.rate = self.rate, 0.0
        self.restart()
        self.start_notifier()
        self.watched(self.store.engine)
        self.watched(self.notes.engine)
        self.rate = rate

    # -- living ---------------------------------------------------------------------------------------------------

    async def round(self) -> None:
        """Let judge and notifier work once, or die trying."""
        try:
            self.work()
            self.notifier.look()
            self.sending.start_due()
            await self.sending.landed()
            self.recording.record(self.clock.now_ms())
        except Killed:
            self.restarts += 1
            for task in list(self.sending._flying.values()):
                task.cancel()
            await asyncio.gather(*self.sending._flying.values(), return_exceptions=True)
            self.revive()

    async def live(self, minutes: int, coolers: int) -> None:
        """Let coolers get warm and cold by chance, one reading a minute each."""
        warm = [False] * coolers
        for _ in range(minutes):
            now_ms = self.clock.now_ms()
            for number in range(coolers):
                if self.chance.random() < (0.03 if warm[number] else 0.02):
                    warm[number] = not warm[number]
            self.send("gw", [(f"urn:p{n}:t", now_ms, 9.0 if warm[n] else 4.0) for n in range(coolers)])
            for _ in range(3):
                await self.round()
                self.clock.advance_sync(20.0)
                self.received_ms = self.clock.now_ms()

    async def end(self, coolers: int) -> None:
        """Everything gets cold and stays so, nobody dies any more, and providers are sound."""
        self.rate = 0.0
        for channel in self.channels.values():
            channel.sound = True  # type: ignore[attr-defined]
        for _ in range(30):
            now_ms = self.clock.now_ms()
            self.send("gw", [(f"urn:p{n}:t", now_ms, 4.0) for n in range(coolers)])
            await self.round()
            self.pass_minutes(1)
        for _ in range(60):
            await self.round()
            self.clock.advance_sync(20.0)

    # -- the books ------------------------------------------------------------------------------------------------

    def paged(self) -> set[str]:
        """Return every alarm of which the judge decided a page."""
        with self.store.engine.connect() as connection:
            return {row[0] for row in connection.exec_driver_sql("SELECT DISTINCT alarm FROM page")}

    def long_unanswered(self) -> set[str]:
        """Return every alarm that stood unacknowledged for more than the 20 min until the manager is asked."""
        return {
            str(alarm["id"])
            for alarm in self.alarms()
            if str(alarm["id"]) in self.paged()
            and self._ended_ms(alarm) - parse_rfc3339(alarm["raised_at"]) > 21 * MINUTE_MS
        }

    def _ended_ms(self, alarm: dict[str, Any]) -> int:
        steps = [step for step in self.steps(alarm["id"]) if step["trigger"] == "return"]
        assert steps, "everything is over in the end"
        return parse_rfc3339(steps[-1]["at"])

    def delivered(self) -> set[tuple[str, str]]:
        """Return (alarm, receiver) of everything that a provider accepted."""
        accepted = {message.key.rpartition("-")[0] for each in self.channels.values() for message in each.accepted}
        with self.notes.engine.connect() as connection:
            rows = connection.execute(select(content.c.alarm, content.c.receiver, content.c.message)).all()
        return {(row.alarm, row.receiver) for row in rows if row.message in accepted}

    def never_told_over(self) -> list[tuple[str, str]]:
        """Return (alarm, receiver) of those who were told that something began, and not that it is over."""
        with self.notes.engine.connect() as connection:
            rows = connection.execute(select(member).where(member.c.told_ordinal > 0, ~member.c.told_over)).all()
        return [(row.alarm, row.receiver) for row in rows]

    def sent_twice(self) -> int:
        """Return how many messages a provider accepted more than once, counted by key."""
        counts = Counter(message.key for each in self.channels.values() for message in each.accepted)
        return sum(count - 1 for count in counts.values())

    def replies_lost(self) -> int:
        """Return how many replies a provider dropped."""
        return sum(each.lost for each in self.channels.values())  # type: ignore[attr-defined]


@contextmanager
def outbox_apart(desk: KilledDesk) -> Iterator[None]:
    """Write the outbox in a transaction of its own behind that of the alarm: the control that must lose something."""
    put, work = Writing.put, desk.work
    waiting: list[dict[str, Any]] = []

    def apart(writing: Writing, *arguments: Any) -> None:
        newest = writing.connection.execute(select(func.max(outbox.c.seq))).scalar() or 0
        put(writing, *arguments)
        for row in writing.connection.execute(select(outbox).where(outbox.c.seq > newest)).all():
            waiting.append({name: value for name, value in row._asdict().items() if name != "seq"})
            writing.connection.execute(outbox.delete().where(outbox.c.seq == row.seq))

    def work_then_tell() -> None:
        try:
            work()
            desk.maybe_die()
        except Killed:
            waiting.clear()
            raise
        if waiting:
            with desk.store.engine.execution_options(writing=True).begin() as connection:
                connection.execute(outbox.insert(), waiting)
            waiting.clear()

    with patch.object(Writing, "put", apart), patch.object(desk, "work", work_then_tell):
        yield
