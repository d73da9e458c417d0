"""`coldchain change learn-road-factor`: what trips drove says how much longer roads are."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.clock import SystemClock
from coldchain.custody import TripMoment
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import builtin
from coldchain.profiles.checks import check
from coldchain.profiles.faults import Faults
from coldchain.profiles.structs import Percent
from coldchain.registry import Fence, Site, registry_at
from tests.alerts.transit.fleet import Fleet, registered
from tests.alerts.transit.road import PLACES, STATION, at, north_deg
from tests.cli.test_learn_fences import DAY_MS, deliver


def folder_with(folder: Path, trips: int) -> Path:
    """A data folder whose station lies 40 km from the plant as the crow flies, and 60 km by the road."""
    today_ms = SystemClock().now_ms() // DAY_MS * DAY_MS
    latitude, longitude = PLACES[STATION]
    near = Site(STATION, STATION, "station", "op", latitude=north_deg(20), longitude=longitude, coordinates="WGS-84")
    puts = [near if isinstance(put, Site) and put.id == STATION else put for put in registered()]
    fence = Fence(STATION, 0, latitude, longitude, 300, coordinates="WGS-84")
    fleet = Fleet(folder / "world", *puts, fence, now_ms=today_ms)
    for day in range(1, trips + 1):
        by_ms = today_ms - at(0) // DAY_MS * DAY_MS - day * DAY_MS
        deliver(fleet, f"t-{day}", by_ms)
        fleet.put(TripMoment(f"t-{day}", "accepted", at(70) + by_ms, 1))
    fleet.settle()
    fleet.close()
    for before, after in (("ledger.sqlite", "ledger.db"), ("alerts.sqlite", "alarms.db")):
        shutil.move(folder / "world" / before, folder / after)
    return folder


def says(folder: Path, *words: str) -> str:
    command = ["change", "learn-road-factor", *words, "--data", str(folder), "--lang", "en"]
    return CliRunner().invoke(app, command, catch_exceptions=False).output


def test_ten_trips_make_a_new_version_of_the_rules(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, 10)

    assert "from 10 trips, roads are 150 % of great circles (before: 130 %)" in says(folder, "--yes")

    ledger = SqlLedger.open(folder / "ledger.db")
    registry = registry_at(ledger, ledger.end())
    ledger.close()
    now_ms = SystemClock().now_ms()
    assert registry.trip_rules_at("raw-milk", now_ms).road_factor.value == 150
    assert registry.trip_rules_at("raw-milk", now_ms - DAY_MS).road_factor.value == 130
    assert registry.trip_rules_at("distribution", now_ms).road_factor.value == 130


def test_nine_trips_are_too_few_and_none_says_so(tmp_path: Path) -> None:
    assert "9 trips can be used, at least 10 are needed" in says(folder_with(tmp_path, 9), "--dry-run")

    (tmp_path / "none").mkdir()
    folder_with(tmp_path / "none", 0)
    result = CliRunner().invoke(app, ["change", "learn-road-factor", "--data", str(tmp_path / "none")])
    assert isinstance(result.exception, ConfigError)


@pytest.mark.parametrize("percent", [90.0, 301.0])
def test_a_road_that_cannot_be_is_refused(percent: float) -> None:
    rules = msgspec.structs.replace(
        builtin().trips["raw-milk"], road_factor=Percent(percent=percent, source="test", status="assumed")
    )
    faults = Faults("our.toml")

    check(rules, "trip.raw-milk", faults)

    assert [said.split(": ")[1] for said in faults.said] == ["[trip.raw-milk] road_factor"]
