"""`coldchain kpis`: what a month came to."""

from __future__ import annotations

from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, Lang
from coldchain.cli.lots_app import Server

kpis_app = typer.Typer(no_args_is_help=True, help="KPIs: what a month came to, with what each number is made of.")


@kpis_app.command("show")
def show(
    month: Annotated[str, typer.Option(help="Such as 2026-11; default: this month so far.")] = "",
    by: Annotated[str, typer.Option(help="site, region, carrier or all.")] = "all",
    site: Annotated[str, typer.Option(help="Only this site.")] = "",
    region: Annotated[str, typer.Option(help="Only this region, and those in it.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="As CSV with the definitions, for a spreadsheet.")] = False,
    server: Server = SERVER,
    lang: Lang = LANG,
) -> None:
    """KPIs of a month, from a running server: rate, numerator and denominator, waits, the ten largest sources."""
    from coldchain.cli.kpis_show import print_kpis
    from coldchain.cli.registry import reader_language

    print_kpis(server, month, reader_language(lang), as_csv=csv, by=by, site=site, region=region)
