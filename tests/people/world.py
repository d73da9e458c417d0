"""A small company with people, for tests: what each test needs beside it is put on top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from coldchain.ledger import Entry
from coldchain.ledger.port import Kind
from coldchain.people import Duty, Person, Role
from coldchain.registry import Asset, Change, Operator, Put, Region, Registry, Site
from coldchain.registry.fold import fold

PLACES: Sequence[Put] = (
    Operator("dairy", "Dairy"),
    Region("cn", "China"),
    Region("east", "East", "cn"),
    Region("west", "West", "cn"),
    Site("shop", "Shop", "shop", "dairy", region="east", opening_hours="08:00-22:00"),
    Site("dc", "Cold store", "warehouse", "dairy", region="west"),
    Site("truck", "Truck", "vehicle", "dairy", region="west"),
    Asset("cooler", "Cooler", "open-multideck", "shop"),
    Asset("room", "Room", "walk-in-room", "dc"),
    Asset("body", "Body", "reefer", "truck"),
)


def registry_of(*puts: Put) -> Registry:
    """Return the registry of the company and of some entries more."""
    every = [*PLACES, *puts]
    return fold(Entry(at, Kind.CHANGE, 0, Change(put, "test", "test").encode()) for at, put in enumerate(every, 1))


def person(id_: str, **more: str) -> Person:
    """Return somebody with a telephone, unless it is said otherwise."""
    return Person(id_, id_.title(), **{"phone": "13800000000", **more})


def staff(id_: str, role: Role, *, site: str = "", region: str = "", hours: str = "", **more: str) -> list[Put]:
    """Return somebody with one duty."""
    return [person(id_, **more), Duty(id_, role, site=site, region=region, hours=hours)]


def ms(text: str, zone: str = "Asia/Shanghai", *, fold: int = 0) -> int:
    """Return ms UTC of a time on the wall of a zone; ``fold`` 1 is the second of a doubled hour."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)
