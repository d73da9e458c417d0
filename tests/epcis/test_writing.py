"""Files of events: the same facts are the same bytes; what was sent is declared wrong and never changed."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.epcis.naming import Names
from coldchain.epcis.steps import arriving, departing, receiving
from coldchain.epcis.structs import AnyEvent
from coldchain.epcis.writing import corrected, identified, written
from coldchain.errors import ConfigError
from tests.epcis.milk import DOCK, MORNING_MS, NAMES, PLANT, PRODUCT, RAW, STATION, TANKER, at, events


def listed(document: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(document)["epcisBody"]["eventList"]
    return found


def test_one_event_is_these_bytes() -> None:
    # The id as well: another one for the same facts would double every event at whoever has the first.
    assert written([arriving(NAMES, at(90, PLANT), TANKER)], MORNING_MS) == (
        b'{"type":"EPCISDocument",'
        b'"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],'
        b'"schemaVersion":"2.0","creationDate":"2026-03-01T00:00:00.000Z","epcisBody":{"eventList":['
        b'{"type":"ObjectEvent","eventTime":"2026-03-01T01:30:00.000Z","eventTimeZoneOffset":"+08:00",'
        b'"eventID":"urn:uuid:b68fa14a-1eff-5635-bef0-4dfdc1599537",'
        b'"bizStep":"arriving",'
        b'"readPoint":{"id":"https://id.gs1.org/414/4012345000054"},'
        b'"bizLocation":{"id":"https://id.gs1.org/414/4012345000054"},'
        b'"action":"OBSERVE","epcList":["https://dairy.example.org/vehicle/%E4%BA%ACA12345"]}]}}'
    )


@given(st.permutations(list(events().values())))
def test_the_order_in_which_events_come_changes_no_byte(shuffled: list[AnyEvent]) -> None:
    assert written([*shuffled, shuffled[0]], MORNING_MS) == written(events().values(), MORNING_MS)


def test_every_event_stands_once_and_by_time() -> None:
    found = listed(written(events().values(), MORNING_MS))

    times = [str(event["eventTime"]) for event in found]
    assert len(found) == len(events())
    assert times == sorted(times)


def test_the_same_facts_have_the_same_id_and_other_facts_another() -> None:
    one = departing(NAMES, at(20, STATION), TANKER, RAW, PLANT)

    assert departing(NAMES, at(20, STATION), TANKER, RAW, PLANT).event_id == one.event_id
    others = [
        departing(NAMES, at(21, STATION), TANKER, RAW, PLANT),
        departing(NAMES, at(20, PLANT), TANKER, RAW, PLANT),
        departing(NAMES, at(20, STATION), TANKER, PRODUCT, PLANT),
        departing(NAMES, at(20, STATION), TANKER, RAW),
        departing(NAMES, at(20, STATION, offset_min=0), TANKER, RAW, PLANT),
        departing(Names("https://other.example.org"), at(20, STATION), TANKER, RAW, PLANT),
    ]
    assert len({one.event_id, *(other.event_id for other in others)}) == 7


def test_an_id_does_not_hang_on_an_id_or_a_declaration_that_is_there() -> None:
    one = events()["loading"]

    assert identified(corrected(one, MORNING_MS)).event_id == one.event_id


# -- corrections ----------------------------------------------------------------------------------------------


def test_a_correction_is_the_event_as_it_was_sent_with_a_declaration() -> None:
    found = events()
    wrong, right = found["receiving, wrong"], found["receiving"]

    declared = corrected(wrong, MORNING_MS, [right])

    assert declared.error_declaration is not None
    assert msgspec.json.decode(msgspec.json.encode(declared.error_declaration)) == {
        "declarationTime": "2026-03-01T00:00:00.000Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": [right.event_id],
    }
    assert msgspec.structs.replace(declared, error_declaration=None) == wrong


def test_what_did_not_happen_is_corrected_by_nothing() -> None:
    declared = corrected(events()["receiving, wrong"], MORNING_MS)

    assert declared.error_declaration is not None
    assert declared.error_declaration.reason == "did_not_occur"
    assert declared.error_declaration.corrective_event_ids == ()


def test_the_wrong_event_its_declaration_and_what_took_its_place_stand_side_by_side() -> None:
    wrong = receiving(NAMES, at(95, DOCK), PRODUCT)
    right = receiving(NAMES, at(95, DOCK), RAW)
    declared = [corrected(wrong, MORNING_MS, [right]), corrected(wrong, MORNING_MS)]

    for order in itertools.permutations([wrong, right, *declared]):
        found = listed(written(order, MORNING_MS))
        assert len(found) == 4
        assert [event["eventID"] for event in found].count(wrong.event_id) == 3


def test_a_correction_that_cannot_be_is_refused() -> None:
    one, other = events()["loading"], events()["unloading"]
    nameless = msgspec.structs.replace(one, event_id=None)

    for wrong, by, match in (
        (nameless, [other], "without an id"),
        (other, [nameless], "without an id"),
        (one, [one], "the same as what it corrects"),
        (corrected(one, MORNING_MS), [other], "was declared wrong before"),
    ):
        with pytest.raises(ValueError, match=match):
            corrected(wrong, MORNING_MS, by)


def test_nothing_wrong_leaves_the_house() -> None:
    wrong = msgspec.structs.replace(events()["loading"], biz_step="collected", event_time="yesterday")

    with pytest.raises(ConfigError) as refused:
        written([wrong], MORNING_MS)

    assert [fault.partition(": ")[0] for fault in refused.value.faults] == [
        "/epcisBody/eventList/0/eventTime",
        "/epcisBody/eventList/0/bizStep",
    ]
