"""The demo's fleet and story as data: a small dairy whose every point is known to registry, simulator and page."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldchain.errors import ConfigError
from coldchain.people import Duty, Person, Role
from coldchain.registry import Asset, LimitRule, Node, Operator, Point, Region, Registry, Site, Vehicle, registry_at
from coldchain.registry.changes import ASSET_KINDS, Binding
from coldchain.registry.difference import compare
from coldchain.registry.importing import read_registry
from firmware_sim import fleet as fleets
from firmware_sim.fleet import ON_SITE, REGISTRY_FIELDS, fleet_toml, named_fleet
from firmware_sim.positions import POSITIONS
from firmware_sim.scenario import DeadSpot, DoorCrossing, Round
from firmware_sim.scenario_files import demo_scenario, load_scenario
from firmware_sim.sensing import Reading
from firmware_sim.world import World
from tests.fakes import MemoryLedger
from tests.firmware_sim.test_world import NOON_MS, history, live, longest_over_s

FLEET = named_fleet("demo")
DEMO = demo_scenario()
MESSAGES = Path(__file__).parents[2] / "dashboards" / "page" / "src" / "messages"


@pytest.fixture(scope="module")
def registry() -> Registry:
    keys = {node.id: f"{place:02x}" * 32 for place, node in enumerate(FLEET.nodes, 1)}
    wanted = read_registry(fleet_toml("demo"), source="demo", keys=keys)
    ledger = MemoryLedger()
    changes = compare(wanted, registry_at(ledger, 0), NOON_MS).changes("test", "test")
    ledger.change([change.encode() for change in changes], NOON_MS)
    return registry_at(ledger, ledger.end())


def test_the_demo_is_a_small_dairy(registry: Registry) -> None:
    kinds = Counter(site.kind for site in registry.sites.values())
    assets = Counter(asset.kind for asset in registry.assets.values())
    shops = Counter(site.region for site in registry.sites.values() if site.kind == "shop")

    assert kinds == {"station": 2, "plant": 1, "warehouse": 1, "vehicle": 6, "shop": 24}
    assert (assets["station-tank"], assets["tanker"], assets["reefer"]) == (2, 2, 4)
    assert assets["plant-silo"] >= 1
    assert assets["walk-in-room"] >= 2
    assert set(assets) <= set(ASSET_KINDS)
    assert {"glass-door-cooler", "open-multideck", "island"} <= set(assets)
    assert len(shops) == 2
    assert sum(shops.values()) == 24
    assert set(shops) <= set(registry.regions)
    assert set(registry.vehicles) == {site.id for site in registry.sites.values() if site.kind == "vehicle"}


def test_gateways_are_of_three_classes(registry: Registry) -> None:
    vehicles = {site.id for site in registry.sites.values() if site.kind == "vehicle"}
    on_site = [node for node in registry.nodes.values() if node.evidence == ON_SITE]
    doors = [node for node in registry.nodes.values() if node.evidence != ON_SITE]

    assert {node.evidence for node in doors} == {"authenticated-direct", "third-party"}
    assert any(node.site in vehicles for node in on_site)
    assert any(node.site not in vehicles for node in on_site)
    assert all(node.grants for node in doors)


def test_every_sensor_speaks_to_a_gateway_whose_word_counts(registry: Registry) -> None:
    through = FLEET.nodes_of_points()

    refused = {p.id: registry.refusal(through[p.id], p.channel) for p in FLEET.points}

    assert {reason for reason in refused.values() if reason} == set()


def test_every_point_has_an_interval_and_every_temperature_a_profile(registry: Registry) -> None:
    temperatures = [point for point in registry.points.values() if point.quantity == "temperature"]

    assert all(point.interval_s > 0 for point in registry.points.values())
    assert {point.profile for point in temperatures} == {"raw_milk", "pasteurized", "ice_cream"}
    assert {point.position for point in temperatures} <= set(POSITIONS)
    assert {point.asset for point in temperatures} == set(registry.assets)
    assert {registry.points[point].asset for point in registry.rules} == set(registry.assets)


def test_every_place_can_be_found_and_says_when_it_is_open(registry: Registry) -> None:
    for site in registry.sites.values():
        if site.kind == "vehicle":
            continue
        assert site.coordinates == "WGS-84", site.id
        assert 31.0 < (site.latitude or 0) < 31.7, site.id
        assert 120.4 < (site.longitude or 0) < 122.0, site.id
        assert site.opening_hours, site.id
        assert site.address.endswith("（演示）"), site.id


def test_names_are_chinese_with_english_and_say_that_they_are_invented(registry: Registry) -> None:
    places: list[Site | Region | Operator] = [*registry.sites.values(), *registry.regions.values()]
    for place in [*places, *registry.operators.values()]:
        chinese, _, english = place.name.partition(" ")
        assert not chinese.isascii(), place.id
        assert english.isascii(), place.id
        assert english, place.id
    assert all("演示" in operator.name for operator in registry.operators.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_a_word_for_every_position_and_quantity(language: str) -> None:
    words = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))

    assert {f"position.{point.position}" for point in FLEET.points} <= set(words)
    assert {f"quantity.{point.quantity}" for point in FLEET.points} <= set(words)
    assert {f"evidence.{node.evidence}" for node in FLEET.nodes} <= set(words)


def test_only_the_open_door_alarms_in_a_day_and_three_hours_of_the_dairy() -> None:
    world = World(FLEET, DEMO, 7, NOON_MS, 24 * 3600)
    by_channel: dict[str, list[Reading]] = defaultdict(list)
    for moments in (history(NOON_MS), live(NOON_MS, 2), range(NOON_MS + 180_000, NOON_MS + 3 * 3_600_000, 60_000)):
        for readings in world.advance(moments):
            for reading in readings:
                by_channel[reading.channel].append(reading)

    alarms = [
        point.id
        for point in FLEET.points
        if point.high_celsius is not None
        and longest_over_s(by_channel[point.channel], point.high_celsius, point.deadband_kelvin) >= point.on_delay_s
    ]

    assert alarms == list(DEMO.of(DoorCrossing)[0].points)
    assert all(by_channel[point.channel] for point in FLEET.points)


def test_every_vehicle_is_on_its_round_when_the_demo_starts() -> None:
    on_the_road = [(tour, asset) for tour in DEMO.of(Round) for asset in tour.assets_of(FLEET)]

    assert {asset for _, asset in on_the_road} == {a.id for a in FLEET.assets if a.kind in ("reefer", "tanker")}
    assert all(tour.start_s < 0 < tour.start_s + tour.stops[-1].arrives_s for tour, _ in on_the_road)


def test_a_dead_spot_comes_again_and_again() -> None:
    once, again = DeadSpot(start_s=60, duration_s=30), DeadSpot(start_s=60, duration_s=30, every_s=300)

    assert [once.covers(at) for at in (59, 60, 89, 90, 360)] == [False, True, True, False, False]
    assert [again.covers(at) for at in (59, 60, 89, 90, 360, 390)] == [False, True, True, False, True, False]


def test_a_fleet_of_ones_own_lies_beside_its_scenario(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(fleet_toml("small"), "utf-8")
    (tmp_path / "story.toml").write_text('title = "Mine"\nfleet = "mine.toml"\n', "utf-8")

    scenario = load_scenario(str(tmp_path / "story.toml"))

    assert named_fleet(scenario.fleet) == named_fleet("small")
    with pytest.raises(ConfigError, match=r"none.toml: cannot be read"):
        named_fleet(str(tmp_path / "none.toml"))


def test_a_point_that_no_gateway_serves_is_a_fault() -> None:
    text = fleet_toml("small").replace('[[node]]\nid = "gw-shop-1"\nsite = "shop-1"\n', "")

    with pytest.raises(ConfigError, match=r"'cooler-101\.door': no gateway"):
        fleets.parse_fleet(text, "mine")


def test_what_the_simulator_passes_over_is_what_the_registry_knows() -> None:
    registry_kinds: dict[str, type[msgspec.Struct]] = {"operator": Operator, "site": Site, "asset": Asset, "node": Node}
    own: dict[str, Any] = {"operator": fleets.Operator, "site": fleets.Site, "asset": fleets.Asset, "node": fleets.Node}
    for table, kind in registry_kinds.items():
        known = {field.name for field in msgspec.structs.fields(kind)}
        assert set(REGISTRY_FIELDS[table]) <= known
        assert known - set(REGISTRY_FIELDS[table]) - {field.name for field in fields(own[table])} <= {"retired_ms"}
    of_a_point: set[str] = set()
    for one in (Point, LimitRule, Binding):
        of_a_point |= {field.name for field in msgspec.structs.fields(one)}
    assert set(REGISTRY_FIELDS["point"]) <= of_a_point


def test_people_of_a_fleet_file_are_for_the_registry_alone() -> None:
    people = '[[person]]\nid = "li"\nname = "Li"\n[[duty]]\nperson = "li"\nrole = "clerk"\nsite = "shop-1"\n'

    puts = [want.put for want in read_registry(fleet_toml("small") + people, source="mine").wants]

    assert fleets.parse_fleet(fleet_toml("small") + people, "mine") == named_fleet("small")
    assert [put for put in puts if isinstance(put, Person | Duty)] == [
        Person("li", "Li"), Duty("li", Role.CLERK, site="shop-1"),
    ]  # fmt: skip


def test_regions_and_vehicles_are_imported_and_their_links_checked() -> None:
    text = """
        region = [ { id = "east", name = "East" }, { id = "city", name = "City", parent = "nowhere" } ]
        operator = [ { id = "dairy", name = "Dairy" } ]
        site = [ { id = "van", name = "Van", kind = "vehicle", operator = "dairy", region = "west" } ]
        vehicle = [ { site = "lorry", plate = "X" } ]
    """

    with pytest.raises(ConfigError) as caught:
        read_registry(text, source="mine")

    assert [fault.split(": ")[1] for fault in caught.value.faults] == [
        "[[region]] 'city'",
        "[[site]] 'van'",
        "[[vehicle]] 'lorry'",
    ]
    assert isinstance(read_registry('region = [{id = "a", name = "A"}]', source="m").wants[0].put, Region)
    assert Vehicle("van", "X").carrier == ""
