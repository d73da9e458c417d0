"""`coldchain change …` of where things are: fences of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coldchain.cli.change_app import LANG, WHO, ConfigFile, Data, DryRun, Lang, Who, Why, Yes, do_change
from coldchain.cli.change_judging import From, change_app
from coldchain.errors import ConfigError

if TYPE_CHECKING:
    from coldchain.registry import Registry
    from coldchain.registry.actions import Plan

__all__ = ["change_app"]


@change_app.command("fence")
def fence(
    site: str,
    latitude: Annotated[float | None, typer.Option(help="Of a circle's middle, degrees.")] = None,
    longitude: Annotated[float | None, typer.Option(help="Of a circle's middle, degrees.")] = None,
    radius: Annotated[float | None, typer.Option(help="Of the circle, m.")] = None,
    polygon: Annotated[str, typer.Option(help="Or corners, latitude,longitude: 31.1,121.4; 31.2,121.4; …")] = "",
    coordinates: Annotated[str, typer.Option(help="System of the degrees: WGS-84, GCJ-02 (高德, 腾讯) or BD-09.")] = "",
    none: Annotated[bool, typer.Option("--none", help="It has no fence of its own any more.")] = False,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "围栏",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """围栏: the area in which a vehicle is at a site, a circle or a polygon."""
    from coldchain.clock import SystemClock
    from coldchain.registry import Fence, fencing, vocabulary
    from coldchain.registry.cells import Wrong
    from coldchain.registry.forms import Corners

    if none and (latitude is not None or longitude is not None or radius is not None or polygon):
        raise ConfigError("--none says that there is no fence: leave the circle and --polygon out")
    try:
        corners = Corners().read(polygon)
    except Wrong as wrong:
        raise ConfigError(f"--polygon: {wrong}") from wrong
    assert isinstance(corners, tuple)
    system = vocabulary.code_of(vocabulary.COORDINATES, coordinates) or coordinates

    def make(registry: Registry, at_ms: int) -> Plan:
        now_ms = SystemClock().now_ms()
        if none:
            return fencing.remove_fence(registry, site, at_ms, now_ms)
        drawn = Fence(site, at_ms, latitude, longitude, radius, corners, system)
        return fencing.draw_fence(registry, drawn, now_ms)

    do_change(make, config, data, from_, who, why, yes, dry_run, lang)


@change_app.command("learn-fences")
def learn_fences(
    site: Annotated[list[str] | None, typer.Argument(help="Sites; default: each one without its own fence.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Trips of so many days are looked at.")] = 30,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "围栏学习",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """围栏学习: fences of sites from where vehicles stood at their first three deliveries; shown, then confirmed."""
    from coldchain.cli.learn_fences import plan_of
    from coldchain.clock import SystemClock
    from coldchain.ledger.sql import SqlLedger
    from coldchain.settings import load

    folder = load(config).data if data is None else data

    def make(registry: Registry, at_ms: int) -> Plan:
        ledger = SqlLedger.read_only(folder / "ledger.db")
        try:
            return plan_of(ledger, registry, site or [], days, at_ms, SystemClock().now_ms())
        finally:
            ledger.close()

    do_change(make, config, data, from_, who, why, yes, dry_run, lang)


@change_app.command("learn-road-factor")
def learn_road_factor(
    days: Annotated[int, typer.Option(min=1, max=366, help="Trips of so many days are looked at.")] = 90,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "道路系数学习",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """道路系数学习: how much longer roads are than great circles, from trips driven; a new version of the rules."""
    from coldchain.cli.learn_road_factor import plan_of
    from coldchain.clock import SystemClock
    from coldchain.settings import load

    folder = load(config).data if data is None else data

    def make(registry: Registry, at_ms: int) -> Plan:
        return plan_of(folder, registry, days, at_ms, SystemClock().now_ms())

    do_change(make, config, data, from_, who, why, yes, dry_run, lang)
