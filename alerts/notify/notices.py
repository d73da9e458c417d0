"""What the judge's outbox has for the notifier, each with its alarm as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from alerts.handlingrows import alarm_of
from alerts.lifecycle import Alarm
from alerts.tables import alarm, meta, outbox

AT_ONCE = 2_000
"""Notices that one transaction takes; as many in a storm take 0.3 s."""


IN = 500
"""Names in one list of a statement."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm as the store has it now, and where it is."""

    alarm: Alarm
    asset: str
    site: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One row of the outbox.

    Attributes:
        page: a page was decided with this transition. ``reason``: why, or why not.
        now: its alarm; at this transition, or a later one.
    """

    seq: int
    ordinal: int
    page: bool
    reason: str
    now: Told


def told_of(row: Row[Any]) -> Told:
    """Return a row of `alerts.tables.alarm`."""
    return Told(alarm_of(row), row.asset, row.site, row.ordinal)


class Outbox:
    """Reads beside the judge."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def name(self) -> int:
        """Return which outbox this is; an emptied alarm store has another."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(meta.c.value).where(meta.c.key == "outbox")).scalar_one())

    def end(self) -> int:
        """Return the last notice's number; 0: there is none."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.max(outbox.c.seq))).scalar() or 0)

    def read(self, after: int, limit: int = AT_ONCE) -> list[Notice]:
        """Return the notices behind a cursor, in order; each alarm as of one moment."""
        chosen = (
            select(outbox.c.seq, outbox.c.alarm, outbox.c.ordinal, outbox.c.page, outbox.c.reason)
            .where(outbox.c.seq > after)
            .order_by(outbox.c.seq)
            .limit(limit)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(chosen).all()
            known = _alarms(connection, sorted({row.alarm for row in rows}))
        return [Notice(row.seq, row.ordinal, bool(row.page), row.reason, known[row.alarm]) for row in rows]

    def alarms(self, names: list[str]) -> dict[str, Told]:
        """Return alarms by id, as they are now; unknown ones are left out."""
        with self._engine.connect() as connection:
            return _alarms(connection, names)


def _alarms(connection: Connection, names: list[str]) -> dict[str, Told]:
    return {
        row.id: told_of(row)
        for start in range(0, len(names), IN)
        for row in connection.execute(select(alarm).where(alarm.c.id.in_(names[start : start + IN])))
    }
