"""From what happened to a silence to its episode and its alarm: the same life cycle as any other alarm's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from alerts.arrival import Arrival, Occurrence
from alerts.lifecycle import OPEN, Alarm, AlarmState, Trigger, step, told
from alerts.reconcile import Outcome, alarm_id
from alerts.silence_store import put_occurrences
from alerts.store import Writing


class Turn(Enum):
    """What happened to an occurrence."""

    RECORDED = auto()
    TOLD = auto()
    ENDED = auto()
    COMPLETED = auto()
    """Ended before; late data has filled the gap since."""
    SETTLED = auto()
    """Ended long ago, and late data did not fill it."""


@dataclass(frozen=True, slots=True)
class News:
    """A turn, the occurrence after it, and what it rests on."""

    turn: Turn
    after: Occurrence
    evidence: Mapping[str, object] = field(default_factory=dict)


REASONS = {Arrival.SILENCE: "no-data", Arrival.NODE_SILENCE: "no-data-from-gateway", Arrival.CLOCK: "clock"}
"""Of the transition that raises."""


def write_news(
    writing: Writing, news: Sequence[News], now_ms: int, place: Callable[[Occurrence], tuple[str, str]]
) -> None:
    """Store episodes, alarms and the occurrences themselves."""
    writing.put_episodes([each.after.episode for each in news if each.turn is not Turn.SETTLED])
    for each in news:
        outcome = _outcome(writing, each, now_ms)
        if outcome is not None:
            writing.put(outcome, place(each.after))
    kept = [each.after for each in news if each.after.ended_ms is None or each.after.check_ms is not None]
    done = [each.after for each in news if each.after.ended_ms is not None and each.after.check_ms is None]
    put_occurrences(writing.connection, kept, done)


def _outcome(writing: Writing, news: News, now_ms: int) -> Outcome | None:
    after = news.after
    if not after.told or news.turn in (Turn.RECORDED, Turn.SETTLED):
        return None
    episode = after.episode
    if news.turn is Turn.TOLD:
        alarm = Alarm(alarm_id(episode, writing.taken), episode, AlarmState.NORMAL, now_ms, False)
        alarm, transition = step(alarm, Trigger.RAISE, now_ms, REASONS[after.rule], news.evidence)
        return Outcome(told(alarm, now_ms, now_ms), (transition,))
    known = writing.alarm_of(episode.key)
    if known is None:
        return None
    trigger = Trigger.RETURN if news.turn is Turn.ENDED and known.state in OPEN else Trigger.REVISE
    moved, transition = step(replace(known, episode=episode), trigger, now_ms, episode.end_reason, news.evidence)
    return Outcome(told(moved, now_ms, now_ms), (transition,))
