"""Runs scenarios without a broker: what was said, by point, and what is expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from firmware_sim.expected import Expected
from firmware_sim.fleet import named_fleet
from firmware_sim.scenario import Scenario
from firmware_sim.scenario_files import load_scenario
from firmware_sim.sensing import Reading
from firmware_sim.world import World

NOON_MS = 1_760_068_800_000
"""2025-10-10T12:00:00+08:00."""

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
FLEET = named_fleet("every-kind")


@dataclass
class Story:
    """One run; readings in the order in which they were said."""

    said: list[Reading]
    expected: list[Expected]
    by_channel: dict[str, list[Reading]] = field(default_factory=dict)

    def of(self, point: str) -> list[Reading]:
        """Return what was said under a point's own channel."""
        return self.by_channel.get(FLEET.point(point).channel, [])

    def within(self, point: str, from_h: float, to_h: float) -> list[Reading]:
        """Return those with times in [from, to), hours from live."""
        return [r for r in self.of(point) if NOON_MS + from_h * HOUR_MS <= r.t_ms < NOON_MS + to_h * HOUR_MS]

    def expects(self, kind: str) -> list[Expected]:
        """Return the expectations of a kind."""
        return [item for item in self.expected if item.expected == kind]


def fresh(what: str | Scenario, seed: int = 7, history_h: int = 12, live_min: int = 0) -> Story:
    """Run a scenario on the fleet with one asset of every kind, anew."""
    scenario = load_scenario(what) if isinstance(what, str) else what
    world = World(FLEET, scenario, seed, NOON_MS, history_h * 3600)
    story = Story([], world.expected())
    history = range(NOON_MS - history_h * HOUR_MS + MINUTE_MS, NOON_MS + 1, MINUTE_MS)
    live = range(NOON_MS + 5000, NOON_MS + live_min * MINUTE_MS + 1, 5000)
    for first in range(0, len(history), 60):
        story.said += [reading for said in world.advance(history[first : first + 60]) for reading in said]
        story.expected += world.expected()
    if live:
        story.said += [reading for said in world.advance(live) for reading in said]
        story.expected += world.expected()
    for reading in story.said:
        story.by_channel.setdefault(reading.channel, []).append(reading)
    return story


play = cache(fresh)
"""The same, run once for all tests; nobody changes a story."""
