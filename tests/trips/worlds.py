"""A small dairy with two shops, a plant, a station in another time zone, and vehicles."""

from __future__ import annotations

from pathlib import Path

from coldchain.clock import TestClock, parse_rfc3339
from coldchain.custody import Trip, TripStop
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Operator, Put, Site, Vehicle, decode_change
from tests.support import T0, put

NOW_MS = T0 + 12 * 3_600_000
"""2023-11-15, 20:00 in China."""

PLACES = (
    Operator("dairy", "Dairy"),
    Site("dc", "配送中心", "warehouse", "dairy", latitude=31.20, longitude=121.40, coordinates="WGS-84"),
    Site("shop-1", "一店", "shop", "dairy", latitude=31.25, longitude=121.45, coordinates="WGS-84"),
    Site("shop-2", "二店", "shop", "dairy", latitude=31.30, longitude=121.50, coordinates="WGS-84"),
    Site("far", "Almaty", "station", "dairy", timezone="Asia/Almaty"),
    Site("truck-1", "沪A·D12345", "vehicle", "dairy"),
    Vehicle("truck-1", "沪A·D12345"),
    Site("truck-2", "沪A·D67890", "vehicle", "dairy"),
)


def local(text: str) -> int:
    """Return ms UTC of a time in China, such as ``2023-11-16 05:00``."""
    return parse_rfc3339(f"{text.replace(' ', 'T')}:00+08:00")


TRIP = Trip(
    "D-1",
    "distribution",
    "truck-1",
    (
        TripStop("dc", "load", None, local("2023-11-16 05:00")),
        TripStop("shop-1", "unload", local("2023-11-16 06:00"), local("2023-11-16 06:20")),
        TripStop("shop-2", "unload", local("2023-11-16 07:00")),
    ),
    driver="王",
)


class Desk:
    """A data folder with the registry of `PLACES`."""

    def __init__(self, folder: Path, *more: Put) -> None:
        self.folder = folder
        self.clock = TestClock(NOW_MS)
        self.ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
        put(self.ledger, *PLACES, *more)
        self._seen = self.ledger.end()

    def written(self) -> list[object]:
        """Return what was written since this was asked last."""
        before, self._seen = self._seen, self.ledger.end()
        return [decode_change(entry.raw).change for entry in self.ledger.changes(before, self._seen)]
