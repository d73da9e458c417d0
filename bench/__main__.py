"""Every figure beside its limit, measured in one run: ``make bench``, or ``python -m bench --only ingest``.

Each measurement runs in a process of its own, and what it measures in others; all on loopback, in temporary folders.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from bench import (
    claim,
    coldstart,
    door,
    figures,
    fleet,
    kpis,
    latency,
    limits,
    lots,
    notify,
    overload,
    pages,
    registry_import,
    replay,
    restart,
    rules,
    sizes,
    throughput,
    trips,
)
from bench.figures import Figure

Measure = Callable[..., list[Figure]]

MEASURES: dict[str, Measure] = {
    "rules": rules.measure,
    "duckdb": limits.duckdb_append,
    "broker": limits.broker,
    "ingest": throughput.measure,
    "latency": latency.measure,
    "replay": replay.measure,
    "coldstart": coldstart.measure,
    "sizes": sizes.measure,
    "claim": claim.measure,
    "door": door.measure,
    "lots": lots.measure,
    "trips": trips.measure,
    "notify": notify.measure,
    "kpis": kpis.measure,
    "fleet": fleet.measure,
    "overload": overload.measure,
    "registry_import": registry_import.measure,
    "pages": pages.measure,
    "restart": restart.measure,
}


def main() -> None:
    """Measure, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), metavar="NAME")
    parser.add_argument("--short", action="store_true", help="smaller and noisier, for trying")
    chosen = parser.parse_args()
    found: list[Figure] = []
    failed: list[str] = []
    machine = figures.machine()
    for name in chosen.only:
        begin_s = time.perf_counter()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            try:
                found += pool.submit(MEASURES[name], short=chosen.short).result()
            except Exception as fault:  # the other figures are worth having
                print(f"{name}: FAILED: {fault!r}"[:2000], flush=True)
                failed.append(name)
            finally:
                print(f"{name}: {time.perf_counter() - begin_s:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    print(figures.table(found))
    figures.write(found, machine, short=chosen.short)
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
