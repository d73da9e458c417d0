"""Written cases of silence, before a real judge: `cases/silence.toml` says what its keys mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from alerts.arrival import Arrival
from alerts.episodes import Episode
from coldchain.registry import Asset, Binding, LimitRule, Node, Operator, Point, Probe, Put, Site
from tests.alerts.casefiles import cases_of
from tests.alerts.days import minutes, samples_of
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, World

EVERY = 5
A_BATCH = 500
TIMES = ("onset", "raised", "ended")


@pytest.mark.parametrize("case", cases_of("silence.toml"))
def test_silence(case: dict[str, Any], tmp_path: Path) -> None:
    world = World(tmp_path, now_ms=MIDNIGHT_MS)
    world.put(*_registered(case))
    world.catch_up()

    _pass_the_day(world, case)

    alarms = world.live_alarms()
    recorded = [one for one in world.episodes() if one.rule == Arrival.SILENCE]
    if "alarms" in case:
        said = [_said(one) for one in sorted(alarms, key=lambda one: (one.onset_ms, one.rule))]
        assert len(said) == len(case["alarms"]), said
        for one, wanted in zip(said, case["alarms"], strict=True):
            wanted = {key: minutes(value) if key in TIMES else value for key, value in wanted.items()}
            assert {key: one[key] for key in wanted} == wanted
    if "recorded" in case:
        assert sorted(_probe_of(one) for one in recorded) == case["recorded"]
    if "alarm_counts" in case:
        assert Counter(one.rule for one in alarms) == case["alarm_counts"]
        assert Counter(one.rule for one in recorded) == case["recorded_counts"]
        assert {one.end_reason for one in [*alarms, *recorded]} == set(case["ends"])
    world.close()


def _registered(case: dict[str, Any]) -> list[Put]:
    puts: list[Put] = [Operator("op", "Operator")]
    for gateway in range(case.get("gateways", 1)):
        puts += [Site(f"shop-{gateway}", "Shop", "shop", "op"), Node(f"gw-{gateway}", f"shop-{gateway}", ())]
        for name in case["probes"]:
            for number in range(case.get("each", 1)):
                one = f"{gateway}-{number}-{name}"
                puts += [
                    Asset(one, one, case["kind"], f"shop-{gateway}"),
                    Point(f"{one}.point", one, "return-air", "temperature", EVERY * 60),
                    Probe(f"urn:{one}"),
                    Binding(f"urn:{one}", f"{one}.point", 0),
                ]
                if "limit" in case:
                    limit = case["limit"]
                    puts.append(LimitRule(f"{one}.point", 0, limit["high"], None, limit["on_delay"] * 60, 0.5, 300))
    return puts


def _pass_the_day(world: World, case: dict[str, Any]) -> None:
    """Let each probe speak at its times, and the server look every so many minutes."""
    speaking: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for name, series in case["probes"].items():
        for place, value in samples_of(series, EVERY):
            speaking[place * EVERY].append((name, value))
    looks = case.get("looks", EVERY)
    for minute in range(0, int(minutes(case["until"])) + 1, looks):
        world.received_ms = now_ms = world.clock.now_ms()
        if minute in speaking:
            for gateway in range(case.get("gateways", 1)):
                readings = [
                    (f"urn:{gateway}-{number}-{name}", now_ms, value)
                    for number in range(case.get("each", 1))
                    for name, value in speaking[minute]
                ]
                for first in range(0, len(readings), A_BATCH):
                    world.send(f"gw-{gateway}", readings[first : first + A_BATCH])
        world.catch_up()
        world.judge.idle()
        world.clock.advance_sync(60.0 * looks)


def _probe_of(episode: Episode) -> str:
    return episode.point.removesuffix(".point").split("-")[-1]


def _said(episode: Episode) -> dict[str, object]:
    def minute(ms: int | None) -> float:
        return -1 if ms is None else (ms - MIDNIGHT_MS) / MINUTE_MS

    return {
        "probe": _probe_of(episode),
        "gateway": int(episode.point.split("-")[-1]) if episode.point.startswith("node:") else -1,
        "rule": episode.rule,
        "severity": episode.severity,
        "onset": minute(episode.onset_ms),
        "raised": minute(episode.raised_ms),
        "ended": minute(episode.ended_ms),
        "end": episode.end_reason,
        "hole": episode.hole_ms / MINUTE_MS,
    }
