"""EPCIS 2.0 events as they are written: GS1's words in JSON-LD, one frozen struct a kind of event.

What is None or empty is left out. The order of fields is the order in the file, so that the same events are the same
bytes. Times are RFC 3339 texts, numbers are in the unit of their ``uom`` (UN/ECE Recommendation 20).

Source: GS1 EPCIS 2.0, its JSON schema; of its five kinds of events the fields that this system has facts for.
"""

from __future__ import annotations

from typing import Literal

import msgspec

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SCHEMA_VERSION = "2.0"

Action = Literal["ADD", "OBSERVE", "DELETE"]
"""ADD begins what an event says (a lot, an aggregation), DELETE ends it, OBSERVE leaves it as it is."""

_CAPITALS = {"id": "ID", "ids": "IDs", "epc": "EPC", "epcs": "EPCs"}


def _key(name: str) -> str:
    """Return GS1's spelling of a field.

    >>> _key("corrective_event_ids"), _key("input_epc_list"), _key("context")
    ('correctiveEventIDs', 'inputEPCList', '@context')
    """
    first, *words = name.split("_")
    return "@context" if name == "context" else first + "".join(_CAPITALS.get(word, word.title()) for word in words)


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=_key):
    """Base of everything that goes into a document."""


class Place(Written, frozen=True, kw_only=True):
    """A read point or a business location."""

    id: str


class Quantity(Written, frozen=True, kw_only=True):
    """So much of a lot or product. Without ``uom`` the quantity is a count of pieces."""

    epc_class: str
    quantity: float | None = None
    uom: str | None = None


class BizTransaction(Written, frozen=True, kw_only=True):
    """A document that an event belongs to, such as a hand-over note (``bol``); no type where GS1 has no word for it."""

    type: str | None = None
    biz_transaction: str


class Source(Written, frozen=True, kw_only=True):
    type: str
    source: str


class Destination(Written, frozen=True, kw_only=True):
    type: str
    destination: str


class PersistentDisposition(Written, frozen=True, kw_only=True):
    """States that hold until they are unset, whatever other events say meanwhile."""

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


class ErrorDeclaration(Written, frozen=True, kw_only=True):
    """That the event it stands in was wrong, and which events say it right."""

    declaration_time: str
    reason: str
    corrective_event_ids: tuple[str, ...] = ()


class SensorMetadata(Written, frozen=True, kw_only=True):
    """What holds for all reports of an element: one time or a span, device, rule, and where the readings are."""

    time: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    device_id: str | None = None
    raw_data: str | None = None
    biz_rules: str | None = None


class SensorReport(Written, frozen=True, kw_only=True):
    """One quantity: a value, or the smallest, largest and mean of a span."""

    type: str
    exception: str | None = None
    value: float | None = None
    component: str | None = None
    uri_value: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    mean_value: float | None = None
    uom: str | None = None
    coordinate_reference_system: str | None = None


class SensorElement(Written, frozen=True, kw_only=True):
    sensor_metadata: SensorMetadata
    sensor_report: tuple[SensorReport, ...]


class Event(Written, frozen=True, kw_only=True, tag_field="type"):
    """What every kind of event has.

    Attributes:
        event_time: when it happened, RFC 3339, UTC.
        event_time_zone_offset: of the place, ``+08:00``.
        event_id: given by `coldchain.epcis.writing.identified`.
        error_declaration: only in a later copy of the event, when it turned out to be wrong.
    """

    event_time: str
    event_time_zone_offset: str
    event_id: str | None = None
    error_declaration: ErrorDeclaration | None = None


class Circumstances(Event, frozen=True, kw_only=True, tag_field="type"):
    """Why, where and under which conditions; of every kind of event here."""

    biz_step: str | None = None
    disposition: str | None = None
    read_point: Place | None = None
    biz_location: Place | None = None
    biz_transaction_list: tuple[BizTransaction, ...] = ()
    source_list: tuple[Source, ...] = ()
    destination_list: tuple[Destination, ...] = ()
    sensor_element_list: tuple[SensorElement, ...] = ()


class ObjectEvent(Circumstances, frozen=True, kw_only=True, tag="ObjectEvent"):
    """Things were seen; without things, a place was."""

    action: Action
    epc_list: tuple[str, ...] = ()
    quantity_list: tuple[Quantity, ...] = ()
    persistent_disposition: PersistentDisposition | None = None


class AggregationEvent(Circumstances, frozen=True, kw_only=True, tag="AggregationEvent"):
    """Goods came into something that carries them, or out of it."""

    action: Action
    parent_id: str
    child_epcs: tuple[str, ...] = ()
    child_quantity_list: tuple[Quantity, ...] = ()


class TransactionEvent(Circumstances, frozen=True, kw_only=True, tag="TransactionEvent"):
    """Goods became part of a document."""

    action: Action
    epc_list: tuple[str, ...] = ()
    quantity_list: tuple[Quantity, ...] = ()


class TransformationEvent(Circumstances, frozen=True, kw_only=True, tag="TransformationEvent"):
    """Goods were used up and others came of them."""

    input_quantity_list: tuple[Quantity, ...] = ()
    output_quantity_list: tuple[Quantity, ...] = ()
    transformation_id: str | None = None


class AssociationEvent(Circumstances, frozen=True, kw_only=True, tag="AssociationEvent"):
    """A probe was fixed to something, or taken off."""

    action: Action
    parent_id: str
    child_epcs: tuple[str, ...] = ()


AnyEvent = ObjectEvent | AggregationEvent | TransactionEvent | TransformationEvent | AssociationEvent


class Body(Written, frozen=True, kw_only=True):
    event_list: tuple[AnyEvent, ...]


class EPCISDocument(Written, frozen=True, kw_only=True, omit_defaults=False, tag_field="type", tag="EPCISDocument"):
    """A file of events."""

    context: tuple[str, ...] = (CONTEXT,)
    schema_version: str = SCHEMA_VERSION
    creation_date: str
    epcis_body: Body
