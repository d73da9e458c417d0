"""The notifier's directory: people and plan as the registry has them, over the channels of the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.notify.directory import Reader, Receiver, Route
from coldchain.people import Digest, NotifyPlan, Person, Role, Step
from coldchain.people.builtin import plan_of
from coldchain.people.calendar import HOME, local_at, quiet_until
from coldchain.people.reach import applies, chain_of, rooms_of, ways_of
from coldchain.people.rota import addresses_of, lasts, on_duty
from coldchain.registry import Registry

PERSON, ROOM = "person:", "room:"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class People:
    """See `alerts.notify.directory.Directory`.

    Attributes:
        registry: as it stands now, at ``now_ms``.
        channel_of: from a way to the name of its channel, empty: there is none.
    """

    registry: Registry
    channel_of: Callable[[str], str]
    now_ms: int

    @property
    def plan(self) -> NotifyPlan:
        """The plan in force; the built-in one where nobody wrote one."""
        return plan_of(self.registry)

    def steps(self, kind: str, site: str) -> Sequence[Step]:
        """Return the steps of the chain for a kind at a site."""
        chain = chain_of(self.plan, kind, site, self.registry.regions_of(site))
        return chain.steps if chain else ()

    def applies(self, step: Step, site: str, at_ms: int) -> bool:
        """Say whether a step counts at a site then."""
        return applies(self.registry, step, site, at_ms)

    def asked(self, step: Step, site: str, at_ms: int) -> Sequence[str]:
        """Return whom a step reaches then, each once."""
        found = [person.id for role in step.roles for person in on_duty(self.registry, role, site, at_ms)]
        return [PERSON + name for name in dict.fromkeys(found)]

    def rooms(self, kind: str, site: str, severity: str) -> Sequence[str]:
        """Return the rooms that hear of it."""
        rooms = rooms_of(self.plan, kind, site, self.registry.regions_of(site), severity)
        return [ROOM + room.id for room in rooms]

    def receiver(self, name: str, step: Step | None, severity: str) -> Receiver | None:
        """Return a receiver with the ways that it has an address for and the settings a channel."""
        if name.startswith(ROOM):
            for room in self.plan.rooms:
                if ROOM + room.id == name:
                    return Receiver(name, room.language, HOME, (Route("room", room.channel, ""),))
            return None
        person = self._person(name)
        if person is None or step is None:
            return None
        return self._of(person, ways_of(step, severity))

    def quiet_until(self, name: str, at_ms: int) -> int | None:
        """Return when somebody's quiet hours end."""
        person = self._person(name)
        return None if person is None else quiet_until(person, at_ms)

    def kind_of(self, asset: str) -> str:
        """Return the kind of an asset."""
        return self.registry.kind_of(asset)

    # -- digests --------------------------------------------------------------------------------------------------

    def readers(self) -> Sequence[Reader]:
        """Return everybody who gets a digest, for the sites of their duties."""
        found: list[Reader] = []
        for number, digest in enumerate(self.plan.digests):
            held: dict[str, set[str] | None] = {}
            for role in digest.roles:
                self._held(role, held)
            found += [
                Reader(number, PERSON + name, None if sites is None else frozenset(sites))
                for name, sites in sorted(held.items())
            ]
        return found

    def digest_at(self, reader: Reader, after_ms: int) -> int:
        """Return the next time that the clock on the reader's wall shows the digest's hour."""
        person = self._person(reader.receiver)
        hour, minute = map(int, self._digest(reader).at.split(":"))
        local = local_at(person.timezone if person else HOME, after_ms)
        due = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if due <= local:
            due += DAY
        return round(due.timestamp() * 1000)

    def digest_routes(self, reader: Reader) -> Receiver | None:
        """Return the reader with the ways of the digest."""
        person = self._person(reader.receiver)
        return None if person is None else self._of(person, self._digest(reader).ways)

    # -- drills ---------------------------------------------------------------------------------------------------

    def drill_at(self, after_ms: int) -> int:
        """Return when the next drill is by the clock at home."""
        if not self.plan.drill_day:
            return 0
        hour, minute = map(int, self.plan.drill_at.split(":"))
        local = local_at(HOME, after_ms)
        due = local.replace(day=self.plan.drill_day, hour=hour, minute=minute, second=0, microsecond=0)
        while due <= local:
            due = due.replace(year=due.year + due.month // 12, month=due.month % 12 + 1)
        return round(due.timestamp() * 1000)

    def drilled(self) -> Sequence[Receiver]:
        """Return everybody who has a role of a chain now, by duty or shift, each once."""
        found: dict[str, Receiver] = {}
        for step in (step for chain in self.plan.chains for step in chain.steps):
            for role in step.roles:
                for name in sorted(self.registry.holders_of(role, self.now_ms)):
                    person = self._person(PERSON + name)
                    if person is not None and name not in found:
                        found[name] = self._of(person, step.ways)
        return list(found.values())

    # -- parts ----------------------------------------------------------------------------------------------------

    def _digest(self, reader: Reader) -> Digest:
        return self.plan.digests[reader.number]

    def _person(self, name: str) -> Person | None:
        known = self.registry.people.get(name.removeprefix(PERSON))
        return known if known is not None and known.state == "active" else None

    def _of(self, person: Person, ways: tuple[str, ...]) -> Receiver:
        held = ((way, self.channel_of(way), address) for way, address in addresses_of(person, ways))
        routes = tuple(Route(way, channel, address) for way, channel, address in held if channel)
        return Receiver(PERSON + person.id, person.language, person.timezone, routes)

    def _held(self, role: Role, held: dict[str, set[str] | None]) -> None:
        """Add who holds a role by duty now, and for which sites (None: all)."""
        for name, duties in self.registry.duties.items():
            if self._person(PERSON + name) is None:
                continue
            for duty in duties:
                if duty.role != role or not lasts(duty, self.now_ms):
                    continue
                sites = self._sites(duty.site, duty.region)
                known = held.setdefault(name, set())
                if sites is None or known is None:
                    held[name] = None
                else:
                    known |= sites

    def _sites(self, site: str, region: str) -> set[str] | None:
        if site:
            return {site}
        if region:
            return {one for one in self.registry.sites if region in self.registry.regions_of(one)}
        return None
