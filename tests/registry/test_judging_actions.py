"""我在补货, 清洁停机, 暂停营业, 标签, 化霜, 重新学习, 探头丢失: what follows, or refused with the remedy."""

from __future__ import annotations

import pytest

from coldchain.errors import ConfigError
from coldchain.profiles import builtin
from coldchain.registry import (
    Activity,
    Asset,
    Binding,
    DefrostSchedule,
    EpisodeEnd,
    LabelCondition,
    LimitRule,
    Normal,
    Point,
    Probe,
    Site,
    SiteState,
    Window,
)
from coldchain.registry.actions import Plan, close_site
from coldchain.registry.judging_actions import (
    change_activity,
    end_excursion,
    excuse,
    relearn,
    schedule_defrosts,
)
from coldchain.registry.labelling import change_label, remove_label
from coldchain.registry.pausing import open_site, pause_sites
from coldchain.registry.words import sentence
from tests.registry.test_actions import COOLER, A, B, House
from tests.support import DAY_MS, HOUR_MS, MINUTE_MS, T0, put

TRUCK, BODY, TANK, MILK, DOOR, AIR = "truck-1", "body-1", "tank-1", "p-milk", "p-door", "p-air"


@pytest.fixture
def house() -> House:
    """Return two shops with a cooler each and, at the first, milk with a profile, a tank, a door; and a truck."""
    house = House()
    put(
        house.ledger,
        Site(TRUCK, TRUCK, "vehicle", "dairy"),
        Asset(BODY, BODY, "reefer", TRUCK),
        Asset(TANK, TANK, "station-tank", A),
        Asset("room-1", "room-1", "walk-in-room", A),
        Point(MILK, COOLER, "product", "temperature", 60, profile="pasteurized"),
        Point(AIR, "room-1", "product", "temperature", 60, profile="pasteurized"),
        Point(DOOR, COOLER, "door", "door", 60, ""),
    )
    return house


def spoken(plan: Plan, language: str = "en") -> str:
    return "\n".join(sentence(said, language) for said in plan.says)


def codes(plan: Plan) -> list[str]:
    return [said.code for said in plan.says]


# -- 我在补货 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "minutes"), [("restocking", 20), ("maintenance", 120), ("calibration", 60)])
def test_a_reason_ends_by_itself_and_its_minutes_count(house: House, kind: str, minutes: int) -> None:
    plan = excuse(house.now, COOLER, kind, T0, T0)
    registry = house.do(plan)

    assert registry.windows[COOLER] == [Window(COOLER, kind, T0, T0 + minutes * MINUTE_MS)]
    assert codes(plan) == [f"excused-{kind}", "minutes-count"]
    assert f"2023-11-15T08:00+08:00 to 2023-11-15T{8 + minutes // 60:02d}:{minutes % 60:02d}+08:00" in spoken(plan)
    assert f"({minutes} 分钟)" in spoken(plan, "zh")


def test_the_same_start_again_makes_a_reason_shorter_and_says_so(house: House) -> None:
    house.do(excuse(house.now, COOLER, "maintenance", T0, T0))

    plan = excuse(house.now, COOLER, "maintenance", T0, T0 + HOUR_MS, minutes=60)

    assert codes(plan)[2:] == ["replaces-reason", "judged-anew"]
    assert house.do(plan).windows[COOLER] == [Window(COOLER, "maintenance", T0, T0 + HOUR_MS)]


@pytest.mark.parametrize(
    ("asset", "kind", "minutes", "said"),
    [
        ("cooler", "restocking", None, "did you mean cooler-gw-1"),
        (COOLER, "lunch", None, r"restocking \(20 min\), maintenance \(120 min\)"),
        (COOLER, "restocking", 0, r"1 to 1440 \(a day\)"),
        (COOLER, "restocking", 1441, "store-asset"),
    ],
)
def test_a_reason_that_cannot_be_is_refused(
    house: House, asset: str, kind: str, minutes: int | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        excuse(house.now, asset, kind, T0, T0, minutes=minutes)


def test_what_is_not_judged_needs_no_reason(house: House) -> None:
    put(house.ledger, Activity(COOLER, "stored", T0), SiteState(B, "closed", T0))

    for asset, said in ((COOLER, "is stored then"), ("cooler-gw-2", "is closed then")):
        with pytest.raises(ConfigError, match=said):
            excuse(house.now, asset, "restocking", T0, T0)


# -- 清洁停机, 装货, 在途 -------------------------------------------------------------------------------------


def test_cleaning_ends_by_itself_after_ninety_minutes(house: House) -> None:
    plan = change_activity(house.now, COOLER, "cleaning", T0, T0)
    registry = house.do(plan)

    end_ms = T0 + 90 * MINUTE_MS
    assert [registry.activity_at(COOLER, at) for at in (T0, end_ms - 1, end_ms)] == ["cleaning", "cleaning", "in-use"]
    assert codes(plan) == ["no-goods-until", "alarms-end"]
    assert "nothing is judged 2023-11-15T08:00+08:00 to 2023-11-15T09:30+08:00 (90 min)" in spoken(plan)


def test_a_truck_is_what_it_is_until_the_next_state(house: House) -> None:
    registry = house.do(change_activity(house.now, BODY, "pre-cooling", T0, T0))
    plan = change_activity(registry, BODY, "loaded", T0 + HOUR_MS, T0 + HOUR_MS)
    registry = house.do(plan)

    assert [registry.activity_at(BODY, at) for at in (T0, T0 + HOUR_MS, T0 + DAY_MS)] == [
        "pre-cooling",
        "loaded",
        "loaded",
    ]
    assert codes(plan) == ["has-goods"]
    with pytest.raises(ConfigError, match="is loaded already, since 2023-11-15T09:00"):
        change_activity(registry, BODY, "loaded", T0 + DAY_MS, T0 + DAY_MS)


def test_a_cooler_is_not_forgotten_in_a_state_that_nobody_judges(house: House) -> None:
    with pytest.raises(ConfigError, match=r"say until when \(--minutes, --until\)"):
        change_activity(house.now, COOLER, "loading", T0, T0)

    plan = change_activity(house.now, COOLER, "loading", T0, T0, until_ms=T0 + HOUR_MS)

    assert plan.puts == (Activity(COOLER, "loading", T0, T0 + HOUR_MS),)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("stored", "coldchain change store-asset"),
        ("in-use", "coldchain change use-asset"),
        ("retired", "coldchain change close-site"),
        ("asleep", "'asleep' is no state: cleaning, parked"),
    ],
)
def test_states_with_commands_of_their_own_name_them(house: House, state: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        change_activity(house.now, COOLER, state, T0, T0)


def test_cleaning_that_is_done_early_is_ended_as_the_refusal_says(house: House) -> None:
    registry = house.do(change_activity(house.now, COOLER, "cleaning", T0, T0))
    with pytest.raises(ConfigError, match=r"cleaning --from 2023-11-15T08:00\+08:00 --until now"):
        change_activity(registry, COOLER, "in-use", T0 + HOUR_MS, T0 + HOUR_MS)

    ended = change_activity(registry, COOLER, "cleaning", T0, T0 + HOUR_MS, until_ms=T0 + HOUR_MS)

    assert house.do(ended).activity_at(COOLER, T0 + HOUR_MS) == "in-use"


@pytest.mark.parametrize(
    ("until_ms", "minutes", "said"),
    [
        (T0 + HOUR_MS, 60, "give one of them"),
        (T0, None, "not after the start"),
        (T0 + 2 * DAY_MS, None, "more than a day"),
        (None, 2000, "1 to 1440"),
    ],
)
def test_an_end_that_cannot_be_is_refused(house: House, until_ms: int | None, minutes: int | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        change_activity(house.now, COOLER, "cleaning", T0, T0, until_ms=until_ms, minutes=minutes)


def test_what_is_stored_or_retired_is_used_again_first(house: House) -> None:
    put(house.ledger, Activity(COOLER, "stored", T0), Activity(BODY, "retired", T0))

    with pytest.raises(ConfigError, match="use it again first"):
        change_activity(house.now, COOLER, "cleaning", T0, T0)
    with pytest.raises(ConfigError, match="is retired"):
        change_activity(house.now, BODY, "loaded", T0, T0)


# -- 暂停营业 -------------------------------------------------------------------------------------------------


def test_shops_pause_from_one_day_to_another_in_one_go(house: House) -> None:
    end_ms = T0 + 7 * DAY_MS
    plan = pause_sites(house.now, [A, B], T0, end_ms, T0, open_alarms={}, reason="")
    registry = house.do(plan)

    for site, asset in ((A, COOLER), (B, "cooler-gw-2")):
        assert [registry.is_closed(site, at) for at in (T0 - 1, T0, end_ms - 1, end_ms)] == [False, True, True, False]
        assert [registry.activity_at(asset, at) for at in (T0, end_ms)] == ["stored", "in-use"]
    assert "2 sites are closed from 2023-11-15T08:00+08:00 to 2023-11-22T08:00+08:00 and 4 assets" in spoken(plan)


def test_one_shop_that_cannot_pause_keeps_all_open_and_every_fault_is_told(house: House) -> None:
    put(house.ledger, SiteState(B, "closed", 0))

    with pytest.raises(ConfigError) as caught:
        pause_sites(house.now, [A, B, "x"], T0, T0 - 1, T0, open_alarms={A: 2}, reason="")

    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        f"{A} has 2 open alarms",
        f"{B} is closed already",
        "there is no site 'x'; `coldchain registry show` lists every site",
        "--until is not after the start",
        "--until is over already",
    ]


def test_a_second_pause_inside_the_first_is_refused(house: House) -> None:
    registry = house.do(pause_sites(house.now, [A], T0 + DAY_MS, T0 + 2 * DAY_MS, T0, open_alarms={}, reason=""))

    with pytest.raises(ConfigError, match=r"is closed from 2023-11-16T08:00\+08:00 on already"):
        pause_sites(registry, [A], T0, T0 + 3 * DAY_MS, T0, open_alarms={}, reason="")


def test_a_pause_that_ends_early_brings_back_what_it_took_out_of_use_and_nothing_else(house: House) -> None:
    put(house.ledger, Activity(TANK, "stored", T0))
    registry = house.do(pause_sites(house.now, [A], T0 + HOUR_MS, T0 + 7 * DAY_MS, T0, open_alarms={}, reason=""))

    plan = open_site(registry, A, T0 + DAY_MS, T0 + DAY_MS)
    registry = house.do(plan)

    assert not registry.is_closed(A, T0 + DAY_MS)
    assert registry.is_closed(A, T0 + DAY_MS - 1)
    assert [registry.activity_at(one, T0 + DAY_MS) for one in (COOLER, "room-1", TANK)] == [
        *("in-use", "in-use", "stored"),
    ]
    assert f"{TANK} was out of use before that" in spoken(plan)
    with pytest.raises(ConfigError, match="is open then already"):
        open_site(registry, A, T0 + DAY_MS, T0 + DAY_MS)


def test_a_shop_that_closed_by_mistake_opens_again(house: House) -> None:
    registry = house.do(close_site(house.now, A, T0, open_alarms=0, reason=""))
    with pytest.raises(ConfigError, match="that very minute"):
        open_site(registry, A, T0, T0)

    registry = house.do(open_site(registry, A, T0 + HOUR_MS, T0 + HOUR_MS))

    assert registry.activity_at(COOLER, T0 + HOUR_MS) == "in-use"


# -- 标签 -----------------------------------------------------------------------------------------------------


def test_a_label_shows_each_limit_before_and_after(house: House) -> None:
    plan = change_label(house.now, AIR, T0, T0, low_celsius=0, high_celsius=4, words="0-4℃ 冷藏")
    registry = house.do(plan)

    assert registry.label_at(AIR, T0) == LabelCondition(AIR, T0, 0, 4, "0-4℃ 冷藏")
    lines = spoken(plan).splitlines()
    assert "storage condition, high: 6 → 4 °C" in lines
    assert "warning, high: 6.5 → 4.5 °C" in lines
    assert "critical, high: 8 → 6 °C" in lines
    assert "freezing, warning: -0.1 °C" in lines
    assert "警告上限:6.5 → 4.5 ℃" in spoken(plan, "zh")


def test_where_an_asset_pages_by_its_own_normal_a_label_shows_that(house: House) -> None:
    learning = spoken(change_label(house.now, MILK, T0, T0, high_celsius=4))
    put(house.ledger, Normal(MILK, T0, ((900, 7.0),), 0, T0, 7))
    learnt = spoken(change_label(house.now, MILK, T0, T0, high_celsius=4))
    put(house.ledger, LimitRule(MILK, 0, high_celsius=9))
    by_hand = spoken(change_label(house.now, MILK, T0, T0, high_celsius=4))

    assert "told for the product from: 9 → 7 °C" in learning
    assert "told for the air from: 10 → 8 °C" in learning
    assert "told for the air from: 12 → 10 °C" in learnt
    assert "warning, high" not in learning
    assert "told for" not in by_hand
    assert "has limits by hand: they page as before" in by_hand


def test_a_label_that_is_gone_brings_the_profile_back(house: House) -> None:
    with pytest.raises(ConfigError, match="has no label then"):
        remove_label(house.now, AIR, T0, T0)
    registry = house.do(change_label(house.now, AIR, T0, T0, high_celsius=4))
    plan = remove_label(registry, AIR, T0 + HOUR_MS, T0 + DAY_MS)

    assert "storage condition, high: 4 → 6 °C" in spoken(plan)
    assert codes(plan)[-1] == "judged-anew"
    with pytest.raises(ConfigError, match="has no label then"):
        remove_label(house.do(plan), AIR, T0 + DAY_MS, T0 + DAY_MS)


@pytest.mark.parametrize(
    ("point", "low", "high", "said"),
    [
        ("p-none", 2, 6, "no point"),
        (DOOR, 2, 6, "measures door"),
        (AIR, None, None, "give --low or --high"),
        (AIR, 6, 2, "swapped"),
        (AIR, 2, 600, "outside -60 to 60"),
    ],
)
def test_a_label_that_cannot_be_is_refused(
    house: House, point: str, low: float | None, high: float | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        change_label(house.now, point, T0, T0, low_celsius=low, high_celsius=high)


def test_words_that_name_other_numbers_are_pointed_out(house: House) -> None:
    mistyped = change_label(house.now, AIR, T0, T0, low_celsius=2, high_celsius=26, words="2-6℃ 冷藏")
    frozen = change_label(house.now, AIR, T0, T0, high_celsius=-18, words="-18℃以下")
    unprofiled = change_label(house.now, "gw-1/p0", T0, T0, low_celsius=2, high_celsius=6)

    assert "label-words-differ" in codes(mistyped)
    assert "label-words-differ" not in codes(frozen)
    assert codes(unprofiled) == ["label", "label-unjudged"]
    assert unprofiled.puts == (LabelCondition("gw-1/p0", T0, 2, 6, "2…6 °C"),)


# -- 化霜 -----------------------------------------------------------------------------------------------------


def test_defrosts_by_the_clock_hold_until_somebody_ends_them(house: House) -> None:
    plan = schedule_defrosts(house.now, COOLER, ["14:00", "02:00"], 30, T0, T0)
    registry = house.do(plan)

    assert registry.defrosts_of(COOLER) == [DefrostSchedule(COOLER, T0, ("02:00", "14:00"), 30)]
    assert "daily at 02:00, 14:00 (Asia/Shanghai): 30 + 60 min" in spoken(plan)
    ended = house.do(schedule_defrosts(registry, COOLER, [], 30, T0 + DAY_MS, T0 + DAY_MS))
    assert [(one.times, one.to_ms) for one in ended.defrosts_of(COOLER)] == [
        (("02:00", "14:00"), T0 + DAY_MS),
        ((), None),
    ]
    with pytest.raises(ConfigError, match="no defrost schedule then"):
        schedule_defrosts(ended, COOLER, [], 30, T0 + 2 * DAY_MS, T0)


def test_an_asset_that_tells_its_defrosts_is_pointed_out(house: House) -> None:
    put(house.ledger, Point("p-defrost", COOLER, "unit", "defrost", 60, ""))

    plan = schedule_defrosts(house.now, COOLER, ["02:00"], 30, T0, T0, until_ms=T0 + DAY_MS)

    assert codes(plan) == ["defrosts", "defrosts-until", "defrost-signal"]


@pytest.mark.parametrize(
    ("asset", "times", "minutes", "said"),
    [
        (TANK, ["02:00"], 30, "never excused by a defrost"),
        (COOLER, ["2:00", "24:00"], 30, "2:00, 24:00: a time of day has the form 02:00"),
        (COOLER, ["02:00", "02:00"], 30, "each time once"),
        (COOLER, ["02:00"], 46, "excused for 1 to 45 min"),
        (COOLER, [f"{hour:02d}:00" for hour in range(7)], 30, "at most 6"),
    ],
)
def test_a_schedule_that_would_excuse_nothing_is_refused(
    house: House, asset: str, times: list[str], minutes: int, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        schedule_defrosts(house.now, asset, times, minutes, T0, T0)


# -- 重新学习 -------------------------------------------------------------------------------------------------


def test_what_was_usual_is_learnt_anew_from_now_on(house: House) -> None:
    put(house.ledger, Normal(MILK, T0, ((900, 7.0),), T0 - 7 * DAY_MS, T0, 7))

    plan = relearn(house.now, MILK, T0 + DAY_MS)
    registry = house.do(plan)

    normal = registry.normal_at(MILK, T0 + DAY_MS)
    assert normal is not None
    assert (normal.levels, normal.learnt_from_ms) == ((), T0 + DAY_MS)
    assert "the air pages 4 K above the storage condition for 45 min" in spoken(plan)
    assert "final after about 7 days" in spoken(plan)
    with pytest.raises(ConfigError, match="it is being learnt"):
        relearn(registry, MILK, T0 + 2 * DAY_MS)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (AIR, "nothing is learnt of a walk-in-room"),
        ("gw-1/p0", "has no product profile"),
        (MILK, "no normal yet"),
        (DOOR, "measures door"),
    ],
)
def test_what_is_not_learnt_cannot_be_forgotten(house: House, point: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        relearn(house.now, point, T0)


# -- 探头丢失 -------------------------------------------------------------------------------------------------


def test_an_excursion_whose_sensor_is_lost_is_ended_by_hand(house: House) -> None:
    put(house.ledger, Probe("urn:x:t"), Binding("urn:x:t", MILK, T0, T0 + HOUR_MS))

    plan = end_excursion(house.now, MILK, T0 + HOUR_MS, T0 + DAY_MS)
    still_there = end_excursion(house.now, MILK, T0 + MINUTE_MS, T0 + DAY_MS)
    registry = house.do(plan)

    assert plan.puts == (EpisodeEnd(MILK, T0 + HOUR_MS),)
    assert codes(plan) == ["ends-by-hand", "goods-stay-out", "judged-anew"]
    assert "still-bound" in codes(still_there)
    with pytest.raises(ConfigError, match="is ended already"):
        end_excursion(registry, MILK, T0 + HOUR_MS, T0 + DAY_MS)


@pytest.mark.parametrize(
    ("point", "at_ms", "said"),
    [
        (AIR, T0, "never had a probe"),
        (MILK, T0 + DAY_MS, "in the future"),
        (MILK, T0 - 1, r"no probe before 2023-11-15T08:00\+08:00"),
    ],
)
def test_an_end_where_nothing_can_be_open_is_refused(house: House, point: str, at_ms: int, said: str) -> None:
    put(house.ledger, Probe("urn:x:t"), Binding("urn:x:t", MILK, T0))

    with pytest.raises(ConfigError, match=said):
        end_excursion(house.now, point, at_ms, T0 + HOUR_MS)


def test_a_defrost_may_be_as_long_as_the_kind_s_rules_say(house: House) -> None:
    for kind in builtin().kinds.values():
        put(house.ledger, Asset(f"a-{kind.id}", kind.id, kind.id, A))
        registry = house.now
        if kind.defrost_longest is None:
            with pytest.raises(ConfigError, match="never excused"):
                schedule_defrosts(registry, f"a-{kind.id}", ["02:00"], 10, T0, T0)
        else:
            longest = round(kind.defrost_longest.minutes)
            assert schedule_defrosts(registry, f"a-{kind.id}", ["02:00"], longest, T0, T0).puts
