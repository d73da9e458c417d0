"""A ledger with its projections, and what two of them must have in common whatever order things came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from coldchain.batches import BatchDecoder
from coldchain.latest import LatestStore
from coldchain.ledger import Ledger
from coldchain.projection import Projection
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Span
from ingest.projections import LatestProjection, SeriesProjection
from tests.fakes import MemoryLedger

EVER = (-(1 << 60), 1 << 60)
BOOKS = {
    "series": ("received", "written", "quarantined"),
    "latest": ("received", "counted", "clock", "unbound", "refused", "rejected"),
}


class World:
    """Both projections over one ledger, stores in a folder."""

    def __init__(self, folder: Path, ledger: Ledger | None = None) -> None:
        self.memory = MemoryLedger()
        self.ledger: Ledger = self.memory if ledger is None else ledger
        self.folder = folder
        self.open()

    def open(self) -> None:
        """Open the stores where they stand, as a restarted server does."""
        decoder = BatchDecoder()
        self.series = DuckSeries(self.folder / "series.duckdb")
        self.store = LatestStore.open(self.folder / "latest.sqlite")
        self.projection = SeriesProjection(self.ledger, self.series, decoder)
        self.latest = LatestProjection(self.ledger, self.store, decoder, self.series)

    def close(self) -> None:
        self.series.close()
        self.store.close()

    def project(self, step: int = 256) -> None:
        """Bring both projections to the ledger's end, ``step`` entries at a time; the books must balance."""
        for projection in (self.projection, self.latest):
            follow(projection, self.ledger, step)
        for projection in (self.projection, self.latest):
            assert projection.counters.balance(*BOOKS[projection.name]) == 0
        assert self.projection.counters.balance("resorted", "resorted_written", "resorted_quarantined") == 0

    def readings(self) -> set[tuple[object, ...]]:
        """Return (channel name, time, value, quality, word, other values) of everything in the series."""
        names = self.projection.registry.channel_names
        window = self.series.window([Span(number, *EVER) for number in range(len(names))], *EVER)
        return {
            (
                names[window.channel[row]],
                int(window.measured_at_ms[row]),
                None if np.isnan(window.value[row]) else float(window.value[row]),
                int(window.quality[row]),
                window.words.get(row),
                tuple(window.others.get(row, ())),
            )
            for row in range(len(window))
        }

    def waiting(self) -> Counter[tuple[str, str, str]]:
        """Return (node, name, reason) → how many quarantined records."""
        return Counter((record.node, record.name, record.reason) for record in self.series.quarantine(limit=1 << 30))

    def newest(self) -> set[tuple[object, ...]]:
        """Return (point, time, value, quality, word) of every point with a reading."""
        return {
            (row.point, row.measured_at_ms, row.value, row.quality, row.word)
            for row in self.store.since(-1)
            if row.measured_at_ms is not None
        }


def follow(projection: Projection, ledger: Ledger, step: int) -> None:
    """Apply what the ledger holds, ``step`` entries at a time."""
    while entries := ledger.read(projection.cursor, step):
        projection.step(entries)


@contextmanager
def world(ledger: Ledger | None = None) -> Iterator[World]:
    """Make a world in a folder of its own (hypothesis runs many in one test)."""
    with TemporaryDirectory() as folder:
        made = World(Path(folder), ledger)
        try:
            yield made
        finally:
            made.close()


def seen(world: World) -> Sequence[object]:
    """Return everything that must be equal after the same set of readings and changes."""
    return world.readings(), set(world.waiting()), world.newest()
