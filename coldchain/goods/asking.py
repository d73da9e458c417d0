"""Before an entry of goods is written: what is said of its lots up to the ledger's end, and why it cannot be.

The store is a moment behind the ledger, and whoever registers a lot places it right after. So what stands behind the
store's cursor is read from the ledger, and what one request says first counts for what it says next.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from coldchain.custody.goods import GOODS, Goods, Lot, LotChange, LotGone, LotHold, LotPlaced, LotRelease, lots_of
from coldchain.custody.recalls import RECALLS, Recall, RecallAnswer, Recalling
from coldchain.goods.aboard import book_of
from coldchain.goods.fold import Book, Said, Told, defined
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.reader import GoodsReader
from coldchain.goods.recallbook import recall_refusal
from coldchain.goods.store import trip_id
from coldchain.goods.verdicts import HeldBy, Refusal, Refused, refusal
from coldchain.goods.voyages import TRIPS, TripSaid, Voyage, boarded, named, trip_in, voyage_of
from coldchain.goods.where import site_of
from coldchain.gs1 import gtin14
from coldchain.ledger.port import Ledger
from coldchain.readable import readable
from coldchain.registry import Change, Registry

MOST_NAMED = 20
"""Unknown lots that a refusal names."""


@dataclass(frozen=True, slots=True)
class Refusing:
    """An entry of a request that cannot be: which one, and why."""

    number: int
    refused: Refused


class Asking:
    """What is said of lots up to the ledger's end, and what a request adds to it.

    Args:
        reader: of the store; None where there is none yet: everything is read from the ledger.
    """

    def __init__(self, ledger: Ledger, reader: GoodsReader | None) -> None:
        self._reader = reader
        self._begins = 0 if reader is None else reader.position()
        self._end = ledger.end()
        self._tail: dict[str, list[Said]] = {}
        self._recalls: set[str] = set()
        self._trips: dict[str, list[TripSaid]] = {}
        self._printed: dict[str, set[str]] = {}
        for entry, change in readable(ledger.changes(self._begins, self._end)):
            self._add(entry.position, change)

    def take(
        self, registry: Registry, puts: Sequence[Goods | Recalling], who: str, why: str
    ) -> tuple[list[Goods | Recalling], list[Refusing]]:
        """Return what a request would write, and everything in it that cannot be; it counts for what is asked next."""
        made: list[Goods | Recalling] = []
        refused = []
        for number, put in enumerate(puts):
            if not isinstance(put, RECALLS):
                put = self._sourced(registry, put)
            fault = self.refusal(put, who) or _unknown_place(registry, put)
            if fault is not None:
                refused.append(Refusing(number, fault))
                continue
            made.append(put)
            self._add(self._end + len(made), Change(put, who, why))
        return made, refused

    def doubts(self) -> list[tuple[str, Told]]:
        """Return (lot, doubt) of what does not add up by what was taken."""
        touched = sorted(name for name, ones in self._tail.items() if ones[-1].position > self._end)
        return [(name, told) for name in touched for told in self.book(name).told if told.position > self._end]

    def refusal(self, put: Goods | Recalling, who: str) -> Refused | None:
        """Return why an entry cannot be, None when it can."""
        if isinstance(put, RECALLS):
            return self._recall_refusal(put)
        names = lots_of(put)
        holds = self.holds(names[0]) if isinstance(put, LotHold | LotRelease) else {}
        fault = refusal(put, who, self.lots(names), holds, self.voyages(boarded(put)))
        if fault is None and isinstance(put, Lot):
            fault = self._printed_twice(put) or self._other_unit(put)
        if fault is None and isinstance(put, LotChange):
            fault = self._in_a_circle(put)
        return fault

    def _printed_twice(self, put: Lot) -> Refused | None:
        """Refuse what others could not tell from a lot that is known: GS1 names a lot by these two."""
        if not (put.gtin and put.number):
            return None
        stored = [] if self._reader is None else [one.lot.id for one in self._reader.lots_printed(put.number)]
        for other in self.lots({*stored, *self._printed.get(put.number, ())} - {put.id}).values():
            if other.number == put.number and other.gtin and gtin14(other.gtin) == gtin14(put.gtin):
                return Refused(Refusal.PRINTED_TWICE, f"{put.id}, {other.id}")
        return None

    def _other_unit(self, put: Lot) -> Refused | None:
        known = self.lots([put.id]).get(put.id)
        if known is None or known.unit == put.unit or all(isinstance(one.put, Lot) for one in self.said(put.id)):
            return None
        return Refused(Refusal.OTHER_UNIT, f"{put.id}: {known.unit}, {put.unit}")

    def _in_a_circle(self, put: LotChange) -> Refused | None:
        """Refuse a transformation out of which comes what its inputs came out of; a split may be joined again."""
        if put.kind != "transformation":
            return None
        inputs = {share.lot for share in put.inputs}
        circle = sorted({share.lot for share in put.outputs} - inputs & self._sources(inputs, put.id))
        return Refused(Refusal.IN_A_CIRCLE, ", ".join(circle)) if circle else None

    def _sources(self, names: set[str], change: str) -> set[str]:
        """Return every lot that some lots came out of, by any change but one."""
        found, fresh = set(names), set(names)
        while fresh:
            said = {put.id: put for name in fresh for put in self._changes_of(name) if put.id != change}
            made = (put for put in said.values() if any(share.lot in fresh for share in put.outputs))
            fresh = {share.lot for put in made for share in put.inputs} - found
            found |= fresh
        return found

    def _changes_of(self, name: str) -> Iterator[LotChange]:
        return (one.put for one in self.said(name) if isinstance(one.put, LotChange))

    def _recall_refusal(self, put: Recalling) -> Refused | None:
        if isinstance(put, Recall):
            unknown = sorted(set(put.lots) - self.lots(put.lots).keys())
            if unknown:
                return Refused(Refusal.UNKNOWN_LOT, ", ".join(unknown[:MOST_NAMED]))
            return recall_refusal(put, known=True)
        stored = self._reader is not None and self._reader.recall(put.recall).began is not None
        return recall_refusal(put, known=stored or put.recall in self._recalls)

    def lots(self, names: Iterable[str]) -> dict[str, Lot]:
        """Return those of some lots that are known."""
        wanted = list(names)
        stored = {} if self._reader is None else self._reader.lots_named(wanted)
        found = {name: known.lot for name, known in stored.items()}
        for name in wanted:
            newer = defined(name, self._tail.get(name, ()))
            if newer is not None:
                found[name] = newer
        return found

    def voyages(self, names: Iterable[str]) -> dict[str, Voyage]:
        """Return those of some trips whose plan is known."""
        wanted = set(names)
        stored = {} if self._reader is None or not wanted else self._reader.trips(wanted)
        found = {}
        for name in wanted:
            older = (one for one in stored.get(name, ()) if one.position <= self._begins)
            voyage = voyage_of([*older, *self._trips.get(name, ())])
            if voyage is not None:
                found[name] = voyage
        return found

    def holds(self, name: str) -> dict[str, HeldBy]:
        """Return the holds of a lot."""
        stored = [] if self._reader is None else self._reader.holds([name]).get(name, [])
        found = {held.id: HeldBy(held.who, bool(held.decision)) for held in stored}
        for said in self._tail.get(name, ()):
            if isinstance(said.put, LotHold):
                found.setdefault(said.put.id, HeldBy(said.who))
            elif isinstance(said.put, LotRelease) and said.put.hold in found:
                found[said.put.hold] = replace(found[said.put.hold], decided=True)
        return found

    def said(self, name: str) -> list[Said]:
        """Return everything that is said of a lot, in the ledger's order."""
        stored = () if self._reader is None else readable(self._reader.said(name))
        older = [_goods_said(entry.position, change) for entry, change in stored if entry.position <= self._begins]
        return [*older, *self._tail.get(name, ())]

    def touched(self) -> list[str]:
        """Return the lots of which something is said behind the store's cursor."""
        return sorted(self._tail)

    def book(self, name: str) -> Book:
        """Return what follows from everything that is said of a lot."""
        said = self.said(name)
        others = self.lots({other for one in said for other in lots_of(one.put)} - {name})
        voyages = self.voyages({trip for one in said for trip in named(one.put)})
        return book_of(name, said, others, voyages)

    def _add(self, position: int, change: Change) -> None:
        if isinstance(change.change, Recall):
            self._recalls.add(change.change.id)
        elif isinstance(change.change, TRIPS):
            self._trips.setdefault(trip_id(change.change), []).append(TripSaid(position, change.change))
        elif isinstance(change.change, GOODS):
            said = _goods_said(position, change)
            if isinstance(said.put, Lot):
                self._printed.setdefault(said.put.number, set()).add(said.put.id)
            for name in lots_of(said.put):
                self._tail.setdefault(name, []).append(said)

    def _sourced(self, registry: Registry, put: Goods) -> Goods:
        """Say where a lot came from that was put into an asset of the shop that it was delivered to."""
        if not isinstance(put, LotPlaced) or put.taken_from or not put.place.startswith(ASSET):
            return put
        home = SITE + site_of(registry, put.place, put.from_ms)
        lying = [stay.place for stay in self.book(put.lot).stays if stay.from_ms <= put.from_ms < stay.to_ms]
        return msgspec.structs.replace(put, taken_from=home) if home in lying and put.place not in lying else put


def _goods_said(position: int, change: Change) -> Said:
    assert isinstance(change.change, GOODS)
    return Said(position, change.change, change.who, change.why)


def _unknown_place(registry: Registry, put: Goods | Recalling) -> Refused | None:
    for place in _places(put):
        known = registry.assets if place.startswith(ASSET) else registry.sites
        if place and not trip_in(place) and place.removeprefix(ASSET).removeprefix(SITE) not in known:
            return Refused(Refusal.UNKNOWN_PLACE, place)
    return None


def _places(put: Goods | Recalling) -> tuple[str, ...]:
    match put:
        case LotPlaced():
            return put.place, put.taken_from
        case LotGone() | LotHold():
            return (put.place,)
        case RecallAnswer():
            return (SITE + put.site,)
        case LotChange():
            return tuple(share.place for share in itertools.chain(put.inputs, put.outputs))
        case _:
            return ()
