"""Corrective action over the API: what closes which grade, who may verify, what a core temperature decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.episodes import unmeasured
from alerts.history import LedgerHistory
from alerts.judge import Judge
from alerts.lifecycle import Alarm, AlarmState
from alerts.reconcile import Outcome
from coldchain.batches import BatchDecoder
from coldchain.clock import rfc3339
from coldchain.registry import LabelCondition, Point
from dashboards.correction_models import CorrectionShort
from tests.dashboards.test_lots import Shop, delivered, made_shop
from tests.goods.stories import hour
from tests.papers.pictures import png
from tests.support import put


class Quality(Shop):
    """A shop whose coolers were warm at hour 9, and what people say about it."""

    def warm(self, name: str = "a1", rule: str = "high", severity: str = "warning", asset: str = "c1") -> None:
        """Raise an alarm that pages."""
        alarms = self.house.alerts
        episode = unmeasured(f"{asset}.air", rule, hour(9), hour(9), None, "", severity)
        alarm = Alarm(name, episode, AlarmState.UNACKNOWLEDGED, hour(9), False, 1, paged_at_ms=hour(9))
        with alarms.writing(alarms.position(), alarms.position()) as writing:
            writing.put(Outcome(alarm, ()), (asset, "s1"))

    def judge(self) -> None:
        decode = BatchDecoder()
        history = LedgerHistory(self.house.ledger, decode)
        judge = Judge(self.house.alerts, self.house.ledger, history, self.house.clock, decode)
        while entries := self.house.ledger.read(judge.cursor, 50):
            judge.step(entries)
        judge.commit()

    def tell(self, *entries: dict[str, Any], who: str = "小王", status: int = 201) -> Any:
        body = {"who": who, "why": "整改", "entries": list(entries)}
        answer = self.client.post("/api/v1/corrections", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def refused(self, *entries: dict[str, Any], who: str = "小王") -> str:
        return str(self.tell(*entries, who=who, status=422)["detail"])

    def one(self, about: str = "a1") -> Any:
        return self.get(f"/corrections/{about}")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Quality]:
    with made_shop(tmp_path) as made:
        quality = Quality(made.house, made.client)
        put(made.house.ledger, Point("c1.air", "c1", "return", "temperature", 60, profile="pasteurized"))
        quality.warm()
        quality.at(9.2)
        yield quality


def photo(shop: Quality) -> dict[str, Any]:
    answer = shop.client.post("/api/v1/photos", content=png())
    assert answer.status_code == 201
    return dict(answer.json())


def said(about: str = "a1", at: float = 9.2, name: str = "k1", **more: Any) -> dict[str, Any]:
    return {"put": "correction", "id": name, "about": about, "at_ms": hour(at), **more}


def reading(celsius: float, name: str = "t1", at: float = 9.2, **more: Any) -> dict[str, Any]:
    where = more or {"about": "a1"}
    return {"put": "core-temperature", "id": name, "about": "", "asset": "", "celsius": celsius,
            "at_ms": hour(at), **where}  # fmt: skip


def severe(shop: Quality, name: str = "k1", **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"cause": "broken", "action": "moved to B", "photos": [photo(shop)], "responsible": "老李",
              "due_ms": hour(20), "disposition": "destroyed"}  # fmt: skip
    return said(name=name, **(fields | more))


def verified(shop: Quality, correction: str, *, accepted: bool = True, at: float = 9.3) -> dict[str, Any]:
    return {"put": "correction-verified", "about": "a1", "correction": correction, "at_ms": hour(at),
            "accepted": accepted}  # fmt: skip


def test_one_tap_on_a_cause_closes_a_minor_one_at_once_and_after_the_judge_has_read_it(shop: Quality) -> None:
    assert [one["grade"] for one in shop.get("/corrections")["items"]] == ["minor"]

    shop.tell(said(cause="door-open"))

    assert (shop.one()["state"], shop.one()["cause"]) == ("closed", "door-open")
    shop.judge()
    assert shop.get("/corrections")["items"] == []
    (found,) = shop.get("/corrections?state=closed")["items"]
    assert set(found) == set(CorrectionShort.model_fields)
    assert shop.get("/corrections")["counts"] == {"open": 0, "overdue": 0, "to_verify": 0, "to_check": 0}


def test_the_same_word_twice_is_written_once(shop: Quality) -> None:
    first = shop.tell(said(cause="door-open"))
    end = shop.house.ledger.end()

    again = shop.tell(said(cause="door-open"))

    assert again == first
    assert shop.house.ledger.end() == end


def test_a_serious_one_is_refused_without_photo_in_a_clear_sentence(shop: Quality) -> None:
    shop.warm("a2", "high-high")

    refused = shop.refused(said("a2", cause="broken", action="repaired"))

    assert refused == "entries.0: lacking: 还不能算完成,缺少: 照片 (it does not count as done without: a photo)"
    shop.tell(said("a2", cause="broken", action="repaired", photos=[photo(shop)]))
    assert shop.one("a2")["state"] == "closed"


def test_a_photo_that_nobody_sent_is_refused(shop: Quality) -> None:
    shop.warm("a2", "high-high")
    of_nothing = {"sha256": "ab" * 32, "size": 10, "type": "image/jpeg"}

    assert "photo-not-sent" in shop.refused(said("a2", cause="broken", action="repaired", photos=[of_nothing]))


def test_closing_a_severe_one_without_disposition_is_refused(shop: Quality) -> None:
    shop.warm("a1", "product", "critical")
    assert shop.one()["grade"] == "severe"

    assert "产品处置" in shop.refused(severe(shop, disposition=""))
    assert "完成期限" in shop.refused(said(cause="broken"))


def test_a_due_time_in_the_past_or_beyond_a_week_is_refused(shop: Quality) -> None:
    shop.warm("a1", "product", "critical")

    assert "due-passed" in shop.refused(severe(shop, due_ms=hour(9.1)))
    assert "due-too-late" in shop.refused(severe(shop, due_ms=hour(9 + 7 * 24) + 1))
    shop.tell(severe(shop, due_ms=hour(9 + 7 * 24)))


def test_a_due_time_that_was_given_may_be_said_again_when_it_is_over(shop: Quality) -> None:
    shop.warm("a1", "product", "critical")
    shop.tell(severe(shop, due_ms=hour(10), done=False))
    shop.judge()
    shop.at(11)
    assert (shop.one()["overdue"], shop.one()["state"]) == (True, "open")

    shop.tell({**severe(shop, "k2", due_ms=hour(10)), "at_ms": hour(11)})

    assert (shop.one()["overdue"], shop.one()["state"]) == (False, "to-verify")


def test_nobody_verifies_what_they_did_or_answer_for_and_many_are_verified_at_once(shop: Quality) -> None:
    for name in ("a1", "a2"):
        shop.warm(name, "product", "critical", "c1" if name == "a1" else "c2")
        shop.tell({**severe(shop, f"k-{name}"), "about": name})
    shop.judge()
    shop.at(9.5)
    both = [{**verified(shop, f"k-{name}"), "about": name} for name in ("a1", "a2")]

    for who in ("小王", " 小王 ", "老李"):
        assert "same-person" in shop.refused(*both, who=who), who
    shop.tell(*both, who="品管")

    assert [shop.one(name)["state"] for name in ("a1", "a2")] == ["closed", "closed"]


def test_what_is_sent_back_is_open_with_the_reason_and_needs_a_new_word(shop: Quality) -> None:
    shop.warm("a1", "product", "critical")
    shop.tell(severe(shop))
    shop.at(9.5)
    shop.tell(verified(shop, "k1", accepted=False), who="品管")

    assert shop.one()["state"] == "open"
    assert "not-done" in shop.refused(verified(shop, "k1", at=9.4), who="品管")
    shop.tell(severe(shop, "k2"))
    assert "other-correction" in shop.refused(verified(shop, "k1", at=9.4), who="品管")
    shop.tell(verified(shop, "k2", at=9.4), who="品管")

    found = shop.one()
    assert found["state"] == "closed"
    assert [(one["entry"]["put"], one["who"], one["refused"]) for one in found["history"]] == [
        ("correction", "小王", ""),
        ("correction-verified", "品管", ""),
        ("correction", "小王", ""),
        ("correction-verified", "品管", ""),
    ]
    assert "closed" in shop.refused(severe(shop, "k3"))


def test_an_alarm_that_is_not_known_is_refused(shop: Quality) -> None:
    assert "没有这条报警" in shop.refused(said("nobody", cause="door-open"))
    shop.get("/corrections/nobody", 404)


def test_air_alone_never_holds_a_lot(shop: Quality) -> None:
    delivered(shop)
    shop.warm("a1", "high-high", "critical")
    shop.judge()

    found = shop.get("/alarms/open/lots")
    assert [one["held"] for one in found["items"]] == [False]
    shop.catch_up()
    assert shop.get("/lots/L1")["holds"] == []
    assert not [entry for entry in shop.house.ledger.changes(0, 1000) if b'"lot-hold"' in entry.raw]
    (row,) = shop.get("/corrections?state=to-check")["items"]
    assert row["check_until"] == rfc3339(hour(9.5))


def test_a_core_temperature_above_the_label_holds_every_lot_there_in_one_request(shop: Quality) -> None:
    delivered(shop)

    answer = shop.tell(reading(6.4))
    shop.catch_up()

    (decided,) = answer["measured"]
    assert (decided["decided"], decided["limit_celsius"], decided["lots"]) == ("held", 6.0, ["L1"])
    assert decided["words_zh"] == "先不要卖,等品管决定"
    (hold,) = shop.get("/lots/L1")["holds"]
    assert (hold["hold"], hold["place"], hold["alarm"], hold["who"]) == ("t1", "site:s1", "a1", "小王")
    assert "6.4" in hold["why"]
    assert shop.one()["grade"] == "severe"
    shop.judge()
    assert shop.get("/corrections?state=to-check")["items"] == []


def test_a_core_temperature_at_the_limit_says_that_it_may_be_sold(shop: Quality) -> None:
    delivered(shop)

    answer = shop.tell(reading(6.0, asset="c1"))  # the clerk scanned the cooler; the server finds who asked
    shop.catch_up()
    shop.judge()

    assert answer["measured"][0]["words_zh"] == "可以卖了"
    assert shop.get("/lots/L1")["holds"] == []
    assert (shop.one()["grade"], shop.one()["check_until"], shop.one()["core_celsius"]) == ("minor", None, 6.0)


def test_a_cool_reading_lifts_no_hold(shop: Quality) -> None:
    delivered(shop)
    shop.tell(reading(7.0))
    shop.catch_up()

    shop.tell(reading(4.0, "t2", 9.21))
    shop.catch_up()

    (hold,) = shop.get("/lots/L1")["holds"]
    assert hold["decision"] == ""


def test_the_label_of_the_place_goes_before_the_profile(shop: Quality) -> None:
    put(shop.house.ledger, LabelCondition("c1.air", 0, 2.0, 8.0))
    delivered(shop)

    assert shop.tell(reading(7.5))["measured"][0]["decided"] == "may-be-sold"


def test_the_same_reading_twice_holds_once(shop: Quality) -> None:
    delivered(shop)
    first = shop.tell(reading(7.0))
    shop.catch_up()
    end = shop.house.ledger.end()

    assert shop.tell(reading(7.0))["positions"] == first["positions"]
    assert shop.house.ledger.end() == end


def test_temperatures_that_cannot_be_are_refused(shop: Quality) -> None:
    assert "bad-temperature" in shop.refused(reading(640))
    assert "unknown-place" in shop.refused(reading(5, asset="nothing"))
    assert "in-future" in shop.refused(reading(5, at=11))


def test_a_lead_is_followed_to_the_corrective_action_that_it_ends_in(shop: Quality) -> None:
    lead = {"put": "lead", "id": "L-7", "source": "supervision", "what": "no thermometer in the room",
            "at_ms": hour(9), "site": "s1", "due_ms": hour(48)}  # fmt: skip
    shop.tell(lead, who="匿名")
    assert "unknown-lead" in shop.refused(said("lead:L-7", cause="other", action="x"))
    shop.tell({**lead, "conclusion": "true", "ends": "correction", "grade": "serious"})
    shop.judge()
    shop.tell(said("lead:L-7", name="k9", cause="other", action="bought one", photos=[photo(shop)]))
    shop.judge()

    found = shop.get("/leads/L-7")
    assert (found["state"], found["source"], found["who"]) == ("closed", "supervision", "匿名")
    assert found["correction"]["state"] == "closed"
    assert [one["id"] for one in shop.get("/leads?state=closed")["items"]] == ["L-7"]
    assert len(found["history"]) == 3
    shop.get("/leads/none", 404)


def test_a_lead_that_ends_in_a_recall_names_one_that_is_known(shop: Quality) -> None:
    lead = {"put": "lead", "id": "L-8", "source": "sampling", "what": "coliforms", "at_ms": hour(9), "ends": "recall"}

    assert "no-words" in shop.refused(lead)
    assert "unknown-recall" in shop.refused({**lead, "recall": "r9"})
    assert "bad-word" in shop.refused({**lead, "source": "gossip", "recall": "r9"})


def test_a_risk_report_says_to_whom_when_and_its_receipt(shop: Quality) -> None:
    report = {"put": "risk-report", "id": "R-1", "source": "a1", "what": "cooler dead for 9 h", "at_ms": hour(9),
              "site": "s1", "measures": "sale stopped", "to": "县市场监管局", "sent_ms": hour(9.1)}  # fmt: skip

    assert "报送对象" in shop.refused({**report, "to": ""})
    shop.tell(report)
    shop.tell({**report, "receipt": "2023-17"})
    shop.judge()

    (found,) = shop.get("/risk-reports")["items"]
    assert (found["content"]["receipt"], found["content"]["to"], found["state"]) == ("2023-17", "县市场监管局", "open")
    assert shop.get("/risk-reports/R-1")["history"][0]["entry"]["receipt"] == ""


def test_lists_are_paged_and_chosen_by_site_grade_and_time(shop: Quality) -> None:
    shop.warm("a2", "high-high", asset="c2")

    first = shop.get("/corrections?limit=1")
    second = shop.get(f"/corrections?limit=1&cursor={first['next']}")

    assert [page["items"][0]["about"] for page in (first, second)] == ["a1", "a2"]
    assert second["next"] is None
    assert [one["about"] for one in shop.get("/corrections?grade=serious&site=s1")["items"]] == ["a2"]
    assert shop.get("/corrections?site=dc")["items"] == []
    assert shop.get("/corrections?from=2023-11-16T00:00:00Z")["items"] == []
    shop.get("/corrections?state=sleeping", 422)


def test_a_page_from_elsewhere_may_not_write(shop: Quality) -> None:
    body = {"who": "x", "why": "y", "entries": [said(cause="door-open")]}

    answer = shop.client.post("/api/v1/corrections", json=body, headers={"origin": "https://elsewhere.example"})

    assert answer.status_code == 403
