"""A list of trips as a dispatch desk writes it (CSV), as entries: checked whole, every fault with its place.

A row is a stop. All stops of a trip stand in one list; what the list does not name of a known trip stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from coldchain.custody import Trip, TripStop
from coldchain.registry import Registry
from coldchain.registry.cells import Faults, Row, Wrong
from coldchain.registry.forms import HOME
from coldchain.registry.hints import did_you_mean
from coldchain.registry.lists import Gathered, ListFile
from coldchain.registry.vocabulary import plain
from coldchain.trips.asking import Asking
from coldchain.trips.tables import OF_STOP, OF_TRIP, ROUTES, TRIPS
from coldchain.trips.verdicts import Put, refusals, refusals_of_stop
from coldchain.trips.ways import read_way

NEEDED = ("kind", "vehicle")
TEXTS = ("kind", "vehicle", "carrier", "driver", "driver_phone", "escort", "permit", "order")
M_PER_KM = 1000.0

_NO_SYSTEM = (
    "缺少坐标系:WGS-84(GPS)、GCJ-02(高德、腾讯)或 BD-09(百度)",
    "lacks the coordinate system: WGS-84 (GPS), GCJ-02 (Amap, Tencent) or BD-09 (Baidu); they lie 50 to 1,500 m apart",
)


@dataclass(slots=True)
class TripList:
    """What a list asks for.

    Attributes:
        puts: plans that say something new, in the list's order.
        new, changed, same: trips that are not known, that the list says otherwise, and that it says as they are known.
        stops: of all trips of the list.
    """

    puts: list[Put] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    same: int = 0
    stops: int = 0


@dataclass(slots=True)
class _Stop:
    row: Row
    number: object
    values: dict[str, object]

    @property
    def whole(self) -> bool:
        """Whether nothing of it is missing."""
        return {"site", "purpose"} <= self.values.keys()

    def planned(self) -> TripStop:
        """Return it as an entry has it."""
        return TripStop(**self.values)  # type: ignore[arg-type] # as their forms read them


def read_trips(
    file: Path, routes: Path | None, registry: Registry, asking: Asking, now_ms: int, *, language: str = "en"
) -> TripList:
    """Read a list of trips, and one of their routes.

    Raises:
        ConfigError: every fault of both at once, each with file, line and heading; nothing is half taken.
    """
    faults = Faults(language)
    listing = _Listing(registry, asking, now_ms)
    listing.read(ListFile(file, TRIPS, faults))
    if routes is not None:
        listing.read_routes(ListFile(routes, ROUTES, faults))
    found = listing.compared()
    faults.finish()
    return found


class _Listing:
    def __init__(self, registry: Registry, asking: Asking, now_ms: int) -> None:
        self._registry, self._asking, self._now_ms = registry, asking, now_ms
        self._file: ListFile
        self._vehicles = _vehicles(registry)
        self._trips: dict[str, Gathered] = {}
        self._stops: dict[str, list[_Stop]] = {}
        self._ways: dict[str, tuple[tuple[float, float], ...]] = {}

    # -- rows -------------------------------------------------------------------------------------------------

    def read(self, file: ListFile) -> None:
        """Gather the rows of a list of trips."""
        self._file = file
        for row in file.rows():
            values = file.values(row, self._zone(row))
            name = values.get("id")
            if not isinstance(name, str):
                self._lacking(file, row, "id", values)
                continue
            if "vehicle" in values:
                values["vehicle"] = self._vehicle(row, str(values["vehicle"]))
            own = self._trips.setdefault(name, Gathered(row))
            file.gather(row, name, own, values, OF_TRIP)
            self._lacking(file, row, "site", values)
            self._lacking(file, row, "purpose", values)
            said = {each: values[each] for each in OF_STOP if each in values}
            self._stops.setdefault(name, []).append(_Stop(row, values.get("stop"), said))
            self._way(file, row, name, values)

    def read_routes(self, file: ListFile) -> None:
        """Gather the rows of a list of routes; each must be of a trip of the other list."""
        for row in file.rows():
            values = file.values(row, HOME)
            name = values.get("id")
            if not isinstance(name, str):
                self._lacking(file, row, "id", values)
            elif name not in self._trips:
                near = did_you_mean(name, self._trips)
                file.fault(row, "id", (f"清单中没有运单 {name}{near[0]}", f"{name} is not in the list{near[1]}"))
            elif name in self._ways:
                file.fault(row, "route", (f"运单 {name} 的路线重复", f"{name} has a route already"))
            else:
                self._way(file, row, name, values)

    def _lacking(self, file: ListFile, row: Row, name: str, values: dict[str, object]) -> None:
        if name not in values and name not in row.cells:
            one = TRIPS.field(name)
            file.fault(row, name, (f"缺少{one.zh}", f"lacks the {one.en}"))

    def _zone(self, row: Row) -> ZoneInfo:
        """Return by which clock a row's times are: that of its site."""
        site = self._registry.sites.get(str(row.cells.get("site", "")))
        return ZoneInfo(site.timezone) if site else HOME

    def _vehicle(self, row: Row, said: str) -> str:
        """Return the id of a vehicle that is named by its id or its plate; empty where nobody registered it."""
        found = self._vehicles.get(plain(said), "")
        if not found:
            near = did_you_mean(said, self._vehicles.values())
            self._file.fault(row, "vehicle", (f"{said} 未登记{near[0]}", f"{said!r} is no known vehicle{near[1]}"))
        return found

    def _way(self, file: ListFile, row: Row, name: str, values: dict[str, object]) -> None:
        if "route" not in values:
            return
        if "coordinates" not in values:
            if "coordinates" not in row.cells:
                file.fault(row, "coordinates", _NO_SYSTEM)
            return
        try:
            self._ways[name] = read_way(str(values["route"]), str(values["coordinates"]))
        except Wrong as wrong:
            file.fault(row, "route", wrong.said)

    # -- against what is known --------------------------------------------------------------------------------

    def compared(self) -> TripList:
        """Return what the list asks for; what cannot be is a fault of its row."""
        found = TripList()
        for name, own in self._trips.items():
            known = self._asking.of(name).plan
            stops = self._ordered(name)
            trip = self._trip(name, own, stops, known)
            found.stops += len(stops)
            self._refuse(own, stops, trip, known)
            if trip is None:
                continue
            found.same += trip == known
            found.new += known is None
            found.changed += known is not None and trip != known
            if trip != known:
                found.puts.append(trip)
        return found

    def _ordered(self, name: str) -> list[_Stop]:
        """Return a trip's stops by their numbers, which all of them have or none; else in the order of the rows."""
        stops = self._stops[name]
        numbered = [one for one in stops if isinstance(one.number, int)]
        if not numbered:
            return stops
        for one in stops:
            if one not in numbered and "stop" not in one.row.cells:
                self._file.fault(one.row, "stop", ("缺少站序", "lacks the stop's number, which others have"))
        seen: dict[object, Row] = {}
        for one in numbered:
            first = seen.setdefault(one.number, one.row)
            if first is not one.row:
                line = first.place.line
                self._file.fault(one.row, "stop", (
                    f"第 {line} 行已是第 {one.number} 站", f"line {line} is stop {one.number} already"
                ))  # fmt: skip
        return sorted(numbered, key=lambda one: one.number)  # type: ignore[arg-type,return-value] # integers, see above

    def _trip(self, name: str, own: Gathered, stops: list[_Stop], known: Trip | None) -> Trip | None:
        """Return the plan that a list says; None where something is missing, which was told."""
        said = {} if known is None else {each: getattr(known, each) for each in TEXTS}
        said |= {each: value for each, value in own.values.items() if each in TEXTS}
        lacking = [TRIPS.field(each) for each in NEEDED if each not in said and each not in own.first.cells]
        if lacking:
            zh, en = "、".join(one.zh for one in lacking), ", ".join(one.en for one in lacking)
            self._file.fault(own.first, "", (f"新运单 {name} 缺少{zh}", f"new trip {name} lacks {en}"))
        if not all(said.get(each) for each in NEEDED) or not all(
            {"site", "purpose"} <= one.values.keys() for one in stops
        ):
            return None
        km = own.values.get("distance_km")
        return Trip(
            name,
            stops=tuple(one.planned() for one in stops),
            route=self._ways.get(name, () if known is None else known.route),
            distance_m=km * M_PER_KM if isinstance(km, float) else None if known is None else known.distance_m,
            **said,
        )

    def _refuse(self, own: Gathered, stops: list[_Stop], trip: Trip | None, known: Trip | None) -> None:
        """Tell everything for which a plan cannot be; of one that is not whole, for which its stops cannot."""
        if trip is not None:
            found = list(refusals(trip, known, self._registry, self._now_ms))
        else:
            found = [
                one
                for number, stop in enumerate(stops)
                if stop.whole
                for one in refusals_of_stop(number, stop.planned(), self._registry, self._now_ms)
            ]
        for one in found:
            row = own.first if one.stop is None else stops[one.stop].row
            name = "distance_km" if one.field == "distance_m" else one.field
            self._file.fault(row, name, (one.said("zh"), one.said("en")))


def _vehicles(registry: Registry) -> dict[str, str]:
    """Return word → id of each vehicle: its id and its plate."""
    found = {plain(site.id): site.id for site in registry.sites.values() if site.kind == "vehicle"}
    return found | {plain(each.plate): each.site for each in registry.vehicles.values() if each.plate}
