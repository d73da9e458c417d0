"""`coldchain rebuild`: make a projection anew from the ledger, with progress, while no server runs."""

from __future__ import annotations

import typer
from rich.progress import Progress

from coldchain.cli.server import DEMO_MARK, locked
from coldchain.clock import SystemClock
from coldchain.ledger.sql import SqlLedger
from coldchain.settings import Settings


def rebuild(settings: Settings, what: str) -> None:
    """Rebuild ``series``, ``latest``, ``goods``, ``papers`` or ``alarms``.

    Raises:
        ConfigError: a server uses the folder.
    """
    data = settings.data
    with locked(data, demo=(data / DEMO_MARK).exists()):
        ledger = SqlLedger.open(data / "ledger.db")
        try:
            typer.echo(_BUILDERS[what](settings, ledger))
        finally:
            ledger.close()


def _series(settings: Settings, ledger: SqlLedger) -> str:
    from ingest.rebuild import rebuild_series

    with Progress() as progress:
        bar = progress.add_task("series", total=ledger.end())
        position = rebuild_series(
            ledger,
            settings.data / "series.duckdb",
            lambda done, _end: progress.update(bar, completed=done),
            memory_limit_mb=settings.series.memory_mb,
        )
    return f"series rebuilt up to position {position}"


def _latest(settings: Settings, ledger: SqlLedger) -> str:
    from ingest.rebuild import rebuild_latest

    with Progress() as progress:
        bar = progress.add_task("latest", total=ledger.end())
        position = rebuild_latest(
            ledger, settings.data / "latest.db", lambda done, _end: progress.update(bar, completed=done)
        )
    return f"latest values rebuilt up to position {position}"


def _goods(settings: Settings, ledger: SqlLedger) -> str:
    from ingest.rebuild import rebuild_goods

    with Progress() as progress:
        bar = progress.add_task("goods", total=ledger.end())
        position = rebuild_goods(
            ledger, settings.data / "goods.db", lambda done, _end: progress.update(bar, completed=done)
        )
    return f"goods rebuilt up to position {position}"


def _papers(settings: Settings, ledger: SqlLedger) -> str:
    from ingest.rebuild import rebuild_papers

    with Progress() as progress:
        bar = progress.add_task("papers", total=ledger.end())
        position = rebuild_papers(
            ledger, settings.data / "papers.db", lambda done, _end: progress.update(bar, completed=done)
        )
    return f"papers rebuilt up to position {position}"


def _alarms(settings: Settings, ledger: SqlLedger) -> str:
    from alerts.rebuild import rebuild_alarms
    from alerts.store import AlertStore

    store = AlertStore.open(settings.data / "alarms.db")
    done = rebuild_alarms(store, ledger, SystemClock())
    store.close()
    return f"judged again up to position {done.position}: {done.changes} alarms changed"


_BUILDERS = {"series": _series, "latest": _latest, "goods": _goods, "papers": _papers, "alarms": _alarms}
