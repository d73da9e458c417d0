"""`coldchain alerts …`: what the rules make of the readings. What people do with alarms is `coldchain alarms`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

alerts_app = typer.Typer(no_args_is_help=True, help="Judge history again: what other limits would have brought.")


@alerts_app.command("replay")
def replay(
    from_: Annotated[str | None, typer.Option("--from", help="Date, or RFC 3339; default 30 days before --to.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Date, or RFC 3339, not itself included; default now.")] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="TOML, as `coldchain profile import` reads.")
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option("--limit", help="POINT=HIGH or POINT=HIGH,LOW in °C, by hand; several.")
    ] = None,
    site: Annotated[str, typer.Option("--site", help="Only what stood there.")] = "",
    asset: Annotated[str, typer.Option("--asset", help="Only this asset.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only this kind of asset.")] = "",
    every: Annotated[bool, typer.Option("--all", help="List every difference.")] = False,
    format_: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    config: Annotated[Path | None, typer.Option("--config", help="TOML file.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of ledger, series and alarms.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; default from LANG.")] = None,
) -> None:
    """What would have happened with these limits; without any, whether the record is what a fresh judgement finds.

    Reads the ledger beside a running server and writes nothing.
    """
    from coldchain.cli.registry import reader_language
    from coldchain.cli.replay import Asked, replay_history
    from coldchain.clock import SystemClock
    from coldchain.settings import load

    folder = load(config).data if data is None else data
    asked = Asked(from_, to, profile, tuple(limit or ()), site, asset, kind)
    clean = replay_history(folder, SystemClock(), asked, reader_language(lang), format_, everything=every)
    if not clean:
        raise typer.Exit(1)
