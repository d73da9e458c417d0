"""SenML (RFC 8428), JSON and CBOR by first byte: complete when receiving, one compact form when writing.

::

    bytes ──▶ decode(payload, now_ms) ──▶ Pack(readings, rejected)
    rows  ──▶ encode(rows)            ──▶ JSON bytes, grouped by channel (what a gateway seals)

A record that cannot be a reading is left out of the readings and named in ``rejected`` with its place; only a
pack that cannot be read at all raises. Sums (``s``) and data values (``vd``) are understood and, because no
store here keeps them, rejected by name: never silently dropped.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import cbor2
import msgspec
import numpy as np
from numpy.typing import NDArray

from coldchain.errors import RejectedReading
from coldchain.readings import WIRE_QUALITY, Quality, Readings

RELATIVE_BELOW_S = float(1 << 28)
"""A time below 2**28 s, however far below zero, is relative to now (RFC 8428 §4.5.3)."""

EARLIEST_WRITTEN_MS = (1 << 28) * 1000
"""1978-07-04: an absolute time before it cannot be written, for it would be read as relative."""

VERSION = 10
"""The SenML version written here and the highest understood (RFC 8428 §4.4)."""

MAX_TIME_MS = 1 << 53
"""Times beyond this cannot be exact in a float and are no times (year 287396)."""

UNTIMED = ":untimed:"
"""Names with this part carry steady seconds of a boot that never learnt the time (protocol: clocks)."""

MAX_NAME = 255
"""Longest channel name, characters."""

_UNSET: Any = object()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*\Z")
_MUST_UNDERSTAND = re.compile(rb'(_|\\u005[fF])"\s*:')

# RFC 8428 table 4, plus the label `q` of docs/contracts.md which CBOR carries as text.
_CBOR_LABELS = {
    -1: "bver",
    -2: "bn",
    -3: "bt",
    -4: "bu",
    -5: "bv",
    -6: "bs",
    0: "n",
    1: "u",
    2: "v",
    3: "vs",
    4: "vb",
    5: "s",
    6: "t",
    7: "ut",
    8: "vd",
}


class _Record(msgspec.Struct, gc=False):
    n: str | None = None
    t: float | None = None
    v: float | None = None
    u: str | None = None
    q: int | None = None
    vb: bool | None = None
    vs: str | None = None
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: int | None = None
    s: float | None = None
    bs: float | None = None
    ut: float | None = None
    vd: str | None = None


class _Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A record as our gateways write nearly all of them; anything else in a pack makes it an ordinary one."""

    v: float
    t: float = 0.0
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None


_decode_plain = msgspec.json.Decoder(list[_Plain]).decode
_decode_json = msgspec.json.Decoder(list[_Record]).decode


@dataclass(frozen=True, slots=True)
class Pack:
    """What a SenML pack said.

    Attributes:
        readings: the usable records, in their order.
        rejected: (record index, reason, detail) of each record that is none.
        records: how many records the pack had; readings + rejected.
        relative: shape (n,), bool, one a reading: its time counts from now, or the record had none.
    """

    readings: Readings
    rejected: tuple[tuple[int, str, str], ...]
    records: int
    relative: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Row:
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


@lru_cache(maxsize=1 << 16)
def valid_name(name: str) -> bool:
    """Say whether a resolved name is one (RFC 8428 §4.5.1), and not longer than `MAX_NAME`.

    >>> valid_name("urn:dev:mac:0024befffe804ff1:t"), valid_name("door 1")
    (True, False)
    """
    return len(name) <= MAX_NAME and _NAME.match(name) is not None


def decode(payload: bytes, now_ms: int) -> Pack:
    """Read a SenML pack.

    Args:
        payload: JSON (first byte ``[`` after white space) or CBOR (an array).
        now_ms: what relative times count from, ms UTC.

    Returns:
        The readings in pack order and the records that are none, with their reasons.

    Raises:
        RejectedReading: ``bad-senml`` (not SenML at all, or a type is wrong), ``senml-version`` (a higher
            ``bver``), ``senml-label`` (an unknown label ending in ``_``, which must be understood).

    >>> decode(b'[{"bn":"urn:x:","bt":1.7e9,"n":"t","u":"Cel","v":4.5}]', 0).readings.names
    ('urn:x:t',)
    """
    plain = _plain(payload, now_ms)
    if plain is not None:
        return plain
    records = _records(payload)
    if not records:
        raise RejectedReading("bad-senml", "the pack has no records")
    return _resolve(records, now_ms)


def _plain(payload: bytes, now_ms: int) -> Pack | None:
    """Read a pack of plain records by columns (120 µs for 500, where `_resolve` takes 320); None: it is not one."""
    try:
        records = _decode_plain(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    starts = [place for place, record in enumerate(records) if record.bn is not None]
    if not starts or starts[0]:
        return None
    places: dict[str, int] = {}
    units: list[str] = []
    channel: list[int] = []
    bases: list[float] = []
    unit, base_s, bases_seen, units_seen = "", 0.0, 0, 0
    for start in starts:
        head = records[start]
        name = head.bn or ""
        if head.bt is not None:
            base_s, bases_seen = head.bt, bases_seen + 1
        if head.bu is not None:
            unit, units_seen = head.bu, units_seen + 1
        here = places.get(name)
        if here is None:
            if not valid_name(name):
                return None
            here = places[name] = len(places)
            units.append(unit)
        elif unit != units[here]:
            return None
        channel.append(here)
        bases.append(base_s)
    if payload.count(b'"bt"') != bases_seen or payload.count(b'"bu"') != units_seen:
        return None  # a base that changes inside a channel
    value = np.array([record.v for record in records], np.float64) + 0.0
    if not np.isfinite(value).all():
        return None
    names = _one_of_equal(tuple(places))
    begins = np.array(starts)
    lengths = np.append(begins[1:], len(records)) - begins
    with np.errstate(over="ignore"):
        at_s = np.array(bases).repeat(lengths) + np.array([record.t for record in records], np.float64)
    columns = np.array(channel, np.int32).repeat(lengths)
    at_ms, relative, bad = _times(at_s, columns, names, now_ms)
    if bad.any():
        return None
    quality = np.zeros(len(records), np.uint8)
    index = np.arange(len(records), dtype=np.int32)
    return Pack(Readings(names, columns, at_ms, value, quality, index, tuple(units)), (), len(records), relative)


@lru_cache(maxsize=1 << 12)
def _one_of_equal(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same tuple for the same names, pack after pack: they are kept, compared and looked up."""
    return names


def _records(payload: bytes) -> list[_Record]:
    first = payload.lstrip(b" \t\r\n")[:1]
    if first == b"[":
        if _MUST_UNDERSTAND.search(payload):
            _refuse_unknown_labels(payload)
        try:
            return _decode_json(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise RejectedReading("bad-senml", f"JSON: {fault}") from fault
    if first and first[0] >> 5 == 4:
        return _cbor_records(payload)
    raise RejectedReading("bad-senml", f"neither a JSON nor a CBOR array (first byte {first.hex() or 'none'})")


def _refuse_unknown_labels(payload: bytes) -> None:
    try:
        items = msgspec.json.decode(payload, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise RejectedReading("bad-senml", f"JSON: {fault}") from fault
    for place, item in enumerate(items):
        for label in item:
            if label.endswith("_"):
                raise RejectedReading("senml-label", f"record {place}: label {label!r} must be understood and is not")


def _cbor_records(payload: bytes) -> list[_Record]:
    stream = io.BytesIO(payload)
    try:
        items = cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError, TypeError, EOFError) as fault:
        raise RejectedReading("bad-senml", f"CBOR: {fault}") from fault
    if stream.tell() != len(payload):
        raise RejectedReading("bad-senml", f"CBOR: {len(payload) - stream.tell()} bytes after the pack")
    records = []
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            raise RejectedReading("bad-senml", f"record {place}: a map was expected")
        labelled = {}
        for key, value in item.items():
            label = _CBOR_LABELS.get(key) if type(key) is int else key
            if not isinstance(label, str):
                continue  # a label from the future: ignored (RFC 8428 §4.4)
            if label.endswith("_"):
                raise RejectedReading("senml-label", f"record {place}: label {label!r} must be understood and is not")
            if isinstance(value, Decimal):
                value = float(value)
            elif isinstance(value, bytes) and label == "vd":
                value = "cbor"
            labelled[label] = value
        try:
            records.append(msgspec.convert(labelled, _Record))
        except (msgspec.ValidationError, TypeError) as fault:
            raise RejectedReading("bad-senml", f"record {place}: {fault}") from fault
    return records


def _resolve(records: list[_Record], now_ms: int) -> Pack:
    places: dict[str, int] = {}
    units: list[str] = []
    unit_known: list[bool] = []
    other_units: dict[int, str] = {}
    channel: list[int] = []
    seconds: list[float] = []
    values: list[float] = []
    quality: list[int] = []
    index: list[int] = []
    words: dict[int, str] = {}
    rejected: list[tuple[int, str, str]] = []
    base_name, base_unit, base_time, base_value = "", "", 0.0, 0.0
    here, last_n = -1, _UNSET
    for place, record in enumerate(records):
        if record.bn is not None:
            base_name, last_n = record.bn, _UNSET
        if record.bt is not None:
            base_time = record.bt
        if record.bu is not None:
            base_unit = record.bu
        if record.bv is not None:
            base_value = record.bv
        if record.bver is not None and record.bver > VERSION:
            raise RejectedReading("senml-version", f"record {place}: bver {record.bver}, understood up to {VERSION}")
        n = record.n
        if n != last_n:
            name = base_name + n if n else base_name
            found = places.get(name)
            if found is None:
                if not valid_name(name):
                    rejected.append((place, "bad-name", f"{name[:64]!r} is not a SenML name"))
                    last_n = _UNSET
                    continue
                found = places[name] = len(places)
                units.append("")
                unit_known.append(False)
            here, last_n = found, n
        v = record.v
        bits = 0 if record.q is None else record.q & WIRE_QUALITY
        if v is not None:
            if record.vb is not None or record.vs is not None or record.vd is not None:
                rejected.append((place, "two-values", "more than one of v, vb, vs, vd"))
                continue
            v += base_value
            if not math.isfinite(v):
                rejected.append((place, "not-finite", f"{v} is not a number to keep"))
                continue
            unit = base_unit if record.u is None else record.u
            if not unit_known[here]:
                units[here], unit_known[here] = unit, True
            elif unit != units[here]:
                other_units[len(values)] = unit
        elif record.vb is not None:
            if record.vs is not None or record.vd is not None:
                rejected.append((place, "two-values", "more than one of v, vb, vs, vd"))
                continue
            v = 1.0 if record.vb else 0.0
            bits |= int(Quality.BOOLEAN)
        elif record.vs is not None:
            if record.vd is not None:
                rejected.append((place, "two-values", "more than one of v, vb, vs, vd"))
                continue
            v = math.nan
            bits |= int(Quality.FAULT)
            words[len(values)] = record.vs
        else:
            if record.vd is not None:
                rejected.append((place, "data-value", "vd is not kept"))
            elif record.s is not None:
                rejected.append((place, "sum-only", "s without a value is not kept"))
            else:
                rejected.append((place, "no-value", "none of v, vb, vs, vd"))
            continue
        channel.append(here)
        seconds.append(base_time + record.t if record.t is not None else base_time)
        values.append(v)
        quality.append(bits)
        index.append(place)
    at_ms, relative, bad = _times(seconds, channel, tuple(places), now_ms)
    columns = Readings(
        names=tuple(places),
        channel=np.array(channel, np.int32),
        measured_at_ms=at_ms,
        value=np.array(values, np.float64),
        quality=np.array(quality, np.uint8),
        index=np.array(index, np.int32),
        units=tuple(units),
        words=words,
        other_units=other_units,
    )
    if bad.any():
        rejected += [(index[row], "bad-time", f"{seconds[row]} s is not a time") for row in np.flatnonzero(bad)]
        columns, relative = _without(columns, bad), relative[~bad]
    return Pack(columns, tuple(sorted(rejected)), len(records), relative)


def _times(
    seconds: Sequence[float] | NDArray[np.float64],
    channel: Sequence[int] | NDArray[np.int32],
    names: tuple[str, ...],
    now_ms: int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (measured_at_ms, which are relative to now, which are no times)."""
    at_s = np.array(seconds, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        ms = np.rint(at_s * 1000.0)  # half to even (protocol: time)
    relative = at_s < RELATIVE_BELOW_S
    if relative.any():
        steady = [UNTIMED in name for name in names]
        if any(steady):
            relative &= ~np.array(steady, bool)[np.array(channel, np.int32)]
        ms = np.where(relative, ms + now_ms, ms)
    bad = ~(np.abs(ms) < MAX_TIME_MS)
    return np.where(bad, 0, ms).astype(np.int64), relative, bad


def _without(block: Readings, bad: NDArray[np.bool_]) -> Readings:
    keep = np.flatnonzero(~bad)
    moved = {int(old): new for new, old in enumerate(keep)}
    return Readings(
        block.names,
        block.channel[keep],
        block.measured_at_ms[keep],
        block.value[keep],
        block.quality[keep],
        block.index[keep],
        block.units,
        {moved[row]: word for row, word in block.words.items() if row in moved},
        {moved[row]: unit for row, unit in block.other_units.items() if row in moved},
    )


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
