"""The registry's people as the notifier asks for them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.notify.directory import Reader, Route
from alerts.notify.people import People
from coldchain.ledger.port import Entry, Kind
from coldchain.people import Chain, Digest, Duty, NotifyPlan, Person, Role, Room, Step
from coldchain.registry import Asset, Change, Operator, Put, Region, Registry, Site

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHANNELS = {"wecom": "wecom-1", "sms": "sms-1", "email": "mail-1"}
PLAN = NotifyPlan(
    (
        Chain(
            "coolers",
            (
                Step(0, (Role.CLERK, Role.STORE_MANAGER), ("wecom", "voice", "sms"), ("sms",), when="open"),
                Step(0, (Role.AREA_DUTY,), ("sms",), when="closed"),
            ),
            kinds=("glass-door-cooler",),
        ),
        Chain("rest", (Step(5, (Role.ADMINISTRATOR,), ("email",)),)),
    ),
    rooms=(Room("east", "robot", severity="critical", regions=("east",)),),
    digests=(Digest("07:30", (Role.QUALITY, Role.AREA_MANAGER), ("email",)),),
)


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


NOON, NIGHT = ms("2026-11-24T12:00"), ms("2026-11-24T23:30")


def registry_of(*puts: Put) -> Registry:
    registry = Registry()
    known: tuple[Put, ...] = (
        Operator("op", "Op"),
        Region("china", "China"),
        Region("east", "East", "china"),
        Site("s1", "Shop 1", "shop", "op", region="east", opening_hours="07:00-22:00"),
        Site("s2", "Shop 2", "shop", "op", region="east", opening_hours="07:00-22:00"),
        Site("s3", "Shop 3", "shop", "op"),
        Asset("c1", "Cooler", "glass-door-cooler", "s1"),
        Person("li", "Li", phone="13800000001", wecom="li"),
        Person("wang", "Wang", phone="13800000002"),
        Person("duty", "Duty", phone="13800000003"),
        Person("mei", "Mei", email="mei@dairy.example", quiet="22:00-07:00"),
        Duty("li", Role.CLERK, site="s1"),
        Duty("wang", Role.STORE_MANAGER, site="s1"),
        Duty("wang", Role.CLERK, site="s1"),
        Duty("duty", Role.AREA_DUTY, region="china"),
        Duty("mei", Role.QUALITY, region="east"),
        PLAN,
    )
    for position, put in enumerate((*known, *puts), 1):
        registry.apply(Entry(position, Kind.CHANGE, 0, Change(put, "test", "test").encode()))
    return registry


def people(at_ms: int = NOON, *puts: Put) -> People:
    return People(registry_of(*puts), lambda way: CHANNELS.get(way, ""), at_ms)


def test_by_day_the_shop_is_asked_and_by_night_the_area() -> None:
    known = people()
    day, night = known.steps("glass-door-cooler", "s1")

    assert [known.applies(day, "s1", at_ms) for at_ms in (NOON, NIGHT)] == [True, False]
    assert [known.applies(night, "s1", at_ms) for at_ms in (NOON, NIGHT)] == [False, True]
    assert known.asked(day, "s1", NOON) == ["person:li", "person:wang"]  # each once, whatever the roles
    assert known.asked(night, "s1", NIGHT) == ["person:duty"]
    assert known.steps("site", "s1") == PLAN.chains[1].steps


def test_a_receiver_has_the_ways_that_have_an_address_and_a_channel() -> None:
    known = people()
    day, _ = known.steps("glass-door-cooler", "s1")

    li = known.receiver("person:li", day, "warning")
    assert li is not None
    assert li.routes == (Route("wecom", "wecom-1", "li"), Route("sms", "sms-1", "13800000001"))  # nobody sells calls
    wang = known.receiver("person:wang", day, "critical")
    assert wang is not None
    assert wang.routes == (Route("sms", "sms-1", "13800000002"),)
    assert known.receiver("person:nobody", day, "warning") is None


def test_who_left_is_reached_no_more() -> None:
    known = people(NOON, Person("li", "Li", phone="13800000001", state="left"))
    day, _ = known.steps("glass-door-cooler", "s1")

    assert known.receiver("person:li", day, "warning") is None
    assert known.asked(day, "s1", NOON) == ["person:wang"]


def test_a_room_hears_of_its_region_from_its_severity_on() -> None:
    known = people()

    assert known.rooms("glass-door-cooler", "s1", "critical") == ["room:east"]
    assert known.rooms("glass-door-cooler", "s1", "warning") == []
    assert known.rooms("glass-door-cooler", "s3", "critical") == []
    room = known.receiver("room:east", None, "critical")
    assert room is not None
    assert (room.is_room, room.routes) == (True, (Route("room", "robot", ""),))


def test_quiet_hours_end_on_the_persons_wall() -> None:
    assert people().quiet_until("person:mei", NIGHT) == ms("2026-11-25T07:00")
    assert people().quiet_until("person:mei", NOON) is None
    assert people().quiet_until("room:east", NIGHT) is None


def test_a_reader_gets_the_digest_of_the_sites_of_the_duty() -> None:
    assert people().readers() == [Reader(0, "person:mei", frozenset({"s1", "s2"}))]


@pytest.mark.parametrize("puts", [(Duty("mei", Role.AREA_MANAGER),)])
def test_a_reader_of_everywhere_gets_one_digest_of_all(puts: tuple[Put, ...]) -> None:
    assert people(NOON, *puts).readers() == [Reader(0, "person:mei", None)]


def test_a_duty_that_is_over_reads_no_digest() -> None:
    known = people(NOON, Duty("mei", Role.QUALITY, to_ms=NOON, region="east"))

    assert known.readers() == []


def test_a_digest_is_due_at_its_hour_on_the_readers_wall() -> None:
    (reader,) = people().readers()

    assert people().digest_at(reader, NOON) == ms("2026-11-25T07:30")
    assert people().digest_at(reader, ms("2026-11-24T07:29")) == ms("2026-11-24T07:30")
    assert people().digest_at(reader, ms("2026-11-24T07:30")) == ms("2026-11-25T07:30")
    routed = people().digest_routes(reader)
    assert routed is not None
    assert routed.routes == (Route("email", "mail-1", "mei@dairy.example"),)


def test_a_drill_is_on_its_day_of_the_month_and_asks_each_once() -> None:
    known = people()

    assert known.drill_at(NOON) == ms("2026-12-01T10:00")
    assert known.drill_at(ms("2026-12-01T10:00")) == ms("2027-01-01T10:00")
    assert known.drill_at(ms("2026-12-01T09:59")) == ms("2026-12-01T10:00")
    assert [receiver.id for receiver in known.drilled()] == ["person:li", "person:wang", "person:duty"]
