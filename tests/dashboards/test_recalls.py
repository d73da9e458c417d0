"""Recalls over the API: a task for every site, answers, numbers, running clocks, the closing report, drills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldchain.clock import rfc3339
from coldchain.registry import Site
from tests.dashboards.test_lots import LOT, Shop, delivered, made_shop
from tests.goods.stories import hour
from tests.support import put

PHOTO = "ab" * 32


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with made_shop(tmp_path) as made:
        yield made


def recalled(shop: Shop, *, level: int = 1, drill: bool = False) -> None:
    """L1 is called back at hour 10: 60 lie in the warehouse, 40 in shop s1; 5 of these are sold, and 3 go to s2."""
    put(shop.house.ledger, Site("s2", "Shop two", "shop", "dairy"))
    delivered(shop)
    answer = shop.say(
        {"put": "lot-gone", "lot": "L1", "at_ms": hour(9), "reason": "sold", "quantity": 5, "place": "site:s1"},
        {**LOT, "id": "L9", "quantity": 3},
        {"put": "lot-change", "id": "k", "kind": "split", "at_ms": hour(9.5),
         "inputs": [{"lot": "L1", "quantity": 3, "place": "site:s1"}],
         "outputs": [{"lot": "L9", "quantity": 3, "place": "site:s1"}]},
        {"put": "lot-placed", "lot": "L9", "place": "site:s2", "from_ms": hour(9.8), "how": "delivery"},
        {"put": "recall", "id": "r1", "level": level, "at_ms": hour(10), "lots": ["L1"], "drill": drill,
         "plan": {"harm": "7.9 °C for 6 h"}, "consumer_notice": "请勿食用"},
        who="quality",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    shop.catch_up()


def answer(shop: Shop, site: str, step: str, at: float, quantity: float | None = None, photo: str = "") -> Any:
    said = {"put": "recall-answer", "recall": "r1", "site": site, "step": step, "at_ms": hour(at)}
    reply = shop.say({**said, "quantity": quantity, "photo": photo}, who=f"clerk of {site}")
    shop.catch_up()
    return reply


def test_every_site_where_some_of_it_came_or_lies_has_a_task(shop: Shop) -> None:
    recalled(shop)
    shop.at(11)

    found = shop.get("/recalls/r1")

    assert [(one["site"], one["planned_quantity"], [lot["lot"] for lot in one["lots"]]) for one in found["tasks"]] == [
        ("dc", 60, []),
        ("s1", 32, ["L1"]),
        ("s2", 3, ["L9"]),
    ]
    assert found["tasks"][1]["phone"] == "13800000000"
    assert found["plan"]["harm"] == "7.9 °C for 6 h"
    assert (found["consumer_notice"], found["elapsed_s"], found["closing"]) == ("请勿食用", 3600, None)
    assert found["progress"]["planned_quantity"] == 95


def test_answers_are_counted_with_their_photo(shop: Shop) -> None:
    recalled(shop)
    answer(shop, "s1", "notified", 10.5)
    answer(shop, "s1", "stopped", 11, 30, PHOTO)
    answer(shop, "s2", "recovered", 12, 3)
    answer(shop, "s1", "stopped", 11, 31, PHOTO)  # counted again
    shop.at(13)

    found = shop.get("/recalls/r1")

    numbers = found["progress"]
    assert [numbers[name] for name in ("sites", "notified", "stopped", "recovered", "overdue")] == [3, 2, 2, 1, 0]
    assert (numbers["stopped_quantity"], numbers["recovered_quantity"], numbers["unit"]) == (31, 3, "件")
    assert numbers["share"] == pytest.approx(3 / 95)
    assert numbers["took_s"] is None
    (notified, stopped) = found["tasks"][1]["steps"]
    assert (notified["step"], stopped["quantity"], stopped["photo"], stopped["who"]) == (
        "notified", 31, PHOTO, "clerk of s1",
    )  # fmt: skip


@pytest.mark.parametrize(("level", "hours"), [(1, 24), (2, 48), (3, 72)])
def test_the_clock_of_each_level_runs_and_escalates_until_the_sale_is_stopped(
    shop: Shop, level: int, hours: float
) -> None:
    recalled(shop, level=level)

    def at(passed: float) -> tuple[int | None, int | None, int]:
        shop.at(10 + passed)
        found = shop.get("/recalls/r1")
        return found["tasks"][1]["escalation"], found["tasks"][1]["left_s"], found["progress"]["overdue"]

    assert at(1) == (0, (hours - 1) * 3600, 0)
    assert at(hours / 2) == (1, hours / 2 * 3600, 0)
    assert at(hours) == (2, 0, 3)
    answer(shop, "s1", "stopped", 12)
    assert at(hours + 1) == (None, None, 2)
    assert shop.get("/recalls/r1")["due"] == rfc3339(hour(10 + hours))


def test_a_drill_fills_the_same_forms_with_a_stamp_and_measures_how_long_it_takes(shop: Shop) -> None:
    recalled(shop, drill=True)
    for site, at in (("s1", 10.1), ("s2", 10.05), ("dc", 10.2)):
        answer(shop, site, "stopped", at)
    shop.at(12)

    found = shop.get("/recalls/r1")

    assert "演练" in found["stamp"]
    assert (found["drill"], found["progress"]["took_s"]) == (True, 720)
    assert [one["drill"] for one in shop.get("/recalls")["items"]] == [True]


def test_a_closed_recall_stands_still_with_its_report(shop: Shop) -> None:
    recalled(shop)
    answer(shop, "s1", "recovered", 20, 32)
    shop.say({"put": "recall-end", "recall": "r1", "at_ms": hour(30), "report": "destroyed on 17 Nov"}, who="quality")
    shop.catch_up()
    shop.at(100)

    found = shop.get("/recalls/r1")

    assert found["closing"] == {"ended": rfc3339(hour(30)), "who": "quality", "report": "destroyed on 17 Nov"}
    assert found["elapsed_s"] == 20 * 3600
    assert found["progress"]["overdue"] == 0


def test_what_cannot_be_is_refused(shop: Shop) -> None:
    recalled(shop)
    of_nobody = {"put": "recall", "id": "r2", "level": 1, "at_ms": 0, "lots": ["X"]}

    assert "bad-photo" in answer(shop, "s1", "stopped", 11, 1, "photo.jpg").json()["detail"]
    assert "bad-word" in answer(shop, "s1", "eaten", 11).json()["detail"]
    assert "unknown-place" in answer(shop, "nowhere", "stopped", 11).json()["detail"]
    assert "unknown-lot" in shop.say(of_nobody).json()["detail"]
    assert "bad-word" in shop.say({**of_nobody, "lots": ["L1"], "level": 4}).json()["detail"]
    assert (
        "unknown-recall" in shop.say({"put": "recall-end", "recall": "r2", "at_ms": 0, "report": ""}).json()["detail"]
    )
    shop.get("/recalls/none", 404)
