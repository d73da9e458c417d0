"""A message that waits to be sent: the one place where one is made."""

from __future__ import annotations

import hashlib

import msgspec
from sqlalchemy import Connection, insert

from alerts.notify.content import Content, State
from alerts.notify.directory import Receiver
from alerts.notify.tables import message


def key_of(about: str) -> str:
    """Return the key of a message about something, which is told to nobody twice."""
    return hashlib.blake2b(about.encode(), digest_size=16).hexdigest()


def put_message(connection: Connection, key: str, receiver: Receiver, said: Content, now_ms: int) -> State:
    """Store a message; return `State.FAILED` where its receiver has no way at all."""
    state = State.WAITING if receiver.routes else State.FAILED
    row = {
        "key": key,
        "receiver": receiver.id,
        "kind": said.kind,
        "severity": said.severity,
        "made_ms": now_ms,
        "content": msgspec.json.encode(said),
        "routes": msgspec.json.encode(receiver.routes),
        "route": 0,
        "state": state,
        "attempts": 0,
        "begun_ms": now_ms,
        "next_ms": now_ms,
        "ended_ms": None if receiver.routes else now_ms,
        "reference": "",
        "why": "" if receiver.routes else "no address",
        "missed": not receiver.routes,
        "recorded": False,
    }
    connection.execute(insert(message), row)
    return state
