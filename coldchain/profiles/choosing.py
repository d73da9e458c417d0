"""Which numbers are in force at a point, and which rule chose each: a pure function of profile, label and place.

::

    jurisdiction's set ──▶ label's own condition ──▶ position ──▶ Chosen(celsius, status, source, by)
    kind of asset ─────────────────────────────────────────────▶ delays, deadband, confirming samples
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from coldchain.profiles.structs import (
    DEFAULT,
    FREEZE_NAMES,
    HIGH_NAMES,
    LIMIT_NAMES,
    Jurisdiction,
    KindRules,
    Limits,
    Product,
    Sourced,
    Status,
    version_of,
)

EXACT = 6
"""Decimals kept of a shifted limit, so that 6.5 + 2 is what a person would write."""

FELT = ("product", "milk", "mid-shelf", "top-front")
"""Positions whose probe lies in the goods or in a buffer that follows them: no estimate is made behind it."""

Rule = Literal["jurisdiction", "default-jurisdiction", "label", "position", "kind"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that had a say.

    Attributes:
        what: the set, the label, the position or the kind.
        kelvin: by how much it moved the number; 0 where it gave it.
    """

    rule: Rule
    what: str
    kelvin: float = 0.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A number in force.

    Attributes:
        value: in `unit`.
        status: of the number that it came from; ``assumed`` as soon as a design rule moved it.
        source: of the number that it came from.
        by: the rules that chose it, first the one that gave it.
    """

    value: float
    unit: str
    status: Status
    source: str
    by: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """The storage condition (贮存条件) printed on the label: it goes before every set of limits.

    Attributes:
        low_celsius, high_celsius: both inside; None where the label names no such end.
        words: as printed, ``2-6℃ 冷藏``.
    """

    low_celsius: float | None = None
    high_celsius: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class InForce:
    """Everything that a point is judged by.

    Attributes:
        rule: what every judgement stores: product, kind, their versions, set and label in one word.
        judged: False at a position that is information only.
        limits: name (`LIMIT_NAMES`) → number; a limit that does not apply is not there.
        timing: field of `KindRules` → number.
    """

    rule: str
    product: str
    product_version: str
    kind: str
    kind_version: str
    jurisdiction: Jurisdiction
    judged: bool = True
    limits: dict[str, Chosen] = field(default_factory=dict)
    timing: dict[str, Chosen] = field(default_factory=dict)

    def celsius(self, name: str) -> float | None:
        """Return a limit's number, None where it does not apply."""
        return self.limits[name].value if name in self.limits else None


def limits_in_force(
    product: Product,
    kind: KindRules,
    position: str = "product",
    jurisdiction: Jurisdiction = DEFAULT,
    label: Label | None = None,
) -> InForce:
    """Return what a point is judged by, each number with its reason.

    * The set gives the numbers; what it does not name comes from the default set, and says so.
    * A label's condition replaces the target; the high limits keep their distance to it, so that 0-4 °C is warned at
      4.5 where 2-6 °C is warned at 6.5. Freezing does not move with a label, but a label that allows it ends it.
    * A position moves the limits, never the target: no label is moved by where a probe hangs. Warmer air (return)
      does not raise the freezing limits; colder air (supply) lowers them.
    """
    limits = _from_set(product, jurisdiction)
    if label is not None:
        limits = _by_label(limits, label)
    if position in kind.positions:
        limits = _by_position(limits, position, kind.positions[position].kelvin)
    versions = version_of(product), version_of(kind)
    word = f"{product.id}@{versions[0]}/{jurisdiction}+{kind.id}@{versions[1]}{'' if label is None else '+label'}"
    return InForce(
        word, product.id, versions[0], kind.id, versions[1], jurisdiction,
        position not in kind.information, limits, _timing(product, kind),
    )  # fmt: skip


def _from_set(product: Product, jurisdiction: Jurisdiction) -> dict[str, Chosen]:
    own, default = product.limits.get(jurisdiction, Limits()), product.limits.get(DEFAULT, Limits())
    made = {}
    for name in LIMIT_NAMES:
        if (number := getattr(own, name)) is not None:
            made[name] = _given(number, Step("jurisdiction", jurisdiction))
        elif (number := getattr(default, name)) is not None:
            made[name] = _given(number, Step("default-jurisdiction", DEFAULT))
    return made


def _by_label(limits: dict[str, Chosen], label: Label) -> dict[str, Chosen]:
    made, step = dict(limits), Step("label", label.words)
    if label.high_celsius is not None:
        usual = limits["target_high"].value if "target_high" in limits else label.high_celsius
        moved = round(label.high_celsius - usual, EXACT)
        made["target_high"] = _of_label(label.high_celsius, step)
        made |= {name: _moved(limits[name], moved, "label", label.words) for name in HIGH_NAMES if name in limits}
    if label.low_celsius is not None:
        made["target_low"] = _of_label(label.low_celsius, step)
    elif "target_low" in made and label.high_celsius is not None and label.high_celsius < made["target_low"].value:
        del made["target_low"]  # a frozen label on a chilled profile
    coldest = made["target_low"].value if "target_low" in made else label.high_celsius
    if coldest is not None:
        for name in FREEZE_NAMES:
            if name in made and made[name].value >= coldest:
                del made[name]
    return made


def _by_position(limits: dict[str, Chosen], position: str, kelvin: float) -> dict[str, Chosen]:
    made = dict(limits)
    for names, moved in ((HIGH_NAMES, kelvin), (FREEZE_NAMES, min(kelvin, 0.0))):
        made |= {name: _moved(limits[name], moved, "position", position) for name in names if name in limits and moved}
    return made


def _timing(product: Product, kind: KindRules) -> dict[str, Chosen]:
    step = Step("kind", kind.id)
    made = {
        name: _given(value, step)
        for name in kind.__struct_fields__
        if isinstance(value := getattr(kind, name), Sourced) and not name.startswith("deadband")
    }
    made["deadband"] = _given(kind.deadband_frozen if product.storage == "frozen" else kind.deadband, step)
    return made


def _given(number: Sourced, step: Step) -> Chosen:
    return Chosen(number.value, number.unit, number.status, number.source, (step,))


def _of_label(celsius: float, step: Step) -> Chosen:
    return Chosen(celsius, "°C", "verified", step.what, (step,))


def _moved(chosen: Chosen, kelvin: float, rule: Rule, what: str) -> Chosen:
    if not kelvin:
        return chosen
    return replace(
        chosen,
        value=round(chosen.value + kelvin, EXACT),
        status="assumed",
        by=(*chosen.by, Step(rule, what, kelvin)),
    )
