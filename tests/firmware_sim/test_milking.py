"""Milk comes in at its times of the day, as much as was said, however the steps are cut."""

from __future__ import annotations

import pytest

from firmware_sim.milking import milked_share, milkings_s
from firmware_sim.scenario import Milking
from tests.firmware_sim.stories import HOUR_MS, MINUTE_MS, NOON_MS

TWICE = Milking(
    assets=("tank-1",), start_s=-30 * 86_400.0, times_s=(16.5 * 3600, 4.5 * 3600), lasts_s=5400.0, fresh_share=0.4
)
"""04:30 and 16:30, an hour and a half each."""


def hours(spans_s: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans in hours from noon."""
    noon_s = NOON_MS / 1000 + 8 * 3600
    return [((begins - noon_s) / 3600, (ends - noon_s) / 3600) for begins, ends in spans_s]


def test_a_day_has_its_milkings_in_order() -> None:
    found = milkings_s(TWICE, NOON_MS, NOON_MS - 12 * HOUR_MS, NOON_MS + 12 * HOUR_MS)

    assert hours(found) == [(-7.5, -6.0), (4.5, 6.0)]


def test_one_that_is_going_on_is_among_them_and_one_that_is_over_is_not() -> None:
    assert hours(milkings_s(TWICE, NOON_MS, NOON_MS - 7 * HOUR_MS, NOON_MS)) == [(-7.5, -6.0)]
    assert milkings_s(TWICE, NOON_MS, NOON_MS - 6 * HOUR_MS, NOON_MS) == []


def test_one_over_midnight_goes_on_the_next_day() -> None:
    night = Milking(assets=("tank-1",), start_s=-30 * 86_400.0, times_s=(23.5 * 3600,), lasts_s=7200.0)

    assert hours(milkings_s(night, NOON_MS, NOON_MS - 11 * HOUR_MS, NOON_MS)) == [(-12.5, -10.5)]


def test_none_begins_before_the_start_or_after_the_duration() -> None:
    once = Milking(
        assets=("tank-1",), start_s=-9 * 3600.0, duration_s=10 * 3600.0, times_s=TWICE.times_s, lasts_s=5400.0
    )

    assert hours(milkings_s(once, NOON_MS, NOON_MS - 24 * HOUR_MS, NOON_MS + 24 * HOUR_MS)) == [(-7.5, -6.0)]


@pytest.mark.parametrize("step_ms", [5_000, MINUTE_MS, 7 * MINUTE_MS, 3 * HOUR_MS])
def test_all_of_it_comes_in_however_the_steps_are_cut(step_ms: int) -> None:
    steps = range(NOON_MS - 12 * HOUR_MS, NOON_MS, step_ms)

    assert sum(milked_share(TWICE, NOON_MS, at, at + step_ms) for at in steps) == pytest.approx(0.4)
