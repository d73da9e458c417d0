"""What pages and the API may know of corrective action: lists, and one with everything that was said.

Reads beside the judge on the same file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, and_, func, or_, select

from alerts.corrective.rows import (
    AlarmFacts,
    MatterState,
    alarm_book,
    alarm_row,
    facts_of,
    family,
    matter_book,
    matter_rows_of,
    needed,
    said_about,
)
from alerts.corrective.tables import correction, matter
from alerts.tables import alarm, cursor
from coldchain.corrective import LEAD, RISK, Lead, RiskReport
from coldchain.corrective.fold import CorrectionBook, CorrectiveSaid, State
from coldchain.corrective.grading import Grade

TODO = (State.OPEN, State.TO_VERIFY)
NOTHING: Mapping[str, Sequence[CorrectiveSaid]] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which corrective actions are asked for.

    Attributes:
        state: a `State`, ``overdue``, ``to-check`` (待核查), ``todo`` (open or to verify), ``all``.
        grade, site: only these; empty: all. ``from_ms``, ``to_ms``: begun within [from, to).
    """

    state: str = "todo"
    grade: str = ""
    site: str = ""
    from_ms: int = 0
    to_ms: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Found:
    """A corrective action.

    Attributes:
        about: id of an alarm (of a merged one, that of the one it was merged into), a lead or a risk.
        rule: of the alarm; ``lead`` or ``risk``.
        row: the columns of ``correction``, of an alarm also where none is needed; None: a lead
            or risk that asks for none.
        needed: it needs corrective action.
        said: everything that was said about it, in the ledger's order.
        matter: the last word on the lead or risk; ``matter_row``: the columns of ``matter``.
    """

    about: str
    rule: str
    row: dict[str, Any] | None
    needed: bool
    book: CorrectionBook
    said: Sequence[CorrectiveSaid]
    matter: Lead | RiskReport | None = None
    matter_row: Mapping[str, Any] | None = None


class CorrectiveReader:
    """Read access to corrective action in an alarm store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> int:
        """Return the ledger position up to which everything is folded."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position)).scalar_one())

    def corrections(
        self, wanted: Wanted, now_ms: int, *, limit: int, after: tuple[int, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return corrective actions, the oldest first.

        Args:
            after: (begun ms, about) of the last one of the page before.
        """
        chosen = select(correction).where(*_conditions(wanted, now_ms))
        if after is not None:
            begun_ms, about = after
            tied = and_(correction.c.begun_ms == begun_ms, correction.c.about > about)
            chosen = chosen.where(or_(correction.c.begun_ms > begun_ms, tied))
        chosen = chosen.order_by(correction.c.begun_ms, correction.c.about).limit(limit)
        with self._engine.connect() as connection:
            return [_columns(row) for row in connection.execute(chosen)]

    def counts(self, now_ms: int) -> dict[str, int]:
        """Return how many are open, overdue, to verify, to check."""
        with self._engine.connect() as connection:
            return {
                state: int(
                    connection.execute(select(func.count()).where(*_conditions(Wanted(state), now_ms))).scalar_one()
                )
                for state in ("open", "overdue", "to-verify", "to-check")
            }

    def about(self, about: str, tail: Mapping[str, Sequence[CorrectiveSaid]] = NOTHING) -> Found | None:
        """Return one with everything that was said about it; None: there is no such alarm, and nobody said it.

        Args:
            tail: about → what was said behind `position`.
        """
        if about.startswith((LEAD, RISK)):
            return self._matter(about, tail)
        with self._engine.connect() as connection:
            head, members = family(connection, about)
            said = [*said_about(connection, members), *_behind(tail, members)]
            rows = connection.execute(select(alarm).where(alarm.c.id.in_(members))).all()
        facts = {row.id: facts_of(row) for row in rows}
        if head not in facts:
            return None
        paged = any(one.paged for one in facts.values())
        is_needed = needed(facts[head].rule, said, paged=paged)
        row = alarm_row(facts[head], said)
        return Found(head, facts[head].rule, row, is_needed, alarm_book(facts[head], said), said)

    def _matter(self, about: str, tail: Mapping[str, Sequence[CorrectiveSaid]]) -> Found | None:
        with self._engine.connect() as connection:
            said = [*said_about(connection, [about]), *_behind(tail, [about])]
        rows = matter_rows_of(about, said)
        if rows is None:
            return None
        book, put = matter_book(said)
        row = rows[1] if len(rows) > 1 else None
        return Found(about, rows[0]["kind"], row, row is not None, book, said, put, rows[0])

    def alarm(self, name: str) -> AlarmFacts | None:
        """Return what an alarm says of the corrective action that it needs; of a merged one, of its head."""
        with self._engine.connect() as connection:
            head, _ = family(connection, name)
            row = connection.execute(select(alarm).where(alarm.c.id == head)).first()
        return None if row is None else facts_of(row)

    def checked_at(self, asset: str) -> str:
        """Return the alarm of an asset that waits longest for a core temperature; empty: none does."""
        wanted = select(correction.c.about).where(correction.c.asset == asset, correction.c.check_until_ms.is_not(None))
        with self._engine.connect() as connection:
            return connection.execute(wanted.order_by(correction.c.begun_ms)).scalars().first() or ""

    def matters(
        self, kind: str, *, state: str = "", limit: int, before: tuple[int, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return leads or risk reports, the newest first.

        Args:
            kind: ``lead`` or ``risk``. ``state``: a `MatterState`; empty: all.
            before: (at ms, about) of the last one of the page before.
        """
        chosen = select(matter).where(matter.c.kind == kind)
        if state:
            chosen = chosen.where(matter.c.state == MatterState(state))
        if before is not None:
            at_ms, about = before
            chosen = chosen.where(or_(matter.c.at_ms < at_ms, and_(matter.c.at_ms == at_ms, matter.c.about < about)))
        chosen = chosen.order_by(matter.c.at_ms.desc(), matter.c.about.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [_columns(row) for row in connection.execute(chosen)]


def _behind(tail: Mapping[str, Sequence[CorrectiveSaid]], abouts: Sequence[str]) -> list[CorrectiveSaid]:
    return sorted((one for about in abouts for one in tail.get(about, ())), key=lambda one: one.position)


def is_overdue(row: Mapping[str, Any], now_ms: int) -> bool:
    """Say whether a corrective action should have been done."""
    return bool(row["state"] == State.OPEN and row["due_ms"] <= now_ms)


def _conditions(wanted: Wanted, now_ms: int) -> list[ColumnElement[bool]]:
    found = [correction.c.begun_ms >= wanted.from_ms, correction.c.begun_ms < wanted.to_ms]
    if wanted.grade:
        found.append(correction.c.grade == Grade(wanted.grade))
    if wanted.site:
        found.append(correction.c.site == wanted.site)
    match wanted.state:
        case "all":
            pass
        case "todo":
            found.append(correction.c.state.in_(TODO))
        case "overdue":
            found += [correction.c.state == State.OPEN, correction.c.due_ms <= now_ms]
        case "to-check":
            found.append(correction.c.check_until_ms.is_not(None))
        case _:
            found.append(correction.c.state == State(wanted.state))
    return found


def _columns(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)
