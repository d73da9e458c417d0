"""Open, closed, asleep, at work: by the clock and the calendar on the site's own wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.people import Holiday, Role
from coldchain.people.calendar import is_open, quiet_until
from coldchain.people.rota import on_duty
from coldchain.registry import Put, Site, SiteState
from tests.people.world import ms, person, registry_of, staff

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def shop(hours: str, zone: str = "Asia/Shanghai") -> Site:
    return Site("shop", "Shop", "shop", "dairy", timezone=zone, region="east", opening_hours=hours)


@pytest.mark.parametrize(
    ("hours", "at", "opened"),
    [
        ("08:00-22:00", "2026-11-24T07:59", False),
        ("08:00-22:00", "2026-11-24T08:00", True),
        ("08:00-22:00", "2026-11-24T22:00", False),
        ("08:00-12:00,14:00-22:00", "2026-11-24T13:00", False),
        ("08:00-12:00,14:00-22:00", "2026-11-24T14:00", True),
        ("18:00-02:00", "2026-11-24T01:59", True),
        ("18:00-02:00", "2026-11-24T02:00", False),
        ("00:00-24:00", "2026-11-24T00:00", True),
        ("", "2026-11-24T03:00", True),
        ("ask the neighbour", "2026-11-24T03:00", True),
    ],
)
def test_when_a_shop_is_open(hours: str, at: str, opened: bool) -> None:
    assert is_open(registry_of(shop(hours)), "shop", ms(at)) is opened


def test_a_shop_that_is_closed_for_the_holidays_is_closed_all_day() -> None:
    closed = [SiteState("shop", "closed", ms("2027-02-05T00:00")), SiteState("shop", "open", ms("2027-02-12T00:00"))]

    registry = registry_of(*closed)

    noons = {day: is_open(registry, "shop", ms(f"2027-02-{day:02}T12:00")) for day in (4, 5, 11, 12)}
    assert noons == {4: True, 5: False, 11: False, 12: True}


def test_the_clock_on_the_wall_counts_when_summer_time_begins_and_ends() -> None:
    berlin = "Europe/Berlin"
    registry = registry_of(shop("02:30-03:30", berlin))

    spring = ms("2026-03-29T01:59", berlin)  # then the clock goes to 03:00: half an hour of the span is left
    opened = sum(is_open(registry, "shop", spring + minute * 60_000) for minute in range(180))
    autumn = ms("2026-10-25T01:59", berlin)  # 02:30 to 03:00 comes twice
    twice = sum(is_open(registry, "shop", autumn + minute * 60_000) for minute in range(300))

    assert (opened, twice) == (30, 90)
    assert is_open(registry, "shop", ms("2026-10-25T02:45", berlin, fold=1))


@given(
    st.sampled_from(ZONES),
    st.integers(0, 24 * 60 - 1),
    st.integers(0, 24 * 60 - 1),
    st.integers(1_700_000_000, 1_900_000_000),
)
def test_a_shop_is_open_between_two_times_of_its_own_clock(zone: str, opens: int, closes: int, at_s: int) -> None:
    local = datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M")
    first, last = (f"{minute // 60:02}:{minute % 60:02}" for minute in (opens, closes))

    inside = first <= local < last if first < last else local >= first or local < last

    assert is_open(registry_of(shop(f"{first}-{last}", zone)), "shop", at_s * 1000) is inside


def test_quiet_hours_go_by_the_persons_own_clock() -> None:
    berlin = "Europe/Berlin"
    sleeper = person("li", quiet="22:00-07:00", timezone=berlin)
    napper = person("an", quiet="12:00-14:00", timezone=berlin)

    assert quiet_until(sleeper, ms("2026-07-01T06:59", berlin)) == ms("2026-07-01T07:00", berlin)
    assert quiet_until(sleeper, ms("2026-07-01T07:00", berlin)) is None
    assert quiet_until(sleeper, ms("2026-07-01T22:00", berlin)) == ms("2026-07-02T07:00", berlin)
    assert quiet_until(sleeper, ms("2026-10-24T23:00", berlin)) == ms("2026-10-25T07:00", berlin)  # a night of 25 h
    assert quiet_until(sleeper, ms("2026-07-01T23:00")) is None  # 17:00 in Berlin
    assert quiet_until(napper, ms("2026-07-01T13:00", berlin)) == ms("2026-07-01T14:00", berlin)
    assert quiet_until(person("wu"), ms("2026-07-01T03:00")) is None
    assert quiet_until(person("xu", quiet="when I sleep"), ms("2026-07-01T03:00")) is None


SPRING = (
    Holiday("2027-02-08", "off", "春节"),  # a Monday
    Holiday("2027-02-14", "work", "调休"),  # a Sunday
    Holiday("2027-03-03", "off", "Losar", "west"),  # a Wednesday, in one region
)


@pytest.mark.parametrize(
    ("site", "at", "who"),
    [
        ("shop", "2027-02-08T10:00", "weekend"),  # Monday, but a holiday
        ("shop", "2027-02-09T10:00", "office"),
        ("shop", "2027-02-13T10:00", "weekend"),  # a plain Saturday
        ("shop", "2027-02-14T10:00", "office"),  # a Sunday that is worked
        ("shop", "2027-03-03T10:00", "office"),
        ("dc", "2027-03-03T10:00", "weekend"),
        ("truck", "2027-03-03T10:00", "weekend"),
        ("shop", "2027-02-09T20:00", ""),
    ],
)
def test_holidays_and_days_worked_instead_decide_who_is_there(site: str, at: str, who: str) -> None:
    people: list[Put] = [
        *staff("office", Role.QUALITY, hours="workday 08:00-18:00"),
        *staff("weekend", Role.QUALITY, hours="holiday 08:00-18:00"),
    ]

    found = on_duty(registry_of(*people, *SPRING), Role.QUALITY, site, ms(at))

    assert [one.id for one in found] == ([who] if who else [])


def test_a_weekday_is_meant_whatever_holiday_it_is() -> None:
    registry = registry_of(*staff("guard", Role.SITE_DUTY, hours="mon 08:00-18:00"), *SPRING)

    assert on_duty(registry, Role.SITE_DUTY, "shop", ms("2027-02-08T10:00"))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    registry = registry_of(*staff("night", Role.SITE_DUTY, hours="workday 22:00-06:00"), *SPRING)
    midnight = datetime.fromisoformat("2027-02-05T02:00")  # Friday

    nights = [midnight + timedelta(days=day) for day in range(5)]

    # Friday night is worked until Saturday 06:00; Sunday night and the holiday's are not
    there = [bool(on_duty(registry, Role.SITE_DUTY, "shop", ms(night.isoformat()))) for night in nights]
    assert there == [True, True, False, False, False]
