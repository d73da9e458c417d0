"""Each step of goods as an event: what it says in GS1's words, and what it must not say."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from coldchain.epcis.circumstances import offset
from coldchain.epcis.conditions import LONGEST_SPAN_MS, reporting, spans, transporting
from coldchain.epcis.facts import Goods, Site, Summary
from coldchain.epcis.states import transforming
from coldchain.epcis.steps import handing_over
from coldchain.gs1 import Gs1Fault
from tests.epcis.milk import (
    MINUTE_MS,
    MORNING_MS,
    NAMES,
    NOTE,
    PLANT,
    PROBE,
    PRODUCT,
    RAW,
    STATION,
    SUMMARY,
    TANKER,
    at,
    events,
)

OWN = "https://dairy.example.org"
VEHICLE = f"{OWN}/vehicle/%E4%BA%ACA12345"
PROBE_URI = f"{OWN}/probe/urn%3Acoldchain%3Aplain%3At-1"
MILK = [{"epcClass": f"{OWN}/lot/milk-0301-1", "quantity": 3200.5, "uom": "LTR"}]
YOGHURT = [{"epcClass": "https://id.gs1.org/01/04012345123456/10/L%2F9", "quantity": 960}]
PALLET = "https://id.gs1.org/00/106141412345678908"
STATION_ID = {"id": f"{OWN}/site/station-1"}
PLANT_ID = {"id": "https://id.gs1.org/414/4012345000054"}
DOCK_ID = {"id": "https://id.gs1.org/414/4012345000054/254/dock%2F2"}
BOL = [{"type": "bol", "bizTransaction": f"{OWN}/bol/JJD-2026-0301"}]


def plain(name: str) -> dict[str, Any]:
    """Return an event as JSON has it, without what all events have."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(events()[name]))
    assert found.pop("eventID").startswith("urn:uuid:")
    assert found.pop("eventTimeZoneOffset") == "+08:00"
    return found


def test_milk_is_loaded_into_a_tanker_and_not_collected() -> None:
    assert plain("loading") == {
        "type": "AggregationEvent",
        "eventTime": "2026-03-01T00:10:00.000Z",
        "action": "ADD",
        "bizStep": "loading",
        "parentID": VEHICLE,
        "childQuantityList": MILK,
        "readPoint": STATION_ID,
        "bizLocation": STATION_ID,
        "bizTransactionList": BOL,
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-03-01T00:00:00.000Z", "deviceID": PROBE_URI},
                "sensorReport": [{"type": "Temperature", "value": 3.0, "uom": "CEL"}],
            }
        ],
    }


def test_unloading_ends_what_loading_began() -> None:
    loaded, unloaded = plain("loading"), plain("unloading")

    assert (unloaded["action"], unloaded["bizStep"]) == ("DELETE", "unloading")
    assert [unloaded[name] for name in ("parentID", "childQuantityList")] == [
        loaded[name] for name in ("parentID", "childQuantityList")
    ]
    assert unloaded["readPoint"] == DOCK_ID


def test_who_departs_is_expected_nowhere_until_it_arrives() -> None:
    assert plain("departing") == {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T00:20:00.000Z",
        "action": "OBSERVE",
        "bizStep": "departing",
        "disposition": "in_transit",
        "epcList": [VEHICLE],
        "quantityList": MILK,
        "readPoint": STATION_ID,
        "destinationList": [{"type": "location", "destination": PLANT_ID["id"]}],
    }


def test_the_way_is_a_summary_that_says_where_its_readings_are() -> None:
    assert plain("transporting") == {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T01:00:00.000Z",
        "action": "OBSERVE",
        "bizStep": "transporting",
        "disposition": "in_transit",
        "epcList": [VEHICLE],
        "quantityList": MILK,
        "sensorElementList": [
            {
                "sensorMetadata": {
                    "startTime": "2026-03-01T00:30:00.000Z",
                    "endTime": "2026-03-01T01:00:00.000Z",
                    "deviceID": PROBE_URI,
                    "rawData": f"{OWN}/api/v1/readings?from=30&to=60",
                },
                "sensorReport": [
                    {"type": "Temperature", "minValue": 3.1, "maxValue": 4.25, "meanValue": 3.6, "uom": "CEL"}
                ],
            },
            {
                "sensorMetadata": {"time": "2026-03-01T01:00:00.000Z"},
                "sensorReport": [
                    {
                        "type": "Angle",
                        "value": degrees,
                        "component": component,
                        "uom": "DD",
                        "coordinateReferenceSystem": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                    }
                    for component, degrees in (("latitude", 39.9), ("longitude", 116.4))
                ],
            },
        ],
    }


def test_a_vehicle_arrives_and_its_goods_are_received() -> None:
    arrived, received = plain("arriving"), plain("receiving")

    assert arrived == {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T01:30:00.000Z",
        "action": "OBSERVE",
        "bizStep": "arriving",
        "epcList": [VEHICLE],
        "readPoint": PLANT_ID,
        "bizLocation": PLANT_ID,
    }
    assert received == {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T01:35:00.000Z",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "quantityList": MILK,
        "readPoint": DOCK_ID,
        "bizLocation": DOCK_ID,
        "bizTransactionList": BOL,
        "sourceList": [{"type": "location", "source": STATION_ID["id"]}],
    }


@pytest.mark.parametrize(
    ("name", "metadata", "report"),
    [
        ("excursion", {"startTime": "00:40", "endTime": "00:55"}, {"maxValue": 6.5}),
        ("excursion below", {"startTime": "00:40", "endTime": "00:55"}, {"minValue": -0.8}),
        ("excursion that lasts", {"time": "00:40"}, {"value": 6.5}),
    ],
)
def test_an_excursion_is_an_exception_with_the_rule_that_says_so(
    name: str, metadata: dict[str, str], report: dict[str, float]
) -> None:
    found = plain(name)

    assert (found["bizStep"], found["disposition"]) == ("transporting", "in_transit")
    assert (found["epcList"], found["quantityList"]) == ([VEHICLE], MILK)
    times = {key: f"2026-03-01T{time}:00.000Z" for key, time in metadata.items()}
    assert found["sensorElementList"] == [
        {
            "sensorMetadata": {**times, "deviceID": PROBE_URI, "bizRules": f"{OWN}/rule/sha256%3Aab12"},
            "sensorReport": [{"type": "Temperature", "exception": "ALARM_CONDITION", **report, "uom": "CEL"}],
        }
    ]


def test_an_excursion_in_a_cooler_is_no_transport() -> None:
    found = plain("excursion in a cooler")

    assert (found["bizStep"], found["readPoint"]) == ("sensor_reporting", PLANT_ID)
    assert found["epcList"] == ["https://id.gs1.org/8004/4000001111", PALLET]
    assert "disposition" not in found


def test_a_probe_that_fails_is_an_error_and_no_temperature() -> None:
    (element,) = plain("sensor_fault")["sensorElementList"]

    assert element["sensorReport"] == [
        {"type": "Temperature", "exception": "ERROR_CONDITION", "uriValue": f"{OWN}/fault/no-probe"}
    ]


@pytest.mark.parametrize(
    ("name", "step", "disposition", "persistent"),
    [
        ("inspecting", "inspecting", "conformant", None),
        ("inspecting, failed", "inspecting", "non_conformant", None),
        ("holding", "holding", "non_sellable_other", None),
        ("recalling", "holding", "recalled", {"set": ["recalled"]}),
        ("recall_lifted", "holding", "non_sellable_other", {"unset": ["recalled"]}),
        ("storing", "storing", "sellable_not_accessible", None),
    ],
)
def test_what_may_be_done_with_goods(
    name: str, step: str, disposition: str, persistent: dict[str, list[str]] | None
) -> None:
    found = plain(name)

    assert (found["type"], found["action"]) == ("ObjectEvent", "OBSERVE")
    assert (found["bizStep"], found["disposition"]) == (step, disposition)
    assert found.get("persistentDisposition") == persistent
    assert found["quantityList"] == (MILK if name == "inspecting" else YOGHURT)
    assert found.get("epcList") == (None if name == "inspecting" else [PALLET])
    assert found["bizLocation"] == PLANT_ID


def test_milk_becomes_products() -> None:
    found = plain("transforming")

    assert (found["type"], found["bizStep"]) == ("TransformationEvent", "creating_class_instance")
    assert (found["inputQuantityList"], found["outputQuantityList"]) == (MILK, YOGHURT)
    assert "action" not in found


def test_a_probe_is_fixed_to_an_asset_and_taken_off_again() -> None:
    fixed, off = plain("installing"), plain("removing")

    assert (fixed["type"], fixed["action"], fixed["bizStep"]) == ("AssociationEvent", "ADD", "installing")
    assert (off["action"], off["bizStep"]) == ("DELETE", "removing")
    assert fixed["parentID"] == off["parentID"] == "https://id.gs1.org/8004/4000001111"
    assert fixed["childEPCs"] == off["childEPCs"] == [PROBE_URI]


def test_a_hand_over_note_ties_goods_to_a_document() -> None:
    found = plain("handing_over")

    assert (found["type"], found["action"], found["bizTransactionList"]) == ("TransactionEvent", "ADD", BOL)
    assert found["quantityList"] == MILK


def test_telemetry_of_a_place_without_goods_is_about_the_place() -> None:
    found = plain("reporting")

    assert found["readPoint"] == PLANT_ID
    assert not {"epcList", "quantityList", "bizLocation", "disposition"} & set(found)


# -- what is refused ------------------------------------------------------------------------------------------


def test_a_summary_of_more_than_an_hour_would_hide_an_excursion() -> None:
    day = Summary(PROBE, MORNING_MS, MORNING_MS + LONGEST_SPAN_MS + 1, 2.0, 9.0, 4.0)
    hour = Summary(PROBE, MORNING_MS, MORNING_MS + LONGEST_SPAN_MS, 2.0, 9.0, 4.0)

    transporting(NAMES, at(60, measured=(hour,)), TANKER, RAW)
    with pytest.raises(ValueError, match="cut it with"):
        transporting(NAMES, at(61, measured=(day,)), TANKER, RAW)
    with pytest.raises(ValueError, match="cut it with"):
        reporting(NAMES, at(61, PLANT, measured=(day,)))


def test_a_hole_has_no_event_and_telemetry_has_a_place() -> None:
    with pytest.raises(ValueError, match="a hole has no event"):
        transporting(NAMES, at(60), TANKER, RAW)
    with pytest.raises(ValueError, match="of nowhere"):
        reporting(NAMES, at(60, measured=(SUMMARY,)))


def test_what_a_step_needs_is_asked_for() -> None:
    with pytest.raises(ValueError, match="needs its document"):
        handing_over(NAMES, at(1, STATION), RAW)
    for used, made, run in (((), (), "run-5"), (RAW.amounts, (), ""), ((), PRODUCT.amounts, "")):
        with pytest.raises(ValueError, match="a transformation needs"):
            transforming(NAMES, at(1, PLANT), used, made, run)


@pytest.mark.parametrize("minutes", [-841, 841])
def test_no_clock_is_farther_than_fourteen_hours_from_utc(minutes: int) -> None:
    assert (offset(840), offset(-840)) == ("+14:00", "-14:00")
    with pytest.raises(ValueError, match="no place is farther"):
        offset(minutes)


def test_a_wrong_key_of_a_fact_is_told_with_its_check_digit() -> None:
    with pytest.raises(Gs1Fault, match="its check digit is 4"):
        handing_over(NAMES, at(1, Site("plant", gln="4012345000055"), notes=(NOTE,)), Goods(RAW.amounts))


@pytest.mark.parametrize(
    ("start", "end", "span", "cuts"),
    [
        (20, 70, 30, [20, 30, 60, 70]),
        (30, 60, 30, [30, 60]),
        (31, 59, 30, [31, 59]),
        (0, 120, 60, [0, 60, 120]),
        (5, 5, 15, []),
    ],
)
def test_a_trip_is_cut_at_the_same_places_by_every_export(start: int, end: int, span: int, cuts: list[int]) -> None:
    found = spans(start * MINUTE_MS, end * MINUTE_MS, span * MINUTE_MS)

    assert [piece for piece, _ in found] + [piece for _, piece in found[-1:]] == [cut * MINUTE_MS for cut in cuts]
    assert all(before == after for (_, before), (after, _) in pairwise(found))


@pytest.mark.parametrize("minutes", [14, 61])
def test_a_summary_covers_fifteen_to_sixty_minutes(minutes: int) -> None:
    with pytest.raises(ValueError, match="a summary of"):
        spans(0, MINUTE_MS, minutes * MINUTE_MS)
