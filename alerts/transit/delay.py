"""One thing that went wrong on a trip, and how it is found: seen again and again until it is over.

How severe it is follows from how much older the goods will be than planned, as time at the reference temperature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alerts.transit.ageing import Ageing
from alerts.transit.following import Course
from alerts.transit.itinerary import Itinerary
from coldchain.kinetics import MS_PER_HOUR
from coldchain.profiles import TripRules
from coldchain.registry import SEVERITIES

Floats = NDArray[np.float64]

NOTICE, WARNING, CRITICAL = range(len(SEVERITIES))


@dataclass(frozen=True, slots=True)
class Delay:
    """One thing that went wrong on a trip. Measured times, ms.

    Attributes:
        onset_ms: since when; ``raised_ms``: of what decided it; ``ended_ms``: None while it lasts.
        peak: the worst of what is judged, ``limit`` what it may be, both in ``unit``; ``peak_ms``: when.
        severity, top: places in `SEVERITIES`; ``severity`` as it stands.
        evidence: what it rests on beside that.
    """

    rule: str
    onset_ms: int
    raised_ms: int
    ended_ms: int | None
    peak: float
    peak_ms: int
    limit: float
    unit: str
    severity: int
    top: int
    evidence: dict[str, object] = field(default_factory=dict)


Older = Callable[[ArrayLike, ArrayLike], Floats]
"""(moments, expected arrivals then, ms, shape (n,)) → by how many hours at the reference the goods will be older than
planned, shape (n,)."""


def older_than_planned(itinerary: Itinerary, course: Course, ageing: Ageing) -> Older:
    """Return how much older than planned goods will be on arrival, asked at any moments."""
    begins_ms = itinerary.begins_ms if course.started_ms is None else course.started_ms
    planned = [stop.arrives_ms for stop in itinerary.trip.stops if stop.purpose == "unload" and stop.arrives_ms]

    def older(at_ms: ArrayLike, arrives_ms: ArrayLike) -> Floats:
        now_ms = np.atleast_1d(np.asarray(at_ms, np.int64))
        if begins_ms is None or itinerary.begins_ms is None or not planned:
            return np.zeros(len(now_ms))
        planned_h = (planned[-1] - itinerary.begins_ms) / MS_PER_HOUR
        ahead_h = np.maximum(np.asarray(arrives_ms, np.int64) - now_ms, 0) / MS_PER_HOUR
        so_far_h = ageing.hours(begins_ms, np.maximum(now_ms, begins_ms))
        return np.asarray(so_far_h + ahead_h * ageing.rate(now_ms) - planned_h)

    return older


def severity_of(older_h: float, rules: TripRules) -> int:
    """Return the severity of goods that get so much older than planned, h at the reference.

    Two hours late at 3 °C are not two hours late at 9 °C.
    """
    if older_h * 60 >= rules.dose_critical.value:
        return CRITICAL
    return WARNING if older_h * 60 >= rules.dose_warning.value else NOTICE


class Open:
    """A delay while it is being found."""

    def __init__(self, rule: str, onset_ms: int, raised_ms: int, limit: float, unit: str) -> None:
        self._rule, self._onset_ms, self._raised_ms = rule, onset_ms, raised_ms
        self._limit, self._unit = limit, unit
        self._peak, self._peak_ms = -np.inf, onset_ms
        self._severity = self._top = NOTICE
        self.evidence: dict[str, object] = {}

    def see(self, at_ms: int, value: float, severity: int) -> None:
        """Take how bad it is at a moment."""
        if value > self._peak:
            self._peak, self._peak_ms = value, at_ms
        self._severity, self._top = severity, max(self._top, severity)

    def see_all(self, at_ms: Sequence[int], values: Sequence[float], older_h: Floats, rules: TripRules) -> None:
        """Take how bad it is at moments, one after another, and how much older the goods get at each."""
        for moment, value, hours in zip(at_ms, values, older_h.tolist(), strict=True):
            self.see(moment, value, severity_of(hours, rules))

    def closed(self, ended_ms: int | None) -> Delay:
        """Return it, ended at a moment or still lasting."""
        numbers = (round(self._peak, 1), self._peak_ms, round(self._limit, 1), self._unit)
        return Delay(
            *(self._rule, self._onset_ms, self._raised_ms, ended_ms),
            *numbers, self._severity, self._top, self.evidence,
        )  # fmt: skip
