"""Milesight EM320-TH, TS201 (both versions) and TS301/TS302: channel, type, value, again and again.

Verified: every example frame in the README files of Milesight-IoT/SensorDecoders for these models. Not verified: the
history of a TS201 whose probe failed (its status is documented, no frame is), and sentinels of the ordinary channels.
A device's own alarms are not kept: the readings in them are, and judging is the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from gateway.formats.port import Notes
from gateway.formats.sentinels import ONE_WIRE, OUT_OF_RANGE, READ_ERROR, TENTHS
from gateway.formats.times import ms_of

Value: TypeAlias = Callable[[Notes, bytes], None]
Fields: TypeAlias = Mapping[int, tuple[int, Value]]
"""Channel and type as one number → bytes of the value, what to do with them."""

_STATUS = {0: READ_ERROR, 1: OUT_OF_RANGE}
_HISTORY_STATUS = {1: READ_ERROR, 2: OUT_OF_RANGE}
_SHT4X = 2


def _celsius(what: str, *sentinels: str) -> Value:
    def note(notes: Notes, raw: bytes) -> None:
        notes.number(what, int.from_bytes(raw[:2], "little", signed=True) / 10, "Cel", (*TENTHS, *sentinels))

    return note


def _humidity(notes: Notes, raw: bytes) -> None:
    notes.number("humidity", raw[0] / 2, "%RH")


def _battery(notes: Notes, raw: bytes) -> None:
    notes.number("battery", raw[0], "%EL")


def _door(what: str) -> Value:
    def note(notes: Notes, raw: bytes) -> None:
        if raw[0] > 1:
            notes.reject("unknown-code", f"{what}: {raw[0]} is neither closed (0) nor open (1)")
        else:
            notes.truth(what, raw[0] == 1)

    return note


def _status(what: str) -> Value:
    def note(notes: Notes, raw: bytes) -> None:
        if raw[0] in _STATUS:
            notes.fault(what, _STATUS[raw[0]])
        else:
            notes.reject("unknown-code", f"{what}: status {raw[0]}")

    return note


def _skip(notes: Notes, raw: bytes) -> None:
    """What the device says of itself: versions, serial number, class."""


def _past(notes: Notes, raw: bytes) -> Notes | None:
    own_ms = ms_of(int.from_bytes(raw[:4], "little"))
    if own_ms is None:
        notes.reject("bad-time", "a history record at time 0")
        return None
    return notes.at(own_ms, history=True)


def _em320_history(notes: Notes, raw: bytes) -> None:
    if past := _past(notes, raw):
        _celsius("temperature")(past, raw[4:])
        _humidity(past, raw[6:])


def _ts201_history(notes: Notes, raw: bytes) -> None:
    if past := _past(notes, raw):
        _with_status(past, "temperature", raw[4] >> 4, _celsius("temperature", *ONE_WIRE), raw[5:])


def _ts201_v2_history(notes: Notes, raw: bytes) -> None:
    if past := _past(notes, raw):
        _with_status(past, "temperature", raw[8] >> 6, _celsius("temperature", *ONE_WIRE), raw[5:])
        if raw[4] == _SHT4X:
            _with_status(past, "humidity", raw[8] >> 4 & 3, _humidity, raw[7:])


def _with_status(notes: Notes, what: str, status: int, note: Value, raw: bytes) -> None:
    if status == 0:
        note(notes, raw)
    elif status in _HISTORY_STATUS:
        notes.fault(what, _HISTORY_STATUS[status])
    else:
        notes.reject("unknown-code", f"{what}: history status {status}")


def _ts301_history(notes: Notes, raw: bytes) -> None:
    if past := _past(notes, raw):
        for channel, event, value in ((1, raw[4] >> 4, raw[5:7]), (2, raw[4] & 15, raw[7:9])):
            if 1 <= event <= 4:
                _celsius(f"temperature-{channel}")(past, value)
            elif event in (5, 6):
                _door(f"door-{channel}")(past, value)
            elif event:
                past.reject("unknown-code", f"channel {channel}: history event {event}")


_OF_ITSELF: Fields = {
    0xFF01: (1, _skip), 0xFF09: (2, _skip), 0xFF0A: (2, _skip), 0xFFFF: (2, _skip), 0xFF16: (8, _skip),
    0xFF0F: (1, _skip), 0xFFFE: (1, _skip), 0xFF0B: (1, _skip), 0xFFA0: (9, _skip), 0xFFEB: (1, _skip),
    0x059C: (1, _skip), 0x0175: (1, _battery),
}  # fmt: skip
_TS201: Fields = {
    **_OF_ITSELF,
    0x0367: (2, _celsius("temperature", *ONE_WIRE)),
    0x8367: (3, _celsius("temperature", *ONE_WIRE)),
    0x9367: (5, _celsius("temperature", *ONE_WIRE)),
    0xB367: (1, _status("temperature")),
}
_EM320: Fields = {
    **_OF_ITSELF,
    0x0367: (2, _celsius("temperature")),
    0x0468: (1, _humidity),
    0x20CE: (7, _em320_history),
}

MODELS: Mapping[str, Fields] = MappingProxyType({
    "milesight-em320-th": _EM320,
    "milesight-ts201": {**_TS201, 0x20CE: (7, _ts201_history)},
    "milesight-ts201-v2": {
        **_TS201,
        0x0468: (1, _humidity),
        0x8468: (2, _humidity),
        0x9468: (3, _humidity),
        0xB468: (1, _status("humidity")),
        0x20CE: (9, _ts201_v2_history),
    },
    "milesight-ts301": {
        **_OF_ITSELF,
        **{
            channel << 8 | kind: field
            for number, base in ((1, 3), (2, 4))
            for channel, kind, field in (
                (base, 0x67, (2, _celsius(f"temperature-{number}"))),
                (base, 0x00, (1, _door(f"door-{number}"))),
                (0x70 | base, 0x67, (2, _celsius(f"temperature-{number}", "milesight-button"))),
                (0x80 | base, 0x67, (3, _celsius(f"temperature-{number}"))),
                (0x90 | base, 0xD7, (5, _celsius(f"temperature-{number}"))),
            )
        },
        0x20CE: (9, _ts301_history),
    },
})  # fmt: skip


def read(fields: Fields, notes: Notes, raw: bytes) -> None:
    """Note what a frame says; behind a field of unknown length nothing can be read."""
    place = 0
    while place < len(raw):
        key = int.from_bytes(raw[place : place + 2], "big")
        if key not in fields or place + 2 > len(raw):
            notes.reject("unknown-field", f"channel and type {raw[place : place + 2].hex()} at byte {place}")
            return
        size, note = fields[key]
        value = raw[place + 2 : place + 2 + size]
        if len(value) < size:
            notes.reject("truncated", f"{key:04x} at byte {place} has {size} bytes, found {len(value)}")
            return
        note(notes, value)
        place += 2 + size
