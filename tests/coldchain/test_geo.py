"""Places: the systems of Chinese maps and back, distances, a flat map, lines and areas, each by another way, too."""

from __future__ import annotations

from math import acos, asin, atan2, cos, degrees, pi, radians, sin

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given

from coldchain.geo import EARTH_M, SYSTEMS, Flat, along, distance_m, from_wgs84, inside, to_wgs84
from coldchain.registry.changes import COORDINATES

MM = 1e-3

# (WGS-84, GCJ-02): the published test values of eviltransform (googollee)
GCJ = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),  # Shanghai
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),  # Shenzhen
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),  # Beijing
]
# one place in each system, of geotool, whose constants have fewer digits: a centimetre
EVERYWHERE = {
    "WGS-84": (30.6107779, 121.0917077),
    "GCJ-02": (30.608604331756705, 121.09626935575027),
    "BD-09": (30.61484572185035, 121.10271732371203),
}
SOUTH, NORTH, WEST, EAST = 0.8293, 55.8271, 72.004, 137.8347
"""Where the open converters shift."""
EDGE_DEGREES = 0.03
"""More than BD-09 shifts."""

ABROAD = [(35.681236, 139.767125), (0.35, 103.85), (51.5, -0.12), (-33.87, 151.21), (90.0, 0.0)]

latitudes, longitudes = st.floats(3.0, 54.0), st.floats(73.0, 135.5)
places = st.tuples(latitudes, longitudes)


def plain_distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance by Vincenty's formula for a sphere, which no rounding spoils."""
    up, to, over = radians(a[0]), radians(b[0]), radians(b[1] - a[1])
    across = ((cos(to) * sin(over)) ** 2 + (cos(up) * sin(to) - sin(up) * cos(to) * cos(over)) ** 2) ** 0.5
    return EARTH_M * atan2(across, sin(up) * sin(to) + cos(up) * cos(to) * cos(over))


# -- systems ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wgs", "gcj"), GCJ)
def test_gcj02_is_what_other_programs_make_of_it(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert from_wgs84(*wgs, "GCJ-02") == pytest.approx(gcj, abs=1e-9)
    assert to_wgs84(*gcj, "GCJ-02") == pytest.approx(wgs, abs=1e-9)


@pytest.mark.parametrize("system", COORDINATES)
def test_a_place_has_the_coordinates_that_another_program_gives_it(system: str) -> None:
    assert from_wgs84(*EVERYWHERE["WGS-84"], system) == pytest.approx(EVERYWHERE[system], abs=1e-7)
    assert to_wgs84(*EVERYWHERE[system], system) == pytest.approx(EVERYWHERE["WGS-84"], abs=1e-7)


def test_bd09_lies_over_gcj02_as_coordtransform_says() -> None:
    wgs = to_wgs84(39.915, 116.404, "GCJ-02")

    assert from_wgs84(*wgs, "BD-09") == pytest.approx((39.92133699351021, 116.41036949371029), abs=1e-9)


@given(places, st.sampled_from(COORDINATES))
def test_there_and_back_is_the_same_place_to_a_millimetre(place: tuple[float, float], system: str) -> None:
    shown = from_wgs84(*place, system)
    back = to_wgs84(*shown, system)

    assert plain_distance_m(place, (float(back[0]), float(back[1]))) < MM


@given(places, st.sampled_from(["GCJ-02", "BD-09"]))
def test_a_system_is_never_mistaken_unnoticed(place: tuple[float, float], system: str) -> None:
    shown = from_wgs84(*place, system)

    assert 20 < plain_distance_m(place, (float(shown[0]), float(shown[1]))) < 2_500


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(COORDINATES))
def test_anywhere_on_earth_it_is_there_and_back_within_a_metre_and_beyond_china_the_same(
    latitude: float, longitude: float, system: str
) -> None:
    """Along the edge of the rectangle, in Siberia and at sea, what a map shows may lie on its other side."""
    deep = min(latitude - SOUTH, NORTH - latitude, longitude - WEST, EAST - longitude)
    assume(abs(deep) > EDGE_DEGREES)

    shown = from_wgs84(latitude, longitude, system)
    back = to_wgs84(*shown, system)

    assert plain_distance_m((latitude, longitude), (float(back[0]), float(back[1]))) < 1
    if deep < 0:
        assert [*map(float, (*shown, *back))] == [latitude, longitude] * 2


@pytest.mark.parametrize("system", COORDINATES)
@pytest.mark.parametrize("place", ABROAD)
def test_abroad_nothing_is_shifted(place: tuple[float, float], system: str) -> None:
    assert tuple(map(float, from_wgs84(*place, system))) == place
    assert tuple(map(float, to_wgs84(*place, system))) == place


def test_many_places_are_converted_at_once_as_each_alone() -> None:
    latitude, longitude = np.array([31.2, 35.681236, 22.5]), np.array([121.5, 139.767125, 113.9])

    together = to_wgs84(latitude, longitude, "BD-09")

    alone = [to_wgs84(*place, "BD-09") for place in zip(latitude, longitude, strict=True)]
    assert np.array_equal(np.transpose(together), np.array(alone))


def test_the_systems_are_those_of_the_registry_and_no_others() -> None:
    assert tuple(SYSTEMS) == COORDINATES
    with pytest.raises(ValueError, match="'CGCS2000' is no coordinate system: one of WGS-84, GCJ-02, BD-09"):
        to_wgs84(31.0, 121.0, "CGCS2000")


# -- distances ---------------------------------------------------------------------------------------------------


def test_a_degree_of_the_meridian_and_a_quarter_of_the_equator() -> None:
    assert float(distance_m(31.0, 121.0, 32.0, 121.0)) == pytest.approx(EARTH_M * pi / 180)
    assert float(distance_m(0.0, 0.0, 0.0, 90.0)) == pytest.approx(EARTH_M * pi / 2)
    assert float(distance_m(0.0, 179.9, 0.0, -179.9)) == pytest.approx(EARTH_M * radians(0.2))


def test_shanghai_to_beijing_by_the_cosine_formula() -> None:
    a, b = (31.17530398364597, 121.531541859215), (39.91334545536069, 116.38404722455657)
    up, to = radians(a[0]), radians(b[0])
    by_cosine = EARTH_M * acos(sin(up) * sin(to) + cos(up) * cos(to) * cos(radians(b[1] - a[1])))

    assert float(distance_m(*a, *b)) == pytest.approx(by_cosine, abs=0.01)
    assert float(distance_m(*a, *b)) == pytest.approx(1_078_164, rel=0.002)  # eviltransform, another radius


@given(places, places)
def test_distances_agree_with_another_formula(a: tuple[float, float], b: tuple[float, float]) -> None:
    assert float(distance_m(*a, *b)) == pytest.approx(plain_distance_m(a, b), abs=MM)


# -- the flat map ------------------------------------------------------------------------------------------------


@given(places, st.floats(-50_000, 50_000), st.floats(-50_000, 50_000))
def test_the_flat_map_has_the_true_distance_and_leads_back(at: tuple[float, float], east: float, north: float) -> None:
    flat = Flat(*at)

    latitude, longitude = flat.place(east, north)
    again = flat.east_north_m(latitude, longitude)

    assert plain_distance_m(at, (float(latitude), float(longitude))) == pytest.approx(np.hypot(east, north), abs=MM)
    assert [float(again[0]), float(again[1])] == pytest.approx([east, north], abs=MM)


def test_north_is_up_and_east_is_right() -> None:
    flat = Flat(31.0, 121.0)

    east, north = flat.east_north_m(np.array([31.01, 31.0, 31.0]), np.array([121.0, 121.01, 121.0]))

    degree_m = EARTH_M * pi / 180
    assert north == pytest.approx([degree_m / 100, 0.0, 0.0], abs=0.1)
    assert east == pytest.approx([0.0, degree_m / 100 * cos(radians(31.0)), 0.0], abs=0.1)


offsets = st.floats(-35_000, 35_000)


@given(places, offsets, offsets, offsets, offsets)
def test_within_50_km_the_flat_map_is_true_between_other_places_too(
    at: tuple[float, float], east: float, north: float, to_east: float, to_north: float
) -> None:
    flat = Flat(*at)
    a, b = (tuple(map(float, flat.place(*offset))) for offset in ((east, north), (to_east, to_north)))

    assert np.hypot(to_east - east, to_north - north) == pytest.approx(
        plain_distance_m((a[0], a[1]), (b[0], b[1])), rel=2e-5, abs=MM
    )


# -- lines and areas -----------------------------------------------------------------------------------------------


def test_off_a_line_and_along_it_by_hand() -> None:
    corner = [(31.0, 121.0), (31.1, 121.0), (31.1, 121.1)]  # north, then east
    degree_m = EARTH_M * pi / 180
    east_m = float(distance_m(31.1, 121.0, 31.1, 121.1))

    off, far = along([31.05, 30.99, 31.1, 31.11, 31.2], [121.01, 121.0, 121.05, 121.0, 121.2], corner)

    at = degree_m * cos(radians(31.05)) / 100
    beyond = plain_distance_m((31.2, 121.2), (31.1, 121.1))
    assert off == pytest.approx([at, degree_m / 100, 0.0, degree_m / 100, beyond], abs=2)
    assert far == pytest.approx(
        [degree_m / 20, 0.0, degree_m / 10 + east_m / 2, degree_m / 10, degree_m / 10 + east_m], abs=2
    )


@given(places, st.floats(500, 60_000), st.floats(0, 2 * pi), st.floats(0, 1), st.floats(-3_000, 3_000))
def test_off_a_line_agrees_with_the_cross_track_formula(
    at: tuple[float, float], length_m: float, direction: float, share: float, aside_m: float
) -> None:
    end = Flat(*at).place(length_m * sin(direction), length_m * cos(direction))
    point = Flat(*at).place(
        share * length_m * sin(direction) + aside_m * cos(direction),
        share * length_m * cos(direction) - aside_m * sin(direction),
    )
    end_at, point_at = (float(end[0]), float(end[1])), (float(point[0]), float(point[1]))

    off, far = along([point_at[0]], [point_at[1]], [at, end_at])

    to_point = plain_distance_m(at, point_at) / EARTH_M
    across = asin(sin(to_point) * sin(bearing(at, point_at) - bearing(at, end_at)))
    ahead = acos(min(1.0, cos(to_point) / cos(across))) * EARTH_M
    assert float(off[0]) == pytest.approx(abs(across) * EARTH_M, abs=0.01)
    assert float(far[0]) == pytest.approx(min(ahead, length_m), abs=1)


def bearing(a: tuple[float, float], b: tuple[float, float]) -> float:
    up, to, over = radians(a[0]), radians(b[0]), radians(b[1] - a[1])
    return atan2(sin(over) * cos(to), cos(up) * sin(to) - sin(up) * cos(to) * cos(over))


def test_a_long_line_is_looked_at_in_blocks_and_found_the_same() -> None:
    steps = np.linspace(0.0, 1.0, 2_001)
    road = [(30.0 + at, 120.0 + 0.1 * sin(20 * at)) for at in steps.tolist()]
    places = [(30.0 + at, 120.0 + 0.1 * sin(20 * at) + 0.001) for at in np.linspace(0.1, 0.9, 400).tolist()]
    latitude, longitude = (list(side) for side in zip(*places, strict=True))

    off, far = along(latitude, longitude, road)

    one = [along([place[0]], [place[1]], road) for place in places[::50]]
    assert off[::50] == pytest.approx([float(each[0][0]) for each in one])
    assert far[::50] == pytest.approx([float(each[1][0]) for each in one])
    assert (off < 110).all()
    assert (np.diff(far) > 0).all()


def test_a_line_of_one_corner_and_one_of_the_same_corner_twice() -> None:
    for line in ([(31.0, 121.0)], [(31.0, 121.0), (31.0, 121.0)]):
        off, far = along([31.01], [121.0], line)
        assert [float(off[0]), float(far[0])] == pytest.approx([EARTH_M * pi / 18_000, 0.0])
    with pytest.raises(ValueError, match="at least one corner"):
        along([31.0], [121.0], [])


def test_a_yard_with_a_notch_holds_what_is_in_it() -> None:
    yard = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)]  # the notch is open to the east

    found = inside([1.0, 2.0, 2.0, 3.9, -0.1, 1.0], [0.5, 0.9, 2.0, 3.0, 1.0, 5.0], yard)

    assert found.tolist() == [True, True, False, True, False, False]


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.integers(0, 3), st.booleans())
def test_inside_does_not_ask_where_an_area_begins_or_which_way_round_it_is(
    up: float, over: float, first: int, backwards: bool
) -> None:
    square = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    turned = [*square[first:], *square[:first]]

    found = inside([up], [over], turned[::-1] if backwards else turned)

    on_edge = min(abs(up), abs(up - 1), abs(over), abs(over - 1)) < 1e-9
    assert on_edge or bool(found[0]) == (0 < up < 1 and 0 < over < 1)


def test_degrees_of_a_metre() -> None:
    """One metre north is 9 millionths of a degree: what the millimetres above are worth."""
    latitude, _ = Flat(31.0, 121.0).place(0.0, 1.0)

    assert float(latitude) - 31.0 == pytest.approx(degrees(1 / EARTH_M))
