"""The plan of messages on the screen, its way into the ledger, and who would hear of an alarm."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import typer

from coldchain.cli.columns import columns
from coldchain.cli.entries import counted, opened_ledger, write_entries
from coldchain.cli.people import address_words, known_site, registry_of, role_word
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.notify_settings import NotifySettings
from coldchain.people import NO_ASSET, WAYS, Chain, NotifyPlan
from coldchain.people.builtin import builtin_text, plan_of
from coldchain.people.calendar import HOME, is_open, local_at
from coldchain.people.checks import warnings
from coldchain.people.reach import MINUTE_MS, Hearing, Silence, chain_of, hearings
from coldchain.people.reading import read_plan_file
from coldchain.people.words import SILENCE_WORDS, WAY_WORDS, WHEN_WORDS
from coldchain.people.writing import place_lines, plan_toml
from coldchain.registry import SEVERITIES, Registry, registry_at
from coldchain.registry.hints import did_you_mean

_SAID = {
    "zh": {
        "built-in": "内置方案(尚未导入自己的方案)",
        "own": "已导入的方案",
        "every": "其余全部", "site": "网关等网点报警", "server": "服务器本身", "only": "仅限 {where}",
        "critical": "严重时", "minutes": "{n} 分钟", "room": "群 {id}: 通道 {channel},{severity} 起",
        "digest": "每日 {at} 摘要: {roles}",
        "fine": "{file}: 没有错误",
        "odd": "注意: {said}",
        "same": "与现行方案相同,没有要写入的内容",
        "kind": "类型 {kind} 未知", "severity": "级别 {severity} 未知,应为 {known}",
        "chain": "{what},{when},{state};链 {chain}",
        "server site": "服务器",
        "open": "营业中", "closed": "不在营业时间",
        "nobody": "没有人会收到",
        "faster": "某一步一个人也找不到时,下一步立即执行,不等到上面的时间",
        "no channels": "服务器尚未配置任何通道:以下按全部方式都可用列出",
        "at": "{n} 分钟后 {time}",
    },
    "en": {
        "built-in": "the built-in plan (nobody imported another)",
        "own": "the plan that was imported",
        "every": "everything else", "site": "gateways and the like", "server": "the server's own",
        "only": "only {where}",
        "critical": "critical", "minutes": "{n} min", "room": "room {id}: channel {channel}, from {severity} on",
        "digest": "daily digest at {at}: {roles}",
        "fine": "{file}: no faults",
        "odd": "note: {said}",
        "same": "the plan in force is so already; nothing to write",
        "kind": "kind {kind} is not known", "severity": "severity {severity} is not known; one of {known}",
        "chain": "{what}, {when}, {state}; chain {chain}",
        "server site": "server",
        "open": "open", "closed": "closed",
        "nobody": "nobody would hear of it",
        "faster": "where a step finds nobody at all, the next one is due at once and not at the time above",
        "no channels": "the settings name no channels yet: this is as if every way had one",
        "at": "after {n} min {time}",
    },
}  # fmt: skip


_LOST = {Silence.NOBODY, Silence.NO_ADDRESS, Silence.NO_CHANNEL}


def show_plan(data: Path, language: str, *, toml: bool) -> None:
    """Print the plan in force; without a ledger the built-in one."""
    registry = registry_of(data, language) if (data / "ledger.db").exists() else Registry()
    plan = plan_of(registry)
    if toml:
        typer.echo(plan_toml(plan) if registry.notify_plan else builtin_text(), nl=False)
        return
    typer.echo(_SAID[language]["own" if registry.notify_plan else "built-in"])
    for line in _plan_lines(plan, registry, language):
        typer.echo(line)


def check_plan(data: Path, file: Path, notify: NotifySettings, clock: Clock, language: str) -> None:
    """Read a plan file and say what is odd about it.

    Args:
        notify: whose channels a plan may name; without any they are not looked up.

    Raises:
        ConfigError: every fault at once.
    """
    registry = registry_of(data, language) if (data / "ledger.db").exists() else None
    with counted(language):
        plan = read_plan_file(file, registry, notify.channels or None, language)
    typer.echo(_SAID[language]["fine"].format(file=file.name))
    if registry is not None:
        _print_odd(plan, registry, notify, clock.now_ms(), language)


def import_plan(
    data: Path, file: Path, notify: NotifySettings, clock: Clock, *, who: str, why: str, yes: bool, language: str
) -> None:
    """Read a plan file, show what it changes, and write it as one entry if ``yes``.

    Args:
        notify: whose channels a plan may name; without any they are not looked up.

    Raises:
        ConfigError: every fault at once, or no ledger.
    """
    with opened_ledger(data, language) as ledger:
        registry = registry_at(ledger, ledger.end())
        with counted(language):
            plan = read_plan_file(file, registry, notify.channels or None, language)
        before = plan_of(registry)
        if plan == before:
            typer.echo(_SAID[language]["same"])
            return
        for line in difflib.ndiff(place_lines(before), place_lines(plan)):
            if line[0] in "+-":
                typer.echo(line)
        _print_odd(plan, registry, notify, clock.now_ms(), language)
        write_entries(ledger, [plan], clock, who=who, why=why, yes=yes, language=language)


def print_who(
    data: Path, kind: str, site: str, severity: str, at_ms: int, notify: NotifySettings, language: str
) -> None:
    """Print who would hear of an alarm, when and how, and why somebody would not.

    Args:
        notify: whose channels serve the ways; without any every way counts.

    Raises:
        ConfigError: a site, kind or severity that is not known.
    """
    say, registry = _SAID[language], registry_of(data, language)
    if kind != "server":
        known_site(registry, site, language)
    kinds = [*registry.kinds, *NO_ASSET]
    if kind not in kinds:
        near = did_you_mean(kind, kinds)
        raise ConfigError(say["kind"].format(kind=kind) + near[0 if language == "zh" else 1])
    if severity not in SEVERITIES:
        raise ConfigError(say["severity"].format(severity=severity, known=", ".join(SEVERITIES)))
    plan = plan_of(registry)
    chain = chain_of(plan, kind, site, registry.regions_of(site))
    zone = registry.sites[site].timezone if site else HOME
    typer.echo(
        say["chain"].format(
            what=f"{registry.sites[site].name} ({site})" if site else say["server site"],
            when=f"{local_at(zone, at_ms):%Y-%m-%d %H:%M} {zone}",
            state=say["open" if is_open(registry, site, at_ms) else "closed"],
            chain=chain.id if chain else "–",
        )
    )
    if not notify.channels:
        typer.echo(say["no channels"])
    found = hearings(registry, plan, kind, site, severity, at_ms, served=_served(notify))
    rows = [_hearing_row(one, zone, at_ms, language) for one in found]
    for line in columns(rows) if rows else ():
        typer.echo(line)
    if all(one.why is not None for one in found):
        typer.echo(say["nobody"])
    elif _LOST.intersection(one.why for one in found):
        typer.echo(say["faster"])


def _hearing_row(one: Hearing, zone: str, at_ms: int, language: str) -> tuple[str, ...]:
    due = local_at(zone, at_ms + one.due_min * MINUTE_MS)
    when = _SAID[language]["at"].format(n=one.due_min, time=f"{due:%H:%M}")
    person = f"{one.person.name} ({one.person.id})" if one.person else "–"
    how = address_words(one.addresses, language)
    if one.why is not None:
        how = f"✗ {SILENCE_WORDS[one.why][0 if language == 'zh' else 1]}"
    return when, role_word(one.role, language), person, how


def _served(notify: NotifySettings) -> list[str]:
    """Return the ways for which there is a channel; every way where the settings name no channels at all."""
    return [way for way in WAYS if notify.channel_of(way) or not notify.channels]


def _print_odd(plan: NotifyPlan, registry: Registry, notify: NotifySettings, now_ms: int, language: str) -> None:
    for said in warnings(plan, registry, now_ms, _served(notify)):
        typer.echo(_SAID[language]["odd"].format(said=said[0 if language == "zh" else 1]))


def _plan_lines(plan: NotifyPlan, registry: Registry, language: str) -> Iterator[str]:
    say, place = _SAID[language], 0 if language == "zh" else 1
    for chain in plan.chains:
        yield ""
        yield f"{chain.id}: {_taken(chain, registry, language)}"
        rows = []
        for step in chain.steps:
            ways = " → ".join(WAY_WORDS[way][place] for way in step.ways)
            if step.ways_critical:
                ways += f"; {say['critical']}: {' → '.join(WAY_WORDS[way][place] for way in step.ways_critical)}"
            roles = ", ".join(role_word(role, language) for role in step.roles)
            rows.append((f"  {say['minutes'].format(n=step.after_min)}", WHEN_WORDS[step.when][place], roles, ways))
        yield from columns(rows)
    yield ""
    for room in plan.rooms:
        yield say["room"].format(id=room.id, channel=room.channel, severity=room.severity)
    for digest in plan.digests:
        yield say["digest"].format(at=digest.at, roles=", ".join(role_word(one, language) for one in digest.roles))


def _taken(chain: Chain, registry: Registry, language: str) -> str:
    say = _SAID[language]
    words = {kind.id: kind.name_zh if language == "zh" else kind.name_en for kind in registry.kinds.values()}
    words |= {name: say[name] for name in NO_ASSET}
    taken = ", ".join(words.get(kind, kind) for kind in chain.kinds) or say["every"]
    where = ", ".join((*chain.regions, *chain.sites))
    return taken + (f" ({say['only'].format(where=where)})" if where else "")
