"""Make a projection's store anew from the ledger: when in doubt, after a restore, on a new layout.

The new store grows beside the old one and takes its place when it is complete, so a rebuild that is broken off
leaves everything as it was. Every record is sorted once, under the registry of the ledger's end.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from coldchain.batches import BatchDecoder
from coldchain.goods.store import GoodsStore
from coldchain.latest import LatestStore
from coldchain.ledger.port import Ledger
from coldchain.papers.store import PaperStore
from coldchain.projected import ProjectedStore
from coldchain.projection import CHUNK, Projection
from coldchain.registry import registry_at
from coldchain.series.duck import MEMORY_LIMIT_MB, DuckSeries
from coldchain.series.duck_schema import UnusableFile
from ingest.projections.goods import GoodsProjection
from ingest.projections.latest import LatestProjection
from ingest.projections.papers import PaperProjection
from ingest.projections.series import SeriesProjection

SIDE_FILES = ("", ".wal", "-wal", "-shm")

S = TypeVar("S", bound=ProjectedStore)

Progress = Callable[[int, int], None]
"""Called after every step with (position reached, the ledger's last position)."""


def rebuild_series(
    ledger: Ledger,
    path: Path,
    progress: Progress | None = None,
    *,
    chunk: int = CHUNK,
    memory_limit_mb: int = MEMORY_LIMIT_MB,
    tidy_before_ms: int | None = None,
) -> int:
    """Rebuild the DuckDB series file; return the position reached.

    Args:
        tidy_before_ms: rewrite the days that ended before this time, too (ms UTC).

    Raises:
        ConfigError: a server has the file open.
    """
    if path.exists():
        with contextlib.suppress(UnusableFile):
            DuckSeries(path, memory_limit_mb=memory_limit_mb).close()
    fresh = _fresh(path)
    series = DuckSeries(fresh, memory_limit_mb=memory_limit_mb)
    try:
        registry = registry_at(ledger, ledger.end())
        _follow(SeriesProjection(ledger, series, BatchDecoder(0), registry=registry), ledger, progress, chunk)
        if tidy_before_ms is not None:
            series.tidy(tidy_before_ms)
        reached = series.cursor()
    finally:
        series.close()
    _replace(path, fresh)
    return reached


def rebuild_latest(ledger: Ledger, path: Path, progress: Progress | None = None, *, chunk: int = CHUNK) -> int:
    """Rebuild the latest values; return the position reached. No server may have the file open."""
    fresh = _fresh(path)
    store = LatestStore.open(fresh)
    try:
        registry = registry_at(ledger, ledger.end())
        _follow(LatestProjection(ledger, store, BatchDecoder(0), registry=registry), ledger, progress, chunk)
        reached = store.cursor()
    finally:
        store.close()
    _replace(path, fresh)
    return reached


def rebuild_goods(ledger: Ledger, path: Path, progress: Progress | None = None, *, chunk: int = CHUNK) -> int:
    """Rebuild where the goods were and are; return the position reached. No server may have the file open."""
    return _rebuild_entries(ledger, path, GoodsStore, GoodsProjection, progress, chunk)


def rebuild_papers(ledger: Ledger, path: Path, progress: Progress | None = None, *, chunk: int = CHUNK) -> int:
    """Rebuild the papers; return the position reached. No server may have the file open."""
    return _rebuild_entries(ledger, path, PaperStore, PaperProjection, progress, chunk)


def _rebuild_entries(
    ledger: Ledger,
    path: Path,
    kind: type[S],
    over: Callable[[S], GoodsProjection | PaperProjection],
    progress: Progress | None,
    chunk: int,
) -> int:
    fresh = _fresh(path)
    store = kind.open(fresh)
    try:
        projection = over(store)
        _follow(projection, ledger, progress, chunk)
        projection.save()
        reached = store.cursor()
    finally:
        store.close()
    _replace(path, fresh)
    return reached


def _follow(projection: Projection, ledger: Ledger, progress: Progress | None, chunk: int) -> None:
    while entries := ledger.read(projection.cursor, chunk):
        projection.step(entries)
        if progress is not None:
            progress(projection.cursor, ledger.end())


def _fresh(path: Path) -> Path:
    fresh = path.with_name(path.name + ".rebuilding")
    for suffix in SIDE_FILES:
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    return fresh


def _replace(path: Path, fresh: Path) -> None:
    for suffix in SIDE_FILES[1:]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    fresh.replace(path)
