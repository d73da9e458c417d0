"""Where a probe, an asset and a site were when: every reading is at one place, the place of its time."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from coldchain.readings import readings_of
from coldchain.registry import (
    UNBOUND,
    Activity,
    Assignment,
    Binding,
    Calibration,
    Operator,
    Put,
    Registry,
    SiteState,
    Tenure,
    registry_at,
)
from coldchain.registry.intervals import FOREVER_MS, laid_over
from coldchain.registry.spans import spans_of, stays_between
from tests.fakes import MemoryLedger
from tests.support import HOUR_MS, T0, SealingNode, channel_of, fleet, put

A, B = "site-gw-1", "site-gw-2"
COOLER = "cooler-gw-1"
CHANNEL = channel_of("gw-1")


def registry_of(*puts: Put) -> Registry:
    ledger = MemoryLedger()
    put(ledger, *fleet([SealingNode("gw-1"), SealingNode("gw-2")]), *puts)
    return registry_at(ledger, ledger.end())


def test_a_cooler_that_moved_leaves_its_month_with_the_first_shop() -> None:
    registry = registry_of(Assignment(COOLER, B, T0))

    assert registry.stays_of(COOLER) == [(A, -FOREVER_MS, T0), (B, T0, FOREVER_MS)]
    assert (registry.site_at(COOLER, T0 - 1), registry.site_at(COOLER, T0)) == (A, B)
    assert stays_between(registry, "gw-1/p0", A, T0 - HOUR_MS, T0 + HOUR_MS) == [(T0 - HOUR_MS, T0)]
    assert (COOLER, -FOREVER_MS, T0) in registry.stays_at(A)
    assert (COOLER, T0, FOREVER_MS) in registry.stays_at(B)


def test_gateways_of_both_shops_may_speak_for_a_cooler_that_moved() -> None:
    before, after = registry_of(), registry_of(Assignment(COOLER, B, T0))

    assert [registry.refusal("gw-2", CHANNEL) for registry in (before, after)] == ["foreign-channel", None]
    assert after.refusal("gw-1", CHANNEL) is None


def test_a_shop_that_changed_hands_shows_each_operator_its_own_time() -> None:
    registry = registry_of(Operator("other", "Other"), Tenure(A, "other", T0))

    assert registry.operators_of(A) == [("dairy", -FOREVER_MS, T0), ("other", T0, FOREVER_MS)]


def test_a_site_is_closed_from_its_time_on() -> None:
    registry = registry_of(SiteState(A, "closed", T0), SiteState(A, "open", T0 + HOUR_MS))

    assert [registry.is_closed(A, T0 + at) for at in (-1, 0, HOUR_MS)] == [False, True, False]


def test_an_asset_is_in_use_until_somebody_says_otherwise() -> None:
    registry = registry_of(Activity(COOLER, "stored", T0))

    assert [registry.activity_at(COOLER, T0 + at) for at in (-1, 0)] == ["in-use", "stored"]


def test_a_calibration_counts_from_its_time_and_the_word_stays() -> None:
    registry = registry_of(Calibration(CHANNEL, T0, 0.1, "C-1"), Calibration(CHANNEL, T0 + HOUR_MS, -0.2, "C-2"))
    number = registry.channel_numbers[CHANNEL]
    said = np.array([7.9, 7.9, 7.9, np.nan])
    at_ms = np.array([T0 - 1, T0, T0 + HOUR_MS, T0])

    meant = registry.corrections.applied(np.full(4, number, np.int32), at_ms, said)

    assert meant[:3].tolist() == [7.9, 8.0, 7.7]
    assert np.isnan(meant[3])
    assert said[:3].tolist() == [7.9, 7.9, 7.9]
    assert [span.offset_kelvin for span in spans_of(registry, "gw-1/p0")] == [0.0, 0.1, -0.2]


times = st.integers(-3, 8)
pieces = st.lists(st.tuples(st.sampled_from("ABC"), times, st.none() | times), max_size=6)


@given(st.sampled_from(["", "A"]), pieces)
def test_at_each_moment_one_thing_holds(default: str, laid: Sequence[tuple[str, int, int | None]]) -> None:
    held = laid_over(default, laid)

    for moment in range(-4, 10):
        over = [
            what
            for what, start, end in sorted(laid, key=lambda one: one[1])
            if start <= moment and (end is None or moment < end)
        ]
        found = [what for what, start, end in held if start <= moment < end]
        assert found == [what for what in ([default, *over][-1],) if what]


bindings = st.lists(
    st.builds(
        Binding,
        st.sampled_from([channel_of("gw-1"), channel_of("gw-1", 1), channel_of("gw-2")]),
        st.sampled_from(["gw-1/p0", "gw-1/p1", "gw-2/p0"]),
        st.integers(0, 6).map(lambda hour: T0 + hour * HOUR_MS),
        st.none() | st.integers(0, 6).map(lambda hour: T0 + hour * HOUR_MS),
    ),
    max_size=8,
)


@given(bindings)
def test_every_reading_is_at_the_point_where_its_probe_was_exactly_once(history: list[Put]) -> None:
    registry = registry_of(*history)
    rows = [
        (name, T0 + half * HOUR_MS // 2, 4.0, 0, None)
        for name in (channel_of("gw-1"), channel_of("gw-1", 1))
        for half in range(-1, 14)
    ]
    block = readings_of(rows)

    placed = registry.sort("gw-1", block)

    spans = {point: spans_of(registry, point) for point in registry.point_ids}
    for row in range(len(block)):
        channel, at_ms = int(placed.channel[row]), int(block.measured_at_ms[row])
        if channel < 0:
            continue
        there = [
            point
            for point, parts in spans.items()
            for span in parts
            if span.channel == channel and span.from_ms <= at_ms < span.to_ms
        ]
        number = int(placed.point[row])
        assert there == ([] if number == UNBOUND else [registry.point_ids[number]])
        assert len(there) <= 1
