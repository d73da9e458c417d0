"""Alarms' states, the decision whether to page, and matching alarms with episodes after a re-judge."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.episodes import Episode
from alerts.lifecycle import (
    GONE,
    RECENT_MS,
    TABLE,
    Alarm,
    AlarmState,
    Telling,
    TellingReason,
    Trigger,
    step,
)
from alerts.reconcile import Moment, Outcome, alarm_id, reconcile
from alerts.records import Lane
from alerts.telling import paged, told
from coldchain.errors import InvalidTransition

NOW_MS = 1_700_000_000_000
MINUTE_MS = 60_000


def episode(onset: int, ended: int | None, *, peak: float = 9.0, severity: str = "warning") -> Episode:
    """An episode of some minutes before now."""
    return Episode(
        point="p",
        rule=Lane.HIGH,
        onset_ms=NOW_MS + onset * MINUTE_MS,
        raised_ms=NOW_MS + onset * MINUTE_MS,
        ended_ms=None if ended is None else NOW_MS + ended * MINUTE_MS,
        closed_ms=None if ended is None else NOW_MS + ended * MINUTE_MS,
        end_reason="" if ended is None else "returned",
        peak=peak,
        peak_ms=NOW_MS + onset * MINUTE_MS,
        mean=peak,
        dose_h=None,
        dose_model="",
        kinetic_mean_celsius=None,
        exposed_ms=0,
        suppressed_ms=0,
        excess_kelvin_min=0.0,
        hole_ms=0,
        samples=1,
        limit=8.0,
        unit="Cel",
        rule_version="",
        step=0,
        rule_from_ms=0,
        severity=severity,
        top_severity=severity,
    )


def alarm(onset: int, ended: int | None, state: AlarmState = AlarmState.UNACKNOWLEDGED, name: str = "a") -> Alarm:
    return Alarm(name, episode(onset, ended), state, NOW_MS, False, 1)


@pytest.mark.parametrize(("state", "trigger"), list(product(AlarmState, Trigger)))
def test_every_state_and_trigger(state: AlarmState, trigger: Trigger) -> None:
    before = alarm(0, None, state)

    if (state, trigger) not in TABLE:
        with pytest.raises(InvalidTransition):
            step(before, trigger, NOW_MS, "test")
        return
    after, transition = step(before, trigger, NOW_MS, "test")

    assert after.state == TABLE[state, trigger] == transition.after
    assert after.version == before.version + 1
    assert (transition.before, transition.reason) == (state, "test")


def test_nothing_leaves_a_retracted_or_merged_alarm_and_everything_else_can_get_there() -> None:
    assert not [pair for pair in TABLE if pair[0] in GONE]
    for state in set(AlarmState) - set(GONE):
        assert TABLE[state, Trigger.RETRACT] is AlarmState.RETRACTED
        assert TABLE[state, Trigger.MERGE] is AlarmState.MERGED


def test_an_open_alarm_pages_once() -> None:
    first = paged(told(alarm(-30, None), NOW_MS, NOW_MS), NOW_MS)
    again = told(replace(first, episode=episode(-30, 0)), NOW_MS + 1, NOW_MS)

    assert (first.telling, first.telling_reason, first.paged_at_ms) == (Telling.PAGE, TellingReason.OPEN_NOW, NOW_MS)
    assert (again.telling, again.telling_reason, again.paged_at_ms) == (
        Telling.DIGEST,
        TellingReason.PAGED_BEFORE,
        NOW_MS,
    )


@pytest.mark.parametrize(
    ("ended", "telling", "reason"),
    [
        (-14, Telling.PAGE, TellingReason.ENDED_RECENTLY),
        (-15, Telling.DIGEST, TellingReason.LONG_OVER),
    ],
)
def test_what_is_long_over_pages_nobody(ended: int, telling: Telling, reason: TellingReason) -> None:
    found = told(alarm(-60, ended), NOW_MS, NOW_MS)

    assert (found.telling, found.telling_reason) == (telling, reason)


def test_an_alarm_that_is_open_only_because_its_readings_stop_days_ago_waits() -> None:
    waiting = told(alarm(-5000, None), NOW_MS, NOW_MS - RECENT_MS)
    current = told(waiting, NOW_MS, NOW_MS - RECENT_MS + 1)

    assert (waiting.telling, waiting.paged_at_ms) == (Telling.DEFER, None)
    assert current.telling is Telling.PAGE


def ids(outcomes: list[Outcome]) -> dict[str, AlarmState]:
    return {outcome.alarm.id: outcome.alarm.state for outcome in outcomes}


def match(alarms: list[Alarm], episodes: list[Episode], taken: tuple[str, ...] = ()) -> list[Outcome]:
    return reconcile(alarms, episodes, Moment(NOW_MS, NOW_MS), lambda name: name in taken)


def test_an_episode_that_only_moved_keeps_its_alarm_in_a_new_version() -> None:
    (only,) = match([alarm(-30, -10)], [episode(-40, -5)])

    assert (only.alarm.id, only.alarm.version, only.alarm.episode) == ("a", 2, episode(-40, -5))
    assert [step.trigger for step in only.transitions] == [Trigger.REVISE]


def test_an_episode_as_before_changes_nothing() -> None:
    assert match([alarm(-30, -10)], [episode(-30, -10)]) == []


def test_two_alarms_over_one_episode_the_oldest_lives_on() -> None:
    old = alarm(-30, -20, AlarmState.NORMAL, "old")
    young = replace(alarm(-10, None, name="young"), raised_at_ms=NOW_MS + 1)

    outcomes = match([young, old], [episode(-30, None)])

    assert ids(outcomes) == {"old": AlarmState.UNACKNOWLEDGED, "young": AlarmState.MERGED}
    assert outcomes[1].alarm.merged_into == "old"


def test_one_alarm_over_two_episodes_stays_with_the_first() -> None:
    outcomes = match([alarm(-30, -10)], [episode(-30, -25), episode(-20, -10)])

    assert len(ids(outcomes)) == 2
    assert outcomes[0].alarm.id == "a"
    assert outcomes[0].alarm.episode.onset_ms == episode(-30, -25).onset_ms


def test_an_alarm_without_an_episode_is_retracted_and_an_episode_without_an_alarm_raises_one() -> None:
    outcomes = match([alarm(-100, -90)], [episode(-30, None)])

    assert sorted(ids(outcomes).values()) == ["retracted", "unacknowledged"]


def test_an_id_is_never_given_twice() -> None:
    first = alarm_id(episode(-30, None), lambda name: False)
    second = alarm_id(episode(-30, None), lambda name: name == first)

    assert second == f"{first}-2"


SPANS = st.lists(st.tuples(st.integers(-60, 0), st.integers(0, 10)), max_size=6)


@settings(max_examples=200, deadline=None)
@given(SPANS, SPANS)
def test_each_episode_has_exactly_one_living_alarm(old: list[tuple[int, int]], new: list[tuple[int, int]]) -> None:
    def apart(spans: list[tuple[int, int]]) -> list[Episode]:
        found: list[Episode] = []
        for onset, length in sorted(spans):
            last = found[-1].ended_ms if found else None
            if last is None or NOW_MS + onset * MINUTE_MS > last:
                found.append(episode(onset, onset + length))
        return found

    alarms = [
        Alarm(f"a{place}", each, AlarmState.NORMAL, NOW_MS + place, False, 1) for place, each in enumerate(apart(old))
    ]
    episodes = apart(new)

    after = {each.id: each for each in alarms}
    after.update({outcome.alarm.id: outcome.alarm for outcome in match(alarms, episodes)})

    living = sorted(each.episode.onset_ms for each in after.values() if each.state not in GONE)
    assert living == [each.onset_ms for each in episodes]
    for each in after.values():
        if each.state is AlarmState.MERGED:
            assert each.merged_into in after
            assert after[each.merged_into].state not in GONE
