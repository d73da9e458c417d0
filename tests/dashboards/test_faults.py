"""Where a probe said a fault word: neither a value nor a hole."""

from __future__ import annotations

import numpy as np

from coldchain.readings import Quality
from coldchain.series.port import Window
from dashboards.reading import faults_of
from tests.support import MINUTE_MS, T0


def window(*said: tuple[float, float | str]) -> Window:
    """Return readings as (minute, value or word)."""
    words = {row: value for row, (_, value) in enumerate(said) if isinstance(value, str)}
    return Window(
        channel=np.zeros(len(said), np.int32),
        measured_at_ms=np.array([T0 + int(minute * MINUTE_MS) for minute, _ in said], np.int64),
        value=np.array([np.nan if isinstance(value, str) else value for _, value in said]),
        quality=np.array([Quality.FAULT if isinstance(value, str) else 0 for _, value in said], np.uint8),
        position=np.ones(len(said), np.int64),
        words=words,
        others={},
    )


def minutes(seen: Window, to_minute: float) -> list[tuple[float, float, str]]:
    found = faults_of(seen, T0 + int(to_minute * MINUTE_MS), interval_s=60)
    return [((start - T0) / MINUTE_MS, (end - T0) / MINUTE_MS, word) for start, end, word in found]


def test_a_fault_lasts_until_the_next_value() -> None:
    seen = window((0, 4.0), (1, "no-probe"), (2, "no-probe"), (3, 4.1), (4, 4.2))

    assert minutes(seen, 5) == [(1, 3, "no-probe")]


def test_a_fault_that_still_runs_reaches_to_now() -> None:
    assert minutes(window((0, 4.0), (1, "no-probe")), 2.5) == [(1, 2.5, "no-probe")]


def test_a_fault_ends_where_a_hole_begins() -> None:
    seen = window((0, "no-probe"), (1, "no-probe"), (30, "no-probe"), (31, 4.0))

    assert minutes(seen, 32) == [(0, 1, "no-probe"), (30, 31, "no-probe")]


def test_another_word_is_another_fault() -> None:
    assert minutes(window((0, "open"), (1, "short"), (2, 4.0)), 3) == [(0, 1, "open"), (1, 2, "short")]


def test_a_value_between_two_faults_parts_them() -> None:
    seen = window((0, "open"), (1, 4.0), (2, "open"), (3, 4.0))

    assert minutes(seen, 4) == [(0, 1, "open"), (2, 3, "open")]


def test_without_a_word_there_is_no_fault() -> None:
    assert minutes(window((0, 4.0), (1, 4.0)), 60) == []
    assert minutes(window(), 60) == []
