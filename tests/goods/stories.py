"""Lots that tests tell stories of."""

from __future__ import annotations

from collections.abc import Iterable

from coldchain.custody.goods import GOODS, Goods, Lot
from coldchain.goods.aboard import book_of
from coldchain.goods.fold import Book, Said
from coldchain.goods.store import trip_id
from coldchain.goods.voyages import TRIPS, Tripping, TripSaid, voyage_of
from tests.support import HOUR_MS, T0

ROOM, TRUCK, SHOP_1, SHOP_2, COOLER = "asset:room", "asset:truck", "site:shop-1", "site:shop-2", "asset:cooler-1"


def hour(number: float) -> int:
    """Return a moment so many hours after the story began."""
    return T0 + round(number * HOUR_MS)


def lot(name: str = "L1", quantity: float = 100, **more: object) -> Lot:
    """Return a lot of pasteurized milk, 100 pieces."""
    return Lot(name, "pasteurized", quantity, "件", **more)  # type: ignore[arg-type] # what a story says of it


def book(*puts: Goods | Tripping, name: str = "L1", others: Iterable[Lot] = (), who: str = "clerk") -> Book:
    """Fold what is said of a lot and of its trips, in this order of the ledger."""
    numbered = list(enumerate(puts, 1))
    said = [Said(position, put, who) for position, put in numbered if isinstance(put, GOODS)]
    trips: dict[str, list[TripSaid]] = {}
    for position, put in numbered:
        if isinstance(put, TRIPS):
            trips.setdefault(trip_id(put), []).append(TripSaid(position, put))
    voyages = {trip: voyage for trip, ones in trips.items() if (voyage := voyage_of(ones)) is not None}
    return book_of(name, said, {other.id: other for other in others}, voyages)


def where(found: Book) -> list[tuple[str, float, float | None, float | None]]:
    """Return (place, from, to, quantity) of each stay, times as hours of the story; None: still there."""
    ends = ((stay, stay.to_ms - T0) for stay in found.stays)
    return [
        (stay.place, (stay.from_ms - T0) / HOUR_MS, None if end > 1 << 50 else end / HOUR_MS, stay.quantity)
        for stay, end in ends
    ]
