"""`coldchain change …`, `inbox`, `claim`: one command an action, each shown before it is written.

What changes how assets are judged is in `coldchain.cli.change_judging`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coldchain.errors import ConfigError

if TYPE_CHECKING:
    from coldchain.registry import Registry
    from coldchain.registry.actions import Plan

change_app = typer.Typer(no_args_is_help=True, help="Guided changes: what follows is shown before it is written.")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file; `coldchain config --explain` lists it.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of ledger, series and alarms.")]
At = Annotated[
    str | None, typer.Option("--at", help="Measured time, RFC 3339 with offset, or now; default: this minute.")
]
Who = Annotated[str, typer.Option(help="Who does it, kept with every change.")]
Why = Annotated[str, typer.Option(help="Reason, kept with every change.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would follow, write nothing.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]
Server = Annotated[
    str, typer.Option("--server", help="Running server that says what gateways still hold.", envvar="COLDCHAIN_SERVER")
]
SERVER = "http://127.0.0.1:8080"
WHO = "command line"
LANG = "zh" if os.environ.get("LANG", "").startswith("zh") else "en"


def folder_of(config: Path | None, data: Path | None) -> Path:
    """Return the data folder: as named, else as set."""
    from coldchain.settings import load

    return load(config).data if data is None else data


def do_change(
    make: Callable[[Registry, int], Plan],
    config: Path | None,
    data: Path | None,
    at: str | None,
    who: str,
    why: str,
    yes: bool,
    dry_run: bool,
    lang: str,
) -> None:
    """Make a plan from the registry as it is now and a measured time, show it, ask, write it."""
    from coldchain.cli.change import carry_out, moment
    from coldchain.clock import SystemClock
    from coldchain.ledger.sql import SqlLedger

    folder = folder_of(config, data)
    if not (folder / "ledger.db").exists():
        raise ConfigError(f"{folder} holds no ledger: name the server's folder with --data")
    clock = SystemClock()
    at_ms = moment(at, clock.now_ms())
    ledger = SqlLedger.open(folder / "ledger.db")
    try:
        make_now: Callable[[Registry], Plan] = lambda registry: make(registry, at_ms)  # noqa: E731
        carry_out(ledger, clock, make_now, who=who, why=why, yes=yes, dry_run=dry_run, language=lang)
    finally:
        ledger.close()


@change_app.command("replace-probe")
def replace_probe(
    point: str,
    new: Annotated[str, typer.Argument(help="The new probe's channel.")],
    reference: Annotated[float | None, typer.Option(help="Reference thermometer at that minute, °C.")] = None,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "更换探头",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """更换探头: the point's history goes on with another probe."""
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.replace_probe(registry, point, new, at_ms, reference_celsius=reference, by=who)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("move-asset")
def move_asset(
    asset: str, site: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "移机",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """移机: the asset stands at another site; each keeps its own time of it."""
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.move_asset(registry, asset, site, at_ms)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("store-asset")
def store_asset(
    asset: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "停用",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """停用(空柜): readings are kept, nothing is judged."""
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.store_asset(registry, asset, at_ms)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("use-asset")
def use_asset(
    asset: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "启用",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """启用: judged again."""
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.use_asset(registry, asset, at_ms)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("transfer-site")
def transfer_site(
    site: str, operator: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "转让",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """转让: another company answers for the site."""
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.transfer_site(registry, site, operator, at_ms)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("sell-vehicle")
def sell_vehicle(
    site: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "车辆出售",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG, server: Server = SERVER,
) -> None:  # fmt: skip
    """车辆出售: gateways drained first, keys revoked, permits ended; trips stay."""
    from coldchain.cli.change import backlog_of
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.sell_vehicle(registry, site, at_ms, backlog_of(server))

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("retire-gateway")
def retire_gateway(
    node: str,
    lost: Annotated[bool, typer.Option("--lost", help="It is dead: what it holds is given up.")] = False,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "网关退役",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG, server: Server = SERVER,
) -> None:  # fmt: skip
    """Take a drained gateway out of use."""
    from coldchain.cli.change import backlog_of
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.retire_gateway(registry, node, at_ms, backlog_of(server), lost=lost)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("replace-gateway")
def replace_gateway(
    node: str, new: str,
    key: Annotated[str, typer.Argument(help="The new gateway's public key, 64 hex digits.")],
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "更换网关",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG, server: Server = SERVER,
) -> None:  # fmt: skip
    """A gateway died: another one, with its own id and key, speaks for the site."""
    from coldchain.cli.change import backlog_of
    from coldchain.registry import actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.replace_gateway(registry, node, new, key, at_ms, backlog_of(server))

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("calibrate")
def calibrate(
    channel: str,
    offset: Annotated[float, typer.Argument(help="Reference minus probe, K.")],
    certificate: Annotated[str, typer.Option(help="Number of the certificate.")] = "",
    valid_until: Annotated[str, typer.Option(help="Its last day, 2027-03-31.")] = "",
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "校准",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """校准: what is added to a probe's word from a time on; the word itself stays."""
    import time

    from coldchain.registry import Calibration, actions

    def make(registry: Registry, at_ms: int) -> Plan:
        made = Calibration(channel, at_ms, offset, certificate, valid_until, who)
        return actions.calibrate(registry, made, time.time_ns() // 1_000_000)

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


def inbox(server: Server = SERVER) -> None:
    """Sensors that report and that nobody has claimed, from a running server."""
    from coldchain.cli.change import inbox_of, listed

    listed(inbox_of(server))


def claim(
    channel: Annotated[str, typer.Argument(help="As `coldchain inbox` shows it.")],
    point: Annotated[str, typer.Option(help="A measuring point that exists.")] = "",
    asset: Annotated[str, typer.Option(help="Or: the asset for a new point.")] = "",
    site: Annotated[str, typer.Option(help="The site for a new asset.")] = "",
    position: Annotated[str, typer.Option(help="Where in the asset.")] = "product",
    kind: Annotated[str, typer.Option(help="Kind of a new asset.")] = "glass-door-cooler",
    interval: Annotated[int, typer.Option(help="Expected seconds between two readings.")] = 60,
    from_: Annotated[str, typer.Option("--from", help="Measured time from which it was there; default: ever.")] = "",
    config: ConfigFile = None, data: Data = None, who: Who = WHO, why: Why = "认领",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG, server: Server = SERVER,
) -> None:  # fmt: skip
    """认领: bind a sensor of the inbox to a point; what was kept of it comes in."""
    from coldchain.cli.change import inbox_of, moment
    from coldchain.clock import SystemClock
    from coldchain.errors import Unavailable
    from coldchain.registry import actions

    try:
        node = next((item["node"] for item in inbox_of(server) if item["channel"] == channel), "")
    except Unavailable:
        node = ""  # no server: the grant is left to the gateway's site
    place = actions.Place(point, asset, position, site, kind, interval_s=interval)
    from_ms = moment(from_, SystemClock().now_ms()) if from_ else 0

    def make(registry: Registry, at_ms: int) -> Plan:
        return actions.claim(registry, channel, place, from_ms, node)

    do_change(make, config, data, None, who, why, yes, dry_run, lang)
