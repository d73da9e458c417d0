"""Who answers in a role for a site: the nearest place, the shift before the duty, nobody who left."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.people import Duty, Person, Role, Shift
from coldchain.people.rota import on_duty, reachable
from coldchain.registry import Put, Registry
from tests.people.world import ms, person, registry_of, staff

NOON = ms("2026-11-24T12:00")
HOUR = 3_600_000


def who(registry: Registry, role: Role = Role.QUALITY, site: str = "shop", at_ms: int = NOON) -> list[str]:
    return [one.id for one in on_duty(registry, role, site, at_ms)]


def test_the_nearest_place_where_somebody_is_answers() -> None:
    everywhere = staff("head", Role.QUALITY)
    country = staff("country", Role.QUALITY, region="cn")
    east = staff("east", Role.QUALITY, region="east")
    here = staff("here", Role.QUALITY, site="shop")

    assert who(registry_of(*everywhere)) == ["head"]
    assert who(registry_of(*everywhere, *country)) == ["country"]
    assert who(registry_of(*everywhere, *country, *east)) == ["east"]
    assert who(registry_of(*everywhere, *country, *east, *here)) == ["here"]
    assert who(registry_of(*everywhere, *country, *east, *here), site="dc") == ["country"]
    assert who(registry_of(*everywhere, *country), site="") == ["head"]
    assert who(registry_of(*everywhere, *country), role=Role.CLERK) == []


def test_where_nobody_is_there_now_the_next_place_answers() -> None:
    registry = registry_of(
        *staff("here", Role.QUALITY, site="shop", hours="08:00-11:00"), *staff("east", Role.QUALITY, region="east")
    )

    assert who(registry) == ["east"]
    assert who(registry, at_ms=NOON - 2 * HOUR) == ["here"]


def test_everybody_of_the_same_place_answers_in_the_order_of_ids() -> None:
    registry = registry_of(*staff("b", Role.QUALITY, site="shop"), *staff("a", Role.QUALITY, site="shop"))

    assert who(registry) == ["a", "b"]


def test_whoever_is_on_call_goes_before_the_duties_of_that_role_and_place() -> None:
    usual = staff("usual", Role.QUALITY, region="east")
    shift = Shift("caller", Role.QUALITY, NOON, NOON + HOUR, region="east")

    registry = registry_of(*usual, person("caller"), shift)

    assert [who(registry, at_ms=at_ms) for at_ms in (NOON - 1, NOON, NOON + HOUR - 1, NOON + HOUR)] == [
        ["usual"], ["caller"], ["caller"], ["usual"],
    ]  # fmt: skip
    assert who(registry, role=Role.CLERK) == []
    nearer = staff("nearer", Role.QUALITY, site="shop")
    assert who(registry_of(*usual, person("caller"), shift, *nearer)) == ["nearer"]


def test_nobody_who_left_answers_and_nobody_of_whom_nothing_is_known() -> None:
    east = staff("east", Role.QUALITY, region="east")
    gone = staff("gone", Role.QUALITY, site="shop", state="left")
    shift = Shift("gone", Role.QUALITY, NOON, NOON + HOUR, site="shop")

    assert who(registry_of(*east, *gone, shift, Duty("nobody", Role.QUALITY, site="shop"))) == ["east"]


def test_a_duty_that_is_put_again_with_an_end_is_over_then() -> None:
    registry = registry_of(*staff("li", Role.QUALITY), Duty("li", Role.QUALITY, to_ms=NOON))

    assert (who(registry, at_ms=NOON - 1), who(registry)) == (["li"], [])
    assert len(registry.duties["li"]) == 1


def test_reached_is_who_has_an_address_for_one_of_the_ways_in_their_order() -> None:
    li = Person("li", "Li", phone="13800000000", wecom="li", email="li@example.com")
    registry = registry_of(li, Duty("li", Role.QUALITY), *staff("wu", Role.QUALITY, phone=""))

    found = reachable(registry, Role.QUALITY, "shop", NOON, ("voice", "wecom", "dingtalk"))

    assert found == [(li, (("voice", "13800000000"), ("wecom", "li")))]


def test_applying_people_touches_no_point_and_a_copy_goes_its_own_way() -> None:
    registry = registry_of(*staff("li", Role.QUALITY))
    twin = registry.copy()
    twin.lay_people(Duty("li", Role.CLERK, site="shop"))

    assert who(twin, role=Role.CLERK) == ["li"]
    assert who(registry, role=Role.CLERK) == []


places = st.sampled_from([("shop", ""), ("dc", ""), ("", "east"), ("", "west"), ("", "cn"), ("", "")])
times = st.integers(0, 4).map(lambda step: NOON + step * HOUR)
PEOPLE = ("a", "b", "c")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), places, times), max_size=6),
    st.lists(st.tuples(st.sampled_from(PEOPLE), places, times), max_size=3),
    st.sets(st.sampled_from(PEOPLE)),
    st.sampled_from(["shop", "dc"]),
    times,
)
def test_who_answers_is_at_the_first_place_of_the_way_out_where_anybody_is(
    duties: list[tuple[str, tuple[str, str], int]],
    shifts: list[tuple[str, tuple[str, str], int]],
    left: set[str],
    site: str,
    at_ms: int,
) -> None:
    puts: list[Put] = [person(one, state="left" if one in left else "active") for one in PEOPLE]
    held = {(who_, place, from_ms) for who_, place, from_ms in duties if who_ not in left}
    called = {(who_, place, from_ms) for who_, place, from_ms in shifts if who_ not in left}
    puts += [Duty(who_, Role.QUALITY, from_ms, None, *place) for who_, place, from_ms in duties]
    puts += [Shift(who_, Role.QUALITY, from_ms, from_ms + HOUR, *place) for who_, place, from_ms in shifts]

    expected: set[str] = set()
    for place in ((site, ""), ("", {"shop": "east", "dc": "west"}[site]), ("", "cn"), ("", "")):
        if not expected:
            expected = {one for one, where, from_ms in called if where == place and from_ms == at_ms}
        if not expected:
            expected = {one for one, where, from_ms in held if where == place and from_ms <= at_ms}

    assert who(registry_of(*puts), site=site, at_ms=at_ms) == sorted(expected)
