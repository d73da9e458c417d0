"""Plain SenML, the format of sensors that speak ours: JSON or CBOR, checked record by record."""

from __future__ import annotations

from coldchain.readings import Quality
from coldchain.senml import decode as decode_senml
from gateway.formats.port import MAX_UNIT, MAX_WORD, Decoded, Heard


def decode(payload: bytes, sensor: str) -> Decoded:
    """Return the records of a pack; relative times stay so, for the clock may not be trusted yet.

    Raises:
        RejectedReading: as `coldchain.senml.decode`.
    """
    pack = decode_senml(payload, 0)
    block = pack.readings
    heard = []
    for row in range(len(block)):
        place = int(block.channel[row])
        value: float | bool | str = float(block.value[row])
        if row in block.words:
            value = block.words[row][:MAX_WORD]
        elif block.quality[row] & Quality.BOOLEAN:
            value = bool(value)
        unit = block.unit_of(row)[:MAX_UNIT]
        at_ms, relative = int(block.measured_at_ms[row]), bool(pack.relative[row])
        heard.append(Heard(block.names[place], at_ms, value, unit, False, relative))
    return Decoded(tuple(heard), tuple((reason, detail) for _, reason, detail in pack.rejected))
