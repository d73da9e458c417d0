"""Papers as far as the data knows them: a trip's plan, how it went, the vehicle's papers and probes, its goods.

::

    plan ──▶ stops ──▶ a hand-over note for each loading of milk, a delivery for each unloading of packed goods
    the trip as it was judged ──▶ when it left and came ──▶ what the vehicle's own probe said then
    goods ──▶ how much of which lot is in which tank, or on board

Nothing is guessed: what the data does not know is left for a person to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from coldchain.custody.goods import Lot
from coldchain.custody.papers import Delivery, DeliveryLine, MilkNote, MilkTank, Paper, PaperEnd
from coldchain.custody.trips import Trip
from coldchain.goods.fold import Arrival
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.reader import GoodsReader
from coldchain.papers.probes import TANKER, boxes_of, said_in
from coldchain.papers.stops import Seen, StopsOf
from coldchain.papers.trips import TripBook
from coldchain.registry import Registry
from coldchain.series.port import Series

P = TypeVar("P", MilkNote, Delivery)


@dataclass(frozen=True, slots=True)
class Draft:
    """A paper that nobody drew up yet; its id is empty, and quantities that nobody knows are 0 or None.

    Attributes:
        stop: place in `Trip.stops` that it is for.
    """

    stop: int
    paper: Paper


@dataclass(frozen=True, slots=True)
class Data:
    """Where drafts come from, and what stands beside a paper."""

    series: Series
    registry: Registry
    goods: GoodsReader
    stops: StopsOf


def drafts(data: Data, book: TripBook, now_ms: int) -> list[Draft]:
    """Return a paper for every stop of a trip that needs one, in planned order; none without a plan."""
    plan = book.plan
    if plan is None:
        return []
    purpose = "load" if plan.kind == "raw-milk" else "unload"
    make = _note if plan.kind == "raw-milk" else _delivery
    return [
        Draft(place, make(data, book, plan, place, now_ms))
        for place, stop in enumerate(plan.stops)
        if stop.purpose == purpose
    ]


def when_there(data: Data, book: TripBook, place: int, moment: str) -> Seen | None:
    """Return when a trip ``arrived`` at a stop or ``departed`` from it; None: nobody knows.

    What was said behind the last judging counts already.
    """
    if book.plan is None:
        return None
    stops = data.stops(book.plan.id)
    seen = stops[place].when(moment) if 0 <= place < len(stops) else None
    said_ms = book.moments.get((place, moment))
    return seen if seen is not None or said_ms is None else (said_ms, "said")


def _note(data: Data, book: TripBook, plan: Trip, place: int, now_ms: int) -> MilkNote:
    after = range(place + 1, len(plan.stops))
    plant = next((one for one in after if plan.stops[one].purpose == "unload"), None)
    departed = _end(data, book, place, "departed", now_ms)
    vehicle = book.vehicle_at(departed.at_ms if departed else now_ms)
    tanks, unit = _tanks(data, plan, place, vehicle, now_ms)
    note = MilkNote(
        "",
        now_ms,
        plan.stops[place].site,
        plan.stops[plant].site if plant is not None else "",
        tanks=tanks,
        unit=unit,
        departed=departed,
        arrived=None if plant is None else _end(data, book, plant, "arrived", now_ms),
        permit=plan.permit or _permit(data.registry, vehicle),
        trip=plan.id,
        vehicle=vehicle,
        plate=_plate(data.registry, vehicle),
        driver=plan.driver,
        escort=plan.escort,
    )
    return _from_data(note)


def _delivery(data: Data, book: TripBook, plan: Trip, place: int, now_ms: int) -> Delivery:
    arrived = _end(data, book, place, "arrived", now_ms)
    at_ms = arrived.at_ms if arrived else now_ms
    vehicle = book.vehicle_at(at_ms)
    delivery = Delivery(
        "",
        now_ms,
        plan.stops[place].site,
        stop=place,
        order=plan.order,
        arrived=arrived,
        lines=tuple(_lines(data, plan, place, vehicle, at_ms)),
        trip=plan.id,
        vehicle=vehicle,
        plate=_plate(data.registry, vehicle),
        driver=plan.driver,
    )
    return _from_data(delivery)


def _plate(registry: Registry, vehicle: str) -> str:
    known = registry.vehicles.get(vehicle)
    return known.plate if known else ""


def _permit(registry: Registry, vehicle: str) -> str:
    known = registry.vehicles.get(vehicle)
    return known.milk_permit if known else ""


def _end(data: Data, book: TripBook, place: int, moment: str, now_ms: int) -> PaperEnd | None:
    """Return when a vehicle left or came, and how warm it was then: as its trip was judged."""
    seen = when_there(data, book, place, moment)
    if seen is None or seen[0] > now_ms:
        return None
    at_ms, known_by = seen
    boxes = boxes_of(data.registry, book.vehicle_at(at_ms), at_ms)
    found = (said_in(data.series, data.registry, asset, at_ms) for asset in boxes)
    return PaperEnd(at_ms, known_by, tuple(one for one in found if one is not None))


def _tanks(data: Data, plan: Trip, place: int, vehicle: str, now_ms: int) -> tuple[tuple[MilkTank, ...], str]:
    """Return each tank's milk as the goods know it, and its unit; 0 where they do not."""
    loaded: dict[str, float] = {}
    unit = MilkNote("", 0, "").unit
    for lot, arrival in _moved(data, plan, place):
        if arrival.place.startswith(ASSET) and arrival.quantity is not None:
            tank = arrival.place.removeprefix(ASSET)
            loaded[tank] = loaded.get(tank, 0.0) + arrival.quantity
            unit = lot.unit
    tanks = [asset for asset in boxes_of(data.registry, vehicle, now_ms) if data.registry.kind_of(asset) == TANKER]
    names = dict.fromkeys([*loaded, *(tanks if not loaded else ())])
    return tuple(MilkTank(name, loaded.get(name, 0.0)) for name in names), unit


def _lines(data: Data, plan: Trip, place: int, vehicle: str, at_ms: int) -> Iterator[DeliveryLine]:
    """Yield a line for each lot that was unloaded here, else for each that was on board when it came."""
    unloaded = [(lot, one) for lot, one in _moved(data, plan, place) if one.place == SITE + plan.stops[place].site]
    for lot, arrival in unloaded:
        yield DeliveryLine(lot.product, lot.unit, lot.id, lot.number, delivered=arrival.quantity)
    if unloaded:
        return
    boxes = [ASSET + asset for asset in boxes_of(data.registry, vehicle, at_ms)]
    lots = list(dict.fromkeys(name for name, _ in data.goods.stays_in(boxes, at_ms, at_ms + 1)))
    for name, known in sorted(data.goods.lots_named(lots).items()):
        yield DeliveryLine(known.lot.product, known.lot.unit, name, known.lot.number)


def _moved(data: Data, plan: Trip, place: int) -> Sequence[tuple[Lot, Arrival]]:
    """Return what was loaded or unloaded at a stop of a trip."""
    names = data.goods.on_trip(plan.id)
    lots = data.goods.lots_named(names)
    return [
        (lots[name].lot, arrival)
        for name, arrivals in sorted(data.goods.arrivals(names).items())
        for arrival in arrivals
        if arrival.trip == plan.id and arrival.stop == place
    ]


NOT_FROM_DATA = ("id", "at_ms", "unit", "from_data", "departed", "arrived")
"""Fields that no plan gives, or that say themselves how they are known."""


def _from_data(paper: P) -> P:
    """Return a draft that says which of its fields the data gave."""
    given = [
        one.name
        for one in msgspec.structs.fields(paper)
        if one.name not in NOT_FROM_DATA and getattr(paper, one.name) not in (None, "", ())
    ]
    return msgspec.structs.replace(paper, from_data=tuple(given))
