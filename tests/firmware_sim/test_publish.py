"""Against a real mosquitto: what was acknowledged was heard, and a broker's death loses nothing that was not."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from coldchain.clock import SystemClock
from coldchain.senml import decode
from firmware_sim.publish import Broker, SitePublisher, pack_of
from firmware_sim.run import Options, live_start_ms, parts_of, simulate
from firmware_sim.scenario import Expect
from firmware_sim.scenario_files import load_together
from firmware_sim.sensing import Reading
from firmware_sim.truth import TruthLog, read_truth
from firmware_sim.verdict import Row, compare
from tests.firmware_sim.conftest import Listener, Mosquitto, until

T0 = 1_760_000_000_000


def reading(number: int, expect: Expect = Expect.RECORDED) -> Reading:
    return Reading("gw-1", "0024befffe801010", "urn:x:temperature", T0 + number * 1000, 4.0 + number, "Cel", expect)


def rows(listener: Listener) -> list[Row]:
    found = {}
    for _, payload, _ in list(listener.heard):
        for name, at_ms, value, _, word in decode(payload, 0).readings.rows():
            found[name, at_ms] = Row(name, at_ms, None if word else value, word)
    return list(found.values())


@pytest.mark.broker
def test_what_is_taken_was_heard_with_its_history_property(mosquitto: Mosquitto, listener: Listener) -> None:
    wake = threading.Event()
    site = SitePublisher("s", Broker(port=mosquitto.port), TruthLog(None), SystemClock(), wake)
    site.offer(pack_of("a", [reading(0), reading(1)], history=True))
    site.offer(pack_of("b", [reading(2)], history=False))

    until(lambda: site.pending == 0, wake, site.pump)
    until(lambda: len(listener.heard) == 2, listener.wake)
    site.close()

    assert [topic for topic, _, _ in listener.heard] == ["coldchain/v1/gw-1/site/0024befffe801010/data"] * 2
    assert [said for _, _, said in listener.heard] == [[("history", "1")], []]
    assert site.counts.readings_taken == 3


@pytest.mark.broker
def test_a_pack_that_nobody_subscribed_to_is_not_taken_until_somebody_does(mosquitto: Mosquitto) -> None:
    wake = threading.Event()
    site = SitePublisher("s", Broker(port=mosquitto.port), TruthLog(None), SystemClock(), wake)
    site.offer(pack_of("a", [reading(0)], history=False))

    until(lambda: site.counts.refused > 0, wake, site.pump)
    assert (site.counts.taken, site.pending) == (0, 1)
    ear = Listener(mosquitto.port)
    until(lambda: site.pending == 0, wake, site.pump)
    site.close()
    ear.close()

    assert site.counts.taken == 1


@pytest.mark.broker
def test_a_killed_broker_loses_nothing_that_was_not_taken(
    mosquitto: Mosquitto, listener: Listener, tmp_path: Path
) -> None:
    wake, path = threading.Event(), tmp_path / "truth.jsonl"
    truth = TruthLog(path)
    site = SitePublisher("s", Broker(port=mosquitto.port), truth, SystemClock(), wake, window=4)
    for number in range(200):
        site.offer(pack_of(f"p{number}", [reading(number)], history=True))

    until(lambda: site.counts.taken > 20, wake, site.pump)
    until(lambda: site.in_flight == 0, wake, lambda: site.pump(sending=False))
    until(lambda: len(listener.heard) >= site.counts.taken, listener.wake)
    # Hung before it is killed, the broker answers nothing of the window that is sent now.
    mosquitto.hang()
    site.pump()
    assert site.in_flight == 4
    mosquitto.kill()
    listener.subscribed.clear()
    mosquitto.start()
    assert listener.subscribed.wait(20)
    until(lambda: site.pending == 0, wake, site.pump)
    until(lambda: len(rows(listener)) >= 200, listener.wake)
    site.close()
    truth.close()

    verdict = compare(read_truth(path), rows(listener))
    assert verdict.clean, verdict.examples
    assert verdict.produced == 200


@pytest.mark.broker
def test_a_short_run_is_heard_whole(mosquitto: Mosquitto, listener: Listener, tmp_path: Path) -> None:
    path, said = tmp_path / "truth.jsonl", list[str]()
    options = Options(Broker(port=mosquitto.port), history_s=3600, duration_s=600, speed=600, truth=path)

    summary = simulate(options, threading.Event(), said.append)
    until(lambda: len(listener.heard) >= summary.packs_taken, listener.wake)

    truth = read_truth(path)
    assert summary.pending == 0
    assert summary.readings_taken == len(truth.produced()) == len(truth.sent)
    sent = {(line.channel, line.t_ms) for line in truth.sent}
    heard = {(row.channel, row.t_ms) for row in rows(listener)}
    assert heard == sent
    assert any("left open" in line for line in said)


@pytest.mark.broker
def test_a_run_that_is_stopped_closes_its_log(mosquitto: Mosquitto, listener: Listener, tmp_path: Path) -> None:
    stop, path = threading.Event(), tmp_path / "truth.jsonl"
    stop.set()

    summary = simulate(Options(Broker(port=mosquitto.port), truth=path), stop, lambda _: None)

    assert summary.packs_sent == summary.packs_taken
    assert read_truth(path).produced() == list(read_truth(path).sent)


@pytest.mark.broker
def test_scenarios_go_over_the_wire_as_they_are_told(mosquitto: Mosquitto, listener: Listener, tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    scenario = load_together(["duplicates", "clock-1970", "sensor-unplugged"])
    options = Options(
        Broker(port=mosquitto.port), history_s=6 * 3600, duration_s=60, speed=60, truth=path, scenario=scenario
    )

    summary = simulate(options, threading.Event(), lambda _: None)
    until(lambda: len(listener.heard) >= summary.packs_taken, listener.wake)

    truth = read_truth(path)
    assert {item.expected for item in truth.expected} >= {"twice", "quality", "fault", "suspect"}
    of_shop = Counter(payload for topic, payload, _ in listener.heard if "/gw-shop/" in topic)
    assert {count % 3 for count in of_shop.values()} == {0}
    assert set(Counter(payload for topic, payload, _ in listener.heard if "gw-truck" in topic).values()) == {1}
    naive = [payload for payload in of_shop if b'"t":6' in payload and b"bt" not in payload]
    assert naive
    verdict = compare(truth, rows(listener))
    assert (verdict.duplicated, verdict.mismatched) == (0, 0)
    assert [line for line in verdict.broken if "sensor-clock" not in line] == []  # no gateway here gives arrival times


def test_a_faster_period_ends_at_the_present() -> None:
    start_ms = live_start_ms(T0, duration_s=7200, speed=720)

    assert start_ms + 7_200_000 == pytest.approx(T0 + 7_200_000 / 720, abs=5_000)


def test_of_a_sensor_without_time_only_the_last_reading_is_sent() -> None:
    readings = [reading(0), reading(1, Expect.SENSOR_CLOCK), reading(2), reading(3, Expect.SENSOR_CLOCK)]

    parts = [list(part) for part in parts_of(readings)]

    assert parts == [[readings[0], readings[2]], [readings[3]]]
