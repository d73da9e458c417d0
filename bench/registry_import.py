"""How long a chain's workbook takes to be in the registry: the command from its start, and the server behind it.

Run: ``python -m bench --only registry_import``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, at_most
from bench.process import python, started
from bench.stand import stand
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Binding, LimitRule, Node, Operator, Point, Probe, Put, Region, Registry, Site
from coldchain.registry.changes import Change
from coldchain.registry.exporting import sheets_of
from coldchain.registry.fold import fold
from coldchain.registry.writing import write_file

SITES = 2_000
POINTS_A_SITE = 3
"""Return air and product of a cooler, and its door: 6,000 points on 2,000 assets."""

GOAL_S = 20.0


def measure(*, short: bool) -> list[Figure]:
    """Return the command's time for a workbook in Chinese, again with nothing to do, and the server's to follow."""
    sites = SITES // 10 if short else SITES
    with stand() as made, tempfile.TemporaryDirectory(prefix="coldchain-bench-") as folder:
        book = Path(folder) / "registry.xlsx"
        write_file(book, sheets_of(chain_of_shops(sites)), "zh")
        command = python("coldchain.cli", "registry", "import", str(book), "--data", str(made.data), "--lang", "zh")
        with made.server() as server:
            import_s = _run(command, made.log("import"))
            begin_s = time.perf_counter()
            server.until_projected()
            follow_s = time.perf_counter() - begin_s
        again_s = _run(command, made.log("again"))
    return [
        at_most("registry_import_s", import_s, "s", GOAL_S),
        Figure("registry_import_sites", sites, "sites"),
        Figure("registry_import_points", sites * POINTS_A_SITE, "points"),
        Figure("registry_import_projected_s", follow_s, "s"),
        Figure("registry_import_again_s", again_s, "s"),
    ]


def chain_of_shops(sites: int) -> Registry:
    """Return a registry of shops, each with a gateway and a cooler with three points."""
    puts = enumerate(_puts(sites), 1)
    return fold(Entry(at, Kind.CHANGE, 0, Change(put, "bench", "bench").encode()) for at, put in puts)


def _puts(sites: int) -> Iterator[Put]:
    yield Operator("chain", "连锁乳业有限公司", "91350100M000100Y43", "JY13501000000000", "2031-03-31")
    yield Region("east", "华东")
    for number in range(sites):
        site, asset = f"{number:05}", f"C{number:05}"
        yield Site(
            site, f"{number} 号店", "shop", "chain", f"上海市示例路 {number} 号", region="east",
            opening_hours="08:00-22:00", latitude=31.0 + number / 1e4, longitude=121.0 + number / 1e4,
            coordinates="GCJ-02", manager="张三", food_safety_officer="李四", phone=f"138{number:08}",
        )  # fmt: skip
        yield Node(f"gw-{site}", site, (f"{number:064x}",))
        yield Asset(asset, "冷藏柜", "glass-door-cooler", site, "示例 SC-400", 400.0, "2024-05-01")
        for position, quantity, unit in (
            ("return-air", "temperature", "Cel"), ("product", "temperature", "Cel"), ("door", "door", ""),
        ):  # fmt: skip
            point, channel = f"{asset}.{position}", f"urn:dev:mac:{number:016x}:{position}"
            yield Point(point, asset, position, quantity, 300, unit)
            yield Probe(channel)
            yield Binding(channel, point, 0)
            if quantity == "temperature":
                yield LimitRule(point, 0, 8.0, 0.0)


def _run(command: list[str], log: Path) -> float:
    begin_s = time.perf_counter()
    with started(command, log) as process:
        process.wait(600)
    return time.perf_counter() - begin_s
