"""What keeps an alarm from being told: shelved by a person, suppressed by design, out of service.

A hold is of a (point, rule), so a new occurrence within its time is held as well. When several are in force, out of
service counts before suppressed, and suppressed before shelved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from alerts.lifecycle import JUDGE
from coldchain.registry import SEVERITIES

MINUTE_MS = 60_000
HOUR_MS = 3_600_000

RE_ALARM_MS = {"critical": 2 * HOUR_MS, "warning": 4 * HOUR_MS}
"""An acknowledged alarm that stands longer is unacknowledged again. Critical: milk in a dead cooler at 25 °C passes
8 °C within the hour, and a contractor is there within two. Warning: twice a shift. A notice never comes back."""

MAX_SHELVED_MS = {"critical": 2 * HOUR_MS, "warning": 24 * HOUR_MS, "notice": 24 * HOUR_MS}
"""ISA-18.2 wants a limit: a day, so that tomorrow's shift sees it. A critical alarm is put off no longer than an
acknowledged one stays quiet."""


class HoldKind(StrEnum):
    """What a person can lay on a (point, rule)."""

    SHELVED = "shelved"
    OUT_OF_SERVICE = "out-of-service"


@dataclass(frozen=True, slots=True)
class Hold:
    """What a person laid on a (point, rule).

    Attributes:
        severity: a shelf holds back this and lower ones: who shelves a warning has not shelved a critical.
        from_ms, until_ms: server's time; None: until a person ends it (out of service only).
        one_shot: also over when the condition clears.
    """

    point: str
    rule: str
    kind: HoldKind
    severity: str
    from_ms: int
    until_ms: int | None
    one_shot: bool
    who: str
    why: str

    def covers(self, severity: str, at_ms: int) -> bool:
        """Say whether an occurrence of a severity is held back at a time."""
        if self.kind is HoldKind.OUT_OF_SERVICE:
            return True
        in_time = self.until_ms is None or at_ms < self.until_ms
        return in_time and SEVERITIES.index(severity) <= SEVERITIES.index(self.severity)


class Annunciation(StrEnum):
    """How a (point, rule) speaks at a time."""

    IN_SERVICE = "in-service"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"


AnnunciationHook = Callable[[str, str, int], Annunciation]
"""From (point, rule, ms) to in-service, suppressed or out-of-service, as design and the registry have it."""


def always_in_service(point: str, rule: str, at_ms: int) -> Annunciation:
    """The hook of a judge that nobody told otherwise."""
    return Annunciation.IN_SERVICE


@dataclass(frozen=True, slots=True)
class Way:
    """How an occurrence speaks, by whose word and why."""

    annunciation: Annunciation
    who: str = JUDGE
    why: str = "by-design"
    until_ms: int | None = None


OPENLY = Way(Annunciation.IN_SERVICE)


def way_of(design: Annunciation, holds: dict[HoldKind, Hold], severity: str, at_ms: int) -> Way:
    """Return how an occurrence speaks.

    Args:
        design: what the hook says.
        holds: what people laid on its (point, rule).
        severity: the occurrence's.
        at_ms: server's time.
    """
    out, shelf = holds.get(HoldKind.OUT_OF_SERVICE), holds.get(HoldKind.SHELVED)
    if out is not None:
        return Way(Annunciation.OUT_OF_SERVICE, out.who, out.why)
    if design is not Annunciation.IN_SERVICE:
        return Way(design)
    if shelf is not None and shelf.covers(severity, at_ms):
        return Way(Annunciation.SHELVED, shelf.who, shelf.why, shelf.until_ms)
    return OPENLY


def longest_shelf_ms(severity: str) -> int:
    """Return how long an alarm of a severity may be shelved at most."""
    return MAX_SHELVED_MS.get(severity, min(MAX_SHELVED_MS.values()))
