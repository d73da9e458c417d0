"""What people handle: alarms with the states and words of ISA-18.2 / IEC 62682 (letters A to I).

An alarm is one occurrence. Shelves and out of service are of a (point, rule) and outlive it (`alerts.holds`).

::

             raise                 acknowledge                return
    A NORMAL ─────▶ B UNACKNOWLEDGED ─────▶ C ACKNOWLEDGED ─────▶ A NORMAL
                      │ return     ▲ re-alarm: too long   │            │ raise: a re-judge finds it open still
                      ▼            └──────────────────────┘            ▼
      D RETURNED_UNACKNOWLEDGED ──acknowledge──▶ A NORMAL              B UNACKNOWLEDGED

    B, C ──latch (a return, where the rule latches)──▶ E LATCHED_UNACKNOWLEDGED, F LATCHED_ACKNOWLEDGED
                        E ──acknowledge──▶ F          E, F ──reset──▶ A NORMAL

    B, C ──shelve──▶ G SHELVED ──unshelve, escalate──▶ B        return ──▶ A (E, where the rule latches)
    B, C, G ──suppress──▶ H SUPPRESSED ──unsuppress──▶ B        return ──▶ A
    B, C, G, H ──out-of-service──▶ I OUT_OF_SERVICE ──in-service──▶ B    return ──▶ A

    B, C ──escalate──▶ B       ease: stays where it is

    any of these ──retract──▶ RETRACTED  (a re-judge found no episode)
                 ──merge────▶ MERGED     (a re-judge found one episode where there were two)

In B, C, G, H and I the condition stands, in all others it does not; so no way back has to ask for it.
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

JUDGE = "judge"
"""Who, on every step that no person took."""


class AlarmState(StrEnum):
    """ISA-18.2 letters A to I, and the two ways in which a re-judge ends an alarm."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED_UNACKNOWLEDGED = "returned-unacknowledged"
    LATCHED_UNACKNOWLEDGED = "latched-unacknowledged"
    LATCHED_ACKNOWLEDGED = "latched-acknowledged"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    """By design: logic says that now it means nothing."""
    OUT_OF_SERVICE = "out-of-service"
    RETRACTED = "retracted"
    MERGED = "merged"


_S = AlarmState
GONE = (_S.RETRACTED, _S.MERGED)
OPEN = (_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED)
LATCHED = (_S.LATCHED_UNACKNOWLEDGED, _S.LATCHED_ACKNOWLEDGED)
SILENT = (_S.SHELVED, _S.SUPPRESSED, _S.OUT_OF_SERVICE)
STANDING = (*OPEN, *SILENT)
"""The condition stands."""
UNFINISHED = (*OPEN, _S.RETURNED_UNACKNOWLEDGED, *LATCHED, _S.SHELVED)
"""What a list of open alarms shows: somebody still has to do something."""


class Trigger(StrEnum):
    """What moves an alarm."""

    RAISE = "raise"
    RETURN = "return"
    LATCH = "latch"
    """A return, where the rule latches: it stays until a person resets it."""
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    RE_ALARM = "re-alarm"
    """Acknowledged and standing too long: who acknowledged it has to look again."""
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    OUT_OF_SERVICE = "out-of-service"
    IN_SERVICE = "in-service"
    ESCALATE = "escalate"
    """To a higher severity: who acknowledged or shelved the lower one has to look again."""
    EASE = "ease"
    REVISE = "revise"
    """The same occurrence with other numbers after a re-judge."""
    RETRACT = "retract"
    MERGE = "merge"


_T = Trigger
_LIVING = tuple(state for state in AlarmState if state not in GONE)
TABLE: Mapping[tuple[AlarmState, Trigger], AlarmState] = {
    # the same for every state that is not retracted or merged
    **{(state, _T.REVISE): state for state in _LIVING},
    **{(state, _T.RETRACT): _S.RETRACTED for state in _LIVING},
    **{(state, _T.MERGE): _S.MERGED for state in _LIVING},
    # what is put off or not: of the (point, rule), so an occurrence that is over only notes it
    **{(state, _T.SHELVE): state for state in (_S.NORMAL, *SILENT)},
    **{(state, _T.UNSHELVE): state for state in _LIVING},
    **{(state, _T.OUT_OF_SERVICE): state for state in (_S.NORMAL, *LATCHED)},
    **{(state, _T.IN_SERVICE): state for state in _LIVING},
    (_S.NORMAL, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.RETURN): _S.RETURNED_UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.LATCH): _S.LATCHED_UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.SHELVE): _S.SHELVED,
    (_S.UNACKNOWLEDGED, _T.SUPPRESS): _S.SUPPRESSED,
    (_S.UNACKNOWLEDGED, _T.OUT_OF_SERVICE): _S.OUT_OF_SERVICE,
    (_S.UNACKNOWLEDGED, _T.ESCALATE): _S.UNACKNOWLEDGED,
    (_S.UNACKNOWLEDGED, _T.EASE): _S.UNACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.ACKNOWLEDGE): _S.ACKNOWLEDGED,  # two people at once; its re-alarm time starts again
    (_S.ACKNOWLEDGED, _T.RETURN): _S.NORMAL,
    (_S.ACKNOWLEDGED, _T.LATCH): _S.LATCHED_ACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.RE_ALARM): _S.UNACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.SHELVE): _S.SHELVED,
    (_S.ACKNOWLEDGED, _T.SUPPRESS): _S.SUPPRESSED,
    (_S.ACKNOWLEDGED, _T.OUT_OF_SERVICE): _S.OUT_OF_SERVICE,
    (_S.ACKNOWLEDGED, _T.ESCALATE): _S.UNACKNOWLEDGED,
    (_S.ACKNOWLEDGED, _T.EASE): _S.ACKNOWLEDGED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.RETURNED_UNACKNOWLEDGED, _T.ACKNOWLEDGE): _S.NORMAL,
    (_S.RETURNED_UNACKNOWLEDGED, _T.SHELVE): _S.NORMAL,  # over, and a person has looked: the shelf is for the next
    (_S.RETURNED_UNACKNOWLEDGED, _T.OUT_OF_SERVICE): _S.NORMAL,
    (_S.LATCHED_UNACKNOWLEDGED, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.LATCHED_UNACKNOWLEDGED, _T.ACKNOWLEDGE): _S.LATCHED_ACKNOWLEDGED,
    (_S.LATCHED_UNACKNOWLEDGED, _T.RESET): _S.NORMAL,
    (_S.LATCHED_ACKNOWLEDGED, _T.RAISE): _S.UNACKNOWLEDGED,
    (_S.LATCHED_ACKNOWLEDGED, _T.ACKNOWLEDGE): _S.LATCHED_ACKNOWLEDGED,
    (_S.LATCHED_ACKNOWLEDGED, _T.RESET): _S.NORMAL,
    (_S.SHELVED, _T.RETURN): _S.NORMAL,
    (_S.SHELVED, _T.LATCH): _S.LATCHED_UNACKNOWLEDGED,
    (_S.SHELVED, _T.UNSHELVE): _S.UNACKNOWLEDGED,
    (_S.SHELVED, _T.SUPPRESS): _S.SUPPRESSED,
    (_S.SHELVED, _T.OUT_OF_SERVICE): _S.OUT_OF_SERVICE,
    (_S.SHELVED, _T.ESCALATE): _S.UNACKNOWLEDGED,
    (_S.SHELVED, _T.EASE): _S.SHELVED,
    (_S.SUPPRESSED, _T.RETURN): _S.NORMAL,
    (_S.SUPPRESSED, _T.LATCH): _S.NORMAL,  # it never meant anything
    (_S.SUPPRESSED, _T.UNSUPPRESS): _S.UNACKNOWLEDGED,
    (_S.SUPPRESSED, _T.OUT_OF_SERVICE): _S.OUT_OF_SERVICE,
    (_S.SUPPRESSED, _T.ESCALATE): _S.SUPPRESSED,
    (_S.SUPPRESSED, _T.EASE): _S.SUPPRESSED,
    (_S.OUT_OF_SERVICE, _T.RETURN): _S.NORMAL,
    (_S.OUT_OF_SERVICE, _T.LATCH): _S.NORMAL,
    (_S.OUT_OF_SERVICE, _T.OUT_OF_SERVICE): _S.OUT_OF_SERVICE,
    (_S.OUT_OF_SERVICE, _T.IN_SERVICE): _S.UNACKNOWLEDGED,
    (_S.OUT_OF_SERVICE, _T.ESCALATE): _S.OUT_OF_SERVICE,
    (_S.OUT_OF_SERVICE, _T.EASE): _S.OUT_OF_SERVICE,
}


class Telling(StrEnum):
    """How an alarm is told to people."""

    PAGE = "page"
    DIGEST = "digest"
    DEFER = "defer"
    """Open as far as the readings go, but they stop too long ago; decided when newer ones come."""


class TellingReason(StrEnum):
    """Why it is told that way; `alerts.telling` decides."""

    OPEN_NOW = "open-now"
    ENDED_RECENTLY = "ended-recently"
    GOT_WORSE = "got-worse"
    RE_ALARM = "re-alarm"
    SHELF_OVER = "shelf-over"
    LONG_OVER = "long-over"
    READINGS_NOT_CURRENT = "readings-not-current"
    PAGED_BEFORE = "paged-before"
    HANDLED = "handled"
    """Acknowledged, or over without anybody having to look."""
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"
    CHATTERING = "chattering"
    ASSET_PAGED_RECENTLY = "asset-paged-recently"
    WORK_ITEM = "work-item"
    """To be done in days: nobody's telephone rings for it."""
    FOR_REVIEW = "for-review"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of an alarm, kept for ever with who took it, why, and what it was based on."""

    at_ms: int
    before: AlarmState
    after: AlarmState
    trigger: Trigger
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    who: str = JUDGE


@dataclass(frozen=True, slots=True)
class Alarm:
    """What people handle.

    Attributes:
        id: given once, when first raised, and kept through every re-judge.
        episode: what it stands for; the last one known when retracted or merged.
        raised_at_ms: the server's time when it was first raised.
        late_discovered: decided more than 15 min after the sample that decides it was measured.
        version: 1 at the first raise, +1 at each transition after.
        paged_at_ms: when a page was first decided, None if never; ``paged_severity``, ``paged_step``: the highest that
            were paged.
        chattering: one of too many occurrences in a short time (`alerts.occurrences`).
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
    paged_severity: str | None = None
    paged_step: int = 0
    chattering: bool = False


def step(
    alarm: Alarm,
    trigger: Trigger,
    at_ms: int,
    reason: str,
    evidence: Mapping[str, object] | None = None,
    who: str = JUDGE,
) -> tuple[Alarm, Transition]:
    """Move an alarm by the table.

    Raises:
        InvalidTransition: the table has no such step.
    """
    after = TABLE.get((alarm.state, trigger))
    if after is None:
        raise InvalidTransition("alarm", alarm.state, trigger)
    transition = Transition(at_ms, alarm.state, after, trigger, reason, evidence or {}, who)
    return replace(alarm, state=after, version=alarm.version + 1), transition
