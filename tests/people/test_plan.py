"""A plan file: every fault at once with its place, what is odd, and the built-in plan."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import ConfigError
from coldchain.people import WAYS, WHEN, Chain, Digest, NotifyPlan, Role, Room, Step
from coldchain.people.builtin import builtin_plan, builtin_text, plan_of
from coldchain.people.checks import warnings
from coldchain.people.reading import read_plan
from coldchain.people.writing import place_lines, plan_toml
from coldchain.registry import SEVERITIES
from coldchain.registry.changes import ASSET_KINDS
from tests.people.world import ms, registry_of, staff

NOW = ms("2026-11-24T12:00")
REST = '[[chains]]\nid = "rest"\nsteps = [{ after_min = 0, roles = ["administrator"], ways = ["sms"] }]\n'


def faults_of(text: str, *, language: str = "en", channels: tuple[str, ...] | None = ("shop-group",)) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_plan(text, "notify.toml", registry_of(), channels, language)
    return [fault.removeprefix("notify.toml: ") for fault in caught.value.faults]


def test_every_fault_of_a_plan_is_told_at_once_with_its_place() -> None:
    text = """
        fallback_s = 0
        repeat_s = "often"
        [[chains]]
        id = "shops"
        kinds = ["open-multidek"]
        regions = ["eastt"]
        sites = ["shop-9"]
        steps = [
          { after_min = 20, roles = ["clark"], ways = ["sms"] },
          { after_min = 10, roles = ["clerk"], ways = ["pigeon"], when = "night" },
          { after_min = -1, rolls = ["clerk"], ways = ["sms"] },
        ]
        [[rooms]]
        id = "group"
        channel = "shop-grup"
        severity = "loud"
        language = "fr"
        [[digests]]
        at = "25:00"
        roles = []
        ways = ["sms"]
    """

    faults = faults_of(text)

    expected = [
        r"repeat_s: 'often': .*int",
        r"\[chains 'shops' steps 1\] roles: no role 'clark'; did you mean 'clerk'",
        r"\[chains 'shops' steps 2\] ways: 'pigeon' is not known",
        r"\[chains 'shops' steps 2\] when: 'night' is not known.*always, open, closed",
        r"\[chains 'shops' steps 3\] rolls: no such key",
        r"\[chains 'shops' steps 3\] roles: is missing",
        r"\[chains 'shops'\] steps: 10 min stands behind 20 min",
        r"\[chains 'shops'\] kinds: 'open-multidek' is not known; did you mean 'open-multideck'",
        r"\[chains 'shops'\] regions: 'eastt' is not known; did you mean 'east'",
        r"\[chains 'shops'\] sites: 'shop-9' is not known; did you mean 'shop'",
        r"\[rooms 'group'\] channel: 'shop-grup' is not known; did you mean 'shop-group'",
        r"\[rooms 'group'\] language: 'fr'",
        r"\[rooms 'group'\] severity: 'loud'.*notice, warning, critical",
        r"\[digests 1\] at: '25:00'",
        r"\[digests 1\] roles: at least one",
        r"fallback_s: at least 1",
        r"\[chains\]: none takes everything that is left",
    ]
    assert len(faults) == len(expected)
    for pattern in expected:
        assert any(re.match(pattern, fault) for fault in faults), (pattern, faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "chains: is missing"),
        ("chains = 3", "chains: a list […] was expected"),
        ("chains = [3]", "[chains 1]: a table of id, steps, kinds, regions, sites was expected"),
        ("chains = [", "not TOML"),
        (REST + REST, "[chains 'rest']: stands twice"),
        (REST + REST.replace('"rest"', '"late"'), "[chains 'late']: is never asked: 'rest' stands before it"),
        (
            REST.replace("after_min = 0", "after_min = 99999"),
            "[chains 'rest' steps 1] after_min: 99999: 0 to 10080 min",
        ),
        (REST.replace('["sms"]', "[]"), "[chains 'rest' steps 1] ways: at least one is needed"),
        (REST.replace("[{", "[] #"), "[chains 'rest'] steps: at least one is needed"),
        ("group_waits = 3\n" + REST, "group_waits: no such key"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(text: str, said: str) -> None:
    assert [fault for fault in faults_of(text) if said in fault]


def test_faults_are_told_in_chinese_to_who_reads_chinese() -> None:
    (fault,) = faults_of(REST.replace("administrator", "administrater"), language="zh")

    assert fault.startswith("[chains 'rest' steps 1] roles: 没有角色 'administrater';是否为 administrator?")


def test_channels_that_nobody_named_are_not_looked_up() -> None:
    room = '[[rooms]]\nid = "r"\nchannel = "anything"\n'

    assert read_plan(REST + room, "x", None, None).rooms == (Room("r", "anything"),)


def test_what_is_odd_is_told_and_refuses_nothing() -> None:
    text = '[[chains]]\nid = "shops"\nkinds = ["open-multideck"]\nsteps = [\n'
    text += '{ after_min = 0, roles = ["clerk"], ways = ["wecom"], when = "open" }]\n' + REST
    registry = registry_of(*staff("admin", Role.ADMINISTRATOR), *staff("old", Role.CLERK, state="left"))

    said = [en for _, en in warnings(read_plan(text, "x", registry), registry, NOW, ways=("sms",))]

    assert said == [
        "chains 'shops' steps 1: no channel is configured for any of its ways",
        "nobody has the role store staff (clerk)",
        "chain shops has no step for closed hours, and takes open-multideck of the shop shop",
    ]


def test_before_the_first_entry_the_built_in_plan_holds_and_one_entry_replaces_it_whole() -> None:
    own = read_plan(REST, "x")

    assert plan_of(registry_of()) == builtin_plan()
    assert plan_of(registry_of(own)) == own


def test_the_built_in_plan_takes_every_kind_and_asks_whom_the_trade_asks() -> None:
    asked = {
        chain.id: [(step.after_min, step.when, [role.value for role in step.roles]) for step in chain.steps]
        for chain in builtin_plan().chains
    }

    assert asked["coolers"] == [
        (0, "open", ["clerk"]), (0, "closed", ["area-duty"]), (20, "open", ["store-manager"]),
        (45, "always", ["area-manager"]),
    ]  # fmt: skip
    assert [(step[0], step[2]) for step in asked["rooms"]] == [
        (0, ["site-duty"]), (0, ["site-duty"]), (10, ["supervisor"]), (20, ["quality"]), (40, ["site-head"]),
    ]  # fmt: skip
    assert [(step[0], step[2]) for step in asked["deliveries"]] == [
        (0, ["dispatcher"]), (0, ["driver"]), (15, ["fleet-lead"]), (30, ["quality"]),
    ]  # fmt: skip
    assert [(step[0], step[2]) for step in asked["milk-tankers"]] == [
        (0, ["dispatcher"]), (10, ["milk-lead"]), (20, ["quality"]),
    ]  # fmt: skip
    named = [kind for chain in builtin_plan().chains for kind in chain.kinds]
    assert sorted(named) == sorted([*ASSET_KINDS, "site", "server"])
    night = next(step for step in builtin_plan().chains[0].steps if step.when == "closed")
    assert night.ways[0] == "voice"


def test_the_built_in_file_says_that_no_law_sets_its_times() -> None:
    assert "No law" in builtin_text()


ids = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
ways = st.lists(st.sampled_from(WAYS), min_size=1, max_size=3).map(tuple)
roles = st.lists(st.sampled_from(list(Role)), min_size=1, max_size=3).map(tuple)
kinds = st.lists(st.sampled_from(sorted(ASSET_KINDS)), max_size=2).map(tuple)
minutes = st.lists(st.integers(0, 500), min_size=1, max_size=4).map(sorted)
steps = minutes.flatmap(
    lambda held: st.tuples(
        *(st.builds(Step, st.just(at), roles, ways, st.one_of(st.just(()), ways), st.sampled_from(WHEN)) for at in held)
    )
)
chains = st.builds(Chain, ids, steps, st.just(("reefer",)), kinds, kinds)
rooms = st.builds(Room, ids, ids, st.sampled_from(["zh", "en"]), st.sampled_from(SEVERITIES), kinds, kinds, kinds)
digests = st.builds(Digest, st.sampled_from(["00:00", "07:30", "23:59"]), roles, ways, st.booleans())
plans = st.builds(
    lambda some, rest, held, told, wait: NotifyPlan((*some, Chain("the-rest", rest)), held, told, group_wait_s=wait),
    st.lists(chains, max_size=3, unique_by=lambda chain: chain.id).map(tuple),
    steps,
    st.lists(rooms, max_size=2, unique_by=lambda room: room.id).map(tuple),
    st.lists(digests, max_size=2).map(tuple),
    st.integers(0, 100),
)


@given(plans)
def test_a_plan_that_was_written_reads_the_same_again(plan: NotifyPlan) -> None:
    assert read_plan(plan_toml(plan), "x") == plan


@given(plans, plans)
def test_plans_that_differ_show_it(one: NotifyPlan, other: NotifyPlan) -> None:
    assert (place_lines(one) == place_lines(other)) is (one == other)


@pytest.mark.parametrize("junk", ["3", "-1", '"x"', "[]", "{}", "true", "1.5", "[3]", '["x"]', "[{}]", "2027-01-01"])
def test_whatever_stands_where_something_else_belongs_is_a_fault_with_a_place(junk: str) -> None:
    text = plan_toml(NotifyPlan(
        (Chain("rest", (Step(0, (Role.CLERK,), ("sms",), ("voice",), "open"),)),), (Room("r", "c", "en"),),
        (Digest("07:30", (Role.CLERK,), ("sms",), False),),
    ))  # fmt: skip
    values = list(re.finditer(r'(?<== )(?:\[[^\[\]{}]*\]|"[^"]*"|\w+)', text))
    assert len(values) > 15
    faults: list[str] = []

    for value in values:
        changed = f"{text[: value.start()]}{junk}{text[value.end() :]}"
        try:
            assert read_plan(plan_toml(read_plan(changed, "x")), "x") == read_plan(changed, "x")
        except ConfigError as fault:
            faults += fault.faults

    assert faults
    assert all(line.startswith("x: ") for line in faults)
