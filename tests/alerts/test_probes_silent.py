"""A truck whose position arrives and whose temperatures do not: somebody pulled the probes, and it is told sooner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from alerts.episodes import Episode
from alerts.handlingtables import page
from alerts.readmodel import AlarmReader
from coldchain.registry import Activity, Asset, Binding, Node, Operator, Point, Probe, Put, Site
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, World

TEMPERATURES = ("return", "rear")
POSITION = ("latitude", "longitude")
EVERY_MIN = {"return": 2, "rear": 2, "latitude": 1, "longitude": 1}


class Truck:
    """A truck whose probes speak every two minutes and whose position comes every minute, by one gateway."""

    def __init__(self, world: World, puts: list[Put]) -> None:
        self.world = world
        self.minute = 0
        world.put(*puts)
        world.catch_up()

    def at(self, minute: float) -> int:
        return MIDNIGHT_MS + round(minute * MINUTE_MS)

    def until(self, minute: int, *speak: str, node: str = "gw") -> None:
        """Let these speak when it is their time; the judge looks every minute."""
        while self.minute < minute:
            self.world.clock.advance_sync(60.0)
            self.minute += 1
            self.world.received_ms = now_ms = self.world.clock.now_ms()
            said = [(f"urn:{name}", now_ms, 4.0) for name in speak if self.minute % EVERY_MIN[name] == 0]
            if said:
                self.world.send(node, said)
            self.world.catch_up()

    def put(self, *puts: Put) -> None:
        self.world.received_ms = self.world.clock.now_ms()
        self.world.put(*puts)
        self.world.catch_up()

    def alarms(self) -> list[Episode]:
        return self.world.live_alarms()


def point(name: str, asset: str, quantity: str, interval_s: int) -> list[Put]:
    return [
        Point(f"{asset}.{name}", asset, name, quantity, interval_s),
        Probe(f"urn:{name}"),
        Binding(f"urn:{name}", f"{asset}.{name}", 0),
    ]


def truck(
    *, kind: str = "reefer", probe_s: int = 120, position_of: str = "body", site_kind: str = "vehicle"
) -> list[Put]:
    puts: list[Put] = [
        Operator("op", "Operator"),
        Site("truck", "Truck", site_kind, "op"),
        Node("gw", "truck", ()),
        Asset("body", "Body", kind, "truck"),
        Asset("terminal", "Terminal", "terminal", "truck"),
        Activity("body", "loaded", MIDNIGHT_MS),
    ]
    for name in TEMPERATURES:
        puts += point(name, "body", "temperature", probe_s)
    for name in POSITION:
        puts += point(name, position_of, name, 60)
    return puts


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, now_ms=MIDNIGHT_MS)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["reefer", "tanker"])
def test_probes_that_are_pulled_are_one_alarm_of_the_vehicle_after_a_quarter_of_an_hour(
    world: World, kind: str
) -> None:
    road = Truck(world, truck(kind=kind))
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(74, *POSITION)
    assert world.episodes() == []

    road.until(75, *POSITION)
    (only,) = road.alarms()
    assert (only.point, only.rule, only.severity) == ("asset:body", "probes-silent", "warning")
    assert (only.onset_ms, only.raised_ms) == (road.at(60), road.at(75))
    reader = AlarmReader(world.store.engine)
    (item,) = reader.alarms().items
    assert (item["asset"], item["site"], item["telling"]) == ("body", "truck", "page")
    steps = str(reader.alarm(str(item["id"])))
    assert f"'last_heard_ms': {road.at(60)}" in steps
    assert f"'position_heard_ms': {road.at(75)}" in steps


def test_neither_the_points_nor_the_gateway_say_it_again(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(300, *POSITION)

    assert [each.rule for each in road.alarms()] == ["probes-silent"]
    recorded = [each for each in world.episodes() if each.rule == "silence"]
    assert [(each.point, each.severity) for each in recorded] == [("body.rear", "notice"), ("body.return", "notice")]
    with world.store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(page)).scalar_one() == 1


def test_when_the_position_stops_later_it_stays_the_one_alarm(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(80, *POSITION)
    road.until(300)

    assert [(each.rule, each.ended_ms) for each in road.alarms()] == [("probes-silent", None)]


def test_a_truck_in_a_tunnel_is_no_truck_with_its_probes_pulled(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(99)
    road.until(104, *POSITION)  # the position is back first
    road.until(120, *TEMPERATURES, *POSITION)

    assert road.alarms() == []


def test_probes_that_do_not_come_back_with_the_position_are_told_after_three_of_their_intervals(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(99)
    road.until(105, *POSITION)
    assert road.alarms() == []

    road.until(106, *POSITION)
    assert [(each.rule, each.raised_ms) for each in road.alarms()] == [("probes-silent", road.at(106))]


def test_a_truck_that_is_wholly_silent_is_its_gateway_after_an_hour(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(130)

    assert [(each.rule, each.raised_ms) for each in road.alarms()] == [("node-silence", road.at(120))]


def test_one_probe_of_two_has_the_ordinary_delay(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(119, "return", *POSITION)
    assert road.alarms() == []

    road.until(120, "return", *POSITION)
    assert [(each.point, each.rule) for each in road.alarms()] == [("body.rear", "silence")]


def test_a_truck_that_was_paged_for_one_probe_is_paged_again_when_nothing_is_left(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(130, "return", *POSITION)
    road.until(150, *POSITION)

    with world.store.engine.connect() as connection:
        pages = [(row.family, row.at_ms) for row in connection.execute(select(page).order_by(page.c.at_ms))]
    assert pages == [("silence", road.at(120)), ("probes-silent", road.at(145))]


def test_three_intervals_of_a_slow_probe_count_before_the_quarter_of_an_hour(world: World) -> None:
    road = Truck(world, truck(probe_s=600))
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(90, *POSITION)
    assert road.alarms() == []

    road.until(91, *POSITION)
    assert [each.rule for each in road.alarms()] == ["probes-silent"]


def test_a_parked_truck_raises_nothing_and_is_asked_again_when_it_is_loaded(world: World) -> None:
    road = Truck(world, truck())
    road.put(Activity("body", "parked", road.at(50)))
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(200, *POSITION)
    assert world.episodes() == []

    road.put(Activity("body", "loaded", road.at(200)))
    road.until(214, *POSITION)
    assert road.alarms() == []
    road.until(216, *POSITION)
    (only,) = road.alarms()
    assert (only.rule, only.onset_ms) == ("probes-silent", road.at(200))

    road.put(Activity("body", "parked", road.at(216)))
    road.until(218, *POSITION)
    assert [each.end_reason for each in road.alarms()] == ["not-in-use"]


def test_the_position_may_be_of_another_device_of_the_vehicle_and_come_by_its_own_gateway(world: World) -> None:
    road = Truck(world, [*truck(position_of="terminal"), Node("gw-2", "truck", ())])
    road.until(60, *TEMPERATURES)
    for _ in range(20):
        road.until(road.minute + 1, *POSITION, node="gw-2")

    assert [(each.point, each.rule) for each in road.alarms()] == [("asset:body", "probes-silent")]


def test_what_else_stands_at_a_shop_says_nothing_of_a_body_there(world: World) -> None:
    road = Truck(world, truck(position_of="terminal", site_kind="shop"))
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(100, *POSITION)

    assert road.alarms() == []


def test_it_ends_with_the_first_probe_and_the_other_has_its_own_hour_from_then(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(150, *POSITION)
    road.until(209, "return", *POSITION)
    (only,) = road.alarms()
    assert (only.rule, only.end_reason, only.ended_ms) == ("probes-silent", "data-came", road.at(152))

    road.until(215, "return", *POSITION)
    (own,) = [each for each in road.alarms() if each.rule == "silence"]
    assert (own.point, own.onset_ms) == ("body.rear", road.at(60))
    assert road.at(212) <= own.raised_ms <= road.at(213)


def test_a_restart_neither_forgets_it_nor_tells_it_again(world: World) -> None:
    road = Truck(world, truck())
    road.until(60, *TEMPERATURES, *POSITION)
    road.until(70, *POSITION)
    world.restart()
    road.until(80, *POSITION)
    before = road.alarms()
    assert [each.rule for each in before] == ["probes-silent"]

    world.restart()
    road.until(150, *POSITION)
    assert road.alarms() == before

    road.until(152, "return", *POSITION)
    world.restart()
    road.until(205, "return", *POSITION)
    assert [each.rule for each in road.alarms()] == ["probes-silent"]
    road.until(215, "return", *POSITION)
    assert sorted(each.rule for each in road.alarms()) == ["probes-silent", "silence"]


def test_probes_that_were_never_heard_are_new_and_not_pulled(world: World) -> None:
    road = Truck(world, truck())
    road.until(100, *POSITION)

    assert world.episodes() == []
