"""How fast the rules fold: readings a second over a fleet's block and over one point's history.

Run: ``python -m bench.rules``.
"""

from __future__ import annotations

import time

import numpy as np

from alerts.fold import run
from alerts.parameters import fill
from alerts.records import LANES, PARAMETERS, POINT, STATE, Lane, new_points, new_states
from alerts.rules import Level, Limit, Version
from bench.figures import Figure, at_least, at_most

MINUTE_MS = 60_000


def _limit(celsius: float, minutes: int, critical: float, deadband: float = 0.5) -> Limit:
    return Limit((Level("warning", celsius, minutes * 60), Level("critical", critical, 0, 2)), deadband, 300)


EVERYTHING = Version(
    0,
    (
        (Lane.HIGH, _limit(8.0, 30, 10.0)),
        (Lane.LOW, _limit(0.0, 30, -0.5)),
        (Lane.PRODUCT, _limit(9.0, 30, 12.0)),
        (Lane.AIR, _limit(12.0, 45, 15.0)),
        (Lane.RECORD_HIGH, Limit((Level("notice", 6.0),), 0.0, 0)),
        (Lane.RECORD_LOW, Limit((Level("notice", 2.0),), 0.0, 0)),
    ),
    tau_s=3600.0,
)
"""Every lane, on the product's estimate where it has one."""


def rules_batch_readings_per_s(points: int = 100_000, steps: int = 10) -> float:
    """Return readings/s over blocks with one sample of each of many points."""
    return _readings_per_s(points, steps, calls=steps)


def rules_backfill_readings_per_s(readings: int = 1_000_000) -> float:
    """Return readings/s over one point's history in one call."""
    return _readings_per_s(1, readings, calls=1)


def measure(*, short: bool) -> list[Figure]:
    """Return the figures."""
    readings = 200_000 if short else 1_000_000
    return [
        at_least("rules_batch_readings_per_s", rules_batch_readings_per_s(), "readings/s", 10e6),
        at_least("rules_backfill_readings_per_s", rules_backfill_readings_per_s(readings), "readings/s", 10e6),
        at_most("rules_bytes_per_channel", POINT.itemsize + STATE.itemsize * len(LANES), "bytes", 1000),
    ]


def _readings_per_s(points: int, steps: int, calls: int) -> float:
    chance = np.random.default_rng(1)
    parameters = np.zeros((1, len(LANES)), PARAMETERS)
    fill(parameters[0], EVERYTHING, 10 * MINUTE_MS)
    usual = chance.normal(4.5, 1.5, points)  # as found: about a third is out of its label's 2 to 6 °C at any time
    known, states = new_points(points), new_states(points)
    best = 0.0
    each = steps // calls
    for call in range(calls):
        place = np.repeat(np.arange(points, dtype=np.int32), each)
        t = (np.tile(np.arange(each), points).astype(np.int64) + 1 + call * each) * 5 * MINUTE_MS
        v = usual[place] + np.sin(t / 2e7 + place) + chance.normal(0, 0.3, len(t))
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
