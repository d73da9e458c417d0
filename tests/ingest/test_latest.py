"""The latest value of a point is the newest measured, whatever came last, and follows its probes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.batches import BatchDecoder
from coldchain.latest import Latest, LatestStore
from coldchain.projection import CursorMoved
from coldchain.readings import Quality
from coldchain.registry import Binding, LimitRule, Node, Probe
from coldchain.senml import Row
from ingest.projections import LatestProjection
from tests.ingest.worlds import World, follow, world
from tests.support import DAY_MS, MINUTE_MS, T0, SealingNode, channel_of, fleet, put

CHANNEL = channel_of("gw-1")
POINT = "gw-1/p0"


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def gateway(here: World) -> SealingNode:
    node = SealingNode("gw-1")
    put(here.ledger, *fleet([node]))
    return node


def test_the_newest_measured_stands_whatever_came_last(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0 + MINUTE_MS, 5.0, "Cel")])
    gateway.append(here.ledger, [Row(CHANNEL, T0, 9.0, "Cel")])

    here.project(1)

    assert here.newest() == {(POINT, T0 + MINUTE_MS, 5.0, 0, None)}


def test_a_reading_of_the_future_is_never_the_latest(here: World, gateway: SealingNode) -> None:
    rows = [Row(CHANNEL, T0, 4.0, "Cel"), Row(CHANNEL, T0 + 400_000, 80.0, "Cel")]

    gateway.append(here.ledger, rows, received_at_ms=T0)
    here.project()

    assert here.newest() == {(POINT, T0, 4.0, 0, None)}
    assert here.latest.counters["clock"] == 1


def test_a_fault_counts_and_has_no_value(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel"), Row(CHANNEL, T0 + 1, "no-probe")])

    here.project()

    assert here.newest() == {(POINT, T0 + 1, None, int(Quality.FAULT), "no-probe")}


def test_of_equal_times_the_largest_value_stands_and_a_copy_changes_nothing(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, "short"), Row(CHANNEL, T0, 4.0, "Cel"), Row(CHANNEL, T0, 4.5, "Cel")])
    here.project()
    position = here.latest.cursor

    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.5, "Cel"), Row(CHANNEL, T0, "no-probe")])
    here.project()

    assert here.newest() == {(POINT, T0, 4.5, 0, None)}
    assert here.store.since(position) == []


def test_since_tells_what_changed_behind_a_position(here: World, gateway: SealingNode) -> None:
    first = gateway.append(here.ledger, [Row(channel_of("gw-1", n), T0, 4.0, "Cel") for n in range(2)])
    here.project()
    second = gateway.append(here.ledger, [Row(CHANNEL, T0 + 1, 5.0, "Cel")])
    here.project()

    assert here.store.since(first) == [Latest(POINT, second, second, T0 + 1, 5.0, 0, None)]
    assert {row.point for row in here.store.since(0)} == {POINT, "gw-1/p1"}
    assert here.store.since(second) == []
    assert here.store.of(["gw-1/p1", "nobody"]) == {"gw-1/p1": Latest("gw-1/p1", first, first, T0, 4.0, 0, None)}


def test_a_moved_probe_leaves_its_old_point_with_what_was_said_there(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0 + minute * MINUTE_MS, 4.0 + minute, "Cel") for minute in range(5)])
    here.project()

    (changed,) = put(here.ledger, Binding(CHANNEL, "gw-1/p1", T0 + 3 * MINUTE_MS))
    here.project()

    assert here.newest() == {
        (POINT, T0 + 2 * MINUTE_MS, 6.0, 0, None),
        ("gw-1/p1", T0 + 4 * MINUTE_MS, 8.0, 0, None),
    }
    assert {row.point for row in here.store.since(changed - 1)} == {POINT, "gw-1/p1"}


def test_a_point_that_loses_its_readings_says_so(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    here.project()

    (changed,) = put(here.ledger, Binding(CHANNEL, POINT, 0, to_ms=T0))
    here.project()

    assert here.store.since(changed - 1) == [Latest(POINT, changed, 0, None, None, 0, None)]
    assert here.newest() == set()


def test_a_limit_reads_nothing_again(here: World, gateway: SealingNode, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    here.project()
    put(here.ledger, LimitRule(POINT, T0, 8.0))

    def refuse(_: object) -> list[int]:
        raise AssertionError("a limit touches no reading")

    monkeypatch.setattr(here.series, "positions_of", refuse)

    here.project()


@pytest.mark.parametrize("series", ["ahead", "behind", "absent"])
def test_where_the_series_stands_never_shows(here: World, gateway: SealingNode, series: str) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0 + minute * MINUTE_MS, 4.0 + minute, "Cel") for minute in range(5)])
    here.project()
    gateway.append(here.ledger, [Row(CHANNEL, T0 + 5 * MINUTE_MS, 20.0, "Cel")])
    put(here.ledger, Binding(CHANNEL, "gw-1/p1", T0 + 3 * MINUTE_MS))
    gateway.append(here.ledger, [Row(CHANNEL, T0 + 2 * MINUTE_MS, 30.0, "Cel")])
    put(here.ledger, Probe("urn:other"), Binding(CHANNEL, "gw-1/p1", T0 + 2 * MINUTE_MS))
    if series == "ahead":
        follow(here.projection, here.ledger, 256)
    index = None if series == "absent" else here.series

    latest = LatestProjection(here.ledger, here.store, BatchDecoder(), index)
    follow(latest, here.ledger, 1)

    assert here.newest() == {
        (POINT, T0 + MINUTE_MS, 5.0, 0, None),
        ("gw-1/p1", T0 + 5 * MINUTE_MS, 20.0, 0, None),
    }


def test_a_gateway_that_leaves_the_site_takes_its_word_with_it(here: World, gateway: SealingNode) -> None:
    put(here.ledger, *fleet([SealingNode("gw-2")]))
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    here.project()

    put(here.ledger, Node("gw-1", "site-gw-2", (gateway.public_key.hex(),)))
    here.project()

    assert here.newest() == set()


def test_two_owners_never_merge(here: World, gateway: SealingNode) -> None:
    other = LatestProjection(here.ledger, here.store, BatchDecoder())
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    here.project()

    with pytest.raises(CursorMoved):
        follow(other, here.ledger, 256)


def test_an_unusable_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "latest.sqlite"
    path.write_bytes(b"no database at all" * 1000)

    store = LatestStore.open_for(path, ledger_end=5)

    assert store.cursor() == 0
    store.close()
    assert (tmp_path / "latest.sqlite.aside-1").exists()


def test_a_store_that_knows_more_than_the_ledger_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "latest.sqlite"
    store = LatestStore.open_for(path, ledger_end=9)
    store.write(0, 9, [Latest(POINT, 9, 9, T0, 4.0, 0, None)])
    store.close()

    kept = LatestStore.open_for(path, ledger_end=9)
    assert kept.cursor() == 9
    kept.close()
    fresh = LatestStore.open_for(path, ledger_end=8)

    assert fresh.cursor() == 0
    assert fresh.since(0) == []
    fresh.close()


def test_the_table_is_readable_beside_its_writer(here: World, gateway: SealingNode) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0 + DAY_MS, 4.0, "Cel")])
    here.project()

    reader = LatestStore.open(here.folder / "latest.sqlite")

    assert [row.point for row in reader.since(0)] == [POINT]
    reader.close()


def test_a_binding_corrected_to_another_point_takes_the_reading_from_the_wrong_one(
    here: World, gateway: SealingNode
) -> None:
    gateway.append(here.ledger, [Row(CHANNEL, T0, 4.0, "Cel")])
    here.project()

    put(here.ledger, Binding(CHANNEL, "gw-1/p1", 0))
    here.project()

    assert here.newest() == {("gw-1/p1", T0, 4.0, 0, None)}
