"""`coldchain change learn-fences`: three deliveries, shown, confirmed, and the trucks arrive."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from alerts.transit.halts import Halt
from alerts.transit.stays import stay_at
from coldchain.cli.main import app
from coldchain.clock import SystemClock
from coldchain.errors import ConfigError
from coldchain.geo import distance_m
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Registry, Site, registry_at
from tests.alerts.support import Reading
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, PLACES, PLANT, TRIP, at, north_deg

DAY_MS = 86_400_000


def shifted(readings: list[Reading], by_ms: int) -> list[Reading]:
    return [(channel, when + by_ms, value) for channel, when, value in readings]


def deliver(fleet: Fleet, name: str, by_ms: int) -> None:
    """Plan the road's trip so much later, and drive it on time."""
    stops = tuple(
        msgspec.structs.replace(stop, **{
            field: None if getattr(stop, field) is None else getattr(stop, field) + by_ms
            for field in ("arrives_ms", "leaves_ms", "window_from_ms", "window_to_ms")
        })
        for stop in TRIP.stops
    )  # fmt: skip
    fleet.put(msgspec.structs.replace(TRIP, id=name, stops=stops, distance_m=None))
    fleet.arrive(shifted(driven(ON_TIME), by_ms))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose plant has an address half a kilometre off, and three deliveries to it in the last days."""
    today_ms = SystemClock().now_ms() // DAY_MS * DAY_MS
    offset_ms = today_ms - at(0) // DAY_MS * DAY_MS
    latitude, longitude = north_deg(60.5), PLACES[PLANT][1]
    wrong = Site(PLANT, PLANT, "plant", "op", latitude=latitude, longitude=longitude, coordinates="WGS-84")
    puts = [wrong if isinstance(put, Site) and put.id == PLANT else put for put in registered()]
    fleet = Fleet(tmp_path / "world", *puts, now_ms=today_ms)
    for day in (4, 3, 2):
        deliver(fleet, f"t-{day}", offset_ms - day * DAY_MS)
    fleet.close()
    shutil.move(tmp_path / "world" / "ledger.sqlite", tmp_path / "ledger.db")
    return tmp_path


def says(folder: Path, *words: str, answer: str | None = None) -> str:
    command = ["change", "learn-fences", *words, "--data", str(folder), "--lang", "en"]
    return CliRunner().invoke(app, command, input=answer, catch_exceptions=False).output


def registry_of(folder: Path) -> Registry:
    ledger = SqlLedger.open(folder / "ledger.db")
    try:
        return registry_at(ledger, ledger.end())
    finally:
        ledger.close()


def test_three_deliveries_say_where_the_plant_is(folder: Path) -> None:
    assert "2 changes would be written" in says(folder, "--dry-run")  # the station's, too
    assert "nothing was written" in says(folder, answer="n\n")
    assert not registry_of(folder).fences

    assert "1 changes written" in says(folder, PLANT, "--yes")

    [fence] = registry_of(folder).fences[PLANT]
    assert fence.learnt_from == 3
    assert fence.latitude is not None
    assert fence.longitude is not None
    assert float(distance_m(fence.latitude, fence.longitude, *PLACES[PLANT])) == pytest.approx(0, abs=20)
    assert "no trip of the last 30 days" not in says(folder, "--dry-run")


def test_two_deliveries_are_too_few_and_an_unknown_site_is_named(folder: Path) -> None:
    assert "2 stays were found" in says(folder, PLANT, "--days", "3", "--dry-run").replace("plant: ", "")

    result = CliRunner().invoke(app, ["change", "learn-fences", "nowhere", "--data", str(folder)])
    assert isinstance(result.exception, ConfigError)
    assert "nowhere: no such site" in str(result.exception)


def test_a_site_with_its_own_fence_is_left_alone_unless_it_is_named(folder: Path) -> None:
    says(folder, "--yes")

    result = CliRunner().invoke(app, ["change", "learn-fences", "--data", str(folder)])
    assert "without a fence of its own" in str(result.exception)
    assert "1 changes would be written" in says(folder, PLANT, "--dry-run")


def test_a_halt_for_lunch_is_no_delivery() -> None:
    def halt(minute: float, lasts: float, km: float) -> Halt:
        place = np.full(3, north_deg(km)), np.full(3, PLACES[PLANT][1])
        return Halt(at(minute), at(minute + lasts), *place)

    lunch, delivery, light = halt(10, 60, 30), halt(75, 20, 60.3), halt(100, 1, 60)

    assert stay_at(TRIP.stops[1], [lunch, delivery, light], PLACES[PLANT], []) is delivery
    assert stay_at(TRIP.stops[1], [lunch, delivery, light], None, []) is delivery
    assert stay_at(TRIP.stops[1], [light], PLACES[PLANT], []) is None
    assert stay_at(TRIP.stops[1], [halt(300, 20, 60)], PLACES[PLANT], []) is None
