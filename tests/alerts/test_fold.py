"""The fold against written cases, a naive oracle, and itself uncompiled."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.episodes import Episode, episodes_of
from alerts.fold import Fold, fold_python, run
from alerts.parameters import ParameterTable, fill
from alerts.records import LANES, PARAMETERS, Folded, Lane, MoveKind, Records, new_points, new_states
from alerts.rules import Level, Limit, Version
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import SEVERITIES, Change, LimitRule, Point, Put, Registry, Stage
from tests.alerts.days import samples_of
from tests.alerts.oracle import Step, excursions, product

MINUTE_MS = 60_000
START_MS = 1_700_006_400_000  # a UTC midnight
CASES = [
    pytest.param(case, id=case["title"])
    for file in sorted(Path(__file__).parent.joinpath("cases").glob("*.toml"))
    for case in tomllib.loads(file.read_text("utf-8"))["case"]
]
DEFAULTS = {"high": 8.0, "low": 0.0, "deadband": 0.5, "on_delay": 30, "return_delay": 5}


def parameters_of(rules: list[LimitRule], interval_s: int = 60) -> ParameterTable:
    registry = Registry()
    point = Point("p", "a", "return-air", "temperature", interval_s)
    puts: list[Put] = [point, *rules]
    for position, put in enumerate(puts, 1):
        registry.apply(Entry(position, Kind.CHANGE, 0, Change(put, "test", "test").encode()))
    table = ParameterTable()
    table.refresh(registry, "p")
    return table


def rule_of(settings_: dict[str, Any], from_ms: int = 0) -> LimitRule:
    merged = {**DEFAULTS, **{key: value for key, value in settings_.items() if key in DEFAULTS}}
    return LimitRule(
        "p",
        from_ms,
        None if merged["high"] == "none" else float(merged["high"]),
        None if merged["low"] == "none" else float(merged["low"]),
        merged["on_delay"] * 60,
        float(merged["deadband"]),
        merged["return_delay"] * 60,
        settings_.get("severity", "warning"),
        tuple(msgspec.convert(stage, Stage) for stage in settings_.get("stages", [])),
    )


def judged(
    samples: list[tuple[int, float]], rules: list[LimitRule], interval_s: int = 60, fold: Fold | None = None
) -> tuple[list[Episode], Folded, Records]:
    table = parameters_of(rules, interval_s)
    t = np.array([at for at, _ in samples], np.int64)
    v = np.array([value for _, value in samples], np.float64)
    slot = np.zeros(len(t), np.int32)
    states = new_states(1)
    folded = run(slot, t, v, table.in_force(slot, t), table.rows, new_points(1), states, fold=fold)
    return episodes_of("p", folded, states[0]), folded, states


@pytest.mark.parametrize("case", CASES)
def test_cases(case: dict[str, Any]) -> None:
    every = case.get("every", 1)
    samples = [(START_MS + place * every * MINUTE_MS, value) for place, value in samples_of(case["series"])]
    rules = [rule_of(case)] + [
        rule_of({**case, **change}, START_MS + change["at"] * MINUTE_MS) for change in case.get("rule_changes", [])
    ]

    episodes, folded, _ = judged(samples, rules, every * 60)

    found = [_said(episode) for episode in sorted(episodes, key=lambda episode: episode.onset_ms)]
    assert len(found) == len(case["episodes"]), found
    if "levels" in case:
        assert [[SEVERITIES[level] for level in each] for each in _levels_of(folded, 0)] == case["levels"]
    for one, expected in zip(found, case["episodes"], strict=True):
        assert {key: one[key] for key in expected} == expected


def _said(episode: Episode) -> dict[str, object]:
    def minute(ms: int | None) -> float:
        return -1 if ms is None else (ms - START_MS) / MINUTE_MS

    return {
        "severity": episode.severity,
        "top": episode.top_severity,
        "area": round(episode.excess_kelvin_min, 2),
        "side": str(episode.rule),
        "onset": minute(episode.onset_ms),
        "raised": minute(episode.raised_ms),
        "ended": minute(episode.ended_ms),
        "closed": minute(episode.closed_ms),
        "end": episode.end_reason,
        "peak": episode.peak,
        "peak_at": minute(episode.peak_ms),
        "limit": episode.limit,
        "exposed": episode.exposed_ms / MINUTE_MS,
        "hole": episode.hole_ms / MINUTE_MS,
        "samples": episode.samples,
    }


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

    episodes, folded, _ = judged(samples, [rule])

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
        mine = [episode for episode in episodes if episode.rule is rule_name]
        assert _levels_of(folded, column) == [found.levels for found in expected]
        assert [
            (
                e.onset_ms,
                e.raised_ms,
                e.ended_ms,
                e.closed_ms,
                sign * e.peak,
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


@settings(max_examples=150, deadline=None)
@given(SAMPLES, st.integers(0, 47), st.sampled_from([600.0, 3600.0]))
def test_the_product_s_lanes_agree_with_the_oracle(gaps: list[tuple[int, float]], hour: int, tau_s: float) -> None:
    samples = [(at + hour * 60 * MINUTE_MS, value) for at, value in _timed(gaps)]
    limit = Limit((Level("notice", 7.0, 300),), 0.5, 120)
    record = Limit((Level("notice", 6.0),), 0.0, 0)
    version = Version(0, ((Lane.PRODUCT, limit), (Lane.RECORD_HIGH, record)), tau_s)
    parameters = np.zeros((1, len(LANES)), PARAMETERS)
    fill(parameters[0], version, 2 * MINUTE_MS)
    t, air = [at for at, _ in samples], [value for _, value in samples]
    states = new_states(1)

    zeros = np.zeros(len(t), np.int32)
    folded = run(zeros, np.array(t, np.int64), np.array(air), zeros, parameters, new_points(1), states)

    behind = product(t, air, tau_s * 1000, 2 * MINUTE_MS)
    for rule, enter, on_ms, deadband, off_ms in (
        (Lane.PRODUCT, 7.0, 300_000, 0.5, 120_000),
        (Lane.RECORD_HIGH, 6.0, 0, 0.0, 0),
    ):
        expected = excursions(t, behind, [Step(enter, on_ms, 1)], deadband, off_ms, 2 * MINUTE_MS)
        mine = [episode for episode in episodes_of("p", folded, states[0]) if episode.rule is rule]
        assert [(e.onset_ms, e.raised_ms, e.ended_ms, e.exposed_ms, e.samples) for e in mine] == [
            (f.onset, f.raised, f.ended, f.exposed, f.samples) for f in expected
        ]
        assert [e.peak for e in mine] == pytest.approx([f.peak for f in expected])


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
    rules = [rule_of({})] + [
        rule_of({"high": high, "on_delay": delay}, START_MS + minute * MINUTE_MS) for minute, high, delay in changes
    ]

    _, compiled, state = judged(samples, rules)
    _, plain, plain_state = judged(samples, rules, fold=fold_python)

    for name in ("moves", "moved", "nights", "kept"):
        assert np.array_equal(getattr(compiled, name), getattr(plain, name))
    assert np.array_equal(state, plain_state)


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.data())
def test_cutting_a_day_anywhere_changes_nothing(gaps: list[tuple[int, float]], data: st.DataObject) -> None:
    samples = _timed(gaps)
    table = parameters_of([rule_of({"on_delay": 3, "return_delay": 1})])
    t = np.array([at for at, _ in samples], np.int64)
    v = np.array([value for _, value in samples], np.float64)
    slot = np.zeros(len(t), np.int32)
    row = table.in_force(slot, t)
    cut = data.draw(st.integers(0, len(t)))

    whole_points, whole = new_points(1), new_states(1)
    at_once = run(slot, t, v, row, table.rows, whole_points, whole, room=len(LANES) + 2)
    parts_points, parts = new_points(1), new_states(1)
    first = run(slot[:cut], t[:cut], v[:cut], row[:cut], table.rows, parts_points, parts)
    second = run(slot[cut:], t[cut:], v[cut:], row[cut:], table.rows, parts_points, parts)

    assert np.array_equal(whole, parts)
    assert whole_points.tobytes() == parts_points.tobytes()
    assert np.array_equal(at_once.moves, np.concatenate([first.moves, second.moves]))
    assert np.array_equal(at_once.kept, np.concatenate([first.kept, second.kept]))
