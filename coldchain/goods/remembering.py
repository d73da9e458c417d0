"""What the writer of the store of goods still knows of lots: what is said of them, and the rows that follow from it.

A lot that goes to 2,000 shops is touched 2,000 times, and each time a few of its 6,000 rows change.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy import Table

from coldchain.custody.goods import LotChange
from coldchain.goods.aboard import place_before
from coldchain.goods.fold import Book, Said, only_place
from coldchain.goods.tables import arrival, departure, descent, doubt, hold, stay
from coldchain.goods.voyages import Voyage, named

MOST_ENTRIES = 50_000
"""Entries of remembered lots, about 50 MB with their rows."""

MOST_VOYAGES = 20_000

KEYS: dict[Table, tuple[str, ...]] = {
    stay: ("lot", "place", "from_ms"),
    arrival: ("lot", "place", "at_ms", "position"),
    departure: ("lot", "place", "at_ms", "position"),
    hold: ("lot", "id"),
    doubt: ("lot", "position"),
    descent: ("child", "parent", "change"),
}
"""By what rows are told apart; the first one is the lot whose entries they follow from."""

Row = tuple[Any, ...]
Rows = dict[Table, dict[Row, list[Row]]]
"""Table → key → its rows, each in the order of the table's columns."""


@dataclass(slots=True)
class Remembered:
    """A lot's entries in the ledger's order, the rows that stand in the file, and which of the entries cannot be.

    Attributes:
        trips: that the entries name.
    """

    said: list[Said] = field(default_factory=list)
    trips: set[str] = field(default_factory=set)
    rows: Rows = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    def add(self, said: Said) -> None:
        """Take one more entry."""
        self.said.append(said)
        self.trips |= named(said.put)


class Memory:
    """The lots that were touched last, and the trips that they name.

    Attributes:
        voyages: trip → what is known of it; None: not its plan.
    """

    def __init__(self) -> None:
        self._lots: OrderedDict[str, Remembered] = OrderedDict()
        self.voyages: dict[str, Voyage | None] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._lots

    def __getitem__(self, name: str) -> Remembered:
        self._lots.move_to_end(name)
        return self._lots[name]

    def put(self, name: str, known: Remembered) -> None:
        """Remember a lot."""
        self._lots[name] = known

    def trim(self) -> None:
        """Forget the lots that were touched longest ago, as far as there are too many entries; of trips all."""
        if len(self.voyages) > MOST_VOYAGES:
            self.voyages.clear()
        entries = sum(len(known.said) for known in self._lots.values())
        while entries > MOST_ENTRIES:
            _, known = self._lots.popitem(last=False)
            entries -= len(known.said)

    def clear(self) -> None:
        """Forget everything: what was to be written was not."""
        self._lots.clear()
        self.voyages.clear()


def rows_of(name: str, said: Iterable[Said], book: Book, voyages: Mapping[str, Voyage]) -> Rows:
    """Return the rows that follow from what is said of a lot."""
    own = (
        (stay, book.stays),
        (arrival, book.arrivals),
        (departure, book.departures),
        (hold, book.holds),
        (doubt, book.told),
    )
    found: Rows = {table: grouped(table, ((name, *_VALUES[table](one)) for one in some)) for table, some in own}
    found[descent] = grouped(descent, _descent(name, said, book, voyages))
    return found


def grouped(table: Table, rows: Iterable[Row]) -> dict[Row, list[Row]]:
    """Return rows by their key."""
    places = _PLACES[table]
    found: dict[Row, list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[place] for place in places), []).append(row)
    return found


def difference(before: Mapping[Row, Sequence[Row]], after: Mapping[Row, Sequence[Row]]) -> tuple[list[Row], list[Row]]:
    """Return the keys whose rows must go, and the rows that must come."""
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return [key for key in changed if key in before], [row for key in changed for row in after.get(key, ())]


def _descent(name: str, said: Iterable[Said], book: Book, voyages: Mapping[str, Voyage]) -> Iterator[Row]:
    """Yield the rows of what a lot came out of; of a change's entries the last that can be counts."""
    good = (one.put for one in said if isinstance(one.put, LotChange) and one.position not in book.refused)
    for put in {put.id: put for put in good}.values():
        if all(share.lot != name for share in put.outputs):
            continue
        for share in {share.lot: share for share in put.inputs if share.lot != name}.values():
            place = place_before(share.place or only_place(put.inputs), put.at_ms, voyages)
            yield name, share.lot, put.id, put.kind, put.at_ms, place


_PLACES = {table: [list(table.c.keys()).index(name) for name in names] for table, names in KEYS.items()}
_VALUES = {table: attrgetter(*(name for name in table.c.keys()[1:])) for table in KEYS if table is not descent}
"""A value's attributes in the order of the table's columns, the lot left out."""
