"""What goes wrong, when, and what the record must say about it.

Moments are seconds before live starts, so that the story always ends at the present. Frozen description only: the
world (`firmware_sim.world`) makes it happen, the truth log carries each reading's `Expect` for the comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CLOCK_OF_2000_S = 946_684_800
"""2000-01-01T00:00:00Z, where many real-time clocks start after losing power. Not 1970: SenML reads times below 2**28 s
as relative to now (RFC 8428 §4.5.3), so a sensor that counts from 1970 would seem to speak of the near future."""

NO_PROBE = "no-probe"


class Expect(StrEnum):
    """Where a reading that a gateway has taken must be found."""

    RECORDED = "recorded"
    """In the series, at its own time, with its value."""
    FAULT = "fault"
    """In the series as a word, without a value."""
    SENSOR_CLOCK = "sensor-clock"
    """In the series with its value, at the time of arrival, with that quality."""
    UNKNOWN_CHANNEL = "quarantined:unknown-channel"
    """In quarantine, because nobody registered the probe."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A door opened and never closed, so early that the air's first sample ≥ limit comes at a given moment.

    Attributes:
        crosses_s: that sample, seconds before live. 29 min, so that an on-delay of 30 min passes about a minute
            into live.
    """

    point: str
    crosses_s: int = 29 * 60


@dataclass(frozen=True, slots=True)
class Offline:
    """A sensor that says nothing in [from, to) and remembers nothing of it: a hole, and nothing is lost."""

    point: str
    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A probe pulled out of its sensor in [from, to): the sensor says a word in place of a value."""

    point: str
    from_s: int
    to_s: int
    word: str = NO_PROBE


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A sensor that somebody switched on and nobody registered; it measures the room."""

    node: str
    channel: str


@dataclass(frozen=True, slots=True)
class WrongClock:
    """A sensor whose clock starts at 2000 when live starts, when it is switched on; it has no history."""

    point: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that misbehaves; nothing by default."""

    left_open: LeftOpen | None = None
    offline: tuple[Offline, ...] = ()
    unplugged: tuple[Unplugged, ...] = ()
    unregistered: tuple[Unregistered, ...] = ()
    wrong_clock: tuple[WrongClock, ...] = ()


CALM = Scenario()

DEMO = Scenario(
    left_open=LeftOpen("cooler-103.return-air"),
    offline=(Offline("cooler-202.return-air", from_s=14 * 3600, to_s=12 * 3600),),
    unplugged=(Unplugged("cooler-302.return-air", from_s=9 * 3600, to_s=9 * 3600 - 1800),),
    unregistered=(Unregistered("gw-shop-2", "urn:dev:mac:0024befffe802fff:temperature"),),
    wrong_clock=(WrongClock("cooler-304.product"),),
)
