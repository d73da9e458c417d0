"""Profiles on the command line: what is in force with its sources, and a file's way into the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from coldchain.clock import Clock, parse_rfc3339, rfc3339
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import (
    DEFAULT,
    JURISDICTIONS,
    Catalogue,
    Chosen,
    Content,
    InForce,
    Jurisdiction,
    KindRules,
    Label,
    Product,
    Sourced,
    builtin,
    limits_in_force,
    read_file,
    text_of,
    version_of,
)
from coldchain.profiles.difference import Changed, compare
from coldchain.profiles.words import NAMES, STATUS_WORDS, STORAGE_WORDS, number, reason, word
from coldchain.registry import Change, Profile, Registry, registry_at

_SAID = {
    "zh": {
        "id": "编号", "name": "名称", "storage": "贮存", "condition": "贮存条件", "life": "保质期",
        "short": "低温短保", "version": "版本", "since": "自", "built-in": "内置", "yes": "是", "no": "否",
        "unknown": "{id}: 没有这个档案;`coldchain profile list` 列出全部",
        "faults": "共 {n} 处错误,未写入任何内容,原有规则照常有效",
        "nothing": "没有变化: {n} 个档案均已如此", "new": "新增", "changed": "变更",
        "planned": "试运行: {n} 个档案将自 {at} 起生效;未写入任何内容",
        "written": "已写入: {n} 个档案自 {at} 起生效", "confirm": "写入?", "left": "未写入任何内容",
        "past": "--from {at}: 早于现在;档案只能自现在或以后起生效",
        "no ledger": "{folder} 中没有账本:请用 --data 指明服务器的数据目录", "exported": "已导出到 {file}: {n} 个档案",
        "label": "--label {label}: 应为 2..6、..-18 或 0..", "information": "此位置只作参考,不判断",
        "kind": "--kind {kind}: 没有这个类型;应为 {known}", "estimate": "设计值、转引与未核对的数字不是法规",
        "product only": "--kind 只用于产品档案",
    },
    "en": {
        "id": "id", "name": "name", "storage": "storage", "condition": "condition", "life": "shelf life",
        "short": "LT short life", "version": "version", "since": "since", "built-in": "built-in", "yes": "yes",
        "no": "no",
        "unknown": "{id}: no such profile; `coldchain profile list` lists them",
        "faults": "faults: {n}; nothing was written, the rules in force stay",
        "nothing": "nothing to do: all {n} profiles are so already", "new": "new", "changed": "changed",
        "planned": "dry run: {n} profiles would hold from {at}; nothing was written",
        "written": "written: {n} profiles hold from {at}", "confirm": "Write this?", "left": "nothing was written",
        "past": "--from {at}: lies in the past; profiles take effect from now on",
        "no ledger": "{folder} holds no ledger: name the server's folder with --data",
        "exported": "exported to {file}: {n} profiles",
        "label": "--label {label}: 2..6, ..-18 or 0.. was expected", "information": "information only: not judged here",
        "kind": "--kind {kind}: no such kind; one of {known} was expected",
        "estimate": "assumed, secondary and unverified numbers are not law", "product only": "--kind is for products",
    },
}  # fmt: skip


def list_profiles(data: Path, clock: Clock, language: str) -> None:
    """Print a line a profile."""
    say, registry, now_ms = _SAID[language], _registry(data), clock.now_ms()
    head = ("id", "name", "storage", "condition", "life", "short", "version", "since")
    rows = [tuple(say[one] for one in head)]
    for product in _in_force(registry, now_ms).products.values():
        limits = product.limits[DEFAULT]
        low, high = limits.target_low, limits.target_high
        condition = f"{'' if low is None else f'{low.value:g}'}…{'' if high is None else f'{high.value:g}'} °C"
        life = "–" if product.shelf_life is None else number(product.shelf_life)
        rows.append((
            product.id, getattr(product, language), word(STORAGE_WORDS, product.storage, language), condition, life,
            say["yes" if product.low_temperature_short_life else "no"], version_of(product),
            _since(registry, product, now_ms, language),
        ))  # fmt: skip
    _print_table(rows)
    typer.echo()
    kinds = [(say["id"], say["name"], say["version"], say["since"])]
    for kind in _in_force(registry, now_ms).kinds.values():
        kinds.append((kind.id, getattr(kind, language), version_of(kind), _since(registry, kind, now_ms, language)))
    _print_table(kinds)


def show_profile(
    data: Path, clock: Clock, id_: str, language: str, *, jurisdiction: str = "", kind: str = "", position: str = "",
    label: str = "",
) -> None:  # fmt: skip
    """Print a profile's numbers with their sources; with a kind, what would be in force there and why.

    Raises:
        ConfigError: no such profile, kind or jurisdiction.
    """
    say, registry, now_ms = _SAID[language], _registry(data), clock.now_ms()
    catalogue = _in_force(registry, now_ms)
    content = catalogue.products.get(id_) or catalogue.kinds.get(id_)
    if content is None:
        raise ConfigError(say["unknown"].format(id=id_))
    chosen_set = _jurisdiction(jurisdiction)
    since = _since(registry, content, now_ms, language)
    typer.echo(f"{getattr(content, language)} ({content.id}) · {say['version']} {version_of(content)} · {since}")
    if note := getattr(content, f"note_{language}"):
        typer.echo(note)
    if kind or position or label:
        if not isinstance(content, Product):
            raise ConfigError(say["product only"])
        rules = catalogue.kinds.get(kind or "glass-door-cooler")
        if rules is None:
            raise ConfigError(say["kind"].format(kind=kind, known=", ".join(catalogue.kinds)))
        _print_in_force(
            limits_in_force(content, rules, position or "product", chosen_set, _label(label, say)), language
        )
    else:
        _print_numbers(content, language, jurisdiction and chosen_set)
    typer.echo(say["estimate"])


def export_profiles(data: Path, clock: Clock, file: Path | None, language: str) -> None:
    """Write what is in force as a file that imports again with nothing to do; to the screen without a file."""
    catalogue = _in_force(_registry(data), clock.now_ms())
    text = text_of(catalogue.contents)
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror}") from fault
    typer.echo(_SAID[language]["exported"].format(file=file, n=len(catalogue.contents)))


def import_profiles(
    data: Path, clock: Clock, file: Path, language: str, *, from_: str | None, who: str, why: str, dry_run: bool,
    yes: bool,
) -> None:  # fmt: skip
    """Read a file, show what it changes, and write that in one transaction, effective from now or later.

    Raises:
        ConfigError: every fault of the file at once, a time in the past, or no ledger to write to.
    """
    say = _SAID[language]
    at_ms = _effective(from_, clock, say)
    try:
        wanted = read_file(file, language)
    except ConfigError as fault:
        raise ConfigError([*fault.faults, say["faults"].format(n=len(fault.faults))]) from fault
    with _ledger(data) as ledger:
        registry = Registry() if ledger is None else registry_at(ledger, ledger.end())
        found = compare(wanted, lambda content: _held(registry, content, at_ms))
        if not found:
            typer.echo(say["nothing"].format(n=len(wanted.contents)))
            return
        _print_difference(found, say)
        if dry_run:
            typer.echo(say["planned"].format(n=len(found), at=rfc3339(at_ms)))
            return
        if ledger is None:
            raise ConfigError(say["no ledger"].format(folder=data))
        if not (yes or typer.confirm(say["confirm"])):
            typer.echo(say["left"])
            return
        now_ms = clock.now_ms()
        at_ms = max(at_ms, now_ms)  # the time that a person took to answer is not the past
        changes = [Change(Profile(at_ms, one.after), who, why) for one in found]
        ledger.change([change.encode() for change in changes], now_ms)
    typer.echo(say["written"].format(n=len(found), at=rfc3339(at_ms)))


def _effective(from_: str | None, clock: Clock, say: dict[str, str]) -> int:
    now_ms = clock.now_ms()
    if from_ is None:
        return now_ms
    try:
        at_ms = parse_rfc3339(from_)
    except ValueError as fault:
        raise ConfigError(f"--from {from_}: {fault}; write 2026-11-23T10:00:00+08:00") from fault
    if at_ms < now_ms:
        raise ConfigError(say["past"].format(at=from_))
    return at_ms


def _jurisdiction(asked: str) -> Jurisdiction:
    for known in JURISDICTIONS:
        if known == (asked or DEFAULT).upper():
            return known
    raise ConfigError(f"--jurisdiction {asked}: {', '.join(JURISDICTIONS)}")


def _label(text: str, say: dict[str, str]) -> Label | None:
    """Return a label's condition from ``2..6``, None from nothing."""
    if not text:
        return None
    low, dots, high = text.partition("..")
    try:
        ends = [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        ends = []
    if not dots or not any(end is not None for end in ends):
        raise ConfigError(say["label"].format(label=text))
    return Label(ends[0], ends[1], f"{low}…{high} °C")


# -- what is in force -----------------------------------------------------------------------------------------


@contextmanager
def _ledger(data: Path) -> Iterator[SqlLedger | None]:
    """Give the ledger of a folder; None, and nothing is made, where there is none."""
    if not (data / "ledger.db").exists():
        yield None
        return
    with closing(SqlLedger.open(data / "ledger.db")) as ledger:
        yield ledger


def _registry(data: Path) -> Registry:
    with _ledger(data) as ledger:
        return Registry() if ledger is None else registry_at(ledger, ledger.end())


def _held(registry: Registry, content: Content, at_ms: int) -> Content | None:
    if isinstance(content, Product):
        return registry.product_at(content.id, at_ms)
    return registry.kind_rules_at(content.id, at_ms)


def _in_force(registry: Registry, at_ms: int) -> Catalogue:
    products = {id_: registry.product_at(id_, at_ms) for id_ in {**builtin().products, **registry.products}}
    kinds = {id_: registry.kind_rules_at(id_, at_ms) for id_ in {**builtin().kinds, **registry.kind_rules}}
    return Catalogue(
        {id_: one for id_, one in products.items() if one is not None},
        {id_: one for id_, one in kinds.items() if one is not None},
    )


def _since(registry: Registry, content: Content, at_ms: int, language: str) -> str:
    versions = registry.products if isinstance(content, Product) else registry.kind_rules
    started = [one.effective_from_ms for one in versions.get(content.id, []) if one.effective_from_ms <= at_ms]
    return rfc3339(started[-1]) if started else _SAID[language]["built-in"]


# -- printing -------------------------------------------------------------------------------------------------


def _print_numbers(content: Content, language: str, only: str) -> None:
    say = _SAID[language]
    if isinstance(content, Product):
        short = say["yes" if content.low_temperature_short_life else "no"]
        typer.echo(f"{word(STORAGE_WORDS, content.storage, language)} · {say['short']}: {short}")
    rows = _rows(content, language)
    if isinstance(content, Product):
        for name, limits in content.limits.items():
            if not only or name == only:
                rows += [(f"[{name}]", "", "", ""), *_rows(limits, language)]
    if isinstance(content, KindRules):
        rows += [_row(position, kelvin, language) for position, kelvin in content.positions.items()]
        rows += [(position, "–", "", say["information"]) for position in content.information]
    _print_table(rows)


def _rows(shape: object, language: str) -> list[tuple[str, ...]]:
    named = ((name, getattr(shape, name)) for name in getattr(shape, "__struct_fields__", ()))
    return [_row(name, value, language) for name, value in named if isinstance(value, Sourced)]


def _row(name: str, value: Sourced, language: str) -> tuple[str, ...]:
    return word(NAMES, name, language), number(value), word(STATUS_WORDS, value.status, language), value.source


def _print_in_force(force: InForce, language: str) -> None:
    typer.echo(force.rule)
    if not force.judged:
        typer.echo(_SAID[language]["information"])
    numbers: dict[str, Chosen] = {**force.limits, **force.timing}
    _print_table([
        (word(NAMES, name, language), number(one), word(STATUS_WORDS, one.status, language), reason(one, language),
         one.source)
        for name, one in numbers.items()
    ])  # fmt: skip


def _print_difference(found: Iterable[Changed], say: dict[str, str]) -> None:
    for one in found:
        what = say["new" if one.before is None else "changed"]
        before = "" if one.before is None else f"{version_of(one.before)} → "
        typer.echo(f"{'+' if one.before is None else '~'} {one.after.id} {what}: {before}{version_of(one.after)}")
        for key, old, new in one.lines if one.before is not None else ():
            typer.echo(f"    {key}: {old or '–'} → {new or '–'}")


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print columns; a Chinese character is two wide."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
