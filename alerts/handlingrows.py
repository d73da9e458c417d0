"""What people did with alarms and what waits for a time, as rows: read and written in the judge's own transaction."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, or_, select, update

from alerts.episodes import Episode
from alerts.handlingtables import early_action, hold, page, re_alarm
from alerts.holds import Hold, HoldKind
from alerts.lifecycle import GONE, STANDING, Alarm, AlarmState, Telling, TellingReason
from alerts.occurrences import CHATTER_MS
from alerts.tables import alarm, episode, meta
from alerts.telling import Paged, family_of
from coldchain.registry import SEVERITIES

COUNTS = ("actions", "actions_refused", "actions_early", "chattering", "re_alarms", "shelves_over")
"""Counters in ``meta``: actions and what became of them, occurrences that chattered, deadlines that passed."""

AT_ONCE = 256
"""Deadlines worked off in one transaction."""

Holds = dict[tuple[str, str], dict[HoldKind, Hold]]


class HandlingRows:
    """The rows as one transaction sees them; `alerts.writing.Writing.handling`.

    Holds and early actions are few (tens in a fleet) and asked for at every alarm, so a transaction reads them once.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._holds: Holds | None = None
        self._early: set[str] | None = None

    # -- holds ------------------------------------------------------------------------------------------------

    def holds(self, point: str, rule: str) -> dict[HoldKind, Hold]:
        """Return what people laid on a (point, rule)."""
        return self._all_holds().get((point, rule), {})

    def _all_holds(self) -> Holds:
        if self._holds is None:
            self._holds = {}
            for row in self._connection.execute(select(hold)):
                found = hold_of(row)
                self._holds.setdefault((found.point, found.rule), {})[found.kind] = found
        return self._holds

    def lay(self, laid: Hold) -> None:
        """Lay a hold; one of the same kind is replaced."""
        self._connection.execute(insert(hold).prefix_with("OR REPLACE"), asdict(laid))
        self._all_holds().setdefault((laid.point, laid.rule), {})[laid.kind] = laid

    def lift(self, lifted: Hold) -> None:
        """End a hold."""
        key = (hold.c.point == lifted.point, hold.c.rule == lifted.rule, hold.c.kind == lifted.kind)
        self._connection.execute(delete(hold).where(*key))
        self._all_holds().get((lifted.point, lifted.rule), {}).pop(lifted.kind, None)

    def over(self, now_ms: int) -> list[Hold]:
        """Return the holds whose time has come, at most `AT_ONCE`."""
        due = [held for held in self._flat() if held.until_ms is not None and held.until_ms <= now_ms]
        return sorted(due, key=lambda held: (held.until_ms or 0, held.point, held.rule))[:AT_ONCE]

    def _flat(self) -> list[Hold]:
        return [held for kinds in self._all_holds().values() for held in kinds.values()]

    # -- deadlines of acknowledged alarms -----------------------------------------------------------------------

    def set_re_alarm(self, name: str, due_ms: int | None) -> None:
        """Set or (None) take away the time at which an alarm must be looked at again."""
        self._connection.execute(delete(re_alarm).where(re_alarm.c.alarm == name))
        if due_ms is not None:
            self._connection.execute(insert(re_alarm), {"alarm": name, "due_ms": due_ms})

    def re_alarms(self, now_ms: int) -> list[str]:
        """Return the alarms whose time has come, first due first, at most `AT_ONCE`."""
        chosen = select(re_alarm.c.alarm).where(re_alarm.c.due_ms <= now_ms)
        return list(self._connection.execute(chosen.order_by(re_alarm.c.due_ms).limit(AT_ONCE)).scalars())

    # -- alarms -----------------------------------------------------------------------------------------------

    def alarm(self, name: str) -> Alarm | None:
        """Return an alarm by its id."""
        row = self._connection.execute(select(alarm).where(alarm.c.id == name)).first()
        return None if row is None else alarm_of(row)

    def standing(self, point: str | None = None, rule: str | None = None) -> list[Alarm]:
        """Return the alarms whose condition stands, of one (point, rule) or all."""
        chosen = select(alarm).where(alarm.c.closed_ms.is_(None), alarm.c.state.in_(STANDING))
        if point is not None:
            chosen = chosen.where(alarm.c.point == point, alarm.c.rule == rule)
        return [alarm_of(row) for row in self._connection.execute(chosen)]

    def occurrences(self, point: str, rule: str, onset_ms: int) -> list[tuple[int, bool]]:
        """Return earlier occurrences of a (point, rule) that may make one chattering, as (onset ms, chattering)."""
        rows = self._connection.execute(
            select(alarm.c.onset_ms, alarm.c.chattering).where(
                alarm.c.point == point,
                alarm.c.rule == rule,
                alarm.c.onset_ms > onset_ms - CHATTER_MS,
                alarm.c.onset_ms < onset_ms,
                alarm.c.state.not_in(GONE),
            )
        )
        return [(row.onset_ms, bool(row.chattering)) for row in rows]

    # -- pages ------------------------------------------------------------------------------------------------

    def last_page(self, asset: str, after_ms: int) -> Paged | None:
        """Return what an asset was paged for after a time: when last, the worst, and which families of rules."""
        chosen = select(page.c.at_ms, page.c.severity, page.c.family).where(
            page.c.asset == asset, page.c.at_ms > after_ms
        )
        rows = self._connection.execute(chosen).all()
        if not rows:
            return None
        worst = max((row.severity for row in rows), key=SEVERITIES.index)
        return Paged(max(row.at_ms for row in rows), worst, frozenset(row.family for row in rows))

    def note_page(self, paged: Alarm, asset: str, now_ms: int) -> None:
        """Keep that a version of an alarm pages."""
        row = {
            "alarm": paged.id,
            "version": paged.version,
            "asset": asset,
            "severity": paged.episode.severity,
            "family": family_of(paged.episode.rule),
            "at_ms": now_ms,
        }
        self._connection.execute(insert(page).prefix_with("OR REPLACE"), row)

    # -- actions before their alarm, counters ---------------------------------------------------------------------

    def keep_early(self, position: int, name: str, entry: bytes) -> None:
        """Keep an action until its alarm is raised."""
        row = {"position": position, "alarm": name, "entry": entry}
        self._connection.execute(insert(early_action).prefix_with("OR REPLACE"), row)
        self._early_names().add(name)

    def take_early(self, name: str) -> list[bytes]:
        """Return and forget the actions that waited for an alarm, in the ledger's order."""
        if name not in self._early_names():
            return []
        chosen = select(early_action.c.entry).where(early_action.c.alarm == name).order_by(early_action.c.position)
        entries = list(self._connection.execute(chosen).scalars())
        self._connection.execute(delete(early_action).where(early_action.c.alarm == name))
        self._early_names().discard(name)
        return entries

    def _early_names(self) -> set[str]:
        if self._early is None:
            self._early = set(self._connection.execute(select(early_action.c.alarm)).scalars())
        return self._early

    def count(self, key: str) -> None:
        """Count something of `COUNTS`."""
        self._connection.execute(update(meta).where(meta.c.key == key).values(value=meta.c.value + 1))


def passed(connection: Connection, now_ms: int) -> bool:
    """Say whether a deadline has passed; asked twice a second."""
    of_holds = exists().where(hold.c.until_ms <= now_ms)
    of_alarms = exists().where(re_alarm.c.due_ms <= now_ms)
    return bool(connection.execute(select(or_(of_holds, of_alarms))).scalar_one())


def hold_of(row: Row[Any]) -> Hold:
    """Return the hold in a row."""
    values = {column.name: getattr(row, column.name) for column in hold.c}
    return Hold(**{**values, "kind": HoldKind(row.kind), "one_shot": bool(row.one_shot)})


def alarm_of(row: Row[Any]) -> Alarm:
    """Return the alarm in a row."""
    return Alarm(
        id=row.id,
        episode=episode_of(row),
        state=AlarmState(row.state),
        raised_at_ms=row.raised_at_ms,
        late_discovered=row.late_discovered,
        version=row.version,
        merged_into=row.merged_into,
        telling=Telling(row.telling),
        telling_reason=TellingReason(row.telling_reason),
        paged_at_ms=row.paged_at_ms,
        paged_severity=row.paged_severity,
        paged_step=row.paged_step,
        chattering=bool(row.chattering),
    )


def episode_of(row: Row[Any]) -> Episode:
    """Return the episode in a row of ``episode`` or ``alarm``."""
    values = {column.name: getattr(row, column.name) for column in episode.c}
    return Episode(**values)
