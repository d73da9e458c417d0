"""Points that wait for a re-judge: who, from when, and whether it is needed at all.

Late samples are only *candidates*: a gateway that starts a new epoch sends again everything that it still holds, and
those must not cost a re-judge each. A candidate that the history holds already, with the same or a larger value
from an earlier entry, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.history import Samples
from alerts.records import NEVER_MS
from alerts.writing import SavedMark

PAUSE_S = 2.0
"""At most one round of re-judges a node in 2 s (protocol: judging)."""

MAX_CANDIDATES = 200_000
"""Remembered for one point; beyond it the point is judged again without comparing."""

REGISTRY = ""
"""Node of re-judges that a change entry asked for."""


@dataclass(slots=True)
class Mark:
    """One point that waits.

    Attributes:
        from_ms: earliest measured time that may have changed.
        needs: ledger position that the history must cover before (a change moves readings between points).
        candidates: late samples in columns t, v, position; None when the re-judge is needed anyway.
    """

    point: int
    from_ms: int
    node: str
    needs: int = 0
    candidates: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]] | None = field(
        default_factory=list
    )

    def span(self) -> tuple[int, int]:
        """Return [from, to) in measured ms of the candidates."""
        return self.from_ms, max((int(t.max()) + 1 for t, _, _ in self.candidates or []), default=self.from_ms)

    def changed_from(self, known: Samples) -> int | None:
        """Return the earliest measured time of a candidate that is no duplicate, or None.

        Args:
            known: the point's samples over `span`.
        """
        earliest: list[int] = []
        for t, v, position in self.candidates or []:
            place = np.minimum(np.searchsorted(known.t, t), max(len(known) - 1, 0))
            if not len(known):
                return self.from_ms
            duplicate = (known.t[place] == t) & (known.v[place] >= v) & (known.position[place] < position)
            if not duplicate.all():
                earliest.append(int(t[~duplicate].min()))
        return min(earliest, default=None)


class Marks:
    """All points that wait, and when each node may be judged again next."""

    def __init__(self) -> None:
        self._marks: dict[int, Mark] = {}
        self._unsaved: set[int] = set()
        self._next_s: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def __contains__(self, point: object) -> bool:
        return point in self._marks

    @property
    def unsaved(self) -> bool:
        """Whether the store does not know all of them."""
        return bool(self._unsaved)

    def restore(self, saved: SavedMark) -> None:
        """Take over a mark from before a restart; its candidates are gone, so it is needed."""
        self._marks[saved.point] = Mark(saved.point, saved.from_ms, saved.node, saved.needs, None)

    def need(self, point: int, from_ms: int, needs: int, node: str = REGISTRY) -> None:
        """Ask for a re-judge whatever the samples say."""
        mark = self._get(point, from_ms, node)
        mark.needs = max(mark.needs, needs)
        mark.candidates = None
        self._unsaved.add(point)

    def suspect(
        self,
        point: int,
        node: str,
        t: NDArray[np.int64],
        v: NDArray[np.float64],
        position: NDArray[np.int64],
    ) -> None:
        """Ask for a re-judge unless these late samples turn out to be duplicates."""
        mark = self._get(point, int(t.min()), node)
        if mark.candidates is not None:
            mark.candidates.append((t, v, position))
            if sum(len(part[0]) for part in mark.candidates) > MAX_CANDIDATES:
                mark.candidates = None

    def due(self, now_s: float, covered: int, *, hurry: bool = False) -> list[Mark]:
        """Return the marks that may be worked on now.

        Args:
            now_s: steady time.
            covered: ledger position that the history covers.
            hurry: do not wait for the pause of each node.
        """
        return [
            mark
            for mark in self._marks.values()
            if mark.needs <= covered and (hurry or self._next_s.get(mark.node, now_s) <= now_s)
        ]

    def paused(self, nodes: set[str], now_s: float) -> None:
        """Leave these nodes alone for `PAUSE_S`."""
        self._next_s = {node: due_s for node, due_s in self._next_s.items() if due_s > now_s}
        self._next_s.update(dict.fromkeys(nodes, now_s + PAUSE_S))

    def done(self, point: int) -> None:
        """The point is judged."""
        self._marks.pop(point, None)
        self._unsaved.discard(point)

    def to_save(self) -> list[SavedMark]:
        """Return what the store does not know yet."""
        return [
            SavedMark(mark.point, max(mark.from_ms, NEVER_MS), mark.node, mark.needs)
            for mark in (self._marks[point] for point in self._unsaved)
        ]

    def saved(self) -> None:
        """The store knows all of them."""
        self._unsaved.clear()

    def _get(self, point: int, from_ms: int, node: str) -> Mark:
        mark = self._marks.get(point)
        if mark is None:
            mark = self._marks[point] = Mark(point, from_ms, node)
            self._unsaved.add(point)
        elif from_ms < mark.from_ms:
            mark.from_ms = from_ms
            self._unsaved.add(point)
        return mark
