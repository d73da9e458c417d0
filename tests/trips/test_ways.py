"""Planned ways out of what maps give: three ways of writing, three systems, converted once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coldchain.geo import distance_m, from_wgs84
from coldchain.registry.cells import Wrong
from coldchain.trips.ways import converted, read_way

WAY = ((31.2, 121.4), (31.25, 121.45))
LINE = '{"type": "LineString", "coordinates": [[121.4, 31.2], [121.45, 31.25]]}'


def encoded(places: Sequence[tuple[float, float]]) -> str:
    """Return an encoded polyline, by the steps of Google's description."""
    text, before = "", (0, 0)
    for place in places:
        now = round(place[0] * 1e5), round(place[1] * 1e5)
        for number in (now[0] - before[0], now[1] - before[1]):
            left = number << 1
            left = ~left if number < 0 else left
            while left >= 0x20:
                text += chr((0x20 | (left & 0x1F)) + 63)
                left >>= 5
            text += chr(left + 63)
        before = now
    return text


@pytest.mark.parametrize(
    "text",
    [
        "31.2,121.4; 31.25,121.45",
        '{"type": "LineString", "coordinates": [[121.4, 31.2], [121.45, 31.25, 12.5]]}',
        f'{{"type": "Feature", "geometry": {LINE}}}',
        f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", "geometry": {LINE}}}]}}',
        encoded([(31.2, 121.4), (31.25, 121.45)]),
    ],
)
def test_each_way_of_writing_is_the_same_way(text: str) -> None:
    assert read_way(text, "WGS-84") == WAY


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_a_way_of_a_chinese_map_is_where_the_road_is(system: str) -> None:
    shown = [tuple(map(float, from_wgs84(*place, system))) for place in WAY]
    assert float(distance_m(*WAY[0], *shown[0])) > 300  # who forgets the system is so far off

    found = converted(tuple((place[0], place[1]) for place in shown), system)

    for place, was in zip(found, WAY, strict=True):
        assert float(distance_m(*place, *was)) < 0.2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31.2,121.4", "a route of 1 places"),
        ("121.4,31.2; 121.45,31.25", "swapped?"),
        ('{"type": "Point", "coordinates": [121.4, 31.2]}', "GeoJSON LineString"),
        ('{"type": "LineString", "coordinates": [[31.2, 121.4], [31.25, 121.45]]}', "swapped?"),
        ('{"type": "FeatureCollection", "features": []}', "GeoJSON LineString"),
        (encoded([(31.2, 121.4)])[:-1], "GeoJSON LineString"),
        ("向东三公里", "GeoJSON LineString"),
        ("[[121.4, 31.2]]", "GeoJSON LineString"),
        ("", "a route of 0 places"),
    ],
)
def test_what_is_no_way_is_told(text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said.replace("?", r"\?")):
        read_way(text, "WGS-84")
