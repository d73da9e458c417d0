"""TZone loggers (TT18 and its kin, hardware 0x406 and 0x407): the binary frame that they send over TCP.

Verified: the three such frames of traccar's tests, their CRC-16/MODBUS among it. The layout of a tag is read off these
frames (address, status, millivolts, temperature, humidity, signal; consistent from frame to frame) and differs from
traccar's, which takes the address for a voltage. Bit 14 is the sign and bit 15 "no value", as in 0x407. Not verified:
that times are UTC. The logger keeps what it could not send: its times count as history.
"""

from __future__ import annotations

from datetime import UTC, datetime

from coldchain.errors import RejectedReading
from gateway.formats.names import device_name
from gateway.formats.port import Decoded, Notes
from gateway.formats.sentinels import NO_PROBE, NO_VALUE

_HEAD_BYTES, _TAIL_BYTES = 26, 6
_TAGS, _LOGGER = 0x406, 0x407
_TAG_BYTES = 11
_NO_HUMIDITY = 0xFF


def decode(payload: bytes, sensor: str) -> Decoded:
    """Return what a logger and the tags around it measured."""
    if payload[:2] != b"TZ" or payload[4:6] != b"$$" or len(payload) < _HEAD_BYTES + _TAIL_BYTES:
        raise RejectedReading("bad-frame", "no TZone frame: it begins with TZ, a length and $$")
    if len(payload) != int.from_bytes(payload[2:4], "big") + 6 or payload[-2:] != b"\r\n":
        raise RejectedReading(
            "truncated", f"{int.from_bytes(payload[2:4], 'big') + 6} bytes announced, {len(payload)} found"
        )
    if crc16(payload[4:-4]) != int.from_bytes(payload[-4:-2], "big"):
        raise RejectedReading("bad-checksum", "the CRC does not fit")
    hardware = int.from_bytes(payload[6:8], "big")
    if hardware not in (_TAGS, _LOGGER):
        raise RejectedReading("unknown-model", f"hardware {hardware:#06x}; read are {_TAGS:#06x} and {_LOGGER:#06x}")
    notes = Notes(device_name(payload[12:20].hex()[1:])).at(_time_ms(payload[20:26]), history=True)
    blocks = _blocks(payload[_HEAD_BYTES:-_TAIL_BYTES])
    if hardware == _LOGGER:
        _logger(notes, blocks)
    else:
        _tags(notes, blocks)
    return notes.done((notes.device, int.from_bytes(payload[-6:-4], "big")), payload)


def crc16(raw: bytes) -> int:
    """Return the CRC-16/MODBUS.

    >>> hex(crc16(b"123456789"))
    '0x4b37'
    """
    crc = 0xFFFF
    for byte in raw:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def _table(poly: int) -> tuple[int, ...]:
    rows = []
    for row in range(256):
        for _ in range(8):
            row = row >> 1 ^ (poly if row & 1 else 0)
        rows.append(row)
    return tuple(rows)


_CRC = _table(0xA001)


def _time_ms(raw: bytes) -> int | None:
    year, month, day, hour, minute, second = raw
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000)


def _blocks(raw: bytes) -> list[bytes]:
    """Return the blocks: position, cells, status in a logger's frame; cells, status, tags in a frame of tags."""
    blocks, place = [], 0
    while place + 2 <= len(raw):
        size = int.from_bytes(raw[place : place + 2], "big")
        blocks.append(raw[place + 2 : place + 2 + size])
        place += 2 + size
    if len(blocks) < 3 or place != len(raw):
        raise RejectedReading("bad-frame", f"{len(blocks)} blocks in {len(raw)} bytes")
    return blocks


def _logger(notes: Notes, blocks: list[bytes]) -> None:
    status = blocks[2]
    if len(status) < 10:
        raise RejectedReading("truncated", f"a status of {len(status)} bytes")
    notes.number("battery", int.from_bytes(status[4:6], "big") / 100, "V")
    _temperature(notes, int.from_bytes(status[6:8], "big"))
    humidity = int.from_bytes(status[8:10], "big")
    if humidity & 0x8000:
        notes.fault("humidity", NO_VALUE)
    else:
        notes.number("humidity", humidity / 10, "%RH")


def _tags(notes: Notes, blocks: list[bytes]) -> None:
    status, tags = blocks[1], blocks[2]
    if len(status) >= 6:
        notes.number("battery", int.from_bytes(status[4:6], "big") / 100, "V")
    if len(tags) < 3 or tags[2] < _TAG_BYTES or len(tags) != 3 + tags[1] * tags[2]:
        raise RejectedReading("bad-frame", f"{len(tags)} bytes of tags")
    for start in range(3, len(tags), tags[2]):
        tag = tags[start : start + tags[2]]
        its = notes.of(f"urn:dev:name:tzone-{tag[:4].hex()}")
        its.number("battery", int.from_bytes(tag[5:7], "big") / 1000, "V")
        _temperature(its, int.from_bytes(tag[7:9], "big"))
        if tag[9] != _NO_HUMIDITY:
            its.number("humidity", tag[9], "%RH")


def _temperature(notes: Notes, raw: int) -> None:
    if raw & 0x8000:
        notes.fault("temperature", NO_PROBE)
    else:
        notes.number("temperature", (raw & 0x3FFF) / (-10 if raw & 0x4000 else 10), "Cel")
