"""Events out of the stores: each step with place, time, goods and what was measured; valid, and corrected."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldchain.clock import rfc3339
from coldchain.custody.goods import LotPlaced
from coldchain.custody.trips import TripVehicle
from coldchain.epcis import check, written
from coldchain.exchange.made import Made
from coldchain.exchange.selecting import Wanted, chosen
from coldchain.exchange.sent import SentEvents
from coldchain.exchange.world import Out
from tests.exchange.stories import GLN, OWN, facts, tell
from tests.goods.stories import hour
from tests.goods.worlds import World, minutes

LOT = "https://id.gs1.org/01/09506000134352/10/A7"
SHOP = f"https://id.gs1.org/414/{GLN}"
V1, V2 = f"{OWN}/vehicle/v1", f"{OWN}/vehicle/v2"
OUT = Out(minutes(130), minutes(145), 9.0, True, "rule-7")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    tell(made)
    yield made
    made.close()


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[SentEvents]:
    opened = SentEvents.open(tmp_path / "epcis.db")
    yield opened
    opened.close()


def document(made: list[Made], at: float = 24) -> list[dict[str, Any]]:
    """Return the events of a document of them, as others read it."""
    raw = json.loads(written((one.event for one in made), hour(at)))
    assert check(raw) == []
    return raw["epcisBody"]["eventList"]  # type: ignore[no-any-return] # JSON


def steps(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (one["eventTime"][11:16], one.get("bizStep", ""), (one.get("readPoint") or {}).get("id", "")) for one in events
    ]


def clock(at_min: float) -> str:
    return rfc3339(minutes(at_min))[11:16]


def test_a_lots_way_is_told_step_by_step(world: World) -> None:
    events = document(chosen(facts(world), Wanted("lot", "L1")).events)

    dc, room = f"{OWN}/site/dc", f"{OWN}/site/dc/room"
    assert sorted(one for one in steps(events) if one[1] != "transporting") == sorted([
        (clock(0), "storing", room),
        (clock(60), "loading", dc),
        (clock(65), "departing", dc),
        (clock(120), "unloading", ""),
        (clock(120), "loading", ""),
        (clock(178), "arriving", SHOP),
        (clock(180), "unloading", SHOP),
        (clock(180), "receiving", SHOP),
        (clock(190), "storing", SHOP),
        (clock(300), "holding", SHOP),
        (clock(360), "inspecting", SHOP),
    ])  # fmt: skip
    loading = next(one for one in events if one.get("bizStep") == "loading")
    assert (loading["parentID"], loading["childQuantityList"]) == (V1, [{"epcClass": LOT, "quantity": 60.0}])
    assert loading["bizTransactionList"] == [{"type": "bol", "bizTransaction": f"{OWN}/bol/D-1"}]
    received = next(one for one in events if one.get("bizStep") == "receiving")
    assert received["sourceList"] == [{"type": "location", "source": dc}]
    stored = [one["disposition"] for one in events if one.get("bizStep") == "storing"]
    assert stored == ["sellable_not_accessible", "sellable_accessible"]
    assert [one["disposition"] for one in events if one.get("bizStep") == "inspecting"] == ["non_conformant"]


def test_what_a_person_said_of_a_stop_goes_before_the_positions(world: World) -> None:
    events = document(chosen(facts(world), Wanted("trip", "t1")).events)

    assert [one["eventTime"] for one in events if one.get("bizStep") == "departing"] == [rfc3339(minutes(65))]
    assert [one["eventTime"] for one in events if one.get("bizStep") == "arriving"] == [rfc3339(minutes(178))]


def test_on_the_way_each_half_hour_says_how_warm_in_which_truck_and_how_long_out_of_a_limit(world: World) -> None:
    outs = {"truck-2.product": [OUT]}

    events = document(chosen(facts(world, outs=outs), Wanted("trip", "t1")).events)

    found = []
    for one in (one for one in events if one.get("bizStep") == "transporting" and "disposition" in one):
        elements = one["sensorElementList"]
        warm = [
            (report["minValue"], report["maxValue"], report["meanValue"])
            for element in elements
            for report in element["sensorReport"]
            if report["type"] == "Temperature" and "meanValue" in report
        ]
        out = [
            (report["value"], report["uom"], element["sensorMetadata"]["bizRules"])
            for element in elements
            for report in element["sensorReport"]
            if report["type"] == "Time"
        ]
        if warm:
            found.append((one["eventTime"][11:16], one["epcList"][0], warm, out))
    # spans are cut at whole half hours of UTC, at the change of the truck, and where nothing was heard for 10 min
    assert found[0][:3] == (clock(_cut(65)), V1, [(6, 6, 6)])
    assert {vehicle for at, vehicle, _, _ in found if at > clock(120)} == {V2}
    assert sum(value for _, _, _, out in found for value, _, _ in out) == pytest.approx(15)
    assert {rule for _, _, _, out in found for _, _, rule in out} == {f"{OWN}/rule/rule-7"}
    values = {one for _, vehicle, warm, _ in found if vehicle == V2 for one in warm}
    assert values == {(9, 9, 9), (8, 8, 8)}


def _cut(at_min: int) -> float:
    """Return the next whole half hour of UTC behind a minute of the story."""
    return (minutes(at_min) // 1_800_000 + 1) * 30 - hour(0) / 60_000


def test_an_excursion_names_the_rule_and_the_goods_that_were_there(world: World) -> None:
    events = document(chosen(facts(world, outs={"truck-2.product": [OUT]}), Wanted("lot", "L1")).events)

    (found,) = [
        one
        for one in events
        for element in one.get("sensorElementList", ())
        for report in element["sensorReport"]
        if report.get("exception") == "ALARM_CONDITION" and report["type"] == "Temperature"
    ]
    metadata = found["sensorElementList"][0]["sensorMetadata"]
    assert (found["epcList"], found["quantityList"]) == ([V2], [{"epcClass": LOT, "quantity": 60.0}])
    assert (metadata["startTime"], metadata["endTime"]) == (rfc3339(minutes(130)), rfc3339(minutes(145)))
    assert metadata["bizRules"] == f"{OWN}/rule/rule-7"
    assert found["sensorElementList"][0]["sensorReport"][0]["maxValue"] == 9


def test_a_site_tells_how_warm_it_was_and_nothing_of_holes(world: World) -> None:
    world.measure("room", 0, [4.0] * 60)

    made = chosen(facts(world), Wanted("site", "dc", hour(0), hour(3))).events

    warm = [one for one in document(made) if one.get("bizStep") == "sensor_reporting"]
    assert [one["readPoint"]["id"] for one in warm] == [f"{OWN}/site/dc/room"] * len(warm)
    assert len(warm) in (1, 2)  # whole half hours within the hour that was measured
    assert {one["bizStep"] for one in document(made)} == {"storing", "loading", "departing", "sensor_reporting"}


def test_a_unit_without_a_code_goes_without_its_quantity(world: World) -> None:
    from coldchain.custody.goods import Lot

    world.say(Lot("odd", "pasteurized", 7, "车"), LotPlaced("odd", "asset:room", hour(1), "scan"))

    (stored,) = document(chosen(facts(world), Wanted("lot", "odd")).events)

    assert stored["quantityList"] == [{"epcClass": f"{OWN}/lot/odd"}]


def test_every_event_is_valid_by_gs1s_own_schema(world: World) -> None:
    path = os.environ.get("COLDCHAIN_EPCIS_SCHEMA")
    if not path:
        pytest.skip("COLDCHAIN_EPCIS_SCHEMA names no copy of GS1's EPCIS-JSON-Schema.json")
    jsonschema = pytest.importorskip("jsonschema")
    made = chosen(facts(world, outs={"truck-2.product": [OUT]}), Wanted("lot", "L1")).events
    made += chosen(facts(world), Wanted("site", "dc", hour(0), hour(3))).events

    jsonschema.validate(json.loads(written((one.event for one in made), hour(24))), json.loads(Path(path).read_text()))


# -- what was sent --------------------------------------------------------------------------------------------


def send(world: World, sent: SentEvents, at: float = 24, kind: str = "lot", name: str = "L1") -> list[dict[str, Any]]:
    wanted = Wanted(kind, name)
    events, last = sent.send(chosen(facts(world, at), wanted), wanted, hour(at), limit=1000)
    assert last is None
    raw = json.loads(written(events, hour(at)))
    assert check(raw) == []
    return raw["epcisBody"]["eventList"]  # type: ignore[no-any-return] # JSON


def test_asked_again_the_same_events_go_out_with_the_same_ids(world: World, sent: SentEvents) -> None:
    assert send(world, sent) == send(world, sent, 30)


def test_what_was_sent_and_turns_out_wrong_is_declared_with_what_is_right(world: World, sent: SentEvents) -> None:
    first = send(world, sent)
    loaded = next(one for one in first if one.get("bizStep") == "loading" and "readPoint" in one)
    world.say(LotPlaced("L1", "trip:t1", hour(1), "trip", quantity=50, taken_from="asset:room", stop=0, paper="D-1"))

    second = send(world, sent, 26)

    wrong = [one for one in second if one["eventID"] == loaded["eventID"]]
    right = [one for one in second if one.get("bizStep") == "loading" and one.get("readPoint") == loaded["readPoint"]]
    (right,) = ([one for one in right if "errorDeclaration" not in one],)
    assert wrong == [
        loaded
        | {
            "errorDeclaration": {
                "declarationTime": rfc3339(hour(26)),
                "reason": "incorrect_data",
                "correctiveEventIDs": [right[0]["eventID"]],
            }
        }
    ]
    assert right[0]["childQuantityList"] == [{"epcClass": LOT, "quantity": 50.0}]
    third = send(world, sent, 30)
    assert third == second  # the same declaration, with its first time


def test_what_never_happened_is_declared_so_and_comes_back_under_another_id(world: World, sent: SentEvents) -> None:
    first = send(world, sent)
    stored = next(one for one in first if one["eventTime"] == rfc3339(minutes(190)))
    gone = LotPlaced("L1", "asset:cooler-1", minutes(190), "scan", quantity=0, taken_from="site:shop-1")
    world.say(gone)
    second = send(world, sent, 26)
    world.say(LotPlaced("L1", "asset:cooler-1", minutes(190), "scan", quantity=60, taken_from="site:shop-1"))

    third = send(world, sent, 27)

    (declared,) = [one for one in second if one["eventID"] == stored["eventID"]]
    assert declared["errorDeclaration"]["reason"] == "did_not_occur"
    again = [one for one in third if one["eventTime"] == stored["eventTime"] and "errorDeclaration" not in one]
    assert [one["eventID"] != stored["eventID"] for one in again] == [True]
    assert {**again[0], "eventID": stored["eventID"]} == stored


def test_another_truck_heard_of_late_corrects_what_was_sent(world: World, sent: SentEvents) -> None:
    first = send(world, sent, kind="trip", name="t1")
    world.say(TripVehicle("t1", "v1", hour(2)))  # it never changed

    second = send(world, sent, 26, kind="trip", name="t1")

    wrong = {one["eventID"] for one in second if "errorDeclaration" in one}
    named = {one["eventID"] for one in first if V2 in json.dumps(one)}
    out_of_v1 = {one["eventID"] for one in first if one.get("parentID") == V1 and one["bizStep"] == "unloading"}
    assert len(named) == 5
    assert wrong == named | out_of_v1
    assert not any(V2 in json.dumps(one) for one in second if "errorDeclaration" not in one)


def test_pages_together_are_the_whole_and_correct_as_the_whole_does(
    world: World, sent: SentEvents, tmp_path: Path
) -> None:
    whole = SentEvents.open(tmp_path / "other.db")
    wanted = Wanted("lot", "L1")
    for opened in (whole, sent):
        opened.send(chosen(facts(world), wanted), wanted, hour(24), limit=1000)
    world.say(TripVehicle("t1", "v1", hour(2)))

    found, after = [], ("", "")
    for _ in range(100):
        events, last = sent.send(chosen(facts(world), wanted), wanted, hour(26), limit=3, after=after)
        found += events
        if last is None:
            break
        after = last
    everything, _ = whole.send(chosen(facts(world), wanted), wanted, hour(26), limit=1000)

    assert written(found, 0) == written(everything, 0)
    whole.close()
