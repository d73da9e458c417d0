"""One point's samples through the fold: what test cases, oracle and properties share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.episodes import Episode, episodes_of
from alerts.fold import Fold, run
from alerts.history import Samples
from alerts.masks import masks_of
from alerts.parameters import ParameterTable, PointNaming
from alerts.records import LANES, Folded, Lane, Records, States, new_points
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Change, LimitRule, Point, Put, Registry, Site, Stage

MINUTE_MS = 60_000
START_MS = 1_700_006_400_000  # a UTC midnight
EXCUSABLE = sum(1 << LANES.index(lane) for lane in (Lane.HIGH, Lane.HIGH_HIGH, Lane.PRODUCT))
DEFAULTS = {"high": 8.0, "low": 0.0, "deadband": 0.5, "on_delay": 30, "return_delay": 5}


PLACE = Point("p", "a", "return-air", "temperature", 60)


SITE = Site("s", "s", "shop", "o")


def registry_of(
    puts: Sequence[Put], place: Point = PLACE, kind: str = "cooler", site: Site = SITE, signals: Iterable[str] = ()
) -> Registry:
    """Return a registry of one asset with the point and a point for each signal (a quantity) beside it."""
    registry = Registry()
    beside = [
        Point(
            f"a.{signal}", place.asset, place.position if signal == place.quantity else signal, signal, place.interval_s
        )
        for signal in signals
    ]
    everything: list[Put] = [site, Asset(place.asset, "a", kind, site.id), place, *beside, *puts]
    for position, put in enumerate(everything, 1):
        registry.apply(Entry(position, Kind.CHANGE, 0, Change(put, "test", "test").encode()))
    return registry


def parameters_of(registry: Registry, place: Point = PLACE) -> tuple[ParameterTable, PointNaming]:
    table = ParameterTable()
    table.refresh(registry, place.id)
    return table, table.naming(registry, 0)


def rule_of(settings_: dict[str, Any], from_ms: int = 0) -> LimitRule:
    merged = {**DEFAULTS, **{key: value for key, value in settings_.items() if key in DEFAULTS}}
    return LimitRule(
        "p",
        from_ms,
        None if merged["high"] == "none" else float(merged["high"]),
        None if merged["low"] == "none" else float(merged["low"]),
        merged["on_delay"] * 60,
        float(merged["deadband"]),
        merged["return_delay"] * 60,
        settings_.get("severity", "warning"),
        tuple(msgspec.convert(stage, Stage) for stage in settings_.get("stages", [])),
        settings_.get("day_high", 0) * 60,
        settings_.get("day_low", 0) * 60,
        settings_.get("life_high", 0) * 60,
        settings_.get("life_low", 0) * 60,
    )


@dataclass(frozen=True)
class Judged:
    """What the fold made of samples."""

    episodes: list[Episode]
    folded: Folded
    point: Records
    lanes: Records


def judged(
    samples: list[tuple[int, float]],
    puts: Sequence[Put],
    place: Point = PLACE,
    kind: str = "cooler",
    excused: NDArray[np.int32] | None = None,
    fold: Fold | None = None,
    site: Site = SITE,
    signals: Mapping[str, Sequence[tuple[int, float]]] | None = None,
) -> Judged:
    """Fold a point's samples.

    Args:
        signals: what other points of its asset say, by quantity.
    """
    registry = registry_of(puts, place, kind, site, signals or ())
    table, naming = parameters_of(registry, place)
    columns = _columns(samples)
    t, v = columns.t, columns.v
    slot = np.zeros(len(t), np.int32)
    if signals:
        beside = {f"a.{signal}": _columns(said) for signal, said in signals.items()}
        found = masks_of(registry, {place.id: columns, **beside})[place.id]
        excused = found if excused is None else found | excused
    points, states = new_points(1), States(len(LANES) + 1)
    folded = run(slot, t, v, table.in_force(slot, t), table.rows, points, states, excused=excused, fold=fold)
    return Judged(episodes_of(naming, folded, states.loud(points)), folded, points, states.dense(points[0]))


def _columns(samples: Sequence[tuple[int, float]]) -> Samples:
    t = np.array([at for at, _ in samples], np.int64)
    return Samples(t, np.array([value for _, value in samples], np.float64), np.zeros(len(t), np.int64))
