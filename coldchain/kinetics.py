"""What a temperature history did to the goods: kinetic mean, growth, dose, degree-minutes, product estimate.

Everything here is information and estimate: nothing in it cancels a breach or releases a lot.

**Attribution.** A sample's value is held until the next sample, for at most two expected intervals; what lies behind
that is a hole and counts for nothing, neither as good nor as bad. Only `mean_kinetic_temperature_over` uses the
trapezoid instead, because its source does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

ZERO_CELSIUS_KELVIN = 273.15

ACTIVATION_KJ_PER_MOL = 83.14472
"""ΔH of the mean kinetic temperature: a convention of drug storage (USP <1079.2>), no property of milk."""

GAS_KJ_PER_MOL_KELVIN = 8.314472e-3
"""R; with it ΔH/R = 10 000 K, as published calculators have it."""

ACTIVATION_KELVIN = ACTIVATION_KJ_PER_MOL / GAS_KJ_PER_MOL_KELVIN
"""ΔH/R."""

HOLD_INTERVALS = 2
"""Expected intervals that a value is held for at most."""

LAPSE_MS = 2 * 3_600_000
RESTART_MS = 12 * 3_600_000
"""See `product_estimate`."""

MS_PER_HOUR = 3_600_000.0
MS_PER_MINUTE = 60_000.0


# -- mean kinetic temperature ---------------------------------------------------------------------------------


def mean_kinetic_temperature(celsius: Floats) -> float:
    """Return the one steady temperature that would have aged the goods as much as equally long spells of these.

    Args:
        celsius: shape (n,), °C, equally spaced. Holes are left out by the caller, not filled.

    Raises:
        ValueError: empty, or NaN.

    Source:
        Haynes, J. Pharm. Sci. 60 (1971) 927; ΔH/R = 10 000 K as in USP <1079.2>.

    >>> round(mean_kinetic_temperature(np.array([4.0, 4, 4, 4, 16])), 3)
    8.109
    """
    exponents = _exponents(celsius)
    return _from_exponents(exponents, np.ones_like(exponents))


def mean_kinetic_temperature_over(at_ms: Times, celsius: Floats, interval_ms: int) -> float:
    """Return the mean kinetic temperature of unequally spaced samples, by the trapezoid.

    Args:
        at_ms: shape (n,), ms, rising.
        celsius: shape (n,), °C.
        interval_ms: expected interval. A stretch between two samples longer than two of them is a hole and left out.

    Raises:
        ValueError: different shapes, NaN, times that do not rise, or no stretch that counts.

    Source:
        Σ Δt·(eᵢ + eᵢ₊₁)/2 ÷ ΣΔt (Tong and Lock, 2015).
    """
    exponents = _exponents(celsius)
    _check_times(at_ms, celsius)
    stretch = np.diff(at_ms).astype(np.float64)
    stretch[stretch > HOLD_INTERVALS * interval_ms] = 0.0
    if not stretch.any():
        raise ValueError("no two samples within two intervals of each other")
    weights = (np.append(stretch, 0.0) + np.insert(stretch, 0, 0.0)) / 2  # each e stands in two stretches
    return _from_exponents(exponents, weights)


def mean_kinetic_temperature_held(at_ms: Times, celsius: Floats, interval_ms: int, until_ms: int) -> float:
    """Return the mean kinetic temperature with each value held until the next one: that of an episode.

    Args:
        at_ms, interval_ms, until_ms: as in `held_hours`.
        celsius: shape (n,), °C.

    Raises:
        ValueError: NaN, times that do not rise, or nothing held.
    """
    hours = held_hours(at_ms, interval_ms, until_ms)
    if not hours.any():
        raise ValueError("no value was held")
    return _from_exponents(_exponents(celsius), hours)


def ageing_rate(celsius: Floats) -> Floats:
    """Return how many times faster than at 0 °C goods age by the convention of the mean kinetic temperature.

    Args:
        celsius: any shape, °C; NaN stays NaN.

    >>> ageing_rate(np.array([0.0, 4, 8])).round(3).tolist()
    [1.0, 1.696, 2.834]
    """
    exponents = ACTIVATION_KELVIN / ZERO_CELSIUS_KELVIN - ACTIVATION_KELVIN / (celsius + ZERO_CELSIUS_KELVIN)
    return np.asarray(np.exp(exponents), np.float64)


def celsius_of_ageing(rate: float) -> float:
    """Return the temperature at which goods age so much faster than at 0 °C, °C: of a mean rate, the kinetic mean.

    >>> round(celsius_of_ageing(float(ageing_rate(np.array(8.0)))), 6)
    8.0
    """
    return _celsius_of_exponent(math.log(rate) - ACTIVATION_KELVIN / ZERO_CELSIUS_KELVIN)


def _exponents(celsius: Floats) -> Floats:
    if celsius.size == 0 or np.isnan(celsius).any():
        raise ValueError("no temperatures, or NaN among them")
    return np.asarray(-ACTIVATION_KELVIN / (celsius + ZERO_CELSIUS_KELVIN), np.float64)


def _from_exponents(exponents: Floats, weights: Floats) -> float:
    largest = exponents.max()  # e^-36 and smaller would be summed otherwise
    return _celsius_of_exponent(largest + math.log(np.dot(np.exp(exponents - largest), weights) / weights.sum()))


def _celsius_of_exponent(exponent: float) -> float:
    return float(-ACTIVATION_KELVIN / exponent - ZERO_CELSIUS_KELVIN)


# -- growth by the square root --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GrowthModel:
    """Which organism a dose speaks of; its `id` is stored with every number that it made.

    Attributes:
        name: of the organism's group.
        tmin_celsius: no growth at or below it.
        tref_celsius: temperature at which the relative rate is 1.
        source: where Tmin is from.
        status: how far it is verified: ``verified`` (read in its source), ``assumed`` …
    """

    name: str
    tmin_celsius: float
    tref_celsius: float
    source: str
    status: str

    @property
    def id(self) -> str:
        """Return name, Tmin and Tref, so that a number says what it was computed with.

        >>> SPOILERS.id
        'sqrt-ppc;Tmin=-4.15;Tref=4'
        """
        return f"{self.name};Tmin={self.tmin_celsius:g};Tref={self.tref_celsius:g}"

    def at(self, tref_celsius: float) -> GrowthModel:
        """Return the model relative to another temperature: the label's, where the maker validated at it."""
        return replace(self, tref_celsius=tref_celsius)


SPOILERS = GrowthModel(
    "sqrt-ppc",
    -4.15,
    4.0,
    "Gram-negative post-pasteurization contaminants in milk: FSL-MQIP, 17 strains, three runs each. US milk; other "
    "data suggest about -7, which gives a smaller dose at 25 °C (8.5 instead of 12.8)",
    "verified",
)
MODELS = {SPOILERS.name: SPOILERS}


def relative_rate(celsius: Floats, model: GrowthModel) -> Floats:
    """Return how many times faster than at Tref it grows: ((T - Tmin)/(Tref - Tmin))², 0 at or below Tmin.

    Args:
        celsius: any shape, °C; NaN stays NaN.

    Source:
        Square-root model, Ratkowsky et al., J. Bacteriol. 149 (1982) 1.

    >>> relative_rate(np.array([0.0, 4, 8, 25]), SPOILERS).round(2).tolist()
    [0.26, 1.0, 2.22, 12.79]
    """
    above = np.maximum(celsius - model.tmin_celsius, 0.0)
    return np.asarray((above / (model.tref_celsius - model.tmin_celsius)) ** 2, np.float64)


def growth_rate(celsius: Floats, model: GrowthModel, rate_at_tref: float) -> Floats:
    """Return the growth rate at temperatures, in the unit of ``rate_at_tref`` (ln per hour, or per day: say which)."""
    return rate_at_tref * relative_rate(celsius, model)


def lag_time(celsius: Floats, model: GrowthModel, lag_at_tref: float) -> Floats:
    """Return the lag before growth at temperatures, in the unit of ``lag_at_tref``; infinite at or below Tmin."""
    with np.errstate(divide="ignore"):
        return np.asarray(lag_at_tref / relative_rate(celsius, model), np.float64)


def log_growth(
    hours: Floats, celsius: Floats, model: GrowthModel, rate_at_tref_per_h: float, lag_at_tref_h: float
) -> float:
    """Return the log10 units grown: no growth until Σ dt/lag(T) reaches 1, then Σ mu(T)·dt/ln 10.

    Args:
        hours: shape (n,), h; how long each temperature was held (`held_hours`). Holes are 0.
        celsius: shape (n,), °C, in the order in which they were met; NaN counts for nothing.
        rate_at_tref_per_h: ln units per hour at the model's Tref.
        lag_at_tref_h: h; 0 for no lag.

    The caller stops at the organism's largest count (the third phase of Buchanan's model).

    Source:
        Buchanan, Whiting and Damert, Food Microbiol. 14 (1997) 313; lag consumed in proportion.
    """
    known = ~np.isnan(celsius)
    hours, celsius = hours[known], celsius[known]
    share = np.ones_like(hours)
    if lag_at_tref_h > 0:
        consumed = hours / lag_time(celsius, model, lag_at_tref_h)
        after = np.cumsum(consumed)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(consumed > 0, np.clip((after - 1) / consumed, 0.0, 1.0), 0.0)
    return float(np.dot(growth_rate(celsius, model, rate_at_tref_per_h) * hours, share) / math.log(10))


# -- over samples: the previous value held --------------------------------------------------------------------


def held_hours(at_ms: Times, interval_ms: int, until_ms: int) -> Floats:
    """Return how long each sample counts: until the next one or the end, at most two intervals, h.

    Args:
        at_ms: shape (n,), ms, rising.
        interval_ms: expected interval.
        until_ms: end of the span, at or after the last sample. A span cut at a sample gives the same sum.

    Raises:
        ValueError: times that do not rise, or an end before the last.
    """
    stretch = np.diff(at_ms, append=np.int64(until_ms))
    if (stretch[:-1] <= 0).any() or (stretch < 0).any():
        raise ValueError("times must rise, and the end must not lie before the last")
    return np.asarray(np.minimum(stretch, HOLD_INTERVALS * interval_ms) / MS_PER_HOUR, np.float64)


def equivalent_hours(
    at_ms: Times,
    celsius: Floats,
    interval_ms: int,
    until_ms: int,
    model: GrowthModel,
    floor_celsius: float = -math.inf,
) -> float:
    """Return the dose: hours at the model's Tref that would have let as much grow.

    Args:
        at_ms, interval_ms, until_ms: as in `held_hours`.
        celsius: shape (n,), °C; NaN (a faulty probe) counts for nothing, as does a hole: say how long they were.
        floor_celsius: colder counts as this warm, so that over-cooling never gives life back.
    """
    return dose_h(held_hours(at_ms, interval_ms, until_ms), celsius, model, floor_celsius)


def dose_h(hours: Floats, celsius: Floats, model: GrowthModel, floor_celsius: float = -math.inf) -> float:
    """Return the dose of temperatures that were each held for so long, h at the model's Tref.

    Args:
        hours: shape (n,), h.
        celsius, floor_celsius: as in `equivalent_hours`.
    """
    rates = relative_rate(np.maximum(celsius, floor_celsius), model)
    return float(np.dot(hours, np.where(np.isnan(celsius), 0.0, rates)))


def degree_minutes(at_ms: Times, celsius: Floats, interval_ms: int, until_ms: int, above_celsius: float) -> float:
    """Return the area above a limit, K·min: Σ max(T - limit, 0)·dt, previous value held (no interpolated crossing).

    Args:
        at_ms, interval_ms, until_ms: as in `held_hours`.
        celsius: shape (n,), °C; NaN and holes count for nothing.
    """
    above = np.maximum(np.where(np.isnan(celsius), -math.inf, celsius) - above_celsius, 0.0)
    return float(np.dot(held_hours(at_ms, interval_ms, until_ms), above) * 60)


def remaining_shelf_life_h(label_life_h: float, used_h: float, until_expiry_h: float) -> float:
    """Return the shelf life that is left, h: an estimate, never a release decision.

    Args:
        label_life_h: shelf life of the label, which holds at the label's temperature.
        used_h: `equivalent_hours` at that temperature, of the product (or its estimate), with the low limit as floor.
        until_expiry_h: from now to the printed expiry; negative when it has passed.

    Returns:
        Never more than to the printed expiry, never less than 0.

    Source:
        Design of this project; the model's own limits are at `SPOILERS`.
    """
    return max(0.0, min(until_expiry_h, label_life_h - used_h))


# -- product from air -----------------------------------------------------------------------------------------


def warmed(estimate_celsius: Floats, air_celsius: Floats, minutes: Floats, time_constant_min: float) -> Floats:
    """Return the product after some minutes in steady air; exact, so cutting the minutes changes nothing.

    Args:
        estimate_celsius, air_celsius, minutes: shapes that broadcast; °C, °C, min.
        time_constant_min: 0 gives the air (a probe in the milk itself).

    Source:
        First-order warming; a 236 ml carton in still air has 1/0.0124 = 80.6 min (Corea et al., 2023).

    >>> [round(float(warmed(np.float64(4), np.float64(25), np.float64(m), 80.645)), 2) for m in (10, 30, 60)]
    [6.45, 10.52, 15.02]
    """
    if time_constant_min <= 0:
        return np.broadcast_to(air_celsius, np.broadcast_shapes(np.shape(estimate_celsius), np.shape(air_celsius)))
    left = np.exp(-np.asarray(minutes) / time_constant_min)
    return np.asarray(air_celsius + (estimate_celsius - air_celsius) * left, np.float64)


def product_estimate(at_ms: Times, air_celsius: Floats, interval_ms: int, time_constant_min: float) -> Floats:
    """Estimate the product's temperature where only air is measured; an estimate, and to be shown as one.

    Between two samples the air is held at the earlier one, for two intervals at most. At the first sample, and behind
    a hole of `LAPSE_MS`, nothing is known of the goods: the estimate begins anew at the air's value. Two filters do
    so every `RESTART_MS` of UTC, too, half of it apart, and the older one counts: an estimate depends on no sample
    older than that, and judging again from a midnight finds the same (docs/decisions/0012-lanes.md; the rules' own
    loop in `alerts.fold` is held equal to this by a test).

    Args:
        at_ms: shape (n,), ms, rising.
        air_celsius: shape (n,), °C; NaN is no sample.
        interval_ms: expected interval.
        time_constant_min: of the pack, min; a product profile's ``pack_time_constant``. 0: the probe feels the product.

    Returns:
        Shape (n,), °C, NaN where the air is.

    Raises:
        ValueError: times that do not rise.
    """
    if (np.diff(at_ms) <= 0).any():
        raise ValueError("times must rise")
    if not time_constant_min:
        return air_celsius.copy()
    estimates = np.full(at_ms.shape, math.nan)
    last_ms, last, filters = -LAPSE_MS, math.nan, [math.nan, math.nan]
    for place in np.flatnonzero(~np.isnan(air_celsius)).tolist():
        now_ms, air = int(at_ms[place]), float(air_celsius[place])
        gap_ms = now_ms - last_ms
        left = math.exp(-min(gap_ms, HOLD_INTERVALS * interval_ms) / MS_PER_MINUTE / time_constant_min)
        for number, shift_ms in enumerate((0, RESTART_MS // 2)):
            restarts = (now_ms + shift_ms) // RESTART_MS != (last_ms + shift_ms) // RESTART_MS
            if math.isnan(filters[number]) or gap_ms >= LAPSE_MS or restarts:
                filters[number] = air
            else:
                filters[number] = last + (filters[number] - last) * left
        estimates[place] = filters[0 if now_ms % RESTART_MS >= RESTART_MS // 2 else 1]
        last_ms, last = now_ms, air
    return estimates


def _check_times(at_ms: Times, celsius: Floats) -> None:
    if at_ms.shape != celsius.shape or (np.diff(at_ms) <= 0).any():
        raise ValueError("one time for each temperature was expected, rising")
