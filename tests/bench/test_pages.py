"""The page bench counts what was paged, finds what failed, and is made of readings as probes and radio make them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts.learner import Learner
from bench.pages import Page, found, told
from bench.shops import EPOCH, LOST_SHARE, MIDNIGHT_MS, STEP_S, TARGET_CELSIUS, Failure, Shops, shops
from coldchain.seal import open_envelope, unpacked
from coldchain.senml import decode
from firmware_sim.populations import draw

HOUR_MS = 3_600_000


class NoLearner(Learner):
    """Learns nothing."""

    def night(self) -> int:
        return 0

    def first_hours(self) -> int:
        return 0


@pytest.fixture(scope="module")
def ten() -> Shops:
    return shops("as-found", 10, 2, 11, failures_a_cooler_day=0.2)


def test_readings_come_once_an_interval_but_for_three_in_a_hundred(ten: Shops) -> None:
    assert ten.celsius.shape == (2 * 86_400 // STEP_S, 10)
    assert ten.days == 2
    assert abs(np.isnan(ten.celsius).mean() - LOST_SHARE) < 0.01
    assert [cooler.asset.id for cooler in ten.coolers] == [cooler.asset.id for cooler in draw("as-found", 10, 11)]


def test_a_repaired_failure_is_seen_by_its_own_probe_and_no_other(ten: Shops) -> None:
    calm = shops("as-found", 10, 2, 11, failures_a_cooler_day=1e-9)
    dead = {failure.asset for failure in ten.failures}

    moved = np.nanmax(np.abs(ten.celsius - calm.celsius), axis=0) > 0.5

    assert dead
    assert {ten.coolers[place].asset.id for place in np.flatnonzero(moved)} == dead
    assert all(failure.end_ms - failure.start_ms <= 6 * HOUR_MS for failure in ten.failures)


def test_who_stands_warm_is_decided_by_goods_and_without_failures(ten: Shops) -> None:
    calm = shops("as-found", 10, 2, 11, failures_a_cooler_day=1e-9)

    assert ten.warm.tolist() == calm.warm.tolist()
    assert 0 < ten.warm.sum() < 10
    assert TARGET_CELSIUS == 6.0


def test_sealed_batches_hold_what_the_probes_said_at_their_own_moments(ten: Shops) -> None:
    [gateway] = ten.gateways()

    [first], [second] = ten.runs(0, [gateway]), ten.runs(1, [gateway])

    sealed = open_envelope(second.batches[0].raw)
    readings = decode(unpacked(sealed.pack), sealed.created_ms).readings
    kept = ~np.isnan(ten.celsius[1])
    assert (sealed.seq, sealed.epoch, sealed.prev) == (2, EPOCH, first.batches[0].hash)
    assert readings.value.tolist() == ten.celsius[1][kept].tolist()
    assert readings.measured_at_ms.tolist() == (MIDNIGHT_MS + STEP_S * 1000 + ten.after_ms[kept]).tolist()


def test_a_failure_is_found_by_the_first_page_between_its_start_and_its_end(ten: Shops) -> None:
    asset, other = ten.coolers[0].asset.id, ten.coolers[1].asset.id
    start_ms = MIDNIGHT_MS + 30 * HOUR_MS
    failure = Failure(asset, start_ms, start_ms + 6 * HOUR_MS)
    late = Failure(asset, ten.end_ms - HOUR_MS, ten.end_ms)
    made = replace(ten, failures=(failure, late))

    def after_min(*pages: tuple[float, str, str]) -> float | None:
        [one] = found(
            made, [Page(start_ms + round(h * HOUR_MS), who, rule, "open-now") for h, who, rule in pages], None
        )
        return one.after_min

    assert after_min((0.5, asset, "high"), (0.7, asset, "high")) == 30
    assert after_min((-0.1, asset, "high"), (1.0, asset, "product")) == 60
    assert after_min((0.5, other, "high"), (0.5, asset, "silence"), (6.1, asset, "high")) is None


def test_a_failed_cooler_pages_through_the_real_judge() -> None:
    made = shops("well-set", 10, 1, 11, failures_a_cooler_day=0.5)

    run = told(made, NoLearner)

    dead = {failure.asset for failure in made.failures}
    assert run.found
    assert any(one.after_min is not None for one in run.found)
    assert {page.asset for page in run.pages} <= dead
    assert run.pages_a_day() == pytest.approx(len(run.pages) / 10)
    assert run.false_silences_a_day == 0
