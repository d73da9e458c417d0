"""What `coldchain change …` writes reaches the judge: a restocked cooler pages nobody, a lost sensor's alarm ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.registry import Asset, Registry, registry_at
from coldchain.registry.actions import Plan
from coldchain.registry.judging_actions import change_activity, end_excursion, excuse, schedule_defrosts
from coldchain.registry.pausing import open_site, pause_sites
from tests.alerts.story import COLD, POINT, WARM, Story
from tests.alerts.support import MINUTE_MS


class Asked(Story):
    """A story in which somebody gives commands."""

    @property
    def now(self) -> Registry:
        return registry_at(self.ledger, self.ledger.end())

    def do(self, plan: Plan) -> None:
        self.ledger.change([one.encode() for one in plan.changes("小王", "why")], self.clock.now_ms())
        self.work()

    @property
    def asset(self) -> str:
        return str(self.now.points[POINT].asset)

    @property
    def ms(self) -> int:
        return self.clock.now_ms()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Asked]:
    story = Asked(tmp_path)
    yield story
    story.close()


def test_a_restocked_cooler_has_no_alarm_and_its_control_has_one(story: Asked) -> None:
    story.say(COLD, 5)
    story.do(excuse(story.now, story.asset, "restocking", story.ms, story.ms, minutes=60))
    story.say(WARM, 30)
    assert not [one for one in story.alarms() if one["rule"] == "high"]

    story.say(COLD, 60)
    story.say(WARM, 30)
    assert [one for one in story.alarms() if one["rule"] == "high"]


@pytest.mark.parametrize("what", ["cleaning", "pause", "lost"])
def test_what_is_open_ends_with_the_word_of_who_was_there(story: Asked, what: str) -> None:
    story.say(WARM, 20)
    assert story.newest()["state"] == "unacknowledged"
    registry, now_ms = story.now, story.ms

    match what:
        case "cleaning":
            story.do(change_activity(registry, story.asset, "cleaning", now_ms, now_ms))
        case "pause":
            site = registry.site_at(story.asset, now_ms)
            story.do(pause_sites(registry, [site], now_ms, now_ms + 99 * MINUTE_MS, now_ms, open_alarms={}, reason=""))
        case "lost":
            story.do(end_excursion(registry, POINT, now_ms, now_ms))

    story.say(COLD, 3)
    assert story.newest().get("end_reason", story.newest()) == ("by-hand" if what == "lost" else "not-in-use")


def test_a_shop_that_opens_again_is_judged_again(story: Asked) -> None:
    story.say(COLD, 5)
    site, end_ms = story.now.site_at(story.asset, story.ms), story.ms + 600 * MINUTE_MS
    story.do(pause_sites(story.now, [site], story.ms, end_ms, story.ms, open_alarms={}, reason=""))
    story.say(WARM, 30)
    assert not story.alarms()

    story.do(open_site(story.now, site, story.ms, story.ms))
    story.say(WARM, 30)
    assert story.newest()["rule"] == "high"


@pytest.mark.parametrize("ended", [True, False])
def test_a_defrost_by_the_clock_excuses_until_the_schedule_is_ended(story: Asked, ended: bool) -> None:
    story.put(Asset(story.asset, "", "open-multideck", story.now.site_at(story.asset, story.ms)))
    story.do(schedule_defrosts(story.now, story.asset, ["08:05"], 30, story.ms, story.ms))
    story.say(COLD, 1)
    if ended:
        story.do(schedule_defrosts(story.now, story.asset, [], 30, story.ms, story.ms))

    story.say(COLD, 5)
    story.say(WARM, 30)

    assert ["high" in str(one["rule"]) for one in story.alarms()] == [True] * ended
