"""The cold goes on the way: what rings on board, how bad, what to do, and what is said of the milk when it arrives.

Milk warms as a carton without insulation does in still air, as it was measured (236 ml: 80.6 min, Corea et al., 2023);
tonnes of it warm slower and end at the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from alerts.readmodel import AlarmReader
from alerts.transit.delays import WARM
from coldchain.clock import parse_rfc3339
from coldchain.custody import Trip, TripStop
from coldchain.registry import Asset, Point, Put
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import KM, ON_TIME, PLANT, STATION, TRIP, at, gone, milk, minute

COLD, OUTSIDE = 3.5, 28.0
CARTON_MIN = 80.6
JAM = ((0, 30), (60, 30), (5, 60), (60, 25), (0, 10))
"""Two hours on a road of one hour: late by 25 min."""

ARRIVES = 60
SHELF = Trip(
    "t-2",
    "distribution",
    "tanker-1",
    (
        TripStop(STATION, "load", arrives_ms=at(-30), leaves_ms=at(0)),
        TripStop(PLANT, "unload", arrives_ms=at(60), window_from_ms=at(30), window_to_ms=at(90)),
    ),
    distance_m=KM * 1000,
)


def warming(fails: float, until: float) -> list[float]:
    """Return the milk's temperature each minute from minute -30 on, °C, of a unit that fails at a minute."""
    gone = np.maximum(np.arange(-30, until) - fails, 0.0)
    return [round(float(one), 2) for one in OUTSIDE - (OUTSIDE - COLD) * np.exp(-gone / CARTON_MIN)]


def dose_h(celsius: Sequence[float]) -> float:
    """Return how much older milk got by minutes at temperatures, h at 4 °C (Ratkowsky's square root, Tmin -4.15 °C)."""
    return sum(((one + 4.15) / 8.15) ** 2 for one in celsius) / 60


def registered_as(kind: str, position: str, profile: str) -> list[Put]:
    """Return the road's places and one vehicle whose probe is judged by a profile."""

    def judged(put: Put) -> Put:
        if isinstance(put, Asset):
            return msgspec.structs.replace(put, kind=kind)
        if isinstance(put, Point) and put.quantity == "temperature":
            return msgspec.structs.replace(put, position=position, profile=profile)
        return put

    return [judged(put) for put in registered(("tanker-1",))]


TANKER = registered_as("tanker", "milk", "raw_milk")
REEFER = registered_as("reefer", "return-air", "pasteurized")


def went(
    folder: Path, celsius: Sequence[float], legs: Sequence[tuple[float, float]] = ON_TIME, trip: Trip = TRIP
) -> dict[str, dict[str, Any]]:
    """Drive a trip alive, minute by minute; return every alarm by rule, in the words of its kind of vehicle."""
    kind, puts = ("tanker", TANKER) if trip is TRIP else ("reefer", REEFER)
    fleet = Fleet(folder, *puts, trip)
    fleet.live(driven(legs, celsius=celsius))
    found = AlarmReader(fleet.store.engine, lambda asset: kind if asset else "").alarms(limit=100).items
    return {str(one["rule"]): one for one in found}


def onset(alarm: dict[str, Any]) -> float:
    return minute(parse_rfc3339(str(alarm["onset"])))


@pytest.mark.parametrize("trip", [TRIP, SHELF], ids=["tanker", "reefer"])
def test_a_trip_whose_unit_runs_tells_nothing(tmp_path: Path, trip: Trip) -> None:
    assert went(tmp_path, [COLD] * 120, trip=trip) == {}


def test_a_tank_that_is_cooled_no_longer_rings_on_the_way_and_says_what_to_do(tmp_path: Path) -> None:
    celsius = warming(10, 90)
    found = went(tmp_path, celsius)

    rate, high, hot = found["rate"], found["high"], found["high-high"]
    assert onset(rate) == 12  # 0.5 K above the lowest of the last half hour
    assert (rate["severity"], rate["telling"]) == ("warning", "page")
    assert onset(high) == 12  # 4.1 °C
    assert (high["severity"], high["telling"]) == ("critical", "page")
    assert high["peak"] == pytest.approx(max(celsius), abs=0.01)
    assert high["dose_h"] == pytest.approx(dose_h(celsius[30 + 12 : -1]), rel=0.01)
    assert onset(hot) == 35  # above 10 °C
    assert found["arrival-warm"]["peak"] == pytest.approx(celsius[30 + ARRIVES], abs=0.1)
    responses = {rule: one["guidance"]["response"]["en"] for rule, one in found.items()}
    assert "call dispatch now" in responses["high"]
    assert "quality" in responses["high-high"]
    assert "Measure the milk before unloading" in responses["arrival-warm"]
    assert not [text for one in found.values() for text in one["guidance"]["consequence"].values() if "cooler" in text]


def test_a_reefer_whose_unit_fails_rings_by_its_air(tmp_path: Path) -> None:
    found = went(tmp_path, warming(10, 90), trip=SHELF)

    assert {"high", "rate"} & set(found)
    assert max(one["severity"] for one in found.values()) in ("critical", "warning")
    assert "page" in {one["telling"] for one in found.values()}


@pytest.mark.parametrize(
    ("fails", "celsius", "severity"),
    [
        (56, 4.7, None),
        (45, 7.7, "warning"),  # the plant may refuse it
        (10, 14.8, "critical"),  # from 10 °C on rejecting it is suggested
    ],
)
def test_what_is_said_of_the_milk_when_it_arrives(
    tmp_path: Path, fails: float, celsius: float, severity: str | None
) -> None:
    milk_celsius = warming(fails, 90)
    assert milk_celsius[30 + ARRIVES] == pytest.approx(celsius, abs=0.05)

    verdict = went(tmp_path, milk_celsius).get("arrival-warm")
    [suggested] = [
        one.evidence["reject_suggested"] for one in gone(ON_TIME, goods=milk(milk_celsius)).delays if one.rule == WARM
    ] or [None]

    assert (verdict and verdict["severity"]) == severity
    assert suggested is (None if severity is None else severity == "critical")
    if verdict is not None:
        assert (onset(verdict), verdict["peak"], verdict["limit"]) == (ARRIVES, celsius, 6.0)


@pytest.mark.parametrize(("fails", "severity"), [(10_000, "notice"), (60, "warning"), (10, "critical")])
def test_the_same_delay_is_as_bad_as_the_milk_got_old_by_it(tmp_path: Path, fails: float, severity: str) -> None:
    """Older than planned, at 4 °C: from two hours on a warning, from eight on critical."""
    celsius = warming(fails, 125)
    older_h = dose_h(celsius[30 : 30 + 115]) - 1.0  # it arrives at minute 115 and was planned for an hour on the way
    assert severity == ("critical" if older_h >= 8 else "warning" if older_h >= 2 else "notice")

    found = went(tmp_path, celsius, JAM)

    assert found["late-arrival"]["top_severity"] == severity
