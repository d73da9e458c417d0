"""Where a site is and where a vehicle is at it: said in any system, drawn, learnt, or a default."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.errors import ConfigError
from coldchain.geo import distance_m, from_wgs84
from coldchain.ledger import Entry
from coldchain.ledger.port import Kind
from coldchain.registry import Carrier, Change, Fence, Operator, Put, Registry, Site, Touched, Vehicle, registry_at
from coldchain.registry.changes import COORDINATES, SITE_KINDS
from coldchain.registry.describing import describe
from coldchain.registry.difference import compare
from coldchain.registry.exporting import sheets_of
from coldchain.registry.fences import DEFAULT_RADIUS_M, WGS84, outside_m, round_of
from coldchain.registry.importing import read_file
from tests.fakes import MemoryLedger
from tests.support import HOUR_MS, T0, SealingNode, fleet, put

DAIRY = Operator("dairy", "Dairy")
HERE = (31.1774276, 121.5272106)
SHOWN = {"WGS-84": HERE, "GCJ-02": (31.17530398364597, 121.531541859215)}
"""The same place, as eviltransform has it."""


def site(kind: str = "shop", place: tuple[float, float] | None = HERE, system: str = WGS84) -> Site:
    latitude, longitude = place or (None, None)
    return Site("S", "S", kind, "dairy", latitude=latitude, longitude=longitude, coordinates=system)


def registry_of(*puts: Put) -> Registry:
    ledger = MemoryLedger()
    put(ledger, DAIRY, *puts)
    return registry_at(ledger, ledger.end())


def entry(at: int, one: Put) -> Entry:
    return Entry(at, Kind.CHANGE, T0, Change(one, "test", "test").encode())


# -- where a site is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", SHOWN)
def test_a_place_is_converted_once_and_kept_as_it_came(system: str) -> None:
    registry = registry_of(site(place=SHOWN[system], system=system))

    assert registry.location_of("S") == pytest.approx(HERE, abs=1e-9)
    assert (registry.sites["S"].latitude, registry.sites["S"].longitude) == SHOWN[system]


@pytest.mark.parametrize("unplaced", [site(place=None), site(system=""), site(system="CGCS2000")])
def test_a_number_without_its_system_is_no_place(unplaced: Site) -> None:
    registry = registry_of(unplaced)

    assert registry.location_of("S") is None
    assert registry.fence_at("S", T0) is None
    assert registry.location_of("nowhere") is None
    assert registry.fence_at("nowhere", T0) is None


def test_a_copy_and_a_corrected_place_go_their_own_ways() -> None:
    registry = registry_of(site(place=SHOWN["GCJ-02"], system="GCJ-02"))
    assert registry.location_of("S") == pytest.approx(HERE, abs=1e-9)

    twin = registry.copy()
    twin.apply(entry(9, site(place=(30.0, 120.0))))
    twin.apply(entry(10, Fence("S", T0, 30.0, 120.0, 50.0, coordinates=WGS84)))

    assert twin.location_of("S") == (30.0, 120.0)
    assert registry.location_of("S") == pytest.approx(HERE, abs=1e-9)
    assert registry.fences == {}


# -- the fence in force -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SITE_KINDS)
def test_until_somebody_draws_it_a_circle_about_the_place_holds(kind: str) -> None:
    fence = registry_of(site(kind, SHOWN["GCJ-02"], "GCJ-02")).fence_at("S", 0)

    if kind == "vehicle":
        assert fence is None
    else:
        assert fence is not None
        assert (fence.latitude, fence.longitude) == pytest.approx(HERE, abs=1e-9)
        assert (fence.radius_m, fence.coordinates, fence.learnt_from) == (DEFAULT_RADIUS_M[kind], WGS84, 0)


def test_fences_hold_until_the_next_one_and_the_same_time_replaces() -> None:
    first, wrong, right = (Fence("S", T0, *HERE, float(metres), coordinates=WGS84) for metres in (80, 90, 100))
    later = Fence("S", T0 + HOUR_MS, polygon=((31.0, 121.0), (31.0, 121.1), (31.1, 121.0)), coordinates=WGS84)
    none = Fence("S", T0 + 2 * HOUR_MS)

    registry = registry_of(site(), none, later, first, wrong, right)

    held = [registry.fence_at("S", T0 + at) for at in (-1, 0, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS)]
    assert [fence and fence.radius_m for fence in held] == [150.0, 100.0, 100.0, None, 150.0]
    assert held[3] == later


def test_a_fence_drawn_on_a_chinese_map_lies_where_the_satellites_say() -> None:
    circle = Fence("S", 0, *SHOWN["GCJ-02"], 80.0, coordinates="GCJ-02")
    corners = [(31.0, 121.0), (31.0, 121.01), (31.01, 121.0)]
    shown = tuple((float(a), float(b)) for a, b in (from_wgs84(*corner, "BD-09") for corner in corners))
    polygon = Fence("S", T0, polygon=shown, coordinates="BD-09", learnt_from=3)

    registry = registry_of(site(place=None), circle, polygon)

    meant, drawn = registry.fence_at("S", 0), registry.fence_at("S", T0)
    assert meant is not None
    assert drawn is not None
    assert (meant.latitude, meant.longitude) == pytest.approx(HERE, abs=1e-9)
    assert (meant.radius_m, meant.coordinates) == (80.0, WGS84)
    assert [one for corner in drawn.polygon for one in corner] == pytest.approx(
        [one for corner in corners for one in corner], abs=1e-9
    )
    assert (drawn.latitude, drawn.coordinates, drawn.learnt_from) == (None, WGS84, 3)
    assert registry.fences["S"] == [circle, polygon]


def test_what_moves_has_no_fence_whatever_an_entry_says() -> None:
    registry = registry_of(site("vehicle"), Fence("S", 0, *HERE, 80.0, coordinates=WGS84))

    assert registry.fence_at("S", T0) is None


def test_a_fence_says_nothing_of_readings() -> None:
    registry = registry_of(site())

    assert registry.apply(entry(9, Fence("S", 0, *HERE, 80.0, coordinates=WGS84))) == Touched()


SQUARE = ((31.0, 121.0), (31.0, 121.01), (31.01, 121.01), (31.01, 121.0))


def test_how_far_outside_a_circle_and_a_polygon_by_hand() -> None:
    degree_m = float(distance_m(31.0, 121.0, 32.0, 121.0))
    circle = Fence("S", 0, 31.0, 121.0, 100.0, coordinates=WGS84)
    polygon = Fence("S", 0, polygon=SQUARE, coordinates=WGS84)

    assert outside_m(circle, [31.0, 31.01], [121.0, 121.0]) == pytest.approx([-100.0, degree_m / 100 - 100])
    off = outside_m(polygon, [31.005, 31.02, 31.009], [121.005, 121.005, 121.005])
    assert off == pytest.approx([-0.005 * degree_m * 0.857, degree_m / 100, -degree_m / 1000], rel=1e-3)
    assert round_of(polygon) == pytest.approx((31.005, 121.005, 732.6), rel=1e-3)


@given(st.sampled_from(COORDINATES), st.floats(20, 50), st.floats(80, 130), st.floats(20, 5_000))
def test_the_middle_of_a_fence_is_inside_it_in_every_system(
    system: str, latitude: float, longitude: float, radius_m: float
) -> None:
    shown = from_wgs84(latitude, longitude, system)
    fence = Fence("S", 0, float(shown[0]), float(shown[1]), radius_m, coordinates=system)

    held = registry_of(site(place=None), fence).fence_at("S", 0)

    assert held is not None
    assert float(outside_m(held, latitude, longitude)) == pytest.approx(-radius_m, abs=0.001)


# -- lists --------------------------------------------------------------------------------------------------------


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def bring(file: Path, registry: Registry) -> Registry:
    found = compare(read_file(file, registry), registry, T0)
    twin = registry.copy()
    for at, step in enumerate(found.steps, registry.position + 1):
        twin.apply(entry(at, step.after))
    return twin


def faults_of(file: Path, registry: Registry, language: str = "en") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_file(file, registry, language=language)
    return caught.value.faults


def test_a_company_brings_its_fences_circles_and_polygons(tmp_path: Path) -> None:
    text = (
        "门店编码,生效时间,纬度,经度,坐标系,半径,多边形\n"
        "S,,31.175304,121.531542,高德,80,\n"
        'S,2026-05-01 08:00,,,WGS84,,"31.1,121.4;31.2,121.4;31.2,121.5"\n'
    )

    fences = bring(written(tmp_path, "fences.csv", text), registry_of(site())).fences["S"]

    assert fences == [
        Fence("S", 0, 31.175304, 121.531542, 80.0, coordinates="GCJ-02"),
        Fence("S", 1_777_593_600_000, polygon=((31.1, 121.4), (31.2, 121.4), (31.2, 121.5)), coordinates=WGS84),
    ]


def test_positions_of_shops_are_no_fences(tmp_path: Path) -> None:
    text = "门店编码,经度,纬度,坐标系\nS,121.5,31.2,WGS-84\n"

    registry = bring(written(tmp_path, "shops.csv", text), registry_of(site()))

    assert registry.location_of("S") == (31.2, 121.5)
    assert registry.fences == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("S,31.2,121.5,,80,", "坐标系: no coordinate system: WGS-84, GCJ-02 or BD-09 expected"),
        ("S,31.2,,高德,80,", "经度: a circle needs latitude, longitude and radius"),
        ("S,31.2,121.5,高德,,", "半径: a circle needs latitude, longitude and radius"),
        ("S,31.2,121.5,高德,5,", "半径: '5' found, a number from 20 to 5000 (m) expected"),
        ('S,31.2,121.5,高德,80,"31,121;31,122;32,121"', "多边形: a circle and a polygon: give one of them"),
        ('S,,,高德,,"31,121;31,122"', "多边形: a polygon has 3 to 100 corners, of which 3 differ"),
        ('S,,,高德,,"31,121;31,122;31,121"', "多边形: a polygon has 3 to 100 corners, of which 3 differ"),
        ('S,,,高德,,"31,121;31,121.01;32,121"', "多边形: corners 111 km apart, at most 20 km"),
        (
            'S,,,高德,,"121.4,31.1;121.5,31.1;121.5,31.2"',
            "多边形: '121.4' found, a number from -90 to 90 expected (lon",
        ),
        ('S,,,高德,,"31.1 121.4;a"', "多边形: ['a'] found, corners (latitude,longitude; …) such as"),
        ("T,31.2,121.5,高德,80,", "门店编码: T is a vehicle: it has no fence"),
        ("X,31.2,121.5,高德,80,", "门店编码: site = 'X' is not in this file and not known"),
    ],
)
def test_what_is_no_fence_is_told_with_its_place(tmp_path: Path, row: str, said: str) -> None:
    file = written(tmp_path, "fences.csv", f"门店编码,纬度,经度,坐标系,半径,多边形\n{row}\n")

    (fault,) = faults_of(file, registry_of(site(), Site("T", "T", "vehicle", "dairy")))

    assert fault.startswith(f"fences.csv: line 2, {said}")


def test_what_a_fence_says_is_read_before_it_is_written(tmp_path: Path) -> None:
    text = "门店编码,纬度,经度,坐标系,半径\nS,31.175304,121.531542,高德,80\n"
    registry = registry_of(site())

    found = compare(read_file(written(tmp_path, "fences.csv", text), registry), registry, T0)

    assert list(describe(found, "zh")) == [
        "围栏: 新增 1, 变更 0, 不变 0",
        "  + S 自始 纬度: 31.175304 经度: 121.531542 半径(米): 80.0 坐标系: GCJ-02 学习次数: 0",
    ]


def test_carriers_come_from_a_list_and_a_vehicle_names_its_own_by_id_or_name(tmp_path: Path) -> None:
    text = (
        "承运商编码,承运商名称,统一社会信用代码,道路运输经营许可证号,许可证有效期,调度电话,审核有效期\n"
        "C1,甲物流,91350100M000100Y43,310000,2029-06-30,021-5555555,2027/1/31\nC2,乙物流,,,,,\n"
    )

    registry = bring(written(tmp_path, "carriers.csv", text), registry_of())

    assert registry.carriers == {
        "C1": Carrier("C1", "甲物流", "91350100M000100Y43", "310000", "2029-06-30", "021-5555555", "2027-01-31"),
        "C2": Carrier("C2", "乙物流"),
    }
    assert [registry.carrier_named(said) for said in ("C1", "乙物流", "丙物流", "")] == [
        registry.carriers["C1"], registry.carriers["C2"], None, None,
    ]  # fmt: skip


def test_what_a_gateway_exports_has_its_fence_and_its_vehicles_carrier() -> None:
    here, there = SealingNode("gw-1"), SealingNode("gw-2")
    registry = registry_of(
        *fleet([here, there]),
        Carrier("C1", "甲物流"),
        Carrier("C2", "乙物流"),
        Vehicle("site-gw-1", "沪A·D12345", carrier="乙物流"),
        *(Fence(f"site-{node.node}", 0, *HERE, 80.0, coordinates=WGS84) for node in (here, there)),
    )

    sheets = {sheet.kind.name: sheet.rows for sheet in sheets_of(registry, "gw-1")}

    assert [row["id"] for row in sheets["carrier"]] == ["C2"]
    assert [row["site"] for row in sheets["fence"]] == ["site-gw-1"]
