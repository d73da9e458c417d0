"""`coldchain people`: who is on file, in which roles, and who answers at a time."""

from __future__ import annotations

from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, ConfigFile, Data, Lang, folder_of

people_app = typer.Typer(no_args_is_help=True, help="People: who is on file, in which roles, who answers when.")

Role = Annotated[str, typer.Option(help="Only this role: clerk, store-manager …, or its word.")]
Site = Annotated[str, typer.Option(help="Only who answers for this site.")]


@people_app.command("list")
def list_(role: Role = "", site: Site = "", config: ConfigFile = None, data: Data = None, lang: Lang = LANG) -> None:
    """看人员: a line a person, with roles and how each is reached; nobody who left."""
    from coldchain.cli.people import list_people
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    list_people(folder_of(config, data), SystemClock(), role, site, reader_language(lang))


@people_app.command("show")
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A person's id.")],
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = LANG,
) -> None:
    """看一人: everything that is on file of a person, duties and shifts that are over as well."""
    from coldchain.cli.people import show_person
    from coldchain.cli.registry import reader_language

    show_person(folder_of(config, data), id_, reader_language(lang))


@people_app.command("on-duty")
def on_duty(
    site: Annotated[str, typer.Option(help="The site.")],
    role: Role = "",
    at: Annotated[str | None, typer.Option("--at", help="RFC 3339 with offset, or now, which is the default.")] = None,
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = LANG,
) -> None:
    """看值班: who answers for a site at a time, role by role."""
    from coldchain.cli.change import moment
    from coldchain.cli.people import print_on_duty
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    at_ms = moment(at, SystemClock().now_ms())
    print_on_duty(folder_of(config, data), site, role, at_ms, reader_language(lang))
