"""Bring a registry file into a ledger: show the difference, or write it in one transaction."""

from __future__ import annotations

import locale
import os
import sys
from pathlib import Path

import typer

from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.ledger.port import Ledger
from coldchain.registry import Change, registry_at
from coldchain.registry.describing import describe, totals
from coldchain.registry.difference import compare
from coldchain.registry.exporting import sheets_of
from coldchain.registry.importing import Wanted, difference, read_file
from coldchain.registry.writing import write_file

LANGUAGES = ("zh", "en")

_SAID = {
    "zh": {
        "reading": "{sheet}: 已读 {rows:,} 行",
        "examples": "模板中的示例行已略去: {n}",
        "nothing": "没有变化: {same:,} 项均已登记,无需写入",
        "planned": "试运行: 将写入 {n:,} 项(新增 {new:,},变更 {changed:,});未写入任何内容",
        "written": "已写入 {n:,} 项(新增 {new:,},变更 {changed:,}),一次事务完成",
        "exported": "已导出到 {file}: {rows:,} 行",
    },
    "en": {
        "reading": "{sheet}: {rows:,} rows read",
        "examples": "example rows of the template left out: {n}",
        "nothing": "nothing to do: all {same:,} entries are so already",
        "planned": "dry run: {n:,} changes would be written ({new:,} new, {changed:,} changed); nothing was",
        "written": "{n:,} changes written in one transaction ({new:,} new, {changed:,} changed)",
        "exported": "exported to {file}: {rows:,} rows",
    },
}


def write_changes(ledger: Ledger, wanted: Wanted, clock: Clock, *, who: str, why: str) -> list[Change]:
    """Write what differs and return it; empty when everything is already so."""
    changes = planned_changes(ledger, wanted, clock, who=who, why=why)
    ledger.change([change.encode() for change in changes], clock.now_ms())
    return changes


def planned_changes(ledger: Ledger, wanted: Wanted, clock: Clock, *, who: str, why: str) -> list[Change]:
    """Return what `write_changes` would write."""
    registry = registry_at(ledger, ledger.end())
    return difference(wanted, registry, who=who, why=why, now_ms=clock.now_ms())


def import_file(
    ledger: Ledger,
    file: Path,
    clock: Clock,
    *,
    who: str,
    why: str,
    language: str,
    table: str = "",
    dry_run: bool = False,
    everything: bool = False,
) -> None:
    """Read a file, say what it changes, and write that in one transaction.

    Args:
        everything: name every row of the difference.
    """
    say = _SAID[language]

    def progress(sheet: str, rows: int) -> None:
        typer.echo(say["reading"].format(sheet=sheet, rows=rows), err=True)

    registry = registry_at(ledger, ledger.end())
    wanted = read_file(file, registry, table=table, language=language, progress=progress)
    found = compare(wanted, registry, clock.now_ms())
    new, changed, same = totals(found)
    if wanted.examples:
        typer.echo(say["examples"].format(n=wanted.examples))
    if not found.steps:
        typer.echo(say["nothing"].format(same=same))
        return
    for line in describe(found, language, everything=everything):
        typer.echo(line)
    if not dry_run:
        ledger.change([change.encode() for change in found.changes(who, why)], clock.now_ms())
    typer.echo(say["planned" if dry_run else "written"].format(n=len(found.steps), new=new, changed=changed))


def export_file(ledger: Ledger, file: Path, language: str, *, table: str = "", node: str = "") -> None:
    """Write the registry, or what one gateway's site has, to a file."""
    sheets = sheets_of(registry_at(ledger, ledger.end()), node)
    write_file(file, sheets, language, table=table)
    rows = sum(len(sheet.rows) for sheet in sheets)
    typer.echo(_SAID[language]["exported"].format(file=file, rows=rows))


def reader_language(asked: str | None) -> str:
    """Return the language that a person asked for, else that of the environment.

    Raises:
        ConfigError: neither Chinese nor English.
    """
    if asked is not None:
        if asked not in LANGUAGES:
            raise ConfigError(f"--lang {asked}: zh or en was expected")
        return asked
    named = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if not named and sys.platform == "win32":
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
