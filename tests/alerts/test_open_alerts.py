"""An alarm store that does not belong to its ledger is never trusted in silence."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from alerts.store import AlertStore, open_alerts
from alerts.tables import cursor


def test_a_store_that_judged_another_ledger_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "alarms.db"
    store = AlertStore.open(path)
    with store.engine.begin() as connection:
        connection.execute(update(cursor).values(position=61))
    store.close()

    opened = open_alerts(path, ledger_end=16)

    assert opened.position() == 0
    assert (tmp_path / "alarms.db.aside-1").exists()
    opened.close()


def test_a_store_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "alarms.db"
    path.write_bytes(b"nothing that SQLite knows" * 100)

    opened = open_alerts(path, ledger_end=5)

    assert opened.position() == 0
    opened.close()


def test_a_store_behind_its_ledger_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "alarms.db"
    AlertStore.open(path).close()

    open_alerts(path, ledger_end=5).close()

    assert not list(tmp_path.glob("*.aside*"))
