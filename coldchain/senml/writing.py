"""From rows to one compact SenML JSON pack: the form that gateways seal."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from coldchain.senml.names import EARLIEST_WRITTEN_MS, UNTIMED


class Row(msgspec.Struct, frozen=True, gc=False):
    """One reading to be written: exactly one of value, flag and word.

    Attributes:
        name: the resolved channel name.
        measured_at_ms: ms since 1970 UTC (steady ms since boot under an untimed name).
        value: a number, a bool, or a fault word.
        unit: SenML unit of a number.
        quality: bits that a gateway may set (ESTIMATED, SENSOR_CLOCK).
        sensor_ms: the sensor's own time where it was not believed; kept as label ``st``.
    """

    name: str
    measured_at_ms: int
    value: float | bool | str
    unit: str = ""
    quality: int = 0
    sensor_ms: int | None = None


def encode(rows: Iterable[Row]) -> bytes:
    """Write rows as one SenML JSON pack, grouped by channel: the form a gateway seals.

    Each channel's name stands once as ``bn`` and times are relative to ``bt``, which is what brings a pack of 500
    to about 12 bytes a reading after zlib.

    Raises:
        ValueError: no rows, a value that is not finite, or a time before `EARLIEST_WRITTEN_MS` outside an untimed
            name.

    >>> encode([Row("urn:x:t", 1_700_000_000_500, 4.5, "Cel")])
    b'[{"bn":"urn:x:t","bt":1700000000,"bu":"Cel","t":0.5,"v":4.5}]'
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.name, []).append(row)
    if not groups:
        raise ValueError("a SenML pack has at least one record")
    base_s: int | None = None
    base_unit = ""
    out: list[str] = []
    for name, members in groups.items():
        head = f'"bn":{_text(name)},'
        first_s = members[0].measured_at_ms // 1000
        if base_s is None or UNTIMED in name or not -86_400_000 < first_s - base_s < 86_400_000:
            base_s = 0 if UNTIMED in name else first_s
            head += f'"bt":{base_s},'
        for row in members:
            value = row.value
            if row.measured_at_ms < EARLIEST_WRITTEN_MS and UNTIMED not in name:
                raise ValueError(f"{name}: {row.measured_at_ms} ms would be read as relative to now")
            if not isinstance(value, bool | str) and row.unit != base_unit:
                base_unit = row.unit
                head += f'"bu":{_text(base_unit)},'
            tail = f',"q":{row.quality}' if row.quality else ""
            if row.sensor_ms is not None:
                tail += f',"st":{_seconds(row.sensor_ms)}'
            out.append(f'{{{head}"t":{_seconds(row.measured_at_ms - base_s * 1000)},{_value(value)}{tail}}}')
            head = ""
    return f"[{','.join(out)}]".encode()


def _seconds(ms: int) -> str:
    whole, rest = divmod(abs(ms), 1000)
    sign = "-" if ms < 0 else ""
    return f"{sign}{whole}.{rest:03d}".rstrip("0") if rest else f"{sign}{whole}"


def _value(value: float | bool | str) -> str:
    if isinstance(value, bool):
        return f'"vb":{"true" if value else "false"}'
    if isinstance(value, str):
        return f'"vs":{_text(value)}'
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in SenML")
    text = repr(float(value))
    return f'"v":{text.removesuffix(".0")}'


def _text(text: str) -> str:
    return msgspec.json.encode(text).decode()
