"""What was sent to others, and what of it is no longer true: declared wrong, never altered, never just left out.

A file of its own (``epcis.db``), and no projection: the ledger does not know what was sent. Where it is lost, what was
sent before can no longer be declared wrong.

What is wrong is found by whoever asks the same again, and by `SentEvents.check`, whoever asks for what: it walks
through everything that was sent, and `SentEvents.corrections` tells what was found since a time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
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
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import OperationalError

from coldchain.database import open_sqlite
from coldchain.epcis.structs import AnyEvent
from coldchain.errors import Unavailable
from coldchain.exchange.comparing import Outgoing, Sent, event_of, outgoing_of
from coldchain.exchange.made import Made
from coldchain.exchange.selecting import Chosen, Wanted
from coldchain.registry.intervals import FOREVER_MS

MOST = 500
"""Names in one statement."""

MOST_ANSWERS = 4
"""Answers that are kept for their next page: 10,000 events are about 20 MB."""

ANSWER_MS = 5 * 60_000
"""How long an answer is kept: its next pages say what was true when its first one was asked for."""

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

declaration = Table(
    "declaration",
    metadata,
    Column("declared_ms", BigInteger, primary_key=True),
    Column("id", String, primary_key=True),
    Column("subject", String, primary_key=True),
    sqlite_with_rowid=False,
)
"""What was declared wrong when, in the order of being told."""

told = Table(
    "told",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("subject", String, primary_key=True),
    sqlite_with_rowid=False,
)
"""Which subjects a question (`Wanted`) was told of."""

checked = Table(
    "checked",
    metadata,
    Column("subject", String, primary_key=True),
    Column("checked_ms", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""When a subject of which something was sent was last compared with what is true."""


@dataclass(frozen=True, slots=True)
class _Answer:
    made_ms: int
    outgoing: Sequence[Outgoing]


class SentEvents:
    """The file; one process writes it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writing=True)
        self._turn = threading.Lock()  # what is made and what it is compared with are of one moment
        self._answers: OrderedDict[Wanted, _Answer] = OrderedDict()
        with self._writer.begin() as connection:
            metadata.create_all(connection)

    @classmethod
    def open(cls, path: Path) -> SentEvents:
        """Open (and make) a file."""
        return cls(open_sqlite(path))

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # -- what somebody asks for -------------------------------------------------------------------------------

    def send(
        self,
        make: Callable[[Sequence[str]], Chosen],
        wanted: Wanted,
        now_ms: int,
        *,
        limit: int,
        after: tuple[str, str] | None = None,
    ) -> tuple[list[AnyEvent], tuple[str, str] | None]:
        """Return the next events to send, by time, and keep that they were sent.

        Args:
            make: makes the answer, given the subjects that the same question was told of before.
            after: the key of the last event that was sent of this answer; its other pages are not made anew.

        Returns:
            The events, and the key of the last one where more follow.
        """
        with self._turn:
            answer = self._answers.get(wanted) if after is not None else None
            if answer is None or now_ms - answer.made_ms > ANSWER_MS:
                answer = _Answer(now_ms, self._compared(make(self._told(wanted)), wanted, now_ms))
                self._remember(wanted, answer)
            behind = [one for one in answer.outgoing if one.key > (after or ("", ""))]
            page = _page(behind, limit)
            with self._writer.begin() as connection:
                _keep(connection, page, now_ms)
                rows = [{"kind": wanted.kind, "name": wanted.name, "subject": one} for one in _subjects(page)]
                if rows:
                    connection.execute(insert(told).prefix_with("OR IGNORE"), rows)
        last = page[-1].key if len(page) < len(behind) else None
        return list({one.event.event_id: one.event for one in page}.values()), last

    def _compared(self, found: Chosen, wanted: Wanted, now_ms: int) -> list[Outgoing]:
        with self._writer.begin() as connection:
            known = _sent(connection, found.every, wanted.from_ms, wanted.to_ms)
            outgoing = outgoing_of(found, known, now_ms)
            _keep(connection, [one for one in outgoing if one.event.error_declaration is not None], now_ms)
        return sorted(outgoing, key=lambda one: (one.key, one.subject))

    def _remember(self, wanted: Wanted, answer: _Answer) -> None:
        self._answers[wanted] = answer
        self._answers.move_to_end(wanted)
        while len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)

    def _told(self, wanted: Wanted) -> list[str]:
        within = (sent.c.at_ms >= wanted.from_ms) & (sent.c.at_ms < wanted.to_ms)
        same = (told.c.kind == wanted.kind) & (told.c.name == wanted.name)
        subjects = select(told.c.subject).join(sent, sent.c.subject == told.c.subject).where(same, within).distinct()
        with self._engine.connect() as connection:
            return [str(row[0]) for row in connection.execute(subjects.order_by(told.c.subject))]

    # -- whoever asks for what --------------------------------------------------------------------------------

    def check(self, make: Callable[[str, int, int], list[Made]], now_ms: int, before_ms: int) -> bool:
        """Compare the subject that was looked at longest ago, of those of which something was sent.

        Args:
            make: makes all events of a subject, those within [from, to) at least.
            before_ms: who was looked at since is left out.

        Returns:
            Whether there was one.

        Raises:
            Unavailable: the disk is full, or the file is locked.
        """
        try:
            return self._check(make, now_ms, before_ms)
        except OperationalError as fault:
            raise Unavailable(f"what was sent takes no writes: {fault.orig}") from fault

    def _check(self, make: Callable[[str, int, int], list[Made]], now_ms: int, before_ms: int) -> bool:
        with self._turn:
            with self._engine.connect() as connection:
                oldest = (
                    select(checked.c.subject).where(checked.c.checked_ms < before_ms).order_by(checked.c.checked_ms)
                )
                subject = connection.execute(oldest.limit(1)).scalar()
                if subject is None:
                    return False
                valid = (sent.c.subject == subject) & sent.c.declared.is_(None)
                span = connection.execute(select(func.min(sent.c.at_ms), func.max(sent.c.at_ms)).where(valid)).one()
            made = [] if span[0] is None else make(subject, span[0], span[1] + 1)
            with self._writer.begin() as connection:
                if span[0] is not None:
                    known = _sent(connection, [subject], -FOREVER_MS, FOREVER_MS)
                    _keep(connection, outgoing_of(Chosen([], {subject: made}), known, now_ms), now_ms)
                connection.execute(update(checked).where(checked.c.subject == subject).values(checked_ms=now_ms))
        return True

    def corrections(
        self, from_ms: int, *, limit: int, after: tuple[int, str] | None = None
    ) -> tuple[list[AnyEvent], tuple[int, str] | None]:
        """Return what was declared wrong from a time on, by when it was, each with the events that say it right.

        Args:
            after: time and id of the last declaration that was told.

        Returns:
            The events, and time and id of the last declaration where more follow.
        """
        at_ms, name = after or (from_ms, "")
        behind = (declaration.c.declared_ms > at_ms) | (
            (declaration.c.declared_ms == at_ms) & (declaration.c.id > name)
        )
        same = (sent.c.id == declaration.c.id) & (sent.c.subject == declaration.c.subject)
        wanted = select(declaration.c.declared_ms, declaration.c.id, sent.c.declared).join_from(declaration, sent, same)
        order = declaration.c.declared_ms, declaration.c.id, declaration.c.subject
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.where(behind).order_by(*order).limit(limit + 1)).all()
            wrong = [event_of(row.declared) for row in rows[:limit]]
            said = [event.error_declaration for event in wrong if event.error_declaration is not None]
            right = _events(connection, sorted({one for each in said for one in each.corrective_event_ids}))
        last = rows[limit - 1] if len(rows) > limit else None
        return [*wrong, *right], None if last is None else (last.declared_ms, last.id)


def _sent(connection: Connection, subjects: Iterable[str], from_ms: int, to_ms: int) -> list[Sent]:
    names = sorted(subjects)
    within = (sent.c.at_ms >= from_ms) & (sent.c.at_ms < to_ms)
    columns = sent.c.subject, sent.c.at_ms, sent.c.id, sent.c.event, sent.c.declared
    return [
        Sent(*row)
        for at in range(0, len(names), MOST)
        for row in connection.execute(select(*columns).where(sent.c.subject.in_(names[at : at + MOST]), within))
    ]


def _events(connection: Connection, ids: Sequence[str]) -> list[AnyEvent]:
    pieces = (ids[at : at + MOST] for at in range(0, len(ids), MOST))
    return [
        event_of(row.event)
        for some in pieces
        for row in connection.execute(select(sent.c.event).where(sent.c.id.in_(some)).distinct())
    ]


def _page(behind: Sequence[Outgoing], limit: int) -> Sequence[Outgoing]:
    """Return the first events, those of one key together: a page never ends between two of them."""
    end = min(limit, len(behind))
    while 0 < end < len(behind) and behind[end].key == behind[end - 1].key:
        end += 1
    return behind[:end]


def _subjects(page: Iterable[Outgoing]) -> list[str]:
    return sorted({one.subject for one in page})


def _keep(connection: Connection, going: Iterable[Outgoing], now_ms: int) -> None:
    """Keep what is sent, and what is declared wrong when it is for the first time."""
    plain: list[dict[str, Any]] = []
    for one in going:
        raw = msgspec.json.encode(one.event)
        key = {"id": one.event.event_id, "subject": one.subject}
        if one.event.error_declaration is None:
            plain.append({**key, "at_ms": one.at_ms, "event": raw, "sent_ms": now_ms})
            continue
        same = (sent.c.id == key["id"]) & (sent.c.subject == key["subject"]) & sent.c.declared.is_(None)
        if connection.execute(update(sent).where(same).values(declared=raw)).rowcount:
            connection.execute(insert(declaration), {**key, "declared_ms": now_ms})
    if plain:
        connection.execute(insert(sent).prefix_with("OR IGNORE"), plain)
        subjects = [{"subject": name, "checked_ms": now_ms} for name in sorted({row["subject"] for row in plain})]
        connection.execute(insert(checked).prefix_with("OR IGNORE"), subjects)
