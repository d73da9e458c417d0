"""How long a month of KPIs takes: 2,000 shops with a cooler each, read every 5 min, 31 days, everything cold.

Each shop has 2 alarms a day, which were told, acknowledged and corrected; 300 trucks drive a round a day.

Run: ``python -m bench --only kpis``. Stores are opened anew for each answer; the file cache of the system stays warm.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import insert

from alerts.corrective.reader import CorrectiveReader
from alerts.corrective.tables import correction
from alerts.kpi.days import Days
from alerts.kpi.definitions import By
from alerts.kpi.reader import KpiReader
from alerts.notify.confirming import Confirming
from alerts.notify.content import State
from alerts.notify.reader import NotifyReader
from alerts.notify.store import NotifyStore
from alerts.notify.tables import content, message
from alerts.readmodel import AlarmReader
from alerts.store import AlertStore
from alerts.tables import alarm, alarm_transition, episode, trip
from alerts.transit.reader import TripReader
from bench import kpitrips
from bench.figures import Figure, at_most
from coldchain.clock import TestClock
from coldchain.goods.reader import GoodsReader
from coldchain.goods.store import GoodsStore
from coldchain.latest import LatestStore
from coldchain.ledger.sql import SqlLedger
from coldchain.papers.photos import Photos
from coldchain.papers.reader import PaperReader
from coldchain.papers.store import PaperStore
from coldchain.registry import Asset, Binding, Change, CurrentRegistry, Operator, Point, Probe, Put, Region, Site
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows
from coldchain.trips.milkings import Milkings
from dashboards.kpi_sums import Asked, kpis_of
from dashboards.sources import Sources

START_MS = 1_772_294_400_000
"""2026-03-01 in China."""
SHOPS, SHORT_SHOPS = 2_000, 200
DAYS = 31
EVERY_MS = 300_000
DAY_MS = 86_400_000
MINUTE_MS = 60_000
HEARD = 0.97
ALARMS_A_DAY = 2
"""Of a shop, and as many times outside the condition."""
TIMES = 5


def measure(*, short: bool) -> list[Figure]:
    """Return how long the KPIs of a month take by region and as a whole, and how many readings that goes through."""
    shops, trucks = (SHORT_SHOPS, kpitrips.SHORT_TRUCKS) if short else (SHOPS, kpitrips.TRUCKS)
    with TemporaryDirectory(prefix="coldchain-bench-") as name:
        folder = Path(name)
        readings = _fill(folder, shops, trucks)
        took_ms = {by: _median(folder, shops, by) for by in (By.REGION, By.ALL, By.CARRIER)}
    return [
        at_most("kpi_month_ms", took_ms[By.REGION], "ms", 2_000),
        Figure("kpi_month_all_ms", took_ms[By.ALL], "ms"),
        Figure("kpi_month_carrier_ms", took_ms[By.CARRIER], "ms"),
        Figure("kpi_month_trips", trucks * DAYS, "trips"),
        Figure("kpi_month_readings", readings, "readings"),
        Figure("kpi_month_alarms", shops * DAYS * ALARMS_A_DAY, "alarms"),
    ]


def _median(folder: Path, shops: int, by: By) -> float:
    took = []
    for _ in range(TIMES):
        opened = _Opened(folder)
        asked = Asked(Days(date(2026, 3, 1), date(2026, 3, DAYS)), by)
        begin_s = time.perf_counter()
        found = kpis_of(opened.sources, Milkings(opened.sources.ledger), asked)
        took.append((time.perf_counter() - begin_s) * 1000)
        if by is not By.CARRIER:
            assert sum(map(len, found.alarms)) == shops * DAYS * ALARMS_A_DAY
        if by is not By.REGION:
            assert sum(group.shares["carrier_compliance"].denominator for group in found.groups.values()) > 0
        opened.close()
    return sorted(took)[TIMES // 2]


class _Opened:
    """The stores of a folder, opened; the registry is folded before the time is taken, as in a server that runs."""

    def __init__(self, folder: Path) -> None:
        clock = TestClock(START_MS + DAYS * DAY_MS)
        self._ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
        self._series = DuckSeries(folder / "series.duckdb")
        self.alerts, self.notes = AlertStore.open(folder / "alarms.db"), NotifyStore.open(folder / "notify.db")
        latest = LatestStore.open(folder / "latest.db")
        goods, papers = GoodsStore.open(folder / "goods.db"), PaperStore.open(folder / "papers.db")
        self._stores = (self._series, self.alerts, self.notes, latest, goods, papers, self._ledger)
        registry = CurrentRegistry(self._ledger, clock)
        registry()
        self.sources = Sources(
            ledger=self._ledger,
            series=self._series,
            latest=latest,
            alarms=AlarmReader(self.alerts.engine),
            messages=NotifyReader(self.notes.engine),
            kpis=KpiReader(self.alerts.engine, self.notes.engine),
            corrective=CorrectiveReader(self.alerts.engine),
            confirming=Confirming(self.notes, self._ledger),
            goods=GoodsReader(goods.engine),
            trips=TripReader(self.alerts.engine),
            papers=PaperReader(papers.engine),
            photos=Photos(folder / "photos"),
            registry=registry,
            clock=clock,
            demo=True,
            statuses=dict,
            projections=list,
            counters=dict,
            ready=lambda: True,
        )

    def close(self) -> None:
        for store in self._stores:
            store.close()


def _fill(folder: Path, shops: int, trucks: int) -> int:
    ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
    places = chain(_places(shops), kpitrips.trucks(trucks, START_MS))
    ledger.change([Change(put, "bench", "kpis").encode() for put in places], START_MS)
    ledger.close()
    readings = _fill_series(folder, shops + trucks)
    opened = _Opened(folder)
    alarms, steps, episodes, messages, contents = (list(rows) for rows in zip(*_rows(shops), strict=True))
    with opened.alerts.engine.execution_options(writing=True).begin() as connection:
        connection.execute(insert(alarm), alarms)
        connection.execute(insert(alarm_transition), [step for some in steps for step in some])
        connection.execute(insert(episode), episodes)
        connection.execute(insert(trip), list(kpitrips.trips(trucks, DAYS, START_MS)))
        connection.execute(insert(correction), [_correction(place) for place in _places_of(shops)])
    with opened.notes.engine.execution_options(writing=True).begin() as connection:
        connection.execute(insert(message), messages)
        connection.execute(insert(content), contents)
    opened.close()
    return readings


def _fill_series(folder: Path, channels: int) -> int:
    """Write the month a day at a time, with the holes of a radio, and tidy it as a night does."""
    series, chance, count = DuckSeries(folder / "series.duckdb"), np.random.default_rng(1), 0
    a_day = np.arange(0, DAY_MS, EVERY_MS)
    for day in range(DAYS):
        heard = (chance.random((channels, len(a_day))) < HEARD).ravel()
        channel = np.repeat(np.arange(channels, dtype=np.int32), len(a_day))[heard]
        at_ms = np.tile(START_MS + day * DAY_MS + a_day, channels)[heard]
        celsius = np.round(chance.normal(4, 1, len(at_ms)), 1)
        position = np.full(len(at_ms), day + 1, np.int64)
        series.write(day, day + 1, Rows(channel, at_ms, celsius, np.zeros(len(at_ms), np.uint8), position))
        count += len(at_ms)
    series.tidy(START_MS + (DAYS + 1) * DAY_MS)
    series.close()
    return count


def _places(shops: int) -> Iterator[Put]:
    yield Operator("chain", "Chain")
    for number in range(20):
        yield Region(f"region-{number}", f"Region {number}")
    for number in range(shops):
        site, asset = f"shop-{number}", f"cooler-{number}"
        yield Site(site, site, "shop", "chain", region=f"region-{number % 20}")
        yield Asset(asset, asset, "glass-door-cooler", site)
        yield Point(f"{asset}.air", asset, "return-air", "temperature", EVERY_MS // 1000, profile="pasteurized")
        yield Probe(f"urn:{asset}")
        yield Binding(f"urn:{asset}", f"{asset}.air", START_MS)


@dataclass(frozen=True, slots=True)
class _Place:
    number: int
    day: int
    which: int

    @property
    def at_ms(self) -> int:
        return START_MS + self.day * DAY_MS + (self.which * 500 + self.number % 400 + 30) * MINUTE_MS

    @property
    def name(self) -> str:
        return f"{self.number}-{self.day}-{self.which}"


def _rows(shops: int) -> Iterator[tuple[dict[str, object], list[dict[str, object]], *tuple[dict[str, object], ...]]]:
    """Yield (alarm, its transitions, episode of the record, message, content) of each alarm."""
    for place in _places_of(shops):
        yield _alarm(place), list(_steps(place)), _episode(place), _message(place), _content(place)


def _places_of(shops: int) -> Iterator[_Place]:
    for number in range(shops):
        for day in range(DAYS):
            yield from (_Place(number, day, which) for which in range(ALARMS_A_DAY))


def _correction(place: _Place) -> dict[str, object]:
    return {
        "about": place.name, "site": f"shop-{place.number}", "asset": f"cooler-{place.number}", "rule": "high",
        "grade": "minor", "state": "closed", "begun_ms": place.at_ms, "due_ms": place.at_ms + DAY_MS,
        "done_ms": place.at_ms + 30 * MINUTE_MS, "closed_ms": place.at_ms + 30 * MINUTE_MS, "check_until_ms": None,
        "core_celsius": None, "cause": "door-open", "responsible": "",
    }  # fmt: skip


def _episode(place: _Place, rule: str = "record-high") -> dict[str, object]:
    return {
        "point": f"cooler-{place.number}.air", "rule": rule, "onset_ms": place.at_ms, "raised_ms": place.at_ms,
        "ended_ms": place.at_ms + 40 * MINUTE_MS, "closed_ms": place.at_ms + 45 * MINUTE_MS, "end_reason": "returned",
        "peak": 8.0, "peak_ms": place.at_ms, "mean": 7.0, "dose_h": None, "dose_model": "",
        "kinetic_mean_celsius": None, "exposed_ms": 40 * MINUTE_MS, "suppressed_ms": 0, "excess_kelvin_min": 1.0,
        "hole_ms": 0, "samples": 9, "limit": 6.0, "unit": "Cel", "rule_version": "bench", "rule_from_ms": 0,
        "step": 0, "severity": "warning", "top_severity": "warning",
    }  # fmt: skip


def _alarm(place: _Place) -> dict[str, object]:
    return _episode(place, "high") | {
        "id": place.name, "asset": f"cooler-{place.number}", "site": f"shop-{place.number}", "state": "normal",
        "raised_at_ms": place.at_ms, "late_discovered": False, "version": 4, "merged_into": None, "telling": "page",
        "telling_reason": "new", "paged_at_ms": place.at_ms, "paged_severity": "warning", "paged_step": 0,
        "chattering": False, "changed": 1, "position": 1, "ordinal": 4,
    }  # fmt: skip


def _steps(place: _Place) -> Iterator[dict[str, object]]:
    for ordinal, trigger in enumerate(("raise", "acknowledge", "return", "revise"), 1):
        yield {
            "alarm": place.name, "ordinal": ordinal, "at_ms": place.at_ms + ordinal * MINUTE_MS, "before": "normal",
            "after": "normal", "trigger": trigger, "reason": "bench", "evidence": "{}", "who": "judge",
        }  # fmt: skip


def _message(place: _Place) -> dict[str, object]:
    return {
        "key": place.name, "receiver": f"person:{place.number}", "kind": "alarm", "severity": "warning",
        "made_ms": place.at_ms, "content": bytes(600), "routes": bytes(200), "route": 0, "state": State.ACCEPTED,
        "attempts": 1, "begun_ms": place.at_ms, "next_ms": 0, "ended_ms": place.at_ms + 15_000, "reference": "",
        "why": "", "missed": False, "recorded": True,
    }  # fmt: skip


def _content(place: _Place) -> dict[str, object]:
    return {
        "outbox": (place.number * DAYS + place.day) * ALARMS_A_DAY + place.which, "alarm": place.name, "ordinal": 1,
        "repeat": 0, "receiver": f"person:{place.number}", "message": place.name,
    }  # fmt: skip
