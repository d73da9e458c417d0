"""Sites at which an alarm would find nobody, within the next seven days.

Asked at every whole hour from now on, for a critical alarm, which no quiet hours hold back. The same answer as
`coldchain.people.reach.who_hears` gives hour by hour, a bit an hour at once for everybody whose hours are the same
(2,000 sites: 336,000 questions).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache

from coldchain.people.calendar import HOME, Wall, holds, wall_at
from coldchain.people.entries import Duty, Shift
from coldchain.people.plan import WAYS, Chain, NotifyPlan, Step
from coldchain.people.reach import CRITICAL, MINUTE_MS, chain_of, ways_of
from coldchain.people.roles import Role
from coldchain.people.rota import addresses_of, lasts, places_of
from coldchain.registry.fold import Registry

HOURS = 7 * 24
HOUR_MS = 60 * MINUTE_MS
OUT_OF_SERVICE = ("stored", "retired")
"""Activities of assets that nobody has to hear of."""

Hours = int
"""Bit n: n hours from now."""

EVERY: Hours = (1 << HOURS) - 1


@dataclass(frozen=True, slots=True)
class Unreached:
    """A kind of asset at a site whose alarms would find nobody.

    Attributes:
        chain: id of the chain that takes it; empty: none does.
        spans: (from, to) ms UTC, whole hours in which an alarm would begin and nobody hear of it in any step.
    """

    site: str
    kind: str
    chain: str
    spans: tuple[tuple[int, int], ...]


def unreachable_sites(
    registry: Registry, plan: NotifyPlan, at_ms: int, *, served: Collection[str] = WAYS
) -> list[Unreached]:
    """Return the sites and kinds of assets in service with an hour of the next seven days that finds nobody.

    Args:
        served: the ways for which there is a channel.
    """
    week = _Week(registry, at_ms, served)
    found = []
    for site in sorted(registry.sites):
        regions = registry.regions_of(site)
        chains = {kind: chain_of(plan, kind, site, regions) for kind in _kinds_at(registry, site, at_ms)}
        heard = {chain.id: week.of_chain(chain, site) for chain in chains.values() if chain is not None}
        for kind, chain in chains.items():
            deaf = EVERY & ~(heard[chain.id] if chain else 0)
            if deaf:
                found.append(Unreached(site, kind, chain.id if chain else "", _spans(deaf, at_ms)))
    return found


class _Week:
    """Hours in which something holds; what depends on few things is asked once."""

    def __init__(self, registry: Registry, at_ms: int, served: Collection[str]) -> None:
        self._registry = registry
        self._served = served
        self._at_ms = at_ms
        self._walls: Callable[[str, tuple[str, ...], int], list[Wall]] = cache(self._make_walls)
        self._holding: Callable[[str, str, tuple[str, ...], int], Hours] = cache(self._make_holding)

    def of_chain(self, chain: Chain, site: str) -> Hours:
        """Return the hours in which an alarm would find somebody."""
        heard = 0
        for step in chain.steps:
            when = EVERY if step.when == "always" else self._open(site, step.after_min)
            when = EVERY & ~when if step.when == "closed" else when
            for role in step.roles:
                heard |= when & self._of_role(role, step, site)
            if heard == EVERY:
                break
        return heard

    def _of_role(self, role: Role, step: Step, site: str) -> Hours:
        """Return the hours in which somebody in the role is reached: of the nearest place where anybody is."""
        reached, left = 0, EVERY
        for place in places_of(self._registry, site):
            shifts = [(self._lasting(one, step), one) for one in self._registry.shifts_in(role, *place)]
            called = _joined(hours for hours, _ in shifts)
            duties = [
                (self._lasting(one, step) & self._at_site(one.hours, site, step.after_min) & ~called, one)
                for one in self._registry.duties_in(role, *place)
            ]
            there: list[tuple[Hours, Duty | Shift]] = [*shifts, *duties]
            reached |= left & _joined(hours for hours, one in there if self._has_address(one, step))
            left &= ~_joined(hours for hours, _ in there)
            if not left:
                break
        return reached

    def _has_address(self, piece: Duty | Shift, step: Step) -> bool:
        ways = tuple(way for way in ways_of(step, CRITICAL) if way in self._served)
        return bool(addresses_of(self._registry.people[piece.person], ways))

    def _lasting(self, piece: Duty | Shift, step: Step) -> Hours:
        first, last = self._time(0, step.after_min), self._time(HOURS - 1, step.after_min)
        if lasts(piece, first) and lasts(piece, last):
            return EVERY
        return _bits(lasts(piece, self._time(hour, step.after_min)) for hour in range(HOURS))

    def _open(self, site: str, after_min: int) -> Hours:
        known = self._registry.sites[site]
        opened = self._at_site(known.opening_hours, site, after_min)
        if site in self._registry.site_states:
            times = (self._time(hour, after_min) for hour in range(HOURS))
            opened &= _bits(not self._registry.is_closed(site, at_ms) for at_ms in times)
        return opened

    def _at_site(self, hours: str, site: str, after_min: int) -> Hours:
        known = self._registry.sites.get(site)
        zone = known.timezone if known else HOME
        return self._holding(hours, zone, tuple(self._registry.regions_of(site)), after_min) if hours else EVERY

    def _make_holding(self, hours: str, zone: str, regions: tuple[str, ...], after_min: int) -> Hours:
        return _bits(holds(hours, wall) for wall in self._walls(zone, regions, after_min))

    def _make_walls(self, zone: str, regions: tuple[str, ...], after_min: int) -> list[Wall]:
        return [wall_at(self._registry, zone, regions, self._time(hour, after_min)) for hour in range(HOURS)]

    def _time(self, hour: int, after_min: int) -> int:
        return self._at_ms + hour * HOUR_MS + after_min * MINUTE_MS


def _kinds_at(registry: Registry, site: str, at_ms: int) -> list[str]:
    there = (asset for asset, from_ms, to_ms in registry.stays_at(site) if from_ms <= at_ms < to_ms)
    return sorted({registry.kind_of(one) for one in there if registry.activity_at(one, at_ms) not in OUT_OF_SERVICE})


def _bits(said: Iterable[bool]) -> Hours:
    return sum(1 << hour for hour, one in enumerate(said) if one)


def _joined(several: Iterable[Hours]) -> Hours:
    every = 0
    for hours in several:
        every |= hours
    return every


def _spans(hours: Hours, at_ms: int) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for hour in (hour for hour in range(HOURS) if hours >> hour & 1):
        from_ms = at_ms + hour * HOUR_MS
        if spans and spans[-1][1] == from_ms:
            spans[-1] = (spans[-1][0], from_ms + HOUR_MS)
        else:
            spans.append((from_ms, from_ms + HOUR_MS))
    return tuple(spans)
