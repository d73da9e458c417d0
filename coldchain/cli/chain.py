"""The whole chain as processes of their own on one machine: what the demo shows and the fault suites kill.

::

    sensors ─▶ site broker ─▶ gateways (fixed, mobile, doors) ─▶ uplink broker ─▶ server

Gateways of one class share a process. Everything listens on loopback and lies in one folder. A role that is killed is
started again with the same command.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coldchain.cli.broker import broker_command, free_port, stop, wait_open
from coldchain.cli.dispatch import entries_of
from coldchain.cli.registry import write_changes
from coldchain.cli.roads import Relay, Roads
from coldchain.cli.server import locked
from coldchain.clock import SystemClock
from coldchain.keys import load_or_make, public_hex
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Change
from coldchain.registry.importing import read_registry
from firmware_sim.fleet import ON_SITE, Fleet, Node, fleet_toml, named_fleet
from firmware_sim.run import live_start_ms
from firmware_sim.scenario import DeadSpot
from firmware_sim.scenario_files import load_together

SITE_BROKER, UPLINK_BROKER, SERVER, SENSORS = "site-broker", "uplink-broker", "server", "sensors"
FIXED, MOBILE, DOORS = "gateways-fixed", "gateways-mobile", "gateways-doors"


@dataclass(frozen=True, slots=True)
class GatewayClass:
    """What sets gateways apart beside where they stand.

    Attributes:
        seal_age_s: how old a batch's oldest reading may become; one second where a demo is watched (protocol: size and
            age), more on the road, where each message costs.
        spool_limit_mb: a box in a vehicle has little, a server has room.
    """

    seal_age_s: float
    spool_limit_mb: int


CLASSES = {FIXED: GatewayClass(1.0, 64), MOBILE: GatewayClass(2.0, 32), DOORS: GatewayClass(1.0, 256)}
GATEWAYS = tuple(CLASSES)


@dataclass(slots=True)
class Role:
    """One process of the chain.

    Attributes:
        command: what starts it.
        environment: added to ours.
        port: what it listens on, 0 for nothing.
        starts: how often it was started.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    starts: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there (a stopped one, SIGSTOP, is)."""
        return self.process is not None and self.process.returncode is None


class Chain:
    """Processes around one folder.

    Args:
        folder: everything goes here: ``data`` (the server's), ``gateways``, ``broker``, logs.
        web_port: the page's; must be free.
        scenarios: what happens, by name or file; they name the fleet.
        history_s, duration_s, speed, seed: the simulator's; see `firmware_sim.run.Options`.
        server_arguments, gateway_arguments: added to the commands, for the controls that must fail.
        keep_days: how long gateways keep acknowledged readings; 0 for the controls.
        environment: for every process.
    """

    def __init__(
        self,
        folder: Path,
        web_port: int,
        *,
        scenarios: Sequence[str] = ("demo",),
        history_s: int = 86_400,
        duration_s: float | None = None,
        speed: float = 1.0,
        seed: int = 7,
        server_arguments: tuple[str, ...] = (),
        gateway_arguments: tuple[str, ...] = (),
        keep_days: int = 7,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.web_port = web_port
        self.scenario = load_together(scenarios)
        self.fleet: Fleet = named_fleet(self.scenario.fleet)
        self.truth = folder / "truth.jsonl"
        self.data = folder / "data"
        self._keep_days = keep_days
        self._history_s, self._duration_s, self._speed = history_s, duration_s, speed
        site, uplink = free_port(0), free_port(0)
        coldchain = [sys.executable, "-m", "coldchain.cli"]
        self.roads = Roads(
            {node: Relay(uplink) for spot in self.scenario.of(DeadSpot) for node in self._mobile_at(spot)},
            [(spot, self._mobile_at(spot)) for spot in self.scenario.of(DeadSpot)],
        )
        sensors = ["simulate", "--broker", f"127.0.0.1:{site}", "--truth", str(self.truth), "--seed", str(seed)]
        sensors += ["--history", str(history_s), *(word for name in scenarios for word in ("--scenario", name))]
        sensors += [] if duration_s is None else ["--for", str(duration_s), "--speed", str(speed)]
        server = ["up", "--demo", "--data", str(self.data), "--port", str(web_port), "--broker", f"127.0.0.1:{uplink}"]
        gateway = [*coldchain, "run", "gateway", *gateway_arguments]
        files = {kind: self._gateways(kind, site, uplink) for kind in GATEWAYS}
        self.roles = {
            role.name: role
            for role in (
                Role(SITE_BROKER, broker_command(folder / "broker", site), port=site),
                Role(UPLINK_BROKER, broker_command(folder / "broker", uplink), port=uplink),
                Role(SERVER, [*coldchain, *server, *server_arguments], port=web_port),
                *(Role(kind, [*gateway, *files]) for kind, files in files.items() if files),
                Role(SENSORS, [*coldchain, *sensors]),
            )
        }
        for role in self.roles.values():
            role.environment.update(environment or {})

    def _class_of(self, node: Node) -> str:
        if node.evidence != ON_SITE:
            return DOORS
        return MOBILE if any(site.kind == "vehicle" for site in self.fleet.sites if site.id == node.site) else FIXED

    def _mobile_at(self, spot: DeadSpot) -> list[str]:
        return [node.id for node in self.fleet.nodes if node.site in spot.sites and self._class_of(node) == MOBILE]

    def _gateways(self, kind: str, site: int, uplink: int) -> list[str]:
        arguments, limits = [], CLASSES[kind]
        for node in sorted(node.id for node in self.fleet.nodes if self._class_of(node) == kind):
            relay = self.roads.relays.get(node)
            file = self.folder / "gateways" / f"{node}.toml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(
                f'[gateway]\nnode = "{node}"\nspool = "{file.with_suffix(".spool")}"\n'
                f'key_file = "{file.with_suffix(".key")}"\nspool_limit_mb = {limits.spool_limit_mb}\n'
                f"seal_age_s = {limits.seal_age_s}\nkeep_days = {self._keep_days}\n\n"
                f"[gateway.site]\nport = {site}\n\n[gateway.uplink]\nport = {relay.port if relay else uplink}\n",
                "utf-8",
            )
            arguments += ["--config", str(file)]
        return arguments

    def prepare(self, edited: Callable[[str], str] = str) -> int:
        """Make keys and write the registry; return how many change entries were written.

        Args:
            edited: changes the registry file's text first, for example its limits.
        """
        keys = {
            node.id: public_hex(load_or_make(self.folder / "gateways" / f"{node.id}.key")) for node in self.fleet.nodes
        }
        name = self.scenario.fleet
        wanted = read_registry(edited(fleet_toml(name)), source=f"fleet {name}", keys=keys)
        with locked(self.data, demo=True):
            ledger = SqlLedger.open(self.data / "ledger.db")
            clock = SystemClock()
            written = write_changes(ledger, wanted, clock, who="demo", why=f"the fleet {name}")
            now_ms = clock.now_ms()
            live_ms = live_start_ms(now_ms, self._duration_s, self._speed)
            told = entries_of(self.scenario, self.fleet, live_ms, self._history_s)
            ledger.change([Change(put, "demo", "dispatch").encode() for put in told], now_ms)
            ledger.close()
        return len(written)

    # -- processes --------------------------------------------------------------------------------------------

    async def start(self, name: str, **environment: str) -> Role:
        """Start a role and, if it listens, wait until it does."""
        role = self.roles[name]
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            role.process = await asyncio.create_subprocess_exec(
                *role.command,
                stdout=out,
                stderr=out,
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, **role.environment, **environment},
                start_new_session=True,
            )
        role.starts += 1
        return role

    async def listening(self, name: str) -> None:
        """Wait until a role's port answers."""
        role = self.roles[name]
        assert role.process is not None, f"{name} was never started"
        await wait_open(role.process, role.port, name, self._log(name))

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    async def kill(self, name: str) -> None:
        """SIGKILL a role and wait until it is gone."""
        process = self.roles[name].process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal, for example SIGSTOP, to a role that is running."""
        role = self.roles[name]
        if role.process is not None and role.running:
            role.process.send_signal(number)

    async def stop(self, name: str, timeout_s: float = 15.0) -> None:
        """Ask a role to end; kill it when it does not."""
        process = self.roles[name].process
        if process is not None:
            await stop(process, timeout_s)

    async def stop_all(self) -> None:
        """End everything, sensors first."""
        await self.roads.close()
        for name in (SENSORS, *GATEWAYS, SERVER, UPLINK_BROKER, SITE_BROKER):
            if name in self.roles and self.roles[name].running:
                self.signal(name, signal.SIGCONT)
                await self.stop(name)
