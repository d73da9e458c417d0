"""Every way by which a position comes in converts it once: the same place, whatever map it was read from."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.geo import distance_m, from_wgs84
from coldchain.jt808 import Kind
from coldchain.registry import Fence
from coldchain.registry.changes import COORDINATES
from coldchain.registry.fences import round_of
from coldchain.trips.ways import converted, read_way
from tests.gateway.jt808.test_positions import body, profile, said, values
from tests.registry.test_fences import registry_of, site
from tests.support import T0

PLACES = st.tuples(st.floats(18.2, 53.5), st.floats(73.5, 134.7))
"""Of China, from Hainan to the Amur."""

Place = tuple[float, float]


def site_of(shown: Place, system: str) -> Place | None:
    return registry_of(site(place=shown, system=system)).location_of("S")


def fence_of(shown: Place, system: str) -> Place | None:
    fence = registry_of(site(place=None), Fence("S", 0, *shown, 80, coordinates=system)).fence_at("S", T0)
    assert fence is not None
    return round_of(fence)[:2]


def polygon_of(shown: Place, system: str) -> Place | None:
    north, east = shown
    corners = (shown, (north, east + 0.001), (north + 0.001, east + 0.001))
    fence = registry_of(site(place=None), Fence("S", 0, polygon=corners, coordinates=system)).fence_at("S", T0)
    assert fence is not None
    return fence.polygon[0]


def route_of_a_list(shown: Place, system: str) -> Place:
    line = {"type": "LineString", "coordinates": [list(reversed(shown)), [100.0, 30.0]]}
    return read_way(json.dumps(line), system)[0]


def route_of_a_message(shown: Place, system: str) -> Place:
    return converted((shown, (30.0, 100.0)), system)[0]


def terminal_of(shown: Place, system: str) -> Place:
    found = values(said(body(*shown), Kind.POSITION, profile(coordinates=system)))
    return float(str(found["lat"])), float(str(found["lon"]))


WAYS = (site_of, fence_of, polygon_of, route_of_a_list, route_of_a_message, terminal_of)


@settings(max_examples=40, deadline=None)
@given(PLACES, st.sampled_from(COORDINATES))
def test_a_place_comes_in_as_the_same_place_by_every_way(place: Place, system: str) -> None:
    north, east = from_wgs84(*place, system)

    for way in WAYS:
        found = way((float(north), float(east)), system)
        assert found is not None
        assert float(distance_m(*place, *found)) < 1, way.__name__
