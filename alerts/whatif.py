"""What would have happened: one asset's samples folded with some registry's rules, its pages with them.

::

    samples of an asset ─▶ a day before the span (nothing counts) ─▶ the span ─┬▶ episodes
                           starts as normal                                    ├▶ minutes of the record
                                                                               └▶ steps ─▶ pages (`alerts.whatif_pages`)

Twice, with two registries, and `alerts.whatif_compare` says what differs. Nothing is read but samples, nothing is
written. An episode that was raised before the span is known, because other episodes overlap with it, and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from alerts.episodes import Episode, closed_episode, open_episode, open_episodes
from alerts.fold import Fold, run
from alerts.history import History, Samples
from alerts.masks import masks_of
from alerts.parameters import ParameterTable
from alerts.records import LANES, MEMORY_MS, RECORDED, Lane, MoveKind, Phase, States, new_points
from alerts.rejudge import with_ends
from alerts.versions import JUDGED
from alerts.whatif_pages import Page, Step, pages_of
from coldchain.profiles import Content, Product
from coldchain.registry import LimitRule, Profile, Registry

RECORD = (Lane.RECORD_HIGH, Lane.RECORD_LOW)


@dataclass(frozen=True, slots=True)
class Span:
    """[from, to) in measured time, ms UTC."""

    from_ms: int
    to_ms: int

    @property
    def warm_ms(self) -> int:
        """From when samples are read, so that what a point remembers is known at the span's beginning."""
        return self.from_ms - MEMORY_MS


@dataclass(frozen=True, slots=True)
class Course:
    """What one set of rules made of an asset's samples.

    Attributes:
        episodes: by point, rule and onset, those of the record and those raised before the span too.
        pages: in their order, those before the span too.
        record_ms: lane of the record → time held outside the storage condition inside the span.
    """

    episodes: tuple[Episode, ...]
    pages: tuple[Page, ...]
    record_ms: Mapping[Lane, int]


class Rules:
    """What some points are judged by, as one registry says it."""

    def __init__(self, registry: Registry, points: Iterable[str]) -> None:
        self.registry = registry
        self.table = ParameterTable()
        for point in points:
            self.table.refresh(registry, point)


def with_profiles(registry: Registry, contents: Iterable[Content], from_ms: int) -> Registry:
    """Return a copy in which these profiles hold from a time on, whatever versions came later."""
    twin = registry.copy()
    for content in contents:
        versions = twin.products if isinstance(content, Product) else twin.kind_rules
        before = [one for one in versions.get(content.id, []) if one.effective_from_ms < from_ms]
        versions[content.id] = [*before, Profile(from_ms, content)]
    return twin


def with_limit(registry: Registry, point: str, high: float, low: float | None, from_ms: int) -> Registry:
    """Return a copy in which a point has a limit by hand from a time on: its own rule moved, or a plain one."""
    twin = registry.copy()
    known = registry.rule_at(point, from_ms) or LimitRule(point, from_ms)
    rule = msgspec.structs.replace(
        known, effective_from_ms=from_ms, high_celsius=high, low_celsius=known.low_celsius if low is None else low
    )
    before = [one for one in twin.rules.get(point, []) if one.effective_from_ms < from_ms]
    twin.rules[point] = [*before, rule]
    return twin


def judged_points(registry: Registry, asset: str) -> list[str]:
    """Return an asset's points that are judged, in the registry's order."""
    return [point.id for point in registry.points_of(asset) if point.quantity in JUDGED]


def samples_of(history: History, registry: Registry, points: Iterable[str], span: Span) -> dict[str, Samples]:
    """Return the samples of the points that have any, those of the day before the span with them."""
    upto = min(history.covered(), registry.position)
    read = {point: history.samples(registry, point, span.warm_ms, span.to_ms, upto) for point in points}
    return {point: samples for point, samples in read.items() if len(samples)}


def course_of(rules: Rules, samples: Mapping[str, Samples], span: Span, fold: Fold | None = None) -> Course:
    """Fold the samples of an asset's points.

    Args:
        samples: of one asset, in the registry's order; they begin at `Span.warm_ms`.
        fold: `alerts.fold.fold_compiled` when None.
    """
    if not samples:
        return Course((), (), dict.fromkeys(RECORD, 0))
    registry, table = rules.registry, rules.table
    ids = list(samples)
    each = [with_ends(samples[one], registry.ends.get(one, ()), span.warm_ms) for one in ids]
    each = [one.until(int(np.searchsorted(one.t, span.to_ms))) for one in each]
    numbers = np.array([registry.point_numbers[one] for one in ids], np.int32)
    slot = np.repeat(np.arange(len(ids), dtype=np.int32), [len(one) for one in each])
    t, v = np.concatenate([one.t for one in each]), np.concatenate([one.v for one in each])
    masks = masks_of(registry, dict(zip(ids, each, strict=True)))
    excused = np.concatenate([masks[one] for one in ids])
    row = table.in_force(numbers[slot], t)
    points, states = new_points(len(ids)), States(2 * len(LANES) * len(ids))
    namings = [table.naming(registry, number) for number in numbers.tolist()]
    inside = t >= span.from_ms
    record_ms = dict.fromkeys(RECORD, 0)
    closed: list[Episode] = []
    steps: list[Step] = []
    for part, sign in ((~inside, -1), (inside, 1)):
        columns = slot[part], t[part], v[part], row[part]
        folded = run(*columns, table.rows, points, states, excused=excused[part], fold=fold)
        for move, state in zip(folded.moves, folded.moved, strict=True):
            number, lane = int(move["slot"]), LANES[move["lane"]]
            if move["kind"] == MoveKind.CLOSED:
                closed.append(closed_episode(namings[number], move, state))
                if lane in RECORD and sign > 0:
                    record_ms[lane] += int(state["exposed"])
            if lane in RECORDED:
                continue
            episode = closed[-1] if move["kind"] == MoveKind.CLOSED else open_episode(namings[number], lane, state)
            steps.append(Step(int(move["at"]), number, episode))
        for _, lane, state in states.loud(points):
            if lane in RECORD and state["phase"] >= Phase.ACTIVE:
                record_ms[lane] += sign * int(state["exposed"])
    still_open = open_episodes(namings, states.loud(points))
    episodes = sorted([*closed, *still_open], key=lambda episode: episode.key)
    return Course(tuple(episodes), tuple(pages_of(steps)), record_ms)
