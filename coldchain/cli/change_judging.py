"""`coldchain change …` of how assets are judged: restocking, cleaning, pauses, labels, defrosts, a lost sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coldchain.cli.change_app import (
    LANG,
    SERVER,
    WHO,
    At,
    ConfigFile,
    Data,
    DryRun,
    Lang,
    Server,
    Who,
    Why,
    Yes,
    change_app,
    do_change,
)
from coldchain.errors import ConfigError

if TYPE_CHECKING:
    from coldchain.registry import Registry
    from coldchain.registry.actions import Plan

__all__ = ["change_app"]

From = Annotated[str | None, typer.Option("--from", help="Measured time, RFC 3339 with offset, or now (the default).")]
Until = Annotated[str | None, typer.Option("--until", help="When it ends by itself, RFC 3339 with offset, or now.")]


def _now_ms() -> int:
    from coldchain.clock import SystemClock

    return SystemClock().now_ms()


def _until(text: str | None) -> int | None:
    from coldchain.cli.change import moment

    return None if text is None else moment(text, _now_ms())


@change_app.command("excuse")
def excuse(
    asset: str,
    kind: Annotated[str, typer.Option(help="restocking, maintenance or calibration.")],
    minutes: Annotated[int | None, typer.Option(help="Default: 20, 120 or 60; at most a day.")] = None,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """我在补货, 维修, 校准: temperatures have a reason for some minutes; each minute still counts."""
    from coldchain.registry import judging_actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return judging_actions.excuse(registry, asset, kind, at_ms, _now_ms(), minutes=minutes)

    do_change(make, config, data, from_, who, why or kind, yes, dry_run, lang)


@change_app.command("activity")
def activity(
    asset: str,
    state: Annotated[str, typer.Argument(
        help="cleaning, parked, pre-cooling, loading, loaded, unloading, returning-empty or waiting.")],
    until: Until = None,
    minutes: Annotated[int | None, typer.Option(help="Or: how long; cleaning 90 unless said otherwise.")] = None,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """清洁停机, 装货, 在途: what an asset is from now on; only what holds goods is judged."""
    from coldchain.registry import judging_actions

    until_ms = _until(until)

    def make(registry: Registry, at_ms: int) -> Plan:
        return judging_actions.change_activity(
            registry, asset, state, at_ms, _now_ms(), until_ms=until_ms, minutes=minutes
        )

    do_change(make, config, data, from_, who, why or state, yes, dry_run, lang)


@change_app.command("close-site")
def close_site(
    sites: Annotated[list[str], typer.Argument(metavar="SITE...", help="Several only with --until.")],
    until: Annotated[str | None, typer.Option("--until", help="暂停营业: they open again by themselves then.")] = None,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO,
    why: Annotated[str, typer.Option(help="Reason; needed when alarms are open.")] = "",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG, server: Server = SERVER,
) -> None:  # fmt: skip
    """闭店, 暂停营业: everything at the site goes out of use, for ever or until a day; every record stays."""
    from coldchain.cli.change import open_alarms_by_site
    from coldchain.registry import actions, pausing

    if until is None and len(sites) > 1:
        raise ConfigError("several sites: give --until to pause them; what closes for ever is closed one by one")
    until_ms = _until(until)

    def make(registry: Registry, at_ms: int) -> Plan:
        alarms = open_alarms_by_site(server)
        if until_ms is None:
            return actions.close_site(registry, sites[0], at_ms, open_alarms=alarms[sites[0]], reason=why)
        return pausing.pause_sites(registry, sites, at_ms, until_ms, _now_ms(), open_alarms=alarms, reason=why)

    do_change(make, config, data, at, who, why or ("闭店" if until is None else "暂停营业"), yes, dry_run, lang)


@change_app.command("open-site")
def open_site(
    site: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "开业",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """开业: a closed or paused shop opens, and its assets are judged again."""
    from coldchain.registry import pausing

    def make(registry: Registry, at_ms: int) -> Plan:
        return pausing.open_site(registry, site, at_ms, _now_ms())

    do_change(make, config, data, at, who, why, yes, dry_run, lang)


@change_app.command("label")
def label(
    point: str,
    low: Annotated[float | None, typer.Option(help="Lowest temperature that the label allows, °C.")] = None,
    high: Annotated[float | None, typer.Option(help="Highest temperature that the label allows, °C.")] = None,
    words: Annotated[str, typer.Option(help="As printed: 2-6℃ 冷藏.")] = "",
    none: Annotated[bool, typer.Option("--none", help="There is no label any more.")] = False,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "标签贮存条件",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """标签贮存条件: what is printed on the goods at a point, and which limits follow."""
    from coldchain.registry import labelling

    if none and (low is not None or high is not None or words):
        raise ConfigError("--none says that there is no label: leave --low, --high and --words out")

    def make(registry: Registry, at_ms: int) -> Plan:
        if none:
            return labelling.remove_label(registry, point, at_ms, _now_ms())
        return labelling.change_label(
            registry, point, at_ms, _now_ms(), low_celsius=low, high_celsius=high, words=words
        )

    do_change(make, config, data, from_, who, why, yes, dry_run, lang)


@change_app.command("defrosts")
def defrosts(
    asset: str,
    at: Annotated[list[str] | None, typer.Option("--at", help="Time of day at its site, 02:00; several times.")] = None,
    minutes: Annotated[int, typer.Option(help="How long one takes.")] = 30,
    until: Until = None,
    none: Annotated[bool, typer.Option("--none", help="It has no schedule any more.")] = False,
    config: ConfigFile = None, data: Data = None, from_: From = None, who: Who = WHO, why: Why = "化霜时间",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """化霜时间: an asset that does not tell its defrosts has them by its clock."""
    from coldchain.registry import judging_actions

    if bool(at) == none:
        raise ConfigError("give the times of day (--at 02:00 --at 14:00), or --none when it has no schedule any more")
    until_ms = _until(until)

    def make(registry: Registry, at_ms: int) -> Plan:
        return judging_actions.schedule_defrosts(
            registry, asset, at or (), minutes, at_ms, _now_ms(), until_ms=until_ms
        )

    do_change(make, config, data, from_, who, why, yes, dry_run, lang)


@change_app.command("relearn")
def relearn(
    point: str,
    config: ConfigFile = None, data: Data = None, who: Who = WHO, why: Why = "重新学习",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """重新学习: what was usual at a point counts no more, from now on."""
    from coldchain.registry import judging_actions

    do_change(
        lambda registry, at_ms: judging_actions.relearn(registry, point, at_ms),
        *(config, data, None, who, why, yes, dry_run, lang),
    )


@change_app.command("end-excursion")
def end_excursion(
    point: str,
    config: ConfigFile = None, data: Data = None, at: At = None, who: Who = WHO, why: Why = "探头丢失或更换",
    yes: Yes = False, dry_run: DryRun = False, lang: Lang = LANG,
) -> None:  # fmt: skip
    """结束超温: the sensor was lost or replaced, so no reading ends what is open."""
    from coldchain.registry import judging_actions

    def make(registry: Registry, at_ms: int) -> Plan:
        return judging_actions.end_excursion(registry, point, at_ms, _now_ms())

    do_change(make, config, data, at, who, why, yes, dry_run, lang)
