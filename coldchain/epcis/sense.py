"""Whether an event makes sense as a whole: what two of its fields together may not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coldchain.epcis.shapes import INLINE, NUMBERS
from coldchain.epcis.values import is_number, moment
from coldchain.epcis.vocabulary import UNITS

MEAN_SLACK = 1e-6
"""A mean of equal floating-point numbers may lie this far outside of them."""

Nonsense = tuple[str, str, Mapping[str, object]]
"""Place below the event, code, facts."""


def sense(kind: str, event: Mapping[str, Any]) -> Iterator[Nonsense]:
    """Yield what does not fit together in an event; wrong types are passed over, they are told elsewhere."""
    yield from _content(kind, event)
    states = event.get("persistentDisposition")
    if isinstance(states, dict) and not ("set" in states or "unset" in states):
        yield "/persistentDisposition", "no-state", {}
    declaration = event.get("errorDeclaration")
    if (
        isinstance(declaration, dict)
        and declaration.get("reason") == "did_not_occur"
        and declaration.get("correctiveEventIDs")
    ):
        yield "/errorDeclaration", "nothing-to-correct", {}
    for number, element in enumerate(_list(event, "sensorElementList")):
        if isinstance(element, dict):
            yield from _element(element, f"/sensorElementList/{number}")


def _content(kind: str, event: Mapping[str, Any]) -> Iterator[Nonsense]:
    action = event.get("action")
    if kind == "ObjectEvent":
        observed_place = bool(event.get("sensorElementList")) and "readPoint" in event
        if not (event.get("epcList") or event.get("quantityList") or observed_place):
            yield "", "nothing-seen", {}
        if "ilmd" in event and action != "ADD":
            yield "/ilmd", "born-twice", {}
    if kind == "TransactionEvent" and action != "DELETE" and not (event.get("epcList") or event.get("quantityList")):
        yield "", "nothing-seen", {}
    if kind in ("AggregationEvent", "AssociationEvent"):
        if action != "DELETE" and not (event.get("childEPCs") or event.get("childQuantityList")):
            yield "", "no-children", {}
        if kind == "AggregationEvent" and action in ("ADD", "DELETE") and "parentID" not in event:
            yield "", "no-parent", {"action": action}
    if kind == "TransformationEvent":
        sides = [bool(event.get(f"{side}EPCList") or event.get(f"{side}QuantityList")) for side in ("input", "output")]
        if not (all(sides) or (any(sides) and "transformationID" in event)):
            yield "", "one-sided", {}


def _element(element: Mapping[str, Any], place: str) -> Iterator[Nonsense]:
    metadata = element.get("sensorMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    yield from _span(metadata, f"{place}/sensorMetadata")
    for number, report in enumerate(_list(element, "sensorReport")):
        if not isinstance(report, dict):
            continue
        at = f"{place}/sensorReport/{number}"
        both = [name for name in INLINE if name in metadata and name in report]
        if both:
            yield at, "inline-twice", {"names": ", ".join(both)}
        yield from _numbers(report, at)


def _span(metadata: Mapping[str, Any], place: str) -> Iterator[Nonsense]:
    if ("startTime" in metadata) != ("endTime" in metadata):
        yield place, "half-span", {}
    if "time" in metadata and ("startTime" in metadata or "endTime" in metadata):
        yield place, "time-and-span", {}
    start, end = moment(metadata.get("startTime")), moment(metadata.get("endTime"))
    if start is not None and end is not None and start > end:
        yield place, "backwards", {"start": metadata["startTime"], "end": metadata["endTime"]}


def _numbers(report: Mapping[str, Any], place: str) -> Iterator[Nonsense]:
    least, most, mean = (report.get(name) for name in ("minValue", "maxValue", "meanValue"))
    if is_number(least) and is_number(most) and least > most:
        yield place, "upside-down", {"least": least, "most": most}
    elif is_number(mean) and (
        (is_number(least) and mean < least - MEAN_SLACK) or (is_number(most) and mean > most + MEAN_SLACK)
    ):
        yield place, "mean-outside", {"mean": mean}
    units = UNITS.get(report["type"]) if isinstance(report.get("type"), str) else None
    if units is None:
        return
    found = report.get("uom")
    if found is None and any(name in report for name in NUMBERS):
        yield place, "no-unit", {}
    elif isinstance(found, str) and found not in units:
        wanted = " / ".join(sorted(units))
        yield place, "unit", {"measurement": report["type"], "wanted": wanted, "found": found}


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found.get(name)
    return list(value) if isinstance(value, list | tuple) else []
