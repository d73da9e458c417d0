"""From bytes to records: JSON or CBOR by first byte, every label of RFC 8428, nothing resolved yet."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import cbor2
import msgspec

from coldchain.errors import RejectedReading

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


class Record(msgspec.Struct, gc=False):
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


_decode_json = msgspec.json.Decoder(list[Record]).decode


def records_of(payload: bytes) -> list[Record]:
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


def _cbor_records(payload: bytes) -> list[Record]:
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
            records.append(msgspec.convert(labelled, Record))
        except (msgspec.ValidationError, TypeError) as fault:
            raise RejectedReading("bad-senml", f"record {place}: {fault}") from fault
    return records
