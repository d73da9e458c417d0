"""Why something cannot be done with an alarm, and what to do instead: asked before it is written and when folded."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.holds import Hold, HoldKind, longest_shelf_ms
from alerts.lifecycle import GONE, LATCHED, STANDING, TABLE, Alarm, Trigger
from coldchain.registry import AlarmAction
from coldchain.registry.changes import ALARM_ACTIONS

MINUTE_MS = 60_000


def refusal(alarm: Alarm, put: AlarmAction, holds: Mapping[HoldKind, Hold]) -> str | None:
    """Return why an action cannot be, with the remedy, or None.

    Args:
        alarm: the one it is on (of a merged one, the one that it was merged into).
        holds: what people laid on the alarm's point and rule.
    """
    if put.action not in ALARM_ACTIONS:
        return f"{put.action!r} is no action on an alarm; known: {', '.join(ALARM_ACTIONS)}"
    if alarm.state in GONE:
        return f"it is {alarm.state}: a re-judge found that it never was; there is nothing to do"
    if put.action == "shelve":
        fault = _shelf_fault(alarm, put)
        if fault is not None:
            return fault
    if put.action == "unshelve" and HoldKind.SHELVED not in holds:
        return "its rule is not shelved at this point; look at the alarm again, the time may be over"
    if put.action == "in-service" and HoldKind.OUT_OF_SERVICE not in holds:
        return "its rule is in service at this point already, unless the asset itself is not: see its activity"
    if (alarm.state, Trigger(put.action)) not in TABLE:
        return f"it is {alarm.state}, and from there {put.action} leads nowhere; {_REMEDIES[put.action]}"
    return None


_REMEDIES = {
    "acknowledge": "what is shelved, suppressed or out of service needs no acknowledgement, nor does what is over",
    "reset": "only a latched alarm is reset, after its condition has cleared",
    "shelve": "reset it: its condition has cleared, and it waits for that",
    "unshelve": "look at the alarm again",
    "out-of-service": "look at the alarm again",
    "in-service": "look at the alarm again",
}


def _shelf_fault(alarm: Alarm, put: AlarmAction) -> str | None:
    longest = longest_shelf_ms(alarm.episode.severity) // MINUTE_MS
    if put.until_ms is None or put.until_ms <= put.at_ms:
        return f"a shelf has an end: give --minutes, 1 to {longest}"
    if put.one_shot and alarm.state not in STANDING and alarm.state not in LATCHED:
        return "its condition has cleared already, so a one-shot shelf would be over at once: leave --one-shot out"
    return None
