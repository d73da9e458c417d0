"""Whether an alarm pages, and why: by time and state first, then within the page budget of its asset.

::

    alarm ──told──▶ page? ──within_budget──▶ page, or digest: chattering, asset-paged-recently
                     │ no
                     └▶ digest or defer, with the reason

Every decision is a pure function of the alarm and of what was paged before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.lifecycle import RECENT_MS, SILENT, Alarm, AlarmState, Telling, TellingReason
from coldchain.registry import SEVERITIES

PAGE_EVERY_MS = 12 * 3_600_000
"""At most one page an asset in this time while nothing gets worse: with it the rules for coolers page about 0.1 times
a cooler and day in the simulated fleet, without it 1 to 2 times (simulated: 2,000 coolers, 14 days)."""

_QUIET = {
    AlarmState.SHELVED: TellingReason.SHELVED,
    AlarmState.SUPPRESSED: TellingReason.SUPPRESSED,
    AlarmState.OUT_OF_SERVICE: TellingReason.OUT_OF_SERVICE,
    AlarmState.ACKNOWLEDGED: TellingReason.HANDLED,
    AlarmState.LATCHED_ACKNOWLEDGED: TellingReason.HANDLED,
    AlarmState.NORMAL: TellingReason.HANDLED,
}
assert set(SILENT) < set(_QUIET)

WEAK_CABINET = "weak-cabinet"
"""Rule of a cooler that is too weak for what it holds (`alerts.weak`)."""

WORK_ITEMS = frozenset({WEAK_CABINET})
"""Rules of what has to be done in days: in the digest, and never a page."""

FOR_REVIEW = frozenset({"distance-over", "position-gap"})
"""Rules of what nobody can do anything about any more: in the digest."""

FAMILIES = {
    **dict.fromkeys(("product", "high-high", "cumulative", "life", "rate"), "warm"),
    **dict.fromkeys(("low", "freeze"), "cold"),
}
"""Rules that tell of one trouble; every other rule is a family of its own. ``high`` is: what passes an asset's own
normal broke, and is news where it was paged for standing warm (simulated: without it 39 of 2,000 failures as found)."""


@dataclass(frozen=True, slots=True)
class Paged:
    """The worst that an asset was paged for within some time: when last, the highest severity, and which families."""

    at_ms: int
    severity: str
    families: frozenset[str] = frozenset()


def family_of(rule: str) -> str:
    """Return the family of a rule.

    >>> family_of("product"), family_of("silence")
    ('warm', 'silence')
    """
    return FAMILIES.get(rule, rule)


def worse(severity: str, paged: str | None) -> bool:
    """Say whether a severity is above the one that people were paged for.

    >>> worse("critical", "warning"), worse("warning", "warning"), worse("notice", None)
    (True, False, True)
    """
    return paged is None or SEVERITIES.index(severity) > SEVERITIES.index(paged)


def got_worse(alarm: Alarm) -> bool:
    """Say whether an alarm that paged stands higher than then: by severity, or at a level that is told again."""
    return worse(alarm.episode.severity, alarm.paged_severity) or alarm.episode.step > alarm.paged_step


def told(alarm: Alarm, now_ms: int, newest_ms: int, again: TellingReason | None = None) -> Alarm:
    """Return the alarm with the decision by time and state.

    Args:
        now_ms: the server's time.
        newest_ms: measured time of the point's newest sample judged.
        again: why it pages although it paged before: what a person put off or acknowledged is due.
    """
    telling, reason = _telling(alarm, now_ms, newest_ms, again)
    return replace(alarm, telling=telling, telling_reason=reason)


def within_budget(alarm: Alarm, asset: Paged | None, *, again: TellingReason | None = None) -> Alarm:
    """Return an alarm that would page with the decision within its asset's budget.

    Args:
        asset: what its asset was paged for within `PAGE_EVERY_MS` (or what the caller takes), None: nothing.
        again: as for `told`; a reminder that people asked for is always given.
    """
    if alarm.telling is not Telling.PAGE or again is not None:
        return alarm
    if alarm.telling_reason is TellingReason.GOT_WORSE:
        return alarm
    if asset is not None and worse(alarm.episode.severity, asset.severity):
        return alarm
    if alarm.chattering:
        reason = TellingReason.CHATTERING
    elif asset is not None and family_of(alarm.episode.rule) in asset.families:
        reason = TellingReason.ASSET_PAGED_RECENTLY
    else:
        return alarm
    return replace(alarm, telling=Telling.DIGEST, telling_reason=reason)


def paged(alarm: Alarm, now_ms: int) -> Alarm:
    """Return the alarm with the page that was decided, noted."""
    first_ms = now_ms if alarm.paged_at_ms is None else alarm.paged_at_ms
    severity = alarm.episode.severity if worse(alarm.episode.severity, alarm.paged_severity) else alarm.paged_severity
    step = max(alarm.episode.step, alarm.paged_step)
    return replace(alarm, paged_at_ms=first_ms, paged_severity=severity, paged_step=step)


def _telling(alarm: Alarm, now_ms: int, newest_ms: int, again: TellingReason | None) -> tuple[Telling, TellingReason]:
    before = alarm.paged_at_ms is not None
    if alarm.state in _QUIET:
        known = before and alarm.state not in SILENT
        return Telling.DIGEST, TellingReason.PAGED_BEFORE if known else _QUIET[alarm.state]
    if alarm.episode.rule in WORK_ITEMS:
        return Telling.DIGEST, TellingReason.WORK_ITEM
    if alarm.episode.rule in FOR_REVIEW:
        return Telling.DIGEST, TellingReason.FOR_REVIEW
    ended_ms = alarm.episode.ended_ms
    if again is not None and ended_ms is None:
        return Telling.PAGE, again
    if before and not (ended_ms is None and got_worse(alarm)):
        return Telling.DIGEST, TellingReason.PAGED_BEFORE
    if ended_ms is None:
        if now_ms - newest_ms >= RECENT_MS:
            return Telling.DEFER, TellingReason.READINGS_NOT_CURRENT
        return Telling.PAGE, TellingReason.GOT_WORSE if before else TellingReason.OPEN_NOW
    if now_ms - ended_ms < RECENT_MS:
        return Telling.PAGE, TellingReason.ENDED_RECENTLY
    return Telling.DIGEST, TellingReason.LONG_OVER
