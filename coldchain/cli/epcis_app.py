"""`coldchain epcis`: events of a lot, a trip or a site as a file for other people's systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import SERVER
from coldchain.errors import ConfigError

Out = Annotated[Path | None, typer.Option("--out", "-o", help="File; else it is printed.")]
Server = Annotated[str, typer.Option("--server", help="Address of a running server.", envvar="COLDCHAIN_SERVER")]

epcis_app = typer.Typer(no_args_is_help=True, help="EPCIS 2.0: events for other people's systems.")


@epcis_app.command("export")
def export(
    lot: Annotated[str, typer.Option(help="Events of this lot.")] = "",
    trip: Annotated[str, typer.Option(help="Events of this trip and of its goods on it.")] = "",
    site: Annotated[str, typer.Option(help="What happened at this site; needs --from and --to.")] = "",
    from_: Annotated[str, typer.Option("--from", help="RFC 3339.")] = "",
    to: Annotated[str, typer.Option("--to", help="RFC 3339, excluded.")] = "",
    out: Out = None,
    server: Server = SERVER,
) -> None:
    """Write one JSON-LD document, from a running server; it keeps what it sent, to correct it when it was wrong."""
    from coldchain.cli.epcis import exported

    if sum(map(bool, (lot, trip, site))) != 1:
        raise ConfigError("--lot, --trip, --site: one of them")
    text, events = exported(server, {"lot": lot, "trip": trip, "site": site, "from": from_, "to": to})
    _give(text, events, out)


@epcis_app.command("corrections")
def corrections(
    from_: Annotated[str, typer.Option("--from", help="RFC 3339: what was found wrong since.")],
    out: Out = None,
    server: Server = SERVER,
) -> None:
    """Write what was sent to anybody and was found wrong since a time, with what is right."""
    from coldchain.cli.epcis import CORRECTIONS, exported

    _give(*exported(server, {"from": from_}, CORRECTIONS), out)


def _give(text: str, events: int, out: Path | None) -> None:
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", "utf-8")
        typer.echo(f"{out}: {events} events")
