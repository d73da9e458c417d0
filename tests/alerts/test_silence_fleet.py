"""Silence over a fleet: how often the radio alone raises it, and what looking costs."""

from __future__ import annotations

import time

import numpy as np
import pytest

from alerts.hearing import Hearing
from alerts.patience import SLACK_MS, Patience, patience_of
from alerts.records import NEVER_MS
from alerts.silence import Nodes, overdue
from coldchain.registry import Asset, Point
from coldchain.registry.fold import Registry
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS

DAYS = 14
DAY_MINUTES = 1440
LOST_SHARE = 0.03
"""On the radio, by chance: docs/simulator.md, `radio-loss`."""

MOST_A_DAY = 10


def patience(channels: int, interval_min: int, record_min: int, page_min: int) -> Patience:
    def each(minutes: int) -> np.ndarray:
        return np.full(channels, minutes * MINUTE_MS)

    return Patience(
        np.ones(channels, bool),
        np.full(channels, NEVER_MS),
        each(interval_min),
        each(record_min),
        each(page_min),
        np.zeros(channels, np.int32),
        ("",),
    )


def radio_days(delays: Patience, a_node: int, days: int = DAYS) -> tuple[float, float, float]:
    """Return recorded silences, alarms of points and alarms of gateways a day when only the radio loses readings."""
    chance = np.random.default_rng(1)
    channels = len(delays.watched)
    interval = int(delays.interval_ms[0]) // MINUTE_MS
    phase = chance.integers(0, interval, channels)
    node = (np.arange(channels) // a_node).astype(np.int32)
    hearing, nodes = Hearing(), Nodes.none()
    hearing.grow(channels)
    nodes.grow(int(node.max()) + 1)
    rows = hearing.rows[:channels]
    recorded, told, never = np.zeros(channels, bool), np.zeros(channels, bool), np.full(channels, NEVER_MS)
    counts = np.zeros(3)
    for minute in range(days * DAY_MINUTES):
        now_ms = minute * MINUTE_MS
        speak = np.flatnonzero((phase == minute % interval) & (chance.random(channels) >= LOST_SHARE)).astype(np.int32)
        if len(speak):
            times = now_ms + chance.integers(0, SLACK_MS // 2, len(speak))  # a gateway closes its batch later or sooner
            hearing.take(speak, times, times, node[speak], 0)
            rows["heard_up"][speak] = times
            recorded[speak] = told[speak] = False
        due = overdue(
            now_ms + SLACK_MS // 2, rows["heard_up"], never, never, rows["node"], recorded, told, delays, nodes
        )
        recorded[due.recorded] = True
        told[due.told] = True
        counts += len(due.recorded), len(due.told), len(due.nodes)
    recorded_a_day, told_a_day, nodes_a_day = (counts / days).tolist()
    return recorded_a_day, told_a_day, nodes_a_day


@pytest.mark.parametrize(
    ("channels", "a_node", "interval", "record", "page"),
    [
        (2000, 4, 5, 30, 120),  # coolers
        (2000, 4, 10, 31, 120),
        (200, 20, 5, 16, 20),  # cold rooms, day and night
    ],
)
def test_three_percent_radio_loss_raises_at_most_ten_false_silences_a_day(
    channels: int, a_node: int, interval: int, record: int, page: int
) -> None:
    recorded, told, gateways = radio_days(patience(channels, interval, record, page), a_node)

    assert told + gateways <= MOST_A_DAY
    assert recorded <= 2 * MOST_A_DAY


def test_two_intervals_would_raise_hundreds() -> None:
    _, told, _ = radio_days(patience(2000, 10, 21, 21), 4, days=2)

    assert told > 100


def test_a_hundred_thousand_points_are_looked_at_in_milliseconds() -> None:
    channels = 100_000
    delays = patience(channels, 5, 30, 120)
    nodes = Nodes.none()
    nodes.grow(2000)
    node = (np.arange(channels) % 2000).astype(np.int32)
    heard = np.random.default_rng(1).integers(0, 300_000, channels)
    nothing = np.zeros(channels, bool)
    never = np.full(channels, NEVER_MS)

    took = []
    for _ in range(5):
        begin = time.perf_counter()
        due = overdue(300_000, heard, never, never, node, nothing, nothing, delays, nodes)
        took.append(time.perf_counter() - begin)

    assert len(due.recorded) == 0
    assert min(took) < 0.05  # 5 ms on a quiet machine


def test_delays_follow_the_kind_of_the_asset() -> None:
    registry = Registry()
    for number in range(1000):
        registry.lay(Asset(f"a{number}", "", "walk-in-room" if number % 2 else "no-such-kind", "shop"))
        registry.points[f"p{number}"] = Point(f"p{number}", f"a{number}", "product", "temperature", 60)
        registry.point_numbers[f"p{number}"] = number

    delays = patience_of(registry, MIDNIGHT_MS, 1024)

    assert delays.watched.sum() == 1000
    minutes = [(int(delays.record_ms[n]) // MINUTE_MS, int(delays.page_ms[n]) // MINUTE_MS) for n in (0, 1)]
    assert minutes == [(30, 120), (15, 20)]
