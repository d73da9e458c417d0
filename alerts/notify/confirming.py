"""A person's confirmation of a drill: into the ledger first, then beside the message."""

from __future__ import annotations

from sqlalchemy import select

from alerts.notify.drills import Drilled, confirm
from alerts.notify.store import NotifyStore
from alerts.notify.tables import drill
from coldchain.ledger.port import Ledger
from coldchain.people import DrillConfirmed
from coldchain.registry import Change


class Confirming:
    """Takes confirmations; one that comes again changes nothing."""

    def __init__(self, store: NotifyStore, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    def confirm(self, key: str, now_ms: int) -> Drilled | None:
        """Note a confirmation and return the message; None: there is none with this key.

        Raises:
            Unavailable: ledger or file take no writes; confirm again.
        """
        with self._store.engine.connect() as connection:
            row = connection.execute(select(drill).where(drill.c.key == key)).first()
        if row is None:
            return None
        if row.confirmed_ms is None:
            person = row.receiver.removeprefix("person:")
            put = DrillConfirmed(key, person, row.sent_ms, now_ms)
            self._ledger.change([Change(put, person, "drill").encode()], now_ms)
        with self._store.writing() as connection:
            return confirm(connection, key, now_ms)
