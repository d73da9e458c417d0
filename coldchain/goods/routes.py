"""How a lot came to where it lies: place before place, and through the lots that it came out of.

::

    place at a time ─▶ what arrived there in that presence ─▶ the place it came from ─▶ … ─▶ where it was made
                                  └▶ out of other lots ─▶ their places

Goods of several arrivals lie together, so there may be several ways; nobody knows which packs came by which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coldchain.goods.fold import CHANGED, NOWHERE, UNKNOWN, Arrival, Departure, Stay
from coldchain.goods.reader import Descent, GoodsReader

MOST_ROUTES = 16
"""Ways that are followed; a lot that met itself more often is known by the first of them."""

MOST_LEGS = 64


@dataclass(frozen=True, slots=True)
class Leg:
    """A lot at a place in [from_ms, to_ms).

    Attributes:
        same_goods: False before a transformation: another product, whose exposure is not this lot's.
    """

    lot: str
    place: str
    from_ms: int
    to_ms: int
    same_goods: bool = True


Route = tuple[Leg, ...]
"""Legs, rising by time."""


@dataclass(frozen=True, slots=True)
class _Known:
    presences: Sequence[tuple[str, int, int]]
    arrivals: Sequence[Arrival]
    departures: Sequence[Departure]
    parents: Sequence[Descent]


class Routes:
    """Follows lots back; what was read of a lot is kept for the next question."""

    def __init__(self, reader: GoodsReader) -> None:
        self._reader = reader
        self._lots: dict[str, _Known] = {}

    def to(self, lot: str, place: str, until_ms: int) -> list[Route]:
        """Return the ways on which a lot came to what lay at a place just before a time; empty when nothing did."""
        found: list[Route] = []
        for route in self._back(lot, place, until_ms, True, MOST_LEGS):
            found.append(route)
            if len(found) == MOST_ROUTES:
                break
        return found

    def know(self, lots: Iterable[str]) -> None:
        """Read what is wanted of many lots at once; whatever else is asked for is read lot by lot."""
        fresh = set(lots) - self._lots.keys()
        stays, arrivals = self._reader.stays(fresh), self._reader.arrivals(fresh)
        departures, parents = self._reader.departures(fresh), self._reader.parents_of(fresh)
        for lot in fresh:
            self._lots[lot] = _Known(
                _presences(stays.get(lot, [])), arrivals.get(lot, []), departures.get(lot, []), parents.get(lot, [])
            )

    def presences(self, lot: str) -> Sequence[tuple[str, int, int]]:
        """Return (place, from, to) of each presence of a lot, rising by time."""
        return self._of(lot).presences

    def _back(self, lot: str, place: str, until_ms: int, same_goods: bool, legs: int) -> Iterator[Route]:
        presence = next(
            ((from_ms, to_ms) for where, from_ms, to_ms in self.presences(lot)
             if where == place and from_ms < until_ms <= to_ms), None,
        )  # fmt: skip
        if presence is None:
            return
        leg = Leg(lot, place, presence[0], until_ms, same_goods)
        before = self._before(lot, place, presence[0], until_ms) if legs > 1 else []
        ways = [
            route
            for parent, where, at_ms, same in before
            for route in self._back(parent, where, at_ms, same_goods and same, legs - 1)
        ]
        yield from ((*route, leg) for route in ways) if ways else iter([(leg,)])

    def _before(self, lot: str, place: str, from_ms: int, until_ms: int) -> list[tuple[str, str, int, bool]]:
        """Return (lot, place, until, same goods) of each place that what lies somewhere came from."""
        arrivals = [one for one in self._of(lot).arrivals if one.place == place and from_ms <= one.at_ms < until_ms]
        found: dict[tuple[str, str, int, bool], None] = {}
        for arrival in arrivals:
            for one in self._sources(lot, arrival):
                found[one] = None
        return list(found)

    def _sources(self, lot: str, arrival: Arrival) -> Iterator[tuple[str, str, int, bool]]:
        if arrival.how == CHANGED:
            for parent in self._of(lot).parents:
                if parent.change == arrival.change and parent.parent_place:
                    yield parent.parent, parent.parent_place, arrival.at_ms, parent.kind != "transformation"
        elif arrival.came_from == UNKNOWN:
            for place, from_ms, to_ms in self.presences(lot):
                if place != arrival.place and from_ms < arrival.at_ms <= to_ms:
                    yield lot, place, arrival.at_ms, True
        elif arrival.came_from != NOWHERE:
            yield lot, arrival.came_from, arrival.at_ms, True
        else:
            yield from self._unplaced(lot, arrival.at_ms)

    def _unplaced(self, lot: str, at_ms: int) -> Iterator[tuple[str, str, int, bool]]:
        """Yield where goods lay before their interval ended and nobody said where they went: the last such place."""
        known = self._of(lot)
        explained = {(one.place, one.at_ms) for one in known.departures}
        explained |= {(one.came_from, one.at_ms) for one in known.arrivals}
        ended = [
            (to_ms, place) for place, _, to_ms in self.presences(lot)
            if to_ms <= at_ms and (place, to_ms) not in explained
        ]  # fmt: skip
        if ended:
            to_ms, place = max(ended)
            yield lot, place, to_ms, True

    def _of(self, lot: str) -> _Known:
        if lot not in self._lots:
            self.know([lot])
        return self._lots[lot]


def _presences(stays: Sequence[Stay]) -> Sequence[tuple[str, int, int]]:
    joined: dict[tuple[str, int], int] = {}
    for stay in stays:
        key = stay.place, stay.arrived_ms
        joined[key] = max(stay.to_ms, joined.get(key, stay.to_ms))
    return sorted(((place, from_ms, to_ms) for (place, from_ms), to_ms in joined.items()), key=lambda one: one[1:])
