"""Trips from the command line: plans out of a list, words on a trip, a change of truck; shown before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from alerts.transit.reader import TripReader
from coldchain.cli.entries import counted, opened_ledger, write_entries
from coldchain.cli.lots import opened
from coldchain.clock import Clock, rfc3339
from coldchain.custody import TripMoment, TripVehicle
from coldchain.database import read_sqlite
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Registry, registry_at
from coldchain.routing import Routing
from coldchain.trips.asking import Asking
from coldchain.trips.changing import with_goods
from coldchain.trips.listing import read_trips
from coldchain.trips.routed import routed
from coldchain.trips.verdicts import Put

_SAID = {
    "zh": {
        "list": "运单:新 {new},更改 {changed},已知 {same};共 {stops} 站。",
        "unrouted": "没有规划路线,按直线距离估算:{trips}",
        "moment": "运单 {trip}{stop}:{moment},{at}",
        "stop": "第 {number} 站",
        "taken back": "收回",
        "vehicle": "运单 {trip}:{at} 起由 {vehicle} 承运(此前 {before});随车批次 {lots} 个",
    },
    "en": {
        "list": "trips: {new} new, {changed} changed, {same} known; {stops} stops",
        "unrouted": "without a way, great circles count: {trips}",
        "moment": "trip {trip}{stop}: {moment}, {at}",
        "stop": ", stop {number}",
        "taken back": "taken back",
        "vehicle": "trip {trip}: {vehicle} goes on from {at} (until then {before}), with {lots} lots",
    },
}


def import_trips(
    data: Path,
    file: Path,
    routes: Path | None,
    clock: Clock,
    *,
    routing: Routing | None,
    who: str,
    why: str,
    yes: bool,
    language: str,
) -> None:
    """Read a list of trips, say what it changes, and write that in one transaction if ``yes``.

    Args:
        routing: asked for the way of each plan without one.

    Raises:
        ConfigError: every fault of the list at once, or no ledger.
    """
    with _opened(data, clock, language) as (ledger, asking, registry):
        with counted(language):
            found = read_trips(file, routes, registry, asking, clock.now_ms(), language=language)
        typer.echo(
            _SAID[language]["list"].format(new=found.new, changed=found.changed, same=found.same, stops=found.stops)
        )
        with_ways = routed(found.puts, lambda trip: None, registry, routing)
        if with_ways.unrouted:
            typer.echo(_SAID[language]["unrouted"].format(trips=", ".join(with_ways.unrouted)))
        write_entries(ledger, with_ways.puts, clock, who=who, why=why, yes=yes, language=language)


def say_of_trip(
    data: Path,
    trip: str,
    moment: str,
    stop: int | None,
    at_ms: int | None,
    clock: Clock,
    *,
    who: str,
    why: str,
    yes: bool,
    language: str,
) -> None:
    """Say that something happened on a trip, if ``yes``.

    Args:
        stop: counted from 1; None for what concerns the whole trip.
        at_ms: None takes an earlier word back.

    Raises:
        ConfigError: no such trip, stop or moment, or a time to come.
    """
    say = _SAID[language]
    place = "" if stop is None else say["stop"].format(number=stop)
    at = say["taken back"] if at_ms is None else rfc3339(at_ms)
    put = TripMoment(trip, moment, at_ms, None if stop is None else stop - 1)
    with _opened(data, clock, language) as (ledger, asking, registry):
        new = _taken(asking, registry, put, language)
        typer.echo(say["moment"].format(trip=trip, stop=place, moment=moment, at=at))
        write_entries(ledger, new, clock, who=who, why=why, yes=yes, language=language)


def change_vehicle(
    data: Path, trip: str, vehicle: str, from_ms: int, clock: Clock, *, who: str, why: str, yes: bool, language: str
) -> None:
    """Let another vehicle go on with a trip and everything that lies in the one before, if ``yes``.

    Raises:
        ConfigError: no such trip or vehicle, a time to come, or nowhere to put the goods.
    """
    with _opened(data, clock, language) as (ledger, asking, registry), opened(data, language) as (_, goods, reader):
        before = asking.of(trip).vehicle_at(from_ms)
        new = _taken(asking, registry, TripVehicle(trip, vehicle, from_ms), language)
        puts = with_goods(new, asking, goods, reader, registry, who=who, why=why, language=language)
        typer.echo(
            _SAID[language]["vehicle"].format(
                trip=trip, vehicle=vehicle, at=rfc3339(from_ms), before=before, lots=max(len(puts) - 1, 0)
            )
        )
        write_entries(ledger, puts, clock, who=who, why=why, yes=yes, language=language)


def _taken(asking: Asking, registry: Registry, put: Put, language: str) -> Sequence[Put]:
    new, refused = asking.take(registry, [put])
    if refused:
        raise ConfigError([one.refused.said(language) for one in refused])
    return new


@contextmanager
def _opened(data: Path, clock: Clock, language: str) -> Iterator[tuple[SqlLedger, Asking, Registry]]:
    """Give a folder's ledger, what is said of its trips, and its registry, beside a running server or without one."""
    with opened_ledger(data, language) as ledger:
        store = data / "alarms.db"
        engine = read_sqlite(store) if store.exists() else None
        try:
            reader = None if engine is None else TripReader(engine)
            yield ledger, Asking(ledger, reader, clock.now_ms()), registry_at(ledger, ledger.end())
        finally:
            if engine is not None:
                engine.dispose()
