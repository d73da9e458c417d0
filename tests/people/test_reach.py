"""Who would hear of an alarm by the built-in plan, and where nobody would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.people import Chain, Duty, Holiday, NotifyPlan, Person, Role, Room, Shift, Step
from coldchain.people.builtin import builtin_plan
from coldchain.people.reach import Silence, chain_of, hearings, rooms_of, who_hears
from coldchain.people.unreached import HOURS, unreachable_sites
from coldchain.registry import Activity, Put, Registry, SiteState
from tests.people.world import ms, person, registry_of, staff

DAY, NIGHT = ms("2026-11-24T12:00"), ms("2026-11-24T03:00")
HOUR = 3_600_000

EVERYBODY = (
    *staff("clerk", Role.CLERK, site="shop", wecom="clerk", quiet="22:00-07:00"),
    *staff("manager", Role.STORE_MANAGER, site="shop", wecom="manager"),
    *staff("area", Role.AREA_MANAGER, region="east", wecom="area"),
    *staff("phone", Role.AREA_DUTY, region="east"),
    *staff("guard", Role.SITE_DUTY, site="dc", wecom="guard"),
    *staff("super", Role.SUPERVISOR, site="dc", wecom="super"),
    *staff("head", Role.SITE_HEAD, site="dc"),
    *staff("qa", Role.QUALITY, wecom="qa"),
    *staff("desk", Role.DISPATCHER, wecom="desk"),
    *staff("fleet", Role.FLEET_LEAD, wecom="fleet"),
    *staff("milk", Role.MILK_LEAD, wecom="milk"),
    *staff("admin", Role.ADMINISTRATOR, email="admin@example.com", phone=""),
)


def told(registry: Registry, kind: str, site: str, severity: str, at_ms: int) -> list[tuple[int, str, str]]:
    """Return (minute, person, first way) of everybody who hears."""
    found = who_hears(registry, builtin_plan(), kind, site, severity, at_ms)
    return [(one.due_min, one.person.id if one.person else "", one.addresses[0][0]) for one in found]


@pytest.mark.parametrize(
    ("kind", "site", "severity", "at_ms", "expected"),
    [
        ("open-multideck", "shop", "warning", DAY,
         [(0, "clerk", "wecom"), (20, "manager", "wecom"), (45, "area", "wecom")]),
        ("open-multideck", "shop", "critical", DAY,
         [(0, "clerk", "wecom"), (20, "manager", "voice"), (45, "area", "voice")]),
        ("open-multideck", "shop", "warning", NIGHT, [(0, "phone", "voice"), (45, "area", "wecom")]),
        ("walk-in-room", "dc", "warning", NIGHT,
         [(0, "guard", "wecom"), (10, "super", "wecom"), (20, "qa", "wecom"), (40, "head", "voice")]),
        ("walk-in-room", "dc", "critical", NIGHT,
         [(0, "guard", "voice"), (10, "super", "voice"), (20, "qa", "voice"), (40, "head", "voice")]),
        ("reefer", "truck", "warning", DAY, [(0, "desk", "wecom"), (15, "fleet", "wecom"), (30, "qa", "wecom")]),
        ("tanker", "truck", "warning", DAY, [(0, "desk", "wecom"), (10, "milk", "wecom"), (20, "qa", "wecom")]),
        ("site", "shop", "warning", DAY, [(0, "admin", "email"), (0, "area", "wecom")]),
        ("server", "", "warning", DAY, [(0, "admin", "email")]),
        ("locker", "shop", "warning", DAY, [(0, "clerk", "wecom"), (20, "manager", "wecom"), (45, "area", "wecom")]),
    ],
)  # fmt: skip
def test_who_hears_by_the_built_in_plan(
    kind: str, site: str, severity: str, at_ms: int, expected: list[tuple[int, str, str]]
) -> None:
    assert told(registry_of(*EVERYBODY), kind, site, severity, at_ms) == expected


def test_each_step_is_asked_by_the_clock_of_its_own_minute() -> None:
    registry = registry_of(*EVERYBODY)

    before_closing = told(registry, "open-multideck", "shop", "warning", ms("2026-11-24T21:50"))
    before_opening = told(registry, "open-multideck", "shop", "warning", ms("2026-11-24T07:50"))

    assert before_closing == [(0, "clerk", "wecom"), (45, "area", "wecom")]  # at 22:10 the manager's step is over
    assert before_opening == [(0, "phone", "voice"), (20, "manager", "wecom"), (45, "area", "wecom")]


def test_a_closed_shop_is_told_as_at_night() -> None:
    registry = registry_of(*EVERYBODY, SiteState("shop", "closed", DAY - HOUR))

    assert told(registry, "open-multideck", "shop", "warning", DAY)[0] == (0, "phone", "voice")


def test_everybody_who_does_not_hear_has_a_reason() -> None:
    sleeper = staff("sleeper", Role.AREA_MANAGER, region="east", quiet="22:00-07:00")
    registry = registry_of(*staff("mute", Role.AREA_DUTY, region="east", phone=""), *sleeper)

    night = hearings(registry, builtin_plan(), "open-multideck", "shop", "warning", NIGHT)
    critical = hearings(registry, builtin_plan(), "open-multideck", "shop", "critical", NIGHT)
    day = hearings(registry, builtin_plan(), "open-multideck", "shop", "warning", DAY)

    assert [one.why for one in night] == [Silence.CLOSED, Silence.NO_ADDRESS, Silence.CLOSED, Silence.QUIET]
    assert [one.why for one in critical] == [Silence.CLOSED, Silence.NO_ADDRESS, Silence.CLOSED, None]
    assert [one.why for one in day] == [Silence.NOBODY, Silence.OPEN, Silence.NOBODY, None]


def test_in_one_step_a_person_with_two_roles_hears_once() -> None:
    registry = registry_of(*staff("li", Role.ADMINISTRATOR), Duty("li", Role.AREA_MANAGER, region="east"))

    assert told(registry, "site", "shop", "critical", DAY) == [(0, "li", "voice")]


def test_chains_are_asked_in_their_order_and_a_place_narrows_them() -> None:
    step = (Step(0, (Role.CLERK,), ("sms",)),)
    plan = NotifyPlan((
        Chain("one-shop", step, sites=("shop",), kinds=("island",)),
        Chain("east-or-dc", step, regions=("east",), sites=("dc",)),
        Chain("china", step, regions=("cn",)),
        Chain("rest", step),
    ))  # fmt: skip

    def taken(kind: str, site: str) -> str:
        chain = chain_of(plan, kind, site, registry_of().regions_of(site))
        return chain.id if chain else ""

    asked = [("island", "shop"), ("reefer", "shop"), ("reefer", "dc"), ("reefer", "truck"), ("server", "")]
    assert [taken(*one) for one in asked] == ["one-shop", "east-or-dc", "east-or-dc", "china", "rest"]


def test_rooms_hear_of_what_is_grave_enough_and_theirs() -> None:
    rooms = (Room("all", "a", severity="notice"), Room("grave", "b", severity="critical"),
             Room("east", "c", regions=("east",)), Room("milk", "d", kinds=("tanker",)))  # fmt: skip
    plan = NotifyPlan(builtin_plan().chains, rooms)

    heard = {severity: [room.id for room in rooms_of(plan, "reefer", "shop", ["east", "cn"], severity)]
             for severity in ("notice", "warning", "critical")}  # fmt: skip

    assert heard == {"notice": ["all"], "warning": ["all", "east"], "critical": ["all", "grave", "east"]}


# -- where nobody would -----------------------------------------------------------------------------------------


def test_a_site_whose_chain_finds_nobody_at_some_hour_is_named_with_the_hours() -> None:
    registry = registry_of(
        *staff("clerk", Role.CLERK, site="shop", hours="workday 08:00-20:00"),
        *staff("guard", Role.SITE_DUTY, site="dc"),
        *staff("desk", Role.DISPATCHER, region="cn"),
        *staff("phone", Role.AREA_DUTY, region="east"),
    )

    (found,) = unreachable_sites(registry, builtin_plan(), ms("2026-11-23T00:00"))  # a Monday

    assert (found.site, found.kind, found.chain) == ("shop", "open-multideck", "coolers")
    evenings = [(ms(f"2026-11-{day}T20:00"), ms(f"2026-11-{day}T22:00")) for day in range(23, 28)]
    weekend = [(ms(f"2026-11-{day}T08:00"), ms(f"2026-11-{day}T22:00")) for day in (28, 29)]
    assert list(found.spans) == evenings + weekend


def test_where_everybody_is_reached_nothing_is_named_and_nobody_asks_for_what_is_stored() -> None:
    registry = registry_of(*EVERYBODY)
    bare = registry_of(
        Activity("cooler", "stored", 0), Activity("room", "retired", 0), Activity("body", "parked", 0)
    )  # fmt: skip

    assert unreachable_sites(registry, builtin_plan(), NIGHT) == []
    assert [(one.site, one.spans) for one in unreachable_sites(bare, builtin_plan(), NIGHT)] == [
        ("truck", ((NIGHT, NIGHT + HOURS * HOUR),))
    ]


def test_who_is_on_call_without_an_address_keeps_the_others_from_being_reached() -> None:
    shift = Shift("mute", Role.SITE_DUTY, NIGHT + 24 * HOUR, NIGHT + 30 * HOUR, site="dc")
    people = [*staff("guard", Role.SITE_DUTY, site="dc"), person("mute", phone=""), shift]

    found = unreachable_sites(registry_of(*people), builtin_plan(), NIGHT)

    assert [one.spans for one in found if one.site == "dc"] == [((NIGHT + 24 * HOUR, NIGHT + 30 * HOUR),)]


hours = st.sampled_from(["", "mon-fri 08:00-20:00", "workday 22:00-06:00", "holiday", "tue 03:30-04:30"])
where = st.sampled_from([("shop", ""), ("", "east"), ("", "cn"), ("", "")])
roles = st.sampled_from([Role.CLERK, Role.AREA_DUTY, Role.AREA_MANAGER])
duty = st.tuples(st.sampled_from(["a", "b", "mute"]), roles, where, hours)
shift = st.tuples(st.sampled_from(["a", "mute"]), roles, where, st.integers(0, 150), st.integers(1, 40))


@settings(deadline=None, max_examples=25)
@given(st.lists(duty, max_size=4), st.lists(shift, max_size=2), st.booleans())
def test_the_week_says_what_each_hour_says_alone(
    duties: list[tuple[str, Role, tuple[str, str], str]],
    shifts: list[tuple[str, Role, tuple[str, str], int, int]],
    closed: bool,
) -> None:
    puts: list[Put] = [person("a"), person("b", state="left"), Person("mute", "Mute"), Holiday("2026-11-25")]
    puts += [Duty(who, role, 0, None, *place, held) for who, role, place, held in duties]
    puts += [
        Shift(who, role, NIGHT + from_h * HOUR, NIGHT + (from_h + length) * HOUR, *place)
        for who, role, place, from_h, length in shifts
    ]
    if closed:
        puts += [SiteState("shop", "closed", NIGHT + 20 * HOUR), SiteState("shop", "open", NIGHT + 60 * HOUR)]
    registry, plan = registry_of(*puts), builtin_plan()

    deaf = {
        hour
        for hour in range(HOURS)
        if not who_hears(registry, plan, "open-multideck", "shop", "critical", NIGHT + hour * HOUR)
    }

    named = [one for one in unreachable_sites(registry, plan, NIGHT) if one.site == "shop"]
    spans = [span for one in named for span in one.spans]
    assert {(at_ms - NIGHT) // HOUR for from_ms, to_ms in spans for at_ms in range(from_ms, to_ms, HOUR)} == deaf
