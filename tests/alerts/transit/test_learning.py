"""A shop's fence from its first three deliveries: the circle by hand, and why there is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.transit.halts import Halt, halts_of
from alerts.transit.learning import Unlearnt, learnt
from alerts.transit.visits import visits_of
from coldchain.geo import Flat, to_wgs84
from coldchain.registry import Fence
from coldchain.registry.fences import WGS84, outside_m
from tests.alerts.transit.drives import HERE, fixes, track_of
from tests.support import DAY_MS, T0

Place = tuple[float, float]


def stay(day: int, places: Sequence[Place]) -> Halt:
    """Return a delivery whose fixes lie so many metres east and north of `HERE`."""
    latitude, longitude = HERE.place([east for east, _ in places], [north for _, north in places])
    start = T0 + day * DAY_MS
    return Halt(start, start + 30_000 * (len(places) - 1), latitude, longitude)


def around(east: float, north: float = 0.0, by: float = 0.0) -> list[Place]:
    """Return five fixes: the place, and four so many metres from it."""
    return [(east, north), (east + by, north), (east - by, north), (east, north + by), (east, north - by)]


def place_of(east: float, north: float = 0.0) -> tuple[float, float]:
    latitude, longitude = HERE.place(east, north)
    return float(latitude), float(longitude)


def middle_of(fence: Fence | Unlearnt) -> tuple[float, float]:
    assert isinstance(fence, Fence)
    assert fence.latitude is not None
    assert fence.longitude is not None
    east, north = HERE.east_north_m(fence.latitude, fence.longitude)
    return float(east), float(north)


def radius_of(fence: Fence | Unlearnt) -> float | None:
    assert isinstance(fence, Fence)
    return fence.radius_m


def test_the_middle_is_the_median_of_the_stays_and_the_radius_covers_their_fixes() -> None:
    stays = [stay(0, around(0)), stay(1, around(100)), stay(2, around(40, 30))]

    fence = learnt("shop", stays, place_of(0), T0)

    # medians 0, 40, 100 and 0, 0, 30: (40, 0); the farthest stay is 60 m off, and 30 m are left free
    assert middle_of(fence) == pytest.approx((40, 0), abs=0.2)
    assert isinstance(fence, Fence)
    assert (fence.radius_m, fence.learnt_from, fence.coordinates, fence.effective_from_ms) == (90.0, 3, WGS84, T0)


def test_a_fence_is_never_smaller_than_a_truck_needs() -> None:
    assert radius_of(learnt("shop", [stay(day, around(0, by=3)) for day in range(3)], None, T0)) == 60.0


def test_an_address_of_another_system_does_not_matter_the_stays_win() -> None:
    amap = to_wgs84(HERE.latitude, HERE.longitude, "GCJ-02")  # WGS-84 numbers taken for GCJ-02 ones
    wrong = float(amap[0]), float(amap[1])
    off_m = float(np.hypot(*HERE.east_north_m(*wrong)))
    assert 400 < off_m < 600

    fence = learnt("shop", [stay(day, around(5.0 * day, by=10)) for day in range(3)], wrong, T0)

    assert middle_of(fence) == pytest.approx((5, 0), abs=0.2)


def test_two_deliveries_and_stays_elsewhere_are_too_few() -> None:
    two, elsewhere = [stay(day, around(0)) for day in (0, 1)], stay(2, around(1600))

    assert learnt("shop", two, None, T0) is Unlearnt.TOO_FEW
    assert learnt("shop", [*two, elsewhere], place_of(0), T0) is Unlearnt.TOO_FEW
    assert learnt("shop", [], None, T0) is Unlearnt.TOO_FEW


def test_stays_that_are_not_at_one_place_teach_nothing() -> None:
    scattered = [stay(day, around(900.0 * day - 900)) for day in range(3)]

    assert learnt("shop", scattered, place_of(0), T0) is Unlearnt.TOO_FAR_APART
    assert learnt("shop", scattered, None, T0) is Unlearnt.TOO_FAR_APART


def test_the_largest_circle_that_is_still_one_place() -> None:
    def apart(metres: float) -> Fence | Unlearnt:
        return learnt("shop", [stay(0, around(0)), stay(1, around(0)), stay(2, around(metres))], None, T0)

    assert radius_of(apart(369)) == 399.0
    assert apart(371) is Unlearnt.TOO_FAR_APART


def test_a_stay_somewhere_else_does_not_spoil_the_next_ones() -> None:
    stays = [stay(0, around(0)), stay(1, around(1000)), stay(2, around(10)), stay(3, around(20)), stay(4, around(90))]

    fence = learnt("shop", stays, None, T0)

    assert middle_of(fence) == pytest.approx((10, 0), abs=0.2)  # days 0, 2 and 3; the fourth came too late
    assert radius_of(fence) == 60.0


def test_of_many_stays_the_first_ten_are_looked_at() -> None:
    scattered = [stay(day, around(1000.0 * day)) for day in range(8)]
    here = [stay(day, around(0)) for day in range(8, 11)]

    assert radius_of(learnt("shop", [*scattered, *here[:2]], None, T0)) == 60.0
    assert learnt("shop", [*scattered[1:], *scattered[1:4], *here], None, T0) is Unlearnt.TOO_FAR_APART


def test_one_fix_in_twenty_may_be_anywhere() -> None:
    jump = [*around(0, by=5) * 8, (3_000.0, 0.0)]

    fence = learnt("shop", [stay(day, jump) for day in range(3)], None, T0)

    assert radius_of(fence) == 60.0


offsets = st.floats(-120, 120)


@given(st.lists(st.tuples(offsets, offsets), min_size=3, max_size=3), st.floats(0, 20))
def test_every_stay_that_was_learnt_from_lies_inside(places: list[Place], by: float) -> None:
    stays = [stay(day, around(*place, by=by)) for day, place in enumerate(places)]

    fence = learnt("shop", stays, None, T0)

    assert isinstance(fence, Fence)
    for one in stays:
        assert (outside_m(fence, one.latitude, one.longitude) < -10).all()
    assert fence.radius_m is not None
    assert 60 <= fence.radius_m <= 400


def test_from_tracks_to_a_fence_in_which_the_next_delivery_is_found() -> None:
    wrong = Flat(*place_of(0)).place(480, 0)
    days = [track_of([*fixes(0, [-900, -400], 50), *fixes(60, [4.0 * day] * 20, 0)]) for day in range(3)]
    stays = [max(halts_of(day), key=lambda halt: halt.to_ms - halt.from_ms) for day in days]

    fence = learnt("shop", stays, (float(wrong[0]), float(wrong[1])), T0)

    assert isinstance(fence, Fence)
    (visit,) = visits_of(days[2], {"shop": fence})
    assert visit.arrived_ms == T0 + 60_000
