"""Who answers in a role for a site at a time.

::

    the site ─▶ its region ─▶ outer regions ─▶ everywhere      the first place where somebody is counts
       └── on call (Shift), else on duty (Duty, within its hours)
"""

from __future__ import annotations

from coldchain.people.calendar import holds, wall_of
from coldchain.people.entries import Duty, Person, Shift
from coldchain.people.roles import Role
from coldchain.registry.fold import Registry

Address = tuple[str, str]
"""(way, address): one of `coldchain.people.plan.WAYS`, and where a person is found that way."""

_FIELDS = {"sms": "phone", "voice": "phone"}


def on_duty(registry: Registry, role: Role, site: str, at_ms: int) -> list[Person]:
    """Return who answers in a role for a site, by id; nobody who left.

    Args:
        site: empty: whoever answers everywhere.
    """
    wall = wall_of(registry, site, at_ms)
    for place in places_of(registry, site):
        there = {one.person for one in registry.shifts_in(role, *place) if lasts(one, at_ms)}
        if not there:
            duties = (one for one in registry.duties_in(role, *place) if lasts(one, at_ms))
            there = {one.person for one in duties if holds(one.hours, wall)}
        if there:
            return [registry.people[who] for who in sorted(there)]
    return []


def reachable(
    registry: Registry, role: Role, site: str, at_ms: int, ways: tuple[str, ...]
) -> list[tuple[Person, tuple[Address, ...]]]:
    """Return who of those on duty has an address for one of some ways, with their addresses in that order."""
    held = ((person, addresses_of(person, ways)) for person in on_duty(registry, role, site, at_ms))
    return [(person, addresses) for person, addresses in held if addresses]


def addresses_of(person: Person, ways: tuple[str, ...]) -> tuple[Address, ...]:
    """Return where a person is found, in the order of the ways, without those for which there is no address."""
    held = ((way, str(getattr(person, _FIELDS.get(way, way)))) for way in ways)
    return tuple((way, address) for way, address in held if address)


def places_of(registry: Registry, site: str) -> list[tuple[str, str]]:
    """Return (site, region) of the places whose people answer for a site, the nearest first."""
    near = [(site, ""), *(("", region) for region in registry.regions_of(site))] if site else []
    return [*near, ("", "")]


def lasts(piece: Duty | Shift, at_ms: int) -> bool:
    """Say whether a duty or shift covers a time, whatever its hours."""
    return piece.from_ms <= at_ms and (piece.to_ms is None or at_ms < piece.to_ms)
