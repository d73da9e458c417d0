"""One point's sensor: from what its probe feels to what it says, when, through which gateway, and what to expect of it.

::

    felt ─▶ probe (swapped, pulled, stuck, spiking) ─▶ clock (wrong) ─▶ way (moved, lost, offline, twice) ─▶ Reading
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firmware_sim.chance import Probes
from firmware_sim.expected import number_of
from firmware_sim.fleet import Fleet, Point, sensor_of
from firmware_sim.positions import Instrument
from firmware_sim.scenario import (
    Duplicates,
    Expect,
    Happening,
    Moved,
    Offline,
    PowerCut,
    ProbeSwapped,
    RadioLoss,
    Scenario,
    Spiking,
    Stuck,
    Unplugged,
    WrongClock,
)

BELIEVED_MS = 120_000
"""A gateway believes a sensor's own time within 2 min of arrival (protocol: time)."""

EDGE_MS = 15_000
"""Nearer than this to `BELIEVED_MS`, a message's way decides; both are right."""

MISHAPS: tuple[type[Happening], ...] = (
    *(ProbeSwapped, Unplugged, Stuck, Spiking),
    WrongClock,
    *(Moved, RadioLoss, Duplicates, Offline, PowerCut),
)


@dataclass(frozen=True, slots=True)
class State:
    """What is true of an asset at a moment: temperatures in °C; ``unit_on`` while it cools."""

    air_celsius: float
    product_celsius: float
    door_open: bool
    unit_on: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sensor says once.

    Attributes:
        node: the gateway that it speaks to.
        sensor: the device's level of the topic.
        t_ms: the sensor's own time, ms UTC; wrong if its clock is.
        value: °C, a door's bool, or a fault word.
        expect: where it must be found.
        said_ms: when it says so, ms UTC, true time; later than measured where it was kept. 0: at once.
        copies: how often the sensor sends it.
        here_celsius: what is true at the probe; None where it measures no temperature.
        state: what is true of its asset.
    """

    node: str
    sensor: str
    channel: str
    t_ms: int
    value: float | bool | str
    unit: str
    expect: Expect
    said_ms: int = 0
    copies: int = 1
    here_celsius: float | None = None
    state: State | None = None


def mishaps_of(scenario: Scenario, fleet: Fleet) -> dict[str, list[Happening]]:
    """Return point → what befalls its sensor, in the order of the way, whatever the order of the scenario."""
    found: dict[str, list[Happening]] = {}
    for kind in MISHAPS:
        for what in scenario.of(kind):
            for point in what.points_of(fleet):
                found.setdefault(point, []).append(what)
    return found


class Sensing:
    """A point's sensor through time; moments must grow.

    Args:
        node: the gateway of its site.
        mishaps: what befalls it, of `mishaps_of`.
        live_ms: what happenings count from, ms UTC.
    """

    def __init__(
        self,
        point: Point,
        node: str,
        mishaps: Sequence[Happening],
        probes: Probes,
        live_ms: int,
        instrument: Instrument,
    ) -> None:
        self.point, self.instrument = point, instrument
        self._node, self._probes, self._drawn, self._live_ms = node, probes, probes.drawn, live_ms
        self._mishaps = mishaps
        self._outages = [what for what in self._mishaps if isinstance(what, Offline | PowerCut)]
        self._stuck: dict[int, float | bool | str] = {}

    def say(self, at_ms: int, felt: float | bool, state: State) -> Reading | None:
        """Return what is said of a moment; None for nothing, now or later.

        Args:
            felt: °C at the probe, or what a switch says.
        """
        point = self.point
        celsius = felt if point.quantity == "temperature" else None
        value: float | bool | str = felt
        if celsius is not None:
            value = self._probes.measured(point.channel, at_ms, celsius, self.instrument)
            celsius = round(float(celsius), 3)
        reading = Reading(
            self._node,
            point.sensor,
            point.channel,
            at_ms,
            value,
            "" if isinstance(felt, bool) else point.unit,
            Expect.RECORDED,
            at_ms,
            1,
            celsius,
            state,
        )
        if not self._mishaps:
            return reading
        return self._befallen(reading, (at_ms - self._live_ms) / 1000)

    def _befallen(self, reading: Reading, live_s: float) -> Reading | None:
        at_ms, changed = reading.t_ms, reading
        for number, what in enumerate(self._mishaps):
            match what:
                case WrongClock(silent_before=True) if live_s < what.start_s:
                    return None
                case Moved() if live_s >= what.start_s:
                    if what.duration_s is not None and what.covers(live_s):
                        return None
                    expect = _first(changed.expect, Expect.FOREIGN_CHANNEL)
                    changed = replace(changed, node=what.node, expect=expect)
                case ProbeSwapped(channel=channel) if what.covers(live_s):
                    expect = Expect.UNKNOWN_CHANNEL
                    changed = replace(changed, sensor=sensor_of(channel), channel=channel, expect=expect)
                case Unplugged(says=says) if what.covers(live_s) and reading.here_celsius is not None:
                    number_said = number_of(says)
                    value: float | str = says if number_said is None else number_said
                    expect = Expect.FAULT if number_said is None else Expect.RECORDED
                    changed = replace(changed, value=value, expect=_first(changed.expect, expect))
                case Stuck() if reading.here_celsius is not None:
                    if what.covers(live_s):
                        changed = replace(changed, value=self._stuck.setdefault(number, changed.value))
                    else:
                        self._stuck.pop(number, None)
                case Spiking() if what.covers(live_s) and reading.here_celsius is not None:
                    hit = self._drawn.even("spike", reading.channel, at_ms) < what.hit_share
                    if hit and not isinstance(changed.value, str):
                        changed = replace(changed, value=round(changed.value + what.spike_kelvin, 2))
                case RadioLoss() if what.covers(live_s):
                    if self._drawn.even("radio", reading.channel, at_ms) < what.lost_share:
                        return None
                case Duplicates() if what.covers(live_s):
                    changed = replace(changed, copies=max(changed.copies, what.copies))
                case WrongClock() if what.covers(live_s):
                    changed = self._by_own_clock(changed, what)
                case _:
                    pass
        said_ms = self._said_ms(at_ms)
        return None if said_ms is None else replace(changed, said_ms=said_ms)

    def _by_own_clock(self, reading: Reading, what: WrongClock) -> Reading:
        started_ms = self._live_ms + round(what.start_s * 1000)
        since_ms = reading.t_ms - started_ms
        if what.reads_ms is not None:
            own_ms = what.reads_ms + since_ms
        elif what.ahead_s is not None:
            own_ms = reading.t_ms + round(what.ahead_s * 1000)
        else:
            own_ms = reading.t_ms + round(since_ms * (what.drift_share or 0.0))
        off_ms = abs(own_ms - reading.t_ms)
        if off_ms < BELIEVED_MS - EDGE_MS:
            expect = Expect.RECORDED
        else:
            expect = Expect.CLOCK_EDGE if off_ms <= BELIEVED_MS + EDGE_MS else Expect.SENSOR_CLOCK
        return replace(reading, t_ms=own_ms, expect=_first(reading.expect, expect))

    def _said_ms(self, at_ms: int) -> int | None:
        """Return when a reading can be said: after every outage that keeps it; None if one loses it or never ends."""
        said_ms, moved = at_ms, True
        while moved:
            moved = False
            for what in self._outages:
                if not what.covers((said_ms - self._live_ms) / 1000):
                    continue
                keeps = what.keeps if isinstance(what, Offline) else what.sensors_keep
                if not keeps or what.duration_s is None:
                    return None
                said_ms, moved = self._live_ms + round(what.end_s * 1000), True
        return said_ms


_ORDER = (Expect.UNKNOWN_CHANNEL, Expect.FOREIGN_CHANNEL, Expect.SENSOR_CLOCK, Expect.CLOCK_EDGE, Expect.FAULT)


def _first(a: Expect, b: Expect) -> Expect:
    """Return the stronger expectation: what waits in quarantine waits whatever it says."""
    return min(a, b, key=lambda expect: _ORDER.index(expect) if expect in _ORDER else len(_ORDER))
