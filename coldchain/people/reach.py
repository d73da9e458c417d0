"""Who would hear of an alarm, when and how, and why somebody would not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from coldchain.people.calendar import is_open, quiet_until
from coldchain.people.entries import Person
from coldchain.people.plan import WAYS, Chain, NotifyPlan, Room, Step
from coldchain.people.roles import Role
from coldchain.people.rota import Address, addresses_of, on_duty
from coldchain.registry.changes import SEVERITIES
from coldchain.registry.fold import Registry

MINUTE_MS = 60_000
CRITICAL = "critical"


class Silence(StrEnum):
    """Why a step tells nobody, or not somebody."""

    CLOSED = "closed"
    """The step is for opening hours, and the site is closed when it is due."""
    OPEN = "open"
    """The step is for closed hours, and the site is open."""
    NOBODY = "nobody"
    """Nobody is on call or on duty in that role."""
    QUIET = "quiet"
    """The person's quiet hours, and the alarm is not critical."""
    NO_CHANNEL = "no-channel"
    """The settings have no channel for any way of the step."""
    NO_ADDRESS = "no-address"
    """The person has no address for any way of the step."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a step is for a person, or for a role that finds none.

    Attributes:
        due_min: minutes after the alarm was told first.
        addresses: where the message goes, the first one that its provider takes; empty where ``why`` says so.
        why: None: the person hears of it.
    """

    due_min: int
    role: Role
    person: Person | None
    addresses: tuple[Address, ...] = ()
    why: Silence | None = None


def chain_of(plan: NotifyPlan, kind: str, site: str, regions: Sequence[str]) -> Chain | None:
    """Return the first chain that takes a kind at a site; None where none does.

    Args:
        kind: of asset; ``site`` or ``server`` for what is of no asset.
        regions: that the site lies in.
    """
    return next((chain for chain in plan.chains if _takes(chain, kind, site, regions)), None)


def who_hears(
    registry: Registry,
    plan: NotifyPlan,
    kind: str,
    site: str,
    severity: str,
    at_ms: int,
    *,
    served: Collection[str] = WAYS,
) -> list[Hearing]:
    """Return who would be told of an alarm of ``at_ms`` that nobody acknowledges, in the order of time.

    By the plan's own minutes; the notifier is faster where a step finds nobody: then the next one is due at once.
    People who are in two steps are told twice; in one step, once.

    Args:
        served: the ways for which there is a channel.
    """
    found = hearings(registry, plan, kind, site, severity, at_ms, served=served)
    return [one for one in found if one.why is None]


def hearings(
    registry: Registry,
    plan: NotifyPlan,
    kind: str,
    site: str,
    severity: str,
    at_ms: int,
    *,
    served: Collection[str] = WAYS,
) -> list[Hearing]:
    """Return `who_hears`, and beside them who does not, and which roles find nobody, each with the reason."""
    chain = chain_of(plan, kind, site, registry.regions_of(site))
    steps = chain.steps if chain else ()
    return [one for step in steps for one in _told(registry, step, site, severity, at_ms, served)]


def rooms_of(plan: NotifyPlan, kind: str, site: str, regions: Sequence[str], severity: str) -> list[Room]:
    """Return the rooms that hear of an alarm of a kind and severity at a site."""
    grave = SEVERITIES.index(severity)
    return [
        room for room in plan.rooms if SEVERITIES.index(room.severity) <= grave and _takes(room, kind, site, regions)
    ]


def applies(registry: Registry, step: Step, site: str, at_ms: int) -> bool:
    """Say whether a step counts at a site at a time, by its opening hours."""
    return step.when == "always" or (step.when == "open") == is_open(registry, site, at_ms)


def ways_of(step: Step, severity: str) -> tuple[str, ...]:
    """Return the ways of a step for an alarm of a severity."""
    return step.ways_critical if severity == CRITICAL and step.ways_critical else step.ways


def _takes(part: Chain | Room, kind: str, site: str, regions: Sequence[str]) -> bool:
    anywhere = not (part.sites or part.regions)
    there = anywhere or site in part.sites or any(region in part.regions for region in regions)
    return there and (not part.kinds or kind in part.kinds)


def _told(
    registry: Registry, step: Step, site: str, severity: str, at_ms: int, served: Collection[str]
) -> Iterator[Hearing]:
    due_ms = at_ms + step.after_min * MINUTE_MS
    if not applies(registry, step, site, due_ms):
        why = Silence.CLOSED if step.when == "open" else Silence.OPEN
        yield from (Hearing(step.after_min, role, None, (), why) for role in step.roles)
        return
    ways = tuple(way for way in ways_of(step, severity) if way in served)
    told: set[str] = set()
    for role in step.roles:
        people = on_duty(registry, role, site, due_ms)
        if not people:
            yield Hearing(step.after_min, role, None, (), Silence.NOBODY)
        for person in people:
            if person.id in told:
                continue
            told.add(person.id)
            addresses = addresses_of(person, ways)
            if severity != CRITICAL and quiet_until(person, due_ms) is not None:
                yield Hearing(step.after_min, role, person, (), Silence.QUIET)
            elif not ways:
                yield Hearing(step.after_min, role, person, (), Silence.NO_CHANNEL)
            elif not addresses:
                yield Hearing(step.after_min, role, person, (), Silence.NO_ADDRESS)
            else:
                yield Hearing(step.after_min, role, person, addresses)
