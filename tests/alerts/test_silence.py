"""No data is not good news, and not news too often: silences of points and gateways as the judge tells them.

Written cases: `test_silence_cases.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

import alerts.watch
from alerts.arrival import Arrival
from alerts.episodes import Episode
from alerts.patience import Patience, patience_of
from alerts.readmodel import AlarmReader
from alerts.rebuild import rebuild_alarms
from alerts.tables import alarm, alarm_transition
from coldchain.registry import Activity, Asset, Binding, LimitRule, Node, Point, Probe, Put, Registry, Site
from dashboards.models import Alarm
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, World, shop

HOUR = 60
INTERVAL = 5
DAY_MS = 24 * HOUR * MINUTE_MS


class Shop:
    """A world whose readings arrive when they are measured, and whose clock goes in minutes of one day."""

    def __init__(self, world: World, *puts: Put) -> None:
        self.world = world
        self.minute = 0.0
        world.put(*puts)
        world.catch_up()

    def at(self, minute: float) -> int:
        return MIDNIGHT_MS + round(minute * MINUTE_MS)

    def until(self, minute: float, probes: Sequence[int] = (), *, node: str = "gw", value: float = 4.0) -> None:
        """Let time pass; these probes speak every five minutes, and the judge looks then, at the end every minute."""
        while self.minute < minute:
            stride = INTERVAL if self.minute % INTERVAL == 0 and minute - self.minute >= INTERVAL else 1
            self.world.clock.advance_sync(60.0 * stride)
            self.minute += stride
            self.world.received_ms = self.world.clock.now_ms()
            if probes and self.minute % INTERVAL == 0:
                now = self.at(self.minute)
                self.world.send(node, [(f"urn:p{probe}:t", now, value + self.minute % 2 / 10) for probe in probes])
            self.world.catch_up()

    def send(self, minutes: Sequence[float], probes: Sequence[int] = (0,), *, node: str = "gw") -> None:
        """Bring what was kept, now."""
        self.world.received_ms = self.world.clock.now_ms()
        self.world.send(
            node, [(f"urn:p{probe}:t", self.at(each), 4.0 + each % 2 / 10) for probe in probes for each in minutes]
        )
        self.world.catch_up()

    def put(self, *puts: Put) -> None:
        self.world.received_ms = self.world.clock.now_ms()
        self.world.put(*puts)
        self.world.catch_up()

    def alarms(self, rule: str = "silence") -> list[Episode]:
        return [each for each in self.world.live_alarms() if each.rule == rule]

    def episodes(self, rule: str = "silence") -> list[Episode]:
        return [each for each in self.world.episodes() if each.rule == rule]

    def reasons(self) -> list[str]:
        with self.world.store.engine.connect() as connection:
            chosen = select(alarm_transition).order_by(alarm_transition.c.at_ms, alarm_transition.c.ordinal)
            return [row.reason for row in connection.execute(chosen)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, now_ms=MIDNIGHT_MS)
    yield made
    made.close()


def coolers(count: int = 2, kind: str = "glass-door-cooler") -> list[Put]:
    puts = shop(count, interval_s=INTERVAL * 60)
    return [Asset(put.id, put.name, kind, put.site) if isinstance(put, Asset) else put for put in puts]


def test_three_intervals_of_its_own_count_before_the_kind_s_delay(world: World) -> None:
    slow = [Point("cooler-0.air", "cooler-0", "return-air", "temperature", 3600)]
    cooler = Shop(world, *coolers(), *slow)
    cooler.until(60, (0, 1))
    cooler.until(60 + 3 * HOUR, (1,))
    assert cooler.episodes() == []

    cooler.until(60 + 3 * HOUR + 1, (1,))
    assert len(cooler.alarms()) == 1


def test_a_door_is_missed_like_a_temperature_and_a_battery_is_not(world: World) -> None:
    puts: list[Put] = []
    for quantity in ("door", "battery"):
        puts += [
            Point(f"cooler-0.{quantity}", "cooler-0", quantity, quantity, 300),
            Probe(f"urn:{quantity}"),
            Binding(f"urn:{quantity}", f"cooler-0.{quantity}", 0),
        ]
    cooler = Shop(world, *coolers(), *puts)
    world.send("gw", [("urn:door", cooler.at(0), 1.0), ("urn:battery", cooler.at(0), 90.0)])
    cooler.until(150, (0, 1))

    assert [each.point for each in cooler.alarms()] == ["cooler-0.door"]


def test_a_probe_that_was_never_heard_is_new_and_not_silent(world: World) -> None:
    cooler = Shop(world, *coolers(3))
    cooler.until(5 * HOUR, (0, 1))

    assert world.episodes() == []


def test_old_data_sent_again_is_no_sign_of_life(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(190, (1,))
    assert len(cooler.alarms()) == 1

    cooler.send(range(5, 65, 5))

    assert [each.ended_ms for each in cooler.alarms()] == [None]


def test_kept_data_that_fills_the_gap_says_so_even_when_it_comes_last(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(190, (1,))
    cooler.until(200, (0, 1))
    assert [each.end_reason for each in cooler.alarms()] == ["data-came"]

    cooler.send(range(65, 195, 5))
    cooler.until(210, (0, 1))

    (only,) = cooler.alarms()
    assert (only.end_reason, only.hole_ms, only.ended_ms) == ("late-complete", 0, cooler.at(195))
    assert cooler.episodes() == [only]
    assert cooler.reasons() == ["no-data", "data-came", "late-complete"]


def test_a_gap_that_is_filled_in_part_stays_a_hole(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(190, (1,))
    cooler.send(range(65, 130, 5))
    cooler.until(200, (0, 1))
    world.clock.advance_sync(24 * 3600)
    world.judge.idle()

    assert [each.end_reason for each in cooler.alarms()] == ["data-came"]
    assert world.judge._quiet._watch._ended == {}


def test_a_re_judge_of_the_point_leaves_its_silences_alone(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(190, (1,))
    cooler.until(200, (0, 1))
    cooler.until(400, (1,))
    before = cooler.alarms()
    assert [each.ended_ms is None for each in before] == [False, True]

    cooler.put(LimitRule("cooler-0.air", 0, 3.0, None, 600, 0.5, 120))
    world.settle()
    assert any(each.rule == "high" for each in world.live_alarms())
    cooler.put(LimitRule("cooler-0.air", 0, 8.0, None, 600, 0.5, 120))
    world.settle()

    assert cooler.alarms() == before
    assert cooler.episodes() == before


def test_a_silent_gateway_is_one_alarm_and_its_points_are_recorded(world: World) -> None:
    everybody = range(20)
    cooler = Shop(world, *coolers(20))
    cooler.until(60, everybody)
    cooler.until(400)

    (node,) = world.live_alarms()
    assert (node.point, node.rule, node.severity) == ("node:gw", "node-silence", "warning")
    assert (node.onset_ms, node.raised_ms) == (cooler.at(60), cooler.at(180))
    assert [each.severity for each in cooler.episodes()] == ["notice"] * 20
    (item,) = AlarmReader(world.store.engine).alarms().items
    assert (item["asset"], item["site"]) == ("", "shop")
    assert Alarm.model_validate(item).rule == "node-silence"
    steps = AlarmReader(world.store.engine).alarm(str(item["id"]))
    assert steps is not None
    assert "'points_silent': 20" in str(steps["transitions"])


def test_a_probe_that_does_not_come_back_with_its_gateway_gets_its_own_alarm(world: World) -> None:
    cooler = Shop(world, *coolers(5))
    cooler.until(60, range(5))
    cooler.until(400)
    cooler.until(429, range(1, 5))

    assert [each.end_reason for each in cooler.alarms("node-silence")] == ["data-came"]
    assert cooler.alarms() == []

    cooler.until(440, range(1, 5))
    (only,) = cooler.alarms()
    assert (only.point, only.onset_ms, only.ended_ms) == ("cooler-0.air", cooler.at(60), None)
    assert cooler.at(435) <= only.raised_ms <= cooler.at(437)


def test_a_gateway_whose_kept_data_is_complete_says_so(world: World) -> None:
    cooler = Shop(world, *coolers(3))
    cooler.until(60, range(3))
    cooler.until(304)
    cooler.send(range(65, 305, 5), range(3))
    cooler.until(320, range(3))

    assert {each.end_reason for each in world.episodes()} == {"late-complete"}
    assert [each.rule for each in world.live_alarms()] == ["node-silence"]


def test_a_short_pause_of_a_gateway_makes_no_alarm_of_points_that_only_waited_with_it(world: World) -> None:
    cooler = Shop(world, *coolers(4))
    cooler.until(60, range(4))
    cooler.until(65, range(3))
    for probe in range(1, 4):  # back just before the gateway's deadline, one after the other
        cooler.until(181 + probe)
        cooler.send([181 + probe], (probe,))
    cooler.until(195)
    cooler.send([195], (0,))
    cooler.until(300, range(4))

    assert world.live_alarms() == []


def slow_probe_of_a_room() -> list[Put]:
    """Two probes of a room every five minutes and one that speaks every hour, behind one gateway."""
    slow = Point("cooler-2.air", "cooler-2", "product", "temperature", 3600)
    return [*coolers(3, "walk-in-room"), slow]


def test_a_probe_that_speaks_rarely_does_not_prove_that_the_others_are_dead(world: World) -> None:
    room = Shop(world, *slow_probe_of_a_room())
    room.until(55, (0, 1))
    room.until(60, (0, 1, 2))
    room.until(119)
    room.until(120, (2,))
    room.until(124)
    room.until(125, (0, 1))

    assert [each.raised_ms for each in room.alarms("node-silence")] == [room.at(80)]
    assert room.alarms() == []


def test_a_gateway_that_only_a_rare_probe_keeps_alive_is_not_told_every_hour(world: World) -> None:
    room = Shop(world, *slow_probe_of_a_room())
    room.until(55, (0, 1))
    room.until(60, (0, 1, 2))
    for hour in range(2, 12):
        room.until(60 * hour - 1)
        room.until(60 * hour, (2,))

    assert sorted(each.point for each in room.alarms()) == ["cooler-0.air", "cooler-1.air"]
    assert len(room.alarms("node-silence")) <= 2


def test_points_that_come_right_after_a_slow_look_at_the_registry_are_watched_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(registry: Registry, now_ms: int, room: int) -> Patience:
        world.clock.advance_sync(0.3)
        return patience_of(registry, now_ms, room)

    monkeypatch.setattr(alerts.watch, "patience_of", slowly)
    cooler = Shop(world, *coolers(2))
    cooler.put(*coolers(4))
    world.clock.advance_sync(1.5)
    cooler.send([0], range(4))
    cooler.until(125)

    assert len(cooler.episodes()) == 4


def test_two_gateways_of_one_point_keep_it_heard(world: World) -> None:
    cooler = Shop(world, *coolers(2), Node("gw-2", "shop", ()))
    cooler.until(60, (0, 1), node="gw")
    cooler.until(300, (0, 1), node="gw-2")

    assert world.episodes() == []


def test_what_is_stored_ends_its_silence_and_is_not_missed(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(200, (1,))
    cooler.put(Activity("cooler-0", "stored", cooler.at(200)))
    cooler.until(202, (1,))
    assert [(each.ended_ms is None, each.end_reason) for each in cooler.alarms()] == [(False, "not-in-use")]

    cooler.put(Activity("cooler-0", "in-use", cooler.at(202)))
    cooler.until(202 + 110, (1,))
    assert len(cooler.alarms()) == 1
    cooler.until(202 + 125, (1,))
    assert len(cooler.alarms()) == 2


def test_a_new_probe_ends_the_silence_of_the_old_one_as_replaced(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(200, (1,))
    cooler.put(
        Probe("urn:p9:t"),
        Binding("urn:p0:t", "cooler-0.air", 0, cooler.at(200)),
        Binding("urn:p9:t", "cooler-0.air", cooler.at(200)),
    )
    assert [each.ended_ms for each in cooler.alarms()] == [None]

    cooler.until(210, (1, 9))

    assert [(each.ended_ms, each.end_reason) for each in cooler.alarms()] == [(cooler.at(205), "replaced")]


def test_a_restart_forgets_neither_what_is_open_nor_what_has_passed(world: World) -> None:
    cooler = Shop(world, *coolers(3))
    cooler.until(60, range(3))
    cooler.until(120, (1, 2))
    cooler.until(181, (2,))
    before = cooler.alarms()
    assert [each.point for each in before] == ["cooler-0.air"]

    world.restart()
    world.catch_up()
    cooler.until(239, (2,))
    assert cooler.alarms() == before
    cooler.until(242, (2,))

    assert [each.point for each in cooler.alarms()] == ["cooler-0.air", "cooler-1.air"]
    cooler.until(250, range(3))
    assert [each.end_reason for each in cooler.alarms()] == ["data-came", "data-came"]


def test_a_crash_between_two_saves_forgets_nobody_who_spoke(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(200, (1,))
    world.clock.advance_sync(10.0)
    world.received_ms = world.clock.now_ms()
    world.send("gw", [("urn:p0:t", world.received_ms, 4.0)])
    world.judge.step(world.ledger.read(world.judge.cursor, 10))
    world.judge.commit()

    world.restart()
    world.catch_up()

    assert [each.end_reason for each in cooler.alarms()] == ["data-came"]


@pytest.mark.parametrize("every", [3, 10])
def test_a_server_that_restarts_again_and_again_still_tells(world: World, every: int) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    while cooler.minute < 60 + 6 * HOUR:
        cooler.until(cooler.minute + every, (1,))
        world.restart()
        world.catch_up()

    assert len(cooler.alarms()) == (1 if every > 5 else 0)  # less than START_MS up at a time tells nothing


def test_a_server_that_was_down_for_five_hours_misses_nobody_who_comes_back(world: World) -> None:
    rooms = Shop(world, *coolers(20, "walk-in-room"))
    rooms.until(60, range(20))
    world.clock.advance_sync(5 * 3600)
    rooms.minute += 300
    world.restart()
    world.catch_up()
    rooms.until(rooms.minute + 3)
    rooms.send(range(65, 360, 5), range(20))
    rooms.until(rooms.minute + 120, range(20))

    assert world.episodes() == []


def test_a_server_that_is_behind_does_not_take_its_own_delay_for_silence(world: World) -> None:
    rooms = Shop(world, *coolers(2, "walk-in-room"))
    rooms.until(60, (0, 1))
    for minute in range(65, 365, 5):
        world.received_ms = rooms.at(minute)
        world.send("gw", [(f"urn:p{probe}:t", rooms.at(minute), 4.0 + minute % 2 / 10) for probe in (0, 1)])
    entries = world.ledger.read(world.judge.cursor, 1000)
    for entry in entries:  # a judge that needs an hour and a half for what came in five
        world.judge.step([entry])
        world.clock.advance_sync(90.0)
    world.judge.idle()
    world.clock.advance_sync(60.0)
    world.judge.idle()

    assert world.episodes() == []


def test_a_rebuild_keeps_silences_and_finds_no_new_ones(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    cooler.until(200, (1,))
    before = world.live_alarms()

    rebuild_alarms(world.store, world.ledger, world.clock)

    assert world.live_alarms() == before


def test_a_silence_of_a_moved_cooler_is_at_the_shop_where_it_fell_silent(world: World) -> None:
    cooler = Shop(world, *coolers(), Site("other", "Other", "shop", "op"))
    cooler.until(60, (0, 1))
    cooler.until(200, (1,))

    with world.store.engine.connect() as connection:
        assert [(row.asset, row.site) for row in connection.execute(select(alarm))] == [("cooler-0", "shop")]


# -- clocks ---------------------------------------------------------------------------------------------------


def test_three_readings_of_an_impossible_time_within_an_hour_are_one_notice_until_an_hour_without(world: World) -> None:
    cooler = Shop(world, *coolers())
    cooler.until(60, (0, 1))
    for number in range(4):
        cooler.until(60 + 10 * number, (1,))
        world.send("gw", [("urn:p0:t", 946_684_800_000 + number, 4.0)])
        cooler.world.catch_up()
    cooler.until(100, (1,))

    (clock,) = cooler.alarms("clock")
    assert (clock.point, clock.severity, clock.onset_ms) == ("cooler-0.air", "notice", cooler.at(60))
    assert clock.ended_ms is None
    world.restart()
    world.catch_up()
    cooler.until(149, (0, 1))
    assert [each.ended_ms for each in cooler.alarms("clock")] == [None]
    cooler.until(152, (0, 1))
    (clock,) = cooler.alarms("clock")
    assert (clock.end_reason, clock.hole_ms) == ("returned", 0)
    assert cooler.alarms() == []  # it spoke all the time


def test_two_wrong_times_or_three_in_two_hours_are_no_alarm(world: World) -> None:
    cooler = Shop(world, *coolers())
    for number in range(3):
        cooler.until(5 + 40 * number, (0, 1))
        world.send("gw", [("urn:p0:t", 946_684_800_000 + number, 4.0)])
        cooler.world.catch_up()
    cooler.until(100, (0, 1))

    assert world.episodes() == []


def test_every_rule_of_arrival_has_words_on_the_page() -> None:
    page = Path(__file__).resolve().parents[2] / "dashboards" / "page" / "src" / "messages"

    for language in ("en", "zh"):
        said = (page / f"{language}.json").read_text("utf-8")
        assert all(f'"alarm.{rule}"' in said and f'"alarm.{rule}.ended"' in said for rule in Arrival)
