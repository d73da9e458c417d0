"""Plays a plan of faults on the real chain and compares the record with the truth, through the API.

Harness, sensors and the chain are separate processes; the truth is written by the sensors before they send. A run that
saw fewer faults than planned is not clean, whatever the record says.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import tempfile
import time
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path

from coldchain.cli.broker import free_port
from coldchain.cli.chain import FIXED, MOBILE, SENSORS, SERVER, SITE_BROKER, UPLINK_BROKER, Chain
from coldchain.cli.demo import settled
from coldchain.cli.oracle import expected_episodes
from coldchain.cli.report import Report, make_report
from coldchain.crash import EXIT_CODE, VARIABLE
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import registry_at
from firmware_sim.truth import read_truth
from tests.faults.plan import Fault, How, planned
from tests.faults.road import Found, Trips, expected_trips, forged, sees_forgery, written, wrong_trips

HISTORY_S = 26 * 3600
"""Crosses at least one UTC midnight, so that checkpoints are written."""

LIVE_SIMULATED_S = 4 * 3600
SECONDS_A_FAULT = 2.2
"""Real seconds that a fault takes with its recovery, measured; the sensors speak as long as faults come."""

LEAST_LIVE_S = 20.0
CRASH_WAIT_S = 20.0
DRAIN_S = 180.0
JUDGED_WITHIN_S = 35.0
"""A trip is judged at most each half minute (`alerts.transit.desk.EVERY_S`)."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault as it was: what, to which process, when (ms UTC)."""

    fault: Fault
    pid: int
    at_ms: int


@dataclass(slots=True)
class Outcome:
    """A run's result.

    Attributes:
        planned: how many faults were wanted.
        happened: which came true.
    """

    seed: int
    planned: int
    happened: list[Happened] = field(default_factory=list)
    report: Report | None = None
    trips: Trips | None = None
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or altered, alarms and trips are right, every planned fault happened."""
        right = self.report is not None and self.report.ok and self.trips is not None and self.trips.ok
        return right and len(self.happened) >= self.planned

    def summary(self) -> str:
        """Return a few lines for people."""
        kinds: dict[str, int] = {}
        for item in self.happened:
            name = f"{item.fault.how} {item.fault.point or item.fault.victim}"
            kinds[name] = kinds.get(name, 0) + 1
        lines = [f"seed {self.seed}: {len(self.happened)} of {self.planned} faults in {self.seconds:.0f} s"]
        lines += [f"  {count:4d} × {name}" for name, count in sorted(kinds.items())]
        if self.report is not None:
            r = self.report
            lines.append(
                f"  produced {r.produced}, recorded {r.recorded}, lost {r.lost}, duplicated {r.duplicated}, mismatched "
                f"{r.mismatched}, misplaced {r.misplaced}, invented {r.invented}; "
                f"alarms expected {r.alarms_expected}, missing {_some(r.alarms_missing)}, wrong {_some(r.alarms_wrong)}"
            )
        if self.trips is not None:
            t = self.trips
            lines.append(
                f"  trips {t.expected}, ended {t.ended}, with {t.alarms} alarms, wrong {_some(t.wrong)}; "
                f"a forged one was {'found' if t.forgery_found else 'NOT FOUND'}; {t.seconds:.0f} s"
            )
        return "\n".join(lines)


def _some(found: list[str]) -> str:
    """Return a count and the first; the report file has all."""
    return f"{len(found)} (first {found[0]})" if found else "0"


class Harness:
    """One run of a plan on one chain.

    Args:
        folder: where everything goes.
        faults: how many.
        control: ``ack-before-commit`` or ``trust-puback``: a chain that must lose readings.
    """

    def __init__(self, folder: Path, seed: int, faults: int, control: str = "") -> None:
        self.outcome = Outcome(seed, faults)
        live_s = max(LEAST_LIVE_S, faults * SECONDS_A_FAULT)
        self._chain = Chain(
            folder,
            free_port(0),
            scenarios=(written(folder, (files("firmware_sim") / "scenarios" / "small.toml").read_text("utf-8")),),
            history_s=HISTORY_S,
            duration_s=float(LIVE_SIMULATED_S),
            speed=LIVE_SIMULATED_S / live_s,
            seed=seed,
            server_arguments=("--lose-on-purpose",) if control == "ack-before-commit" else (),
            gateway_arguments=("--trust-puback",) if control == "trust-puback" else (),
            keep_days=0 if control else 7,
        )
        self._plan = list(planned(seed, faults))
        self._control = control

    async def run(self) -> Outcome:
        """Play the plan, drain, compare."""
        started_s = time.monotonic()
        chain = self._chain
        chain.prepare(sharp_limits)
        try:
            for name in (SITE_BROKER, UPLINK_BROKER):
                await chain.start(name)
            for name in (SITE_BROKER, UPLINK_BROKER):
                await chain.listening(name)
            # The first fault's crash point is armed from the start: it needs the history.
            await self._start_armed(self._plan[0])
            for name in (SERVER, FIXED, MOBILE, SENSORS):
                if not chain.roles[name].running:
                    await chain.start(name)
            for fault in self._plan:
                await self._play(fault)
            await self._end()
        finally:
            await chain.stop_all()
        self.outcome.seconds = time.monotonic() - started_s
        return self.outcome

    # -- faults -----------------------------------------------------------------------------------------------

    async def _play(self, fault: Fault) -> None:
        if fault.how is How.CRASH:
            await self._crash(fault)
        elif fault.how is How.KILL:
            pid = self._pid(fault.victim)
            await self._chain.kill(fault.victim)
            self._note(fault, pid)
            await self._back(fault.victim)
        else:
            pid = self._pid(fault.victim)
            self._chain.signal(fault.victim, signal.SIGSTOP)
            self._note(fault, pid)
            await asyncio.sleep(fault.seconds)
            self._chain.signal(fault.victim, signal.SIGCONT)
        await asyncio.sleep(fault.pause_s)

    async def _crash(self, fault: Fault) -> None:
        """Arm a crash point, wait until the process dies there; where it is never passed, kill it instead."""
        role = self._chain.roles[fault.victim]
        if role.environment.get(VARIABLE) != _armed(fault) or not role.running:
            await self._chain.kill(fault.victim)
            await self._start_armed(fault)
        process = role.process
        assert process is not None
        try:
            code = await asyncio.wait_for(process.wait(), CRASH_WAIT_S)
        except TimeoutError:
            pid = self._pid(fault.victim)
            await self._chain.kill(fault.victim)
            self._note(Fault(How.KILL, fault.victim), pid)
        else:
            assert code == EXIT_CODE, f"{fault.victim} ended with {code}, not at {fault.point}"
            self._note(fault, process.pid)
        role.environment.pop(VARIABLE, None)
        await self._back(fault.victim)

    async def _start_armed(self, fault: Fault) -> None:
        role = self._chain.roles[fault.victim]
        role.environment[VARIABLE] = _armed(fault)
        await self._chain.start(fault.victim)

    async def _back(self, name: str) -> None:
        await self._chain.start(name)
        if name == UPLINK_BROKER:
            await self._chain.listening(name)

    def _pid(self, name: str) -> int:
        process = self._chain.roles[name].process
        assert process is not None
        assert process.returncode is None, f"{name} was not running when its fault came"
        return process.pid

    def _note(self, fault: Fault, pid: int) -> None:
        self.outcome.happened.append(Happened(fault, pid, int(time.time() * 1000)))

    # -- the end ----------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        sensors = self._chain.roles[SENSORS].process
        assert sensors is not None
        await asyncio.wait_for(sensors.wait(), DRAIN_S)
        for name in (SERVER, FIXED, MOBILE, UPLINK_BROKER):
            if not self._chain.roles[name].running:
                await self._chain.start(name)
        await self._chain.listening(SERVER)
        await settled(self._chain, DRAIN_S)
        self.outcome.report = await asyncio.to_thread(self._compare)
        if not self._control:
            self.outcome.trips = await self._trips()

    async def _trips(self) -> Trips:
        """Compare the trips; then forge one behind the server's back, which must be seen."""
        chain, base = self._chain, f"http://127.0.0.1:{self._chain.web_port}"
        began_s = time.monotonic()
        expected = await asyncio.to_thread(self._expected_trips)
        wrong = await asyncio.to_thread(wrong_trips, base, expected)
        until_s = time.monotonic() + JUDGED_WITHIN_S
        while wrong and time.monotonic() < until_s:
            await asyncio.sleep(1.0)
            wrong = await asyncio.to_thread(wrong_trips, base, expected)
        await chain.kill(SERVER)
        forged(chain.data / "alarms.db", min(expected))
        await chain.start(SERVER)
        await chain.listening(SERVER)
        seen = sees_forgery(await asyncio.to_thread(wrong_trips, base, expected), min(expected))
        ended = sum(one["state"] == "ended" for one in expected.values())
        alarms = sum(len(one["alarms"]) for one in expected.values())
        return Trips(len(expected), ended, alarms, time.monotonic() - began_s, wrong, seen)

    def _expected_trips(self) -> dict[str, Found]:
        ledger = SqlLedger.open(self._chain.data / "ledger.db")
        expected = expected_trips(read_truth(self._chain.truth), ledger, registry_at(ledger, ledger.end()))
        ledger.close()
        return expected

    def _compare(self) -> Report:
        chain = self._chain
        ledger = SqlLedger.open(chain.data / "ledger.db")
        registry = registry_at(ledger, ledger.end())
        ledger.close()
        expected = expected_episodes(read_truth(chain.truth), registry)
        base = f"http://127.0.0.1:{chain.web_port}"
        return make_report(base, chain.fleet, chain.truth, expected, chain.data / "ledger.db", 1 << 60)


def sharp_limits(registry: str) -> str:
    """Return the fleet with limits that a healthy cooler crosses in each cycle: hundreds of excursions to get right."""
    for old, new in (
        ("high_celsius = 8.0", "high_celsius = 4.0"),
        ("on_delay_s = 1800", "on_delay_s = 120"),
        ("return_delay_s = 300", "return_delay_s = 60"),
    ):
        assert old in registry, f"the fleet has no {old}"
        registry = registry.replace(old, new)
    return registry


def _armed(fault: Fault) -> str:
    return f"{fault.point}:{fault.hits}"


def run_faults(seed: int, faults: int, control: str = "", keep: Path | None = None) -> Outcome:
    """Run one plan in a folder of its own and return the outcome.

    Args:
        keep: where to leave everything for a look; a temporary folder without it.
    """
    if keep is not None:
        shutil.rmtree(keep, ignore_errors=True)
        return asyncio.run(Harness(keep, seed, faults, control).run())
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        return asyncio.run(Harness(Path(folder), seed, faults, control).run())


def write(outcome: Outcome, file: Path) -> None:
    """Write a run's raw result."""
    raw = {
        "seed": outcome.seed,
        "planned": outcome.planned,
        "seconds": outcome.seconds,
        "clean": outcome.clean,
        "faults": [
            {"at_ms": h.at_ms, "pid": h.pid, "how": h.fault.how, "victim": h.fault.victim, "point": h.fault.point}
            for h in outcome.happened
        ],
        "report": None if outcome.report is None else outcome.report.as_dict(),
        "trips": None if outcome.trips is None else asdict(outcome.trips),
    }
    file.write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", "utf-8")
