"""What this system knows of a step, as small values: from these events are made, and nothing else goes in.

Ids are those of the registry and of custody; GS1 keys are given where somebody has them (``""``: nobody has).
Times are ms UTC, temperatures °C, positions WGS-84 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CHINA_OFFSET_MIN = 480
"""UTC+8."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place.

    Attributes:
        gln: its 13 digits.
        part: place within it, such as a dock or cold room (AI 254).
    """

    id: str
    gln: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Lot:
    """Goods of one batch.

    Attributes:
        gtin: of the product, 8, 12, 13 or 14 digits.
        number: batch number as printed; with a GTIN it makes the lot known to others.
    """

    id: str
    gtin: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a lot.

    Attributes:
        quantity: None: not measured.
        uom: UN/ECE Recommendation 20: ``LTR``, ``KGM``; empty: pieces.
    """

    lot: Lot
    quantity: float | None = None
    uom: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A pallet, crate or roll container that keeps its id while goods are in it; ``sscc``: its 18 digits."""

    id: str
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """What a step concerns: amounts of lots, logistic units, or both."""

    amounts: tuple[Amount, ...] = ()
    units: tuple[Unit, ...] = ()


NO_GOODS = Goods()


@dataclass(frozen=True, slots=True)
class Equipment:
    """A vehicle, a cooler, a tank or a probe.

    Attributes:
        kind: ``vehicle``, ``asset`` or ``probe``; part of its own URI.
        giai: individual asset identifier, AI 8004.
    """

    kind: str
    id: str
    giai: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A document.

    Attributes:
        type: word of GS1's vocabulary: ``bol`` (hand-over note, 交接单), ``po`` (order), ``testres`` (test result) …;
            empty: it has no word for it.
        id: its number, or a URI.
    """

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class TimeOut:
    """How long a limit was left within a span, s, by which version of which rule."""

    rule_version: str
    out_s: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What one probe said in a span without a hole; a hole has no summary.

    Attributes:
        raw_url: where every reading of the span can be had.
        exceptions: limits that were left meanwhile.
    """

    probe: Equipment
    from_ms: int
    to_ms: int
    min_celsius: float
    max_celsius: float
    mean_celsius: float
    raw_url: str = ""
    exceptions: tuple[TimeOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One temperature, for example of the milk when it was loaded."""

    probe: Equipment
    at_ms: int
    celsius: float


@dataclass(frozen=True, slots=True)
class Position:
    """Where a vehicle was."""

    at_ms: int
    latitude: float
    longitude: float


Measured = Summary | Sample | Position


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where a step was taken.

    Attributes:
        site: None on the way.
        offset_min: of the place's clock from UTC, minutes, at that time.
        notes: documents it belongs to.
        measured: what was measured with it.
    """

    at_ms: int
    site: Site | None = None
    offset_min: int = CHINA_OFFSET_MIN
    notes: tuple[Note, ...] = ()
    measured: tuple[Measured, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Excursion:
    """Time out of a limit, as judged.

    Attributes:
        to_ms: None while it lasts.
        peak_celsius: the farthest from the limit.
        above: over a high limit; False: under a low one.
        rule_version: that judged it, as alarms name it.
    """

    probe: Equipment
    from_ms: int
    to_ms: int | None
    peak_celsius: float
    above: bool
    rule_version: str
    raw_url: str = ""
