"""Split, merged, moved, sold, destroyed, and said in any order: nothing of goods is lost, and nothing is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.custody.goods import Goods, Lot, LotChange, LotGone, LotPlaced, LotShare, lots_of
from coldchain.goods.aboard import book_of
from coldchain.goods.fold import CHANGED, Book, Said
from coldchain.registry.intervals import FOREVER_MS
from tests.goods.stories import COOLER, ROOM, SHOP_1, SHOP_2, TRUCK, hour

PLACES = (ROOM, TRUCK, SHOP_1, SHOP_2, COOLER)

Draw = Callable[[st.SearchStrategy[int]], int]


class Dairy:
    """Goods as they really are: so much of each lot at each place; what happens to them is said as it is done."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.made: dict[str, int] = {}
        self.lies: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.gone: defaultdict[str, int] = defaultdict(int)
        self.said: list[Goods] = []
        self._at = 0

    def make(self, place: str, quantity: int) -> None:
        lot = self._lot(quantity)
        self.lies[lot, place] += quantity
        self.said.append(LotPlaced(lot, place, self._next(), "scan", quantity=quantity))

    def move(self) -> None:
        lot, place, some = self._some()
        to = PLACES[self._draw(st.integers(0, len(PLACES) - 1))]
        if to != place:
            self._take(lot, place, some)
            self.lies[lot, to] += some
            self.said.append(LotPlaced(lot, to, self._next(), "scan", quantity=some, taken_from=place))

    def end(self, reason: str) -> None:
        lot, place, some = self._some()
        self._take(lot, place, some)
        self.gone[lot] += some
        self.said.append(LotGone(lot, self._next(), reason, some, place))

    def split(self) -> None:
        lot, place, some = self._some()
        self._take(lot, place, some)
        first = self._draw(st.integers(0, some))
        outputs = tuple(LotShare(self._lot(part), part, place) for part in (first, some - first) if part)
        for share in outputs:
            self.lies[share.lot, place] += int(share.quantity)
        self._change("split", (LotShare(lot, some, place),), outputs)

    def merge(self) -> None:
        lot, place, some = self._some()
        self._take(lot, place, some)
        inputs = [LotShare(lot, some, place)]
        others = [(name, where) for (name, where), left in self.lies.items() if left and name != lot]
        if others:
            name, where = others[self._draw(st.integers(0, len(others) - 1))]
            more = self._draw(st.integers(1, self.lies[name, where]))
            self._take(name, where, more)
            inputs.append(LotShare(name, more, where))
        total = sum(int(share.quantity) for share in inputs)
        into = self._lot(total)
        self.lies[into, place] += total
        self._change("merge", tuple(inputs), (LotShare(into, total, place),))

    def _change(self, kind: str, inputs: tuple[LotShare, ...], outputs: tuple[LotShare, ...]) -> None:
        at_ms = self._next()
        self.said.append(LotChange(f"c{at_ms}", kind, at_ms, inputs, outputs))

    def _some(self) -> tuple[str, str, int]:
        there = [key for key, left in self.lies.items() if left]
        if not there:
            self.make(ROOM, 100)
            there = [key for key, left in self.lies.items() if left]
        lot, place = there[self._draw(st.integers(0, len(there) - 1))]
        return lot, place, self._draw(st.integers(1, self.lies[lot, place]))

    def _take(self, lot: str, place: str, some: int) -> None:
        self.lies[lot, place] -= some

    def _lot(self, quantity: int) -> str:
        name = f"L{len(self.made)}"
        self.made[name] = quantity
        return name

    def _next(self) -> int:
        self._at += 1
        return hour(self._at)

    def books(self, order: list[Goods]) -> dict[str, Book]:
        lots = {name: Lot(name, "pasteurized", quantity, "件") for name, quantity in self.made.items()}
        said = [Said(position, put, "clerk") for position, put in enumerate([*lots.values(), *order], 1)]
        return {name: book_of(name, _of(name, said), lots, {}) for name in lots}


def _of(name: str, said: list[Said]) -> list[Said]:
    return [one for one in said if name in lots_of(one.put)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_is_lost_and_nothing_is_made(data: st.DataObject) -> None:
    dairy = Dairy(data.draw)
    for _ in range(data.draw(st.integers(1, 3))):
        dairy.make(PLACES[data.draw(st.integers(0, 4))], data.draw(st.integers(1, 1000)))
    does = (dairy.move, dairy.split, dairy.merge, lambda: dairy.end("sold"), lambda: dairy.end("destroyed"))
    for _ in range(data.draw(st.integers(0, 25))):
        does[data.draw(st.integers(0, len(does) - 1))]()
    order = data.draw(st.permutations(dairy.said))

    books = dairy.books(list(order))

    found: dict[tuple[str, str], float | None] = {}
    left = gone = 0.0
    for name, book in books.items():
        assert book.refused == {}
        assert book.told == []
        for stay in book.stays:
            if stay.to_ms == FOREVER_MS:
                found[name, stay.place] = stay.quantity
                left += stay.quantity or 0.0
        gone += sum(one.quantity or 0.0 for one in book.departures if one.how != CHANGED)
    assert found == {key: quantity for key, quantity in dairy.lies.items() if quantity}
    assert gone == sum(dairy.gone.values())
    assert left + gone == _made_at_first(dairy)


def _made_at_first(dairy: Dairy) -> int:
    """Return how much was made, and not made of others."""
    outputs = {share.lot for put in dairy.said if isinstance(put, LotChange) for share in put.outputs}
    return sum(quantity for name, quantity in dairy.made.items() if name not in outputs)
