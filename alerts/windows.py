"""When an asset's temperatures have a reason: defrost, open door, loading, cooling down, what a person said.

::

    runs of switches (door, defrost, unit) ─┐
    windows by hand, defrost schedules ─────┼▶ excuses(...) ─▶ [from, to) with the lanes that page nobody meanwhile
    rules of the kind of asset ─────────────┘

A window suppresses paging and nothing else: the minutes stay in exposure, area and record. Each has a cap of its own,
and no window excuses the product: what the goods feel is not changed by a reason.

Everything here is a pure function of what happened up to a moment and at most `LOOKBACK_MS` before it, so that judging
on time and judging again find the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from alerts.records import DAY_MS, HOUR_MS, LANES, RECORDED, Lane
from coldchain.profiles import KindRules
from coldchain.profiles.structs import Count, Minutes
from coldchain.registry import DefrostSchedule, Window

LOOKBACK_MS = 2 * DAY_MS
"""No window, and no count of windows, looks farther back."""

DOOR_BUDGET_MS = 2 * HOUR_MS
DOOR_SPAN_MS = 12 * HOUR_MS
"""Open doors together excuse no more than 120 min (trade judgement) in each half of a UTC day."""

DOOR_SHARE = 0.4
"""Of a trip so far (trade judgement), but one stop's tolerance in any case: else windows chain from stop to stop."""

MINUTE_MS = 60_000

AIR = (Lane.HIGH, Lane.HIGH_HIGH)


def mask_of(lanes: Iterable[Lane]) -> int:
    """Return lanes as bits.

    >>> mask_of([Lane.HIGH, Lane.HIGH_HIGH])
    5
    """
    return sum(1 << LANES.index(lane) for lane in lanes)


MASKS: Mapping[str, int] = {
    "door": mask_of(AIR),
    "defrost": mask_of([Lane.HIGH]),  # a defrost that gets as warm as HIGH_HIGH is none
    "loading": mask_of(AIR),
    "pull-down": mask_of(AIR),
    "restocking": mask_of(AIR),
    "maintenance": mask_of(lane for lane in LANES if lane not in RECORDED),
    "calibration": mask_of(lane for lane in LANES if lane not in RECORDED),
}
"""Why → the lanes that page nobody meanwhile."""

SWITCHES = ("door", "defrost", "unit", "speed")
"""Quantities whose samples open windows, or say what a vehicle is doing."""


@dataclass(frozen=True, slots=True)
class Run:
    """A switch said the same from its first sample to its last, without a hole.

    Attributes:
        until_ms: to when that holds: the next sample that says otherwise, or two intervals after the last.
    """

    from_ms: int
    until_ms: int
    on: bool


@dataclass(frozen=True, slots=True)
class Excuse:
    """[from, to) in measured ms, why, and the lanes as bits."""

    from_ms: int
    to_ms: int
    why: str
    mask: int


class Rules(Protocol):
    """What held at an asset when a window began: never what holds now, or judging again would find another."""

    def kind(self, at_ms: int) -> KindRules | None:
        """Return the rules of its kind; without them only people excuse."""
        ...

    def zone(self, at_ms: int) -> str:
        """Return the time zone of its site, an IANA name."""
        ...


def excuses(
    runs: Mapping[str, Sequence[Run]],
    rules: Rules,
    by_hand: Iterable[Window] = (),
    schedules: Iterable[DefrostSchedule] = (),
    span_ms: tuple[int, int] = (0, 0),
    trips: Sequence[tuple[int, int]] = (),
) -> list[Excuse]:
    """Return an asset's windows, by start.

    Args:
        runs: switch (of `SWITCHES`) → its runs, rising.
        schedules: defrosts by the clock.
        span_ms: the times that are asked for; for schedules, the only thing without an end.
        trips: [from, to) in which a vehicle has goods on board.
    """
    found = [Excuse(said.from_ms, said.to_ms, said.kind, MASKS[said.kind]) for said in by_hand if said.kind in MASKS]
    found += _doors(runs.get("door", ()), rules, trips)
    found += _defrosts(runs.get("defrost", ()), rules)
    found += _unit(runs.get("unit", ()), runs.get("speed", ()), rules)
    for schedule in schedules:
        found += _scheduled(schedule, rules, span_ms)
    return sorted(found, key=lambda excuse: (excuse.from_ms, excuse.to_ms, excuse.why))


def _doors(runs: Sequence[Run], rules: Rules, trips: Sequence[tuple[int, int]]) -> Iterator[Excuse]:
    left = dict[int, int]()
    used = dict[int, int]()  # by the start of the trip
    for run in _on(runs):
        kind, span = rules.kind(run.from_ms), run.from_ms // DOOR_SPAN_MS
        if kind is None or kind.door_tolerance is None:
            continue
        tolerance_ms = ms_of(kind.door_tolerance)
        longest_ms = min(tolerance_ms, left.get(span, DOOR_BUDGET_MS))
        trip_ms = next((from_ms for from_ms, to_ms in trips if from_ms <= run.from_ms < to_ms), None)
        if trip_ms is not None:
            share_ms = round(DOOR_SHARE * (run.from_ms - trip_ms))
            longest_ms = min(longest_ms, max(share_ms, tolerance_ms) - used.get(trip_ms, 0))
        to_ms = min(run.until_ms, run.from_ms + longest_ms)
        if to_ms <= run.from_ms:
            continue
        left[span] = left.get(span, DOOR_BUDGET_MS) - (to_ms - run.from_ms)
        if trip_ms is not None:
            used[trip_ms] = used.get(trip_ms, 0) + to_ms - run.from_ms
        yield Excuse(run.from_ms, to_ms, "door", MASKS["door"])


def _defrosts(runs: Sequence[Run], rules: Rules) -> Iterator[Excuse]:
    seen = dict[int, int]()
    for run in _on(runs):
        kind, day = rules.kind(run.from_ms), run.from_ms // DAY_MS
        seen[day] = seen.get(day, 0) + 1
        if kind is not None and kind.defrost_longest is not None and seen[day] <= _count(kind.defrosts_a_day):
            end_ms = min(run.until_ms, run.from_ms + ms_of(kind.defrost_longest))
            yield Excuse(run.from_ms, end_ms + ms_of(kind.defrost_recovery), "defrost", MASKS["defrost"])


def _unit(runs: Sequence[Run], rides: Sequence[Run], rules: Rules) -> Iterator[Excuse]:
    """A unit that is off while goods are loaded, and the time that it needs after it was off for long.

    Nobody loads on the way: a unit that is off then is no reason.
    """
    off: Run | None = None
    for run in runs:
        kind = rules.kind(run.from_ms)
        if not run.on:
            off = run
            if kind is not None and kind.loading_longest is not None:
                to_ms = min(run.until_ms, run.from_ms + ms_of(kind.loading_longest))
                to_ms = min(to_ms, next((ride.from_ms for ride in _on(rides) if ride.until_ms > run.from_ms), to_ms))
                if to_ms > run.from_ms:
                    yield Excuse(run.from_ms, to_ms, "loading", MASKS["loading"])
        elif off is not None:
            long = kind is not None and run.from_ms - off.from_ms >= ms_of(kind.pull_down_after)
            if kind is not None and kind.pull_down is not None and long:
                yield Excuse(run.from_ms, run.from_ms + ms_of(kind.pull_down), "pull-down", MASKS["pull-down"])
            off = None


def _scheduled(schedule: DefrostSchedule, rules: Rules, span_ms: tuple[int, int]) -> Iterator[Excuse]:
    zone = ZoneInfo(rules.zone(schedule.from_ms))
    first = datetime.fromtimestamp(max(span_ms[0] - DAY_MS, 0) / 1000, zone).date()
    for day in range((span_ms[1] - span_ms[0]) // DAY_MS + 3):
        for place, clock in enumerate(sorted(schedule.times)):
            hour, _, minute = clock.partition(":")
            at = datetime.combine(first + timedelta(days=day), time(int(hour), int(minute)), zone)
            from_ms = round(at.timestamp() * 1000)
            kind = rules.kind(from_ms)
            holds = schedule.from_ms <= from_ms and (schedule.to_ms is None or from_ms < schedule.to_ms)
            if holds and kind is not None and kind.defrost_longest is not None and place < _count(kind.defrosts_a_day):
                longest_ms = min(schedule.minutes * MINUTE_MS, ms_of(kind.defrost_longest))
                to_ms = from_ms + longest_ms + ms_of(kind.defrost_recovery)
                yield Excuse(from_ms, to_ms, "defrost", MASKS["defrost"])


def _on(runs: Sequence[Run]) -> Iterator[Run]:
    return (run for run in runs if run.on)


def ms_of(minutes: Minutes | None) -> int:
    """Return minutes as ms, 0 for none."""
    return 0 if minutes is None else round(minutes.minutes * MINUTE_MS)


def _count(count: Count | None) -> int:
    return 0 if count is None else count.count
