"""What is told once a day: what was found late, what rang nobody, what is still open; or that all is well.

::

    readers of the plan ─▶ a timer each ─▶ due: what became of their sites since the last one ─▶ message

A quiet day is told, too: a message that does not come says that something is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.sql import ColumnElement

from alerts.lifecycle import GONE, OPEN, Telling
from alerts.notify.content import Content
from alerts.notify.directory import Directory, Reader, Receiver
from alerts.notify.messages import key_of, put_message
from alerts.notify.notices import Told, told_of
from alerts.notify.tables import digest
from alerts.tables import alarm
from coldchain.people import NotifyPlan

IN = 500
SHOWN = 20
"""Alarms that one digest lists; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Found:
    """Alarms of a kind: the newest of them, at most `SHOWN`, and how many there are."""

    newest: tuple[Told, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """What became of some sites in [from, to), server's time.

    Attributes:
        late: alarms that were found late. ``lesser``: others that rang nobody.
        paged: how many rang somebody. ``still_open``: how many of any age stand.
    """

    from_ms: int
    to_ms: int
    late: Found
    lesser: Found
    paged: int
    still_open: int

    @property
    def is_quiet(self) -> bool:
        """Nothing happened and nothing is open."""
        return not (self.late.count or self.lesser.count or self.paged or self.still_open)


DayComposer = Callable[[Receiver, Day], Content]


def day_of(engine: Engine, sites: frozenset[str] | None, from_ms: int, to_ms: int) -> Day:
    """Return what became of some sites (None: of all) since the last digest."""
    here = alarm.c.site.in_(sorted(sites)) if sites is not None else alarm.c.site.is_not(None)
    raised = (here, alarm.c.state.not_in(GONE), alarm.c.raised_at_ms >= from_ms, alarm.c.raised_at_ms < to_ms)
    silent = (*raised, alarm.c.paged_at_ms.is_(None), alarm.c.telling == Telling.DIGEST)
    with engine.begin() as connection:
        return Day(
            from_ms,
            to_ms,
            late=_found(connection, *silent, alarm.c.late_discovered),
            lesser=_found(connection, *silent, ~alarm.c.late_discovered),
            paged=_count(connection, here, alarm.c.paged_at_ms >= from_ms, alarm.c.paged_at_ms < to_ms),
            still_open=_count(connection, here, alarm.c.state.in_(OPEN)),
        )


def _found(connection: Connection, *chosen: ColumnElement[bool]) -> Found:
    newest = select(alarm).where(*chosen).order_by(alarm.c.raised_at_ms.desc(), alarm.c.id).limit(SHOWN)
    return Found(tuple(told_of(row) for row in connection.execute(newest)), _count(connection, *chosen))


def _count(connection: Connection, *chosen: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(alarm).where(*chosen)).scalar_one())


class Digests:
    """Makes them.

    Args:
        alarms: the alarm store, to read.
    """

    def __init__(self, directory: Directory, alarms: Engine, compose: DayComposer) -> None:
        self._directory = directory
        self._alarms = alarms
        self._compose = compose

    def keep(self, connection: Connection, now_ms: int) -> None:
        """Bring the timers to who gets which digest now; a new reader's first one tells of a day."""
        wanted = {(reader.number, reader.receiver): reader for reader in self._directory.readers()}
        known = {(row.number, row.receiver): row for row in connection.execute(select(digest))}
        for key in known.keys() - wanted.keys():
            connection.execute(delete(digest).where(digest.c.number == key[0], digest.c.receiver == key[1]))
        new = [wanted[key] for key in wanted.keys() - known.keys()]
        if new:
            rows = [
                {
                    "number": reader.number,
                    "receiver": reader.receiver,
                    "from_ms": now_ms,
                    "next_ms": self._directory.digest_at(reader, now_ms),
                }
                for reader in new
            ]
            connection.execute(insert(digest), rows)

    def make(self, connection: Connection, now_ms: int) -> bool:
        """Make those that are due; say whether any was."""
        due = connection.execute(select(digest).where(digest.c.next_ms <= now_ms).limit(IN)).all()
        if not due:
            return False
        readers = {(reader.number, reader.receiver): reader for reader in self._directory.readers()}
        days: dict[tuple[frozenset[str] | None, int], Day] = {}
        for row in due:
            reader = readers.get((row.number, row.receiver))
            next_ms = self._directory.digest_at(reader, now_ms) if reader else now_ms + 86_400_000
            chosen = (digest.c.number == row.number, digest.c.receiver == row.receiver)
            connection.execute(update(digest).where(*chosen).values(from_ms=row.next_ms, next_ms=next_ms))
            if reader is None:
                continue
            key = reader.sites, row.from_ms
            if key not in days:
                days[key] = day_of(self._alarms, reader.sites, row.from_ms, row.next_ms)
            self._tell(connection, reader, days[key], self._directory.plan, now_ms)
        return True

    def _tell(self, connection: Connection, reader: Reader, day: Day, plan: NotifyPlan, now_ms: int) -> None:
        receiver = self._directory.digest_routes(reader)
        if receiver is None or not receiver.routes:
            return
        if day.is_quiet and not plan.digests[reader.number].quiet_days:
            return
        said = self._compose(receiver, day)
        key = key_of(f"digest {reader.number} {reader.receiver} {day.to_ms}")
        put_message(connection, key, receiver, said, now_ms)
