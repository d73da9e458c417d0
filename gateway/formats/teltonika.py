"""Teltonika trackers as JSON: the device's AVL elements in the shape of an AWS shadow.

Verified: the shape and its keys with the message of OpenRemote's tests. Names and scales of elements are those of
Teltonika's AVL tables and of traccar; no published JSON message carries a temperature, so they are not verified in
this shape, nor are their error codes. The tracker keeps records while it has no network: its times count as history.

Two formats, because one number means two things: in ``teltonika`` 2000 of elements 25 to 28 is 20.00 °C, in
``teltonika-fmb640`` (older FMB640 firmware, tenths) it is "parsing failed".
"""

from __future__ import annotations

from functools import partial

from coldchain.errors import RejectedReading
from gateway.formats.names import device_name
from gateway.formats.port import Decode, Decoded, Notes, json_of, table_of
from gateway.formats.sentinels import HUNDREDTHS, NO_FIX
from gateway.formats.times import ms_of

_BLE = ("teltonika-not-found", "teltonika-unparsed", "teltonika-abnormal")
_FMB640 = ("fmb640-not-found", "fmb640-unparsed", "fmb640-abnormal")
_DALLAS = ("dallas-error", "dallas-not-ready", "dallas-no-id")

Element = tuple[str, int, int, str, tuple[str, ...]]
"""Name, what is divided by, bits of a signed number (0: unsigned), unit, sentinels."""


def _numbered(first: int, count: int, what: str, scale: int, bits: int, unit: str, *words: str) -> dict[str, Element]:
    return {str(first + place): (f"{what}-{place + 1}", scale, bits, unit, words) for place in range(count)}


COMMON: dict[str, Element] = {
    "66": ("supply", 1000, 0, "V", ()),
    "67": ("battery", 1000, 0, "V", ()),
    **_numbered(72, 4, "temperature-dallas", 10, 32, "Cel", *_DALLAS),
    **_numbered(10644, 6, "temperature-probe", 100, 16, "Cel", *HUNDREDTHS),
    **_numbered(10800, 4, "temperature-eye", 100, 16, "Cel", *_BLE),
    **_numbered(10804, 4, "humidity-eye", 1, 0, "%RH"),
}
BOOLEAN = {"1": "din-1", "2": "din-2", "3": "din-3", "4": "din-4"} | {
    str(10808 + n): f"magnet-eye-{n + 1}" for n in range(4)
}
ELEMENTS = COMMON | _numbered(25, 4, "temperature-ble", 100, 16, "Cel", *_BLE)
FMB640_ELEMENTS = COMMON | _numbered(25, 4, "temperature-ble", 10, 16, "Cel", *_FMB640)


def _decode(payload: bytes, sensor: str, *, elements: dict[str, Element]) -> Decoded:
    reported = table_of(table_of(table_of(json_of(payload)).get("state")).get("reported"))
    if not reported:
        raise RejectedReading("bad-shape", "nothing under state.reported, where Teltonika's JSON has its elements")
    notes = Notes(device_name(sensor)).at(ms_of(reported.get("ts")), history=True)
    _position(notes, reported.get("latlng"), reported.get("sat"))
    for key, value in reported.items():
        if element := elements.get(key):
            what, scale, bits, unit, words = element
            notes.number(what, _scaled(value, scale, bits), unit, words)
        elif key in BOOLEAN and value in (0, 1):
            notes.truth(BOOLEAN[key], bool(value))
    return notes.done()


decode: Decode = partial(_decode, elements=ELEMENTS)
decode_fmb640: Decode = partial(_decode, elements=FMB640_ELEMENTS)


def _scaled(value: object, scale: int, bits: int) -> object:
    """Return a number in its unit; one sent without its sign gets it back (65036 hundredths are -5 °C)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1 << 53:
        return value
    if bits and 1 << bits - 1 <= value < 1 << bits:
        value -= 1 << bits
    return value / scale


def _position(notes: Notes, latlng: object, satellites: object) -> None:
    if not isinstance(latlng, str):
        return
    latitude, _, longitude = latlng.partition(",")
    if satellites == 0 or (_float(latitude) == 0 and _float(longitude) == 0):
        notes.fault("lat", NO_FIX)
        notes.fault("lon", NO_FIX)
    else:
        notes.number("lat", latitude, "lat")
        notes.number("lon", longitude, "lon")


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
