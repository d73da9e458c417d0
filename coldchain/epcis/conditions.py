"""How warm it was: telemetry on the way and in a place, excursions, probes that fail.

There is no event a reading: a span of 15 to 60 minutes is a summary that says where its readings are. A hole in the
readings has no summary. ``sensor_reporting`` is only for what happens while no other step goes on (Core Business
Vocabulary): on the way it is ``transporting``.
"""

from __future__ import annotations

from itertools import pairwise

from coldchain.clock import rfc3339
from coldchain.epcis.circumstances import circumstances, quantities, units
from coldchain.epcis.facts import NO_GOODS, Equipment, Excursion, Goods, Occasion, Summary
from coldchain.epcis.naming import Names
from coldchain.epcis.structs import ObjectEvent, SensorElement, SensorMetadata, SensorReport
from coldchain.epcis.writing import identified

SPAN_MS = 30 * 60_000
SHORTEST_SPAN_MS = 15 * 60_000
LONGEST_SPAN_MS = 60 * 60_000
"""What one summary covers. Shorter is only what is left at the ends of a trip; longer would hide an excursion."""


def spans(from_ms: int, to_ms: int, span_ms: int = SPAN_MS) -> tuple[tuple[int, int], ...]:
    """Return a time cut at whole multiples of a span, so that every export cuts at the same places.

    Raises:
        ValueError: a span that is not 15 to 60 minutes.

    >>> [(start // 60_000, end // 60_000) for start, end in spans(20 * 60_000, 70 * 60_000)]
    [(20, 30), (30, 60), (60, 70)]
    """
    if not SHORTEST_SPAN_MS <= span_ms <= LONGEST_SPAN_MS:
        raise ValueError(f"a summary of {span_ms} ms: give {SHORTEST_SPAN_MS} to {LONGEST_SPAN_MS}")
    cuts = [from_ms, *range(from_ms // span_ms * span_ms + span_ms, to_ms, span_ms), to_ms]
    return tuple(pairwise(cuts)) if from_ms < to_ms else ()


def transporting(names: Names, at: Occasion, vehicle: Equipment, goods: Goods) -> ObjectEvent:
    """Return how warm goods were on the way.

    Args:
        at: with the summaries of each probe, and a position where there is one; its time is the end of the span.

    Raises:
        ValueError: nothing measured, or a summary of more than an hour.
    """
    _summarised(at)
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=False),
            action="OBSERVE",
            biz_step="transporting",
            disposition="in_transit",
            epc_list=(names.equipment(vehicle), *units(names, goods)),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def reporting(names: Names, at: Occasion, goods: Goods = NO_GOODS) -> ObjectEvent:
    """Return how warm it was at a place; with goods, how warm they were there.

    Raises:
        ValueError: nothing measured, no place, or a summary of more than an hour.
    """
    _summarised(at)
    if at.site is None:
        raise ValueError("telemetry of nowhere: give the occasion a site, or use transporting")
    return identified(
        ObjectEvent(
            **circumstances(names, at, stays=False),
            action="OBSERVE",
            biz_step="sensor_reporting",
            epc_list=units(names, goods),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def excursion(names: Names, at: Occasion, found: Excursion, carrier: Equipment, goods: Goods) -> ObjectEvent:
    """Return that a limit was left, with the version of the rule that says so.

    Args:
        at: its time is the onset while the excursion lasts, else its end; without a site it was on the way.
        carrier: the vehicle, cooler or tank.
    """
    over = found.to_ms is not None
    metadata = SensorMetadata(
        time=None if over else rfc3339(found.from_ms),
        start_time=rfc3339(found.from_ms) if over else None,
        end_time=None if found.to_ms is None else rfc3339(found.to_ms),
        device_id=names.equipment(found.probe),
        raw_data=found.raw_url or None,
        biz_rules=names.thing("rule", found.rule_version),
    )
    report = SensorReport(
        type="Temperature",
        exception="ALARM_CONDITION",
        value=None if over else found.peak_celsius,
        min_value=found.peak_celsius if over and not found.above else None,
        max_value=found.peak_celsius if over and found.above else None,
        uom="CEL",
    )
    return _exception(names, at, carrier, goods, SensorElement(sensor_metadata=metadata, sensor_report=(report,)))


def sensor_fault(names: Names, at: Occasion, probe: Equipment, word: str, carrier: Equipment) -> ObjectEvent:
    """Return that a probe measured no temperature.

    Args:
        word: what it said, or what was found of it; part of an own URI.
    """
    element = SensorElement(
        sensor_metadata=SensorMetadata(time=rfc3339(at.at_ms), device_id=names.equipment(probe)),
        sensor_report=(
            SensorReport(type="Temperature", exception="ERROR_CONDITION", uri_value=names.thing("fault", word)),
        ),
    )
    return _exception(names, at, carrier, NO_GOODS, element)


def _exception(names: Names, at: Occasion, carrier: Equipment, goods: Goods, element: SensorElement) -> ObjectEvent:
    fields = circumstances(names, at, stays=False)
    fields["sensor_element_list"] = (element, *fields["sensor_element_list"])
    return identified(
        ObjectEvent(
            **fields,
            action="OBSERVE",
            biz_step="transporting" if at.site is None else "sensor_reporting",
            disposition="in_transit" if at.site is None else None,
            epc_list=(names.equipment(carrier), *units(names, goods)),
            quantity_list=quantities(names, goods.amounts),
        )
    )


def _summarised(at: Occasion) -> None:
    if not at.measured:
        raise ValueError("telemetry without anything measured: a hole has no event")
    for measured in at.measured:
        if isinstance(measured, Summary) and measured.to_ms - measured.from_ms > LONGEST_SPAN_MS:
            raise ValueError(f"{measured.probe.id}: a summary of more than an hour: cut it with `spans`")
