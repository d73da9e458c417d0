"""A lot that goes from a warehouse to a shop by trip, in one truck and then another, and what thermometers said."""

from __future__ import annotations

from collections.abc import Sequence

from coldchain.custody.goods import LotHold, LotPlaced, LotRelease
from coldchain.custody.trips import Trip, TripMoment, TripStop, TripVehicle
from coldchain.epcis import Names
from coldchain.exchange.world import Out, StopTimes
from coldchain.exchange.world import World as Facts
from coldchain.registry import Change, Put, Site
from tests.goods.stories import ROOM, hour, lot
from tests.goods.worlds import World, minutes

GTIN, GLN = "9506000134352", "4012345000054"
TRIP = Trip("t1", "distribution", "v1", (TripStop("dc", "load"), TripStop("shop-1", "unload")))
OWN = "https://dairy.example.org"


def tell(world: World) -> None:
    """The lot is made at hour 0, loaded at 1, in the other truck at 2, taken over at 3, in a cooler at 3:10."""
    world.measure("truck", 60, [6.0] * 60)
    world.measure("truck-2", 120, [9.0] * 30 + [float("nan")] * 10 + [8.0] * 20)
    world.say(
        Site("shop-1", "shop-1", "shop", "dairy", gln=GLN),
        lot(gtin=GTIN, number="A7", expires="2023-11-30"),
        TRIP, TripVehicle("t1", "v2", hour(2)),
        LotPlaced("L1", ROOM, hour(0), "scan"),
        LotPlaced("L1", "trip:t1", hour(1), "trip", quantity=60, taken_from=ROOM, stop=0, paper="D-1"),
        LotPlaced("L1", "site:shop-1", hour(3), "delivery", quantity=60, trip="t1", stop=1, paper="D-1"),
        LotPlaced("L1", "asset:cooler-1", minutes(190), "scan", quantity=60, taken_from="site:shop-1"),
        TripMoment("t1", "departed", minutes(65), 0),
        LotHold("h1", "L1", hour(5), place="asset:cooler-1"),
    )  # fmt: skip
    say_as(world, "quality", LotRelease("h1", "L1", "downgraded", hour(6)))


def say_as(world: World, who: str, *puts: Put) -> None:
    """Write entries of somebody else."""
    world.ledger.change([Change(one, who, "why").encode() for one in puts], 0)
    world.say()


def facts(
    world: World, at: float = 24, stops: Sequence[StopTimes] = (), outs: dict[str, list[Out]] | None = None
) -> Facts:
    """Return what events are made from, at an hour of the story; the positions say that the truck came at 2:58."""
    judged = stops or (StopTimes(None, minutes(70)), StopTimes(minutes(178), None))
    found = outs or {}
    return Facts(
        world.reader, world.registry, world.series, Names(OWN), lambda trip: judged if trip == "t1" else (),
        lambda point: found.get(point, []), hour(at),
    )  # fmt: skip
