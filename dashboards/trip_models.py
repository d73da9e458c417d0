"""The shapes of what `/api/v1` says of trips."""

from __future__ import annotations

from pydantic import BaseModel, Field

from dashboards.models import Alarm


class TripTrouble(BaseModel):
    """An alarm of a trip that stands."""

    alarm: str = Field(description="its id")
    rule: str
    severity: str


class TripShort(BaseModel):
    """A trip in a list."""

    id: str
    kind: str = Field(description="raw-milk or distribution")
    state: str = Field(description="planned, at-stop, under-way, waiting, ended, cancelled")
    vehicle: str = Field(description="that drives it now, or drove it last")
    vehicle_name: str
    carrier: str
    driver: str
    order: str
    begins: str | None = Field(description="planned; null: the plan names no time")
    ends: str | None
    started: str | None
    over: str | None = Field(description="when it ended or was cancelled")
    newest: str | None = Field(description="newest reading that it rests on")
    next_stop: int | None = Field(description="place in `stops`, 0 is the first; null: none is expected")
    next_site: str = Field(description="its site; empty: none is expected")
    at_site: str = Field(description="at which it is now: came and did not leave; empty: at none, or it is over")
    expected: str | None = Field(description="at the next stop")
    chance: float | None = Field(description="that the stop most at risk is missed, 0-1; null: nothing is expected")
    at_risk: bool
    stops_total: int
    stops_done: int = Field(description="of which it left or which took the goods")
    driven_m: int
    planned_m: int | None = Field(description="way of the whole trip; null: not known")
    left_m: int | None = Field(description="way to the next stop")
    troubles: list[TripTrouble]


class TripStop(BaseModel):
    """A planned stop and how it turned out."""

    site: str
    site_name: str
    latitude: float | None = Field(description="of the site, WGS-84; null: not known")
    longitude: float | None
    purpose: str = Field(description="load, unload or return")
    quantity: float | None = Field(description="planned, in `unit`")
    unit: str
    planned_arrival: str | None
    planned_departure: str | None
    window_from: str | None
    window_to: str | None
    due: str | None = Field(description="after this it is missed")
    arrived: str | None
    left: str | None
    accepted: str | None = Field(description="the receiver took the goods")
    refused: str | None
    arrived_by: str = Field(description="positions or person")
    left_by: str
    hole: bool = Field(description="between arriving and leaving nothing was known for a while")
    expected: str | None = Field(description="arrival; null: nothing is expected any more")
    spread_s: float | None = Field(description="standard deviation of that")
    chance: float | None = Field(description="that it is missed, 0-1")


class TripStep(BaseModel):
    """A step of a trip's state."""

    at: str
    state: str
    event: str
    stop: int | None
    by: str


class TripLeg(BaseModel):
    """A part of a trip with one vehicle."""

    vehicle: str
    vehicle_name: str
    from_: str | None = Field(serialization_alias="from", description="null: from the beginning")


class Trip(TripShort):
    """A trip in full."""

    driver_phone: str
    escort: str
    permit: str
    rules: str = Field(description="version of the rules that it was judged by; empty: not judged yet")
    legs: list[TripLeg]
    stops: list[TripStop]
    steps: list[TripStep]
    route: list[tuple[float, float]] = Field(description="the planned way: latitude, longitude; empty: nobody said")
    alarms: list[Alarm] = Field(description="all that were not retracted, oldest first")
    demo: bool


class TripFix(BaseModel):
    """Where a vehicle was."""

    at: str
    latitude: float
    longitude: float
    gap: bool = Field(description="nothing is known between the fix before and this one")


class TripPoint(BaseModel):
    """A probe that measured temperatures on the trip."""

    point: str
    position: str
    asset: str
    from_: str = Field(serialization_alias="from")
    to: str


class TripTrack(BaseModel):
    """Where a trip went, and which probes rode along."""

    trip: str
    from_: str = Field(serialization_alias="from")
    to: str
    items: list[TripFix]
    points: list[TripPoint]
    demo: bool


class TripOvertaken(BaseModel):
    """An entry that was not written, because something newer is known: its message came late, or came again."""

    entry: int = Field(description="its place in the request, from 0")
    trip: str
    version: int | None = Field(description="of the plan that came")
    known: int | None = Field(description="of the plan that stands")


class TripsTold(BaseModel):
    """What was said, whether it was new or not: the same request has the same answer, as long as nobody says more."""

    trips: list[str] = Field(description="ids of which something was said")
    entries: int
    unrouted: list[str] = Field(description="of these the ones that have no planned way although a service is set up")
    overtaken: list[TripOvertaken] = Field(description="entries that came behind something newer")


class MovedLot(BaseModel):
    """A lot that another vehicle takes over."""

    lot: str
    number: str
    product: str
    quantity: float | None = Field(description="null: nobody said how much")
    unit: str
    from_: str = Field(serialization_alias="from", description="asset: and its id")
    to: str


class VehicleChange(BaseModel):
    """What a change of vehicle would bring about."""

    trip: str
    vehicle: str
    vehicle_name: str
    before: str = Field(description="the vehicle until then; the same one: nothing changes")
    before_name: str
    at: str
    lots: list[MovedLot]
    nowhere: list[dict[str, str]] = Field(description="zh, en: goods that would find no place; then it cannot be said")


class TripDelays(BaseModel):
    """How often a rule was broken on a carrier's trips, and for how long in all."""

    rule: str
    count: int
    hours: float


class CarrierMonth(BaseModel):
    """A carrier's month."""

    carrier: str = Field(description="id or name; empty: nobody said")
    carrier_name: str
    trips: int
    ended: int
    cancelled: int
    in_time: int = Field(description="stops with a latest time that were reached by then")
    late: int
    unknown: int = Field(description="such stops of which nobody knows when they were reached")
    in_time_share: float | None = Field(description="of those of which it is known, 0-1; null: of none")
    delays: list[TripDelays]
    breaches: int = Field(description="times in which a temperature on board was wrong, or the milk warm on arrival")
    refused: int = Field(description="deliveries that the receiver did not take")
    driven_km: float


class CarrierMonths(BaseModel):
    """Every carrier's month."""

    month: str
    items: list[CarrierMonth]
    demo: bool


class CarrierVehicle(BaseModel):
    """A vehicle of a carrier, and how many of the month's trips began with it."""

    vehicle: str
    vehicle_name: str
    plate: str
    trips: int


class LongTrip(BaseModel):
    """A trip that was long on the way."""

    trip: str
    vehicle_name: str
    hours: float = Field(description="from its start to its end")
    driven_km: float


class CarrierTrend(BaseModel):
    """A month of a carrier in short."""

    month: str
    trips: int
    in_time_share: float | None
    breaches: int
    driven_km: float


class Compliance(BaseModel):
    """温控合规率 of a carrier's month; `definition` says what it is and stands beside it wherever it is shown."""

    definition: dict[str, str] = Field(description="zh, en")
    trips: int = Field(description="that are over and were measured")
    unmeasured: int = Field(description="that are over, and nobody knows when they were loaded or how warm it was")
    loaded_h: float = Field(description="of all bodies and tanks")
    known_h: float = Field(description="of it the temperature was known")
    within_h: float = Field(description="of that it lay within the label's condition")
    share: float | None = Field(description="within_h of known_h, 0-1; null: nothing was measured")


class Carrier(BaseModel):
    """A carrier's month in full."""

    month: str
    carrier: str
    carrier_name: str
    phone: str
    vehicles: list[CarrierVehicle]
    compliance: Compliance
    loads: int = Field(description="of raw milk that were delivered")
    tonnes: float
    unweighed: int = Field(description="loads of which no weight is known; they count in no mean")
    km: float | None = Field(description="of raw milk, weighted by tonnes")
    hours: float | None
    longest: list[LongTrip]
    trend: list[CarrierTrend] = Field(description="this month and the five before, oldest first")
    demo: bool


class MilkWay(BaseModel):
    """Raw milk of one station, or to one plant, in a month."""

    site: str
    site_name: str
    loads: int
    tonnes: float
    unweighed: int = Field(description="loads of which no weight is known; they count in no mean")
    km: float | None = Field(description="weighted by tonnes")
    hours: float | None = Field(description="from the station to the end of unloading, weighted by tonnes")


class MilkTrend(BaseModel):
    """All raw milk of a month."""

    month: str
    loads: int
    tonnes: float
    km: float | None
    hours: float | None


class MilkLoad(BaseModel):
    """One load of raw milk."""

    trip: str
    station: str
    station_name: str
    plant: str
    plant_name: str
    tonnes: float | None
    loaded: str
    unloaded: str
    km: float | None
    hours: float


class MilkMonth(BaseModel):
    """A month of raw milk."""

    month: str
    by_station: list[MilkWay]
    by_plant: list[MilkWay]
    trend: list[MilkTrend] = Field(description="this month and the five before, oldest first")
    longest: list[MilkLoad]
    custody_h: float = Field(description="from milking to the end of unloading, all loads")
    monitored_h: float = Field(description="of it the temperature of the milk was known")
    monitored_share: float | None = Field(description="全时段监控率, 0-1; null: no loads")
    unsaid_milkings: int = Field(description="loads of which nobody said when the milking was; they begin at loading")
    demo: bool
