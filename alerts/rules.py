"""What is judged by, as frozen descriptions: which limits hold at a point from a measured time on.

The fold reads them as numbers (`alerts.parameters`); people read them with the source of each number.
"""

from __future__ import annotations

from dataclasses import dataclass

from alerts.records import Lane
from coldchain.registry import SEVERITIES, LimitRule, Stage


@dataclass(frozen=True, slots=True)
class Level:
    """A severity and where it begins: at or beyond ``celsius`` for ``on_delay_s`` and ``samples`` one after another."""

    severity: str
    celsius: float
    on_delay_s: int = 0
    samples: int = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """One lane's limit.

    Attributes:
        levels: farther out one after another; at least one.
        deadband_kelvin: how far inside a level a sample must be to leave it.
        return_delay_s: how long it must stay inside the lowest one.
    """

    levels: tuple[Level, ...]
    deadband_kelvin: float
    return_delay_s: int


@dataclass(frozen=True, slots=True)
class Version:
    """Everything that holds at a point from ``from_ms`` on.

    Attributes:
        limits: lanes that are judged.
        tau_s: time constant of the product behind an air probe; 0: the probe feels the product.
    """

    from_ms: int
    limits: tuple[tuple[Lane, Limit], ...]
    tau_s: float = 0.0


def from_limit_rule(rule: LimitRule) -> Version:
    """Return a limit rule as a version: its own severity, and its stages above it."""
    severity = rule.severity if rule.severity in SEVERITIES else "warning"  # a word of a newer program
    above = SEVERITIES[SEVERITIES.index(severity) + 1 :]
    own = Stage(severity, rule.high_celsius, rule.low_celsius, rule.on_delay_s, 1)
    higher = sorted(
        (stage for stage in rule.stages if stage.severity in above), key=lambda one: above.index(one.severity)
    )
    limits = []
    for lane in (Lane.HIGH, Lane.LOW):
        levels = tuple(
            Level(stage.severity, celsius, stage.on_delay_s, stage.samples)
            for stage in (own, *higher)
            if (celsius := stage.high_celsius if lane is Lane.HIGH else stage.low_celsius) is not None
        )
        if levels and levels[0].severity == severity:
            limits.append((lane, Limit(levels, rule.deadband_kelvin, rule.return_delay_s)))
    return Version(rule.effective_from_ms, tuple(limits))
