"""Somebody does something with an alarm over the API: it stands in the ledger, or is refused with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.episodes import unmeasured
from alerts.notify.content import Content
from alerts.notify.directory import Receiver, Route
from alerts.notify.drills import ask
from alerts.reconcile import Moment, raised
from coldchain.clock import rfc3339
from coldchain.people import DrillConfirmed
from coldchain.registry import AlarmAction, decode_change
from dashboards.app import create_app
from tests.dashboards.test_api import House
from tests.dashboards.web import TestClient


class Desk:
    """The API over a house with one alarm, ``a1``, that stands unacknowledged."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        now_ms = self.house.clock.now_ms()
        episode = unmeasured("p-1", "silence", now_ms - 3_600_000, now_ms, None, "", "warning")
        with self.house.alerts.writing(0, 0) as writing:
            writing.put(raised("a1", episode, Moment(now_ms, now_ms)), ("cooler-1", "s-1"))
        self.client = TestClient(create_app(self.house.sources))

    def act(self, action: dict[str, Any], alarm: str = "a1", who: str = "小王", **headers: str) -> Any:
        body = {"who": who, "why": "看过了", "entries": [action]}
        return self.client.post(f"/api/v1/alarms/{alarm}/actions", json=body, headers=headers)

    def said(self) -> list[tuple[AlarmAction, str, str]]:
        ledger = self.house.ledger
        changes = [decode_change(entry.raw) for entry in ledger.changes(0, ledger.end())]
        return [(one.change, one.who, one.why) for one in changes if isinstance(one.change, AlarmAction)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with made.client:
        yield made
    made.house.close()


def test_an_acknowledgement_stands_in_the_ledger_with_name_and_reason(desk: Desk) -> None:
    answer = desk.act({"action": "acknowledge"})

    assert answer.status_code == 201, answer.text
    now_ms = desk.house.clock.now_ms()
    assert desk.said() == [(AlarmAction("a1", "acknowledge", now_ms), "小王", "看过了")]
    assert answer.json() == {"positions": [desk.house.ledger.end()]}


def test_a_shelf_has_an_end(desk: Desk) -> None:
    assert desk.act({"action": "shelve", "minutes": 20}).status_code == 201

    ((put, _, _),) = desk.said()
    assert put.until_ms == put.at_ms + 20 * 60_000


@pytest.mark.parametrize(
    ("action", "alarm", "status", "says"),
    [
        ({"action": "acknowledge"}, "nobody", 404, "there is no alarm"),
        ({"action": "shelve"}, "a1", 409, "a shelf has an end"),
        ({"action": "shelve", "minutes": 100_000}, "a1", 409, "is shelved for 1 to"),
        ({"action": "reset"}, "a1", 409, "only a latched alarm is reset"),
        ({"action": "dance"}, "a1", 409, "is no action on an alarm"),
        ({"act": "acknowledge"}, "a1", 422, "act"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(
    desk: Desk, action: dict[str, Any], alarm: str, status: int, says: str
) -> None:
    answer = desk.act(action, alarm)

    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert desk.said() == []


def test_a_page_from_elsewhere_may_not_act(desk: Desk) -> None:
    assert desk.act({"action": "acknowledge"}, Origin="https://evil.example").status_code == 403
    assert desk.said() == []


def test_a_drill_is_confirmed_by_its_link_and_stands_in_the_ledger_once(desk: Desk) -> None:
    now_ms = desk.house.clock.now_ms()
    receiver = Receiver("person:li", "zh", "Asia/Shanghai", (Route("sms", "sms-1", "138"),))
    with desk.house.notes.writing() as connection:
        key = ask(connection, receiver, lambda _, key: Content("test", "", "zh", "演练", ()), now_ms)

    assert desk.client.post(f"/api/v1/drills/{key}/confirmation").json()["in_time"] is True
    assert desk.client.post(f"/api/v1/drills/{key}/confirmation").status_code == 200
    assert desk.client.post("/api/v1/drills/nothing/confirmation").status_code == 404

    ledger = desk.house.ledger
    puts = [decode_change(entry.raw).change for entry in ledger.changes(0, ledger.end())]
    assert [put for put in puts if isinstance(put, DrillConfirmed)] == [DrillConfirmed(key, "li", now_ms, now_ms)]
    (listed,) = desk.client.get("/api/v1/drills").json()["items"]
    assert (listed["person"], listed["confirmed_at"]) == ("li", rfc3339(now_ms))
