"""The shapes of a lot's trace."""

from __future__ import annotations

from pydantic import BaseModel, Field


class TracedLot(BaseModel):
    """The lot itself, or one that it came out of."""

    lot: str
    product: str
    until: str = Field(description="until then it counts: until it became part of the lot")


class TracedAsset(BaseModel):
    """A lot in an asset."""

    lot: str
    asset: str
    site: str
    from_: str = Field(serialization_alias="from")
    to: str
    presumed: bool = Field(description="it was at the site, and nobody said in which asset")


class TracedTrip(BaseModel):
    """A lot on a trip."""

    lot: str
    trip: str
    vehicles: list[str] = Field(description="that carried it, in order; empty: nobody said that it was on board")
    loaded: str
    unloaded: str | None


class TracedHandOver(BaseModel):
    """Some of a lot came from one site to another."""

    lot: str
    at: str
    from_site: str
    from_site_name: str
    from_operator: str
    to_site: str
    to_site_name: str
    to_operator: str
    quantity: float | None
    how: str
    trip: str
    paper: str


class LotTrace(BaseModel):
    """From a lot back to every asset, trip and hand-over."""

    lot: str
    unit: str
    lots: list[TracedLot]
    assets: list[TracedAsset]
    trips: list[TracedTrip]
    hand_overs: list[TracedHandOver]
    demo: bool
