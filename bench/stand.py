"""The test stand: a temporary folder with a real broker and, when asked for, the real server and a load.

::

    bench.loadgen ─▶ mosquitto ─▶ coldchain up (ledger, judge, series, latest, web)      each a process of its own
          ▲─────────── acks ◀────────┘      └─▶ /api/v1/health: how far each projection is
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bench.loadgen import Load, Result, registry_changes
from bench.process import Process, python, started, until
from coldchain.cli.broker import broker_command, free_port
from coldchain.ledger.sql import SqlLedger
from coldchain.registry.changes import Change

HOST = "127.0.0.1"
CAUGHT_UP_S = 600.0


@dataclass(frozen=True, slots=True)
class Stand:
    """A folder, a broker's port, and where logs go."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """The server's folder."""
        return self.folder / "data"

    def log(self, name: str) -> Path:
        """Return where a process writes."""
        return self.folder / f"{name}.log"

    def register(self, changes: Iterable[Change]) -> None:
        """Put registry changes into the server's ledger, before it starts."""
        ledger = SqlLedger.open(self.data / "ledger.db")
        ledger.change([change.encode() for change in changes], time.time_ns() // 1_000_000)
        ledger.close()

    @contextlib.contextmanager
    def server(
        self, environment: Mapping[str, str] | None = None, *, door: bool = False, config: Path | None = None
    ) -> Iterator[Server]:
        """Run `coldchain up` while inside, with its door or without; yields when it is ready."""
        begin_s = time.perf_counter()
        web = free_port(0)
        command = python("coldchain.cli", "up", "--data", str(self.data), "--port", str(web))
        command.append("--door" if door else "--no-door")
        command += ["--config", str(config)] if config else []
        with started([*command, "--broker", f"{HOST}:{self.port}"], self.log("server"), environment) as process:
            server = Server(process, web)
            until(server.ready, CAUGHT_UP_S, "the server's /readyz")
            server.ready_s = time.perf_counter() - begin_s
            yield server

    @contextlib.contextmanager
    def load(self, load: Load, **more: object) -> Iterator[Running]:
        """Run the load generator while inside."""
        output = self.folder / f"{load.prefix}.json"
        arguments = [
            text
            for name, value in {**dataclasses.asdict(load), **more}.items()
            for text in (f"--{name.replace('_', '-')}", str(value))
        ]
        command = python("bench.loadgen", "--port", str(self.port), "--output", str(output), *arguments)
        with started(command, self.log(load.prefix)) as process:
            yield Running(process, output)


@dataclass(slots=True)
class Server:
    """The real server, from outside."""

    process: Process
    port: int
    ready_s: float = 0.0

    def ready(self) -> bool:
        """Say whether /readyz answers 200."""
        if not self.process.running:
            raise RuntimeError(f"the server ended:\n{self.process.tail()}")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def health(self) -> dict[str, Any]:
        """Return what /api/v1/health says."""
        with urllib.request.urlopen(f"http://{HOST}:{self.port}/api/v1/health", timeout=30) as answer:
            return dict(json.load(answer))

    def lag(self) -> dict[str, int]:
        """Return projection → ledger positions still to apply."""
        return {each["name"]: each["lag"] for each in self.health()["projections"]}

    def until_projected(self) -> None:
        """Wait until every projection has caught up."""
        until(lambda: not any(self.lag().values()), CAUGHT_UP_S, "the projections", every_s=0.1)


@dataclass(frozen=True, slots=True)
class Running:
    """A load generator at work."""

    process: Process
    output: Path

    def result(self, timeout_s: float) -> Result:
        """Wait for its end and return what it measured."""
        self.process.wait(timeout_s)
        return msgspec.json.decode(self.output.read_bytes(), type=Result)


@contextlib.contextmanager
def stand(*loads: Load) -> Iterator[Stand]:
    """Make a stand whose ledger knows the loads' gateways; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="coldchain-bench-") as name:
        made = Stand(Path(name), free_port(0))
        for load in loads:
            made.register(registry_changes(load))
        with started(broker_command(made.folder, made.port), made.log("broker")):
            until(lambda: listening(made.port), 10, "the broker")
            yield made


def listening(port: int) -> bool:
    """Say whether something accepts connections on loopback."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
