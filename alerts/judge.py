"""The judge: a projection that folds the ledger's readings into episodes and alarms.

::

    entries ─▶ decode, sort to points ─▶ later than the point's newest? ─yes─▶ fold ─▶ moves ─┐
                                                   │ no                                         ├▶ one transaction
                                                   └▶ mark ─▶ (idle) re-judge from a midnight ──┘   with the cursor

Judging on time never waits for a re-judge. Fold states live in memory and are committed with the cursor when
something happened and there is quiet, at the latest every 2 s; after a crash the ledger is read again from the
durable cursor. The episodes after everything is applied depend on readings and changes, not on their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alerts.book import Book
from alerts.context import Context
from alerts.corrective.overdue import Overdue
from alerts.corrective.rows import said_of
from alerts.fold import run
from alerts.handling import Handling, action_of
from alerts.history import History, Tail, samples_upto
from alerts.holds import AnnunciationHook, always_in_service
from alerts.keeping import Keeping
from alerts.listener import Listener
from alerts.marks import Marks
from alerts.ordering import Block, in_order
from alerts.parameters import ParameterTable
from alerts.placing import Placing
from alerts.quiet import Quiet
from alerts.records import DAY_MS, FOLD_VERSION, NEVER_MS, States, new_points
from alerts.rejudge import judge_again
from alerts.seen import Seen
from alerts.silence_store import read_hearing
from alerts.store import AlertStore
from alerts.subjects import TRIP, place_of
from alerts.touch import apply_change, moved_assets
from alerts.transit.desk import Desk
from alerts.watch import Watch
from alerts.workitems import WorkItems
from alerts.writing import KEPT_DAYS
from coldchain.batches import Batch, BatchDecoder
from coldchain.clock import Clock
from coldchain.ledger.port import Entry, Kind, Ledger
from coldchain.readings import UNJUDGED
from coldchain.registry import Registry, registry_at

COMMIT_S = 2.0
"""Longest steady time between commits while readings come."""

IDLE_BUDGET_S = 0.2
STEP_BUDGET_S = 0.02
"""Steady time given to re-judges when there is quiet, and between two steps when there is not."""


class Judge:
    """Follows the ledger (`coldchain.projection.Projection`); one at a time over a store."""

    name = "alerts"

    def __init__(
        self,
        store: AlertStore,
        ledger: Ledger,
        history: History,
        clock: Clock,
        decode: BatchDecoder | None = None,
        registry: Registry | None = None,
        annunciation: AnnunciationHook = always_in_service,
    ) -> None:
        self._store = store
        self._history = history
        self._clock = clock
        self._decode = decode or BatchDecoder()
        self._cursor = store.position()
        self._registry = registry_at(ledger, self._cursor) if registry is None else registry
        self._placing = Placing(self._registry)
        self._parameters = ParameterTable()
        self._context = Context(self._registry, self._newest_of)
        self._points = new_points(0)
        self._states = States()
        self._held = np.empty(0, bool)
        self._seen = Seen(store.seen())
        self._marks = Marks()
        self._tail = Tail(start=self._cursor)
        self._blocks: list[Block] = []
        self._nodes: dict[int, str] = {}
        self._handling = Handling(self._place, self._newest_ms, annunciation)
        for entry in ledger.read(self._cursor - 1, 1) if self._cursor else ():
            self._handling.received_ms = entry.received_at_ms
        heard = read_hearing(store.engine)
        self._listener = Listener(heard, clock, self._placing)
        self._desk = Desk(store.engine, self._registry, history, clock)
        self._keeping = Keeping(
            store,
            Book(self._registry, self._parameters, self._handling, clock, store.pending()),
            self._registry,
            clock,
            context=self._context,
            marks=self._marks,
            seen=self._seen,
            listener=self._listener,
            desk=self._desk,
            place=self._place,
        )
        self._unsaved = self._keeping.unsaved
        self._committed_s = clock.monotonic_s()
        self._restore()
        self._listener.hear_again(ledger, self._decode, heard.position, self._cursor)
        watch = Watch(self._listener, self._registry, clock, self._times, heard.occurrences)
        items, overdue = WorkItems(self._registry, store.engine), Overdue(store.engine)
        self._quiet = Quiet(
            store, self._keeping, self._listener, watch, items, overdue, self._desk, self._handling, clock, self.commit
        )

    # -- the projection ---------------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        return self._cursor

    def step(self, entries: Sequence[Entry]) -> None:
        """Apply entries; see `coldchain.projection.Projection`."""
        if not entries:
            return
        batches = iter(self._decode.all(entries))
        for entry in entries:
            if entry.kind is Kind.CHANGE:
                self._fold_collected()  # what came before it is placed and calibrated as it was then, and may be marked
                self._change(entry)
            else:
                self._collect(next(batches))
            self._handling.received_ms = entry.received_at_ms
        self._cursor = self._registry.position = entries[-1].position
        self._fold_collected()
        if self._clock.monotonic_s() - self._committed_s >= COMMIT_S:
            self.commit()
        self._rejudge(STEP_BUDGET_S)

    def idle(self) -> None:
        """Commit what happened, judge again what waits, and look who is silent: the ledger's end is reached."""
        waited = self._clock.monotonic_s() - self._committed_s >= COMMIT_S
        fresh = self._unsaved.folds or self._unsaved.corrective or self._marks.unsaved
        if fresh or (waited and self._cursor != self._keeping.durable):
            self.commit()
        self._rejudge(IDLE_BUDGET_S)
        self._quiet.look()
        self._quiet.judge_trips()
        self._quiet.work_off()

    def _times(self, point: str, from_ms: int, to_ms: int) -> NDArray[np.int64] | None:
        if self._history.covered() < self._tail.start:
            return None
        return samples_upto(self._history, self._tail, self._registry, point, from_ms, to_ms).t

    def settle(self) -> None:
        """Do every re-judge that the history allows, now, and commit all that is open: for a rebuild, and tests."""
        self.commit()
        while self._rejudge(float("inf"), hurry=True):
            pass
        self.commit(settling=True)
        self._quiet.judge_trips(hurry=True)

    def commit(self, *, settling: bool = False) -> None:
        """Store the cursor and everything that depends on it, in one transaction.

        Args:
            settling: also the numbers that may be some minutes old in the store (`alerts.book`).

        Raises:
            CursorMoved: another judge owns the store.
        """
        self._committed_s = self._clock.monotonic_s()
        if self._keeping.commit(self._cursor, self._points, self._states, settling=settling):
            self._tail.forget(self._history.covered())

    @property
    def waiting(self) -> int:
        """Points that wait for a re-judge."""
        return len(self._marks)

    def judge_all_again(self) -> None:
        """Mark every point from its first reading on, and every trip; `settle` then does the work."""
        self._judge_points_again()
        self._desk.judge_all_again(self._cursor)

    def _judge_points_again(self) -> None:
        for point, number in self._registry.point_numbers.items():
            if self._parameters.judged[number] or self._points["t"][number] != NEVER_MS:
                self._marks.need(self._registry.point_numbers[point], NEVER_MS, self._cursor)

    # -- taking entries ---------------------------------------------------------------------------------------

    def _change(self, entry: Entry) -> None:
        action = action_of(entry)
        if action is not None:
            self._cursor = entry.position - 1
            self.commit()  # the alarm is in the store, as the person saw it
            with self._keeping.writing(entry.position) as writing:
                self._handling.act(writing, action, entry.position, self._clock.now_ms())
            self._cursor = entry.position
            return
        if said_of(entry) is not None:
            self._unsaved.corrective.append(entry)
            return
        old = apply_change(self._registry, entry)
        self._desk.take(entry, {point: what.from_ms for point, what in old.items()})
        self._unsaved.moved |= moved_assets(entry)
        self._grow()
        for point, what in old.items():
            number = self._registry.point_numbers.get(point)
            if number is None:
                continue
            self._parameters.refresh(self._registry, point)
            others = [(other, NEVER_MS) for other in self._context.refresh(point)]
            others += [(other, what.from_ms) for other in self._context.beside(number, moved=what.readings_move)]
            if what.readings_move or others:
                self._context.forget(number)
            for other, from_ms in others:
                if self._points["t"][other] != NEVER_MS:
                    self._marks.need(other, from_ms, entry.position)
            judged_so_far = int(self._points["t"][number]) >= what.from_ms
            if judged_so_far or (what.readings_move and self._heard_of(point)):
                self._marks.need(number, what.from_ms, entry.position)
            elif what.ended and self._parameters.judged[number] and not self._held[number]:
                self._fold(np.array([number], np.int32), np.array([what.from_ms], np.int64), np.array([np.nan]))

    def _heard_of(self, point: str) -> bool:
        return any(binding.channel in self._seen for binding in self._registry.bindings_of(point))

    def _collect(self, batch: Batch) -> None:
        readings = batch.readings
        if not len(readings):
            self._listener.hear(batch, None)
            return
        self._seen.see(readings)
        slot, value = self._placing.placed(batch.node, readings)
        self._listener.hear(batch, slot)
        good = (slot >= 0) & ((readings.quality & UNJUDGED) == 0)
        if not good.any():
            return
        self._desk.heard(slot[good], readings.measured_at_ms[good], value[good], batch.position)
        self._nodes[batch.position] = batch.node
        position = np.full(int(good.sum()), batch.position, np.int64)
        self._blocks.append((slot[good], readings.measured_at_ms[good], value[good], position))

    def _fold_collected(self) -> None:
        self._listener.take_in()
        if not self._blocks:
            return
        slot, t, v, position = (np.concatenate(columns) for columns in zip(*self._blocks, strict=True))
        self._blocks.clear()
        wanted = self._parameters.judged[slot] & np.isfinite(v)
        if not wanted.all():
            slot, t, v, position = slot[wanted], t[wanted], v[wanted], position[wanted]
        if not len(slot):
            return
        slot, t, v, position = in_order(slot, t, v, position)
        self._tail.add(slot, t, v, position)
        for other, from_ms, unread in self._context.take(slot, t, v):
            if unread or self._points["t"][other] >= from_ms:
                self._marks.need(other, from_ms, 0)
        late = t <= self._points["t"][slot]
        if late.any():
            self._suspect(slot[late], t[late], v[late], position[late])
            slot, t, v = slot[~late], t[~late], v[~late]
        if self._held.any():
            free = ~self._held[slot]
            slot, t, v = slot[free], t[free], v[free]
        self._fold(slot, t, v)
        self._nodes.clear()

    def _fold(self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64]) -> None:
        row = self._parameters.in_force(slot, t)
        excused, unsure = self._context.excused(slot, t, v)
        for number, from_ms in unsure.items():
            self._marks.need(number, from_ms, 0)
        folded = run(slot, t, v, row, self._parameters.rows, self._points, self._states, excused=excused)
        self._unsaved.dirty[slot] = True
        if len(folded.moves) or len(folded.nights):
            self._unsaved.folds.append(folded)

    def _suspect(
        self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64], position: NDArray[np.int64]
    ) -> None:
        newest = self._points[slot]
        same = (t == newest["t"]) & (v <= newest["v"])
        too_old = t < newest["t"] - KEPT_DAYS * DAY_MS
        self._unsaved.too_old += int((too_old & ~same).sum())
        keep = ~same & ~too_old
        if not keep.any():
            return
        slot, t, v, position = slot[keep], t[keep], v[keep], position[keep]
        begins = np.flatnonzero(np.diff(slot, prepend=-1)).tolist()  # rows lie by point
        for begin, end in zip(begins, [*begins[1:], len(slot)], strict=True):
            node = self._nodes[int(position[begin])]
            self._marks.suspect(int(slot[begin]), node, t[begin:end], v[begin:end], position[begin:end])

    def _newest_ms(self, point: str) -> int:
        number = self._registry.point_numbers.get(point)
        return NEVER_MS if number is None else self._newest_of(number)

    def _newest_of(self, number: int) -> int:
        return NEVER_MS if number >= len(self._points) else int(self._points["t"][number])

    def _place(self, point: str, at_ms: int) -> tuple[str, str]:
        if point.startswith(TRIP):
            return "", self._desk.place_of(point)
        return place_of(self._registry, point, at_ms)

    # -- judging again ----------------------------------------------------------------------------------------

    def _rejudge(self, budget_s: float, *, hurry: bool = False) -> int:
        if not len(self._marks):
            return 0
        begin_s = self._clock.monotonic_s()
        covered = self._history.covered()
        if covered < self._tail.start:
            return 0
        due = self._marks.due(begin_s, covered, hurry=hurry)
        if not due:
            return 0
        self.commit()
        done = []
        with self._keeping.writing() as writing:
            for mark in due:
                newest_ms = int(self._points["t"][mark.point])
                again = judge_again(
                    writing,
                    mark,
                    registry=self._registry,
                    parameters=self._parameters,
                    history=self._history,
                    tail=self._tail,
                    now_ms=self._clock.now_ms(),
                    newest_ms=newest_ms,
                    handling=self._handling,
                    context=self._context,
                )
                done.append((mark.point, again))
                if self._clock.monotonic_s() - begin_s > budget_s:
                    break
        for number, again in done:
            self._marks.done(number)
            self._held[number] = False
            if again is not None:
                record, lanes = again
                self._states.put(self._points[number], np.zeros_like(lanes))
                self._points[number] = record
                self._points[number]["loud"] = 0
                self._states.put(self._points[number], lanes)
                self._keeping.judged_again(number)
        unfinished = {mark.node for mark in due[len(done) :]}
        self._marks.paused({mark.node for mark in due} - unfinished, begin_s)
        return len(done)

    def _restore(self) -> None:
        self._grow()
        for point in self._registry.points:
            self._parameters.refresh(self._registry, point)
            self._context.refresh(point)
        for saved in self._store.marks():
            self._marks.restore(saved)
        if self._store.fold_version() != FOLD_VERSION:
            self._judge_points_again()
            self._keeping.begin_anew()
            for number in self._context.switches():
                self._context.forget(number)
        self._keeping.restore(self._points, self._states)
        self._context.restore(self._store.switch_runs())
        for saved in self._store.marks():
            self._context.forget(saved.point)  # what came late and made it wait is not in the runs
        never = self._points["t"] == NEVER_MS
        self._held = np.array([never[number] and number in self._marks for number in range(len(never))], bool)

    def _grow(self) -> None:
        missing = len(self._registry.point_ids) - len(self._points)
        if missing > 0:
            missing = max(missing, len(self._points))
            self._points = np.concatenate([self._points, new_points(missing)])
            self._held = np.concatenate([self._held, np.zeros(missing, bool)])
            self._keeping.grow(len(self._points))
