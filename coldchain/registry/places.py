"""Operators, sites and assets: what there is, and what held when."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from coldchain.registry.changes import (
    ASSET_KINDS,
    IN_USE,
    Activity,
    Asset,
    AssetKind,
    Assignment,
    Binding,
    Calibration,
    Carrier,
    DefrostSchedule,
    Fence,
    Operator,
    Region,
    Site,
    SiteState,
    Tenure,
    Vehicle,
    Window,
)
from coldchain.registry.fences import LatLon, default_fence, in_wgs84, located
from coldchain.registry.intervals import FOREVER_MS, Held, at, laid_over

Piece = Assignment | Tenure | Activity | SiteState | Binding | Calibration | Window | DefrostSchedule | Fence
V = TypeVar("V", Assignment, Tenure, Activity, SiteState, Binding, Calibration, Window, DefrostSchedule, Fence)

PLACES = (Operator, Region, Carrier, Site, Vehicle, Tenure, SiteState, Fence, AssetKind)
"""Changes that say nothing of readings."""


class Places:
    """Tables of places and the looks into them; `coldchain.registry.fold.Registry` adds what speaks there."""

    def __init__(self) -> None:
        self.operators: dict[str, Operator] = {}
        self.regions: dict[str, Region] = {}
        self.carriers: dict[str, Carrier] = {}
        self.sites: dict[str, Site] = {}
        self.vehicles: dict[str, Vehicle] = {}
        self.kinds: dict[str, AssetKind] = dict(ASSET_KINDS)
        self.assets: dict[str, Asset] = {}
        self.assignments: dict[str, list[Assignment]] = {}
        self.tenures: dict[str, list[Tenure]] = {}
        self.activities: dict[str, list[Activity]] = {}
        self.windows: dict[str, list[Window]] = {}
        self.defrosts: dict[str, list[DefrostSchedule]] = {}
        self.site_states: dict[str, list[SiteState]] = {}
        self.fences: dict[str, list[Fence]] = {}
        # where something stands or once stood; each look-up asks whether it still counts
        self._assets_at: dict[str, set[str]] = {}

    def lay(
        self,
        put: Operator
        | Region
        | Carrier
        | Site
        | Vehicle
        | Tenure
        | SiteState
        | Fence
        | AssetKind
        | Asset
        | Assignment
        | Activity
        | Window
        | DefrostSchedule,
    ) -> None:
        """Take one change."""
        match put:
            case Operator():
                self.operators[put.id] = put
            case Region():
                self.regions[put.id] = put
            case Carrier():
                self.carriers[put.id] = put
            case Site():
                self.sites[put.id] = put
            case Vehicle():
                self.vehicles[put.site] = put
            case Tenure():
                laid(self.tenures, put.site, put)
            case SiteState():
                laid(self.site_states, put.site, put)
            case Fence():
                laid(self.fences, put.site, put)
            case AssetKind():
                self.kinds[put.id] = put
            case Asset():
                self.assets[put.id] = put
                self._assets_at.setdefault(put.site, set()).add(put.id)
            case Assignment():
                laid(self.assignments, put.asset, put)
                self._assets_at.setdefault(put.site, set()).add(put.asset)
            case Activity():
                laid(self.activities, put.asset, put)
            case Window():
                laid(self.windows, put.asset, put)
            case DefrostSchedule():
                laid(self.defrosts, put.asset, put)

    def sites_of(self, asset: str) -> set[str]:
        """Return every site at which an asset ever stood."""
        known = self.assets.get(asset)
        moved = {move.site for move in self.assignments.get(asset, [])}
        return moved | {known.site} if known else moved

    def stays_of(self, asset: str) -> list[Held]:
        """Return (site, from, to) of each stay of an asset, in measured order."""
        known = self.assets.get(asset)
        moves = ((move.site, move.from_ms, move.to_ms) for move in self.assignments.get(asset, []))
        return laid_over(known.site if known else "", moves)

    def stays_at(self, site: str) -> list[tuple[str, int, int]]:
        """Return (asset, from, to) of every stay at a site, by asset."""
        return [
            (asset, from_ms, to_ms)
            for asset in sorted(self._assets_at.get(site, ()))
            for where, from_ms, to_ms in self.stays_of(asset)
            if where == site
        ]

    def site_at(self, asset: str, at_ms: int) -> str:
        """Return where an asset stood at a measured time; empty for an unknown asset."""
        if asset not in self.assignments:
            return self.assets[asset].site if asset in self.assets else ""
        return at(self.stays_of(asset), at_ms)

    def operators_of(self, site: str) -> list[Held]:
        """Return (operator, from, to) of everyone who answered for a site, in measured order."""
        known = self.sites.get(site)
        tenures = ((tenure.operator, tenure.from_ms, tenure.to_ms) for tenure in self.tenures.get(site, []))
        return laid_over(known.operator if known else "", tenures)

    def regions_of(self, site: str) -> list[str]:
        """Return the regions that a site lies in, the nearest first."""
        regions: list[str] = []
        region = self.sites[site].region if site in self.sites else ""
        while region and region not in regions:
            regions.append(region)
            region = self.regions[region].parent if region in self.regions else ""
        return regions

    def kind_of(self, asset: str) -> str:
        """Return the kind of an asset, empty for an unknown one."""
        return self.assets[asset].kind if asset in self.assets else ""

    def activity_at(self, asset: str, at_ms: int) -> str:
        """Return what an asset was at a measured time: ``in-use`` unless somebody said otherwise."""
        states = [
            state.state
            for state in self.activities.get(asset, [])
            if state.from_ms <= at_ms < (FOREVER_MS if state.to_ms is None else state.to_ms)
        ]
        return states[-1] if states else IN_USE

    def defrosts_of(self, asset: str) -> list[DefrostSchedule]:
        """Return the defrost schedules of an asset, each ended where the next one begins."""
        known = self.defrosts.get(asset, [])
        ended = []
        for place, schedule in enumerate(known):
            ends = [end for end in (schedule.to_ms, known[place + 1].from_ms if known[place + 1 :] else None) if end]
            ended.append(msgspec.structs.replace(schedule, to_ms=min(ends, default=None)))
        return ended

    def location_of(self, site: str) -> LatLon | None:
        """Return where a site is, (latitude, longitude), degrees WGS-84; None where nobody said it with its system."""
        known = self.sites.get(site)
        return None if known is None else located(known.latitude, known.longitude, known.coordinates)

    def fence_at(self, site: str, at_ms: int) -> Fence | None:
        """Return the fence of a site in force at a measured time, WGS-84: its own, or a default circle.

        None for a vehicle, and for a site of which neither a fence nor a place is known.
        """
        known = self.sites.get(site)
        if known is None or known.kind == "vehicle":
            return None
        drawn = [fence for fence in self.fences.get(site, ()) if fence.effective_from_ms <= at_ms][-1:]
        return (in_wgs84(drawn[0]) if drawn else None) or default_fence(site, known.kind, self.location_of(site))

    def carrier_named(self, said: str) -> Carrier | None:
        """Return the carrier that `Vehicle.carrier` or a trip names, by id or by name; None for a mere name."""
        return self.carriers.get(said) or next((one for one in self.carriers.values() if one.name == said), None)

    def is_closed(self, site: str, at_ms: int) -> bool:
        """Say whether a site was closed at a time."""
        states = [state.state for state in self.site_states.get(site, []) if state.from_ms <= at_ms]
        return bool(states) and states[-1] == "closed"


def laid(known: dict[str, list[V]], key: str, put: V) -> None:
    """Put a piece among those of its key, rising by start; the same start replaces."""
    pieces = {_start(piece): piece for piece in known.get(key, [])}
    pieces[_start(put)] = put
    known[key] = [pieces[start] for start in sorted(pieces)]


def _start(piece: Piece) -> int:
    return piece.effective_from_ms if isinstance(piece, Calibration | Fence) else piece.from_ms
