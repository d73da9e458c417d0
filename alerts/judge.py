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

from alerts.arrival import NODE
from alerts.context import Context
from alerts.episodes import Episode, closed_episode, open_episodes
from alerts.fold import run
from alerts.handling import Handling, action_of
from alerts.history import History, Tail, samples_upto
from alerts.holds import AnnunciationHook, always_in_service
from alerts.lifecycle import GONE, Telling
from alerts.listener import Listener
from alerts.marks import Marks
from alerts.parameters import ParameterTable
from alerts.placing import Placing
from alerts.reconcile import Moment
from alerts.records import (
    DAY_MS,
    FOLD_VERSION,
    LANES,
    NEVER_MS,
    RECORDED,
    Folded,
    Lane,
    Loud,
    MoveKind,
    Phase,
    States,
    new_points,
)
from alerts.rejudge import judge_again
from alerts.silence_store import read_hearing
from alerts.store import KEPT_DAYS, AlertStore, PointRow, Writing
from alerts.touch import apply_change, moved_assets
from alerts.watch import Watch
from coldchain.batches import Batch, BatchDecoder
from coldchain.clock import Clock
from coldchain.ledger.port import Entry, Kind, Ledger
from coldchain.readings import UNJUDGED, Readings
from coldchain.registry import Registry, registry_at

COMMIT_S = 2.0
"""Longest steady time between commits while readings come."""

RECORD_S = 600.0
"""Open episodes of the record ring nobody: their numbers are stored so often at least, and when the judge settles.
At each commit they were half of its work, because a third of the coolers as found stand outside their label."""

RECORD_AT_ONCE = 5_000
"""Points whose numbers for the record one commit brings up to date: 0.2 s. When the judge settles, all."""

IDLE_BUDGET_S = 0.2
STEP_BUDGET_S = 0.02
"""Steady time given to re-judges when there is quiet, and between two steps when there is not."""

RINGS_NOBODY = np.array([lane in RECORDED for lane in LANES])
WAITS = np.array([lane not in (*RECORDED, Lane.LIFE) for lane in LANES])
"""By the number of a lane; a life that used up some of its time waits for nothing."""

KEY_BITS = 63
PACKS_REMEMBERED = 4096
"""Packs' names of which it is known since when they are seen: asking for each of 100 names took 30 µs a pack."""

_Block = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


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
        self._durable = self._cursor = store.position()
        self._registry = registry_at(ledger, self._cursor) if registry is None else registry
        self._placing = Placing(self._registry)
        self._parameters = ParameterTable()
        self._context = Context(self._registry)
        self._points = new_points(0)
        self._states = States()
        self._dirty = np.empty(0, bool)
        self._held = np.empty(0, bool)
        self._seen = store.seen()
        self._seen_together: dict[tuple[str, ...], int] = {}
        self._unsaved_seen: dict[str, int] = {}
        self._marks = Marks()
        self._tail = Tail(start=self._cursor)
        self._blocks: list[_Block] = []
        self._nodes: dict[int, str] = {}
        self._folds: list[Folded] = []
        self._pending = store.pending()
        self._moved: set[str] = set()
        self._known: dict[tuple[str, str, int], Episode] = {}
        """Open episodes whose alarm is in the store and needs no decision: only their numbers move."""
        self._handling = Handling(self._place, self._newest_ms, annunciation)
        for entry in ledger.read(self._cursor - 1, 1) if self._cursor else ():
            self._handling.received_ms = entry.received_at_ms
        self._too_old = 0
        self._committed_s = self._recorded_s = clock.monotonic_s()
        self._written = np.empty((0, len(LANES)), bool)
        """Open episodes of the record that the store has; ``_behind``: points of which it has older numbers."""
        self._behind = np.empty(0, bool)
        self._pruned_day = 0
        self._restore()
        heard = read_hearing(store.engine)
        self._listener = Listener(heard, clock, self._placing)
        self._listener.hear_again(ledger, self._decode, heard.position, self._durable)
        self._watch = Watch(self._listener, self._registry, clock, self._times, heard.occurrences)

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
        if self._folds or self._marks.unsaved or (waited and self._cursor != self._durable):
            self.commit()
        self._rejudge(IDLE_BUDGET_S)
        self._look()
        self._work_off()

    def _look(self) -> None:
        begin_s = self._clock.monotonic_s()
        while True:
            news, save = self._watch.look(), self._listener.save_due
            if not (news or save):
                return
            self.commit()
            with self._store.writing(self._durable, self._durable) as writing:
                self._watch.write(writing, news, self._handling)
                if save:
                    self._listener.save(writing.connection, self._durable)
            self._watch.written(news)
            if save:
                self._listener.saved()
            if not self._watch.more or self._clock.monotonic_s() - begin_s > IDLE_BUDGET_S:
                return

    def _times(self, point: str, from_ms: int, to_ms: int) -> NDArray[np.int64] | None:
        if self._history.covered() < self._tail.start:
            return None
        return samples_upto(self._history, self._tail, self._registry, point, from_ms, to_ms).t

    def settle(self) -> None:
        """Do every re-judge that the history allows, now, and commit all that is open: for a rebuild, and tests."""
        self.commit()
        while self._rejudge(float("inf"), hurry=True):
            pass
        self._recorded_s = float("-inf")
        self.commit()

    @property
    def waiting(self) -> int:
        """Points that wait for a re-judge."""
        return len(self._marks)

    def judge_all_again(self) -> None:
        """Mark every point from its first reading on; `settle` then does the work."""
        for point, number in self._registry.point_numbers.items():
            if self._parameters.judged[number] or self._points["t"][number] != NEVER_MS:
                self._marks.need(self._registry.point_numbers[point], NEVER_MS, self._cursor)

    # -- taking entries ---------------------------------------------------------------------------------------

    def _change(self, entry: Entry) -> None:
        action = action_of(entry)
        if action is not None:
            self._cursor = entry.position - 1
            self.commit()  # the alarm is in the store, as the person saw it
            with self._store.writing(self._durable, entry.position) as writing:
                self._handling.act(writing, action, entry.position, self._clock.now_ms())
            self._durable = self._cursor = entry.position
            return
        old = apply_change(self._registry, entry)
        self._moved |= moved_assets(entry)
        self._grow()
        for point, what in old.items():
            number = self._registry.point_numbers.get(point)
            if number is None:
                continue
            self._parameters.refresh(self._registry, point)
            self._context.refresh(point)
            if what.readings_move:
                self._context.forget(number)
                for other in self._context.beside(number):
                    if self._points["t"][other] != NEVER_MS:
                        self._marks.need(other, what.from_ms, entry.position)
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
        self._see(readings)
        slot, value = self._placing.placed(batch.node, readings)
        self._listener.hear(batch, slot)
        good = (slot >= 0) & ((readings.quality & UNJUDGED) == 0)
        if not good.any():
            return
        self._nodes[batch.position] = batch.node
        position = np.full(int(good.sum()), batch.position, np.int64)
        self._blocks.append((slot[good], readings.measured_at_ms[good], value[good], position))

    def _see(self, readings: Readings) -> None:
        earliest = int(readings.measured_at_ms.min())
        if self._seen_together.get(readings.names, earliest + 1) <= earliest:
            return
        if len(self._seen_together) >= PACKS_REMEMBERED:
            self._seen_together.clear()
        self._seen_together[readings.names] = earliest
        for name in readings.names:
            if self._seen.get(name, earliest + 1) > earliest:
                self._seen[name] = self._unsaved_seen[name] = earliest

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
        slot, t, v, position = _in_order(slot, t, v, position)
        self._tail.add(slot, t, v, position)
        for number, from_ms in self._context.take(slot, t, v).items():
            for other in self._context.beside(number):
                if self._points["t"][other] >= from_ms or self._context.stale(number):
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
        excused, unsure = self._context.excused(slot, t)
        for number, from_ms in unsure.items():
            self._marks.need(number, from_ms, 0)
        folded = run(slot, t, v, row, self._parameters.rows, self._points, self._states, excused=excused)
        self._dirty[slot] = True
        if len(folded.moves) or len(folded.nights):
            self._folds.append(folded)

    def _suspect(
        self, slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64], position: NDArray[np.int64]
    ) -> None:
        newest = self._points[slot]
        same = (t == newest["t"]) & (v <= newest["v"])
        too_old = t < newest["t"] - KEPT_DAYS * DAY_MS
        self._too_old += int((too_old & ~same).sum())
        keep = ~same & ~too_old
        if not keep.any():
            return
        slot, t, v, position = slot[keep], t[keep], v[keep], position[keep]
        begins = np.flatnonzero(np.diff(slot, prepend=-1)).tolist()  # rows lie by point
        for begin, end in zip(begins, [*begins[1:], len(slot)], strict=True):
            node = self._nodes[int(position[begin])]
            self._marks.suspect(int(slot[begin]), node, t[begin:end], v[begin:end], position[begin:end])

    # -- keeping ----------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Store the cursor and everything that depends on it, in one transaction.

        Raises:
            CursorMoved: another judge owns the store.
        """
        self._committed_s = self._clock.monotonic_s()
        whole = self._committed_s - self._recorded_s >= RECORD_S
        old = whole and bool(self._behind.any())
        if self._cursor == self._durable and not (old or self._dirty.any() or self._marks.unsaved or self._folds):
            return
        numbers = np.flatnonzero(self._dirty)
        loud = self._states.loud(self._points[numbers])
        with self._store.writing(self._durable, self._cursor) as writing:
            writing.save_points(self._rows(numbers, loud))
            writing.see(self._unsaved_seen)
            writing.save_switches(self._context.to_save())
            for folded in self._folds:
                writing.keep_nights(folded)
            writing.put_marks(self._marks.to_save())
            if self._too_old:
                writing.count_too_old(self._too_old)
            self._tell(writing, *self._to_tell(numbers, loud, whole=whole))
            for asset in self._moved:
                for point in self._registry.points_of(asset):
                    writing.place_again(point.id, self._place)
            pending = self._put_pending(writing, numbers, loud)
            self._prune(writing)
            save = self._listener.many_unsaved
            if save:
                self._listener.save(writing.connection, self._cursor)
        self._durable = self._cursor
        self._dirty[:] = False
        self._context.saved()
        self._unsaved_seen.clear()
        self._folds.clear()
        self._moved.clear()
        self._marks.saved()
        self._too_old = 0
        self._pending = pending
        if save:
            self._listener.saved()
        self._tail.forget(self._history.covered())

    def _to_tell(self, numbers: NDArray[np.int64], loud: Loud, *, whole: bool) -> tuple[NDArray[np.int64], Loud]:
        """Leave out the record's open episodes that the store has, until it is their time: then some that are older."""
        for folded in self._folds:
            over = folded.moves[folded.moves["kind"] == MoveKind.CLOSED]
            self._written[over["slot"], over["lane"]] = False
        ripe = np.zeros(len(self._behind), bool)
        if whole:
            old, settling = np.flatnonzero(self._behind), self._recorded_s < 0
            ripe[slice(None) if settling else old[:RECORD_AT_ONCE]] = True
            if settling or len(old) <= RECORD_AT_ONCE:
                self._recorded_s = self._committed_s
            numbers = np.flatnonzero(self._dirty | (self._behind & ripe))
            loud = self._states.loud(self._points[numbers])
            self._behind[ripe] = False
        recorded = RINGS_NOBODY[loud.lane] & (loud.state["phase"] >= Phase.ACTIVE)
        places = numbers[loud.which]
        waits = recorded & self._written[places, loud.lane] & ~ripe[places]
        self._behind[places[waits]] = True
        self._written[places[recorded], loud.lane[recorded]] = True
        return numbers, loud[~waits]

    def _tell(self, writing: Writing, numbers: NDArray[np.int64], loud: Loud) -> None:
        found: dict[int, dict[tuple[str, str, int], Episode]] = {}
        for folded in self._folds:
            for move, state in zip(folded.moves, folded.moved, strict=True):
                if move["kind"] == MoveKind.CLOSED:
                    number = int(move["slot"])
                    episode = closed_episode(self._parameters.naming(self._registry, number), move, state)
                    found.setdefault(number, {})[episode.key] = episode
        named = {
            which: self._parameters.naming(self._registry, int(numbers[which]))
            for which in np.unique(loud.which).tolist()
        }
        for still in open_episodes(named, loud):
            found.setdefault(self._registry.point_numbers[still.point], {})[still.key] = still
        progressed: list[Episode] = []
        recorded: list[Episode] = []
        for number, episodes in found.items():
            news: list[Episode] = []
            for episode in episodes.values():
                known = self._known.get(episode.key)
                if known is None or episode.ended_ms is not None or _levels(known) != _levels(episode):
                    (recorded if episode.rule in RECORDED else news).append(episode)
                elif known != episode:
                    progressed.append(episode)
                    self._known[episode.key] = episode
            if news:
                self._reconcile(writing, number, news)
        self._record(writing, recorded)
        writing.progress(progressed)

    def _record(self, writing: Writing, episodes: list[Episode]) -> None:
        """Keep episodes of the record: no alarm stands for them, and nothing is asked."""
        writing.put_episodes(episodes)
        for episode in episodes:
            self._known.pop(episode.key, None)
            if episode.ended_ms is None:
                self._known[episode.key] = episode

    def _reconcile(self, writing: Writing, number: int, episodes: list[Episode]) -> None:
        point = self._registry.point_ids[number]
        first_ms = min(episode.onset_ms for episode in episodes)
        alarms = [
            alarm
            for alarm in writing.alarms(point, first_ms)
            if any(
                alarm.episode.rule == episode.rule and episode.overlaps(alarm.episode.onset_ms, alarm.episode.ended_ms)
                for episode in episodes
            )
        ]
        moment = Moment(self._clock.now_ms(), int(self._points["t"][number]))
        writing.put_episodes(episodes)
        outcomes = self._handling.reconciled(writing, alarms, episodes, moment)
        told = [alarm for alarm in (*alarms, *(outcome.alarm for outcome in outcomes)) if alarm.state not in GONE]
        decided = {alarm.episode.key for alarm in told if alarm.telling is not Telling.DEFER}
        for episode in episodes:
            self._known.pop(episode.key, None)
            if episode.ended_ms is None and episode.key in decided:
                self._known[episode.key] = episode

    def _rows(self, numbers: NDArray[np.int64], loud: Loud) -> list[PointRow]:
        points = self._points[numbers]
        raw, size = points.tobytes(), points.itemsize
        records = [raw[at : at + size] for at in range(0, len(raw), size)]
        return list(zip(numbers.tolist(), points["t"].tolist(), records, loud.packed(len(numbers)), strict=True))

    def _put_pending(self, writing: Writing, numbers: NDArray[np.int64], loud: Loud) -> set[tuple[str, str]]:
        waits = loud[(loud.state["phase"] == Phase.PENDING) & WAITS[loud.lane]]
        current = []
        for number, lane, state in zip(numbers[waits.which].tolist(), waits.lane.tolist(), waits.state, strict=True):
            naming = self._parameters.naming(self._registry, number)
            row = naming.point, naming.rule(LANES[lane]), int(state["onset"]), int(state["stayed"].max())
            current.append(row)
        still = {row[:2] for row in current}
        touched = {self._registry.point_ids[number] for number in numbers.tolist()} if self._pending else set()
        gone = {key for key in self._pending if key[0] in touched and key not in still}
        writing.set_pending(gone, current)
        return (self._pending - gone) | still

    def _prune(self, writing: Writing) -> None:
        day = self._clock.now_ms() // DAY_MS
        if day != self._pruned_day:
            self._pruned_day = day
            writing.prune_nights()

    def _work_off(self) -> None:
        """Do what has waited for a time: called in quiet only, so that nothing fires while the judge catches up."""
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        due, sweep = self._store.deadline_passed(now_ms), self._handling.sweep_due(now_s)
        if not (due or sweep):
            return
        self.commit()
        with self._store.writing(self._durable, self._durable) as writing:
            if due:
                self._handling.work_off(writing, now_ms)
            if sweep:
                self._handling.sweep(writing, now_ms, now_s)

    def _newest_ms(self, point: str) -> int:
        number = self._registry.point_numbers.get(point)
        return NEVER_MS if number is None or number >= len(self._points) else int(self._points["t"][number])

    def _place(self, point: str, at_ms: int) -> tuple[str, str]:
        """Return the asset of a point, and the site where that stood at a measured time; of a gateway only its site."""
        if point.startswith(NODE):
            node = self._registry.nodes.get(point.removeprefix(NODE))
            return "", node.site if node else ""
        known = self._registry.points.get(point)
        return (known.asset, self._registry.site_at(known.asset, at_ms)) if known else ("", "")

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
        with self._store.writing(self._durable, self._durable) as writing:
            for mark in due:
                point = self._registry.point_ids[mark.point]
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
                point = self._registry.point_ids[number]
                self._known = {key: known for key, known in self._known.items() if key[0] != point}
                record, lanes = again
                self._written[number] = False
                self._states.put(self._points[number], np.zeros_like(lanes))
                self._points[number] = record
                self._points[number]["loud"] = 0
                self._states.put(self._points[number], lanes)
                self._dirty[number] = True
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
            with self._store.writing(self._durable, self._durable) as writing:
                writing.set_fold_version()
                self.judge_all_again()
                writing.put_marks(self._marks.to_save())
            self._marks.saved()
            self._pending = set()
            for number in self._context.switches():
                self._context.forget(number)
        self._context.restore(self._store.switch_runs())
        for saved in self._store.marks():
            self._context.forget(saved.point)  # what came late and made it wait is not in the runs
        for known in self._store.points():
            self._points[known.point] = known.record
            self._points[known.point]["loud"] = 0
            if known.lanes is not None:
                self._states.put(self._points[known.point], known.lanes)
                self._behind[known.point] = True
        never = self._points["t"] == NEVER_MS
        self._held = np.array([never[number] and number in self._marks for number in range(len(never))], bool)

    def _grow(self) -> None:
        missing = len(self._registry.point_ids) - len(self._points)
        if missing > 0:
            missing = max(missing, len(self._points))
            self._points = np.concatenate([self._points, new_points(missing)])
            self._dirty = np.concatenate([self._dirty, np.zeros(missing, bool)])
            self._behind = np.concatenate([self._behind, np.zeros(missing, bool)])
            self._written = np.concatenate([self._written, np.zeros((missing, len(LANES)), bool)])
            self._held = np.concatenate([self._held, np.zeros(missing, bool)])


def _levels(episode: Episode) -> tuple[str, str, int]:
    return episode.severity, episode.top_severity, episode.step


def _in_order(
    slot: NDArray[np.int32], t: NDArray[np.int64], v: NDArray[np.float64], position: NDArray[np.int64]
) -> _Block:
    """Return rows by point and measured time, one a time: the largest value, brought first."""
    order = _order(slot, t)
    slot, t, v, position = slot[order], t[order], v[order], position[order]
    same = (slot[1:] == slot[:-1]) & (t[1:] == t[:-1])
    if same.any():
        order = np.lexsort((-position, v, t, slot))
        slot, t, v, position = slot[order], t[order], v[order], position[order]
        last = np.append((slot[1:] != slot[:-1]) | (t[1:] != t[:-1]), True)
        slot, t, v, position = slot[last], t[last], v[last], position[last]
    return slot, t, v, position


def _order(slot: NDArray[np.int32], t: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the order by point and measured time; as one number where both fit, which takes half the time."""
    earliest = int(t.min())
    bits = (int(t.max()) - earliest).bit_length()
    if bits + int(slot.max()).bit_length() > KEY_BITS:
        return np.lexsort((t, slot))
    return np.argsort((slot.astype(np.int64) << bits) | (t - earliest), kind="stable")
