"""Lots from the command line: what would be written is shown first, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from coldchain.cli.entries import counted, opened_ledger, write_entries
from coldchain.clock import Clock, parse_rfc3339, rfc3339
from coldchain.custody.goods import Goods, LotHold, LotRelease
from coldchain.database import read_sqlite
from coldchain.errors import ConfigError
from coldchain.goods.asking import Asking
from coldchain.goods.fold import Told
from coldchain.goods.listing import LotList, read_lots
from coldchain.goods.reader import GoodsReader
from coldchain.goods.where import Presence, lots_in_asset
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Registry, registry_at

SHOWN = 20
"""Doubts that a preview names; how many there are is always said."""

_SAID = {
    "zh": {
        "list": "批次:新 {new},更改 {changed},已知 {same};存放:新 {placed},已知 {known}。",
        "doubts": "{number} 处数量对不上(照样写入):",
        "hold": "暂停销售 {hold}:{number} 个批次(其中可能涉及 {presumed} 个);已因此暂停 {before} 个。",
        "release": "{hold}:{number} 个批次,决定:{decision}。",
    },
    "en": {
        "list": "lots: {new} new, {changed} changed, {same} known; placements: {placed} new, {known} known",
        "doubts": "{number} quantities do not add up (they are written all the same):",
        "hold": "hold {hold}: {number} lots, {presumed} of them presumed; {before} are held for it already",
        "release": "{hold}: {number} lots, decision: {decision}",
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
    with opened(data, language) as (ledger, asking, _):
        registry = registry_at(ledger, ledger.end())
        with counted(language):
            found = read_lots(file, registry, asking, language=language)
        made, refused = asking.take(registry, found.puts, who, why)
        assert not refused  # the list was checked by the same verdicts
        _preview(found, asking.doubts(), language)
        write_entries(ledger, made, clock, who=who, why=why, yes=yes, language=language)


def hold_lots(
    data: Path,
    names: Sequence[str],
    alarm: str,
    clock: Clock,
    *,
    certain_only: bool,
    who: str,
    why: str,
    yes: bool,
    language: str,
) -> None:
    """Hold some lots, and those that lay in an alarm's asset while it lasted, if ``yes``.

    Raises:
        ConfigError: no such alarm or lot, or neither was named.
    """
    if not names and not alarm:
        raise ConfigError("name lots, or an alarm with --alarm")
    now_ms, say = clock.now_ms(), _SAID[language]
    with opened(data, language) as (ledger, asking, reader):
        registry = registry_at(ledger, ledger.end())
        there = _of_alarm(data, registry, reader, alarm, now_ms) if alarm else []
        presumed = {one.lot for one in there if one.presumed} - {one.lot for one in there if not one.presumed}
        wanted = {*names, *(one.lot for one in there)} - (presumed if certain_only else set())
        stored = {} if reader is None else reader.holds(wanted)
        before = {
            lot
            for lot, held in stored.items()
            if alarm and any(one.alarm == alarm and not one.decision for one in held)
        }
        hold = f"hold-{now_ms}"
        puts: list[Goods] = [LotHold(hold, lot, now_ms, alarm=alarm) for lot in sorted(wanted - before)]
        _checked(asking, registry, puts, who, why, language)
        shown = len(presumed & wanted)
        typer.echo(say["hold"].format(hold=hold, number=len(puts), presumed=shown, before=len(before)))
        write_entries(ledger, puts, clock, who=who, why=why, yes=yes, language=language)


def release_lots(
    data: Path,
    hold: str,
    names: Sequence[str],
    decision: str,
    clock: Clock,
    *,
    who: str,
    why: str,
    yes: bool,
    language: str,
) -> None:
    """Decide of the lots of a hold (all that wait, or some), by another person than the one who held them, if ``yes``.

    Raises:
        ConfigError: no such hold, the same person, or no such decision.
    """
    with opened(data, language) as (ledger, asking, reader):
        waiting = [] if reader is None else [lot for lot, one in reader.holds_named(hold).items() if not one.decision]
        puts: list[Goods] = [LotRelease(hold, lot, decision, clock.now_ms()) for lot in names or sorted(waiting)]
        _checked(asking, registry_at(ledger, ledger.end()), puts, who, why, language)
        typer.echo(_SAID[language]["release"].format(hold=hold, number=len(puts), decision=decision))
        write_entries(ledger, puts, clock, who=who, why=why, yes=yes, language=language)


def _of_alarm(data: Path, registry: Registry, reader: GoodsReader | None, alarm: str, now_ms: int) -> list[Presence]:
    """Return the lots that lay in an alarm's asset while it lasted."""
    from alerts.readmodel import AlarmReader

    path = data / "alarms.db"
    engine = read_sqlite(path) if path.exists() else None
    found = None if engine is None else AlarmReader(engine).alarm(alarm)
    if engine is not None:
        engine.dispose()
    if found is None:
        raise ConfigError(f"{alarm}: no such alarm; `coldchain alarms --format json` lists ids")
    if reader is None:
        return []
    from_ms, ended = parse_rfc3339(str(found["onset"])), found["ended"]
    to_ms = now_ms if ended is None else parse_rfc3339(str(ended))
    return lots_in_asset(reader, registry, str(found["asset"]), from_ms, max(to_ms, from_ms + 1))


def _checked(asking: Asking, registry: Registry, puts: Sequence[Goods], who: str, why: str, language: str) -> None:
    _, refused = asking.take(registry, puts, who, why)
    faults = [one.refused.said(language) for one in refused]
    if not why.strip():
        faults.append("--why is empty: say why; whoever reads the lot's history wants to know")
    if faults:
        raise ConfigError(faults)


@contextmanager
def opened(data: Path, language: str) -> Iterator[tuple[SqlLedger, Asking, GoodsReader | None]]:
    """Give a folder's ledger, what is said of its goods, and its store, beside a running server or without one.

    Raises:
        ConfigError: there is no ledger.
    """
    with opened_ledger(data, language) as ledger:
        store = data / "goods.db"
        engine = read_sqlite(store) if store.exists() else None
        try:
            reader = GoodsReader(engine) if engine else None
            yield ledger, Asking(ledger, reader), reader
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
