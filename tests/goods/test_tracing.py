"""From a lot back to every asset, trip and hand-over, through what it came out of and no farther."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.cli.lots_trace import trace_lines
from coldchain.custody.goods import Lot, LotChange, LotPlaced, LotShare
from coldchain.custody.trips import Trip, TripStop, TripVehicle
from coldchain.goods.tracing import Trace, trace
from tests.goods.stories import ROOM, hour, lot
from tests.goods.worlds import World
from tests.support import T0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def traced(world: World) -> Trace:
    """Milk lies in a silo from 0 to 9; half of it becomes the lot at 2, which goes in two trucks to a shop."""
    world.say(
        Lot("milk", "raw_milk", 1000, "L"), lot(),
        LotPlaced("milk", "asset:silo", hour(0), "scan"),
        LotChange("c", "transformation", hour(2), (LotShare("milk", 500, "asset:silo"),), (LotShare("L1", 100, ROOM),)),
        LotPlaced("milk", "asset:room", hour(9), "scan", quantity=500),
        Trip("t1", "distribution", "v1", (TripStop("dc", "load"), TripStop("shop-1", "unload"))),
        TripVehicle("t1", "v2", hour(4)),
        LotPlaced("L1", "trip:t1", hour(3), "trip", stop=0),
        LotPlaced("L1", "site:shop-1", hour(5), "delivery", quantity=100, trip="t1", stop=1, paper="D-1"),
    )  # fmt: skip
    return trace(world.reader, world.registry, "L1", hour(8))


def h(at_ms: int) -> float:
    return (at_ms - T0) / 3_600_000


def test_every_asset_of_the_lot_and_of_the_milk_until_it_became_the_lot(world: World) -> None:
    found = traced(world)

    assert {name: h(at) for name, at in found.lots.items()} == {"L1": 8, "milk": 2}
    assert [(one.lot, one.asset, h(one.from_ms), h(one.to_ms), one.presumed) for one in found.assets] == [
        ("milk", "silo", 0, 2, False),
        ("L1", "room", 2, 3, False),
        ("L1", "truck", 3, 4, False),
        ("L1", "truck-2", 4, 5, False),
        ("L1", "cooler-1", 5, 8, True),
        ("L1", "cooler-2", 5, 8, True),
    ]


def test_every_trip_with_its_vehicles(world: World) -> None:
    (trip,) = traced(world).trips

    assert (trip.lot, trip.trip, trip.vehicles) == ("L1", "t1", ("v1", "v2"))
    assert (h(trip.loaded_ms), trip.unloaded_ms) == (3, hour(5))


def test_every_hand_over_with_who_answered_and_its_paper(world: World) -> None:
    found = traced(world).hand_overs

    assert [(h(one.at_ms), one.from_site, one.to_site, one.quantity, one.how, one.paper) for one in found] == [
        (3, "dc", "v1", 100, "trip", ""),
        (4, "v1", "v2", 100, "vehicle", ""),
        (5, "v2", "shop-1", 100, "delivery", "D-1"),
    ]
    assert {(one.from_operator, one.to_operator) for one in found} == {("dairy", "dairy")}


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("车次: 1", "推定", "v1 → v2")), ("en", ("trips: 1", "presumed", "D-1"))]
)
def test_it_is_printed_for_people(language: str, words: tuple[str, ...]) -> None:
    item = {
        "unit": "件",
        "lots": [{"lot": "L1", "product": "pasteurized", "until": "t9"}],
        "assets": [{"lot": "L1", "asset": "c1", "site": "s1", "from": "t0", "to": "t1", "presumed": True}],
        "trips": [{"lot": "L1", "trip": "t1", "vehicles": ["v1", "v2"], "loaded": "t0", "unloaded": None}],
        "hand_overs": [{"lot": "L1", "at": "t1", "from_site_name": "", "to_site_name": "Shop", "quantity": None,
                        "how": "delivery", "trip": "t1", "paper": "D-1"}],
    }  # fmt: skip

    said = "\n".join(trace_lines(item, language))

    assert all(word in said for word in words)
