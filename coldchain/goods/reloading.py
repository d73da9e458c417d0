"""换车: what lay in one vehicle lies in another one from a time on, body by body."""

from __future__ import annotations

from coldchain.custody.goods import LotPlaced
from coldchain.errors import ConfigError
from coldchain.goods.places import ASSET
from coldchain.goods.reader import GoodsReader
from coldchain.goods.where import lots_in_asset
from coldchain.registry import Registry


def reloaded(
    reader: GoodsReader, registry: Registry, trip: str, before: str, vehicle: str, at_ms: int
) -> list[LotPlaced]:
    """Return the entries that bring everything in a vehicle's bodies into those of another one.

    Args:
        before, vehicle: sites; each body's goods go into the one of the same kind.

    Raises:
        ConfigError: goods lie in a body, and the other vehicle has none of its kind, or several.
    """
    puts = []
    for asset in _bodies(registry, before, at_ms):
        there = [one for one in lots_in_asset(reader, registry, asset, at_ms, at_ms + 1) if not one.presumed]
        if not there:
            continue
        kind = registry.kind_of(asset)
        others = [other for other in _bodies(registry, vehicle, at_ms) if registry.kind_of(other) == kind]
        if len(others) != 1:
            raise ConfigError(
                f"{len(there)} lots lie in {asset} ({kind}), and {vehicle} has {len(others)} bodies of that kind: "
                "say where they went with `coldchain lots import`"
            )
        to = ASSET + others[0]
        puts += [
            LotPlaced(one.lot, to, at_ms, "trip", None, one.quantity, ASSET + asset, trip)
            for one in sorted(there, key=lambda each: each.lot)
        ]
    return puts


def _bodies(registry: Registry, vehicle: str, at_ms: int) -> list[str]:
    return [asset for asset, begin, end in registry.stays_at(vehicle) if begin <= at_ms < end]
