"""The notifier: one loop from the judge's outbox to the channels.

::

    look:  outbox ─▶ Intake ─▶ Escalation ─▶ Flushing      one transaction with the cursor; timers are rows
    send:  messages that wait ─▶ Sending ─▶ channel         beside it; what was answered is a row
    record: accepted ─▶ ledger (`coldchain.people.Told`)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import select

from alerts.notify.digests import Digests
from alerts.notify.directory import Directory
from alerts.notify.drills import Drills
from alerts.notify.flushing import Composer, Flushing
from alerts.notify.intake import Escalation, Intake
from alerts.notify.notices import AT_ONCE, Outbox
from alerts.notify.recording import Recording
from alerts.notify.sending import Sending
from alerts.notify.store import NotifyStore, ReadFrom
from alerts.notify.tables import cluster, digest, due_step, subject
from coldchain.clock import Clock
from coldchain.crash import crash_point
from coldchain.errors import Unavailable

LOOK_S = 0.25
KEEP_S = 600.0
"""How often it is asked who gets a digest, and when the next drill is; so much may a drill be late."""

UNAVAILABLE_PAUSE_S = 1.0

log = structlog.get_logger()


class Notifier:
    """Tells people; one of them owns the file.

    Args:
        directory: asked before each look, so that a new plan holds from the next one on.
    """

    def __init__(
        self,
        store: NotifyStore,
        outbox: Outbox,
        directory: Callable[[], Directory],
        compose: Composer,
        digests: Callable[[Directory], Digests],
        drills: Callable[[Directory], Drills],
        sending: Sending,
        recording: Recording,
        clock: Clock,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._directory = directory
        self._compose = compose
        self._digests = digests
        self._drills = drills
        self._kept_s = float("-inf")
        self._sending = sending
        self._recording = recording
        self._clock = clock

    def look(self) -> None:
        """Take what the outbox has, ask whom it is time to ask, and make the messages that are due.

        Raises:
            Unavailable: the file takes no writes; nothing is lost, look again.
            CursorMoved: another notifier owns the file.
        """
        directory, name = self._directory(), self._outbox.name()
        intake, escalation = Intake(directory), Escalation(directory)
        flushing = Flushing(directory, self._compose)
        digests, drills = self._digests(directory), self._drills(directory)
        keep = self._clock.monotonic_s() - self._kept_s >= KEEP_S
        while True:
            old = self._store.read_from()
            begun = old if old.outbox == name else ReadFrom(name, 0, self._outbox.end() if old.outbox else 0)
            notices = self._outbox.read(begun.cursor)
            now_ms = self._clock.now_ms()
            if not notices and old == begun and not keep and not self._due(now_ms):
                return
            new = begun._replace(cursor=notices[-1].seq) if notices else begun
            with self._store.moving(old, new) as connection:
                intake.take(connection, notices, now_ms, heard_before=new.cursor <= new.heard)
                crash_point("during-notify-intake")
                while escalation.fire(connection, now_ms):
                    pass
                while flushing.flush(connection, name, now_ms):
                    pass
                if keep:
                    digests.keep(connection, now_ms)
                    drills.keep(connection, now_ms)
                digests.make(connection, now_ms)
                drills.make(connection, now_ms)
                crash_point("before-notify-commit")
            if keep:
                self._kept_s, keep = self._clock.monotonic_s(), False
            crash_point("after-notify-commit")
            if len(notices) < AT_ONCE:
                return

    def _due(self, now_ms: int) -> bool:
        """Say whether a timer is over, without writing."""
        with self._store.engine.connect() as connection:
            rushed = connection.execute(select(subject.c.alarm).where(subject.c.rushed).limit(1)).first() is not None
            return rushed or any(
                connection.execute(select(column).where(column <= now_ms).limit(1)).first() is not None
                for column in (due_step.c.at_ms, cluster.c.next_ms, digest.c.next_ms)
            )

    async def run(self) -> None:
        """Look and send until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
                self._sending.start_due()
                await asyncio.to_thread(self._recording.record, self._clock.now_ms())
            except Unavailable as fault:
                log.error("notify.waiting", fault=str(fault))
                await self._clock.sleep(UNAVAILABLE_PAUSE_S)
            await self._clock.sleep(LOOK_S)
