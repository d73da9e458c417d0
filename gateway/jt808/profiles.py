"""How a kind of terminal is read: its coordinate system, and a table of additional items, as data.

The built-in table has what the standard says and what recorded frames prove; the settings add and replace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from coldchain.errors import ConfigError
from coldchain.settings import Jt808Item, Jt808Profile, Jt808Settings

DEFAULT = "default"
_NUMBER = re.compile(r"[1-9a-f][0-9a-f]{0,19}\Z")

ITEMS: Mapping[int, Jt808Item] = {
    # JT/T 808-2013 and -2019: mileage, 1/10 km
    0x01: Jt808Item(quantity="mileage", unit="m", bytes=4, scale=100.0),
    # JT/T 808-2019, the body's temperature in whole °C, first bit 1 below zero
    0x06: Jt808Item(quantity="temperature", unit="Cel", coding="sign-magnitude"),
    # Not in the standard, and common: frames recorded in traccar's tests (29.1 °C; -2.3 °C and seven times nobody).
    # 04f6, 127.0 °C, is a probe without power or none: GPS51's table of items, with a frame that says it twice
    0x51: Jt808Item(
        quantity="temperature", unit="Cel", coding="sign-magnitude", scale=0.1, sensors=1, missing=(0xFFFF, 0x04F6)
    ),
    # Beside 0x51 in the maker's table of the S21L and in GPS51's (0fff: none), with a frame of eight
    0x58: Jt808Item(quantity="humidity", unit="%RH", scale=0.1, missing=(0xFFFF, 0x0FFF), sensors=1),
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


def profile_faults(settings: Jt808Settings) -> list[str]:
    """Return a sentence for each item whose id is no byte, number that is none, and profile that is not there."""
    faults = [
        f"gateway.jt808.profiles.{name}.items: {key!r} is no id: 0x01 to 0xff"
        for name, said in settings.profiles.items()
        for key in said.items
        if _id_of(key) is None
    ]
    known = {DEFAULT, *settings.profiles}
    for number, terminal in settings.terminals.items():
        if not _NUMBER.match(number):
            faults.append(f"gateway.jt808.terminals: {number!r} is no number: its digits without leading zeros")
        if terminal.profile not in known:
            faults.append(
                f"gateway.jt808.terminals: {number!r} has the profile {terminal.profile!r}; known are "
                f"{', '.join(sorted(known))}"
            )
    return faults


def profiles_of(settings: Jt808Settings) -> dict[str, Profile]:
    """Return name → profile, ``default`` among them.

    Raises:
        ConfigError: what `profile_faults` says.
    """
    if faults := profile_faults(settings):
        raise ConfigError(faults)
    return {
        name: Profile(said.coordinates, said.history, {**ITEMS, **_items(said)})
        for name, said in ({DEFAULT: Jt808Profile()} | settings.profiles).items()
    }


def _items(said: Jt808Profile) -> dict[int, Jt808Item]:
    return {number: item for key, item in said.items.items() if (number := _id_of(key)) is not None}


def _id_of(key: str) -> int | None:
    try:
        number = int(key, 0)
    except ValueError:
        return None
    return number if 0 < number <= 0xFF else None
