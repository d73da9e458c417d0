"""Many trucks at once: what judging all of their trips costs, how old the verdicts are, and whether points wait for it.

::

    a dozen simulated trips ─▶ copied to every vehicle, all of them in their last third ─▶ history, judged once
                                                    │
    fixes each 30 s, milk each minute ──────────────┴─▶ ledger ─▶ series, Judge: as much time as they need passes

Time is the processor's: what nobody works in is left out (`BusyClock`), so a figure is the same on a busy machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from sqlalchemy import select

from alerts.history import SeriesHistory
from alerts.judge import Judge
from alerts.store import AlertStore
from alerts.tables import trip as trip_table
from bench.figures import Figure, at_most, table
from bench.shops import KEY, MIDNIGHT_MS, Sealing
from coldchain.batches import BatchDecoder
from coldchain.custody import Trip, TripStop
from coldchain.ledger.port import Run
from coldchain.ledger.sql import SqlLedger
from coldchain.projection import GATHER_S, IDLE_S, Projection
from coldchain.registry import CurrentRegistry
from coldchain.registry.changes import Asset, Binding, Change, Fence, Node, Operator, Point, Probe, Put, Site
from coldchain.senml import Row
from coldchain.series.duck import DuckSeries
from firmware_sim.traffic import Trip as Simulated
from firmware_sim.traffic import trips
from ingest.projections import SeriesProjection

SEED = 20_261_124
SOME, MANY = 300, 1000
VEHICLES = (SOME, MANY)

PATTERNS = 12
"""Different trips; every vehicle drives one of them."""
LASTED_H = 5.0, 8.0
LATE = 0.7, 0.9
"""How much of the trip lies behind when it is looked at; the vehicles stand in between."""

FIX_MS, MILK_MS = 30_000, 60_000
HEARD_MS = 1_000
"""From measuring to the ledger."""

PACK_ROWS = 400
WARM_S = 60
"""Not measured: all trips were judged at once, just before."""

LIVE_S, SHORT_LIVE_S = 180, 60
NOW_MS = MIDNIGHT_MS + 15 * 3_600_000
CHUNK = 1024

RADIUS_M = {"load": 250.0, "unload": 200.0, "return": 300.0}
UNITS = {"lat": "lat", "lon": "lon", "speed": "m/s", "milk": "Cel"}
QUANTITIES = {"lat": "latitude", "lon": "longitude", "speed": "speed", "milk": "temperature"}


class BusyClock:
    """A clock that goes while somebody works, as long as the processor does, and stands while nobody does."""

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms
        self._passed_s = 0.0
        self._since_s: float | None = None

    def now_ms(self) -> int:
        return self._start_ms + round(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        return self._passed_s if self._since_s is None else self._passed_s + time.process_time() - self._since_s

    async def sleep(self, seconds: float) -> None:
        self.skip(seconds)

    def skip(self, seconds: float) -> None:
        """Let time pass in which nobody works."""
        self._passed_s += seconds

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let the time pass that the work inside takes."""
        self._since_s = time.process_time()
        yield
        self._passed_s, self._since_s = self.monotonic_s(), None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle on its trip.

    Attributes:
        moved_ms: added to the simulated times.
    """

    name: str
    drives: Simulated
    moved_ms: int

    def plan(self) -> Trip:
        """Return its trip."""
        stops = [
            TripStop(
                _site(self.drives, one.name), one.purpose,
                one.arrives_ms + self.moved_ms, one.leaves_ms + self.moved_ms,
                None if one.window_from_ms is None else one.window_from_ms + self.moved_ms,
                None if one.window_to_ms is None else one.window_to_ms + self.moved_ms,
            )
            for one in self.drives.plan.stops
        ]  # fmt: skip
        plan = self.drives.plan
        return Trip(f"trip-{self.name}", plan.kind, self.name, tuple(stops), plan.route, plan.distance_m)

    def rows(self, from_ms: int, to_ms: int) -> Iterator[Row]:
        """Yield what it says of [from, to)."""
        heard = self.drives.heard
        t = heard.t_ms + self.moved_ms
        begin, end = np.searchsorted(t, [from_ms, to_ms]).tolist()
        minute = -1
        for row in range(begin, end):
            at_ms = int(t[row])
            said = {"lat": heard.latitude_deg[row], "lon": heard.longitude_deg[row], "speed": heard.speed_m_per_s[row]}
            if at_ms // MILK_MS != minute:
                minute = at_ms // MILK_MS
                said["milk"] = 3.5 + 0.3 * np.sin(row / 20)
            for what, value in said.items():
                yield Row(f"urn:{self.name}:{what}", at_ms, round(float(value), 6), UNITS[what])


def fleet_of(count: int) -> list[Vehicle]:
    """Return vehicles that are all in the last third of a trip of about six hours at `NOW_MS`."""
    patterns: list[Simulated] = []
    for one in trips(400, SEED):
        lasted_h = (int(one.heard.t_ms[-1]) - int(one.heard.t_ms[0])) / 3_600_000
        if one.heard.interval_s * 1000 == FIX_MS and LASTED_H[0] <= lasted_h <= LASTED_H[1]:
            patterns.append(one)
        if len(patterns) == PATTERNS:
            break
    found = []
    for number in range(count):
        drives = patterns[number % PATTERNS]
        first, last = int(drives.heard.t_ms[0]), int(drives.heard.t_ms[-1])
        gone = LATE[0] + (LATE[1] - LATE[0]) * (number // PATTERNS) / max(count // PATTERNS, 1)
        found.append(Vehicle(f"truck-{number:04}", drives, NOW_MS - first - round(gone * (last - first))))
    return found


def registered(fleet: Sequence[Vehicle]) -> Iterator[Put]:
    """Yield what the fleet needs to be registered, its trips last."""
    yield Operator("op", "Operator")
    for drives in {one.drives.number: one.drives for one in fleet}.values():
        for stop in {stop.name: stop for stop in drives.plan.stops}.values():
            site, place = _site(drives, stop.name), (stop.latitude_deg, stop.longitude_deg)
            yield Site(site, site, "station", "op", latitude=place[0], longitude=place[1], coordinates="WGS-84")
            yield Fence(site, 0, *place, RADIUS_M[stop.purpose], coordinates="WGS-84")
    for one in fleet:
        yield Site(one.name, one.name, "vehicle", "op")
        yield Node(f"gw-{one.name}", one.name, (KEY.hex(),))
        yield Asset(f"{one.name}.tank", one.name, "tanker", one.name)
        for what, quantity in QUANTITIES.items():
            point, channel = f"{one.name}.{what}", f"urn:{one.name}:{what}"
            every_s = (MILK_MS if what == "milk" else FIX_MS) // 1000
            profile = "raw-milk" if what == "milk" else ""
            yield Point(point, f"{one.name}.tank", what, quantity, every_s, UNITS[what], profile=profile)
            yield Probe(channel)
            yield Binding(channel, point, 0)
    for one in fleet:
        yield one.plan()


@dataclass(frozen=True, slots=True)
class Driven:
    """What was measured while a fleet drove.

    Attributes:
        live_s: how long it drove; ``judging_s``, ``points_s``: of these the judge worked in quiet (on trips, and on
            what else waits for it), and on points.
        judged: how often a trip was.
        age_s: shape (n,), how old the newest reading was that a trip's view rests on, of each trip each second.
        waited_s: the longest that a batch waited to be judged.
    """

    live_s: float
    judging_s: float
    points_s: float
    judged: int
    age_s: np.ndarray[tuple[int], np.dtype[np.float64]]
    waited_s: float


class _Newest(msgspec.Struct):
    newest_ms: int | None = None


_newest = msgspec.json.Decoder(_Newest).decode


def drive(folder: Path, count: int, live_s: float) -> Driven:
    """Let a fleet drive for a while and judge it."""
    fleet, clock, decode = fleet_of(count), BusyClock(NOW_MS), BatchDecoder()
    ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
    ledger.change([Change(put, "bench", "fleet").encode() for put in registered(fleet)], MIDNIGHT_MS)
    series, store = DuckSeries(folder / "series.duckdb"), AlertStore.open(folder / "alarms.db")
    newest = CurrentRegistry(ledger, clock)()
    kept = SeriesProjection(ledger, series, decode, registry=newest.copy())
    judge = Judge(store, ledger, SeriesHistory(series), clock, decode, newest.copy())
    gateways = {one.name: Sealing(f"gw-{one.name}") for one in fleet}
    for one in fleet:
        ledger.append([gateways[one.name].run(pack, NOW_MS) for pack in _packs(list(one.rows(0, NOW_MS)))], NOW_MS)
    _follow(kept, ledger)
    _follow(judge, ledger)
    judge.settle()
    coming = sorted(_coming(fleet, gateways, WARM_S + live_s), key=lambda each: each[0])
    live = _Live(coming, clock, ledger, kept, judge, store)
    try:
        live.drive(WARM_S)
        live.measure()
        live.drive(live_s)
    finally:
        store.close()
        series.close()
        ledger.close()
    return Driven(live_s, live.judging_s, live.points_s, live.judged, np.concatenate(live.ages_s), live.waited_s)


def _packs(rows: list[Row]) -> Iterator[list[Row]]:
    for begin in range(0, len(rows), PACK_ROWS):
        yield rows[begin : begin + PACK_ROWS]


def _coming(fleet: Sequence[Vehicle], gateways: Mapping[str, Sealing], live_s: float) -> Iterator[tuple[int, Run]]:
    """Yield when each batch comes, ms, one a fix."""
    for one in fleet:
        rows = list(one.rows(NOW_MS, NOW_MS + round(live_s * 1000)))
        for at_ms, fix in groupby(rows, key=lambda row: row.measured_at_ms):
            yield at_ms + HEARD_MS, gateways[one.name].run(list(fix), at_ms)


class _Live:
    """The judge of a fleet, with news each moment, as a server's thread runs it (`coldchain.projection.Follower`)."""

    def __init__(
        self,
        coming: Sequence[tuple[int, Run]],
        clock: BusyClock,
        ledger: SqlLedger,
        kept: Projection,
        judge: Judge,
        store: AlertStore,
    ) -> None:
        self._coming, self._place = coming, 0
        self._clock, self._ledger, self._kept, self._judge, self._store = clock, ledger, kept, judge, store
        self._newest: dict[str, int] = {}
        self._changed = -1
        self._look()
        self.measure()

    def measure(self) -> None:
        """Begin to measure."""
        self.judging_s = self.points_s = self.waited_s = 0.0
        self.judged = 0
        self.ages_s: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []

    def drive(self, live_s: float) -> None:
        """Let batches come until a time is over."""
        clock, coming, place = self._clock, self._coming, self._place
        end_s, second = clock.monotonic_s() + live_s, clock.monotonic_s()
        while clock.monotonic_s() < end_s:
            begin, now_ms = place, clock.now_ms()
            while place < len(coming) and coming[place][0] <= now_ms:
                place += 1
            if place > begin:
                self._ledger.append([run for _, run in coming[begin:place]], now_ms)
                _follow(self._kept, self._ledger)
            self._work(coming[begin][0] if place > begin else None)
            self.judged += self._look()
            while second < clock.monotonic_s():
                self.ages_s.append(NOW_MS / 1000 + second - np.array(list(self._newest.values())) / 1000)
                second += 1.0
            ahead_s = (coming[place][0] - clock.now_ms()) / 1000 + GATHER_S if place < len(coming) else IDLE_S
            clock.skip(min(max(ahead_s, 0.0), IDLE_S))
        self._place = place

    def _work(self, first_ms: int | None) -> None:
        begin_s = self._clock.monotonic_s()
        with self._clock.working():
            _follow(self._judge, self._ledger)
        middle_s = self._clock.monotonic_s()
        if first_ms is not None:
            self.waited_s = max(self.waited_s, (self._clock.now_ms() - first_ms) / 1000)
        with self._clock.working():
            self._judge.idle()
        self.points_s += middle_s - begin_s
        self.judging_s += self._clock.monotonic_s() - middle_s

    def _look(self) -> int:
        """Read how new the views are that were written since the last time; return how many."""
        chosen = select(trip_table.c.id, trip_table.c.judged, trip_table.c.changed)
        found = 0
        with self._store.engine.connect() as connection:
            for row in connection.execute(chosen.where(trip_table.c.changed > self._changed)).all():
                self._newest[row.id] = _newest(row.judged).newest_ms or 0
                self._changed = max(self._changed, row.changed)
                found += 1
        return found


def _site(drives: Simulated, stop: str) -> str:
    return f"{drives.number}-{stop}"


def _follow(projection: Projection, ledger: SqlLedger) -> None:
    while entries := ledger.read(projection.cursor, CHUNK):
        projection.step(entries)


def measure(*, short: bool) -> list[Figure]:
    """Return what judging the trips of a few hundred and of a thousand vehicles takes."""
    return list(_figures(VEHICLES, SHORT_LIVE_S if short else LIVE_S))


def _figures(vehicles: Sequence[int], live_s: float) -> Iterator[Figure]:
    for count in vehicles:
        with TemporaryDirectory(prefix="coldchain-bench-") as folder:
            found = drive(Path(folder), count, live_s)
        share = 100 * found.judging_s / found.live_s
        name = f"fleet_{count}"
        old_s = float(np.quantile(found.age_s, 0.99))
        yield Figure(f"{name}_trip_ms", 1000 * found.judging_s / max(found.judged, 1), "ms a trip judged")
        if count == SOME:
            yield at_most(f"{name}_core", share, "% of a core", 25)
            yield Figure(f"{name}_age_p99_s", old_s, "s")
        else:
            yield Figure(f"{name}_core", share, "% of a core")
            yield at_most(f"{name}_age_p99_s", old_s, "s", 60)
        yield Figure(f"{name}_age_p50_s", float(np.median(found.age_s)), "s")
        yield Figure(f"{name}_judged_a_minute", 60 * found.judged / found.live_s / count, "times a trip")
        yield Figure(f"{name}_points_core", 100 * found.points_s / found.live_s, "% of a core")
        yield at_most(f"{name}_points_wait_s", found.waited_s, "s", 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vehicles", type=int, nargs="+", default=VEHICLES)
    parser.add_argument("--seconds", type=float, default=SHORT_LIVE_S)
    chosen = parser.parse_args()
    print(table(list(_figures(chosen.vehicles, chosen.seconds))))
