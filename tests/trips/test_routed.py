"""Plans without a way get the road's, once; whoever sends a plan again says nothing new."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from coldchain.custody import Trip, TripMoment
from coldchain.errors import Unavailable
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Change, Put
from coldchain.registry.fold import fold
from coldchain.routing import LatLon, Way
from coldchain.trips.routed import routed
from tests.trips.worlds import PLACES, TRIP

PUTS: Sequence[Put] = PLACES
REGISTRY = fold(Entry(at, Kind.CHANGE, 0, Change(put, "t", "t").encode()) for at, put in enumerate(PUTS, 1))
WAY = Way(((31.2, 121.4), (31.21, 121.46), (31.3, 121.5)), 21_500.0)


class Roads:
    """A routing service that answers the same to everybody, and counts."""

    def __init__(self, answer: Way | Exception | None) -> None:
        self.answer = answer
        self.asked: list[Sequence[LatLon]] = []

    def way(self, places: Sequence[LatLon]) -> Way | None:
        self.asked.append(places)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def nobody(trip: str) -> Trip | None:
    return None


def test_a_plan_without_a_way_gets_the_road_through_its_stops() -> None:
    roads, moment = Roads(WAY), TripMoment("D-1", "departed", 1, 0)

    found = routed([TRIP, moment], nobody, REGISTRY, roads)

    assert found.puts == [msgspec.structs.replace(TRIP, route=WAY.places, distance_m=21_500.0), moment]
    assert found.unrouted == []
    assert roads.asked == [[(31.20, 121.40), (31.25, 121.45), (31.30, 121.50)]]


def test_what_a_person_planned_stays() -> None:
    own = msgspec.structs.replace(TRIP, route=((31.2, 121.4), (31.3, 121.5)))
    longer = msgspec.structs.replace(TRIP, distance_m=30_000.0)
    roads = Roads(WAY)

    assert routed([own], nobody, REGISTRY, roads).puts == [own]
    assert roads.asked == []
    [found] = routed([longer], nobody, REGISTRY, roads).puts
    assert isinstance(found, Trip)
    assert (found.route, found.distance_m) == (WAY.places, 30_000.0)


def test_a_plan_that_is_sent_again_keeps_its_way_and_another_round_asks_anew() -> None:
    roads = Roads(WAY)
    [before] = routed([TRIP], nobody, REGISTRY, roads).puts
    assert isinstance(before, Trip)
    later = msgspec.structs.replace(TRIP, driver="李")
    shorter = msgspec.structs.replace(TRIP, stops=TRIP.stops[:2])

    found = routed([TRIP, later, shorter], lambda trip: before, REGISTRY, roads)

    assert found.puts[0] == before
    assert found.puts[1] == msgspec.structs.replace(before, driver="李")
    assert len(roads.asked) == 2


def test_without_a_way_it_goes_as_it_came_and_a_service_that_is_away_is_asked_once() -> None:
    unplaced = msgspec.structs.replace(
        TRIP, id="D-2", stops=(TRIP.stops[0], msgspec.structs.replace(TRIP.stops[1], site="far"))
    )

    assert routed([TRIP], nobody, REGISTRY, Roads(None)).unrouted == ["D-1"]
    assert routed([unplaced], nobody, REGISTRY, Roads(WAY)).unrouted == ["D-2"]
    away = Roads(Unavailable("away"))
    found = routed([TRIP, msgspec.structs.replace(TRIP, id="D-3")], nobody, REGISTRY, away)
    assert (found.puts[0], found.unrouted, len(away.asked)) == (TRIP, ["D-1", "D-3"], 1)


def test_nobody_is_told_where_no_service_is_set_up() -> None:
    assert routed([TRIP], nobody, REGISTRY, None).unrouted == []
