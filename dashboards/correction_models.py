"""The shapes of what `/api/v1` says of corrective action, leads and risk reports."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class CorrectionShort(BaseModel):
    """A corrective action as a list shows it."""

    about: str = Field(description="id of the alarm, or lead: or risk: and an id")
    site: str
    asset: str
    rule: str = Field(description="of the alarm; lead or risk")
    grade: str = Field(description="minor, serious, severe")
    state: str = Field(description="open, to-verify, closed, void (its alarm never was)")
    overdue: bool
    begun: str = Field(description="when it was asked for")
    due: str
    done: str | None = Field(description="when the server heard that it was done")
    closed: str | None
    check_until: str | None = Field(description="a core temperature is asked for until then; null: not (any more)")
    core_celsius: float | None = Field(description="the warmest core temperature that somebody typed")
    cause: str
    responsible: str


class CorrectionCounts(BaseModel):
    """How many there are; an overdue one is open, too."""

    open: int
    overdue: int
    to_verify: int
    to_check: int


class CorrectionPage(BaseModel):
    """A part of a list; pass ``next`` as ``cursor`` to get the following part."""

    items: list[CorrectionShort]
    counts: CorrectionCounts
    next: str | None
    demo: bool


class CorrectionSaid(BaseModel):
    """One word of the history; nothing of it ever changes."""

    position: int = Field(description="in the ledger")
    received_at: str
    who: str
    why: str
    entry: dict[str, Any]
    refused: str = Field(description="why it does not count; empty: it does")
    refused_zh: str
    refused_en: str


class Correction(CorrectionShort):
    """A corrective action with everything that was said."""

    needed: bool = Field(description="false: the alarm paged nobody, and nobody said anything")
    correction: dict[str, Any] | None = Field(description="what was said last")
    lacking: list[str] = Field(description="fields without which it does not count as done")
    due_latest: str = Field(description="the latest due time that may be given")
    history: list[CorrectionSaid]
    demo: bool


class Measured(BaseModel):
    """What a core temperature decided."""

    id: str
    celsius: float
    limit_celsius: float | None = Field(description="null: nothing says how warm the goods may be")
    limit_source: str = Field(description="lot, point or profile")
    decided: str = Field(description="may-be-sold, held, nothing")
    lots: list[str] = Field(description="that lay there, certain or presumed")
    words_zh: str
    words_en: str


class CorrectionPosted(BaseModel):
    """What became of a request."""

    positions: list[int] = Field(description="in the ledger, of each entry of the request")
    measured: list[Measured]


class Matter(BaseModel):
    """A lead or a risk report."""

    id: str
    kind: str = Field(description="lead or risk")
    source: str
    site: str
    state: str = Field(description="open, correcting, closed")
    at: str
    due: str | None
    content: dict[str, Any] = Field(description="the entry, as it was said last")
    who: str = Field(description="who said it first")
    correction: CorrectionShort | None = Field(description="the corrective action that it ends in")
    history: list[CorrectionSaid]
    demo: bool
