"""What was accepted goes into the ledger: who heard of which transition, when, over which way.

A crash between the append and the mark says it once more; whoever reads it goes by the key.
"""

from __future__ import annotations

from sqlalchemy import select, update

from alerts.notify.content import State
from alerts.notify.sending import routes_of
from alerts.notify.store import NotifyStore
from alerts.notify.tables import content, message
from coldchain.crash import crash_point
from coldchain.ledger.port import Ledger
from coldchain.people import Told
from coldchain.registry import Change

AT_ONCE = 100
"""Messages that one transaction marks."""

IN_AN_ENTRY = 1_000
"""Alarms that one entry names; a storm's digest needs several."""

WHO = "notifier"


class Recording:
    """Appends what the ledger does not know yet."""

    def __init__(self, store: NotifyStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    def record(self, now_ms: int) -> int:
        """Record accepted messages and return how many.

        Raises:
            Unavailable: the ledger or the file takes no writes; nothing is lost.
        """
        waiting = select(message).where(message.c.state == State.ACCEPTED, ~message.c.recorded).limit(AT_ONCE)
        with self._store.engine.connect() as connection:
            rows = connection.execute(waiting).all()
            entries: list[bytes] = []
            for row in rows:
                told = select(content.c.alarm, content.c.ordinal).where(content.c.message == row.key)
                alarms = [(each.alarm, each.ordinal) for each in connection.execute(told.order_by(content.c.alarm))]
                way = routes_of(row)[row.route].way
                for part, start in enumerate(range(0, len(alarms), IN_AN_ENTRY)):
                    some = tuple(alarms[start : start + IN_AN_ENTRY])
                    put = Told(row.key, part, row.receiver, way, row.kind, row.ended_ms, some)
                    entries.append(Change(put, WHO, row.kind).encode())
        if not rows:
            return 0
        if entries:
            self._ledger.change(entries, now_ms)
        crash_point("after-record-before-mark")
        with self._store.writing() as connection:
            keys = [row.key for row in rows]
            connection.execute(update(message).where(message.c.key.in_(keys)).values(recorded=True))
        return len(rows)
