"""Rule cases that a quality manager wrote or could have written: a title, a day in one line, what must come of it.

================== ==================================================================================================
what is there      ``kind`` of asset, ``position`` of the probe, ``product``, ``label`` [low, high], ``jurisdiction``;
                   ``every`` so many minutes a sample (1); ``quantity`` for doors, mains, units; ``site`` vehicle
a rule by hand     instead of ``product``: ``high``, ``low`` ("none": no such limit), ``deadband``, ``on_delay`` and
                   ``return_delay`` in minutes, ``severity``, ``stages``, ``day_high`` and ``day_low`` minutes in a day,
                   ``life_high`` and ``life_low`` in all;
                   ``rule_changes``: from ``at`` on these instead
what was said      ``series`` (`tests.alerts.days`); ``excused``: windows [from, to); ``ended_by_hand``: when a person
                   ended what was open; ``activities``: from ``at`` (``to``) on this ``state``
beside it          ``signals``: what ``unit`` and ``door`` (0, 1) and ``speed`` (m/s) of the asset say, each a series;
                   ``temperature``: another probe at the same place
own normal         ``week``: a line a day that the normal is learnt from before the day begins, ``learnt``: what that
                   is; or ``normal``: [minutes, °C], with ``provisional`` or ``weak``
what must come     ``episodes``: every alarm with whatever is said of it; ``record``: what rings nobody, if named;
                   ``levels``: severities of each episode of the high limit, one after another
not so yet         ``pending``: why; the case has to fail
================== ==================================================================================================

Times are minutes from 00:00, or "06:20". -1 is "still open". Durations are minutes, temperatures °C, ``area`` K·min,
``dose`` hours at 4 °C that would have let as much grow, or "none".
"""

from __future__ import annotations

import math
import tomllib
from typing import Any

import numpy as np
import pytest

from alerts.episodes import Episode
from alerts.records import RECORDED, Folded, MoveKind
from alerts.usual import DAY_MS, Days, days_over, is_weak, learnt
from coldchain.profiles import builtin
from coldchain.registry import SEVERITIES, Activity, EpisodeEnd, LabelCondition, Normal, Point, Put, Site
from tests.alerts.casefiles import FOLDER, cases_of
from tests.alerts.days import minutes, samples_of
from tests.alerts.judging import EXCUSABLE, MINUTE_MS, START_MS, judged, rule_of

OTHERS = {"floods.toml", "kinetics.toml", "silence.toml"}
"""No limits of one point: `test_telling.py`, `tests/coldchain/test_kinetics.py`, `test_silence_cases.py`."""

WITHIN = ("peak", "area", "mean", "dose", "kinetic_mean")

TIMES = ("onset", "raised", "ended", "closed", "peak_at")


FILES = sorted(file.name for file in FOLDER.glob("*.toml") if file.name not in OTHERS)


@pytest.mark.parametrize("case", cases_of(*FILES))
def test_rules(case: dict[str, Any]) -> None:
    every = case.get("every", 1)
    samples = [(_at(place * every), value) for place, value in samples_of(case["series"], every)]
    puts = _puts(case)
    place = Point(
        "p",
        "a",
        case.get("position", "return-air"),
        case.get("quantity", "temperature"),
        every * 60,
        "Cel",
        case.get("product", ""),
    )
    windows = [(_at(first), _at(last)) for first, last in case.get("excused", [])]
    ends = [(put.at_ms, math.nan) for put in puts if isinstance(put, EpisodeEnd)]
    samples = sorted([*samples, *ends], key=lambda sample: sample[0])
    excused = [EXCUSABLE if any(first <= at < last for first, last in windows) else 0 for at, _ in samples]

    found = judged(
        samples,
        puts,
        place,
        case.get("kind", "cooler"),
        np.array(excused, np.int32),
        site=Site("s", "s", case.get("site", "shop"), "o", jurisdiction=case.get("jurisdiction", "CN")),
        signals={
            quantity: [(_at(place * every), value) for place, value in samples_of(said, every)]
            for quantity, said in case.get("signals", {}).items()
        },
    )

    _check([one for one in found.episodes if one.rule not in RECORDED], case["episodes"])
    if "record" in case:
        _check([one for one in found.episodes if one.rule in RECORDED], case["record"])
    if "levels" in case:
        assert _severities_of(found.folded) == case["levels"]


def test_the_cases_are_many_and_each_says_something_else() -> None:
    titles = [
        case["title"] for file in FOLDER.glob("*.toml") for case in tomllib.loads(file.read_text("utf-8"))["case"]
    ]

    assert len(titles) >= 60
    assert len(set(titles)) == len(titles)


def _at(clock: float | str) -> int:
    return START_MS + round(minutes(clock) * MINUTE_MS)


def _puts(case: dict[str, Any]) -> list[Put]:
    puts: list[Put] = [] if "kind" in case and "high" not in case and "low" not in case else [rule_of(case)]
    puts += [rule_of({**case, **change}, _at(change["at"])) for change in case.get("rule_changes", [])]
    puts += [EpisodeEnd("p", _at(clock)) for clock in case.get("ended_by_hand", [])]
    puts += [
        Activity("a", one["state"], _at(one["at"]), _at(one["to"]) if "to" in one else None)
        for one in case.get("activities", [])
    ]
    if "label" in case:
        low, high = (None if end == "none" else float(end) for end in case["label"])
        puts.append(LabelCondition("p", 0, low, high))
    if "normal" in case:
        levels = tuple((minutes * 60, celsius) for minutes, celsius in case["normal"])
        puts.append(
            Normal("p", 0, levels, 0, 0, 7, provisional=case.get("provisional", False), weak=case.get("weak", False))
        )
    if "week" in case:
        puts.append(_normal_of(case))
    return puts


def _normal_of(case: dict[str, Any]) -> Normal:
    """Return what is learnt in the nights before the day, from a line a day."""
    every, count = case["every"], len(case["week"])
    first_ms = START_MS - count * DAY_MS
    samples = [
        (first_ms + number * DAY_MS + place * every * MINUTE_MS, value)
        for number, line in enumerate(case["week"])
        for place, value in samples_of(line, every)
    ]
    t, v = np.array([at for at, _ in samples], np.int64), np.array([value for _, value in samples])
    days = Days(t, v, every * 60, first_ms, START_MS)
    product, kind = builtin().products[case["product"]], builtin().kinds[case["kind"]]
    target = product.limits["CN"].target_high
    assert target is not None
    usual = learnt(days, kind, target.celsius)
    levels, counted, final = (usual.levels, usual.days, usual.final) if usual else ((), 0, False)
    weak = is_weak(days_over(days, kind, target.celsius, product.pack_time_constant.minutes), kind)
    if "learnt" in case:
        said = [[seconds // 60, celsius] for seconds, celsius in levels]
        assert {"levels": said, "days": counted, "final": final, "weak": weak} == case["learnt"]
    return Normal("p", START_MS, levels, first_ms, START_MS, counted, provisional=not final, weak=weak)


def _check(found: list[Episode], expected: list[dict[str, Any]]) -> None:
    said = [_said(episode) for episode in sorted(found, key=lambda episode: (episode.onset_ms, episode.rule))]
    assert len(said) == len(expected), said
    for one, wanted in zip(said, expected, strict=True):
        wanted = {key: minutes(value) if key in TIMES else value for key, value in wanted.items()}
        assert {key: one[key] for key in wanted} == {
            key: value if isinstance(value, str) or key not in WITHIN else pytest.approx(value, abs=0.006)
            for key, value in wanted.items()
        }


def _said(episode: Episode) -> dict[str, object]:
    def minute(ms: int | None) -> float:
        return -1 if ms is None else (ms - START_MS) / MINUTE_MS

    return {
        "rule": episode.rule,
        "severity": episode.severity,
        "top": episode.top_severity,
        "step": episode.step,
        "onset": minute(episode.onset_ms),
        "raised": minute(episode.raised_ms),
        "ended": minute(episode.ended_ms),
        "closed": minute(episode.closed_ms),
        "end": episode.end_reason,
        "peak": episode.peak,
        "mean": "none" if episode.mean is None else episode.mean,
        "dose": "none" if episode.dose_h is None else episode.dose_h,
        "model": episode.dose_model,
        "kinetic_mean": episode.kinetic_mean_celsius,
        "peak_at": minute(episode.peak_ms),
        "limit": episode.limit,
        "unit": episode.unit,
        "exposed": episode.exposed_ms / MINUTE_MS,
        "excused": episode.suppressed_ms / MINUTE_MS,
        "hole": episode.hole_ms / MINUTE_MS,
        "area": episode.excess_kelvin_min,
        "samples": episode.samples,
    }


def _severities_of(folded: Folded) -> list[list[str]]:
    """Return the severities of each episode of the high limit, one after another."""
    said: list[list[str]] = []
    for move, state in zip(folded.moves, folded.moved, strict=True):
        if move["lane"] or move["kind"] == MoveKind.CLOSED:
            continue
        if move["kind"] == MoveKind.RAISED:
            said.append([])
        said[-1].append(SEVERITIES[int(state["severity"])])
    return said
