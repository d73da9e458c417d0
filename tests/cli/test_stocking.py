"""The demo's goods: every entry can be, everything adds up, and nothing is said of what has not happened yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coldchain.cli.dispatch import entries_of
from coldchain.cli.registry import write_changes
from coldchain.clock import SystemClock, parse_rfc3339
from coldchain.custody import GOODS, Goods, LotPlaced, Trip
from coldchain.goods.asking import Asking
from coldchain.goods.places import ASSET, SITE
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Registry, registry_at
from coldchain.registry.importing import read_registry
from firmware_sim.fleet import fleet_toml, named_fleet
from firmware_sim.scenario_files import load_together
from tests.support import SealingNode, put

LIVE_MS = parse_rfc3339("2026-11-23T20:00:00+08:00")
DAY_S = 86_400


def told(history_s: int = DAY_S, name: str = "demo") -> tuple[list[Trip], list[Goods]]:
    scenario = load_together((name,))
    entries = list(entries_of(scenario, named_fleet(scenario.fleet), LIVE_MS, history_s))
    return [one for one in entries if isinstance(one, Trip)], [one for one in entries if isinstance(one, GOODS)]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[Asking, Registry, list[Goods]]]:
    ledger = SqlLedger.open(tmp_path / "ledger.db")
    keys = {node.id: SealingNode(node.id).public_key.hex() for node in named_fleet("demo").nodes}
    wanted = read_registry(fleet_toml("demo"), source="demo", keys=keys)
    write_changes(ledger, wanted, SystemClock(), who="t", why="t")
    trips, goods = told()
    put(ledger, *trips)
    yield Asking(ledger, None), registry_at(ledger, ledger.end()), goods
    ledger.close()


def test_every_entry_can_be_and_all_of_it_adds_up(demo: tuple[Asking, Registry, list[Goods]]) -> None:
    asking, registry, goods = demo

    made, refused = asking.take(registry, goods, "demo", "dispatch")

    assert refused == []
    assert len(made) == len(goods) > 100
    assert asking.doubts() == []


def test_each_shop_and_each_truck_and_the_warehouse_have_goods_at_live(
    demo: tuple[Asking, Registry, list[Goods]],
) -> None:
    asking, registry, goods = demo
    asking.take(registry, goods, "demo", "dispatch")
    lots = {name for one in goods if isinstance(one, LotPlaced) for name in (one.lot,)}
    lying = {stay.place for name in lots for stay in asking.book(name).stays if stay.from_ms <= LIVE_MS < stay.to_ms}

    shops = {SITE + site.id for site in registry.sites.values() if site.kind == "shop"}
    assert {ASSET + "room-1", *(f"{ASSET}reefer-{number}" for number in (1, 2, 3, 4))} <= lying
    assert {place for place in shops if not any(
        place == SITE + registry.site_at(one.removeprefix(ASSET), LIVE_MS) or place == one for one in lying
    )} == set()  # fmt: skip


def test_truck_1_has_delivered_at_the_shops_that_it_left_before_live_and_at_no_other() -> None:
    _, goods = told()

    delivered = [
        one.place for one in goods
        if isinstance(one, LotPlaced) and one.trip.startswith("truck-1") and one.how == "delivery"
    ]  # fmt: skip

    # it left the warehouse 2 h 5 min before live; the third shop is left 2 min before live, the fourth 17 min after it
    assert list(dict.fromkeys(delivered)) == ["site:shop-9", "site:shop-8", "site:shop-6"]


def test_nothing_is_said_of_the_future() -> None:
    _, goods = told()

    assert max(one.from_ms for one in goods if isinstance(one, LotPlaced)) <= LIVE_MS


@pytest.mark.parametrize(("history_s", "name"), [(3600, "demo"), (DAY_S, "calm")])
def test_a_short_history_or_a_fleet_without_a_plant_has_no_goods(history_s: int, name: str) -> None:
    assert told(history_s, name)[1] == []
