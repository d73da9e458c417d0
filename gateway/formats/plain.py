"""Plain SenML, the format of sensors that speak ours: JSON or CBOR, checked record by record."""

from __future__ import annotations

from coldchain.readings import Quality
from coldchain.senml import decode_singles
from gateway.formats.port import MAX_UNIT, MAX_WORD, Decoded, Heard

BOOLEAN = int(Quality.BOOLEAN)


def decode(payload: bytes, sensor: str) -> Decoded:
    """Return the records of a pack; relative times stay so, for the clock may not be trusted yet.

    Raises:
        RejectedReading: as `coldchain.senml.decode`.
    """
    singles, rejected = decode_singles(payload)
    heard = []
    for one in singles:
        value: float | bool | str = one.value
        if one.word is not None:
            value = one.word[:MAX_WORD]
        elif one.quality & BOOLEAN:
            value = bool(value)
        heard.append(Heard(one.name, one.at_ms, value, one.unit[:MAX_UNIT], False, one.relative))
    return Decoded(tuple(heard), tuple((reason, detail) for _, reason, detail in rejected))
