"""When the broker or the server's network is gone: one message, and nobody's own trouble hidden behind it.

10,000 channels behind 300 gateways: `cases/silence.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from alerts.deafness import Gateways, deaf
from alerts.episodes import Episode
from alerts.handlingtables import page
from alerts.patience import NEVER_MS
from alerts.readmodel import AlarmReader
from coldchain.registry import Asset, Binding, Node, Operator, Point, Probe, Put, Site
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, SealingNode, World

EVERY_MIN = 5
EACH = 2
"""Channels of a gateway: as few as make its silence its own."""


class Fleet:
    """Shops with a gateway each, whose coolers speak every five minutes; minutes of one day."""

    def __init__(self, world: World, gateways: int, *, sites: int | None = None, spread: bool = False) -> None:
        self.world = world
        self.everybody = range(gateways)
        self.spread = spread
        self.nodes = [SealingNode(f"gw-{number}") for number in self.everybody]
        self.minute = 0
        puts: list[Put] = [Operator("op", "Operator")]
        for number in self.everybody:
            site = f"shop-{number % (sites or gateways)}"
            puts += [Site(site, site, "shop", "op"), Node(f"gw-{number}", site, ())]
            for place in range(EACH):
                one = f"{number}-{place}"
                puts += [
                    Asset(one, one, "glass-door-cooler", site),
                    Point(f"{one}.air", one, "return-air", "temperature", EVERY_MIN * 60),
                    Probe(f"urn:{one}"),
                    Binding(f"urn:{one}", f"{one}.air", 0),
                ]
        world.put(*puts)
        world.catch_up()

    def at(self, minute: int) -> int:
        return MIDNIGHT_MS + minute * MINUTE_MS

    def until(self, minute: int, speak: Iterable[int] = ()) -> None:
        """Let the coolers of these gateways speak; the judge looks every minute."""
        numbers = list(speak)
        while self.minute < minute:
            self.world.clock.advance_sync(60.0)
            self.minute += 1
            self.world.received_ms = now_ms = self.world.clock.now_ms()
            due = [each for each in numbers if (self.minute + (each if self.spread else 0)) % EVERY_MIN == 0]
            runs = [
                self.nodes[each].run([(f"urn:{each}-{place}", now_ms, 4.0) for place in range(EACH)]) for each in due
            ]
            if runs:
                self.world.ledger.append(runs, now_ms)
            self.world.catch_up()
            while self.world.judge._quiet._watch.more:
                self.world.judge.idle()

    def alarms(self) -> list[Episode]:
        return self.world.live_alarms()

    def said(self) -> list[tuple[str, str, int]]:
        """Return point, rule and minute of each alarm, by the time at which it was raised."""
        found = [(each.point, each.rule, (each.raised_ms - MIDNIGHT_MS) // MINUTE_MS) for each in self.alarms()]
        return sorted(found, key=lambda one: (one[2], one[0]))

    def pages(self) -> int:
        with self.world.store.engine.connect() as connection:
            return len(connection.execute(select(page)).all())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, now_ms=MIDNIGHT_MS)
    yield made
    made.close()


def test_three_hundred_gateways_at_once_are_one_alarm_with_counts(world: World) -> None:
    fleet = Fleet(world, 300)
    fleet.until(10, fleet.everybody)
    fleet.until(140)

    assert fleet.said() == [("server:", "server-deaf", 20)]  # five minutes after the next word was due
    recorded = [each for each in world.episodes() if each.rule == "silence"]
    assert {each.severity for each in recorded} == {"notice"}
    assert len(recorded) == 600
    reader = AlarmReader(world.store.engine)
    (item,) = reader.alarms().items
    assert (item["asset"], item["site"], item["severity"], item["telling"]) == ("", "", "warning", "page")
    steps = str(reader.alarm(str(item["id"])))
    for said in ("'gateways_silent': 300", "'gateways': 300", "'sites_silent': 300", "'points_silent': 600"):
        assert said in steps


def test_one_shop_s_power_cut_among_three_hundred_is_still_that_gateway_s(world: World) -> None:
    fleet = Fleet(world, 300)
    fleet.until(10, fleet.everybody)
    fleet.until(135, [number for number in fleet.everybody if number != 7])

    assert fleet.said() == [("node:gw-7", "node-silence", 130)]


def test_it_ends_when_they_are_heard_again_and_who_is_not_has_its_whole_delay_from_then(world: World) -> None:
    fleet = Fleet(world, 20)
    back = [number for number in fleet.everybody if number not in (3, 4)]
    fleet.until(10, fleet.everybody)
    fleet.until(199)
    fleet.until(319, back)
    (only,) = fleet.alarms()
    assert (only.rule, only.onset_ms, only.ended_ms) == ("server-deaf", fleet.at(10), fleet.at(200))
    assert only.end_reason == "data-came"

    fleet.until(325, back)
    assert fleet.said()[1:] == [("node:gw-3", "node-silence", 320), ("node:gw-4", "node-silence", 320)]
    assert {each.onset_ms for each in fleet.alarms()} == {fleet.at(10)}
    assert fleet.pages() == 3


def test_gateways_that_spoke_at_different_minutes_are_one_alarm_all_the_same(world: World) -> None:
    fleet = Fleet(world, 20, spread=True)
    fleet.until(30, fleet.everybody)
    fleet.until(200)
    # of five groups, heard last at 26 to 30, the fourth makes it three quarters at 29 + 5 + 5
    assert fleet.said() == [("server:", "server-deaf", 39)]

    fleet.until(350, range(4, 20))
    (whole,) = [each for each in fleet.alarms() if each.rule == "server-deaf"]
    assert whole.ended_ms is not None
    own = (whole.ended_ms - MIDNIGHT_MS) // MINUTE_MS + 120
    assert [(rule, minute) for _, rule, minute in fleet.said()[1:]] == [("node-silence", own)] * 4


def test_while_fewer_than_half_are_back_it_stands(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(60)
    fleet.until(200, range(9))
    assert [each.ended_ms for each in fleet.alarms()] == [None]
    assert [each.rule for each in fleet.alarms()] == ["server-deaf"]

    fleet.until(206, range(11))
    assert [each.ended_ms for each in fleet.alarms()] == [fleet.at(205)]


def test_a_gateway_that_was_silent_before_stays_as_it_is(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(60, fleet.everybody[1:])
    fleet.until(100, fleet.everybody[2:])
    fleet.until(200)

    assert fleet.said() == [
        ("server:", "server-deaf", 110),
        ("node:gw-0", "node-silence", 130),
        ("node:gw-1", "node-silence", 180),
    ]


def test_one_that_people_know_of_neither_counts_nor_ends(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(140, fleet.everybody[1:])
    fleet.until(260)

    assert fleet.said() == [("node:gw-0", "node-silence", 130), ("server:", "server-deaf", 150)]
    assert [each.points for each in world.judge._quiet._watch.open if each.rule == "server-deaf"] == [19]


def test_one_that_falls_silent_while_others_are_back_is_told_by_itself(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(40)
    fleet.until(60, range(6))
    fleet.until(200, range(1, 6))

    assert fleet.said() == [("server:", "server-deaf", 20), ("node:gw-0", "node-silence", 180)]


@pytest.mark.parametrize(("silent", "rules"), [(14, {"node-silence"}), (15, {"server-deaf"})])
def test_three_quarters_are_most(world: World, silent: int, rules: set[str]) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(140, range(silent, 20))

    assert {each.rule for each in fleet.alarms()} == rules


@pytest.mark.parametrize(
    ("gateways", "sites", "rule"), [(4, 4, "node-silence"), (5, 2, "node-silence"), (5, 3, "server-deaf")]
)
def test_few_gateways_and_a_single_building_are_told_one_by_one(
    world: World, gateways: int, sites: int, rule: str
) -> None:
    fleet = Fleet(world, gateways, sites=sites)
    fleet.until(10, fleet.everybody)
    fleet.until(140)

    assert {each.rule for each in fleet.alarms()} == {rule}


def test_gateways_that_fall_silent_one_after_the_other_are_told_one_by_one(world: World) -> None:
    fleet = Fleet(world, 6)
    fleet.until(10, fleet.everybody)
    for gone in range(6):
        fleet.until(fleet.minute + 20, range(gone + 1, 6))
    fleet.until(260)

    assert [rule for _, rule, _ in fleet.said()] == ["node-silence"] * 6


def test_a_broker_that_is_started_again_is_no_alarm(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(19)  # the readings of minute 15 are kept, and come with the next
    fleet.until(60, fleet.everybody)

    assert world.episodes() == []


def test_a_start_of_the_server_raises_nothing_in_its_first_minutes(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(14)
    world.clock.advance_sync(5 * 3600)
    world.restart()
    fleet.until(18)
    assert world.episodes() == []

    fleet.until(60, fleet.everybody)
    assert world.episodes() == []


def test_a_restart_neither_doubles_nor_forgets_it(world: World) -> None:
    fleet = Fleet(world, 20)
    fleet.until(10, fleet.everybody)
    fleet.until(60)
    before = fleet.alarms()
    world.restart()
    fleet.until(199)
    assert fleet.alarms() == before

    fleet.until(220, range(2, 20))
    world.restart()
    fleet.until(319, range(2, 20))
    assert [rule for _, rule, _ in fleet.said()] == ["server-deaf"]
    fleet.until(325, range(2, 20))
    assert [rule for _, rule, _ in fleet.said()] == ["server-deaf", "node-silence", "node-silence"]


# -- the rule by itself ---------------------------------------------------------------------------------------

MIXED_MS = np.array([14 * MINUTE_MS] * 15 + [65 * MINUTE_MS] * 5)
"""Of fifteen gateways that speak every nine minutes, and five that speak every hour."""


@pytest.mark.parametrize(
    ("minutes_ago", "silent"),
    [
        ([14] * 15 + [30] * 5, 15),  # what speaks every hour is not missed yet
        ([14] * 14 + [1] + [30] * 5, None),
        ([14] * 7 + [28] * 8 + [30] * 5, 15),  # fourteen minutes behind the last
        ([14] * 7 + [29] * 8 + [30] * 5, None),
        ([13] * 15 + [30] * 5, None),
    ],
)
def test_at_once_is_a_gateway_s_own_interval_and_five_minutes(minutes_ago: list[int], silent: int | None) -> None:
    now_up = 1_000 * MINUTE_MS
    gateways = Gateways(now_up - np.array(minutes_ago) * MINUTE_MS, MIXED_MS)

    found = deaf(gateways, now_up, np.zeros(20, bool), np.arange(20))

    assert (None if found is None else int(found.fallen.sum())) == silent


def test_gateways_that_bring_nothing_that_is_watched_do_not_count() -> None:
    now_up = 1_000 * MINUTE_MS
    last = np.array([now_up - 11 * MINUTE_MS] * 5 + [NEVER_MS] * 15)

    found = deaf(Gateways(last, np.full(20, 600_000)), now_up, np.zeros(20, bool), np.arange(20))

    assert found is not None
    assert (int(found.fallen.sum()), found.heard, found.sites) == (5, 0, 5)
