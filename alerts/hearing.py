"""Who was heard when: a row a point, filled from every batch at the price of a few array operations a step.

A point is *heard* when an entry brings a reading that is newer than what was known of it, whatever it says: a probe
that sends ``no-probe`` speaks, and a gateway that sends its whole week again says nothing new of a dead probe. A
reading with an impossible time is heard, too: the clock has its own alarm.

Deadlines run on `Uptime`, the time that the judge has stood at the ledger's end. While the server is down or behind,
nobody can be heard and nobody grows silent; what had passed of a deadline before a restart is not lost either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.records import NEVER_MS, Records

HEARD = np.dtype([("newest_ms", "i8"), ("heard_ms", "i8"), ("heard_up", "i8"), ("node", "i4")], align=True)
"""``newest_ms``: measured, never later than received; ``heard_ms``: received; ``heard_up``: `Uptime` then."""

BLOCK = 1024
"""Points that are stored together."""

WORK_S = 10.0
"""Steps between two looks at the ledger's end count as listening up to this long; longer ones are catching up."""


class Uptime:
    """Steady time during which the judge stood at the ledger's end, over all starts."""

    def __init__(self, up_ms: int = 0) -> None:
        self._up_s = up_ms / 1000
        self._since_s: float | None = None
        self._waiting = False

    @property
    def ms(self) -> int:
        return round(self._up_s * 1000)

    @property
    def begun(self) -> bool:
        """Whether the end was reached since this start."""
        return self._since_s is not None

    def working(self, now_s: float) -> None:
        """Entries came; until `at_end` the judge may be behind."""
        if self._waiting and self._since_s is not None:
            self._up_s += now_s - self._since_s
            self._since_s = now_s
            self._waiting = False

    def at_end(self, now_s: float) -> None:
        """The judge has read everything there is."""
        if self._since_s is not None:
            passed_s = now_s - self._since_s
            self._up_s += passed_s if self._waiting else min(passed_s, WORK_S)
        self._since_s = now_s
        self._waiting = True


class Hearing:
    """The rows, by point number.

    Attributes:
        rows: shape (n,), HEARD; ``heard_up`` is `NEVER_MS` for a point never heard.
    """

    def __init__(self) -> None:
        self.rows: Records = _rows(0)
        self._dirty = np.empty(0, bool)

    def grow(self, points: int) -> None:
        """Make room for points that the registry has now."""
        if points > len(self.rows):
            count = -(-max(points, 2 * len(self.rows)) // BLOCK) * BLOCK
            self.rows = np.concatenate([self.rows, _rows(count - len(self.rows))])
            self._dirty = np.concatenate([self._dirty, np.zeros(count // BLOCK - len(self._dirty), bool)])

    def take(
        self,
        slot: NDArray[np.int32],
        measured_ms: NDArray[np.int64],
        received_ms: NDArray[np.int64],
        node: NDArray[np.int32],
        up_ms: int,
    ) -> NDArray[np.bool_]:
        """Take readings in ledger's order, shape (n,) each; return which of them said something new."""
        newest = self.rows["newest_ms"]
        t = np.minimum(measured_ms, received_ms)
        fresh = t > newest[slot]
        if fresh.all():
            self._heard(slot, received_ms, node, up_ms)
            np.maximum.at(newest, slot, t)
        elif fresh.any():
            self._heard(slot[fresh], received_ms[fresh], node[fresh], up_ms)
            np.maximum.at(newest, slot[fresh], t[fresh])
        return fresh

    def take_untimed(self, slot: NDArray[np.int32], received_ms: int, node: int, up_ms: int) -> None:
        """Take readings whose own time cannot be."""
        self._heard(slot, received_ms, node, up_ms)

    def _heard(
        self,
        slot: NDArray[np.int32],
        received_ms: NDArray[np.int64] | int,
        node: NDArray[np.int32] | int,
        up_ms: int,
    ) -> None:
        self.rows["heard_ms"][slot] = received_ms  # of several rows of a point the last one stays
        self.rows["node"][slot] = node
        self.rows["heard_up"][slot] = up_ms
        self._dirty[slot // BLOCK] = True

    def blocks(self) -> list[tuple[int, bytes]]:
        """Return (block, bytes) of what changed since `saved`."""
        return [
            (number, self.rows[number * BLOCK : (number + 1) * BLOCK].tobytes())
            for number in np.flatnonzero(self._dirty).tolist()
        ]

    def saved(self) -> None:
        """The store has everything."""
        self._dirty[:] = False

    def restore(self, blocks: list[tuple[int, bytes]]) -> None:
        """Take over what the store has."""
        if blocks:
            self.grow((max(number for number, _ in blocks) + 1) * BLOCK)
        for number, raw in blocks:
            self.rows[number * BLOCK : (number + 1) * BLOCK] = np.frombuffer(raw, HEARD)


def _rows(count: int) -> NDArray[Any]:
    rows = np.zeros(count, HEARD)
    rows["newest_ms"] = rows["heard_up"] = NEVER_MS
    rows["node"] = -1
    return rows
