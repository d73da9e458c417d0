"""The test clock wakes everybody at the right moment; times are written and read without doubt."""

from __future__ import annotations

import asyncio

import hypothesis.strategies as st
import pytest
from hypothesis import given

from coldchain.clock import SystemClock, TestClock, parse_rfc3339, rfc3339


async def test_sleepers_wake_in_the_order_of_their_deadlines_each_at_its_own() -> None:
    clock, woken = TestClock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic_s()))

    tasks = [asyncio.ensure_future(sleeper(seconds)) for seconds in (5.0, 1.0, 86_400.0, 1.0)]
    await clock.advance(3_600)
    await clock.advance(82_800)
    await asyncio.gather(*tasks)

    assert woken == [(1.0, 1.0), (1.0, 1.0), (5.0, 5.0), (86_400.0, 86_400.0)]


async def test_who_sleeps_again_and_again_is_woken_each_time_within_one_advance() -> None:
    clock, ticks = TestClock(), []

    async def ticker() -> None:
        while True:
            await clock.sleep(0.5)
            ticks.append(clock.monotonic_s())

    task = asyncio.ensure_future(ticker())
    await clock.advance(2.0)
    task.cancel()

    assert ticks == [0.5, 1.0, 1.5, 2.0]


def test_setting_the_wall_clock_lets_no_steady_time_pass() -> None:
    clock = TestClock(1_000)

    clock.step_wall(-5_000)

    assert (clock.now_ms(), clock.monotonic_s()) == (-4_000, 0.0)


async def test_the_machines_clock_runs_forward() -> None:
    clock = SystemClock()
    before = clock.monotonic_s()

    await clock.sleep(0)

    assert clock.monotonic_s() >= before
    assert clock.now_ms() > 1_700_000_000_000


@given(st.integers(-30_610_224_000_000, 253_000_000_000_000))
def test_a_moment_from_the_year_1000_on_comes_through_its_text(ms: int) -> None:
    assert parse_rfc3339(rfc3339(ms)) == ms


@pytest.mark.parametrize("text", ["2023-11-15", "2023-11-15T00:00:00", "yesterday", "", "2023-13-01T00:00:00Z"])
def test_a_time_without_an_offset_or_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


@pytest.mark.parametrize("ms", [1 << 53, -(1 << 53), 1 << 62])
def test_a_moment_that_no_calendar_has_is_still_written(ms: int) -> None:
    assert rfc3339(ms) == f"@{ms}ms"
