"""Units of values that come under names of somebody's choice: decoded objects and platforms' telemetry.

A name is cut into words (``TempC_SHT`` → tempc, sht). A known word gives the unit; a number under an unknown name is
kept without one. Words such as open and closed are booleans; any other text is no reading and says so.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from gateway.formats.names import name_part
from gateway.formats.port import Notes
from gateway.formats.sentinels import ANY_TEMPERATURE, ONE_WIRE

_UNITS = {
    "Cel": {"temperature", "temp", "tempc", "celsius"},
    "%RH": {"humidity", "hum", "rh"},
    "lat": {"latitude", "lat"},
    "lon": {"longitude", "lon", "lng"},
    "V": {"voltage", "volt", "batv", "vbat"},
    "%EL": {"battery"},
}
_FAHRENHEIT = {"f", "fahrenheit", "tempf"}
_KELVIN = {"k", "kelvin", "tempk"}
_WIRE = {"ds", "ds18b20", "dallas", "onewire"}
_STATES = {
    "open": True, "opened": True, "on": True, "true": True, "yes": True,
    "close": False, "closed": False, "off": False, "false": False, "no": False,
}  # fmt: skip
_FAHRENHEIT_UNIT = "°F"


@lru_cache(maxsize=1 << 12)
def unit_and_sentinels(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the unit that a name tells, ``""`` for none, and the sentinels that apply to it.

    >>> [unit_and_sentinels(name)[0] for name in ("TempC_SHT", "humidity", "temp_f", "count")]
    ['Cel', '%RH', '°F', '']
    """
    words = {word.rstrip("0123456789") or word for word in re.split(r"[^a-z0-9]+", name.lower())}
    words |= set(re.split(r"[^a-z0-9]+", name.lower()))
    sentinels = ANY_TEMPERATURE + (ONE_WIRE if words & _WIRE else ())
    if "tempf" in words or (words & _UNITS["Cel"] and words & _FAHRENHEIT):
        return _FAHRENHEIT_UNIT, ()
    if "tempk" in words or (words & _UNITS["Cel"] and words & _KELVIN):
        return "K", ()
    for unit, known in _UNITS.items():
        if words & known:
            return unit, sentinels if unit == "Cel" else ()
    return "", ()


def note_object(notes: Notes, values: dict[str, Any]) -> None:
    """Note every value of an object under its own name."""
    for name, value in values.items():
        what = name_part(name)
        if isinstance(value, bool):
            notes.truth(what, value)
            continue
        if isinstance(value, str) and value.lower() in _STATES:
            notes.truth(what, _STATES[value.lower()])
            continue
        unit, sentinels = unit_and_sentinels(name[:255])
        if unit == _FAHRENHEIT_UNIT:
            value, unit = _celsius(value), "Cel"
        notes.number(what, value, unit, sentinels)


def _celsius(fahrenheit: object) -> object:
    if isinstance(fahrenheit, int | float) and abs(fahrenheit) < 1e6:
        return round((fahrenheit - 32) / 1.8, 6)
    return fahrenheit
