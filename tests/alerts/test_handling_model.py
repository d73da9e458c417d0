"""Random days of a shop: whatever people do and however often the server restarts, the same alarms come out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import alerts.judge
import alerts.watch
from alerts.lifecycle import GONE, STANDING, TABLE, AlarmState, Trigger
from alerts.store import AlertStore
from tests.alerts.story import COLD, HOT, WARM, Story

ACTIONS = ("acknowledge", "reset", "shelve", "unshelve", "out-of-service", "in-service")
EVENTS = st.one_of(
    st.tuples(st.just("say"), st.sampled_from([COLD, COLD, WARM, WARM, HOT]), st.integers(1, 14)),
    st.tuples(st.just("act"), st.sampled_from(ACTIONS), st.integers(1, 90)),
    st.tuples(st.just("one-shot"), st.just("shelve"), st.integers(1, 90)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from([5, 30, 130, 250])),
)
Event = tuple[str, Any, int]


@pytest.fixture(autouse=True)
def _nobody_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is a function of arrival: recorded, and not the same after a restart."""
    monkeypatch.setattr(alerts.watch.Watch, "look", lambda watch: [])


def play(folder: Path, events: list[Event], restarts: list[bool]) -> tuple[list[dict[str, Any]], int, dict[str, int]]:
    """Return the alarms with their steps, the pages and the books of a day."""
    story = Story(folder)
    for event, again in zip(events, restarts, strict=True):
        _happens(story, event, judge=not again)
        if again:
            story.judge.step(story.ledger.read(story.judge.cursor, 3))  # something is judged and not kept
            story.restart()
        story.work()
    story.settle()
    found = [{**item, "transitions": story.steps(str(item["id"]))} for item in story.alarms()]
    for item in found:
        item.pop("change")
    counts, pages = story.reader.counts(story.clock.now_ms()), story.pages()
    story.close()
    return found, pages, counts


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a day takes 0.3 s: shrinking one would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(events=st.lists(EVENTS, min_size=1, max_size=12), data=st.data())
def test_any_actions_and_any_restarts_end_the_same(
    events: list[Event], data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts.judge, "COMMIT_S", float("inf"))  # a restart loses all that no quiet moment kept
    restarts = data.draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events)))
    with tempfile.TemporaryDirectory() as folder:
        plain = play(Path(folder) / "plain", events, [False] * len(events))
        shaken = play(Path(folder) / "shaken", events, restarts)

    assert shaken == plain
    for item in plain[0]:
        state = AlarmState.NORMAL
        for step in item["transitions"]:
            assert TABLE[state, Trigger(step["trigger"])] == step["to"]
            assert step["who"]
            assert step["reason"]
            state = AlarmState(step["to"])
        assert state == item["state"]
        if state not in GONE:
            assert (item["ended"] is None) == (state in STANDING)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,  # who was told what in steps that a second reading takes at once may differ by a step
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(events=st.lists(EVENTS, min_size=4, max_size=12))
def test_a_store_that_was_lost_finds_the_same_states_in_the_ledger(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        _live(story, events)
        before = [(item["id"], item["state"]) for item in story.alarms()]
        story.store.close()
        story.store = AlertStore.open(Path(folder) / "another.sqlite")
        story.open()

        story.settle()
        story.judge.idle()

        assert [(item["id"], item["state"]) for item in story.alarms()] == before
        story.close()


def _happens(story: Story, event: Event, *, judge: bool = True) -> None:
    kind, what, number = event
    match kind:
        case "say":
            story.say(what, number, judge=judge)
        case "wait":
            story.pass_minutes(number)
        case _:
            known = story.alarms()
            name = str(known[-1]["id"]) if known else "nobody"
            minutes = number if what == "shelve" else None
            story.act(name, what, minutes=minutes, one_shot=kind == "one-shot", judge=judge)


def _live(story: Story, events: list[Event]) -> None:
    for event in events:
        _happens(story, event)
        story.work()
