"""Change entries: everything in the ledger that is not a batch of readings.

A change says what is put, who did it, why, and from when it holds. Registry tables are folds of these entries and
nothing else, so a rebuild from the ledger gives the same registry with the same channel numbers.
"""

from __future__ import annotations

import msgspec

from coldchain.corrective import CoreTemperature, Correction, CorrectionVerified, Lead, RiskReport
from coldchain.custody import (
    Delivery,
    EpcisCapture,
    Lot,
    LotChange,
    LotGone,
    LotHold,
    LotPlaced,
    LotRelease,
    Milking,
    MilkNote,
    PaperSignature,
    PaperVoid,
    Recall,
    RecallAnswer,
    RecallEnd,
    Trip,
    TripMoment,
    TripVehicle,
)
from coldchain.errors import RejectedReading
from coldchain.people import DrillConfirmed, Duty, Holiday, NotifyPlan, Person, Shift, Told
from coldchain.profiles.structs import DEFAULT, Content, Jurisdiction


class Operator(msgspec.Struct, frozen=True, tag="operator", tag_field="put"):
    """A company that answers for sites.

    Attributes:
        credit_code: 统一社会信用代码, 18 characters (GB 32100-2015).
        licence: number of its food business licence (食品经营许可证编号).
        licence_until: its last day, ``2027-03-31``.
    """

    id: str
    name: str
    credit_code: str = ""
    licence: str = ""
    licence_until: str = ""


class Region(msgspec.Struct, frozen=True, tag="region", tag_field="put"):
    """A part of the country that somebody answers for; regions may lie in regions."""

    id: str
    name: str
    parent: str = ""


SITE_KINDS = ("shop", "warehouse", "plant", "station", "vehicle")
COORDINATES = ("WGS-84", "GCJ-02", "BD-09")
"""Coordinate systems: GNSS; Chinese maps by law; Baidu. 50 to 1,200 m apart, so a number without its system is none."""


class Site(msgspec.Struct, frozen=True, tag="site", tag_field="put"):
    """A shop, warehouse, plant, station, or a vehicle (a site that moves).

    Attributes:
        kind: one of `SITE_KINDS`.
        operator: who answered for it from the beginning; later ones are `Tenure`.
        timezone: IANA name; what a day means there.
        opening_hours: ``08:00-22:00``, or as it came.
        latitude, longitude: degrees, in the system that ``coordinates`` names.
        manager, food_safety_officer, phone: 负责人, 食品安全员 and how to reach the shop.
        jurisdiction: which set of a product profile's limits holds here.
        gln: its GS1 location number, 13 digits; empty: nobody gave it one.
    """

    id: str
    name: str
    kind: str
    operator: str
    address: str = ""
    timezone: str = "Asia/Shanghai"
    region: str = ""
    opening_hours: str = ""
    latitude: float | None = None
    longitude: float | None = None
    coordinates: str = ""
    manager: str = ""
    food_safety_officer: str = ""
    phone: str = ""
    jurisdiction: Jurisdiction = DEFAULT
    gln: str = ""


class Carrier(msgspec.Struct, frozen=True, tag="carrier", tag_field="put"):
    """承运商: a company whose vehicles carry goods, its own fleet or another's.

    Attributes:
        credit_code: 统一社会信用代码, 18 characters (GB 32100-2015).
        licence: number of its road transport licence (道路运输经营许可证号).
        licence_until: its last day, ``2027-03-31``.
        phone: its dispatcher's.
        audited_until: 审核有效期, the last day on which its audit as a carrier of chilled food counts.
    """

    id: str
    name: str
    credit_code: str = ""
    licence: str = ""
    licence_until: str = ""
    phone: str = ""
    audited_until: str = ""


class Vehicle(msgspec.Struct, frozen=True, tag="vehicle", tag_field="put"):
    """What is known of a site that moves.

    Attributes:
        site: the site's id.
        plate: 车牌. ``carrier``: 承运商, id or name of a `Carrier`, or any name. ``road_licence``: 道路运输证号.
        milk_permit, milk_permit_until: 生鲜乳准运证明 and its last day, ``2027-03-31``.
    """

    site: str
    plate: str
    model: str = ""
    carrier: str = ""
    road_licence: str = ""
    milk_permit: str = ""
    milk_permit_until: str = ""


class Tenure(msgspec.Struct, frozen=True, tag="tenure", tag_field="put"):
    """Another operator answers for a site from (included) to (excluded), in measured time.

    As with `Binding`, the same ``from_ms`` replaces, and of overlapping ones the later start counts.
    """

    site: str
    operator: str
    from_ms: int
    to_ms: int | None = None


class SiteState(msgspec.Struct, frozen=True, tag="site-state", tag_field="put"):
    """A site is ``open`` or ``closed`` (闭店, 车辆出售) from a time on."""

    site: str
    state: str
    from_ms: int


class Fence(msgspec.Struct, frozen=True, tag="fence", tag_field="put"):
    """The area in which a vehicle is at a site, a circle or a polygon; from a measured time on, until the next one.

    Neither circle nor polygon: the default circle about the site's own place holds again.

    Attributes:
        latitude, longitude, radius_m: a circle's middle, degrees, and radius.
        polygon: (latitude, longitude) of its corners, at least three; the last one is joined to the first.
        coordinates: the system of these degrees, one of `COORDINATES`.
        learnt_from: how many stays it was learnt from; 0: drawn by hand.
    """

    site: str
    effective_from_ms: int
    latitude: float | None = None
    longitude: float | None = None
    radius_m: float | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    coordinates: str = ""
    learnt_from: int = 0


class AssetKind(msgspec.Struct, frozen=True, tag="asset-kind", tag_field="put"):
    """A kind of asset with its words: kinds are data, the standard ones need no entry."""

    id: str
    name_zh: str
    name_en: str


ASSET_KINDS = {
    kind.id: kind
    for kind in (
        AssetKind("glass-door-cooler", "玻璃门冷藏柜", "glass-door cooler"),
        AssetKind("open-multideck", "敞开式立柜", "open multideck"),
        AssetKind("island", "岛柜", "island cabinet"),
        AssetKind("walk-in-room", "冷藏库", "walk-in cold room"),
        AssetKind("freezer-room", "冷冻库", "freezer room"),
        AssetKind("reefer", "冷藏车厢", "reefer body"),
        AssetKind("tanker", "奶罐车", "milk tanker"),
        AssetKind("station-tank", "奶站贮奶罐", "milk station tank"),
        AssetKind("plant-silo", "工厂奶仓", "plant silo"),
        AssetKind("box", "保温箱", "insulated box"),
    )
}
"""The standard kinds; what the page has words for and the simulator bodies."""


class Asset(msgspec.Struct, frozen=True, tag="asset", tag_field="put"):
    """Something that holds goods: a cooler, a room, a reefer body, a tank.

    Attributes:
        kind: id of an `AssetKind`; any other word is kept and shown as it came.
        site: where it stood from the beginning; later moves are `Assignment`.
        in_service: 启用日期, ``2024-05-01``.
    """

    id: str
    name: str
    kind: str
    site: str
    model: str = ""
    volume_litre: float | None = None
    in_service: str = ""


class Assignment(msgspec.Struct, frozen=True, tag="assignment", tag_field="put"):
    """The asset stood at the site from (included) to (excluded), in measured time.

    As with `Binding`, the same ``from_ms`` replaces, and of overlapping ones the later start counts.
    """

    asset: str
    site: str
    from_ms: int
    to_ms: int | None = None


ACTIVITIES = (
    *("in-use", "stored", "retired", "cleaning"),
    *("parked", "pre-cooling", "loading", "loaded", "unloading", "returning-empty", "waiting"),
)
IN_USE = "in-use"
"""What is said of an asset of which nothing is said."""

LOADED = ("loaded", "unloading", "waiting")
"""Somebody says that goods are on board."""

WITH_GOODS = (IN_USE, *LOADED)
"""Activities in which there are goods to be judged."""


class Activity(msgspec.Struct, frozen=True, tag="activity", tag_field="put"):
    """What an asset is from a measured time on: ``in-use``, ``stored`` (停用, empty), ``retired``, ``cleaning``; a
    vehicle's body also ``parked``, ``pre-cooling``, ``loading``, ``loaded``, ``unloading`` (at a stop),
    ``returning-empty`` or ``waiting`` (at the plant).

    Only what holds goods is judged; everything is recorded.

    Attributes:
        to_ms: when it ends by itself; what was before holds again. None: until the next one.
    """

    asset: str
    state: str
    from_ms: int
    to_ms: int | None = None


WINDOWS = ("restocking", "maintenance", "calibration")


class Window(msgspec.Struct, frozen=True, tag="window", tag_field="put"):
    """Somebody said that an asset's temperatures have a reason from (included) to (excluded), in measured time.

    Nobody is paged for them; every minute counts in the record.

    Attributes:
        kind: one of `WINDOWS`.
    """

    asset: str
    kind: str
    from_ms: int
    to_ms: int


class DefrostSchedule(msgspec.Struct, frozen=True, tag="defrost-schedule", tag_field="put"):
    """An asset defrosts by its clock and says so nowhere: at these times of day, for so long.

    Attributes:
        times: ``02:00`` …, as the clock of its site shows (`Site.timezone`).
        minutes: how long one takes; the kind of asset has a longest.
        from_ms, to_ms: when the schedule holds, measured time; None: until the next one.
    """

    asset: str
    from_ms: int
    times: tuple[str, ...]
    minutes: int
    to_ms: int | None = None


class Node(msgspec.Struct, frozen=True, tag="node", tag_field="put"):
    """A gateway: what seals.

    Attributes:
        keys: Ed25519 public keys, 64 hex digits each; several while one is being rotated.
        revoked: keys that no longer open a new epoch.
        evidence: ``sealed-on-site``, ``authenticated-direct`` or ``third-party``.
        grants: channels outside its own site that it may write.
        retired_ms: when it was taken out of use; its keys are revoked.
    """

    id: str
    site: str
    keys: tuple[str, ...]
    revoked: tuple[str, ...] = ()
    evidence: str = "sealed-on-site"
    grants: tuple[str, ...] = ()
    replaces: str = ""
    retired_ms: int | None = None


class Point(msgspec.Struct, frozen=True, tag="point", tag_field="put"):
    """A measuring point: a place in an asset, whatever probe is there.

    Attributes:
        position: ``return-air``, ``supply-air``, ``product``, ``top-front``, ``door``, ``unit``, ``milk`` …
        quantity: ``temperature``, ``humidity``, ``door``, ``battery``, ``latitude``, ``longitude`` …
        interval_s: expected seconds between two readings; two of them without data are a hole.
        profile: id of the product profile that its limits come from.
    """

    id: str
    asset: str
    position: str
    quantity: str
    interval_s: int
    unit: str = "Cel"
    profile: str = ""


PROBE_STATES = ("in-use", "to-check", "scrapped")


class Probe(msgspec.Struct, frozen=True, tag="probe", tag_field="put"):
    """Hardware that says something under a SenML name. Its channel number is given at its first entry.

    Attributes:
        state: one of `PROBE_STATES`; ``to-check`` (待检) after it was taken out.
    """

    channel: str
    model: str = ""
    serial: str = ""
    state: str = "in-use"


class Calibration(msgspec.Struct, frozen=True, tag="calibration", tag_field="put"):
    """What has to be added to a probe's word from a measured time on, until the next one; the series keep its word.

    Attributes:
        offset_kelvin: reference minus probe, K.
        certificate: number of the certificate; ``by``: the laboratory or the person who compared.
        valid_until: its last day, ``2027-03-31``; the offset counts on behind it.
    """

    channel: str
    effective_from_ms: int
    offset_kelvin: float
    certificate: str = ""
    valid_until: str = ""
    by: str = ""


class Binding(msgspec.Struct, frozen=True, tag="binding", tag_field="put"):
    """The probe was at the point from (included) to (excluded), in measured time.

    A later binding of the same channel with the same ``from_ms`` replaces the earlier one (that is how an
    interval is ended).
    """

    channel: str
    point: str
    from_ms: int
    to_ms: int | None = None


class Comparison(msgspec.Struct, frozen=True, tag="comparison", tag_field="put"):
    """A reference thermometer beside a probe (比对): what it said at a measured time, °C."""

    channel: str
    at_ms: int
    reference_celsius: float
    by: str = ""


class Stage(msgspec.Struct, frozen=True):
    """A higher severity of a limit rule, reached at a limit farther out.

    Attributes:
        severity: one of `SEVERITIES`, above the rule's own.
        on_delay_s: held time beyond this limit; ``samples``: at least so many one after another.
    """

    severity: str
    high_celsius: float | None = None
    low_celsius: float | None = None
    on_delay_s: int = 0
    samples: int = 2


SEVERITIES = ("notice", "warning", "critical")
"""Of an alarm, rising; few, as ISA-18.2 asks for."""


class LimitRule(msgspec.Struct, frozen=True, tag="limit-rule", tag_field="put"):
    """High and low limit of a point, effective from a measured time on, until the next one.

    Boundary: ``≥ high`` enters, ``≤ high - deadband`` leaves; mirrored for low (docs/contracts.md, judging).

    Attributes:
        day_high_s, day_low_s: time that may be spent at or beyond the limit within a day, in pieces of any length;
            0: only the on-delay counts.
        life_high_s, life_low_s: the same over the life of the goods: since the rule took effect, or since they were
            loaded.
    """

    point: str
    effective_from_ms: int
    high_celsius: float | None = None
    low_celsius: float | None = None
    on_delay_s: int = 1800
    deadband_kelvin: float = 0.5
    return_delay_s: int = 300
    severity: str = "warning"
    stages: tuple[Stage, ...] = ()
    day_high_s: int = 0
    day_low_s: int = 0
    life_high_s: int = 0
    life_low_s: int = 0


class LabelCondition(msgspec.Struct, frozen=True, tag="label", tag_field="put"):
    """The storage condition (贮存条件) printed on what lies at a point, from a measured time on, until the next one.

    It goes before every profile's target.

    Attributes:
        low_celsius, high_celsius: both inside; None where the label names no such end. Neither: no label any more.
        words: as printed, ``2-6℃ 冷藏``.
    """

    point: str
    effective_from_ms: int
    low_celsius: float | None = None
    high_celsius: float | None = None
    words: str = ""


class Normal(msgspec.Struct, frozen=True, tag="normal", tag_field="put"):
    """What is usual at a point, learnt from its own readings; effective from a measured time on, until the next one.

    Attributes:
        levels: (seconds, °C): the highest level that was ever kept up for so long; longer ones are never higher.
        learnt_from_ms, learnt_to_ms: the readings it was learnt from, measured time; ``days`` of them counted.
        provisional: learnt from too few days; a wider margin belongs to it.
        weak: the asset was out of its limit on most days: no pages for that, one piece of maintenance instead.
        days_over: on how many of the last days, as the kind of asset counts them.
    """

    point: str
    effective_from_ms: int
    levels: tuple[tuple[int, float], ...]
    learnt_from_ms: int
    learnt_to_ms: int
    days: int
    provisional: bool = False
    weak: bool = False
    days_over: int = 0


class EpisodeEnd(msgspec.Struct, frozen=True, tag="episode-end", tag_field="put"):
    """A person ends whatever excursion is open at a point: its sensor was lost or replaced.

    Attributes:
        at_ms: measured time; what comes after it is judged anew.
    """

    point: str
    at_ms: int


class Profile(msgspec.Struct, frozen=True, tag="profile", tag_field="put"):
    """A product profile or the rules of a kind of asset, effective from a measured time on, until the next one.

    Attributes:
        content: all of it, so that the ledger holds exactly what was in force; its ``id`` says what it is of, and
            `coldchain.profiles.version_of` gives the version that judgements store.
    """

    effective_from_ms: int
    content: Content

    @property
    def id(self) -> str:
        """The product, or the kind of asset."""
        return self.content.id


ALARM_ACTIONS = ("acknowledge", "reset", "shelve", "unshelve", "out-of-service", "in-service")


class AlarmAction(msgspec.Struct, frozen=True, tag="alarm-action", tag_field="put"):
    """What a person did with an alarm; nothing of the registry. The judge folds it (`alerts.handling`).

    Attributes:
        alarm: its id; the last four actions hold for its point and rule, so for the next occurrence as well.
        action: one of `ALARM_ACTIONS`.
        at_ms: server's time when it was done.
        until_ms: end of a shelf, which always has one.
        one_shot: a shelf that also ends when the condition clears.
    """

    alarm: str
    action: str
    at_ms: int
    until_ms: int | None = None
    one_shot: bool = False


Put = (
    Operator
    | Region
    | Carrier
    | Site
    | Vehicle
    | Tenure
    | SiteState
    | Fence
    | AssetKind
    | Asset
    | Assignment
    | Activity
    | Window
    | DefrostSchedule
    | Node
    | Point
    | Probe
    | Binding
    | Calibration
    | Comparison
    | LimitRule
    | LabelCondition
    | Normal
    | EpisodeEnd
    | Profile
    | AlarmAction
    | Trip
    | TripMoment
    | TripVehicle
    | Milking
    | Lot
    | LotPlaced
    | LotGone
    | LotChange
    | LotHold
    | LotRelease
    | Recall
    | RecallAnswer
    | RecallEnd
    | EpcisCapture
    | MilkNote
    | Delivery
    | PaperSignature
    | PaperVoid
    | Person
    | Duty
    | Shift
    | Holiday
    | NotifyPlan
    | Told
    | DrillConfirmed
    | Correction
    | CorrectionVerified
    | CoreTemperature
    | Lead
    | RiskReport
)


class Change(msgspec.Struct, frozen=True):
    """One change entry: what, by whom, why."""

    change: Put
    who: str
    why: str

    def encode(self) -> bytes:
        """Return the bytes that the ledger keeps (keys in a fixed order)."""
        return msgspec.json.encode(self, order="deterministic")


_decode = msgspec.json.Decoder(Change).decode


def decode_change(raw: bytes) -> Change:
    """Read a change entry.

    Raises:
        RejectedReading: ``unknown-change``: written by a newer program, or damaged.
    """
    try:
        return _decode(raw)
    except msgspec.DecodeError as fault:
        raise RejectedReading("unknown-change", str(fault)) from fault
