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


class LotLying(BaseModel):
    """So much of a lot at a place now."""

    place: str
    site: str
    quantity: float | None


class LotStanding(BaseModel):
    """May it be sold, as people decided; and how much of it lies where now."""

    state: str = Field(
        description="held, partly-held (not everywhere it lies), the last decision, or free: nobody ever held it"
    )
    recalls: list[str] = Field(description="that run and concern it, drills left out")
    drills: list[str] = Field(description="that run and concern it")
    lying_at: list[LotLying]


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
    last_at: str
    quantity: float | None = Field(description="received in all; null: not all of it was counted")
    lying: float | None = Field(description="there now")
    papers: list[str]


class Lot(LotShort, LotStanding):
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


class LotWithin(LotShort, LotStanding):
    """A lot at an asset or a site now, or one of all."""

    place: str
    lying: float | None
    presumed: bool = Field(description="delivered to the shop, and nobody said into which cooler")


class LotPosted(BaseModel):
    """What was written."""

    positions: list[int] = Field(description="ledger positions, in the order of the request")
    doubts: list[LotDoubt] = Field(description="what does not add up by it; written all the same")


class LotBucket(BaseModel):
    """What a thermometer said within a stretch of time; a peak is never lost."""

    start: str
    count: int
    min: float
    max: float
    mean: float


class LotHole(BaseModel):
    """A stretch without a temperature."""

    from_: str = Field(serialization_alias="from")
    to: str
    why: str = Field(description="no-data, no-thermometer, or no-place: nobody says where the lot was")


class LotLeg(BaseModel):
    """A part of a lot's way: a place in [from, to), with what was measured there."""

    lot: str = Field(description="this lot, or one that it came out of")
    same_goods: bool = Field(description="false: before a transformation; shown, and counts for nothing")
    place: str
    site: str
    from_: str = Field(serialization_alias="from")
    to: str | None = Field(description="null: still there")
    presumed: bool = Field(description="the lot was at the site, and in this cooler at worst")
    asset: str
    point: str = Field(description="the thermometer that speaks for it; empty: none")
    why: str = Field(description="product-position, declared, air or none")
    low_celsius: float | None = Field(description="the condition it was to be kept at, both inside")
    high_celsius: float | None
    condition_source: str = Field(description="lot (its label), point (a label said there), profile, or empty")
    estimated: bool = Field(description="minutes and dose are of the product's estimate behind the air")
    resolution_s: int = Field(description="0: each reading; else each value is the highest of so long")
    items: list[LotBucket]
    holes: list[LotHole]
    held_min: float = Field(description="how long a temperature was known")
    above_min: float
    below_min: float
    peak: float | None
    lowest: float | None
    dose_h: float | None = Field(description="hours at the model's reference that would have let as much grow")


class LotRemaining(BaseModel):
    """What is left of the shelf life: an estimate, no release."""

    label_life_h: float
    used_h: float
    left_h: float
    estimated_until: str = Field(description="never later than the printed expiry")
    words_zh: str
    words_en: str


class LotHistory(BaseModel):
    """One unbroken series of a lot from place to place, to where it lies or last lay."""

    lot: str
    place: str
    places: list[str] = Field(description="everywhere it lies or last lay; ask for each with `place`")
    ways: int = Field(description="how many ways may have led there; the one with the highest dose is shown")
    bucket_s: int = Field(description="how long each of `items` is")
    legs: list[LotLeg]
    gaps: list[LotHole] = Field(description="between two places nobody says where it was")
    unknown_h: float = Field(
        description="how long nothing was measured of these goods; counts neither as good nor as bad"
    )
    above_min: float
    below_min: float
    dose_h: float | None
    dose_model: str = Field(description="with its parameters; empty: no dose is computed of this product")
    remaining: LotRemaining | None
    demo: bool


class AlarmLot(LotShort, LotStanding):
    """A lot that lay in an alarm's asset while it lasted."""

    place: str
    from_: str = Field(serialization_alias="from", description="within the excursion")
    to: str
    there: float | None = Field(description="the most that lay at `place` then; null: uncounted")
    presumed: bool = Field(description="may be concerned, with `presumed_reason`")
    held: bool = Field(description="a hold of it waits for a decision")


class AlarmLots(BaseModel):
    """The goods of an alarm."""

    alarm: str
    state: str
    asset: str
    from_: str = Field(serialization_alias="from")
    to: str | None = Field(description="null: it is not over")
    total: int
    presumed_total: int
    presumed_reason: str
    became: list[str] = Field(description="lots that came out of these since it began")
    check_until: str | None = Field(
        description="待核查: a core temperature is asked for until then; null: not (any more)"
    )
    items: list[AlarmLot]
    next: str | None
    demo: bool


class LotsReceived(BaseModel):
    """A site that received goods of an alarm."""

    site: str
    site_name: str
    operator: str
    operator_name: str
    phone: str
    first_at: str
    last_at: str = Field(description="before the alarm's `from`: it received them before the excursion")
    lots: list[LotReceived]


class LotDue(LotShort, LotStanding):
    """A lot at a site, in the order in which it should leave."""

    lying: float | None
    held: bool
    dose_h: float | None
    dose_model: str
    unknown_h: float
    left_h: float | None = Field(description="an estimate, see `words_zh`; null: nothing says how long it lives")
    estimated_until: str | None
    words_zh: str
    words_en: str


class Product(BaseModel):
    """What a product profile is called."""

    id: str
    zh: str
    en: str
