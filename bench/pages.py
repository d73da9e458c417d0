"""How often coolers page whom, and whether any dead one is missed: two weeks of 2,000 drawn coolers, judged for real.

::

    bench.shops ─▶ sealed batches ─▶ ledger ─▶ series ─▶ history ─┐
                                       ├──▶ judge (a clock of 5 min steps) ─▶ alarms ─▶ pages
                                       └──▶ learner, by night and in the first hours ─▶ ledger

Everything is the server's own but broker, signatures and time. Nobody acknowledges anything. Each population is a run
of its own; failures that are repaired, to have more of them, are a third one that counts for nothing else.
Run: ``python -m bench.pages`` prints by kind, week, rule and standing too warm.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import structlog
from sqlalchemy import select

from alerts.history import SeriesHistory
from alerts.judge import Judge
from alerts.learner import Learner
from alerts.store import AlertStore
from alerts.tables import alarm
from bench.figures import Figure, at_most, table
from bench.shops import MIDNIGHT_MS, REPAIRED_S, STEP_S, Failure, Shops, shops
from coldchain.batches import BatchDecoder
from coldchain.clock import TestClock
from coldchain.database import open_sqlite
from coldchain.ledger.sql import SqlLedger
from coldchain.projection import catch_up
from coldchain.series.duck import DuckSeries
from firmware_sim.populations import Cooler
from ingest.projections import SeriesProjection

SEED = 2026
COOLERS, DAYS = 2_000, 14
SHORT_COOLERS, SHORT_DAYS = 300, 5

MANY_COOLERS = 600
MANY_A_COOLER_DAY = 1 / 100

SERIES_STEPS = 12
"""The series follow once an hour, as with a slow store; the judge does not wait for them (`alerts.history.Tail`).
At each step they cost as much as the judge."""

SILENCES = ("silence", "node-silence", "probes-silent", "server-deaf")
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS

TOO_LATE_MS = 3 * 3_600_000
"""Failures that end, or lie, within the last 3 h are not looked at: nobody can say that their page did not come."""


@dataclass(frozen=True, slots=True)
class Page:
    """Somebody's telephone rang."""

    at_ms: int
    asset: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """A failure, and how long it took to its first page; None: missed.

    Attributes:
        before: whether the asset had paged within 12 h before, so that a page budget could have kept it quiet.
        learnt: whether it was known by then what is usual.
    """

    failure: Failure
    cooler: Cooler
    warm: bool
    after_min: float | None
    before: bool
    learnt: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a run.

    Attributes:
        silences: alarms of silence, paged or not.
        took_s: seconds by what they went to.
    """

    shops: Shops
    pages: tuple[Page, ...]
    found: tuple[Found, ...]
    silences: int
    took_s: dict[str, float]

    def pages_a_day(self, which: Callable[[Page], bool] = lambda page: True) -> float:
        """Return pages a cooler and day."""
        return sum(map(which, self.pages)) / len(self.shops.coolers) / self.shops.days

    def minutes(self, which: Callable[[Found], bool]) -> list[float]:
        """Return how long the failures took that were found."""
        return [found.after_min for found in self.found if found.after_min is not None and which(found)]

    @property
    def missed(self) -> int:
        """How many failures were never paged."""
        return sum(found.after_min is None for found in self.found)

    @property
    def false_silences_a_day(self) -> float:
        """Pages of silence; nothing is ever silent here but for the radio."""
        return sum(page.rule in SILENCES for page in self.pages) / self.shops.days


def measure(*, short: bool) -> list[Figure]:
    """Return the figures of both populations, the worse under the plain name."""
    return _figures(*_all(short=short))


def told(made: Shops, learner: type[Learner] = Learner) -> Told:
    """Judge what was measured, as a server would have."""
    took: Counter[str] = Counter()
    with TemporaryDirectory(prefix="coldchain-bench-") as name:
        folder = Path(name)
        ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
        series = DuckSeries(folder / "series.duckdb")
        store = AlertStore(open_sqlite(folder / "alerts.db", synchronous="OFF"))
        clock, decode = TestClock(MIDNIGHT_MS), BatchDecoder()
        ledger.change([change.encode() for change in made.registry()], clock.now_ms())
        projection, history = SeriesProjection(ledger, series, decode), SeriesHistory(series)
        judge = Judge(store, ledger, history, clock, decode)
        learning = learner(ledger, history, lambda: projection.registry, clock)
        catch_up(projection, ledger)
        catch_up(judge, ledger)
        pages = _Pages(store)
        sealing = made.gateways()
        learnt_ms: int | None = None
        for step in range(len(made.celsius)):
            clock.advance_sync(STEP_S)
            with _timed(took, "seal"):
                runs = made.runs(step, sealing)
            with _timed(took, "ledger"):
                ledger.append(runs, clock.now_ms())
            midnight = clock.now_ms() % DAY_MS == 0
            if midnight or step % SERIES_STEPS == 0:
                with _timed(took, "series"):
                    catch_up(projection, ledger)
            with _timed(took, "judge"):
                catch_up(judge, ledger)
            with _timed(took, "pages"):
                pages.look(clock.now_ms())
            if midnight:
                with _timed(took, "tidy"):
                    series.tidy(clock.now_ms())
                with _timed(took, "learn"):
                    learning.night()
            elif step % SERIES_STEPS == 0:
                with _timed(took, "learn"):
                    if learning.first_hours() and learnt_ms is None:
                        learnt_ms = clock.now_ms()
        silences = pages.silences()
        store.close()
        series.close()
        ledger.close()
    return Told(made, tuple(pages.all), tuple(found(made, pages.all, learnt_ms)), silences, dict(took))


def found(made: Shops, pages: Sequence[Page], learnt_ms: int | None) -> Iterator[Found]:
    """Yield each failure with the first page of its asset from its start to its end; a page of silence finds nothing.

    Args:
        learnt_ms: since when it is known what is usual.
    """
    place = {cooler.asset.id: number for number, cooler in enumerate(made.coolers)}
    rang: dict[str, list[int]] = {}
    for page in pages:
        if page.rule not in SILENCES:
            rang.setdefault(page.asset, []).append(page.at_ms)
    for failure in made.failures:
        if failure.start_ms > made.end_ms - TOO_LATE_MS:
            continue
        times = sorted(rang.get(failure.asset, []))
        first_ms = next((at for at in times if failure.start_ms <= at <= failure.end_ms), None)
        number = place[failure.asset]
        yield Found(
            failure,
            made.coolers[number],
            bool(made.warm[number]),
            None if first_ms is None else (first_ms - failure.start_ms) / 60_000,
            any(failure.start_ms - 12 * 3_600_000 <= at < failure.start_ms for at in times),
            learnt_ms is not None and failure.start_ms >= learnt_ms,
        )


class _Pages:
    """Collects every page that was decided: an alarm's first, and each time that it pages again."""

    def __init__(self, store: AlertStore) -> None:
        self.all: list[Page] = []
        self._engine = store.engine
        self._change = 0
        self._known: set[tuple[str, int, str]] = set()

    def look(self, now_ms: int) -> None:
        """Take what was written since the last look."""
        chosen = select(
            alarm.c.id, alarm.c.version, alarm.c.telling_reason, alarm.c.telling, alarm.c.asset, alarm.c.rule,
            alarm.c.changed,
        ).where(alarm.c.changed > self._change)  # fmt: skip
        with self._engine.connect() as connection:
            rows = connection.execute(chosen).all()
        self._change = max((row.changed for row in rows), default=self._change)
        for row in rows:
            key = row.id, row.version, row.telling_reason
            if row.telling == "page" and key not in self._known:
                self._known.add(key)
                self.all.append(Page(now_ms, row.asset, row.rule, row.telling_reason))

    def silences(self) -> int:
        """Return how many alarms of silence there are."""
        with self._engine.connect() as connection:
            return len(connection.execute(select(alarm.c.id).where(alarm.c.rule.in_(SILENCES))).all())


class _timed:
    """Adds what passes inside to a sum."""

    def __init__(self, took: Counter[str], name: str) -> None:
        self._took, self._name = took, name

    def __enter__(self) -> None:
        self._begin_s = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._took[self._name] += time.perf_counter() - self._begin_s  # type: ignore[assignment]


def _run(name: str, coolers: int, days: int, failures_a_cooler_day: float | None) -> Told:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    begin_s = time.perf_counter()
    made = shops(name, coolers, days, SEED, failures_a_cooler_day)
    simulated_s = time.perf_counter() - begin_s
    result = told(made)
    result.took_s["simulate"] = simulated_s
    return result


def _all(*, short: bool) -> tuple[Told, Told, Told]:
    coolers, days = (SHORT_COOLERS, SHORT_DAYS) if short else (COOLERS, DAYS)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        running = [
            pool.submit(_run, "as-found", coolers, days, None),
            pool.submit(_run, "well-set", coolers, days, None),
            pool.submit(_run, "as-found", min(coolers, MANY_COOLERS), days, MANY_A_COOLER_DAY),
        ]
        as_found, well_set, many = (each.result() for each in running)
    return as_found, well_set, many


# -- figures --------------------------------------------------------------------------------------------------


def is_open(one: Found) -> bool:
    """Say whether it is an open front with its probe in the return air: what the goal is for."""
    return is_open_any(one) and one.cooler.position == "return-air"


def is_open_any(one: Found) -> bool:
    """Say whether it is an open front, wherever its probe hangs."""
    return one.cooler.asset.kind == "open-multideck"


def is_glass(one: Found) -> bool:
    """Say whether it has a glass door."""
    return one.cooler.asset.kind == "glass-door-cooler"


def _figures(as_found: Told, well_set: Told, many: Told) -> list[Figure]:
    runs = {"as_found": as_found, "well_set": well_set}
    made: dict[str, tuple[Callable[[Told], float], str, float | None]] = {
        "pages_per_cooler_day": (lambda run: run.pages_a_day(), "pages", 0.1),
        "failures_missed": (lambda run: run.missed, "failures", 0),
        "page_p90_min_glass": (lambda run: _p90(run.minutes(is_glass)), "min", 60),
        "page_max_min_open": (lambda run: _most(run.minutes(is_open)), "min", 40),
        "page_max_min_open_any": (lambda run: _most(run.minutes(is_open_any)), "min", None),
        "false_silences_per_day": (lambda run: run.false_silences_a_day, "pages", 10),
    }
    figures: list[Figure] = []
    for name, (of, unit, goal) in made.items():
        value = float(max(of(run) for run in runs.values()))
        figures.append(Figure(name, value, unit) if goal is None else at_most(name, value, unit, goal))
        figures += [Figure(f"{name}_{population}", float(of(run)), unit) for population, run in runs.items()]
        if name.startswith(("failures", "page_")):
            figures.append(Figure(f"{name}_many", float(of(many)), unit))
    figures += [Figure(f"failures_{name}", len(run.found), "failures") for name, run in {**runs, "many": many}.items()]
    return figures


def _p90(minutes: Sequence[float]) -> float:
    return float(np.percentile(minutes, 90)) if minutes else 0.0


def _most(minutes: Sequence[float]) -> float:
    return max(minutes, default=0.0)


# -- tables ---------------------------------------------------------------------------------------------------


def lines(name: str, run: Told) -> Iterator[str]:
    """Yield what a person wants to know who does not like a figure."""
    made = run.shops
    kind = {cooler.asset.id: cooler.asset.kind for cooler in made.coolers}
    where = {cooler.asset.id: cooler.position for cooler in made.coolers}
    warm = {cooler.asset.id for cooler, is_warm in zip(made.coolers, made.warm, strict=True) if is_warm}
    dead = {failure.asset: failure.start_ms for failure in reversed(made.failures)}
    yield f"{name}: {len(made.coolers)} coolers, {made.days:g} days, {len(warm)} stand too warm, seed {SEED}"
    groups: dict[str, tuple[list[str], Callable[[Page], bool]]] = {"all": ([*kind], lambda page: True)}
    for each in sorted(set(kind.values())):
        groups[each] = [asset for asset in kind if kind[asset] == each], lambda page: True
    for each in sorted(set(where.values())):
        groups[each] = [asset for asset in where if where[asset] == each], lambda page: True
    groups["stands too warm"] = [*warm], lambda page: True
    groups["cold enough"] = [asset for asset in kind if asset not in warm], lambda page: True
    groups["week 1"] = [*kind], lambda page: page.at_ms <= MIDNIGHT_MS + WEEK_MS
    groups["week 2"] = [*kind], lambda page: page.at_ms > MIDNIGHT_MS + WEEK_MS
    groups["after its failure"] = [*kind], lambda page: page.at_ms >= dead.get(page.asset, made.end_ms + 1)
    for rule, why in sorted({(page.rule, page.why) for page in run.pages}):
        groups[f"{rule}, {why}"] = [*kind], lambda page, of=(rule, why): (page.rule, page.why) == of  # type: ignore[misc]
    for group, (assets, which) in groups.items():
        days = made.days / 2 if group.startswith("week") and made.days > 7 else made.days
        mine = set(assets)
        pages = sum(page.asset in mine and which(page) for page in run.pages)
        yield f"  {group:28} {pages:7,} pages {pages / max(len(mine), 1) / days:8.4f} a cooler and day"
    yield "  coolers by pages: " + ", ".join(f"{n}: {c}" for n, c in _spread(run))
    yield f"  alarms of silence: {run.silences}; paged {run.false_silences_a_day:.2f} a day"
    wanted: dict[str, Callable[[Found], bool]] = {
        "glass door": is_glass,
        "glass door, return air": lambda one: is_glass(one) and one.cooler.position == "return-air",
        "open front": is_open_any,
        "open front, return air": is_open,
        "stands too warm": lambda one: one.warm,
        "cold enough": lambda one: not one.warm,
        "nothing learnt yet": lambda one: not one.learnt,
        "learnt": lambda one: one.learnt,
        "had paged within 12 h": lambda one: one.before,
    }
    for group, having in wanted.items():
        mine_found = [one for one in run.found if having(one)]
        minutes = run.minutes(having)
        missed = len(mine_found) - len(minutes)
        times = (float(np.median(minutes)), _p90(minutes), max(minutes)) if minutes else (0.0, 0.0, 0.0)
        numbers = "median {:3.0f}, p90 {:3.0f}, most {:3.0f} min".format(*times)
        yield f"  {group:28} {len(mine_found):4} failures, {missed} missed; {numbers}"
    for one in sorted(run.found, key=lambda one: -(one.after_min or 1e9)):
        if one.after_min is None or one.after_min > 60:
            late = "missed" if one.after_min is None else f"{one.after_min:.0f} min"
            day = (one.failure.start_ms - MIDNIGHT_MS) / DAY_MS
            yield (
                f"    {late:9} {one.failure.asset} {one.cooler.asset.kind} {one.cooler.position} day {day:.2f}"
                f"{', warm' if one.warm else ''}{', paged before' if one.before else ''}"
            )
    yield "  " + ", ".join(f"{what} {s:.0f} s" for what, s in sorted(run.took_s.items(), key=lambda pair: -pair[1]))


def _spread(run: Told) -> list[tuple[int, int]]:
    pages = Counter(page.asset for page in run.pages)
    return sorted(Counter(pages[cooler.asset.id] for cooler in run.shops.coolers).items())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="fewer coolers and days")
    ran = _all(short=parser.parse_args().short)
    titles = ("as found", "well set", f"as found, many failures of {REPAIRED_S // 3600} h")
    for title, one_run in zip(titles, ran, strict=True):
        print("\n".join(lines(title, one_run)))
    print(table(_figures(*ran)))
