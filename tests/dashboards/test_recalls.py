"""Recalls over the API: a task for every site, answers, numbers, running clocks, the closing report, drills."""

from __future__ import annotations

import csv
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


def recalled(shop: Shop, *, level: int = 1, drill: bool = False, notice: str = "请勿食用") -> None:
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
         "plan": {"harm": "7.9 °C for 6 h"}, "consumer_notice": notice},
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


def test_the_notice_to_consumers_is_drawn_up_from_the_lots_and_marked_so(shop: Shop) -> None:
    recalled(shop, notice="")
    shop.at(11)

    zh, en = (shop.get(f"/recalls/r1/forms?language={language}")["consumer_notice"] for language in ("zh", "en"))

    for words in (
        "消费者告知", "未经人工确认", "巴氏杀菌乳", "保质期至 2023-11-30", "批次 L1", "7.9 °C for 6 h",
        "销售场所(2 家):Shop one、Shop two", "【待填写】", "2023-11-15T18:00+08:00",
    ):  # fmt: skip
        assert words in zh
    for words in ("Notice to consumers", "confirmed by nobody", "expires 2023-11-30", "lot L1", "[to be filled in]"):
        assert words in en


def test_what_somebody_wrote_stands_as_it_was_written(shop: Shop) -> None:
    recalled(shop)
    shop.at(11)

    forms = shop.get("/recalls/r1/forms")

    assert forms["consumer_notice"].splitlines()[1:-1] == ["请勿食用"]
    assert forms["plan"]["harm"] == "7.9 °C for 6 h"
    assert "一级召回,2023-11-15T18:00+08:00 决定,24 小时内(2023-11-16T18:00+08:00 前)启动" in forms["plan"]["procedure"]
    assert forms["plan"]["disposal"] == "【待填写】"
    assert all(f"{number}. " in forms["plan_text"] for number in range(1, 9))


def test_the_reports_have_the_numbers_the_clocks_and_a_line_for_each_site(shop: Shop) -> None:
    recalled(shop)
    answer(shop, "s1", "stopped", 11, 30, PHOTO)
    answer(shop, "s2", "recovered", 12, 3)
    shop.at(22.5)

    running = shop.get("/recalls/r1/forms?language=en")
    shop.say({"put": "recall-end", "recall": "r1", "at_ms": hour(30), "report": "destroyed on 17 Nov"}, who="quality")
    shop.catch_up()
    closed = shop.get("/recalls/r1/forms?language=en")

    report = running["progress_report"].splitlines()
    assert "as of 2023-11-16T06:30+08:00 (12 h 30 min since)" in report
    assert "notified: 2 of 3" in report
    assert "sale stopped: 2 of 3" in report
    assert "planned 95 件, stopped 30 件, recovered 3 件, share 3.2%" in report
    assert "- DC dc: 60 件; 11 h 30 min left → the area's manager" in report
    assert "- Shop one s1 13800000000: 32 件; sale stopped 2023-11-15T19:00+08:00 30" in report
    assert "Conclusion: [to be filled in]" in running["closing_report"]
    assert "Closing report of the recall (2023-11-16T14:00+08:00, quality)" in closed["closing_report"]
    assert "Conclusion: destroyed on 17 Nov" in closed["closing_report"]
    assert "- DC dc: 60 件; 4 h 00 min left → the area's manager" in closed["closing_report"]


def test_the_next_one_up_is_due_at_half_of_the_time_and_at_its_end(shop: Shop) -> None:
    recalled(shop)

    def at(passed: float) -> str | None:
        shop.at(10 + passed)
        found = shop.get("/recalls/r1")["tasks"][0]["escalates_at"]
        assert found is None or isinstance(found, str)
        return found

    assert [at(passed) for passed in (1, 12, 24)] == [rfc3339(hour(22)), rfc3339(hour(34)), None]


def test_a_drill_is_stamped_on_every_form_and_measured_step_by_step(shop: Shop) -> None:
    recalled(shop, drill=True)
    for site, at in (("s1", 10.1), ("s2", 10.05), ("dc", 10.2)):
        answer(shop, site, "notified", at)
        answer(shop, site, "stopped", at + 0.3)
    shop.at(12)

    forms, found = shop.get("/recalls/r1/forms"), shop.get("/recalls/r1")["progress"]

    texts = [forms[name] for name in ("consumer_notice", "plan_text", "progress_report", "closing_report")]
    assert all(
        text.startswith("【演练 (drill), 模拟数据 (simulated)】")
        and text.endswith("【演练 (drill), 模拟数据 (simulated)】")
        for text in texts
    )
    assert (found["notified_s"], found["took_s"], found["recovered_s"]) == (720, 1800, None)
    assert "已停售:3 / 3,用时 0 小时 30 分" in forms["progress_report"]
    rows = shop.client.get("/api/v1/recalls/r1/sites.csv").content.decode("utf-8-sig").splitlines()
    assert all(row.endswith('"演练 (drill), 模拟数据 (simulated)"') for row in rows[1:])


def test_the_table_of_sites_is_one_row_each(shop: Shop) -> None:
    recalled(shop)
    answer(shop, "s1", "stopped", 11, 30, PHOTO)
    shop.at(12)

    answer_ = shop.client.get("/api/v1/recalls/r1/sites.csv?language=en")

    assert answer_.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer_.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(answer_.content.decode("utf-8-sig").splitlines()))
    assert [
        (row["site id"], row["lots"], row["planned"], row["quantity stopped"], row["photo SHA-256"]) for row in rows
    ] == [
        ("dc", "", "60", "", ""),
        ("s1", "L1", "32", "30", PHOTO),
        ("s2", "L9", "3", "", ""),
    ]
    assert [row["who must look after it"] for row in rows] == ["the consignee's manager", "", "the consignee's manager"]


def test_forms_of_an_unknown_recall_are_not_there(shop: Shop) -> None:
    assert shop.get("/recalls/r9/forms", 404)["title"] == "no such recall"
    assert shop.get("/recalls/r9/sites.csv", 404)["title"] == "no such recall"


def test_a_site_is_told_which_packs_to_take_off_sale(shop: Shop) -> None:
    recalled(shop)
    answer(shop, "s1", "notified", 10.5)
    shop.at(11)

    found = shop.get("/recalls/r1/sites/s1")

    assert (found["id"], found["level"], found["drill"], found["demo"]) == ("r1", 1, False, True)
    assert found["task"]["steps"][0]["who"] == "clerk of s1"
    assert [(one["id"], one["zh"], one["expires"], one["lying"]) for one in found["packs"]] == [
        ("L1", "巴氏杀菌乳", "2023-11-30", 32)
    ]
    assert [(one["id"], one["lying"]) for one in shop.get("/recalls/r1/sites/s2")["packs"]] == [("L9", 3)]
    assert [(one["id"], one["lying"]) for one in shop.get("/recalls/r1/sites/dc")["packs"]] == [("L1", 60)]
    assert shop.get("/recalls/r1/sites/v1", 404)["title"] == "no such task"
    assert shop.get("/recalls/r9/sites/s1", 404)["title"] == "no such recall"


@pytest.mark.parametrize(
    ("form", "words"),
    [("notice", "请勿食用"), ("plan", "1. "), ("progress", "已停售"), ("closing", "结论")],
)
def test_each_form_is_a_file_with_its_stamp(shop: Shop, form: str, words: str) -> None:
    recalled(shop, drill=True)
    shop.at(11)

    file = shop.client.get(f"/api/v1/recalls/r1/forms/{form}.txt")

    assert file.headers["content-disposition"] == f'attachment; filename="r1-{form}.txt"'
    assert file.text.startswith("【演练 (drill), 模拟数据 (simulated)】")
    assert words in file.text
    assert shop.client.get("/api/v1/recalls/r1/forms/other.txt").status_code == 422


def test_the_list_of_recalls_says_until_when_each_must_have_begun(shop: Shop) -> None:
    recalled(shop, level=2)

    assert [one["due"] for one in shop.get("/recalls")["items"]] == [rfc3339(hour(58))]
