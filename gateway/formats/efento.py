"""Efento NB-IoT: ProtoMeasurements, several channels of evenly spaced samples in one message.

Verified: a recorded message (serial number 282c02424eed, 23.3 °C and 57 %), and the spacing, scales and on/off samples
of ThingsBoard's tests of its Efento transport. Not verified: sample offsets that are error codes, from 8,355,840 on.

In proto3 what equals zero is left out. A start point that is missing is zero, for the samples count from it; samples,
channel type and time that are missing are missing. ``hash`` names the configuration and counts nothing: a message that
is sent again is known by its newest sample's time and its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.formats.names import device_name
from gateway.formats.port import Decoded, Notes
from gateway.formats.protobuf import fields, packed, signed
from gateway.formats.sentinels import word_of

_SERIAL, _BASE, _CHANNEL, _FACTOR = 1, 3, 4, 8
_TYPE, _TIMESTAMP, _START, _OFFSETS = 1, 2, 4, 5

CONTINUOUS = {1: ("temperature", 10, "Cel"), 2: ("humidity", 1, "%RH"), 3: ("pressure", 0.1, "Pa")}
"""Type → name, what a sample is divided by, unit. Pressure comes in tenths of hPa."""

BINARY = {5: "alarm", 7: "flooding"}
"""Type → name. A sample's sign is the state, its size the seconds from the channel's time, plus one."""

_NO_SENSOR = 0


@dataclass(slots=True)
class _Channel:
    kind: int = _NO_SENSOR
    start_s: int = 0
    base: int = 0
    offsets: list[int] = field(default_factory=list)


def decode(payload: bytes, sensor: str) -> Decoded:
    """Return all samples of a message, each with its own time."""
    serial, base_s, factor = b"", 0, 0
    channels: list[_Channel] = []
    for number, value in fields(payload):
        if number == _SERIAL and isinstance(value, bytes):
            serial = value
        elif number == _BASE and isinstance(value, int):
            base_s = value
        elif number == _FACTOR and isinstance(value, int):
            factor = value
        elif number == _CHANNEL and isinstance(value, bytes):
            channels.append(_channel(value))
    notes = Notes(device_name(serial.hex() or sensor))
    for place, channel in enumerate(channels, 1):
        if channel.kind in CONTINUOUS:
            _continuous(notes, place, channel, base_s * (factor or 1))
        elif channel.kind in BINARY:
            _binary(notes, place, channel)
        elif channel.kind != _NO_SENSOR:
            notes.reject("unknown-field", f"channel {place}: measurement type {channel.kind} is not read")
    newest_ms = max((heard.own_ms for heard in notes.heard), default=None)
    return notes.done(None if newest_ms is None else (notes.device, newest_ms), payload)


def _channel(raw: bytes) -> _Channel:
    channel = _Channel()
    for number, value in fields(raw):
        if isinstance(value, bytes):
            if number == _OFFSETS:
                channel.offsets += map(signed, packed(value))
        elif number == _TYPE:
            channel.kind = value
        elif number == _TIMESTAMP:
            channel.start_s = value if value < 1 << 31 else 0  # an int32 below zero is no time
        elif number == _START:
            channel.base = signed(value)
        elif number == _OFFSETS:
            channel.offsets.append(signed(value))
    return channel


def _continuous(notes: Notes, place: int, channel: _Channel, period_s: int) -> None:
    what, divisor, unit = CONTINUOUS[channel.kind]
    last_s = channel.start_s + period_s * max(0, len(channel.offsets) - 1)
    if not channel.start_s or (not period_s and len(channel.offsets) > 1) or last_s >= 1 << 32:
        notes.reject("bad-time", f"channel {place}: from {channel.start_s} s each {period_s} s")
        return
    for index, offset in enumerate(channel.offsets):
        then = notes.at((channel.start_s + index * period_s) * 1000, history=True)
        if word := word_of(offset, ("efento-error",)):
            then.fault(f"{what}-{place}", word)
        else:
            then.number(f"{what}-{place}", (channel.base + offset) / divisor, unit)


def _binary(notes: Notes, place: int, channel: _Channel) -> None:
    if not channel.start_s:
        notes.reject("bad-time", f"channel {place}: no time")
        return
    for offset in channel.offsets:
        if offset == 0:
            notes.reject("unknown-code", f"channel {place}: a state of 0")
        elif word := word_of(abs(offset), ("efento-error",)):
            notes.at(channel.start_s * 1000, history=True).fault(f"{BINARY[channel.kind]}-{place}", word)
        else:
            then = notes.at((channel.start_s + abs(offset) - 1) * 1000, history=True)
            then.truth(f"{BINARY[channel.kind]}-{place}", offset > 0)
