"""Learning what is usual, by night: reads the readings, writes `Normal` entries into the ledger.

A normal is an entry with an effective time and not a state of the judge: it is frozen when it is written, so that
judging stays a pure function of readings and entries, and a replay finds the same. Late readings of a day that was
learnt from change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import structlog

from alerts.history import History
from alerts.profiled import force_at
from alerts.usual import DAY_MS, Days, Usual, days_over, is_weak, learnt, of, spans
from coldchain.clock import Clock
from coldchain.ledger.port import Ledger
from coldchain.profiles import KindRules, Product
from coldchain.profiles.choosing import FELT
from coldchain.registry import WITH_GOODS, Change, Normal, Point, Registry

WHO = "coldchain"

EARLY_MS = 6 * 3_600_000
EARLY_STEP_MS = 3_600_000
"""A new cooler has a provisional normal after 6 h, which is one defrost of four a day, at the next full hour."""

LONGEST_DAYS = 35
"""So far back is learnt from at most."""

AT_ONCE = 500
"""Entries of one append."""

log = structlog.get_logger()


class Learner:
    """Learns for every point whose kind of asset pages by its own normal.

    Args:
        ledger: where normals are written.
        history: where readings are read; complete enough when the night begins.
        registry: gives the registry of now.
    """

    def __init__(self, ledger: Ledger, history: History, registry: Callable[[], Registry], clock: Clock) -> None:
        self._ledger = ledger
        self._history = history
        self._registry = registry
        self._clock = clock
        self._learnt_ms = -1
        self._not_before_ms: dict[str, int] = {}

    def night(self) -> int:
        """Learn from the days up to the last UTC midnight, once a midnight; return how many normals were written.

        They hold from now on. Asking again, after a restart too, writes nothing that is known.
        """
        midnight_ms = self._clock.now_ms() // DAY_MS * DAY_MS
        if midnight_ms == self._learnt_ms:
            return 0
        registry = self._registry()
        written = self._write(self._new(registry, registry.points.values(), midnight_ms))
        self._learnt_ms = midnight_ms
        log.info("normals.learnt", points=len(registry.points), written=written)
        return written

    def first_hours(self) -> int:
        """Learn what new points showed in their first `EARLY_MS`, provisionally; return how many normals were written.

        The first day of a cooler is when most are set wrong, and until there is a normal only what stays hot is told.
        """
        registry, now_ms = self._registry(), self._clock.now_ms()
        new = [
            point
            for point in registry.points.values()
            if self._not_before_ms.get(point.id, 0) <= now_ms and not _levels(registry, point, now_ms)
        ]
        return self._write(self._new(registry, new, now_ms // EARLY_STEP_MS * EARLY_STEP_MS))

    def _write(self, found: Iterator[tuple[Normal, str]]) -> int:
        changes = [Change(normal, WHO, why).encode() for normal, why in found]
        for begin in range(0, len(changes), AT_ONCE):
            self._ledger.change(changes[begin : begin + AT_ONCE], self._clock.now_ms())
        return len(changes)

    def _new(self, registry: Registry, points: Iterable[Point], midnight_ms: int) -> Iterator[tuple[Normal, str]]:
        for point in list(points):
            kind = registry.kind_rules_at(registry.kind_of(point.asset), midnight_ms)
            product = registry.product_at(point.profile, midnight_ms) if point.profile else None
            if kind is None or kind.own_margin is None or product is None or point.position in kind.information:
                continue
            if point.quantity == "temperature" and registry.activity_at(point.asset, midnight_ms) in WITH_GOODS:
                found = self._normal(registry, point, kind, product, midnight_ms)
                if found is not None:
                    yield found

    def _normal(
        self, registry: Registry, point: Point, kind: KindRules, product: Product, midnight_ms: int
    ) -> tuple[Normal, str] | None:
        known = registry.normal_at(point.id, self._clock.now_ms())
        final = known is not None and bool(known.levels) and not known.provisional
        force = force_at(registry, point, midnight_ms)
        target = None if force is None else force.celsius("target_high")
        since_ms = known.learnt_from_ms if known is not None else 0
        if final:
            since_ms = midnight_ms - round(of(kind.weak_of_days)) * DAY_MS
        days = self._days(registry, point, since_ms, midnight_ms)
        if days is None or target is None:
            return None
        tau = 0.0 if point.position in FELT else product.pack_time_constant.minutes
        over = days_over(days, kind, target, tau)
        if final:
            assert known is not None
            usual = Usual(known.levels, known.days, final=True)
            learnt_from_ms, learnt_to_ms = known.learnt_from_ms, known.learnt_to_ms
        else:
            made = learnt(days, kind, target)
            if made is None:
                return None
            usual, learnt_from_ms, learnt_to_ms = made, days.first_ms, days.last_ms
        normal = Normal(
            *(point.id, self._clock.now_ms(), usual.levels, learnt_from_ms, learnt_to_ms, usual.days),
            provisional=not usual.final,
            weak=is_weak(over, kind),
            days_over=over,
        )
        if known is not None and _same(known, normal):
            return None
        state = "final" if usual.final else "provisional"
        return normal, f"learnt from {usual.days} days, {state}: {spans(usual.levels)}" + (
            "; too weak" if normal.weak else ""
        )

    def _days(self, registry: Registry, point: Point, since_ms: int, midnight_ms: int) -> Days | None:
        since_ms = max(since_ms, midnight_ms - LONGEST_DAYS * DAY_MS)
        covered = min(self._history.covered(), registry.position)
        samples = self._history.samples(registry, point.id, since_ms, midnight_ms, covered)
        if not len(samples):
            self._not_before_ms[point.id] = midnight_ms + EARLY_STEP_MS
            return None
        first_ms = int(samples.t[0]) // DAY_MS * DAY_MS
        if midnight_ms % DAY_MS:  # the first hours: one day, of which the rest is not known
            known_ms = int(samples.t[0]) + EARLY_MS
            # what teaches nothing now is asked again in some hours
            self._not_before_ms[point.id] = known_ms if known_ms > midnight_ms else midnight_ms + EARLY_MS
            last_ms = -(-midnight_ms // DAY_MS) * DAY_MS
            return Days(samples.t, samples.v, point.interval_s, first_ms, last_ms) if known_ms <= midnight_ms else None
        if int(samples.t[0]) - first_ms > DAY_MS // 2:
            first_ms += DAY_MS  # less than half a day is no day
        if first_ms >= midnight_ms:
            return None
        begin = int(np.searchsorted(samples.t, first_ms))
        return Days(samples.t[begin:], samples.v[begin:], point.interval_s, first_ms, midnight_ms)


def _levels(registry: Registry, point: Point, now_ms: int) -> bool:
    known = registry.normal_at(point.id, now_ms)
    return known is not None and bool(known.levels)


def _same(known: Normal, normal: Normal) -> bool:
    return (known.levels, known.provisional, known.weak) == (normal.levels, normal.provisional, normal.weak)
