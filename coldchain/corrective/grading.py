"""How grave something is, what its corrective action must say, and until when: pure functions.

::

    rule, top severity of the alarm ─┐
    core temperatures above the limit ┴─▶ Grade ─▶ fields that must be there, the time, a second person or none
"""

from __future__ import annotations

from enum import StrEnum

from coldchain.corrective.entries import Correction

HOUR_MS = 3_600_000


class Grade(StrEnum):
    """一般, 较重, 严重."""

    MINOR = "minor"
    SERIOUS = "serious"
    SEVERE = "severe"


GRADE_WORDS = {
    Grade.MINOR: ("一般", "minor"),
    Grade.SERIOUS: ("较重", "serious"),
    Grade.SEVERE: ("严重", "severe"),
}

PRODUCT_RULES = frozenset({"product", "freeze", "cumulative", "life", "arrival-warm", "cooled-late"})
"""Rules that judge the goods and not the air around them: critical, they are a product criterion that was met."""

WARM_RULES = frozenset({"high", "high-high", "product", "cumulative", "life", "rate"})
"""Rules of warmth in an asset; below a product criterion they ask for a core temperature."""

SERIOUS_RULES = PRODUCT_RULES | {"high-high"}
"""Rules whose alarms are never minor: the goods got warm or cold, or the asset has most likely failed."""

DUE_MS = {Grade.MINOR: 24 * HOUR_MS, Grade.SERIOUS: 24 * HOUR_MS, Grade.SEVERE: 24 * HOUR_MS}
"""Time for the corrective action where nobody says one. Assumed: no law gives one."""

LONGEST_MS = {Grade.MINOR: 24 * HOUR_MS, Grade.SERIOUS: 24 * HOUR_MS, Grade.SEVERE: 7 * 24 * HOUR_MS}
"""And the longest that somebody may say. Assumed."""

CHECK_MS = HOUR_MS // 2
"""待核查: a core temperature is asked for within this time. Assumed."""

REQUIRED = {
    Grade.MINOR: ("cause",),
    Grade.SERIOUS: ("cause", "action", "photos"),
    Grade.SEVERE: ("cause", "action", "responsible", "due_ms", "disposition", "evidence"),
}
"""Fields of a `Correction` without which it does not count as done; evidence may be words or photos."""


def grade_of(rule: str, top_severity: str, *, too_warm: bool) -> Grade:
    """Return the grade of an alarm.

    Args:
        too_warm: a core temperature about it was above its limit.

    >>> grade_of("high", "warning", too_warm=False), grade_of("high", "warning", too_warm=True)
    (<Grade.MINOR: 'minor'>, <Grade.SEVERE: 'severe'>)
    """
    if too_warm or (rule in PRODUCT_RULES and top_severity == "critical"):
        return Grade.SEVERE
    return Grade.SERIOUS if rule in SERIOUS_RULES or top_severity == "critical" else Grade.MINOR


def lacking(grade: Grade, put: Correction) -> tuple[str, ...]:
    """Return the fields that are missing before it counts as done, in the order of `REQUIRED`.

    >>> lacking(Grade.SERIOUS, Correction("c", "a", 0, cause="power", action="generator on"))
    ('photos',)
    """
    there = {name: bool(getattr(put, name)) for name in REQUIRED[grade]}
    if "evidence" in there:
        there["evidence"] = bool(put.evidence or put.photos)
    if put.cause == "other":
        there["action"] = bool(put.action)  # "something else" alone says nothing
    return tuple(name for name, is_there in there.items() if not is_there)


def due_of(grade: Grade, begun_ms: int, said_ms: int | None) -> int:
    """Return until when it must be done, ms.

    Args:
        begun_ms: when it was asked for. ``said_ms``: what somebody gave, None: nobody did.
    """
    if said_ms is None:
        return begun_ms + DUE_MS[grade]
    return min(said_ms, begun_ms + LONGEST_MS[grade])
