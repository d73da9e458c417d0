"""`coldchain alarms`: list them, and what people do with them, each shown before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, WHO, ConfigFile, Data, DryRun, Lang, Who, Yes
from coldchain.errors import ConfigError

alarms_app = typer.Typer(help="List alarms; acknowledge, shelve and reset them.")

Server = Annotated[str, typer.Option("--server", help="Address of a running server.", envvar="COLDCHAIN_SERVER")]
Name = Annotated[str, typer.Argument(metavar="ALARM", help="Its id, as `coldchain alarms --format json` shows it.")]
Reason = Annotated[str, typer.Option("--why", help="Reason, kept with the alarm for ever.")]


@alarms_app.callback(invoke_without_command=True)
def alarms(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    server: Server = SERVER,
) -> None:
    """Print alarms, from a running server."""
    if context.invoked_subcommand is not None:
        return
    from coldchain.cli.query import print_alarms

    print_alarms(server, every, format_)


@alarms_app.command("show")
def show(name: Name, server: Server = SERVER, lang: Lang = LANG) -> None:
    """看一条: one alarm from a running server, with the evidence of its episode and every step."""
    from coldchain.cli.query import print_alarm
    from coldchain.cli.registry import reader_language

    print_alarm(server, name, reader_language(lang))


def _do(
    name: str,
    action: str,
    config: Path | None,
    data: Path | None,
    who: str,
    why: str,
    yes: bool,
    dry_run: bool,
    lang: str,
    *,
    minutes: int | None = None,
    one_shot: bool = False,
) -> None:
    from alerts.asking import plan_action
    from alerts.readmodel import AlarmReader
    from coldchain.cli.change import carry_out
    from coldchain.clock import SystemClock
    from coldchain.database import open_sqlite
    from coldchain.ledger.sql import SqlLedger
    from coldchain.settings import load

    if not why.strip():
        raise ConfigError("--why is empty: say why; whoever reads the alarm's history wants to know")
    folder = load(config).data if data is None else data
    for file in ("ledger.db", "alarms.db"):
        if not (folder / file).exists():
            raise ConfigError(f"{folder} holds no {file}: name the server's folder with --data")
    clock = SystemClock()
    engine = open_sqlite(folder / "alarms.db")
    ledger = SqlLedger.open(folder / "ledger.db")
    try:
        found = AlarmReader(engine).handled(name)
        plan = plan_action(found, name, action, clock.now_ms(), minutes=minutes, one_shot=one_shot)
        carry_out(ledger, clock, lambda _: plan, who=who, why=why, yes=yes, dry_run=dry_run, language=lang)
    finally:
        ledger.close()
        engine.dispose()


@alarms_app.command("acknowledge")
def acknowledge(
    name: Name, why: Reason,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """我知道了: somebody looks after it."""
    _do(name, "acknowledge", config, data, who, why, yes, dry_run, lang)


@alarms_app.command("reset")
def reset(
    name: Name, why: Reason,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """复位: end an alarm that latched; its goods were looked at."""
    _do(name, "reset", config, data, who, why, yes, dry_run, lang)


@alarms_app.command("shelve")
def shelve(
    name: Name, why: Reason,
    minutes: Annotated[int, typer.Option(help="How long; at most a day, 120 for a critical alarm.")],
    one_shot: Annotated[bool, typer.Option("--one-shot", help="Over earlier when the condition clears.")] = False,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """暂缓: its point and rule page nobody for some minutes; what is more severe still does."""
    _do(name, "shelve", config, data, who, why, yes, dry_run, lang, minutes=minutes, one_shot=one_shot)


@alarms_app.command("unshelve")
def unshelve(
    name: Name, why: Reason,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """结束暂缓: its point and rule speak again."""
    _do(name, "unshelve", config, data, who, why, yes, dry_run, lang)


@alarms_app.command("out-of-service")
def out_of_service(
    name: Name, why: Reason,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """停用: its point and rule page nobody until somebody puts them back; everything is recorded."""
    _do(name, "out-of-service", config, data, who, why, yes, dry_run, lang)


@alarms_app.command("in-service")
def in_service(
    name: Name, why: Reason,
    config: ConfigFile = None, data: Data = None, who: Who = WHO,
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """启用: its point and rule speak again."""
    _do(name, "in-service", config, data, who, why, yes, dry_run, lang)
