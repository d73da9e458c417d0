"""What people handle: alarms with the states and words of ISA-18.2 / IEC 62682, and whether to page for one.

::

            raise                acknowledge              return
    NORMAL ───────▶ UNACKNOWLEDGED ───────▶ ACKNOWLEDGED ───────▶ NORMAL
                      │ return                                      │ raise: a re-judge finds it open still
                      ▼                     acknowledge             ▼
           RETURNED_UNACKNOWLEDGED ───────────────────────▶ NORMAL  UNACKNOWLEDGED

    UNACKNOWLEDGED, ACKNOWLEDGED ──escalate──▶ UNACKNOWLEDGED       ease: stays where it is

    any of these ──retract──▶ RETRACTED  (a re-judge found no episode)
                 ──merge────▶ MERGED     (a re-judge found one episode where there were two)

Latched, shelved, suppressed and out of service (ISA-18.2 letters E to I) come with the rules that need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alerts.episodes import Episode
from coldchain.errors import InvalidTransition

RECENT_MS = 15 * 60_000
"""What ended less than 15 min ago may still page; what was decided later than that is late-discovered
(protocol: judging)."""


class AlarmState(StrEnum):
    """ISA-18.2 letters A, B, C, D, and the two ways in which a re-judge ends an alarm."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    RETRACTED = "retracted"
    MERGED = "merged"


GONE = (AlarmState.RETRACTED, AlarmState.MERGED)
OPEN = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
UNFINISHED = (*OPEN, AlarmState.RETURNED_UNACKNOWLEDGED)
"""What a list of open alarms shows: somebody still has to do something."""


class Trigger(StrEnum):
    """What moves an alarm."""

    RAISE = "raise"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    """To a higher severity: who acknowledged the lower one has to look again."""
    EASE = "ease"
    REVISE = "revise"
    """The same occurrence with other numbers after a re-judge."""
    RETRACT = "retract"
    MERGE = "merge"


_S, _T = AlarmState, Trigger
TABLE: Mapping[tuple[AlarmState, Trigger], AlarmState] = {
    (_S.NORMAL, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.NORMAL, _T.REVISE): _S.NORMAL,
    (_S.NORMAL, _T.RETRACT): _S.RETRACTED,
    (_S.NORMAL, _T.MERGE): _S.MERGED,
    (_S.UNACKNOWLEDGED, _T.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.RETURN): _S.RETURNED_UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.ESCALATE): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.EASE): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.REVISE): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.RETRACT): _S.RETRACTED,
    (_S.UNACKNOWLEDGED, _T.MERGE): _S.MERGED,
    (_S.ACKNOWLEDGED, _T.RETURN): _S.NORMAL,
    (_S.ACKNOWLEDGED, _T.ESCALATE): _S.UNACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.EASE): _S.ACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.REVISE): _S.ACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.RETRACT): _S.RETRACTED,
    (_S.ACKNOWLEDGED, _T.MERGE): _S.MERGED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.ACKNOWLEDGE): _S.NORMAL,
    (_S.RETURNED_UNACKNOWLEDGED, _T.REVISE): _S.RETURNED_UNACKNOWLEDGED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.RETRACT): _S.RETRACTED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.MERGE): _S.MERGED,
}


class Telling(StrEnum):
    """How an alarm is told to people."""

    PAGE = "page"
    DIGEST = "digest"
    DEFER = "defer"
    """Open as far as the readings go, but they stop too long ago; decided when newer ones come."""


class TellingReason(StrEnum):
    """Why it is told that way."""

    OPEN_NOW = "open-now"
    ENDED_RECENTLY = "ended-recently"
    LONG_OVER = "long-over"
    READINGS_NOT_CURRENT = "readings-not-current"
    PAGED_BEFORE = "paged-before"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of an alarm, kept for ever with its reason and what it was based on."""

    at_ms: int
    before: AlarmState
    after: AlarmState
    trigger: Trigger
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What people handle.

    Attributes:
        id: given once, when first raised, and kept through every re-judge.
        episode: what it stands for; the last one known when retracted or merged.
        raised_at_ms: the server's time when it was first raised.
        late_discovered: decided more than 15 min after the sample that decides it was measured.
        version: 1 at the first raise, +1 at each transition after.
        paged_at_ms: when a page was first decided, None if never.
    """

    id: str
    episode: Episode
    state: AlarmState
    raised_at_ms: int
    late_discovered: bool
    version: int = 0
    merged_into: str | None = None
    telling: Telling = Telling.DEFER
    telling_reason: TellingReason = TellingReason.READINGS_NOT_CURRENT
    paged_at_ms: int | None = None


def step(
    alarm: Alarm, trigger: Trigger, at_ms: int, reason: str, evidence: Mapping[str, object] | None = None
) -> tuple[Alarm, Transition]:
    """Move an alarm by the table.

    Raises:
        InvalidTransition: the table has no such step.
    """
    after = TABLE.get((alarm.state, trigger))
    if after is None:
        raise InvalidTransition("alarm", alarm.state, trigger)
    transition = Transition(at_ms, alarm.state, after, trigger, reason, evidence or {})
    return replace(alarm, state=after, version=alarm.version + 1), transition


def told(alarm: Alarm, now_ms: int, newest_ms: int) -> Alarm:
    """Return the alarm with the decision whether it pages, and why.

    Args:
        now_ms: the server's time.
        newest_ms: measured time of the point's newest sample judged.
    """
    telling, reason = _telling(alarm, now_ms, newest_ms)
    paged_at_ms = now_ms if telling is Telling.PAGE and alarm.paged_at_ms is None else alarm.paged_at_ms
    return replace(alarm, telling=telling, telling_reason=reason, paged_at_ms=paged_at_ms)


def _telling(alarm: Alarm, now_ms: int, newest_ms: int) -> tuple[Telling, TellingReason]:
    if alarm.paged_at_ms is not None:
        return Telling.DIGEST, TellingReason.PAGED_BEFORE
    ended_ms = alarm.episode.ended_ms
    if ended_ms is None:
        if now_ms - newest_ms < RECENT_MS:
            return Telling.PAGE, TellingReason.OPEN_NOW
        return Telling.DEFER, TellingReason.READINGS_NOT_CURRENT
    if now_ms - ended_ms < RECENT_MS:
        return Telling.PAGE, TellingReason.ENDED_RECENTLY
    return Telling.DIGEST, TellingReason.LONG_OVER
