"""The parameters of every kind of body: one table, the source beside each number.

What carries no source is *assumed*: chosen so that the behaviour is the trade's (cycles of 5-20 min, goods that follow
in hours), and the first thing to replace when measurements of a real body are at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

MILK_KJ_PER_KG_KELVIN = 3.93
"""Whole milk (Walstra et al., Dairy Science and Technology)."""


@dataclass(frozen=True, slots=True)
class Body:
    """One refrigerated body, as its thermostat and its walls see it.

    Attributes:
        setpoint_celsius: the compressor stops here and starts ``differential_kelvin`` above.
        air_kj_per_kelvin: air with what follows it quickly (shelves, coil, inner skin).
        product_kj_per_kelvin: goods; kg of milk × `MILK_KJ_PER_KG_KELVIN`.
        wall_w_per_kelvin: through walls, glass and, in an open case, the air curtain.
        door_w_per_kelvin: more, while the door stands open.
        product_w_per_kelvin: between air and goods. Together with the goods' capacity it makes the 70-80 min time
            constant that milk cartons show (20 °C room and refrigerator trials, foodsafetylab Corea-2023).
        capacity_w: heat taken out while the compressor runs.
        load_w: fans and lights.
        ambient_celsius: mean of the day around the body.
        ambient_swing_kelvin: half of the day's range.
        outside_share: 0-1; how much of the weather reaches the body where a world has weather (`firmware_sim.climate`).
        senses_product: the thermostat feels the goods (a tank's milk) and not the air.
        defrost_every_s: 0 for none. Usual: 6 h (Danfoss AK-RC 251 factory setting).
        defrost_s: how long the compressor is held off; at most 30 min is usual (Störk TRT252).
        defrost_offset_s: so that not all cases of a shop defrost at once.
        heater_w: into the air while defrosting, net of what the melting ice takes.
    """

    setpoint_celsius: float
    differential_kelvin: float
    air_kj_per_kelvin: float
    product_kj_per_kelvin: float
    wall_w_per_kelvin: float
    door_w_per_kelvin: float
    product_w_per_kelvin: float
    capacity_w: float
    load_w: float
    ambient_celsius: float
    ambient_swing_kelvin: float
    outside_share: float = 0.0
    senses_product: bool = False
    defrost_every_s: int = 0
    defrost_s: int = 0
    defrost_offset_s: int = 0
    heater_w: float = 0.0


GLASS_DOOR = Body(
    setpoint_celsius=2.6,
    differential_kelvin=1.8,
    air_kj_per_kelvin=30.0,
    product_kj_per_kelvin=157.0,
    wall_w_per_kelvin=6.0,
    door_w_per_kelvin=45.0,
    product_w_per_kelvin=33.0,
    capacity_w=450.0,
    load_w=40.0,
    ambient_celsius=24.0,
    ambient_swing_kelvin=1.5,
    outside_share=0.15,
    defrost_every_s=6 * 3600,
    defrost_s=12 * 60,
)
"""Upright shop cooler, 40 kg of milk, one glass door."""

MULTIDECK = Body(
    setpoint_celsius=2.4,
    differential_kelvin=1.6,
    air_kj_per_kelvin=90.0,
    product_kj_per_kelvin=590.0,
    wall_w_per_kelvin=75.0,
    door_w_per_kelvin=0.0,
    product_w_per_kelvin=125.0,
    capacity_w=2900.0,
    load_w=220.0,
    ambient_celsius=23.0,
    ambient_swing_kelvin=1.5,
    outside_share=0.15,
    defrost_every_s=6 * 3600,
    defrost_s=15 * 60,
)
"""Open multideck, 150 kg of milk; the air curtain leaks all day and there is no door."""

WALK_IN_ROOM = Body(
    setpoint_celsius=2.0,
    differential_kelvin=1.5,
    air_kj_per_kelvin=2_500.0,
    product_kj_per_kelvin=31_000.0,
    wall_w_per_kelvin=130.0,
    door_w_per_kelvin=450.0,
    product_w_per_kelvin=1_400.0,
    capacity_w=11_000.0,
    load_w=900.0,
    ambient_celsius=22.0,
    ambient_swing_kelvin=4.0,
    outside_share=0.6,
    defrost_every_s=6 * 3600,
    defrost_s=25 * 60,
    heater_w=1_500.0,
)
"""Cold room of a distribution warehouse, eight tonnes of goods; goods on pallets follow the air in about six hours."""

FREEZER_ROOM = replace(WALK_IN_ROOM, setpoint_celsius=-21.0, capacity_w=16_000.0, product_kj_per_kelvin=17_000.0)
"""Ice-cream room; frozen goods hold about half the heat a kelvin that chilled ones do."""

REEFER = Body(
    setpoint_celsius=2.2,
    differential_kelvin=1.8,
    air_kj_per_kelvin=180.0,
    product_kj_per_kelvin=5_900.0,
    wall_w_per_kelvin=32.0,
    door_w_per_kelvin=260.0,
    product_w_per_kelvin=450.0,
    capacity_w=4_200.0,
    load_w=150.0,
    ambient_celsius=26.0,
    ambient_swing_kelvin=5.0,
    outside_share=1.0,
    defrost_every_s=8 * 3600,
    defrost_s=15 * 60,
)
"""Delivery truck, 1.5 t of milk; 80 m² of body at K = 0.40 W/(m² K), the ATP limit of class IR."""

ISLAND = Body(
    setpoint_celsius=-20.5,
    differential_kelvin=2.0,
    air_kj_per_kelvin=60.0,
    product_kj_per_kelvin=260.0,
    wall_w_per_kelvin=9.0,
    door_w_per_kelvin=14.0,
    product_w_per_kelvin=30.0,
    capacity_w=750.0,
    load_w=30.0,
    ambient_celsius=24.0,
    ambient_swing_kelvin=1.5,
    outside_share=0.15,
    defrost_every_s=24 * 3600,
    defrost_s=30 * 60,
)
"""Ice-cream island with sliding lids, 130 kg at about 2 kJ/(kg K); display at most -15 °C (trade practice, domain facts
1.1). All numbers assumed."""

TANKER = Body(
    setpoint_celsius=3.5,
    differential_kelvin=0.0,
    air_kj_per_kelvin=1_500.0,
    product_kj_per_kelvin=20_000 * MILK_KJ_PER_KG_KELVIN,
    wall_w_per_kelvin=20.0,
    door_w_per_kelvin=15.0,
    product_w_per_kelvin=2_000.0,
    capacity_w=0.0,
    load_w=0.0,
    ambient_celsius=28.0,
    ambient_swing_kelvin=5.0,
    outside_share=1.0,
)
"""Insulated raw-milk tanker without a unit: 20 t, 45 m² at 0.45 W/(m² K) (assumed, near ATP class IN). At 28 °C outside
the milk gains 0.5 K a day: a faster rise is a probe or an error, never the wall (docs: people's traps)."""

STATION_TANK = Body(
    setpoint_celsius=2.8,
    differential_kelvin=1.0,
    air_kj_per_kelvin=400.0,
    product_kj_per_kelvin=5_000 * MILK_KJ_PER_KG_KELVIN,
    wall_w_per_kelvin=12.0,
    door_w_per_kelvin=10.0,
    product_w_per_kelvin=12_000.0,
    capacity_w=48_000.0,
    load_w=700.0,
    ambient_celsius=24.0,
    ambient_swing_kelvin=4.0,
    outside_share=0.7,
    senses_product=True,
)
"""Cooling tank of a milk station, 5 t, agitator 0.7 kW. Capacity for the law: half a filling from 35 to 4 °C in the 2 h
after milking (State Council Order 536 art. 25) is 42 kW without losses."""

PLANT_SILO = Body(
    setpoint_celsius=2.5,
    differential_kelvin=1.0,
    air_kj_per_kelvin=6_000.0,
    product_kj_per_kelvin=100_000 * MILK_KJ_PER_KG_KELVIN,
    wall_w_per_kelvin=75.0,
    door_w_per_kelvin=0.0,
    product_w_per_kelvin=15_000.0,
    capacity_w=30_000.0,
    load_w=4_000.0,
    ambient_celsius=24.0,
    ambient_swing_kelvin=5.0,
    outside_share=1.0,
    senses_product=True,
)
"""Silo of 100 t with an ice-water jacket and an agitator; assumed."""

BOX = Body(
    setpoint_celsius=4.0,
    differential_kelvin=0.0,
    air_kj_per_kelvin=3.0,
    product_kj_per_kelvin=15 * MILK_KJ_PER_KG_KELVIN,
    wall_w_per_kelvin=2.4,
    door_w_per_kelvin=6.0,
    product_w_per_kelvin=9.0,
    capacity_w=0.0,
    load_w=0.0,
    ambient_celsius=25.0,
    ambient_swing_kelvin=3.0,
    outside_share=0.6,
)
"""Passive box of 15 kg. Walls and goods in series give the 0.0019/min of a cooler box with ice (foodsafetylab
Corea-2023): a time constant of 8.8 h."""

KINDS: Mapping[str, Body] = {
    "glass-door-cooler": GLASS_DOOR,
    "open-multideck": MULTIDECK,
    "island": ISLAND,
    "walk-in-room": WALK_IN_ROOM,
    "freezer-room": FREEZER_ROOM,
    "reefer": REEFER,
    "tanker": TANKER,
    "station-tank": STATION_TANK,
    "plant-silo": PLANT_SILO,
    "box": BOX,
}
"""Asset kind of the registry → body; every kind that the registry knows is here."""

TANKS = ("tanker", "station-tank", "plant-silo")
"""Kinds that hold milk itself: washed in place, measured by a Pt100."""
