"""Product profiles, kind and trip rules as values: each number with its unit, its source and how far it is verified."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

import msgspec

Status = Literal["verified", "secondary", "unverified", "assumed", "computed"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""``verified``: read in the source named · ``secondary``: read in what reports of it · ``unverified``: from memory,
not checked · ``assumed``: a design value, no rule anywhere · ``computed``: from other numbers, by the formula named."""

Storage = Literal["chilled", "frozen", "ambient"]
Jurisdiction = Literal["CN", "EU", "US"]
JURISDICTIONS: tuple[Jurisdiction, ...] = get_args(Jurisdiction)
DEFAULT: Jurisdiction = "CN"
"""Its limits are complete in each profile; another set names what differs."""

SHORT_DAYS = 30
CHILLED_CELSIUS = 10.0
"""A low-temperature short-shelf-life product (低温短保质期乳制品) is chilled at most so warm and lives at most so long.
Assumed: the notice of 2020-12-20 gives neither number."""


class Sourced(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number with where it comes from.

    Attributes:
        source: document and clause, or the reasoning; for people.
        status: one of `STATUSES`; shown wherever the number is.
    """

    unit: ClassVar[str]
    source: str
    status: Status

    def __post_init__(self) -> None:
        """Keep 6, 6.0 and -0.0 from being different versions of the same number."""
        name = self.__struct_fields__[0]
        if not isinstance(self, Count):
            msgspec.structs.force_setattr(self, name, float(getattr(self, name)) + 0.0)

    @property
    def value(self) -> float:
        """The number, in `unit`."""
        return float(getattr(self, self.__struct_fields__[0]))


class Celsius(Sourced, frozen=True):
    unit = "°C"
    celsius: float


class Kelvin(Sourced, frozen=True):
    unit = "K"
    kelvin: float


class Minutes(Sourced, frozen=True):
    unit = "min"
    minutes: float


class Days(Sourced, frozen=True):
    unit = "d"
    days: float


class Count(Sourced, frozen=True):
    unit = ""
    count: int


class Metres(Sourced, frozen=True):
    unit = "m"
    metres: float


class Percent(Sourced, frozen=True):
    unit = "%"
    percent: float


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Temperatures of one jurisdiction.

    Attributes:
        target_low, target_high: the storage condition, both inside; what the record counts by.
        warning_high, critical_high: entered at ``≥`` after an on-delay.
        confirmed_high: entered at ``≥`` after the confirming samples, whatever the delay.
        freeze_warning: entered at ``≤`` after the on-delay. ``freeze_critical``: after the confirming samples.
    """

    target_low: Celsius | None = None
    target_high: Celsius | None = None
    warning_high: Celsius | None = None
    critical_high: Celsius | None = None
    confirmed_high: Celsius | None = None
    freeze_warning: Celsius | None = None
    freeze_critical: Celsius | None = None


LIMIT_NAMES = Limits.__struct_fields__
HIGH_NAMES = ("warning_high", "critical_high", "confirmed_high")
FREEZE_NAMES = ("freeze_warning", "freeze_critical")


class Product(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="product", tag_field="of"
):
    """What a product tolerates.

    Attributes:
        limits: jurisdiction → limits; ``CN`` is complete, the others name what differs.
        shelf_life: typical; the label of a lot overrides. None where there is none (raw milk).
        pack_time_constant: of the usual pack in air; 0 for a probe in the product itself.
        dose_reference: temperature at which the label's shelf life holds; None where no dose is computed.
        dose_model: name of a `coldchain.kinetics.GrowthModel`.
    """

    id: str
    zh: str
    en: str
    storage: Storage
    limits: dict[Jurisdiction, Limits]
    pack_time_constant: Minutes
    shelf_life: Days | None = None
    dose_reference: Celsius | None = None
    dose_model: str = ""
    note_zh: str = ""
    note_en: str = ""

    @property
    def low_temperature_short_life(self) -> bool:
        """Whether it is what the notice calls 低温短保质期, by the profile's own numbers."""
        high, life = self.limits.get(DEFAULT, Limits()).target_high, self.shelf_life
        celsius, days = None if high is None else high.celsius, None if life is None else life.days
        return low_temperature_short_life(self.storage, celsius, days)


def low_temperature_short_life(storage: Storage, target_high_celsius: float | None, days: float | None) -> bool:
    """Say whether goods are chilled and of short life; give the label's own numbers where there is a label.

    >>> low_temperature_short_life("chilled", 6, 21), low_temperature_short_life("chilled", 6, 45)
    (True, False)
    """
    if storage != "chilled" or target_high_celsius is None or days is None:
        return False
    return target_high_celsius <= CHILLED_CELSIUS and days <= SHORT_DAYS


class KindRules(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="kind", tag_field="of"
):
    """How patiently an asset of a kind is judged.

    Attributes:
        id: of an asset kind.
        warning_on_delay, critical_on_delay: out of the limit this long until it counts.
        return_delay: back inside (by the deadband) this long until it is over.
        deadband, deadband_frozen: for chilled and ambient, and for frozen goods.
        confirm_samples: samples in a row that confirm ``confirmed_high`` and ``freeze_critical``.
        door_tolerance: an open door excuses air so long; None: it never does. ``door_left_open``: then it is told.
        defrost_longest, defrost_recovery: a defrost excuses air so long, and so long after it; None: it never does.
        defrosts_a_day: more than these are no defrosts.
        loading_longest: a unit that is off excuses air so long. ``pull_down``: so does its start, after it was off for
            ``pull_down_after``.
        silence_record, silence_page: without data so long it is recorded, and told. ``probes_silent``: told, where the
            positions of its vehicle arrive all the same and none of its temperatures does; None: no difference.
        own_margin: a page so far beyond the asset's own normal for ``own_short``, ``own_middle`` or ``own_long``, each
            with the normal of its own. Where it is given, the kind pages by what is usual for each asset, and the
            profile's high limits only count in the record. ``own_provisional``: the margin until the normal is final.
            ``own_worse``: so far beyond that it is told again.
        product_over, product_on_delay: a page where the product, estimated where only air is measured, is so far above
            its target for so long. ``air_over``, ``air_on_delay``: the same for the air.
        learning_days: the normal is final after so many days, ``learning_least`` of which must count: no full hour of
            such a day lies ``learning_calm`` above that of the calmest day, nor ``learning_cap`` above the target.
            ``learning_over``, ``learning_on_delay``: for the air until there is one.
        weak_over, weak_minutes, weak_days, weak_of_days: the product so far above its target for so long a day, on so
            many of so many days: no pages for that any more, one piece of maintenance instead.
        not_recovered, not_recovered_after: the air of a body that goes from stop to stop is so far above the goods'
            target for so long, its doors shut; told in place of the profile's warning, which it passes at every stop.
        mains_lost, unit_off: without mains, or the unit off with goods on board, so long. ``set_point_wrong``: the same
            for a set point outside the goods' target.
        parked_after: a vehicle that stands with its doors shut and its unit off so long is taken for empty.
        rise: a product that warms by so much within half an hour.
        plausible_low, plausible_high: what is no temperature of it lies outside. ``jump``: what changes faster, K a
            minute, in the product.
        apart, apart_after: two probes at one place of an asset that differ by so much for so long: one is wrong.
        wash: a tank so hot is being cleaned in place, and then empty until milk is filled in; ``wash_done``: a fall to
            this right after it is milk and no rinse; ``wash_hot``: the minutes that count in the washing record.
        positions: position → what is added to the limits there until the asset's own normal is learnt.
        information: positions that are recorded and never judged.
    """

    id: str
    zh: str
    en: str
    warning_on_delay: Minutes
    critical_on_delay: Minutes
    return_delay: Minutes
    deadband: Kelvin
    deadband_frozen: Kelvin
    confirm_samples: Count
    silence_record: Minutes
    silence_page: Minutes
    probes_silent: Minutes | None = None
    door_tolerance: Minutes | None = None
    door_left_open: Minutes | None = None
    defrost_longest: Minutes | None = None
    defrost_recovery: Minutes | None = None
    defrosts_a_day: Count | None = None
    loading_longest: Minutes | None = None
    pull_down: Minutes | None = None
    pull_down_after: Minutes | None = None
    own_margin: Kelvin | None = None
    own_provisional: Kelvin | None = None
    own_worse: Kelvin | None = None
    own_short: Minutes | None = None
    own_middle: Minutes | None = None
    own_long: Minutes | None = None
    product_over: Kelvin | None = None
    product_on_delay: Minutes | None = None
    air_over: Kelvin | None = None
    air_on_delay: Minutes | None = None
    learning_days: Days | None = None
    learning_least: Count | None = None
    learning_calm: Kelvin | None = None
    learning_cap: Kelvin | None = None
    learning_over: Kelvin | None = None
    learning_on_delay: Minutes | None = None
    weak_over: Kelvin | None = None
    weak_minutes: Minutes | None = None
    weak_days: Count | None = None
    weak_of_days: Count | None = None
    not_recovered: Kelvin | None = None
    not_recovered_after: Minutes | None = None
    mains_lost: Minutes | None = None
    unit_off: Minutes | None = None
    set_point_wrong: Minutes | None = None
    parked_after: Minutes | None = None
    rise: Kelvin | None = None
    plausible_low: Celsius | None = None
    plausible_high: Celsius | None = None
    jump: Kelvin | None = None
    apart: Kelvin | None = None
    apart_after: Minutes | None = None
    wash: Celsius | None = None
    wash_hot: Celsius | None = None
    wash_done: Celsius | None = None
    positions: dict[str, Kelvin] = {}
    information: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""


class TripRules(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag="trip", tag_field="of"
):
    """How patiently a kind of trip is judged; what is None is not asked.

    Attributes:
        id: one of `coldchain.custody.TRIP_KINDS`.
        late_tolerance, late_share: a stop without a window may be reached so long after its planned time, or so much of
            the time planned from the start to it, whichever is more.
        late_chance, late_chance_early: told when a stop is missed with this chance, or more, while there is half an
            hour until then, and while there is an hour or more.
        road_factor: way on the road in percent of the great circle, where neither a way nor a distance is planned.
        stopped_after: standing so long at no place that is planned or known.
        off_route, off_route_after: so far off the planned way for so long.
        distance_over: driven so much more than planned.
        gap: no position on the way for so long.
        waiting_longest: arrived and not accepted so long.
        cooled_to, cooled_within: milk in a tank is to be so cold so long after the end of milking.
        loading_age_warning, loading_age: age of the oldest milk when it is loaded; ``processing_age``: when accepted.
        arrival_warning, arrival_reject: milk so warm when it arrives: told, and to be refused (a suggestion).
        dose_reference: what the trip's thermal dose is counted at. ``dose_warning``, ``dose_critical``: a delay is so
            severe when the goods will have aged so much more than planned, as time at that temperature.
    """

    id: str
    zh: str
    en: str
    late_tolerance: Minutes
    late_share: Percent
    late_chance: Percent
    late_chance_early: Percent
    road_factor: Percent
    stopped_after: Minutes
    off_route: Metres
    off_route_after: Minutes
    distance_over: Percent
    gap: Minutes
    dose_reference: Celsius
    dose_warning: Minutes
    dose_critical: Minutes
    waiting_longest: Minutes | None = None
    cooled_to: Celsius | None = None
    cooled_within: Minutes | None = None
    loading_age_warning: Minutes | None = None
    loading_age: Minutes | None = None
    processing_age: Minutes | None = None
    arrival_warning: Celsius | None = None
    arrival_reject: Celsius | None = None
    note_zh: str = ""
    note_en: str = ""


Content = Product | KindRules | TripRules


class Catalogue(msgspec.Struct, frozen=True):
    """What one file, or the program itself, says: id → content."""

    products: Mapping[str, Product]
    kinds: Mapping[str, KindRules]
    trips: Mapping[str, TripRules]

    @property
    def contents(self) -> list[Content]:
        return [*self.products.values(), *self.kinds.values(), *self.trips.values()]


def version_of(content: Content) -> str:
    """Return the version's id, 12 hex digits of SHA-256 over the content as the ledger writes it.

    The same words and numbers have the same id, whoever wrote them; each judgement stores it.
    """
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:12]
