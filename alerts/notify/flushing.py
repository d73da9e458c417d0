"""Last stages before sending: what a receiver does not know yet becomes one message, within the receiver's budget.

::

    clusters due ─▶ news of each (inhibited and held ones are none) ─▶ quiet hours? budget? ─▶ message + content rows

Content rows are unique: whatever happens, a receiver is told of one transition of an alarm by one message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Row, func, insert, or_, select, update

from alerts.notify.content import Content, Item, News, State
from alerts.notify.directory import Directory, Receiver
from alerts.notify.inhibiting import SOURCES, muted
from alerts.notify.intake import rush
from alerts.notify.messages import key_of, put_message
from alerts.notify.tables import cluster, content, member, message, subject
from coldchain.people import NotifyPlan
from coldchain.registry import SEVERITIES

RECEIVERS_AT_ONCE = 50
"""Receivers of one transaction."""

ROOM_MESSAGES, ROOM_WINDOW_S = 15, 60
"""A room's budget: DingTalk silences a robot for ten minutes after 20 messages a minute; some are kept for retries."""

CRITICAL = SEVERITIES[-1]

Composer = Callable[[Receiver, str, Sequence[Item]], Content]
"""From a receiver, the kind of message and its items, the worst first, to its words."""


@dataclass(frozen=True, slots=True)
class Due:
    """A cluster that is due, and what there is to tell in it.

    Attributes:
        items: news first, the worst first; empty: nothing.
        members: (row, news) of the ones told.
    """

    site: str
    items: tuple[Item, ...]
    members: tuple[tuple[Row[Any], News], ...]

    @property
    def severity(self) -> str:
        """The worst of what still asks for somebody; empty where nothing does."""
        asking = [item.severity for item in self.items if item.news in (News.NEW, News.AGAIN)]
        return max(asking, key=SEVERITIES.index, default="")


class Flushing:
    """Makes messages."""

    def __init__(self, directory: Directory, compose: Composer) -> None:
        self._directory = directory
        self._compose = compose

    def flush(self, connection: Connection, outbox: int, now_ms: int) -> bool:
        """Make what is due; say whether anything was."""
        chosen = select(cluster.c.receiver).where(cluster.c.next_ms <= now_ms).distinct().limit(RECEIVERS_AT_ONCE)
        names = list(connection.execute(chosen).scalars())
        for name in names:
            self._receiver(connection, name, outbox, now_ms)
        return bool(names)

    def _receiver(self, connection: Connection, name: str, outbox: int, now_ms: int) -> None:
        sites = connection.execute(
            select(cluster.c.site).where(cluster.c.receiver == name, cluster.c.next_ms <= now_ms)
        ).scalars()
        due = sorted((self._due(connection, name, site, now_ms) for site in list(sites)), key=_urgency)
        telling = [each for each in due if _is_news(each)]
        for each in due:
            if each not in telling:
                self._rest(connection, name, each.site, now_ms)
        quiet_ms = self._directory.quiet_until(name, now_ms)
        if quiet_ms is not None:
            for each in telling:
                if each.severity != CRITICAL:
                    _later(connection, name, [each.site], quiet_ms)
            telling = [each for each in telling if each.severity == CRITICAL]
        if not telling:
            return
        left, again_ms = self._budget(connection, name, now_ms)
        if left <= 0:
            _later(connection, name, [each.site for each in telling], again_ms)
            return
        parts = [telling] if len(telling) >= left and len(telling) > 1 else [[each] for each in telling]
        for part in parts:
            self._make(connection, name, part, outbox, now_ms)
            for each in part:
                connection.execute(
                    update(cluster)
                    .where(cluster.c.receiver == name, cluster.c.site == each.site)
                    .values(last_ms=now_ms)
                )
                self._rest(connection, name, each.site, now_ms)

    # -- what there is to tell ----------------------------------------------------------------------------------

    def _due(self, connection: Connection, name: str, site: str, now_ms: int) -> Due:
        chosen = (
            select(member, subject)
            .join(subject, subject.c.alarm == member.c.alarm)
            .where(member.c.receiver == name, member.c.site == site, or_(subject.c.stands, ~member.c.told_over))
            .order_by(member.c.alarm)
        )
        rows = connection.execute(chosen.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)).all()
        standing = _sources(connection)
        told: list[tuple[Row[Any], News]] = []
        spoken_for: list[str] = []
        for row in rows:
            is_muted = bool(row.subject_stands) and muted(row.subject_rule, site, standing)
            if is_muted and row.member_told_ordinal == 0:
                spoken_for.append(row.subject_alarm)
            news = self._news(row, is_muted, now_ms)
            if news is not None:
                told.append((row, news))
        if spoken_for:  # if it ends with what speaks for it, nobody hears that it is over
            connection.exec_driver_sql(
                "UPDATE member SET told_over = 1 WHERE receiver = ? AND alarm = ?", [(name, one) for one in spoken_for]
            )
        items = [Item(row.subject_alarm, row.subject_ordinal, row.subject_severity, news, site) for row, news in told]
        return Due(site, tuple(sorted(items, key=_weight)), tuple(told))

    def _news(self, row: Row[Any], is_muted: bool, now_ms: int) -> News | None:
        """Return what an alarm is to a member of it; None: nothing to be told."""
        knows = row.member_told_ordinal > 0
        if row.subject_gone:
            return News.GONE if knows else None
        if row.subject_held or is_muted:
            return None
        if not row.subject_stands:
            return News.OVER
        if row.subject_page_ordinal > row.member_told_ordinal:
            return News.AGAIN if knows else News.NEW
        if row.subject_asked and now_ms - row.member_told_ms >= self._directory.plan.repeat_s * 1000:
            return News.AGAIN
        return News.STILL

    def _rest(self, connection: Connection, name: str, site: str, now_ms: int) -> None:
        """Set a cluster's timer to the next repetition."""
        waiting = (
            select(func.min(member.c.told_ms))
            .join(subject, subject.c.alarm == member.c.alarm)
            .where(
                member.c.receiver == name,
                member.c.site == site,
                member.c.told_ordinal > 0,
                subject.c.asked,
                subject.c.stands,
            )
        )
        oldest_ms = connection.execute(waiting).scalar()
        next_ms = None if oldest_ms is None else max(oldest_ms + self._directory.plan.repeat_s * 1000, now_ms + 60_000)
        chosen = (cluster.c.receiver == name, cluster.c.site == site)
        connection.execute(update(cluster).where(*chosen).values(next_ms=next_ms))

    # -- budget -------------------------------------------------------------------------------------------------

    def _budget(self, connection: Connection, name: str, now_ms: int) -> tuple[int, int]:
        """Return how many messages a receiver may get now, and when the next one, ms, if none."""
        plan: NotifyPlan = self._directory.plan
        room = name.startswith("room:")
        most, window_s = (ROOM_MESSAGES, ROOM_WINDOW_S) if room else (plan.person_messages, plan.person_window_s)
        recent = (
            select(message.c.made_ms)
            .where(message.c.receiver == name, message.c.made_ms > now_ms - window_s * 1000)
            .order_by(message.c.made_ms.desc())
            .limit(most)
        )
        made = list(connection.execute(recent).scalars())
        return most - len(made), (made[-1] if made else now_ms) + window_s * 1000

    # -- making -------------------------------------------------------------------------------------------------

    def _make(self, connection: Connection, name: str, part: Sequence[Due], outbox: int, now_ms: int) -> None:
        items = sorted((item for each in part for item in each.items), key=_weight)
        told = [(row, news) for each in part for row, news in each.members if news is not News.STILL]
        severity = max((each.severity for each in part), key=_level, default="")
        step = self._step_of(told)
        receiver = self._directory.receiver(name, step, severity) or Receiver(name, "zh", "UTC", ())
        kind = "alarm" if severity else "recovery"
        said = self._compose(receiver, kind, items)
        rows = [
            {
                "outbox": outbox,
                "alarm": row.subject_alarm,
                "ordinal": row.subject_ordinal,
                "repeat": row.member_repeats,
                "receiver": name,
            }
            for row, _ in told
        ]
        key = _key(rows)
        connection.execute(insert(content), [{**row, "message": key} for row in rows])
        state = put_message(connection, key, receiver, said, now_ms)
        connection.exec_driver_sql(
            "UPDATE member SET told_ordinal = ?, told_severity = ?, told_ms = ?, told_over = ?, repeats = repeats + 1 "
            "WHERE receiver = ? AND alarm = ?",
            [
                (row.subject_ordinal, row.subject_severity, now_ms, not row.subject_stands, name, row.subject_alarm)
                for row, _ in told
            ],
        )
        if state is State.FAILED:
            rush(connection, {row.subject_alarm for row, _ in told})

    def _step_of(self, told: Iterable[tuple[Row[Any], News]]) -> Any:
        """Return the step by which the worst of the news came to the receiver; None for a room."""
        worst = max((row for row, _ in told), key=lambda row: _level(row.subject_severity))
        if worst.member_step < 0:
            return None
        steps = self._directory.steps(worst.subject_kind, worst.subject_site)
        return steps[min(worst.member_step, len(steps) - 1)] if steps else None


def _sources(connection: Connection) -> list[tuple[str, str]]:
    chosen = select(subject.c.rule, subject.c.site).where(subject.c.rule.in_(SOURCES), subject.c.stands).distinct()
    return [(row.rule, row.site) for row in connection.execute(chosen)]


def _is_news(due: Due) -> bool:
    return any(item.news is not News.STILL for item in due.items)


def _later(connection: Connection, name: str, sites: Sequence[str], at_ms: int) -> None:
    for site in sites:
        chosen = (cluster.c.receiver == name, cluster.c.site == site)
        connection.execute(update(cluster).where(*chosen).values(next_ms=at_ms))


def _level(severity: str) -> int:
    return SEVERITIES.index(severity) if severity else -1


_ORDER = tuple(News)


def _weight(item: Item) -> tuple[int, int, str, str]:
    return _ORDER.index(item.news), -_level(item.severity), item.site, item.alarm


def _urgency(due: Due) -> tuple[int, str]:
    return -_level(due.severity), due.site


def _key(rows: Iterable[dict[str, object]]) -> str:
    return key_of(
        "\n".join(sorted(f"{r['outbox']} {r['alarm']} {r['ordinal']} {r['repeat']} {r['receiver']}" for r in rows))
    )
