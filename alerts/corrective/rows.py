"""Corrective action as rows: what was said is kept, and what it comes to is derived anew whenever it or an alarm moves.

::

    corrective entries (ledger) ─▶ corrective_said ─┐
    alarms as the judge writes them ────────────────┴─▶ correction, matter      in the same transaction

A row is a function of its alarm and of everything said about it, so which came first does not matter. An alarm that
was merged brings what was said about it to the one that it was merged into; one that was retracted leaves it void.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from alerts.corrective.tables import correction, corrective_said, matter
from alerts.lifecycle import AlarmState
from alerts.tables import alarm
from coldchain.corrective import LEAD, RISK, CoreTemperature, Corrective, Lead, RiskReport, about_of
from coldchain.corrective.fold import CorrectionBook, CorrectiveSaid, State, correction_book, too_warm
from coldchain.corrective.grading import CHECK_MS, WARM_RULES, Grade, due_of, grade_of
from coldchain.corrective.verdicts import refusal
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry
from coldchain.registry import decode_change

OVERDUE = "correction-overdue"
"""Rule of a site whose corrective actions are overdue; it asks for none itself."""

MOST = 400
"""Names in one question; SQLite takes 32,766 at most, and long ones are slow to prepare."""


class MatterState(StrEnum):
    """What a lead or a risk report is."""

    OPEN = "open"
    CORRECTING = "correcting"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """What of an alarm says which corrective action it needs.

    Attributes:
        begun_ms: when it was raised, the server's time. ``paged``: somebody was called.
    """

    id: str
    asset: str
    site: str
    rule: str
    top_severity: str
    begun_ms: int
    paged: bool
    retracted: bool


def said_of(entry: Entry) -> CorrectiveSaid | None:
    """Return a change entry as one of corrective action, None when it is something else or of a newer program."""
    if b'"put":"' not in entry.raw or not any(tag in entry.raw for tag in _TAGS):
        return None
    try:
        change = decode_change(entry.raw)
    except RejectedReading:
        return None
    put = change.change
    if not isinstance(put, Corrective):
        return None
    return CorrectiveSaid(entry.position, entry.received_at_ms, put, change.who, change.why)


_TAGS = (b'"correction"', b'"correction-verified"', b'"core-temperature"', b'"lead"', b'"risk-report"')


def keep_said(connection: Connection, entries: Sequence[Entry]) -> None:
    """Keep entries of corrective action, and derive what follows."""
    rows: list[dict[str, Any]] = []
    abouts: set[str] = set()
    for entry in entries:
        said = said_of(entry)
        assert said is not None
        about = about_of(said.put)
        abouts.add(about)
        rows.append({"position": entry.position, "about": about, "received_ms": entry.received_at_ms, "raw": entry.raw})
    if rows:
        connection.execute(insert(corrective_said).prefix_with("OR REPLACE"), rows)
        derive(connection, abouts - {""})


def derive(connection: Connection, abouts: Iterable[str]) -> None:
    """Bring the rows of what some alarms, leads and risks ask for to what follows from them now."""
    names = set(abouts)
    matters = {name for name in names if name.startswith((LEAD, RISK))}
    families = _families(connection, names - matters)
    merged = {name for members in families.values() for name in members}
    said = _said(connection, matters | merged)
    facts = _facts(connection, merged)
    rows = []
    for head, members in families.items():
        own = sorted((one for name in members for one in said.get(name, ())), key=lambda one: one.position)
        known = [facts[name] for name in members if name in facts]
        if head in facts and needed(facts[head].rule, own, paged=any(one.paged for one in known)):
            rows.append(alarm_row(facts[head], own))
    matter_rows = []
    for about in matters:
        found = matter_rows_of(about, said.get(about, []))
        if found is not None:
            matter_rows.append(found[0])
            rows += found[1:]
    for some in _pieces(sorted(matters | merged)):
        connection.execute(delete(correction).where(correction.c.about.in_(some)))
        connection.execute(delete(matter).where(matter.c.about.in_(some)))
    if rows:
        connection.execute(insert(correction), rows)
    if matter_rows:
        connection.execute(insert(matter), matter_rows)


def needed(rule: str, said: Sequence[CorrectiveSaid], *, paged: bool) -> bool:
    """Say whether an alarm needs corrective action: it called somebody, or somebody said something about it."""
    return rule != OVERDUE and (paged or bool(said))


def alarm_book(facts: AlarmFacts, said: Sequence[CorrectiveSaid]) -> CorrectionBook:
    """Return what is said of the corrective action of an alarm."""
    book = correction_book(grade_of(facts.rule, facts.top_severity, too_warm=too_warm(said)), said)
    if facts.retracted:
        book.state = State.VOID
    return book


def check_until(facts: AlarmFacts, book: CorrectionBook) -> int | None:
    """Return until when a core temperature is asked for; None: not (any more).

    Below a product criterion, while nobody measured the goods and nobody has closed the matter.
    """
    measured = any(put.limit_celsius is not None for put in _readings(book))
    asks = facts.rule in WARM_RULES and facts.asset != "" and facts.paged and book.grade is not Grade.SEVERE
    return facts.begun_ms + CHECK_MS if asks and not measured and book.state is State.OPEN else None


def alarm_row(facts: AlarmFacts, said: Sequence[CorrectiveSaid]) -> dict[str, Any]:
    """Return the row of an alarm's corrective action."""
    book = alarm_book(facts, said)
    place = {"about": facts.id, "site": facts.site, "asset": facts.asset, "rule": facts.rule}
    return place | _row(book, facts.begun_ms) | {"check_until_ms": check_until(facts, book)}


def matter_rows_of(about: str, said: Sequence[CorrectiveSaid]) -> list[dict[str, Any]] | None:
    """Return the row of a lead or risk, and of the corrective action that it ends in; None: nobody said it yet."""
    book, put = matter_book(said)
    if put is None:
        return None
    row = {
        "about": about,
        "kind": "lead" if isinstance(put, Lead) else "risk",
        "source": put.source,
        "site": put.site,
        "state": matter_state(put, book),
        "at_ms": put.at_ms,
        "due_ms": put.due_ms if isinstance(put, Lead) else None,
    }
    if put.ends != "correction":
        return [row]
    asked = next(one for one in said if isinstance(one.put, Lead | RiskReport) and one.put.ends == "correction")
    asset = put.asset if isinstance(put, Lead) else ""
    place = {"about": about, "site": put.site, "asset": asset, "rule": row["kind"]}
    return [row, place | _row(book, asked.received_ms) | {"check_until_ms": None}]


def matter_book(said: Sequence[CorrectiveSaid]) -> tuple[CorrectionBook, Lead | RiskReport | None]:
    """Return what is said of a lead or risk, and its last word."""
    puts = [one.put for one in said if isinstance(one.put, Lead | RiskReport) and refusal(one.put) is None]
    put = puts[-1] if puts else None
    return correction_book(Grade.SERIOUS if put is None else Grade(put.grade), said), put


def matter_state(put: Lead | RiskReport, book: CorrectionBook) -> MatterState:
    """Return what a lead or risk is: open until it is said what it comes to, closed when that is closed."""
    if not put.ends:
        return MatterState.OPEN
    if put.ends == "correction" and book.state is not State.CLOSED:
        return MatterState.CORRECTING
    return MatterState.CLOSED


def _row(book: CorrectionBook, begun_ms: int) -> dict[str, Any]:
    said = book.correction
    celsius = [put.celsius for put in _readings(book)]
    return {
        "grade": book.grade,
        "state": book.state,
        "begun_ms": begun_ms,
        "due_ms": due_of(book.grade, begun_ms, said.due_ms if said else None),
        "done_ms": book.done_ms,
        "closed_ms": book.closed_ms,
        "core_celsius": max(celsius, default=None),
        "cause": said.cause if said else "",
        "responsible": said.responsible if said else "",
    }


def _readings(book: CorrectionBook) -> list[CoreTemperature]:
    return [said.put for said in book.readings if isinstance(said.put, CoreTemperature)]


def _families(connection: Connection, names: Iterable[str]) -> dict[str, set[str]]:
    """Return head → alarms that were merged into it, itself included, of the families that some alarms belong to."""
    heads: set[str] = set()
    asked = set(names)
    while asked:
        above = dict(_pairs(connection, sorted(asked)))
        heads |= {name for name in asked if above.get(name) is None}
        asked = {into for into in above.values() if into is not None}
    families = {head: {head} for head in heads}
    home = {head: head for head in heads}
    fresh = set(heads)
    while fresh:
        found: list[tuple[str, str]] = []
        for some in _pieces(sorted(fresh)):
            below = select(alarm.c.id, alarm.c.merged_into).where(alarm.c.merged_into.in_(some))
            found += [(row.id, row.merged_into) for row in connection.execute(below)]
        fresh = {name for name, _ in found} - home.keys()
        for name, into in found:
            home.setdefault(name, home[into])
            families[home[name]].add(name)
    return families


def _pairs(connection: Connection, names: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    for some in _pieces(names):
        for row in connection.execute(select(alarm.c.id, alarm.c.merged_into).where(alarm.c.id.in_(some))):
            yield row.id, row.merged_into


def _facts(connection: Connection, names: Iterable[str]) -> dict[str, AlarmFacts]:
    found = {}
    for some in _pieces(sorted(names)):
        for row in connection.execute(select(alarm).where(alarm.c.id.in_(some))):
            found[row.id] = facts_of(row)
    return found


def facts_of(row: Any) -> AlarmFacts:
    """Return what a row of ``alarm`` says of the corrective action that it needs."""
    return AlarmFacts(
        row.id,
        row.asset,
        row.site,
        row.rule,
        row.top_severity,
        row.raised_at_ms,
        row.paged_at_ms is not None,
        row.state == AlarmState.RETRACTED,
    )


def family(connection: Connection, name: str) -> tuple[str, list[str]]:
    """Return the alarm that an alarm lives on in, and everything that was merged into it, itself included."""
    ((head, members),) = _families(connection, [name]).items()
    return head, sorted(members)


def said_about(connection: Connection, abouts: Sequence[str]) -> list[CorrectiveSaid]:
    """Return what was said about some alarms, leads or risks, in the ledger's order."""
    found = _said(connection, abouts)
    return sorted((one for some in found.values() for one in some), key=lambda one: one.position)


def _said(connection: Connection, abouts: Iterable[str]) -> dict[str, list[CorrectiveSaid]]:
    found: dict[str, list[CorrectiveSaid]] = {}
    for some in _pieces(sorted(abouts)):
        wanted = select(corrective_said).where(corrective_said.c.about.in_(some)).order_by(corrective_said.c.position)
        for row in connection.execute(wanted):
            found.setdefault(row.about, []).append(said_in(row))
    return found


def said_in(row: Any) -> CorrectiveSaid:
    """Return what a row of ``corrective_said`` says."""
    change = decode_change(row.raw)
    assert isinstance(change.change, Corrective)
    return CorrectiveSaid(row.position, row.received_ms, change.change, change.who, change.why)


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + MOST] for at in range(0, len(names), MOST))
