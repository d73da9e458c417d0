"""Bluetooth advertisements: Ruuvi RAWv2 through a Ruuvi Gateway, and Teltonika EYE beacons.

Verified: RAWv2 with the four vectors of Ruuvi's data format 5 and a gateway's message of openHAB's tests; EYE with the
advertisement of Teltonika's document, 22.28 °C. Not verified: EYE below zero. Its temperature is read as signed here,
as Ruuvi's is; a public parser reads it as unsigned, which would make -5 °C into 650 °C.

A Ruuvi Gateway gives ``ts`` as text, and ``cnt`` in its place while it has no time from the network: its times count as
history, so that what waited at the broker keeps its time. RAWv2 sends one sample several times and through several
gateways: its sequence number is the counter.
"""

from __future__ import annotations

from collections.abc import Iterator

from coldchain.errors import RejectedReading
from gateway.formats.names import device_name
from gateway.formats.port import Decoded, Notes, json_of, table_of
from gateway.formats.sentinels import HUNDREDTHS
from gateway.formats.times import ms_of

RUUVI, TELTONIKA = 0x0499, 0x089A
"""Bluetooth company identifiers."""

MANUFACTURER_DATA = 0xFF
RAWV2_BYTES = 24
NO_SEQUENCE = 0xFFFF
_EYE_PARTS = ((0, 2), (1, 1), (4, 2), (5, 3), (7, 1))
"""Flag bit and the bytes that follow when it is set: temperature, humidity, movement, angles, voltage."""


def ruuvi_gateway(payload: bytes, sensor: str) -> Decoded:
    """Return what a Ruuvi Gateway relayed: one advertisement as JSON."""
    relayed = table_of(json_of(payload))
    text = relayed.get("data")
    if not isinstance(text, str):
        raise RejectedReading("bad-shape", "no text under data, where a Ruuvi Gateway puts the advertisement")
    try:
        advertisement = bytes.fromhex(text)
    except ValueError as fault:
        raise RejectedReading("bad-frame", f"data is not hexadecimal: {fault}") from fault
    notes = Notes().at(ms_of(relayed.get("ts")), history=True)
    return _read(notes, advertisement, sensor, relayed.get("rssi"))


def advertisement(payload: bytes, sensor: str) -> Decoded:
    """Return what one advertisement says; the topic's sensor level is its address where it does not say it."""
    return _read(Notes(), payload, sensor, None)


def _read(notes: Notes, advertisement: bytes, sensor: str, rssi_dbm: object) -> Decoded:
    for company, data in _manufacturers(advertisement):
        if company == RUUVI and data[:1] == b"\x05":
            return _rawv2(notes, data, sensor, rssi_dbm)
        if company == TELTONIKA and data[:1] == b"\x01":
            notes = notes.of(device_name(sensor))
            _eye(notes, data)
            notes.strength(rssi_dbm)
            return notes.done()
    raise RejectedReading("unknown-model", "an advertisement of neither Ruuvi's format 5 nor Teltonika's EYE version 1")


def _manufacturers(advertisement: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (company, its data) of each manufacturer's structure (Bluetooth core specification, vol. 3 C 11)."""
    place = 0
    while place < len(advertisement):
        length = advertisement[place]
        structure = advertisement[place + 1 : place + 1 + length]
        if len(structure) < length:
            raise RejectedReading("truncated", f"{length} bytes announced at {place}, {len(structure)} there")
        if length > 2 and structure[0] == MANUFACTURER_DATA:
            yield int.from_bytes(structure[1:3], "little"), structure[3:]
        place += 1 + length


def _rawv2(notes: Notes, data: bytes, sensor: str, rssi_dbm: object) -> Decoded:
    if len(data) < RAWV2_BYTES:
        raise RejectedReading("truncated", f"RAWv2 has {RAWV2_BYTES} bytes, found {len(data)}")
    address = data[18:24]
    notes = notes.of(device_name(address.hex() if address != b"\xff" * 6 else sensor))
    notes.number("temperature", int.from_bytes(data[1:3], "big", signed=True) / 200, "Cel", ("ruuvi-temperature",))
    notes.number("humidity", int.from_bytes(data[3:5], "big") / 400, "%RH", ("ruuvi-humidity",))
    notes.number("pressure", int.from_bytes(data[5:7], "big") + 50_000, "Pa", ("ruuvi-pressure",))
    millivolts = (int.from_bytes(data[13:15], "big") >> 5) + 1600
    notes.number("battery", millivolts / 1000, "V", ("ruuvi-battery",))
    notes.strength(rssi_dbm)
    sequence = int.from_bytes(data[16:18], "big")
    return notes.done(None if sequence == NO_SEQUENCE else (notes.device, sequence), data)


def _eye(notes: Notes, data: bytes) -> None:
    flags = data[1] if len(data) > 1 else 0
    parts: dict[int, bytes] = {}
    place = 2
    for bit, size in _EYE_PARTS:
        if flags >> bit & 1:
            parts[bit] = data[place : place + size]
            place += size
    if place > len(data) or len(data) < 2:
        raise RejectedReading(
            "truncated", f"an EYE beacon with flags {flags:#04x} has {place} bytes, found {len(data)}"
        )
    if 0 in parts:
        notes.number("temperature", int.from_bytes(parts[0], "big", signed=True) / 100, "Cel", HUNDREDTHS)
    if 1 in parts:
        notes.number("humidity", parts[1][0], "%RH")
    if flags >> 2 & 1:
        notes.truth("magnet", bool(flags >> 3 & 1))
    if 7 in parts:
        notes.number("battery", (2000 + 10 * parts[7][0]) / 1000, "V")
    notes.truth("battery-low", bool(flags >> 6 & 1))
