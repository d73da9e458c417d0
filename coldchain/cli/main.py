"""The command `coldchain`: each command in a few lines; heavy parts are imported by the command that needs them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from coldchain import __version__
from coldchain.cli.alarms_app import alarms_app
from coldchain.cli.alerts_app import alerts_app
from coldchain.cli.change_app import claim, inbox
from coldchain.cli.change_places import change_app
from coldchain.cli.corrections_app import corrections_app, leads_app, risks_app
from coldchain.cli.epcis_app import epcis_app
from coldchain.cli.kpis_app import kpis_app
from coldchain.cli.lots_app import lots_app
from coldchain.cli.notify_app import notify_app
from coldchain.cli.papers_app import papers_app
from coldchain.cli.people_app import people_app
from coldchain.cli.profile_app import profile_app
from coldchain.cli.recalls_app import recalls_app
from coldchain.cli.trips_app import trips_app
from coldchain.errors import ConfigError, Unavailable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Cold-chain monitor for dairy: sensor to ledger to alarm to record, and nothing is lost.",
)
registry_app = typer.Typer(no_args_is_help=True, help="What exists: operators, sites, assets, nodes, points, limits.")
rebuild_app = typer.Typer(no_args_is_help=True, help="Make a projection anew from the ledger (server stopped).")
run_app = typer.Typer(no_args_is_help=True, help="One role as a process of its own.")
app.add_typer(registry_app, name="registry")
app.add_typer(profile_app, name="profile")
app.add_typer(change_app, name="change")
app.add_typer(alarms_app, name="alarms")
app.add_typer(alerts_app, name="alerts")
app.add_typer(lots_app, name="lots")
app.add_typer(recalls_app, name="recalls")
app.add_typer(corrections_app, name="corrections")
app.add_typer(leads_app, name="leads")
app.add_typer(risks_app, name="risks")
app.add_typer(epcis_app, name="epcis")
app.add_typer(trips_app, name="trips")
app.add_typer(papers_app, name="papers")
app.add_typer(kpis_app, name="kpis")
app.add_typer(people_app, name="people")
app.add_typer(notify_app, name="notify")
app.command()(inbox)
app.command()(claim)
app.add_typer(rebuild_app, name="rebuild")
app.add_typer(run_app, name="run")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file; `coldchain config --explain` lists it.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of ledger, series and alarms.")]
Server = Annotated[str, typer.Option("--server", help="Address of a running server.", envvar="COLDCHAIN_SERVER")]
DEFAULT_SERVER = "http://127.0.0.1:8080"


def main() -> None:
    """Run the command line; a fault that a person must mend ends with 2 and says how."""
    try:
        app()
    except ConfigError as fault:
        for line in fault.faults:
            typer.secho(line, fg="red", err=True)
        sys.exit(2)
    except Unavailable as fault:
        typer.secho(str(fault), fg="red", err=True)
        sys.exit(1)


def _settings(config: Path | None, data: Path | None = None) -> Any:
    from coldchain.settings import load

    settings = load(config)
    return settings if data is None else settings.model_copy(update={"data": data})


def _ledger(config: Path | None, data: Path | None) -> Any:
    from coldchain.ledger.sql import SqlLedger

    return SqlLedger.open(_settings(config, data).data / "ledger.db")


def _until_signalled(work: Callable[[], Awaitable[None]]) -> None:
    """Run until SIGINT or SIGTERM, then let it end cleanly."""

    async def run() -> None:
        task = asyncio.ensure_future(work())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return

    try:
        import uvloop

        uvloop.run(run())
    except ImportError:
        asyncio.run(run())


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    from coldchain import logs

    logs.set_up()
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command()
def demo(
    data: Annotated[Path, typer.Option(help="Folder of the demo; emptied at each start.")] = Path("coldchain-demo"),
    port: Annotated[int, typer.Option(help="The page's port; the next free one if it is taken.")] = 8080,
    for_s: Annotated[float | None, typer.Option("--for", help="End after this many seconds, and report.")] = None,
    headless: Annotated[bool, typer.Option(help="Print only the result.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report here (JSON).")] = None,
    history: Annotated[int, typer.Option(help="Hours of history.")] = 24,
    seed: Annotated[int, typer.Option(help="Seed of the simulator.")] = 7,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Name (see `coldchain scenarios`) or TOML file; several happen at once.")
    ] = None,
) -> None:
    """A small dairy, live, with simulated data: sensors, brokers, gateways and server as separate processes."""
    from coldchain.cli.demo import DemoOptions
    from coldchain.cli.demo import demo as run

    options = DemoOptions(data, port, for_s, headless, report, history * 3600, seed, tuple(scenario or ["demo"]))
    if not asyncio.run(run(options)):
        raise typer.Exit(1)


@app.command()
def up(
    config: ConfigFile = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The page's port.")] = None,
    broker: Annotated[str | None, typer.Option(help="host:port of a broker that runs already.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Simulated data: every view says so.")] = False,
    door: Annotated[bool, typer.Option(help="Hear sensors that have no gateway (a process beside the server).")] = True,
    lose_on_purpose: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """The embedded server: ingest, ledger, projections, rules and page in one process."""
    from coldchain.cli.broker import free_port
    from coldchain.cli.up import serve

    settings = _settings(config, data)
    web = settings.web
    wanted = web.port if port is None else port
    free = free_port(wanted, web.host)
    if free != wanted and port is not None and demo:
        raise ConfigError(f"port {wanted} is taken")
    if free != wanted:
        typer.echo(f"port {wanted} is taken; the page is on {free}")
    settings = settings.model_copy(update={"web": web.model_copy(update={"port": free})})
    if broker is not None:
        host, _, number = broker.rpartition(":")
        settings = settings.model_copy(
            update={"broker": settings.broker.model_copy(update={"host": host, "port": int(number)})}
        )
    _until_signalled(
        lambda: serve(
            settings, demo=demo, own_broker=broker is None, door=door and not demo, acknowledge_early=lose_on_purpose
        )
    )


@run_app.command("gateway")
def run_gateway(
    config: Annotated[list[Path], typer.Option("--config", help="TOML file of a gateway; several for several nodes.")],
    trust_puback: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """A gateway: takes its site's sensors, keeps their readings, seals and forwards them.

    As a door (`door = true`) it hears sensors, platforms and JT/T 808 terminals that have no gateway (docs/devices.md).
    """
    from coldchain.clock import SystemClock
    from coldchain.settings import load
    from gateway.formats import format_faults
    from gateway.jt808.profiles import profile_faults
    from gateway.service import Gateway

    sections = [load(file).gateway for file in config]
    faults = [f"{f}: gateway.node: give the node's id" for f, s in zip(config, sections, strict=True) if not s.node]
    faults += [f"{f}: {fault}" for f, s in zip(config, sections, strict=True) for fault in format_faults(s.formats)]
    faults += [f"{f}: {fault}" for f, s in zip(config, sections, strict=True) for fault in profile_faults(s.jt808)]
    if faults:
        raise ConfigError(faults)

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            for section in sections:
                tasks.create_task(Gateway(section, SystemClock(), trust_puback=trust_puback).run())

    _until_signalled(run)


def _needs_servers(role: str) -> None:
    raise ConfigError(
        f"coldchain run {role}: a role of its own needs PostgreSQL and a series server, because the embedded stores "
        "have one owner process; `coldchain up` runs ingest, judge, notify and web in one"
    )


@run_app.command("ingest")
def run_ingest() -> None:
    """Receive, verify, append (production stores only)."""
    _needs_servers("ingest")


@run_app.command("judge")
def run_judge() -> None:
    """Rules and alarms (production stores only)."""
    _needs_servers("judge")


@run_app.command("notify")
def run_notify() -> None:
    """Routing and messages (production stores only)."""
    _needs_servers("notify")


@run_app.command("web")
def run_web() -> None:
    """Page and API (production stores only)."""
    _needs_servers("web")


@app.command()
@run_app.command()
def simulate(
    broker: Annotated[str, typer.Option(help="host:port of the site broker.")] = "127.0.0.1:1883",
    history: Annotated[int, typer.Option(help="Seconds of history before live.")] = 86_400,
    for_s: Annotated[float | None, typer.Option("--for", help="Seconds of live; until stopped without it.")] = None,
    speed: Annotated[float, typer.Option(help="Simulated seconds a second; the end is always now.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Everything random comes from it.")] = 7,
    truth: Annotated[Path | None, typer.Option(help="Truth log: what was sent and what must become of it.")] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Name (see `coldchain scenarios`) or TOML file; several happen at once.")
    ] = None,
) -> None:
    """Sensors of a fleet on a site broker: the demo's story, or the scenarios that are named."""
    from firmware_sim.publish import Broker
    from firmware_sim.run import Options, run_until_signalled
    from firmware_sim.scenario_files import load_together

    host, _, port = broker.rpartition(":")
    options = Options(
        broker=Broker(host, int(port)),
        seed=seed,
        history_s=history,
        duration_s=for_s,
        speed=speed,
        truth=truth,
        scenario=load_together(scenario or ["demo"]),
    )
    typer.echo(str(run_until_signalled(options, typer.echo)))


@app.command()
def scenarios() -> None:
    """List what the simulator can let happen, a line each: name, fleet, title."""
    from firmware_sim.scenario_files import load_scenario, scenario_names

    for name in scenario_names():
        scenario = load_scenario(name)
        typer.echo(f"{name:24} {scenario.fleet:12} {scenario.title}")


Lang = Annotated[str | None, typer.Option("--lang", help="zh or en; default from LANG.")]
TableName = Annotated[str, typer.Option("--table", help="The one table of a CSV file: site, asset, point …")]


@registry_app.command("import")
def registry_import(
    file: Annotated[Path, typer.Argument(help="Workbook (.xlsx), CSV (UTF-8 or GB18030), TOML, or a folder of them.")],
    config: ConfigFile = None,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, write nothing.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Name every row of the difference.")] = False,
    table: TableName = "",
    lang: Lang = None,
    why: Annotated[str, typer.Option(help="Reason, kept with every change.")] = "registry import",
    who: Annotated[str, typer.Option(help="Who does it, kept with every change.")] = "command line",
) -> None:
    """Bring a list into the ledger: checked whole, written whole, the same file twice changes nothing."""
    from coldchain.cli.registry import import_file, reader_language
    from coldchain.clock import SystemClock

    import_file(
        _settings(config, data).data, file, SystemClock(), who=who, why=why, language=reader_language(lang),
        table=table, dry_run=dry_run, everything=every,
    )  # fmt: skip


@registry_app.command("template")
def registry_template(
    file: Annotated[Path, typer.Argument(help="What to write: .xlsx, .csv or .toml.")],
    table: TableName = "",
    lang: Lang = None,
) -> None:
    """Write an empty list with headings, an example row and an explanation."""
    from coldchain.cli.registry import reader_language, template_file

    template_file(file, reader_language(lang), table=table)


@registry_app.command("export")
def registry_export(
    file: Annotated[Path, typer.Argument(help="What to write: .xlsx, .csv (with --table), .toml, or a folder.")],
    config: ConfigFile = None,
    data: Data = None,
    node: Annotated[str, typer.Option("--node", help="Only what this gateway's site has.")] = "",
    table: TableName = "",
    lang: Lang = None,
) -> None:
    """Write the registry as a list that imports again with nothing to do."""
    from coldchain.cli.registry import export_file, reader_language

    export_file(_settings(config, data).data, file, reader_language(lang), table=table, node=node)


@registry_app.command("show")
def registry_show(config: ConfigFile = None, data: Data = None) -> None:
    """Print the registry as it stands (JSON)."""
    import msgspec

    from coldchain.registry import registry_at

    ledger = _ledger(config, data)
    registry = registry_at(ledger, ledger.end())
    tables = {
        "position": registry.position,
        **{
            name: list(getattr(registry, name).values()) for name in ("operators", "sites", "nodes", "assets", "points")
        },
        "bindings": registry.bindings,
        "rules": registry.rules,
    }
    typer.echo(msgspec.json.format(msgspec.json.encode(tables)).decode())


@app.command()
def readings(
    point: str,
    from_: Annotated[str | None, typer.Option("--from", help="RFC 3339 with offset; default 24 h ago.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="RFC 3339 with offset; default now.")] = None,
    format_: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
    server: Server = DEFAULT_SERVER,
) -> None:
    """Print a point's readings, from a running server."""
    from coldchain.cli.query import print_readings

    print_readings(server, point, from_, to, format_)


@app.command()
def activities(
    asset: str,
    from_: Annotated[str | None, typer.Option("--from", help="RFC 3339 with offset; default 24 h ago.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="RFC 3339 with offset; default now.")] = None,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Print what an asset was doing: as said, else as found from its unit, doors and speed."""
    from coldchain.cli.query import print_activities

    print_activities(server, asset, from_, to)


@rebuild_app.command("series")
def rebuild_series_(config: ConfigFile = None, data: Data = None) -> None:
    """Make the series store anew from the ledger."""
    from coldchain.cli.rebuild import rebuild

    rebuild(_settings(config, data), "series")


@rebuild_app.command("latest")
def rebuild_latest_(config: ConfigFile = None, data: Data = None) -> None:
    """Make the latest values anew from the ledger."""
    from coldchain.cli.rebuild import rebuild

    rebuild(_settings(config, data), "latest")


@rebuild_app.command("goods")
def rebuild_goods_(config: ConfigFile = None, data: Data = None) -> None:
    """Make the store of goods anew from the ledger."""
    from coldchain.cli.rebuild import rebuild

    rebuild(_settings(config, data), "goods")


@rebuild_app.command("papers")
def rebuild_papers_(config: ConfigFile = None, data: Data = None) -> None:
    """Fold what is said of hand-over notes and deliveries again."""
    from coldchain.cli.rebuild import rebuild

    rebuild(_settings(config, data), "papers")


@rebuild_app.command("alarms")
def rebuild_alarms_(config: ConfigFile = None, data: Data = None) -> None:
    """Judge everything again, late readings of any age included; alarms keep their ids."""
    from coldchain.cli.rebuild import rebuild

    rebuild(_settings(config, data), "alarms")


@app.command()
def config(
    explain: Annotated[bool, typer.Option("--explain", help="Every setting, its default and what it means.")] = False,
    file: ConfigFile = None,
) -> None:
    """Show the settings in force, or explain all of them."""
    from coldchain.settings import explain as lines
    from coldchain.settings import load

    if not explain:
        typer.echo(json.dumps(load(file).model_dump(mode="json"), indent=1))
        return
    for name, default, meaning in lines():
        typer.echo(f"{name} = {default}\n    {meaning}")
    typer.echo("\nEach can be set by environment: COLDCHAIN_WEB__PORT=9090 is [web] port.")


@app.command()
def doctor(config: ConfigFile = None, data: Data = None) -> None:
    """Open every door and say in one line each what is wrong and how to mend it."""
    from coldchain.cli.doctor import examine

    if not examine(_settings(config, data)):
        raise typer.Exit(1)
