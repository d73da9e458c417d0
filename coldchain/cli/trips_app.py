"""`coldchain trips`: read plans in, say what happened on the way, change the truck."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coldchain.cli.change_app import LANG, SERVER, WHO, ConfigFile, Data, Lang, Who, folder_of
from coldchain.cli.lots_app import Server
from coldchain.errors import ConfigError

trips_app = typer.Typer(no_args_is_help=True, help="Trips: read plans in, say what happened, see how they go.")

Trip = Annotated[str, typer.Argument(metavar="TRIP", help="Its id.")]
Why = Annotated[str, typer.Option(help="Reason, kept with every entry.")]
Write = Annotated[bool, typer.Option("--yes", "-y", help="Write it; without this it is a preview.")]
At = Annotated[str | None, typer.Option("--at", help="Measured time, RFC 3339 with offset; default: this minute.")]


@trips_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), a row a stop, Chinese or English headings.")],
    routes: Annotated[Path | None, typer.Option(help="CSV of trip id, route and coordinate system.")] = None,
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    why: Why = "trips import",
    yes: Write = False,
    lang: Lang = LANG,
) -> None:
    """Read a list of planned trips: checked whole, written whole or not at all."""
    from coldchain.cli.registry import reader_language
    from coldchain.cli.trips import import_trips
    from coldchain.clock import SystemClock
    from coldchain.routing import routing_of
    from coldchain.settings import load

    import_trips(
        folder_of(config, data), file, routes, SystemClock(), routing=routing_of(load(config).routing),
        who=who, why=why, yes=yes, language=reader_language(lang),
    )  # fmt: skip


@trips_app.command("say")
def say(
    trip: Trip,
    event: Annotated[str, typer.Argument(help="arrived, departed, accepted, refused, ended or cancelled.")],
    stop: Annotated[int | None, typer.Option(min=1, help="Which stop, 1 is the first.")] = None,
    at: At = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="It did not happen: take it back.")] = False,
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    why: Why = "said by hand",
    yes: Write = False,
    lang: Lang = LANG,
) -> None:
    """Say that it arrived, departed, was accepted or refused, ended or was cancelled; goes before the positions."""
    from coldchain.cli.change import moment
    from coldchain.cli.registry import reader_language
    from coldchain.cli.trips import say_of_trip
    from coldchain.clock import SystemClock

    if take_back and at is not None:
        raise ConfigError("--at and --take-back: one of them")
    clock = SystemClock()
    say_of_trip(
        folder_of(config, data), trip, event, stop, None if take_back else moment(at, clock.now_ms()), clock,
        who=who, why=why, yes=yes, language=reader_language(lang),
    )  # fmt: skip


@trips_app.command("change-vehicle")
def change_vehicle(
    trip: Trip,
    vehicle: Annotated[str, typer.Argument(metavar="VEHICLE", help="Id of the one that goes on.")],
    at: At = None,
    config: ConfigFile = None,
    data: Data = None,
    who: Who = WHO,
    why: Why = "change of truck",
    yes: Write = False,
    lang: Lang = LANG,
) -> None:
    """换车: another vehicle goes on with the trip and its goods from a time on."""
    from coldchain.cli import trips
    from coldchain.cli.change import moment
    from coldchain.cli.registry import reader_language
    from coldchain.clock import SystemClock

    clock = SystemClock()
    trips.change_vehicle(
        folder_of(config, data), trip, vehicle, moment(at, clock.now_ms()), clock,
        who=who, why=why, yes=yes, language=reader_language(lang),
    )  # fmt: skip


@trips_app.command("list")
def list_(
    from_: Annotated[str, typer.Option("--from", help="Planned to be on the way then or later, RFC 3339.")] = "",
    to: Annotated[str, typer.Option(help="Planned to begin before, RFC 3339.")] = "",
    vehicle: Annotated[str, typer.Option(help="Driven by this vehicle.")] = "",
    site: Annotated[str, typer.Option(help="With a stop at this site.")] = "",
    kind: Annotated[str, typer.Option(help="raw-milk or distribution.")] = "",
    state: Annotated[str, typer.Option(help="A state; on: started and not over, open: not over, any.")] = "open",
    at_risk: Annotated[bool, typer.Option("--at-risk", help="Only with an alarm, or likely late somewhere.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Most lines.")] = 100,
    server: Server = SERVER,
    lang: Lang = LANG,
) -> None:
    """List trips, from a running server: the latest planned start first."""
    from coldchain.cli.registry import reader_language
    from coldchain.cli.trips_show import print_trips

    print_trips(
        server, limit, reader_language(lang), vehicle=vehicle, site=site, kind=kind, state=state, to=to,
        at_risk="true" if at_risk else "", **{"from": from_},
    )  # fmt: skip


@trips_app.command("show")
def show(trip: Trip, server: Server = SERVER, lang: Lang = LANG) -> None:
    """One trip: stops with what was planned, what is expected and what happened, and what went wrong."""
    from coldchain.cli.registry import reader_language
    from coldchain.cli.trips_show import print_trip

    print_trip(server, trip, reader_language(lang))
