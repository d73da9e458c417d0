"""A fleet in time: physics, doors and misbehaviour become readings.

::

    fleet + scenario + seed ──▶ World.advance(moments) ──▶ one list of readings a sensor, each with its expectation
                                      │
             doors, weather, drives ──┴──▶ bodies ──▶ what probes feel ──▶ what sensors say

Same seed, fleet, scenario and live start give the same readings, however the moments are cut into calls: chance is
drawn by name and local day, never in the order of asking. No clock and no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from firmware_sim.bodies import TANKS, Body
from firmware_sim.chance import Probes, body_of, door_of, local_s
from firmware_sim.doors import FOREVER_S
from firmware_sim.drives import DRIVING, Drives, forced_doors
from firmware_sim.expected import Expected, Watch, expected_of
from firmware_sim.fitting import check
from firmware_sim.fleet import Fleet, Point, sensor_of
from firmware_sim.opening import opening_ms
from firmware_sim.positions import POSITIONS, TANK_PT100, TRANSMITTER, Felt, Instrument
from firmware_sim.rounds import rounds_of
from firmware_sim.scenario import DoorCrossing, Expect, Scenario, Unregistered
from firmware_sim.sensing import Reading, Sensing, mishaps_of
from firmware_sim.telling import Course, Telling
from firmware_sim.thermal import Bodies

STEP_S = 60
"""Step of history and of the hours before it; live steps are shorter."""

SETTLE_S = 6 * 3600
"""Hours run before history, so that it starts inside the compressors' rhythm: one defrost interval."""

ROOM_CELSIUS = 22.0
"""What a sensor that nobody registered measures."""


class World:
    """The fleet from ``history_s`` before live on.

    Args:
        live_ms: when live starts, ms UTC; the scenario counts from here.
        history_s: how much there is to tell of the time before.
        bodies: asset id → a body in place of its kind's (`firmware_sim.populations`).
        instruments: point id → its sensor, in place of its kind's.

    Raises:
        ConfigError: the scenario names what the fleet does not have, or cannot come true.
    """

    def __init__(
        self,
        fleet: Fleet,
        scenario: Scenario,
        seed: int,
        live_ms: int,
        history_s: int,
        bodies: Mapping[str, Body] | None = None,
        instruments: Mapping[str, Instrument] | None = None,
    ) -> None:
        check(fleet, scenario)
        self.fleet, self.scenario, self.seed, self.live_ms = fleet, scenario, seed, live_ms
        self._now_ms = live_ms - (history_s + SETTLE_S) * 1000
        like = bodies or {}
        forced = {asset: list(spans) for asset, spans in forced_doors(scenario, fleet, live_ms).items()}
        self.left_open_ms: int | None = None
        for what in scenario.of(DoorCrossing):
            for name in what.points:
                asset, crosses_ms = fleet.point(name).asset, live_ms + round(what.start_s * 1000)
                body = body_of(fleet.asset(asset), seed, like.get(asset))
                opened_ms = opening_ms(fleet, name, body, seed, crosses_ms, self._now_ms, STEP_S * 1000)
                self.left_open_ms = opened_ms
                forced.setdefault(asset, []).append((local_s(opened_ms), FOREVER_S))
        self._assets = {asset.id: place for place, asset in enumerate(fleet.assets)}
        own = [body_of(asset, seed, like.get(asset.id)) for asset in fleet.assets]
        self._bodies = Bodies(own)
        self._drives = Drives(scenario, fleet, own, live_ms)
        self._driven = bool(scenario.weather) or any(isinstance(what, DRIVING) for what in scenario.happenings)
        roads = {asset: (live_ms + round(start_s * 1000), road) for asset, start_s, road in rounds_of(scenario, fleet)}
        self._doors = [door_of(asset, seed, forced.get(asset.id, ()), asset.id not in roads) for asset in fleet.assets]
        self._probes = Probes(seed)
        mishaps = mishaps_of(scenario, fleet)
        kinds = {asset.id: asset.kind for asset in fleet.assets}
        nodes = fleet.nodes_of_points()
        self._points = [
            Telling(
                Sensing(
                    point,
                    nodes[point.id],
                    mishaps.get(point.id, ()),
                    self._probes,
                    live_ms,
                    (instruments or {}).get(point.id) or (TANK_PT100 if kinds[point.asset] in TANKS else TRANSMITTER),
                ),
                place,
                self._assets[point.asset],
                self._doors[self._assets[point.asset]],
                roads.get(point.asset),
                self._probes,
                live_ms,
            )
            for place, point in enumerate(fleet.points)
        ]
        self._felt = Felt(
            [POSITIONS.get(point.position, POSITIONS["return-air"]) for point in fleet.points],
            [self._assets[point.asset] for point in fleet.points],
        )
        self._watches = {
            telling.sensing.point.id: Watch(telling.sensing.point, telling.sensing.instrument)
            for telling in self._points
            if telling.sensing.point.quantity == "temperature"
        }
        self._kept: list[Reading] = []
        self._found: list[Expected] = expected_of(scenario, fleet, live_ms)
        self._run(range(self._now_ms + STEP_S * 1000, live_ms - history_s * 1000 + 1, STEP_S * 1000))

    def advance(self, moments_ms: Sequence[int]) -> list[list[Reading]]:
        """Let time pass and sample at each moment.

        Args:
            moments_ms: growing, ms UTC, all later than those asked before.

        Returns:
            One list a sensor that has something to say, in the order of saying and then of its times. Doors are told
            at each change and at whole minutes from live, other switches at whole minutes. What an offline sensor
            keeps comes with the moments in which it is back.
        """
        if not moments_ms:
            return []
        course = self._run(moments_ms)
        said: list[Reading] = []
        for telling in self._points:
            found = telling.told(course)
            said += found
            self._watch(telling.sensing.point, found)
        due = [*self._kept, *said, *self._strays(moments_ms)]
        self._kept = [reading for reading in due if reading.said_ms > moments_ms[-1]]
        by_sensor: dict[tuple[str, str], list[Reading]] = {}
        for reading in due:
            if reading.said_ms <= moments_ms[-1]:
                by_sensor.setdefault((reading.node, reading.sensor), []).append(reading)
        return [sorted(readings, key=lambda r: (r.said_ms, r.t_ms)) for readings in by_sensor.values()]

    def expected(self) -> list[Expected]:
        """Return what is expected and was not returned before: of the scenario at first, then episodes as found."""
        found, self._found = self._found, []
        return found

    def _run(self, moments_ms: Sequence[int]) -> Course:
        times_ms = [self._now_ms, *moments_ms]
        times_s = np.array([local_s(at) for at in times_ms])
        steps, assets = len(moments_ms), len(self._assets)
        felt, air, product = (np.empty((steps, count)) for count in (len(self._points), assets, assets))
        door_open, running, defrosting = (np.zeros((steps, assets), bool) for _ in range(3))
        course = Course(self._now_ms, moments_ms, felt, air, product, door_open, running, defrosting)
        if not steps:
            return course
        shares = np.stack([door.share(times_s) for door in self._doors], axis=1)
        bodies = self._bodies
        for place, share in enumerate(shares):
            at_s, dt_s = times_s[place], times_s[place + 1] - times_s[place]
            around = bodies.ambient(at_s)
            if self._driven:
                around = self._drives.around(times_ms[place], around)
                bodies.step(at_s, dt_s, share, self._drives.at(times_ms[place], times_ms[place + 1], around))
            else:
                bodies.step(at_s, dt_s, share)
            felt[place] = self._felt.step(dt_s, bodies.air, bodies.product, around, share, bodies.running)
            air[place], product[place], running[place] = bodies.air, bodies.product, bodies.running
            defrosting[place] = bodies.defrosting(at_s)
        self._now_ms = moments_ms[-1]
        for place, door in enumerate(self._doors):
            door_open[:, place] = door.open_at(times_s[1:])
        return course

    def _watch(self, point: Point, readings: Sequence[Reading]) -> None:
        watch = self._watches.get(point.id)
        if watch is None:
            return
        for reading in readings:
            plain = reading.expect is Expect.RECORDED and isinstance(reading.value, float)
            if plain and reading.here_celsius is not None and reading.channel == point.channel:
                off = abs(float(reading.value) - reading.here_celsius)
                if off <= watch.plausible_kelvin:
                    self._found += watch.see(reading.t_ms, reading.here_celsius)
                else:
                    watch.doubt(reading.t_ms)

    def _strays(self, moments_ms: Sequence[int]) -> list[Reading]:
        return [
            Reading(
                stray.node,
                sensor_of(stray.channel),
                stray.channel,
                at,
                self._probes.measured(stray.channel, at, ROOM_CELSIUS),
                "Cel",
                Expect.UNKNOWN_CHANNEL,
                at,
                here_celsius=ROOM_CELSIUS,
            )
            for stray in self.scenario.of(Unregistered)
            for at in moments_ms
            if stray.covers((at - self.live_ms) / 1000)
        ]
