"""When a point should have spoken, and when it did: days of 23 and 25 hours, holes, swapped probes, closures."""

from __future__ import annotations

import itertools
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.kpi.days import Days, open_in
from alerts.kpi.expected import bound_at, closed_at, expected_at
from alerts.kpi.runs import Known, runs_of
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Activity, Asset, Assignment, Binding, Change, Operator, Point, Probe, Put, Registry, Site
from coldchain.registry.changes import SiteState
from coldchain.registry.fold import fold
from coldchain.registry.spans import spans_of
from coldchain.series.holes import HOLE_INTERVALS, holes_of
from coldchain.series.port import Moments, Span
from tests.support import DAY_MS, HOUR_MS, MINUTE_MS, T0

NEVER = 1 << 60
EVER = Span(0, -NEVER, NEVER)


# -- days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 10, 26), 24),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_it_is_on_the_wall(zone: str, day: date, hours: int) -> None:
    from_ms, to_ms = Days(day, day).span(ZoneInfo(zone), NEVER)

    assert to_ms - from_ms == hours * HOUR_MS


def test_a_day_that_has_begun_counts_as_far_as_it_has_gone_and_one_to_come_not_at_all() -> None:
    days, zone = Days(date(2023, 11, 15), date(2023, 11, 18)), ZoneInfo("Asia/Shanghai")
    begins_ms = T0 - 8 * HOUR_MS

    assert list(days.each(zone, begins_ms + 30 * HOUR_MS)) == [
        (begins_ms, begins_ms + DAY_MS),
        (begins_ms + DAY_MS, begins_ms + 30 * HOUR_MS),
    ]
    assert days.span(zone, begins_ms - 1) == (begins_ms, begins_ms)


# -- runs -----------------------------------------------------------------------------------------------------


def moments(*at_ms: int, channel: int = 0) -> Moments:
    return Moments(np.full(len(at_ms), channel, np.int32), np.array(at_ms, np.int64))


@given(
    steps=st.lists(st.integers(0, 4 * MINUTE_MS), max_size=40),
    cuts=st.lists(st.integers(0, 60 * MINUTE_MS), max_size=3),
    backwards=st.booleans(),
)
def test_what_is_known_is_what_is_no_hole_however_the_time_is_cut(
    steps: list[int], cuts: list[int], backwards: bool
) -> None:
    at_ms = np.cumsum([0, *steps])
    edges = [0, *sorted(cuts), 200 * MINUTE_MS]
    parts = []
    for begin, end in itertools.pairwise(edges):
        inside = at_ms[(at_ms >= begin) & (at_ms < end)]
        parts.append((begin, moments(*(inside[::-1] if backwards else inside).tolist())))
    longest = HOLE_INTERVALS * MINUTE_MS

    known = Known(runs_of(parts, np.array([longest])), [EVER], longest, NEVER)

    last = int(at_ms[-1])
    holes = sum(end - begin for begin, end in holes_of(at_ms, 0, last, 60))
    assert known.within(0, last) == last - holes
    half = last // 3
    assert known.within(0, half) + known.within(half, last) == last - holes


def test_the_last_minutes_before_now_are_no_hole_yet() -> None:
    runs = runs_of([(0, moments(0, 60_000))], np.array([120_000]))

    assert Known(runs, [EVER], 120_000, 180_000).within(0, 200_000) == 180_000
    assert Known(runs, [EVER], 120_000, 180_001).within(0, 200_000) == 60_000


def test_a_swapped_probe_goes_on_where_the_other_ended() -> None:
    both = Moments(np.array([0, 0, 0, 1, 1, 1], np.int32), np.array([0, 60, 120, 60, 150, 210], np.int64) * 1000)
    spans = [Span(0, -NEVER, 90_000), Span(1, 90_000, NEVER)]

    known = Known(runs_of([(0, both)], np.array([120_000] * 2)), spans, 120_000, NEVER)

    assert known.within(0, 300_000) == 210_000
    assert known.within(60_000, 150_000) == 90_000


def test_a_point_that_never_spoke_is_never_known() -> None:
    runs = runs_of([], np.array([120_000]))

    assert Known(runs, [EVER], 120_000, 1_000).within(0, 1_000) == 0


# -- expected -------------------------------------------------------------------------------------------------

POINT = Point("p", "cooler", "air", "temperature", 60)
SPAN = (T0, T0 + 10 * HOUR_MS)


def registered(*puts: Put) -> Registry:
    base: tuple[Put, ...] = (
        Operator("op", "Op"),
        Site("shop", "Shop", "shop", "op"),
        Site("other", "Other", "shop", "op"),
        Asset("cooler", "Cooler", "cooler", "shop"),
        POINT,
        Probe("c"),
        Binding("c", "p", 0),
    )
    entries = (Change(put, "t", "t").encode() for put in (*base, *puts))
    return fold(Entry(at, Kind.CHANGE, 0, raw) for at, raw in enumerate(entries, 1))


def hours(*puts: Put, site: str = "shop") -> tuple[list[tuple[float, float]], float]:
    """Return when the point is expected, h from T0, and for how long it was bound at the site."""
    registry = registered(*puts)
    bound = bound_at(registry, POINT, site, spans_of(registry, "p"), SPAN)
    expected = expected_at(registry, POINT, closed_at(registry, site), bound)
    said = [((begin - T0) / HOUR_MS, (end - T0) / HOUR_MS) for begin, end in expected]
    return said, sum(end - begin for begin, end in bound) / HOUR_MS


def at(hour: float) -> int:
    return T0 + round(hour * HOUR_MS)


def test_a_point_is_expected_while_its_asset_is_in_use_and_the_site_open() -> None:
    assert hours() == ([(0, 10)], 10)
    assert hours(SiteState("shop", "closed", at(2)), SiteState("shop", "open", at(5))) == ([(0, 2), (5, 10)], 10)
    assert hours(Activity("cooler", "stored", at(1), at(3))) == ([(0, 1), (3, 10)], 10)
    assert hours(Activity("cooler", "retired", at(4))) == ([(0, 4)], 10)
    assert hours(Activity("cooler", "loaded", at(1)), Activity("cooler", "cleaning", at(9))) == ([(0, 9)], 10)
    assert hours(SiteState("shop", "closed", at(2)), Activity("cooler", "stored", at(1), at(3))) == ([(0, 1)], 10)
    assert hours(SiteState("shop", "closed", at(-5))) == ([], 10)


def test_a_point_is_expected_where_its_asset_stood_and_while_a_probe_was_there() -> None:
    moved = Assignment("cooler", "other", at(6))

    assert hours(moved) == ([(0, 6)], 6)
    assert hours(moved, site="other") == ([(6, 10)], 4)
    assert hours(Binding("c", "p", 0, at(1))) == ([(0, 1)], 1)


def test_before_it_was_put_into_service_nothing_is_expected() -> None:
    later = Asset("cooler", "Cooler", "cooler", "shop", in_service="2023-11-16")  # from 2023-11-15T16:00Z on

    assert hours(later) == ([], 10)
    assert hours(Asset("cooler", "Cooler", "cooler", "shop", in_service="2023-11-15")) == ([(0, 10)], 10)
    assert hours(Asset("cooler", "Cooler", "cooler", "shop", in_service="soon")) == ([(0, 10)], 10)


def test_a_span_without_what_was_closed() -> None:
    assert open_in([(2, 4), (8, 30)], (3, 10)) == [(4, 8)]
    assert open_in([], (3, 10)) == [(3, 10)]
    assert open_in([(0, 30)], (3, 10)) == []
