"""A series store and a registry with a few places, and what their thermometers said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from coldchain.goods.history import Histories, Past
from coldchain.goods.reader import GoodsReader
from coldchain.goods.routes import Routes
from coldchain.goods.store import GoodsStore
from coldchain.registry import Asset, Binding, Operator, Point, Probe, Put, Registry, Site, registry_at
from coldchain.series.duck import DuckSeries
from coldchain.series.port import Rows
from ingest.projections.goods import GoodsProjection
from tests.fakes import MemoryLedger
from tests.goods.stories import hour
from tests.ingest.worlds import follow
from tests.support import MINUTE_MS, put

INTERVAL_S = 60
PLACES = {"room": "dc", "truck": "v1", "truck-2": "v2", "cooler-1": "shop-1", "cooler-2": "shop-1", "silo": "plant"}
KINDS = {"dc": "warehouse", "v1": "vehicle", "v2": "vehicle", "shop-1": "shop", "plant": "plant"}


class World:
    """Places with a probe in the goods each, at which lots come by."""

    def __init__(self, folder: Path, positions: Iterable[tuple[str, str]] = ()) -> None:
        self.ledger = MemoryLedger()
        self.series = DuckSeries(folder / "series.duckdb")
        self.store = GoodsStore.open(folder / "goods.db")
        self.reader = GoodsReader(self.store.engine)
        self._projection = GoodsProjection(self.store)
        places = dict(positions)
        puts: list[Put] = [
            Operator("dairy", "Dairy"),
            *(Site(site, site, kind, "dairy") for site, kind in KINDS.items()),
        ]
        for asset, site in PLACES.items():
            puts.append(Asset(asset, asset, "walk-in-room", site))
            puts += _thermometer(asset, places.get(asset, "product"))
        put(self.ledger, *puts)

    @property
    def registry(self) -> Registry:
        return registry_at(self.ledger, self.ledger.end())

    def say(self, *puts: Put) -> None:
        """Write entries and let the store catch up."""
        put(self.ledger, *puts)
        follow(self._projection, self.ledger, 100)

    def measure(self, asset: str, from_min: float, celsius: Sequence[float], position: str = "product") -> None:
        """Let a thermometer say a value a minute, NaN: nothing."""
        said = np.array(celsius)
        kept = ~np.isnan(said)
        at_ms = np.array([hour(0) + round((from_min + place) * MINUTE_MS) for place in range(len(said))], np.int64)
        channel = self.registry.channel_numbers[f"urn:{asset}:{position}"]
        number = int(kept.sum())
        self.series.write(
            0, 0,
            Rows(
                np.full(number, channel, np.int32), at_ms[kept], said[kept],
                np.zeros(number, np.uint8), np.ones(number, np.int64),
            ),
        )  # fmt: skip

    def past(self, lot: str, place: str, now_min: float) -> Past:
        """Return the worst way of a lot to where it lies."""
        now_ms = hour(now_min / 60)
        known = self.reader.lot(lot)
        assert known is not None
        ways = Routes(self.reader).to(lot, place, now_ms)
        found = Histories(self.reader, self.registry, self.series, now_ms).worst(known, ways)
        assert found is not None
        return found

    def close(self) -> None:
        self.series.close()
        self.store.close()


def _thermometer(asset: str, position: str) -> list[Put]:
    point, channel = f"{asset}.{position}", f"urn:{asset}:{position}"
    return [
        Point(point, asset, position, "temperature", INTERVAL_S, profile="pasteurized"),
        Probe(channel),
        Binding(channel, point, 0),
    ]


def minutes(from_min: float) -> int:
    """Return a moment so many minutes after the story began."""
    return hour(from_min / 60)
