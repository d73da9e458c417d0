"""The shapes of what `/api/v1/epcis/capture` answers; documents themselves have the shape of EPCIS 2.0."""

from __future__ import annotations

from pydantic import BaseModel, Field

from dashboards.lot_models import LotDoubt


class NotCaptured(BaseModel):
    """An event of which no entry was made."""

    event: int = Field(description="its place in the list of events, from 0")
    why_zh: str
    why_en: str


class Captured(BaseModel):
    """What became of a document."""

    document: str = Field(description="SHA-256 of it, as it is kept")
    positions: list[int] = Field(description="ledger positions: the document, then the entries made of it")
    rest: list[NotCaptured]
    doubts: list[LotDoubt] = Field(description="what does not add up by it; written all the same")
