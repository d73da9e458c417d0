"""The numbers that are no measurements: one table, the word each becomes, and where it is written.

A decoder names the rows that apply to a value; no row applies by itself, because 20.00 °C of one firmware is another's
"parsing failed". Compared is the value after scaling (°C and so on), exactly: 85.06 °C is a temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_VALUE = "no-value"
"""Null, an empty text, or not a number: the sensor said that it has nothing."""

NO_FIX = "no-fix"
"""A position without satellites: 0° N 0° E is sent then, and is no place."""

NO_PROBE = "no-probe"
READ_ERROR = "read-error"
OUT_OF_RANGE = "out-of-range"
POWER_ON = "power-on"
ABNORMAL = "abnormal"


@dataclass(frozen=True, slots=True)
class Sentinel:
    """Every value from ``lowest`` to ``highest`` means ``word``.

    Attributes:
        verified: seen in a published frame or in the maker's own text; else as reported by others.
    """

    lowest: float
    highest: float
    word: str
    source: str
    verified: bool = True


SENTINELS = {
    "ds18b20-power-on": Sentinel(85.0, 85.0, POWER_ON, "DS18B20 data sheet: the scratchpad after power-up is +85 °C"),
    "1-wire-lost": Sentinel(-127.0, -127.0, NO_PROBE, "DallasTemperature: DEVICE_DISCONNECTED_C"),
    "int16-max/100": Sentinel(327.67, 327.67, NO_PROBE, "Dragino LHT65 manual 2.4.6: 7FFF when no DS18B20 is there"),
    "int16-min/100": Sentinel(-327.68, -327.68, NO_VALUE, "0x8000 in hundredths", verified=False),
    "int16-max/10": Sentinel(3276.7, 3276.7, NO_PROBE, "0x7FFF in tenths", verified=False),
    "int16-min/10": Sentinel(-3276.8, -3276.8, NO_VALUE, "0x8000 in tenths", verified=False),
    "uint16-max/10": Sentinel(6553.5, 6553.5, NO_PROBE, "0xFFFF in tenths", verified=False),
    "ruuvi-temperature": Sentinel(-163.84, -163.84, NO_VALUE, "Ruuvi data format 5: 0x8000 is not available"),
    "ruuvi-humidity": Sentinel(163.8375, 163.8375, NO_VALUE, "Ruuvi data format 5: 0xFFFF is not available"),
    "ruuvi-pressure": Sentinel(115535, 115535, NO_VALUE, "Ruuvi data format 5: 0xFFFF is not available"),
    "ruuvi-battery": Sentinel(3.647, 3.647, NO_VALUE, "Ruuvi data format 5: 2047 is not available"),
    "milesight-button": Sentinel(-0.1, -0.1, READ_ERROR, "Milesight TS30x decoder: 0xFFFF in the frames of its button"),
    "teltonika-not-found": Sentinel(327.67, 327.67, NO_PROBE, "Teltonika AVL 25-28: 32767", verified=False),
    "teltonika-unparsed": Sentinel(327.66, 327.66, READ_ERROR, "Teltonika AVL 25-28: 32766", verified=False),
    "teltonika-abnormal": Sentinel(327.65, 327.65, ABNORMAL, "Teltonika AVL 25-28: 32765", verified=False),
    "fmb640-not-found": Sentinel(300.0, 300.0, NO_PROBE, "Teltonika wiki, FMB640 AVL ids: 3000"),
    "fmb640-unparsed": Sentinel(200.0, 200.0, READ_ERROR, "Teltonika wiki, FMB640 AVL ids: 2000"),
    "fmb640-abnormal": Sentinel(400.0, 400.0, ABNORMAL, "Teltonika wiki, FMB640 AVL ids: 4000"),
    "dallas-error": Sentinel(300.0, 300.0, READ_ERROR, "Teltonika AVL 72-75: 3000", verified=False),
    "dallas-not-ready": Sentinel(85.0, 85.0, POWER_ON, "Teltonika AVL 72-75: 850", verified=False),
    "dallas-no-id": Sentinel(500.0, 500.0, NO_PROBE, "Teltonika AVL 72-75: 5000", verified=False),
    "efento-error": Sentinel(
        8355840, 8388607, READ_ERROR, "Efento sample offsets that are error codes", verified=False
    ),
}

ONE_WIRE = ("ds18b20-power-on", "1-wire-lost")
HUNDREDTHS = ("int16-max/100", "int16-min/100")
TENTHS = ("int16-max/10", "int16-min/10")
ANY_TEMPERATURE = ("1-wire-lost", *HUNDREDTHS, *TENTHS, "uint16-max/10")
"""For temperatures whose probe and scale the message does not tell: none of these is a dairy's."""


def word_of(value: float, names: Sequence[str]) -> str:
    """Return the fault word that a value stands for, ``""`` when it is a measurement.

    >>> word_of(85.0, ONE_WIRE), word_of(85.06, ONE_WIRE), word_of(85.0, HUNDREDTHS)
    ('power-on', '', '')
    """
    for name in names:
        row = SENTINELS[name]
        if row.lowest <= value <= row.highest:
            return row.word
    return ""
