"""The shapes of `/api/v1`: what the OpenAPI document says and the page relies on."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A part of a list; pass ``next`` as ``cursor`` to get the following part."""

    items: list[T]
    next: str | None = None


class Projection(BaseModel):
    name: str
    position: int = Field(description="last ledger position applied")
    lag: int = Field(description="ledger positions still to apply")
    waiting: int = Field(description="pieces of later work that wait, for example points to be judged again")
    failed: str | None = None


class Health(BaseModel):
    status: str = Field(description="ok, catching-up or degraded")
    demo: bool = Field(description="true: simulated data, not a record")
    version: str
    server_time: str
    position: int
    projections: list[Projection]
    counters: dict[str, dict[str, int]]
    quarantine: dict[str, int] = Field(description="records that wait, by reason")


class Site(BaseModel):
    id: str
    name: str
    kind: str
    operator: str
    operator_name: str
    address: str
    region: str = Field(description="empty for none")
    region_name: str
    opening_hours: str
    timezone: str = Field(description="IANA name; what a day means there and how its times are shown")


class Asset(BaseModel):
    id: str
    name: str
    kind: str
    site: str = Field(description="where it stands now")
    activity: str = Field(description="what a person or a trip says that it is doing now; in-use: nothing is said")
    points: list[str]


class Doing(BaseModel):
    """What an asset was doing in [from, to)."""

    from_: str = Field(serialization_alias="from")
    to: str
    activity: str
    said: bool = Field(description="by a person or a trip; false: found from its unit, doors and speed")


class Stay(BaseModel):
    """An asset at a site; null: from the beginning, until now."""

    asset: str
    from_: str | None = Field(serialization_alias="from")
    to: str | None


class Rule(BaseModel):
    high_celsius: float | None
    low_celsius: float | None
    on_delay_s: int
    deadband_kelvin: float
    return_delay_s: int


class Point(BaseModel):
    id: str
    asset: str
    position: str
    quantity: str
    unit: str
    interval_s: int
    node: str | None
    evidence: str | None = Field(description="of its gateway: sealed-on-site, authenticated-direct or third-party")
    channels: list[str] = Field(description="probes that are or were here, in measured order")
    rule: Rule | None = Field(description="limits in force now")


class Reading(BaseModel):
    measured_at: str
    value: float | bool | None = Field(description="null: the probe said a fault word")
    said: float | None = Field(description="what the probe said, before its calibration; booleans as 0 and 1")
    fault: str | None
    quality: list[str]
    position: int = Field(description="ledger position of the batch that brought it")
    values: list[float] = Field(description="every different value of this identity, ascending; the largest stands")


class Bucket(BaseModel):
    start: str
    count: int
    min: float
    max: float
    mean: float


class Hole(BaseModel):
    from_: str = Field(serialization_alias="from")
    to: str


class Fault(BaseModel):
    """A stretch in which the probe said a fault word instead of a value."""

    from_: str = Field(serialization_alias="from")
    to: str
    word: str


class Limits(BaseModel):
    from_: str = Field(serialization_alias="from")
    high_celsius: float | None
    low_celsius: float | None


class Mark(BaseModel):
    """Something that changed at a point and that its history shows."""

    at: str
    kind: str = Field(description="probe (swapped), site (moved), activity (of the asset) or calibration (certificate)")
    before: str
    after: str


class Rollups(BaseModel):
    point: str
    from_: str = Field(serialization_alias="from")
    to: str
    bucket_s: int
    items: list[Bucket]
    holes: list[Hole]
    faults: list[Fault]
    limits: list[Limits]
    marks: list[Mark]


class Quarantined(BaseModel):
    position: int
    index: int = Field(description="record in its pack; -1 for the whole batch")
    node: str
    channel: str
    measured_at: str | None = Field(description="null: the record has no time that can be read")
    reason: str
    detail: str


class Unclaimed(BaseModel):
    """A channel that a gateway speaks of and nobody has claimed."""

    channel: str
    device: str = Field(description="the channel's name without its last part: what one piece of hardware says")
    node: str
    reason: str
    kept: int = Field(description="records that wait and come in when it is claimed")
    first_at: str | None = Field(description="measured time of the first kept record")
    measured_at: str | None = Field(description="of the last one")
    value: float | bool | None
    fault: str | None
    unit: str
    signal_dbm: float | None = Field(description="what the same device last said as its signal, dBm")


class Gateway(BaseModel):
    """What a gateway last said of itself."""

    node: str
    online: bool
    session: str | None = Field(description="when it connected")
    version: str | None
    behind_batches: int = Field(description="sealed and not yet acknowledged")
    behind_readings: int = Field(description="taken and not yet acknowledged")
    oldest_ms: int | None = Field(description="when the oldest of these was taken, ms UTC")
    spool_used: int | None
    spool_limit: int | None
    spool_warning: bool
    refused: int = Field(description="readings refused for space since its start")
    clock_trusted: bool | None
    hears_site: bool = Field(description="whether it listens to its site's sensors")
    heard_at_ms: int = Field(description="when this was heard, ms UTC, by the server's clock")


class Transition(BaseModel):
    at: str
    from_: str = Field(alias="from")
    to: str
    trigger: str
    reason: str = Field(description="why: a word of the judge's, or what the person said")
    who: str = Field(description="who took the step: judge, or a person")
    evidence: dict[str, object]


class Guidance(BaseModel):
    """What whoever gets the alarm is told; texts by language (zh, en)."""

    consequence: dict[str, str] = Field(description="what happens if nobody acts")
    response: dict[str, str] = Field(description="what to do, in one line")
    minutes: int = Field(description="time to respond")
    latches_from: str = Field(description="severity from which it stays until a person resets it; empty: never")


class Alarm(BaseModel):
    """An alarm; its id is given once and kept through every re-judge."""

    id: str
    point: str
    asset: str
    site: str
    rule: str = Field(description="which rule: high, low, product, silence … (contracts.md)")
    severity: str = Field(description="where it stands, or stood when the return began: notice, warning, critical")
    top_severity: str = Field(description="the highest that it was")
    state: str = Field(description="ISA-18.2 state, or retracted, merged")
    onset: str
    raised_at: str
    ended: str | None
    open: bool
    limit: float | None = Field(description="lowest limit of the rule, in unit; null where nothing is measured")
    peak: float | None = Field(description="most extreme value judged, in unit")
    mean: float | None = Field(description="of the value judged over the time known, in unit")
    unit: str = Field(description="SenML unit of limit, peak and mean")
    rule_version: str = Field(description="which version of the rule judged")
    duration_s: int = Field(description="onset to end, or to the last moment seen while open")
    exposed_s: int = Field(description="time held beyond the limit; holes left out")
    suppressed_s: int = Field(description="so much of exposed_s lay in windows that excuse: nobody was paged for it")
    excess_kelvin_min: float = Field(description="area beyond the lowest limit over that time")
    hole_s: int = Field(description="time inside for which nothing is known")
    samples: int = Field(description="at or beyond the limit")
    dose_h: float | None = Field(
        description="for information: hours at the model's reference temperature that would have let as much grow"
    )
    dose_model: str = Field(description="model of dose_h, with its numbers; empty where no goods are judged")
    kinetic_mean_celsius: float | None = Field(
        description="for information: mean kinetic temperature, ΔH/R = 10,000 K; it never cancels a breach"
    )
    end_reason: str
    late_discovered: bool
    telling: str = Field(description="page, digest or defer: how people are told")
    telling_reason: str
    shelved_until: str | None = Field(description="while shelved: until when")
    chattering: bool = Field(description="the third or later occurrence in 2 h: pages nobody unless it is worse")
    guidance: Guidance | None = Field(description="null for a rule that nobody rationalised")
    merged_into: str | None
    version: int
    change: int


class AlarmWithHistory(Alarm):
    transitions: list[Transition]
