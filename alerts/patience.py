"""How long each point may be silent: from the kind of its asset and its own interval, as the registry has it now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldchain.profiles import version_of
from coldchain.registry import WITH_GOODS, Registry

INTERVALS = 3
"""Silence is at least three expected readings missed: at 3 % radio loss two would be 250 false ones a day for 2,000
coolers, three 8."""

SLACK_MS = 60_000
"""How late an ordinary reading may be: the age at which a gateway on the road closes a batch (protocol)."""

RECORD_MS = 30 * 60_000
PAGE_MS = 120 * 60_000
"""Where no rules of the asset's kind say it: as a cooler."""

UNWATCHED = frozenset({"battery", "latitude", "longitude"})
"""Quantities of the device and its place: when they stop and the goods' do not, nobody is blind."""

NEVER_MS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Patience:
    """Delays by point number, shape (n,) each.

    Attributes:
        watched: whether its silence counts.
        in_use_ms: since when its asset is in use and its site open; `NEVER_MS`: ever.
        interval_ms, record_ms, page_ms: expected interval, and the two deadlines after it was last heard.
        version: index into ``versions``, the ids of the kind rules.
    """

    watched: NDArray[np.bool_]
    in_use_ms: NDArray[np.int64]
    interval_ms: NDArray[np.int64]
    record_ms: NDArray[np.int64]
    page_ms: NDArray[np.int64]
    version: NDArray[np.int32]
    versions: tuple[str, ...]


NO_DELAY = np.empty(0, np.int64)
NOTHING = Patience(np.empty(0, bool), NO_DELAY, NO_DELAY, NO_DELAY, NO_DELAY, np.empty(0, np.int32), ())


def patience_of(registry: Registry, now_ms: int, room: int) -> Patience:
    """Return the delays in force.

    Args:
        room: length of the arrays, at least the registry's number of points.
    """
    kinds: dict[str, int] = {}
    delays: list[tuple[int, int, str]] = []
    of_asset: dict[str, tuple[int, int | None]] = {}
    numbers, intervals, kind, since = [], [], [], []
    for point in registry.points.values():
        if point.interval_s <= 0 or point.quantity in UNWATCHED:
            continue
        known = of_asset.get(point.asset)
        if known is None:
            known = of_asset[point.asset] = _asset(registry, point.asset, now_ms, kinds, delays)
        if known[1] is None:
            continue
        numbers.append(registry.point_numbers[point.id])
        intervals.append(point.interval_s)
        kind.append(known[0])
        since.append(known[1])
    place = np.array(numbers, np.int64)
    made = Patience(
        np.zeros(room, bool),
        np.full(room, NEVER_MS),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int32),
        tuple(version for _, _, version in delays) or ("",),
    )
    if not numbers:
        return made
    interval_ms = np.array(intervals, np.int64) * 1000
    least_ms = INTERVALS * interval_ms + SLACK_MS
    record_ms = np.array([record for record, _, _ in delays], np.int64)[kind]
    page_ms = np.array([page for _, page, _ in delays], np.int64)[kind]
    made.watched[place], made.in_use_ms[place], made.interval_ms[place] = True, since, interval_ms
    made.record_ms[place] = np.maximum(record_ms, least_ms)
    made.page_ms[place] = np.maximum(page_ms, made.record_ms[place])
    made.version[place] = kind
    return made


def _asset(
    registry: Registry, asset: str, now_ms: int, kinds: dict[str, int], delays: list[tuple[int, int, str]]
) -> tuple[int, int | None]:
    """Return the place of an asset's delays, and since when it is in use, None when it is not."""
    known = registry.assets.get(asset)
    kind = known.kind if known else ""
    if kind not in kinds:
        kinds[kind] = len(delays)
        rules = registry.kind_rules_at(kind, now_ms)
        if rules is None:
            delays.append((RECORD_MS, PAGE_MS, ""))
        else:
            record_ms, page_ms = (round(each.minutes * 60_000) for each in (rules.silence_record, rules.silence_page))
            delays.append((record_ms, page_ms, version_of(rules)))
    site = registry.site_at(asset, now_ms)
    if registry.activity_at(asset, now_ms) not in WITH_GOODS or registry.is_closed(site, now_ms):
        return kinds[kind], None
    starts = [state.from_ms for state in registry.activities.get(asset, [])]
    starts += [state.from_ms for state in registry.site_states.get(site, [])]
    return kinds[kind], max((from_ms for from_ms in starts if from_ms <= now_ms), default=NEVER_MS)
