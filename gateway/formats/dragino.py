"""Dragino LHT65N, port 2: 11 bytes a live frame, 11 bytes each entry of its datalog.

Verified: the frames of Dragino's LHT65 manual and of its entry in The Things Network's device repository, among them
the datalog with 327.67 °C for "no DS18B20". Not verified: bit 7 of byte 6. Dragino's decoder 1.5.6 reads it both as
"cable not connected" and as "sent again from the datalog"; here it is the datalog when the last four bytes are a time
of the years 2015 to 2089, and no cable otherwise.
"""

from __future__ import annotations

from gateway.formats.port import Notes
from gateway.formats.sentinels import HUNDREDTHS, NO_PROBE, ONE_WIRE
from gateway.formats.times import ms_of

ENTRY_BYTES = 11
PORT = 2
_DATALOG, _BIT_7 = 0x40, 0x80
_NO_VALUE = 0x7FFF
_FIRST_S, _LAST_S = 0x54A48E00, 0xE0000000
"""2015 to 2089, s: four bytes that are no time of a datalog are an external value, for it would be over 216 °C."""

_DS18B20, _TMP117, _CONTACT, _DS18B20_TIMED, _TMP117_TIMED, _SHT31 = 1, 2, 4, 9, 10, 11
_WITHOUT_BUILT_IN = (14, 15, 16, 32)
"""Modes whose bytes 2 to 5 are no built-in temperature and humidity."""


def read(notes: Notes, raw: bytes, port: int | None) -> None:
    """Note what a frame says."""
    if port not in (None, PORT):
        notes.reject("unknown-port", f"port {port}; readings come on port {PORT}")
    elif not raw or len(raw) % ENTRY_BYTES:
        notes.reject("truncated", f"{len(raw)} bytes, where {ENTRY_BYTES} or a multiple belong")
    elif not any(raw):
        notes.reject("no-reading", "the answer of a datalog that has nothing in the asked time")
    elif _is_datalog(raw):
        for start in range(0, len(raw), ENTRY_BYTES):
            _entry(notes, raw[start : start + ENTRY_BYTES])
    elif len(raw) > ENTRY_BYTES:
        notes.reject("unknown-code", f"{len(raw)} bytes that do not say that they are a datalog")
    else:
        _live(notes, raw)


def _is_datalog(raw: bytes) -> bool:
    if raw[6] & _DATALOG or len(raw) > ENTRY_BYTES:
        return bool(raw[6] & (_DATALOG | _BIT_7))
    at_s = int.from_bytes(raw[7:11], "big")
    return raw[6] & _BIT_7 > 0 and _FIRST_S <= at_s < _LAST_S and at_s >> 16 != _NO_VALUE


def _live(notes: Notes, raw: bytes) -> None:
    kind = raw[6] & 0x3F
    if kind in (_DS18B20_TIMED, _TMP117_TIMED):
        if own_ms := ms_of(int.from_bytes(raw[7:11], "big")):
            notes = notes.at(own_ms, history=False)  # the device's own clock, which may never have been set
        _outside(notes, kind, raw[0:2])
    else:
        notes.number("battery", (_unsigned(raw, 0) & 0x3FFF) / 1000, "V")
    if kind not in _WITHOUT_BUILT_IN:
        _built_in(notes, raw)
    if raw[6] & _BIT_7:
        notes.fault("temperature-ext", NO_PROBE)
    elif kind in (_DS18B20, _TMP117, _SHT31, 0x10, 0x20):
        _outside(notes, kind, raw[7:9])
        if kind in (_SHT31, 0x10):
            notes.number("humidity-ext", (_unsigned(raw, 9) & 0xFFF) / 10, "%RH")
    elif kind == _CONTACT:
        notes.truth("contact", raw[7] != 0)


def _entry(notes: Notes, raw: bytes) -> None:
    own_ms = ms_of(int.from_bytes(raw[7:11], "big"))
    if own_ms is None:
        notes.reject("bad-time", "a datalog entry at time 0")
        return
    past = notes.at(own_ms, history=True)
    kind = raw[6] & 0x0F
    if kind in (_DS18B20, _TMP117, _DS18B20_TIMED, _TMP117_TIMED, _SHT31):
        _outside(past, kind, raw[0:2])
    elif kind == _CONTACT:
        past.truth("contact", raw[0] != 0)
    _built_in(past, raw)


def _built_in(notes: Notes, raw: bytes) -> None:
    notes.number("temperature", int.from_bytes(raw[2:4], "big", signed=True) / 100, "Cel", HUNDREDTHS)
    notes.number("humidity", (_unsigned(raw, 4) & 0xFFF) / 10, "%RH")


def _outside(notes: Notes, kind: int, raw: bytes) -> None:
    sentinels = (*HUNDREDTHS, *ONE_WIRE) if kind in (_DS18B20, _DS18B20_TIMED) else HUNDREDTHS
    notes.number("temperature-ext", int.from_bytes(raw, "big", signed=True) / 100, "Cel", sentinels)


def _unsigned(raw: bytes, place: int) -> int:
    return int.from_bytes(raw[place : place + 2], "big")
