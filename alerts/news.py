"""From what happened to a silence to its episode and its alarm: the same life cycle as any other alarm's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from alerts.arrival import Arrival, Ended, Occurrence
from alerts.handling import Handling
from alerts.reconcile import Moment
from alerts.silence_store import put_occurrences
from alerts.writing import Writing


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


REASONS = {
    Arrival.SILENCE: "no-data",
    Arrival.NODE_SILENCE: "no-data-from-gateway",
    Arrival.PROBES_SILENT: "position-and-no-temperature",
    Arrival.SERVER_DEAF: "no-data-from-most-gateways",
    Arrival.CLOCK: "clock",
}
"""Of the transition that raises."""


def over(known: Occurrence, reason: Ended, ended_ms: int, check_ms: int | None) -> News:
    """Return that an occurrence ended.

    Args:
        check_ms: when to ask whether late data filled the gap, None: not.
    """
    ended_ms = max(ended_ms, known.onset_ms)
    after = replace(known, ended_ms=ended_ms, reason=reason, check_ms=check_ms)
    return News(Turn.ENDED, after, {"onset_ms": known.onset_ms, "lasted_ms": ended_ms - known.onset_ms})


def write_news(writing: Writing, news: Sequence[News], now_ms: int, handling: Handling) -> None:
    """Store episodes, alarms and the occurrences themselves."""
    writing.put_episodes([each.after.episode for each in news if each.turn is not Turn.SETTLED])
    for each in news:
        if each.after.told and each.turn not in (Turn.RECORDED, Turn.SETTLED):
            _tell(writing, each, now_ms, handling)
    kept = [each.after for each in news if each.after.ended_ms is None or each.after.check_ms is not None]
    done = [each.after for each in news if each.after.ended_ms is not None and each.after.check_ms is None]
    put_occurrences(writing.connection, kept, done)


def _tell(writing: Writing, news: News, now_ms: int, handling: Handling) -> None:
    episode = news.after.episode
    known = None if news.turn is Turn.TOLD else writing.alarm_of(episode.key)
    if known is None and news.turn is not Turn.TOLD:
        return
    why = REASONS[news.after.rule] if known is None else episode.end_reason
    alarms = [] if known is None else [known]
    handling.reconciled(writing, alarms, [episode], Moment(now_ms, now_ms, why, news.evidence))
