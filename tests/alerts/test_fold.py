"""The fold against a naive oracle, and itself uncompiled and cut; written cases: `test_cases.py`."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.episodes import episodes_of
from alerts.fold import fold_python, run
from alerts.parameters import fill, new_rows
from alerts.records import GOODS, LANES, SIGN, Folded, Lane, MoveKind, States, new_points, packed
from alerts.rules import Allowance, Level, Limit, Plausible, Version, Wash
from coldchain.kinetics import SPOILERS, equivalent_hours, mean_kinetic_temperature_held, product_estimate
from coldchain.registry import SEVERITIES, Stage
from tests.alerts.judging import EXCUSABLE, MINUTE_MS, START_MS, judged, parameters_of, registry_of, rule_of
from tests.alerts.oracle import Found, Step, excursions, grades, lives, product, rises, shares, stretches

# Half-degree steps around the limits, so that every boundary is hit; gaps around the hold, the delays and the lapse.
GAPS = st.sampled_from([1, 1, 1, 1, 2, 3, 10, 29, 119, 120, 121, 2000])
SAMPLES = st.lists(st.tuples(GAPS, st.sampled_from([-1.0, 0.0, 0.5, 4.0, 7.5, 7.6, 8.0, 9.0, 9.0, 9.0])), max_size=120)
DELAYS = st.sampled_from([0, 1, 3, 10, 30])


def _timed(gaps: list[tuple[int, float]]) -> list[tuple[int, float]]:
    times = START_MS + np.cumsum([gap for gap, _ in gaps]) * MINUTE_MS
    return [(int(at), value) for at, (_, value) in zip(times, gaps, strict=True)]


LIMITED = (Lane.HIGH, Lane.LOW)
STAGES = st.lists(st.tuples(st.sampled_from([8.0, 8.5, 9.0]), DELAYS, st.integers(1, 3)), max_size=2)


@settings(max_examples=300, deadline=None)
@given(SAMPLES, DELAYS, DELAYS, st.sampled_from([0.0, 0.5, 4.0]), STAGES)
@example([(1, 9.0), (1, 7.6), (1, 8.0)], 0, 0, 0.5, [(8.0, 0, 2), (8.5, 0, 1)])
def test_the_fold_agrees_with_the_oracle(
    gaps: list[tuple[int, float]],
    on_delay: int,
    return_delay: int,
    deadband: float,
    stages: list[tuple[float, int, int]],
) -> None:
    samples = _timed(gaps)
    stages = sorted(stages)
    rule = msgspec.structs.replace(
        rule_of({"on_delay": on_delay, "return_delay": return_delay, "deadband": deadband}),
        severity="notice",
        stages=tuple(
            Stage(severity, limit, 8.0 - limit, delay * 60, count)
            for severity, (limit, delay, count) in zip(SEVERITIES[1:], stages, strict=False)
        ),
    )

    found = judged(samples, [rule])
    episodes, folded = found.episodes, found.folded

    for column, (rule_name, sign, limit) in enumerate(zip(LIMITED, (1.0, -1.0), (8.0, 0.0), strict=True)):
        steps = [Step(sign * limit, on_delay * MINUTE_MS, 1)]
        steps += [Step(sign * limit + high - 8.0, delay * MINUTE_MS, count) for high, delay, count in stages]
        expected = excursions(
            [at for at, _ in samples],
            [sign * value for _, value in samples],
            steps,
            deadband,
            return_delay * MINUTE_MS,
            2 * MINUTE_MS,
        )
        mine = [episode for episode in episodes if episode.rule == rule_name]
        assert _levels_of(folded, column) == [found.levels for found in expected]
        assert [
            (
                e.onset_ms,
                e.raised_ms,
                e.ended_ms,
                e.closed_ms,
                sign * (e.peak or 0.0),
                e.exposed_ms,
                e.excess_kelvin_min,
                e.hole_ms,
                e.samples,
            )
            for e in mine
        ] == [
            (f.onset, f.raised, f.ended, f.closed, f.peak, f.exposed, round(f.area / MINUTE_MS, 3), f.hole, f.samples)
            for f in expected
        ]


ODD = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 2, 3, 10, 59, 119, 121, 700, 1500]),
        st.sampled_from([4.0, 4.0, 4.5, 5.0, 6.0, 7.0, 7.5, 9.0, 20.0, 30.0, 30.0, 85.0, 83.0, -127.0, -0.5]),
        st.booleans(),
        st.sampled_from([1, 1, 2, 4, 9]),
    ),
    max_size=25,
).map(lambda runs: [(gap, value, window) for gap, value, window, count in runs for _ in range(count)])
"""Minutes since the sample before, value, in a window; each several times."""
LIMITS_OF_LANES: dict[Lane, tuple[list[Step], float, int]] = {
    Lane.HIGH: ([Step(7.0, 600_000, 1), Step(9.0, 0, 2)], 0.5, 120_000),
    Lane.LOW: ([Step(0.0, 300_000, 1)], 0.5, 0),
    Lane.HIGH_HIGH: ([Step(9.0, 300_000, 1)], 0.5, 120_000),
    Lane.PRODUCT: ([Step(7.0, 300_000, 1)], 0.5, 120_000),
    Lane.FREEZE: ([Step(0.0, 60_000, 1)], 0.0, 0),
    Lane.RECORD_HIGH: ([Step(6.0, 0, 1)], 0.0, 0),
    Lane.RECORD_LOW: ([Step(-4.5, 0, 1)], 0.0, 0),
    Lane.CUMULATIVE: ([Step(1.0, 0, 1)], 0.0, 0),
    Lane.RATE: ([Step(0.5, 0, 2)], 0.0, 0),
    Lane.FAULT: ([Step(1.0, 300_000, 3), Step(2.0, 0, 3)], 0.5, 0),
    Lane.LIFE: ([Step(1.0, 0, 1)], 0.0, 0),
    Lane.WASHING: ([Step(30.0, 0, 1)], 0.0, 0),
}
"""Steps in the mirrored sense, deadband, return delay."""
HOT, COLD = (7.0, 1_800_000), (0.0, 600_000)
TANK = Wash(25.0, 6.0, 4.0)
EVER = (Lane.FAULT, Lane.WASHING)
"""Lanes that go on while a tank is washed."""
HOT_LIFE, COLD_LIFE = (7.0, 900_000), (0.0, 300_000)


@settings(max_examples=250, deadline=None)
@given(ODD, st.integers(0, 47), st.sampled_from([0.0, 600.0, 3600.0]), st.integers(0, 3000), st.booleans())
def test_every_lane_agrees_with_the_oracle(
    day: list[tuple[int, float, bool]], hour: int, tau_s: float, next_life: int, is_tank: bool
) -> None:
    first_ms = START_MS + hour * 60 * MINUTE_MS
    t = [first_ms + int(at) * MINUTE_MS for at in np.cumsum([gap for gap, _, _ in day])]
    v, windows = [value for _, value, _ in day], [window for _, _, window in day]
    hold_ms = 2 * MINUTE_MS
    limits = []
    for lane, (steps, deadband, off_ms) in LIMITS_OF_LANES.items():
        sign = SIGN[LANES.index(lane)]
        levels = [
            Level("warning", sign * step.limit, step.on_ms // 1000, step.samples, place)
            for place, step in enumerate(steps)
        ]
        limits.append((lane, Limit(tuple(levels), deadband, off_ms // 1000)))
    begins = [0, first_ms + next_life * MINUTE_MS]
    heads, lanes = new_rows(2)
    for number, begin in enumerate(begins):
        seconds = (HOT[0], HOT[1] // 1000, COLD[0], COLD[1] // 1000, HOT_LIFE[1] // 1000, COLD_LIFE[1] // 1000)
        allowance = Allowance(*seconds, life_from_ms=begin)
        plausible, wash = Plausible(-40.0, 90.0, 10.0), TANK if is_tank else None
        version = Version(begin, tuple(limits), tau_s, plausible, allowance, wash)
        fill(heads[number : number + 1], lanes[number], version, hold_ms)
    points, states = new_points(1), States(len(LANES) + 1)
    excused = np.where(windows, EXCUSABLE, 0).astype(np.int32)
    zeros, at = np.zeros(len(t), np.int32), np.array(t, np.int64)
    row = (at >= begins[1]).astype(np.int32)

    folded = run(zeros, at, np.array(v), row, (heads, lanes), points, states, excused=excused)

    episodes = episodes_of(Plain(), folded, states.loud(points))
    told, good = grades(t, v, -40.0, 90.0, 10.0)
    good_t, good_v = [t[n] for n in good], [v[n] for n in good]
    everything = [slice(0, len(good))]
    parts = stretches(good_t, good_v, TANK.from_celsius, TANK.rinsed_celsius, 4.0) if is_tank else everything
    felt = list(good_v)
    for part in parts if tau_s else ():  # what is filled in has its own temperature
        felt[part] = product(good_t[part], good_v[part], tau_s * 1000, hold_ms)
        estimate = product_estimate(np.array(good_t[part], np.int64), np.array(good_v[part]), MINUTE_MS, tau_s / 60)
        assert felt[part] == pytest.approx(estimate.tolist())
    subjects: dict[Lane, list[float]] = {
        **dict.fromkeys((Lane.HIGH, Lane.HIGH_HIGH), good_v),
        **dict.fromkeys((Lane.PRODUCT, Lane.RECORD_HIGH), felt),
        Lane.LOW: [-value for value in good_v],
        Lane.FREEZE: [-value for value in felt],
        Lane.RECORD_LOW: [-value for value in felt],
        Lane.CUMULATIVE: shares(good_t, felt, *HOT, *COLD, hold_ms),
        **dict.fromkeys((Lane.WASHING, Lane.RATE), good_v),
        Lane.FAULT: [float(grade) for grade in told],
    }
    for lane, (steps, deadband, off_ms) in LIMITS_OF_LANES.items():
        expected: list[Found] = []
        done_to_goods: list[tuple[object, object, str]] = []
        excusable = bool(EXCUSABLE >> LANES.index(lane) & 1)
        every = lane is Lane.FAULT
        for part in everything if lane in EVER else parts:
            cut = part.stop < len(good)
            if lane is Lane.LIFE:
                found = lives(good_t[part], felt[part], *HOT_LIFE, *COLD_LIFE, hold_ms, begins, cut=cut)
            else:
                inside = [windows[n] and excusable for n in (range(len(t)) if every else good[part])]
                x = subjects[lane] if every else subjects[lane][part]
                x = rises(good_t[part], good_v[part]) if lane is Lane.RATE else x
                times = t if every else good_t[part]
                found = excursions(times, x, steps, deadband, off_ms, hold_ms, inside, cut=cut)
            expected += found
            done_to_goods += [
                _done_to_goods(good_t[part][f.span], felt[part][f.span]) if lane in GOODS else (None, None, "")
                for f in found
            ]
        mine = [one for one in episodes if one.rule == lane]
        assert [
            (e.onset_ms, e.raised_ms, e.ended_ms, e.exposed_ms, e.suppressed_ms, e.hole_ms, e.samples, e.step)
            for e in mine
        ] == [(f.onset, f.raised, f.ended, f.exposed, f.excused, f.hole, f.samples, max(f.levels)) for f in expected], (
            lane
        )
        sign = SIGN[LANES.index(lane)]
        assert [sign * e.peak for e in mine if e.peak is not None] == pytest.approx(
            [f.peak for f in expected], abs=1e-4
        )
        assert [e.excess_kelvin_min for e in mine] == pytest.approx([f.area / MINUTE_MS for f in expected], abs=1e-2)
        assert [None if e.mean is None else sign * e.mean for e in mine] == [
            None if f.mean is None else pytest.approx(f.mean, abs=1e-3) for f in expected
        ]
        assert [(e.dose_h, e.kinetic_mean_celsius, e.dose_model) for e in mine] == done_to_goods


TANK_RUNS = st.lists(
    st.tuples(
        st.sampled_from([2, 2, 2, 5, 9, 10, 11, 20, 31, 119, 120, 690, 710]),
        st.sampled_from([3.0, 4.0, 4.1, 9.0, 10.0, 13.5, 14.0, 16.0, 18.0, 20.0, 22.0, 26.0, 30.0, 59.9, 60.0, 80.0]),
        st.sampled_from([1, 1, 2, 3, 8, 20]),
    ),
    max_size=14,
)


@settings(max_examples=400, deadline=None)
@given(TANK_RUNS)
@example([(2, 20.0, 1), (40, 20.0, 1), (5, 18.0, 1), (5, 16.0, 1)])
def test_a_washed_tank_is_empty_for_as_long_as_the_oracle_says(runs: list[tuple[int, float, int]]) -> None:
    day = [(80.0, 2), *((value, gap) for gap, value, count in runs for _ in range(count))]
    t = [START_MS + int(at) * MINUTE_MS for at in np.cumsum([gap for _, gap in day])]
    v = [value for value, _ in day]
    always = Limit((Level("notice", -100.0),), 0.0, 0)  # out as soon as it is judged
    heads, lanes = new_rows(1)
    fill(heads, lanes[0], Version(0, ((Lane.HIGH, always),), wash=Wash(60.0, 14.0, 4.0)), 4 * MINUTE_MS)
    points, states, zeros = new_points(1), States(len(LANES) + 1), np.zeros(len(t), np.int32)

    folded = run(zeros, np.array(t, np.int64), np.array(v), zeros, (heads, lanes), points, states)

    found = episodes_of(Plain(), folded, states.loud(points))
    parts = stretches(t, v, 60.0, 14.0, 4.0)
    assert [(one.onset_ms, one.ended_ms, one.samples) for one in found] == [
        (t[part.start], t[part.stop - 1] if part.stop < len(t) else None, part.stop - part.start) for part in parts
    ]


LIFE_RUNS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 2, 3, 61, 119, 121, 1500]),
        st.sampled_from([4.0, 6.9, 7.0, 7.0, 9.0, 0.0, -0.5]),
        st.sampled_from([1, 2, 5, 9]),
    ),
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(LIFE_RUNS, st.lists(st.integers(1, 400), max_size=3, unique=True))
def test_lives_agree_with_the_oracle(runs: list[tuple[int, float, int]], after: list[int]) -> None:
    day = [(gap, value) for gap, value, count in runs for _ in range(count)]
    samples = _timed(day)
    t, v = [at for at, _ in samples], [value for _, value in samples]
    begins = [0, *(START_MS + minute * MINUTE_MS for minute in sorted(after))]
    heads, lanes = new_rows(len(begins))
    for number, begin in enumerate(begins):
        seconds = (HOT[0], 0, COLD[0], 0, HOT_LIFE[1] // 1000, COLD_LIFE[1] // 1000)
        limit = Limit((Level("warning", 1.0),), 0.0, 0)
        version = Version(begin, ((Lane.LIFE, limit),), allowance=Allowance(*seconds, life_from_ms=begin))
        fill(heads[number : number + 1], lanes[number], version, 2 * MINUTE_MS)
    row = (np.searchsorted(begins, t, side="right") - 1).astype(np.int32)
    points, states, zeros = new_points(1), States(len(LANES) + 1), np.zeros(len(t), np.int32)

    folded = run(zeros, np.array(t, np.int64), np.array(v), row, (heads, lanes), points, states)

    found = episodes_of(Plain(), folded, states.loud(points))
    expected = lives(t, v, *HOT_LIFE, *COLD_LIFE, 2 * MINUTE_MS, begins)
    assert [(e.onset_ms, e.raised_ms, e.ended_ms, e.closed_ms, e.exposed_ms, e.hole_ms, e.samples) for e in found] == [
        (f.onset, f.raised, f.ended, f.closed, f.exposed, f.hole, f.samples) for f in expected
    ]
    assert [e.excess_kelvin_min for e in found] == pytest.approx([f.area / MINUTE_MS for f in expected], abs=2e-3)
    assert [e.peak for e in found] == pytest.approx([f.peak for f in expected], abs=1e-6)


def _done_to_goods(t: list[int], felt: list[float]) -> tuple[object, object, str]:
    """Return dose, kinetic mean and model of samples up to the last of them, as `coldchain.kinetics` has them."""
    if len(t) < 2:
        return None, None, ""
    history = np.array(t[:-1], np.int64), np.array(felt[:-1]), MINUTE_MS, t[-1]
    dose_h, mean = equivalent_hours(*history, SPOILERS), mean_kinetic_temperature_held(*history)
    return pytest.approx(dose_h, abs=1e-4), pytest.approx(mean, abs=1e-3), "sqrt-ppc;Tmin=-4.15;Tref=4"


class Plain:
    """Lanes by their own names."""

    point = "p"

    def rule(self, lane: Lane) -> str:
        return lane

    def unit(self, lane: Lane) -> str:
        return ""

    def word(self, from_ms: int) -> str:
        return ""


def _levels_of(folded: Folded, column: int) -> list[tuple[int, ...]]:
    """Return the levels of each episode of a side, one after another."""
    said: list[tuple[int, ...]] = []
    for move, state in zip(folded.moves, folded.moved, strict=True):
        if move["lane"] != column or move["kind"] == MoveKind.CLOSED:
            continue
        if move["kind"] == MoveKind.RAISED:
            said.append(())
        said[-1] += (int(state["level"]),)
    return said


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["none", 6.0, 8.0, 9.0]), DELAYS), max_size=3))
def test_compiled_and_uncompiled_are_equal(gaps: list[tuple[int, float]], changes: list[tuple[int, Any, int]]) -> None:
    samples = _timed(gaps)
    rules = [rule_of({"life_high": 10})] + [
        rule_of({"high": high, "on_delay": delay}, START_MS + minute * MINUTE_MS) for minute, high, delay in changes
    ]

    compiled, plain = judged(samples, rules), judged(samples, rules, fold=fold_python)

    for name in ("moves", "moved", "nights"):
        assert np.array_equal(getattr(compiled.folded, name), getattr(plain.folded, name))
    assert compiled.lanes.tobytes() == plain.lanes.tobytes()
    assert compiled.point.tobytes() == plain.point.tobytes()


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.data())
def test_cutting_a_day_anywhere_changes_nothing(gaps: list[tuple[int, float]], data: st.DataObject) -> None:
    samples = _timed(gaps)
    table, _ = parameters_of(registry_of([rule_of({"on_delay": 3, "return_delay": 1, "life_high": 10})]))
    t = np.array([at for at, _ in samples], np.int64)
    v = np.array([value for _, value in samples], np.float64)
    slot = np.zeros(len(t), np.int32)
    row = table.in_force(slot, t)
    cut = data.draw(st.integers(0, len(t)))

    whole_points, whole = new_points(1), States()
    at_once = run(slot, t, v, row, table.rows, whole_points, whole, room=len(LANES) + 2)
    parts_points, parts = new_points(1), States()
    first = run(slot[:cut], t[:cut], v[:cut], row[:cut], table.rows, parts_points, parts)
    second = run(slot[cut:], t[cut:], v[cut:], row[cut:], table.rows, parts_points, parts)

    assert packed(whole.dense(whole_points[0])) == packed(parts.dense(parts_points[0]))
    assert whole_points.tobytes() == parts_points.tobytes()
    assert np.array_equal(at_once.moves, np.concatenate([first.moves, second.moves]))
    assert np.array_equal(at_once.nights, np.concatenate([first.nights, second.nights]))
