"""What was sent to others, and what of it is no longer true: declared wrong, never altered, never just left out.

::

    current events of a subject ──┬── sent before, still made: sent again as it is
    sent before ──────────────────┼── sent before, no longer made: a copy that declares it wrong, and what is right
                                  └── declared wrong before, made again: under the next id

A file of its own (``epcis.db``), and no projection: the ledger does not know what was sent. Where it is lost, what was
sent before can no longer be declared wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
    update,
)

from coldchain.database import open_sqlite
from coldchain.epcis.structs import AnyEvent
from coldchain.epcis.writing import again, corrected
from coldchain.exchange.selecting import Chosen, Wanted

MOST = 500
"""Names in one statement."""

metadata = MetaData()

sent = Table(
    "sent",
    metadata,
    Column("id", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("event", LargeBinary, nullable=False),
    Column("sent_ms", BigInteger, nullable=False),
    Column("declared", LargeBinary),
    sqlite_with_rowid=False,
)
"""``event``: as it was sent; ``declared``: the copy that declares it wrong; null: nobody did."""
Index("sent_subject", sent.c.subject, sent.c.at_ms)

_decode = msgspec.json.Decoder(AnyEvent).decode


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out.

    Attributes:
        key: where it stands in the order of all.
    """

    subject: str
    at_ms: int
    event: AnyEvent

    @property
    def key(self) -> tuple[str, str]:
        return self.event.event_time, self.event.event_id or ""


@dataclass(frozen=True, slots=True)
class _Sent:
    subject: str
    at_ms: int
    event: AnyEvent
    declared: AnyEvent | None


class SentEvents:
    """The file; one process writes it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writing=True)
        with self._writer.begin() as connection:
            metadata.create_all(connection)

    @classmethod
    def open(cls, path: Path) -> SentEvents:
        """Open (and make) a file."""
        return cls(open_sqlite(path))

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def send(
        self, found: Chosen, wanted: Wanted, now_ms: int, *, limit: int, after: tuple[str, str] = ("", "")
    ) -> tuple[list[AnyEvent], tuple[str, str] | None]:
        """Return the next events to send, by time, and keep that they were sent.

        Args:
            after: the key of the last event that was sent of this answer.

        Returns:
            The events, and the key of the last one where more follow.
        """
        with self._writer.begin() as connection:
            known = self._sent(connection, found.every, wanted)
            outgoing = outgoing_of(found, known, now_ms)
            behind = sorted((one for one in outgoing if one.key > after), key=lambda one: (one.key, one.subject))
            page = _page(behind, limit)
            for one in (*page, *(one for one in outgoing if one.event.error_declaration is not None)):
                _keep(connection, one, now_ms)
        last = page[-1].key if len(page) < len(behind) else None
        return list({one.event.event_id: one.event for one in page}.values()), last

    def _sent(self, connection: Connection, subjects: Iterable[str], wanted: Wanted) -> list[_Sent]:
        names = sorted(subjects)
        rows: list[Any] = []
        within = (sent.c.at_ms >= wanted.from_ms) & (sent.c.at_ms < wanted.to_ms)
        for at in range(0, len(names), MOST):
            rows += connection.execute(select(sent).where(sent.c.subject.in_(names[at : at + MOST]), within)).all()
        return [
            _Sent(row.subject, row.at_ms, _decode(row.event), None if row.declared is None else _decode(row.declared))
            for row in rows
        ]


def outgoing_of(found: Chosen, known: Sequence[_Sent], now_ms: int) -> list[Outgoing]:
    """Return what goes out: what is true, and what was sent and is not, each declared."""
    declared = {one.event.event_id for one in known if one.declared is not None}
    before = {one.event.event_id for one in known}
    current = {
        subject: [Outgoing(subject, one.at_ms, _unspent(one.event, declared)) for one in made]
        for subject, made in found.every.items()
    }
    asked = {(one.subject, _unspent(one.event, declared).event_id) for one in found.events}
    out = [one for ones in current.values() for one in ones if (one.subject, one.event.event_id) in asked]
    for one in known:
        if one.declared is not None:
            out.append(Outgoing(one.subject, one.at_ms, one.declared))
        elif one.event.event_id not in {other.event.event_id for other in current[one.subject]}:
            fresh = [other for other in current[one.subject] if other.event.event_id not in before]
            right = _instead(one, fresh)
            wrong = corrected(one.event, now_ms, [] if right is None else [right.event])
            out.append(Outgoing(one.subject, one.at_ms, wrong))
            out += [] if right is None else [right]
    return out


def _unspent(event: AnyEvent, declared: set[str | None]) -> AnyEvent:
    while event.event_id in declared:
        event = again(event)
    return event


def _instead(wrong: _Sent, fresh: Iterable[Outgoing]) -> Outgoing | None:
    """Return the event that says right what was wrong: of the same step, the nearest in time."""
    same = (one for one in fresh if _step(one.event) == _step(wrong.event))
    return min(same, key=lambda one: (abs(one.at_ms - wrong.at_ms), one.key), default=None)


def _step(event: AnyEvent) -> tuple[Any, ...]:
    return type(event), getattr(event, "action", ""), event.biz_step


def _page(behind: Sequence[Outgoing], limit: int) -> Sequence[Outgoing]:
    """Return the first events, those of one key together: a page never ends between two of them."""
    page = behind[:limit]
    while page and len(page) < len(behind) and behind[len(page)].key == page[-1].key:
        page = behind[: len(page) + 1]
    return page


def _keep(connection: Connection, one: Outgoing, now_ms: int) -> None:
    same = (sent.c.id == one.event.event_id) & (sent.c.subject == one.subject)
    raw = msgspec.json.encode(one.event)
    if one.event.error_declaration is not None:
        connection.execute(update(sent).where(same, sent.c.declared.is_(None)).values(declared=raw))
        return
    row = {"id": one.event.event_id, "subject": one.subject, "at_ms": one.at_ms, "event": raw, "sent_ms": now_ms}
    connection.execute(insert(sent).prefix_with("OR IGNORE"), row)
