"""围栏: a fence is drawn or taken away; what follows is said, and what may not be is refused with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.errors import ConfigError
from coldchain.geo import distance_m
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Fence, Site
from coldchain.registry.actions import Plan
from coldchain.registry.fences import WGS84
from coldchain.registry.fencing import draw_fence, remove_fence
from coldchain.registry.words import sentence
from tests.registry.test_actions import House
from tests.support import HOUR_MS, T0, put

SHOP, BARE, TRUCK = "shop-1", "shop-2", "truck-1"
HERE = (31.1774276, 121.5272106)
ON_AMAP = (31.17530398364597, 121.531541859215)


@pytest.fixture
def house() -> House:
    """Return a shop with a place, one without, and a truck."""
    house = House()
    place = {"latitude": HERE[0], "longitude": HERE[1], "coordinates": WGS84}
    put(house.ledger, Site(SHOP, SHOP, "shop", "dairy", **place), Site(BARE, BARE, "shop", "dairy"))  # type: ignore[arg-type]
    put(house.ledger, Site(TRUCK, TRUCK, "vehicle", "dairy"))
    return house


def circle(site: str = SHOP, place: tuple[float, float] = HERE, metres: float = 80.0, system: str = WGS84) -> Fence:
    return Fence(site, T0, *place, metres, coordinates=system)


def codes(plan: Plan) -> list[str]:
    return [said.code for said in plan.says]


def spoken(plan: Plan, language: str = "en") -> list[str]:
    return [sentence(said, language) for said in plan.says]


def test_a_circle_is_drawn_over_the_default_one(house: House) -> None:
    plan = draw_fence(house.now, circle(), T0)
    registry = house.do(plan)

    assert spoken(plan) == [
        "shop-1: a circle of 80 m about 31.177428, 121.527211 (WGS-84), from 2023-11-15T08:00+08:00 on.",
        "Until then: a circle of 150 m about 31.177428, 121.527211.",
    ]
    assert "圆,半径 80 米" in spoken(plan, "zh")[0]
    assert registry.fence_at(SHOP, T0) == circle()


def test_a_place_picked_on_amap_is_kept_as_said_and_moved(house: House) -> None:
    plan = draw_fence(house.now, circle(place=ON_AMAP, system="GCJ-02"), T0)

    moved_m = round(float(distance_m(*HERE, *ON_AMAP)))
    assert moved_m == 475
    assert spoken(plan)[1] == "Converted from GCJ-02: moved by 475 m."
    assert house.do(plan).fences[SHOP] == [circle(place=ON_AMAP, system="GCJ-02")]


def test_a_system_that_was_mistaken_is_noticed(house: House) -> None:
    plan = draw_fence(house.now, circle(place=ON_AMAP), T0)

    assert "fence-far" in codes(plan)
    assert "lies 395 m outside it: check coordinate system" in spoken(plan)[-1]  # 475 - 80


def test_a_polygon_takes_the_place_of_a_circle_and_the_past_is_found_again(house: House) -> None:
    house.do(draw_fence(house.now, circle(), T0))
    corners = ((31.177, 121.527), (31.178, 121.527), (31.178, 121.528), (31.177, 121.528))

    plan = draw_fence(house.now, Fence(SHOP, T0, polygon=corners, coordinates=WGS84), T0 + HOUR_MS)

    assert codes(plan) == ["fence-polygon", "fence-before-circle", "visits-anew"]
    assert "a polygon of 4 corners, 146 m across, about 31.177500, 121.527500" in spoken(plan)[0]
    assert house.do(plan).fences[SHOP] == [Fence(SHOP, T0, polygon=corners, coordinates=WGS84)]


def test_a_shop_without_a_place_has_none_before(house: House) -> None:
    assert codes(draw_fence(house.now, circle(BARE), T0)) == ["fence-circle", "fence-before-none"]


def test_a_fence_that_is_taken_away_leaves_the_default(house: House) -> None:
    for site, after in ((SHOP, "fence-circle"), (BARE, "fence-none")):
        house.do(draw_fence(house.now, circle(site), T0))

        plan = remove_fence(house.now, site, T0 + HOUR_MS, T0 + HOUR_MS)

        assert codes(plan) == [after, "fence-before-circle"]
        held = house.do(plan).fence_at(site, T0 + HOUR_MS)
        assert (held and held.radius_m) == (150.0 if site == SHOP else None)
        with pytest.raises(ConfigError, match="has no fence of its own then"):
            remove_fence(house.now, site, T0 + HOUR_MS, T0 + HOUR_MS)


@pytest.mark.parametrize(
    ("fence", "said"),
    [
        (circle("shop-9"), "there is no site 'shop-9'"),
        (circle(TRUCK), "is a vehicle: it has no fence"),
        (circle(system=""), "no coordinate system"),
        (circle(system="Mars"), "no coordinate system"),
        (circle(metres=5.0), "20 to 5000 m expected"),
        (Fence(SHOP, T0), "a fence has an area: give a circle"),
        (Fence(SHOP, T0, 31.0, 121.0, coordinates=WGS84), "radius_m: a circle needs latitude, longitude and radius"),
    ],
)
def test_what_may_not_be_is_refused(house: House, fence: Fence, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        draw_fence(house.now, fence, T0)


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = SqlLedger.open(tmp_path / "ledger.db")
    put(ledger, Site(SHOP, SHOP, "shop", "dairy"))
    ledger.close()
    return tmp_path


def says(folder: Path, *words: str) -> str:
    command = ["change", "fence", SHOP, *words, "--data", str(folder)]
    return CliRunner().invoke(app, command, catch_exceptions=False).output


def test_the_command_shows_writes_and_takes_away(folder: Path) -> None:
    words = ("--latitude", "31.175304", "--longitude", "121.531542", "--radius", "80", "--coordinates", "高德")
    shown = says(folder, *words, "--dry-run", "--lang", "zh")
    assert "由 GCJ-02 换算,移动 475 米。" in shown
    assert '"coordinates":"GCJ-02"' in shown

    assert "1 changes written" in says(folder, *words, "--from", "2023-11-15T08:00:00+08:00", "--yes")
    area = says(folder, "--polygon", "31.1,121.4; 31.101,121.4; 31.1,121.401", "--coordinates", "wgs84", "--yes")
    assert '"polygon":[[31.1,121.4],[31.101,121.4],[31.1,121.401]]' in area
    assert "no arrival is found there" in says(folder, "--none", "--yes", "--lang", "en")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--none", "--radius", "80"), "leave the circle and --polygon out"),
        (("--polygon", "31.1,a"), "--polygon: 'a' found, a number from -180 to 180"),
        (("--latitude", "31", "--longitude", "121", "--radius", "80"), "no coordinate system"),
        ((), "a fence has an area"),
    ],
)
def test_the_command_refuses_what_is_no_fence(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, ["change", "fence", SHOP, *words, "--data", str(folder), "--yes"])

    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)
