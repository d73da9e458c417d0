"""Lots over the API: said, refused, paged, found again where they are, presumed where nobody says."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from alerts.readmodel import AlarmReader
from coldchain.clock import TestClock, rfc3339
from coldchain.custody import Lot, LotPlaced, Trip, TripStop
from coldchain.registry import Asset, Operator, Site
from dashboards.app import create_app
from ingest.projections.goods import GoodsProjection
from tests.dashboards.test_api import House
from tests.dashboards.web import TestClient
from tests.goods.stories import hour
from tests.ingest.worlds import follow
from tests.support import put

LOT = {"put": "lot", "id": "L1", "product": "pasteurized", "quantity": 100, "unit": "件", "expires": "2023-11-30"}


class OneAlarm(AlarmReader):
    """One alarm of cooler c1 from hour 9 to hour 11, and one that stands since hour 9."""

    def alarm(self, name: str) -> dict[str, object] | None:
        if name not in ("over", "open"):
            return None
        ended = rfc3339(hour(11)) if name == "over" else None
        return {"id": name, "state": "unacknowledged", "asset": "c1", "onset": rfc3339(hour(9)), "ended": ended}


class Shop:
    """The API over a house with a warehouse and a shop of two coolers, a freezer and a tank."""

    def __init__(self, house: House, client: TestClient) -> None:
        self.house, self.client = house, client
        self._projection = GoodsProjection(house.goods)

    def catch_up(self) -> None:
        follow(self._projection, self.house.ledger, 100)

    def at(self, hours: float) -> None:
        assert isinstance(self.house.clock, TestClock)
        self.house.clock.step_wall(hour(hours) - self.house.clock.now_ms())

    def say(self, *entries: dict[str, Any], who: str = "clerk", **headers: str) -> Any:
        body = {"who": who, "why": "because", "entries": list(entries)}
        return self.client.post("/api/v1/goods", json=body, headers=headers)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == status, answer.text
        return answer.json()


@contextmanager
def made_shop(folder: Path, **more: Any) -> Iterator[Shop]:
    house = House(folder)
    put(
        house.ledger, Operator("dairy", "Dairy"),
        Site("dc", "DC", "warehouse", "dairy"), Site("s1", "Shop one", "shop", "dairy", phone="13800000000"),
        Asset("room", "Room", "walk-in-room", "dc"), Site("v1", "V", "vehicle", "dairy"),
        Asset("truck", "Body", "reefer", "v1"),
        Asset("c1", "Cooler", "glass-door-cooler", "s1"), Asset("c2", "Cooler", "open-multideck", "s1"),
        Asset("f1", "Freezer", "freezer-room", "s1"), Asset("t1", "Tank", "station-tank", "s1"),
    )  # fmt: skip
    sources = dataclasses.replace(house.sources, alarms=OneAlarm(house.alerts.engine), **more)
    with TestClient(create_app(sources)) as client:
        yield Shop(house, client)
    house.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with made_shop(tmp_path) as made:
        yield made


def placed(place: str, at: float, quantity: float | None = None, **more: Any) -> dict[str, Any]:
    return {
        "put": "lot-placed",
        "lot": "L1",
        "place": place,
        "from_ms": hour(at),
        "how": "api",
        "quantity": quantity,
        **more,
    }


def delivered(shop: Shop) -> None:
    answer = shop.say(
        LOT,
        placed("asset:room", 0),
        placed("asset:truck", 5, 40, how="trip", trip="t7", stop=0, taken_from="asset:room"),
        placed("site:s1", 8, 40, how="delivery", paper="D-1", taken_from="asset:truck"),
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["doubts"] == []
    shop.catch_up()


def test_a_lot_is_found_where_it_was_and_is(shop: Shop) -> None:
    delivered(shop)
    shop.at(10)

    lot = shop.get("/lots/L1")

    assert [(one["place"], one["site"], one["from"], one["to"], one["quantity"]) for one in lot["stays"]] == [
        ("asset:room", "dc", rfc3339(hour(0)), rfc3339(hour(5)), 100),
        ("asset:room", "dc", rfc3339(hour(5)), None, 60),
        ("asset:truck", "v1", rfc3339(hour(5)), rfc3339(hour(8)), 40),
        ("site:s1", "s1", rfc3339(hour(8)), None, 40),
    ]
    assert [one["presumed_in"] for one in lot["stays"]] == [[], [], [], ["c1", "c2"]]
    assert lot["consignees"] == [
        {
            "lot": "L1", "site": "s1", "site_name": "Shop one", "operator": "dairy", "operator_name": "Dairy",
            "phone": "13800000000", "first_at": rfc3339(hour(8)), "last_at": rfc3339(hour(8)),
            "quantity": 40, "lying": 40, "papers": ["D-1"],
        }
    ]  # fmt: skip
    assert [one["trip"] for one in lot["arrivals"]] == ["", "t7", ""]


def test_a_delivered_lot_is_presumed_in_every_cooler_of_the_shop_until_its_expiry(shop: Shop) -> None:
    delivered(shop)

    def there(asset: str, hours: float) -> list[tuple[str, bool]]:
        shop.at(hours)
        return [(one["id"], one["presumed"]) for one in shop.get(f"/lots?asset={asset}")["items"]]

    assert there("c1", 7) == []
    assert there("c1", 9) == there("c2", 9) == [("L1", True)]
    assert there("f1", 9) == there("t1", 9) == []
    assert there("room", 9) == [("L1", False)]
    assert there("c1", 15 * 24 + 15.9) == [("L1", True)]  # 30 Nov, 23:54 in China
    assert there("c1", 15 * 24 + 16) == []


def test_who_scans_a_delivered_lot_into_a_cooler_ends_the_presumption_and_needs_not_say_where_from(shop: Shop) -> None:
    delivered(shop)
    assert shop.say(placed("asset:c2", 9, how="scan")).json()["doubts"] == []
    shop.catch_up()
    shop.at(10)

    assert [one["presumed"] for one in shop.get("/lots?asset=c2")["items"]] == [False]
    assert shop.get("/lots?asset=c1")["items"] == []
    assert [(one["id"], one["lying"], one["presumed"]) for one in shop.get("/lots?site=s1")["items"]] == [
        ("L1", 40, False)
    ]
    assert [one["quantity"] for one in shop.get("/lots/L1")["consignees"]] == [40]


def test_what_cannot_be_is_refused_with_each_reason_and_nothing_is_written(shop: Shop) -> None:
    end = shop.house.ledger.end()

    answer = shop.say(
        LOT, placed("asset:room", 0), placed("asset:nowhere", 1), placed("asset:room", 1, lot="L2"),
        {"put": "lot-release", "hold": "h", "lot": "L1", "decision": "released", "at_ms": hour(2)},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "entries.2: unknown-place" in answer.json()["detail"]
    assert "entries.3: unknown-lot" in answer.json()["detail"]
    assert "entries.4: no-hold" in answer.json()["detail"]
    assert shop.house.ledger.end() == end


def change(name: str, kind: str, at: float, inputs: dict[str, float], outputs: dict[str, float]) -> dict[str, Any]:
    parts = [[{"lot": lot, "quantity": some} for lot, some in part.items()] for part in (inputs, outputs)]
    return {"put": "lot-change", "id": name, "kind": kind, "at_ms": hour(at), "inputs": parts[0], "outputs": parts[1]}


@pytest.mark.parametrize("caught_up", [True, False])
def test_what_several_lots_together_say_cannot_be_is_refused_before_it_is_written(shop: Shop, caught_up: bool) -> None:
    printed = {**LOT, "gtin": "9506000134352", "number": "A7"}
    others = [{**LOT, "id": name} for name in ("L2", "L3", "L4")]
    placed = {"put": "lot-placed", "lot": "L1", "place": "asset:room", "from_ms": hour(0), "how": "scan"}
    chain = [change("c1", "transformation", 2, {"L1": 5}, {"L2": 5}),
             change("c2", "transformation", 3, {"L2": 5}, {"L3": 5})]  # fmt: skip
    assert shop.say(printed, *others, placed, *chain).status_code == 201
    if caught_up:
        shop.catch_up()
    end = shop.house.ledger.end()

    for entry, reason in (
        ({**printed, "id": "again", "gtin": "09506000134352"}, "printed-twice"),
        ({**printed, "unit": "kg"}, "other-unit"),
        (change("c3", "transformation", 4, {"L3": 5}, {"L1": 5}), "in-a-circle"),
        (change("c4", "merge", 4, {"L3": 5}, {"L4": 4}), "out-of-balance"),
    ):
        answer = shop.say({**LOT, "id": "innocent"}, entry)
        assert (answer.status_code, f"entries.1: {reason}" in answer.json()["detail"]) == (422, True), answer.text
    assert shop.house.ledger.end() == end

    assert shop.say({**printed, "quantity": 90}).status_code == 201  # the same lot, said anew
    assert shop.say({**others[2], "unit": "kg"}).status_code == 201  # nothing was counted of it yet
    assert shop.say(change("c1", "transformation", 2, {"L4": 5}, {"L1": 5})).status_code == 201  # it was another lot
    assert shop.say(change("c5", "split", 5, {"L3": 5}, {"L2": 5})).status_code == 201  # put back where it came from


def test_times_that_no_calendar_has_are_refused_and_stop_no_store_that_has_them(shop: Shop) -> None:
    shop.say(LOT)
    placed = LotPlaced("L1", "asset:room", 10**19, "scan")
    said = {"put": "lot-placed", "lot": "L1", "place": "asset:room", "from_ms": 10**19, "how": "scan"}

    answers = [shop.say(said), shop.say({**LOT, "expires": "9999-12-31"}), shop.say({**LOT, "produced": "0001-01-01"})]
    put(shop.house.ledger, placed, Lot("L2", "pasteurized", 1, "件", expires="9999-12-31"))
    shop.catch_up()

    assert [(one.status_code, "bad-time" in one.json()["detail"]) for one in answers] == [(422, True)] * 3
    assert [one["reason"] for one in shop.get("/goods/refused")["items"]] == ["bad-time", "bad-time"]


def test_a_lot_can_be_placed_right_after_it_was_said(shop: Shop) -> None:
    """The store has not caught up yet; the ledger has it."""
    assert shop.say(LOT).status_code == 201
    assert shop.say(placed("asset:room", 0, 120)).json()["doubts"] == [
        {"lot": "L1", "doubt": "more-than-made", "at": rfc3339(hour(0)), "place": "", "quantity": 20}
    ]


def test_goods_are_held_and_released_by_two_people(shop: Shop) -> None:
    delivered(shop)
    hold = {"put": "lot-hold", "id": "h1", "lot": "L1", "at_ms": hour(9), "alarm": "a-1"}
    release = {"put": "lot-release", "hold": "h1", "lot": "L1", "decision": "downgraded", "at_ms": hour(11)}

    assert shop.say(hold).status_code == 201
    same = shop.say(release)
    assert same.status_code == 422
    assert "same-person" in same.json()["detail"]
    assert shop.say(release, who="quality").status_code == 201
    assert "released-before" in shop.say(release, who="quality").json()["detail"]
    shop.catch_up()

    (held,) = shop.get("/lots/L1")["holds"]
    assert (held["who"], held["decision"], held["decided_by"], held["alarm"]) == (
        "clerk",
        "downgraded",
        "quality",
        "a-1",
    )


def test_lists_are_paged(shop: Shop) -> None:
    shop.say(*({**LOT, "id": f"P{number}"} for number in range(5)))
    shop.catch_up()

    first = shop.get("/lots?limit=3")
    rest = shop.get(f"/lots?limit=3&cursor={first['next']}")

    assert [one["id"] for one in first["items"] + rest["items"]] == ["P0", "P1", "P2", "P3", "P4"]
    assert rest["next"] is None


def test_refused_entries_of_the_ledger_are_shown_until_they_count(shop: Shop) -> None:
    put(shop.house.ledger, LotPlaced("L1", "asset:room", hour(0), "trip"))
    shop.catch_up()
    (refused,) = shop.get("/goods/refused")["items"]
    shop.say(LOT)
    shop.catch_up()

    assert (refused["reason"], refused["detail"]) == ("unknown-lot", "L1")
    assert shop.get("/goods/refused")["items"] == []


@pytest.mark.parametrize(
    ("path", "said"), [("/lots/X", "no such lot"), ("/lots?asset=x", "no such asset"), ("/lots?site=x", "no such site")]
)
def test_what_is_not_there_is_said(shop: Shop, path: str, said: str) -> None:
    assert shop.get(path, 404)["title"] == said


def test_a_page_from_elsewhere_may_not_write(shop: Shop) -> None:
    assert shop.say(LOT, Origin="http://evil.example").status_code == 403
    assert shop.say(LOT, Origin="http://testserver").status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"who": "", "why": "x", "entries": [{}]}', b'{"who": "a", "why": "b", "entries": []}',
     b'{"who": "a", "why": "b", "entries": [{"put": "site", "id": "s"}]}'],
)  # fmt: skip
def test_a_body_that_says_nothing_of_goods_is_refused(shop: Shop, body: bytes) -> None:
    answer = shop.client.post("/api/v1/goods", content=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_history_of_a_lot_is_one_series_from_place_to_place(shop: Shop) -> None:
    delivered(shop)
    shop.at(10)

    found = shop.get("/lots/L1/history")

    assert (found["place"], found["ways"]) == ("asset:room", 1)
    assert found["places"] == ["asset:room", "asset:truck", "site:s1"]
    found = shop.get("/lots/L1/history?place=site:s1")
    assert [(leg["place"], leg["from"], leg["to"], leg["presumed"], leg["why"]) for leg in found["legs"]] == [
        ("asset:room", rfc3339(hour(0)), rfc3339(hour(5)), False, "none"),
        ("asset:truck", rfc3339(hour(5)), rfc3339(hour(8)), False, "none"),
        ("site:s1", rfc3339(hour(8)), None, True, "none"),
    ]
    assert [(hole["from"], hole["to"], hole["why"]) for leg in found["legs"] for hole in leg["holes"]] == [
        (rfc3339(hour(0)), rfc3339(hour(5)), "no-thermometer"),
        (rfc3339(hour(5)), rfc3339(hour(8)), "no-thermometer"),
        (rfc3339(hour(8)), rfc3339(hour(10)), "no-thermometer"),
    ]
    assert (found["unknown_h"], found["dose_h"], found["dose_model"]) == (10, 0, "sqrt-ppc;Tmin=-4.15;Tref=4")


def test_buckets_hold_every_reading_and_its_peak(shop: Shop) -> None:
    shop.say(LOT, placed("asset:cooler-1", 0))
    shop.catch_up()
    shop.at(1)

    (leg,) = shop.get("/lots/L1/history?buckets=20")["legs"]

    assert leg["point"] == "p-1"
    assert sum(bucket["count"] for bucket in leg["items"]) == 10
    assert (leg["items"][0]["min"], leg["items"][-1]["max"], leg["peak"]) == (4.0, 4.9, 4.9)
    assert [(hole["from"], hole["why"]) for hole in leg["holes"]] == [(rfc3339(hour(9 / 60)), "no-data")]


def test_a_lot_that_never_lay_there_has_no_history_there(shop: Shop) -> None:
    delivered(shop)

    assert "never lay" in shop.get("/lots/L1/history?place=asset:c1", 404)["detail"]


def test_what_should_leave_first_stands_first(shop: Shop) -> None:
    days = {"A": "2023-11-25", "B": "2023-11-20", "C": "2023-11-30"}
    shop.say(*({**LOT, "id": name, "produced": "2023-11-14", "expires": day} for name, day in days.items()))
    shop.say(*({**placed("site:s1", 0, how="delivery"), "lot": name} for name in days))
    shop.say({"put": "lot-hold", "id": "h", "lot": "C", "at_ms": hour(1)})
    shop.catch_up()
    shop.at(24)

    first = shop.get("/sites/s1/first-expired?limit=2")
    rest = shop.get(f"/sites/s1/first-expired?limit=2&cursor={first['next']}")

    rows = first["items"] + rest["items"]
    assert [(row["id"], row["held"], row["estimated_until"]) for row in rows] == [
        ("B", False, "2023-11-20T16:00:00.000Z"),
        ("A", False, "2023-11-25T16:00:00.000Z"),
        ("C", True, "2023-11-30T16:00:00.000Z"),
    ]
    assert rows[0]["left_h"] == 4 * 24 + 16
    assert "估算" in rows[0]["words_zh"]
    assert rest["next"] is None
    shop.get("/sites/nowhere/first-expired", 404)


def excursion(shop: Shop) -> None:
    """L1 is delivered before the alarm, L2 scanned into c1 during it, L3 comes behind it; part of L2 goes on to s2."""
    put(shop.house.ledger, Site("s2", "Shop two", "shop", "dairy"))
    delivered(shop)
    answer = shop.say(
        {**LOT, "id": "L2"}, {**LOT, "id": "L3"}, {**LOT, "id": "L4", "quantity": 10},
        {**placed("asset:c1", 10, 30), "lot": "L2"},
        {**placed("site:s1", 12, 30, how="delivery"), "lot": "L3"},
        {"put": "lot-change", "id": "k", "kind": "split", "at_ms": hour(13),
         "inputs": [{"lot": "L2", "quantity": 10, "place": "asset:c1"}], "outputs": [{"lot": "L4", "quantity": 10}]},
        {**placed("site:s2", 14, how="delivery"), "lot": "L4"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    shop.catch_up()
    shop.at(20)


def test_from_an_alarm_to_the_goods_and_where_they_are(shop: Shop) -> None:
    excursion(shop)
    shop.say({"put": "lot-hold", "id": "h", "lot": "L2", "at_ms": hour(15), "alarm": "over"})
    shop.catch_up()

    found = shop.get("/alarms/over/lots")

    assert (found["total"], found["presumed_total"], found["became"]) == (2, 1, ["L4"])
    assert [
        (one["id"], one["presumed"], one["held"], one["there"], one["from"], one["to"]) for one in found["items"]
    ] == [
        ("L1", True, False, 40, rfc3339(hour(9)), rfc3339(hour(11))),
        ("L2", False, True, 30, rfc3339(hour(10)), rfc3339(hour(11))),
    ]
    assert [one["lying_at"] for one in found["items"]] == [
        [{"place": "asset:room", "site": "dc", "quantity": 60}, {"place": "site:s1", "site": "s1", "quantity": 40}],
        [{"place": "asset:c1", "site": "s1", "quantity": 20}],
    ]
    assert shop.get("/alarms/open/lots")["total"] == 4  # L3, and L4 which was packed anew in c1
    shop.get("/alarms/none/lots", 404)


def test_the_goods_of_an_alarm_are_paged_with_their_total(shop: Shop) -> None:
    excursion(shop)

    first = shop.get("/alarms/open/lots?limit=3")
    rest = shop.get(f"/alarms/open/lots?limit=3&cursor={first['next']}")

    assert [one["id"] for one in first["items"] + rest["items"]] == ["L1", "L2", "L3", "L4"]
    assert (first["total"], rest["total"], rest["next"]) == (4, 4, None)


def test_who_received_the_goods_of_an_alarm(shop: Shop) -> None:
    excursion(shop)

    sites = shop.get("/alarms/over/consignees")["items"]

    assert [
        (one["site"], one["phone"], [(lot["lot"], lot["quantity"], lot["lying"]) for lot in one["lots"]])
        for one in sites
    ] == [
        ("s1", "13800000000", [("L1", 40, 40), ("L2", 30, 20)]),
        ("s2", "", [("L4", 10, 10)]),
    ]


def test_a_lot_is_traced_back_in_one_answer(shop: Shop) -> None:
    delivered(shop)
    shop.at(10)

    found = shop.get("/lots/L1/trace")

    assert [(one["asset"], one["from"], one["presumed"]) for one in found["assets"]] == [
        ("room", rfc3339(hour(0)), False),
        ("truck", rfc3339(hour(5)), False),
        ("c1", rfc3339(hour(8)), True),
        ("c2", rfc3339(hour(8)), True),
    ]
    assert [(one["trip"], one["vehicles"], one["unloaded"]) for one in found["trips"]] == [("t7", ["v1"], None)]
    assert [(one["from_site"], one["to_site_name"], one["paper"]) for one in found["hand_overs"]] == [
        ("dc", "V", ""),
        ("v1", "Shop one", "D-1"),
    ]
    assert shop.get("/lots/nobody/trace", 404)["title"] == "no such lot"


def test_a_lot_is_loaded_on_a_trip_that_is_known_and_lies_in_its_body(shop: Shop) -> None:
    aboard = placed("trip:t1", 5, 40, how="trip", stop=0, taken_from="asset:room")

    answer = shop.say(LOT, placed("asset:room", 0), aboard)
    assert answer.status_code == 422
    assert "entries.2: unknown-trip" in answer.json()["detail"]
    put(shop.house.ledger, Trip("t1", "distribution", "v1", (TripStop("dc", "load"), TripStop("s1", "unload"))))
    assert shop.say(LOT, placed("asset:room", 0), aboard).status_code == 201
    shop.catch_up()
    shop.at(6)

    for query in ("asset=truck", "site=v1"):
        (found,) = shop.get(f"/lots?{query}")["items"]
        assert (found["place"], found["lying"], found["presumed"]) == ("site:v1", 40, False)
