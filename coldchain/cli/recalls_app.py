"""`coldchain recalls`: recalls and drills, how far they are, and their forms."""

from __future__ import annotations

from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, Lang
from coldchain.cli.lots_app import Server
from coldchain.errors import ConfigError

recalls_app = typer.Typer(no_args_is_help=True, help="Recalls: who must act, how far they are, their forms.")

Name = Annotated[str, typer.Argument(metavar="RECALL", help="Its id.")]

FORMS = {
    "notice": "consumer_notice",
    "plan": "plan_text",
    "progress": "progress_report",
    "closing": "closing_report",
}
"""Form → field of the server's answer."""


@recalls_app.command("list")
def list_(server: Server = SERVER) -> None:
    """List recalls and drills, from a running server."""
    from coldchain.cli.recalls import print_recalls

    print_recalls(server)


@recalls_app.command("show")
def show(name: Name, server: Server = SERVER, lang: Lang = LANG) -> None:
    """召回进展: the numbers, the clocks, and what each site confirmed, from a running server."""
    from coldchain.cli.recalls import print_forms
    from coldchain.cli.registry import reader_language

    print_forms(server, name, ["progress_report"], reader_language(lang))


@recalls_app.command("report")
def report(
    name: Name,
    form: Annotated[str, typer.Option(help="notice, plan, progress, closing, all, or csv (a row a site).")] = "all",
    server: Server = SERVER,
    lang: Lang = LANG,
) -> None:
    """告知、计划、进展、总结: the forms of a recall, from a running server."""
    from coldchain.cli.recalls import print_csv, print_forms
    from coldchain.cli.registry import reader_language

    if form == "csv":
        print_csv(server, name, reader_language(lang))
        return
    if form != "all" and form not in FORMS:
        raise ConfigError(f"--form {form}: one of {', '.join(FORMS)}, all, csv")
    fields = list(FORMS.values()) if form == "all" else [FORMS[form]]
    print_forms(server, name, fields, reader_language(lang))
