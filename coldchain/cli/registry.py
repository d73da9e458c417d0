"""Bring a registry file into a ledger: show the difference, or write it in one transaction."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import typer

from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.ledger.port import Ledger
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Change, Registry, registry_at
from coldchain.registry.describing import describe, totals
from coldchain.registry.difference import compare
from coldchain.registry.exporting import sheets_of
from coldchain.registry.importing import read_file
from coldchain.registry.template import write_template
from coldchain.registry.wanted import Wanted
from coldchain.registry.writing import write_file

LEDGER = "ledger.db"
LANGUAGES = ("zh", "en")

_SAID = {
    "zh": {
        "reading": "{sheet}: 已读 {rows:,} 行",
        "examples": "模板中的示例行已略去: {n}",
        "faults": "共 {n:,} 处错误,未写入任何内容;请改正后重新导入",
        "nothing": "没有变化: {same:,} 项均已登记,无需写入",
        "empty": "{file}: 没有可导入的行",
        "planned": "试运行: 将新增 {new:,} 项,变更 {changed:,} 项;未写入任何内容",
        "written": "已在一次事务中写入: 新增 {new:,} 项,变更 {changed:,} 项",
        "template": "已写入模板 {file}: 填写后先用 coldchain registry import {file} --dry-run 查看将有的变化",
        "exported": "已导出到 {file}: {rows:,} 行",
        "no ledger": "{folder} 中没有账本:请用 --data 指明服务器的数据目录",
        "new ledger": "{folder} 中没有账本,将新建",
    },
    "en": {
        "reading": "{sheet}: {rows:,} rows read",
        "examples": "example rows of the template left out: {n}",
        "faults": "faults: {n:,}; nothing was written: mend them and import again",
        "nothing": "nothing to do: all {same:,} entries are so already",
        "empty": "{file}: no rows to import",
        "planned": "dry run: {new:,} would be new, {changed:,} changed; nothing was written",
        "written": "written in one transaction: {new:,} new, {changed:,} changed",
        "template": "template written: fill {file} in, then see what coldchain registry import {file} --dry-run says",
        "exported": "exported to {file}: {rows:,} rows",
        "no ledger": "{folder} holds no ledger: name the server's folder with --data",
        "new ledger": "{folder} holds no ledger yet: a new one",
    },
}


def write_changes(ledger: Ledger, wanted: Wanted, clock: Clock, *, who: str, why: str) -> list[Change]:
    """Write what differs and return it; empty when everything is already so."""
    changes = compare(wanted, registry_at(ledger, ledger.end()), clock.now_ms()).changes(who, why)
    ledger.change([change.encode() for change in changes], clock.now_ms())
    return changes


def import_file(
    data: Path,
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
        data: the server's folder; without a ledger there, one is made when there is something to write.
        everything: name every row of the difference.
    """
    say = _SAID[language]

    def progress(sheet: str, rows: int) -> None:
        typer.echo(say["reading"].format(sheet=sheet, rows=rows), err=True)

    with _ledger(data) as ledger:
        registry = registry_at(ledger, ledger.end()) if ledger else Registry()
        try:
            wanted = read_file(file, registry, table=table, language=language, progress=progress)
        except ConfigError as fault:
            raise ConfigError([*fault.faults, say["faults"].format(n=len(fault.faults))]) from fault
        found = compare(wanted, registry, clock.now_ms())
        new, changed, same = totals(found)
        if wanted.examples:
            typer.echo(say["examples"].format(n=wanted.examples))
        if not found.steps:
            typer.echo(say["nothing" if same else "empty"].format(same=same, file=file))
            return
        for line in describe(found, language, everything=everything):
            typer.echo(line)
        if ledger is None:
            typer.echo(say["new ledger"].format(folder=data))
        if not dry_run:
            with nullcontext(ledger) if ledger else closing(_opened(data)) as open_ledger:
                open_ledger.change([change.encode() for change in found.changes(who, why)], clock.now_ms())
    typer.echo(say["planned" if dry_run else "written"].format(new=new, changed=changed))


def template_file(file: Path, language: str, *, table: str = "") -> None:
    """Write a template, and say what to do with it."""
    write_template(file, language, table)
    typer.echo(_SAID[language]["template"].format(file=file))


def export_file(data: Path, file: Path, language: str, *, table: str = "", node: str = "") -> None:
    """Write the registry, or what one gateway's site has, to a file."""
    say = _SAID[language]
    with _ledger(data) as ledger:
        if ledger is None:
            raise ConfigError(say["no ledger"].format(folder=data))
        sheets = sheets_of(registry_at(ledger, ledger.end()), node)
    rows = sum(len(sheet.rows) for sheet in write_file(file, sheets, language, table=table))
    typer.echo(say["exported"].format(file=file, rows=rows))


@contextmanager
def _ledger(data: Path) -> Iterator[SqlLedger | None]:
    """Give the ledger of a folder; None, and nothing is made, where there is none."""
    if not (data / LEDGER).exists():
        yield None
        return
    with closing(_opened(data)) as ledger:
        yield ledger


def _opened(data: Path) -> SqlLedger:
    return SqlLedger.open(data / LEDGER)


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
