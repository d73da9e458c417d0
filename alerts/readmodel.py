"""What pages and the API may know of alarms: lists, one with its history, what changed, and who is waiting.

Reads beside the judge on the same file; imports neither the fold nor numba.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, and_, func, or_, select
from sqlalchemy.sql import ColumnElement

from alerts.handlingrows import COUNTS, alarm_of, hold_of
from alerts.handlingtables import hold
from alerts.holds import Hold, HoldKind
from alerts.lifecycle import GONE, STANDING, UNFINISHED, Alarm, AlarmState
from alerts.occurrences import Flood, floods
from alerts.rationalisation import guidance_of
from alerts.tables import alarm, alarm_transition, cursor, meta, pending
from coldchain.clock import rfc3339

MAX_PAGE = 500

LOOK_BACK_MS = 24 * 3_600_000
"""How far back floods are looked for."""


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """Alarms, newest first, and the cursor of the next page (None: this is the last)."""

    items: list[dict[str, object]]
    next: str | None


@dataclass(frozen=True, slots=True)
class PendingPoint:
    """A point beyond a limit whose on-delay runs, as of the judge's cursor.

    Attributes:
        rule: a `alerts.records.Lane`.
        since_ms: first sample out, measured ms.
        held_ms: how much of the on-delay has passed; holes do not count.
    """

    point: str
    rule: str
    since_ms: int
    held_ms: int


class AlarmReader:
    """Read access to an alarm store; see `alerts.store.AlertStore.engine`.

    Args:
        kind_of: from an asset to its kind, for guidance in the words of that kind.
    """

    def __init__(self, engine: Engine, kind_of: Callable[[str], str] = lambda asset: "") -> None:
        self._engine = engine
        self._kind_of = kind_of

    def position(self) -> int:
        """Return the ledger position up to which everything here is judged."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position)).scalar_one())

    def change(self) -> int:
        """Return the number of the last change of any alarm; `since_change` gives what came after one."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(meta.c.value).where(meta.c.key == "changed")).scalar_one())

    def alarms(
        self, *, open_only: bool = False, asset: str | None = None, limit: int = 50, after: str | None = None
    ) -> AlarmPage:
        """Return alarms, last raised first.

        Args:
            open_only: only those that somebody must still handle (not normal, retracted or merged).
            asset: only those of this asset.
            limit: at most `MAX_PAGE`.
            after: ``next`` of the page before.

        Raises:
            ValueError: ``after`` is no cursor of this list.
        """
        limit = max(1, min(limit, MAX_PAGE))
        wanted = select(alarm).order_by(alarm.c.raised_at_ms.desc(), alarm.c.id.desc()).limit(limit + 1)
        if open_only:
            wanted = wanted.where(alarm.c.state.in_(UNFINISHED))
        if asset is not None:
            wanted = wanted.where(alarm.c.asset == asset)
        if after is not None:
            wanted = wanted.where(_behind(after))
        with self._engine.connect() as connection:
            rows = connection.execute(wanted).all()
            more = len(rows) > limit
            rows = rows[:limit]
            return AlarmPage(self._items(connection, rows), _cursor(rows[-1]) if more else None)

    def alarm(self, name: str) -> dict[str, object] | None:
        """Return an alarm with its transitions, oldest first, or None."""
        with self._engine.connect() as connection:
            row = connection.execute(select(alarm).where(alarm.c.id == name)).first()
            if row is None:
                return None
            steps = connection.execute(
                select(alarm_transition).where(alarm_transition.c.alarm == name).order_by(alarm_transition.c.ordinal)
            ).all()
            (item,) = self._items(connection, [row])
        return {**item, "transitions": [_transition(step) for step in steps]}

    def since(self, position: int, *, limit: int = MAX_PAGE) -> list[dict[str, object]]:
        """Return the alarms written when the judge was at a ledger position or behind it, in order of writing.

        A client that names the position of its last frame may get an alarm twice and misses none.
        """
        return self._listed(alarm.c.position >= position, limit)

    def since_change(self, change: int, *, limit: int = MAX_PAGE) -> list[dict[str, object]]:
        """Return the alarms that changed after a change number, each once, in order of their last change."""
        return self._listed(alarm.c.changed > change, limit)

    def pending(self) -> list[PendingPoint]:
        """Return the points whose on-delay runs, longest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(pending).order_by(pending.c.since_ms, pending.c.point))
            return [PendingPoint(row.point, row.rule, row.since_ms, row.held_ms) for row in rows]

    def unretracted(self, point: str) -> list[dict[str, object]]:
        """Return every alarm of a point that stands for an episode, by onset."""
        chosen = select(alarm).where(alarm.c.point == point, alarm.c.state.not_in(GONE)).order_by(alarm.c.onset_ms)
        with self._engine.connect() as connection:
            return self._items(connection, connection.execute(chosen).all())

    def handled(self, name: str) -> tuple[Alarm, dict[HoldKind, Hold]] | None:
        """Return an alarm and what people laid on its point and rule; of a merged one, of what it was merged into."""
        with self._engine.connect() as connection:
            row = connection.execute(select(alarm).where(alarm.c.id == name)).first()
            while row is not None and row.merged_into is not None:
                row = connection.execute(select(alarm).where(alarm.c.id == row.merged_into)).first()
            if row is None:
                return None
            laid = connection.execute(select(hold).where(hold.c.point == row.point, hold.c.rule == row.rule))
            return alarm_of(row), {held.kind: held for held in map(hold_of, laid)}

    def flood(self, now_ms: int) -> Flood | None:
        """Return the newest flood of the last 24 h, with no end while it lasts; late-discovered alarms make none."""
        found = self._floods(now_ms)
        return found[-1] if found else None

    def counts(self, now_ms: int) -> dict[str, int]:
        """Return the books: actions, deadlines that passed, and how much is too much at this moment."""
        found = self._floods(now_ms)
        with self._engine.connect() as connection:
            kept = {row.key: row.value for row in connection.execute(select(meta).where(meta.c.key.in_(COUNTS)))}
            chatters = select(func.count()).where(alarm.c.chattering, alarm.c.state.in_(STANDING))
            now = int(connection.execute(chatters).scalar_one())
        lasting = sum(flood.ended_ms is None for flood in found)
        ordered = {key: int(kept.get(key, 0)) for key in COUNTS}
        return {**ordered, "chattering_now": now, "floods_in_24h": len(found), "in_flood": lasting}

    def _floods(self, now_ms: int) -> list[Flood]:
        chosen = select(alarm.c.raised_at_ms).where(
            alarm.c.raised_at_ms > now_ms - LOOK_BACK_MS,
            alarm.c.raised_at_ms <= now_ms,
            alarm.c.late_discovered.is_(False),
            alarm.c.state.not_in(GONE),
        )
        with self._engine.connect() as connection:
            return floods(list(connection.execute(chosen).scalars()), now_ms)

    def _items(self, connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, object]]:
        shelves: dict[tuple[str, str], int | None] = {}
        if any(row.state == AlarmState.SHELVED for row in rows):
            laid = select(hold.c.point, hold.c.rule, hold.c.until_ms).where(hold.c.kind == HoldKind.SHELVED)
            shelves = {(row.point, row.rule): row.until_ms for row in connection.execute(laid)}
        return [item_of(row, shelves.get((row.point, row.rule)), self._kind_of(row.asset)) for row in rows]

    def _listed(self, condition: ColumnElement[bool], limit: int) -> list[dict[str, object]]:
        with self._engine.connect() as connection:
            rows: Sequence[Row[Any]] = connection.execute(
                select(alarm).where(condition).order_by(alarm.c.changed).limit(limit)
            ).all()
            return self._items(connection, rows)


def item_of(row: Row[Any], shelved_until_ms: int | None = None, kind: str = "") -> dict[str, object]:
    """Return an alarm as the API shows it; an open one's duration is what was seen of it so far.

    ``duration_s`` runs from onset to the end, or to the last moment held out while open; ``hole_s`` of it is unknown.
    """
    guidance = guidance_of(row.rule, kind)
    until_ms = shelved_until_ms if row.state == AlarmState.SHELVED else None
    lasted_ms = row.exposed_ms + row.hole_ms if row.ended_ms is None else row.ended_ms - row.onset_ms
    return {
        "id": row.id,
        "point": row.point,
        "asset": row.asset,
        "site": row.site,
        "rule": row.rule,
        "severity": row.severity,
        "top_severity": row.top_severity,
        "state": row.state,
        "onset": rfc3339(row.onset_ms),
        "raised_at": rfc3339(row.raised_at_ms),
        "ended": None if row.ended_ms is None else rfc3339(row.ended_ms),
        "open": row.ended_ms is None and row.state not in GONE,
        "limit": row.limit,
        "peak": row.peak,
        "mean": row.mean,
        "unit": row.unit,
        "rule_version": row.rule_version,
        "duration_s": lasted_ms // 1000,
        "exposed_s": row.exposed_ms // 1000,
        "suppressed_s": row.suppressed_ms // 1000,
        "excess_kelvin_min": row.excess_kelvin_min,
        "hole_s": row.hole_ms // 1000,
        "samples": row.samples,
        "dose_h": row.dose_h,
        "dose_model": row.dose_model,
        "kinetic_mean_celsius": row.kinetic_mean_celsius,
        "end_reason": row.end_reason,
        "late_discovered": bool(row.late_discovered),
        "telling": row.telling,
        "telling_reason": row.telling_reason,
        "shelved_until": None if until_ms is None else rfc3339(until_ms),
        "chattering": bool(row.chattering),
        "guidance": None if guidance is None else asdict(guidance),
        "merged_into": row.merged_into,
        "version": row.version,
        "change": row.changed,
    }


def _transition(row: Row[Any]) -> dict[str, object]:
    return {
        "at": rfc3339(row.at_ms),
        "from": row.before,
        "to": row.after,
        "trigger": row.trigger,
        "reason": row.reason,
        "who": row.who,
        "evidence": msgspec.json.decode(row.evidence),
    }


def _cursor(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(f"{row.raised_at_ms}:{row.id}".encode()).decode().rstrip("=")


def _behind(text: str) -> ColumnElement[bool]:
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        at_ms, _, name = raw.partition(":")
        raised_at_ms = int(at_ms)
    except ValueError as fault:
        raise ValueError(f"{text!r:.80} is no cursor of this list") from fault
    return or_(
        alarm.c.raised_at_ms < raised_at_ms,
        and_(alarm.c.raised_at_ms == raised_at_ms, alarm.c.id < name),
    )
