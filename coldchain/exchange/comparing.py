"""What goes out: the events that are true, and of those that were sent before what is true no longer, declared wrong.

::

    current events of a subject ──┬── sent before, still made: sent again as it is
    sent before ──────────────────┼── sent before, no longer made: a copy that declares it wrong, and what is right
                                  └── declared wrong before, made again: under the next id
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from coldchain.epcis.structs import AnyEvent
from coldchain.epcis.writing import again, corrected
from coldchain.exchange.selecting import Chosen

_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out."""

    subject: str
    at_ms: int
    event: AnyEvent

    @property
    def key(self) -> tuple[str, str]:
        """Where it stands in the order of all."""
        return self.event.event_time, self.event.event_id or ""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it was sent; ``declared``: the copy that declares it wrong; None: nobody did. Both as bytes."""

    subject: str
    at_ms: int
    id: str
    raw: bytes
    declared: bytes | None


def outgoing_of(found: Chosen, known: Sequence[Sent], now_ms: int) -> list[Outgoing]:
    """Return what goes out: what is true, and what was sent and is not, each declared."""
    declared = {one.id for one in known if one.declared is not None}
    before = {one.id for one in known}
    asked = {(one.subject, one.event.event_id) for one in found.events}
    current: dict[str, dict[str | None, Outgoing]] = {}
    out: list[Outgoing] = []
    for subject, made in found.every.items():
        current[subject] = {}
        for one in made:
            true = Outgoing(subject, one.at_ms, _unspent(one.event, declared))
            current[subject][true.event.event_id] = true
            if (subject, one.event.event_id) in asked:
                out.append(true)
    for sent in known:
        if sent.declared is not None:
            out.append(Outgoing(sent.subject, sent.at_ms, _decoder.decode(sent.declared)))
        elif sent.id not in current[sent.subject]:
            right = _instead(sent, (one for name, one in current[sent.subject].items() if name not in before))
            wrong = corrected(_decoder.decode(sent.raw), now_ms, [] if right is None else [right.event])
            out.append(Outgoing(sent.subject, sent.at_ms, wrong))
            out += [] if right is None else [right]
    return out


def event_of(raw: bytes) -> AnyEvent:
    """Return an event as it was kept."""
    return _decoder.decode(raw)


def _unspent(event: AnyEvent, declared: set[str]) -> AnyEvent:
    while event.event_id in declared:
        event = again(event)
    return event


def _instead(wrong: Sent, fresh: Iterable[Outgoing]) -> Outgoing | None:
    """Return the event that says right what was wrong: of the same step, the nearest in time."""
    step = _step(_decoder.decode(wrong.raw))
    same = (one for one in fresh if _step(one.event) == step)
    return min(same, key=lambda one: (abs(one.at_ms - wrong.at_ms), one.key), default=None)


def _step(event: AnyEvent) -> tuple[Any, ...]:
    return type(event), getattr(event, "action", ""), event.biz_step
