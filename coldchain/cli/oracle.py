"""Which excursions the truth holds: the rules folded once over what was produced, in measured order.

It shares the fold with the judge and nothing else: no ledger, no batches, no arrival, no restarts, no re-judges. The
fold itself is held to an independent day-at-once oracle in `tests/alerts`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.episodes import episodes_of
from alerts.fold import run
from alerts.history import Samples, standing
from alerts.masks import masks_of
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
    for asset in registry.assets:
        places = [place.id for place in registry.points_of(asset)]
        for point in places:
            table.refresh(registry, point)
        judged = [point for point in places if table.judged[registry.point_numbers[point]]]
        samples = {point: _samples(registry, point, by_channel) for point in judged}
        masks = masks_of(registry, samples)
        for point, some in samples.items():
            found += _folded(registry, point, some, masks[point], table)
    return found


def _samples(registry: Registry, point: str, by_channel: dict[str, list[Sent]]) -> Samples:
    readings = [
        sent
        for binding in registry.bindings_of(point)
        for sent in by_channel.get(binding.channel, [])
        if binding.from_ms <= sent.t_ms and (binding.to_ms is None or sent.t_ms < binding.to_ms)
    ]
    return standing(
        np.array([sent.t_ms for sent in readings], np.int64),
        np.array([sent.value for sent in readings], np.float64),
        np.arange(len(readings), dtype=np.int64),
    )


def _folded(
    registry: Registry, point: str, samples: Samples, excused: NDArray[np.int32], table: ParameterTable
) -> list[Episode]:
    number = registry.point_numbers[point]
    slots = np.full(len(samples.t), number, np.int32)
    points, states = new_points(number + 1), States()
    row = table.in_force(slots, samples.t)
    folded = run(slots, samples.t, samples.v, row, table.rows, points, states, excused=excused)
    episodes = episodes_of(table.naming(registry, number), folded, states.loud(points[number : number + 1]))
    return [Episode(e.point, e.rule, e.onset_ms) for e in episodes if e.rule not in RECORDED]
