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


class TripsTold(BaseModel):
    """What was said, whether it was new or not: the same request has the same answer."""

    trips: list[str] = Field(description="ids of which something was said")
    entries: int
    unrouted: list[str] = Field(description="of these the ones that have no planned way although a service is set up")
