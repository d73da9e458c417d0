"""换车: another vehicle goes on with a trip, and what lay in the one before lies in it from then on, body by body.

The one way in which a change of vehicle is written, whoever says it: a dispatch system, a page, the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from coldchain.custody import TripVehicle
from coldchain.custody.goods import Goods, LotPlaced
from coldchain.custody.recalls import Recalling
from coldchain.errors import ConfigError
from coldchain.goods.asking import Asking as GoodsAsking
from coldchain.goods.places import ASSET
from coldchain.goods.reader import GoodsReader
from coldchain.goods.where import lots_in_asset
from coldchain.registry import Registry
from coldchain.registry.cells import Both
from coldchain.trips.asking import Asking
from coldchain.trips.verdicts import Put

NOWHERE: Both = (
    "{asset}({kind})中有 {lots} 个批次,而 {vehicle} 有 {others} 个同类车厢:请先说明这些批次去了哪里(批次清单)",
    (
        "{lots} lots lie in {asset} ({kind}), and {vehicle} has {others} bodies of that kind: "
        "say where they went with `coldchain lots import`"
    ),
)


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A body's goods for which the other vehicle has no body of the same kind, or several."""

    asset: str
    kind: str
    lots: int
    vehicle: str
    others: int

    def said(self, language: str = "en") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        words = NOWHERE[0 if language == "zh" else 1]
        return words.format(asset=self.asset, kind=self.kind, lots=self.lots, vehicle=self.vehicle, others=self.others)


@dataclass(frozen=True, slots=True)
class VehicleChange:
    """What a change of vehicle brings about.

    Attributes:
        before: the vehicle until then; the same one where nothing changes.
        placed: where each lot lies from then on. ``nowhere``: bodies whose goods find no place.
    """

    put: TripVehicle
    before: str
    placed: list[LotPlaced] = field(default_factory=list)
    nowhere: list[Nowhere] = field(default_factory=list)


def change_of(
    asking: Asking, goods: GoodsAsking, reader: GoodsReader | None, registry: Registry, put: TripVehicle
) -> VehicleChange:
    """Return what a change of vehicle brings about, by what is said up to the ledger's end.

    Args:
        reader: of the store of goods; None where there is none yet: everything is read from the ledger.
    """
    found = VehicleChange(put, asking.of(put).vehicle_at(put.from_ms))
    if found.before == put.vehicle:
        return found
    for asset in _bodies(registry, found.before, put.from_ms):
        there = _lying(goods, reader, registry, asset, put.from_ms)
        kind = registry.kind_of(asset)
        others = [other for other in _bodies(registry, put.vehicle, put.from_ms) if registry.kind_of(other) == kind]
        if there and len(others) != 1:
            found.nowhere.append(Nowhere(asset, kind, len(there), put.vehicle, len(others)))
        elif there:
            to, taken_from = ASSET + others[0], ASSET + asset
            found.placed.extend(
                LotPlaced(lot, to, put.from_ms, "trip", None, quantity, taken_from, put.trip)
                for lot, quantity in sorted(there.items())
            )
    return found


def _lying(
    goods: GoodsAsking, reader: GoodsReader | None, registry: Registry, asset: str, at_ms: int
) -> dict[str, float | None]:
    """Return lot → how much of it lies in a body; what was said since the store was written counts, too."""
    stored = [] if reader is None else lots_in_asset(reader, registry, asset, at_ms, at_ms + 1)
    found = {one.lot: one.quantity for one in stored if not one.presumed}
    for lot in goods.touched():
        found.pop(lot, None)
        for stay in goods.book(lot).stays:
            if stay.place == ASSET + asset and stay.from_ms <= at_ms < stay.to_ms:
                found[lot] = stay.quantity
    return found


def with_goods(
    puts: Sequence[Put],
    asking: Asking,
    goods: GoodsAsking,
    reader: GoodsReader | None,
    registry: Registry,
    *,
    who: str,
    why: str,
    language: str = "en",
) -> list[Put | Goods | Recalling]:
    """Return new entries of trips, each change of vehicle followed by where its goods lie from then on.

    Args:
        puts: that can be, and are new (`coldchain.trips.asking.Asking.take`).

    Raises:
        ConfigError: goods find no place, every one of them named.
    """
    found: list[Put | Goods | Recalling] = []
    faults: list[str] = []
    for put in puts:
        found.append(put)
        if isinstance(put, TripVehicle):
            change = change_of(asking, goods, reader, registry, put)
            made, refused = goods.take(registry, change.placed, who, why)
            found += made
            faults += [one.said(language) for one in change.nowhere]
            faults += [one.refused.said(language) for one in refused]
    if faults:
        raise ConfigError(faults)
    return found


def _bodies(registry: Registry, vehicle: str, at_ms: int) -> Iterator[str]:
    return (asset for asset, begin, end in registry.stays_at(vehicle) if begin <= at_ms < end)
