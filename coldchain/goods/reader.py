"""What may be asked of the store of goods: lots, where they were, what they became, who holds them back.

Reads beside the projection that fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, or_, select

from coldchain.custody.goods import Lot
from coldchain.goods.fold import Arrival, Departure, Doubt, Held, Stay, Told
from coldchain.goods.recallbook import RecallBook, recall_book
from coldchain.goods.store import MOST, lot_of, recall_said, trip_said, trips_wanted
from coldchain.goods.tables import (
    arrival,
    cursor,
    departure,
    descent,
    doubt,
    entry,
    hold,
    lot,
    mention,
    recall_mention,
    stay,
)
from coldchain.goods.voyages import TripSaid
from coldchain.ledger.port import Entry, Kind
from coldchain.projected import ProjectedReader
from coldchain.registry.intervals import FOREVER_MS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KnownLot:
    """A lot with what its printed dates mean, ms UTC; None where none is printed."""

    lot: Lot
    produced_ms: int | None
    expires_ms: int | None


class Descent(msgspec.Struct, frozen=True, gc=False):
    """A lot that came out of another one at a time; ``parent_place``: where that one lay, empty when not said."""

    child: str
    parent: str
    change: str
    kind: str
    at_ms: int
    parent_place: str


def _columns(table: Table, kind: Any) -> list[Column[Any]]:
    """Return the columns of a value's attributes in their order: rows become values without asking for names, which
    took half of a list of 20,000."""
    return [table.c[name] for name in kind.__struct_fields__]


_STAY = [stay.c.lot, *_columns(stay, Stay)]
_ARRIVAL = [arrival.c.lot, *_columns(arrival, Arrival)]
_DEPARTURE = [departure.c.lot, *_columns(departure, Departure)]
_HELD = [hold.c.lot, *_columns(hold, Held)]
_DESCENT = _columns(descent, Descent)


class GoodsReader(ProjectedReader):
    """Read access to a store of goods; see `coldchain.goods.store.GoodsStore.engine`."""

    CURSOR = cursor
    ENTRY = entry

    # -- lots -------------------------------------------------------------------------------------------------

    def lot(self, name: str) -> KnownLot | None:
        """Return a lot, None when it is not known."""
        return self.lots_named([name]).get(name)

    def lots_named(self, names: Iterable[str]) -> dict[str, KnownLot]:
        """Return those of some lots that are known."""
        return {row.id: _known(row) for row in self._each(names, lambda some: select(lot).where(lot.c.id.in_(some)))}

    def lots_printed(self, number: str) -> list[KnownLot]:
        """Return the lots with a number as printed (批号), by id."""
        wanted = select(lot).where(lot.c.number == number).order_by(lot.c.id)
        return self._list(wanted, _known)

    def lots(self, *, limit: int, after: str = "", search: str = "", products: Iterable[str] = ()) -> list[KnownLot]:
        """Return lots by id behind one.

        Args:
            search: only those whose id, number, GTIN or product has this text in it; empty: all.
            products: of these products as well.
        """
        wanted = select(lot).where(lot.c.id > after).order_by(lot.c.id).limit(limit)
        if search:
            texts = (lot.c.id, lot.c.number, lot.c.gtin, lot.c.product)
            found = [text.contains(search, autoescape=True) for text in texts]
            wanted = wanted.where(or_(*found, lot.c.product.in_(list(products))))
        with self._engine.connect() as connection:
            return [_known(row) for row in connection.execute(wanted)]

    # -- where ------------------------------------------------------------------------------------------------

    def stays(self, names: Iterable[str]) -> dict[str, list[Stay]]:
        """Return where some lots were, rising by time."""
        rows = self._each(
            names, lambda some: select(*_STAY).where(stay.c.lot.in_(some)).order_by(stay.c.from_ms, stay.c.place)
        )
        return _by_lot(rows, Stay)

    def lying(self, names: Iterable[str], at_ms: int) -> dict[str, list[Stay]]:
        """Return where some lots lie at a time."""
        inside = and_(stay.c.from_ms <= at_ms, stay.c.to_ms > at_ms)
        rows = self._each(names, lambda some: select(*_STAY).where(stay.c.lot.in_(some), inside).order_by(stay.c.place))
        return _by_lot(rows, Stay)

    def stays_in(self, places: Iterable[str], from_ms: int, to_ms: int) -> list[tuple[str, Stay]]:
        """Return (lot, stay) of everything that lay at some places within [from, to), by lot and time."""
        within = and_(stay.c.to_ms > from_ms, stay.c.from_ms < to_ms)
        rows = self._each(places, lambda some: select(*_STAY).where(stay.c.place.in_(some), within))
        return sorted(
            ((row[0], Stay(*row[1:])) for row in rows), key=lambda one: (one[0], one[1].from_ms, one[1].place)
        )

    def arrivals(self, names: Iterable[str]) -> dict[str, list[Arrival]]:
        """Return how some lots came to their places, rising by time."""
        rows = self._each(
            names,
            lambda some: select(*_ARRIVAL).where(arrival.c.lot.in_(some)).order_by(arrival.c.at_ms, arrival.c.position),
        )
        return _by_lot(rows, Arrival)

    def departures(self, names: Iterable[str]) -> dict[str, list[Departure]]:
        """Return how some lots ended, in parts, rising by time."""
        order = departure.c.at_ms, departure.c.position
        rows = self._each(names, lambda some: select(*_DEPARTURE).where(departure.c.lot.in_(some)).order_by(*order))
        return _by_lot(rows, Departure)

    def trips(self, names: Iterable[str]) -> dict[str, list[TripSaid]]:
        """Return what is said of some trips, in the ledger's order."""
        found: dict[str, list[TripSaid]] = {}
        for trip, position, raw in self._each(names, trips_wanted):
            found.setdefault(trip, []).append(trip_said(position, raw))
        return found

    def on_trip(self, trip: str) -> list[str]:
        """Return the lots that were loaded on a trip or unloaded from it."""
        return self._list(
            select(arrival.c.lot).where(arrival.c.trip == trip).distinct().order_by(arrival.c.lot), _first
        )

    # -- what they became -------------------------------------------------------------------------------------

    def parents(self, name: str) -> list[Descent]:
        """Return what a lot came out of, rising by time."""
        return self.parents_of([name]).get(name, [])

    def parents_of(self, names: Iterable[str]) -> dict[str, list[Descent]]:
        """Return what some lots came out of, rising by time."""
        order = descent.c.at_ms, descent.c.parent
        rows = self._each(names, lambda some: select(*_DESCENT).where(descent.c.child.in_(some)).order_by(*order))
        found: dict[str, list[Descent]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(Descent(*row))
        return found

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Return every lot that some lots came out of, over any number of changes, without themselves."""
        return self._walk(names, descent.c.child, descent.c.parent)

    def descendants(self, names: Iterable[str], since_ms: int = -FOREVER_MS) -> set[str]:
        """Return every lot that came out of some lots from a time on, over any number of changes, without them."""
        return self._walk(names, descent.c.parent, descent.c.child, since_ms)

    def _walk(
        self, names: Iterable[str], known: ColumnElement[str], wanted: ColumnElement[str], since_ms: int = -FOREVER_MS
    ) -> set[str]:
        start = set(names)
        found, fresh = set(start), set(start)
        while fresh:
            rows = self._each(fresh, lambda some: select(wanted).where(known.in_(some), descent.c.at_ms >= since_ms))
            fresh = {_first(row) for row in rows} - found
            found |= fresh
        return found - start

    # -- holds and doubts -------------------------------------------------------------------------------------

    def holds(self, names: Iterable[str]) -> dict[str, list[Held]]:
        """Return the holds of some lots with what was decided of them, rising by time."""
        rows = self._each(
            names, lambda some: select(*_HELD).where(hold.c.lot.in_(some)).order_by(hold.c.at_ms, hold.c.id)
        )
        return _by_lot(rows, Held)

    def holds_named(self, name: str) -> dict[str, Held]:
        """Return lot → its hold of an id; one hold may be of many lots."""
        rows = self._list(select(*_HELD).where(hold.c.id == name), tuple)
        return {row[0]: Held(*row[1:]) for row in rows}

    def held(self, *, limit: int, after: tuple[str, str] = ("", "")) -> list[tuple[str, Held]]:
        """Return (lot, hold) of everything that is held and not decided, by lot and hold."""
        behind = (hold.c.lot > after[0]) | ((hold.c.lot == after[0]) & (hold.c.id > after[1]))
        wanted = select(*_HELD).where(hold.c.decision == "", behind).order_by(hold.c.lot, hold.c.id).limit(limit)
        return self._list(wanted, lambda row: (row[0], Held(*row[1:])))

    def doubts(self, name: str) -> list[Told]:
        """Return what does not add up of a lot, rising by time."""
        wanted = select(doubt).where(doubt.c.lot == name).order_by(doubt.c.at_ms, doubt.c.position)
        return self._list(wanted, lambda row: Told(Doubt(row.doubt), row.position, row.at_ms, row.place, row.quantity))

    def said(self, name: str) -> list[Entry]:
        """Return every entry that speaks of a lot, refused ones too, in the ledger's order."""
        wanted = select(entry).join(mention, mention.c.position == entry.c.position).where(mention.c.lot == name)
        return self._list(
            wanted.order_by(entry.c.position), lambda row: Entry(row.position, Kind.CHANGE, row.received_ms, row.raw)
        )

    # -- recalls ----------------------------------------------------------------------------------------------

    def recalls(self) -> list[str]:
        """Return the ids of everything that was said to be a recall, drills too."""
        return self._list(select(recall_mention.c.recall).distinct().order_by(recall_mention.c.recall), _first)

    def recall(self, name: str) -> RecallBook:
        """Return what is said of a recall."""
        wanted = select(entry.c.position, entry.c.raw).join(
            recall_mention, recall_mention.c.position == entry.c.position
        )
        said = self._list(
            wanted.where(recall_mention.c.recall == name).order_by(entry.c.position),
            lambda row: recall_said(row.position, row.raw),
        )
        return recall_book(said)

    # -- asking -----------------------------------------------------------------------------------------------

    def _each(self, names: Iterable[str], ask: Callable[[Sequence[str]], Select[Any]]) -> Iterator[Any]:
        """Yield the rows for some names, asked for in pieces under one view of the file; to be taken to the end."""
        wanted = sorted(set(names))
        with self._engine.begin() as connection:
            for some in _pieces(wanted):
                yield from _rows(connection, ask(some))


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + MOST] for at in range(0, len(names), MOST))


def _rows(connection: Connection, wanted: Select[Any]) -> Sequence[Any]:
    return connection.execute(wanted).all()


def _first(row: Any) -> str:
    return str(row[0])


def _known(row: Any) -> KnownLot:
    return KnownLot(lot_of(row), row.produced_ms, row.expires_ms)


def _by_lot(rows: Iterable[Any], kind: Callable[..., T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for name, *values in rows:
        found.setdefault(name, []).append(kind(*values))
    return found
