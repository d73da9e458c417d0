"""Whether an alarm pages: by time, by state, within its asset's budget; too many occurrences; floods (T13)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle import Alarm, AlarmState, Telling, TellingReason
from alerts.occurrences import FLOOD_BEGINS, FLOOD_ENDS, FLOOD_MS, chattering, floods
from alerts.telling import Paged, paged, told, within_budget
from tests.alerts.casefiles import cases_of
from tests.alerts.days import minutes
from tests.alerts.test_lifecycle import MINUTE_MS, NOW_MS, alarm, episode

OPEN = replace(alarm(-30, None), telling=Telling.PAGE, telling_reason=TellingReason.OPEN_NOW)
CRITICAL = replace(OPEN, episode=episode(-30, None, severity="critical"))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (AlarmState.SHELVED, TellingReason.SHELVED),
        (AlarmState.SUPPRESSED, TellingReason.SUPPRESSED),
        (AlarmState.OUT_OF_SERVICE, TellingReason.OUT_OF_SERVICE),
        (AlarmState.ACKNOWLEDGED, TellingReason.HANDLED),
        (AlarmState.NORMAL, TellingReason.HANDLED),
    ],
)
def test_what_somebody_handled_or_held_back_pages_nobody(state: AlarmState, reason: TellingReason) -> None:
    found = told(alarm(-30, None, state), NOW_MS, NOW_MS, TellingReason.RE_ALARM)

    assert (found.telling, found.telling_reason) == (Telling.DIGEST, reason)


def test_an_alarm_pages_again_only_when_it_is_worse_than_what_was_paged() -> None:
    once = paged(OPEN, NOW_MS)

    assert told(once, NOW_MS, NOW_MS).telling_reason is TellingReason.PAGED_BEFORE
    worse = told(replace(once, episode=CRITICAL.episode), NOW_MS, NOW_MS)
    assert (worse.telling, worse.telling_reason) == (Telling.PAGE, TellingReason.GOT_WORSE)
    eased = told(replace(paged(worse, NOW_MS), episode=OPEN.episode), NOW_MS, NOW_MS)
    assert eased.telling is Telling.DIGEST


def test_a_reminder_is_given_although_the_readings_stopped() -> None:
    silent = told(paged(OPEN, NOW_MS), NOW_MS, NOW_MS - 3 * 3_600_000, TellingReason.SHELF_OVER)

    assert (silent.telling, silent.telling_reason) == (Telling.PAGE, TellingReason.SHELF_OVER)


OWN, OTHER = frozenset({"high"}), frozenset({"warm"})


@pytest.mark.parametrize(
    ("one", "before", "reason"),
    [
        (OPEN, None, TellingReason.OPEN_NOW),
        (OPEN, Paged(NOW_MS, "warning", OWN), TellingReason.ASSET_PAGED_RECENTLY),
        (OPEN, Paged(NOW_MS, "critical", OWN), TellingReason.ASSET_PAGED_RECENTLY),
        (CRITICAL, Paged(NOW_MS, "warning", OWN), TellingReason.OPEN_NOW),
        (OPEN, Paged(NOW_MS, "critical", OTHER), TellingReason.OPEN_NOW),  # another trouble
        (replace(OPEN, chattering=True), None, TellingReason.CHATTERING),
        (replace(OPEN, chattering=True), Paged(NOW_MS, "warning"), TellingReason.CHATTERING),
        (replace(CRITICAL, chattering=True), Paged(NOW_MS, "warning"), TellingReason.OPEN_NOW),
    ],
)
def test_one_page_an_asset_while_nothing_gets_worse(one: Alarm, before: Paged | None, reason: TellingReason) -> None:
    assert within_budget(one, before).telling_reason is reason
    assert within_budget(one, before, again=TellingReason.RE_ALARM) == one


# -- floods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", cases_of("floods.toml"))
def test_too_many_alarms(case: dict[str, Any]) -> None:
    if "onsets" in case:
        onsets: list[tuple[int, bool]] = []
        for clock in case["onsets"]:
            at_ms = round(minutes(clock) * MINUTE_MS)
            onsets.append((at_ms, chattering(at_ms, onsets)))
        assert [clock for clock, (_, is_one) in zip(case["onsets"], onsets, strict=True) if is_one] == case[
            "chattering"
        ]
        return

    found = floods(_burst(case["alarms"]), _ms(case["until"]))

    assert [(one.began_ms, one.ended_ms, one.alarms) for one in found] == [
        (_ms(one["began"]), _ms(one["ended"]) if one["ended"] else None, one["alarms"]) for one in case["floods"]
    ]


def _burst(text: str) -> list[int]:
    times, now_ms = [], 0
    for token in text.split():
        count, step = token.split("x")
        if count == "_":
            now_ms += _ms(step)
            continue
        times += [now_ms + number * _ms(step) for number in range(int(count))]
        now_ms = now_ms + int(count) * _ms(step)
    return times


def _ms(min_s: str) -> int:
    """Return a time written as minutes:seconds in ms."""
    whole, seconds = min_s.split(":")
    return (int(whole) * 60 + int(seconds)) * 1000


@given(st.lists(st.integers(0, 60).map(lambda minute: minute * MINUTE_MS), max_size=90))
def test_floods_agree_with_counting_each_window(raised: list[int]) -> None:
    now_ms = 3_600_000
    moments = sorted({*raised, *(at + FLOOD_MS for at in raised if at + FLOOD_MS <= now_ms)})
    expected: list[list[int | None]] = []
    for moment in moments:
        inside = sum(moment - FLOOD_MS < at <= moment for at in raised)
        lasting = bool(expected) and expected[-1][1] is None
        if not lasting and inside >= FLOOD_BEGINS:
            expected.append([moment, None])
        elif lasting and inside < FLOOD_ENDS:
            expected[-1][1] = moment

    assert [[flood.began_ms, flood.ended_ms] for flood in floods(raised, now_ms)] == expected


def test_a_page_is_repeated_at_a_level_that_is_told_again_and_at_no_other() -> None:
    first = paged(told(OPEN, NOW_MS, NOW_MS), NOW_MS)
    farther = told(replace(first, episode=replace(first.episode, step=1)), NOW_MS, NOW_MS)
    again = told(paged(farther, NOW_MS), NOW_MS, NOW_MS)

    assert told(first, NOW_MS, NOW_MS).telling_reason is TellingReason.PAGED_BEFORE
    assert (farther.telling, farther.telling_reason) == (Telling.PAGE, TellingReason.GOT_WORSE)
    assert within_budget(farther, Paged(NOW_MS, "warning", OWN)).telling is Telling.PAGE
    assert again.telling_reason is TellingReason.PAGED_BEFORE
