"""暂停营业, 开业: shops that close for a while, many in one go, and open again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from coldchain.errors import ConfigError
from coldchain.registry.actions import Plan, Said, looked_up, still_open
from coldchain.registry.changes import Activity, Put, SiteState
from coldchain.registry.fold import Registry
from coldchain.registry.intervals import FOREVER_MS
from coldchain.registry.judging_actions import judged_again, site_time


def pause_sites(
    registry: Registry,
    sites: Sequence[str],
    from_ms: int,
    until_ms: int,
    now_ms: int,
    *,
    open_alarms: Mapping[str, int],
    reason: str,
) -> Plan:
    """暂停营业: shops are closed from one day to another and open again by themselves; all of them, or none.

    Args:
        open_alarms: site → alarms that are open there now; they need a reason.
    """
    faults: list[str] = []
    puts: list[Put] = []
    assets = 0
    for site in dict.fromkeys(sites):
        try:
            still_open(registry, site, from_ms)
        except ConfigError as fault:
            faults += fault.faults
            continue
        if open_alarms.get(site) and not reason:
            faults.append(f"{site} has {open_alarms[site]} open alarms: say why it may close with them (--why)")
        planned = [state for state in registry.site_states.get(site, []) if from_ms < state.from_ms <= until_ms]
        if planned:
            when = site_time(registry, site, planned[0].from_ms)
            faults.append(f"{site} is {planned[0].state} from {when} on already: pause it before or after that")
        here = _assets_at(registry, site, from_ms)
        used = [asset for asset in here if registry.activity_at(asset, from_ms) not in ("stored", "retired")]
        assets += len(used)
        puts += [Activity(asset, "stored", from_ms, until_ms) for asset in used]
        puts += [SiteState(site, "closed", from_ms), SiteState(site, "open", until_ms)]
    if until_ms <= from_ms:
        faults.append("--until is not after the start")
    if until_ms <= now_ms:
        faults.append("--until is over already: a pause ends in the future")
    if faults:
        raise ConfigError(faults)
    start, end = (site_time(registry, sites[0], at_ms) for at_ms in (from_ms, until_ms))
    facts = {"sites": len(set(sites)), "assets": assets, "from": start, "until": end}
    says = (Said("paused", facts), Said("alarms-end"), Said("records-stay"), Said("paused-lots"))
    return Plan(tuple(puts), (*says, *judged_again(from_ms, now_ms)))


def open_site(registry: Registry, site: str, at_ms: int, now_ms: int) -> Plan:
    """开业: a closed or paused shop opens, and what was taken out of use with it is in use again."""
    looked_up(registry.sites, site, "site")
    if not registry.is_closed(site, at_ms):
        raise ConfigError(f"{site} is open then already")
    closed_ms = [state.from_ms for state in registry.site_states[site] if state.from_ms <= at_ms][-1]
    if closed_ms == at_ms:
        raise ConfigError(f"{site} is closed from that very minute on: name a later one")
    puts: list[Put] = [
        msgspec.structs.replace(said, to_ms=at_ms)
        for asset in _assets_at(registry, site, at_ms)
        for said in registry.activities.get(asset, [])
        if said.from_ms == closed_ms
        and said.state in ("stored", "retired")
        and at_ms < (FOREVER_MS if said.to_ms is None else said.to_ms)
    ]
    says = [
        Said("site-opens", {"site": site, "at": site_time(registry, site, at_ms), "assets": len(puts)}),
        *(Said("still-out-of-use", {"asset": asset}) for asset in _still_out(registry, site, at_ms, puts)),
    ]
    return Plan((*puts, SiteState(site, "open", at_ms)), (*says, *judged_again(at_ms, now_ms)))


def _assets_at(registry: Registry, site: str, at_ms: int) -> list[str]:
    return [asset for asset, start, end in registry.stays_at(site) if start <= at_ms < end]


def _still_out(registry: Registry, site: str, at_ms: int, puts: Sequence[Put]) -> list[str]:
    ended = {put.asset for put in puts if isinstance(put, Activity)}
    here = [asset for asset in _assets_at(registry, site, at_ms) if asset not in ended]
    return [asset for asset in here if registry.activity_at(asset, at_ms) in ("stored", "retired")]
