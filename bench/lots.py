"""How long a lot's history takes, and the recall list of an excursion, on stores of some size.

Run: ``python -m bench --only lots``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.figures import Figure, at_most
from coldchain.custody.goods import Lot, LotChange, LotPlaced, LotShare
from coldchain.goods.history import Histories
from coldchain.goods.reader import GoodsReader
from coldchain.goods.routes import Routes
from coldchain.goods.store import GoodsStore
from coldchain.goods.where import affected
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Binding, Change, Operator, Point, Probe, Put, Registry, Site
from coldchain.registry.fold import fold
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows
from ingest.projections.goods import GoodsProjection

START_MS = 1_750_032_000_000
DAYS = 30
EVERY_MS = 300_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = START_MS + DAYS * DAY_MS

WAY = ("tanker", "silo", "room-1", "truck", "room-2", "cooler")
ENDS_H = (6, 24, 120, 132, 400, DAYS * 24)
"""When a lot left each of its six assets."""

OTHERS = 500
"""Points whose month lies in the same store."""

LOTS, SHOPS, A_LOT = 5_000, 500, 4
"""Lots in the room of the excursion, shops, and shops that each lot was delivered to."""

TIMES = 20
STEP = 1024


def measure(*, short: bool) -> list[Figure]:
    """Return a lot's history over six assets and 30 days, the recall list of 5,000 lots, and the projection's rate."""
    others, lots = (OTHERS // 10, LOTS // 10) if short else (OTHERS, LOTS)
    with TemporaryDirectory(prefix="coldchain-bench-") as name:
        folder = Path(name)
        registry = fold(
            Entry(at, Kind.CHANGE, 0, Change(put, "bench", "bench").encode())
            for at, put in enumerate(_places(others), 1)
        )
        series = _filled(folder / "series.duckdb", registry)
        store, entries_s = _store(folder / "goods.db", lots)
        reader = GoodsReader(store.engine)
        history_ms = _slowest(lambda: _history(reader, registry, series)) * 1000
        recall_s = _slowest(lambda: _recall(reader, registry, lots))
        series.close()
        store.close()
    return [
        at_most("lot_history_ms", history_ms, "ms", 100),
        at_most("recall_list_s", recall_s, "s", 1),
        Figure("recall_lots", lots, "lots"),
        Figure("goods_entries_per_s", entries_s, "entries/s"),
    ]


def _slowest(work: Callable[[], None]) -> float:
    took = []
    for _ in range(TIMES):
        begin_s = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin_s)
    return sorted(took)[-2]


def _history(reader: GoodsReader, registry: Registry, series: DuckSeries) -> None:
    known = reader.lot("packed")
    assert known is not None
    routes = Routes(reader).to("packed", "asset:cooler", NOW_MS)
    histories = Histories(reader, registry, series, NOW_MS)
    histories.prepare([(known, routes)])
    past = histories.worst(known, routes)
    assert past is not None
    assert [leg.asset for leg in past.legs] == list(WAY)
    assert past.unknown_h < 1


def _recall(reader: GoodsReader, registry: Registry, lots: int) -> None:
    found = affected(reader, registry, "room-2", START_MS, START_MS + HOUR_MS, NOW_MS)
    assert len(found.there) == lots
    assert len(found.received) == lots * A_LOT


def _places(others: int) -> Iterator[Put]:
    yield Operator("chain", "连锁乳业有限公司")
    yield Site("plant", "工厂", "plant", "chain")
    for number in range(SHOPS):
        yield Site(f"shop-{number}", f"{number} 号店", "shop", "chain")
    for asset in (*WAY, *(f"other-{number}" for number in range(others))):
        yield Asset(asset, asset, "walk-in-room", "plant")
        yield Point(f"{asset}.air", asset, "return-air", "temperature", EVERY_MS // 1000, profile="pasteurized")
        yield Probe(f"urn:{asset}")
        yield Binding(f"urn:{asset}", f"{asset}.air", 0)


def _filled(path: Path, registry: Registry) -> DuckSeries:
    series, chance = DuckSeries(path), np.random.default_rng(1)
    at_ms = START_MS + np.arange(0, DAYS * DAY_MS, EVERY_MS)
    for number in range(len(registry.channel_names)):
        celsius = np.round(chance.normal(4, 1, len(at_ms)), 1)
        channel, one = np.full(len(at_ms), number, np.int32), np.full(len(at_ms), number + 1, np.int64)
        series.write(number, number + 1, Rows(channel, at_ms, celsius, np.zeros(len(at_ms), np.uint8), one))
    return series


def _store(path: Path, lots: int) -> tuple[GoodsStore, float]:
    store = GoodsStore.open(path)
    projection = GoodsProjection(store)
    entries = list(_entries(_goods(lots)))
    begin_s = time.perf_counter()
    for at in range(0, len(entries), STEP):
        projection.step(entries[at : at + STEP])
    return store, len(entries) / (time.perf_counter() - begin_s)


def _entries(puts: Iterable[Put]) -> Iterator[Entry]:
    for at, put in enumerate(puts, 1):
        yield Entry(at, Kind.CHANGE, 0, Change(put, "bench", "bench").encode())


def _goods(lots: int) -> Iterator[Put]:
    """Yield the milk and the goods of six assets, and a room full of lots that went to some shops each."""
    yield Lot("milk", "raw_milk", 1000, "L")
    yield Lot("packed", "pasteurized", 900, "件", produced="2025-06-17", expires="2025-07-30")
    begins_h = (0, *ENDS_H)
    yield LotPlaced("milk", "asset:tanker", START_MS, "trip")
    yield LotPlaced("milk", "asset:silo", START_MS + begins_h[1] * HOUR_MS, "trip")
    out = LotShare("packed", 900, "asset:room-1")
    yield LotChange(
        "c", "transformation", START_MS + begins_h[2] * HOUR_MS, (LotShare("milk", 1000, "asset:silo"),), (out,)
    )
    for asset, begin_h in zip(WAY[3:], begins_h[3:], strict=False):
        yield LotPlaced("packed", f"asset:{asset}", START_MS + begin_h * HOUR_MS, "scan")
    for number in range(lots):
        name = f"lot-{number:05}"
        yield Lot(name, "pasteurized", 100, "件")
        yield LotPlaced(name, "asset:room-2", START_MS, "scan")
        for place in range(A_LOT):
            shop, at_ms = (number * A_LOT + place) % SHOPS, START_MS + (5 + place) * HOUR_MS
            yield LotPlaced(name, f"site:shop-{shop}", at_ms, "delivery", quantity=20, taken_from="asset:room-2")
