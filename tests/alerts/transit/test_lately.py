"""What is kept up with what is heard is what the history says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from alerts.history import Samples, standing
from alerts.transit.lately import Lately
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Binding, Change, Point, Probe, Registry

STEP_MS = 30_000


class Store:
    """A history of one point whose readings come by ledger position; it lags, and counts how often it is asked."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, float]] = []
        self.end = self.lag = self.asked = 0

    def covered(self) -> int:
        return max(self.end - self.lag, 0)

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        assert upto <= self.covered()
        self.asked += 1
        some = [row for row in self.rows if row[0] <= upto and from_ms <= row[1] < to_ms]
        position, t, v = (np.array([row[column] for row in some]) for column in range(3))
        return standing(t.astype(np.int64), v.astype(np.float64), position.astype(np.int64))

    def hear(self, lately: Lately, rows: list[tuple[int, float]]) -> None:
        self.end += 1
        self.rows += [(self.end, *row) for row in rows]
        t, v = (np.array([row[column] for row in rows]) for column in range(2))
        lately.heard(np.zeros(len(rows), np.int32), t.astype(np.int64), v.astype(np.float64), self.end)


def registry() -> Registry:
    found = Registry()
    puts = (
        Asset("tank", "tank", "tanker", "truck"),
        Point("p", "tank", "lat", "latitude", 30, "lat"),
        Probe("urn:p"),
        Binding("urn:p", "p", 0),
    )
    for put in puts:
        found.apply(Entry(1, Kind.CHANGE, 0, Change(put, "test", "test").encode()))
    found.position = found.version = 0
    return found


@pytest.mark.parametrize("seed", range(20))
def test_any_order_and_any_lag_is_what_the_history_says(seed: int) -> None:
    chance, store = random.Random(seed), Store()
    lately, plain = Lately(registry(), store), Store()
    plain.rows = store.rows
    asked = 0
    for _ in range(120):
        if chance.random() < 0.7:
            moments = [chance.randrange(200) * STEP_MS for _ in range(chance.choice((1, 1, 1, 7)))]
            store.hear(lately, [(at_ms, chance.choice((1.0, 2.0, 3.0))) for at_ms in moments])
        store.lag = chance.choice((0, 0, 0, 1, 3))
        if chance.random() < 0.5:
            who, begin, end = chance.choice((("a", 0, 5_000_000), ("b", 600_000, 4_000_000), ("b", 900_000, 3_000_000)))
            upto = plain.end = store.covered()
            found = lately.samples(who, "p", begin, end, upto)
            expected = plain.samples(registry(), "p", begin, end, upto)
            asked += 1
            assert [found.t.tolist(), found.v.tolist()] == [expected.t.tolist(), expected.v.tolist()]
            lately.forget(upto)
        if chance.random() < 0.03:
            lately.done("a")
    assert store.asked < asked / 2


def test_what_a_change_touched_is_asked_anew_once_the_history_has_the_change() -> None:
    known, store = registry(), Store()
    lately = Lately(known, store)
    store.hear(lately, [(STEP_MS, 1.0)])
    lately.samples("a", "p", 0, 1_000_000, store.covered())
    lately.samples("a", "p", 0, 1_000_000, store.covered())
    assert store.asked == 1

    store.end = known.version = 2
    lately.touched("p")
    store.lag = 1
    lately.samples("a", "p", 0, 1_000_000, store.covered())  # sorted as before: not kept
    store.lag, store.rows = 0, [(1, STEP_MS, 7.0)]

    assert lately.samples("a", "p", 0, 1_000_000, store.covered()).v.tolist() == [7.0]
    assert store.asked == 3
