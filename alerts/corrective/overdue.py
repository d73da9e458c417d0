"""Overdue corrective action: one alarm a site, as long as anything there is overdue; it pages like any other.

::

    correction, matter: due before now and not done ─▶ sites ─▶ other than the open episodes? ─▶ episode, alarm
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, func, select

from alerts.corrective.rows import OVERDUE, MatterState
from alerts.corrective.tables import correction, matter
from alerts.episodes import Episode, unmeasured
from alerts.handling import Handling
from alerts.handlingrows import episode_of
from alerts.reconcile import Moment
from alerts.records import END_WORDS, EndReason
from alerts.subjects import SITE, subject_of_site
from alerts.tables import episode
from alerts.writing import Writing
from coldchain.corrective.fold import State

LOOK_S = 10.0
"""Steady time between two looks; an alarm may be so much late."""

WHY = "overdue"


@dataclass(frozen=True, slots=True)
class Late:
    """What is overdue at a site: how many, and since when the oldest is."""

    count: int
    since_ms: int


class Overdue:
    """Looks which sites are late; what the store has not taken is found again at the next look."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked_s = float("-inf")

    def look(self, now_ms: int, steady_s: float) -> list[tuple[Episode, Late | None]]:
        """Return the episodes that begin or end now, with what is overdue; None: nothing is any more."""
        if steady_s - self._looked_s < LOOK_S:
            return []
        self._looked_s = steady_s
        with self._engine.connect() as connection:
            late = late_at(connection, now_ms)
            known = _open(connection)
            begun = [(_begin(connection, site, late[site]), late[site]) for site in sorted(late.keys() - known.keys())]
            ended = [(_end(connection, known[site], now_ms), None) for site in sorted(known.keys() - late.keys())]
        return [*begun, *ended]

    def write(self, writing: Writing, news: list[tuple[Episode, Late | None]], now_ms: int, handling: Handling) -> None:
        """Store the episodes and bring their alarms to them."""
        writing.put_episodes([each for each, _ in news])
        for each, late in news:
            known = writing.alarm_of(each.key)
            evidence = {} if late is None else {"overdue": late.count, "since_ms": late.since_ms}
            why = WHY if late is not None else each.end_reason
            handling.reconciled(writing, [known] if known else [], [each], Moment(now_ms, now_ms, why, evidence))


def late_at(connection: Connection, now_ms: int) -> Mapping[str, Late]:
    """Return site → what is overdue there: corrective actions not done, and leads that came to nothing yet."""
    found: dict[str, Late] = {}
    for table, state in ((correction, State.OPEN), (matter, MatterState.OPEN)):
        wanted = select(table.c.site, func.count(), func.min(table.c.due_ms)).where(
            table.c.state == state, table.c.due_ms <= now_ms
        )
        for site, count, since_ms in connection.execute(wanted.group_by(table.c.site)):
            other = found.get(site, Late(0, since_ms))
            found[site] = Late(other.count + count, min(other.since_ms, since_ms))
    return found


def _open(connection: Connection) -> dict[str, Episode]:
    wanted = select(episode).where(episode.c.rule == OVERDUE, episode.c.ended_ms.is_(None))
    return {row.point.removeprefix(SITE): episode_of(row) for row in connection.execute(wanted)}


def _begin(connection: Connection, site: str, late: Late) -> Episode:
    """Return the episode of a site that is late; one that follows another begins where that ended, at the earliest."""
    subject = subject_of_site(site)
    wanted = select(func.max(episode.c.ended_ms)).where(episode.c.rule == OVERDUE, episode.c.point == subject)
    before_ms = connection.execute(wanted).scalar_one()
    onset_ms = late.since_ms if before_ms is None else max(late.since_ms, before_ms)
    return unmeasured(subject, OVERDUE, onset_ms, onset_ms, None, "", "warning")


def _end(connection: Connection, known: Episode, now_ms: int) -> Episode:
    """Return an episode with its end: when the last thing was done there, or now where nothing was."""
    site = known.point.removeprefix(SITE)
    wanted = select(func.max(correction.c.done_ms)).where(
        correction.c.site == site, correction.c.due_ms <= now_ms, correction.c.done_ms > known.onset_ms
    )
    done_ms = connection.execute(wanted).scalar_one()
    ended_ms = now_ms if done_ms is None else min(done_ms, now_ms)
    return replace(known, ended_ms=ended_ms, closed_ms=ended_ms, end_reason=END_WORDS[EndReason.RETURNED])
