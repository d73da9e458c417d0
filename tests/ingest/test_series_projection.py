"""Every record ends as a row or in quarantine, and a change moves it there or back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.errors import Unavailable
from coldchain.ledger.sql import SqlLedger
from coldchain.readings import Quality
from coldchain.registry import Asset, Binding, Node, Point, Probe, event_channel
from coldchain.senml import Row
from coldchain.series.duck import DuckSeries
from ingest.rebuild import rebuild_latest, rebuild_series
from tests.ingest.worlds import World, world
from tests.support import DAY_MS, MINUTE_MS, T0, SealingNode, append_batches, channel_of, fleet, put

CHANNEL = channel_of("gw-1")


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


def test_readings_of_a_bound_probe_are_in_the_series(here: World) -> None:
    gateway = SealingNode("gw-1")
    put(here.ledger, *fleet([gateway]))

    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel"), Row(CHANNEL, T0 + MINUTE_MS, "no-probe")])
    here.project()

    assert here.readings() == {
        (CHANNEL, T0, 4.5, 0, None, ()),
        (CHANNEL, T0 + MINUTE_MS, None, int(Quality.FAULT), "no-probe", ()),
    }
    assert here.series.cursor() == here.ledger.end()


def test_a_probe_registered_late_brings_its_whole_past_out_of_the_inbox(here: World) -> None:
    gateway = SealingNode("gw-1")
    *most, probe, binding = fleet([gateway], probes_each=1)
    put(here.ledger, *most)
    for minute in range(3):
        gateway.append(here.ledger, [Row(CHANNEL, T0 + minute * MINUTE_MS, 4.5, "Cel")])
    here.project()
    assert here.waiting() == {("gw-1", CHANNEL, "unknown-channel"): 3}

    put(here.ledger, probe)
    here.project()
    assert here.waiting() == {("gw-1", CHANNEL, "unbound-channel"): 3}

    put(here.ledger, binding)
    here.project()
    assert not here.waiting()
    assert len(here.readings()) == 3


def test_a_probe_that_moves_to_another_site_leaves_what_its_old_gateway_sealed_as_foreign(here: World) -> None:
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    put(here.ledger, *fleet([one, two], probes_each=1))
    one.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    two.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel"), Row(CHANNEL, T0 + 1, 5.0, "Cel")])
    here.project()
    assert here.waiting() == {("gw-2", CHANNEL, "foreign-channel"): 2}

    put(here.ledger, Binding(CHANNEL, "gw-2/p0", 0))
    here.project()

    assert here.waiting() == {("gw-1", CHANNEL, "foreign-channel"): 1}
    assert len(here.readings()) == 2


def test_a_copy_that_tidying_removed_comes_back_when_its_gateway_is_the_only_one_left(here: World) -> None:
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    put(here.ledger, *fleet([one, two], probes_each=1))
    put(here.ledger, Node("gw-2", "site-gw-2", (two.public_key.hex(),), grants=(CHANNEL,)))
    one.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    two.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    here.project()
    assert here.series.tidy(T0 + DAY_MS) == 1

    put(here.ledger, Binding(CHANNEL, "gw-2/p0", 0))
    here.project()

    assert here.readings() == {(CHANNEL, T0, 4.5, 0, None, ())}
    assert here.waiting() == {("gw-1", CHANNEL, "foreign-channel"): 1}


@pytest.mark.parametrize("step", [1, 256])
def test_a_grant_that_is_taken_back_and_a_gateway_that_moves_are_sorted_again(here: World, step: int) -> None:
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    put(here.ledger, *fleet([one, two], probes_each=1))
    key = (two.public_key.hex(),)
    put(here.ledger, Node("gw-2", "site-gw-2", key, grants=(CHANNEL,)))
    two.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel"), Row(channel_of("gw-2"), T0, 4.0, "Cel")])
    here.project(step)
    assert len(here.readings()) == 2

    put(here.ledger, Node("gw-2", "site-gw-2", key))
    here.project(step)
    assert here.waiting() == {("gw-2", CHANNEL, "foreign-channel"): 1}

    put(here.ledger, Node("gw-2", "site-gw-1", key))
    here.project(step)
    assert here.waiting() == {("gw-2", channel_of("gw-2"), "foreign-channel"): 1}

    put(here.ledger, Asset("cooler-gw-2", "moved too", "cooler", "site-gw-1"))
    here.project(step)
    assert not here.waiting()


def test_records_that_are_none_wait_with_their_reason_and_are_never_sorted_again(here: World) -> None:
    gateway = SealingNode("gw-1")
    put(here.ledger, *fleet([gateway], probes_each=1))
    pack = [
        {"n": CHANNEL, "t": T0 / 1000, "v": 4.5},
        {"n": CHANNEL, "t": T0 / 1000, "s": 4.5},
        {"n": "urn:x:y", "t": T0 / 1000, "v": 1},
    ]
    before = gateway.head
    packs = [json.dumps(pack).encode(), b"rubbish"]
    append_batches(here.ledger, gateway, before, [gateway.seal_pack(pack) for pack in packs])
    here.project()

    put(here.ledger, Probe(CHANNEL), Probe("urn:x:y"))
    here.project()

    assert here.waiting() == {
        ("gw-1", "", "sum-only"): 1,
        ("gw-1", "", "bad-senml"): 1,
        ("gw-1", "urn:x:y", "unbound-channel"): 1,
    }
    assert {record.index for record in here.series.quarantine()} == {1, 2, -1}


def test_a_gateways_own_events_are_its_own_and_nobody_elses(here: World) -> None:
    one, two = SealingNode("gw-1"), SealingNode("gw-2")
    put(here.ledger, *fleet([one, two]))

    one.append(here.ledger, [Row(event_channel("gw-1"), T0, "boot"), Row(event_channel("gw-2"), T0, "boot")])
    here.project()

    assert [row[0] for row in here.readings()] == [event_channel("gw-1")]
    assert here.waiting() == {("gw-1", event_channel("gw-2"), "foreign-channel"): 1}


def test_a_rotated_key_sorts_nothing_again(here: World) -> None:
    gateway = SealingNode("gw-1")
    put(here.ledger, *fleet([gateway]))
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    here.project()
    resorted = here.projection.counters["resorted"]

    put(here.ledger, Node("gw-1", "site-gw-1", (gateway.public_key.hex(), "00" * 32)))
    here.project()

    assert here.projection.counters["resorted"] == resorted


def test_a_restarted_projection_goes_on_where_it_stood(here: World) -> None:
    gateway = SealingNode("gw-1")
    put(here.ledger, *fleet([gateway]))
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    here.project()
    here.close()
    gateway.append(here.ledger, [Row(CHANNEL, T0 + MINUTE_MS, 5.5, "Cel")])

    here.open()
    here.project()

    assert len(here.readings()) == 2
    assert here.newest() == {("gw-1/p0", T0 + MINUTE_MS, 5.5, 0, None)}


def test_a_step_that_failed_once_is_done_whole_the_second_time(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = SealingNode("gw-1")
    *most, binding = fleet([gateway], probes_each=1)
    put(here.ledger, *most)
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel")])
    here.project()
    put(here.ledger, binding, Point("gw-1/p0", "cooler-gw-1", "product", "temperature", 60))

    def away(*_: object) -> None:
        raise Unavailable("the disk went away for a moment")

    entries = here.ledger.read(here.projection.cursor, 256)
    with monkeypatch.context() as patched:
        patched.setattr(here.series, "write", away)
        with pytest.raises(Unavailable):
            here.projection.step(entries)
    here.projection.step(entries)

    assert len(here.readings()) == 1
    assert not here.waiting()


def test_rebuilding_from_the_ledger_gives_the_same_stores(tmp_path: Path) -> None:
    ledger = SqlLedger.open(tmp_path / "ledger.sqlite")
    gateway = SealingNode("gw-1")
    put(ledger, *fleet([gateway]))
    for minute in range(20):
        gateway.append(ledger, [Row(channel_of("gw-1", n), T0 + minute * MINUTE_MS, 4 + n, "Cel") for n in range(3)])
    here = World(tmp_path, ledger)
    here.project(3)
    before = here.readings(), here.waiting(), here.newest()
    here.close()
    told: list[tuple[int, int]] = []

    rebuild_series(ledger, tmp_path / "series.duckdb", lambda done, end: told.append((done, end)), chunk=7)
    rebuild_latest(ledger, tmp_path / "latest.sqlite", chunk=7)

    here.open()
    assert (here.readings(), here.waiting(), here.newest()) == before
    assert here.projection.cursor == here.latest.cursor == ledger.end()
    assert told[0] == (7, ledger.end())
    assert told[-1] == (ledger.end(), ledger.end())
    assert not list(tmp_path.glob("*.rebuilding*"))
    here.close()
    ledger.close()


CRASHING = """
import sys
from pathlib import Path
from coldchain.batches import BatchDecoder
from coldchain.errors import Unavailable
from coldchain.ledger.sql import SqlLedger
from coldchain.series.duck import DuckSeries
from ingest.projections import SeriesProjection
from coldchain.projection import catch_up

folder = Path(sys.argv[1])
ledger = SqlLedger.open(folder / "ledger.sqlite")
catch_up(SeriesProjection(ledger, DuckSeries(folder / "series.duckdb"), BatchDecoder()), ledger, chunk=4)
"""


@pytest.mark.faults
def test_killed_inside_a_step_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    ledger = SqlLedger.open(tmp_path / "ledger.sqlite")
    gateway = SealingNode("gw-1")
    put(ledger, *fleet([gateway]))
    for minute in range(30):
        gateway.append(ledger, [Row(CHANNEL, T0 + minute * MINUTE_MS, 4.5, "Cel")])

    for kill_at in (2, 3):
        environment = {**os.environ, "COLDCHAIN_CRASH_AT": f"during-projection:{kill_at}"}
        crashed = subprocess.run([sys.executable, "-c", CRASHING, str(tmp_path)], env=environment, check=False)
        assert crashed.returncode == 137
    subprocess.run([sys.executable, "-c", CRASHING, str(tmp_path)], check=True)

    series = DuckSeries(tmp_path / "series.duckdb")
    assert series.cursor() == ledger.end()
    assert list(series.counts(T0, T0 + DAY_MS).values()) == [30]
    series.close()
    ledger.close()
