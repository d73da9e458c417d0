"""How a kind of terminal is read: its coordinate system, and a table of additional items, as data.

The built-in table has what the standard says and what recorded frames prove; the settings add and replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coldchain.errors import ConfigError
from coldchain.settings import Jt808Item, Jt808Profile, Jt808Settings

DEFAULT = "default"

ITEMS: Mapping[int, Jt808Item] = {
    # JT/T 808-2013 and -2019: mileage, 1/10 km
    0x01: Jt808Item(quantity="mileage", unit="m", bytes=4, scale=100.0),
    # JT/T 808-2019, the body's temperature in whole °C, first bit 1 below zero
    0x06: Jt808Item(quantity="temperature", unit="Cel", coding="sign-magnitude"),
    # Not in the standard, and common: frames recorded in traccar's tests (29.1 °C; -2.3 °C and seven times nobody)
    0x51: Jt808Item(
        quantity="temperature", unit="Cel", coding="sign-magnitude", scale=0.1, sensors=1, missing=(0xFFFF,)
    ),
    # Beside 0x51 in the maker's table of the S21L; no recorded frame
    0x58: Jt808Item(quantity="humidity", unit="%RH", scale=0.1, missing=(0xFFFF,), sensors=1),
}
"""Id of an additional item → how it is read."""

PASSED_OVER = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x25, 0x2A, 0x2B, 0x30, 0x31}
)
"""Items of JT/T 808 and JT/T 1078 that are no facts of a cold chain: fuel, tyres, areas, signals, reception."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a terminal's positions are read; see `Jt808Profile`."""

    coordinates: str
    history: bool
    items: Mapping[int, Jt808Item]


def profiles_of(settings: Jt808Settings) -> dict[str, Profile]:
    """Return name → profile, ``default`` among them.

    Raises:
        ConfigError: an item's id that is no byte, a number that is none, a profile that is not there; all at once.
    """
    faults: list[str] = []
    profiles = {
        name: Profile(said.coordinates, said.history, {**ITEMS, **_items(name, said, faults)})
        for name, said in ({DEFAULT: Jt808Profile()} | settings.profiles).items()
    }
    for number, terminal in settings.terminals.items():
        if not number.isalnum() or number != number.lower().lstrip("0"):
            faults.append(
                f"gateway.jt808.terminals: {number!r} is no terminal's number: its digits without leading zeros"
            )
        if terminal.profile not in profiles:
            faults.append(
                f"gateway.jt808.terminals: {number!r} has the profile {terminal.profile!r}; known are "
                f"{', '.join(profiles)}"
            )
    if faults:
        raise ConfigError(faults)
    return profiles


def _items(name: str, said: Jt808Profile, faults: list[str]) -> dict[int, Jt808Item]:
    items = {}
    for key, item in said.items.items():
        try:
            number = int(key, 0)
        except ValueError:
            number = -1
        if 0 < number <= 0xFF:
            items[number] = item
        else:
            faults.append(f"gateway.jt808.profiles.{name}.items: {key!r} is no id: 0x01 to 0xff")
    return items
