"""A carrier's month over the API: its vehicles, its ways, its longest trips, and how well it kept the condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from alerts.transit.months import loaded_span
from alerts.transit.reader import KnownTrip
from alerts.transit.view import StopView, TripView
from coldchain.custody import Trip, TripMoment, TripStop
from coldchain.registry import Carrier, Point, Put, Site, Vehicle
from dashboards.compliance import DEFINITION
from tests.alerts.transit.fleet import driven
from tests.alerts.transit.road import ON_TIME, at
from tests.alerts.transit.road import TRIP as RAW
from tests.dashboards.test_trips import on_the_road
from tests.dashboards.web import TestClient

MILK = Point("tanker-1.milk", "tanker-1.tank", "milk", "temperature", 60, "Cel", "raw_milk")
"""Its condition is 0 to 4 °C (State Council Order 536 art. 25)."""

SWIFT: tuple[Put, ...] = (
    MILK,
    Carrier("swift", "Swift Ltd", phone="021-1"),
    Vehicle("tanker-1", "沪A·1", carrier="Swift Ltd"),
    Site("spare", "Spare", "vehicle", "op"),
    Vehicle("spare", "沪A·9", carrier="swift"),
    Vehicle("tanker-2", "沪A·2", carrier="Other"),
    TripMoment(RAW.id, "accepted", at(70), 1),
    msgspec.structs.replace(RAW, stops=(msgspec.structs.replace(RAW.stops[0], quantity=9.0, unit="t"), *RAW.stops[1:])),
)

WARM = range(52, 60)
"""Minutes behind the planned departure in which the milk had 5 °C; from 15 until 50 the tanker was not heard."""


@pytest.fixture(scope="module")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    minutes = [(when - at(0)) // 60_000 for _, when, _ in driven(ON_TIME)[::4]]
    celsius = np.where(np.isin(minutes, WARM), 5.0, 3.0)
    heard = [one for one in driven(ON_TIME, celsius=celsius.tolist()) if not at(15) <= one[1] < at(50)]
    with on_the_road(tmp_path_factory.mktemp("swift"), heard, *SWIFT) as client:
        yield client


def month(client: TestClient, carrier: str) -> Any:
    answer = client.get(f"/api/v1/trip-months/2026-11/carrier?carrier={carrier}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_compliance_is_time_within_the_condition_of_loaded_time_with_data(swift: TestClient) -> None:
    found = month(swift, "swift")["compliance"]

    loaded_min = 70 - 1  # it left the fence, of 300 m and the margin, within the second minute
    unknown_min = 36  # from the reading of minute 14 until that of minute 50
    warm_min = 8  # from the first warm reading until the first cold one
    assert found["loaded_h"] * 60 == pytest.approx(loaded_min, abs=1.1)
    assert found["known_h"] * 60 == pytest.approx(loaded_min - unknown_min, abs=1.1)
    assert (found["known_h"] - found["within_h"]) * 60 == pytest.approx(warm_min, abs=0.7)
    assert found["share"] == pytest.approx(25 / 33)
    assert (found["trips"], found["unmeasured"]) == (1, 0)
    assert found["definition"] == DEFINITION


def test_a_carrier_has_its_vehicles_and_ways_and_the_months_before(swift: TestClient) -> None:
    found = month(swift, "swift")

    assert (found["carrier_name"], found["phone"]) == ("Swift Ltd", "021-1")
    assert [(one["plate"], one["trips"]) for one in found["vehicles"]] == [("沪A·1", 1), ("沪A·9", 0)]
    assert (found["loads"], found["tonnes"]) == (1, 9.0)
    assert found["km"] == pytest.approx(60, abs=2)
    assert found["hours"] == pytest.approx(69 / 60, abs=0.03)
    [longest] = found["longest"]
    assert longest["trip"] == RAW.id
    trend = [(one["month"], one["trips"], one["in_time_share"]) for one in found["trend"]]
    assert trend[0] == ("2026-06", 0, None)
    assert trend[-1] == ("2026-11", 1, 1.0)


def test_a_carrier_without_trips_has_no_share(swift: TestClient) -> None:
    found = month(swift, "nobody")

    assert found["compliance"]["share"] is None
    assert (found["vehicles"], found["longest"]) == ([], [])


def test_a_point_without_a_condition_measures_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    with on_the_road(tmp_path_factory.mktemp("bare"), driven(ON_TIME), *SWIFT[1:]) as client:
        found = month(client, "swift")["compliance"]

    assert (found["trips"], found["unmeasured"], found["share"]) == (0, 1, None)


# -- loaded time ----------------------------------------------------------------------------------------------


def stop(purpose: str, arrived: int | None, left: int | None, accepted: int | None = None) -> StopView:
    return StopView(
        "s", purpose, None, None, None, None, None, arrived, left, accepted, None, "", "", False, None, None, None
    )


def trip(*stops: StopView, over_ms: int | None = 900) -> KnownTrip:
    view = TripView("ended", 0, over_ms, None, 0, None, None, None, "", list(stops), [])
    plan = Trip("t", "distribution", "v", tuple(TripStop(one.site, one.purpose) for one in stops))
    return KnownTrip(plan, (), [("v", None)], 0, 0, view, [])


LOAD, UNLOAD = stop("load", 0, 100), stop("unload", 300, 400)


@pytest.mark.parametrize(
    ("known", "span"),
    [
        (trip(LOAD, UNLOAD), (100, 400)),
        (trip(LOAD, UNLOAD, stop("unload", 500, 600, 550), stop("return", 700, None)), (100, 550)),
        (trip(LOAD, stop("load", 150, 200), stop("unload", 300, None)), (100, 900)),
        (trip(stop("load", 0, None), UNLOAD), None),
        (trip(LOAD, stop("unload", None, None)), None),
        (trip(LOAD, UNLOAD, over_ms=None), None),
        (trip(LOAD, stop("return", 300, None)), None),
    ],
    ids=["left", "accepted", "until the end", "never seen leave", "never seen come", "under way", "nothing unloaded"],
)
def test_goods_are_on_board_from_the_first_loading_to_the_last_unloading(
    known: KnownTrip, span: tuple[int, int] | None
) -> None:
    assert loaded_span(known) == span
