"""Which stops are told as late, look by look, and since when.

A fold over looks: it goes on with the next ones, and says at any time what was late so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from alerts.transit.delay import Delay, Older, Open, severity_of
from alerts.transit.following import Course
from alerts.transit.itinerary import MINUTE_MS, Itinerary
from alerts.transit.outlook import Look
from coldchain.profiles import TripRules

LATE = "late-arrival"

LOOKS = 3
"""A stop is told as late at so many looks in a row; taken back when its chance falls below `TAKEN_BACK`."""
TAKEN_BACK = 0.5

NEAR_MS, FAR_MS = 30 * 60_000, 60 * 60_000
"""Between `late_chance` and `late_chance_early` what is enough lies on a line; recall and precision are best so
(simulated: docs/decisions/0019-trips.md)."""


def told_late(itinerary: Itinerary, looks: Iterable[Look], rules: TripRules) -> Iterator[tuple[Look, dict[int, int]]]:
    """Yield each look with the stops that are told as late then, and since when, measured ms."""
    telling = Telling(itinerary, rules)
    for look in looks:
        yield look, telling.take(look)


class Telling:
    """What is told, as of the last look."""

    def __init__(self, itinerary: Itinerary, rules: TripRules) -> None:
        self._due_ms = itinerary.due_ms
        self._near, self._early = rules.late_chance.value / 100, rules.late_chance_early.value / 100
        self._beyond: dict[int, int] = {}
        self._told: dict[int, int] = {}

    def take(self, look: Look) -> dict[int, int]:
        """Take a look; return the stops that are told as late then, and since when, measured ms."""
        beyond, told = self._beyond, self._told
        for stop, chance in look.chance.items():
            ahead_ms = (self._due_ms[stop] or 0) - look.at_ms
            share = min(max((ahead_ms - NEAR_MS) / (FAR_MS - NEAR_MS), 0.0), 1.0)
            if chance >= self._near + share * (self._early - self._near):
                beyond[stop] = beyond.get(stop, 0) + 1
                if beyond[stop] >= LOOKS:
                    told.setdefault(stop, look.at_ms)
            elif chance < TAKEN_BACK:
                beyond.pop(stop, None)
                told.pop(stop, None)
        for stop in [one for one in told if one not in look.chance]:
            told.pop(stop)  # it was reached
        return dict(told)


@dataclass(slots=True)
class _Spell:
    """A time in which something was told as late; lists are by look.

    Attributes:
        late_min: of the worst stop. ``delivers_ms``: when the last delivery was expected.
        stops, expected_ms: of the newest look.
        ended_ms: of the first look at which nothing was told any more.
    """

    at_ms: list[int] = field(default_factory=list)
    late_min: list[float] = field(default_factory=list)
    delivers_ms: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    expected_ms: dict[int, int] = field(default_factory=dict)
    ended_ms: int | None = None


class Lateness:
    """The times in which a stop was, or was expected to be, reached too late."""

    def __init__(self, itinerary: Itinerary, rules: TripRules) -> None:
        self._itinerary = itinerary
        self._telling = Telling(itinerary, rules)
        self._told: dict[int, int] = {}
        self._spells: list[_Spell] = []

    def take(self, look: Look) -> None:
        """Take the next look."""
        before, self._told = self._told, self._telling.take(look)
        if not self._told:
            if before:
                self._spells[-1].ended_ms = look.at_ms
            return
        if not before:
            self._spells.append(_Spell())
        due_ms, stops = self._itinerary.due_ms, self._itinerary.trip.stops
        worst = max(self._told, key=lambda stop: look.arrives_ms[stop] - (due_ms[stop] or 0))
        delivered = [at_ms for stop, at_ms in look.arrives_ms.items() if stops[stop].purpose == "unload"]
        spell = self._spells[-1]
        spell.at_ms.append(look.at_ms)
        spell.late_min.append((look.arrives_ms[worst] - (due_ms[worst] or 0)) / MINUTE_MS)
        spell.delivers_ms.append(max(delivered, default=look.at_ms))
        spell.stops, spell.expected_ms = sorted(self._told), dict(sorted(look.arrives_ms.items()))

    def late(self, course: Course, rules: TripRules, older: Older) -> Iterator[Delay]:
        """Yield them, as far as looks were taken."""
        for spell in self._spells:
            found = Open(LATE, spell.at_ms[0], spell.at_ms[0], 0.0, "min")
            found.see_all(spell.at_ms, spell.late_min, older(spell.at_ms, spell.delivers_ms), rules)
            found.evidence |= {"stops": spell.stops, "expected_ms": spell.expected_ms}
            yield found.closed(_last_reached(self._told, course) if spell.ended_ms is None else spell.ended_ms)


def late_by_hand(itinerary: Itinerary, course: Course, rules: TripRules, older: Older) -> Iterator[Delay]:
    """Yield the stops that a person said were reached too late, where no position says anything."""
    for seen, due_ms, stop in zip(course.stops, itinerary.due_ms, range(len(course.stops)), strict=True):
        if due_ms is None or seen.arrived_ms is None or seen.arrived_ms <= due_ms:
            continue
        found = Open(LATE, due_ms, seen.arrived_ms, 0.0, "min")
        severity = severity_of(float(older(seen.arrived_ms, seen.arrived_ms)[0]), rules)
        found.see(seen.arrived_ms, (seen.arrived_ms - due_ms) / MINUTE_MS, severity)
        found.evidence["stops"] = [stop]
        yield found.closed(seen.arrived_ms)


def _last_reached(told: dict[int, int], course: Course) -> int | None:
    """Return when the last stop that was told as late was reached; None while one is not."""
    arrived = [course.stops[stop].arrived_ms for stop in told]
    known = [at_ms for at_ms in arrived if at_ms is not None]
    return max(known) if known and len(known) == len(arrived) else None
