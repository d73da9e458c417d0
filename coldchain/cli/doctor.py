"""`coldchain doctor`: open every door; one line each: what is wrong and how to mend it."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import typer

from coldchain.cli.server import DEMO_MARK, locked
from coldchain.clock import ntp_synchronised
from coldchain.database import connect_sqlite, sqlite_version_fault
from coldchain.errors import ConfigError
from coldchain.settings import Settings

LEAST_FREE_BYTES = 1 << 30
SLOW_FSYNC_S = 0.1


class _Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)

Finding = tuple[str, str, str]
"""(ok | warn | bad, what, detail with its remedy)"""


def examine(settings: Settings) -> bool:
    """Print one line a door; say whether nothing is bad."""
    findings = [finding for check in CHECKS for finding in check(settings)]
    for state, what, detail in findings:
        colour = {"ok": "green", "warn": "yellow", "bad": "red"}[state]
        typer.secho(f"{state:4}", fg=colour, nl=False)
        typer.echo(f"  {what:10} {detail}")
    return not any(state == "bad" for state, *_ in findings)


def _python(_settings: Settings) -> Iterator[Finding]:
    yield "ok", "python", f"{sys.version.split()[0]}"
    fault = sqlite_version_fault()
    yield ("bad", "sqlite", fault) if fault else ("ok", "sqlite", "a version without the WAL-reset bug")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        seconds = _fsync_seconds(folder)
    except OSError as fault:
        yield "bad", "data", f"{folder}: cannot be written: {fault}; choose another with --data or mend its rights"
        return
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        yield "warn", "data", f"{folder}: {free >> 20} MB free; at 12 bytes a reading 1 GB lasts 80 million readings"
    else:
        yield "ok", "data", f"{folder}: {free >> 30} GB free"
    slow = seconds > SLOW_FSYNC_S
    advice = "; every acknowledgement waits for one: use a disk that is not shared" if slow else ""
    yield "warn" if slow else "ok", "fsync", f"{seconds * 1000:.1f} ms a durable write{advice}"


def _fsync_seconds(folder: Path) -> float:
    probe = folder / "doctor.probe"
    connection = connect_sqlite(probe)
    connection.execute("CREATE TABLE IF NOT EXISTS probe (x)")
    started = time.perf_counter()
    connection.execute("INSERT INTO probe VALUES (1)")
    seconds = time.perf_counter() - started
    connection.close()
    for leftover in folder.glob("doctor.probe*"):
        leftover.unlink()
    return seconds


def _stores(settings: Settings) -> Iterator[Finding]:
    from coldchain.ledger.sql import SqlLedger

    file = settings.data / "ledger.db"
    if not file.exists():
        yield "ok", "ledger", "none yet; `coldchain registry import FILE` or `coldchain up` makes it"
        return
    ledger = SqlLedger.open(file)
    end = ledger.end()
    ledger.close()
    yield "ok", "ledger", f"{end} entries, {file.stat().st_size >> 20} MB"
    try:
        with locked(settings.data, demo=(settings.data / DEMO_MARK).exists()):
            yield from _projections(settings.data, end)
    except ConfigError:
        yield "ok", "server", "one is running on this folder; its /api/v1/health tells more"


def _projections(data: Path, end: int) -> Iterator[Finding]:
    from alerts.store import AlertStore
    from coldchain.latest import LatestStore
    from coldchain.series.duck import DuckSeries

    doors: tuple[tuple[str, str, Callable[[Path], int]], ...] = (
        ("series", "series.duckdb", lambda file: _closing(DuckSeries(file), lambda store: store.cursor())),
        ("latest", "latest.db", lambda file: _closing(LatestStore.open(file), lambda store: store.cursor())),
        ("alarms", "alarms.db", lambda file: _closing(AlertStore.open(file), lambda store: store.position())),
    )
    for name, file, position_of in doors:
        if not (data / file).exists():
            yield "ok", name, "not there; it is made anew from the ledger at the next start"
            continue
        try:
            behind = end - position_of(data / file)
        except Exception as fault:
            yield "bad", name, f"does not open ({fault}); `coldchain rebuild {name}` makes it anew from the ledger"
            continue
        yield "ok", name, "complete" if behind == 0 else f"{behind} entries behind; it catches up at the next start"


def _closing(store: T, ask: Callable[[T], int]) -> int:
    try:
        return ask(store)
    finally:
        store.close()


def _broker(settings: Settings) -> Iterator[Finding]:
    from coldchain.cli.broker import mosquitto_path

    host, port = settings.broker.host, settings.broker.port
    try:
        with socket.create_connection((host, port), 2.0):
            yield "ok", "broker", f"{host}:{port} answers"
    except OSError as fault:
        program = mosquitto_path()
        if program:
            yield "ok", "broker", f"{host}:{port} does not answer ({fault}); `coldchain up` starts {program}"
        else:
            yield "bad", "broker", f"{host}:{port}: {fault}, and no mosquitto here: apt-get install mosquitto"


def _page(settings: Settings) -> Iterator[Finding]:
    from dashboards.app import STATIC

    built = (STATIC / "index.html").exists()
    yield (
        ("ok", "page", "built") if built else ("bad", "page", "not built: run `make page` (needs Node 20 or the wheel)")
    )
    with socket.socket() as probe:
        try:
            probe.bind((settings.web.host, settings.web.port))
            yield "ok", "port", f"{settings.web.port} is free"
        except OSError:
            yield "ok", "port", f"{settings.web.port} is taken; the next free one would be used"


def _clock(_settings: Settings) -> Iterator[Finding]:
    if ntp_synchronised():
        yield "ok", "clock", "synchronised"
    else:
        yield "warn", "clock", "not synchronised by NTP: measured times are judged against it; run chrony or ntpd"


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (_python, _disk, _stores, _broker, _page, _clock)
