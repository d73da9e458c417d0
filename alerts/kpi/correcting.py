"""KPIs of corrective action and of risk reports: what was done, what was done in time, what was reported.

What is not due yet and not closed either counts nowhere; what its alarm no longer asks for (void) nowhere, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

from alerts.kpi.figures import Share


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrective actions of a site, column by column, as `alerts.kpi.alarming.Alarms` are.

    Attributes:
        begun_ms: when it was asked for, the server's time. ``due_ms``: until when it must be done.
        done_ms: when somebody said that it is done; None: nobody did.
        closed: 0 or 1.
    """

    begun_ms: Sequence[int] = ()
    due_ms: Sequence[int] = ()
    done_ms: Sequence[int | None] = ()
    closed: Sequence[int] = ()

    def counted(self, from_ms: int, to_ms: int, now_ms: int) -> Corrections:
        """Return those that were asked for in [from, to) and are due or closed."""
        rows = zip(self.begun_ms, self.due_ms, self.closed, strict=True)
        inside = [from_ms <= begun_ms < to_ms and (due_ms <= now_ms or closed) for begun_ms, due_ms, closed in rows]
        columns: tuple[Sequence[Any], ...] = (self.begun_ms, self.due_ms, self.done_ms, self.closed)
        return Corrections(*(list(compress(column, inside)) for column in columns))


class Risk(NamedTuple):
    """A potential risk that somebody named, and whether it was reported to whom it had to be."""

    site: str
    at_ms: int
    sent: bool


def corrected(counted: Corrections) -> Share:
    """Return what is closed, of what counts (`Corrections.counted`)."""
    return Share(sum(counted.closed), len(counted.closed))


def on_time(counted: Corrections) -> Share:
    """Return what was done when it was due at the latest, of what counts."""
    rows = zip(counted.done_ms, counted.due_ms, strict=True)
    return Share(sum(done_ms is not None and done_ms <= due_ms for done_ms, due_ms in rows), len(counted.due_ms))


def reported(risks: Iterable[Risk]) -> Share:
    """Return risks that were reported, of all."""
    sent = [one.sent for one in risks]
    return Share(sum(sent), len(sent))
