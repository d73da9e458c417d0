"""What the checker refuses, with its place; and that it lets pass what GS1 itself publishes as right."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from coldchain.epcis.checking import Fault, check
from coldchain.epcis.words import FAULT_WORDS
from coldchain.epcis.writing import written
from tests.epcis.milk import MORNING_MS, events

EVENT = "/epcisBody/eventList/0"
REPORT = f"{EVENT}/sensorElementList/0/sensorReport/0"
METADATA = f"{EVENT}/sensorElementList/0/sensorMetadata"


def document(*found: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T00:00:00Z",
        "epcisBody": {"eventList": list(found)},
    }


def exported(name: str) -> dict[str, Any]:
    """Return a document of one event of ours, as others decode it."""
    found: dict[str, Any] = msgspec.json.decode(written([events()[name]], MORNING_MS))
    return found


def sensed(metadata: dict[str, Any], **report: Any) -> dict[str, Any]:
    """Return an observation of one temperature, as in GS1's examples with sensor data."""
    return {
        "type": "ObjectEvent",
        "eventTime": "2019-04-02T15:00:00.000+01:00",
        "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
        "sensorElementList": [
            {"sensorMetadata": metadata, "sensorReport": [{"type": "Temperature", "uom": "CEL"} | report]}
        ],
    }


SPAN = {"startTime": "2019-04-02T13:55:01.000+01:00", "endTime": "2019-04-02T14:55:00.000+01:00"}


def faults(found: object) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in check(found)]


@pytest.mark.parametrize("name", events())
def test_every_event_that_is_made_here_is_right(name: str) -> None:
    assert check(exported(name)) == []


# Values as in GS1's published examples with sensor data (numbers 2, 3, 4, 9, 14 and one exception of a pallet).
PUBLISHED = {
    "compacted": sensed(
        {**SPAN, "deviceID": "urn:epc:id:giai:4000001.111", "rawData": "https://example.org/giai/401234599999"},
        minValue=26.0, maxValue=26.2, meanValue=26.1, sDev=0.1,
    ),
    "of a place": sensed(
        {"startTime": "2019-04-01T15:00:00.000+01:00", "endTime": "2019-04-02T14:59:59.999+01:00"},
        minValue=12.4, maxValue=13.8,
    ) | {"epcList": []},
    "of 150 kg": sensed({"time": "2019-04-02T14:55:00.000+01:00"}, value=26.0, deviceID="urn:epc:id:giai:4000001.111")
    | {
        "epcList": [],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:4023333.002000.2019-10-07", "quantity": 150, "uom": "KGM"}],
    },
    "own words and extensions": sensed({}, value=20.9, **{"ex:feature": "ex:ambiance"})
    | {"bizStep": "https://ns.example.com/cooling", "ex:who": {"any": "thing"}},
    "a birth with a certificate": {
        "type": "ObjectEvent", "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "ADD",
        "recordTime": "2026-03-01T00:00:01Z", "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
        "certificationInfo": ["https://example.org/cert/1"], "ilmd": {"ex:bestBefore": "2026-04-01"},
        "persistentDisposition": {"set": ["available"], "unset": ["recalled"]},
        "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:sgln:4012345.00005.0"}],
    },
    "a resolver of one's own": sensed({}, value=15.1, bizRules="https://id.gs1.org/253/9521565678002100",
                                      exception="ALARM_CONDITION")
    | {"epcList": ["https://id.example.com/8003/040123450007718765"],
       "readPoint": {"id": "https://id.example.com/414/4012345000054"}},
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_gs1_publishes_as_right_is_right(name: str) -> None:
    assert faults(document(PUBLISHED[name])) == []


def test_a_span_that_runs_backwards_with_its_smallest_above_its_largest_is_refused() -> None:
    # As a published template for "prove temperature compliance" has it.
    wrong = sensed(
        {"startTime": "2022-06-15T07:59:00+02:00", "endTime": "2022-06-15T07:55:00+02:00"}, minValue=12.1, maxValue=12.0
    )

    found = check(document(wrong))

    assert [fault.said() for fault in found] == [
        f"{METADATA}: startTime 2022-06-15T07:59:00+02:00 is after endTime 2022-06-15T07:55:00+02:00",
        f"{REPORT}: minValue 12.1 is above maxValue 12.0",
    ]


@pytest.mark.parametrize(
    ("metadata", "report", "wanted"),
    [
        ({"startTime": "2022-06-15T07:55:00Z"}, {"value": 1.0}, [(METADATA, "half-span")]),
        ({**SPAN, "time": "2019-04-02T14:00:00Z"}, {"value": 1.0}, [(METADATA, "time-and-span")]),
        # the same moment in two time zones is no span that runs backwards
        ({"startTime": "2022-06-15T09:00:00+02:00", "endTime": "2022-06-15T07:00:00Z"}, {"value": 1.0}, []),
        ({"startTime": "2022-06-15T09:00:01+02:00", "endTime": "2022-06-15T07:00:00Z"}, {"value": 1.0},
         [(METADATA, "backwards")]),
        ({"deviceID": "urn:x:1"}, {"value": 1.0, "deviceID": "urn:x:1"}, [(REPORT, "inline-twice")]),
        ({"deviceID": "urn:x:1"}, {"value": 1.0, "rawData": "urn:x:2"}, []),
        ({"bizRules": "urn:x:1"}, {"value": 1.0, "bizRules": "urn:x:2"}, [(REPORT, "inline-twice")]),
        ({}, {"minValue": 2.0, "maxValue": 2.0, "meanValue": 2.0}, []),
        ({}, {"minValue": 2.0, "maxValue": 3.0, "meanValue": 3.1}, [(REPORT, "mean-outside")]),
        ({}, {"minValue": 2.0, "meanValue": 1.9}, [(REPORT, "mean-outside")]),
        ({}, {"value": 1.0, "uom": "DD"}, [(REPORT, "unit")]),
        ({}, {"value": 1.0, "uom": "°C"}, [(f"{REPORT}/uom", "uom"), (REPORT, "unit")]),
        ({}, {"value": "4.0"}, [(f"{REPORT}/value", "number")]),
        ({}, {"value": float("nan")}, [(f"{REPORT}/value", "number")]),
        ({}, {"value": True}, [(f"{REPORT}/value", "number")]),
        ({}, {"exception": "alarm"}, [(f"{REPORT}/exception", "no-word")]),
        ({}, {"type": "temperature"}, [(f"{REPORT}/type", "no-word")]),
        ({}, {"type": "https://gs1.org/voc/Temperature"}, [(f"{REPORT}/type", "no-word")]),
        ({}, {"feature": "air"}, [(f"{REPORT}/feature", "unknown-field")]),
        ({"time": "2022-06-15T07:55:00"}, {}, [(f"{METADATA}/time", "time")]),
    ],
)  # fmt: skip
def test_measurements_that_cannot_be(metadata: dict[str, Any], report: dict[str, Any], wanted: object) -> None:
    assert faults(document(sensed(metadata, **report))) == wanted


def test_a_number_without_a_unit_says_nothing() -> None:
    event = sensed({}, value=4.0)
    del event["sensorElementList"][0]["sensorReport"][0]["uom"]

    assert faults(document(event)) == [(REPORT, "no-unit")]


OBSERVED = {
    "type": "ObjectEvent", "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "OBSERVE",
    "epcList": ["urn:epc:id:sscc:0614141.1234567890"],
}  # fmt: skip
LOT = {"epcClass": "urn:epc:class:lgtin:4012345.012345.X"}


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"action": None}, "/action", "missing"),
        ({"action": "SEE"}, "/action", "no-word"),
        ({"action": "https://example.org/see"}, "/action", "no-word"),
        ({"epcList": None}, "", "nothing-seen"),
        ({"epcList": []}, "", "nothing-seen"),
        ({"epcList": [], "readPoint": {"id": "urn:x:1"}}, "", "nothing-seen"),
        ({"epcList": [], "sensorElementList": [{"sensorReport": [{"type": "Count"}]}]}, "", "nothing-seen"),
        ({"epcList": ["pallet-3"]}, "/epcList/0", "uri"),
        ({"epcList": ["https://dairy.example.org/vehicle/京A"]}, "/epcList/0", "uri"),
        ({"epcList": ["urn:x:1", "urn:x:1"]}, "/epcList", "twice"),
        ({"epcList": "urn:x:1"}, "/epcList", "no-list"),
        ({"epcList": ["https://id.gs1.org/00/106141412345678909"]}, "/epcList/0", "key"),
        ({"epcList": ["https://id.gs1.org/00/10614141234567890"]}, "/epcList/0", "key"),
        ({"epcList": ["https://example.org/01/04012345123457/21/1"]}, "/epcList/0", "key"),
        ({"epcList": ["urn:epc:id:sgtin:4012345.11111.9876"]}, "/epcList/0", "key"),
        ({"readPoint": {"id": "https://id.gs1.org/414/4012345000055"}}, "/readPoint/id", "key"),
        ({"readPoint": {}}, "/readPoint/id", "missing"),
        ({"readPoint": "urn:x:1"}, "/readPoint", "no-object"),
        ({"bizStep": "loaded"}, "/bizStep", "no-word"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:loading"}, "/bizStep", "no-word"),
        ({"bizStep": "https://ns.gs1.org/cbv/BizStep-loading"}, "/bizStep", "no-word"),
        ({"disposition": "cold"}, "/disposition", "no-word"),
        ({"eventTime": "2026-03-01"}, "/eventTime", "time"),
        ({"eventTime": "2026-02-30T00:00:00Z"}, "/eventTime", "time"),
        ({"eventTimeZoneOffset": "+8:00"}, "/eventTimeZoneOffset", "offset"),
        ({"eventTimeZoneOffset": "+14:30"}, "/eventTimeZoneOffset", "offset"),
        ({"eventTimeZoneOffset": None}, "/eventTimeZoneOffset", "missing"),
        ({"eventID": "1"}, "/eventID", "uri"),
        ({"quantityList": [{"quantity": 1}]}, "/quantityList/0/epcClass", "missing"),
        ({"quantityList": [LOT | {"ex:fat": 3.5}]}, "/quantityList/0/ex:fat", "unknown-field"),
        ({"bizTransactionList": [{"type": "note", "bizTransaction": "urn:x:1"}]},
         "/bizTransactionList/0/type", "no-word"),
        ({"sourceList": [{"source": "urn:x:1"}]}, "/sourceList/0/type", "missing"),
        ({"persistentDisposition": {}}, "/persistentDisposition", "no-state"),
        ({"persistentDisposition": {"set": []}}, "/persistentDisposition/set", "too-few"),
        ({"persistentDisposition": {"set": ["recalled", "recalled"]}}, "/persistentDisposition/set", "twice"),
        ({"errorDeclaration": {"reason": "did_not_occur"}}, "/errorDeclaration/declarationTime", "missing"),
        ({"errorDeclaration": {"declarationTime": "2026-03-01T00:00:00Z", "reason": "typo"}},
         "/errorDeclaration/reason", "no-word"),
        ({"errorDeclaration": {"declarationTime": "2026-03-01T00:00:00Z", "reason": "did_not_occur",
                               "correctiveEventIDs": ["urn:x:1"]}}, "/errorDeclaration", "nothing-to-correct"),
        ({"sensorElementList": [{"sensorReport": []}]}, "/sensorElementList/0/sensorReport", "too-few"),
        ({"ilmd": {}}, "/ilmd", "born-twice"),
        ({"temperature/max": 4}, "/temperature~1max", "unknown-field"),
        ({"type": "ColdEvent"}, "/type", "kind"),
        ({"type": "AggregationEvent", "epcList": None, "parentID": "urn:x:1"}, "", "no-children"),
        ({"type": "AggregationEvent", "epcList": None, "childQuantityList": [LOT], "action": "ADD"}, "", "no-parent"),
        ({"type": "AssociationEvent", "epcList": None, "childEPCs": ["urn:x:1"]}, "/parentID", "missing"),
        ({"type": "TransactionEvent"}, "/bizTransactionList", "missing"),
        ({"type": "TransactionEvent", "bizTransactionList": []}, "/bizTransactionList", "too-few"),
        ({"type": "TransactionEvent", "epcList": None, "bizTransactionList": [{"bizTransaction": "urn:x:1"}]},
         "", "nothing-seen"),
        ({"type": "TransformationEvent", "epcList": None, "action": None, "inputQuantityList": [LOT]},
         "", "one-sided"),
        ({"type": "TransformationEvent", "epcList": None, "action": None, "transformationID": "urn:x:1"},
         "", "one-sided"),
        ({"type": "TransformationEvent", "epcList": None, "inputQuantityList": [LOT], "outputQuantityList": [LOT]},
         "/action", "unknown-field"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused_with_its_place(change: dict[str, Any], place: str, code: str) -> None:
    event = {name: value for name, value in {**OBSERVED, **change}.items() if value is not None}

    assert faults(document(OBSERVED)) == []
    assert faults(document(event)) == [(EVENT + place, code)]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"type": "Document"}, [("/type", "no-document")]),
        ({"@context": "https://example.org/context"}, [("/@context", "no-context")]),
        ({"@context": [{}, "https://gs1.github.io/EPCIS/epcis-context.jsonld"]}, []),
        ({"@context": None}, [("/@context", "context"), ("/@context", "no-context")]),
        ({"schemaVersion": 2.0}, [("/schemaVersion", "version")]),
        ({"creationDate": "today"}, [("/creationDate", "time")]),
        ({"epcisBody": {}}, [("/epcisBody/eventList", "missing")]),
        ({"epcisBody": {"eventList": [7]}}, [(EVENT, "no-object")]),
        ({"format": "json"}, [("/format", "unknown-field")]),
    ],
)
def test_a_document_that_cannot_be_is_refused(change: dict[str, Any], wanted: object) -> None:
    assert faults({**document(OBSERVED), **change}) == wanted


def test_what_is_no_object_is_no_document() -> None:
    for nothing in (None, "x", 7):
        assert faults(nothing) == [("/type", "no-document")]


def test_all_faults_are_told_at_once_in_both_languages() -> None:
    wrong = exported("loading")
    event = wrong["epcisBody"]["eventList"][0]
    event["bizStep"] = "loaded"
    event["readPoint"]["id"] = "https://id.gs1.org/414/4012345000055"

    found = check(wrong)

    wrong_gln = "https://id.gs1.org/414/4012345000055 (414):'4012345000055' 的校验位是 5,应为 4:请核对或重新扫描"
    assert [fault.said("zh") for fault in found] == [
        f"{EVENT}/bizStep: 'loaded' 不是 bizStep 的词",
        f"{EVENT}/readPoint/id: {wrong_gln}",
    ]
    assert all(zh and en for zh, en in FAULT_WORDS.values())
    assert Fault("", "no-document").said() == "/: not an EPCISDocument"
