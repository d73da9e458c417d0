"""From batches to who was heard when, kept over restarts.

::

    batch ─▶ hear ─▶ (end of a step) take_in ─▶ Hearing, WrongClocks ─▶ (once a minute) save, with its ledger position
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from alerts.clocks import WrongClocks
from alerts.hearing import Hearing, Uptime
from alerts.placing import Placing
from alerts.records import NEVER_MS
from alerts.silence import Nodes
from alerts.silence_store import SavedHearing, save_hearing
from coldchain.batches import Batch, BatchDecoder
from coldchain.clock import Clock
from coldchain.ledger.port import Entry, Ledger
from coldchain.readings import Quality

CHUNK = 256

SAVE_S = 60.0
SAVE_ROWS = 500_000
"""What may have to be heard again after a restart: a minute, or about a second of decoding."""


class Listener:
    """Who was heard when.

    Attributes:
        uptime: the judge's own time.
        hearing, clocks: by point number. ``nodes``: by node number, names in ``node_names``.
        late: points that said something which is not newer than what was known, since somebody last asked.
    """

    def __init__(self, saved: SavedHearing, clock: Clock, placing: Placing) -> None:
        self._clock = clock
        self._placing = placing
        self.uptime = Uptime(saved.up_ms)
        self.hearing = Hearing()
        self.hearing.restore(saved.blocks)
        self.clocks = WrongClocks()
        for number, times in saved.clocks:
            self.clocks.restore(number, times)
        self.node_names = [name for name, _ in saved.nodes]
        self.node_numbers = {name: number for number, name in enumerate(self.node_names)}
        self._node_heard_ms = [heard_ms for _, heard_ms in saved.nodes]
        self._unsaved_nodes: set[int] = set()
        self.nodes = Nodes.none()
        self._restore_nodes()
        self.late: set[int] = set()
        self._asked: set[int] = set()
        self._blocks: list[tuple[NDArray[np.int32], Batch, int]] = []
        self._unsaved_rows = 0
        self._saved_s = clock.monotonic_s()

    def _restore_nodes(self) -> None:
        self.nodes.grow(len(self.node_names))
        heard = self.hearing.rows[self.hearing.rows["heard_up"] != NEVER_MS]
        np.maximum.at(self.nodes.last_up, heard["node"], heard["heard_up"])

    def hear_again(self, ledger: Ledger, decode: BatchDecoder, after: int, upto: int) -> None:
        """Take what came between the last save and the judge's cursor."""
        while after < upto and (entries := ledger.read(after, min(CHUNK, upto - after))):
            after = entries[-1].position
            for batch in _batches(entries, decode):
                slot = self._placing.placed(batch.node, batch.readings)[0] if len(batch.readings) else None
                self.hear(batch, slot)
            self.take_in()

    def hear(self, batch: Batch, slot: NDArray[np.int32] | None) -> None:
        """Note a batch.

        Args:
            slot: shape (n,); point of each reading, below 0 for none; None for a batch without readings.
        """
        number = self.node_numbers.get(batch.node)
        if number is None:
            number = self.node_numbers[batch.node] = len(self.node_names)
            self.node_names.append(batch.node)
            self._node_heard_ms.append(0)
        self._node_heard_ms[number] = batch.received_at_ms
        self._unsaved_nodes.add(number)
        if slot is not None:
            self._blocks.append((slot, batch, number))

    def take_in(self) -> None:
        """Take what was noted."""
        if not self._blocks:
            return
        blocks, self._blocks = self._blocks, []
        self.uptime.working(self._clock.monotonic_s())
        self.nodes.grow(len(self.node_names))
        sizes = [len(slot) for slot, _, _ in blocks]
        slot = np.concatenate([slot for slot, _, _ in blocks])
        self.hearing.grow(int(slot.max()) + 1)
        measured_ms = np.concatenate([batch.readings.measured_at_ms for _, batch, _ in blocks])
        received_ms = np.repeat(np.array([batch.received_at_ms for _, batch, _ in blocks], np.int64), sizes)
        node = np.repeat(np.array([number for _, _, number in blocks], np.int32), sizes)
        untimed = np.concatenate([batch.readings.quality for _, batch, _ in blocks]) & int(Quality.CLOCK) != 0
        self._unsaved_rows += len(slot)
        wanted = slot >= 0
        if untimed.any():
            for _, batch, number in blocks:
                self._take_untimed(batch, number)
            wanted &= ~untimed
        if not wanted.all():
            slot, measured_ms, received_ms, node = slot[wanted], measured_ms[wanted], received_ms[wanted], node[wanted]
        if not len(slot):
            return
        fresh = self.hearing.take(slot, measured_ms, received_ms, node, self.uptime.ms)
        if self._asked and not fresh.all():
            self.late |= self._asked & set(np.unique(slot[~fresh]).tolist())

    def _take_untimed(self, batch: Batch, node: int) -> None:
        """Take the readings of a batch whose time cannot be: the probe is where it is now."""
        untimed = batch.readings.quality & int(Quality.CLOCK) != 0
        if not untimed.any():
            return
        measured_ms = np.where(untimed, batch.received_at_ms, batch.readings.measured_at_ms)
        slot, _ = self._placing.placed(batch.node, replace(batch.readings, measured_at_ms=measured_ms))
        slot = slot[untimed & (slot >= 0)]
        if len(slot):
            self.hearing.grow(int(slot.max()) + 1)
            self.hearing.take_untimed(slot, batch.received_at_ms, node, self.uptime.ms)
            self.clocks.take(slot, batch.received_at_ms, self.uptime.ms)

    def ask_for_late(self, points: set[int]) -> None:
        """From now on remember in `late` which of these points bring old readings."""
        self._asked = points

    def node_heard_ms(self, node: int) -> int:
        """Return when any batch of a node came last, whatever was in it."""
        return self._node_heard_ms[node]

    # -- keeping ----------------------------------------------------------------------------------------------

    @property
    def many_unsaved(self) -> bool:
        """Whether a restart would have to hear too much again."""
        return self._unsaved_rows >= SAVE_ROWS

    @property
    def save_due(self) -> bool:
        """Whether the last save is a minute old."""
        return self._clock.monotonic_s() - self._saved_s >= SAVE_S

    def save(self, connection: Connection, position: int) -> None:
        """Store everything as of a ledger position."""
        nodes = [(number, self.node_names[number], self._node_heard_ms[number]) for number in self._unsaved_nodes]
        blocks, clocks = self.hearing.blocks(), self.clocks.unsaved()
        save_hearing(connection, position, self.uptime.ms, blocks, nodes, clocks)

    def saved(self) -> None:
        """The store has everything."""
        self.hearing.saved()
        self.clocks.saved()
        self._unsaved_nodes.clear()
        self._unsaved_rows = 0
        self._saved_s = self._clock.monotonic_s()


def _batches(entries: list[Entry], decode: BatchDecoder) -> Iterator[Batch]:
    yield from decode.all(entries)
