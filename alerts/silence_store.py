"""What is stored of who was heard when, and of silences: tables `hearing`, `heard_node`, `wrong_clock`, `silence`.

Hearing is a small projection of its own inside the judge's: saved about once a minute with the ledger position that it
had, and after a restart the entries behind that are heard again. With each of the judge's commits it would be 1.6 MB/s
of writing for 100,000 points that speak every five minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update

from alerts.arrival import Arrival, Occurrence
from alerts.clocks import WrongTimes
from alerts.tables import heard_node, hearing, meta, silence, wrong_clock


@dataclass(frozen=True, slots=True)
class SavedHearing:
    """Everything, as of a ledger position.

    Attributes:
        position, up_ms: ledger position heard, and the judge's own time then.
        nodes: (node, when any batch of it came last, ms), by node number.
    """

    position: int
    up_ms: int
    blocks: list[tuple[int, bytes]]
    nodes: list[tuple[str, int]]
    clocks: list[tuple[int, WrongTimes]]
    occurrences: list[Occurrence]


def read_hearing(engine: Engine) -> SavedHearing:
    """Return what the store has."""
    with engine.connect() as connection:
        numbers = {row.key: row.value for row in connection.execute(select(meta))}
        return SavedHearing(
            numbers["heard"],
            numbers["up"],
            [(row.block, row.record) for row in connection.execute(select(hearing))],
            [(row.node, row.heard_ms) for row in connection.execute(select(heard_node).order_by(heard_node.c.number))],
            [
                (row.point, WrongTimes(tuple(int(each) for each in row.received_ms.split(",")), row.last_up))
                for row in connection.execute(select(wrong_clock))
            ],
            [
                Occurrence(**{**row._mapping, "rule": Arrival(row.rule)})
                for row in connection.execute(select(silence).order_by(silence.c.onset_ms))
            ],
        )


def save_hearing(
    connection: Connection,
    position: int,
    up_ms: int,
    blocks: Sequence[tuple[int, bytes]],
    nodes: Iterable[tuple[int, str, int]],
    clocks: Iterable[tuple[int, WrongTimes]],
) -> None:
    """Store what changed, and how far it goes."""
    for key, value in (("heard", position), ("up", up_ms)):
        connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if blocks:
        rows = [{"block": number, "record": raw} for number, raw in blocks]
        connection.execute(insert(hearing).prefix_with("OR REPLACE"), rows)
    if heard := [{"number": number, "node": node, "heard_ms": at_ms} for number, node, at_ms in nodes]:
        connection.execute(insert(heard_node).prefix_with("OR REPLACE"), heard)
    wrong = [
        {"point": number, "received_ms": ",".join(map(str, times.received_ms)), "last_up": times.last_up}
        for number, times in clocks
    ]
    if wrong:
        connection.execute(insert(wrong_clock).prefix_with("OR REPLACE"), wrong)


def put_occurrences(connection: Connection, kept: Sequence[Occurrence], done: Sequence[Occurrence]) -> None:
    """Store those that are open or may still turn out complete; forget those that are done."""
    if kept:
        connection.execute(
            insert(silence).prefix_with("OR REPLACE"),
            [{name: getattr(each, name) for name in Occurrence.__slots__} for each in kept],
        )
    for each in done:
        key = (
            (silence.c.subject == each.subject) & (silence.c.rule == each.rule) & (silence.c.onset_ms == each.onset_ms)
        )
        connection.execute(delete(silence).where(key))
