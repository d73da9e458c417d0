"""The short form of `make faults`: real processes are killed and hung, and every reading is accounted for."""

from __future__ import annotations

import asyncio
import secrets
import signal
from pathlib import Path

import pytest

from coldchain.cli.broker import free_port
from coldchain.cli.chain import FIXED, MOBILE, SENSORS, SERVER, SITE_BROKER, UPLINK_BROKER, Chain
from coldchain.cli.demo import settled
from coldchain.cli.report import Api, recorded_rows
from coldchain.clock import parse_rfc3339
from firmware_sim.scenario import Expect
from firmware_sim.truth import read_truth
from firmware_sim.verdict import compare
from tests.faults.harness import run_faults
from tests.faults.telling import POINTS, run_telling

pytestmark = pytest.mark.faults

FAULTS = 60
CONTROL_FAULTS = 8
EPISODES, RESTARTS = 60, 20


def test_sixty_kills_and_hangs_lose_double_and_alter_nothing() -> None:
    seed = secrets.randbelow(1 << 30)

    outcome = run_faults(seed, FAULTS)

    print(outcome.summary())  # noqa: T201 - the seed, for whoever has to repeat it
    assert outcome.clean, outcome.summary()
    assert len({happened.fault.point for happened in outcome.happened}) >= 6, outcome.summary()


@pytest.mark.parametrize("control", ["ack-before-commit", "trust-puback"])
def test_control_a_chain_that_promises_too_early_is_caught(control: str) -> None:
    outcome = run_faults(7, CONTROL_FAULTS, control)

    assert outcome.report is not None
    assert outcome.report.lost > 0, outcome.summary()


def test_everybody_hears_of_sixty_alarms_through_twenty_deaths_of_the_server() -> None:
    told = run_telling(secrets.randbelow(1 << 30), EPISODES, RESTARTS)

    print(told.summary())  # noqa: T201 - the seed, for whoever has to repeat it
    assert told.clean, told.summary()
    assert told.paged == EPISODES
    assert told.restarts >= RESTARTS
    assert all(told.points[point] for point in POINTS)
    assert told.escalated > 0
    assert told.lost > 0


def test_a_dying_site_broker_loses_a_bounded_stretch_that_shows_as_a_hole(tmp_path: Path) -> None:
    outage = asyncio.run(_site_broker_dies(tmp_path))

    lost_ms, holes, silent = outage
    assert lost_ms, "the broker held nothing when it died: the test proves nothing"
    assert all(silent[0] <= at_ms <= silent[1] for at_ms in lost_ms), "lost outside the outage"
    assert any(start <= lost_ms[0] and lost_ms[-1] <= end for start, end in holes), holes


async def _site_broker_dies(folder: Path) -> tuple[list[int], list[tuple[int, int]], tuple[int, int]]:
    """Hang the gateways, let the broker fill, kill it; return lost moments, holes and outage of one cooler."""
    simulated_s, real_s, hang_s = 7_200.0, 40.0, 6.0
    chain = Chain(
        folder,
        free_port(0),
        scenarios=("small",),
        history_s=0,
        duration_s=simulated_s,
        speed=simulated_s / real_s,
    )
    chain.prepare()
    try:
        for name in (SITE_BROKER, UPLINK_BROKER):
            await chain.start(name)
            await chain.listening(name)
        for name in (SERVER, FIXED, MOBILE):
            await chain.start(name)
        await chain.listening(SERVER)
        await chain.start(SENSORS)
        await asyncio.sleep(real_s / 4)
        first_ms = _newest_sent(chain)
        chain.signal(FIXED, signal.SIGSTOP)
        await asyncio.sleep(hang_s)
        await chain.kill(SITE_BROKER)
        last_ms = _newest_sent(chain)
        await chain.start(SITE_BROKER)
        chain.signal(FIXED, signal.SIGCONT)
        sensors = chain.roles[SENSORS].process
        assert sensors is not None
        await asyncio.wait_for(sensors.wait(), 120)
        await settled(chain, 120)
        return await asyncio.to_thread(_what_is_missing, chain, (first_ms - 120_000, last_ms + 120_000))
    finally:
        await chain.stop_all()


def _newest_sent(chain: Chain) -> int:
    return max(sent.t_ms for sent in read_truth(chain.truth).sent if sent.expect is Expect.RECORDED)


def _what_is_missing(chain: Chain, outage: tuple[int, int]) -> tuple[list[int], list[tuple[int, int]], tuple[int, int]]:
    point = next(point for point in chain.fleet.points if point.id == "cooler-101.return-air")
    truth = read_truth(chain.truth)
    with Api(f"http://127.0.0.1:{chain.web_port}") as api:
        rows = list(recorded_rows(api, chain.fleet, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"))
        rollups = api.get(f"/api/v1/points/{point.id}/rollups", buckets=100)
    assert compare(truth, rows).mismatched == 0
    have = {row.t_ms for row in rows if row.channel == point.channel}
    lost = sorted(s.t_ms for s in truth.produced() if s.channel == point.channel and s.t_ms not in have)
    holes = [(parse_rfc3339(hole["from"]), parse_rfc3339(hole["to"])) for hole in rollups["holes"]]
    return lost, holes, outage
