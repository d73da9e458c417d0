"""Papers over the API: drawn up from the data, signed, repeated, refused, laid beside the data, placed as goods."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.history import LedgerHistory
from alerts.judge import Judge
from coldchain.batches import BatchDecoder
from coldchain.cli.papers_show import lines_of
from coldchain.clock import TestClock, rfc3339
from coldchain.custody import Lot, LotPlaced, Trip, TripMoment, TripStop, TripVehicle
from coldchain.custody.papers import (
    Celsius,
    Delivery,
    DeliveryLine,
    MilkNote,
    Paper,
    PaperEnd,
    Papering,
    PaperVoid,
    Photo,
)
from coldchain.ledger.port import Kind
from coldchain.papers.photos import Photos
from coldchain.papers.verdicts import PHOTO_BYTES
from coldchain.projection import catch_up
from coldchain.registry import Asset, Binding, Node, Operator, Point, Probe, Site, Vehicle, decode_change
from coldchain.senml import Row
from dashboards.app import create_app
from ingest.projections import GoodsProjection, LatestProjection, PaperProjection, SeriesProjection
from tests.dashboards.test_api import House
from tests.dashboards.test_lots import OneAlarm
from tests.dashboards.web import TestClient
from tests.papers.stories import CAME, DELIVERY, NOTE, all_signed, hour, signed
from tests.support import MINUTE_MS, SealingNode, put

STATION, PLANT, SHOP = (31.0, 121.0), (31.2, 121.0), (31.1, 121.1)
PICTURE = b"\xff\xd8\xff\xe0 a picture of swollen packs"


def channel(name: str) -> str:
    return f"urn:dev:v1:{name}"


class Yard:
    """The API over a tanker v1, a truck v2 with one box, a station, a plant, a shop with a cooler, two trips."""

    def __init__(self, house: House, client: TestClient) -> None:
        self.house, self.client = house, client
        self.node = SealingNode("gw-v1")
        self._projections = (GoodsProjection(house.goods), PaperProjection(house.papers))
        decoder = BatchDecoder()
        self._judge = Judge(house.alerts, house.ledger, LedgerHistory(house.ledger, decoder), house.clock, decoder)

    def settle(self) -> None:
        decoder = BatchDecoder()
        catch_up(SeriesProjection(self.house.ledger, self.house.series, decoder), self.house.ledger)
        catch_up(LatestProjection(self.house.ledger, self.house.latest, decoder, self.house.series), self.house.ledger)
        for projection in self._projections:
            catch_up(projection, self.house.ledger)
        catch_up(self._judge, self.house.ledger)
        self._judge.settle()

    def at(self, hours: float) -> None:
        assert isinstance(self.house.clock, TestClock)
        self.house.clock.step_wall(hour(hours) - self.house.clock.now_ms())

    def say(self, *puts: Papering, who: str = "clerk", status: int = 201, **headers: str) -> Any:
        body = {"who": who, "why": "because", "entries": [msgspec.to_builtins(one) for one in puts]}
        answer = self.client.post("/api/v1/papers", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == status, answer.text
        return answer.json()

    def placed(self) -> list[LotPlaced]:
        entries = (one for one in self.house.ledger.read(0, 10_000) if one.kind is Kind.CHANGE)
        changes = (decode_change(one.raw).change for one in entries)
        return [one for one in changes if isinstance(one, LotPlaced) and one.how == "delivery"]


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    house = House(tmp_path)
    node = SealingNode("gw-v1")
    names = {"milk": ("tank", "milk"), "air": ("body", "return-air"), "goods": ("body", "product")}
    put(
        house.ledger, Operator("dairy", "Dairy"),
        *(
            Site(name, name, kind, "dairy", latitude=place[0], longitude=place[1], coordinates="WGS-84")
            for name, kind, place in (("st", "station", STATION), ("plant", "plant", PLANT), ("s1", "shop", SHOP))
        ),
        Site("v1", "Tanker", "vehicle", "dairy"), Site("v2", "Truck", "vehicle", "dairy"),
        Vehicle("v1", "沪A·12345", milk_permit="准-7"), Vehicle("v2", "沪A·54321"),
        Asset("tank", "Tank", "tanker", "v1"), Asset("body", "Body", "reefer", "v2"),
        Asset("c1", "Cooler", "glass-door-cooler", "s1"),
        Node("gw-v1", "v1", (node.public_key.hex(),), grants=(channel("air"), channel("goods"))),
        *(Point(f"p-{name}", *where, "temperature", 300) for name, where in names.items()),
        *(Point(f"p-{name}", "tank", "receiver", name, 60) for name in ("latitude", "longitude")),
        *(Probe(channel(name)) for name in (*names, "latitude", "longitude")),
        *(Binding(channel(name), f"p-{name}", 0) for name in (*names, "latitude", "longitude")),
        Trip(
            "t1", "raw-milk", "v1", (TripStop("st", "load", hour(0), hour(1)), TripStop("plant", "unload", hour(3))),
            driver="李四", escort="王五",
        ),
        Trip(
            "t7", "distribution", "v2", (TripStop("dc", "load"), TripStop("s1", "unload", hour(8))),
            driver="李四", order="O-9",
        ),
        TripMoment("t7", "arrived", hour(8), 1),
        Lot("M", "raw_milk", 1000, "kg"),
        Lot("L1", "pasteurized", 40, "件", number="B1", expires="2023-11-30"), Lot("L2", "pasteurized", 20, "件"),
        LotPlaced("M", "asset:tank", hour(1), "trip", trip="t1", stop=0),
        LotPlaced("L1", "asset:body", hour(5), "trip", trip="t7", stop=0),
        LotPlaced("L2", "asset:body", hour(5), "trip", trip="t7", stop=0),
    )  # fmt: skip
    rows = [Row(channel("milk"), hour(at / 12), 3.0 + at / 100, "Cel") for at in range(49)]
    rows += [Row(channel("air"), hour(at / 12), 4.0 + at / 1000, "Cel") for at in range(80, 110)]
    rows += [Row(channel("goods"), hour(at / 12), 5.5, "Cel") for at in range(80, 110)]
    for minute in range(260):  # at the station until 01:05, on the way, at the plant from 02:50
        share = min(max((minute - 65) / 105, 0.0), 1.0)
        there = STATION[0] + share * (PLANT[0] - STATION[0])
        rows.append(Row(channel("latitude"), hour(0) + minute * MINUTE_MS, there, "lat"))
        rows.append(Row(channel("longitude"), hour(0) + minute * MINUTE_MS, 121.0, "lon"))
    node.append(house.ledger, rows, hour(12))
    sources = dataclasses.replace(house.sources, alarms=OneAlarm(house.alerts.engine))
    with TestClient(create_app(sources)) as client:
        made = Yard(house, client)
        made.at(10)
        made.settle()
        yield made
    house.close()


def drawn(content: dict[str, Any], kind: type[Any], **more: Any) -> Any:
    return msgspec.structs.replace(msgspec.convert(content, kind), **more)


# -- drawn up from the data -----------------------------------------------------------------------------------


def test_a_note_is_drawn_up_from_plan_positions_and_the_tankers_own_probe(yard: Yard) -> None:
    (draft,) = yard.get("/trips/t1/drafts")["items"]

    note = drawn(draft["content"], MilkNote)
    assert (draft["stop"], draft["existing"]) == (0, [])
    assert (note.station, note.plant, note.plate, note.permit, note.driver, note.escort) == (
        "st", "plant", "沪A·12345", "准-7", "李四", "王五",
    )  # fmt: skip
    assert [(tank.tank, tank.quantity) for tank in note.tanks] == [("tank", 1000.0)]
    assert "permit" in note.from_data
    assert "departed" not in note.from_data
    # 22.24 km in 105 min are 212 m a minute: 300 m (fence and margin) after the second one, 400 m before the last one
    assert note.departed == PaperEnd(hour(67 / 60), "positions", (Celsius(3.13, "tank", "p-milk", hour(65 / 60)),))
    assert note.arrived == PaperEnd(hour(169 / 60), "positions", (Celsius(3.33, "tank", "p-milk", hour(165 / 60)),))


def test_a_delivery_is_drawn_up_from_what_was_said_and_the_air_that_comes_back(yard: Yard) -> None:
    (draft,) = yard.get("/trips/t7/drafts")["items"]

    delivery = drawn(draft["content"], Delivery)
    assert (draft["stop"], delivery.site, delivery.order, delivery.plate) == (1, "s1", "O-9", "沪A·54321")
    assert delivery.arrived == PaperEnd(hour(8), "said", (Celsius(4.1, "body", "p-air", hour(8)),))
    assert [(line.lot, line.number, line.delivered) for line in delivery.lines] == [
        ("L1", "B1", None),
        ("L2", "", None),
    ]


def test_an_arrival_that_was_said_since_the_trip_was_judged_counts_already(yard: Yard) -> None:
    put(
        yard.house.ledger,
        Trip("t8", "distribution", "v2", (TripStop("dc", "load"), TripStop("s1", "unload", hour(9)))),
        TripMoment("t8", "arrived", hour(9), 1),
    )
    catch_up(PaperProjection(yard.house.papers), yard.house.ledger)

    (draft,) = yard.get("/trips/t8/drafts")["items"]

    assert draft["content"]["arrived"] == {
        "at_ms": hour(9), "known_by": "said", "remark": "",
        "temperatures": [
            {"celsius": 4.11, "of": "body", "point": "p-air", "measured_ms": hour(9), "thermometer": ""}
        ],
    }  # fmt: skip


def test_after_a_change_of_vehicle_the_draft_is_of_the_one_that_came(yard: Yard) -> None:
    put(yard.house.ledger, TripVehicle("t7", "v1", hour(7)))
    yard.settle()

    (draft,) = yard.get("/trips/t7/drafts")["items"]

    assert draft["content"]["plate"] == "沪A·12345"


def test_a_draft_says_which_papers_of_its_stop_are_there(yard: Yard) -> None:
    yard.say(NOTE, msgspec.structs.replace(NOTE, id="N-2", station="other"), DELIVERY)
    yard.settle()

    assert yard.get("/trips/t1/drafts")["items"][0]["existing"] == ["N-1"]
    assert yard.get("/trips/t7/drafts")["items"][0]["existing"] == ["D-1"]
    assert yard.get("/trips/unknown/drafts", 404)["title"] == "no such trip"


def test_a_voided_paper_says_who_voided_it_and_why(yard: Yard) -> None:
    yard.say(DELIVERY)
    assert yard.get("/papers/D-1")["voided"] is None

    yard.say(PaperVoid("D-1", hour(9)), who="赵六")

    paper = yard.get("/papers/D-1")
    assert (paper["state"], paper["voided"]) == ("voided", {"at": rfc3339(hour(9)), "who": "赵六", "why": "because"})


# -- beside the data ------------------------------------------------------------------------------------------


def besides(yard: Yard, paper: Paper) -> dict[str, Any]:
    answer = yard.say(paper)
    return {one["field"]: one for one in answer["papers"][0]["beside"]}


def test_what_the_data_contradicts_is_told_beside_and_not_overwritten(yard: Yard) -> None:
    wrong = msgspec.structs.replace(
        NOTE, plate="沪B·1", departed=PaperEnd(hour(79 / 60), "typed", (Celsius(1.9, "tank"),)), arrived=CAME
    )

    found = besides(yard, wrong)

    left = found["departed.at_ms"]
    assert (left["source"], left["at"], left["differs"]) == ("positions", rfc3339(hour(67 / 60)), True)
    warm = found["departed.temperatures.0"]
    assert (warm["source"], warm["celsius"], warm["measured_at"]) == ("p-milk", 3.15, rfc3339(hour(75 / 60)))
    assert warm["differs"]  # by 1.25 K
    assert not found["arrived.temperatures.0"]["differs"]  # 4.0 written, 3.36 said
    assert (found["plate"]["text"], found["plate"]["differs"]) == ("沪A·12345", True)
    assert not found["escort"]["differs"]
    assert yard.get("/papers/N-1")["content"]["departed"]["temperatures"][0]["celsius"] == 1.9


@pytest.mark.parametrize(("minutes", "differs"), [(77, False), (77.1, True), (57, False), (56.9, True)])
def test_ten_minutes_do_not_differ_and_more_do(yard: Yard, minutes: float, differs: bool) -> None:
    found = besides(yard, msgspec.structs.replace(NOTE, departed=PaperEnd(hour(minutes / 60), "typed")))

    assert found["departed.at_ms"]["differs"] is differs


@pytest.mark.parametrize(("celsius", "differs"), [(4.1, False), (4.101, True), (2.1, False), (2.099, True)])
def test_one_kelvin_does_not_differ_and_more_does(yard: Yard, celsius: float, differs: bool) -> None:
    end = PaperEnd(hour(50 / 60), "typed", (Celsius(celsius, "tank"),))  # 3.10 was said then

    assert besides(yard, msgspec.structs.replace(NOTE, departed=end))["departed.temperatures.0"]["differs"] is differs


def test_where_the_data_knows_nothing_nothing_stands_beside(yard: Yard) -> None:
    other = msgspec.structs.replace(NOTE, trip="", vehicle="", departed=PaperEnd(hour(1), "typed", (Celsius(9.0),)))

    assert besides(yard, other) == {}


# -- signing --------------------------------------------------------------------------------------------------


def test_a_note_is_signed_by_four_and_then_nothing_of_it_changes(yard: Yard) -> None:
    yard.say(NOTE, *all_signed(NOTE, 1)[:3])
    received = msgspec.structs.replace(NOTE, arrived=CAME)
    yard.settle()

    answer = yard.say(received, signed(received, "receiver", 3), who="plant")

    (paper,) = answer["papers"]
    assert (paper["state"], paper["missing"]) == ("complete", [])
    assert [one["role"] for one in paper["signatures"] if one["counts"]] == ["handler", "escort", "driver", "receiver"]
    assert paper["to_sign"]["receiver"] == paper["hash"] == paper["signatures"][3]["hash"]
    yard.settle()
    end = yard.house.ledger.end()
    for late in (NOTE, msgspec.structs.replace(received, plate="x"), signed(received, "driver", 9, "somebody else")):
        if late != NOTE:  # word for word what was said before is a repeat, and changes nothing
            assert "closed" in yard.say(late, status=422)["detail"]
        else:
            yard.say(late)
    assert yard.house.ledger.end() == end
    assert yard.get("/papers/N-1")["content"] == paper["content"]


def test_a_signature_to_what_is_not_there_any_more_is_refused_before_it_is_written(yard: Yard) -> None:
    yard.say(NOTE, signed(NOTE, "handler", 1))
    more = msgspec.structs.replace(NOTE, permit="准-8")

    answer = yard.say(more)

    assert [one["counts"] for one in answer["papers"][0]["signatures"]] == [False]
    assert "other-content" in yard.say(signed(NOTE, "driver", 1), status=422)["detail"]
    assert "incomplete" in yard.say(signed(more, "receiver", 1), status=422)["detail"]
    assert (
        "unknown-paper" in yard.say(msgspec.structs.replace(signed(more, "driver"), paper="N-9"), status=422)["detail"]
    )
    wrong_role = msgspec.structs.replace(signed(DELIVERY, "driver"), role="handler")
    assert "bad-word" in yard.say(DELIVERY, wrong_role, status=422)["detail"]


def test_what_comes_again_is_answered_like_the_first_time_and_written_once(yard: Yard) -> None:
    story: list[Papering] = [DELIVERY, *all_signed(DELIVERY)]
    first = yard.say(*story)
    yard.settle()
    end = yard.house.ledger.end()

    again = yard.say(*story)

    assert again == first
    assert yard.house.ledger.end() == end
    assert len(set(first["positions"])) == 3


def test_one_wrong_entry_and_nothing_is_written(yard: Yard) -> None:
    end = yard.house.ledger.end()

    answer = yard.say(NOTE, msgspec.structs.replace(DELIVERY, packing="wet"), status=422)

    assert "entries.1: bad-word" in answer["detail"]
    assert yard.house.ledger.end() == end
    yard.say(NOTE, status=403, origin="https://elsewhere.example")


# -- goods ----------------------------------------------------------------------------------------------------


def test_what_was_accepted_lies_in_the_shop_from_the_last_signature_on_and_what_was_refused_on_the_truck(
    yard: Yard,
) -> None:
    yard.say(DELIVERY, signed(DELIVERY, "driver", 8.2))
    before = yard.placed()
    yard.settle()

    answer = yard.say(signed(DELIVERY, "receiver", 8.5))

    assert before == []
    assert answer["papers"][0]["placed"] == [
        {"lot": "L1", "place": "site:s1", "from": rfc3339(hour(8.5)), "quantity": 40},
        {"lot": "L2", "place": "site:s1", "from": rfc3339(hour(8.5)), "quantity": 15},
    ]
    yard.settle()
    lying = yard.house.sources.goods.lying(["L1", "L2"], hour(9))
    assert {name: [(stay.place, stay.quantity) for stay in stays] for name, stays in lying.items()} == {
        "L1": [("site:s1", 40)],
        "L2": [("asset:body", 5), ("site:s1", 15)],
    }
    arrival = yard.get("/lots/L2")["arrivals"][-1]
    assert (arrival["how"], arrival["paper"], arrival["trip"], arrival["stop"]) == ("delivery", "D-1", "t7", 1)


def test_a_delivered_lot_is_presumed_in_the_shops_coolers_with_that_reason(yard: Yard) -> None:
    yard.say(DELIVERY, *all_signed(DELIVERY, 8.5))
    yard.settle()

    goods = yard.get("/alarms/over/lots")  # cooler c1, from hour 9 to 11

    assert [(one["id"], one["presumed"]) for one in goods["items"]] == [("L1", True), ("L2", True)]
    assert "nobody said in which cooler" in goods["presumed_reason"]


def test_a_refused_delivery_places_nothing(yard: Yard) -> None:
    lines = tuple(
        msgspec.structs.replace(one, accepted=0.0, refused=one.delivered, reason="10 ℃") for one in DELIVERY.lines
    )
    refused = msgspec.structs.replace(DELIVERY, lines=lines, decision="refused")

    answer = yard.say(refused, *all_signed(refused))

    assert (answer["papers"][0]["state"], answer["papers"][0]["placed"], yard.placed()) == ("complete", [], [])


def test_two_lines_of_one_lot_are_placed_together_and_a_line_without_a_lot_is_not(yard: Yard) -> None:
    lines = (*DELIVERY.lines[:1], DeliveryLine("pasteurized", "件", "L1", delivered=2, accepted=2, refused=0),
             DeliveryLine("cheese", "件", number="?", delivered=1, accepted=1, refused=0))  # fmt: skip
    mixed = msgspec.structs.replace(DELIVERY, lines=lines, decision="accepted")

    yard.say(mixed, *all_signed(mixed))

    assert [(one.lot, one.quantity) for one in yard.placed()] == [("L1", 42)]


def test_a_lot_that_is_registered_late_counts_then(yard: Yard) -> None:
    unknown = (DeliveryLine("pasteurized", "件", "L9", delivered=5, accepted=5, refused=0),)
    early = msgspec.structs.replace(DELIVERY, lines=unknown, decision="accepted")
    yard.say(early, *all_signed(early))
    yard.settle()
    before = yard.house.sources.goods.lying(["L9"], hour(10))

    put(yard.house.ledger, Lot("L9", "pasteurized", 5, "件"))
    yard.settle()

    assert before == {}
    assert [stay.quantity for stay in yard.house.sources.goods.lying(["L9"], hour(10))["L9"]] == [5]


def test_a_correction_is_a_new_paper_and_says_the_goods_anew_from_when_they_came(yard: Yard) -> None:
    yard.say(DELIVERY, *all_signed(DELIVERY, 8.5))
    yard.settle()
    lines = (msgspec.structs.replace(DELIVERY.lines[1], accepted=20.0, refused=0.0),)
    right = msgspec.structs.replace(DELIVERY, id="D-2", replaces="D-1", lines=lines, decision="accepted")

    yard.say(right, *all_signed(right, 9.5))
    yard.settle()

    lying = yard.house.sources.goods.lying(["L1", "L2"], hour(9))
    assert {name: [(stay.place, stay.quantity) for stay in stays] for name, stays in lying.items()} == {
        "L1": [("asset:body", 40)],
        "L2": [("site:s1", 20)],
    }
    assert yard.get("/papers/D-1")["replaced_by"] == ["D-2"]
    assert yard.get("/papers/D-1")["content"]["lines"][0]["accepted"] == 40
    third = msgspec.structs.replace(DELIVERY, id="D-3", replaces="D-1")
    assert "not-replaceable" in yard.say(third, status=422)["detail"]
    assert "not-replaceable" in yard.say(msgspec.structs.replace(third, replaces="D-9"), status=422)["detail"]


# -- lists and pictures ---------------------------------------------------------------------------------------


def test_papers_are_listed_by_site_trip_and_period_a_page_at_a_time(yard: Yard) -> None:
    yard.say(NOTE, DELIVERY, msgspec.structs.replace(DELIVERY, id="D-2"))
    yard.settle()

    first = yard.get("/papers?limit=2")
    rest = yard.get(f"/papers?limit=2&cursor={first['next']}")

    assert [one["id"] for one in (*first["items"], *rest["items"])] == ["D-2", "D-1", "N-1"]
    assert rest["next"] is None
    assert [one["id"] for one in yard.get("/papers?site=plant")["items"]] == ["N-1"]
    assert [one["id"] for one in yard.get("/papers?trip=t7")["items"]] == ["D-2", "D-1"]
    period = f"from={rfc3339(hour(1))}&to={rfc3339(hour(2))}"
    assert [one["id"] for one in yard.get(f"/papers?{period}")["items"]] == ["N-1"]
    assert yard.get("/papers?cursor=x", 422)["title"] == "the request does not fit"
    assert yard.get("/papers/unknown", 404)["title"] == "no such paper"


def test_a_picture_is_kept_under_its_hash_and_one_that_nobody_sent_is_told_as_missing(yard: Yard) -> None:
    sent = yard.client.post("/api/v1/photos", content=PICTURE)
    name = hashlib.sha256(PICTURE).hexdigest()
    there, lost = Photo(**sent.json()), Photo("b" * 64, 5, "image/png")

    answer = yard.say(msgspec.structs.replace(DELIVERY, photos=(there, lost)))

    assert (sent.status_code, sent.json()) == (201, {"sha256": name, "size": len(PICTURE), "type": "image/jpeg"})
    assert answer["papers"][0]["photos_missing"] == ["b" * 64]
    back = yard.client.get(f"/api/v1/photos/{name}")
    assert (back.content, back.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert yard.get(f"/photos/{'b' * 64}", 404)["title"] == "no such picture"
    assert yard.get("/photos/..%2f..%2fledger.db", 404)


@pytest.mark.parametrize(
    ("content", "status"), [(b"<svg onload=alert(1)>", 422), (b"", 422), (PICTURE + b" " * PHOTO_BYTES, 413)]
)
def test_what_is_no_picture_or_too_large_is_not_kept(yard: Yard, content: bytes, status: int) -> None:
    assert yard.client.post("/api/v1/photos", content=content).status_code == status


def test_a_picture_that_was_altered_on_the_disk_is_missing(tmp_path: Path) -> None:
    photos = Photos(tmp_path)
    kept = photos.keep(PICTURE)
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())

    file.write_bytes(PICTURE + b"!")

    assert photos.read(kept.sha256) == (None, None)


# -- printed, and on the command line -------------------------------------------------------------------------


def test_each_side_gets_its_copy_as_pdf(yard: Yard) -> None:
    yard.say(NOTE, DELIVERY)

    station = yard.client.get("/api/v1/papers/N-1/pdf?copy=station")
    plant = yard.client.get("/api/v1/papers/N-1/pdf?copy=plant&lang=en")

    assert station.content.startswith(b"%PDF-")
    assert station.headers["content-type"] == "application/pdf"
    assert station.content != plant.content == yard.client.get("/api/v1/papers/N-1/pdf?lang=en").content
    assert "supplier or shop" in yard.get("/papers/D-1/pdf?copy=station", 422)["detail"]
    assert yard.get("/papers/N-9/pdf", 404)["title"] == "no such paper"


def test_a_paper_is_shown_with_what_differs_and_whose_signature_is_missing(yard: Yard) -> None:
    answer = yard.say(msgspec.structs.replace(NOTE, plate="沪B·1"), signed(NOTE, "handler"), status=422)
    assert "other-content" in answer["detail"]
    wrong = msgspec.structs.replace(NOTE, plate="沪B·1")
    yard.say(wrong, signed(wrong, "handler"))

    said = list(lines_of(yard.get("/papers/N-1"), "zh"))

    assert said[0].endswith("st → plant  未签署完毕  未签: 押运员, 司机(送货人), 收奶员(收货人)")
    assert "系统数据: plate = 沪A·12345 (registry)" in said
    assert any(line.startswith("经手人(收购站): handler  2023-11-15T09:00") for line in said)
