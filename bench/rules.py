"""How fast the rules fold: readings a second over a fleet's block and over one point's history.

Run: ``python -m bench.rules``.
"""

from __future__ import annotations

import time

import numpy as np

from alerts.fold import run
from alerts.records import PARAMETERS, new_points, new_states
from bench.figures import Figure, at_least

MINUTE_MS = 60_000


def rules_batch_readings_per_s(points: int = 100_000, steps: int = 10) -> float:
    """Return readings/s over blocks with one sample of each of many points."""
    return _readings_per_s(points, steps, calls=steps)


def rules_backfill_readings_per_s(readings: int = 1_000_000) -> float:
    """Return readings/s over one point's history in one call."""
    return _readings_per_s(1, readings, calls=1)


def measure(*, short: bool) -> list[Figure]:
    """Return both figures."""
    readings = 200_000 if short else 1_000_000
    return [
        Figure("rules_batch_readings_per_s", rules_batch_readings_per_s(), "readings/s"),
        at_least("rules_backfill_readings_per_s", rules_backfill_readings_per_s(readings), "readings/s", 10e6),
    ]


def _readings_per_s(points: int, steps: int, calls: int) -> float:
    chance = np.random.default_rng(1)
    parameters = np.zeros((1, 2), PARAMETERS)
    parameters["enter"], parameters["leave"] = [8.0, 0.0], [7.5, -0.5]
    parameters["on_ms"], parameters["off_ms"], parameters["hold_ms"] = 30 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS
    known, states = new_points(points), new_states(points)
    best = 0.0
    each = steps // calls
    for call in range(calls):
        place = np.repeat(np.arange(points, dtype=np.int32), each)
        t = (np.tile(np.arange(each), points).astype(np.int64) + 1 + call * each) * 5 * MINUTE_MS
        v = 5 + 4 * np.sin(t / 2e7 + place) + chance.normal(0, 0.5, len(t))
        row = np.zeros(len(t), np.int32)
        if call == 0:
            run(place[:1], t[:1], v[:1], row[:1], parameters, new_points(1), new_states(1))  # compiled or loaded
        begin = time.perf_counter()
        run(place, t, v, row, parameters, known, states)
        best = max(best, len(t) / (time.perf_counter() - begin))
    return best


if __name__ == "__main__":
    print(f"batch    {rules_batch_readings_per_s() / 1e6:6.1f} M readings/s over 100,000 points")
    print(f"backfill {rules_backfill_readings_per_s() / 1e6:6.1f} M readings/s on one point")
