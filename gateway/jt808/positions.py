"""What a position says: place, speed, and the additional items of the terminal's profile (0x0200, 0x0704).

::

    alarm 4 ┊ status 4 ┊ latitude 4 ┊ longitude 4 ┊ altitude 2 ┊ speed 2 ┊ direction 2 ┊ time BCD 6 ┊ items

Verified with frames that terminals sent, in traccar's and EMQX's tests. A place without a fix is `NO_FIX`, never a
place. Alarms of the terminal, altitude and direction are not kept: judging is the server's, and the rest no fact of a
cold chain.
"""

from __future__ import annotations

from typing import TypeAlias

from coldchain.geo import to_wgs84
from coldchain.jt808 import Kind, Message, time_of_bcd
from coldchain.settings import Jt808Item
from gateway.formats.port import Decoded, Notes
from gateway.formats.sentinels import NO_FIX, NO_PROBE, OUT_OF_RANGE
from gateway.jt808.profiles import PASSED_OVER, Profile

BASIC_BYTES = 28
KMH_TENTHS_IN_MPS = 36
"""Tenths of km/h in one m/s."""

PLACES = 7
"""Decimals of a converted degree: 1 cm; terminals say six."""

_FIX, _SOUTH, _WEST = 1 << 1, 1 << 2, 1 << 3

Place: TypeAlias = tuple[float, float]
"""Latitude and longitude, degrees."""


def device_of(number: str) -> str:
    """Return the name under which a terminal's channels lie.

    >>> device_of("13912345678")
    'urn:dev:name:jt808-13912345678'
    """
    return f"urn:dev:name:jt808-{number}"


def positions_in(message: Message, profile: Profile) -> Decoded:
    """Return what a position or a batch of them says; a batch was kept by the terminal, its times count as history."""
    notes = Notes(device_of(message.number))
    kept = message.kind == Kind.POSITIONS
    said = _whole(notes, _cut(notes, message.body) if kept else [message.body])
    for raw, place in zip(said, _places(said, profile.coordinates), strict=True):
        own_ms = time_of_bcd(raw[22:28])
        if kept and own_ms is None:
            notes.reject("bad-time", f"a kept position at {raw[22:28].hex()}, which is no time")
            continue
        its = notes.at(own_ms, history=kept or profile.history)
        _place(its, raw, place)
        _items(its, raw[BASIC_BYTES:], profile)
    return notes.done((notes.device, message.serial), message.body)


def _cut(notes: Notes, body: bytes) -> list[bytes]:
    """Return the positions of a batch: how many, which kind, then each behind its length."""
    announced, at, found = int.from_bytes(body[:2], "big"), 3, []
    while at + 2 <= len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        found.append(body[at + 2 : at + 2 + size])
        at += 2 + size
    if at != len(body) or len(found) != announced:
        notes.reject("truncated", f"{announced} positions announced, {len(found)} found, {at} of {len(body)} bytes")
    return found if at <= len(body) else found[:-1]


def _whole(notes: Notes, said: list[bytes]) -> list[bytes]:
    whole = [raw for raw in said if len(raw) >= BASIC_BYTES]
    if len(whole) < len(said):
        notes.reject("truncated", f"{len(said) - len(whole)} positions of less than {BASIC_BYTES} bytes")
    return whole


def _places(said: list[bytes], system: str) -> list[Place | str]:
    """Return the place of each position, or the fault that it says instead; all are converted at once."""
    shown = [_shown(raw) for raw in said]
    latitudes, longitudes = to_wgs84([degrees[0] for degrees in shown], [degrees[1] for degrees in shown], system)
    return [
        _fault(raw, degrees) or (round(float(latitude), PLACES), round(float(longitude), PLACES))
        for raw, degrees, latitude, longitude in zip(said, shown, latitudes, longitudes, strict=True)
    ]


def _status(raw: bytes) -> int:
    return int.from_bytes(raw[4:8], "big")


def _shown(raw: bytes) -> Place:
    latitude = int.from_bytes(raw[8:12], "big") / (-1e6 if _status(raw) & _SOUTH else 1e6)
    return latitude, int.from_bytes(raw[12:16], "big") / (-1e6 if _status(raw) & _WEST else 1e6)


def _fault(raw: bytes, shown: Place) -> str:
    if not _status(raw) & _FIX or shown == (0, 0):
        return NO_FIX
    return OUT_OF_RANGE if abs(shown[0]) > 90 or abs(shown[1]) > 180 else ""


def _place(notes: Notes, raw: bytes, place: Place | str) -> None:
    if isinstance(place, str):
        notes.fault("lat", place)
        notes.fault("lon", place)
        return
    notes.number("lat", place[0], "lat")
    notes.number("lon", place[1], "lon")
    notes.number("speed", round(int.from_bytes(raw[18:20], "big") / KMH_TENTHS_IN_MPS, 3), "m/s")


def _items(notes: Notes, raw: bytes, profile: Profile) -> None:
    at = 0
    while at + 2 <= len(raw):
        key, size = raw[at], raw[at + 1]
        value = raw[at + 2 : at + 2 + size]
        at += 2 + size
        if len(value) < size:
            break
        item = profile.items.get(key)
        if item is not None and size and size % item.bytes == 0 and (item.sensors or size == item.bytes):
            _values(notes, item, value)
        elif key not in PASSED_OVER:
            notes.reject("unknown-field", f"item {key:#04x} of {size} bytes is not in the terminal's profile")
    if at != len(raw):
        notes.reject("truncated", f"{at} bytes of items announced, {len(raw)} found")


def _values(notes: Notes, item: Jt808Item, value: bytes) -> None:
    for place in range(len(value) // item.bytes):
        raw = int.from_bytes(value[place * item.bytes : (place + 1) * item.bytes], "big")
        what = f"{item.quantity}-{place + 1}" if item.sensors else item.quantity
        if raw not in item.missing:
            notes.number(what, round(_signed(raw, item) * item.scale + item.offset, 6), item.unit)
        elif place < max(1, item.sensors):  # of those that are not fitted nothing was expected
            notes.fault(what, NO_PROBE)


def _signed(raw: int, item: Jt808Item) -> int:
    top = 1 << 8 * item.bytes - 1
    if item.coding == "unsigned" or not raw & top:
        return raw
    return top - raw if item.coding == "sign-magnitude" else raw - 2 * top
