"""`coldchain papers`: hand-over notes and deliveries, from a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, Lang
from coldchain.cli.lots_app import Server

papers_app = typer.Typer(no_args_is_help=True, help="Hand-over notes and deliveries: list, show, print.")

Name = Annotated[str, typer.Argument(metavar="PAPER", help="Its id.")]


@papers_app.command("list")
def list_(
    site: Annotated[str, typer.Option(help="Only what this site sent or received.")] = "",
    trip: Annotated[str, typer.Option(help="Only of this trip.")] = "",
    server: Server = SERVER,
    lang: Lang = LANG,
) -> None:
    """List papers, the newest first."""
    from coldchain.cli.papers_show import print_papers
    from coldchain.cli.registry import reader_language

    print_papers(server, site, trip, reader_language(lang))


@papers_app.command("show")
def show(name: Name, server: Server = SERVER, lang: Lang = LANG) -> None:
    """看单据: what is on a paper, who signed it, and what the data says beside it."""
    from coldchain.cli.papers_show import print_paper
    from coldchain.cli.registry import reader_language

    print_paper(server, name, reader_language(lang))


@papers_app.command("pdf")
def pdf(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="File; default: PAPER.pdf here.")] = None,
    copy: Annotated[str, typer.Option(help="station or plant; supplier or shop. Default: the receiving side's.")] = "",
    server: Server = SERVER,
    lang: Lang = LANG,
) -> None:
    """Write one copy of a paper as PDF."""
    from coldchain.cli.papers_show import write_pdf
    from coldchain.cli.registry import reader_language

    write_pdf(server, name, out or Path(f"{name}.pdf"), copy, reader_language(lang))
