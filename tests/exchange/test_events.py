"""Events out of the stores: each step with place, time, goods and what was measured; valid, and corrected."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins

from coldchain.clock import rfc3339
from coldchain.custody.goods import Lot, LotChange, LotGone, LotPlaced, LotShare
from coldchain.custody.recalls import Recall
from coldchain.custody.trips import TripVehicle
from coldchain.epcis import check, written
from coldchain.epcis.structs import AnyEvent
from coldchain.exchange.made import Made
from coldchain.exchange.selecting import Chosen, Wanted, chosen, every_of
from coldchain.exchange.sent import SentEvents
from coldchain.exchange.world import Out
from tests.exchange.stories import GLN, GTIN, OWN, facts, tell
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
    world.say(Lot("odd", "pasteurized", 7, "车"), LotPlaced("odd", "asset:room", hour(1), "scan"))

    (stored,) = document(chosen(facts(world), Wanted("lot", "odd")).events)

    assert stored["quantityList"] == [{"epcClass": f"{OWN}/lot/odd"}]


def end(world: World) -> None:
    """60 are in the cooler since 3:10: 40 are sold, 5 sampled, 3 lost and 2 destroyed; at 9 the lot is recalled."""
    world.say(
        LotGone("L1", hour(6.5), "sold", 40, "asset:cooler-1", paper="receipts 12"),
        LotGone("L1", hour(7), "sampled", 5, "asset:cooler-1", paper="R-5"),
        LotGone("L1", hour(7.5), "lost", 3, "asset:cooler-1"),
        LotGone("L1", hour(8), "destroyed", 2, "asset:cooler-1", paper="D-2"),
        Recall("r1", 1, hour(9), ("L1",)),
        Recall("drill", 1, hour(9), ("L1",), drill=True),
    )


def test_how_goods_ended_is_told_in_gs1s_words(world: World) -> None:
    end(world)

    events = document(chosen(facts(world), Wanted("lot", "L1")).events)

    ends = [one for one in events if rfc3339(hour(6.2)) < one["eventTime"] < rfc3339(hour(8.5))]
    assert [
        (one["bizStep"], one["disposition"], one["action"], one["quantityList"][0]["quantity"], one["readPoint"]["id"])
        for one in ends
    ] == [
        ("retail_selling", "retail_sold", "OBSERVE", 40, SHOP),
        ("sampling", "non_sellable_other", "OBSERVE", 5, SHOP),
        ("other", "unknown", "OBSERVE", 3, SHOP),
        ("destroying", "destroyed", "DELETE", 2, SHOP),
    ]
    assert [one.get("bizTransactionList") for one in ends] == [
        [{"type": "inv", "bizTransaction": f"{OWN}/inv/receipts%2012"}],
        [{"type": "testres", "bizTransaction": f"{OWN}/testres/R-5"}],
        None,
        [{"type": "cert", "bizTransaction": f"{OWN}/cert/D-2"}],
    ]
    assert not any("bizLocation" in one for one in ends)  # nothing of them is there any more


def test_a_recall_is_told_wherever_some_of_the_lot_lies_and_a_drill_is_not(world: World) -> None:
    end(world)

    events = document(chosen(facts(world), Wanted("lot", "L1")).events)

    recalled = [one for one in events if one.get("disposition") == "recalled"]
    assert [(one["bizLocation"]["id"], one["quantityList"][0]["quantity"]) for one in recalled] in (
        [(f"{OWN}/site/dc", 40), (SHOP, 10)], [(SHOP, 10), (f"{OWN}/site/dc", 40)],
    )  # fmt: skip
    for one in recalled:
        assert one["eventTime"] == rfc3339(hour(9))
        assert one["persistentDisposition"] == {"set": ["recalled"]}
        assert one["bizTransactionList"] == [{"bizTransaction": f"{OWN}/recall/r1"}]


def test_what_is_made_of_a_recalled_lot_later_is_recalled_as_soon_as_it_is_made(world: World) -> None:
    end(world)
    world.say(
        Lot("L2", "pasteurized", 10, "件"),
        LotChange("c", "split", hour(11), (LotShare("L1", 10, "asset:room"),), (LotShare("L2", 10, "asset:room"),)),
    )

    events = document(chosen(facts(world), Wanted("lot", "L2")).events)

    recalled = [one for one in events if one.get("disposition") == "recalled"]
    assert [(one["eventTime"], one["quantityList"][0]["quantity"]) for one in recalled] == [(rfc3339(hour(11)), 10)]


def test_a_lot_number_that_gs1_cannot_write_is_no_hindrance(world: World) -> None:
    world.say(
        Lot("odd", "pasteurized", 7, "件", gtin=GTIN, number="甲-7"), LotPlaced("odd", "asset:room", hour(1), "scan")
    )

    (stored,) = document(chosen(facts(world), Wanted("lot", "odd")).events)

    assert stored["quantityList"] == [{"epcClass": f"{OWN}/lot/odd", "quantity": 7}]


def test_every_event_is_valid_by_gs1s_own_schema(world: World) -> None:
    path = os.environ.get("COLDCHAIN_EPCIS_SCHEMA")
    if not path:
        pytest.skip("COLDCHAIN_EPCIS_SCHEMA names no copy of GS1's EPCIS-JSON-Schema.json")
    jsonschema = pytest.importorskip("jsonschema")
    end(world)
    made = chosen(facts(world, outs={"truck-2.product": [OUT]}), Wanted("lot", "L1")).events
    made += chosen(facts(world), Wanted("site", "dc", hour(0), hour(3))).events

    jsonschema.validate(json.loads(written((one.event for one in made), hour(24))), json.loads(Path(path).read_text()))


# -- what was sent --------------------------------------------------------------------------------------------


def send(world: World, sent: SentEvents, at: float = 24, kind: str = "lot", name: str = "L1") -> list[dict[str, Any]]:
    wanted = Wanted(kind, name)
    events, last = sent.send(lambda told: chosen(facts(world, at), wanted, told), wanted, hour(at), limit=1000)
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
        opened.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(24), limit=1000)
    world.say(TripVehicle("t1", "v1", hour(2)))

    found: list[AnyEvent] = []
    after: tuple[str, str] | None = None
    for _ in range(100):
        events, last = sent.send(
            lambda told: chosen(facts(world), wanted, told), wanted, hour(26), limit=3, after=after
        )
        found += events
        if last is None:
            break
        after = last
    everything, _ = whole.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(26), limit=1000)

    assert written(found, 0) == written(everything, 0)
    whole.close()


def test_the_pages_of_an_answer_are_made_once(world: World, sent: SentEvents) -> None:
    asked: list[str] = []

    def make(told: Sequence[str]) -> Chosen:
        asked.append("made")
        return chosen(facts(world), Wanted("lot", "L1"), told)

    pages, after = 0, None
    while pages == 0 or after is not None:
        _, after = sent.send(make, Wanted("lot", "L1"), hour(24), limit=3, after=after)
        pages += 1
    sent.send(make, Wanted("lot", "L1"), hour(24), limit=3)

    assert pages > 3
    assert len(asked) == 2  # once for all pages, and once for who asks from the beginning again


def test_a_cursor_of_yesterday_is_answered_by_what_is_true_today(world: World, sent: SentEvents) -> None:
    wanted = Wanted("lot", "L1")
    _, last = sent.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(24), limit=3)
    end(world)

    rest, _ = sent.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(48), limit=1000, after=last)

    assert "retail_selling" in {one.biz_step for one in rest}


# -- corrections, whoever asks for what -----------------------------------------------------------------------


def check_all(world: World, sent: SentEvents, at: float) -> int:
    """Compare everything that was sent with what is true at an hour; return how many subjects that were."""
    number = 0
    while sent.check(lambda *wanted: every_of(facts(world, at), *wanted), hour(at), hour(at)):
        number += 1
    return number


def test_what_is_wrong_is_found_though_nobody_asks_for_it_again(world: World, sent: SentEvents) -> None:
    first = send(world, sent)
    loaded = next(one for one in first if one.get("bizStep") == "loading" and "readPoint" in one)
    assert check_all(world, sent, 25) == 2  # the lot and its trip
    assert sent.corrections(0, limit=1000) == ([], None)
    world.say(LotPlaced("L1", "trip:t1", hour(1), "trip", quantity=50, taken_from="asset:room", stop=0, paper="D-1"))

    check_all(world, sent, 26)
    check_all(world, sent, 27)

    events, last = sent.corrections(hour(25.5), limit=1000)
    raw = json.loads(written(events, hour(28)))
    assert (check(raw), last) == ([], None)
    found = raw["epcisBody"]["eventList"]
    (wrong,) = (one for one in found if one["eventID"] == loaded["eventID"])
    assert wrong["errorDeclaration"]["declarationTime"] == rfc3339(hour(26))
    (right,) = (one for one in found if one["eventID"] in wrong["errorDeclaration"]["correctiveEventIDs"])
    assert right["childQuantityList"] == [{"epcClass": LOT, "quantity": 50.0}]
    assert sent.corrections(hour(26.5), limit=1000) == ([], None)  # nothing is declared twice
    again = {one["eventID"] for one in send(world, sent, 30) if "errorDeclaration" in one}
    assert again == {one["eventID"] for one in found if "errorDeclaration" in one}


def test_corrections_come_page_by_page(world: World, sent: SentEvents) -> None:
    send(world, sent)
    world.say(TripVehicle("t1", "v1", hour(2)))
    check_all(world, sent, 26)
    whole = {one.event_id for one in sent.corrections(0, limit=1000)[0] if one.error_declaration is not None}

    found: list[str | None] = []
    after: tuple[int, str] | None = None
    while True:
        events, after = sent.corrections(0, limit=2, after=after)
        found += [one.event_id for one in events if one.error_declaration is not None]
        if after is None:
            break

    assert len(whole) > 4
    assert sorted(map(str, found)) == sorted(map(str, whole))


def test_who_asks_the_same_again_hears_of_goods_that_never_were_there(world: World, sent: SentEvents) -> None:
    wanted = Wanted("site", "shop-1", hour(0), hour(12))
    world.say(Lot("L9", "pasteurized", 7, "件"), LotPlaced("L9", "site:shop-1", hour(4), "delivery"))
    first, _ = sent.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(24), limit=1000)
    (came,) = (one for one in first if "L9" in json.dumps(to_builtins(one)) and one.biz_step == "receiving")
    world.say(
        LotPlaced("L9", "site:shop-1", hour(4), "delivery", quantity=0),
        LotPlaced("L9", "asset:room", hour(4), "scan"),
    )

    second, _ = sent.send(lambda told: chosen(facts(world), wanted, told), wanted, hour(25), limit=1000)

    (wrong,) = (one for one in second if one.event_id == came.event_id)
    assert wrong.error_declaration is not None


def test_a_question_about_the_next_hours_takes_back_nothing_of_the_last(world: World, sent: SentEvents) -> None:
    world.measure("room", 0, [4.0] * 600)
    begin = hour(0) // 1_800_000 * 1_800_000
    found: list[str] = []
    for from_min, to_min in ((0, 240), (120, 240), (240, 480)):
        wanted = Wanted("site", "dc", begin + from_min * 60_000, begin + to_min * 60_000)
        events, _ = sent.send(lambda told, w=wanted: chosen(facts(world), w, told), wanted, hour(24), limit=1000)  # type: ignore[misc]
        found += [one.event_time for one in events if one.biz_step == "sensor_reporting"]
        assert not any(one.error_declaration for one in events)

    # each half hour that ended before minute 480, those that the second question repeats twice
    assert sorted(set(found)) == [rfc3339(begin + number * 1_800_000) for number in range(1, 16)]
    assert check_all(world, sent, 25) > 0
    assert sent.corrections(0, limit=1000) == ([], None)
