"""`coldchain lots`: read a list of lots in, show where one was and is, list what lies in an asset or at a site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, WHO, ConfigFile, Data, Lang, Who, folder_of
from coldchain.errors import ConfigError

lots_app = typer.Typer(no_args_is_help=True, help="Lots: read lists in, see where they were and are.")

Server = Annotated[str, typer.Option("--server", help="Address of a running server.", envvar="COLDCHAIN_SERVER")]
Name = Annotated[str, typer.Argument(metavar="LOT", help="Its id.")]


@lots_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), Chinese or English headings.")],
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    why: Annotated[str, typer.Option(help="Reason, kept with every entry.")] = "lots import",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it; without this it is a preview.")] = False,
    lang: Lang = LANG,
) -> None:
    """Read a list of lots and of where they were: checked whole, written whole or not at all."""
    from coldchain.cli.lots import import_lots
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    import_lots(folder_of(config, data), file, SystemClock(), who=who, why=why, yes=yes, language=reader_language(lang))


@lots_app.command("show")
def show(name: Name, server: Server = SERVER, lang: Lang = LANG) -> None:
    """看批次: where a lot was and is, what it became, who received it, from a running server."""
    from coldchain.cli.lots_show import print_lot
    from coldchain.cli.registry import reader_language

    print_lot(server, name, reader_language(lang))


@lots_app.command("trace")
def trace(name: Name, server: Server = SERVER, lang: Lang = LANG) -> None:
    """追溯批次: every asset, trip and hand-over of a lot and of what it came out of, from a running server."""
    from coldchain.cli.lots_trace import print_trace
    from coldchain.cli.registry import reader_language

    print_trace(server, name, reader_language(lang))


@lots_app.command("list")
def list_(
    asset: Annotated[str, typer.Option(help="Only what lies in this asset now, presumed ones too.")] = "",
    site: Annotated[str, typer.Option(help="Only what lies at this site now.")] = "",
    server: Server = SERVER,
) -> None:
    """List lots, from a running server."""
    from coldchain.cli.lots_show import print_lots

    if asset and site:
        raise ConfigError("--asset and --site: one of them")
    print_lots(server, asset, site)


Write = Annotated[bool, typer.Option("--yes", "-y", help="Write it; without this it is a preview.")]
Reason = Annotated[str, typer.Option("--why", help="Reason, kept with the lot for ever.")]
Lots = Annotated[list[str] | None, typer.Option("--lot", help="A lot; may be said several times.")]


@lots_app.command("hold")
def hold(
    why: Reason,
    lot: Lots = None,
    alarm: Annotated[str, typer.Option(help="All lots that lay in this alarm's asset while it lasted.")] = "",
    certain_only: Annotated[bool, typer.Option("--certain-only", help="Leave presumed lots out.")] = False,
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    yes: Write = False,
    lang: Lang = LANG,
) -> None:
    """暂停销售: some lots, or those of an alarm, are not to be sold until somebody else decides."""
    from coldchain.cli.lots import hold_lots
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    hold_lots(
        folder_of(config, data), lot or [], alarm, SystemClock(),
        certain_only=certain_only, who=who, why=why, yes=yes, language=reader_language(lang),
    )  # fmt: skip


@lots_app.command("release")
def release(
    name: Annotated[str, typer.Argument(metavar="HOLD", help="Id of the hold.")],
    decision: Annotated[str, typer.Option(help="released, downgraded, written-off or destroyed.")],
    who: Annotated[str, typer.Option(help="Who decides; another person than the one who held.")],
    why: Reason,
    lot: Lots = None,
    config: ConfigFile = None,
    data: Data = None,
    yes: Write = False,
    lang: Lang = LANG,
) -> None:
    """放行、降级、报损、销毁: what a second person decides of held lots; all that wait, or those named."""
    from coldchain.cli.lots import release_lots
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    release_lots(
        folder_of(config, data), name, lot or [], decision, SystemClock(),
        who=who, why=why, yes=yes, language=reader_language(lang),
    )  # fmt: skip
