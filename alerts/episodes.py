"""An episode: what the fold finds. A pure function of readings and changes, with the key (point, rule, onset)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.records import END_WORDS, LANES, SIGN, EndReason, Folded, Lane, Loud, MoveKind, Phase
from coldchain.kinetics import MS_PER_HOUR, SPOILERS, celsius_of_ageing
from coldchain.registry import SEVERITIES

FOREVER_MS = 1 << 62
"""End of an open episode, for comparing intervals."""

MINUTE_MS = 60_000

MODEL = SPOILERS.id
"""Made once, and not for each episode."""

EXACT = 6
"""Decimals kept of limits and peaks: a label's end is inside, so its limit is the next number behind it."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One stay beyond a limit that outlasted its on-delay. Times are measured time, ms UTC.

    Attributes:
        onset_ms: first sample out.
        raised_ms: the sample that decided: onset + on-delay of held time, at the earliest.
        ended_ms: first sample back in (or when the limit was taken away); None while open.
        closed_ms: the sample that decided the end; None while open.
        end_reason: a word of `alerts.records.END_WORDS`, or empty while open.
        rule: a `alerts.records.Lane`, or a rule of arrival (silence).
        peak, peak_ms: the most extreme value judged and the first time it was there; None where nothing is measured.
        mean: of the value judged, over held time in [onset, ended] (while open: to the newest sample); None where
            nothing was held, and for ``life``. As all below, each value is held until the next sample and at most two
            intervals.
        dose_h, dose_model: hours at the model's reference temperature that would have let as much grow, and the
            model's id: `coldchain.kinetics.equivalent_hours` of the product's temperature over the same time.
        kinetic_mean_celsius: `coldchain.kinetics.mean_kinetic_temperature_held` of it. Both are information and cancel
            nothing; None (and an empty id) where no temperature of goods is judged, or nothing was held.
        exposed_ms: time held beyond the lowest limit, holes left out; ``suppressed_ms`` of it in windows that excuse.
        excess_kelvin_min: area beyond the lowest limit over that time, each value held until the next sample and at
            most two intervals; divided by the minutes exposed it is how far beyond on the mean.
        hole_ms: time inside [onset, ended] for which nothing is known.
        samples: samples at or beyond the limit.
        limit: lowest limit of the version that raised it; it and the peak in ``unit`` (SenML).
        rule_version, rule_from_ms: which rule that was (`alerts.rules.Version`), and from when it held.
        step: the highest `alerts.rules.Level.step` that it came to; a higher one is told again.
        severity: where it stands, or stood when the return began; ``top_severity``: the highest it was.
    """

    point: str
    rule: str
    onset_ms: int
    raised_ms: int
    ended_ms: int | None
    closed_ms: int | None
    end_reason: str
    peak: float | None
    peak_ms: int | None
    mean: float | None
    dose_h: float | None
    dose_model: str
    kinetic_mean_celsius: float | None
    exposed_ms: int
    suppressed_ms: int
    excess_kelvin_min: float
    hole_ms: int
    samples: int
    limit: float | None
    unit: str
    rule_version: str
    rule_from_ms: int
    step: int
    severity: str
    top_severity: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What names it: there is never a second one of a point and rule with the same onset."""
        return self.point, self.rule, self.onset_ms

    def overlaps(self, onset_ms: int, ended_ms: int | None) -> bool:
        """Say whether it shares time or its onset with [onset, ended) (None: open).

        A new life may begin in the moment in which the one before ended: these are two.
        """
        own_end = FOREVER_MS if self.ended_ms is None else self.ended_ms
        end = FOREVER_MS if ended_ms is None else ended_ms
        return self.onset_ms == onset_ms or (self.onset_ms < end and onset_ms < own_end)


def unmeasured(
    point: str,
    rule: str,
    onset_ms: int,
    raised_ms: int,
    ended_ms: int | None,
    end_reason: str,
    severity: str,
    *,
    hole_ms: int = 0,
    rule_version: str = "",
) -> Episode:
    """Return an episode in which nothing is measured, such as a silence."""
    return Episode(
        point=point,
        rule=rule,
        onset_ms=onset_ms,
        raised_ms=raised_ms,
        ended_ms=ended_ms,
        closed_ms=ended_ms,
        end_reason=end_reason,
        peak=None,
        peak_ms=None,
        mean=None,
        dose_h=None,
        dose_model="",
        kinetic_mean_celsius=None,
        exposed_ms=0,
        suppressed_ms=0,
        excess_kelvin_min=0.0,
        hole_ms=hole_ms,
        samples=0,
        limit=None,
        unit="",
        rule_version=rule_version,
        rule_from_ms=0,
        step=0,
        severity=severity,
        top_severity=severity,
    )


class Naming(Protocol):
    """What a point's lanes are called (`alerts.parameters.ParameterTable.naming`)."""

    @property
    def point(self) -> str:
        """The point's id."""
        ...

    def rule(self, lane: Lane) -> str:
        """Return the rule's word."""
        ...

    def unit(self, lane: Lane) -> str:
        """Return the SenML unit of what it judges."""
        ...

    def word(self, from_ms: int) -> str:
        """Return which version held from a time on."""
        ...


def open_episodes(named: Sequence[Naming] | Mapping[int, Naming], loud: Loud) -> list[Episode]:
    """Return the episodes that loud lanes hold open, in their order.

    Args:
        named: of each point that ``loud.which`` counts.
    """
    still = loud[loud.state["phase"] >= Phase.ACTIVE]
    rows = zip(*(still.state[name].tolist() for name in FIELDS), strict=True)
    return [
        _episode(named[which], LANES[lane], row, None, None, "")
        for which, lane, row in zip(still.which.tolist(), still.lane.tolist(), rows, strict=True)
    ]


def open_episode(naming: Naming, lane: Lane, state: Any) -> Episode:
    """Return the episode that one STATE holds open, as it was then."""
    return _episode(naming, lane, _row(state), None, None, "")


def closed_episode(naming: Naming, move: Any, state: Any) -> Episode:
    """Return the episode that a CLOSED move ends."""
    reason = END_WORDS[EndReason(int(move["reason"]))]
    return _episode(naming, LANES[move["lane"]], _row(state), int(move["ended"]), int(move["at"]), reason)


def episodes_of(naming: Naming, folded: Folded, final: Loud) -> list[Episode]:
    """Return every episode of one point's fold, closed ones first in order, then the open ones.

    Args:
        folded: of one slot.
        final: the point's loud lanes after the last sample (`alerts.records.States.loud`).
    """
    closed = [
        closed_episode(naming, move, state)
        for move, state in zip(folded.moves, folded.moved, strict=True)
        if move["kind"] == MoveKind.CLOSED
    ]
    return closed + open_episodes([naming], final)


NUMBERS = ("peak", "peak_t", "sums", "exposed", "excused", "area", "hole", "samples")
"""Of a STATE: what moves while nothing about an open episode changes."""

MOVING = (
    *("peak", "peak_ms", "mean", "dose_h", "dose_model", "kinetic_mean_celsius"),
    *("exposed_ms", "suppressed_ms", "excess_kelvin_min", "hole_ms", "samples"),
)
"""The same of an `Episode`, one after another: what `moving` returns."""

FIELDS = ("onset", "raised", *NUMBERS, "limit", "rule_from", "step", "severity", "top")
"""Of a STATE, in the order in which `_episode` takes them apart."""


def moving(sign: float, numbers: Sequence[Any]) -> tuple[Any, ...]:
    """Return `MOVING` of an episode from `NUMBERS` of its STATE.

    Args:
        sign: of its lane (`alerts.records.SIGN`).
    """
    peak, peak_t, sums, exposed, excused, area, hole, samples = numbers
    held, value, growth, ageing = sums  # as in `alerts.records.Sum`
    return (
        round(sign * peak, EXACT) + 0.0,
        peak_t,
        round(sign * value / held, 3) + 0.0 if held else None,
        round(growth / MS_PER_HOUR, 4) if ageing else None,
        MODEL if ageing else "",
        round(celsius_of_ageing(ageing / held), 3) + 0.0 if ageing else None,
        exposed,
        excused,
        round(area / MINUTE_MS, 3),
        hole,
        samples,
    )


def _row(state: Any) -> tuple[Any, ...]:
    return tuple(state[name].tolist() for name in FIELDS)


def _episode(
    naming: Naming, lane: Lane, row: tuple[Any, ...], ended: int | None, closed: int | None, reason: str
) -> Episode:
    (onset, raised), numbers, (limit, rule_from, step, severity, top) = row[:2], row[2:-5], row[-5:]
    sign = SIGN[LANES.index(lane)]
    judged_by = (round(sign * limit, EXACT) + 0.0, naming.unit(lane), naming.word(rule_from), rule_from)
    return Episode(
        naming.point,
        naming.rule(lane),
        onset,
        raised,
        ended,
        closed,
        reason,
        *(*moving(sign, numbers), *judged_by, step, SEVERITIES[severity], SEVERITIES[top]),
    )
