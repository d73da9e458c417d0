"""Holes of a stretch are the same whether its readings are asked for, or those of the whole period were."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldchain.registry import Point
from coldchain.series.holes import holes_of
from dashboards import spoken
from dashboards.sources import Sources

POINT = Point("p", "a", "air", "temperature", 60)
PERIOD_MIN = 120

times_s = st.lists(st.integers(0, PERIOD_MIN * 60 - 1), unique=True, max_size=60).map(sorted)


@given(times_s, st.integers(0, PERIOD_MIN), st.integers(0, PERIOD_MIN))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_stretch_has_the_holes_of_its_own_readings(
    monkeypatch: pytest.MonkeyPatch, times: list[int], one_min: int, other_min: int
) -> None:
    read = np.array(times, np.int64) * 1000
    monkeypatch.setattr(spoken, "values_of", lambda *_: (read, np.full(len(read), 4.0)))
    from_ms, to_ms = sorted((one_min * 60_000, other_min * 60_000))

    found = spoken.Spoken(cast(Sources, None), 0, PERIOD_MIN * 60_000).holes(POINT, from_ms, to_ms)

    own = read[(read >= from_ms) & (read < to_ms)]
    assert found == list(holes_of(own, from_ms, to_ms, POINT.interval_s))
