"""The shapes of what `/api/v1` says of papers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class PaperShort(BaseModel):
    """A paper in a list."""

    id: str
    kind: str = Field(description="milk-note or delivery")
    state: str = Field(description="draft, complete (immutable) or voided")
    sender: str = Field(description="the station; empty for a delivery")
    receiver: str = Field(description="the plant, or the shop")
    trip: str
    vehicle: str
    when: str = Field(description="when the goods left or came, else when the paper was written")
    missing: list[str] = Field(description="roles that have not signed what is on the paper now")
    replaces: str = Field(description="the complete paper that this one corrects")
    replaced_by: list[str]


class PaperSigned(BaseModel):
    """A signature; `counts` false: it was given to something else than what is on the paper now."""

    role: str
    name: str
    phone: str
    user: str
    device: str
    signed_at: str = Field(description="by the device's clock")
    received_at: str = Field(description="by the server's")
    stroke: str = Field(description="SVG path, x 0 to 1000, y 0 to 400")
    hash: str = Field(description="SHA-256 of what was signed")
    counts: bool


class PaperBeside(BaseModel):
    """What the data says of a field, beside what is written there."""

    field: str
    source: str = Field(description="a measuring point, positions, said, plan or registry")
    differs: bool = Field(description="by more than 1 K or 10 min, or another word")
    at: str | None = Field(description="of a time")
    celsius: float | None = Field(description="of a temperature")
    text: str | None = Field(description="of a name or number")
    measured_at: str | None = Field(description="when the probe said it")


class PaperPlaced(BaseModel):
    """So much of a lot lies in the shop by this delivery."""

    lot: str
    place: str
    from_: str = Field(serialization_alias="from")
    quantity: float | None


class PaperVoided(BaseModel):
    """Somebody said that a paper is no longer meant."""

    at: str
    who: str
    why: str


class Paper(PaperShort):
    """A paper with its content, signatures, and what the data says beside it."""

    content: dict[str, Any] = Field(description="the change entry milk-note or delivery")
    hash: str = Field(description="SHA-256 of the content")
    to_sign: dict[str, str] = Field(description="role: SHA-256 of what it signs")
    lacking: dict[str, list[str]] = Field(description="role: fields without which it cannot sign")
    versions: int = Field(description="how often the content was said anew")
    signatures: list[PaperSigned]
    beside: list[PaperBeside]
    photos_missing: list[str] = Field(description="pictures that the content names and nobody sent")
    placed: list[PaperPlaced]
    voided: PaperVoided | None
    who: str
    why: str
    demo: bool


class PaperPosted(BaseModel):
    """What was written."""

    positions: list[int] = Field(description="in the ledger; of what was said before, the first time")
    papers: list[Paper]


class PaperDraft(BaseModel):
    """A paper as far as the data knows it; its id is empty, unknown quantities are 0 or null."""

    stop: int = Field(description="place in the trip's plan")
    content: dict[str, Any]
    existing: list[str] = Field(description="papers of this stop that are there already, voided ones left out")


class PaperDrafts(BaseModel):
    """The papers that a trip needs."""

    trip: str
    items: list[PaperDraft]
    demo: bool


class PaperPhoto(BaseModel):
    """A picture as an entry names it."""

    sha256: str
    size: int
    type: str
