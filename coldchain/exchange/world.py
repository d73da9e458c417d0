"""What events are made from, and how the things of this system are named in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coldchain.epcis.facts import Amount, Equipment, Lot, Measured, Note, Occasion, Site
from coldchain.epcis.naming import Names
from coldchain.goods.reader import GoodsReader, KnownLot
from coldchain.goods.where import is_vehicle
from coldchain.registry import Registry
from coldchain.series.port import Series

UOM = {
    **dict.fromkeys(("kg", "千克", "公斤"), "KGM"),
    **dict.fromkeys(("g", "克"), "GRM"),
    **dict.fromkeys(("t", "吨"), "TNE"),
    **dict.fromkeys(("L", "l", "升"), "LTR"),
    **dict.fromkeys(("mL", "ml", "毫升"), "MLT"),
}
"""Unit of a lot → code of UN/ECE Recommendation 20."""

COUNTED = frozenset(["件", "个", "箱", "盒", "瓶", "袋", "包", "支", "杯", "桶", "托", "pcs", "piece", "pieces"])
"""Units that are counted: EPCIS writes their quantities without a unit. Others go without their quantity."""

BOL = "bol"
"""Word of GS1's vocabulary for a hand-over or delivery note."""

PAPERS = {"sold": "inv", "destroyed": "cert", "sampled": "testres"}
"""How goods ended → word of GS1's vocabulary for the paper that goes with it; of others it has none."""


@dataclass(frozen=True, slots=True)
class StopTimes:
    """When a vehicle was at a planned stop, measured ms; None: not known, or not yet."""

    arrived_ms: int | None = None
    left_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Out:
    """Time out of a limit at a point, as judged.

    Attributes:
        to_ms: None while it lasts.
        peak_celsius: the farthest from the limit. ``above``: over a high limit; False: under a low one.
    """

    from_ms: int
    to_ms: int | None
    peak_celsius: float
    above: bool
    rule_version: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything that events are made from.

    Attributes:
        stops: trip → when its vehicle was at each planned stop, by its positions; empty: it was not judged.
        outs: point → every time out of a limit.
        now_ms: nothing behind it is told.
    """

    goods: GoodsReader
    registry: Registry
    series: Series
    names: Names
    stops: Callable[[str], Sequence[StopTimes]]
    outs: Callable[[str], Sequence[Out]]
    now_ms: int

    def site(self, name: str, asset: str = "") -> Site:
        """Return a site; with its part where it has no GLN, because an extension of a GLN is its owner's to give."""
        known = self.registry.sites.get(name)
        gln = known.gln if known else ""
        return Site(name, gln, "" if gln else asset)

    def vehicle(self, name: str) -> Equipment:
        """Return a vehicle by its site."""
        return Equipment("vehicle", name)

    def amount(self, known: KnownLot, quantity: float | None) -> Amount:
        """Return so much of a lot; without the quantity where its unit has no code."""
        unit = known.lot.unit
        lot = Lot(known.lot.id, known.lot.gtin, known.lot.number)
        if unit not in UOM and unit not in COUNTED:
            return Amount(lot)
        return Amount(lot, quantity, UOM.get(unit, ""))

    def occasion(
        self,
        at_ms: int,
        site: str = "",
        *,
        asset: str = "",
        notes: Sequence[Note] = (),
        measured: Sequence[Measured] = (),
    ) -> Occasion:
        """Return when and where something happened; without a site, or at a vehicle's, on the way."""
        known = self.registry.sites.get(site)
        there = None if known is None or is_vehicle(self.registry, site) else self.site(site, asset)
        zone = ZoneInfo(known.timezone if known else "Asia/Shanghai")
        offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).utcoffset()
        assert offset is not None  # of a zone that has a name
        papers = tuple(note for note in notes if note.id)
        return Occasion(at_ms, there, round(offset.total_seconds() / 60), papers, tuple(measured))
