"""What waits for the ledger's end: who is silent, who was heard, deadlines of shelves, alarms told again, overdue
corrective action.

Only here wall-clock time counts, so nothing fires while the judge catches up. Everything that was judged is committed
before, and what is done has a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from alerts.corrective.overdue import Overdue
from alerts.handling import Handling
from alerts.keeping import Keeping
from alerts.listener import Listener
from alerts.store import AlertStore
from alerts.transit.desk import Desk
from alerts.watch import Watch
from alerts.workitems import WorkItems
from coldchain.clock import Clock

LOOK_BUDGET_S = 0.2
"""Steady time given to what was found silent or heard again, if it is much at once."""


class Quiet:
    """Does it, when the judge calls.

    Args:
        commit: stores everything that was judged.
    """

    def __init__(
        self,
        store: AlertStore,
        keeping: Keeping,
        listener: Listener,
        watch: Watch,
        work_items: WorkItems,
        overdue: Overdue,
        desk: Desk,
        handling: Handling,
        clock: Clock,
        commit: Callable[[], None],
    ) -> None:
        self._store = store
        self._keeping = keeping
        self._listener = listener
        self._watch = watch
        self._work_items = work_items
        self._overdue = overdue
        self._desk = desk
        self._handling = handling
        self._clock = clock
        self._commit = commit

    def look(self) -> None:
        """See who is silent and who came back; once a minute save who was heard."""
        begin_s = self._clock.monotonic_s()
        while True:
            news, save = self._watch.look(), self._listener.save_due
            if not (news or save):
                return
            self._commit()
            with self._keeping.writing() as writing:
                self._watch.write(writing, news, self._handling)
                if save:
                    self._listener.save(writing.connection, self._keeping.durable)
            self._watch.written(news)
            if save:
                self._listener.saved()
            if not self._watch.more or self._clock.monotonic_s() - begin_s > LOOK_BUDGET_S:
                return

    def judge_trips(self, *, hurry: bool = False) -> None:
        """Judge the trips of which there is news; ``hurry``: all of them."""
        while self._desk.ready(hurry=hurry):
            self._commit()
            news = self._desk.look(self._keeping.durable, hurry=hurry)
            if not news:
                return
            with self._keeping.writing() as writing:
                self._desk.write(writing, news, self._handling, self._clock.now_ms())
            self._desk.written(news)
            if not hurry:
                return

    def work_off(self) -> None:
        """Do what has waited for a time."""
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        due, sweep = self._store.deadline_passed(now_ms), self._handling.sweep_due(now_s)
        items, late = self._work_items.look(now_ms), self._overdue.look(now_ms, now_s)
        if not (due or sweep or items or late):
            return
        self._commit()
        with self._keeping.writing() as writing:
            if due:
                self._handling.work_off(writing, now_ms)
            if sweep:
                self._handling.sweep(writing, now_ms, now_s)
            self._work_items.write(writing, items, now_ms, self._handling)
            self._overdue.write(writing, late, now_ms, self._handling)
        self._work_items.written(items)
