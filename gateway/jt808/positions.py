"""What a position says: place, speed, and the additional items of the terminal's profile (0x0200, 0x0704).

::

    alarm 4 ┊ status 4 ┊ latitude 4 ┊ longitude 4 ┊ altitude 2 ┊ speed 2 ┊ direction 2 ┊ time BCD 6 ┊ items

Verified with frames that terminals sent, in traccar's and EMQX's tests. A place without a fix is `NO_FIX`, never a
place. Alarms of the terminal, altitude and direction are not kept: judging is the server's, and the rest no fact of a
cold chain.
"""

from __future__ import annotations

from coldchain.errors import RejectedReading
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


def device_of(number: str) -> str:
    """Return the name under which a terminal's channels lie.

    >>> device_of("13912345678")
    'urn:dev:name:jt808-13912345678'
    """
    return f"urn:dev:name:jt808-{number}"


def positions_in(message: Message, profile: Profile) -> Decoded:
    """Return what a position or a batch of them says; a batch was kept by the terminal, its times count as history.

    Raises:
        RejectedReading: ``truncated``.
    """
    notes = Notes(device_of(message.number))
    if message.kind == Kind.POSITION:
        _position(notes, message.body, profile, batch=False)
    else:
        _batch(notes, message.body, profile)
    return notes.done((notes.device, message.serial), message.body)


def _batch(notes: Notes, body: bytes, profile: Profile) -> None:
    announced, at, found = int.from_bytes(body[:2], "big"), 3, 0
    while at + 2 <= len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        one = body[at + 2 : at + 2 + size]
        at += 2 + size
        found += 1
        if len(one) < size:
            notes.reject("truncated", f"position {found} announces {size} bytes and has {len(one)}")
            return
        try:
            _position(notes, one, profile, batch=True)
        except RejectedReading as fault:
            notes.reject(fault.reason, fault.detail)
    if at != len(body) or found != announced:
        notes.reject("truncated", f"{announced} positions announced, {found} found")


def _position(notes: Notes, raw: bytes, profile: Profile, *, batch: bool) -> None:
    if len(raw) < BASIC_BYTES:
        raise RejectedReading("truncated", f"a position of {len(raw)} bytes; {BASIC_BYTES} at least were expected")
    own_ms = time_of_bcd(raw[22:28])
    if batch and own_ms is None:
        raise RejectedReading("bad-time", f"a kept position at {raw[22:28].hex()}, which is no time")
    its = notes.at(own_ms, history=batch or profile.history)
    _place(its, raw, profile.coordinates)
    _items(its, raw[BASIC_BYTES:], profile)


def _place(notes: Notes, raw: bytes, system: str) -> None:
    status = int.from_bytes(raw[4:8], "big")
    latitude = int.from_bytes(raw[8:12], "big") / (-1e6 if status & _SOUTH else 1e6)
    longitude = int.from_bytes(raw[12:16], "big") / (-1e6 if status & _WEST else 1e6)
    if not status & _FIX or (latitude == 0 and longitude == 0):
        fault = NO_FIX
    elif abs(latitude) > 90 or abs(longitude) > 180:
        fault = OUT_OF_RANGE
    else:
        place = [round(float(degrees), PLACES) for degrees in to_wgs84(latitude, longitude, system)]
        notes.number("lat", place[0], "lat")
        notes.number("lon", place[1], "lon")
        notes.number("speed", round(int.from_bytes(raw[18:20], "big") / KMH_TENTHS_IN_MPS, 3), "m/s")
        return
    notes.fault("lat", fault)
    notes.fault("lon", fault)


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
