"""One transaction of the judge: every row that it writes, and what it must read meanwhile.

`alerts.store.AlertStore.writing` begins one and moves the cursor in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, or_, select, update

from alerts.arrival import Arrival
from alerts.corrective.rows import derive
from alerts.episodes import MOVING, Episode
from alerts.handlingrows import HandlingRows, alarm_of
from alerts.lifecycle import GONE, Alarm, Telling
from alerts.reconcile import Outcome
from alerts.records import DAY_MS, FOLD_VERSION, Folded, Records, packed, packed_loud, unpacked
from alerts.tables import (
    alarm,
    alarm_transition,
    checkpoint,
    episode,
    fold_state,
    mark,
    meta,
    outbox,
    pending,
    switch_run,
)
from coldchain.crash import crash_point

KEPT_DAYS = 35
"""Checkpoints of the last 35 days are kept (protocol: judging)."""


@dataclass(frozen=True, slots=True)
class SavedMark:
    """A re-judge that a restart must not forget."""

    point: int
    from_ms: int
    node: str
    needs: int


@dataclass(frozen=True, slots=True)
class Midnight:
    """A point that was not normal at a UTC midnight: its newest sample, its newest temperature, its lanes."""

    newest_ms: int
    good_ms: int
    lanes: Records


PointRow = tuple[int, int, bytes, bytes | None]
"""Point number, newest ms, POINT, what `alerts.records.packed` gives of its lanes."""


ProgressRow = tuple[Any, ...]
"""`alerts.episodes.MOVING` of an open episode, and its key: point, rule, onset ms."""


def point_row(number: int, point: Any, lanes: Records | None) -> PointRow:
    """Return the row to store for a point; ``lanes`` of shape (LANES,), or None for all normal."""
    return number, int(point["t"]), point.tobytes(), None if lanes is None else packed(lanes)


class Writing:
    """One transaction of the judge."""

    def __init__(self, connection: Connection, position: int) -> None:
        self._connection = connection
        self._position = position
        self.handling = HandlingRows(connection)
        self._touched: set[str] = set()
        self._changed = int(connection.execute(select(meta.c.value).where(meta.c.key == "changed")).scalar_one())

    @property
    def connection(self) -> Connection:
        """The transaction, for tables that have a module of their own."""
        return self._connection

    def finish(self) -> None:
        """Write what follows from the alarms that were written, and the change counter; the store calls it."""
        if self._touched:
            derive(self._connection, self._touched)
        self._connection.execute(update(meta).where(meta.c.key == "changed").values(value=self._changed))

    def save_points(self, rows: Sequence[PointRow]) -> None:
        """Store fold states."""
        if rows:
            self._connection.exec_driver_sql(
                "INSERT INTO fold_state (point, newest_ms, record, state) VALUES (?, ?, ?, ?) ON CONFLICT "
                "(point) DO UPDATE SET newest_ms = excluded.newest_ms, record = excluded.record, "
                "state = excluded.state",
                list(rows),
            )

    def state_at_midnight(self, point: int, midnight_ms: int) -> Midnight | None:
        """Return what a point was at a UTC midnight, None when it was normal."""
        found = self._connection.execute(
            select(checkpoint.c.newest_ms, checkpoint.c.good_ms, checkpoint.c.state).where(
                checkpoint.c.point == point,
                checkpoint.c.first_midnight_ms <= midnight_ms,
                checkpoint.c.last_midnight_ms >= midnight_ms,
            )
        ).first()
        return None if found is None else Midnight(found.newest_ms, found.good_ms, unpacked(found.state))

    def keep_nights(self, folded: Folded) -> None:
        """Store the checkpoints of a fold whose slots are point numbers."""
        rows = [
            (*(int(night[name]) for name in ("slot", "first", "last", "newest", "good")), packed_loud(night, kept))
            for night, kept in zip(folded.nights, folded.kept, strict=True)
        ]
        half = len(rows) // 2
        for part in (rows[:half], rows[half:]):
            if part:
                self._connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO checkpoint (point, first_midnight_ms, last_midnight_ms, newest_ms, "
                    "good_ms, state) VALUES (?, ?, ?, ?, ?, ?)",
                    part,
                )
            crash_point("during-checkpoint")

    def drop_nights(self, point: int, after_ms: int) -> None:
        """Forget a point's checkpoints behind a midnight: they are judged again."""
        self._connection.execute(
            delete(checkpoint).where(checkpoint.c.point == point, checkpoint.c.first_midnight_ms > after_ms)
        )
        self._connection.execute(
            update(checkpoint)
            .where(checkpoint.c.point == point, checkpoint.c.last_midnight_ms > after_ms)
            .values(last_midnight_ms=after_ms)
        )

    def prune_nights(self) -> None:
        """Forget checkpoints older than `KEPT_DAYS` before their own point's newest sample.

        Not before today: a gateway that comes back after two months still brings its days in any order.
        """
        newest_ms = select(fold_state.c.newest_ms).where(fold_state.c.point == checkpoint.c.point).scalar_subquery()
        self._connection.execute(
            delete(checkpoint).where(checkpoint.c.last_midnight_ms < newest_ms - (KEPT_DAYS + 1) * DAY_MS)
        )

    def see(self, earliest_ms: dict[str, int]) -> None:
        """Store channels' first measured times."""
        if earliest_ms:
            self._connection.exec_driver_sql(
                "INSERT OR REPLACE INTO seen (channel, earliest_ms) VALUES (?, ?)", list(earliest_ms.items())
            )

    def put_marks(self, marks: Iterable[SavedMark]) -> None:
        """Store re-judges that wait."""
        rows = [(each.point, each.from_ms, each.node, each.needs) for each in marks]
        if rows:
            self._connection.exec_driver_sql(
                "INSERT OR REPLACE INTO mark (point, from_ms, node, needs) VALUES (?, ?, ?, ?)", rows
            )

    def drop_mark(self, point: int) -> None:
        """A point's re-judge is done."""
        self._connection.execute(delete(mark).where(mark.c.point == point))

    def count_too_old(self, samples: int) -> None:
        """Count late samples that only `rebuild alarms` will judge."""
        self._connection.execute(update(meta).where(meta.c.key == "too_old").values(value=meta.c.value + samples))

    def save_switches(self, changed: Iterable[tuple[int, int, list[tuple[int, int, int, bool]]]]) -> None:
        """Store what switches said: (point, forget rows that begin before, rows)."""
        for point, before_ms, rows in changed:
            gone = delete(switch_run).where(switch_run.c.point == point, switch_run.c.from_ms < before_ms)
            self._connection.execute(gone)
            if rows:
                self._connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO switch_run (point, from_ms, last_ms, is_on) VALUES (?, ?, ?, ?)", rows
                )

    def set_fold_version(self) -> None:
        """The states are this program's fold's from here on; forget those of another."""
        for table in (fold_state, checkpoint, pending, switch_run):
            self._connection.execute(delete(table))
        self._connection.execute(update(meta).where(meta.c.key == "fold").values(value=FOLD_VERSION))

    def set_pending(self, gone: Iterable[tuple[str, str]], current: Iterable[tuple[str, str, int, int]]) -> None:
        """Replace pending rows: (point, rule) gone; (point, rule, since_ms, held_ms) current."""
        if out := list(gone):
            self._connection.exec_driver_sql("DELETE FROM pending WHERE point = ? AND rule = ?", out)
        if rows := list(current):
            self._connection.exec_driver_sql(
                "INSERT OR REPLACE INTO pending (point, rule, since_ms, held_ms) VALUES (?, ?, ?, ?)", rows
            )

    # -- episodes and alarms ----------------------------------------------------------------------------------

    def put_episodes(self, episodes: Sequence[Episode]) -> None:
        """Store episodes; one with the same key is replaced."""
        if episodes:
            rows = [{name: getattr(each, name) for name in Episode.__slots__} for each in episodes]
            self._connection.execute(insert(episode).prefix_with("OR REPLACE"), rows)

    def progress(self, rows: Sequence[ProgressRow], ringing: Sequence[ProgressRow]) -> None:
        """Store the numbers of open episodes, and of the alarms that stand for those that ring: no new version."""
        if not rows:
            return
        self._changed += 1
        numbers = ", ".join(f"{number} = ?" for number in MOVING)
        key = "point = ? AND rule = ? AND onset_ms = ?"
        self._connection.exec_driver_sql(f"UPDATE episode SET {numbers} WHERE {key}", list(rows))
        if ringing:
            self._connection.exec_driver_sql(
                f"UPDATE alarm SET changed = {self._changed}, position = {self._position}, {numbers} "
                f"WHERE {key} AND closed_ms IS NULL AND state NOT IN ('retracted', 'merged')",
                list(ringing),
            )

    def drop_episodes(self, point: str, from_ms: int) -> None:
        """Forget a point's episodes that are open or were closed at or after a time; those of arrival stay."""
        self._connection.execute(
            delete(episode).where(
                episode.c.point == point,
                episode.c.rule.not_in(Arrival),
                or_(episode.c.closed_ms.is_(None), episode.c.closed_ms >= from_ms),
            )
        )

    def alarms(self, point: str, from_ms: int) -> list[Alarm]:
        """Return a point's alarms that stand for an episode that is open or was closed at or after a time.

        Not those of arrival: a re-judge knows nothing of them.
        """
        chosen = select(alarm).where(
            alarm.c.point == point,
            alarm.c.rule.not_in(Arrival),
            alarm.c.state.not_in(GONE),
            or_(alarm.c.closed_ms.is_(None), alarm.c.closed_ms >= from_ms),
        )
        return [alarm_of(row) for row in self._connection.execute(chosen)]

    def alarm_of(self, key: tuple[str, str, int]) -> Alarm | None:
        """Return the alarm that stands for the episode with this key."""
        point, rule, onset_ms = key
        chosen = select(alarm).where(
            alarm.c.point == point, alarm.c.rule == rule, alarm.c.onset_ms == onset_ms, alarm.c.state.not_in(GONE)
        )
        row = self._connection.execute(chosen).first()
        return None if row is None else alarm_of(row)

    def taken(self, name: str) -> bool:
        """Say whether an alarm has this id."""
        return self._connection.execute(select(alarm.c.id).where(alarm.c.id == name)).first() is not None

    def put(self, outcome: Outcome, place: tuple[str, str]) -> None:
        """Store an alarm, append its transitions, and tell the notifier of them in the same transaction.

        Args:
            place: asset, and the site where that stood at the alarm's onset.
        """
        self._changed += 1
        asked = select(alarm.c.ordinal, alarm.c.telling).where(alarm.c.id == outcome.alarm.id)
        known = self._connection.execute(asked).first()
        ordinal = known.ordinal if known else 0
        for transition in outcome.transitions:
            ordinal += 1
            self._connection.execute(
                insert(alarm_transition),
                {
                    "alarm": outcome.alarm.id,
                    "ordinal": ordinal,
                    "at_ms": transition.at_ms,
                    "before": transition.before,
                    "after": transition.after,
                    "trigger": transition.trigger,
                    "reason": transition.reason,
                    "evidence": msgspec.json.encode(transition.evidence).decode(),
                    "who": transition.who,
                },
            )
        asset, site = place
        row = {
            **asdict(outcome.alarm.episode),
            "id": outcome.alarm.id,
            "asset": asset,
            "site": site,
            "state": outcome.alarm.state,
            "raised_at_ms": outcome.alarm.raised_at_ms,
            "late_discovered": outcome.alarm.late_discovered,
            "version": outcome.alarm.version,
            "merged_into": outcome.alarm.merged_into,
            "telling": outcome.alarm.telling,
            "telling_reason": outcome.alarm.telling_reason,
            "paged_at_ms": outcome.alarm.paged_at_ms,
            "paged_severity": outcome.alarm.paged_severity,
            "paged_step": outcome.alarm.paged_step,
            "chattering": outcome.alarm.chattering,
            "changed": self._changed,
            "position": self._position,
            "ordinal": ordinal,
        }
        self._connection.execute(insert(alarm).prefix_with("OR REPLACE"), row)
        self._touched.add(outcome.alarm.id)
        put_off = known is not None and known.telling == Telling.DEFER
        if outcome.transitions or (put_off and outcome.alarm.telling is not Telling.DEFER):
            notice = {
                "alarm": outcome.alarm.id,
                "ordinal": ordinal,
                "page": outcome.alarm.telling is Telling.PAGE and outcome.alarm.state not in GONE,
                "reason": outcome.alarm.telling_reason,
            }
            self._connection.execute(insert(outbox), notice)

    def place_again(self, point: str, place: Callable[[str, int], tuple[str, str]]) -> None:
        """Bring a point's alarms to where their asset stood at their onset, as the registry has it now."""
        rows = self._connection.execute(
            select(alarm.c.id, alarm.c.onset_ms, alarm.c.asset, alarm.c.site).where(alarm.c.point == point)
        ).all()
        for row in rows:
            asset, site = place(point, row.onset_ms)
            if (asset, site) != (row.asset, row.site):
                self._changed += 1
                moved = {"asset": asset, "site": site, "changed": self._changed}
                self._connection.execute(update(alarm).where(alarm.c.id == row.id).values(moved))
                self._touched.add(row.id)
