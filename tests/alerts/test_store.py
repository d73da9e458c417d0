"""What the pages read, and what the store promises: one owner, nothing half written, ids that outlive a rebuild."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from alerts.history import LedgerHistory
from alerts.judge import Judge
from alerts.readmodel import AlarmReader
from alerts.rebuild import rebuild_alarms
from alerts.store import AlertStore
from alerts.tables import alarm_transition, cursor, meta
from alerts.writing import Writing
from coldchain.clock import rfc3339
from coldchain.errors import ConfigError, Unavailable
from coldchain.projection import CursorMoved
from coldchain.registry import LimitRule
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, World, shop
from tests.alerts.test_judge import minutes


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, now_ms=MIDNIGHT_MS + 24 * MINUTE_MS + 30_000)
    made.put(*shop(3))
    yield made
    made.close()


@pytest.fixture
def reader(world: World) -> AlarmReader:
    return AlarmReader(world.store.engine)


def test_an_alarm_as_the_page_shows_it(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [4.0] * 5 + [9.0] * 20 + [11.2] + [4.0] * 4))
    world.settle()

    (item,) = reader.alarms().items

    assert {key: item[key] for key in ("point", "asset", "site", "rule", "severity", "state")} == {
        "point": "cooler-0.air",
        "asset": "cooler-0",
        "site": "shop",
        "rule": "high",
        "severity": "warning",
        "state": "returned-unacknowledged",
    }
    assert item["onset"] == rfc3339(MIDNIGHT_MS + 5 * MINUTE_MS)
    assert item["ended"] == rfc3339(MIDNIGHT_MS + 26 * MINUTE_MS)
    assert (item["open"], item["limit"], item["peak"]) == (False, 8.0, 11.2)
    assert (item["duration_s"], item["hole_s"], item["version"], item["late_discovered"]) == (21 * 60, 0, 2, False)
    assert (item["telling"], item["telling_reason"]) == ("page", "ended-recently")


def test_every_step_is_kept_with_its_reason_and_evidence(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [9.0] * 15))
    world.settle()
    world.send("gw", minutes(15, [4.0] * 5))
    world.settle()

    found = reader.alarm(str(reader.alarms().items[0]["id"]))

    assert found is not None
    steps = found["transitions"]
    assert isinstance(steps, list)
    assert [(step["from"], step["to"], step["reason"]) for step in steps] == [
        ("normal", "unacknowledged", "limit"),
        ("unacknowledged", "returned-unacknowledged", "returned"),
    ]
    assert steps[1]["evidence"]["limit"] == 8.0
    assert reader.alarm("nobody") is None


def test_lists_are_paged_and_a_foreign_cursor_is_refused(world: World, reader: AlarmReader) -> None:
    for probe in range(3):
        world.send("gw", minutes(0, [9.0] * 15, probe))
        world.settle()
        world.clock.advance_sync(1)

    first = reader.alarms(limit=2)
    second = reader.alarms(limit=2, after=first.next)

    assert [item["point"] for item in first.items + second.items] == ["cooler-2.air", "cooler-1.air", "cooler-0.air"]
    assert second.next is None
    assert len(reader.alarms(open_only=True).items) == 3
    with pytest.raises(ValueError, match="no cursor"):
        reader.alarms(after="Zm9v")


def test_a_returning_page_gets_what_changed(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [9.0] * 15, 0))
    world.settle()
    position, change = reader.position(), reader.change()

    world.send("gw", minutes(0, [9.0] * 15, 1))
    world.settle()

    assert [item["point"] for item in reader.since_change(change)] == ["cooler-1.air"]
    assert [item["point"] for item in reader.since(position + 1)] == ["cooler-1.air"]
    assert [item["point"] for item in reader.since(0)] == ["cooler-0.air", "cooler-1.air"]
    assert reader.since_change(reader.change()) == []


def test_a_point_whose_on_delay_runs_is_shown_until_it_is_over(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [4.0, 9.0, 9.0, 9.0]))
    world.settle()
    (waiting,) = reader.pending()
    assert (waiting.point, waiting.rule) == ("cooler-0.air", "high")
    assert (waiting.since_ms, waiting.held_ms) == (MIDNIGHT_MS + MINUTE_MS, 2 * MINUTE_MS)

    world.send("gw", minutes(4, [4.0]))
    world.settle()

    assert reader.pending() == []


def test_an_open_alarm_s_numbers_are_as_new_as_the_cursor_and_make_no_version(
    world: World, reader: AlarmReader
) -> None:
    world.send("gw", minutes(0, [9.0] * 15))
    world.catch_up()
    (before,) = reader.alarms().items

    world.clock.advance_sync(2)
    world.send("gw", minutes(15, [11.2, 10.0]))
    world.catch_up()

    (item,) = reader.since_change(reader.change() - 1)
    assert (before["peak"], before["exposed_s"], before["excess_kelvin_min"]) == (9.0, 14 * 60, 14.0)
    assert (item["peak"], item["exposed_s"], item["excess_kelvin_min"]) == (11.2, 16 * 60, 15 * 1.0 + 3.2)
    assert (item["version"], item["open"]) == (before["version"], True)
    (episode,) = world.episodes()
    assert (episode.peak, episode.peak_ms, episode.samples) == (11.2, MIDNIGHT_MS + 15 * MINUTE_MS, 17)
    assert world.live_alarms() == [episode]


def test_an_open_alarm_of_which_nothing_new_is_said_is_not_written_again(world: World, reader: AlarmReader) -> None:
    world.send("gw", [*minutes(0, [9.0] * 15), *minutes(0, [9.0] * 15, 1)])
    world.catch_up()
    change = reader.change()

    world.clock.advance_sync(2)
    world.send("gw", minutes(15, [9.0], 1))
    world.catch_up()

    assert [item["point"] for item in reader.since_change(change)] == ["cooler-1.air"]


@pytest.mark.parametrize("more", [[11.2], [4.0] * 4], ids=["it goes on", "it ends"])
def test_what_a_full_disk_refused_is_stored_whole_when_there_is_room(
    world: World, reader: AlarmReader, monkeypatch: pytest.MonkeyPatch, more: list[float]
) -> None:
    def refuse(writing: Writing) -> None:
        raise Unavailable("no space left")

    for readings in (minutes(0, [9.0] * 15), minutes(15, more)):
        world.send("gw", readings)
        world.clock.advance_sync(2)
        before = reader.alarms().items
        with monkeypatch.context() as full:
            full.setattr(Writing, "finish", refuse)
            with pytest.raises(Unavailable):
                world.catch_up()
        assert reader.alarms().items == before
        world.clock.advance_sync(2)
        world.catch_up()

    (episode,) = world.episodes()
    assert (episode.peak, episode.ended_ms is None) == (max(9.0, *more), more == [11.2])
    assert world.live_alarms() == [episode]


def test_an_alarm_of_readings_that_stop_days_ago_pages_only_when_they_become_current(
    world: World, reader: AlarmReader
) -> None:
    world.clock.advance_sync(3 * 86_400)
    world.send("gw", minutes(0, [9.0] * 15))
    world.settle()
    assert reader.alarms().items[0]["telling"] == "defer"
    assert reader.alarms().items[0]["late_discovered"] is True

    world.received_ms = world.clock.now_ms()
    world.send("gw", minutes(3 * 1440 + 28, [9.0, 9.0]))
    world.settle()

    assert reader.alarms().items[0]["telling_reason"] == "open-now"


def test_a_second_judge_stops_the_first(world: World) -> None:
    world.send("gw", minutes(0, [9.0] * 15))
    other = Judge(world.store, world.ledger, world.history, world.clock)
    world.settle()

    other.step(world.ledger.read(0, 100))
    with pytest.raises(CursorMoved):
        other.settle()


def test_a_rebuild_keeps_ids_and_finds_what_was_changed_behind_the_back(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [9.0] * 15 + [4.0] * 5))
    world.settle()
    before = reader.alarms().items

    nothing = rebuild_alarms(world.store, world.ledger, world.clock)
    assert nothing.changes == 0
    assert reader.alarms().items == before

    world.put(LimitRule("cooler-0.air", 0, 10.0, 0.0, 600, 0.5, 120))
    found = rebuild_alarms(world.store, world.ledger, world.clock)

    assert (found.changes, found.waiting) == (1, 0)
    assert [item["state"] for item in reader.alarms().items] == ["retracted"]


def test_states_of_another_fold_are_folded_again_and_alarms_keep_their_ids(world: World, reader: AlarmReader) -> None:
    world.send("gw", minutes(0, [9.0] * 15))
    world.settle()
    before = reader.alarms().items
    with world.store.engine.begin() as connection:
        connection.execute(update(meta).where(meta.c.key == "fold").values(value=0))

    world.restart()
    world.send("gw", minutes(15, [9.0] * 5))
    world.settle()

    (after,) = reader.alarms().items
    assert after["id"] == before[0]["id"]
    assert [episode.samples for episode in world.episodes()] == [20]


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    store = AlertStore.open(tmp_path / "alerts.sqlite")
    with store.engine.begin() as connection:
        connection.execute(update(meta).where(meta.c.key == "schema").values(value=99))
    store.close()

    with pytest.raises(ConfigError, match="schema 99"):
        AlertStore.open(tmp_path / "alerts.sqlite")


CRASH = """
import sys
from pathlib import Path
from tests.alerts.support import World
world = World(Path(sys.argv[1]), now_ms=int(sys.argv[2]))
world.settle()
"""


@pytest.mark.faults
@pytest.mark.parametrize("hit", [1, 2])
def test_a_power_cut_while_checkpoints_are_written_loses_nothing(tmp_path: Path, hit: int) -> None:
    now_ms = MIDNIGHT_MS + 2 * 86_400_000
    world = World(tmp_path, now_ms=now_ms)
    world.put(*shop(2))
    world.send("gw", minutes(1430, [9.0] * 60, 0))
    world.send("gw", minutes(1430, [9.0] * 60, 1))
    world.close()

    died = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path), str(now_ms)],
        env={**os.environ, "COLDCHAIN_CRASH_AT": f"during-checkpoint:{hit}", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert died.returncode == 137
    again = World(tmp_path, now_ms=now_ms)
    with again.store.engine.connect() as connection:
        assert connection.execute(select(cursor.c.position)).scalar_one() == 0
        assert connection.execute(select(alarm_transition)).all() == []
    again.settle()

    assert len(again.episodes()) == 2
    assert again.live_alarms() == again.episodes()
    again.close()


def test_the_ledger_history_and_the_tail_give_one_sample_a_time(world: World) -> None:
    world.send("gw", minutes(0, [4.0, 5.0]))
    world.send("gw", minutes(0, [6.0]))
    world.settle()

    from coldchain.registry import registry_at

    registry = registry_at(world.ledger, world.ledger.end())
    found = LedgerHistory(world.ledger).samples(registry, "cooler-0.air", 0, 1 << 62, world.ledger.end())

    assert found.v.tolist() == [6.0, 5.0]
    assert found.position.tolist() == [world.ledger.end(), world.ledger.end() - 1]


def test_pages_and_the_judge_itself_start_without_loading_numba() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, alerts.readmodel, alerts.judge; sys.exit('numba' in sys.modules)"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )

    assert done.returncode == 0
