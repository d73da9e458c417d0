"""One series from place to place: which thermometer, every hole, minutes out, dose, what is left of the shelf life."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldchain.clock import rfc3339
from coldchain.custody import Lot, LotChange, LotPlaced, LotShare
from coldchain.goods import history
from coldchain.goods.history import Remaining, remaining
from coldchain.registry import Binding, LabelCondition, Point, Probe, Put
from tests.goods.stories import hour, lot
from tests.goods.worlds import World, minutes
from tests.support import T0

NOTHING = math.nan


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def placed(
    place: str, at_min: float, quantity: float | None = None, taken_from: str = "", name: str = "L1"
) -> LotPlaced:
    return LotPlaced(name, place, minutes(at_min), "scan", quantity=quantity, taken_from=taken_from)


def warm_day(world: World, **printed: Any) -> None:
    """480 min at 4 °C in a room, 30 at 12 and 60 at 20 in a truck, 120 at 7 in a cooler: 1349.2 min at 4 °C."""
    world.measure("room", -10, [4.0] * 490)
    world.measure("truck", 480, [12.0] * 30 + [20.0] * 60)
    world.measure("cooler-1", 570, [7.0] * 120)
    world.say(
        lot(**printed),
        placed("asset:room", 0), placed("asset:truck", 480), placed("asset:cooler-1", 570),
    )  # fmt: skip


def test_the_dose_of_a_day_over_three_places_is_the_published_one(world: World) -> None:
    warm_day(world, low_celsius=2, high_celsius=6)

    past = world.past("L1", "asset:cooler-1", 690)

    assert [(one.asset, one.point, one.why) for one in past.legs] == [
        (asset, f"{asset}.product", "product-position") for asset in ("room", "truck", "cooler-1")
    ]
    assert past.dose is not None
    assert past.dose * 60 == pytest.approx(1349.2, abs=0.05)
    assert past.model == "sqrt-ppc;Tmin=-4.15;Tref=4"
    assert [round(one.held_h * 60, 6) for one in past.legs] == [480, 90, 120]
    assert [round(one.above_h * 60, 6) for one in past.legs] == [0, 90, 120]
    assert [(one.peak, one.lowest) for one in past.legs] == [(4, 4), (20, 12), (7, 7)]
    assert past.unknown_h == pytest.approx(0, abs=1e-9)
    assert not any(one.holes for one in past.legs)


def left(world: World, past_min: float, place: str = "asset:cooler-1") -> Remaining:
    known = world.reader.lot("L1")
    assert known is not None
    product = world.registry.product_at(known.lot.product, T0)
    found = remaining(known, product, world.past("L1", place, past_min), minutes(past_min))
    assert found is not None
    return found


def test_what_is_left_is_the_label_life_less_the_dose(world: World) -> None:
    warm_day(world, produced=rfc3339(hour(0)), expires=rfc3339(hour(100)), low_celsius=2, high_celsius=6)

    found = left(world, 690)

    assert found.label_life_h == 100
    assert found.left_h == pytest.approx(100 - 1349.2 / 60, abs=0.001)
    assert found.until_ms == pytest.approx(minutes(690) + found.left_h * 3_600_000, abs=1)


def test_what_is_left_is_never_later_than_the_printed_expiry(world: World) -> None:
    world.measure("room", 0, [0.0] * 600)
    world.say(
        lot(produced=rfc3339(hour(0)), expires=rfc3339(hour(100)), low_celsius=2, high_celsius=6),
        placed("asset:room", 0),
    )

    found = left(world, 600, "asset:room")

    assert found.used_h == pytest.approx(10 * ((2 + 4.15) / 8.15) ** 2)  # colder than the label counts as the label
    assert (found.left_h, found.until_ms) == (90, hour(100))


def test_what_is_over_is_over(world: World) -> None:
    warm_day(world, produced=rfc3339(hour(-20)), expires=rfc3339(hour(1)))

    found = left(world, 690)

    assert found.left_h == 0
    assert found.until_ms == hour(1)


def test_every_hole_is_shown_with_its_ends_and_counts_for_nothing(world: World) -> None:
    world.measure("room", 0, [4.0] * 60 + [NOTHING] * 120 + [4.0] * 60)
    world.say(lot(), placed("asset:room", 0))

    past = world.past("L1", "asset:room", 240)
    (leg,) = past.legs

    assert [(hole.from_ms, hole.to_ms, hole.why) for hole in leg.holes] == [(minutes(59), minutes(180), "no-data")]
    assert leg.held_h * 60 == pytest.approx(59 + 2 + 60)  # a value is held for two intervals
    assert past.unknown_h * 60 == pytest.approx(240 - 121)
    assert past.dose == pytest.approx(121 / 60)


def test_a_place_without_a_thermometer_and_a_time_that_nobody_speaks_of_are_holes(world: World) -> None:
    world.measure("room", 0, [4.0] * 60)
    world.measure("cooler-1", 120, [4.0] * 60)
    world.say(
        lot(),
        LotPlaced("L1", "asset:room", minutes(0), "csv", minutes(60)),
        LotPlaced("L1", "asset:cooler-1", minutes(120), "csv", minutes(180)),
        LotPlaced("L1", "asset:box", minutes(180), "csv"),
    )

    past = world.past("L1", "asset:box", 200)

    assert [one.asset for one in past.legs] == ["room", "cooler-1", "box"]
    assert [(gap.from_ms, gap.to_ms, gap.why) for gap in past.gaps] == [(minutes(60), minutes(120), "no-place")]
    assert [(hole.from_ms, hole.to_ms, hole.why) for hole in past.legs[-1].holes] == [
        (minutes(180), minutes(200), "no-thermometer")
    ]
    assert past.unknown_h * 60 == pytest.approx(60 + 20)


def test_a_reading_before_the_arrival_counts_from_the_arrival_on(world: World) -> None:
    world.measure("room", 0.5, [4.0] * 60)  # at half past each minute
    world.say(lot(), placed("asset:room", 10))

    (leg,) = world.past("L1", "asset:room", 20).legs

    assert leg.held_h * 60 == pytest.approx(10)
    assert len(leg.at_ms) == 10
    assert leg.holes == ()


def test_where_only_air_is_measured_the_product_is_estimated_and_it_says_so(tmp_path: Path) -> None:
    world = World(tmp_path, [("room", "return-air")])
    world.measure("room", -800, [4.0] * 800 + [25.0] * 30, "return-air")
    world.say(lot(high_celsius=6), placed("asset:room", -100))

    (leg,) = world.past("L1", "asset:room", 30).legs

    assert (leg.point, leg.why, leg.estimated) == ("room.return-air", "declared", True)
    assert leg.peak == 25
    # 4 + 21 (1 - exp(-t/45)) passes 6 °C after 4.5 min; the value of a minute is what the air before it made
    assert leg.above_h * 60 == pytest.approx(25, abs=1)
    world.close()


def test_a_probe_in_the_goods_goes_before_declared_air_and_that_before_other_air(tmp_path: Path) -> None:
    world = World(tmp_path, [("room", "supply-air")])
    more: list[Put] = [Point("room.a", "room", "air", "temperature", 60), Probe("urn:a"), Binding("urn:a", "room.a", 0)]
    felt: list[Put] = [
        Point("room.p", "room", "product", "temperature", 60),
        Probe("urn:p"),
        Binding("urn:p", "room.p", minutes(60)),
    ]
    world.say(*more, *felt, lot(), placed("asset:room", 0), placed("asset:truck", 60), placed("asset:room", 120))

    past = world.past("L1", "asset:room", 180)

    assert [(one.point, one.why) for one in past.legs] == [
        ("room.supply-air", "declared"),  # nothing was bound to the product's point then
        ("truck.product", "product-position"),
        ("room.p", "product-position"),
    ]
    world.close()


def test_the_lots_own_label_goes_before_one_at_the_point_and_that_before_the_profile(world: World) -> None:
    world.say(lot("L1"), lot("L2", low_celsius=0, high_celsius=4), LabelCondition("truck.product", 0, 1, 5))
    for name in ("L1", "L2"):
        world.say(placed("asset:room", 0, name=name), placed("asset:truck", 10, name=name))

    def conditions(name: str) -> list[tuple[float | None, float | None, str]]:
        legs = world.past(name, "asset:truck", 20).legs
        return [(one.condition.low_celsius, one.condition.high_celsius, one.condition.source) for one in legs]

    assert conditions("L1") == [(2, 6, "profile"), (1, 5, "point")]
    assert conditions("L2") == [(0, 4, "lot"), (0, 4, "lot")]


def test_what_the_milk_went_through_is_shown_and_counts_for_nothing(world: World) -> None:
    world.measure("truck", 0, [10.0] * 60)
    world.measure("silo", 60, [4.0] * 60)
    world.measure("room", 120, [4.0] * 60)
    change = LotChange(
        "c", "transformation", minutes(120), (LotShare("M", 900, "asset:silo"),), (LotShare("L1", 90, "asset:room"),)
    )
    world.say(
        Lot("M", "raw_milk", 900, "L"), lot("L1", 90),
        placed("asset:truck", 0, name="M"), placed("asset:silo", 60, name="M"), change,
    )  # fmt: skip

    past = world.past("L1", "asset:room", 180)

    assert [(one.leg.lot, one.asset, one.leg.same_goods) for one in past.legs] == [
        ("M", "truck", False),
        ("M", "silo", False),
        ("L1", "room", True),
    ]
    assert past.dose == pytest.approx(1.0)


def test_what_a_lot_was_split_from_went_through_counts(world: World) -> None:
    world.measure("room", 0, [4.0] * 120)
    change = LotChange(
        "c", "split", minutes(60), (LotShare("A", 10, "asset:room"),), (LotShare("L1", 4), LotShare("B", 6))
    )
    world.say(lot("A", 10), lot("L1", 4), lot("B", 6), placed("asset:room", 0, name="A"), change)

    assert world.past("L1", "asset:room", 120).dose == pytest.approx(2.0)


def test_of_several_ways_the_worst_counts(world: World) -> None:
    world.measure("room", 0, [4.0] * 60)
    world.measure("truck", 60, [4.0] * 60)
    world.measure("truck-2", 60, [20.0] * 60)
    world.measure("cooler-1", 120, [4.0] * 60)
    world.say(
        lot(), placed("asset:room", 0),
        placed("asset:truck", 60, 50, "asset:room"), placed("asset:truck-2", 60, 50, "asset:room"),
        placed("asset:cooler-1", 120, 50, "asset:truck"), placed("asset:cooler-1", 120.5, 50, "asset:truck-2"),
    )  # fmt: skip

    past = world.past("L1", "asset:cooler-1", 180)

    assert [one.asset for one in past.legs] == ["room", "truck-2", "cooler-1"]


def test_a_lot_in_the_shop_went_through_the_worst_of_its_coolers(world: World) -> None:
    world.measure("cooler-1", 0, [4.0] * 60)
    world.measure("cooler-2", 0, [9.0] * 60)
    world.say(lot(), LotPlaced("L1", "site:shop-1", minutes(0), "delivery"))

    (leg,) = world.past("L1", "site:shop-1", 60).legs

    assert (leg.asset, leg.presumed, leg.peak) == ("cooler-2", True, 9)


def test_a_long_history_loses_no_peak(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.measure("room", 0, [4.0] * 100 + [15.0] + [4.0] * 79)
    world.say(lot(), placed("asset:room", 0))
    exact = world.past("L1", "asset:room", 180)

    monkeypatch.setattr(history, "MOST_SAMPLES", 100)
    rolled = world.past("L1", "asset:room", 180)

    assert rolled.legs[0].resolution_ms == 900_000
    assert rolled.legs[0].peak == 15
    assert exact.dose is not None
    assert rolled.dose is not None
    assert exact.dose < rolled.dose <= exact.dose + 15 / 60 * 5.52  # 14 min more at 15 °C at most
