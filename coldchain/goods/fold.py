"""What is said of one lot, as where it was when and how much of it: a pure function of all entries that speak of it.

::

    Said(position, put, who) … ──▶ which can be (verdicts) ──▶ last word of each key ──▶ steps in measured time
                                        └▶ refused                                          │ stock of each place
                                                             stays, arrivals, holds, doubts ◀┘

**Why any order ends the same.** All entries of a lot are folded anew, in measured time, whenever one more comes: what
is said late counts as if it had been said at once. Where two entries contradict each other, the ledger's order decides.

**Where goods come from.** From where they are said to be taken; else from what lies nowhere yet, if that is enough;
else from the one other place where the lot lies. Nothing is guessed between several places: the arrival stands, and the
doubt is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from coldchain.custody.goods import (
    Goods,
    Lot,
    LotChange,
    LotGone,
    LotHold,
    LotPlaced,
    LotRelease,
    LotShare,
)
from coldchain.goods.places import ASSET, SITE, TRIP
from coldchain.goods.verdicts import EXACT, HeldBy, Refused, refusal
from coldchain.goods.voyages import Voyage, trip_of
from coldchain.registry.intervals import FOREVER_MS

NOWHERE = ""
"""What was made and is not said to be anywhere (yet)."""

UNKNOWN = "?"
"""Several places it may have come from."""

BY_TRIP = "trip"
"""How goods came to a place with their trip: one of `coldchain.custody.goods.PLACED_BY`."""

BY_VEHICLE = "vehicle"
"""How goods came into a vehicle that went on with their trip (换车)."""

CHANGED = "change"
"""How a lot came to its first place when it came out of other lots."""


class Doubt(StrEnum):
    """What does not add up; told, never refused."""

    SHORT = "short"
    """More was taken from a place than lay there."""
    MORE_THAN_MADE = "more-than-made"
    """More was placed than is left of what was made."""
    SOURCE_UNKNOWN = "source-unknown"
    """It lies in several places, and nobody says from which it was taken."""


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as the ledger has it."""

    position: int
    put: Goods
    who: str
    why: str = ""


class Stay(msgspec.Struct, frozen=True, gc=False):
    """So much of a lot lay at a place in [from_ms, to_ms); to `FOREVER_MS`: still there.

    Attributes:
        arrived_ms: since when any of it lay there without a break; several stays of one presence differ in quantity.
        quantity: None: nobody said how much.
    """

    place: str
    arrived_ms: int
    from_ms: int
    to_ms: int
    quantity: float | None


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """How some of a lot came to a place.

    Attributes:
        came_from: a place, `NOWHERE` or `UNKNOWN`.
        how: one of `coldchain.custody.goods.PLACED_BY`, `CHANGED` or `BY_VEHICLE`.
        change: id of the `LotChange` that it came out of.
    """

    place: str
    at_ms: int
    came_from: str
    quantity: float | None
    how: str
    position: int
    trip: str = ""
    stop: int | None = None
    paper: str = ""
    change: str = ""


class Departure(msgspec.Struct, frozen=True, gc=False):
    """How some of a lot ended: one of `coldchain.custody.goods.GONE_BY`, or `CHANGED` into other lots."""

    place: str
    at_ms: int
    quantity: float | None
    how: str
    position: int
    change: str = ""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A hold and what was decided of it; ``decision`` empty: still held."""

    id: str
    place: str
    at_ms: int
    who: str
    why: str
    alarm: str
    decision: str = ""
    decided_ms: int | None = None
    decided_by: str = ""
    decided_why: str = ""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A doubt: which entry raised it, about which place, and by how much."""

    doubt: Doubt
    position: int
    at_ms: int
    place: str
    quantity: float | None


@dataclass(slots=True)
class Book:
    """Everything that follows from what is said of a lot.

    Attributes:
        lot: as it was last said; None: not known.
        refused: position → why that entry cannot be.
    """

    lot: Lot | None = None
    stays: list[Stay] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    refused: dict[int, Refused] = field(default_factory=dict)


def folded(name: str, said: Sequence[Said], others: Mapping[str, Lot], voyages: Mapping[str, Voyage]) -> Book:
    """Return what follows from everything that is said of a lot, on board at ``trip:`` (`coldchain.goods.aboard`).

    Args:
        said: every entry that speaks of it, in the ledger's order.
        others: the other lots that these entries speak of, as far as they are known.
        voyages: the trips that these entries name, as far as they are known.
    """
    book = Book(defined(name, said))
    known = {**others, **({name: book.lot} if book.lot else {})}
    good = list(_possible(name, said, known, voyages, book))
    if book.lot is not None:
        _Stock(book, book.lot).run(_steps(name, good, voyages))
    return book


def defined(name: str, said: Iterable[Said]) -> Lot | None:
    """Return a lot as it was last said, None where nobody said it, or only what cannot be."""
    found = None
    for one in said:
        if isinstance(one.put, Lot) and one.put.id == name and refusal(one.put, one.who, {}, {}) is None:
            found = one.put
    return found


def _possible(
    name: str, said: Sequence[Said], known: Mapping[str, Lot], voyages: Mapping[str, Voyage], book: Book
) -> Iterator[Said]:
    """Yield the entries that can be, lots left out; holds and decisions go into the book."""
    holds: dict[str, HeldBy] = {}
    for one in sorted(said, key=lambda one: isinstance(one.put, LotRelease)):  # a decision may be said before its hold
        fault = refusal(one.put, one.who, known, holds, voyages)
        if fault is not None:
            book.refused[one.position] = fault
        elif isinstance(one.put, LotHold):
            put = one.put
            holds[put.id] = HeldBy(one.who)
            book.holds.append(Held(put.id, put.place, put.at_ms, one.who, one.why, put.alarm))
        elif isinstance(one.put, LotRelease):
            release = one.put
            holds[release.hold] = replace(holds[release.hold], decided=True)
            at = next(at for at, held in enumerate(book.holds) if held.id == release.hold)
            book.holds[at] = msgspec.structs.replace(
                book.holds[at],
                decision=release.decision,
                decided_ms=release.at_ms,
                decided_by=one.who,
                decided_why=one.why,
            )
        elif not isinstance(one.put, Lot):
            yield one


# -- entries as steps in time ---------------------------------------------------------------------------------

LEAVES, ARRIVES, ENDS = range(3)
"""What happens in one moment, in this order."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What happens in a moment.

    Attributes:
        aboard: places on board of the trip that a placement on land was made on: it comes from there.
        rest: nobody counted: whatever lies at the source moves, and nothing is told where nothing does.
    """

    at_ms: int
    rank: int
    position: int
    place: str
    source: str
    quantity: float | None
    how: str = ""
    said: LotPlaced | None = None
    change: str = ""
    trip: str = ""
    stop: int | None = None
    aboard: tuple[str, ...] = ()
    rest: bool = False


def _steps(name: str, good: Iterable[Said], voyages: Mapping[str, Voyage]) -> list[_Step]:
    latest: dict[tuple[object, ...], Said] = {_key(one.put): one for one in good}
    placed = [one.put for one in latest.values() if isinstance(one.put, LotPlaced) and one.put.quantity != 0]
    aboard = {trip: _aboard(trip, placed, voyages) for put in placed if (trip := trip_of(put))}
    steps = [step for one in latest.values() for step in _of_entry(name, one, aboard)]
    off = {trip for put in placed if (trip := trip_of(put)) and put.place not in aboard[trip]}
    for trip in aboard.keys() & voyages.keys():
        steps += _of_voyage(voyages[trip], aboard[trip], told=trip in off)
    return sorted(steps, key=lambda step: (step.at_ms, step.rank, step.place, step.source, step.position))


def _key(put: Goods) -> tuple[object, ...]:
    match put:
        case LotPlaced():
            return "placed", put.place, put.from_ms
        case LotGone():
            return "gone", put.place, put.at_ms, put.reason
        case LotChange():
            return "change", put.id
    raise AssertionError(put)


def _aboard(trip: str, placed: Iterable[LotPlaced], voyages: Mapping[str, Voyage]) -> tuple[str, ...]:
    """Return the places on board of a trip: the trip itself, and where its goods were said to be loaded in."""
    if trip not in voyages:
        return (TRIP + trip,)
    voyage = voyages[trip]
    vehicles = {SITE + vehicle for vehicle, _, _ in voyage.vehicles}
    own = (put for put in placed if put.trip == trip)
    bodies = (
        put.place for put in own if put.place in vehicles or (put.place.startswith(ASSET) and voyage.loads_at(put.stop))
    )
    return (TRIP + trip, *dict.fromkeys(bodies))


def _of_voyage(voyage: Voyage, aboard: Sequence[str], *, told: bool) -> Iterator[_Step]:
    """Yield where what was loaded in a body changes the vehicle, and where everything on board gets off.

    Args:
        told: a placement says where goods got off: then nothing is taken to have got off with the rest.
    """
    trip = voyage.trip.id
    for at_ms, position in voyage.changed.items():
        for body in aboard[1:]:
            yield _Step(at_ms, ARRIVES, position, TRIP + trip, body, None, BY_VEHICLE, trip=trip, rest=True)
    if voyage.taken_over is not None and not told:
        at_ms, stop, position = voyage.taken_over
        site = SITE + voyage.trip.stops[stop].site
        for place in aboard:
            yield _Step(at_ms, ARRIVES, position, site, place, None, BY_TRIP, trip=trip, stop=stop, rest=True)


def _of_entry(name: str, one: Said, aboard: Mapping[str, tuple[str, ...]]) -> Iterator[_Step]:
    match one.put:
        case LotPlaced(quantity=0) | LotGone(quantity=0):
            return
        case LotPlaced() as put:
            trip = trip_of(put)
            off = () if put.place in aboard.get(trip, ()) else aboard.get(trip, ())
            yield _Step(
                put.from_ms, ARRIVES, one.position, put.place, put.taken_from, put.quantity, put.how, put,
                trip=trip, stop=put.stop, aboard=off,
            )  # fmt: skip
            if put.to_ms is not None:
                yield _Step(put.to_ms, LEAVES, one.position, "", put.place, put.quantity)
        case LotGone() as put:
            yield _Step(put.at_ms, ENDS, one.position, "", put.place, put.quantity, put.reason)
        case LotChange() as put:
            for share in _own(name, put.inputs):
                yield _Step(put.at_ms, ENDS, one.position, "", share.place, share.quantity, CHANGED, change=put.id)
            for share in _own(name, put.outputs):
                place = share.place or only_place(put.inputs)
                if place:
                    yield _Step(
                        put.at_ms, ARRIVES, one.position, place, NOWHERE, share.quantity, CHANGED, change=put.id
                    )


def _own(name: str, shares: Iterable[LotShare]) -> Iterator[LotShare]:
    return (share for share in shares if share.lot == name and share.quantity)


def only_place(shares: Iterable[LotShare]) -> str:
    """Return the one place at which shares lie; empty when there are several, or none is said."""
    places = {share.place for share in shares}
    return places.pop() if len(places) == 1 else ""


# -- stock ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Running:
    arrived_ms: int
    from_ms: int
    quantity: float | None


class _Stock:
    """How much lies where, step by step.

    Attributes:
        _amounts: place → how much; `NOWHERE` is a place of this table.
        _unsaid: places where some of it lies and nobody said how much.
        _seen_until: place → until when somebody said who saw all of it there again.
        _total: all that is counted, wherever it lies.
        _left: how much there can be: what was made, less what ended, and more by what was told as too much.
    """

    def __init__(self, book: Book, lot: Lot) -> None:
        self._book = book
        self._amounts: dict[str, float] = {NOWHERE: lot.quantity}
        self._unsaid: set[str] = set()
        self._running: dict[str, _Running] = {}
        self._seen_until: dict[str, int] = {}
        self._total = self._left = lot.quantity

    def run(self, steps: Iterable[_Step]) -> None:
        for step in steps:
            (self._leave, self._arrive, self._end)[step.rank](step)
        for place in list(self._running):
            self._close(place, FOREVER_MS)
        self._book.stays.sort(key=lambda stay: (stay.from_ms, stay.place))

    def _arrive(self, step: _Step) -> None:
        if step.quantity is None and not step.source and self._lies(step.place) and not self._amounts[NOWHERE]:
            if step.said is not None and step.said.to_ms is not None:
                self._seen_until[step.place] = max(step.said.to_ms, self._seen_until.get(step.place, step.said.to_ms))
            return  # seen again where it was
        if step.rest and not self._lies(step.source):
            return
        source = self._source(step)
        moved, taken = self._take(source, step)
        if moved is None:
            self._unsaid.add(step.place)
        else:
            self._amounts[step.place] = _exact(self._amounts.get(step.place, 0.0) + moved)
        self._count((moved or 0.0) - taken, source, step)
        said = step.said
        self._book.arrivals.append(
            Arrival(
                step.place, step.at_ms, source, moved, step.how, step.position,
                step.trip, step.stop, said.paper if said else "", step.change,
            )
        )  # fmt: skip
        self._show(source, step.at_ms)
        self._show(step.place, step.at_ms)

    def _count(self, gained: float, source: str, step: _Step) -> None:
        """Tell what was counted at a place and cannot have come from where it was taken."""
        self._total = _exact(self._total + gained)
        over = _exact(self._total - self._left)
        if over <= 0:
            return
        self._left = self._total
        if source != UNKNOWN:  # told already, as nobody's guess
            lacking = source == NOWHERE or source in self._unsaid
            self._tell(Doubt.MORE_THAN_MADE if lacking else Doubt.SHORT, step, source, over)

    def _leave(self, step: _Step) -> None:
        """An interval ends: what is still there of it lies nowhere until somebody says where."""
        if step.quantity is None and self._seen_until.get(step.source, step.at_ms) > step.at_ms:
            return  # another interval of all of it goes on
        there = self._amounts.get(step.source, 0.0)
        left = there if step.quantity is None else min(there, step.quantity)
        self._amounts[step.source] = _exact(there - left)
        self._amounts[NOWHERE] = _exact(self._amounts[NOWHERE] + left)
        self._unsaid.discard(step.source)
        self._show(step.source, step.at_ms)

    def _end(self, step: _Step) -> None:
        source = step.source or self._only(step, sorted(self._running))
        known = source == UNKNOWN or source in self._unsaid
        moved, taken = self._take(source, step)
        self._total, self._left = _exact(self._total - taken), _exact(self._left - taken)
        if not known and moved is not None and moved > taken:
            self._tell(Doubt.SHORT, step, source, _exact(moved - taken))
        self._book.departures.append(Departure(source, step.at_ms, moved, step.how, step.position, step.change))
        self._show(source, step.at_ms)

    def _source(self, step: _Step) -> str:
        """Return where goods come from: as said, as long as some lie there; else from on board of their trip."""
        if step.how == CHANGED or (step.source and (step.source not in step.aboard or self._lies(step.source))):
            return step.source
        off = next((place for place in step.aboard if self._lies(place)), "")
        return off or step.source or self._implied(step)

    def _implied(self, step: _Step) -> str:
        free = self._amounts[NOWHERE]
        if free > 0 and (step.quantity is None or free >= step.quantity):
            return NOWHERE
        return self._only(step, sorted(place for place in self._running if place != step.place))

    def _only(self, step: _Step, places: Sequence[str]) -> str:
        if len(places) > 1:
            self._tell(Doubt.SOURCE_UNKNOWN, step, "", step.quantity)
            return UNKNOWN
        return places[0] if places else NOWHERE

    def _take(self, source: str, step: _Step) -> tuple[float | None, float]:
        """Take from a place; return what was said (None: nobody counted it), and what was there of it."""
        if source == UNKNOWN:
            return step.quantity, 0.0
        there = self._amounts.get(source, 0.0)
        if step.quantity is not None:
            taken = min(there, step.quantity)
            self._amounts[source] = _exact(there - taken)
            return step.quantity, taken
        uncounted = source in self._unsaid
        if source and not there and not uncounted:
            self._tell(Doubt.SHORT, step, source, None)
        self._amounts[source] = 0.0
        self._unsaid.discard(source)
        return (None if uncounted or not there else there), there

    def _tell(self, doubt: Doubt, step: _Step, place: str, quantity: float | None) -> None:
        self._book.told.append(Told(doubt, step.position, step.at_ms, place, quantity))

    def _lies(self, place: str) -> bool:
        return self._amounts.get(place, 0.0) > 0 or place in self._unsaid

    def _show(self, place: str, at_ms: int) -> None:
        """Begin another stay where what lies at a place has changed."""
        if place in (NOWHERE, UNKNOWN):
            return
        running, lies = self._running.get(place), self._lies(place)
        quantity = None if place in self._unsaid else self._amounts.get(place, 0.0)
        if running is not None and lies and running.quantity == quantity:
            return
        self._close(place, at_ms)
        if lies:
            arrived_ms = at_ms if running is None else running.arrived_ms
            self._running[place] = _Running(arrived_ms, at_ms, quantity)

    def _close(self, place: str, at_ms: int) -> None:
        running = self._running.pop(place, None)
        if running is not None and running.from_ms < at_ms:
            self._book.stays.append(Stay(place, running.arrived_ms, running.from_ms, at_ms, running.quantity))


def _exact(quantity: float) -> float:
    return round(quantity, EXACT)
