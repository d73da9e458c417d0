"""The demo: a small dairy with 24 hours of history that arrives from spools at once, then goes on live.

A cooler's door has stood open since before the start; its alarm comes about a minute later, while one watches. Other
scenarios, with a fleet of their own, are run likewise. With ``--for`` the demo ends by itself, compares everything with
the truth log and writes a report.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import typer

from coldchain.cli.broker import free_port
from coldchain.cli.chain import GATEWAYS, SENSORS, SERVER, SITE_BROKER, UPLINK_BROKER, Chain
from coldchain.cli.server import DEMO_MARK
from coldchain.errors import ConfigError, Unavailable
from firmware_sim.scenario import DoorCrossing

DRAIN_S = 60.0
"""How long the end of a bounded demo may take until everything taken is recorded and judged."""

START_S = 30.0
SETTLED_LOOKS = 3
LOOK_EVERY_S = 0.3


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What to show, where, and for how long; ``headless`` prints only the result."""

    folder: Path
    port: int = 8080
    for_s: float | None = None
    headless: bool = False
    report: Path | None = None
    history_s: int = 86_400
    seed: int = 7
    scenarios: tuple[str, ...] = ("demo",)


async def demo(options: DemoOptions) -> bool:
    """Run the demo until stopped, or for its time; say whether the report is clean (True without one).

    Raises:
        ConfigError: the folder holds something that is no demo.
    """
    _fresh(options.folder)
    port = free_port(options.port)
    if port != options.port and options.port:
        typer.echo(f"port {options.port} is taken; the page is on {port}")
    started_ms = int(time.time() * 1000)
    chain = Chain(
        options.folder,
        port,
        scenarios=options.scenarios,
        history_s=options.history_s,
        duration_s=options.for_s,
        seed=options.seed,
    )
    chain.prepare()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    try:
        await _start(chain)
        if not options.headless:
            _say(chain, options)
        await gateways_listen(chain, START_S)
        await chain.start(SENSORS)
        chain.roads.drive()
        if options.for_s is None:
            await _watch(chain, stopping)
            return True
        return await _bounded(chain, options, stopping, started_ms)
    finally:
        await chain.stop_all()


def _fresh(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "data" / DEMO_MARK).exists():
            raise ConfigError(f"{folder} is not empty and holds no demo: choose another folder with --data")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


async def _start(chain: Chain) -> None:
    for name in (SITE_BROKER, UPLINK_BROKER):
        await chain.start(name)
    for name in (SITE_BROKER, UPLINK_BROKER):
        await chain.listening(name)
    await chain.roads.open()
    for name in (SERVER, *(name for name in GATEWAYS if name in chain.roles)):
        await chain.start(name)
    await chain.listening(SERVER)


def _say(chain: Chain, options: DemoOptions) -> None:
    typer.echo("")
    typer.secho("  模拟数据,不得作为记录 · simulated data, not a record", fg="yellow", bold=True)
    typer.echo("")
    typer.echo(f"  page     http://127.0.0.1:{chain.web_port}")
    for line in _look_at(chain):
        typer.echo(line)
    typer.echo(f"  data     {chain.folder.resolve()}   (delete the folder to remove everything)")
    typer.echo("  stop     Ctrl-C" + ("" if options.for_s is None else f", or by itself after {options.for_s:.0f} s"))
    typer.echo("")


def _look_at(chain: Chain) -> list[str]:
    """Return what is about to be seen: doors left open whose on-delay passes in live."""
    lines = []
    for what in chain.scenario.of(DoorCrossing):
        point = chain.fleet.point(what.points[0])
        asset = chain.fleet.asset(point.asset)
        site = next(site for site in chain.fleet.sites if site.id == asset.site)
        lines += [
            f"  look at  {asset.name}, {site.name}: a door left open, above {point.high_celsius:g} °C for",
            f"           {-what.start_s / 60:.0f} min at the start; its alarm comes in a minute or two",
        ]
    return lines


async def _watch(chain: Chain, stopping: asyncio.Event) -> None:
    """Start again what ends by itself, until stopped."""
    while not stopping.is_set():
        for name, role in chain.roles.items():
            if not role.running and not stopping.is_set():
                typer.echo(f"{name} ended with {role.process.returncode if role.process else '?'}; starting it again")
                await chain.start(name)
        try:
            await asyncio.wait_for(stopping.wait(), 1.0)
        except TimeoutError:
            continue


async def _bounded(chain: Chain, options: DemoOptions, stopping: asyncio.Event, started_ms: int) -> bool:
    sensors = chain.roles[SENSORS].process
    assert sensors is not None
    ended = asyncio.ensure_future(sensors.wait())
    stopped = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await chain.stop(SENSORS)
    chain.roads.stay_open()
    await settled(chain, DRAIN_S)
    return await asyncio.to_thread(report_of, chain, options.report, started_ms)


async def gateways_listen(chain: Chain, timeout_s: float) -> None:
    """Wait until every gateway hears its site: a broker may answer "taken" for what nobody has subscribed to.

    Raises:
        Unavailable: not within the time.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    deaf = {node.id for node in chain.fleet.nodes}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{chain.web_port}", timeout=10.0) as client:
        while asyncio.get_running_loop().time() < deadline:
            try:
                items = (await client.get("/api/v1/gateways")).json()["items"]
            except (httpx.HTTPError, ValueError, KeyError):
                items = []
            deaf -= {item["node"] for item in items if item["hears_site"]}
            if not deaf:
                return
            await asyncio.sleep(LOOK_EVERY_S)
    raise Unavailable(f"gateways {sorted(deaf)} do not hear their site; see {chain.folder / 'logs'}")


async def settled(chain: Chain, timeout_s: float) -> None:
    """Wait until every gateway is drained and every projection has caught up.

    Raises:
        Unavailable: not within the time; says what is behind.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    quiet, last, state = 0, None, "no answer"
    nodes = {node.id for node in chain.fleet.nodes}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{chain.web_port}", timeout=10.0) as client:
        while asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                health = (await client.get("/api/v1/health")).json()
                gateways = {item["node"]: item for item in (await client.get("/api/v1/gateways")).json()["items"]}
            except (httpx.HTTPError, ValueError, KeyError) as fault:
                state = f"the server does not answer: {fault}"
                continue
            behind = {n: gateways[n]["behind_readings"] for n in nodes & gateways.keys()}
            lags = {p["name"]: p["lag"] + p["waiting"] for p in health["projections"]}
            state = f"gateways {behind}, projections {lags}, missing {sorted(nodes - gateways.keys())}"
            fresh = all(gateways[n]["heard_at_ms"] > _stopped_ms(chain) for n in nodes & gateways.keys())
            done = nodes <= gateways.keys() and not any(behind.values()) and not any(lags.values()) and fresh
            quiet = quiet + 1 if done and health["position"] == last else 0
            last = health["position"]
            if quiet >= SETTLED_LOOKS:
                return
    raise Unavailable(f"not drained after {timeout_s:.0f} s: {state}")


def _stopped_ms(chain: Chain) -> int:
    return int(chain.truth.stat().st_mtime * 1000)


def report_of(chain: Chain, file: Path | None, live_since_ms: int) -> bool:
    """Compare a drained chain with its truth log; print and write the result; say whether it is clean."""
    from coldchain.cli.oracle import expected_episodes
    from coldchain.cli.report import make_report
    from coldchain.ledger.sql import SqlLedger
    from coldchain.registry import registry_at
    from firmware_sim.truth import read_truth

    ledger = SqlLedger.open(chain.data / "ledger.db")
    registry = registry_at(ledger, ledger.end())
    ledger.close()
    expected = expected_episodes(read_truth(chain.truth), registry)
    base = f"http://127.0.0.1:{chain.web_port}"
    report = make_report(base, chain.fleet, chain.truth, expected, chain.data / "ledger.db", live_since_ms)
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
    if file is not None:
        file.write_text(text + "\n", "utf-8")
    typer.echo(
        f"produced {report.produced}, recorded {report.recorded}, lost {report.lost}, duplicated {report.duplicated}, "
        f"mismatched {report.mismatched}, quarantined {dict(report.quarantined)}, "
        f"alarms expected {report.alarms_expected} raised {report.alarms_raised}"
    )
    for place in (*report.alarms_missing, *report.alarms_wrong):
        typer.echo(f"  alarm: {place}")
    return report.ok
