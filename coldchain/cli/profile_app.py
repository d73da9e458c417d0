"""`coldchain profile …`: product profiles and kind rules, each number with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

profile_app = typer.Typer(no_args_is_help=True, help="Product profiles: limits, delays and times with their sources.")

ConfigFile = Annotated[Path | None, typer.Option("--config", help="TOML file; `coldchain config --explain` lists it.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder of the ledger; without one the built-in profiles.")]
Lang = Annotated[str | None, typer.Option("--lang", help="zh or en; default from LANG.")]


def _folder(config: Path | None, data: Path | None) -> Path:
    from coldchain.settings import load

    return load(config).data if data is None else data


@profile_app.command("list")
def profile_list(config: ConfigFile = None, data: Data = None, lang: Lang = None) -> None:
    """A line a profile: storage condition, shelf life, version, since when."""
    from coldchain.cli.profile_show import list_profiles
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    list_profiles(_folder(config, data), SystemClock(), reader_language(lang))


@profile_app.command("show")
def profile_show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A product or a kind of asset.")],
    jurisdiction: Annotated[str, typer.Option(help="CN, EU or US: only these limits.")] = "",
    kind: Annotated[str, typer.Option(help="Kind of asset: what would be in force there, and why.")] = "",
    position: Annotated[str, typer.Option(help="Where the probe is; default product.")] = "",
    label: Annotated[str, typer.Option(help="A label's own condition in °C: 2..6, ..-18.")] = "",
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """A profile's numbers, each with its source and how far it is verified."""
    from coldchain.cli.profile_show import show_profile
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    show_profile(
        _folder(config, data), SystemClock(), id_, reader_language(lang), jurisdiction=jurisdiction, kind=kind,
        position=position, label=label,
    )  # fmt: skip


@profile_app.command("export")
def profile_export(
    file: Annotated[Path | None, typer.Argument(help="What to write (.toml); the screen without it.")] = None,
    config: ConfigFile = None,
    data: Data = None,
    lang: Lang = None,
) -> None:
    """Write what is in force as a file to edit; unchanged it imports with nothing to do."""
    from coldchain.cli.profile import export_profiles
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    export_profiles(_folder(config, data), SystemClock(), file, reader_language(lang))


@profile_app.command("import")
def profile_import(
    file: Annotated[Path, typer.Argument(help="TOML, as `coldchain profile export` writes it; any part of it.")],
    from_: Annotated[str | None, typer.Option("--from", help="RFC 3339 with offset, not past; default now.")] = None,
    config: ConfigFile = None,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    lang: Lang = None,
    why: Annotated[str, typer.Option(help="Reason, kept with every change.")] = "profile import",
    who: Annotated[str, typer.Option(help="Who does it, kept with every change.")] = "command line",
) -> None:
    """New versions of profiles: all or none, effective from now on; every fault is told with its place."""
    from coldchain.cli.profile import import_profiles
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    import_profiles(
        _folder(config, data), SystemClock(), file, reader_language(lang), from_=from_, who=who, why=why,
        dry_run=dry_run, yes=yes,
    )  # fmt: skip
