"""How long 100,000 points judged by profile take to be judged again after a stop, to be saved, and a late truck's day.

::

    fill ─▶ data folder, closed ─▶ a fresh process: ledger, registry, series, alarms, Judge ─▶ a new batch judged
                                                          └─▶ a truck's day comes 24 h late ─▶ settled

Run: ``python -m bench.restart`` prints where the time goes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from sqlalchemy import select

from alerts.history import SeriesHistory
from alerts.judge import Judge
from alerts.marks import PAUSE_S
from alerts.store import AlertStore, open_alerts
from alerts.tables import episode
from bench.figures import Figure, at_most, table
from bench.shops import KEY, MIDNIGHT_MS, PROFILE, Sealing
from coldchain.batches import BatchDecoder
from coldchain.clock import TestClock
from coldchain.ledger.port import Head, Ledger, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.projection import Projection
from coldchain.registry import CurrentRegistry
from coldchain.registry.changes import Asset, Binding, Change, Node, Operator, Point, Probe, Put, Site
from coldchain.senml import Row
from coldchain.series.duck import DuckSeries
from coldchain.series.duck_open import open_series
from ingest.projections import SeriesProjection

POINTS = 100_000
A_GATEWAY = 100
KINDS = ("glass-door-cooler", "open-multideck")

SAMPLES = 12
EVERY_MS = 300_000
NOW_MS = MIDNIGHT_MS + 3 * 86_400_000 + 3_600_000
"""The last hour before the stop is one sample in 5 min of each point."""

WARM_SHARE, HOT_SHARE = 0.4, 0.03
"""Points above their target, so that a lane of the record is loud; and so warm that somebody is paged."""

TRUCK = "truck"
TRUCK_POINTS, TRUCK_EVERY_MS, TRUCK_PACK = 20, 120_000, 500
DAY_MS = 86_400_000
HEARD_MS = 48 * 3_600_000
"""The truck is heard 3 to 2 days before, not for a day, and again in the last one."""

CHUNK = 1024


class Start(msgspec.Struct, frozen=True):
    """What the fresh process measured, s; ``at`` names the moments since its clock was asked for it."""

    at: dict[str, float]
    rejudge_s: float


def measure(*, short: bool) -> list[Figure]:
    """Return the start, the snapshot of all points, and the re-judge of a truck's day."""
    return _figures(*_measured(POINTS // 10 if short else POINTS))


def _measured(points: int) -> tuple[Start, float]:
    with TemporaryDirectory(prefix="coldchain-bench-") as name:
        folder = Path(name)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            snapshot_s, heads = pool.submit(fill, folder, points).result()
        began_s = time.time()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            start = pool.submit(restarted, folder, began_s, heads).result()
    return start, snapshot_s


def _figures(start: Start, snapshot_s: float) -> list[Figure]:
    figures = [
        at_most("rules_restart_100k_s", start.at["judged"], "s", 15),
        at_most("rules_snapshot_s", snapshot_s, "s", 1),
        at_most("rejudge_truck_day_s", start.rejudge_s, "s", 1),
    ]
    before_s = 0.0
    for what, at_s in start.at.items():
        figures.append(Figure(f"rules_restart_{what}_s", at_s - before_s, "s"))
        before_s = at_s
    return figures


# -- the folder -----------------------------------------------------------------------------------------------


def fill(folder: Path, points: int) -> tuple[float, dict[str, Head]]:
    """Make a server's folder, judge it, and return how long a commit of every point takes, and where chains end.

    The commit is one as a server makes it: numbers of the record's open episodes that it has already may wait.
    """
    ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
    puts = [Change(put, "bench", "restart").encode() for put in registry(points)]
    ledger.change(puts, MIDNIGHT_MS)
    clock, decode = TestClock(NOW_MS - SAMPLES * EVERY_MS), BatchDecoder()
    series, store = DuckSeries(folder / "series.duckdb"), AlertStore.open(folder / "alarms.db")
    newest = CurrentRegistry(ledger, clock)()
    projection = SeriesProjection(ledger, series, decode, registry=newest.copy())
    judge = Judge(store, ledger, SeriesHistory(series), clock, decode, newest.copy())
    gateways = [Sealing(f"gw-{number}") for number in range(points // A_GATEWAY)]
    truck = Sealing(TRUCK)
    _append(ledger, list(truck_day(truck, NOW_MS - HEARD_MS - DAY_MS)), clock)
    chance = np.random.default_rng(1)
    usual = usual_celsius(points)
    for sample in range(SAMPLES):
        at_ms = NOW_MS - (SAMPLES - sample) * EVERY_MS
        _append(ledger, [one(g, n, at_ms, usual, chance) for n, g in enumerate(gateways)], clock)
        if sample == SAMPLES - 1:
            _append(ledger, list(truck_day(truck, NOW_MS - DAY_MS)), clock)
        _follow(judge, ledger)
        _follow(projection, ledger)
        judge.settle()
        judge.idle()
        clock.advance_sync(EVERY_MS / 1000)
    judge.idle()
    _append(ledger, [one(g, n, NOW_MS, usual, chance) for n, g in enumerate(gateways)], clock)
    _follow(judge, ledger)  # the clock stands: nothing of it is committed
    begin_s = time.perf_counter()
    judge.commit()
    snapshot_s = time.perf_counter() - begin_s
    judge.idle()
    _follow(projection, ledger)
    store.close()
    series.close()
    ledger.close()
    return snapshot_s, {gateway.node: gateway.head for gateway in (*gateways, truck)}


def registry(points: int) -> Iterator[Put]:
    """Yield gateways with 100 coolers each, and a truck; all by profile, no rule by hand."""
    yield Operator("chain", "Chain")
    for number in range(points // A_GATEWAY):
        yield Site(f"shop-{number}", f"Shop {number}", "shop", "chain")
        yield Node(f"gw-{number}", f"shop-{number}", (KEY.hex(),))
    for number in range(points):
        asset = f"cooler-{number:06}"
        yield Asset(asset, asset, KINDS[number % 2], f"shop-{number // A_GATEWAY}")
        yield from _probe(f"{asset}.air", asset, "return-air", channel_of(number), EVERY_MS)
    yield Site(TRUCK, "Truck", "vehicle", "chain")
    yield Node(TRUCK, TRUCK, (KEY.hex(),))
    yield Asset(TRUCK, "Truck", "reefer", TRUCK)
    for number in range(TRUCK_POINTS):
        yield from _probe(f"{TRUCK}.{number}", TRUCK, "middle", f"urn:truck:{number}", TRUCK_EVERY_MS)


def _probe(point: str, asset: str, position: str, channel: str, every_ms: int) -> Iterator[Put]:
    yield Point(point, asset, position, "temperature", every_ms // 1000, profile=PROFILE)
    yield Probe(channel)
    yield Binding(channel, point, 0)


def channel_of(number: int) -> str:
    """Return the name under which a cooler's probe speaks."""
    return f"urn:dev:mac:{number:016x}:temperature"


def usual_celsius(points: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how warm each cooler stands."""
    drawn = np.random.default_rng(2).random(points)
    return np.where(drawn < HOT_SHARE, 14.0, np.where(drawn < HOT_SHARE + WARM_SHARE, 7.5, 4.0))


def one(gateway: Sealing, number: int, at_ms: int, usual: np.ndarray[tuple[int], np.dtype[np.float64]],
        chance: np.random.Generator) -> Run:  # fmt: skip
    """Return a batch with a sample of each of a gateway's points."""
    here = range(number * A_GATEWAY, (number + 1) * A_GATEWAY)
    celsius = np.round(usual[here.start : here.stop] + chance.normal(0, 0.3, A_GATEWAY), 2).tolist()
    rows = [Row(channel_of(n), at_ms + n % 1000, value, "Cel") for n, value in zip(here, celsius, strict=True)]
    return gateway.run(rows, at_ms + 1000)


def truck_day(truck: Sealing, from_ms: int) -> Iterator[Run]:
    """Yield a day of a truck's samples, as full packs; its air is too warm for an hour at noon."""
    chance = np.random.default_rng(from_ms)
    rows: list[Row] = []
    for at_ms in range(from_ms, from_ms + DAY_MS, TRUCK_EVERY_MS):
        celsius = 3.5 if abs(at_ms - from_ms - DAY_MS // 2) > 1_800_000 else 13.0
        said = np.round(celsius + chance.normal(0, 0.2, TRUCK_POINTS), 2).tolist()
        rows += [Row(f"urn:truck:{number}", at_ms, said[number], "Cel") for number in range(TRUCK_POINTS)]
        if len(rows) >= TRUCK_PACK:
            yield truck.run(rows, at_ms)
            rows = []
    if rows:
        yield truck.run(rows, from_ms + DAY_MS)


def _append(ledger: Ledger, runs: list[Run], clock: TestClock) -> None:
    ledger.append(runs, clock.now_ms())


def _follow(projection: Projection, ledger: Ledger) -> None:
    while entries := ledger.read(projection.cursor, CHUNK):
        projection.step(entries)


# -- the start ------------------------------------------------------------------------------------------------


def restarted(folder: Path, began_s: float, heads: dict[str, Head]) -> Start:
    """Open everything that a judge needs, judge a new batch; then let a truck's day come late."""
    at = {"process": time.time() - began_s}
    ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
    end = ledger.end()
    series, store = open_series(folder / "series.duckdb", end), open_alerts(folder / "alarms.db", end)
    clock, decode = TestClock(NOW_MS + EVERY_MS), BatchDecoder()
    at["files"] = time.time() - began_s
    newest = CurrentRegistry(ledger, clock)()
    at["registry"] = time.time() - began_s
    judge = Judge(store, ledger, SeriesHistory(series), clock, decode, newest.copy())
    at["judge"] = time.time() - began_s
    gateway = Sealing("gw-0", heads["gw-0"])
    points = A_GATEWAY * (len(heads) - 1)
    new = one(gateway, 0, NOW_MS + EVERY_MS, usual_celsius(points), np.random.default_rng(3))
    _append(ledger, [new], clock)
    _follow(judge, ledger)
    judge.commit()
    at["judged"] = time.time() - began_s
    projection = SeriesProjection(ledger, series, decode, registry=newest.copy())
    truck = Sealing(TRUCK, heads[TRUCK])
    _follow(projection, ledger)
    judge.idle()
    late = list(truck_day(truck, NOW_MS - HEARD_MS))
    begin_s = time.perf_counter()
    _append(ledger, late, clock)
    _follow(projection, ledger)
    _follow(judge, ledger)
    while judge.waiting:
        clock.advance_sync(PAUSE_S)  # as the server does, without its waiting
        judge.idle()
    rejudge_s = time.perf_counter() - begin_s
    assert not judge.waiting
    with store.engine.connect() as connection:
        chosen = select(episode.c.point).where(episode.c.onset_ms.between(NOW_MS - HEARD_MS, NOW_MS - DAY_MS))
        assert len(connection.execute(chosen).all()) >= TRUCK_POINTS
    store.close()
    series.close()
    ledger.close()
    return Start(at, rejudge_s)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=POINTS)
    print(table(_figures(*_measured(parser.parse_args().points))))
