"""The alarm store: the file, what a judge starts from, and the one way to write it.

::

    with store.writing(old, new) as writing:      UPDATE cursor … WHERE position = old, or CursorMoved
        writing.save_points(...)                  fold state
        writing.keep_nights(...)                  where re-judges start
        writing.put(outcome, ...)                 alarms, their transitions

One object writes (`alerts.writing`); `alerts.readmodel` reads beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert, inspect, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from alerts.handlingrows import COUNTS, alarm_of, passed
from alerts.lifecycle import GONE, Alarm, Telling
from alerts.records import FOLD_VERSION, POINT, Records
from alerts.tables import (
    SCHEMA_VERSION,
    alarm,
    cursor,
    fold_state,
    mark,
    meta,
    metadata,
    pending,
    seen,
    switch_run,
)
from alerts.writing import SavedMark, Writing
from coldchain.database import open_sqlite, set_aside
from coldchain.errors import ConfigError
from coldchain.projection import CursorMoved

NAME = "alerts"


@dataclass(frozen=True, slots=True)
class SavedPoints:
    """Points' fold states as of the cursor.

    Attributes:
        number: shape (n,), by the registry. ``record``: shape (n,), POINT.
        loud: number → `alerts.records.packed` lanes, of each point that has a loud one.
    """

    number: NDArray[np.intp]
    record: Records
    loud: dict[int, bytes]


def open_alerts(path: Path, ledger_end: int) -> AlertStore:
    """Open the file, or set it aside and start an empty one, which the judge fills from the ledger.

    Alarm ids follow from point, rule and onset, so most alarms get the id back that people know.

    Args:
        path: the SQLite file; made when missing.
        ledger_end: the ledger's last position; a cursor beyond it judged another ledger (a restored server).

    Raises:
        ConfigError: written by another schema, or the linked SQLite is an affected version.
    """
    try:
        store = AlertStore.open(path)
        position = store.position()
    except OperationalError as fault:
        raise ConfigError(f"{path} cannot be opened: {fault.orig}") from fault
    except DatabaseError as fault:
        set_aside(path, str(fault.orig))
        return AlertStore.open(path)
    if position <= ledger_end:
        return store
    store.close()
    set_aside(path, f"cursor {position} of a ledger that ends at {ledger_end}")
    return AlertStore.open(path)


class AlertStore:
    """The file; see the module for the one way to write it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writing=True)
        if not inspect(engine).has_table(meta.name):  # asking for each table cost a start 30 ms
            metadata.create_all(engine)
        with self._writer.begin() as connection:
            self._agree(connection)

    @classmethod
    def open(cls, path: Path) -> AlertStore:
        """Open (and make) the file.

        Raises:
            ConfigError: written by another schema.
        """
        return cls(open_sqlite(path))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def _agree(self, connection: Connection) -> None:
        known = {row.key: row.value for row in connection.execute(select(meta))}
        if known.get("schema", SCHEMA_VERSION) != SCHEMA_VERSION:
            raise ConfigError(
                f"alarm store: schema {known['schema']}, this program writes {SCHEMA_VERSION}; "
                "move the file away: the next start judges the ledger again"
            )
        start = {
            "schema": SCHEMA_VERSION,
            "fold": FOLD_VERSION,
            "changed": 0,
            "trips": 0,
            "too_old": 0,
            "heard": 0,
            "up": 0,
            "outbox": secrets.randbits(62),
        }
        start |= dict.fromkeys(COUNTS, 0)
        for key, value in start.items():
            if key not in known:
                connection.execute(insert(meta), {"key": key, "value": value})
        if not connection.execute(select(cursor)).first():
            connection.execute(insert(cursor), {"name": NAME, "position": 0})

    # -- reading what a judge starts from ---------------------------------------------------------------------

    def position(self) -> int:
        """Return the durable cursor."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position).where(cursor.c.name == NAME)).scalar_one())

    def fold_version(self) -> int:
        """Return the version of the fold that wrote the states."""
        return self.counter("fold")

    def counter(self, key: str) -> int:
        """Return a value of ``meta``."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one())

    def points(self) -> SavedPoints:
        """Return every point's fold state."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(fold_state.c.point, fold_state.c.record, fold_state.c.state)).all()
        return SavedPoints(
            np.array([number for number, _, _ in rows], np.intp),
            np.frombuffer(b"".join(record for _, record, _ in rows), POINT),
            {number: state for number, _, state in rows if state is not None},
        )

    def seen(self) -> dict[str, int]:
        """Return channel → first measured time delivered."""
        with self.engine.connect() as connection:
            return {row.channel: row.earliest_ms for row in connection.execute(select(seen))}

    def marks(self) -> list[SavedMark]:
        """Return the re-judges that wait."""
        with self.engine.connect() as connection:
            return [SavedMark(row.point, row.from_ms, row.node, row.needs) for row in connection.execute(select(mark))]

    def switch_runs(self) -> list[tuple[int, int, int, bool]]:
        """Return (point, first, last, on) of what switches said, by point and first."""
        chosen = select(switch_run).order_by(switch_run.c.point, switch_run.c.from_ms)
        with self.engine.connect() as connection:
            return [(row.point, row.from_ms, row.last_ms, bool(row.is_on)) for row in connection.execute(chosen)]

    def pending(self) -> set[tuple[str, str]]:
        """Return (point, rule) of every pending row."""
        with self.engine.connect() as connection:
            return {(row.point, row.rule) for row in connection.execute(select(pending))}

    def deferred(self) -> list[Alarm]:
        """Return the open alarms whose page was put off."""
        with self.engine.connect() as connection:
            chosen = select(alarm).where(alarm.c.telling == Telling.DEFER, alarm.c.state.not_in(GONE))
            return [alarm_of(row) for row in connection.execute(chosen)]

    def deadline_passed(self, now_ms: int) -> bool:
        """Say whether a shelf or the patience with an acknowledged alarm is over."""
        with self.engine.connect() as connection:
            return passed(connection, now_ms)

    # -- writing ----------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self, old: int, new: int) -> Iterator[Writing]:
        """Move the cursor from ``old`` to ``new`` (they may be equal) in one transaction with what is written.

        Raises:
            CursorMoved: the cursor is not ``old``; nothing is written.
        """
        with self._writer.begin() as connection:
            moved = connection.execute(
                update(cursor).where(cursor.c.name == NAME, cursor.c.position == old).values(position=new)
            )
            if moved.rowcount != 1:
                raise CursorMoved(NAME, old)
            writing = Writing(connection, new)
            yield writing
            writing.finish()
