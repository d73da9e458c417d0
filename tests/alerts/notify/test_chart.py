"""The picture in a mail: the limit where it is, holes as holes, no peak lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.notify.chart import Curve, png_of, svg_of
from alerts.notify.notices import Outbox
from alerts.notify.pictures import pictures_of
from coldchain.registry import CurrentRegistry
from tests.alerts.notify.desk import NotifyDesk
from tests.alerts.story import WARM

MINUTE_MS = 60_000


def curve(t: list[int], v: list[float], limit: float | None = 8.0) -> Curve:
    return Curve(t, v, 2 * MINUTE_MS, limit, False, 0, 600 * MINUTE_MS, 300 * MINUTE_MS, "Asia/Shanghai")


def runs(svg: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'<polyline points="([^"]*)"', svg)
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in one.split())] for one in found]


def test_a_hole_is_no_line() -> None:
    times = [minute * MINUTE_MS for minute in (*range(100), *range(200, 300))]
    drawn = runs(svg_of(curve(times, [4.0] * 200)))

    assert len(drawn) == 2
    assert drawn[0][-1][0] < drawn[1][0][0] - 50


def test_one_sample_of_a_peak_among_thousands_is_drawn() -> None:
    times = [second * 1000 for second in range(0, 36_000, 5)]
    values = [4.0] * len(times)
    values[3333] = 19.0
    drawn = runs(svg_of(curve(times, values)))

    assert sum(len(run) for run in drawn) < 1500
    lowest = max(y for run in drawn for _, y in run)
    highest = min(y for run in drawn for _, y in run)
    assert lowest - highest > 150  # the peak reaches the top of 220 pixels


def test_times_are_those_of_the_reader() -> None:
    assert ">08:00<" in svg_of(curve([0], [4.0]))  # the epoch in Shanghai


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotifyDesk]:
    made = NotifyDesk(tmp_path)
    yield made
    made.close()


def test_an_alarm_of_a_temperature_has_a_picture(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    registry = CurrentRegistry(desk.ledger, desk.clock)
    picture = pictures_of(Outbox(desk.store.engine), desk.history, registry, desk.clock.now_ms)

    drawn = picture(desk.newest()["id"], "Asia/Shanghai")

    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")
    assert picture("nobody", "Asia/Shanghai") is None


def test_png_of_a_chart() -> None:
    assert png_of(svg_of(curve([0, MINUTE_MS], [4.0, 5.0]))).startswith(b"\x89PNG")
