"""From a ledger entry to readings: decode once, however many projections ask.

Decoding is a pure function of the entry: no registry, no clock. What a registry makes of it is
`coldchain.registry.Registry.sort`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry, Kind
from coldchain.readings import Readings
from coldchain.seal import Sealed, open_envelope, unpacked
from coldchain.senml import decode

REMEMBERED_BYTES = 4 * 1024 * 1024
"""Batches kept decoded, as sealed: four steps of live projections (`coldchain.projection.Abreast`), 10 MB decoded."""

WHOLE = -1
"""Record index of a rejection that concerns the whole entry."""

NOTHING = Readings(
    names=(),
    channel=np.empty(0, np.int32),
    measured_at_ms=np.empty(0, np.int64),
    value=np.empty(0, np.float64),
    quality=np.empty(0, np.uint8),
    index=np.empty(0, np.int32),
    units=(),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A decoded batch entry.

    Attributes:
        readings: rows with the server's clock faults marked.
        rejected: (record index or `WHOLE`, reason, detail).
    """

    position: int
    received_at_ms: int
    node: str
    epoch: bytes
    seq: int
    readings: Readings
    rejected: tuple[tuple[int, str, str], ...]


def decode_batch(entry: Entry) -> Batch:
    """Decode a batch entry; content that is unusable becomes rejections, never an error."""
    sealed = open_envelope(entry.raw, hashed=False)
    try:
        pack = decode(unpacked(sealed.pack), sealed.created_ms)
    except RejectedReading as fault:
        return _batch(entry, sealed, NOTHING, ((WHOLE, fault.reason, fault.detail),))
    return _batch(entry, sealed, pack.readings.with_clock_faults(entry.received_at_ms), pack.rejected)


def _batch(entry: Entry, sealed: Sealed, readings: Readings, rejected: tuple[tuple[int, str, str], ...]) -> Batch:
    return Batch(entry.position, entry.received_at_ms, sealed.node, sealed.epoch, sealed.seq, readings, rejected)


class BatchDecoder:
    """Decodes batch entries and remembers the last ones, for projections that follow each other closely.

    Args:
        remembered_bytes: what is remembered, as sealed; 0 for a reader that comes by once.
    """

    def __init__(self, remembered_bytes: int = REMEMBERED_BYTES) -> None:
        self._room = remembered_bytes
        self._batches: OrderedDict[int, tuple[Batch, int]] = OrderedDict()
        self._working = threading.Lock()

    def __call__(self, entry: Entry) -> Batch:
        return self.all([entry])[0]

    def all(self, entries: Iterable[Entry]) -> list[Batch]:
        """Return the batches among some entries, in their order.

        One thread decodes at a time, a whole step: the projections wake at the same commit, and without that each of
        the three decoded nearly everything (a third of the server's CPU).
        """
        with self._working:
            return [self._decoded(entry) for entry in entries if entry.kind is Kind.BATCH]

    def _decoded(self, entry: Entry) -> Batch:
        known = self._batches.get(entry.position)
        if known is not None:
            return known[0]
        batch, size = decode_batch(entry), len(entry.raw)
        self._batches[entry.position] = (batch, size)
        self._room -= size
        while self._room < 0:
            self._room += self._batches.popitem(last=False)[1][1]
        return batch
