"""What is said of a lot, and where it therefore was: quantities, intervals, contradictions, any order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.custody.goods import Goods, Lot, LotChange, LotGone, LotHold, LotPlaced, LotRelease, LotShare
from coldchain.goods.fold import Doubt, Said, folded
from coldchain.goods.verdicts import Refusal
from tests.goods.stories import COOLER, ROOM, SHOP_1, SHOP_2, TRUCK, book, hour, lot, where


def placed(place: str, at: float, quantity: float | None = None, **more: object) -> LotPlaced:
    return LotPlaced("L1", place, hour(at), more.pop("how", "scan"), quantity=quantity, **more)  # type: ignore[arg-type] # as said


def test_a_lot_that_goes_from_place_to_place_leaves_each_when_it_comes_to_the_next() -> None:
    found = book(lot(), placed(ROOM, 0), placed(TRUCK, 5), placed(SHOP_1, 8))

    assert where(found) == [(ROOM, 0, 5, 100), (TRUCK, 5, 8, 100), (SHOP_1, 8, None, 100)]
    assert not found.told


def test_a_part_that_is_loaded_leaves_the_rest_where_it_was() -> None:
    found = book(lot(), placed(ROOM, 0), placed(TRUCK, 5, 40, taken_from=ROOM), placed(SHOP_1, 8, 30, taken_from=TRUCK))

    assert where(found) == [
        (ROOM, 0, 5, 100),
        (ROOM, 5, None, 60),
        (TRUCK, 5, 8, 40),
        (TRUCK, 8, None, 10),
        (SHOP_1, 8, None, 30),
    ]
    assert [stay.arrived_ms for stay in found.stays if stay.place == ROOM] == [hour(0), hour(0)]


def test_what_was_sold_is_no_longer_there() -> None:
    found = book(lot(), placed(SHOP_1, 0), LotGone("L1", hour(3), "sold", 100))

    assert where(found) == [(SHOP_1, 0, 3, 100)]
    assert [(one.place, one.how, one.quantity) for one in found.departures] == [(SHOP_1, "sold", 100)]


def test_an_interval_that_was_said_ends_where_it_ends_and_the_next_one_takes_over() -> None:
    found = book(lot(), placed(ROOM, 0, to_ms=hour(4)), placed(COOLER, 6, to_ms=hour(9)))

    assert where(found) == [(ROOM, 0, 4, 100), (COOLER, 6, 9, 100)]


def test_more_than_lay_there_is_told_with_the_number_and_what_people_saw_stands() -> None:
    found = book(lot(), placed(ROOM, 0), placed(TRUCK, 5, 130, taken_from=ROOM))

    assert where(found) == [(ROOM, 0, 5, 100), (TRUCK, 5, None, 130)]
    assert [(one.doubt, one.place, one.quantity) for one in found.told] == [(Doubt.SHORT, ROOM, 30)]


def test_more_than_was_made_is_told() -> None:
    found = book(lot(), placed(ROOM, 0, 120))

    assert [(one.doubt, one.quantity) for one in found.told] == [(Doubt.MORE_THAN_MADE, 20)]


def test_nothing_is_guessed_between_several_places() -> None:
    found = book(lot(), placed(SHOP_1, 0, 50), placed(SHOP_2, 0, 50), placed(COOLER, 5, 10))

    assert where(found) == [(SHOP_1, 0, None, 50), (SHOP_2, 0, None, 50), (COOLER, 5, None, 10)]
    assert [one.doubt for one in found.told] == [Doubt.SOURCE_UNKNOWN]


def test_a_lot_that_is_scanned_again_where_it_lies_has_not_come_twice() -> None:
    found = book(lot(), placed(SHOP_1, 0, 50), placed(SHOP_2, 0, 50), placed(SHOP_1, 5))

    assert where(found) == [(SHOP_1, 0, None, 50), (SHOP_2, 0, None, 50)]
    assert len(found.arrivals) == 2
    assert not found.told


def test_a_lot_seen_where_nobody_can_say_from_where_is_there_uncounted() -> None:
    found = book(lot(), placed(SHOP_1, 0, 50), placed(SHOP_2, 0, 50), placed(COOLER, 5))

    assert (COOLER, 5, None, None) in where(found)


def test_an_interval_is_corrected_by_the_same_key_and_taken_back_by_nothing() -> None:
    corrected = book(lot(), placed(ROOM, 0, 70), placed(ROOM, 0, 90))
    taken_back = book(lot(), placed(ROOM, 0), placed(TRUCK, 5), placed(TRUCK, 5, 0))

    assert where(corrected) == [(ROOM, 0, None, 90)]
    assert where(taken_back) == [(ROOM, 0, None, 100)]


def test_milk_becomes_packed_goods() -> None:
    milk, packed = lot("M", 1000), lot("L1", 900)
    change = LotChange(
        "c1", "transformation", hour(6), (LotShare("M", 1000, "asset:silo"),), (LotShare("L1", 900, ROOM),)
    )

    silo = book(milk, LotPlaced("M", "asset:silo", hour(0), "trip"), change, name="M", others=[packed])
    room = book(packed, change, others=[milk])

    assert where(silo) == [("asset:silo", 0, 6, 1000)]
    assert where(room) == [(ROOM, 6, None, 900)]
    assert room.arrivals[0].change == "c1"


def test_what_comes_out_of_a_split_lies_where_it_went_in_unless_somebody_says_otherwise() -> None:
    change = LotChange(
        "c1", "split", hour(2), (LotShare("M", 10, ROOM),), (LotShare("L1", 4), LotShare("L2", 6, COOLER))
    )

    found = book(lot("L1", 4), change, others=[lot("M", 10), lot("L2", 6)])

    assert where(found) == [(ROOM, 2, None, 4)]


def refusals(*puts: Goods, who: str = "clerk") -> list[str]:
    others = [lot("M", 10), lot("L2", 10)]
    return [str(fault.reason) for _, fault in sorted(book(*puts, others=others, who=who).refused.items())]


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    share, more = LotShare("L1", 10), LotShare("L2", 11)

    assert refusals(placed(ROOM, 0)) == [Refusal.UNKNOWN_LOT]
    assert refusals(lot(), placed(ROOM, 0, to_ms=hour(0))) == [Refusal.BAD_TIME]
    assert refusals(lot(), placed("room", 0)) == [Refusal.BAD_PLACE]
    assert refusals(lot(), placed(ROOM, 0, how="guess")) == [Refusal.BAD_WORD]
    assert refusals(lot(), placed(ROOM, 0, -1)) == [Refusal.BAD_QUANTITY]
    assert refusals(lot(quantity=0)) == [Refusal.BAD_QUANTITY]
    assert refusals(lot(expires="2026-02-30")) == [Refusal.BAD_TIME]
    assert refusals(lot(), LotChange("c", "split", 0, (share,), (more,))) == [Refusal.OUT_OF_BALANCE]
    assert refusals(lot(), LotChange("c", "merge", 0, (more,), (share,))) == [Refusal.OUT_OF_BALANCE]
    assert refusals(lot(), LotChange("c", "transformation", 0, (more,), (share,))) == []  # some of it is lost
    assert refusals(lot(), LotRelease("h", "L1", "released", 0)) == [Refusal.NO_HOLD]


@pytest.mark.parametrize(
    ("puts", "reason"),
    [
        ((lot(gtin="9506000134353"),), Refusal.BAD_GTIN),
        ((lot(gtin="950600013435"),), Refusal.BAD_GTIN),
        ((lot(low_celsius=7.0, high_celsius=2.0),), Refusal.BAD_CONDITION),
        ((lot(quantity=float("nan")),), Refusal.BAD_QUANTITY),
        ((lot(quantity=1e300),), Refusal.BAD_QUANTITY),
        ((lot(expires="9999-12-31"),), Refusal.BAD_TIME),
        ((lot(produced="0001-01-01"),), Refusal.BAD_TIME),
        ((lot(), LotPlaced("L1", ROOM, 10**19, "scan")), Refusal.BAD_TIME),
        ((lot(), LotPlaced("L1", ROOM, -1, "scan")), Refusal.BAD_TIME),
        ((lot(), LotPlaced("L1", ROOM, hour(0), "scan", to_ms=10**19)), Refusal.BAD_TIME),
        ((lot(), LotPlaced("L1", ROOM, hour(0), "scan", stop=10**19)), Refusal.BAD_QUANTITY),
        ((lot(), LotGone("L1", 10**19, "sold")), Refusal.BAD_TIME),
        ((lot(), LotHold("h", "L1", 10**19)), Refusal.BAD_TIME),
        ((lot(), LotChange("c", "split", 10**19, (LotShare("L1", 1),), (LotShare("L2", 1),))), Refusal.BAD_TIME),
        ((lot(), LotChange("c", "merge", 0, (LotShare("Y", 1),), (LotShare("L1", 1),))), Refusal.TWO_PRODUCTS),
        ((lot(), LotChange("c", "split", 0, (LotShare("L1", 1),), (LotShare("K", 1),))), Refusal.TWO_UNITS),
    ],
)
def test_what_no_lot_can_be_is_refused_and_stops_nothing(puts: tuple[Goods, ...], reason: Refusal) -> None:
    others = [lot("L2", 10), Lot("Y", "yoghurt", 10, "件"), Lot("K", "pasteurized", 10, "kg")]

    found = book(*puts, others=others)

    assert [fault.reason for fault in found.refused.values()] == [reason]


def test_more_split_than_there_is_is_told_and_what_people_counted_stands() -> None:
    put = LotChange("c", "split", hour(1), (LotShare("L1", 30, ROOM),), (LotShare("L2", 30, ROOM),))

    found = book(lot(), placed(ROOM, 0, 20), put, others=[lot("L2", 30)])

    assert [(told.doubt, told.quantity) for told in found.told] == [(Doubt.SHORT, 10)]
    assert where(found) == [(ROOM, 0, 1, 20)]
    assert [one.quantity for one in found.departures] == [30]


def test_intervals_of_one_place_that_overlap_last_to_the_end_of_the_last_one() -> None:
    some = [placed(ROOM, 0, 5, to_ms=hour(10)), placed(ROOM, 5, 5, to_ms=hour(15))]
    whole = [placed(ROOM, 0, to_ms=hour(10)), placed(ROOM, 5, to_ms=hour(15))]

    assert where(book(lot(), *some)) == [(ROOM, 0, 5, 5), (ROOM, 5, 10, 10), (ROOM, 10, 15, 5)]
    assert where(book(lot(), *whole)) == [(ROOM, 0, 15, 100)]
    assert where(book(lot(), *reversed(whole))) == [(ROOM, 0, 15, 100)]


def test_goods_are_released_by_somebody_else_and_once() -> None:
    hold, release = LotHold("h", "L1", hour(1)), LotRelease("h", "L1", "released", hour(2))
    said = [Said(1, lot(), "clerk"), Said(2, hold, "clerk"), Said(3, release, "clerk"), Said(4, release, "quality")]
    again = Said(5, LotRelease("h", "L1", "destroyed", hour(3)), "manager")

    found = folded("L1", [*said, again], {}, {})

    assert {at: str(fault.reason) for at, fault in found.refused.items()} == {
        3: Refusal.SAME_PERSON,
        5: Refusal.RELEASED_BEFORE,
    }
    assert [(held.decision, held.decided_by) for held in found.holds] == [("released", "quality")]


def test_what_was_said_of_a_lot_before_it_was_known_counts_from_then_on() -> None:
    found = book(placed(ROOM, 0), LotRelease("h", "L1", "released", 0), lot())

    assert where(found) == [(ROOM, 0, None, 100)]
    assert {at: str(fault.reason) for at, fault in found.refused.items()} == {2: Refusal.NO_HOLD}


PLACES = st.sampled_from([ROOM, TRUCK, SHOP_1, SHOP_2, COOLER])
TIMES = st.integers(0, 12)
SAYINGS = st.one_of(
    st.builds(
        lambda place, at, quantity, source, lasts: placed(
            place, at, quantity, taken_from="" if source == place else source, to_ms=lasts and hour(at + lasts)
        ),
        PLACES, TIMES, st.none() | st.integers(1, 60), st.just("") | PLACES, st.none() | st.integers(1, 5),
    ),
    st.builds(lambda place, at, quantity: LotGone("L1", hour(at), "sold", quantity, place), st.just("") | PLACES, TIMES,
              st.none() | st.integers(1, 60)),
)  # fmt: skip


def key(put: Goods) -> tuple[object, ...]:
    assert isinstance(put, LotPlaced | LotGone)
    return type(put).__name__, put.place, put.from_ms if isinstance(put, LotPlaced) else put.at_ms


@settings(max_examples=200, deadline=None)
@given(st.lists(SAYINGS, max_size=10, unique_by=key), st.randoms(use_true_random=False))
def test_what_is_said_late_counts_as_if_it_had_been_said_at_once(puts: list[Goods], chance: object) -> None:
    shuffled = [lot(), *puts]
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random

    first, second = book(lot(), *puts), book(*shuffled)

    assert where(first) == where(second)
    assert [(one.doubt, one.at_ms, one.place) for one in first.told] == [
        (one.doubt, one.at_ms, one.place) for one in second.told
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(SAYINGS, max_size=10, unique_by=key))
def test_no_quantity_is_invented(puts: list[Goods]) -> None:
    """What lies somewhere is never more than what was made, unless that is told with the number that is too much."""
    found = book(lot(), *puts)

    over = sum(one.quantity or 0.0 for one in found.told)
    for moment in [hour(at) for at in range(20)]:
        lying = [stay.quantity for stay in found.stays if stay.from_ms <= moment < stay.to_ms]
        assert sum(count or 0.0 for count in lying) <= 100 + over + 1e-6
