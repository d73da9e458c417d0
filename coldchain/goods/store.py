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
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError, OperationalError

from coldchain.custody.goods import GOODS, Goods, Lot, LotChange, lots_of
from coldchain.database import open_sqlite, set_aside
from coldchain.errors import ConfigError, Unavailable
from coldchain.goods.fold import Book, Said, defined, folded, only_place
from coldchain.goods.places import printed_ms
from coldchain.goods.tables import (
    OF_LOT,
    VERSION,
    arrival,
    cursor,
    departure,
    descent,
    doubt,
    entry,
    hold,
    lot,
    mention,
    metadata,
    stay,
)
from coldchain.ledger.port import Entry
from coldchain.projection import CursorMoved
from coldchain.registry.changes import decode_change

NAME = "goods"

MOST = 500
"""Names in one statement; SQLite takes 32,766 variables."""


class GoodsStore:
    """The file and its cursor.

    Raises:
        DatabaseError: the file is no SQLite database; `open_goods` deals with that.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writing=True)
        with self._writer.begin() as connection:
            metadata.create_all(connection)
            if connection.execute(select(cursor.c.position)).first() is None:
                connection.execute(insert(cursor), {"version": VERSION, "position": 0})

    @classmethod
    def open(cls, path: Path) -> GoodsStore:
        """Open (and make) a file; NORMAL because it is rebuilt from the ledger when a power cut eats its tail."""
        engine = open_sqlite(path, synchronous="NORMAL")
        try:
            return cls(engine)
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def version(self) -> int:
        """Return the layout's version of the program that made the file."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(cursor.c.version)).scalar_one())

    def cursor(self) -> int:
        """Return the ledger position up to which everything is folded."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position)).scalar_one())

    @contextmanager
    def writing(self, old: int, new: int) -> Iterator[Writing]:
        """Move the cursor from ``old`` to ``new`` in one transaction with what is written.

        Raises:
            CursorMoved: the cursor is not ``old``; nothing is written.
            Unavailable: the disk is full or the file is locked; nothing is written.
        """
        try:
            with self._writer.begin() as connection:
                moved = connection.execute(update(cursor).where(cursor.c.position == old).values(position=new))
                if moved.rowcount != 1:
                    raise CursorMoved(NAME, old)
                yield Writing(connection)
        except OperationalError as fault:
            raise Unavailable(f"the goods take no writes: {fault.orig}") from fault


class Writing:
    """What one step of the projection writes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._touched: set[str] = set()

    def keep(self, entries: Sequence[tuple[Entry, Goods]]) -> None:
        """Keep entries of goods with the lots that they speak of."""
        if not entries:
            return
        self._connection.execute(
            insert(entry),
            [
                {
                    "position": one.position,
                    "received_ms": one.received_at_ms,
                    "raw": one.raw,
                    "refused": "",
                    "detail": "",
                }
                for one, _ in entries
            ],
        )
        spoken = [(name, one.position) for one, put in entries for name in lots_of(put)]
        self._connection.execute(insert(mention), [{"lot": name, "position": at} for name, at in spoken])
        self._touched |= {name for name, _ in spoken}
        defined = {put.id for _, put in entries if isinstance(put, Lot)}
        self._touched |= self._together_with(defined)

    def fold(self) -> None:
        """Fold every lot that was touched from everything that is said of it."""
        said = {name: self._said(name) for name in sorted(self._touched)}
        for name, ones in said.items():  # definitions first: a change may speak of several new lots
            self._define(name, defined(name, ones))
        for name, ones in said.items():
            others = self._known({other for one in ones for other in lots_of(one.put)} - {name})
            self._write(name, ones, folded(name, ones, others))
        self._touched.clear()

    def refused_behind(self, position: int) -> int:
        """Return how many entries behind a position cannot be."""
        wanted = select(func.count()).where(entry.c.refused != "", entry.c.position > position)
        return int(self._connection.execute(wanted).scalar_one())

    def _together_with(self, names: Iterable[str]) -> set[str]:
        """Return the lots that stand in one entry with any of these: a lot that becomes known may let it count."""
        wanted = sorted(names)
        found: set[str] = set()
        for at in range(0, len(wanted), MOST):
            own = select(mention.c.position).where(mention.c.lot.in_(wanted[at : at + MOST]))
            found |= set(self._connection.execute(select(mention.c.lot).where(mention.c.position.in_(own))).scalars())
        return found

    def _said(self, name: str) -> list[Said]:
        rows = self._connection.execute(
            select(entry.c.position, entry.c.raw)
            .join(mention, mention.c.position == entry.c.position)
            .where(mention.c.lot == name)
            .order_by(entry.c.position)
        )
        said = []
        for position, raw in rows:
            change = decode_change(raw)
            assert isinstance(change.change, GOODS)
            said.append(Said(position, change.change, change.who, change.why))
        return said

    def _define(self, name: str, known: Lot | None) -> None:
        self._connection.execute(delete(lot).where(lot.c.id == name))
        if known is not None:
            times = {
                "produced_ms": printed_ms(known.produced, end=False),
                "expires_ms": printed_ms(known.expires, end=True),
            }
            self._connection.execute(insert(lot), msgspec.structs.asdict(known) | times)

    def _known(self, names: Iterable[str]) -> Mapping[str, Lot]:
        wanted = sorted(names)
        found: dict[str, Lot] = {}
        for at in range(0, len(wanted), MOST):
            rows = self._connection.execute(select(lot).where(lot.c.id.in_(wanted[at : at + MOST])))
            found |= {row.id: lot_of(row) for row in rows}
        return found

    def _write(self, name: str, said: Sequence[Said], book: Book) -> None:
        for table in OF_LOT:
            self._connection.execute(delete(table).where(table.c.lot == name))
        for table, rows in (
            (stay, book.stays),
            (arrival, book.arrivals),
            (departure, book.departures),
            (hold, book.holds),
        ):
            if rows:
                self._connection.execute(insert(table), [{"lot": name, **_columns(row)} for row in rows])
        if book.told:
            self._connection.execute(
                insert(doubt), [{"lot": name, **_columns(one), "doubt": str(one.doubt)} for one in book.told]
            )
        self._descend(name, said, book)
        self._judge(name, book)

    def _descend(self, name: str, said: Iterable[Said], book: Book) -> None:
        self._connection.execute(delete(descent).where(descent.c.child == name))
        latest = {
            one.put.id: one.put for one in said if isinstance(one.put, LotChange) and one.position not in book.refused
        }
        rows = [
            {
                "child": name,
                "parent": share.lot,
                "change": put.id,
                "kind": put.kind,
                "at_ms": put.at_ms,
                "parent_place": share.place or only_place(put.inputs),
            }
            for put in latest.values()
            if any(share.lot == name for share in put.outputs)
            for share in {share.lot: share for share in put.inputs}.values()
            if share.lot != name
        ]
        if rows:
            self._connection.execute(insert(descent), rows)

    def _judge(self, name: str, book: Book) -> None:
        """Note which entries cannot be; a change that speaks of several lots gets the same verdict at each."""
        rows = self._connection.execute(
            select(entry.c.position, entry.c.refused)
            .join(mention, mention.c.position == entry.c.position)
            .where(mention.c.lot == name)
        )
        before = {position: reason for position, reason in rows if reason}
        for position in before.keys() - book.refused.keys():
            self._verdict(position, "", "")
        for position, fault in book.refused.items():
            if before.get(position) != fault.reason:
                self._verdict(position, str(fault.reason), fault.detail)

    def _verdict(self, position: int, reason: str, detail: str) -> None:
        chosen = update(entry).where(entry.c.position == position)
        self._connection.execute(chosen.values(refused=reason, detail=detail))


def _columns(row: Any) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__slots__}


def lot_of(row: Any) -> Lot:
    """Return a lot from its row."""
    return Lot(*(getattr(row, name) for name in Lot.__struct_fields__))


def open_goods(path: Path, ledger_end: int) -> GoodsStore:
    """Open the file, or set it aside and start an empty one (the projection fills it from the ledger).

    Args:
        path: the SQLite file; made when missing.
        ledger_end: the ledger's last position; a cursor beyond it follows another ledger (a restored server).

    Raises:
        ConfigError: the file cannot be opened, or the linked SQLite is an affected version.
    """
    try:
        store = GoodsStore.open(path)
        position, version = store.cursor(), store.version()
    except OperationalError as fault:
        raise ConfigError(f"{path} cannot be opened: {fault.orig}") from fault
    except DatabaseError as fault:
        set_aside(path, str(fault.orig))
        return GoodsStore.open(path)
    if position <= ledger_end and version == VERSION:
        return store
    store.close()
    set_aside(path, f"cursor {position} of a ledger that ends at {ledger_end}, version {version}")
    return GoodsStore.open(path)
