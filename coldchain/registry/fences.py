"""Fences: where a vehicle is at a site. What was said in any coordinate system is converted here, once, to WGS-84."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from coldchain.geo import along, distance_m, inside, to_wgs84
from coldchain.registry.cells import Both
from coldchain.registry.changes import COORDINATES, Fence, Site

NO_SYSTEM: Both = (
    "缺少坐标系:应为 WGS-84、GCJ-02(高德、腾讯)或 BD-09(百度),不同坐标系相差 50 至 1200 米",
    "no coordinate system: WGS-84, GCJ-02 or BD-09 expected; they lie 50 to 1,200 m apart",
)

LatLon = tuple[float, float]
"""(latitude, longitude), degrees, WGS-84."""

WGS84 = "WGS-84"

DEFAULT_RADIUS_M = {"shop": 150.0, "station": 250.0, "warehouse": 300.0, "plant": 400.0}
"""By kind of site, until somebody draws it or it was learnt. Assumed: an address is found at the street while the truck
stands behind the house or around the corner; a yard's address is its gate, and its docks are as far off as it is long.
A smaller circle misses arrivals, and a larger one takes the neighbours' for its own."""

SMALLEST_M, LARGEST_M = 20.0, 5_000.0
"""Of a radius: below it the noise of a receiver between houses is larger than the fence, above it it is no place."""

CORNERS = 3, 100
WIDEST_M = 20_000.0
"""Of a polygon: most corners, and farthest two neighbours."""

KEPT = 1 << 16
"""Places that are kept converted: the way back from a map takes 70 µs, and a kept one 0.4 KB (measured)."""


def located(latitude: float | None, longitude: float | None, system: str) -> LatLon | None:
    """Return a place, WGS-84; None where it is not said, or its system is not."""
    if latitude is None or longitude is None or system not in COORDINATES:
        return None
    return (latitude, longitude) if system == WGS84 else _converted(latitude, longitude, system)


@lru_cache(maxsize=KEPT)
def _converted(latitude: float, longitude: float, system: str) -> LatLon:
    converted = to_wgs84(latitude, longitude, system)
    return float(converted[0]), float(converted[1])


def in_wgs84(fence: Fence) -> Fence | None:
    """Return a fence with its degrees in WGS-84; None where it has no area, or no system."""
    middle = located(fence.latitude, fence.longitude, fence.coordinates)
    corners = [located(*corner, fence.coordinates) for corner in fence.polygon]
    if (middle is None or fence.radius_m is None) and not any(corners):
        return None
    if fence.coordinates == WGS84:
        return fence
    latitude, longitude = middle or (None, None)
    polygon = tuple(corner for corner in corners if corner is not None)
    return msgspec.structs.replace(
        fence, latitude=latitude, longitude=longitude, polygon=polygon, coordinates=WGS84
    )  # fmt: skip


def default_fence(site: str, kind: str, place: LatLon | None) -> Fence | None:
    """Return the circle that holds about a site's own place from the beginning; None without a place.

    Args:
        kind: of the site; one without a default has no fence.
        place: WGS-84.
    """
    if place is None or kind not in DEFAULT_RADIUS_M:
        return None
    return Fence(site, 0, place[0], place[1], DEFAULT_RADIUS_M[kind], coordinates=WGS84)


def fault_of(fence: Fence, site: Site | None) -> tuple[str, Both] | None:
    """Return what is wrong with a fence: the field and what to say of it; None when it can be used."""
    circle = [fence.latitude, fence.longitude, fence.radius_m]
    said = [part for part in circle if part is not None]
    if site is not None and site.kind == "vehicle":
        return "site", (f"{fence.site} 是车辆,没有围栏", f"{fence.site} is a vehicle: it has no fence")
    if said and fence.polygon:
        return "polygon", (
            "圆和多边形只能有一个(另一个填“(空)”)",
            "a circle and a polygon: give one of them, and (empty) for the other",
        )
    if 0 < len(said) < len(circle):
        name = ("latitude", "longitude", "radius_m")[circle.index(None)]
        return name, ("圆需要经度、纬度和半径", "a circle needs latitude, longitude and radius")
    if (said or fence.polygon) and fence.coordinates not in COORDINATES:
        return "coordinates", NO_SYSTEM
    if fence.radius_m is not None and not SMALLEST_M <= fence.radius_m <= LARGEST_M:
        return "radius_m", (
            f"半径 {fence.radius_m:g} 米,应为 {SMALLEST_M:g} 至 {LARGEST_M:g} 米",
            f"a radius of {fence.radius_m:g} m: {SMALLEST_M:g} to {LARGEST_M:g} m expected",
        )
    return _polygon_fault(fence) if fence.polygon else None


def _polygon_fault(fence: Fence) -> tuple[str, Both] | None:
    fewest, most = CORNERS
    if not fewest <= len(set(fence.polygon)) <= len(fence.polygon) <= most:
        return "polygon", (
            f"多边形应有 {fewest} 至 {most} 个不同的顶点",
            f"a polygon has {fewest} to {most} corners, of which {fewest} differ",
        )
    widest = max(
        float(distance_m(*here, *there))
        for here, there in zip(fence.polygon, [*fence.polygon[1:], fence.polygon[0]], strict=True)
    )
    if widest > WIDEST_M:
        return "polygon", (
            f"相邻顶点相距 {widest / 1000:.0f} 公里,最多 {WIDEST_M / 1000:.0f} 公里(数字有误?)",
            f"corners {widest / 1000:.0f} km apart, at most {WIDEST_M / 1000:.0f} km (a wrong digit?)",
        )
    return None


def outside_m(fence: Fence, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Return how far outside a fence places lie, m; negative inside it.

    Args:
        fence: WGS-84, a circle or a polygon.
        latitude, longitude: shape (n,), degrees, WGS-84.
    """
    if fence.polygon:
        edge, _ = along(latitude, longitude, [*fence.polygon, fence.polygon[0]])
        return np.where(inside(latitude, longitude, fence.polygon), -edge, edge)
    middle_latitude, middle_longitude, radius_m = round_of(fence)
    return distance_m(latitude, longitude, middle_latitude, middle_longitude) - radius_m


def round_of(fence: Fence) -> tuple[float, float, float]:
    """Return (latitude, longitude, radius m) of a fence: the circle itself, or one around a polygon."""
    if not fence.polygon:
        assert fence.latitude is not None, "a fence without an area"
        assert fence.longitude is not None
        assert fence.radius_m is not None
        return fence.latitude, fence.longitude, fence.radius_m
    corners = np.array(fence.polygon)
    latitude, longitude = (corners.min(axis=0) + corners.max(axis=0)) / 2
    farthest = distance_m(corners[:, 0], corners[:, 1], latitude, longitude).max()
    return float(latitude), float(longitude), float(farthest)
