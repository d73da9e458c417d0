"""Telemetry that other platforms hand over as JSON: ThingsBoard's gateway API and flespi's streams.

Verified: the message of ThingsBoard's documentation, and the stream messages of traccar's tests of flespi. Both
platforms tell when a value was measured, and both hand over what they held back: their times count as history.
"""

from __future__ import annotations

from typing import Any

from coldchain.errors import RejectedReading
from gateway.formats.names import device_name, name_part
from gateway.formats.port import Decoded, Notes, json_of, table_of
from gateway.formats.quantities import note_object, unit_and_sentinels
from gateway.formats.sentinels import NO_FIX
from gateway.formats.times import ms_of

_NUMBERS = {"temperature", "humidity", "voltage"}
_STATES = {"door", "magnet"}


def thingsboard(payload: bytes, sensor: str) -> Decoded:
    """Return telemetry of ``v1/gateway/telemetry``: devices, each with a list of times and values.

    A list item may be values without ``ts``, which then count from their arrival.
    """
    devices = table_of(json_of(payload))
    if not devices:
        raise RejectedReading("bad-shape", "an object of devices was expected")
    notes = Notes()
    for told, items in devices.items():
        if not told or not isinstance(items, list):
            notes.reject("bad-shape", f"{told[:32]!r}: a list of telemetry was expected")
            continue
        its = notes.of(device_name(told))
        for item in items:
            if isinstance(item, dict) and isinstance(item.get("values"), dict):
                note_object(its.at(ms_of(item.get("ts")), history=True), item["values"])
            elif isinstance(item, dict) and "ts" not in item:
                note_object(its, item)
            else:
                notes.reject("bad-shape", f"{told[:32]!r}: ts and values were expected")
    return notes.done()


def flespi(payload: bytes, sensor: str) -> Decoded:
    """Return temperatures, humidities, doors, voltages and positions of a flespi stream.

    A message has a hundred parameters of the tracker; the others are left out, for they are no facts of a cold chain.
    """
    messages = json_of(payload)
    if not isinstance(messages, list):
        raise RejectedReading("bad-shape", "a list of messages was expected")
    notes = Notes()
    for message in messages:
        ident = message.get("ident") if isinstance(message, dict) else None
        if isinstance(ident, bool) or not isinstance(ident, str | int) or ident == "":
            notes.reject("no-identity", "a message without ident")
            continue
        own_ms = ms_of(message.get("timestamp"))
        _parameters(notes.of(device_name(ident)).at(own_ms, history=True), message)
    return notes.done()


def _parameters(notes: Notes, message: dict[str, Any]) -> None:
    for name, value in message.items():
        what = name_part(name.replace("#", "-"))
        words = set(name.lower().replace("#", ".").split("."))
        if isinstance(value, bool):  # also the states of a voltage, such as voltage.range.outside.status
            if words & _STATES:
                notes.truth(what, value)
        elif words & _NUMBERS:
            unit, sentinels = unit_and_sentinels(name[:255])
            notes.number(what, value, unit, sentinels)
    if "position.latitude" in message and "position.longitude" in message:
        if message.get("position.valid") is False:
            notes.fault("lat", NO_FIX)
            notes.fault("lon", NO_FIX)
        else:
            notes.number("lat", message["position.latitude"], "lat")
            notes.number("lon", message["position.longitude"], "lon")
