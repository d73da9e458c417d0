"""Lots from the command line: a list is read, shown as what it changes, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from coldchain.clock import Clock, rfc3339
from coldchain.database import read_sqlite
from coldchain.errors import ConfigError
from coldchain.goods.asking import Asking
from coldchain.goods.fold import Told
from coldchain.goods.listing import LotList, read_lots
from coldchain.goods.reader import GoodsReader
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Change, registry_at

SHOWN = 20
"""Doubts that a preview names; how many there are is always said."""

_SAID = {
    "zh": {
        "list": "批次:新 {new},更改 {changed},已知 {same};存放:新 {placed},已知 {known}。",
        "nothing": "没有要写入的内容。",
        "preview": "以上为预览,没有写入;加 --yes 写入。",
        "written": "已写入 {number} 条。",
        "doubts": "{number} 处数量对不上(照样写入):",
        "faults": "共 {number} 处错误,没有写入任何内容。",
        "no ledger": "{folder} 中没有账本:请用 --data 指明服务器的文件夹。",
    },
    "en": {
        "list": "lots: {new} new, {changed} changed, {same} known; placements: {placed} new, {known} known",
        "nothing": "nothing to write",
        "preview": "this is a preview, nothing was written; --yes writes it",
        "written": "{number} entries written",
        "doubts": "{number} quantities do not add up (they are written all the same):",
        "faults": "{number} faults; nothing was written",
        "no ledger": "{folder} holds no ledger: name the server's folder with --data",
    },
}

DOUBTS = {
    "short": ("{at} {lot}: {place} 少 {quantity:g}", "{at} {lot}: {quantity:g} more taken from {place} than lay there"),
    "more-than-made": ("{at} {lot}: 比生产数量多 {quantity:g}", "{at} {lot}: {quantity:g} more placed than is left"),
    "source-unknown": (
        "{at} {lot}: 在多处存放,未说明从哪里取",
        "{at} {lot}: lies in several places, and nobody says from which it was taken",
    ),
}


def import_lots(data: Path, file: Path, clock: Clock, *, who: str, why: str, yes: bool, language: str) -> None:
    """Read a list of lots, say what it changes, and write that in one transaction if ``yes``.

    Raises:
        ConfigError: every fault of the list at once, or no ledger.
    """
    say = _SAID[language]
    with opened(data, language) as (ledger, asking):
        registry = registry_at(ledger, ledger.end())
        try:
            found = read_lots(file, registry, asking, language=language)
        except ConfigError as fault:
            raise ConfigError([*fault.faults, say["faults"].format(number=len(fault.faults))]) from fault
        made, refused = asking.take(registry, found.puts, who, why)
        assert not refused  # the list was checked by the same verdicts
        _preview(found, asking.doubts(), language)
        if not made:
            typer.echo(say["nothing"])
            return
        if not yes:
            typer.echo(say["preview"])
            return
        ledger.change([Change(put, who, why).encode() for put in made], clock.now_ms())
    typer.echo(say["written"].format(number=len(made)))


@contextmanager
def opened(data: Path, language: str) -> Iterator[tuple[SqlLedger, Asking]]:
    """Give a folder's ledger and what is said of its goods, beside a running server or without one.

    Raises:
        ConfigError: there is no ledger.
    """
    if not (data / "ledger.db").exists():
        raise ConfigError(_SAID[language]["no ledger"].format(folder=data))
    with closing(SqlLedger.open(data / "ledger.db")) as ledger:
        store = data / "goods.db"
        engine = read_sqlite(store) if store.exists() else None
        try:
            yield ledger, Asking(ledger, GoodsReader(engine) if engine else None)
        finally:
            if engine is not None:
                engine.dispose()


def _preview(found: LotList, doubts: list[tuple[str, Told]], language: str) -> None:
    say = _SAID[language]
    typer.echo(
        say["list"].format(
            new=found.new, changed=found.changed, same=found.same, placed=found.placed, known=found.known
        )
    )
    if doubts:
        typer.echo(say["doubts"].format(number=len(doubts)))
    for lot, told in doubts[:SHOWN]:
        words = DOUBTS[told.doubt][0 if language == "zh" else 1]
        typer.echo(
            "  " + words.format(at=rfc3339(told.at_ms), lot=lot, place=told.place, quantity=told.quantity or 0.0)
        )
