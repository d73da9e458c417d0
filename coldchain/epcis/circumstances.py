"""What the events of all steps share: when, where, with which documents, and what was measured with them."""

from __future__ import annotations

from typing import Any

import msgspec

from coldchain.clock import rfc3339
from coldchain.epcis.facts import Amount, Goods, Measured, Occasion, Position, Sample, Summary
from coldchain.epcis.naming import Names
from coldchain.epcis.structs import BizTransaction, Place, Quantity, SensorElement, SensorMetadata, SensorReport

OFFSET_LIMIT_MIN = 14 * 60
"""No place's clock is farther from UTC (EPCIS 2.0, eventTimeZoneOffset)."""

WGS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def circumstances(names: Names, at: Occasion, *, stays: bool) -> dict[str, Any]:
    """Return the fields of an occasion.

    Args:
        stays: what the event names is expected at the site afterwards: its business location.

    Raises:
        ValueError: an offset of more than 14 h.
    """
    place = None if at.site is None else Place(id=names.site(at.site))
    return {
        "event_time": rfc3339(at.at_ms),
        "event_time_zone_offset": offset(at.offset_min),
        "read_point": place,
        "biz_location": place if stays else None,
        "biz_transaction_list": tuple(
            BizTransaction(type=note.type or None, biz_transaction=names.note(note)) for note in at.notes
        ),
        "sensor_element_list": tuple(
            element for measured in at.measured for element in sensor_elements(names, measured)
        ),
    }


def offset(minutes: int) -> str:
    """Return the distance of a clock from UTC as EPCIS writes it.

    >>> offset(480), offset(-210)
    ('+08:00', '-03:30')
    """
    if abs(minutes) > OFFSET_LIMIT_MIN:
        raise ValueError(f"{minutes} min from UTC: no place is farther than {OFFSET_LIMIT_MIN}")
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def quantities(names: Names, amounts: tuple[Amount, ...]) -> tuple[Quantity, ...]:
    """Return amounts of lots as EPCIS writes them."""
    return tuple(
        Quantity(epc_class=names.lot(amount.lot), quantity=amount.quantity, uom=amount.uom or None)
        for amount in amounts
    )


def units(names: Names, goods: Goods) -> tuple[str, ...]:
    """Return the names of logistic units."""
    return tuple(names.unit(unit) for unit in goods.units)


def sensor_elements(names: Names, measured: Measured) -> tuple[SensorElement, ...]:
    """Return what was measured, and of each limit that was left meanwhile for how long, by which rule."""
    exceptions = measured.exceptions if isinstance(measured, Summary) else ()
    element = sensor_element(names, measured)
    return (element, *(_time_out(element, names.thing("rule", one.rule_version), one.out_s) for one in exceptions))


def _time_out(element: SensorElement, rule: str, out_s: float) -> SensorElement:
    report = SensorReport(type="Time", exception="ALARM_CONDITION", value=round(out_s / 60, 1), uom="MIN")
    metadata = msgspec.structs.replace(element.sensor_metadata, biz_rules=rule)
    return SensorElement(sensor_metadata=metadata, sensor_report=(report,))


def sensor_element(names: Names, measured: Measured) -> SensorElement:
    """Return a summary, a sample or a position as EPCIS writes it; device and time stand in the metadata only."""
    match measured:
        case Summary():
            metadata = SensorMetadata(
                start_time=rfc3339(measured.from_ms),
                end_time=rfc3339(measured.to_ms),
                device_id=names.equipment(measured.probe),
                raw_data=measured.raw_url or None,
            )
            report = SensorReport(
                type="Temperature",
                min_value=measured.min_celsius,
                max_value=measured.max_celsius,
                mean_value=measured.mean_celsius,
                uom="CEL",
            )
            return SensorElement(sensor_metadata=metadata, sensor_report=(report,))
        case Sample():
            metadata = SensorMetadata(time=rfc3339(measured.at_ms), device_id=names.equipment(measured.probe))
            report = SensorReport(type="Temperature", value=measured.celsius, uom="CEL")
            return SensorElement(sensor_metadata=metadata, sensor_report=(report,))
        case Position():
            return SensorElement(
                sensor_metadata=SensorMetadata(time=rfc3339(measured.at_ms)),
                sensor_report=(_angle("latitude", measured.latitude), _angle("longitude", measured.longitude)),
            )


def _angle(component: str, degrees: float) -> SensorReport:
    return SensorReport(type="Angle", value=degrees, component=component, uom="DD", coordinate_reference_system=WGS84)
