"""What a lot went through on a way: one series from place to place, every hole, minutes out, dose, remaining life.

::

    Route ──▶ legs ──▶ the asset's compliance point ──▶ readings as calibrated ──▶ holes, minutes out, dose
                            (a site: the worst of the coolers it is presumed in)        └──▶ remaining life: an estimate

Everything here is information and estimate: it releases no lot, and what was not measured counts neither as good nor as
bad; how long that was is said.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.goods.places import ASSET, SITE
from coldchain.goods.points import Condition, compliance_point, condition
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.goods.routes import Leg, Route
from coldchain.goods.where import fits, is_vehicle, storage_in
from coldchain.kinetics import (
    HOLD_INTERVALS,
    MODELS,
    MS_PER_HOUR,
    RESTART_MS,
    GrowthModel,
    dose_h,
    held_hours,
    product_estimate,
    remaining_shelf_life_h,
)
from coldchain.profiles import Product
from coldchain.profiles.choosing import FELT
from coldchain.readings import UNJUDGED
from coldchain.registry import Point, Registry
from coldchain.registry.spans import spans_of
from coldchain.series.holes import holes_of
from coldchain.series.port import Series, Span

ESTIMATE = (
    "估算值,不是放行结论;不晚于标签上的保质期",
    "an estimate and no release; never later than the printed expiry",
)
"""What must stand beside every remaining life, 中文 and English."""

MOST_SAMPLES = 100_000
"""Where a way has more readings at a point, they are taken as the highest of each `ROLLED_MS`: no peak is lost, and the
dose is at most too large."""

ROLLED_MS = 900_000
HOURS_A_DAY = 24.0

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch without a temperature.

    Attributes:
        why: ``no-data`` (the probe said nothing), ``no-thermometer`` (the place has none), ``no-place`` (nobody says
            where the lot was).
    """

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A leg with what was measured.

    Attributes:
        asset: whose thermometer it is; empty where there is none.
        point, why: the compliance point and why it is that one (`coldchain.goods.points.WHY`).
        presumed: the lot was at the site, and in this cooler at worst.
        at_ms, celsius: shape (n,), what the point said within the leg, as calibrated.
        resolution_ms: 0: each reading; else each value is the highest of so long.
        estimated: the minutes and the dose are of the product's estimate behind the air.
        held_h: how long a temperature was known. ``above_h``, ``below_h``: out of the condition.
        peak, lowest: °C as measured; None without a reading. ``dose``: h at the model's reference; None where no dose
            is computed of the product.
    """

    leg: Leg
    asset: str
    point: str
    why: str
    presumed: bool
    condition: Condition
    at_ms: Times
    celsius: Floats
    resolution_ms: int
    estimated: bool
    holes: tuple[Hole, ...]
    held_h: float
    above_h: float
    below_h: float
    peak: float | None
    lowest: float | None
    dose: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """What a lot went through on one way.

    Attributes:
        legs: rising by time; those of other goods (before a transformation) are shown and count for nothing.
        gaps: between two legs nobody says where it was.
        model: id of the growth model, with its parameters; empty where no dose is computed.
        dose: h at the model's reference, of the legs of these goods.
        unknown_h: how long nothing was measured of these goods.
    """

    legs: tuple[Measured, ...]
    gaps: tuple[Hole, ...]
    model: str
    dose: float | None
    unknown_h: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a lot's shelf life; an estimate (`ESTIMATE`).

    Attributes:
        label_life_h: from production to expiry as printed, else of the profile.
        until_ms: when it would be over, never behind the printed expiry.
    """

    label_life_h: float
    used_h: float
    left_h: float
    until_ms: int


class Histories:
    """Measures ways; what was read of a point is kept for the next one.

    Args:
        now_ms: nothing behind it is a hole.
    """

    def __init__(self, reader: GoodsReader, registry: Registry, series: Series, now_ms: int) -> None:
        self._reader, self._registry, self._series, self._now_ms = reader, registry, series, now_ms
        self._lots: dict[str, KnownLot | None] = {}
        self._read: dict[tuple[str, float], _Read] = {}

    def past(self, known: KnownLot, route: Route) -> Past:
        """Return what a lot went through on a way."""
        self._lots[known.lot.id] = known
        legs = [measured for leg in route if (measured := self._worst(leg)) is not None]
        product = self._product(known, route[-1].from_ms if route else self._now_ms)
        model = model_of(product)
        own = [leg for leg in legs if leg.leg.same_goods]
        gaps = tuple(_gaps([leg.leg for leg in legs]))
        unknown_h = sum(leg.to_ms - leg.from_ms for leg in _ended([one.leg for one in own], self._now_ms)) / MS_PER_HOUR
        unknown_h += sum(gap.to_ms - gap.from_ms for gap in _gaps([one.leg for one in own])) / MS_PER_HOUR
        doses = [leg.dose for leg in own if leg.dose is not None]
        return Past(
            tuple(legs),
            gaps,
            "" if model is None else model.id,
            sum(doses) if model is not None else None,
            max(0.0, unknown_h - sum(leg.held_h for leg in own)),
        )

    def worst(self, known: KnownLot, routes: Iterable[Route]) -> Past | None:
        """Return the way with the highest dose, the longest of equal ones; None without any."""
        pasts = [self.past(known, route) for route in routes]
        return max(pasts, key=lambda past: (past.dose or 0.0, past.unknown_h, len(past.legs)), default=None)

    # -- a leg ------------------------------------------------------------------------------------------------

    def _worst(self, leg: Leg) -> Measured | None:
        """Return a leg as measured; of a site the cooler with the highest dose of those it is presumed in."""
        known = self._known(leg.lot)
        to_ms = min(leg.to_ms, self._now_ms)
        if known is None or to_ms <= leg.from_ms:
            return None
        if leg.place.startswith(ASSET):
            return self._measured(known, leg, leg.place.removeprefix(ASSET), to_ms, presumed=False)
        coolers = list(self._coolers(known, leg, to_ms))
        presumed = len(coolers) > 1 or not is_vehicle(self._registry, leg.place.removeprefix(SITE))
        found = [self._measured(known, leg, asset, to_ms, presumed=presumed) for asset in coolers]
        if not found:
            return self._measured(known, leg, "", to_ms, presumed=True)
        return max(found, key=lambda one: (one.dose or 0.0, one.peak if one.peak is not None else -math.inf))

    def _coolers(self, known: KnownLot, leg: Leg, to_ms: int) -> Iterator[str]:
        site = leg.place.removeprefix(SITE)
        for asset, from_ms, until_ms in self._registry.stays_at(site):
            if from_ms < to_ms and leg.from_ms < until_ms:
                begin_ms = max(from_ms, leg.from_ms)
                stored = storage_in(self._registry, asset, begin_ms)
                if fits(self._registry, known, site, stored, begin_ms):
                    yield asset

    def _measured(self, known: KnownLot, leg: Leg, asset: str, to_ms: int, *, presumed: bool) -> Measured:
        point, why = compliance_point(self._registry, asset, leg.from_ms, to_ms) if asset else (None, "none")
        product = self._product(known, leg.from_ms)
        keep = condition(self._registry, known.lot, product, point, leg.from_ms)
        if point is None:
            nothing = np.empty(0, np.int64), np.empty(0)
            hole = (Hole(leg.from_ms, to_ms, "no-thermometer"),)
            model = model_of(product)
            return Measured(
                leg, asset, "", why, presumed, keep, *nothing, 0, False, hole, 0.0, 0.0, 0.0, None, None,
                None if model is None else 0.0,
            )  # fmt: skip
        tau = 0.0 if point.position in FELT or product is None else product.pack_time_constant.minutes
        read = self._readings(point, tau, leg.from_ms, to_ms)
        return _summed(leg, asset, point, why, presumed, keep, model_of(product), read.cut(leg.from_ms, to_ms), to_ms)

    def _readings(self, point: Point, tau: float, from_ms: int, to_ms: int) -> _Read:
        """Return a point's readings that cover [from, to), and what the filter behind them remembers."""
        key = point.id, tau
        known = self._read.get(key)
        if known is None or from_ms < known.from_ms or known.to_ms < to_ms:
            begin_ms, end_ms = (
                (from_ms, to_ms) if known is None else (min(from_ms, known.from_ms), max(to_ms, known.to_ms))
            )
            known = self._read[key] = _read(self._registry, self._series, point, tau, begin_ms, end_ms)
        return known

    def prepare(self, lots: Iterable[tuple[KnownLot, Sequence[Route]]]) -> None:
        """Read each point that some ways pass once, for as long as any of them needs it."""
        wanted: dict[tuple[str, float], tuple[Point, int, int]] = {}
        for known, routes in lots:
            for leg in {leg for route in routes for leg in route}:
                self._lots.setdefault(leg.lot, known if leg.lot == known.lot.id else self._known(leg.lot))
                for point, tau, to_ms in self._points(leg):
                    _, from_ms, until_ms = wanted.get((point.id, tau), (point, leg.from_ms, to_ms))
                    wanted[point.id, tau] = point, min(from_ms, leg.from_ms), max(until_ms, to_ms)
        for (_, tau), (point, from_ms, to_ms) in wanted.items():
            self._readings(point, tau, from_ms, to_ms)

    def _points(self, leg: Leg) -> Iterator[tuple[Point, float, int]]:
        known, to_ms = self._known(leg.lot), min(leg.to_ms, self._now_ms)
        if known is None or to_ms <= leg.from_ms:
            return
        assets = [leg.place.removeprefix(ASSET)] if leg.place.startswith(ASSET) else self._coolers(known, leg, to_ms)
        for asset in assets:
            point, _ = compliance_point(self._registry, asset, leg.from_ms, to_ms)
            if point is not None:
                product = self._product(known, leg.from_ms)
                felt = point.position in FELT or product is None
                yield point, 0.0 if felt else product.pack_time_constant.minutes, to_ms  # type: ignore[union-attr] # not felt

    def _known(self, lot: str) -> KnownLot | None:
        if lot not in self._lots:
            self._lots[lot] = self._reader.lot(lot)
        return self._lots[lot]

    def _product(self, known: KnownLot, at_ms: int) -> Product | None:
        return self._registry.product_at(known.lot.product, at_ms)


def remaining(known: KnownLot, product: Product | None, past: Past, now_ms: int) -> Remaining | None:
    """Return what is left of a lot's shelf life; None where nothing says how long it is, or when it began.

    Source:
        docs/contracts.md, goods; the model's limits are at `coldchain.kinetics.SPOILERS`.
    """
    life = None if product is None or product.shelf_life is None else product.shelf_life.days * HOURS_A_DAY
    if known.produced_ms is not None and known.expires_ms is not None:
        life = (known.expires_ms - known.produced_ms) / MS_PER_HOUR
    expires_ms = known.expires_ms
    if expires_ms is None and known.produced_ms is not None and life is not None:
        expires_ms = known.produced_ms + round(life * MS_PER_HOUR)
    if life is None or expires_ms is None or past.dose is None:
        return None
    left_h = remaining_shelf_life_h(life, past.dose, (expires_ms - now_ms) / MS_PER_HOUR)
    return Remaining(life, past.dose, left_h, min(expires_ms, now_ms + math.floor(left_h * MS_PER_HOUR)))


def model_of(product: Product | None) -> GrowthModel | None:
    """Return the growth model of a product at its reference temperature; None where no dose is computed."""
    if product is None or product.dose_reference is None or product.dose_model not in MODELS:
        return None
    return MODELS[product.dose_model].at(product.dose_reference.celsius)


# -- readings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """A point's readings in [from_ms, to_ms), with one before it; ``product`` is the goods' temperature behind them."""

    from_ms: int
    to_ms: int
    at_ms: Times
    celsius: Floats
    product: Floats
    interval_ms: int
    resolution_ms: int
    estimated: bool

    def cut(self, from_ms: int, to_ms: int) -> _Read:
        """Return the readings within [from, to), and the one before them if its value was still held."""
        first, last = np.searchsorted(self.at_ms, [from_ms, to_ms])
        if first and self.at_ms[first - 1] + HOLD_INTERVALS * self.interval_ms > from_ms:
            first -= 1
        part = slice(int(first), int(last))
        return _Read(
            from_ms, to_ms, self.at_ms[part], self.celsius[part], self.product[part], self.interval_ms,
            self.resolution_ms, self.estimated,
        )  # fmt: skip


def _read(registry: Registry, series: Series, point: Point, tau: float, from_ms: int, to_ms: int) -> _Read:
    """Read a point; half a day earlier where a filter has to forget how it began."""
    interval_ms = point.interval_s * 1000
    begin_ms = from_ms - (RESTART_MS if tau else HOLD_INTERVALS * interval_ms)
    spans = spans_of(registry, point.id)
    if (to_ms - from_ms) // interval_ms > MOST_SAMPLES:
        rolled = series.rollup(spans, begin_ms, to_ms, ROLLED_MS)
        at_ms, celsius, interval_ms, resolution_ms = rolled.start_ms, rolled.maximum, ROLLED_MS, ROLLED_MS
    else:
        at_ms, celsius = calibrated(registry, series, spans, begin_ms, to_ms)
        resolution_ms = 0
    product = product_estimate(at_ms, celsius, interval_ms, tau)
    return _Read(from_ms, to_ms, at_ms, celsius, product, interval_ms, resolution_ms, tau > 0)


def calibrated(
    registry: Registry, series: Series, spans: Sequence[Span], from_ms: int, to_ms: int
) -> tuple[Times, Floats]:
    """Return what some channels said of a point within [from, to), as calibrated, one value a moment that is judged."""
    window = series.window(spans, from_ms, to_ms)
    value = registry.corrections.applied(window.channel, window.measured_at_ms, window.value)
    good = (window.quality & UNJUDGED == 0) & ~np.isnan(value)
    return _each_once(window.measured_at_ms[good], value[good])


def _each_once(at_ms: Times, celsius: Floats) -> tuple[Times, Floats]:
    """Return one value a moment, the highest where two probes spoke for the point."""
    times, first = np.unique(at_ms, return_index=True)
    return times, np.maximum.reduceat(celsius, first) if len(times) else celsius


def _summed(
    leg: Leg,
    asset: str,
    point: Point,
    why: str,
    presumed: bool,
    keep: Condition,
    model: GrowthModel | None,
    read: _Read,
    to_ms: int,
) -> Measured:
    hours = held_hours(read.at_ms, read.interval_ms, to_ms)
    before_h = np.maximum(leg.from_ms - read.at_ms, 0) / MS_PER_HOUR
    hours = np.maximum(hours - before_h, 0.0)  # of what was held from before only what lies within
    above = read.product > (math.inf if keep.high_celsius is None else keep.high_celsius)
    below = read.product < (-math.inf if keep.low_celsius is None else keep.low_celsius)
    within = read.at_ms >= leg.from_ms
    at_ms, celsius = read.at_ms[within], read.celsius[within]
    begin_ms = min(leg.from_ms, int(read.at_ms[0])) if len(read.at_ms) else leg.from_ms
    floor = -math.inf if keep.low_celsius is None else keep.low_celsius
    return Measured(
        leg,
        asset,
        point.id,
        why,
        presumed,
        keep,
        at_ms,
        celsius,
        read.resolution_ms,
        read.estimated,
        tuple(
            Hole(max(start, leg.from_ms), end, "no-data")
            for start, end in holes_of(read.at_ms, begin_ms, to_ms, read.interval_ms // 1000)
        ),
        float(hours.sum()),
        float(hours[above].sum()),
        float(hours[below].sum()),
        float(celsius.max()) if len(celsius) else None,
        float(celsius.min()) if len(celsius) else None,
        None if model is None else dose_h(hours, read.product, model, floor),
    )


def _ended(legs: Iterable[Leg], now_ms: int) -> Iterator[Leg]:
    return (Leg(leg.lot, leg.place, leg.from_ms, min(leg.to_ms, now_ms)) for leg in legs)


def _gaps(legs: Sequence[Leg]) -> Iterator[Hole]:
    for before, after in itertools.pairwise(legs):
        if before.to_ms < after.from_ms:
            yield Hole(before.to_ms, after.from_ms, "no-place")
