"""`POST /api/v1/alarms/{alarm}/actions`: what somebody does with an alarm, checked as on the command line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from alerts.asking import plan_action
from coldchain.errors import ConfigError
from dashboards.problems import Problem
from dashboards.saying import Body, said_in
from dashboards.sources import Sources


class _Action(msgspec.Struct, forbid_unknown_fields=True):
    action: str
    minutes: int | None = None
    one_shot: bool = False


class _Saying(msgspec.Struct, forbid_unknown_fields=True):
    who: str
    why: str
    entries: Sequence[_Action]


class AlarmActed(BaseModel):
    """An action that stands in the ledger; the judge takes it within a second."""

    positions: list[int] = Field(description="where in the ledger it stands")


def router(sources: Sources) -> APIRouter:
    """Return the address over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.post("/alarms/{alarm}/actions", status_code=201)
    def act(request: Request, alarm: str, body: Body) -> AlarmActed:
        """Acknowledge, shelve, reset an alarm, or take its rule out of service at its point."""
        saying = said_in(request, body, _Saying)
        if len(saying.entries) != 1:
            raise Problem(422, "the request does not fit", "entries: one action at a time")
        asked = saying.entries[0]
        found = sources.alarms.handled(alarm)
        if found is None:
            raise Problem(404, "no such alarm", f"there is no alarm {alarm!r:.80}")
        now_ms = sources.clock.now_ms()
        try:
            plan = plan_action(found, alarm, asked.action, now_ms, minutes=asked.minutes, one_shot=asked.one_shot)
        except ConfigError as fault:
            raise Problem(409, "that cannot be done now", "; ".join(fault.faults)) from fault
        changes = [change.encode() for change in plan.changes(saying.who, saying.why)]
        return AlarmActed(positions=sources.ledger.change(changes, now_ms))

    return api
