"""Where trips go: milk from farms to a plant, goods from a depot through a city and back; geography only.

Assumed throughout: a plain with one plant or one city a trip, anywhere around Shanghai and Suzhou. Roads are 1.15 to
1.5 times the great circle between two stops, long ones straighter.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from firmware_sim.traffic.usual import free_speeds, lights_of
from firmware_sim.traffic.ways import Array, Place, RoadKind, Way, bent, chord_m, joined, shifted

KINDS = ("raw-milk", "distribution")

CENTRE: Place = (31.3, 121.0)
AROUND_M = 60_000.0
"""Plants and cities lie within this of the centre."""

RAW_MILK_M = (30_000.0, 180_000.0)
"""Whole way of a milk trip."""

LOADINGS_SHARE = (0.4, 0.35, 0.25)
"""Trips with one, two and three loading stops."""

COLLECTING_SHARE = 0.35
"""At most of the whole way lies between the first and the last farm."""

SHOPS = (5, 25)
"""Shops of a round. About 20 from 07 to 12 h is a dispatcher's day as the trade tells it."""

CITY_M = (4_000.0, 12_000.0)
"""Radius within which the shops of a round lie."""

DEPOT_M = (8_000.0, 35_000.0)
"""From the depot to the middle of the city."""

STRAIGHT_M = 60_000.0
BEND_RATIO, STRAIGHT_RATIO = (1.15, 1.5), (1.15, 1.35)
"""Length of the road as a multiple of the great circle, up to a chord of `STRAIGHT_M` and beyond."""

MILK_ROADS = ((0.08, 0.25), (2_000.0, 8_000.0))
"""Share of rural road at the farm's end of a long way, m of urban road at the plant's; a motorway between."""

CITY_ROADS = ((1_000.0, 2_500.0), (3_000.0, 8_000.0))
"""m of urban road at the depot's end and at the city's; a motorway between."""

MOTORWAY_M = 20_000.0
"""On a shorter way nobody takes a motorway."""


@dataclass(frozen=True, slots=True, eq=False)
class Tour:
    """A way with its stops.

    Attributes:
        names: of the stops, in order; the first one where the trip starts.
        purposes: of the stops: ``load``, ``unload``, ``return``.
        stops_m: shape (stops,), m along the way; the first 0, the last its end.
        free_m_per_s: shape (k,); free speed of each section.
        lights_m: shape (l,); where lights and junctions are.
    """

    kind: str
    way: Way
    names: tuple[str, ...]
    purposes: tuple[str, ...]
    stops_m: Array
    free_m_per_s: Array
    lights_m: Array


def tour_of(kind: str, drawn: np.random.Generator) -> Tour:
    """Return a drawn tour of one of `KINDS`."""
    if kind == "raw-milk":
        legs = _milk_legs(drawn)
        names = (*(f"farm-{number}" for number in range(1, len(legs) + 1)), "plant")
        purposes = (*("load" for _ in legs), "unload")
    else:
        legs = _city_legs(drawn)
        names = ("depot", *(f"shop-{number}" for number in range(1, len(legs))), "depot")
        purposes = ("load", *("unload" for _ in legs[1:]), "return")
    way = joined(legs)
    stops_m = np.concatenate([[0.0], np.cumsum([leg.length_m for leg in legs])])
    return Tour(kind, way, names, purposes, stops_m, free_speeds(way, drawn), lights_of(way, drawn))


def _milk_legs(drawn: np.random.Generator) -> list[Way]:
    """Farm by farm, then the long way to the plant; laid out from the plant backwards."""
    loadings = 1 + int(drawn.choice(len(LOADINGS_SHARE), p=LOADINGS_SHARE))
    whole_m = float(drawn.uniform(*RAW_MILK_M))
    between_m = drawn.uniform(0.3, 1.0, loadings - 1) * COLLECTING_SHARE * whole_m / max(1, loadings - 1)
    place, legs = _anywhere(drawn), []
    for length_m in [whole_m - float(between_m.sum()), *between_m.tolist()]:
        ratio = float(drawn.uniform(*(STRAIGHT_RATIO if length_m > STRAIGHT_M else BEND_RATIO)))
        before = _aside(place, length_m / ratio, drawn)
        legs.append(bent(before, place, ratio, drawn))
        place = before
    share, urban_m = float(drawn.uniform(*MILK_ROADS[0])), float(drawn.uniform(*MILK_ROADS[1]))
    main = legs[0]
    middle = RoadKind.HIGHWAY if main.length_m > MOTORWAY_M else RoadKind.RURAL
    legs[0] = _paved(main, RoadKind.RURAL, share * main.length_m, middle, urban_m, RoadKind.URBAN)
    return legs[::-1]


def _city_legs(drawn: np.random.Generator) -> list[Way]:
    """From the depot to the shops, always the nearest next, and back."""
    depot = _anywhere(drawn)
    centre = _aside(depot, float(drawn.uniform(*DEPOT_M)), drawn)
    radius_m = float(drawn.uniform(*CITY_M))
    count = int(drawn.integers(SHOPS[0], SHOPS[1] + 1))
    shops = [_aside(centre, radius_m * float(np.sqrt(drawn.random())), drawn) for _ in range(count)]
    places, here = [depot], depot
    while shops:
        here = min(shops, key=lambda shop: chord_m(here, shop))
        shops.remove(here)
        places.append(here)
    places.append(depot)
    legs = [bent(a, b, float(drawn.uniform(*BEND_RATIO)), drawn) for a, b in pairwise(places)]
    depot_m, city_m = (float(drawn.uniform(*span)) for span in CITY_ROADS)
    urban = RoadKind.URBAN
    for number, leg in enumerate(legs):
        far = leg.length_m > MOTORWAY_M and number in (0, len(legs) - 1)
        ends_m = (depot_m, city_m) if number == 0 else (city_m, depot_m)
        legs[number] = _paved(leg, urban, ends_m[0], RoadKind.HIGHWAY if far else urban, ends_m[1], urban)
    return legs


def _paved(leg: Way, head: RoadKind, head_m: float, middle: RoadKind, tail_m: float, tail: RoadKind) -> Way:
    middles_m = (leg.borders_m[:-1] + leg.borders_m[1:]) / 2
    kinds = np.where(middles_m < head_m, head, np.where(middles_m > leg.length_m - tail_m, tail, middle))
    return Way(leg.vertices_m, leg.latitude_deg, leg.longitude_deg, leg.borders_m, kinds.astype(np.int64))


def _anywhere(drawn: np.random.Generator) -> Place:
    return _aside(CENTRE, AROUND_M * float(np.sqrt(drawn.random())), drawn)


def _aside(place: Place, distance_m: float, drawn: np.random.Generator) -> Place:
    bearing = float(drawn.uniform(0, 2 * np.pi))
    return shifted(place, distance_m * float(np.cos(bearing)), distance_m * float(np.sin(bearing)))
