"""Judging one point again: from the midnight before what changed to its newest sample, episodes and alarms with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alerts.context import Context
from alerts.episodes import episodes_of
from alerts.fold import run
from alerts.handling import Handling
from alerts.history import History, Samples, Tail, samples_upto
from alerts.marks import Mark
from alerts.parameters import ParameterTable
from alerts.reconcile import Moment, told_of
from alerts.records import DAY_MS, LANES, MEMORY_MS, NEVER_MS, STATE, Records, States, new_points
from alerts.writing import KEPT_DAYS, Writing, point_row
from coldchain.registry import Registry


def judge_again(
    writing: Writing,
    mark: Mark,
    *,
    registry: Registry,
    parameters: ParameterTable,
    history: History,
    tail: Tail,
    now_ms: int,
    newest_ms: int,
    handling: Handling,
    context: Context,
) -> tuple[Records, Records] | None:
    """Fold a marked point again and write what came of it.

    Args:
        registry: as of the judge's cursor, at which the store is durable.
        newest_ms: the point's newest sample judged so far.
        handling: writes what becomes of the alarms.
        context: says which samples lie in windows that excuse.

    Returns:
        The point's POINT record and STATE of each lane, shape (LANES,), as of the cursor, or None when only duplicates
        had come.
    """
    point = registry.point_ids[mark.point]
    from_ms: int | None = mark.from_ms
    if mark.candidates is not None:
        known = samples_upto(history, tail, registry, point, *mark.span())
        from_ms = mark.changed_from(known)
    writing.drop_mark(mark.point)
    if from_ms is None:
        return None
    start_ms = _start(from_ms, newest_ms)
    points, states = new_points(1), States(2 * len(LANES))
    warm_ms = start_ms - MEMORY_MS if start_ms > NEVER_MS else NEVER_MS
    samples = with_ends(samples_upto(history, tail, registry, point, warm_ms), registry.ends.get(point, ()), warm_ms)
    row = parameters.in_force(np.full(len(samples), mark.point, np.int32), samples.t)
    slot = np.zeros(len(samples), np.int32)
    excused = context.excused_again(registry.points[point], samples, history, tail)
    if start_ms > NEVER_MS:
        begin = int(np.searchsorted(samples.t, start_ms))
        run(
            *(slot[:begin], samples.t[:begin], samples.v[:begin], row[:begin], parameters.rows, points, states),
            excused=excused[:begin],
        )
        samples, row, slot, excused = samples.since(begin), row[begin:], slot[begin:], excused[begin:]
        base = writing.state_at_midnight(mark.point, start_ms)
        states.put(points[0], np.zeros(len(LANES), STATE) if base is None else base.lanes)
        if base is not None:
            points["t"], points["good"] = base.newest_ms, base.good_ms
        elif not begin:
            points["t"][0] = start_ms - 1  # something earlier may be known: what comes before the midnight is late
    folded = run(slot, samples.t, samples.v, row, parameters.rows, points, states, excused=excused)
    episodes = episodes_of(parameters.naming(registry, mark.point), folded, states.loud(points))
    folded.nights["slot"] = mark.point
    alarms = writing.alarms(point, start_ms)
    writing.drop_episodes(point, start_ms)
    writing.put_episodes(episodes)
    moment = Moment(now_ms, int(points["t"][0]))
    handling.reconciled(writing, alarms, told_of(episodes), moment)
    writing.drop_nights(mark.point, start_ms)
    writing.keep_nights(folded)
    lanes = states.dense(points[0])
    writing.save_points([point_row(mark.point, points[0], lanes)])
    return points[0], lanes


def with_ends(samples: Samples, ends: Sequence[int], from_ms: int) -> Samples:
    """Return the samples and, as NaN, the moments at which a person ended what was open."""
    added = np.array([at_ms for at_ms in ends if at_ms >= from_ms], np.int64)
    if not len(added):
        return samples
    t = np.concatenate([samples.t, added])
    v = np.concatenate([samples.v, np.full(len(added), np.nan)])
    position = np.concatenate([samples.position, np.zeros(len(added), np.int64)])
    order = np.lexsort((np.isnan(v), t))  # a sample of the same moment is the last of what was
    return Samples(t[order], v[order], position[order])


def _start(from_ms: int, newest_ms: int) -> int:
    """Return the midnight to start at: one that has been judged, and whose checkpoint is kept."""
    from_ms = min(from_ms, newest_ms)
    if from_ms < max(newest_ms - KEPT_DAYS * DAY_MS, 0):
        return NEVER_MS
    return from_ms // DAY_MS * DAY_MS
