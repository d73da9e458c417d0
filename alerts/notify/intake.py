"""First stages: notices become subjects, subjects ask the steps of their chain, steps find receivers.

::

    notices ─▶ Intake.take ─▶ subject, its due steps, rooms ─▶ Escalation.fire ─▶ members ─▶ clusters stirred

Everything in the transaction of the cursor: a timer is a row, so none is lost and none fires twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, delete, insert, select, update

from alerts.lifecycle import GONE, SILENT, STANDING, AlarmState
from alerts.notify.clusters import Stir, stirred
from alerts.notify.directory import Directory
from alerts.notify.inhibiting import SOURCES
from alerts.notify.notices import IN, Notice, Told
from alerts.notify.tables import due_step, member, subject
from alerts.subjects import SERVER
from alerts.telling import worse

ROOM = -1
"""Step of a room, which is no step."""

AT_ONCE = 5_000
"""Steps that one transaction fires."""


_SubjectRow = Mapping[str, Any] | RowMapping


def kind_of(directory: Directory, told: Told) -> str:
    """Return what kind of chain an alarm takes: its asset's kind, ``site`` for one without, ``server`` for its own."""
    if told.alarm.episode.point.startswith(SERVER):
        return "server"
    return (directory.kind_of(told.asset) if told.asset else "") or "site"


class Intake:
    """Takes what the outbox has."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def take(
        self, connection: Connection, notices: Sequence[Notice], now_ms: int, *, heard_before: bool = False
    ) -> None:
        """Bring subjects up to date, begin the chains of new pages, end those that nobody is asked for any more.

        Args:
            heard_before: an emptied alarm store decides its pages once more: of an alarm that people were told of only
                what is worse than that counts.
        """
        of: dict[str, list[Notice]] = {}
        for notice in notices:
            of.setdefault(notice.now.alarm.id, []).append(notice)
        known = {row.alarm: row for row in _chosen(connection, subject, subject.c.alarm, of)}
        followed = {name: said for name, said in of.items() if name in known or any(one.page for one in said)}
        rows = {name: self._row(said, known.get(name), now_ms) for name, said in followed.items()}
        if not rows:
            return
        connection.execute(insert(subject).prefix_with("OR REPLACE"), list(rows.values()))
        paged = [name for name, said in followed.items() if any(one.page for one in said)]
        if heard_before:
            same = [name for name in paged if name in known and not worse(rows[name]["severity"], known[name].severity)]
            if same:
                connection.exec_driver_sql(
                    "UPDATE member SET told_ordinal = ? WHERE alarm = ? AND told_ordinal > 0",
                    [(rows[name]["ordinal"], name) for name in same],
                )
            paged = [name for name in paged if name not in same]
        self._begin(connection, [rows[name] for name in paged], now_ms)
        answered = [name for name, row in rows.items() if not row["asked"]]
        for some in _parts(answered):
            connection.execute(delete(due_step).where(due_step.c.alarm.in_(some), due_step.c.at_ms > now_ms))
        self._stir(connection, rows, set(paged), now_ms)

    def _row(self, said: Sequence[Notice], known: Row[Any] | None, now_ms: int) -> dict[str, Any]:
        told = said[-1].now
        pages = [one.ordinal for one in said if one.page]
        state = told.alarm.state
        return {
            "alarm": told.alarm.id,
            "rule": told.alarm.episode.rule,
            "asset": told.asset,
            "kind": kind_of(self._directory, told),
            "site": told.site,
            "severity": told.alarm.episode.severity,
            "stands": state in STANDING,
            "asked": state is AlarmState.UNACKNOWLEDGED,
            "held": state in SILENT,
            "gone": state in GONE,
            "ordinal": told.ordinal,
            "page_ordinal": pages[-1] if pages or known is None else known.page_ordinal,
            "paged_ms": now_ms if pages or known is None else known.paged_ms,
            "moved_ms": now_ms,
            "rushed": known is not None and bool(known.rushed),
        }

    def _begin(self, connection: Connection, rows: Sequence[Mapping[str, Any]], now_ms: int) -> None:
        steps = [
            {"alarm": row["alarm"], "step": number, "at_ms": now_ms + step.after_min * 60_000}
            for row in rows
            for number, step in enumerate(self._directory.steps(row["kind"], row["site"]))
        ]
        for some in _parts([row["alarm"] for row in rows]):
            connection.execute(delete(due_step).where(due_step.c.alarm.in_(some)))
        if steps:
            connection.execute(insert(due_step), steps)
        rooms = [
            (room, row, ROOM)
            for row in rows
            for room in self._directory.rooms(row["kind"], row["site"], row["severity"])
        ]
        join(connection, rooms)

    def _stir(
        self, connection: Connection, rows: Mapping[str, Mapping[str, Any]], paged: set[str], now_ms: int
    ) -> None:
        stirs: dict[tuple[str, str], Stir] = {}
        for each in _chosen(connection, member, member.c.alarm, rows):
            row = rows[each.alarm]
            news = each.alarm in paged
            if news or not row["stands"]:
                stirs.setdefault((each.receiver, each.site), Stir()).add(row["severity"] if news else None)
        self._unmuted(connection, rows, stirs)
        stirred(connection, stirs, self._directory.plan, now_ms)

    def _unmuted(
        self, connection: Connection, rows: Mapping[str, Mapping[str, Any]], stirs: dict[tuple[str, str], Stir]
    ) -> None:
        """Look again at what an alarm spoke for that is over."""
        over = {row["rule"] for row in rows.values() if row["rule"] in SOURCES and not row["stands"]}
        if not over:
            return
        chosen = (
            select(member.c.receiver, member.c.site, subject.c.severity)
            .join(subject, subject.c.alarm == member.c.alarm)
            .where(subject.c.stands, member.c.told_ordinal == 0)
        )
        for row in connection.execute(chosen):
            stirs.setdefault((row.receiver, row.site), Stir()).add(row.severity)


class Escalation:
    """Asks the next ones."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def fire(self, connection: Connection, now_ms: int) -> bool:
        """Do the steps that are due; say whether there were any.

        Where a step counts and nobody is there, the next one that counts is due at once.
        """
        self._rush(connection, now_ms)
        chosen = (
            select(due_step.c.alarm, due_step.c.step, subject)
            .join(subject, subject.c.alarm == due_step.c.alarm)
            .where(due_step.c.at_ms <= now_ms)
            .order_by(due_step.c.at_ms, due_step.c.alarm, due_step.c.step)
            .limit(AT_ONCE)
        )
        due = connection.execute(chosen).mappings().all()
        if not due:
            return False
        asked_at: dict[tuple[str, str, int], Sequence[str]] = {}  # the same for all alarms of a site
        joined: list[tuple[str, _SubjectRow, int]] = []
        for row in due:
            steps = self._directory.steps(row["kind"], row["site"])
            number = row["step"]
            if number >= len(steps) or not self._directory.applies(steps[number], row["site"], now_ms):
                continue
            place = row["kind"], row["site"], number
            if place not in asked_at:
                asked_at[place] = self._directory.asked(steps[number], row["site"], now_ms)
            asked = asked_at[place]
            joined += [(receiver, row, number) for receiver in asked]
            if not asked:
                rush(connection, [row["alarm"]])
        done = [{"of": row["alarm"], "number": row["step"]} for row in due]
        connection.exec_driver_sql(
            "DELETE FROM due_step WHERE alarm = ? AND step = ?", [(one["of"], one["number"]) for one in done]
        )
        self._rush(connection, now_ms)
        new = join(connection, joined)
        stirs: dict[tuple[str, str], Stir] = {}
        for receiver, joined_row in new:
            stirs.setdefault((receiver, joined_row["site"]), Stir()).add(joined_row["severity"])
        stirred(connection, stirs, self._directory.plan, now_ms)
        return True

    def _rush(self, connection: Connection, now_ms: int) -> None:
        """Make the first step that waits and counts now due, of each alarm that is rushed."""
        waiting = (
            select(due_step.c.alarm, due_step.c.step, subject.c.kind, subject.c.site)
            .join(subject, subject.c.alarm == due_step.c.alarm)
            .where(subject.c.rushed, due_step.c.at_ms > now_ms)
            .order_by(due_step.c.alarm, due_step.c.step)
        )
        found: dict[str, int] = {}
        for row in connection.execute(waiting):
            steps = self._directory.steps(row.kind, row.site)
            counts = row.step < len(steps) and self._directory.applies(steps[row.step], row.site, now_ms)
            if counts and row.alarm not in found:
                found[row.alarm] = row.step
        if found:
            connection.exec_driver_sql(
                "UPDATE due_step SET at_ms = ? WHERE alarm = ? AND step = ?",
                [(now_ms, name, step) for name, step in found.items()],
            )
        connection.execute(update(subject).where(subject.c.rushed).values(rushed=False))


def rush(connection: Connection, alarms: Iterable[str]) -> None:
    """Let the next ones be asked at once: whoever was asked of some alarms cannot be reached."""
    connection.execute(update(subject).where(subject.c.alarm.in_(list(alarms))).values(rushed=True))


def join(connection: Connection, joined: Sequence[tuple[str, _SubjectRow, int]]) -> list[tuple[str, _SubjectRow]]:
    """Let receivers hear of alarms by a step; return those who did not yet."""
    names = {row["alarm"] for _, row, _ in joined}
    known = {(row.receiver, row.alarm) for row in _chosen(connection, member, member.c.alarm, names)}
    new: dict[tuple[str, str], tuple[_SubjectRow, int]] = {}
    for receiver, row, step in joined:
        if (receiver, row["alarm"]) not in known:
            new.setdefault((receiver, row["alarm"]), (row, step))
    if new:
        rows = [
            {
                "receiver": receiver,
                "alarm": name,
                "site": row["site"],
                "step": step,
                "told_ordinal": 0,
                "told_severity": "",
                "told_ms": 0,
                "told_over": False,
                "repeats": 0,
            }
            for (receiver, name), (row, step) in new.items()
        ]
        connection.execute(insert(member), rows)
    return [(receiver, row) for (receiver, _), (row, _) in new.items()]


def _chosen(connection: Connection, table: Any, column: Any, names: Iterable[str]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for some in _parts(list(names)):
        found += connection.execute(select(table).where(column.in_(some))).all()
    return found


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + IN] for start in range(0, len(names), IN)]
