"""Which excursions the truth holds: the rules folded once over what was produced, in measured order.

It shares the fold with the judge and nothing else: no ledger, no batches, no arrival, no restarts, no re-judges. The
fold itself is held to an independent day-at-once oracle in `tests/alerts`.
"""

from __future__ import annotations

import numpy as np

from alerts.episodes import episodes_of
from alerts.fold import run
from alerts.history import standing
from alerts.parameters import ParameterTable
from alerts.records import RECORDED, States, new_points
from coldchain.cli.report import Episode
from coldchain.registry import Registry
from firmware_sim.scenario import Expect
from firmware_sim.truth import Sent, Truth


def expected_episodes(truth: Truth, registry: Registry) -> list[Episode]:
    """Return every excursion of the produced readings that are recorded at their own time.

    Args:
        truth: the simulator's log.
        registry: points with their bindings and limits.
    """
    by_channel: dict[str, list[Sent]] = {}
    for sent in truth.produced():
        if sent.expect is Expect.RECORDED and sent.value is not None:
            by_channel.setdefault(sent.channel, []).append(sent)
    table = ParameterTable()
    found: list[Episode] = []
    for point, number in registry.point_numbers.items():
        table.refresh(registry, point)
        if not table.judged[number]:
            continue
        readings = [
            sent
            for binding in registry.bindings_of(point)
            for sent in by_channel.get(binding.channel, [])
            if binding.from_ms <= sent.t_ms and (binding.to_ms is None or sent.t_ms < binding.to_ms)
        ]
        found += _folded(registry, number, readings, table)
    return found


def _folded(registry: Registry, number: int, readings: list[Sent], table: ParameterTable) -> list[Episode]:
    samples = standing(
        np.array([sent.t_ms for sent in readings], np.int64),
        np.array([sent.value for sent in readings], np.float64),
        np.arange(len(readings), dtype=np.int64),
    )
    slots = np.full(len(samples.t), number, np.int32)
    points, states = new_points(number + 1), States()
    folded = run(slots, samples.t, samples.v, table.in_force(slots, samples.t), table.rows, points, states)
    episodes = episodes_of(table.naming(registry, number), folded, states.loud(points[number : number + 1]))
    return [Episode(e.point, e.rule, e.onset_ms) for e in episodes if e.rule not in RECORDED]
