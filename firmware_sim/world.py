"""A fleet in time: physics, doors and misbehaviour become readings.

::

    fleet + scenario + seed ──▶ World.advance(moments) ──▶ one list of readings a sensor, each with its expectation
                                      │
             doors, weather, drives ──┴──▶ bodies ──▶ what probes feel ──▶ what sensors say

Same seed, fleet, scenario and live start give the same readings, however the moments are cut into calls: chance is
drawn by name and local day, never in the order of asking. No clock and no I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_sim.bodies import Body
from firmware_sim.chance import CHINA_OFFSET_S, Probes, body_of, door_of, local_s
from firmware_sim.doors import FOREVER_S, Array
from firmware_sim.drives import DRIVING, Drives, forced_doors
from firmware_sim.expected import Expected, Watch, expected_of
from firmware_sim.fitting import check
from firmware_sim.fleet import Fleet, Point, sensor_of
from firmware_sim.opening import opening_ms
from firmware_sim.positions import POSITIONS, TANK_PT100, TRANSMITTER, Felt, Instrument
from firmware_sim.roads import POSITION_NOISE_DEG, SPEED_NOISE_M_PER_S, Road
from firmware_sim.scenario import DoorCrossing, Expect, Round, Scenario, Unregistered
from firmware_sim.sensing import Reading, Sensing, State
from firmware_sim.thermal import Bodies

__all__ = ["Reading", "World"]

STEP_S = 60
"""Step of history and of the hours before it; live steps are shorter."""

SETTLE_S = 6 * 3600
"""Hours run before history, so that it starts inside the compressors' rhythm: one defrost interval."""

ROOM_CELSIUS = 22.0
"""What a sensor that nobody registered measures."""

TANKS = ("tanker", "station-tank", "plant-silo")
PLACE = Instrument(noise_kelvin=POSITION_NOISE_DEG, resolution_kelvin=1e-6)
SPEED = Instrument(noise_kelvin=SPEED_NOISE_M_PER_S, resolution_kelvin=0.1)


@dataclass(frozen=True, slots=True)
class _Course:
    """What a run of steps left behind, each of shape (moments, …)."""

    felt: Array
    air: Array
    product: Array
    door_open: NDArray[np.bool_]
    running: NDArray[np.bool_]
    defrosting: NDArray[np.bool_]


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
        self._roads = {
            asset: (live_ms + round(what.start_s * 1000), Road(what.stops))
            for what in scenario.of(Round)
            for asset in what.assets_of(fleet)
        }
        self._doors = [
            door_of(asset, seed, forced.get(asset.id, ()), asset.id not in self._roads) for asset in fleet.assets
        ]
        self._probes = Probes(seed)
        self._sensing = [
            Sensing(
                point,
                fleet.node_of(point.asset),
                scenario,
                fleet,
                self._probes,
                seed,
                live_ms,
                (instruments or {}).get(point.id) or _instrument(fleet, point),
            )
            for point in fleet.points
        ]
        self._felt = Felt(
            [POSITIONS.get(point.position, POSITIONS["return-air"]) for point in fleet.points],
            [self._assets[point.asset] for point in fleet.points],
        )
        self._watches = {
            sensing.point.id: Watch(sensing.point, sensing.instrument)
            for sensing in self._sensing
            if sensing.point.quantity == "temperature"
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
        since_ms = self._now_ms
        course = self._run(moments_ms)
        states: dict[tuple[int, int], State] = {}
        said: list[Reading] = []
        for place, sensing in enumerate(self._sensing):
            found = self._told(place, sensing, course, since_ms, moments_ms, states)
            said += found
            self._watch(sensing.point, found)
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

    def _run(self, moments_ms: Sequence[int]) -> _Course:
        times_ms = [self._now_ms, *moments_ms]
        times_s = np.array([local_s(at) for at in times_ms])
        steps, assets = len(moments_ms), len(self._assets)
        felt = np.empty((steps, len(self._sensing)))
        air, product = np.empty((steps, assets)), np.empty((steps, assets))
        running, defrosting = np.zeros((steps, assets), bool), np.zeros((steps, assets), bool)
        if not steps:
            return _Course(felt, air, product, running.copy(), running, defrosting)
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
        door_open = np.stack([door.open_at(times_s[1:]) for door in self._doors], axis=1)
        return _Course(felt, air, product, door_open, running, defrosting)

    def _told(
        self,
        place: int,
        sensing: Sensing,
        course: _Course,
        since_ms: int,
        moments_ms: Sequence[int],
        states: dict[tuple[int, int], State],
    ) -> list[Reading]:
        point, asset = sensing.point, self._assets[sensing.point.asset]

        def state(row: int) -> State:
            known = states.get((asset, row))
            if known is None:
                known = states[asset, row] = State(
                    round(float(course.air[row, asset]), 3),
                    round(float(course.product[row, asset]), 3),
                    bool(course.door_open[row, asset]),
                    bool(course.running[row, asset]),
                )
            return known

        found: list[Reading | None]
        if point.quantity == "temperature":
            felt = course.felt[:, place].tolist()
            found = [sensing.say(at_ms, felt[row], state(row)) for row, at_ms in enumerate(moments_ms)]
        elif point.quantity == "door":
            found = self._door_told(sensing, asset, since_ms, moments_ms, state)
        elif point.quantity in ("unit", "defrost"):
            switch = course.running if point.quantity == "unit" else course.defrosting
            found = [
                sensing.say(at_ms, bool(switch[row, asset]), state(row), "")
                for row, at_ms in enumerate(moments_ms)
                if (at_ms - self.live_ms) % (STEP_S * 1000) == 0
            ]
        else:
            found = self._place_told(sensing, moments_ms, state)
        return [reading for reading in found if reading is not None]

    def _door_told(
        self,
        sensing: Sensing,
        asset: int,
        since_ms: int,
        moments_ms: Sequence[int],
        state: Callable[[int], State],
    ) -> list[Reading | None]:
        door = self._doors[asset]
        whole = [at for at in moments_ms if (at - self.live_ms) % (STEP_S * 1000) == 0]
        now_open = door.open_at(np.array([local_s(at) for at in whole])).tolist() if whole else []
        told = dict(zip(whole, now_open, strict=True))
        for at_s, is_open in door.changes(local_s(since_ms), local_s(moments_ms[-1])):
            told[round((at_s - CHINA_OFFSET_S) * 1000)] = is_open
        rows = np.searchsorted(np.array(moments_ms), np.array(list(told), np.int64)).tolist()
        return [
            sensing.say(at_ms, is_open, replace(state(row), door_open=is_open), "")
            for (at_ms, is_open), row in zip(told.items(), rows, strict=True)
        ]

    def _place_told(
        self, sensing: Sensing, moments_ms: Sequence[int], state: Callable[[int], State]
    ) -> list[Reading | None]:
        point = sensing.point
        if point.asset not in self._roads:
            return []
        started_ms, road = self._roads[point.asset]
        found = []
        for row, at_ms in enumerate(moments_ms):
            fix = road.fix((at_ms - started_ms) / 1000)
            if point.quantity == "speed":
                moving = fix.speed_m_per_s > 0
                value = self._probes.measured(point.channel, at_ms, fix.speed_m_per_s, SPEED) if moving else 0.0
                value = max(0.0, value)
            else:
                exact = fix.latitude_deg if point.quantity == "latitude" else fix.longitude_deg
                value = self._probes.measured(point.channel, at_ms, exact, PLACE)
            found.append(sensing.say(at_ms, value, state(row)))
        return found

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


def _instrument(fleet: Fleet, point: Point) -> Instrument:
    return TANK_PT100 if fleet.asset(point.asset).kind in TANKS else TRANSMITTER
