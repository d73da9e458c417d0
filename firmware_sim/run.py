"""Runs the fleet against its site brokers: history as fast as it is taken, then live, ending at the present.

::

    now - history ───────── history, 60 s ─────────▶ live starts ── live, 5 s ──▶ now, and on

Faster than real time, the simulated live period still *ends* at the real present: it starts that much earlier.
"""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coldchain.clock import Clock, SystemClock, rfc3339
from coldchain.errors import ConfigError
from firmware_sim.fleet import Fleet, named_fleet
from firmware_sim.publish import Broker, SitePublisher, pack_of
from firmware_sim.scenario import Expect, Scenario
from firmware_sim.scenario_files import demo_scenario
from firmware_sim.sensing import Reading
from firmware_sim.truth import TruthLog
from firmware_sim.world import STEP_S, World

LIVE_EVERY_S = 5
PACK_READINGS = 60
BELIEVED_MS = 60_000
"""Half of the 2 min within which a gateway believes a sensor's own time: what is older is sent as history."""

HISTORY_BLOCK = 60
"""Moments simulated at once: an hour, so that the packs of all sensors of a site alternate."""

ARRIVING = (Expect.SENSOR_CLOCK, Expect.CLOCK_EDGE)
"""Readings that a gateway may give the time of their arrival."""

FINISH_S = 10.0
WAIT_S = 0.5
"""Longest wait, as a signal does not wake it."""

REPORT_EVERY_S = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to run.

    Attributes:
        broker: where sensors speak, unless ``sites`` names another for their gateway.
        sites: gateway id → its site's broker.
        nodes: gateways whose sensors run; empty for all.
        history_s: before live, whole minutes; 0 for none.
        duration_s: of live, simulated seconds; None until stopped, 0 for history only.
        speed: simulated seconds a real one; above 1 needs a duration.
        truth: file of the truth log; None for none.
        scenario: what happens; it names its fleet.
        say_history: put the ``history`` user property on old packs; False for sensors that speak MQTT 3.1.1.
    """

    broker: Broker = field(default_factory=Broker)
    sites: Mapping[str, Broker] = field(default_factory=dict)
    nodes: frozenset[str] = frozenset()
    seed: int = 7
    history_s: int = 24 * 3600
    duration_s: float | None = None
    speed: float = 1.0
    truth: Path | None = None
    scenario: Scenario = field(default_factory=demo_scenario)
    say_history: bool = True

    def check(self) -> None:
        """Raise ConfigError with every fault of the options."""
        faults = []
        if self.speed < 1:
            faults.append(f"speed is {self.speed}, at least 1 was expected (1 is real time)")
        if self.speed > 1 and self.duration_s is None:
            faults.append("a speed above 1 needs a duration, so that the simulated period can end at the present")
        if self.history_s < 0 or self.history_s % STEP_S:
            faults.append(f"history of {self.history_s} s: whole minutes were expected, 0 for none")
        if self.duration_s is not None and self.duration_s < 0:
            faults.append(f"duration of {self.duration_s} s: 0 or more was expected")
        if faults:
            raise ConfigError(faults)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did; `pending` packs were offered and never taken."""

    packs_sent: int
    packs_taken: int
    readings_taken: int
    refused: int
    dropped: int
    pending: int


def lead_ms(duration_s: float | None, speed: float) -> float:
    """Return how long before the real start a live period must begin to end at the real present, ms."""
    return 0.0 if duration_s is None else duration_s * 1000 * (1 - 1 / speed)


def live_start_ms(now_ms: int, duration_s: float | None, speed: float) -> int:
    """Return when live starts, on a whole live interval.

    >>> live_start_ms(1_700_003_600_000, 3600, 60.0)
    1700000060000
    """
    return int(now_ms - lead_ms(duration_s, speed)) // (LIVE_EVERY_S * 1000) * LIVE_EVERY_S * 1000


def simulate(
    options: Options, stop: threading.Event, say: Say, clock: Clock | None = None, fleet: Fleet | None = None
) -> Summary:
    """Run until the duration is over or ``stop`` is set; then finish what is in flight and close the log.

    Args:
        stop: set it to end the run within a moment.
        say: told of progress, one line each.

    Raises:
        ConfigError: options, fleet or scenario that cannot run.
    """
    options.check()
    clock, fleet, wake = clock or SystemClock(), fleet or named_fleet(options.scenario.fleet), threading.Event()
    started_ms = clock.now_ms()
    live_ms = live_start_ms(started_ms, options.duration_s, options.speed)
    world = World(fleet, options.scenario, options.seed, live_ms, options.history_s)
    nodes = [node.id for node in fleet.nodes if not options.nodes or node.id in options.nodes]
    with TruthLog(options.truth) as truth:
        sites = {
            node: SitePublisher(f"sim-{node}", options.sites.get(node, options.broker), truth, clock, wake)
            for node in nodes
        }
        run = _Run(options, world, sites, truth, clock, stop, wake, say, started_ms)
        try:
            run.history()
            run.live()
            run.finish()
        finally:
            for site in sites.values():
                site.close()
        return run.summary()


def run_until_signalled(options: Options, say: Say) -> Summary:
    """Run in the foreground of a process: SIGTERM and SIGINT end it cleanly."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return simulate(options, stop, say)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Run:
    def __init__(
        self,
        options: Options,
        world: World,
        sites: Mapping[str, SitePublisher],
        truth: TruthLog,
        clock: Clock,
        stop: threading.Event,
        wake: threading.Event,
        say: Say,
        started_ms: int,
    ) -> None:
        self._options, self._world, self._sites, self._truth, self._clock = options, world, sites, truth, clock
        self._stop, self._wake, self._say, self._started_ms = stop, wake, say, started_ms
        # Unique among the runs that append to one truth file.
        self._ids = (f"{started_ms:x}-{number}" for number in itertools.count())
        self._history_packs = 0

    def history(self) -> None:
        live_ms, history_ms = self._world.live_ms, self._options.history_s * 1000
        if self._world.left_open_ms is not None:
            self._say(f"a door is left open since {rfc3339(self._world.left_open_ms)}")
        moments = range(live_ms - history_ms + STEP_S * 1000, live_ms + 1, STEP_S * 1000)
        for first in range(0, len(moments), HISTORY_BLOCK):
            if self._stop.is_set():
                return
            self._history_packs += self._offer(moments[first : first + HISTORY_BLOCK])
            self._pump()
        self._say(f"history: {len(moments)} moments in {self._history_packs} packs")

    def live(self) -> None:
        every_ms, live_ms, duration_s = LIVE_EVERY_S * 1000, self._world.live_ms, self._options.duration_s
        end_ms = None if duration_s is None else live_ms + int(duration_s * 1000)
        tick_ms, report_s = live_ms, self._clock.monotonic_s() + REPORT_EVERY_S
        while not self._stop.is_set():
            now_ms = self._simulated_ms()
            due = range(tick_ms + every_ms, (now_ms if end_ms is None else min(now_ms, end_ms)) + 1, every_ms)
            if due:
                self._offer(due)
                tick_ms = due[-1]
            self._pump()
            if end_ms is not None and tick_ms + every_ms > end_ms:
                return
            if self._clock.monotonic_s() >= report_s:
                report_s += REPORT_EVERY_S
                self._say(f"live: {self.summary()}")
            self._wait((tick_ms + every_ms - self._simulated_ms()) / 1000 / self._options.speed)

    def finish(self) -> None:
        """Wait for what is in flight, and at a natural end for the queues too, until nothing moves for FINISH_S."""
        moved_s, taken = self._clock.monotonic_s(), -1
        while self._clock.monotonic_s() < moved_s + FINISH_S:
            self._pump()
            stopped = self._stop.is_set()
            if not sum(site.in_flight if stopped else site.pending for site in self._sites.values()):
                return
            now_taken = self.summary().packs_taken
            if now_taken != taken and not stopped:
                moved_s, taken = self._clock.monotonic_s(), now_taken
            self._wait(WAIT_S)

    def summary(self) -> Summary:
        counts = [site.counts for site in self._sites.values()]
        return Summary(
            packs_sent=sum(count.sent for count in counts),
            packs_taken=sum(count.taken for count in counts),
            readings_taken=sum(count.readings_taken for count in counts),
            refused=sum(count.refused for count in counts),
            dropped=sum(count.dropped for count in counts),
            pending=sum(site.pending for site in self._sites.values()),
        )

    def _simulated_ms(self) -> int:
        duration_s, speed = self._options.duration_s, self._options.speed
        elapsed_ms = self._clock.now_ms() - self._started_ms
        return int(self._started_ms - lead_ms(duration_s, speed) + elapsed_ms * speed)

    def _offer(self, moments_ms: Sequence[int]) -> int:
        packs = 0
        told = self._world.advance(moments_ms)
        self._truth.expected(self._world.expected())
        for readings in told:
            site = self._sites.get(readings[0].node)
            if site is not None:
                for part in parts_of(readings):
                    pack = pack_of(next(self._ids), part, self._is_history(part))
                    for _ in range(part[0].copies):
                        site.offer(pack)
                        packs += 1
        return packs

    def _is_history(self, part: Sequence[Reading]) -> bool:
        wrong_clock = part[0].expect in ARRIVING
        old = part[0].t_ms < self._clock.now_ms() - BELIEVED_MS
        return old and not wrong_clock and self._options.say_history

    def _pump(self) -> None:
        sending = not self._stop.is_set()
        for site in self._sites.values():
            site.pump(sending)

    def _wait(self, seconds: float) -> None:
        self._wake.wait(max(0.0, min(seconds, WAIT_S)))
        self._wake.clear()


def parts_of(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    """Cut one sensor's readings into packs.

    Those with a wrong clock go by themselves, and only the last of them: each gets the time of its arrival, so two of
    one pack would be two values of one moment. What is sent several times goes apart from what is sent once.
    """
    timed = [reading for reading in readings if reading.expect not in ARRIVING]
    for _, alike in itertools.groupby(timed, key=lambda reading: reading.copies):
        part = list(alike)
        for first in range(0, len(part), PACK_READINGS):
            yield part[first : first + PACK_READINGS]
    if len(timed) < len(readings):
        yield [reading for reading in readings if reading.expect in ARRIVING][-1:]
