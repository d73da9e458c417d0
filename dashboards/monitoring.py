"""全时段监控率: for how much of the time from milking to unloading the temperature of raw milk was known.

::

    milking ──▶ tank or silo at the farm or station ──▶ tanker, until the plant took it over
      │          known while one of its probes speaks, or one of the tanker's
      └─ where nobody said when the milking was, the time begins at loading, and that is counted

Defined for each load as time with a valid temperature over all of its time in custody. Custody begins with the end of
the oldest milking of the load, in whatever tank stands where it was collected; what was milked before the last
collection there left with that one. It ends when the plant took the milk over, or else the vehicle left it. The plant's
own silos, behind the hand-over, are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alerts.transit.aboard import TANKS
from alerts.transit.months import Load
from alerts.transit.reader import KnownTrip
from coldchain.registry import Point
from coldchain.registry.intervals import Piece, common
from coldchain.trips.milkings import Milkings
from dashboards.sources import Sources
from dashboards.spoken import Spoken
from dashboards.trip_track import legs_between, points_aboard

LONGEST_IN_TANK_MS = 72 * 3_600_000
"""A milking longer ago is not of this load: stations keep milk for a day or two. Assumed."""


@dataclass(slots=True)
class Monitored:
    """How long milk was in custody, how long of it its temperature was known, ms; loads without a milking."""

    custody_ms: int = 0
    known_ms: int = 0
    unsaid: int = 0

    def add(self, lasted_ms: int, unknown_ms: int) -> None:
        """Count a stretch of custody."""
        self.custody_ms += lasted_ms
        self.known_ms += lasted_ms - unknown_ms


def monitored(sources: Sources, milkings: Milkings, loads: Sequence[tuple[KnownTrip, Load]]) -> dict[str, Monitored]:
    """Return station → how well its loads were watched."""
    found: dict[str, Monitored] = {}
    emptied: dict[str, int] = {}
    if not loads:
        return found
    first_ms, last_ms = (min(load.loaded_ms for _, load in loads), max(load.unloaded_ms for _, load in loads))
    spoken = Spoken(sources, first_ms - LONGEST_IN_TANK_MS, last_ms)
    for trip, load in sorted(loads, key=lambda each: each[1].loaded_ms):
        own = found.setdefault(load.station, Monitored())
        from_ms = max(emptied.get(load.station, 0), load.loaded_ms - LONGEST_IN_TANK_MS)
        emptied[load.station] = load.loaded_ms
        milked = milkings.first(_tanks(sources, load), from_ms, load.loaded_ms)
        if milked is None:
            own.unsaid += 1
        else:
            tank, milked_ms = milked
            points = sources.registry().points_of(tank)
            own.add(load.loaded_ms - milked_ms, _unknown_ms(spoken, points, milked_ms, load.loaded_ms))
        for leg in legs_between(trip, load.loaded_ms, load.unloaded_ms):
            own.add(leg[2] - leg[1], _unknown_ms(spoken, points_aboard(sources, leg), leg[1], leg[2]))
    return found


def as_one(several: Iterable[Monitored]) -> Monitored:
    """Return the sum."""
    found = Monitored()
    for one in several:
        found.custody_ms += one.custody_ms
        found.known_ms += one.known_ms
        found.unsaid += one.unsaid
    return found


def _tanks(sources: Sources, load: Load) -> Iterator[str]:
    registry = sources.registry()
    for asset, begin, end in registry.stays_at(load.station):
        if begin <= load.loaded_ms < end and registry.kind_of(asset) in TANKS:
            yield asset


def _unknown_ms(spoken: Spoken, points: Iterable[Point], from_ms: int, to_ms: int) -> int:
    """Return for how long none of some points said a temperature."""
    unknown: list[Piece] = [(from_ms, to_ms)]
    for point in points:
        if point.quantity == "temperature":
            unknown = list(common(unknown, spoken.holes(point, from_ms, to_ms)))
    return sum(end - begin for begin, end in unknown)
