"""What goes wrong, when, and what the record must say about it.

Frozen description only: the world (`firmware_sim.world`) makes it happen, the truth log carries each reading's `Expect`
and each happening's `firmware_sim.expected.Expected` for the comparison. Moments are seconds from the start of live,
negative before it, so that a story always ends at the present. Happenings compose: any number at once, also several of
one kind; where two speak of one reading, the order is probe, value, clock, way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from firmware_sim.fleet import Fleet
from firmware_sim.roads import Stop

NO_PROBE = "no-probe"


class Expect(StrEnum):
    """Where a reading that a gateway has taken must be found."""

    RECORDED = "recorded"
    """In the series, at its own time, with its value."""
    FAULT = "fault"
    """In the series as a word, without a value."""
    SENSOR_CLOCK = "sensor-clock"
    """In the series with its value, at the time of arrival, with that quality."""
    CLOCK_EDGE = "clock-edge"
    """As `RECORDED` or as `SENSOR_CLOCK`: its own time is within seconds of what a gateway still believes."""
    UNKNOWN_CHANNEL = "quarantined:unknown-channel"
    """In quarantine, because nobody registered the probe."""
    FOREIGN_CHANNEL = "quarantined:foreign-channel"
    """In quarantine, because the gateway of another site brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something in [start, start + duration).

    Attributes:
        assets, sites, points: whom it befalls, by id; a site stands for its assets, an asset for its points.
        start_s: seconds from the start of live; negative before it.
        duration_s: None to the end.
    """

    assets: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    start_s: float = 0.0
    duration_s: float | None = None

    @property
    def end_s(self) -> float:
        """Seconds from the start of live; infinite without a duration."""
        return float("inf") if self.duration_s is None else self.start_s + self.duration_s

    def covers(self, live_s: float) -> bool:
        """Say whether it is going on at a moment, seconds from the start of live."""
        return self.start_s <= live_s < self.end_s

    def assets_of(self, fleet: Fleet) -> list[str]:
        """Return the assets that it befalls, in the fleet's order."""
        points, sites = set(self.points), set(self.sites)
        named = {*self.assets, *(point.asset for point in fleet.points if point.id in points)}
        return [asset.id for asset in fleet.assets if asset.id in named or asset.site in sites]

    def points_of(self, fleet: Fleet) -> list[str]:
        """Return the points that it befalls, in the fleet's order: those named, and all of the assets and sites."""
        points, assets, sites = set(self.points), set(self.assets), set(self.sites)
        whole = {asset.id for asset in fleet.assets if asset.id in assets or asset.site in sites}
        return [point.id for point in fleet.points if point.id in points or point.asset in whole]


# -- the bodies -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpen(Happening):
    """A door that somebody forgot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorCrossing(Happening):
    """A door left open for good, so early that the air's first sample at or above its high limit comes at ``start_s``.

    One point only, and nothing else may befall its body: the opening is searched on the body alone.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RefrigerationFailure(Happening):
    """A compressor that is dead, or weak from ice and dirt; fans go on.

    Attributes:
        capacity_share: what is left of the built capacity, 0-1.
    """

    capacity_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOff(Happening):
    """A unit switched off, fans too: a driver who saves fuel with goods on board, a cabinet off at night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut(Happening):
    """A site without mains: units and fans stand still, the gateway is silent.

    Attributes:
        sensors_keep: battery sensors remember and send afterwards; else the time is a hole.
    """

    sensors_keep: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Restocking(Happening):
    """Goods exchanged at once: a delivery, a milking into the tank, a tanker's load.

    Attributes:
        fresh_share: of the goods, 0-1.
        fresh_celsius: their temperature.
        every_s: again after this; None for once. The duration ends the repeating.
    """

    fresh_share: float = 0.3
    fresh_celsius: float = 8.0
    every_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milking(Happening):
    """Warm milk into a tank at times of the day, evenly while milking lasts; the duration ends the repeating.

    Attributes:
        times_s: local times of the day at which milking begins, s after midnight.
        lasts_s: how long milk comes in.
        fresh_share: of the tank's milk that comes in, 0-1.
        fresh_celsius: its temperature: a cow's, less what pipes and plate cooler took.
    """

    times_s: tuple[float, ...] = ()
    lasts_s: float = 5400.0
    fresh_share: float = 0.12
    fresh_celsius: float = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Washing(Happening):
    """A tank washed by `firmware_sim.washing`: neither excursion nor fault. Its length is the programme's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Happening):
    """A vehicle's round: place, speed, and doors that open at the stops only."""

    stops: tuple[Stop, ...] = ()


# -- the road: what befalls a vehicle on its round; places are kilometres of the planned way -------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Jam(Happening):
    """Traffic that crawls on a stretch of the way while it lasts; who comes later or earlier passes as planned.

    Attributes:
        from_km, to_km: the stretch.
        km_per_h: how fast it crawls.
    """

    from_km: float = 0.0
    to_km: float = 0.0
    km_per_h: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown(Happening):
    """A vehicle that stands where it is for the duration; doors stay shut.

    Attributes:
        unit_off: the unit stands, too, and the box warms slowly.
    """

    unit_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour(Happening):
    """A stretch of the way that is closed while it lasts; who comes to it then, drives around.

    Attributes:
        from_km, to_km: the stretch, between two stops.
        over: (latitude, longitude) of the way around, in order.
    """

    from_km: float = 0.0
    to_km: float = 0.0
    over: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel(Happening):
    """A stretch of the way on which place and speed are not heard, whenever the vehicle is there.

    Attributes:
        from_km, to_km: the stretch.
    """

    from_km: float = 0.0
    to_km: float = 0.0


# -- the probes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplugged(Happening):
    """A probe pulled out of its sensor: a word in place of a value, or what old sensors say.

    Attributes:
        says: a fault word; a number (-127, 85, 327.67) is sent as if it were a temperature.
    """

    says: str = NO_PROBE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck(Happening):
    """A sensor that repeats its last value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spiking(Happening):
    """A loose contact or radio noise: single readings far off.

    Attributes:
        spike_kelvin: added to a reading that is hit.
        hit_share: of the readings, by chance.
    """

    spike_kelvin: float = 25.0
    hit_share: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSwapped(Happening):
    """Another probe at the point, under a channel that nobody has bound yet; the old one is silent.

    Attributes:
        channel: the new one's.
    """

    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered(Happening):
    """A sensor that somebody switched on and nobody registered; it measures the room."""

    node: str = ""
    channel: str = ""


# -- the clocks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock(Happening):
    """A sensor whose clock is wrong; exactly one of the first three.

    Attributes:
        reads_ms: what its clock says at the start, ms UTC, and it counts on from there.
        ahead_s: how far it is ahead (negative: behind).
        drift_share: it runs faster by this share (0.05: 3 min an hour).
        silent_before: it is switched on at the start and has no history.
    """

    reads_ms: int | None = None
    ahead_s: float | None = None
    drift_share: float | None = None
    silent_before: bool = False


# -- the way --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline(Happening):
    """Sensors that reach nobody.

    Attributes:
        keeps: they remember, and afterwards send the backlog in order; else it is a hole, and nothing is lost.
    """

    keeps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadSpot(Happening):
    """A gateway without network: it goes on taking, keeps, and sends afterwards. Sensors notice nothing.

    What runs the gateways makes it happen (`coldchain.cli.roads`), in live only; the simulator itself has nothing
    to do.

    Attributes:
        every_s: again after this; None for once.
    """

    every_s: float | None = None

    def covers(self, live_s: float) -> bool:
        """Say whether it is going on at a moment, seconds from the start of live; with ``every_s`` again and again."""
        since_s = live_s - self.start_s
        if self.every_s is not None and since_s >= 0:
            since_s %= self.every_s
        return 0 <= since_s < (float("inf") if self.duration_s is None else self.duration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioLoss(Happening):
    """Readings lost on the radio, one by one; the sensor does not know.

    Attributes:
        lost_share: of the readings, by chance.
    """

    lost_share: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates(Happening):
    """Every pack sent several times, byte for byte the same.

    Attributes:
        copies: how often each is sent, at least 2.
    """

    copies: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Happening):
    """A cooler carried to another site: off and silent while it travels (the duration), then heard by its gateway.

    Attributes:
        node: the gateway there.
    """

    node: str = ""


KINDS: dict[str, type[Happening]] = {
    "door-open": DoorOpen,
    "door-crossing": DoorCrossing,
    "refrigeration-failure": RefrigerationFailure,
    "unit-off": UnitOff,
    "power-cut": PowerCut,
    "restocking": Restocking,
    "milking": Milking,
    "washing": Washing,
    "round": Round,
    "jam": Jam,
    "breakdown": Breakdown,
    "detour": Detour,
    "tunnel": Tunnel,
    "unplugged": Unplugged,
    "stuck": Stuck,
    "spiking": Spiking,
    "probe-swapped": ProbeSwapped,
    "unregistered": Unregistered,
    "wrong-clock": WrongClock,
    "offline": Offline,
    "dead-spot": DeadSpot,
    "radio-loss": RadioLoss,
    "duplicates": Duplicates,
    "moved": Moved,
}
"""The word of a scenario file → what it describes."""

WORDS = {kind: word for word, kind in KINDS.items()}

T = TypeVar("T", bound=Happening)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that happens; nothing by default.

    Attributes:
        title: one line for a list.
        fleet: the fleet whose ids it uses: a name, or a file.
        weather: a name of `firmware_sim.climate.CLIMATES`; empty for each body's own surroundings.
    """

    happenings: tuple[Happening, ...] = ()
    title: str = ""
    fleet: str = "demo"
    weather: str = ""

    def of(self, kind: type[T]) -> list[T]:
        """Return the happenings of one kind."""
        return [happening for happening in self.happenings if isinstance(happening, kind)]

    def together(self, other: Scenario) -> Scenario:
        """Return both at once; the first one's fleet, the first weather that is named."""
        return replace(
            self,
            happenings=self.happenings + other.happenings,
            title=" + ".join(title for title in (self.title, other.title) if title),
            weather=self.weather or other.weather,
        )


CALM = Scenario()
