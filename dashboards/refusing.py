"""Entries of the ledger that cannot be, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from coldchain.clock import rfc3339
from coldchain.projected import RefusedEntry
from dashboards.models import Page
from dashboards.problems import Problem


class Refused(BaseModel):
    """An entry that cannot be; kept, and counted again as soon as it can be."""

    position: int
    received_at: str
    reason: str
    detail: str
    entry: str = Field(description="the entry's JSON")


def refused_page(found: Sequence[RefusedEntry], limit: int) -> Page[Refused]:
    """Return a page of entries, of which one more than the page holds was asked for."""
    items = [
        Refused(
            position=one.position,
            received_at=rfc3339(one.received_ms),
            reason=one.reason,
            detail=one.detail,
            entry=one.raw.decode(),
        )
        for one in found[:limit]
    ]
    return Page(items=items, next=str(items[-1].position) if len(found) > limit else None)


def number_in(cursor: str) -> int:
    """Return the number that a cursor is.

    Raises:
        Problem: 422: it is none.
    """
    if not cursor.isdecimal() or len(cursor) > 18:
        raise Problem(422, "the request does not fit", "cursor: pass the `next` of an answer unchanged")
    return int(cursor)
