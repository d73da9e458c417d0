"""The road's tanker in a registry and a ledger, driven through the judge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from sqlalchemy import select

from alerts.lifecycle import GONE
from alerts.readmodel import AlarmReader
from alerts.tables import trip as table
from alerts.transit.view import TripView
from coldchain.registry import Asset, Binding, Node, Operator, Point, Probe, Put, Site
from tests.alerts.support import Reading, SealingNode, World
from tests.alerts.transit.road import PLACES, T0, TRIP, at, track

TANKERS = ("tanker-1", "tanker-2")
UNITS = {"lat": "lat", "lon": "lon", "speed": "m/s", "milk": "Cel"}
QUANTITIES = {"lat": "latitude", "lon": "longitude", "speed": "speed", "milk": "temperature"}


def registered(tankers: Sequence[str] = TANKERS) -> list[Put]:
    """Return the changes that register the road's two places and its tankers, a fix and a temperature a minute."""
    puts: list[Put] = [Operator("op", "Operator")]
    for site, (latitude, longitude) in PLACES.items():
        puts.append(Site(site, site, site, "op", latitude=latitude, longitude=longitude, coordinates="WGS-84"))
    for name in tankers:
        puts += [
            Site(name, name, "vehicle", "op"),
            Node(f"gw-{name}", name, ()),
            Asset(f"{name}.tank", name, "tanker", name),
        ]
        for what, quantity in QUANTITIES.items():
            point, channel = f"{name}.{what}", f"urn:{name}:{what}"
            position = "milk" if what == "milk" else what
            puts += [
                Point(point, f"{name}.tank", position, quantity, 60, UNITS[what]),
                Probe(channel),
                Binding(channel, point, 0),
            ]
    return puts


def driven(
    legs: Sequence[tuple[float, float]], name: str = "tanker-1", *, celsius: Sequence[float] | float = 3.0
) -> list[Reading]:
    """Return the readings of a drive as `tests.alerts.transit.road.track` has it."""
    fixes = track(legs)
    milk = np.broadcast_to(celsius, len(fixes)) if isinstance(celsius, float) else np.asarray(celsius)[: len(fixes)]
    found: list[Reading] = []
    for row, when in enumerate(fixes.t.tolist()):
        found += [
            (f"urn:{name}:lat", when, float(fixes.latitude[row])),
            (f"urn:{name}:lon", when, float(fixes.longitude[row])),
            (f"urn:{name}:speed", when, float(fixes.speed[row])),
            (f"urn:{name}:milk", when, float(milk[row])),
        ]
    return found


class Fleet(World):
    """Tankers on the road, from an hour before the planned departure on."""

    def __init__(self, folder: Path, *puts: Put, lag: int = 0, now_ms: int = T0 - 3_600_000) -> None:
        super().__init__(folder, lag=lag, now_ms=now_ms)
        self.put(*(puts or (*registered(), TRIP)))
        self.catch_up()

    def send(self, node: str, readings: Sequence[Reading]) -> None:
        units = {name: UNITS[name.rsplit(":", 1)[1]] for name, _, _ in readings}
        self.nodes.setdefault(node, SealingNode(node)).units |= units
        super().send(node, readings)

    def arrive(self, readings: Sequence[Reading], name: str = "tanker-1") -> None:
        """Let readings come now, all of them."""
        for begin in range(0, len(readings), 200):
            self.send(f"gw-{name}", readings[begin : begin + 200])

    def live(self, readings: Sequence[Reading], name: str = "tanker-1") -> None:
        """Let readings come as they are measured, with a quiet moment of the server every minute."""
        for moment in sorted({when for _, when, _ in readings}):
            if moment > self.clock.now_ms():
                self.clock.advance_sync((moment - self.clock.now_ms()) / 1000)
            self.received_ms = self.clock.now_ms()
            self.arrive([one for one in readings if one[1] == moment], name)
            self.catch_up()
            self.judge.idle()

    def pass_until(self, minute: float) -> None:
        """Let time pass until so many minutes after the planned departure."""
        self.clock.advance_sync((at(minute) - self.clock.now_ms()) / 1000)
        self.received_ms = self.clock.now_ms()

    def view(self, trip: str = TRIP.id) -> TripView:
        """Return what is shown of a trip."""
        with self.store.engine.connect() as connection:
            judged = connection.execute(select(table.c.judged).where(table.c.id == trip)).scalar_one()
        assert judged is not None
        return msgspec.json.decode(judged, type=TripView)

    def alarms(self, trip: str = TRIP.id) -> list[dict[str, object]]:
        """Return the alarms of a trip that stand, as the API shows them, oldest first."""
        found = AlarmReader(self.store.engine).alarms(limit=1000).items
        of_trip = [one for one in found if one["point"] == f"trip:{trip}" and one["state"] not in GONE]
        return sorted(of_trip, key=lambda one: (str(one["onset"]), str(one["rule"])))
