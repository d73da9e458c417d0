"""A routing service: the way on the road through some places; optional, asked when a trip is planned, not when judged.

Its answer goes into the trip's entry, so that the same ledger gives the same judgement whether the service answers or
not. Without one: great circles times the road factor of the trip's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx
import msgspec

from coldchain.errors import Unavailable
from coldchain.settings import RoutingSettings

LatLon = tuple[float, float]
"""Latitude and longitude, degrees, WGS-84."""

LARGEST_BYTES = 4 << 20
"""Of an answer: a way across China with every corner is less than a tenth."""

DECIMALS = 6
"""Of a degree: 0.1 m."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way on the road.

    Attributes:
        places: its corners, as the service simplifies them.
        distance_m: its length on the road, more than that of the line through its corners.
    """

    places: tuple[LatLon, ...]
    distance_m: float


class Routing(Protocol):
    """Whoever knows the roads."""

    def way(self, places: Sequence[LatLon]) -> Way | None:
        """Return the way through two or more places in their order, None where no road leads.

        Raises:
            Unavailable: it does not answer, or with what is no way.
        """
        ...


class _Geometry(msgspec.Struct):
    coordinates: list[tuple[float, float]]


class _Route(msgspec.Struct):
    distance: float
    geometry: _Geometry


class _Answer(msgspec.Struct):
    code: str
    routes: list[_Route] = []
    message: str = ""


NO_WAY = frozenset({"NoRoute", "NoSegment"})
"""OSRM's words for places that no road joins (HTTP API, version 1)."""


class Osrm:
    """An OSRM server, or one that speaks as it does (`/route/v1`, WGS-84, longitude first).

    Args:
        url: up to the version, for example ``http://127.0.0.1:5000``. It is configuration: whoever may write it may
            name any address; redirects are not followed.
        profile: of the roads, for example ``driving``.
    """

    def __init__(self, url: str, profile: str = "driving", *, timeout_s: float = 5.0) -> None:
        self._url = f"{url.rstrip('/')}/route/v1/{profile}"
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def way(self, places: Sequence[LatLon]) -> Way | None:
        """See `Routing.way`."""
        named = ";".join(f"{longitude:.{DECIMALS}f},{latitude:.{DECIMALS}f}" for latitude, longitude in places)
        try:
            raw = self._asked(f"{self._url}/{named}")
            answer = msgspec.json.decode(raw, type=_Answer)
        except (httpx.HTTPError, msgspec.DecodeError) as fault:
            raise Unavailable(f"{self._url}: no way came ({fault or type(fault).__name__})"[:300]) from fault
        if answer.code in NO_WAY:
            return None
        if answer.code != "Ok" or not answer.routes or len(answer.routes[0].geometry.coordinates) < 2:
            raise Unavailable(f"{self._url}: {answer.code} {answer.message}"[:300])
        best = answer.routes[0]
        corners = best.geometry.coordinates
        return Way(
            tuple((round(latitude, DECIMALS), round(longitude, DECIMALS)) for longitude, latitude in corners),
            round(best.distance, 1),
        )

    def _asked(self, url: str) -> bytes:
        """Return the body of an answer; OSRM tells what is wrong in the body of a 400."""
        asked = {"overview": "simplified", "geometries": "geojson", "steps": "false", "alternatives": "false"}
        with self._client.stream("GET", url, params=asked) as response:
            if response.status_code not in (200, 400):
                raise httpx.HTTPError(f"status {response.status_code}")
            raw = bytearray()
            for piece in response.iter_bytes():
                raw += piece
                if len(raw) > LARGEST_BYTES:
                    raise httpx.HTTPError(f"more than {LARGEST_BYTES} bytes")
            return bytes(raw)


def routing_of(settings: RoutingSettings) -> Osrm | None:
    """Return the service that is set up, None for none."""
    return Osrm(settings.url, settings.profile, timeout_s=settings.timeout_s) if settings.url else None
