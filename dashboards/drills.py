"""`/api/v1/drills`: who was asked to confirm that messages arrive, and who did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from alerts.notify.drills import Drilled
from coldchain.clock import parse_rfc3339, rfc3339
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.saying import from_here
from dashboards.sources import Sources

MONTH_MS = 31 * 86_400_000


class Drill(BaseModel):
    """A message of a drill, and what became of it."""

    key: str
    person: str = Field(description="id of the person")
    name: str
    sent_at: str
    confirmed_at: str | None = Field(description="null: not yet")
    in_time: bool = Field(description="confirmed within 10 minutes")


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/drills")
    def drills(
        start: Annotated[
            str | None, Query(alias="from", description="sent at or after, RFC 3339; default: 31 d ago")
        ] = None,
        end: Annotated[str | None, Query(alias="to", description="sent before, RFC 3339; default: now")] = None,
    ) -> Page[Drill]:
        """The messages of the drills of some time, by person."""
        now_ms = sources.clock.now_ms()
        try:
            from_ms = now_ms - MONTH_MS if start is None else parse_rfc3339(start)
            to_ms = now_ms + 1 if end is None else parse_rfc3339(end)
        except ValueError as fault:
            raise Problem(422, "the request does not fit", str(fault)) from fault
        return Page(items=[_shape(sources, one) for one in sources.messages.drills(from_ms, to_ms)])

    @api.post("/drills/{key}/confirmation")
    def confirm(request: Request, key: str) -> Drill:
        """Confirm that a message of a drill arrived; again changes nothing."""
        from_here(request)
        found = sources.confirming.confirm(key, sources.clock.now_ms())
        if found is None:
            raise Problem(404, "no such message", "this link belongs to no drill; the newest message has the right one")
        return _shape(sources, found)

    return api


def _shape(sources: Sources, one: Drilled) -> Drill:
    person = one.receiver.removeprefix("person:")
    known = sources.registry().people.get(person)
    return Drill(
        key=one.key,
        person=person,
        name=known.name if known else person,
        sent_at=rfc3339(one.sent_ms),
        confirmed_at=None if one.confirmed_ms is None else rfc3339(one.confirmed_ms),
        in_time=one.in_time,
    )
