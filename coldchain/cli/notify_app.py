"""`coldchain notify`: the plan of who hears of what, who would hear of an alarm, and a test message."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, WHO, ConfigFile, Data, Lang, Who, folder_of
from coldchain.cli.notify_test import notify_test

notify_app = typer.Typer(no_args_is_help=True, help="Messages: the plan, who would hear of an alarm, a test.")
plan_app = typer.Typer(no_args_is_help=True, help="The plan of who hears of what, in which order, how.")
notify_app.add_typer(plan_app, name="plan")
notify_app.command("test")(notify_test)

PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="TOML, as `show --toml` writes it.")]


@plan_app.command("show")
def plan_show(
    toml: Annotated[bool, typer.Option("--toml", help="As a file to edit and import.")] = False,
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = LANG,
) -> None:
    """看方案: the plan in force; the built-in one until another was imported."""
    from coldchain.cli.notify import show_plan
    from coldchain.cli.registry import reader_language

    show_plan(folder_of(config, data), reader_language(lang), toml=toml)


@plan_app.command("check")
def plan_check(file: PlanFile, config: ConfigFile = None, data: Data = None, lang: Lang = LANG) -> None:
    """查方案: every fault of a plan file at once, and what is odd about it; writes nothing."""
    from coldchain.cli.notify import check_plan
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock
    from coldchain.settings import load

    check_plan(folder_of(config, data), file, load(config).notify, SystemClock(), reader_language(lang))


@plan_app.command("import")
def plan_import(
    file: PlanFile,
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    why: Annotated[str, typer.Option(help="Reason, kept with the entry.")] = "plan import",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it; without this it is a preview.")] = False,
    lang: Lang = LANG,
) -> None:
    """导入方案: replace the plan as a whole, or not at all; what changes is shown first."""
    from coldchain.cli.notify import import_plan
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock
    from coldchain.settings import load

    import_plan(
        folder_of(config, data), file, load(config).notify, SystemClock(), who=who, why=why, yes=yes,
        language=reader_language(lang),
    )  # fmt: skip


@notify_app.command("who")
def who_(
    kind: Annotated[str, typer.Option(help="Kind of asset; site for gateways, server for the server's own.")],
    site: Annotated[str, typer.Option(help="The site; none for the server's own.")] = "",
    severity: Annotated[str, typer.Option(help="notice, warning or critical.")] = "warning",
    at: Annotated[str | None, typer.Option("--at", help="RFC 3339 with offset, or now, which is the default.")] = None,
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = LANG,
) -> None:
    """谁会收到: who would be told of an alarm that nobody acknowledges, when and how, and why somebody would not."""
    from coldchain.cli.change import moment
    from coldchain.cli.notify import print_who
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock
    from coldchain.settings import load

    at_ms = moment(at, SystemClock().now_ms())
    print_who(folder_of(config, data), kind, site, severity, at_ms, load(config).notify, reader_language(lang))
