"""The shapes of what `/api/v1` says of lots."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LotShort(BaseModel):
    """A lot as it was printed."""

    id: str
    product: str = Field(description="id of its product profile")
    gtin: str
    number: str = Field(description="as printed; empty: not known")
    produced: str = Field(description="as printed: a day or a moment")
    expires: str = Field(description="as printed; a day counts until its end in China")
    quantity: float = Field(description="how much was made, in `unit`")
    unit: str
    label: str = Field(description="storage condition in the label's words")
    low_celsius: float | None = Field(description="of the label; null: it names none")
    high_celsius: float | None


class LotStay(BaseModel):
    """So much of a lot at a place in [from, to)."""

    place: str = Field(description="asset: or site: and an id")
    site: str = Field(description="where that was then; empty: not known")
    arrived: str = Field(description="since when any of it was there without a break")
    from_: str = Field(serialization_alias="from")
    to: str | None = Field(description="null: still there")
    quantity: float | None = Field(description="null: nobody said how much")
    presumed_in: list[str] = Field(description="assets of the site in which it is presumed now, with `presumed_reason`")


class LotArrival(BaseModel):
    """How some of a lot came to a place."""

    at: str
    place: str
    came_from: str = Field(description="empty: nowhere known; ?: one of several places")
    quantity: float | None
    how: str = Field(description="scan, api, csv, trip, delivery, or change: it came out of other lots")
    trip: str
    stop: int | None = Field(description="place of the stop in the trip's plan")
    paper: str
    lot_change: str = Field(description="id of the change that it came out of")


class LotDeparture(BaseModel):
    """How some of a lot ended."""

    at: str
    place: str
    quantity: float | None
    how: str = Field(description="sold, destroyed, sampled, lost, or change: it went into other lots")
    lot_change: str


class LotHeld(BaseModel):
    """A hold, and what a second person decided; `decision` empty: still held."""

    lot: str
    hold: str
    place: str = Field(description="empty: all of it")
    at: str
    who: str
    why: str
    alarm: str
    decision: str
    decided_at: str | None
    decided_by: str
    decided_why: str


class LotDoubt(BaseModel):
    """Something that does not add up."""

    lot: str
    doubt: str = Field(description="short, more-than-made or source-unknown")
    at: str
    place: str
    quantity: float | None = Field(description="how much too much")


class LotParent(BaseModel):
    """A lot that this one came out of."""

    lot: str
    lot_change: str
    kind: str = Field(description="split, merge or transformation")
    at: str
    place: str = Field(description="where the other lot lay; empty: not said")


class LotReceived(BaseModel):
    """A site that received some of a lot."""

    lot: str
    site: str
    site_name: str
    operator: str = Field(description="who answered for the site then")
    operator_name: str
    phone: str
    first_at: str
    quantity: float | None = Field(description="received in all; null: not all of it was counted")
    lying: float | None = Field(description="there now")
    papers: list[str]


class Lot(LotShort):
    """A lot with everything that is known of where it was."""

    stays: list[LotStay]
    arrivals: list[LotArrival]
    departures: list[LotDeparture]
    holds: list[LotHeld]
    doubts: list[LotDoubt]
    parents: list[LotParent]
    ancestors: list[str] = Field(description="every lot that it came out of, over any number of changes")
    descendants: list[str] = Field(description="every lot that came out of it")
    consignees: list[LotReceived] = Field(description="who received it or what came out of it")
    presumed_reason: str
    demo: bool = Field(description="true: simulated data, not a record")


class LotWithin(LotShort):
    """A lot at an asset or a site now."""

    place: str
    lying: float | None
    presumed: bool = Field(description="delivered to the shop, and nobody said into which cooler")


class LotPosted(BaseModel):
    """What was written."""

    positions: list[int] = Field(description="ledger positions, in the order of the request")
    doubts: list[LotDoubt] = Field(description="what does not add up by it; written all the same")


class LotRefused(BaseModel):
    """An entry that cannot be; kept, and counted again as soon as it can be."""

    position: int
    received_at: str
    reason: str
    detail: str
    entry: str = Field(description="the entry's JSON")
