"""Corrective action beside the alarms: which ones need it, what closes it, what a re-judge and a restart do to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.corrective.overdue import LOOK_S
from alerts.corrective.reader import CorrectiveReader, Wanted
from alerts.corrective.rows import OVERDUE
from alerts.rebuild import rebuild_alarms
from alerts.store import AlertStore
from coldchain.clock import parse_rfc3339
from coldchain.corrective import CoreTemperature, Correction, CorrectionVerified, Corrective, Lead, RiskReport
from coldchain.custody.papers import Photo
from coldchain.registry import Change, LimitRule
from tests.alerts.story import COLD, HOT, POINT, WARM, Story
from tests.alerts.support import MINUTE_MS

HOUR_MS = 60 * MINUTE_MS
PHOTO = Photo("ab" * 32, 1000, "image/jpeg")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.close()


def reader(story: Story) -> CorrectiveReader:
    return CorrectiveReader(story.store.engine)


def rows(story: Story, state: str = "all") -> list[dict[str, Any]]:
    return reader(story).corrections(Wanted(state), story.clock.now_ms(), limit=100)


def said(story: Story, put: Corrective, who: str = "小王", why: str = "整改", *, judge: bool = True) -> None:
    story.ledger.change([Change(put, who, why).encode()], story.clock.now_ms())
    if judge:
        story.work()


def raised(story: Story, celsius: float = WARM) -> str:
    story.say(celsius, 12)
    return str(story.newest()["id"])


def whole(story: Story, alarm: str, name: str = "c1", **more: Any) -> Correction:
    now_ms = story.clock.now_ms()
    fields: dict[str, Any] = {
        "cause": "broken",
        "action": "moved the milk to B",
        "photos": (PHOTO,),
        "responsible": "老李",
        "due_ms": now_ms + HOUR_MS,
        "disposition": "destroyed",
        "evidence": "slip 17",
    }
    return Correction(name, alarm, now_ms, **(fields | more))


def test_an_alarm_that_paged_needs_corrective_action_within_a_day_and_one_tap_closes_it(story: Story) -> None:
    name = raised(story)
    (row,) = rows(story)
    assert (row["about"], row["grade"], row["state"]) == (name, "minor", "open")
    assert row["due_ms"] - row["begun_ms"] == 24 * HOUR_MS

    said(story, Correction("c1", name, story.clock.now_ms(), cause="restocking"))

    (row,) = rows(story)
    assert (row["state"], row["cause"]) == ("closed", "restocking")
    assert rows(story, "todo") == []


def test_an_alarm_that_paged_nobody_needs_none_until_somebody_says_something(story: Story) -> None:
    name = raised(story)
    said(story, Correction("c1", name, story.clock.now_ms(), cause="restocking"))
    story.say(COLD, 5)
    second = raised(story)  # within 12 h of the first page: no page
    assert story.told()[0] == "digest"
    assert [row["about"] for row in rows(story)] == [name]

    said(story, Correction("c2", second, story.clock.now_ms(), cause="door-open"))

    assert {row["about"]: row["state"] for row in rows(story)} == {name: "closed", second: "closed"}


def test_serious_needs_action_and_photo(story: Story) -> None:
    name = raised(story, HOT)  # critical by the shop's own limits, on air: never severe by itself
    (row,) = rows(story)
    assert row["grade"] == "serious"

    said(story, Correction("c1", name, story.clock.now_ms(), cause="broken"))
    assert rows(story)[0]["state"] == "open"
    said(story, Correction("c2", name, story.clock.now_ms(), cause="broken", action="B", photos=(PHOTO,)))

    assert rows(story)[0]["state"] == "closed"


def test_a_core_temperature_above_the_limit_makes_it_severe_and_a_second_person_verifies(story: Story) -> None:
    name = raised(story)
    said(story, Correction("c1", name, story.clock.now_ms(), cause="restocking"))
    assert rows(story)[0]["state"] == "closed"

    said(story, CoreTemperature("t1", name, "cooler-0", 8.4, story.clock.now_ms(), limit_celsius=6.0))
    (row,) = rows(story)
    assert (row["grade"], row["state"], row["core_celsius"]) == ("severe", "open", 8.4)

    said(story, whole(story, name, "c2"), who="小王")
    assert rows(story)[0]["state"] == "to-verify"
    for one in ("小王", "老李"):  # who did it, who is responsible
        story.pass_minutes(1)
        said(story, CorrectionVerified(name, "c2", story.clock.now_ms(), True), who=one)
        assert rows(story)[0]["state"] == "to-verify", one
    said(story, CorrectionVerified(name, "c2", story.clock.now_ms(), False), who="品管", why="no slip")
    assert rows(story)[0]["state"] == "open"
    said(story, whole(story, name, "c3"))
    said(story, CorrectionVerified(name, "c2", story.clock.now_ms(), True), who="品管")  # not what was said last
    assert rows(story)[0]["state"] == "to-verify"
    story.pass_minutes(1)
    said(story, CorrectionVerified(name, "c3", story.clock.now_ms(), True), who="品管")

    assert rows(story)[0]["state"] == "closed"
    found = reader(story).about(name)
    assert found is not None
    assert len(found.said) == 9  # each word is kept
    assert {str(one.reason) for one in found.book.refused.values()} == {"same-person", "other-correction"}


def test_severe_without_a_disposition_stays_open(story: Story) -> None:
    name = raised(story)
    said(story, CoreTemperature("t1", name, "cooler-0", 8.4, story.clock.now_ms(), limit_celsius=6.0))

    said(story, whole(story, name, disposition=""))

    found = reader(story).about(name)
    assert found is not None
    assert (rows(story)[0]["state"], found.book.lacking()) == ("open", ("disposition",))


def test_a_warm_alarm_asks_for_a_core_temperature_within_half_an_hour_until_somebody_measured(story: Story) -> None:
    name = raised(story)
    (row,) = rows(story, "to-check")
    assert row["check_until_ms"] - row["begun_ms"] == 30 * MINUTE_MS

    said(story, CoreTemperature("t1", name, "cooler-0", 5.9, story.clock.now_ms(), limit_celsius=6.0))

    assert rows(story, "to-check") == []
    assert [(row["grade"], row["state"], row["core_celsius"]) for row in rows(story)] == [("minor", "open", 5.9)]


def test_a_reading_without_a_limit_decides_nothing(story: Story) -> None:
    name = raised(story)

    said(story, CoreTemperature("t1", name, "cooler-0", 30.0, story.clock.now_ms()))

    assert [row["grade"] for row in rows(story, "to-check")] == ["minor"]


def test_what_is_overdue_at_a_site_is_one_alarm_that_pages_and_ends_when_it_is_done(story: Story) -> None:
    name = raised(story)
    story.say(COLD, 5)
    story.say(WARM, 12, probe=1)
    story.say(COLD, 5, probe=1)
    other = next(str(item["id"]) for item in story.alarms() if item["asset"] == "cooler-1")
    pages = story.pages()
    story.pass_minutes(24 * 60)
    story.work()

    late = [item for item in story.alarms() if item["rule"] == OVERDUE]
    assert [(item["site"], item["asset"], item["severity"], item["open"]) for item in late] == [
        ("shop", "", "warning", True)
    ]
    assert story.pages() > pages
    assert late[0]["telling"] == "page"
    assert sorted(row["about"] for row in rows(story, "overdue")) == sorted((name, other))

    said(story, Correction("c1", name, story.clock.now_ms(), cause="restocking"))
    story.clock.advance_sync(LOOK_S)
    story.work()
    assert story.newest()["rule"] == OVERDUE or story.newest()["open"]
    assert rows(story, "overdue") != []
    said(story, Correction("c2", other, story.clock.now_ms(), cause="restocking"))
    done_ms = story.clock.now_ms()
    story.clock.advance_sync(3 * LOOK_S)
    story.work()

    (item,) = [item for item in story.alarms() if item["rule"] == OVERDUE]
    assert (item["open"], item["end_reason"]) == (False, "returned")
    with story.store.engine.connect() as connection:
        ended = connection.exec_driver_sql("SELECT ended_ms FROM episode WHERE rule = ?", (OVERDUE,)).scalar_one()
    assert ended == done_ms
    assert rows(story, "overdue") == []


def test_overdue_corrective_action_asks_for_none_itself(story: Story) -> None:
    raised(story)
    story.pass_minutes(25 * 60)
    story.work()

    assert OVERDUE in {item["rule"] for item in story.alarms()}
    assert OVERDUE not in {row["rule"] for row in rows(story)}


def test_a_lead_ends_in_corrective_action_of_its_own_and_is_closed_with_it(story: Story) -> None:
    now_ms = story.clock.now_ms()
    lead = Lead("L1", "complaint", "sour milk", now_ms, site="shop", due_ms=now_ms + HOUR_MS)
    said(story, lead)
    assert [(one["state"], one["source"]) for one in reader(story).matters("lead", limit=9)] == [("open", "complaint")]
    assert rows(story) == []
    story.pass_minutes(70)
    story.work()
    assert [item["rule"] for item in story.alarms()] == [OVERDUE]  # nobody said what it comes to

    said(story, Lead("L1", "complaint", "sour milk", now_ms, site="shop", conclusion="cooler off", ends="correction"))
    assert [one["state"] for one in reader(story).matters("lead", limit=9)] == ["correcting"]
    assert [(row["about"], row["grade"], row["rule"]) for row in rows(story)] == [("lead:L1", "serious", "lead")]
    said(story, Correction("c1", "lead:L1", now_ms, cause="broken", action="repaired", photos=(PHOTO,)))

    assert [one["state"] for one in reader(story).matters("lead", limit=9)] == ["closed"]
    assert [row["state"] for row in rows(story)] == ["closed"]


def test_a_risk_report_ends_in_a_recall(story: Story) -> None:
    now_ms = story.clock.now_ms()
    report = RiskReport(
        "R1", "lab", "phosphatase positive", now_ms, site="shop", to="the county bureau", sent_ms=now_ms
    )
    said(story, report)
    assert [one["state"] for one in reader(story).matters("risk", limit=9)] == ["open"]

    said(
        story, RiskReport("R1", "lab", "phosphatase positive", now_ms, "shop", ends="recall", recall="r1", receipt="7")
    )

    assert [one["state"] for one in reader(story).matters("risk", limit=9)] == ["closed"]
    assert rows(story) == []


# -- what a re-judge, a rebuild, a lost store and the order of things do to it ---------------------------------------


def test_what_was_said_of_an_alarm_that_is_merged_is_said_of_the_one_that_lives_on(story: Story) -> None:
    first = raised(story)
    story.say(COLD, 5)
    story.pass_minutes(13 * 60)  # behind the page budget
    second = raised(story)
    said(story, CoreTemperature("t1", second, "cooler-0", 8.4, story.clock.now_ms(), limit_celsius=6.0))
    assert {row["about"]: row["grade"] for row in rows(story)} == {first: "minor", second: "severe"}

    merged_from(story, first, second)

    (row,) = rows(story)
    assert (row["about"], row["grade"]) == (first, "severe")
    by_old_name = reader(story).about(second)
    assert by_old_name is not None
    assert by_old_name.about == first


def merged_from(story: Story, first: str, second: str) -> None:
    """Let the readings between two alarms come late: it was warm all the time."""
    begins_ms, ends_ms = (story.reader.alarm(name)["onset"] for name in (first, second))  # type: ignore[index]
    at_ms, to_ms = parse_rfc3339(str(begins_ms)), parse_rfc3339(str(ends_ms))
    late = [("urn:p0:t", at, WARM) for at in range(at_ms + MINUTE_MS // 2, to_ms, MINUTE_MS // 2)]
    for begin in range(0, len(late), 400):
        story.send("gw", late[begin : begin + 400])
    story.settle()
    assert story.reader.alarm(second)["state"] == "merged"  # type: ignore[index]


def test_a_retracted_alarm_leaves_its_corrective_action_void_and_nothing_overdue(story: Story) -> None:
    name = raised(story)
    story.say(COLD, 5)
    story.put(LimitRule(POINT, 0, 20.0, 0.0, 600, 0.5, 120))
    story.settle()
    story.pass_minutes(25 * 60)
    story.work()

    assert {row["about"]: row["state"] for row in rows(story)}[name] == "void"
    assert OVERDUE not in {item["rule"] for item in story.alarms()}


def test_a_rebuild_changes_nothing(story: Story) -> None:
    name = raised(story)
    said(story, CoreTemperature("t1", name, "cooler-0", 8.4, story.clock.now_ms(), limit_celsius=6.0))
    said(story, whole(story, name))
    before = rows(story)

    rebuild_alarms(story.store, story.ledger, story.clock)

    assert rows(story) == before


def test_an_emptied_store_finds_what_was_said_in_the_ledger(story: Story) -> None:
    name = raised(story)
    said(story, CoreTemperature("t1", name, "cooler-0", 8.4, story.clock.now_ms(), limit_celsius=6.0))
    said(story, whole(story, name))
    before = rows(story)
    story.store.close()
    story.store = AlertStore.open(story.folder / "another.sqlite")
    story.open()

    story.settle()

    keys = ("about", "grade", "state", "done_ms", "cause", "core_celsius", "responsible")
    assert [[row[key] for key in keys] for row in rows(story)] == [[row[key] for key in keys] for row in before]


WORDS = st.sampled_from(["minor", "partly", "whole", "warm", "cool", "accept", "send back", "own"])


@settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, max_size=6), st.data())
def test_replaying_the_ledger_in_any_pieces_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    story = Story(tmp_path_factory.mktemp("story"))
    name = raised(story)
    for number, word in enumerate(words):
        now_ms = story.clock.now_ms()
        match word:
            case "minor":
                said(story, Correction(f"c{number}", name, now_ms, cause="restocking"))
            case "partly":
                said(story, whole(story, name, f"c{number}", done=False))
            case "whole":
                said(story, whole(story, name, f"c{number}"))
            case "warm" | "cool":
                celsius = 9.0 if word == "warm" else 4.0
                said(story, CoreTemperature(f"t{number}", name, "cooler-0", celsius, now_ms, limit_celsius=6.0))
            case _:
                found = reader(story).about(name)
                last = found.book.correction if found else None
                verified = CorrectionVerified(name, last.id if last else "none", now_ms, word != "send back")
                said(story, verified, who="小王" if word == "own" else "品管")
        story.pass_minutes(1)
    before = rows(story)
    story.store.close()
    story.store = AlertStore.open(story.folder / "again.sqlite")
    story.open()

    while story.judge.cursor < story.ledger.end():
        story.judge.step(story.ledger.read(story.judge.cursor, data.draw(st.integers(1, 7))))
        if data.draw(st.booleans()):
            story.judge.commit()
    story.settle()

    keys = ("about", "grade", "state", "done_ms", "closed_ms", "cause", "core_celsius", "responsible")
    again = [[row[key] for key in keys] for row in rows(story)]
    assert again == [[row[key] for key in keys] for row in before]
    story.close()
