"""Which events somebody asked for: of a lot, a trip or a site, within a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from coldchain.epcis.structs import AnyEvent
from coldchain.exchange.goods import events_of_lots, subject_of_lot
from coldchain.exchange.made import Made
from coldchain.exchange.trips import events_of_trip, subject_of_trip
from coldchain.exchange.warmth import excursions_in, reports, subject_of_air, subject_of_asset
from coldchain.exchange.world import World
from coldchain.goods.places import ASSET, SITE
from coldchain.goods.where import is_vehicle
from coldchain.registry.intervals import FOREVER_MS

KINDS = ("lot", "trip", "site")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: one of `KINDS` and its id, events of [from, to)."""

    kind: str
    name: str
    from_ms: int = -FOREVER_MS
    to_ms: int = FOREVER_MS


@dataclass(slots=True)
class Chosen:
    """The answer.

    Attributes:
        events: those that are asked for.
        every: subject → all events of it in the time, asked for or not: what was sent of it for this time and is not
            among them is no longer true.
    """

    events: list[Made] = field(default_factory=list)
    every: dict[str, list[Made]] = field(default_factory=dict)


def chosen(world: World, wanted: Wanted, told: Iterable[str] = ()) -> Chosen:
    """Return the events of a lot, a trip or a site.

    Of a lot: its own, those of its trips, and each time out of a limit of which it is certain that it was there. Of a
    trip: its own and those of its goods on it. Of a site: whatever happened there, and how warm it was in each asset.

    Args:
        told: subjects of which the same question was told before: what was told may be true of them no longer, also
            where they have nothing to do with it any more.
    """
    choosing = _Choosing(world, wanted)
    match wanted.kind:
        case "lot":
            choosing.of_lot(wanted.name)
        case "trip":
            choosing.of_trip(wanted.name)
        case "site":
            choosing.of_site(wanted.name)
    choosing.make(told)
    return choosing.chosen


class _Choosing:
    def __init__(self, world: World, wanted: Wanted) -> None:
        self._world, self._wanted = world, wanted
        self.chosen = Chosen()

    def make(self, subjects: Iterable[str]) -> None:
        """Make what is only compared with what was sent."""
        for subject in subjects:
            self._subject(subject)

    def of_lot(self, name: str) -> None:
        own = [one for ones in self._lots([name]) for one in ones]
        self.chosen.events += own
        for trip in sorted({one.trip for one in own} - {""}):
            self.chosen.events += self._subject(subject_of_trip(trip))
        known = self._world.goods.lot(name)
        if known is None:
            return
        epc_class = self._world.names.lot(self._world.amount(known, None).lot)
        for asset in self._assets_of(name):
            events = self._subject(subject_of_asset(asset))
            self.chosen.events += [one for one in events if epc_class in classes_of(one.event)]

    def of_trip(self, name: str) -> None:
        self.chosen.events += self._subject(subject_of_trip(name))
        for own in self._lots(self._world.goods.on_trip(name)):
            self.chosen.events += [one for one in own if one.trip == name]

    def of_site(self, name: str) -> None:
        world, wanted = self._world, self._wanted
        stays = [stay for stay in world.registry.stays_at(name) if stay[1] < wanted.to_ms and wanted.from_ms < stay[2]]
        places = [SITE + name, *(ASSET + asset for asset, _, _ in stays)]
        lots = {lot for lot, _ in world.goods.stays_in(places, wanted.from_ms, wanted.to_ms)}
        trips: set[str] = set()
        for own in self._lots(lots):
            self.chosen.events += [one for one in own if name in one.sites]
            trips |= {one.trip for one in own if one.trip and name in one.sites}
        for trip in sorted(trips):
            self.chosen.events += [one for one in self._subject(subject_of_trip(trip)) if name in one.sites]
        for asset in sorted({asset for asset, _, _ in stays}):
            for subject in (subject_of_asset(asset), subject_of_air(asset)):
                self.chosen.events += [one for one in self._subject(subject) if name in one.sites]

    def _lots(self, names: Collection[str]) -> list[list[Made]]:
        """Return the events of some lots, made in one go."""
        every, wanted = self.chosen.every, self._wanted
        fresh = [name for name in names if subject_of_lot(name) not in every]
        for name, made in events_of_lots(self._world, fresh).items():
            every[subject_of_lot(name)] = _within(made, wanted.from_ms, wanted.to_ms)
        return [every[subject] for name in sorted(set(names)) if (subject := subject_of_lot(name)) in every]

    def _subject(self, subject: str) -> list[Made]:
        every, wanted = self.chosen.every, self._wanted
        if subject not in every:
            every[subject] = made_of(self._world, subject, wanted.from_ms, wanted.to_ms)
        return every[subject]

    def _assets_of(self, lot: str) -> list[str]:
        """Return the assets that a lot lay in, and those of vehicles that it was on."""
        found: set[str] = set()
        for stay in self._world.goods.stays([lot]).get(lot, ()):
            if stay.place.startswith(ASSET):
                found.add(stay.place.removeprefix(ASSET))
            elif is_vehicle(self._world.registry, site := stay.place.removeprefix(SITE)):
                found |= {asset for asset, _, _ in self._world.registry.stays_at(site)}
        return sorted(found)


def made_of(world: World, subject: str, from_ms: int = -FOREVER_MS, to_ms: int = FOREVER_MS) -> list[Made]:
    """Return all events of a subject within [from, to); of summaries no more than is asked for is read."""
    kind, _, name = subject.partition(":")
    match kind:
        case "lot":
            return _within(events_of_lots(world, [name]).get(name, []), from_ms, to_ms)
        case "trip":
            return _within(events_of_trip(world, name), from_ms, to_ms)
        case "asset":
            return _within(excursions_in(world, name), from_ms, to_ms)
        case "warmth":
            return list(reports(world, name, from_ms, to_ms))
    raise AssertionError(subject)


def every_of(world: World, subject: str, from_ms: int, to_ms: int) -> list[Made]:
    """Return all events of a subject, of summaries those within [from, to): there is one each half hour, for ever."""
    if subject.startswith(subject_of_air("")):
        return made_of(world, subject, from_ms, to_ms)
    return made_of(world, subject)


def _within(made: Iterable[Made], from_ms: int, to_ms: int) -> list[Made]:
    return [one for one in made if from_ms <= one.at_ms < to_ms]


def classes_of(event: AnyEvent) -> set[str]:
    """Return the names of the lots that an event speaks of."""
    parts = ("quantity_list", "child_quantity_list", "input_quantity_list", "output_quantity_list")
    return {one.epc_class for part in parts for one in getattr(event, part, ())}
