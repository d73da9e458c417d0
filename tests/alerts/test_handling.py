"""People and time: acknowledging, shelving, latching, re-alarms, and what a restart does to them (nothing)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import alerts.rationalisation
from alerts.holds import Annunciation
from alerts.rationalisation import Guidance
from alerts.rebuild import rebuild_alarms
from alerts.store import AlertStore
from coldchain.clock import rfc3339
from coldchain.ledger.port import Entry
from tests.alerts.story import COLD, HOT, POINT, WARM, Story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.close()


def raised(story: Story, celsius: float = WARM) -> str:
    """Let the first cooler be warm until its alarm comes, and return its id."""
    story.say(celsius, 12)
    return str(story.newest()["id"])


def test_who_and_why_stand_in_every_step(story: Story) -> None:
    name = raised(story)
    story.act(name, "acknowledge", who="小王", why="正在补货")
    story.say(COLD, 5)

    assert [(step["trigger"], step["to"], step["who"], step["reason"]) for step in story.steps()] == [
        ("raise", "unacknowledged", "judge", "limit"),
        ("acknowledge", "acknowledged", "小王", "正在补货"),
        ("return", "normal", "judge", "returned"),
    ]


def test_two_clerks_acknowledge_at_once_and_neither_is_refused(story: Story) -> None:
    name = raised(story)
    story.act(name, "acknowledge", who="小王")
    story.act(name, "acknowledge", who="小李")

    assert story.state() == "acknowledged"
    assert [step["who"] for step in story.steps()[1:]] == ["小王", "小李"]
    assert (story.count("actions"), story.count("actions_refused")) == (2, 0)


def test_an_action_that_cannot_be_is_counted_and_stops_nothing(story: Story) -> None:
    name = raised(story)
    for action in ("reset", "unshelve", "in-service", "dance"):
        story.act(name, action)
    story.act(name, "shelve")  # without an end

    assert (story.count("actions"), story.count("actions_refused")) == (5, 5)
    assert [step["trigger"] for step in story.steps()] == ["raise"]


def test_an_action_on_an_alarm_that_is_not_known_yet_waits_for_it(story: Story) -> None:
    name = raised(story)
    story.act(name, "acknowledge")
    ledger, history = story.ledger, story.history
    story.store.close()
    story.store = AlertStore.open(story.folder / "another.sqlite")
    story.act("nobody", "acknowledge", judge=False)
    story.open()
    assert (story.ledger, story.history) == (ledger, history)

    story.settle()

    assert (story.newest()["id"], story.state()) == (name, "acknowledged")
    assert (story.count("actions"), story.count("actions_early")) == (2, 1)


def test_an_early_action_is_done_when_its_alarm_is_raised(story: Story, tmp_path: Path) -> None:
    twin = Story(tmp_path / "twin")
    name = raised(twin)
    twin.close()

    story.act(name, "acknowledge", who="小王")
    raised(story)

    assert (story.newest()["id"], story.state()) == (name, "acknowledged")
    assert story.steps()[-1]["who"] == "小王"


def test_a_rebuild_keeps_what_people_did(story: Story) -> None:
    name = raised(story)
    story.act(name, "acknowledge")
    story.say(COLD, 5)
    raised(story)
    story.act(str(story.newest()["id"]), "shelve", minutes=600)
    before = story.alarms()

    rebuild_alarms(story.store, story.ledger, story.clock)

    assert [(item["id"], item["state"]) for item in story.alarms()] == [(item["id"], item["state"]) for item in before]


def test_an_emptied_store_learns_from_the_ledger_what_people_did(story: Story) -> None:
    name = raised(story)
    story.act(name, "shelve", minutes=30)
    story.say(COLD, 5)
    raised(story)  # within the shelf
    story.stand(WARM, 60)  # it ends
    story.act(str(story.newest()["id"]), "acknowledge")
    story.say(COLD, 5)
    raised(story)  # behind it
    before = [(item["id"], item["state"]) for item in story.alarms()]
    story.store.close()
    story.store = AlertStore.open(story.folder / "another.sqlite")
    story.open()

    story.settle()

    assert [state for _, state in before] == ["normal", "normal", "unacknowledged"]
    assert [(item["id"], item["state"]) for item in story.alarms()] == before


# -- re-alarm -----------------------------------------------------------------------------------------------------


def test_an_acknowledged_alarm_that_stands_four_hours_asks_again(story: Story) -> None:
    name = raised(story)
    story.act(name, "acknowledge")
    story.stand(WARM, 230)
    assert (story.state(), story.pages()) == ("acknowledged", 1)

    story.stand(WARM, 10)

    assert (story.state(), story.told(), story.pages()) == ("unacknowledged", ("page", "re-alarm"), 2)
    story.stand(WARM, 300)
    assert (story.pages(), story.count("re_alarms")) == (2, 1)


def test_an_alarm_that_is_over_never_asks_again(story: Story) -> None:
    story.act(raised(story), "acknowledge")
    story.say(COLD, 5)
    raised(story)

    story.stand(WARM, 300)

    assert (story.count("re_alarms"), story.state()) == (0, "unacknowledged")


def test_a_critical_alarm_asks_again_after_two_hours(story: Story) -> None:
    story.act(raised(story, HOT), "acknowledge")

    story.stand(HOT, 120)

    assert story.state() == "unacknowledged"


def test_a_time_that_passed_while_the_server_was_down_fires_once_and_not_while_it_catches_up(story: Story) -> None:
    story.act(raised(story), "acknowledge")
    story.say(WARM, 300, judge=False)  # the server is down
    story.restart()

    while entries := story.ledger.read(story.judge.cursor, 7):
        story.judge.step(entries)
        assert (story.state(), story.pages()) == ("acknowledged", 1)
    story.judge.idle()

    assert (story.state(), story.pages()) == ("unacknowledged", 2)
    story.restart()
    story.work()
    story.judge.idle()
    assert (story.pages(), story.count("re_alarms")) == (2, 1)


@pytest.mark.parametrize("while_catching_up", [False, True], ids=["idle only", "control: in every step"])
def test_a_time_that_passed_for_an_alarm_that_is_over_by_now_fires_only_in_a_judge_that_does_not_wait(
    story: Story, monkeypatch: pytest.MonkeyPatch, while_catching_up: bool
) -> None:
    story.act(raised(story), "acknowledge")
    story.say(WARM, 300, judge=False)
    story.say(COLD, 5, judge=False)
    story.restart()
    plain = story.judge.step

    def step(entries: Sequence[Entry]) -> None:
        plain(entries)
        if while_catching_up:
            story.judge._quiet.work_off()

    monkeypatch.setattr(story.judge, "step", step)
    story.catch_up(chunk=7)

    assert story.count("re_alarms") == int(while_catching_up)
    assert story.pages() == 1 + int(while_catching_up)


# -- shelving -----------------------------------------------------------------------------------------------------


def test_a_shelved_alarm_says_until_when_and_comes_back_then(story: Story) -> None:
    name = raised(story)
    until_ms = story.clock.now_ms() + 20 * 60_000
    story.act(name, "shelve", minutes=20)
    assert (story.state(), story.newest()["shelved_until"]) == ("shelved", rfc3339(until_ms))

    story.stand(WARM, 10)
    story.restart()
    story.stand(WARM, 10)

    assert (story.state(), story.told(), story.pages()) == ("unacknowledged", ("page", "shelf-over"), 2)
    assert (story.steps()[-1]["reason"], story.steps()[-1]["who"]) == ("shelf-over", "judge")
    assert story.newest()["shelved_until"] is None


def test_a_new_occurrence_within_the_time_is_shelved_as_well(story: Story) -> None:
    story.act(raised(story), "shelve", minutes=60, why="正在补货")
    story.say(COLD, 5)
    raised(story)

    assert (story.state(), story.told(), story.pages()) == ("shelved", ("digest", "shelved"), 1)
    assert (story.steps()[-1]["who"], story.steps()[-1]["reason"]) == ("小王", "正在补货")
    story.say(COLD, 5)
    assert story.state() == "normal"


def test_an_occurrence_behind_the_time_is_not(story: Story) -> None:
    story.act(raised(story), "shelve", minutes=20)
    story.say(COLD, 30)
    raised(story)

    assert story.state() == "unacknowledged"


def test_a_one_shot_shelf_ends_when_the_condition_clears(story: Story) -> None:
    story.act(raised(story), "shelve", minutes=600, one_shot=True)
    story.say(COLD, 5)
    assert story.state() == "normal"

    raised(story)

    assert story.state() == "unacknowledged"


def test_a_one_shot_shelf_covers_no_second_occurrence_that_comes_with_the_end_of_the_first(story: Story) -> None:
    story.act(raised(story), "shelve", minutes=600, one_shot=True)
    story.say(COLD, 5, judge=False)
    story.say(WARM, 12)

    assert [item["state"] for item in story.alarms()] == ["normal", "unacknowledged"]


def test_who_shelves_a_warning_has_not_shelved_a_critical(story: Story) -> None:
    story.act(raised(story), "shelve", minutes=600)

    story.say(HOT, 3)

    assert (story.state(), story.newest()["severity"]) == ("unacknowledged", "critical")
    assert (story.told(), story.pages()) == (("page", "got-worse"), 2)


def test_a_person_ends_a_shelf(story: Story) -> None:
    name = raised(story)
    story.act(name, "shelve", minutes=600)
    story.act(name, "unshelve")

    assert story.state() == "unacknowledged"
    story.say(COLD, 5)
    raised(story)
    assert story.state() == "unacknowledged"


def test_no_shelf_is_longer_than_its_severity_allows(story: Story) -> None:
    story.act(raised(story, HOT), "shelve", minutes=6000)  # by a program that does not ask first

    story.stand(HOT, 120)

    assert story.state() == "unacknowledged"


# -- suppressed and out of service ----------------------------------------------------------------------------------


def test_out_of_service_lasts_until_somebody_ends_it(story: Story) -> None:
    name = raised(story)
    story.act(name, "shelve", minutes=600)
    story.act(name, "out-of-service", why="维修")
    story.say(HOT, 5)
    assert (story.state(), story.pages()) == ("out-of-service", 1)
    story.say(COLD, 5)
    raised(story)
    assert (story.state(), story.told()) == ("out-of-service", ("digest", "out-of-service"))

    story.act(name, "in-service", who="店长")

    assert story.state() == "shelved"  # the shelf lies there still
    assert [(step["trigger"], step["who"]) for step in story.steps()[-2:]] == [
        ("in-service", "店长"),
        ("shelve", "小王"),
    ]


def test_what_design_suppresses_pages_nobody_until_it_does_not(tmp_path: Path) -> None:
    said = {POINT: Annunciation.SUPPRESSED}
    story = Story(tmp_path, annunciation=lambda point, rule, at_ms: said.get(point, Annunciation.IN_SERVICE))
    name = raised(story)
    assert (story.state(), story.told(), story.pages()) == ("suppressed", ("digest", "suppressed"), 0)
    story.act(name, "acknowledge")
    assert story.count("actions_refused") == 1

    said.clear()
    story.say(WARM, 1)

    assert (story.state(), story.told(), story.pages()) == ("unacknowledged", ("page", "open-now"), 1)
    said[POINT] = Annunciation.OUT_OF_SERVICE
    story.say(WARM, 1)
    assert story.state() == "out-of-service"
    story.say(COLD, 5)
    assert story.state() == "normal"
    story.close()


# -- latching -----------------------------------------------------------------------------------------------------


def test_a_rule_that_latches_waits_for_a_reset(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"zh": "看", "en": "look"}
    guidance = {("high", ""): Guidance(words, words, 15, "warning")}
    monkeypatch.setattr(alerts.rationalisation, "rationalisation", lambda: guidance)
    name = raised(story)
    story.say(COLD, 5)
    assert story.state() == "latched-unacknowledged"
    story.act(name, "shelve", minutes=60)
    assert (story.state(), story.count("actions_refused")) == ("latched-unacknowledged", 1)
    story.act(name, "acknowledge")
    assert story.state() == "latched-acknowledged"

    story.act(name, "reset", who="品管", why="奶已检查")

    assert story.state() == "normal"
    assert (story.steps()[-1]["who"], story.steps()[-1]["reason"]) == ("品管", "奶已检查")


def test_a_merged_alarm_hands_the_action_on(story: Story) -> None:
    from tests.alerts.test_judge import minutes

    story.pass_minutes(60)
    story.send("gw", minutes(0, [WARM] * 20 + [COLD] * 5) + minutes(40, [WARM] * 20))
    story.settle()
    story.send("gw", minutes(20, [WARM] * 20))
    story.settle()
    merged, heir = sorted(story.alarms(), key=lambda item: item["merged_into"] is None)

    story.act(str(merged["id"]), "acknowledge")

    assert merged["merged_into"] == heir["id"]
    assert story.reader.alarm(str(heir["id"]))["state"] == "acknowledged"  # type: ignore[index]
