"""Lots by trip: loaded, on board, in another truck, taken over at the end, in any order of the entries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.custody.goods import Goods, LotGone, LotPlaced
from coldchain.custody.trips import Trip, TripMoment, TripStop, TripVehicle
from coldchain.goods.fold import Book, Doubt
from coldchain.goods.voyages import Tripping
from coldchain.goods.where import lots_in_asset
from coldchain.registry import Asset, Site
from tests.goods.stories import ROOM, SHOP_1, SHOP_2, book, hour, lot, where
from tests.goods.worlds import World, minutes

ABOARD, V1, V2, PLANT = "trip:t1", "site:v1", "site:v2", "site:plant"
ROUND = Trip(
    "t1", "distribution", "v1",
    (TripStop("dc", "load"), TripStop("shop-1", "unload"), TripStop("shop-2", "unload"), TripStop("dc", "return")),
)  # fmt: skip
COLLECTION = Trip("t1", "raw-milk", "v1", (TripStop("station", "load"), TripStop("plant", "unload")))


def placed(place: str, at: float, quantity: float | None = None, **more: object) -> LotPlaced:
    return LotPlaced("L1", place, hour(at), more.pop("how", "trip"), quantity=quantity, **more)  # type: ignore[arg-type] # as said


def arrived(found: Book) -> list[tuple[str, str, str, float | None]]:
    return [(one.place, one.came_from, one.how, one.quantity) for one in sorted(found.arrivals, key=lambda a: a.at_ms)]


def test_what_is_loaded_on_a_trip_is_in_its_vehicle_and_gets_off_where_a_placement_says() -> None:
    found = book(
        lot(), ROUND, placed(ROOM, 0, how="scan"), placed(ABOARD, 5, 60, taken_from=ROOM, stop=0),
        placed(SHOP_1, 7, 20, how="delivery", trip="t1", stop=1), placed(SHOP_2, 9, how="delivery", trip="t1", stop=2),
    )  # fmt: skip

    assert where(found) == [
        (ROOM, 0, 5, 100),
        (ROOM, 5, None, 40),
        (V1, 5, 7, 60),
        (SHOP_1, 7, None, 20),
        (V1, 7, 9, 40),
        (SHOP_2, 9, None, 40),
    ]
    assert [(one.trip, one.stop) for one in found.arrivals[1:]] == [("t1", 0), ("t1", 1), ("t1", 2)]
    assert not found.told


def test_goods_go_into_the_other_truck_with_their_trip() -> None:
    found = book(
        lot(), ROUND, placed(ABOARD, 5), TripVehicle("t1", "v2", hour(6)),
        placed(SHOP_1, 7, 30, trip="t1", stop=1), placed(SHOP_2, 9, trip="t1", stop=2),
    )  # fmt: skip

    assert where(found) == [
        (V1, 5, 6, 100),
        (V2, 6, 7, 100),
        (SHOP_1, 7, None, 30),
        (V2, 7, 9, 70),
        (SHOP_2, 9, None, 70),
    ]
    assert arrived(found) == [
        (V1, "", "trip", 100),
        (V2, V1, "vehicle", 100),
        (SHOP_1, V2, "trip", 30),
        (SHOP_2, V2, "trip", 70),
    ]
    assert not found.told


def test_goods_in_a_body_that_was_named_change_the_truck_as_well() -> None:
    found = book(
        lot(), ROUND, placed("asset:body-1", 5, trip="t1", stop=0), TripVehicle("t1", "v2", hour(6)),
        placed(SHOP_1, 7, taken_from="asset:body-1", trip="t1", stop=1),
    )  # fmt: skip

    assert where(found) == [("asset:body-1", 5, 6, 100), (V2, 6, 7, 100), (SHOP_1, 7, None, 100)]
    assert not found.told


def test_the_receiver_of_a_collection_takes_over_all_that_is_on_board() -> None:
    found = book(lot(), COLLECTION, placed(ABOARD, 1, stop=0), TripMoment("t1", "accepted", hour(4), 1))

    assert where(found) == [(V1, 1, 4, 100), (PLANT, 4, None, 100)]
    assert arrived(found)[-1] == (PLANT, V1, "trip", 100)


def test_refused_and_taken_back_goods_stay_on_board() -> None:
    refused = book(lot(), COLLECTION, placed(ABOARD, 1), TripMoment("t1", "refused", hour(4), 1))
    taken_back = book(
        lot(), COLLECTION, placed(ABOARD, 1), TripMoment("t1", "accepted", hour(4), 1),
        TripMoment("t1", "accepted", None, 1),
    )  # fmt: skip

    assert where(refused) == where(taken_back) == [(V1, 1, None, 100)]


def test_a_placement_says_more_than_the_receivers_word() -> None:
    found = book(
        lot(), COLLECTION, placed(ABOARD, 1), TripMoment("t1", "accepted", hour(4), 1),
        placed("asset:silo", 5, 90, trip="t1", stop=1),
    )  # fmt: skip

    assert where(found) == [(V1, 1, 5, 100), ("asset:silo", 5, None, 90), (V1, 5, None, 10)]


def test_with_two_places_to_unload_nobody_guesses_what_got_off() -> None:
    found = book(lot(), ROUND, placed(ABOARD, 1), TripMoment("t1", "accepted", hour(4), 1))

    assert where(found) == [(V1, 1, None, 100)]


def test_goods_on_board_of_an_unknown_trip_wait_for_its_plan() -> None:
    found = book(lot(), placed(ABOARD, 5))

    assert {at: (one.reason, one.detail) for at, one in found.refused.items()} == {2: ("unknown-trip", "t1")}
    assert where(found) == []


def test_what_two_trips_brought_into_one_truck_lies_there_together() -> None:
    other = Trip("t2", "distribution", "v1", ROUND.stops)

    found = book(
        lot(), ROUND, other, placed(ABOARD, 5, 30), placed("trip:t2", 6, 20), placed(SHOP_1, 7, trip="t1", stop=1)
    )

    assert where(found) == [
        (V1, 5, 6, 30),
        (V1, 6, 7, 50),
        (SHOP_1, 7, None, 30),
        (V1, 7, None, 20),
    ]


def test_more_than_was_on_board_is_told_of_the_vehicle() -> None:
    found = book(lot(), ROUND, placed(ABOARD, 5, 30), placed(SHOP_1, 7, 40, taken_from=ABOARD, trip="t1", stop=1))

    assert [(one.doubt, one.place, one.quantity) for one in found.told] == [(Doubt.SHORT, V1, 10)]


STORY: tuple[Goods | Tripping, ...] = (
    lot(), ROUND, placed(ROOM, 0, how="scan"), placed(ABOARD, 5, 60, taken_from=ROOM, stop=0),
    TripVehicle("t1", "v2", hour(6)), placed(SHOP_1, 7, 20, trip="t1", stop=1), TripVehicle("t1", "v1", hour(8)),
    placed(SHOP_2, 9, 30, trip="t1", stop=2), LotGone("L1", hour(10), "destroyed", 10, ABOARD),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.permutations(STORY))
def test_what_is_said_late_of_a_trip_counts_as_if_it_had_been_said_at_once(
    puts: list[Goods | Tripping],
) -> None:
    early, late = book(*STORY), book(*puts)

    assert where(early) == where(late)
    assert arrived(early) == arrived(late)
    assert where(early) == [
        (ROOM, 0, 5, 100),
        (ROOM, 5, None, 40),
        (V1, 5, 6, 60),
        (V2, 6, 7, 60),
        (SHOP_1, 7, None, 20),
        (V2, 7, 8, 40),
        (V1, 8, 9, 40),
        (SHOP_2, 9, None, 30),
        (V1, 9, 10, 10),
    ]


# -- with a registry and thermometers -------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def test_one_series_through_two_trucks_and_the_excursion_of_each_finds_the_lot(world: World) -> None:
    world.measure("room", -10, [4.0] * 70)
    world.measure("truck", 60, [6.0] * 60)
    world.measure("truck-2", 120, [9.0] * 60)
    world.measure("cooler-1", 180, [5.0] * 60)
    world.say(
        lot(), placed(ROOM, 0, how="scan"), placed(ABOARD, 1, stop=0),
        LotPlaced("L1", "asset:cooler-1", minutes(180), "delivery", trip="t1", stop=1),
    )  # fmt: skip
    world.say(TripVehicle("t1", "v2", hour(2)))
    world.say(ROUND)  # the plan comes last of all

    past = world.past("L1", "asset:cooler-1", 240)

    assert [(one.asset, one.presumed, one.peak, round(one.held_h * 60, 6)) for one in past.legs] == [
        ("room", False, 4, 60),
        ("truck", False, 6, 60),
        ("truck-2", False, 9, 60),
        ("cooler-1", False, 5, 60),
    ]
    assert past.gaps == ()
    assert past.unknown_h == pytest.approx(0, abs=1e-9)
    for asset, from_min, to_min, found in (("truck", 60, 120, True), ("truck", 120, 180, False),
                                           ("truck-2", 120, 180, True), ("truck-2", 60, 120, False)):  # fmt: skip
        there = lots_in_asset(world.reader, world.registry, asset, minutes(from_min), minutes(to_min))
        assert [(one.lot, one.presumed) for one in there] == ([("L1", False)] if found else [])


def test_in_a_truck_with_two_bodies_a_lot_is_presumed_in_each_that_stores_such_goods(world: World) -> None:
    world.say(Asset("rear", "rear", "walk-in-room", "v1"), Asset("deep", "deep", "freezer-room", "v1"))
    world.say(lot(), ROUND, placed(ABOARD, 1))

    found = {
        asset: [one.presumed for one in lots_in_asset(world.reader, world.registry, asset, hour(1), hour(2))]
        for asset in ("truck", "rear", "deep")
    }

    assert found == {"truck": [True], "rear": [True], "deep": []}


def test_milk_that_a_trip_loaded_is_in_its_tanker(world: World) -> None:
    world.say(Site("v3", "v3", "vehicle", "dairy"), Asset("tank", "tank", "tanker", "v3"))
    world.say(lot(), Trip("t1", "raw-milk", "v3", COLLECTION.stops), placed(ABOARD, 1))

    there = lots_in_asset(world.reader, world.registry, "tank", hour(1), hour(2))

    assert [(one.lot, one.presumed) for one in there] == [("L1", False)]
