"""How what the judge knows comes into the store, with its cursor in one transaction, and back after a restart.

::

    points that were folded ─▶ fold states ────────────────────┐
    what the folds said ─────▶ checkpoints, `alerts.book` ─────┼─▶ one transaction with the cursor
    seen, switches, marks, who was heard (once a minute) ──────┘

What the store has is taken for granted only when the transaction is through: one that failed is done again, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.book import Book
from alerts.context import Context
from alerts.corrective.rows import keep_said
from alerts.listener import Listener
from alerts.marks import Marks
from alerts.records import DAY_MS, Folded, Loud, Records, States, unpacked
from alerts.seen import Seen
from alerts.store import AlertStore
from alerts.subjects import subject_of_asset
from alerts.transit.desk import Desk
from alerts.writing import PointRow, Writing
from coldchain.clock import Clock
from coldchain.ledger.port import Entry
from coldchain.registry import Registry


@dataclass(slots=True)
class Unsaved:
    """What happened since the last commit and is known nowhere else.

    Attributes:
        dirty: shape (points,); points that were folded.
        folds: what the folds said.
        moved: assets that changed their place.
        too_old: late samples that are not judged.
        corrective: entries of corrective action.
    """

    dirty: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    folds: list[Folded] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    too_old: int = 0
    corrective: list[Entry] = field(default_factory=list)

    def clear(self) -> None:
        """The store has it."""
        self.dirty[:] = False
        self.folds.clear()
        self.moved.clear()
        self.too_old = 0
        self.corrective.clear()


class Keeping:
    """Keeps what a judge knows.

    Args:
        book: of the episodes.
        context, marks, seen, listener, desk: parts of the judge that know by themselves what of them is not saved.
        place: from (point, measured ms) to asset and site.

    Attributes:
        durable: the cursor that the store has.
        unsaved: what the judge notes here until the next commit.
    """

    def __init__(
        self,
        store: AlertStore,
        book: Book,
        registry: Registry,
        clock: Clock,
        *,
        context: Context,
        marks: Marks,
        seen: Seen,
        listener: Listener,
        desk: Desk,
        place: Callable[[str, int], tuple[str, str]],
    ) -> None:
        self._store = store
        self._book = book
        self._registry = registry
        self._clock = clock
        self._context = context
        self._marks = marks
        self._seen = seen
        self._listener = listener
        self._desk = desk
        self._place = place
        self._pruned_day = 0
        self.durable = store.position()
        self.unsaved = Unsaved()

    def grow(self, points: int) -> None:
        """Make room for more points."""
        missing = points - len(self.unsaved.dirty)
        self.unsaved.dirty = np.concatenate([self.unsaved.dirty, np.zeros(missing, bool)])
        self._book.grow(points)

    @contextmanager
    def writing(self, cursor: int | None = None) -> Iterator[Writing]:
        """Write in one transaction, and move the cursor in it, if one is given.

        Raises:
            CursorMoved: another judge owns the store.
        """
        cursor = self.durable if cursor is None else cursor
        with self._store.writing(self.durable, cursor) as writing:
            yield writing
        self.durable = cursor

    def commit(self, cursor: int, points: Records, states: States, *, settling: bool = False) -> bool:
        """Store the cursor and everything that depends on it; say whether there was anything.

        Args:
            points, states: of all points, as of the cursor.
            settling: the record's numbers, too.

        Raises:
            CursorMoved: another judge owns the store.
        """
        unsaved = self.unsaved
        ripe = self._book.ripe(settling=settling)
        numbers = np.flatnonzero(unsaved.dirty | (self._book.behind & ripe))
        some_unsaved = unsaved.folds or unsaved.corrective or self._marks.unsaved or self._desk.unsaved
        if cursor == self.durable and not (len(numbers) or some_unsaved):
            return False
        some = points[numbers]
        loud = states.loud(some)
        hearing = self._listener.many_unsaved
        with self.writing(cursor) as writing:
            writing.save_points(_rows(numbers, some, loud))
            writing.see(self._seen.to_save())
            writing.save_switches(self._context.to_save())
            for folded in unsaved.folds:
                writing.keep_nights(folded)
            writing.put_marks(self._marks.to_save())
            if unsaved.too_old:
                writing.count_too_old(unsaved.too_old)
            entered = self._book.write(writing, points, numbers, loud, unsaved.folds, ripe)
            for asset in unsaved.moved:
                for subject in (subject_of_asset(asset), *(point.id for point in self._registry.points_of(asset))):
                    writing.place_again(subject, self._place)
            self._desk.save(writing.connection)
            keep_said(writing.connection, unsaved.corrective)
            self._prune(writing)
            if hearing:
                self._listener.save(writing.connection, cursor)
        unsaved.clear()
        self._seen.saved()
        self._context.saved()
        self._marks.saved()
        self._desk.saved()
        self._book.saved(entered)
        if hearing:
            self._listener.saved()
        return True

    def judged_again(self, number: int) -> None:
        """A point was judged again: what the store has of its episodes is asked for anew."""
        self.unsaved.dirty[number] = True
        self._book.forget(number)

    def begin_anew(self) -> None:
        """Another fold wrote the states: forget them, and keep the marks of everything."""
        with self.writing() as writing:
            writing.set_fold_version()
            writing.put_marks(self._marks.to_save())
        self._marks.saved()
        self._book.none_pends()

    def restore(self, points: Records, states: States) -> None:
        """Bring points to where they stood at the durable cursor."""
        saved = self._store.points()
        points[saved.number] = saved.record
        points["loud"] = 0
        for number, raw in saved.loud.items():
            states.put(points[number], unpacked(raw))
        self._book.older(list(saved.loud))

    def _prune(self, writing: Writing) -> None:
        day = self._clock.now_ms() // DAY_MS
        if day != self._pruned_day:
            self._pruned_day = day
            writing.prune_nights()


def _rows(numbers: NDArray[np.intp], points: Records, loud: Loud) -> list[PointRow]:
    raw, size = points.tobytes(), points.itemsize
    records = [raw[at : at + size] for at in range(0, len(raw), size)]
    return list(zip(numbers.tolist(), points["t"].tolist(), records, loud.packed(len(numbers)), strict=True))
