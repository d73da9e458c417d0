"""`/api/v1/messages`, `/api/v1/alarms/{alarm}/messages`: who was told, over which way, and what nobody took."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from alerts.notify.reader import MAX_PAGE, SentMessage
from coldchain.clock import parse_rfc3339, rfc3339
from dashboards.models import Page
from dashboards.problems import Problem
from dashboards.sources import Sources


class MessageTry(BaseModel):
    """One attempt to hand a message to a provider."""

    at: str
    way: str
    channel: str = Field(description="name in the settings")
    answer: str = Field(description="accepted, later, refused, broken")
    why: str


class Message(BaseModel):
    """A message to a person or a room."""

    key: str = Field(description="the same with every attempt")
    receiver: str = Field(description="person:… or room:…")
    name: str = Field(description="the person's name, or the room's id")
    kind: str = Field(description="alarm, recovery, digest, test")
    severity: str = Field(description="the highest in it; empty where it tells of no open alarm")
    state: str = Field(description="waiting, accepted, failed")
    way: str = Field(description="wecom, dingtalk, feishu, email, sms, voice, room; empty: there is none")
    title: str
    lines: list[str]
    alarms: int = Field(description="of how many alarms it tells")
    why: str = Field(description="the last answer that was no acceptance")
    made_at: str
    ended_at: str | None = Field(description="accepted or given up; null: it waits")
    tries: list[MessageTry]


def router(sources: Sources) -> APIRouter:
    """Return the addresses over some sources."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/messages")
    def messages(
        state: Annotated[str, Query(pattern="^(|waiting|accepted|failed)$", description="only these")] = "",
        receiver: Annotated[str, Query(description="only to this one: person:… or room:…")] = "",
        before: Annotated[str | None, Query(description="only those made before, RFC 3339")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> Page[Message]:
        """Messages, the newest first; `next` is the `before` of the following page."""
        try:
            before_ms = None if before is None else parse_rfc3339(before)
        except ValueError as fault:
            raise Problem(422, "the request does not fit", f"before: {fault}") from fault
        found = sources.messages.newest(state=state, receiver=receiver, before_ms=before_ms, limit=limit)
        following = rfc3339(found[-1].made_ms) if len(found) == limit else None
        return Page(items=[_shape(sources, one) for one in found], next=following)

    @api.get("/alarms/{alarm}/messages")
    def of_alarm(alarm: str) -> Page[Message]:
        """Who was told of an alarm, the first one first."""
        return Page(items=[_shape(sources, one) for one in sources.messages.of_alarm(alarm)])

    return api


def _shape(sources: Sources, one: SentMessage) -> Message:
    person = sources.registry().people.get(one.receiver.removeprefix("person:"))
    return Message(
        key=one.key,
        receiver=one.receiver,
        name=person.name if person else one.receiver.partition(":")[2],
        kind=one.kind,
        severity=one.severity,
        state=one.state,
        way=one.way,
        title=one.title,
        lines=list(one.lines),
        alarms=one.alarms,
        why=one.why,
        made_at=rfc3339(one.made_ms),
        ended_at=None if one.ended_ms is None else rfc3339(one.ended_ms),
        tries=[
            MessageTry(at=rfc3339(each.at_ms), way=each.way, channel=each.channel, answer=each.answer, why=each.why)
            for each in one.tries
        ],
    )
