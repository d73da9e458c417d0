"""Goods on board of a trip are in its vehicle: places ``trip:`` of a lot become the vehicles that drove, one by one.

::

    folded (places as said) ──▶ a stay on board ──▶ a stay in each vehicle, an arrival where goods changed it (换车)

So whoever asks what was in a vehicle, or how a lot came somewhere, need not know of trips.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from coldchain.custody.goods import Lot
from coldchain.goods.fold import BY_VEHICLE, Arrival, Book, Said, Stay, folded
from coldchain.goods.places import SITE
from coldchain.goods.voyages import Voyage, trip_in


def book_of(name: str, said: Sequence[Said], others: Mapping[str, Lot], voyages: Mapping[str, Voyage]) -> Book:
    """Return what follows from everything that is said of a lot, on board or on land.

    Args:
        said: every entry that speaks of it, in the ledger's order.
        others: the other lots that these entries speak of, as far as they are known.
        voyages: the trips that these entries name, as far as they are known.
    """
    book = folded(name, said, others, voyages)
    if not voyages:
        return book
    changes = [change for stay in book.stays for change in _changes(stay, voyages)]
    book.arrivals = [
        msgspec.structs.replace(
            one, place=_after(one.place, one.at_ms, voyages), came_from=place_before(one.came_from, one.at_ms, voyages)
        )
        for one in book.arrivals
    ] + changes
    book.departures = [
        msgspec.structs.replace(one, place=place_before(one.place, one.at_ms, voyages)) for one in book.departures
    ]
    book.told = [msgspec.structs.replace(one, place=place_before(one.place, one.at_ms, voyages)) for one in book.told]
    book.stays = _joined(piece for stay in book.stays for piece in _pieces(stay, voyages))
    return book


def place_before(place: str, at_ms: int, voyages: Mapping[str, Voyage]) -> str:
    """Return where goods lay until a time: a place on land as it is, on board the vehicle."""
    trip = trip_in(place)
    return SITE + voyages[trip].vehicle_before(at_ms) if trip in voyages else place


def _after(place: str, at_ms: int, voyages: Mapping[str, Voyage]) -> str:
    trip = trip_in(place)
    return SITE + voyages[trip].vehicle_at(at_ms) if trip in voyages else place


def _pieces(stay: Stay, voyages: Mapping[str, Voyage]) -> Iterable[Stay]:
    trip = trip_in(stay.place)
    if trip not in voyages:
        return [stay]
    began = {from_ms: vehicle for vehicle, from_ms, _ in voyages[trip].vehicles}
    pieces = voyages[trip].pieces(stay.from_ms, stay.to_ms)
    return [
        Stay(
            SITE + vehicle,
            max(stay.arrived_ms, *(start for start in began if start <= from_ms)),
            from_ms,
            to_ms,
            stay.quantity,
        )
        for vehicle, from_ms, to_ms in pieces
    ]


def _changes(stay: Stay, voyages: Mapping[str, Voyage]) -> Iterable[Arrival]:
    trip = trip_in(stay.place)
    if trip not in voyages:
        return
    voyage = voyages[trip]
    for at_ms, position in voyage.changed.items():
        if stay.arrived_ms < at_ms and stay.from_ms <= at_ms < stay.to_ms:
            yield Arrival(
                SITE + voyage.vehicle_at(at_ms),
                at_ms,
                SITE + voyage.vehicle_before(at_ms),
                stay.quantity,
                BY_VEHICLE,
                position,
                trip,
            )


def _joined(stays: Iterable[Stay]) -> list[Stay]:
    """Return stays that do not overlap: what several trips brought into one vehicle lies there together."""
    found: list[Stay] = []
    by_place = sorted(stays, key=lambda stay: (stay.place, stay.from_ms))
    for _, group in itertools.groupby(by_place, key=lambda stay: stay.place):
        own = list(group)
        overlap = any(one.to_ms > other.from_ms for one, other in itertools.pairwise(own))
        found += _summed(own) if overlap else own
    return sorted(found, key=lambda stay: (stay.from_ms, stay.place))


def _summed(stays: Sequence[Stay]) -> list[Stay]:
    cuts = sorted({moment for stay in stays for moment in (stay.from_ms, stay.to_ms)})
    found: list[Stay] = []
    for from_ms, to_ms in itertools.pairwise(cuts):
        there = [stay for stay in stays if stay.from_ms <= from_ms < stay.to_ms]
        if not there:
            continue
        counts = [stay.quantity for stay in there]
        quantity = None if None in counts else sum(count for count in counts if count is not None)
        arrived_ms = min(stay.arrived_ms for stay in there)
        if found and found[-1].to_ms == from_ms:
            arrived_ms = min(arrived_ms, found[-1].arrived_ms)
        found.append(Stay(there[0].place, arrived_ms, from_ms, to_ms, quantity))
    return found
