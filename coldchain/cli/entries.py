"""Change entries from the command line: a preview, or written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Change, Put

_SAID = {
    "zh": {
        "nothing": "没有要写入的内容。",
        "preview": "以上为预览,没有写入;加 --yes 写入。",
        "written": "已写入 {number} 条。",
        "faults": "共 {number} 处错误,没有写入任何内容。",
        "no ledger": "{folder} 中没有账本:请用 --data 指明服务器的文件夹。",
    },
    "en": {
        "nothing": "nothing to write",
        "preview": "this is a preview, nothing was written; --yes writes it",
        "written": "{number} entries written",
        "faults": "{number} faults; nothing was written",
        "no ledger": "{folder} holds no ledger: name the server's folder with --data",
    },
}


@contextmanager
def opened_ledger(data: Path, language: str) -> Iterator[SqlLedger]:
    """Give a folder's ledger, beside a running server or without one.

    Raises:
        ConfigError: there is none.
    """
    if not (data / "ledger.db").exists():
        raise ConfigError(_SAID[language]["no ledger"].format(folder=data))
    with closing(SqlLedger.open(data / "ledger.db")) as ledger:
        yield ledger


def write_entries(
    ledger: SqlLedger, puts: Sequence[Put], clock: Clock, *, who: str, why: str, yes: bool, language: str
) -> None:
    """Write entries if ``yes``, and say what was done."""
    say = _SAID[language]
    if not puts:
        typer.echo(say["nothing"])
    elif not yes:
        typer.echo(say["preview"])
    else:
        ledger.change([Change(put, who, why).encode() for put in puts], clock.now_ms())
        typer.echo(say["written"].format(number=len(puts)))


@contextmanager
def counted(language: str) -> Iterator[None]:
    """Say behind the faults of a list how many there are, and that nothing was written.

    Raises:
        ConfigError: the one that was raised inside, with that sentence.
    """
    try:
        yield
    except ConfigError as fault:
        number = _SAID[language]["faults"].format(number=len(fault.faults))
        raise ConfigError([*fault.faults, number]) from fault
