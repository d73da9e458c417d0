"""What a document looks like, as tables: which object has which fields, and what a field may hold.

Source: GS1's JSON schema of EPCIS 2.0, which is stricter with sensors here where the standard is: units, spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """What a field may hold.

    Attributes:
        kind: of `coldchain.epcis.values.KINDS`, a vocabulary, or the name of a shape.
        least: a list of at least so many; None: no list.
        distinct: none of them twice.
        required: it has to be there.
    """

    kind: str
    least: int | None = None
    distinct: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Fields of an object.

    Attributes:
        extensible: further fields may stand there when their names are URIs.
    """

    fields: Mapping[str, Field]
    extensible: bool = True


def _needed(kind: str) -> Field:
    return Field(kind, required=True)


_EVENT = {
    "@context": Field("context"),
    "type": _needed("text"),
    "eventTime": _needed("time"),
    "recordTime": Field("time"),
    "eventTimeZoneOffset": _needed("offset"),
    "eventID": Field("uri"),
    "certificationInfo": Field("certification"),
    "errorDeclaration": Field("errorDeclaration"),
}

_CIRCUMSTANCES = {
    "bizStep": Field("bizStep"),
    "disposition": Field("disposition"),
    "readPoint": Field("place"),
    "bizLocation": Field("place"),
    "bizTransactionList": Field("bizTransaction", least=0),
    "sourceList": Field("source", least=0),
    "destinationList": Field("destination", least=0),
    "sensorElementList": Field("sensorElement", least=0),
}

_ACTION = {"action": _needed("action")}
_STATES = {"persistentDisposition": Field("persistentDisposition")}
_BIRTH = {"ilmd": Field("ilmd")}
_EPCS = Field("uri", least=0, distinct=True)
_QUANTITIES = Field("quantity", least=0)
_CHILDREN = {"childEPCs": Field("uri", least=0), "childQuantityList": _QUANTITIES}

_INLINE = {
    "time": Field("time"),
    "deviceID": Field("uri"),
    "deviceMetadata": Field("uri"),
    "rawData": Field("uri"),
    "dataProcessingMethod": Field("uri"),
    "bizRules": Field("uri"),
}
INLINE = tuple(_INLINE)
"""What either the metadata of a sensor element or its reports say, never both."""

NUMBERS = ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue")

EVENT_SHAPES: Mapping[str, Shape] = {
    "ObjectEvent": Shape(
        {**_EVENT, **_ACTION, "epcList": _EPCS, "quantityList": _QUANTITIES, **_CIRCUMSTANCES, **_STATES, **_BIRTH}
    ),
    "AggregationEvent": Shape({**_EVENT, **_ACTION, "parentID": Field("uri"), **_CHILDREN, **_CIRCUMSTANCES}),
    "TransactionEvent": Shape(
        {
            **_EVENT,
            **_ACTION,
            "parentID": Field("uri"),
            "epcList": Field("uri", least=0),
            "quantityList": _QUANTITIES,
            **_CIRCUMSTANCES,
            "bizTransactionList": Field("bizTransaction", least=1, required=True),
        }
    ),
    "TransformationEvent": Shape(
        {
            **_EVENT,
            "inputEPCList": _EPCS,
            "inputQuantityList": _QUANTITIES,
            "outputEPCList": _EPCS,
            "outputQuantityList": _QUANTITIES,
            "transformationID": Field("uri"),
            **_CIRCUMSTANCES,
            **_STATES,
            **_BIRTH,
        }
    ),
    "AssociationEvent": Shape({**_EVENT, **_ACTION, "parentID": _needed("uri"), **_CHILDREN, **_CIRCUMSTANCES}),
}

SHAPES: Mapping[str, Shape] = {
    "document": Shape(
        {
            "@context": _needed("context"),
            "id": Field("uri"),
            "type": _needed("text"),
            "schemaVersion": _needed("version"),
            "creationDate": _needed("time"),
            "instanceIdentifier": Field("text"),
            "sender": Field("text"),
            "receiver": Field("text"),
            "epcisHeader": Field("header"),
            "epcisBody": _needed("body"),
        }
    ),
    "body": Shape({"eventList": Field("event", least=0, required=True)}),
    "header": Shape({"epcisMasterData": Field("any")}),
    "ilmd": Shape({}),
    "errorDeclaration": Shape(
        {
            "declarationTime": _needed("time"),
            "reason": Field("errorReason"),
            "correctiveEventIDs": Field("uri", least=0),
        }
    ),
    "place": Shape({"id": _needed("uri")}),
    "quantity": Shape({"epcClass": _needed("uri"), "quantity": Field("number"), "uom": Field("uom")}, extensible=False),
    "bizTransaction": Shape({"type": Field("bizTransactionType"), "bizTransaction": _needed("uri")}, extensible=False),
    "source": Shape({"type": _needed("sourceType"), "source": _needed("uri")}, extensible=False),
    "destination": Shape({"type": _needed("sourceType"), "destination": _needed("uri")}, extensible=False),
    "persistentDisposition": Shape(
        {
            "set": Field("disposition", least=1, distinct=True),
            "unset": Field("disposition", least=1, distinct=True),
        },
        extensible=False,
    ),
    "sensorElement": Shape(
        {"sensorMetadata": Field("sensorMetadata"), "sensorReport": Field("sensorReport", least=1, required=True)}
    ),
    "sensorMetadata": Shape({**_INLINE, "startTime": Field("time"), "endTime": Field("time")}),
    "sensorReport": Shape(
        {
            "type": _needed("measurement"),
            "exception": Field("exception"),
            **_INLINE,
            "microorganism": Field("uri"),
            "chemicalSubstance": Field("uri"),
            "coordinateReferenceSystem": Field("uri"),
            "component": Field("component"),
            "stringValue": Field("text"),
            "booleanValue": Field("flag"),
            "hexBinaryValue": Field("hex"),
            "uriValue": Field("uri"),
            **dict.fromkeys(NUMBERS, Field("number")),
            "uom": Field("uom"),
        }
    ),
}
