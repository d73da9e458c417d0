"""How fast the rules fold: readings a second over a fleet's block and over one point's history.

Run: ``python -m bench.rules``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.fold import run
from alerts.parameters import fill, new_rows
from alerts.records import Grade, Lane, Records, States, new_points
from alerts.rules import Allowance, Level, Limit, Plausible, Version, Wash
from bench.figures import Figure, at_least, at_most

MINUTE_MS = 60_000


def _limit(celsius: float, minutes: int, critical: float, deadband: float = 0.5) -> Limit:
    return Limit((Level("warning", celsius, minutes * 60), Level("critical", critical, 0, 2)), deadband, 300)


EVERYTHING = Version(
    0,
    (
        (Lane.HIGH, _limit(8.0, 30, 10.0)),
        (Lane.LOW, _limit(0.0, 30, -0.5)),
        (Lane.HIGH_HIGH, _limit(12.0, 45, 15.0)),
        (Lane.PRODUCT, _limit(9.0, 30, 12.0)),
        (Lane.FREEZE, _limit(0.0, 30, -0.5)),
        (Lane.RECORD_HIGH, Limit((Level("notice", 6.0),), 0.0, 0)),
        (Lane.RECORD_LOW, Limit((Level("notice", 2.0),), 0.0, 0)),
        (Lane.CUMULATIVE, Limit((Level("warning", 1.0),), 0.0, 0)),
        (Lane.RATE, Limit((Level("warning", 3.0, 0, 2),), 0.0, 0)),
        (
            Lane.FAULT,
            Limit(
                (Level("notice", float(Grade.SAME), 10_800, 22), Level("warning", float(Grade.DOUBTFUL), 0, 3)), 0.5, 0
            ),
        ),
        (Lane.WASHING, Limit((Level("notice", 75.0),), 0.0, 0)),
        (Lane.LIFE, Limit((Level("warning", 1.0),), 0.0, 0)),
    ),
    tau_s=3600.0,
    plausible=Plausible(-45.0, 120.0, 10.0),
    allowance=Allowance(8.0, 7200, 0.0, 3600, 36_000, 3600),
    wash=Wash(60.0, 20.0),
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
        at_most("rules_bytes_per_channel", rules_bytes_per_channel(), "bytes", 1000),
    ]


def rules_bytes_per_channel(points: int = 100_000) -> float:
    """Return what 100,000 points take after a day of readings, with the room that their loud lanes needed."""
    known, states = new_points(points), States()
    for block in _blocks(points, 40, 40):
        _fold(block, known, states)
    return (known.nbytes + states.records.nbytes + states.free.nbytes) / points


def _readings_per_s(points: int, steps: int, calls: int) -> float:
    known, states = new_points(points), States()
    best = 0.0
    for call, block in enumerate(_blocks(points, steps, calls)):
        if call == 0:
            _fold(tuple(column[:1] for column in block), new_points(1), States())  # compiled or loaded
        begin = time.perf_counter()
        _fold(block, known, states)
        best = max(best, len(block[0]) / (time.perf_counter() - begin))
    return best


_Block = tuple[NDArray[Any], ...]


def _blocks(points: int, steps: int, calls: int) -> Iterator[_Block]:
    """Yield slot, t, v of each call; half of the probes step by 1/16 K, as DS18B20 do, and so repeat themselves."""
    chance = np.random.default_rng(1)
    usual = chance.normal(4.5, 1.5, points)  # as found: about a third is out of its label's 2 to 6 °C at any time
    each = steps // calls
    for call in range(calls):
        place = np.repeat(np.arange(points, dtype=np.int32), each)
        t = (np.tile(np.arange(each), points).astype(np.int64) + 1 + call * each) * 5 * MINUTE_MS
        v = usual[place] + np.sin(t / 2e7 + place) + chance.normal(0, 0.3, len(t))
        yield place, t, np.where(place % 2 == 0, np.round(v * 16) / 16, np.round(v, 2))


def _fold(block: _Block, known: Records, states: States) -> None:
    slot, t, v = block
    heads, lanes = new_rows(1)
    fill(heads, lanes[0], EVERYTHING, 10 * MINUTE_MS)
    run(slot, t, v, np.zeros(len(t), np.int32), (heads, lanes), known, states)


if __name__ == "__main__":
    print(f"batch    {rules_batch_readings_per_s() / 1e6:6.1f} M readings/s over 100,000 points")
    print(f"backfill {rules_backfill_readings_per_s() / 1e6:6.1f} M readings/s on one point")
    print(f"bytes    {rules_bytes_per_channel():6.0f} a point")
