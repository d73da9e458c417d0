"""From events to a file: ids, corrections, order, bytes.

An event's id is a UUID of version 5 over its own bytes (all but the id itself and an error declaration): who makes the
same event of the same facts gives it the same id, and another fact is another event. It is not the hash of the Core
Business Vocabulary (``ni:///sha-256;…?ver=CBV2.0``): its published implementations changed from version to version
which fields they take in (error declarations, certificates, the rules of a report, the list around sensor elements), so
an id that claims to be one could be false.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from coldchain.clock import rfc3339
from coldchain.epcis.checking import check
from coldchain.epcis.structs import AnyEvent, Body, EPCISDocument, ErrorDeclaration, Event
from coldchain.errors import ConfigError

EVENTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:coldchain:epcis:event")
"""Namespace of event ids."""

E = TypeVar("E", bound=Event)


def identified(event: E) -> E:
    """Return an event with its id."""
    plain = msgspec.structs.replace(event, event_id=None, error_declaration=None)
    text = msgspec.json.encode(plain).decode()
    return msgspec.structs.replace(event, event_id=uuid.uuid5(EVENTS, text).urn)


def again(event: E) -> E:
    """Return an event that is true again after it was declared wrong: the same under the next id."""
    if event.event_id is None:
        raise ValueError("an event without an id is nothing that was sent before: use `identified`")
    return msgspec.structs.replace(event, event_id=uuid.uuid5(EVENTS, event.event_id).urn)


def corrected(wrong: E, declared_ms: int, by: Iterable[Event] = ()) -> E:
    """Return a copy of an event that declares it wrong; the event itself stays as it was sent.

    Args:
        wrong: as it was sent, with its id.
        declared_ms: when somebody said so, ms UTC.
        by: the events that say it right; none: it did not happen.

    Raises:
        ValueError: an event without an id, one that is a declaration itself, or one that corrects itself.
    """
    ids = tuple(event.event_id or "" for event in by)
    if wrong.event_id is None or "" in ids:
        raise ValueError("an event without an id can be neither corrected nor correct another: use `identified`")
    if wrong.error_declaration is not None:
        raise ValueError(f"{wrong.event_id} was declared wrong before: correct the event that took its place")
    if wrong.event_id in ids:
        raise ValueError(f"{wrong.event_id} is the same as what it corrects")
    reason = "incorrect_data" if ids else "did_not_occur"
    declaration = ErrorDeclaration(
        declaration_time=rfc3339(declared_ms), reason=reason, corrective_event_ids=tuple(sorted(ids))
    )
    return msgspec.structs.replace(wrong, error_declaration=declaration)


def written(events: Iterable[AnyEvent], created_ms: int) -> bytes:
    """Return a document of events: each once, by time, the same bytes whatever order they came in.

    Args:
        created_ms: when the document is made, ms UTC.

    Raises:
        ConfigError: whatever `coldchain.epcis.checking.check` finds; nothing wrong leaves the house.
    """
    once = {(event.event_time, event.event_id or "", _declared(event)): event for event in events}
    body = Body(event_list=tuple(once[key] for key in sorted(once)))
    document = EPCISDocument(creation_date=rfc3339(created_ms), epcis_body=body)
    faults = check(msgspec.to_builtins(document))
    if faults:
        raise ConfigError([fault.said() for fault in faults])
    return msgspec.json.encode(document)


def _declared(event: AnyEvent) -> str:
    return "" if event.error_declaration is None else msgspec.json.encode(event.error_declaration).decode()
