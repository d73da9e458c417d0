"""The store of goods: what was said of lots, kept, and what follows from it, folded anew lot by lot.

::

    with store.writing(old, new) as writing:      UPDATE cursor … WHERE position = old, or CursorMoved
        writing.keep(said)                        entries and which lots they speak of
        writing.fold()                            every lot that they touch, from all that is said of it

The projection that fills it is one process's own; any number of readers open the same file (`coldchain.goods.reader`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Select, Table, bindparam, delete, func, insert, select, update

from coldchain.custody.goods import GOODS, Goods, Lot, LotChange, lots_of
from coldchain.custody.recalls import RECALLS, Recalling, recall_of
from coldchain.custody.trips import Trip
from coldchain.goods.aboard import book_of
from coldchain.goods.fold import Said, defined
from coldchain.goods.places import printed_ms
from coldchain.goods.recallbook import RecallSaid, recall_book
from coldchain.goods.remembering import KEYS, Memory, Remembered, Row, difference, grouped, rows_of
from coldchain.goods.tables import (
    VERSION,
    cursor,
    entry,
    lot,
    mention,
    metadata,
    recall_mention,
    trip_lot,
    trip_mention,
)
from coldchain.goods.verdicts import Refused
from coldchain.goods.voyages import TRIPS, Tripping, TripSaid, Voyage, named, voyage_of
from coldchain.ledger.port import Entry
from coldchain.projected import ProjectedStore
from coldchain.registry.changes import decode_change

MOST = 500
"""Names in one statement; SQLite takes 32,766 variables."""


class GoodsStore(ProjectedStore):
    """The file and its cursor."""

    NAME, METADATA, CURSOR, VERSION = "goods", metadata, cursor, VERSION

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._memory = Memory()

    @contextmanager
    def writing(self, old: int, new: int) -> Iterator[Writing]:
        """Write in one transaction with the cursor's move; raises as `ProjectedStore.moving`."""
        try:
            with self.moving(old, new) as connection:
                yield Writing(connection, self._memory)
        except BaseException:
            self._memory.clear()
            raise


class Writing:
    """What one step of the projection writes."""

    def __init__(self, connection: Connection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self._touched: set[str] = set()
        self._defined: set[str] = set()

    def keep(self, entries: Sequence[tuple[Entry, Goods]]) -> None:
        """Keep entries of goods with the lots that they speak of."""
        if not entries:
            return
        self._keep(one for one, _ in entries)
        spoken = [(name, one.position) for one, put in entries for name in lots_of(put)]
        self._connection.execute(insert(mention), [{"lot": name, "position": at} for name, at in spoken])
        self._touched |= {name for name, _ in spoken}
        for one, put in entries:
            for name in lots_of(put):
                if name in self._memory:
                    self._memory[name].add(_said(one.position, one.raw))
        aboard = {(trip, name) for _, put in entries for trip in named(put) for name in lots_of(put)}
        if aboard:
            rows = [{"trip": trip, "lot": name} for trip, name in sorted(aboard)]
            self._connection.execute(insert(trip_lot).prefix_with("OR IGNORE"), rows)
        self._defined = {put.id for _, put in entries if isinstance(put, Lot)}
        self._touched |= self._together_with(self._defined)

    def keep_recalls(self, entries: Sequence[tuple[Entry, Recalling]]) -> None:
        """Keep entries of recalls, and ask again which entries of these recalls cannot be."""
        self._keep(one for one, _ in entries)
        spoken = [{"recall": recall_of(put), "position": one.position} for one, put in entries]
        self._insert(recall_mention, spoken)
        for name in {recall_of(put) for _, put in entries}:
            rows = self._connection.execute(
                select(entry.c.position, entry.c.raw, entry.c.refused)
                .join(recall_mention, recall_mention.c.position == entry.c.position)
                .where(recall_mention.c.recall == name)
                .order_by(entry.c.position)
            ).all()
            self._correct(
                {row.position: row.refused for row in rows if row.refused},
                recall_book([recall_said(row.position, row.raw) for row in rows]).refused,
            )

    def keep_trips(self, entries: Sequence[tuple[Entry, Tripping]]) -> None:
        """Keep entries of trips; the lots that name these trips are folded anew."""
        self._keep(one for one, _ in entries)
        spoken = [{"trip": trip_id(put), "position": one.position} for one, put in entries]
        self._insert(trip_mention, spoken)
        names = sorted({trip_id(put) for _, put in entries})
        for name in names:
            self._memory.voyages.pop(name, None)
        for at in range(0, len(names), MOST):
            wanted = select(trip_lot.c.lot).where(trip_lot.c.trip.in_(names[at : at + MOST]))
            self._touched |= set(self._connection.execute(wanted).scalars())

    def _keep(self, entries: Iterable[Entry]) -> None:
        rows: list[dict[str, object]] = [
            {"position": one.position, "received_ms": one.received_at_ms, "raw": one.raw, "refused": "", "detail": ""}
            for one in entries
        ]
        self._insert(entry, rows)

    def fold(self) -> None:
        """Fold every lot that was touched from everything that is said of it."""
        names = sorted(self._touched)
        for at in range(0, len(names), MOST):
            self._remember([name for name in names[at : at + MOST] if name not in self._memory])
        self._define(sorted(self._defined))  # first of all: a change may speak of several new lots
        for at in range(0, len(names), MOST):
            self._fold(names[at : at + MOST])
        self._memory.trim()
        self._touched.clear()
        self._defined.clear()

    def refused_behind(self, position: int) -> int:
        """Return how many entries behind a position cannot be."""
        wanted = select(func.count()).where(entry.c.refused != "", entry.c.position > position)
        return int(self._connection.execute(wanted).scalar_one())

    def _fold(self, names: Sequence[str]) -> None:
        lots = {name: self._memory[name] for name in names}
        voyages = self._voyages({trip for remembered in lots.values() for trip in remembered.trips})
        known = self._known({name for lot_ in lots.values() for name in _together(lot_.said)} | set(names))
        gone: dict[Table, list[Row]] = {table: [] for table in KEYS}
        come: dict[Table, list[Row]] = {table: [] for table in KEYS}
        for name, remembered in lots.items():
            book = book_of(name, remembered.said, known, voyages)
            rows = rows_of(name, remembered.said, book, voyages)
            for table in KEYS:
                keys, fresh = difference(remembered.rows[table], rows[table])
                gone[table] += keys
                come[table] += fresh
            self._correct(remembered.refused, book.refused)
            remembered.rows = rows
            remembered.refused = {position: str(fault.reason) for position, fault in book.refused.items()}
        for table, names_of in KEYS.items():
            if gone[table]:
                which = [table.c[name] == bindparam(f"key_{name}") for name in names_of]
                keyed = [
                    {f"key_{name}": value for name, value in zip(names_of, key, strict=True)} for key in gone[table]
                ]
                self._connection.execute(delete(table).where(*which), keyed)
            columns = table.c.keys()
            self._insert(table, [dict(zip(columns, row, strict=True)) for row in come[table]])

    def _voyages(self, names: Iterable[str]) -> dict[str, Voyage]:
        """Return those of some trips whose plan is known."""
        known = self._memory.voyages
        lacking = sorted(set(names) - known.keys())
        for at in range(0, len(lacking), MOST):
            some = lacking[at : at + MOST]
            rows = self._connection.execute(trips_wanted(some))
            said: dict[str, list[TripSaid]] = {name: [] for name in some}
            for trip, position, raw in rows:
                said[trip].append(trip_said(position, raw))
            known.update((name, voyage_of(ones)) for name, ones in said.items())
        return {name: voyage for name in names if (voyage := known[name]) is not None}

    def _remember(self, names: Sequence[str]) -> None:
        """Read what is said of some lots, and what stands in the file of them."""
        lots = {
            name: Remembered(ones, set().union(*(named(one.put) for one in ones)))
            for name, ones in self._said(names).items()
        }
        for table, keys in KEYS.items():
            rows = self._connection.execute(select(table).where(table.c[keys[0]].in_(names))).all()
            found: dict[str, list[Row]] = {}
            for row in rows:
                found.setdefault(getattr(row, keys[0]), []).append(tuple(row))
            for name, known in lots.items():
                known.rows[table] = grouped(table, found.get(name, ()))
        refused = self._connection.execute(
            select(mention.c.lot, entry.c.position, entry.c.refused)
            .join(entry, mention.c.position == entry.c.position)
            .where(mention.c.lot.in_(names), entry.c.refused != "")
        )
        for row in refused:
            lots[row.lot].refused[row.position] = row.refused
        for name, known in lots.items():
            self._memory.put(name, known)

    def _insert(self, table: Table, rows: list[dict[str, object]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _together_with(self, names: Iterable[str]) -> set[str]:
        """Return the lots that stand in one entry with any of these: a lot that becomes known may let it count."""
        wanted = sorted(names)
        found: set[str] = set()
        for at in range(0, len(wanted), MOST):
            own = select(mention.c.position).where(mention.c.lot.in_(wanted[at : at + MOST]))
            found |= set(self._connection.execute(select(mention.c.lot).where(mention.c.position.in_(own))).scalars())
        return found

    def _said(self, names: Sequence[str]) -> dict[str, list[Said]]:
        """Return everything that is said of some lots, in the ledger's order."""
        rows = self._connection.execute(
            select(mention.c.lot, entry.c.position, entry.c.raw)
            .join(entry, mention.c.position == entry.c.position)
            .where(mention.c.lot.in_(names))
            .order_by(entry.c.position)
        )
        said: dict[str, list[Said]] = {name: [] for name in names}
        for name, position, raw in rows:
            said[name].append(_said(position, raw))
        return said

    def _define(self, names: Sequence[str]) -> None:
        for at in range(0, len(names), MOST):
            self._connection.execute(delete(lot).where(lot.c.id.in_(names[at : at + MOST])))
        known = (defined(name, self._memory[name].said) for name in names)
        self._insert(lot, [_lot_row(one) for one in known if one is not None])

    def _known(self, names: Iterable[str]) -> dict[str, Lot]:
        wanted = sorted(names)
        found: dict[str, Lot] = {}
        for at in range(0, len(wanted), MOST):
            rows = self._connection.execute(select(lot).where(lot.c.id.in_(wanted[at : at + MOST])))
            found |= {row.id: lot_of(row) for row in rows}
        return found

    def _correct(self, before: Mapping[int, str], refused: Mapping[int, Refused]) -> None:
        for position in before.keys() - refused.keys():
            self._verdict(position, "", "")
        for position, fault in refused.items():
            if before.get(position) != fault.reason:
                self._verdict(position, str(fault.reason), fault.detail)

    def _verdict(self, position: int, reason: str, detail: str) -> None:
        chosen = update(entry).where(entry.c.position == position)
        self._connection.execute(chosen.values(refused=reason, detail=detail))


def trip_id(put: Tripping) -> str:
    """Return the trip that an entry speaks of."""
    return put.id if isinstance(put, Trip) else put.trip


def trip_said(position: int, raw: bytes) -> TripSaid:
    """Return an entry of a trip from its row."""
    put = decode_change(raw).change
    assert isinstance(put, TRIPS)
    return TripSaid(position, put)


def _said(position: int, raw: bytes) -> Said:
    change = decode_change(raw)
    assert isinstance(change.change, GOODS)
    return Said(position, change.change, change.who, change.why)


def _together(said: Iterable[Said]) -> Iterator[str]:
    """Yield the lots that stand in one change with a lot."""
    return (name for one in said if isinstance(one.put, LotChange) for name in lots_of(one.put))


def _lot_row(one: Lot) -> dict[str, object]:
    times = {"produced_ms": printed_ms(one.produced, end=False), "expires_ms": printed_ms(one.expires, end=True)}
    return msgspec.structs.asdict(one) | times


def trips_wanted(names: Sequence[str]) -> Select[Any]:
    """Return what asks for (trip, position, raw) of every entry of some trips, in the ledger's order."""
    return (
        select(trip_mention.c.trip, entry.c.position, entry.c.raw)
        .join(entry, trip_mention.c.position == entry.c.position)
        .where(trip_mention.c.trip.in_(names))
        .order_by(entry.c.position)
    )


def recall_said(position: int, raw: bytes) -> RecallSaid:
    """Return an entry of a recall from its row."""
    change = decode_change(raw)
    assert isinstance(change.change, RECALLS)
    return RecallSaid(position, change.change, change.who, change.why)


def lot_of(row: Any) -> Lot:
    """Return a lot from its row."""
    return Lot(*(getattr(row, name) for name in Lot.__struct_fields__))
