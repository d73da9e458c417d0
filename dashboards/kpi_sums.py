"""All KPIs of some days by site, region, carrier or as a whole: who belongs together, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from alerts.kpi import alarming
from alerts.kpi.alarming import Alarms
from alerts.kpi.correcting import Corrections, corrected, on_time, reported
from alerts.kpi.days import Days, open_in
from alerts.kpi.definitions import DEFINITIONS, By
from alerts.kpi.expected import closed_at
from alerts.kpi.figures import Share, Waits, shares_as_one, waits_as_one
from alerts.transit.months import loads_of
from alerts.transit.reader import KnownTrip
from coldchain.people.calendar import HOME, zone_named
from coldchain.registry import Registry, Site
from coldchain.registry.intervals import Piece
from coldchain.trips.milkings import Milkings
from dashboards.compliance import complied
from dashboards.kpi_sites import shares_of
from dashboards.monitoring import monitored
from dashboards.sources import Sources
from dashboards.trip_months import carrier_named, carrier_of, trips_begun

MINUTE_MS = 60_000
DAY_MS = 86_400_000

Part = tuple[str, str, Share | Waits]
"""(site, KPI, what it comes to there)."""

WAITS = ("acknowledged", "told")
"""KPIs that are `Waits`; all others are shares."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What KPIs are asked for; ``site`` and ``region`` empty: all."""

    days: Days
    by: By
    site: str = ""
    region: str = ""


@dataclass(slots=True)
class Group:
    """KPIs of what belongs together; ``sites``: how many there are."""

    sites: int = 0
    shares: dict[str, Share] = field(default_factory=dict)
    waits: dict[str, Waits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Groups by id, and the alarms in them."""

    groups: Mapping[str, Group]
    alarms: Sequence[Alarms]


def kpis_of(sources: Sources, milkings: Milkings, asked: Asked) -> Found:
    """Return the KPIs of some days."""
    registry = sources.registry()
    sites = [site for site in registry.sites.values() if _is_asked(registry, asked, site.id)]
    group_of = _grouping(registry, asked.by)
    homes = {site.id: group for site in sites if (group := group_of(site)) is not None}
    alarms: list[Alarms] = []
    parts: dict[tuple[str, str], list[Any]] = {}
    own = [site for site in sites if site.id in homes]
    with ThreadPoolExecutor(1) as beside:  # half of the time goes by in DuckDB, numpy and SQLite, without the lock
        places = beside.submit(list, () if asked.by is By.CARRIER else shares_of(sources, own, asked.days))
        for site, key, figure in chain(_of_sites(sources, own, asked, alarms), _when_done(places)):
            parts.setdefault((homes[site], key), []).append(figure)
    for group, key, share in _of_trips(sources, milkings, asked, {site.id for site in sites}, homes):
        parts.setdefault((group, key), []).append(share)
    for group, share in _of_risks(sources, asked, homes):
        parts.setdefault((group, "risks_reported"), []).append(share)
    if asked.by is By.ALL:
        sent = sources.messages.drills(*asked.days.span(zone_named(HOME), sources.clock.now_ms()))
        parts["", "drills_confirmed"] = [Share(sum(one.in_time for one in sent), len(sent))]
    counted = Counter(homes.values())
    names = {*counted, *(group for group, _ in parts), *([""] if asked.by is By.ALL else [])}
    return Found({name: _group(asked.by, name, counted[name], parts) for name in names}, alarms)


def _when_done(future: Future[list[Part]]) -> Iterator[Part]:
    yield from future.result()


def _group(by: By, name: str, sites: int, parts: Mapping[tuple[str, str], list[Any]]) -> Group:
    found = Group(sites)
    for key in (one.key for one in DEFINITIONS if by in one.by):
        own = parts.get((name, key), [])
        if key in WAITS:
            found.waits[key] = waits_as_one(own)
        else:
            found.shares[key] = shares_as_one(own)
    return found


def _is_asked(registry: Registry, asked: Asked, site: str) -> bool:
    return (not asked.site or asked.site == site) and (not asked.region or asked.region in registry.regions_of(site))


def _grouping(registry: Registry, by: By) -> Callable[[Site], str | None]:
    """Return what says to which group a site belongs; None: to none."""

    def carrier(site: Site) -> str | None:
        vehicle = registry.vehicles.get(site.id)
        return None if vehicle is None or not vehicle.carrier else carrier_named(registry, vehicle.carrier)

    return {
        By.ALL: lambda site: "",
        By.SITE: lambda site: site.id,
        By.REGION: lambda site: site.region,
        By.CARRIER: carrier,
    }[by]


# -- sites ----------------------------------------------------------------------------------------------------


def _of_sites(sources: Sources, sites: Sequence[Site], asked: Asked, alarms: list[Alarms]) -> Iterator[Part]:
    """Yield (site, KPI, what it comes to there), and put the alarms that count into ``alarms``."""
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    if not sites:
        return
    spans = {site.id: asked.days.span(zone_named(site.timezone), now_ms) for site in sites}
    from_ms = min(span[0] for span in spans.values())
    by_site = sources.kpis.raised(from_ms - DAY_MS, max(span[1] for span in spans.values()))
    accepted_ms = sources.kpis.accepted(from_ms)
    corrections = sources.kpis.corrections(from_ms, max(span[1] for span in spans.values()))
    days = {zone: list(asked.days.each(zone_named(zone), now_ms)) for zone in {site.timezone for site in sites}}
    for site in sites:
        span = spans[site.id]
        recent = by_site.get(site.id, Alarms(site.id)).raised_in(span[0] - DAY_MS, span[1])
        own = recent.raised_in(*span)
        alarms.append(own)
        closed = closed_at(registry, site.id)
        pieces = open_in(closed, span)
        closed_ms = span[1] - span[0] - sum(end - begin for begin, end in pieces)
        each = days[site.timezone]
        open_days = sum(bool(open_in(closed, day)) for day in each) if closed else len(each)
        yield site.id, "alarms_per_site_day", alarming.alarms_a_day(own, open_days, len(each) - open_days)
        yield site.id, "acknowledged", alarming.acknowledged(own)
        yield site.id, "told", alarming.told(own, accepted_ms)
        yield site.id, "standing", alarming.standing(own, now_ms)
        yield site.id, "chattering", alarming.chattering(own)
        asked_for = corrections.get(site.id, Corrections()).counted(*span, now_ms)
        yield site.id, "corrected", corrected(asked_for)
        yield site.id, "corrected_on_time", on_time(asked_for)
        yield site.id, "flood_time", alarming.flood_time(recent, pieces, closed_ms, now_ms)


def _of_risks(sources: Sources, asked: Asked, homes: Mapping[str, str]) -> Iterator[tuple[str, Share]]:
    """Yield (group, what a risk comes to there); one of no site counts in the whole."""
    registry, now_ms = sources.registry(), sources.clock.now_ms()
    whole = {"": ""} if asked.by is By.ALL and not asked.site and not asked.region else {}
    groups = {**homes, **whole}
    spans = {name: asked.days.span(zone_named(_zone(registry, name)), now_ms) for name in groups}
    if not spans:
        return
    for one in sources.kpis.risks(min(begin for begin, _ in spans.values()), now_ms + 1):
        if one.site in groups and spans[one.site][0] <= one.at_ms < spans[one.site][1]:
            yield groups[one.site], reported([one])


def _zone(registry: Registry, site: str) -> str:
    return registry.sites[site].timezone if site in registry.sites else HOME


# -- trips ----------------------------------------------------------------------------------------------------


def _of_trips(
    sources: Sources, milkings: Milkings, asked: Asked, sites: set[str], homes: Mapping[str, str]
) -> Iterator[tuple[str, str, Share]]:
    """Yield (group, KPI, what trips come to); `complied` and `monitored` say what counts."""
    registry = sources.registry()
    trips = trips_begun(sources, *_home_span(asked.days))
    if asked.by in (By.ALL, By.CARRIER):
        own = [trip for trip in trips if any(vehicle in sites for vehicle, _ in trip.legs)]
        carriers: dict[str, list[KnownTrip]] = {}
        for trip in own:
            carriers.setdefault(carrier_of(registry, trip) if asked.by is By.CARRIER else "", []).append(trip)
        for carrier, some in carriers.items():
            found = complied(sources, some)
            yield carrier, "carrier_compliance", Share(found.within_ms / MINUTE_MS, found.known_ms / MINUTE_MS)
            yield carrier, "loaded_monitored_share", Share(found.known_ms / MINUTE_MS, found.loaded_ms / MINUTE_MS)
    if asked.by is By.CARRIER:
        return
    loads = [(trip, load) for trip in trips for load in loads_of(trip, registry.location_of) if load.station in sites]
    for station, watched in sorted(monitored(sources, milkings, loads).items()):
        share = Share(watched.known_ms / MINUTE_MS, watched.custody_ms / MINUTE_MS)
        yield homes[station], "custody_monitored_share", share


def _home_span(days: Days) -> Piece:
    """Return the days in China's time, as plans are counted; those of the future, too."""
    return days.span(zone_named(HOME), 1 << 62)
