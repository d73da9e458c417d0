"""How lots stand: held, decided, called back; and finding them by what is printed on them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from coldchain.goods.fold import Held
from dashboards.alarm_lots_table import STATES
from dashboards.lot_standing import state_of
from tests.dashboards.test_lots import LOT, Shop, delivered, excursion, made_shop, placed
from tests.goods.stories import hour


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with made_shop(tmp_path) as made:
        yield made


def held(name: str, decision: str = "", decided_ms: int | None = None, place: str = "") -> Held:
    return Held(name, place, 0, "a", "b", "", decision, decided_ms, "", "")


@pytest.mark.parametrize(
    ("holds", "state"),
    [
        ([], "free"),
        ([held("h")], "held"),
        ([held("h", "released", 5), held("i")], "held"),
        ([held("h", "destroyed", 9), held("i", "released", 5)], "destroyed"),
        ([held("h", place="site:s1")], "partly-held"),
        ([held("h", place="site:s1"), held("i", "released", 5)], "partly-held"),
        ([held("h", place="site:s1"), held("i", place="asset:room")], "held"),
    ],
)
def test_a_hold_that_waits_holds_what_it_covers_and_else_the_last_decision_counts(
    holds: list[Held], state: str
) -> None:
    assert state_of(holds, {"site:s1", "asset:room"}) == state
    assert state in STATES


def test_a_running_recall_marks_its_lots_and_what_came_out_of_them_and_a_drill_only_says_so(shop: Shop) -> None:
    delivered(shop)
    shop.say(
        {**LOT, "id": "L9", "quantity": 3},
        {"put": "lot-change", "id": "k", "kind": "split", "at_ms": hour(9),
         "inputs": [{"lot": "L1", "quantity": 3, "place": "site:s1"}],
         "outputs": [{"lot": "L9", "quantity": 3, "place": "site:s1"}]},
        {"put": "recall", "id": "r1", "level": 1, "at_ms": hour(10), "lots": ["L1"]},
        {"put": "recall", "id": "d1", "level": 3, "at_ms": hour(10), "lots": ["L9"], "drill": True},
    )  # fmt: skip
    shop.catch_up()
    shop.at(11)

    def marks() -> list[tuple[Any, ...]]:
        rows = shop.get("/sites/s1/first-expired")["items"]
        return [(row["id"], row["recalls"], row["drills"]) for row in rows]

    assert marks() == [("L1", ["r1"], []), ("L9", ["r1"], ["d1"])]
    shop.say({"put": "recall-end", "recall": "r1", "at_ms": hour(11), "report": "all came back"})
    shop.catch_up()
    assert marks() == [("L1", [], []), ("L9", [], ["d1"])]


def test_every_list_says_the_state_and_where_it_lies(shop: Shop) -> None:
    delivered(shop)
    shop.say({"put": "lot-hold", "id": "h", "lot": "L1", "at_ms": hour(9), "place": "site:s1"})
    shop.catch_up()
    shop.at(10)
    lying = [
        {"place": "asset:room", "site": "dc", "quantity": 60},
        {"place": "site:s1", "site": "s1", "quantity": 40},
    ]

    for path in ("/lots", "/lots?site=s1", "/sites/s1/first-expired", "/alarms/open/lots"):
        (row,) = shop.get(path)["items"]
        assert (row["state"], row["lying_at"]) == ("partly-held", lying), path
    assert [one["held"] for one in shop.get("/sites/s1/first-expired")["items"]] == [True]
    assert [one["held"] for one in shop.get("/sites/dc/first-expired")["items"]] == [False]
    shop.say({"put": "lot-hold", "id": "i", "lot": "L1", "at_ms": hour(9)})
    shop.catch_up()
    assert shop.get("/lots/L1")["state"] == "held"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("b-7", ["L1"]), ("6901", ["L1"]), ("巴氏", ["L1", "L2"]), ("PASTEUR", ["L1", "L2"]), ("l2", ["L2"]),
        ("%", []), ("nothing", []),
    ],
)  # fmt: skip
def test_a_lot_is_found_by_id_number_gtin_and_product_in_either_language(
    shop: Shop, text: str, found: list[str]
) -> None:
    shop.say(
        {**LOT, "number": "B-7", "gtin": "6901234567892"}, {**LOT, "id": "L2"}, {**LOT, "id": "L3", "product": "x"}
    )
    shop.say(*({**placed("site:s1", 0, 1, how="delivery"), "lot": name} for name in ("L1", "L2", "L3")))
    shop.catch_up()
    shop.at(1)

    for path, more in (("lots", {}), ("lots", {"site": "s1"}), ("sites/s1/first-expired", {})):
        answer = shop.client.get(f"/api/v1/{path}", params={"search": text, **more})
        assert [row["id"] for row in answer.json()["items"]] == found, path


def test_a_search_is_paged_like_the_whole_list(shop: Shop) -> None:
    shop.say(*({**LOT, "id": f"{'odd' if number % 2 else 'even'}{number}"} for number in range(8)))
    shop.catch_up()

    first = shop.get("/lots?limit=3&search=ODD")
    rest = shop.get(f"/lots?limit=3&search=ODD&cursor={first['next']}")

    assert [one["id"] for one in first["items"] + rest["items"]] == ["odd1", "odd3", "odd5", "odd7"]
    assert rest["next"] is None


def test_a_long_list_asks_the_store_as_often_as_a_short_one(shop: Shop) -> None:
    asked: list[str] = []
    event.listen(shop.house.goods.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def questions(lots: int) -> int:
        names = [f"P{number}" for number in range(lots)]
        shop.say(*({**LOT, "id": name} for name in names))
        shop.say(*({**placed("asset:c1", 0, 1), "lot": name} for name in names))
        shop.catch_up()
        shop.at(1)
        asked.clear()
        assert len(shop.get("/sites/s1/first-expired")["items"]) == lots
        return len(asked)

    assert questions(3) == questions(60)


def test_products_are_named_in_both_languages(shop: Shop) -> None:
    products = {one["id"]: (one["zh"], one["en"]) for one in shop.get("/products")["items"]}

    assert products["pasteurized"][0] == "巴氏杀菌乳"
    assert all(zh and en for zh, en in products.values())


def test_the_goods_of_an_alarm_as_a_table_say_how_certain_where_now_and_who_received_them(shop: Shop) -> None:
    excursion(shop)
    shop.say({"put": "lot-hold", "id": "h", "lot": "L2", "at_ms": hour(15), "alarm": "over"})
    shop.catch_up()

    answer = shop.client.get("/api/v1/alarms/over/lots.csv?language=en")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert [
        (row["lot"], row["quantity then"], row["state"], row["where now"], row["received by"], row["stamp"])
        for row in rows
    ] == [
        ("L1", "40", "", "asset:room 60; site:s1 40", "Shop one 13800000000 40", "模拟数据 (simulated)"),
        ("L2", "30", "on hold", "asset:c1 20", "Shop one 13800000000 30", "模拟数据 (simulated)"),
    ]
    assert rows[0]["how certain"].startswith("known to be at this shop")
    assert rows[1]["how certain"] == "was there"
    assert shop.client.get("/api/v1/alarms/none/lots.csv").status_code == 404
