"""Many coolers at once, as they are found in shops or as they are after a technician set them: for judging judgement.

::

    Population (distributions) + seed ──▶ draw: 2,000 coolers ──▶ course: air, goods and probes as arrays
                                                          └─────▶ as_fleet: sites, nodes and points for a World

How far this is verified: the mixture of kinds, 4 ± 1 unsignalled defrosts a day and 3 % radio loss are the project's
own rough simulation of 2,000 coolers; that half of the products in open fronts violate their limit as found is a
Finnish field study, read on the web; 2.3 ± 1.8 °C in (US) shops is the FSL-MQIP milk model. All else is assumed from
trade practice. Read magnitudes, not digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firmware_sim.bodies import KINDS, Body
from firmware_sim.chance import chance, door_of
from firmware_sim.doors import DAY_S, Array
from firmware_sim.fleet import Asset, Fleet, Node, Operator, Point, Site
from firmware_sim.positions import DS18B20_RESOLUTION_KELVIN, POSITIONS, Felt, Instrument
from firmware_sim.thermal import Bodies

SETTLE_S = 6 * 3600
"""Run before a course starts: one defrost interval."""


@dataclass(frozen=True, slots=True)
class Population:
    """What coolers are like.

    Attributes:
        open_share: open multidecks; the others have glass doors.
        warm_share: set much too warm, by ``warm_kelvin`` (from, to); the others by a normal error.
        error_kelvin: mean and deviation of the other set points' errors.
        iced_share: with ice or dirt on the coil, and ``iced_capacity`` (from, to) of the capacity left.
        defrosts_a_day: mean and deviation.
        defrost_min: from, to.
        around_celsius: mean and deviation of the shop.
        misplaced_share: probes not in the return air but ``misplaced`` at one of these positions.
        offset_kelvin: deviation of the probes' systematic error.
        old_probe_share: of 1-wire probes with 1/16 K.
    """

    open_share: float
    warm_share: float
    warm_kelvin: tuple[float, float]
    error_kelvin: tuple[float, float]
    iced_share: float
    iced_capacity: tuple[float, float]
    defrosts_a_day: tuple[float, float]
    defrost_min: tuple[float, float]
    around_celsius: tuple[float, float]
    misplaced_share: float
    misplaced: tuple[str, ...]
    offset_kelvin: float
    old_probe_share: float


POPULATIONS: Mapping[str, Population] = {
    "as-found": Population(
        open_share=0.35,
        warm_share=0.45,
        warm_kelvin=(2.2, 5.0),
        error_kelvin=(0.8, 1.0),
        iced_share=0.3,
        iced_capacity=(0.55, 0.85),
        defrosts_a_day=(4.0, 1.0),
        defrost_min=(10.0, 28.0),
        around_celsius=(26.5, 2.0),
        misplaced_share=0.35,
        misplaced=("supply-air", "top-front", "near-door"),
        offset_kelvin=0.4,
        old_probe_share=0.5,
    ),
    "well-set": Population(
        open_share=0.35,
        warm_share=0.0,
        warm_kelvin=(0.0, 0.0),
        error_kelvin=(-0.6, 0.35),
        iced_share=0.0,
        iced_capacity=(1.0, 1.0),
        defrosts_a_day=(4.0, 0.5),
        defrost_min=(8.0, 15.0),
        around_celsius=(22.5, 1.0),
        misplaced_share=0.0,
        misplaced=("return-air",),
        offset_kelvin=0.1,
        old_probe_share=0.0,
    ),
}


@dataclass(frozen=True, slots=True)
class Cooler:
    """One drawn cooler: its body, where its probe hangs, and what kind of probe it is."""

    asset: Asset
    body: Body
    position: str
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class Course:
    """What coolers went through; arrays of shape (moments, coolers), °C.

    Attributes:
        times_s: shape (moments,), local seconds.
        felt: what the probes feel; without offset, noise and rounding.
    """

    times_s: Array
    air: Array
    product: Array
    felt: Array


def draw(name: str, count: int, seed: int) -> tuple[Cooler, ...]:
    """Return ``count`` coolers of a population; the first ones of a longer draw are the same."""
    like = POPULATIONS[name]
    return tuple(_cooler(like, f"{name}-{number:04d}", chance(seed, name, number)) for number in range(count))


def course(coolers: Sequence[Cooler], seed: int, from_s: float, hours: float, step_s: float = 60.0) -> Course:
    """Run coolers, all at once.

    Args:
        from_s: local time of the start, s.
        hours: how long.
        step_s: between moments.
    """
    settle, steps = round(SETTLE_S / step_s), round(hours * 3600 / step_s)
    times_s: Array = from_s + step_s * np.arange(-settle, steps + 1, dtype=np.float64)
    doors = [door_of(cooler.asset, seed) for cooler in coolers]
    shares = np.stack([door.share(times_s) for door in doors], axis=1)
    bodies = Bodies([cooler.body for cooler in coolers])
    probes = Felt([POSITIONS[cooler.position] for cooler in coolers], range(len(coolers)))
    air, product, felt = (np.empty((settle + steps, len(coolers))) for _ in range(3))
    for place, share in enumerate(shares):
        bodies.step(times_s[place], step_s, share)
        around = bodies.ambient(times_s[place])
        felt[place] = probes.step(step_s, bodies.air, bodies.product, around, share, bodies.running)
        air[place], product[place] = bodies.air, bodies.product
    return Course(times_s[settle + 1 :], air[settle:], product[settle:], felt[settle:])


def as_fleet(coolers: Sequence[Cooler], a_shop: int = 4) -> tuple[Fleet, dict[str, Body], dict[str, Instrument]]:
    """Return a fleet of shops with ``a_shop`` coolers each, and what a World needs to know of them."""
    shops = [f"shop-{number}" for number in range((len(coolers) + a_shop - 1) // a_shop)]
    points = []
    for place, cooler in enumerate(coolers):
        mac = f"0024be{0x10_0000 + place:06x}"
        point = Point(
            f"{cooler.asset.id}.{cooler.position}",
            cooler.asset.id,
            cooler.position,
            "temperature",
            60,
            f"urn:dev:mac:{mac}:temperature",
            high_celsius=8.0,
            low_celsius=0.0,
        )
        points.append(point)
    fleet = Fleet(
        operators=(Operator("population", "样本（模拟）"),),
        sites=tuple(Site(shop, shop, "shop", "population") for shop in shops),
        assets=tuple(replace(cooler.asset, site=shops[place // a_shop]) for place, cooler in enumerate(coolers)),
        nodes=tuple(Node(f"gw-{shop}", shop) for shop in shops),
        points=tuple(points),
    )
    bodies = {cooler.asset.id: cooler.body for cooler in coolers}
    return fleet, bodies, {point.id: cooler.instrument for point, cooler in zip(points, coolers, strict=True)}


def _cooler(like: Population, id: str, drawn: np.random.Generator) -> Cooler:
    # Every draw is made for every cooler, so that changing one share moves nothing else.
    kind_draw, warm_draw, iced_draw, place_draw, old_draw = drawn.random(5)
    warm, iced, minutes = (drawn.uniform(*span) for span in (like.warm_kelvin, like.iced_capacity, like.defrost_min))
    error, defrosts, around = (
        drawn.normal(*of) for of in (like.error_kelvin, like.defrosts_a_day, like.around_celsius)
    )
    offset, where, phase = drawn.normal(0, like.offset_kelvin), int(drawn.integers(len(like.misplaced))), drawn.random()
    kind = "open-multideck" if kind_draw < like.open_share else "glass-door-cooler"
    body = KINDS[kind]
    every_s = int(DAY_S / min(8.0, max(1.0, defrosts)))
    body = replace(
        body,
        setpoint_celsius=body.setpoint_celsius + float(warm if warm_draw < like.warm_share else error),
        capacity_w=body.capacity_w * float(iced if iced_draw < like.iced_share else 1.0),
        ambient_celsius=float(around),
        defrost_every_s=every_s,
        defrost_s=int(minutes * 60),
        defrost_offset_s=int(phase * every_s),
    )
    instrument = Instrument(
        offset_kelvin=round(float(offset), 3),
        resolution_kelvin=DS18B20_RESOLUTION_KELVIN if old_draw < like.old_probe_share else 0.01,
    )
    position = like.misplaced[where] if place_draw < like.misplaced_share else "return-air"
    return Cooler(Asset(id, id, kind, "shop-0"), body, position, instrument)
