"""围栏: a site's fence is drawn by hand, or the default circle holds again, and what follows from that."""

from __future__ import annotations

from coldchain.errors import ConfigError
from coldchain.geo import distance_m
from coldchain.registry.actions import Plan, Said, looked_up
from coldchain.registry.changes import Fence
from coldchain.registry.fences import default_fence, fault_of, in_wgs84, outside_m, round_of
from coldchain.registry.fold import Registry
from coldchain.registry.judging_actions import MINUTE_MS, site_time

FAR_M = 300.0
"""An address lies at most so far outside its fence unless something is wrong: systems lie 50 to 1,200 m apart."""


def draw_fence(registry: Registry, fence: Fence, now_ms: int) -> Plan:
    """围栏: from a time on a vehicle is at a site in this area; arrivals and departures follow from it.

    Args:
        fence: with an area, as a person said it, in whatever coordinate system.
    """
    site = looked_up(registry.sites, fence.site, "site")
    fault = fault_of(fence, site)
    if fault is not None:
        raise ConfigError(f"{fault[0]}: {fault[1][1]}")
    new = in_wgs84(fence)
    if new is None:
        raise ConfigError("a fence has an area: give a circle (--latitude, --longitude, --radius) or --polygon")
    says = [_shaped("fence", registry, new, fence.effective_from_ms)]
    if new.coordinates != fence.coordinates:
        says.append(Said("fence-converted", {"system": fence.coordinates, "metres": _shift_m(fence, new)}))
    says += _before(registry, fence.site, fence.effective_from_ms)
    place = registry.location_of(fence.site)
    apart_m = 0.0 if place is None else float(outside_m(new, [place[0]], [place[1]])[0])
    if apart_m > FAR_M:
        says.append(Said("fence-far", {"site": fence.site, "metres": f"{apart_m:.0f}"}))
    return Plan((fence,), (*says, *_found_again(fence.effective_from_ms, now_ms)))


def remove_fence(registry: Registry, site: str, at_ms: int, now_ms: int) -> Plan:
    """Say that a site has no fence of its own any more: the default circle about its place holds again."""
    known = looked_up(registry.sites, site, "site")
    drawn = [fence for fence in registry.fences.get(site, ()) if fence.effective_from_ms <= at_ms]
    if not drawn or in_wgs84(drawn[-1]) is None:
        raise ConfigError(f"{site} has no fence of its own then: the default circle holds already")
    after = default_fence(site, known.kind, registry.location_of(site))
    says = [Said("fence-none", {"site": site}) if after is None else _shaped("fence", registry, after, at_ms)]
    return Plan((Fence(site, at_ms),), (*says, *_before(registry, site, at_ms), *_found_again(at_ms, now_ms)))


def _shaped(code: str, registry: Registry, fence: Fence, from_ms: int) -> Said:
    latitude, longitude, radius_m = round_of(fence)
    facts: dict[str, object] = {"site": fence.site, "place": f"{latitude:.6f}, {longitude:.6f}"}
    facts["from"] = site_time(registry, fence.site, from_ms)
    if fence.polygon:
        return Said(f"{code}-polygon", {**facts, "corners": len(fence.polygon), "metres": f"{2 * radius_m:.0f}"})
    return Said(f"{code}-circle", {**facts, "metres": f"{radius_m:.0f}"})


def _before(registry: Registry, site: str, at_ms: int) -> list[Said]:
    known = registry.fence_at(site, at_ms)
    return [Said("fence-before-none")] if known is None else [_shaped("fence-before", registry, known, at_ms)]


def _shift_m(said: Fence, meant: Fence) -> str:
    here, there = round_of(said), round_of(meant)
    return f"{float(distance_m(here[0], here[1], there[0], there[1])):.0f}"


def _found_again(from_ms: int, now_ms: int) -> list[Said]:
    return [Said("visits-anew")] if from_ms // MINUTE_MS < now_ms // MINUTE_MS else []
