"""Many coolers at once, as they are found in shops or as they are after a technician set them: for judging judgement.

::

    Population (distributions) + seed ──▶ draw: 2,000 coolers ──▶ course: air, goods and probes as arrays
                                              │           └─────▶ as_fleet: sites, nodes and points for a World
                                              └──▶ usual: deliveries and failures, a scenario for either

How far this is verified: the mixture of kinds, 4 ± 1 unsignalled defrosts a day and a failure in 400 cooler-days are
the project's own rough simulation of 2,000 coolers; that half of the products in open fronts violate their limit as
found is a Finnish field study, read on the web; 2.3 ± 1.8 °C in (US) shops is the FSL-MQIP milk model. All else is
assumed from trade practice. Read magnitudes, not digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from firmware_sim.bodies import KINDS, Body
from firmware_sim.chance import CHINA_OFFSET_S, chance, door_of
from firmware_sim.doors import DAY_S, Array
from firmware_sim.drives import Drives, forced_doors
from firmware_sim.fleet import Asset, Fleet, Node, Operator, Point, Site
from firmware_sim.positions import DS18B20_RESOLUTION_KELVIN, POSITIONS, Felt, Instrument
from firmware_sim.scenario import CALM, RefrigerationFailure, Restocking, Scenario
from firmware_sim.thermal import Bodies

FAILURES_A_COOLER_DAY = 1 / 400
DELIVERY_S = 7 * 3600 + 20 * 60
"""Local time of the morning's delivery (a clerk's day as the trade tells it)."""

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
        fresh: share and temperature (°C) of the goods that a morning's delivery brings.
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
    fresh: tuple[float, float]


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
        fresh=(0.3, 9.0),
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
        fresh=(0.25, 5.0),
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


def course(
    coolers: Sequence[Cooler], seed: int, from_s: float, hours: float, step_s: float = 60.0, scenario: Scenario = CALM
) -> Course:
    """Run coolers, all at once.

    Args:
        from_s: local time of the start, s.
        hours: how long.
        step_s: between moments, whole milliseconds.
        scenario: what happens to the bodies, counted from the end of the course; sensors are not in it.
    """
    settle, steps = round(SETTLE_S / step_s), round(hours * 3600 / step_s)
    times_s: Array = from_s + step_s * np.arange(-settle, steps + 1, dtype=np.float64)
    times_ms = np.round((times_s - CHINA_OFFSET_S) * 1000).astype(np.int64).tolist()
    fleet, _, _ = as_fleet(coolers)
    own = [cooler.body for cooler in coolers]
    drives, forced = Drives(scenario, fleet, own, times_ms[-1]), forced_doors(scenario, fleet, times_ms[-1])
    shares = np.stack([door_of(c.asset, seed, forced.get(c.asset.id, ())).share(times_s) for c in coolers], axis=1)
    bodies = Bodies(own)
    probes = Felt([POSITIONS[cooler.position] for cooler in coolers], range(len(coolers)))
    air, product, felt = (np.empty((settle + steps, len(coolers))) for _ in range(3))
    for place, share in enumerate(shares):
        around = drives.around(times_ms[place], bodies.ambient(times_s[place]))
        bodies.step(times_s[place], step_s, share, drives.at(times_ms[place], times_ms[place + 1], around))
        felt[place] = probes.step(step_s, bodies.air, bodies.product, around, share, bodies.running)
        air[place], product[place] = bodies.air, bodies.product
    return Course(times_s[settle + 1 :], air[settle:], product[settle:], felt[settle:])


def usual(name: str, coolers: Sequence[Cooler], seed: int, from_s: float, hours: float) -> Scenario:
    """Return what befalls coolers anyway: each morning's delivery, and compressors that die now and then.

    Args:
        name: of the population.
        from_s, hours: local start (s) and length of the time until live, or of a `course`.
    """
    share, celsius = POPULATIONS[name].fresh
    every = tuple(cooler.asset.id for cooler in coolers)
    first_s = (DELIVERY_S - from_s) % DAY_S - hours * 3600
    delivery = Restocking(assets=every, start_s=first_s, fresh_share=share, fresh_celsius=celsius, every_s=float(DAY_S))
    dead = []
    for cooler in coolers:
        fails_h = float(chance(seed, "failure", cooler.asset.id).exponential(24 / FAILURES_A_COOLER_DAY))
        if fails_h < hours:
            dead.append(RefrigerationFailure(assets=(cooler.asset.id,), start_s=(fails_h - hours) * 3600))
    return Scenario((delivery, *dead), f"{name}: deliveries and failures")


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
