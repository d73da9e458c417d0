"""What KPIs ask the alarm store and the notifier's file; reads beside both.

SQLite gathers columns as JSON: as rows, a month of 2,000 shops took four times as long.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine, case, func, select

from alerts.corrective.rows import matter_book, said_about
from alerts.corrective.tables import correction, matter
from alerts.kpi.alarming import COLUMNS, Alarms
from alerts.kpi.correcting import Corrections, Risk
from alerts.lifecycle import GONE, Trigger
from alerts.notify.content import State
from alerts.notify.tables import content, message
from alerts.tables import alarm, alarm_transition
from coldchain.corrective import RiskReport
from coldchain.corrective.fold import State as Correcting


class KpiReader:
    """Read access for KPIs.

    Args:
        alarms: the alarm store's. ``notes``: the notifier's.
    """

    def __init__(self, alarms: Engine, notes: Engine) -> None:
        self._alarms = alarms
        self._notes = notes

    def raised(self, from_ms: int, to_ms: int) -> dict[str, Alarms]:
        """Return site → its alarms that were raised in [from, to), the server's time, and not retracted or merged."""
        first = (
            select(func.min(alarm_transition.c.at_ms))
            .where(alarm_transition.c.alarm == alarm.c.id, alarm_transition.c.trigger == Trigger.ACKNOWLEDGE)
            .scalar_subquery()
        )
        columns = {
            "id": alarm.c.id,
            "asset": alarm.c.asset,
            "rule": alarm.c.rule,
            "raised_ms": alarm.c.raised_at_ms,
            "onset_ms": alarm.c.onset_ms,
            "ended_ms": alarm.c.ended_ms,
            "paged_ms": alarm.c.paged_at_ms,
            "acknowledged_ms": first,
            "chattering": alarm.c.chattering,
            "late": alarm.c.late_discovered,
        }
        inside = (alarm.c.raised_at_ms >= from_ms, alarm.c.raised_at_ms < to_ms, alarm.c.state.not_in(GONE))
        gathered = (func.json_group_array(columns[name]) for name in COLUMNS)
        chosen = select(alarm.c.site, *gathered).where(*inside).group_by(alarm.c.site)
        with self._alarms.connect() as connection:
            rows = connection.execute(chosen).all()
        return {site: Alarms(site, *map(msgspec.json.decode, gathered)) for site, *gathered in rows}

    def accepted(self, from_ms: int) -> dict[str, int]:
        """Return alarm → when a provider took the first message about it, of messages made at ``from_ms`` or later."""
        first = (
            select(content.c.alarm, func.min(message.c.ended_ms).label("at_ms"))
            .join(message, message.c.key == content.c.message)
            .where(message.c.made_ms >= from_ms, message.c.state == State.ACCEPTED)
            .group_by(content.c.alarm)
            .subquery()
        )
        chosen = select(func.json_group_array(first.c.alarm), func.json_group_array(first.c.at_ms))
        with self._notes.connect() as connection:
            alarms, at_ms = map(msgspec.json.decode, connection.execute(chosen).one())
        return dict(zip(alarms, at_ms, strict=True))

    def corrections(self, from_ms: int, to_ms: int) -> dict[str, Corrections]:
        """Return site → the corrective actions that were asked for in [from, to), but for void ones."""
        columns = (
            correction.c.begun_ms,
            correction.c.due_ms,
            correction.c.done_ms,
            case((correction.c.state == Correcting.CLOSED, 1), else_=0),
        )
        inside = (correction.c.begun_ms >= from_ms, correction.c.begun_ms < to_ms)
        chosen = select(correction.c.site, *map(func.json_group_array, columns))
        chosen = chosen.where(*inside, correction.c.state != Correcting.VOID).group_by(correction.c.site)
        with self._alarms.connect() as connection:
            rows = connection.execute(chosen).all()
        return {site: Corrections(*map(msgspec.json.decode, gathered)) for site, *gathered in rows}

    def risks(self, from_ms: int, to_ms: int) -> list[Risk]:
        """Return the risks that somebody named in [from, to); where one was said anew, its last word."""
        chosen = select(matter.c.about, matter.c.site, matter.c.at_ms)
        chosen = chosen.where(matter.c.kind == "risk", matter.c.at_ms >= from_ms, matter.c.at_ms < to_ms)
        found = []
        with self._alarms.connect() as connection:
            for about, site, at_ms in connection.execute(chosen).all():
                _, put = matter_book(said_about(connection, [about]))
                found.append(Risk(site, at_ms, isinstance(put, RiskReport) and put.sent_ms is not None))
        return found
