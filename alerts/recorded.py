"""A check of the record: the episodes that the alarm store holds beside those that a fresh judgement finds.

Reads beside a server; nothing is written. What the judge itself knows that it must judge again is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, or_, select
from sqlalchemy.exc import DatabaseError

from alerts.arrival import Arrival
from alerts.episodes import Episode
from alerts.handlingrows import episode_of
from alerts.records import FOLD_VERSION, RECORDED
from alerts.tables import SCHEMA_VERSION, cursor, episode, mark, meta
from alerts.whatif import Course, Span
from alerts.whatif_compare import Change, How, paired
from coldchain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Record:
    """What an alarm store holds, as of one moment.

    Attributes:
        position: the ledger's, up to which it is judged.
        waiting: numbers of the points that wait to be judged again.
        episodes: point → episodes raised before the span's end and not closed before its beginning.
    """

    position: int
    waiting: frozenset[int]
    episodes: dict[str, list[Episode]]


def read_record(engine: Engine, span: Span) -> Record:
    """Read an alarm store in one transaction.

    Raises:
        ConfigError: it is none, or another program's.
    """
    try:
        with engine.begin() as connection:
            known = {row.key: row.value for row in connection.execute(select(meta))}
            if (known.get("schema"), known.get("fold")) != (SCHEMA_VERSION, FOLD_VERSION):
                raise ConfigError("alarms.db was written by another version of this program: start the server once")
            position = int(connection.execute(select(cursor.c.position)).scalar_one())
            waiting = frozenset(connection.execute(select(mark.c.point)).scalars())
            found: dict[str, list[Episode]] = {}
            for one in _episodes(connection, span):
                found.setdefault(one.point, []).append(one)
            return Record(position, waiting, found)
    except DatabaseError as fault:
        raise ConfigError(f"alarms.db cannot be read: {fault.orig}") from fault


def _episodes(connection: Connection, span: Span) -> Iterator[Episode]:
    chosen = select(episode).where(
        episode.c.rule.not_in(Arrival),
        and_(
            episode.c.raised_ms < span.to_ms,
            or_(episode.c.closed_ms.is_(None), episode.c.closed_ms >= span.warm_ms),
        ),
    )
    return (episode_of(row) for row in connection.execute(chosen))


def differences(asset: str, stored: list[Episode], fresh: Course, span: Span) -> Iterator[Change]:
    """Yield in what the record of an asset differs from a fresh judgement.

    An episode that begins before the span is compared with nothing: the fresh judgement did not see all of it. Of an
    open one that rings nobody the numbers may be some minutes old (`alerts.judge.RECORD_S`): only its key counts.

    Args:
        fresh: of all samples since `Span.warm_ms`, those behind the span too, so that what was open at its end is
            what the record says of it.
    """
    found = [one for one in fresh.episodes if one.raised_ms < span.to_ms]
    for now, then, how in paired(stored, found):
        both = [one for one in (now, then) if one is not None]
        if now == then or any(one.onset_ms < span.from_ms for one in both):
            continue
        growing = len(both) == 2 and all(one.rule in RECORDED and one.ended_ms is None for one in both)
        if growing and both[0].key == both[1].key:
            continue
        yield Change(how or How.DIFFERS, asset, now, then)
