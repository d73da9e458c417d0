"""What is judged by, as frozen descriptions: which limits hold at a point from a measured time on.

The fold reads them as numbers (`alerts.parameters`); people read them with the source of each number.
"""

from __future__ import annotations

from dataclasses import dataclass

from alerts.records import FILL_KELVIN, EndReason, Lane
from coldchain.registry import SEVERITIES, LimitRule, Stage


@dataclass(frozen=True, slots=True)
class Level:
    """A severity and where it begins: at or beyond ``value`` for ``on_delay_s`` and ``samples`` one after another.

    Attributes:
        value: in the unit of what the lane judges; °C for most (`alerts.records.UNITS`).
        step: a level with a higher one than what people were told is told again, though its severity be the same.
    """

    severity: str
    value: float
    on_delay_s: int = 0
    samples: int = 1
    step: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """One lane's limit.

    Attributes:
        levels: farther out one after another; one to `alerts.records.LEVELS`. Neighbours may have the same severity:
            a farther one may be reached sooner.
        deadband: how far inside a level a sample must be to leave it.
        return_delay_s: how long it must stay inside the lowest one.
    """

    levels: tuple[Level, ...]
    deadband: float
    return_delay_s: int


@dataclass(frozen=True, slots=True)
class Plausible:
    """What is a temperature: inside [lowest, highest] °C, and no faster than so many K a minute (None: any change)."""

    lowest_celsius: float
    highest_celsius: float
    jump_kelvin_min: float | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """Time that the product may spend beyond a limit within a day and within its life; 0 s: that is not counted.

    Attributes:
        life_from_ms: when the life of the goods began.
    """

    high_celsius: float = 0.0
    high_s: int = 0
    low_celsius: float = 0.0
    low_s: int = 0
    life_high_s: int = 0
    life_low_s: int = 0
    life_from_ms: int = 0


@dataclass(frozen=True, slots=True)
class Wash:
    """A tank that is hotter than ``from_celsius`` is being cleaned, and then it is empty until milk is filled in.

    Attributes:
        rinsed_celsius: while the tank still cools from the washing, a fall to this is milk, and one to more a rinse.
        goods_celsius: at or below it there is milk in the tank; None: only a fall says so.
        filled_ms: since when somebody says that there is; None: nobody does.
        fall_kelvin: what milk that comes in makes the tank fall by; inf: somebody says that there is none.
    """

    from_celsius: float
    rinsed_celsius: float
    goods_celsius: float | None = None
    filled_ms: int | None = None
    fall_kelvin: float = FILL_KELVIN


@dataclass(frozen=True, slots=True)
class Version:
    """Everything that holds at a point from ``from_ms`` on.

    Attributes:
        limits: lanes that are judged.
        tau_s: time constant of the product behind an air probe; 0: the probe feels the product.
        plausible: None: every value is believed.
        allowance: what the lanes ``cumulative`` and ``life`` measure.
        word: which rule in which version this is, stored with every judgement.
        closing: why what is open in a lane without a limit ends.
        goods: what is judged is a temperature of goods: episodes say what it did to them.
    """

    from_ms: int
    limits: tuple[tuple[Lane, Limit], ...] = ()
    tau_s: float = 0.0
    plausible: Plausible | None = None
    allowance: Allowance = Allowance()
    wash: Wash | None = None
    word: str = ""
    closing: EndReason = EndReason.RULE_REMOVED
    goods: bool = True


def allowance_by_hand(rule: LimitRule) -> Allowance:
    """Return the time that a limit rule allows beyond its limits; beyond a limit that it has not, none is counted."""
    high = (0.0, 0, 0) if rule.high_celsius is None else (rule.high_celsius, rule.day_high_s, rule.life_high_s)
    low = (0.0, 0, 0) if rule.low_celsius is None else (rule.low_celsius, rule.day_low_s, rule.life_low_s)
    return Allowance(high[0], high[1], low[0], low[1], high[2], low[2])


def limits_by_hand(rule: LimitRule) -> tuple[tuple[Lane, Limit], ...]:
    """Return a limit rule as lanes: its own severity, and its stages above it."""
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
    return tuple(limits)
