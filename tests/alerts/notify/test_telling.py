"""Who is told what and when: one person, one message, until somebody answers or it is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from alerts.notify.channels.port import Accepted, Broken, Later, Refused
from alerts.notify.content import Content
from alerts.notify.directory import Receiver, Route
from alerts.notify.drills import confirm, drills
from alerts.notify.messages import key_of, put_message
from alerts.notify.reader import NotifyReader
from coldchain.people import Role
from tests.alerts.notify.desk import NotifyDesk
from tests.alerts.story import COLD, HOT, WARM


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotifyDesk]:
    made = NotifyDesk(tmp_path)
    yield made
    made.close()


async def test_the_clerk_hears_of_a_warm_cooler_once_with_what_to_do(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(60)

    (message,) = desk.channels["wecom-1"].accepted
    assert message.to == "li"
    assert message.title == "【警告】Shop · Cooler 0:超上限 8 ℃"
    assert message.lines[0] == "08:00 起,已 12 分钟;最高 9 ℃(08:00);限值 8 ℃(依据 by-hand)"
    assert message.lines[1].startswith("请在 ")
    assert message.link == f"https://cold.example/#/alarm/{desk.newest()['id']}"
    assert (message.kind, message.severity) == ("alarm", "warning")


async def test_nobody_is_told_before_the_group_wait_is_over(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(5)
    assert desk.heard() == []

    await desk.notify(5)
    assert [who for who, _ in desk.heard()] == ["li"]


async def test_the_manager_is_asked_when_the_clerk_does_not_answer_and_the_area_manager_after_that(
    desk: NotifyDesk,
) -> None:
    desk.say(WARM, 12)
    await desk.notify(19 * 60)
    assert [who for who, _ in desk.heard()] == ["li"]

    await desk.notify(2 * 60)
    assert [who for who, _ in desk.heard()] == ["li", "wang"]

    await desk.notify(25 * 60)
    assert [who for who, _ in desk.heard("sms-1")] == ["zhao"]


async def test_an_acknowledgement_ends_the_chain(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(60)
    desk.act(desk.newest()["id"], "acknowledge")
    await desk.notify(3600)

    assert [who for who, _ in desk.heard()] == ["li"]
    assert desk.heard("sms-1") == []


async def test_recovery_is_told_to_those_who_were_told(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(60)
    desk.say(COLD, 5)
    await desk.notify(600)

    assert desk.heard() == [
        ("li", "【警告】Shop · Cooler 0:超上限 8 ℃"),
        ("li", "【已恢复】Shop · Cooler 0:超上限 8 ℃"),
    ]
    assert desk.heard("sms-1") == []


async def test_what_is_over_before_the_first_message_is_told_once_as_over(desk: NotifyDesk) -> None:
    desk.say(WARM, 12, judge=False)
    desk.say(COLD, 5)
    await desk.notify(600)

    assert desk.heard() == [("li", "【已恢复】Shop · Cooler 0:超上限 8 ℃")]


async def test_two_coolers_of_a_shop_are_one_message(desk: NotifyDesk) -> None:
    for _ in range(12):
        now_ms = desk.clock.now_ms()
        desk.send("gw", [("urn:p0:t", now_ms, WARM), ("urn:p1:t", now_ms, WARM)])
        desk.pass_minutes(1)
    desk.work()
    await desk.notify(60)

    (message,) = desk.channels["wecom-1"].accepted
    assert message.title == "【警告】Shop:2 处报警"
    assert message.lines == ("Cooler 0 超上限 8 ℃,08:00 起", "Cooler 1 超上限 8 ℃,08:00 起")


async def test_what_gets_critical_does_not_wait_for_the_interval(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(30)
    desk.say(HOT, 3)
    await desk.notify(30)

    assert [title for _, title in desk.heard()] == [
        "【警告】Shop · Cooler 0:超上限 8 ℃",
        "【再次提醒·严重】Shop · Cooler 0:超上限 8 ℃",
    ]


async def test_an_open_alarm_is_told_again_after_four_hours(desk: NotifyDesk) -> None:
    desk.directory.people = {role: ["li"] for role in desk.directory.people}
    desk.say(WARM, 12)
    await desk.notify(3 * 3600 + 3000, each_s=60)
    assert len(desk.heard()) == 1

    await desk.notify(1200, each_s=60)
    assert len(desk.heard()) == 2


async def test_a_restart_neither_forgets_nor_repeats(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    for _ in range(30):
        desk.start_notifier()
        await desk.notify(60, each_s=10)

    assert [who for who, _ in desk.heard()] == ["li", "wang"]


async def test_an_alarm_store_that_was_made_anew_tells_nobody_twice(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(60)
    desk.empty_alarms()
    await desk.notify(600)
    assert [who for who, _ in desk.heard()] == ["li"]

    desk.say(COLD, 5)
    await desk.notify(600)
    assert [title[:5] for _, title in desk.heard()] == ["【警告】S", "【已恢复】"]


async def test_quiet_hours_put_off_a_warning_and_no_critical_alarm(desk: NotifyDesk) -> None:
    desk.directory.quiet["person:li"] = desk.clock.now_ms() + 3600_000
    desk.say(WARM, 12)
    await desk.notify(600)
    assert desk.heard() == []

    desk.say(HOT, 3)
    await desk.notify(60)
    assert [title for _, title in desk.heard()] == ["【严重】Shop · Cooler 0:超上限 8 ℃"]


async def test_a_step_that_finds_nobody_asks_the_next_one_at_once(desk: NotifyDesk) -> None:
    del desk.directory.people[next(iter(desk.directory.people))]
    desk.say(WARM, 12)
    await desk.notify(30)

    assert [who for who, _ in desk.heard()] == ["wang"]


async def test_at_night_the_next_one_whose_hours_it_is_is_asked(desk: NotifyDesk) -> None:
    clerk, manager, area = desk.directory.plan.chains[0].steps
    steps = (clerk, msgspec.structs.replace(manager, when="open"), area)
    desk.plan(chains=(msgspec.structs.replace(desk.directory.plan.chains[0], steps=steps),))
    desk.directory.hours = {"always": True, "open": False, "closed": True}
    desk.directory.people.pop(Role.CLERK)
    desk.say(WARM, 12)
    await desk.notify(30)

    assert desk.heard() == []
    assert [who for who, _ in desk.heard("sms-1")] == ["zhao"]


async def test_a_shelved_alarm_tells_nobody_until_the_shelf_is_over(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    desk.act(desk.newest()["id"], "shelve", minutes=30)
    await desk.notify(1200)
    assert desk.heard() == []

    desk.say(WARM, 15)
    await desk.notify(60)
    assert [who for who, _ in desk.heard()] == ["li"]


async def test_the_ledger_says_who_was_told_when_and_how(desk: NotifyDesk) -> None:
    desk.say(WARM, 12)
    await desk.notify(60)

    (told,) = desk.recorded()
    name = desk.newest()["id"]
    assert (told.receiver, told.way, told.kind, told.alarms) == ("person:li", "wecom", "alarm", ((name, 1),))
    desk.start_notifier()
    await desk.notify(60)
    assert len(desk.recorded()) == 1


# -- providers -------------------------------------------------------------------------------------------------------


async def test_who_cannot_be_reached_one_way_is_reached_the_next(desk: NotifyDesk) -> None:
    desk.channels["wecom-1"].answers = [Refused("no such user")]
    desk.say(WARM, 12)
    await desk.notify(30)

    assert desk.heard("sms-1") == [("li", "【警告】Shop · Cooler 0:超上限 8 ℃")]


async def test_a_provider_that_is_away_is_tried_again_and_then_the_next_way(desk: NotifyDesk) -> None:
    desk.channels["wecom-1"].answers = [Later("503")]
    desk.say(WARM, 12)
    await desk.notify(125, each_s=1)
    assert desk.heard("sms-1") == []
    assert 5 <= len(desk.channels["wecom-1"].tried) <= 12

    await desk.notify(30, each_s=1)
    assert [who for who, _ in desk.heard("sms-1")] == ["li"]


async def test_a_provider_that_comes_back_has_the_message_within_thirty_seconds(desk: NotifyDesk) -> None:
    desk.plan(fallback_s=7200)
    desk.channels["wecom-1"].answers = [Later("no connection")]
    desk.say(WARM, 12)
    await desk.notify(900, each_s=1)
    desk.channels["wecom-1"].answers = [Accepted()]
    await desk.notify(30, each_s=1)

    assert [who for who, _ in desk.heard()] == ["li"]


async def test_a_wait_that_the_provider_names_is_kept(desk: NotifyDesk) -> None:
    desk.channels["wecom-1"].answers = [Later("429", after_s=60), Accepted()]
    desk.say(WARM, 12)
    await desk.notify(68, each_s=1)
    assert len(desk.channels["wecom-1"].tried) == 1

    await desk.notify(5, each_s=1)
    assert [who for who, _ in desk.heard()] == ["li"]


async def test_every_attempt_carries_the_same_key(desk: NotifyDesk) -> None:
    desk.channels["wecom-1"].answers = [Later("lost"), Later("lost"), Accepted()]
    desk.say(WARM, 12)
    await desk.notify(60, each_s=1)

    keys = [message.key for message in desk.channels["wecom-1"].tried]
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_who_has_no_way_left_is_passed_over_for_the_next_in_the_chain(desk: NotifyDesk) -> None:
    desk.channels["sms-1"].answers = [Refused("no such number"), Accepted()]
    desk.channels["wecom-1"].answers = [Refused("no such user"), Accepted()]
    desk.say(WARM, 12)
    await desk.notify(60)

    assert [who for who, _ in desk.heard()] == ["wang"]


async def test_a_broken_account_is_told_of_by_another_and_tried_until_it_is_mended(desk: NotifyDesk) -> None:
    desk.plan(chains=(desk.directory.plan.chains[0].__class__("mail", desk.directory.plan.chains[0].steps[2:]),))
    desk.channels["sms-1"].answers = [Broken("wrong key")]
    desk.say(WARM, 12)
    await desk.notify(46 * 60, each_s=10)
    assert desk.heard("sms-1") == []

    desk.channels["sms-1"].answers = [Accepted()]
    await desk.notify(301, each_s=10)
    assert [who for who, _ in desk.heard("sms-1")] == ["zhao"]


async def test_a_robot_is_asked_no_more_often_than_its_budget_allows(desk: NotifyDesk) -> None:
    desk.budgets = {"room-1": 3}
    desk.start_notifier()
    receiver = Receiver("room:east", "zh", "Asia/Shanghai", (Route("room", "room-1", ""),))
    with desk.notes.writing() as connection:
        for number in range(8):
            said = Content("test", "", "zh", f"{number}", ())
            put_message(connection, key_of(f"{number}"), receiver, said, desk.clock.now_ms())
    counts = []
    for _ in range(3):
        await desk.notify(55, each_s=5)
        counts.append(len(desk.heard("room-1")))
        desk.start_notifier()  # what was sent before counts
        await desk.notify(5, each_s=5)

    assert counts == [3, 6, 8]


# -- digests -----------------------------------------------------------------------------------------------------------


def digests(desk: NotifyDesk) -> list[tuple[str, tuple[str, ...]]]:
    return [(message.title, message.lines) for message in desk.channels["room-1"].accepted]


async def test_a_quiet_day_is_told_every_morning_at_half_past_seven(desk: NotifyDesk) -> None:
    desk.directory.readers_named = ["mei"]
    await desk.notify(60)
    for _ in range(2):
        desk.pass_minutes(23 * 60 + 20)
        await desk.notify(0)
        assert digests(desk) == []
        desk.pass_minutes(20)
        await desk.notify(60)
        ((title, lines),) = digests(desk)
        assert title == "每日通报:一切正常"
        assert lines[-1] == "没有报警,没有未恢复的超温;收到本条说明系统在工作"
        desk.channels["room-1"].accepted.clear()
        desk.pass_minutes(20)


async def test_what_was_found_late_is_in_the_digest_and_rings_nobody(desk: NotifyDesk) -> None:
    desk.directory.readers_named = ["mei"]
    await desk.notify(5)
    start_ms = desk.clock.now_ms()
    desk.pass_minutes(600)
    desk.send("gw", [("urn:p0:t", start_ms + minute * 60_000, WARM if minute < 40 else COLD) for minute in range(60)])
    desk.work()
    await desk.notify(60)
    desk.pass_minutes(14 * 60)
    await desk.notify(60)

    assert desk.heard() == []
    ((title, lines),) = digests(desk)
    assert title == "每日通报:0 次报警,1 次补传后发现,0 处未恢复"
    assert lines[1:] == ("补传后发现 1 次:", "Shop · Cooler 0 超上限 8 ℃,11-15 08:00 至 11-15 08:40,共 40 分钟")


async def test_who_was_told_of_an_alarm_can_be_read_with_every_attempt(desk: NotifyDesk) -> None:
    desk.channels["wecom-1"].answers = [Later("503"), Refused("no such user")]
    desk.say(WARM, 12)
    await desk.notify(30, each_s=1)

    reader = NotifyReader(desk.notes.engine)
    (told,) = reader.of_alarm(desk.newest()["id"])
    assert (told.receiver, told.state, told.way, told.alarms) == ("person:li", "accepted", "sms", 1)
    assert [(one.way, one.answer, one.why) for one in told.tries] == [
        ("wecom", "later", "503"),
        ("wecom", "refused", "no such user"),
        ("sms", "accepted", ""),
    ]
    assert reader.newest(state="accepted") == [told]
    assert reader.newest(before_ms=told.made_ms) == []
    assert reader.counts() == {"waiting": 0, "accepted": 1, "failed": 0, "attempts": 3}


# -- drills ------------------------------------------------------------------------------------------------------------


async def test_a_drill_asks_everybody_once_and_knows_who_confirmed_in_time(desk: NotifyDesk) -> None:
    start_ms = desk.clock.now_ms()
    desk.directory.drill_ms = start_ms + 3_600_000
    await desk.notify(3_500, each_s=50)
    assert desk.heard() == []
    await desk.notify(700, each_s=50)
    desk.start_notifier()
    await desk.notify(700, each_s=50)

    assert sorted(desk.heard()) == [(who, "报警演练:请点开确认收到") for who in ("li", "wang", "zhao")]
    asked = {message.to: message.link.rpartition("/")[2] for message in desk.channels["wecom-1"].accepted}
    sent_ms = drills(desk.notes.engine, 0, 1 << 62)[0].sent_ms
    with desk.notes.writing() as connection:
        assert confirm(connection, asked["li"], sent_ms + 60_000) is not None
        assert confirm(connection, asked["li"], sent_ms + 3_600_000) is not None  # again: the first time counts
        assert confirm(connection, asked["wang"], sent_ms + 660_000) is not None
        assert confirm(connection, "nothing", sent_ms) is None
    found = {one.receiver: (one.confirmed_ms is not None, one.in_time) for one in drills(desk.notes.engine, 0, 1 << 62)}
    assert found == {"person:li": (True, True), "person:wang": (True, False), "person:zhao": (False, False)}
