"""Milk in a tank: cooled within two hours of milking, or told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alerts.readmodel import AlarmReader
from alerts.transit.ageing import Goods
from alerts.transit.cooling import cooled_late
from coldchain.clock import parse_rfc3339
from coldchain.custody import Milking, TripMoment
from coldchain.profiles import builtin
from coldchain.registry import Asset, Binding, Node, Point, Probe, Put
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, STATION, TRIP, at, minute

RULES = builtin().trips["raw-milk"]
TANK = "tank-1"


def milk(*spans: tuple[float, float, float, float]) -> Goods:
    """Return a sample a minute of each (from minute, to minute, °C at its begin, °C at its end)."""
    t, celsius = [], []
    for begin, end, first, last in spans:
        minutes = np.arange(begin, end)
        t += [at(one) for one in minutes]
        celsius += np.linspace(first, last, len(minutes)).tolist()
    return Goods(np.array(t, np.int64), np.array(celsius), 60_000)


def told(goods: Goods, *milkings: float) -> list[tuple[float, float, float | None]]:
    """Return minutes of onset, raising and end of each milking that was cooled late."""
    found = cooled_late([at(one) for one in milkings], goods, RULES)
    return [
        (minute(one.onset_ms), minute(one.raised_ms), None if one.ended_ms is None else minute(one.ended_ms))
        for one in found
    ]


def test_milk_cooled_in_time_tells_nothing() -> None:
    assert told(milk((0, 100, 35, 4), (100, 300, 4, 3.5)), 0) == []


def test_milk_cooled_late_is_told_from_its_time_on_until_it_is_cold() -> None:
    assert told(milk((0, 181, 22, 4), (181, 300, 4, 3.5)), 0) == [(120, 120, 180)]


def test_milk_that_stays_warm_is_told_until_the_next_milking() -> None:
    warm = milk((0, 720, 35, 6), (720, 900, 20, 3))  # 4 °C after 179 * 16 / 17 = 168.5 minutes

    assert told(warm, 0) == [(120, 120, 889)]
    assert told(warm, 0, 720) == [(120, 120, 720), (840, 840, 889)]
    assert told(milk((0, 200, 35, 6)), 0) == [(120, 120, None)]


def test_a_hole_over_the_end_of_its_time_is_no_proof() -> None:
    assert told(milk((0, 60, 35, 15), (200, 300, 3.9, 3.5)), 0) == []
    assert told(milk((0, 60, 35, 15), (200, 300, 9, 8)), 0) == [(120, 200, None)]
    assert told(milk((0, 60, 35, 15)), 0) == []


@pytest.mark.parametrize(("celsius", "severity"), [(5.0, 1), (20.0, 2)])
def test_how_severe_follows_from_how_warm(celsius: float, severity: int) -> None:
    [found] = cooled_late([at(0)], milk((0, 300, celsius, celsius)), RULES)

    assert (found.severity, found.peak, found.limit) == (severity, celsius, 4.0)


# -- through the judge --------------------------------------------------------------------------------------------


def tank() -> list[Put]:
    """Return a tank at the station, with a probe in its milk."""
    return [
        Node("gw-station", STATION, ()),
        Asset(TANK, TANK, "station-tank", STATION),
        Point(f"{TANK}.milk", TANK, "milk", "temperature", 60, "Cel"),
        Probe(f"urn:{TANK}:milk"),
        Binding(f"urn:{TANK}:milk", f"{TANK}.milk", 0),
    ]


def alarms(fleet: Fleet, subject: str) -> list[tuple[object, float, object, object]]:
    """Return rule, minute of onset, asset and site of each alarm."""
    return [
        (one["rule"], minute(parse_rfc3339(str(one["onset"]))), one["asset"], one["site"])
        for one in AlarmReader(fleet.store.engine).alarms().items
        if one["point"] == subject
    ]


@pytest.mark.parametrize("milking_last", [False, True])
def test_the_judge_tells_of_a_tank(tmp_path: Path, milking_last: bool) -> None:
    """The milking is said before its readings come, or a day later."""
    fleet = Fleet(tmp_path, *registered(), *tank(), now_ms=at(400))
    goods = milk((0, 301, 22, 4))
    readings = [(f"urn:{TANK}:milk", when, value) for when, value in zip(goods.t.tolist(), goods.celsius, strict=True)]
    said = Milking(TANK, at(0), 900.0, "王家牧场")
    if not milking_last:
        fleet.put(said)
    fleet.arrive([(name, when, float(value)) for name, when, value in readings], "station")
    fleet.settle()
    if milking_last:
        fleet.restart()
        fleet.put(said)
        fleet.settle()

    assert alarms(fleet, f"milk:{TANK}") == [("cooled-late", 120, TANK, STATION)]


def test_the_age_of_what_a_trip_collects_begins_with_the_oldest_milking_that_nobody_collected(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, *registered(), *tank(), TRIP, now_ms=at(400))
    fleet.put(Milking(TANK, at(-26 * 60)), Milking(TANK, at(-14 * 60)), TripMoment(TRIP.id, "departed", at(0), 0))
    fleet.arrive(driven(ON_TIME))
    fleet.settle()

    assert [(one["rule"], one["peak"]) for one in fleet.alarms()] == [("age-at-loading", 26.0)]

    day_before = 24 * 60 * 60_000
    stops = tuple(
        type(stop)(stop.site, stop.purpose, leaves_ms=stop.leaves_ms and stop.leaves_ms - day_before)
        for stop in TRIP.stops
    )
    fleet.put(type(TRIP)("t-0", "raw-milk", "tanker-2", stops))  # it collected the milk of the day before
    fleet.settle()

    assert fleet.alarms() == []
